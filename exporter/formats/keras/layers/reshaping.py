"""Layers that rearrange the numbers of a row."""

from __future__ import annotations

from exporter.formats.keras.context import Context, Value
from exporter.ir.ops import Reshape, Transpose


def flatten(context: Context) -> list[Value]:
    """One axis, row-major; with channels_first the channels are moved last before, as in Keras."""
    x = context.input
    if context.config.get("data_format") == "channels_first" and context.version.major > 1:
        x = _channels_last(context, x)
    return [context.emit(Reshape((-1,)), x)]


def reshape(context: Context) -> list[Value]:
    """The same numbers in row-major order under target_shape."""
    target = context.config.get("target_shape")
    if not isinstance(target, list) or not all(n is None or isinstance(n, int) for n in target):
        context.refuse(f"its target_shape is {target!r}", "Give it a list of whole numbers.")
    shape = tuple(-1 if n is None else n for n in target)
    return [context.emit(Reshape(shape), context.input)]


def permute(context: Context) -> list[Value]:
    """Axes reordered; dims count from 1."""
    dims = context.config.get("dims")
    if not isinstance(dims, list) or not all(isinstance(n, int) for n in dims):
        context.refuse(f"its dims are {dims!r}", "Give it a list of whole numbers.")
    return [context.emit(Transpose(tuple(n - 1 for n in dims)), context.input)]


def _channels_last(context: Context, x: Value) -> Value:
    """(channels, ...) -> (..., channels)."""
    rank = len(x.shape)
    if rank < 2:
        return x
    return context.emit(Transpose((*range(1, rank), 0)), x)
