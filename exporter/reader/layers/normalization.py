"""Layers that shift and scale by stored statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.ir.ops import Affine, Standardize, as_tensor
from exporter.reader.context import Context, Value
from exporter.reader.layers.core import refuse_training

EPSILON = 1e-7  # keras.backend.epsilon()


def batch_normalization(context: Context) -> list[Value]:
    """y = gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta."""
    refuse_training(context)
    x = context.input
    if context.config.get("mode") == 1:
        context.refuse(
            "mode 1 normalizes each sample by itself", "Use LayerNormalization, or mode 0."
        )
    axis = context.axis(context.config.get("axis", -1), len(x.shape))
    size = x.shape[axis]
    gamma = context.flag("scale", True)
    beta = context.flag("center", True)
    tensors = [a.astype(np.float64) for a in context.take(*[(size,)] * (2 + gamma + beta))]
    mean, variance = tensors[-2:]
    scale = (tensors[0] if gamma else 1.0) / np.sqrt(variance + context.number("epsilon", 1e-3))
    offset = (tensors[int(gamma)] if beta else 0.0) - mean * scale
    shape = [1] * len(x.shape)
    shape[axis] = mean.size
    op = Affine(as_tensor(scale.reshape(shape)), as_tensor(offset.reshape(shape)))
    return [context.emit(op, x)]


def normalization(context: Context) -> list[Value]:
    """y = (x - mean) / sqrt(variance), or its inverse; mean and variance adapted or given."""
    x = context.input
    mean, variance = _moments(context, x)
    deviation = np.maximum(np.sqrt(variance), EPSILON)
    if context.flag("invert", False):
        return [context.emit(Affine(as_tensor(deviation), as_tensor(mean)), x)]
    return [context.emit(Standardize(as_tensor(mean), as_tensor(deviation)), x)]


def rescaling(context: Context) -> list[Value]:
    """y = x * scale + offset."""
    x = context.input
    try:
        scale, offset = np.broadcast_arrays(
            np.asarray(_constant(context.config.get("scale", 1.0)), np.float64),
            np.asarray(_constant(context.config.get("offset", 0.0)), np.float64),
        )
    except (TypeError, ValueError):
        context.refuse("its scale or offset is not a number", "Save the layer with numbers.")
    shape = (1,) * max(0, len(x.shape) - scale.ndim) + scale.shape
    op = Affine(as_tensor(scale.reshape(shape)), as_tensor(offset.reshape(shape)))
    return [context.emit(op, x)]


def _moments(context: Context, x: Value) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Mean and variance, shaped to broadcast over a row."""
    axes = context.config.get("axis", -1)
    if axes is None:
        axes = []
    kept = [context.axis(axis, len(x.shape)) for axis in (axes if isinstance(axes, list) else [axes])]
    shape = [n if axis in kept else 1 for axis, n in enumerate(x.shape)]
    if any(n is None for n in shape):
        context.refuse("its axis has no fixed length", "Give Input() a full shape.")
    given = [_constant(context.config.get(key)) for key in ("mean", "variance")]
    if all(value is not None for value in given):
        moments = [np.asarray(value, np.float64) for value in given]
        full = tuple(int(n) for n in shape if n is not None)
        return (
            np.broadcast_to(moments[0].reshape(_trailing(moments[0], full)), full),
            np.broadcast_to(moments[1].reshape(_trailing(moments[1], full)), full),
        )
    lengths = tuple(x.shape[axis] for axis in sorted(kept))
    if len(context.arrays) == 3:
        mean, variance, _ = context.take(lengths, lengths, ())
    else:
        mean, variance = context.take(lengths, lengths)
    target = [int(n) for n in shape if n is not None]
    return mean.astype(np.float64).reshape(target), variance.astype(np.float64).reshape(target)


def _trailing(array: np.ndarray[Any, Any], full: tuple[int, ...]) -> tuple[int, ...]:
    """A constant's own shape when it broadcasts, else the row's when only the size fits."""
    return full if array.size == int(np.prod(full)) else array.shape


def _constant(value: Any) -> Any:
    """Numbers as Keras serializes arrays: plain lists, or {"class_name": "__numpy__", ...}."""
    if isinstance(value, dict):
        value = value.get("config", value)
        return value.get("value", value) if isinstance(value, dict) else value
    return value
