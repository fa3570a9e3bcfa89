"""Pooling over windows and over whole axes."""

from __future__ import annotations

from exporter.errors import counted
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.masking import masked_mean
from exporter.formats.keras.layers.spatial import (
    as_given,
    channels_last,
    check_rank,
    is_channels_first,
    numbers,
)
from exporter.ir.ops import Concatenate, Cut, Op, Pool, Reduce, Reshape, Shape

MAX_WINDOWS = 1000  # along an axis


def pool(context: Context, rank: int, mode: str) -> list[Value]:
    """The largest or mean value of each window over rank axes."""
    x = channels_last(context, check_rank(context, rank))
    size = numbers(context, "pool_size", rank, 2)
    padding = context.config.get("padding", "valid")
    if padding not in ("valid", "same"):
        context.refuse(f"its padding is {padding!r}", "Use valid or same.")
    y = context.emit(Pool(mode, size, numbers(context, "strides", rank, size), padding), x)
    return [as_given(context, y)]


def global_pool(context: Context, rank: int, function: str) -> list[Value]:
    """The largest or mean value of each channel over all rank axes."""
    x = check_rank(context, rank)
    first = int(is_channels_first(context))
    axes = tuple(range(first, first + rank))
    if rank == 1 and function == "mean" and x.mask is not None:
        y = masked_mean(context, x, first)
        if not context.flag("keepdims", False):
            return [y]
        return [context.emit(Reshape((1, -1) if first == 0 else (-1, 1)), y)]
    return [context.emit(Reduce(function, axes, context.flag("keepdims", False)), context.input)]


def adaptive_pool(context: Context, rank: int, function: str) -> list[Value]:
    """The largest or mean value of output_size windows along each of rank axes.

    Window i of m over n positions goes from floor(i * n / m) to before ceil((i + 1) * n / m).
    """
    y = channels_last(context, check_rank(context, rank))
    sizes = numbers(context, "output_size", rank, 1)
    for axis, (length, size) in enumerate(zip(y.shape, sizes, strict=False)):
        if length is None or not 1 <= size <= MAX_WINDOWS:
            context.refuse(
                f"it makes {counted(size, 'window')} of an axis of length {length or 'any'}",
                "Give Input() a full shape.",
            )
        parts = []
        for start in range(size):
            slices: list[tuple[int | None, int | None, int | None]]
            slices = [(None, None, None)] * (rank + 1)
            slices[axis] = (start * length // size, -(-(start + 1) * length // size), None)
            window = context.emit(Cut(tuple(slices)), y)
            parts.append(context.emit(_whole(function, window.shape, axis), window))
        y = context.emit(Concatenate(axis), *parts) if size > 1 else parts[0]
    return [as_given(context, y)]


def _whole(function: str, shape: Shape, axis: int) -> Op:
    """The mean along an axis, or the largest as windows have it, which pass over NaN."""
    if function == "mean":
        return Reduce(function, (axis,), True)
    lengths = [n or 1 for n in shape[:-1]]
    size = tuple(n if place == axis else 1 for place, n in enumerate(lengths))
    return Pool("max", size, size, "valid")
