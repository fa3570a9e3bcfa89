"""Small models by name, as data: at least one for every supported Keras class and option.

Importing this needs no framework: a model is built by build(name, keras). A plain chain of layers
is written as Layer entries; what only functions can say is a function that takes keras.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from budgets import is_thorough
from zoo_forms import Case, chain, dense, layer, make, merge, without_h5
from zoo_images import IMAGES
from zoo_operations import OPERATIONS
from zoo_preprocessing import PREPROCESSING
from zoo_sequences import SEQUENCES, draw

ROWS = 16


# Models that only functions can say.


def frozen(keras: Any) -> Any:
    """Frozen layers, whose weights all count as not trainable."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(4, trainable=False),
            layers.BatchNormalization(trainable=False),
            layers.Dense(3),
            layers.BatchNormalization(),
        ]
    )


def named(keras: Any) -> Any:
    """Names that are not classes, in an order that is not the alphabet's."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((5,), name="zulu"),
            layers.Dense(5, name="yankee"),
            layers.Dense(5, name="alpha"),
            layers.Dense(5, name="mike.1"),
            layers.Dense(5, name="Bravo-2 ß"),
        ]
    )


def many_of_a_class(keras: Any) -> Any:
    """Over ten layers of a class: dense_10 sorts before dense_2, but is not."""
    layers = [keras.layers.Dense(4, activation="tanh") for _ in range(12)]
    return keras.Sequential([keras.Input((4,)), *layers])


def nested_sequential(keras: Any) -> Any:
    """A Sequential inside a Sequential, BatchNormalization inside."""
    layers = keras.layers
    inner = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(4, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(4),
        ]
    )
    return keras.Sequential([keras.Input((3,)), layers.Dense(4), inner, layers.Dense(2)])


def nested_first(keras: Any) -> Any:
    """The input's shape is known only inside the first layer, which is a model."""
    layers = keras.layers
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh")])
    return keras.Sequential([inner, layers.Dense(2)])


def nested_functional(keras: Any) -> Any:
    """A Functional inside a Functional, frozen BatchNormalization inside."""
    layers = keras.layers
    x = keras.Input((4,))
    h = layers.Dense(4, name="fc")(x)
    h = layers.BatchNormalization(trainable=False)(h)
    inner = keras.Model(x, layers.Add()([x, layers.Dense(4)(h)]), name="block")
    y = keras.Input((4,))
    return keras.Model(y, layers.Dense(2, name="head")(inner(layers.Dense(4)(y))))


def nested_output(keras: Any) -> Any:
    """The outer model's output is the inner model's, called twice."""
    layers = keras.layers
    x = keras.Input((4,))
    inner = keras.Model(x, layers.Dense(4, activation="tanh")(x), name="block")
    y = keras.Input((4,))
    first = inner(y)
    return keras.Model(y, [inner(first), first])


def nested_twice(keras: Any) -> Any:
    """A model in a model in a model, BatchNormalization on each level, the middle one frozen."""
    layers = keras.layers
    inmost = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()], name="inmost"
    )
    x = keras.Input((4,))
    h = layers.BatchNormalization()(inmost(layers.Dense(4)(x)))
    middle = keras.Model(x, layers.Dense(4)(h), name="middle")
    middle.trainable = False
    y = keras.Input((4,))
    h = layers.BatchNormalization()(middle(y))
    return keras.Model(y, layers.Dense(1, activation="sigmoid")(h))


def nested_siblings(keras: Any) -> Any:
    """Two nested models of one class, of equal shapes, beside layers of the same classes."""
    layers = keras.layers
    blocks = [
        keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()])
        for _ in range(2)
    ]
    x = keras.Input((4,))
    h = layers.Dense(4)(x)
    return keras.Model(x, layers.Dense(4)(blocks[1](layers.Activation("tanh")(blocks[0](h)))))


