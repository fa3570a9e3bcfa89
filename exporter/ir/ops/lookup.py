"""Numbers looked up in tables, put into bins or encoded as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from exporter.errors import ShapeError
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Embedding(Op):
    """y = table[x]; x must be whole numbers from 0 to vocabulary - 1.

    Shapes: x (...), table (vocabulary, n) -> y (..., n).
    """

    table: Tensor

    traits: ClassVar[Traits] = Traits(needs_whole=True)

    @property
    def vocabulary(self) -> int:
        """The table's length."""
        return len(self.table)

    def output_shape(self, *shapes: Shape) -> Shape:
        """A new last axis, n."""
        (x,) = shapes
        return (*x, self.table.shape[1])


@dataclass(frozen=True, eq=False)
class Encode(Op):
    """Whole numbers from 0 to depth - 1 as vectors.

    mode is "one_hot" (a vector for each number), "multi_hot" (one for all along the last axis,
    with ones where they are) or "count" (how often each occurs).
    Shapes: x (..., n) -> y (..., n, depth), or (..., depth).
    """

    depth: int
    mode: str

    traits: ClassVar[Traits] = Traits(needs_whole=True)

    @property
    def vocabulary(self) -> int:
        """The depth."""
        return self.depth

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with depth behind, or in the place of the last axis."""
        (x,) = shapes
        if self.mode != "one_hot" and not x:
            raise ShapeError("it joins the numbers along the last axis, its input has none")
        if self.depth < 1:
            raise ShapeError(f"its depth is {self.depth}")
        return (*x, self.depth) if self.mode == "one_hot" else (*x[:-1], self.depth)


@dataclass(frozen=True, eq=False)
class Bucketize(Elementwise):
    """y = how many of the boundaries, which ascend, are at most x."""

    boundaries: Tensor

    traits: ClassVar[Traits] = PLAIN

    def probes(self, width: int) -> dict[int, Probe]:
        """The boundaries."""
        return dict.fromkeys(range(width), Probe(edges=np.unique(self.boundaries)))


@dataclass(frozen=True, eq=False)
class Lookup(Elementwise):
    """y = the value beside the key that equals x, or default; keys ascend."""

    keys: Tensor
    values: Tensor
    default: float

    traits: ClassVar[Traits] = PLAIN

    def probes(self, width: int) -> dict[int, Probe]:
        """The keys."""
        return dict.fromkeys(range(width), Probe(keys=np.asarray(self.keys, np.float64)))
