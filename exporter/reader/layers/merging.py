"""Layers that join several inputs."""

from __future__ import annotations

from exporter.ir.ops import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Merge,
    Minimum,
    Multiply,
    Reshape,
    Subtract,
)
from exporter.reader.context import Context, Value
from exporter.reader.layers.masking import concatenated_mask, merged_mask

KERAS1_MODES = {"sum": Add, "mul": Multiply, "ave": Average, "max": Maximum}


def concatenate(context: Context) -> list[Value]:
    """Join along axis."""
    return _concatenate(context, context.config.get("axis", -1))


def add(context: Context) -> list[Value]:
    """y = x0 + x1 + ..."""
    return _merge(context, Add())


def multiply(context: Context) -> list[Value]:
    """y = x0 * x1 * ..."""
    return _merge(context, Multiply())


def subtract(context: Context) -> list[Value]:
    """y = x0 - x1."""
    return _merge(context, Subtract())


def average(context: Context) -> list[Value]:
    """y = (x0 + x1 + ...) / count."""
    return _merge(context, Average())


def maximum(context: Context) -> list[Value]:
    """y = max(x0, x1, ...)."""
    return _merge(context, Maximum())


def minimum(context: Context) -> list[Value]:
    """y = min(x0, x1, ...)."""
    return _merge(context, Minimum())


def keras1_merge(context: Context) -> list[Value]:
    """Keras 1's Merge, whose mode names the operation."""
    mode = context.config.get("mode")
    if mode == "concat":
        return _concatenate(context, context.config.get("concat_axis", -1))
    if mode in KERAS1_MODES:
        return _merge(context, KERAS1_MODES[mode]())
    context.refuse(f"its mode is {mode!r}", "Use concat, sum, mul, ave or max.")


def _concatenate(context: Context, axis: object) -> list[Value]:
    rank = len(context.inputs[0].shape)
    if len(context.inputs) == 1:
        return [context.inputs[0]]
    op = Concatenate(context.axis(axis, rank))
    mask = concatenated_mask(context, op.axis)
    return [context.emit(op, *context.inputs).with_mask(mask)]


def _merge(context: Context, op: Merge) -> list[Value]:
    """Apply op after giving inputs of lower rank length-1 axes in front, as Keras does."""
    if len(context.inputs) == 1:
        return [context.inputs[0]]
    rank = max(len(value.shape) for value in context.inputs)
    aligned = []
    for value in context.inputs:
        missing = rank - len(value.shape)
        if missing and any(n is None for n in value.shape):
            context.refuse("it joins inputs of different rank and free length", "Fix the shapes.")
        if missing:
            shape = (1,) * missing + tuple(n for n in value.shape if n is not None)
            value = context.emit(Reshape(shape), value)
        aligned.append(value)
    return [context.emit(op, *aligned).with_mask(merged_mask(context))]