def shared_layer(keras: Any) -> Any:
    """One layer called three times, once on its own output."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(4, activation="tanh")
    return keras.Model([a, b], layers.Concatenate()([shared(a), shared(b), shared(shared(a))]))


def shared_model(keras: Any) -> Any:
    """One nested model called on two inputs (a Siamese network)."""
    layers = keras.layers
    tower = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="tower"
    )
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model([a, b], layers.Subtract()([tower(a), tower(b)]))


def shared_across_models(keras: Any) -> Any:
    """A layer of the outer model is also inside the nested one; .keras stores it once."""
    layers = keras.layers
    common = layers.Dense(4, name="common")
    x = keras.Input((4,))
    inner = keras.Model(x, layers.Activation("relu")(common(x)), name="inner")
    y = keras.Input((4,))
    return keras.Model(y, layers.Dense(2, name="other")(common(inner(y))))


def called_elsewhere(keras: Any) -> Any:
    """Layers that also belong to another model, so that their calls are renumbered."""
    layers = keras.layers
    first, second = layers.Dense(4), layers.Dense(4)
    z = keras.Input((4,))
    keras.Model(z, second(first(second(z))))
    x = keras.Input((4,))
    return keras.Model(x, second(layers.Activation("tanh")(first(x))))


def two_inputs(keras: Any) -> Any:
    """Inputs listed in an order that is neither the alphabet's nor that of use."""
    layers = keras.layers
    b, a = keras.Input((3,), name="b"), keras.Input((2, 2), name="a")
    joined = layers.Concatenate()([layers.Flatten()(a), b])
    return keras.Model([b, a], layers.Dense(2)(joined))


def dict_inputs(keras: Any) -> Any:
    """Inputs by name; Keras lists them in the alphabet's order."""
    layers = keras.layers
    b, a = keras.Input((3,), name="b"), keras.Input((3,), name="a")
    return keras.Model({"b": b, "a": a}, layers.Subtract()([a, layers.Dense(3)(b)]))


def nested_dict_inputs(keras: Any) -> Any:
    """A nested model with inputs by name, called by name in another order."""
    layers = keras.layers
    b, a = keras.Input((3,), name="b"), keras.Input((3,), name="a")
    inner = keras.Model({"a": a, "b": b}, layers.Subtract()([a, layers.Dense(3)(b)]))
    x, y = keras.Input((3,), name="x"), keras.Input((3,), name="y")
    return keras.Model([x, y], inner({"b": x, "a": y}))


def nested_many_ports(keras: Any) -> Any:
    """A nested model with two inputs and two outputs, used crosswise."""
    layers = keras.layers
    a, b = keras.Input((3,)), keras.Input((2,))
    inner = keras.Model([a, b], [layers.Dense(2)(a), layers.Dense(3)(b)], name="cross")
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    p, q = inner([x, y])
    return keras.Model([x, y], layers.Concatenate()([q, p]))


def several_outputs(keras: Any) -> Any:
    """Two outputs of different shapes."""
    layers = keras.layers
    x = keras.Input((4,))
    h = layers.Dense(4, activation="relu")(x)
    return keras.Model(
        x, [layers.Dense(3, activation="softmax", name="kind")(h), layers.Dense(1, name="size")(h)]
    )


def dict_outputs(keras: Any) -> Any:
    """Outputs by name; Keras lists them in the alphabet's order."""
    layers = keras.layers
    x = keras.Input((4,))
    return keras.Model(x, {"zeta": layers.Dense(3)(x), "alpha": layers.Dense(2)(x)})


def same_output_twice(keras: Any) -> Any:
    """One tensor given as two outputs, and the input itself as a third."""
    x = keras.Input((4,))
    y = keras.layers.Dense(3)(x)
    return keras.Model(x, [y, y, x])


def residual(keras: Any) -> Any:
    """A wide and deep graph with skips, values kept for later."""
    layers = keras.layers
    x = keras.Input((6,))
    a = layers.Dense(6, activation="relu")(x)
    b = layers.BatchNormalization()(layers.Add()([a, x]))
    c = layers.Multiply()([b, layers.Dense(6, activation="sigmoid")(a)])
    d = layers.Concatenate()([a, b, c, layers.Maximum()([a, x]), layers.Minimum()([b, x])])
    return keras.Model(x, layers.Dense(2, activation="softmax")(layers.Dropout(0.5)(d)))


