"""Activation functions, by name and as layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporter.formats.keras.context import CAST_FIRST, Context, Value
from exporter.formats.keras.history import ACTIVATIONS
from exporter.ir.ops import Activation, Glu, LogSoftmax, Op, Prelu, Softmax, Sparsemax

SYNONYMS = {
    "swish": "silu",
    "hard_swish": "hard_silu",
    "softmax_v2": "softmax",  # tf.nn.softmax given as a function
    "log_softmax_v2": "log_softmax",
}
ALONG_AXIS: dict[str, Callable[[int], Op]] = {
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "sparsemax": Sparsemax,
    "glu": Glu,
}
OPS = ("Activation", "Softmax", "LogSoftmax", "Sparsemax", "Glu")
PLAIN = (
    "linear", "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softplus", "log_sigmoid",
    "softsign", "exponential", "elu", "celu", "selu", "silu", "hard_silu", "mish", "gelu",
    "squareplus", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink",
    "sparse_plus", "sparse_sigmoid",
)  # fmt: skip
LEAKY = 0.2  # the slope of leaky_relu where none is given
ACTIVATION_NAMES = (*PLAIN, "hard_sigmoid", *ALONG_AXIS, *SYNONYMS)


def apply_activation(context: Context, x: Value, spec: Any) -> Value:
    """Append the activation that a configuration names: a string, or a serialized object."""
    return context.emit(activation_op(context, spec, len(x.shape)), x)


def activation_op(context: Context, spec: Any, rank: int) -> Op:
    """The op of an activation for an input of rank axes."""
    name, options = _parse(context, spec)
    if name in LAYER_ACTIVATIONS:
        return LAYER_ACTIVATIONS[name](context, options)
    _check_version(context, name)
    if name == "PReLU":
        context.refuse(
            "PReLU is given as its activation, whose learned alpha Keras does not save with it",
            "Build the model with PReLU as a layer of its own, and train that.",
        )
    name = SYNONYMS.get(name, name)
    if name in ALONG_AXIS:
        return ALONG_AXIS[name](context.axis(options.get("axis", -1), rank))
    if name == "hard_sigmoid":
        # Keras 1 and 2: clip(0.2 x + 0.5, 0, 1); Keras 3: relu6(x + 3) / 6.
        slope = 1 / 6 if context.version.major >= 3 else 0.2
        return Activation(name, (("slope", slope),))
    if name == "leaky_relu" and context.single(LEAKY) != LEAKY:
        return Activation(name, (("negative_slope", context.single(LEAKY)),))
    if name not in PLAIN:
        context.refuse(
            f'activation "{name}" is not one of Keras\' own', "Use a standard activation."
        )
    return Activation(name)


def _check_version(context: Context, name: str) -> None:
    """Refuse a name that the file's Keras did not have: it stands for a function of its author."""
    since = ACTIVATIONS.get(name)
    if since is None or since.has(context.version):
        return
    context.refuse(
        f'activation "{name}" came with {since}, the file is of Keras {context.version}: it was'
        " a function of the model's author, which is not in the file and need not be the same"
        " (the gelu of public code is mostly keras.activations.gelu(x, approximate=True))",
        "If it computes the same as a newer Keras' own, build the model there with that, copy the"
        " weights by set_weights(model.get_weights()) and save it; else use another activation.",
    )


def activation(context: Context) -> list[Value]:
    """y = f(x)."""
    return [apply_activation(context, context.input, context.config.get("activation"))]


def relu(context: Context) -> list[Value]:
    """y = min(x, max_value) above the threshold, negative_slope * (x - threshold) below."""
    most = context.config.get("max_value")
    is_whole = context.builder.is_integer(context.input.number)
    if is_whole and isinstance(most, float) and most % 1:
        context.refuse("its max_value becomes a whole number beside whole numbers", CAST_FIRST)
    return [context.emit(_relu(context, context.config), context.input)]


def leaky_relu(context: Context) -> list[Value]:
    """y = x for x >= 0, slope * x below."""
    return [context.emit(_leaky_relu(context, context.config), context.input)]


def elu(context: Context) -> list[Value]:
    """y = x for x > 0, alpha * (exp(x) - 1) below."""
    return [context.emit(_elu(context, context.config), context.input)]


def thresholded_relu(context: Context) -> list[Value]:
    """y = x for x > theta, 0 elsewhere."""
    return [context.emit(_thresholded_relu(context, context.config), context.input)]


def softmax(context: Context) -> list[Value]:
    """y = exp(x) / sum(exp(x)) along one axis."""
    x = context.input
    if x.mask is not None:
        context.refuse("it is called with a mask", "Call it without a mask.")
    return [context.emit(Softmax(context.axis(context.config.get("axis", -1), len(x.shape))), x)]


def prelu(context: Context) -> list[Value]:
    """y = x for x >= 0, alpha * x below, alpha learned per position but for shared_axes."""
    x = context.input
    shared = context.config.get("shared_axes") or []
    shape = [1 if axis + 1 in shared else n for axis, n in enumerate(x.shape)]
    (alpha,) = context.take(tuple(shape))
    return [context.emit(Prelu(alpha), x)]


def prelu_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """alpha."""
    return 1, 0


def _relu(context: Context, config: Mapping[str, Any]) -> Op:
    context = context.with_config(config)
    options: list[tuple[str, float | bool]] = []
    for key in ("negative_slope", "threshold"):
        if config.get(key) is not None and context.number(key, 0.0) != 0.0:
            options.append((key, context.number(key, 0.0)))
    if config.get("max_value") is None and [key for key, _ in options] == ["negative_slope"]:
        options = [(key, context.single(float(slope))) for key, slope in options]
    if config.get("max_value") is not None:
        options.append(("max_value", context.number("max_value", 0.0)))
    return Activation("relu", tuple(options))


def _leaky_relu(context: Context, config: Mapping[str, Any]) -> Op:
    key = "negative_slope" if "negative_slope" in config else "alpha"
    slope = context.with_config(config).number(key, 0.3)
    return Activation("leaky_relu", (("negative_slope", context.single(slope)),))


def _elu(context: Context, config: Mapping[str, Any]) -> Op:
    return Activation("elu", (("alpha", context.with_config(config).number("alpha", 1.0)),))


def _thresholded_relu(context: Context, config: Mapping[str, Any]) -> Op:
    theta = context.with_config(config).number("theta", 1.0)
    return Activation("threshold_relu", (("theta", theta),))


LAYER_ACTIVATIONS: dict[str, Callable[[Context, Mapping[str, Any]], Op]] = {
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "ThresholdedReLU": _thresholded_relu,
}


def _parse(context: Context, spec: Any) -> tuple[str, Mapping[str, Any]]:
    """Name and options of an activation as Keras serializes it."""
    if spec is None:
        return "linear", {}
    if isinstance(spec, str):
        return spec, {}
    if isinstance(spec, Mapping):
        config = spec.get("config")
        class_name = str(spec.get("class_name"))
        registered = spec.get("registered_name")
        if isinstance(registered, str) and ">" in registered:
            return registered, {}
        if class_name == "function" and isinstance(config, str):  # {"class_name": "function", ...}
            return config, {}
        if class_name in ("Activation",) and isinstance(config, Mapping):
            return _parse(context, config.get("activation"))
        if class_name == "Softmax" and isinstance(config, Mapping):
            return "softmax", config
        return class_name, config if isinstance(config, Mapping) else {}
    context.refuse(f"its activation {spec!r} cannot be read", "Use a standard activation.")
