"""What layers over images and sequences share: data format, numbers for each spatial axis."""

from __future__ import annotations

from typing import Any

from exporter.formats.keras.context import Context, Value
from exporter.ir.ops import Transpose


def is_channels_first(context: Context) -> bool:
    """Whether the channels come before the spatial axes."""
    order = context.config.get("data_format")
    if order not in (None, "channels_last", "channels_first"):
        context.refuse(f"its data_format is {order!r}", "Use channels_last or channels_first.")
    return bool(order == "channels_first")


def channels_last(context: Context, x: Value) -> Value:
    """(c, n...) -> (n..., c) where the layer works channels_first, else x itself."""
    if not is_channels_first(context):
        return x
    return context.emit(Transpose((*range(1, len(x.shape)), 0)), x)


def as_given(context: Context, y: Value) -> Value:
    """(n..., c) -> (c, n...) where the layer works channels_first, else y itself."""
    if not is_channels_first(context):
        return y
    last = len(y.shape) - 1
    return context.emit(Transpose((last, *range(last))), y)


def check_rank(context: Context, rank: int) -> Value:
    """The input, which must have rank spatial axes and channels."""
    x = context.input
    if len(x.shape) != rank + 1:
        context.refuse(
            f"it takes {rank + 1} axes besides the batch, its input has the shape {x.shape}",
            "Reshape its input.",
        )
    return x


def numbers(context: Context, key: str, rank: int, default: Any = 1) -> tuple[int, ...]:
    """A whole number for each spatial axis; a single one counts for all."""
    value = context.config.get(key)
    value = default if value is None else value
    if _is_whole(value):
        return (value,) * rank
    if isinstance(value, list) and len(value) == 1 and _is_whole(value[0]):
        return (value[0],) * rank
    if isinstance(value, (list, tuple)) and len(value) == rank and all(map(_is_whole, value)):
        return tuple(value)
    context.refuse(f"its {key} is {value!r}", f"Give it {rank} whole numbers.")


def pairs(context: Context, key: str, rank: int, default: Any = 1) -> tuple[tuple[int, int], ...]:
    """(before, after) for each spatial axis: one number for all, one or two for each axis."""
    value = context.config.get(key)
    value = default if value is None else value
    if isinstance(value, dict):  # Keras 1 also took {"top_pad": 1, ...}
        sides = ["top_pad", "bottom_pad", "left_pad", "right_pad"]
        flat = [value.get(side, 0) for side in (sides[2:] if rank == 1 else sides)]
        value = [flat[i : i + 2] for i in range(0, len(flat), 2)]
    elif rank == 1 and isinstance(value, list) and len(value) == 2 and _is_whole(value[0]):
        value = [value]
    elif rank == 2 and isinstance(value, list) and len(value) == 4:  # Keras 1
        value = [value[:2], value[2:]]
    each = [value] * rank if _is_whole(value) else value
    if isinstance(each, (list, tuple)) and len(each) == rank:
        both = [[item, item] if _is_whole(item) else item for item in each]
        if all(isinstance(p, (list, tuple)) and len(p) == 2 for p in both) and all(
            _is_whole(n) and n >= 0 for p in both for n in p
        ):
            return tuple((p[0], p[1]) for p in both)
    context.refuse(f"its {key} is {value!r}", f"Give it two whole numbers for each of {rank} axes.")


def around_channels(context: Context, items: Any, channels: Any) -> Any:
    """One item for each axis: those of the spatial axes, and channels for the channels."""
    return (channels, *items) if is_channels_first(context) else (*items, channels)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
