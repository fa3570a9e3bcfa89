"""Layers that join several inputs."""

from __future__ import annotations

import math

from exporter.errors import counted
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.masking import (
    compare_masked,
    concatenated_mask,
    joins_by_any,
    merged_mask,
    multiply_masked,
)
from exporter.ir.ops import (
    Add,
    Average,
    Concatenate,
    Matmul,
    Maximum,
    Merge,
    Minimum,
    Multiply,
    Reshape,
    Subtract,
    Transpose,
    UnitNormalization,
)

NORM_EPSILON = 1e-6  # Keras 1 and 2 take max(sum of squares, 1e-12)
NORM_EPSILON_KERAS3 = 1e-7
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


def dot(context: Context) -> list[Value]:
    """Products of two inputs summed along one axis of each; normalize makes it their cosine."""
    return [_dot(context, context.config.get("axes"), context.flag("normalize", False))]


def keras1_merge(context: Context) -> list[Value]:
    """Keras 1's Merge, whose mode names the operation."""
    mode = context.config.get("mode")
    if mode == "concat":
        return _concatenate(context, context.config.get("concat_axis", -1))
    if mode in ("dot", "cos"):
        axes = context.config.get("dot_axes", -1)
        y = _dot(context, axes, mode == "cos")
        return [context.emit(Reshape((1, 1)), y)] if mode == "cos" and y.shape == (1,) else [y]
    if mode in KERAS1_MODES:
        return _merge(context, KERAS1_MODES[mode]())
    context.refuse(f"its mode is {mode!r}", "Use concat, sum, mul, ave, max, dot or cos.")


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
    has_masks = any(value.mask is not None for value in context.inputs)
    if has_masks and joins_by_any(context) and isinstance(op, Multiply | Maximum | Minimum):
        is_product = isinstance(op, Multiply)
        y = (
            multiply_masked(context, context.inputs)
            if is_product
            else compare_masked(context, op, context.inputs)
        )
        return [y.with_mask(merged_mask(context))]
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


def _dot(context: Context, axes: object, is_normalized: bool) -> Value:
    """The two inputs as matrices, the axes side by side, then one product of matrices."""
    if len(context.inputs) != 2:
        context.refuse(f"it is called with {counted(len(context.inputs), 'input')}", "Give it two.")
    pair = list(context.inputs)
    both = axes if isinstance(axes, list) else [axes, axes]
    if len(both) != 2:
        context.refuse(f"its axes are {axes!r}", "Give it one axis for each input.")
    rests = []
    for number, (x, axis) in enumerate(zip(pair, both, strict=True)):
        place = context.axis(axis, len(x.shape))
        if is_normalized:
            is_new = context.version.major >= 3
            epsilon = NORM_EPSILON_KERAS3 if is_new else NORM_EPSILON
            x = context.emit(UnitNormalization((place,), epsilon), x)
        others = [n for n in range(len(x.shape)) if n != place]
        rest = [x.shape[n] for n in others]
        rests += rest
        order = (*others, place) if number == 0 else (place, *others)
        length = x.shape[place]
        if None in rest or length is None:
            if len(rest) != 1:
                context.refuse("several axes of its inputs are free", "Give Input() a full shape.")
            pair[number] = context.emit(Transpose(order), x)
            continue
        size = math.prod(n for n in rest if n is not None)
        x = context.emit(Transpose(order), x)
        matrix = (size, length) if number == 0 else (length, size)
        pair[number] = context.emit(Reshape(matrix), x)
    y = context.emit(Matmul(), *pair)
    if rests == list(y.shape):
        return y
    return context.emit(Reshape(tuple(-1 if n is None else n for n in rests) or (1,)), y)
