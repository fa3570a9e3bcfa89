"""Sums over ensembles of trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Trees(Op):
    """y = (base + sum of the leaves that a row reaches) / divisor, added in the trees' order.

    A node asks whether a column, made of a number of the row, is at least bound: yes leads to its
    right child, which is the one behind left; a left below 0 is leaf -1 - left. columns hold the
    number of the row, what is made of it, and where its categories stand in members (see the
    kernel). target says which output each tree adds to, None where leaves are as wide as y.
    Numbers are rounded to compare before they are compared, leaves are added in total.
    Shapes: x (n,), columns (c, 4), members (m,), starts (trees,), column, bound and left (nodes,),
    leaves (l, 1 or k), base (k,), target (trees,) -> y (k,). Types: y is of total.
    """

    columns: Tensor
    members: Tensor
    starts: Tensor
    column: Tensor
    bound: Tensor
    left: Tensor
    leaves: Tensor
    base: Tensor
    target: Tensor | None
    compare: Literal["float32", "float64"]
    total: Literal["float32", "float64"]
    divisor: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many outputs there are; the input must have every number that is asked for."""
        (x,) = shapes
        most = int(self.columns[:, 0].max(initial=-1))
        if len(x) != 1 or x[0] is None or most >= x[0]:
            raise ShapeError(f"its trees ask for {most + 1} numbers, the input is {x}")
        return (len(self.base),)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """The type that leaves are added in, whatever the input's."""
        return self.total
