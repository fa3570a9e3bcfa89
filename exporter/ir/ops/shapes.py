"""Shapes of values, and the rules by which they fit together.

Shapes leave out the batch axis; None is a length that is known only when a row is scored.
Axes count from 0 without the batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from exporter.errors import ShapeError
from exporter.ir.ops.tensor import Tensor

Shape: TypeAlias = tuple[int | None, ...]
MAX_WINDOW = 2**20  # positions; a kernel sees each of them on its own


def fits(a: int | None, b: int | None) -> bool:
    """Whether two lengths can be the same."""
    return a is None or b is None or a == b


def check_axis(axis: int, shape: Shape) -> None:
    """Raise ShapeError unless shape has this axis, counted from 0."""
    if not 0 <= axis < len(shape):
        raise ShapeError(f"it works along axis {axis}, the input {shape} has no such axis")


def check_broadcast(shape: Shape, *tensors: Tensor) -> Shape:
    """Return shape; raise ShapeError unless every tensor broadcasts to exactly it."""
    for tensor in tensors:
        if broadcast_shapes(shape, tensor.shape) != shape:
            raise ShapeError(f"its weights have shape {tensor.shape}, the input is {shape}")
    return shape


def count_windows(
    lengths: Shape,
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: str,
) -> Shape:
    """How many windows fit along each axis; None where the length is free.

    Raises: ShapeError, when a number is not positive or not even one window fits.
    """
    if any(n < 1 for numbers in (size, strides, dilation) for n in numbers):
        raise ShapeError(f"its size {size}, strides {strides} or dilation {dilation} is below 1")
    if math.prod(size) > MAX_WINDOW:
        raise ShapeError(f"its window of size {size} has more than {MAX_WINDOW:,} positions")
    counts: list[int | None] = []
    for n, k, s, d in zip(lengths, size, strides, dilation, strict=True):
        span = (k - 1) * d + 1
        if n is None:
            counts.append(None)
        elif padding == "valid" and n < span:
            raise ShapeError(f"its window of {span} does not fit into an axis of {n}")
        else:
            counts.append((n - span) // s + 1 if padding == "valid" else (n - 1) // s + 1)
    return tuple(counts)


def broadcast_shapes(a: Shape, b: Shape) -> Shape:
    """Shape of a + b by numpy's rules; None fits any length.

    Raises: ShapeError, when they do not broadcast.
    """
    rank = max(len(a), len(b))
    padded_a: Shape = (1,) * (rank - len(a)) + a
    padded_b: Shape = (1,) * (rank - len(b)) + b
    result: list[int | None] = []
    for m, n in zip(padded_a, padded_b, strict=True):
        if m == n or n == 1:
            result.append(m)
        elif m == 1:
            result.append(n)
        elif m is None or n is None:
            result.append(n if m is None else m)
        else:
            raise ShapeError(f"shapes {a} and {b} do not fit together")
    return tuple(result)
