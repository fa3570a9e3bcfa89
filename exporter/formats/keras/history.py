"""Since when Keras has what a file names, for names that came after the first versions.

Before a Keras has an activation or a layer of a name, a file with that name was written with
somebody's own function or class, registered under it: in public code mostly the tanh form of gelu.
Taken from the sources of every release of Keras 0.1 to 3.15 and of TensorFlow 1.12 to 2.5, whose
Keras calls itself 2.1.6-tf (1.12), 2.2.4-tf (1.13 to 2.1), 2.3.0-tf (2.2), 2.4.0 (2.3 and 2.4)
and 2.5.0. Where a version names several releases that differ, the last counts for activations,
the first for layers, whose weights and configuration tell them from others.
"""

from __future__ import annotations

from dataclasses import dataclass

from exporter.formats.keras.version import KerasVersion

Release = tuple[int, int, int]
ALWAYS: Release = (0, 0, 0)
NEVER: Release = (99, 0, 0)


@dataclass(frozen=True)
class Since:
    """The first release with a name: of Keras 1 and 2, of tf.keras, of Keras 3."""

    standalone: Release = NEVER
    tensorflow: Release = NEVER
    keras3: Release = (3, 0, 0)

    def has(self, version: KerasVersion) -> bool:
        """Whether a version has it."""
        if version.major >= 3:
            first = self.keras3
        else:
            first = self.tensorflow if version.is_tf_keras else self.standalone
        return (version.major, version.minor, version.patch) >= first

    def __str__(self) -> str:
        lines = (("Keras", self.standalone), ("tf.keras", self.tensorflow), ("Keras", self.keras3))
        names = [
            f"{name} {'.'.join(map(str, first))}"
            for name, first in lines
            if first not in (ALWAYS, NEVER)
        ]
        return " and ".join(names)


# Not here: names under which only one formula goes in older files. relu6 was a function of Keras'
# own MobileNet; softmax_v2 and log_softmax are TensorFlow's, given as functions.
ACTIVATIONS: dict[str, Since] = {
    "softsign": Since((1, 0, 3), ALWAYS),
    "elu": Since((1, 1, 1), ALWAYS),
    "selu": Since((2, 0, 6), ALWAYS),
    "exponential": Since((2, 2, 3), (2, 2, 4)),
    "swish": Since(tensorflow=(2, 3, 0)),
    "gelu": Since(tensorflow=(2, 5, 0)),  # 2.4.0 is TensorFlow 2.4, which has it, and 2.3
    "mish": Since(tensorflow=(2, 13, 0)),
    "leaky_relu": Since(),
    "silu": Since(),
    "hard_silu": Since(keras3=(3, 0, 1)),
    "hard_swish": Since(keras3=(3, 0, 1)),
    **dict.fromkeys(
        ("celu", "glu", "hard_shrink", "hard_tanh", "log_sigmoid", "soft_shrink", "squareplus",
         "tanh_shrink"),
        Since(keras3=(3, 7, 0)),
    ),
    **dict.fromkeys(("sparse_plus", "sparsemax"), Since(keras3=(3, 8, 0))),
    "sparse_sigmoid": Since(keras3=(3, 10, 0)),
}  # fmt: skip

LAYERS: dict[str, Since] = {
    "LayerNormalization": Since(tensorflow=(2, 2, 4)),
    "GroupNormalization": Since(tensorflow=(2, 11, 0)),
    "UnitNormalization": Since(tensorflow=(2, 9, 0)),
    "Normalization": Since(tensorflow=(2, 2, 4)),
    "Rescaling": Since(tensorflow=(2, 3, 0)),
    "MultiHeadAttention": Since(tensorflow=(2, 4, 0)),
    "Attention": Since(tensorflow=(2, 2, 4)),
    "AdditiveAttention": Since(tensorflow=(2, 2, 4)),
    "DepthwiseConv1D": Since(tensorflow=(2, 7, 0)),
    "Conv1DTranspose": Since(tensorflow=(2, 4, 0)),
    "Resizing": Since(tensorflow=(2, 2, 4)),
    "CenterCrop": Since(tensorflow=(2, 2, 4)),
    "Discretization": Since(tensorflow=(2, 3, 0)),
    "CategoryEncoding": Since(tensorflow=(2, 4, 0)),
    "IntegerLookup": Since(tensorflow=(2, 4, 0)),
    "StringLookup": Since(tensorflow=(2, 4, 0)),
    "TextVectorization": Since(tensorflow=(2, 3, 0)),
    "Hashing": Since(tensorflow=(2, 4, 0)),
    "HashedCrossing": Since(tensorflow=(2, 10, 0)),
    "TFDConcat": Since(),
    "TFDIdentity": Since(),
    "EinsumDense": Since(tensorflow=(2, 4, 0)),
    "RMSNormalization": Since(),
    "SpectralNormalization": Since(tensorflow=(2, 13, 0)),
    "GroupedQueryAttention": Since(),
    "ReversibleEmbedding": Since(),
    **{
        f"Adaptive{name}Pooling{rank}D": Since()
        for name in ("Average", "Max")
        for rank in (1, 2, 3)
    },
    "Identity": Since(tensorflow=(2, 12, 0)),
    "ReLU": Since((2, 2, 0), ALWAYS),
    "Softmax": Since((2, 1, 3), ALWAYS),
    "Subtract": Since((2, 0, 7), ALWAYS),
    "Minimum": Since((2, 0, 9), ALWAYS),
    "RNN": Since((2, 0, 9), ALWAYS),
    "DepthwiseConv2D": Since((2, 1, 5), ALWAYS),
    "SeparableConv1D": Since((2, 1, 3), ALWAYS),
    "Conv3DTranspose": Since((2, 0, 6), ALWAYS),
    "AlphaDropout": Since((2, 0, 6), ALWAYS),
    "RandomBrightness": Since(tensorflow=(2, 9, 0)),
    **dict.fromkeys(
        ("RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom"),
        Since(tensorflow=(2, 3, 0)),
    ),
    **dict.fromkeys(
        (
            "AugMix", "CutMix", "MixUp", "RandAugment", "RandomColorDegeneration",
            "RandomColorJitter", "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur",
            "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
            "RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear",
        ),
        Since(),
    ),
}  # fmt: skip
