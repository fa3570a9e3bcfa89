"""Sums, means and extremes along axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, check_axis, fits
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Reduce(Op):
    """The mean, sum, max, min or prod over axes, which go, or stay with length 1."""

    function: str
    axes: tuple[int, ...]
    keepdims: bool = False

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without axes, or with length 1 there."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        kept = ((axis, n) for axis, n in enumerate(x) if self.keepdims or axis not in self.axes)
        return tuple(1 if axis in self.axes else n for axis, n in kept)


@dataclass(frozen=True, eq=False)
class FindExtreme(Op):
    """y = where along axis the largest ("max") or smallest ("min") number stands first.

    NaN is passed over, and -0 is smaller than 0, as in Keras.
    """

    function: str
    axis: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return (*x[: self.axis], *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Cumulate(Op):
    """y = the sum ("sum") or product ("prod") of all numbers along axis up to this one."""

    function: str
    axis: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return x


@dataclass(frozen=True, eq=False)
class MaskedMean(Op):
    """y = sum(x * mask) / sum(mask) along axis; NaN where the mask is 0 all along.

    Shapes: x (..., steps, ...), mask (steps,) -> y without the axis.
    """

    axis: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The first input's shape without the axis."""
        x, mask = shapes
        check_axis(self.axis, x)
        if len(mask) != 1 or not fits(x[self.axis], mask[0]):
            raise ShapeError(f"its mask is {mask}, axis {self.axis} of its input is {x}")
        return (*x[: self.axis], *x[self.axis + 1 :])
