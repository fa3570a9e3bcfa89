"""Layers that shift and scale by stored statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.core import refuse_training
from exporter.ir.ops import (
    Affine,
    LayerNormalization,
    Multiply,
    Reduce,
    Reshape,
    Shape,
    Standardize,
    Tensor,
    Unary,
    UnitNormalization,
)

EPSILON = 1e-7  # keras.backend.epsilon()


def batch_normalization(context: Context) -> list[Value]:
    """y = gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta."""
    refuse_training(context)
    x = context.input
    if context.config.get("mode", 0) != 0:  # Keras 1
        context.refuse(
            "its mode 1 or 2 normalizes by the rows that are scored together, not by what was"
            " learned",
            "Use mode 0.",
        )
    axis = context.axis(context.config.get("axis", -1), len(x.shape))
    size = x.shape[axis]
    gamma = context.flag("scale", True)
    beta = context.flag("center", True)
    count = 2 + gamma + beta
    if context.flag("renorm", False):  # its further statistics serve training only
        context.arrays = context.arrays[:count]
    tensors = [a.astype(np.float64) for a in context.take(*[(size,)] * count)]
    mean, variance = tensors[-2:]
    scale = (tensors[0] if gamma else 1.0) / np.sqrt(variance + context.number("epsilon", 1e-3))
    offset = (tensors[int(gamma)] if beta else 0.0) - mean * scale
    shape = [1] * len(x.shape)
    shape[axis] = mean.size
    op = Affine(context.constant(scale.reshape(shape)), context.constant(offset.reshape(shape)))
    return [context.emit(op, x)]


def batch_normalization_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """gamma, beta; moving mean and variance, and with renorm three more statistics."""
    trainable = bool(config.get("scale", True)) + bool(config.get("center", True))
    return trainable, 5 if config.get("renorm") else 2


def normalization_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """mean, variance and count, unless they are given as constants."""
    return 0, 0 if config.get("mean") is not None else 3


def normalization(context: Context) -> list[Value]:
    """y = (x - mean) / sqrt(variance), or its inverse; mean and variance adapted or given."""
    x = context.input
    mean, variance = _moments(context, x)
    deviation = np.maximum(np.sqrt(variance), EPSILON)
    if context.flag("invert", False):
        return [context.emit(Affine(context.constant(deviation), context.constant(mean)), x)]
    return [context.emit(Standardize(context.constant(mean), context.constant(deviation)), x)]


def rescaling(context: Context) -> list[Value]:
    """y = x * scale + offset."""
    x = context.input
    try:
        scale, offset = np.broadcast_arrays(
            _factors(context, context.config.get("scale", 1.0)),
            _factors(context, context.config.get("offset", 0.0)),
        )
    except (TypeError, ValueError):
        context.refuse("its scale or offset is not a number", "Save the layer with numbers.")
    while scale.ndim > len(x.shape) and scale.shape[0] == 1:  # the batch axis
        scale, offset = scale[0], offset[0]
    shape = (1,) * max(0, len(x.shape) - scale.ndim) + scale.shape
    op = Affine(context.constant(scale.reshape(shape)), context.constant(offset.reshape(shape)))
    return [context.emit(op, x)]


def _factors(context: Context, value: Any) -> np.ndarray[Any, Any]:
    """Numbers of a configuration; TensorFlow takes those that are no array's as it takes all of
    Python's."""
    numbers = np.asarray(_constant(value), np.float64)
    is_array = isinstance(value, Mapping)
    return numbers if is_array else np.vectorize(context.single, otypes=[float])(numbers)


