"""Sums over ensembles of trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Op
from exporter.ir.ops.probes import Probe, gather_probes
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import PLAIN, Traits

FIRST_ANSWER = 5  # kinds of columns from here on hold 0 and 1 only
FIRST_SET = 8  # kinds of columns from here on are sets of categories


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
            raise ShapeError(f"its trees ask for {counted(most + 1, 'number')}, the input is {x}")
        return (len(self.base),)

    @property
    def batch_rows(self) -> int:
        """The kernel parts trees, not rows, so that its arrays stay in the caches."""
        return 4096

    def probes(self, width: int) -> dict[int, Probe]:
        """The bounds of each number; of sets their categories, and one that is in none."""
        bounds: dict[int, list[np.ndarray[Any, Any]]] = {}
        keys: dict[int, list[np.ndarray[Any, Any]]] = {}
        inner = self.left >= 0
        order = np.argsort(self.column[inner], kind="stable")
        sorted_bounds, column = np.asarray(self.bound[inner][order]), self.column[inner][order]
        starts = np.searchsorted(column, np.arange(len(self.columns) + 1))
        for place, (number, kind, first, last) in enumerate(self.columns.tolist()):
            if kind >= FIRST_SET:
                other = self.members.max(initial=0) + 1
                keys.setdefault(number, []).append(np.append(self.members[first:last], other))
            elif kind < FIRST_ANSWER:
                own = sorted_bounds[starts[place] : starts[place + 1]].astype(self.compare)
                bounds.setdefault(number, []).append(own[np.isfinite(own)])
        return gather_probes(bounds, keys, self.compare)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """The type that leaves are added in, whatever the input's."""
        return self.total
