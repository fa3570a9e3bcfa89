"""Dense, and the layers that do nothing when scoring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.activations import apply_activation
from exporter.ir.ops import Dense

NO_OPS = (
    "Dropout",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "ActivityRegularization",
    "Identity",
)

# Layers that alter images at random while training, and give them back unchanged otherwise.
AUGMENTATIONS = (
    "AugMix",
    "CutMix",
    "MixUp",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
)

TRAINING = (
    "it is called with training=True, so its result is not the same for the same row",
    "Build the model without training=True in the call.",
)


def dense(context: Context) -> list[Value]:
    """y = activation(x @ kernel + bias)."""
    x = context.input
    last = x.shape[-1] if x.shape else None
    if last is None:
        context.refuse(
            "the last axis of its input has no fixed length", "Give Input() a full shape."
        )
    units = int(context.number("units", 0))
    if units < 1:
        context.refuse("its configuration has no units", "Save the model again.")
    if context.flag("use_bias", True):
        kernel, bias = context.take((last, units), (units,))
        y = context.emit(Dense(kernel, bias), x)
    else:
        (kernel,) = context.take((last, units))
        y = context.emit(Dense(kernel), x)
    return [apply_activation(context, y, context.config.get("activation"))]


def dense_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """kernel, bias."""
    return 1 + bool(config.get("use_bias", True)), 0


def no_op(context: Context) -> list[Value]:
    """y = x."""
    refuse_training(context)
    return [context.input]


def augmentation(context: Context) -> list[Value]:
    """y = x.

    Keras 3 writes "training": true into every call of such a layer, whose default it is, and
    ignores it when it predicts; in Keras 2 somebody gave it, and it counts.
    """
    if context.version.major < 3:
        refuse_training(context)
    return [context.input]


def refuse_training(context: Context) -> None:
    """Refuse a call with training=True: its result is random or depends on the whole batch."""
    if context.call.is_training:
        context.refuse(*TRAINING)
