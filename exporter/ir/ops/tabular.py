"""Ops over the columns of tables: what scalers, encoders and imputers are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Select(Op):
    """The elements of a row in these places, in this order; an element may come more than once.

    Shapes: x (n,) -> y (columns,). Types: x numbers or texts, y the same.
    """

    columns: tuple[int, ...]
    traits: ClassVar[Traits] = Traits(moves=True, takes=None, gives=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many columns are selected."""
        (x,) = shapes
        if len(x) != 1 or not self.columns or x[0] is None:
            raise ShapeError(f"it selects {len(self.columns)} columns from an input {x}")
        if not all(0 <= column < x[0] for column in self.columns):
            raise ShapeError(f"it selects columns that an input {x} does not have")
        return (len(self.columns),)


@dataclass(frozen=True, eq=False)
class Decide(Op):
    """Which class a row has: y = 1 where the only number is above 0, else 0; of several numbers the
    place of the first of the largest. NaN for a row that holds one.

    Shapes: x (n,) -> y (1,). -0 equals 0, unlike in FindExtreme.
    Source: predict of scikit-learn's classifiers.
    """

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """One number."""
        (x,) = shapes
        if len(x) != 1 or not x[0]:
            raise ShapeError(f"it chooses among the numbers of one axis, the input is {x}")
        return (1,)