def adapted(axis: Any, shape: tuple[int, ...], invert: bool = False) -> Callable[[Any], Any]:
    """Normalization whose statistics were adapted to data."""

    def build(keras: Any) -> Any:
        normalization = keras.layers.Normalization(axis=axis, invert=invert)
        data = np.random.default_rng(5).normal(3.0, 2.0, (64, *shape)).astype("float32")
        normalization.adapt(data)
        return keras.Sequential([keras.Input(shape), normalization])

    return build


def two_normalizations(keras: Any) -> Any:
    """One Normalization with statistics given, one with them adapted: only one has weights."""
    layers = keras.layers
    given = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])
    learned = layers.Normalization()
    learned.adapt(np.random.default_rng(6).normal(1.0, 3.0, (50, 3)).astype("float32"))
    return keras.Sequential([keras.Input((3,)), given, learned])


def activation_objects(keras: Any) -> Any:
    """Activations given as functions and as layers, not by name."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(6, activation=keras.activations.silu),
            layers.Dense(6, activation=layers.LeakyReLU(0.25)),
            layers.Dense(6, activation=layers.ELU(0.5)),
            layers.Activation(keras.activations.softmax),
            layers.Dense(6, activation=layers.Softmax()),
            layers.Dense(6, activation=layers.ReLU(max_value=1.5)),
        ]
    )


ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "hard_sigmoid", "softplus",
    "log_sigmoid", "softsign", "exponential", "elu", "celu", "selu", "silu", "swish", "hard_silu",
    "hard_swish", "mish", "gelu", "glu", "squareplus", "hard_tanh", "hard_shrink", "soft_shrink",
    "tanh_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "softmax",
    "log_softmax",
)  # fmt: skip

NO_OPS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "Dropout": ((4,), {"rate": 0.5}),
    "AlphaDropout": ((4,), {"rate": 0.5}),
    "GaussianDropout": ((4,), {"rate": 0.5}),
    "GaussianNoise": ((4,), {"stddev": 0.5}),
    "SpatialDropout1D": ((4, 3), {"rate": 0.5}),
    "SpatialDropout2D": ((4, 3, 2), {"rate": 0.5}),
    "SpatialDropout3D": ((4, 3, 2, 2), {"rate": 0.5}),
    "ActivityRegularization": ((4,), {"l1": 0.1}),
    "Identity": ((4,), {}),
}
# Layers that alter images while training; some cannot be saved as .h5.
AUGMENTATIONS: dict[str, dict[str, Any]] = {
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomElasticTransform": {"factor": 0.9},
    "RandomErasing": {"factor": 0.9},
    "RandomGaussianBlur": {"factor": 1.0},
    "RandomGrayscale": {"factor": 0.9},
    "RandomHue": {"factor": 0.5},
    "RandomInvert": {"factor": 0.9},
    "RandomPerspective": {"factor": 0.9},
    "RandomShear": {"x_factor": 0.2, "y_factor": 0.2},
    "AugMix": {},
    "CutMix": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomColorJitter": {"brightness_factor": 0.5},
    "RandomBrightness": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.9},
    "RandomPosterization": {"factor": 2},
    "RandomSaturation": {"factor": 0.5},
    "RandomSharpness": {"factor": 0.5},
}
NOT_IN_H5 = tuple(AUGMENTATIONS)[-5:]


def augmented(name: str, arguments: dict[str, Any]) -> Case:
    """The layer in a Functional model, where Keras writes "training": true into its call."""

    def build(keras: Any) -> Any:
        x = keras.Input((4, 4, 3))
        h = make(keras, layer(name, **arguments))(x)
        return keras.Model(x, keras.layers.Dense(2)(h))

    case = Case(build, (name,))
    return without_h5(case) if name in NOT_IN_H5 else case


LORA: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "Dense": ((5,), {"units": 4}),
    "EinsumDense": ((4, 5), {"equation": "abc,cd->abd", "output_shape": (4, 3), "bias_axes": "d"}),
    "Conv2D": ((5, 4, 3), {"filters": 4, "kernel_size": 2}),
    "Embedding": ((3,), {"input_dim": 7, "output_dim": 4}),
}


def adapted_by_lora(
    name: str, shape: tuple[int, ...], arguments: dict[str, Any]
) -> Callable[[Any], Any]:
    """A layer with a low-rank adaptation; .keras files hold it merged, .h5 files apart."""

    def build(keras: Any) -> Any:
        x = keras.Input(shape, name="ids" if name == "Embedding" else "x")
        adapted = make(keras, layer(name, **arguments))
        model = keras.Model(x, keras.layers.Dense(2)(adapted(x)))
        adapted.enable_lora(2, lora_alpha=3.0)
        return model

    return build


def chain_of(make_layer: Callable[[Any], Any], shape: tuple[int, ...]) -> Case:
    """A Sequential of a SpectralNormalization and a Dense."""

    def build(keras: Any) -> Any:
        return keras.Sequential([keras.Input(shape), make_layer(keras), keras.layers.Dense(2)])

    return Case(build, ("SpectralNormalization",))


EINSUM_DENSE: tuple[tuple[tuple[int | None, ...], dict[str, Any]], ...] = (
    ((5,), {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c", "activation": "relu"}),
    ((4, 5), {"equation": "abc,cd->abd", "output_shape": (4, 3)}),
    ((4, 5), {"equation": "abc,cde->abde", "output_shape": (4, 2, 3), "bias_axes": "de"}),
    ((4, 2, 3), {"equation": "abcd,cde->abe", "output_shape": (4, 5), "bias_axes": "e"}),
    ((4, 5), {"equation": "abc,bd->adc", "output_shape": (3, 5), "bias_axes": "d"}),
    ((4, 5), {"equation": "abc,bcd->abd", "output_shape": (4, 2), "bias_axes": "bd"}),
    ((4, 5), {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"}),
    ((None, 5), {"equation": "abc,cd->abd", "output_shape": (None, 3), "bias_axes": "d"}),
)

ZOO: dict[str, Case] = {
    # The networks that the project is measured by.
    "fraud": chain(
        (28,), dense(256, "relu"), layer("Dropout", rate=0.3), dense(128, "relu"),
        layer("Dropout", rate=0.3), dense(64, "relu"), dense(32, "relu"), dense(1, "sigmoid"),
    ),
    "mnist": chain((784,), dense(100, "sigmoid"), dense(10, "softmax")),
    "pump": chain((3120,), dense(200, "relu"), dense(40, "relu"), dense(1)),
    "particle": chain(
        (14,), dense(50, "relu"), dense(20, "relu"), dense(10, "relu"), dense(3, "softmax")
    ),
    # Dense and activations.
    "dense": chain((5,), dense(3)),
    "dense_no_bias": chain((5,), dense(3, use_bias=False)),
    "dense_matrix": chain((4, 5), dense(3, "tanh")),
    "dense_rank3": chain((2, 4, 5), dense(3)),
    "dense_free_length": chain((None, 5), dense(3, "relu")),
    "dense_softmax_matrix": chain((4, 5), dense(3, "softmax")),
    **{f"activation_{name}": chain((6,), layer("Activation", activation=name))
       for name in ACTIVATIONS},
    **{f"dense_{name}": chain((6,), dense(6, name)) for name in ACTIVATIONS},
    "activation_objects": Case(activation_objects, ("Dense", "Activation")),
    "relu": chain((6,), layer("ReLU")),
    "relu_max": chain((6,), layer("ReLU", max_value=1.0)),
    "relu_slope": chain((6,), layer("ReLU", negative_slope=0.3)),
    "relu_threshold": chain((6,), layer("ReLU", threshold=0.7)),
    "relu_all": chain((6,), layer("ReLU", max_value=2.0, negative_slope=0.2, threshold=0.5)),
    "relu_six": chain((6,), layer("ReLU", max_value=6.0)),
    "leaky_relu": chain((6,), layer("LeakyReLU")),
    "leaky_relu_slope": chain((6,), layer("LeakyReLU", negative_slope=0.05)),
    "prelu": chain((6,), layer("PReLU", alpha_initializer="random_normal")),
    "prelu_matrix": chain((4, 3), layer("PReLU")),
    "prelu_shared": chain((4, 3, 2), layer("PReLU", shared_axes=[1, 2])),
    "prelu_shared_free": chain((None, 3), layer("PReLU", shared_axes=[1])),
    "elu": chain((6,), layer("ELU")),
    "elu_alpha": chain((6,), layer("ELU", alpha=0.3)),
    "thresholded_relu": chain((6,), layer("ThresholdedReLU", theta=0.5)),
    "softmax": chain((6,), layer("Softmax")),
    "softmax_axis": chain((4, 3), layer("Softmax", axis=1)),
    "softmax_list": chain((4, 3), layer("Softmax", axis=[-1])),
    # Layers that do nothing when scoring.
    **{name.lower(): chain(shape, layer(name, **arguments))
       for name, (shape, arguments) in NO_OPS.items()},
    **{name.lower(): augmented(name, arguments) for name, arguments in AUGMENTATIONS.items()},
    "augmentations": chain((4, 4, 3), *(layer(name, **arguments)
        for name, arguments in AUGMENTATIONS.items() if name not in NOT_IN_H5)),
    # Normalizing.
    "batch_norm": chain((5,), layer("BatchNormalization")),
    "batch_norm_plain": chain((5,), layer("BatchNormalization", center=False, scale=False)),
    "batch_norm_center": chain((5,), layer("BatchNormalization", scale=False, epsilon=0.1)),
    "batch_norm_scale": chain((5,), layer("BatchNormalization", center=False)),
    "batch_norm_image": chain((4, 3, 2), layer("BatchNormalization")),
    "batch_norm_axis": chain((4, 3, 2), layer("BatchNormalization", axis=1)),
    "batch_norm_free": chain((None, 3), layer("BatchNormalization", axis=-1)),
    "batch_norm_renorm": chain((5,), layer("BatchNormalization", renorm=True)),
    "normalization": Case(adapted(-1, (5,)), ("Normalization",)),
    "normalization_invert": Case(adapted(-1, (5,), invert=True), ("Normalization",)),
    "normalization_axis": Case(adapted(1, (4, 3)), ("Normalization",)),
    "normalization_axes": Case(adapted((1, 3), (4, 3, 2)), ("Normalization",)),
    "normalization_none": Case(adapted(None, (4, 3)), ("Normalization",)),
    "normalization_given": chain(
        (3,), layer("Normalization", mean=[1.0, 2.0, 3.0], variance=[4.0, 0.0, 6.0])
    ),
    "normalization_given_number": chain((3,), layer("Normalization", mean=1.5, variance=0.25)),
    "normalization_given_none": chain(
        (3,), layer("Normalization", axis=None, mean=1.5, variance=0.25)
    ),
    "normalization_given_axis": chain(
        (3, 4), layer("Normalization", axis=1, mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])
    ),
    "normalization_given_axes": chain(
        (2, 5, 4),
        layer("Normalization", axis=(1, 3), mean=[[1.0], [2.0]], variance=[[3.0], [4.0]]),
    ),
    "normalization_given_invert": chain(
        (3,), layer("Normalization", mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0], invert=True)
    ),
    "normalization_two": Case(two_normalizations, ("Normalization",)),
    "rescaling": chain((4,), layer("Rescaling", scale=1 / 255)),
    "rescaling_offset": chain((4,), layer("Rescaling", scale=1 / 127.5, offset=-1)),
    "rescaling_channels": chain(
        (2, 2, 3), layer("Rescaling", scale=[0.1, 0.2, 0.3], offset=[1.0, 2.0, 3.0])
    ),
    "rescaling_array": chain(
        (3,), layer("Rescaling", scale=np.array([0.1, 0.2, 0.3]), offset=np.float32(0.5))
    ),
    "rescaling_batch_axis": chain((3,), layer("Rescaling", scale=[[0.1, 0.2, 0.3]])),
    "rms_norm": chain((5,), layer("RMSNormalization"), dense(2)),
    "rms_norm_matrix": chain((4, 3), layer("RMSNormalization", epsilon=0.01)),
    "rms_norm_axes": chain((4, 3), layer("RMSNormalization", axis=(1, 2))),
    # Layers that hold a layer, and adapted ones.
    "spectral_norm": chain_of(lambda k: k.layers.SpectralNormalization(k.layers.Dense(3)), (4,)),
    "spectral_norm_conv": chain_of(
        lambda k: k.layers.SpectralNormalization(k.layers.Conv2D(3, 2, use_bias=False)), (4, 4, 2)),
    **{f"lora_{name.lower()}": Case(adapted_by_lora(name, shape, arguments), (name,))
       for name, (shape, arguments) in LORA.items()},
    # Products by Einstein's notation.
    **{f"einsum_dense_{n}": chain(shape, layer("EinsumDense", **arguments))
       for n, (shape, arguments) in enumerate(EINSUM_DENSE)},
    # Rearranging.
    "flatten": chain((4, 3, 2), layer("Flatten"), dense(2)),
    "flatten_channels_first": chain((4, 3, 2), layer("Flatten", data_format="channels_first")),
    "flatten_flat": chain((4,), layer("Flatten", data_format="channels_first")),
    "flatten_scalar": chain((), layer("Flatten"), dense(2)),
    "flatten_free": chain((None, 3), layer("Flatten")),
    "reshape": chain((12,), layer("Reshape", target_shape=(3, 4)), dense(2)),
    "reshape_minus": chain((12,), layer("Reshape", target_shape=(2, -1, 3))),
    "reshape_free": chain((None, 6), layer("Reshape", target_shape=(-1, 3))),
    "permute": chain((2, 3, 4), layer("Permute", dims=(3, 1, 2))),
    "reshapes": chain(
        (2, 6), layer("Flatten"), layer("Reshape", target_shape=(3, 4)),
        layer("Permute", dims=(2, 1)), layer("Reshape", target_shape=(12,)), layer("Flatten"),
    ),
    # Joining.
    "concatenate": merge("Concatenate", (3,), (2,), (4,)),
    "concatenate_axis": merge("Concatenate", (3, 2), (1, 2), axis=1),
    "concatenate_free": merge("Concatenate", (None, 2), (None, 3)),
    **{name.lower(): merge(name, (4,), (4,), (4,))
       for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")},
    "subtract": merge("Subtract", (4,), (4,)),
    "add_broadcast": merge("Add", (3, 4), (1, 4), (3, 1)),
    "multiply_ranks": merge("Multiply", (3, 4), (4,)),
    "add_ranks": merge("Add", (4,), (2, 3, 4), (3, 4)),
    "subtract_ranks": merge("Subtract", (4,), (3, 4)),
    "average_ranks": merge("Average", (3, 4), (4,), (4,)),
    "maximum_scalar": merge("Maximum", (1,), (3, 4)),
    "minimum_single": merge("Minimum", (3, 1), (1, 4)),
    # Models in models, links, ports.
    **{name: Case(function, covers)
       for name, function, covers in (
           ("frozen", frozen, ("Dense", "BatchNormalization")),
           ("named", named, ("Dense",)),
           ("many_of_a_class", many_of_a_class, ("Dense",)),
           ("nested_sequential", nested_sequential, ("Dense", "BatchNormalization")),
           ("nested_first", nested_first, ("Dense",)),
           ("nested_functional", nested_functional, ("Dense", "BatchNormalization", "Add")),
           ("nested_output", nested_output, ("Dense",)),
           ("nested_twice", nested_twice, ("Dense", "BatchNormalization")),
           ("nested_siblings", nested_siblings, ("Dense", "BatchNormalization")),
           ("nested_dict_inputs", nested_dict_inputs, ("Dense", "Subtract")),
           ("nested_many_ports", nested_many_ports, ("Dense", "Concatenate")),
           ("shared_layer", shared_layer, ("Dense", "Concatenate")),
           ("shared_model", shared_model, ("Dense", "BatchNormalization", "Subtract")),
           ("shared_across_models", shared_across_models, ("Dense",)),
           ("called_elsewhere", called_elsewhere, ("Dense",)),
           ("two_inputs", two_inputs, ("Dense", "Flatten", "Concatenate")),
           ("dict_inputs", dict_inputs, ("Dense", "Subtract")),
           ("several_outputs", several_outputs, ("Dense",)),
           ("dict_outputs", dict_outputs, ("Dense",)),
           ("same_output_twice", same_output_twice, ("Dense",)),
           ("residual", residual, ("Add", "Multiply", "Maximum", "Minimum")),
       )},
    **IMAGES,
    **OPERATIONS,
    **PREPROCESSING,
    **SEQUENCES,
}  # fmt: skip

SAID_TWICE = re.compile(
    # Channels first are between two transpositions: once for each class.
    r"\w*(Conv|Pooling)\w*D(Transpose)?_\w+_first"
    r"|(ZeroPadding|UpSampling)\w+D_\w+_first|Cropping2D_cropping__+1_\w+_first"
    r"|Cropping3D_cropping__+1_\w+_first|Resizing_height_1\w+_first"
    # Pools along one axis and three go the way of those along two.
    r"|(Max|Average)Pooling[13]D_pool_size_3_strides_(2|1_padding_same)"
    # Activations of a Dense are those of an Activation.
    r"|dense_(?!relu|softmax|tanh|glu|sparsemax)({activations})"
    # Masks in a Functional model, and masks beside a function that is another.
    r"|\w+_[\w.]+_masked_functional"
    r"|(simplernn|lstm|gru)_(reset_after_false_use_bias|use_bias|activation|recurrent_activation)"
    r"_[\w.]+_masked"
    # Ways to join two directions, by class; what attends, by what hides.
    r"|bidirectional_(sum|mul|ave)_(gru|simplernn)(_sequences)?"
    r"|attention_(wide|dropout|scaled|concat_scaled|additive_plain)"
    r"_(causal|masked|masked_causal|key)"
    # Layers that do nothing when scoring, and are in the model augmentations.
    r"|{augmentations}".format(
        activations="|".join(ACTIVATIONS),
        augmentations="|".join(map(str.lower, ZOO["augmentations"].covers[1:])),
    )
)
"""Crosses of which other models have each side: only the profile `thorough` tries them."""

TRIED = tuple(name for name in ZOO if is_thorough() or not SAID_TWICE.fullmatch(name))
"""Names of the models that this run of the tests tries."""

# Classes that no Keras 3 model can hold; tests/unit/test_generations.py has them in old files.
ONLY_IN_OLD_FILES = (
    "CuDNNGRU", "CuDNNLSTM", "LocallyConnected1D", "LocallyConnected2D", "Merge",
    "SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer",
    "Operation",  # all classes of keras.ops: zoo_operations.py
)  # fmt: skip


def build(name: str, keras: Any, seed: int = 0) -> Any:
    """The model of this name, its weights random, so that each of them changes the scores."""
    model = ZOO[name].build(keras)
    randomize(model, seed)
    return model


def randomize(model: Any, seed: int) -> None:
    """Give every weight random values; variances positive, kernels scaled to keep magnitudes."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        kind = weight.path.rsplit("/", 1)[-1]
        shape = tuple(weight.shape)
        if kind in ("seed_generator_state", "count", "mean", "variance"):  # adapted
            continue
        if kind in ("moving_variance", "moving_stddev", "renorm_stddev"):
            values = rng.uniform(0.3, 2.0, shape)
        elif kind == "gamma":
            values = rng.uniform(0.5, 1.5, shape)
        elif kind == "kernel":
            values = rng.normal(0.0, 1.2 / np.sqrt(shape[0]), shape)
        else:
            values = rng.normal(0.0, 0.5, shape)
        weight.assign(values.astype("float32"))


HARD = np.array([np.nan, np.inf, -np.inf, -0.0, 0.5, -0.5, 2.0], np.float32)
SOFT = ("ids", "words", "texts", "mask_")  # inputs that hold no measured numbers


def hard_rows(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Rows of each input with one of HARD in one place, then rows of nothing else."""
    rng = np.random.default_rng(2)
    result = []
    for port, rows in zip(model.inputs, inputs, strict=True):
        hard = rows[np.arange(2 * len(HARD)) % len(rows)].copy()
        if not port.name.startswith(SOFT):
            flat = hard.reshape(len(hard), -1)
            for row, value in enumerate(HARD):
                flat[row, rng.integers(flat.shape[1])] = value
                flat[len(HARD) + row] = value
        result.append(hard)
    return result


def sample(model: Any, seed: int = 1, free_length: int = 3) -> list[np.ndarray]:
    """Random rows for each input of a model, in the order in which Keras lists the inputs."""
    rng = np.random.default_rng(seed)
    return [
        draw(port.name, [ROWS, *(n or free_length for n in port.shape[1:])], rng)
        for port in model.inputs
    ]
