"""Attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, fits
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Attention(Op):
    """y = softmax(scale * query @ key^T) @ value, in each of heads equal parts of the last axis.

    Where the mask is 0, or the key comes after the query and is_causal is set, the softmax gives
    0 (where it is 0 for all keys of a query, equal weights, or with zeroes_masked none).

    Shapes: query (t, heads * n), key (s, heads * n), value (s, heads * m), mask, where is_masked,
    broadcast to (t, s) -> y (t, heads * m).
    """

    heads: int
    scale: float
    is_causal: bool
    is_masked: bool
    zeroes_masked: bool

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """Queries and the width of the value."""
        return check_attention(self.heads, self.is_masked, *shapes)


@dataclass(frozen=True, eq=False)
class AdditiveAttention(Op):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Masks and Shapes: as Attention, with one head; scale (n,) or (1,).
    """

    scale: Tensor
    is_causal: bool
    is_masked: bool

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """Queries and the width of the value."""
        if self.scale.shape not in ((1,), shapes[0][-1:]):
            raise ShapeError(f"its scale has shape {self.scale.shape}, its query is {shapes[0]}")
        return check_attention(1, self.is_masked, *shapes)


def check_attention(heads: int, is_masked: bool, *shapes: Shape) -> Shape:
    """Shape of an attention's result.

    Raises: ShapeError, when query, key, value and mask do not fit together.
    """
    if len(shapes) != 3 + is_masked:
        raise ShapeError(f"it does not take {counted(len(shapes), 'input')}")
    query, key, value = shapes[:3]
    fit = all(len(shape) == 2 for shape in shapes)
    fit = fit and query[1] == key[1] and query[1] is not None and value[1] is not None
    fit = fit and fits(key[0], value[0])
    if not fit or any((shape[1] or 0) % heads for shape in (query, value)):
        raise ShapeError(f"it cannot attend from {query} to {key} for {value}")
    if is_masked:
        pairs = zip(shapes[3], (query[0], key[0]), strict=True)
        if not all(n == 1 or fits(n, length) for n, length in pairs):
            raise ShapeError(f"its mask is {shapes[3]}, its scores are {(query[0], key[0])}")
    return (query[0], value[1])