def layer_normalization(context: Context) -> list[Value]:
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments of each row along axis."""
    x = context.input
    if context.flag("rms_scaling", False):
        context.refuse("it scales by the variance (rms_scaling)", "Build it without rms_scaling.")
    axes = _axes(context, x)
    lengths = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
    # Keras 3 shapes the weights by the axes as sorted numbers, -1 before 1, Keras 2 in the order
    # given; both then only reshape them to broadcast.
    given = context.config.get("axis", -1)
    given = given if isinstance(given, list) else [given]
    given = sorted(given) if context.version.major >= 3 else given
    shape = tuple(x.shape[context.axis(axis, len(x.shape))] for axis in given)
    gamma, beta = _gamma_beta(context, shape, lengths)
    return [context.emit(LayerNormalization(axes, context.number("epsilon", 1e-3), gamma, beta), x)]


def scale_and_center_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """gamma, beta."""
    return bool(config.get("scale", True)) + bool(config.get("center", True)), 0


def rms_normalization(context: Context) -> list[Value]:
    """y = x / sqrt(mean(x^2) + epsilon) * scale, the mean of each row along axis."""
    x = context.input
    axes = _axes(context, x)
    # Keras multiplies by the scale as it is, aligned with the last axes, whatever the axes are.
    given = context.config.get("axis", -1)
    given = sorted(given) if isinstance(given, list) else [given]
    shape = tuple(x.shape[context.axis(axis, len(x.shape))] for axis in given)
    (scale,) = context.take(shape)
    if None in shape:
        context.refuse("its axis has no fixed length", "Give Input() a full shape.")
    one = np.ones((1,) * len(x.shape))
    mean = context.emit(Reduce("mean", axes, True), context.emit(Unary("square"), x))
    above = Affine(context.constant(one), context.constant(one * context.number("epsilon", 1e-6)))
    inverse = context.emit(Unary("rsqrt"), context.emit(above, mean))
    lengths = (1,) * (len(x.shape) - scale.ndim) + scale.shape
    op = Affine(context.constant(scale.reshape(lengths)), context.constant(0 * one))
    return [context.emit(op, context.emit(Multiply(), x, inverse))]


def rms_normalization_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """scale."""
    return 1, 0


def group_normalization(context: Context) -> list[Value]:
    """Layer normalization of each of groups equal parts of axis, over all other axes."""
    x = context.input
    axis = context.axis(context.config.get("axis", -1), len(x.shape))
    size = x.shape[axis]
    groups = int(context.number("groups", 32))
    groups = size if groups == -1 and size is not None else groups
    if size is None or groups < 1 or size % groups or x.shape.count(None) > 1:
        context.refuse(
            f"{groups} groups do not divide the input {x.shape}", "Give Input() a full shape."
        )
    plain = [-1 if n is None else n for n in x.shape]
    split = [*plain[:axis], groups, size // groups, *plain[axis + 1 :]]
    grouped = context.emit(Reshape(tuple(split)), x)
    lengths = [1] * len(split)
    lengths[axis : axis + 2] = split[axis : axis + 2]
    gamma, beta = _gamma_beta(context, (size,), lengths)
    axes = tuple(number for number in range(len(split)) if number != axis)
    op = LayerNormalization(axes, context.number("epsilon", 1e-3), gamma, beta)
    return [context.emit(Reshape(tuple(plain)), context.emit(op, grouped))]


def unit_normalization(context: Context) -> list[Value]:
    """y = x / |x| along axis."""
    x = context.input
    return [context.emit(UnitNormalization(_axes(context, x), 1e-12), x)]


def _axes(context: Context, x: Value) -> tuple[int, ...]:
    """The axes of the configuration, in order."""
    given = context.config.get("axis", -1)
    axes = given if isinstance(given, list) else [given]
    return tuple(sorted(context.axis(axis, len(x.shape)) for axis in axes))


def _gamma_beta(
    context: Context, shape: Shape, broadcast: Sequence[int | None]
) -> tuple[Tensor | None, Tensor | None]:
    """gamma and beta where they are learned, shaped to broadcast over a row."""
    has_gamma, has_beta = context.flag("scale", True), context.flag("center", True)
    given = context.take(*[shape] * (has_gamma + has_beta))
    if None in broadcast:
        context.refuse("its axis has no fixed length", "Give Input() a full shape.")
    lengths = [n for n in broadcast if n is not None]
    tensors = context.prepare(lambda: [tensor.reshape(lengths) for tensor in given])
    gamma = tensors[0] if has_gamma else None
    return gamma, tensors[-1] if has_beta else None


def _moments(context: Context, x: Value) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Mean and variance, shaped to broadcast over a row."""
    axes = context.config.get("axis", -1)
    axes = [] if axes is None else axes if isinstance(axes, list) else [axes]
    kept = {context.axis(axis, len(x.shape)) for axis in axes}
    target = [n if axis in kept else 1 for axis, n in enumerate(x.shape)]
    if None in target:
        context.refuse("its axis has no fixed length", "Give Input() a full shape.")
    full = [n for n in target if n is not None]
    lengths = [n for axis, n in enumerate(full) if axis in kept]
    given = [_constant(context.config.get(key)) for key in ("mean", "variance")]
    if given[0] is not None and given[1] is not None:
        # Aligned with the kept axes from the right, as Keras does.
        constants = [_factors(context, context.config[key]) for key in ("mean", "variance")]
        moments = [np.broadcast_to(value, lengths) for value in constants]
    else:
        wanted = [tuple(lengths), tuple(lengths), ()]  # the third counts what was adapted to
        found = context.take(*wanted[: max(2, len(context.arrays))])
        moments = [array.astype(np.float64) for array in found]
    mean, variance = (moment.reshape(full) for moment in moments[:2])
    return mean, variance


def _constant(value: Any) -> Any:
    """Numbers as Keras serializes arrays: plain lists, or {"class_name": "__numpy__", ...}."""
    if isinstance(value, dict):
        value = value.get("config", value)
        return value.get("value", value) if isinstance(value, dict) else value
    return value
