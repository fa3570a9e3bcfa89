"""Arithmetic, element by element: of one input, or between several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from exporter.errors import ShapeError
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape, broadcast_shapes
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Unary(Elementwise):
    """y = function(x), element by element: sqrt, exp, ... as numpy names and computes them."""

    function: str

    traits: ClassVar[Traits] = Traits(crosses_transpose=True)


@dataclass(frozen=True, eq=False)
class Clip(Elementwise):
    """y = min(max(x, low), high)."""

    low: float
    high: float

    traits: ClassVar[Traits] = Traits(crosses_transpose=True, follows=True)

    def probes(self, width: int) -> dict[int, Probe]:
        """Its two ends."""
        ends = np.array([self.low, self.high], np.float64)
        return dict.fromkeys(range(width), Probe(edges=ends[np.isfinite(ends)]))


@dataclass(frozen=True, eq=False)
class NotEqual(Elementwise):
    """y = 1 where x is not value, 0 elsewhere."""

    value: float

    traits: ClassVar[Traits] = PLAIN

    def probes(self, width: int) -> dict[int, Probe]:
        """The number."""
        return dict.fromkeys(range(width), Probe(keys=np.array([self.value])))


@dataclass(frozen=True, eq=False)
class Fill(Elementwise):
    """y = value everywhere."""

    value: float

    traits: ClassVar[Traits] = PLAIN


@dataclass(frozen=True, eq=False)
class Cast(Elementwise):
    """y = x as dtype, float32 or float64: what follows is computed in it.

    Rounded to float32 even where all else is computed in float64, for reference.
    """

    dtype: Literal["float32", "float64"]

    traits: ClassVar[Traits] = Traits(follows=True)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """The type that it says."""
        return self.dtype


@dataclass(frozen=True, eq=False)
class Constant(Op):
    """The same numbers for every row; of no inputs."""

    value: Tensor

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape of the numbers."""
        return tuple(self.value.shape)


@dataclass(frozen=True, eq=False)
class Merge(Op):
    """Base of ops over two or more inputs, element by element.

    Shapes: equal in rank, because a kernel sees the batch in front, and broadcastable.
    """

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shapes broadcast against each other."""
        if len(shapes) < 2:
            raise ShapeError(f"it needs two inputs or more, got {len(shapes)}")
        if len({len(shape) for shape in shapes}) > 1:
            raise ShapeError(f"its inputs {shapes} differ in rank")
        result = shapes[0]
        for shape in shapes[1:]:
            result = broadcast_shapes(result, shape)
        return result


@dataclass(frozen=True, eq=False)
class Add(Merge):
    """y = x0 + x1 + ..."""


@dataclass(frozen=True, eq=False)
class Multiply(Merge):
    """y = x0 * x1 * ..."""


@dataclass(frozen=True, eq=False)
class Average(Merge):
    """y = (x0 + x1 + ...) / count."""


@dataclass(frozen=True, eq=False)
class Maximum(Merge):
    """y = max(x0, x1, ...)."""


@dataclass(frozen=True, eq=False)
class Minimum(Merge):
    """y = min(x0, x1, ...)."""


@dataclass(frozen=True, eq=False)
class Subtract(Merge):
    """y = x0 - x1."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """The two inputs' shapes broadcast against each other."""
        if len(shapes) != 2:
            raise ShapeError(f"it needs exactly two inputs, got {len(shapes)}")
        return super().output_shape(*shapes)


@dataclass(frozen=True, eq=False)
class Divide(Subtract):
    """y = x0 / x1."""


@dataclass(frozen=True, eq=False)
class Power(Subtract):
    """y = x0 to the power of x1."""


@dataclass(frozen=True, eq=False)
class Modulo(Subtract):
    """y = x0 - floor(x0 / x1) * x1, exactly: the remainder with the sign of x1."""


@dataclass(frozen=True, eq=False)
class Compare(Subtract):
    """y = 1 where the relation holds between x0 and x1, 0 elsewhere.

    function is equal, not_equal, less, less_equal, greater or greater_equal; NaN is not equal to
    anything.
    """

    function: str


@dataclass(frozen=True, eq=False)
class Where(Op):
    """y = x where the condition, the first input, is not 0, else the third input.

    Shapes: equal in rank, and broadcastable.
    """

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shapes broadcast against each other."""
        condition, x, other = shapes
        if not len(condition) == len(x) == len(other):
            raise ShapeError(f"its inputs {shapes} differ in rank")
        return broadcast_shapes(condition, broadcast_shapes(x, other))
