"""Ops that put numbers elsewhere: they join, cut, reorder and repeat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, check_axis
from exporter.ir.ops.tensor import Dtype
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Concatenate(Op):
    """Join the inputs along axis."""

    axis: int

    traits: ClassVar[Traits] = Traits(moves=True, keeps_all=True, takes=None, gives=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shapes must agree but for axis, whose lengths add up."""
        first, *others = shapes
        check_axis(self.axis, first)
        total = first[self.axis]
        for other in others:
            if len(other) != len(first) or any(
                a != b for i, (a, b) in enumerate(zip(first, other, strict=True)) if i != self.axis
            ):
                raise ShapeError(f"cannot join {first} and {other} along axis {self.axis}")
            length = other[self.axis]
            total = None if total is None or length is None else total + length
        return (*first[: self.axis], total, *first[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The same numbers in row-major order, as shape; one axis may be -1."""

    shape: tuple[int, ...]

    traits: ClassVar[Traits] = Traits(
        moves=True, keeps_all=True, stays=True, takes=None, gives=None
    )

    def output_shape(self, *shapes: Shape) -> Shape:
        """The new shape, with -1 worked out where the input's size is known."""
        (x,) = shapes
        known = math.prod(n for n in self.shape if n != -1)
        size = None if None in x else math.prod(n for n in x if n is not None)
        if self.shape.count(-1) > 1 or any(n < -1 for n in self.shape):
            raise ShapeError(f"cannot give {x} the shape {self.shape}")
        if size is None:
            return tuple(None if n == -1 else n for n in self.shape)
        fits = size == known if -1 not in self.shape else known and size % known == 0
        if not fits:
            raise ShapeError(f"cannot give {x} the shape {self.shape}")
        return tuple(size // known if n == -1 else n for n in self.shape)


@dataclass(frozen=True, eq=False)
class Transpose(Op):
    """Reorder the axes: axis i of the result is axis axes[i] of the input."""

    axes: tuple[int, ...]

    traits: ClassVar[Traits] = Traits(moves=True, keeps_all=True, takes=None, gives=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's lengths in the new order."""
        (x,) = shapes
        if sorted(self.axes) != list(range(len(x))):
            raise ShapeError(f"cannot reorder the axes of {x} as {self.axes}")
        return tuple(x[axis] for axis in self.axes)


@dataclass(frozen=True, eq=False)
class Pad(Op):
    """Put value around each axis: widths are (before, after) of each."""

    widths: tuple[tuple[int, int], ...]
    value: float = 0.0

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """Each length with its two widths added."""
        (x,) = shapes
        if len(x) != len(self.widths) or any(n < 0 for pair in self.widths for n in pair):
            raise ShapeError(f"cannot pad the input {x} by {self.widths}")
        return tuple(
            None if n is None else n + before + after
            for n, (before, after) in zip(x, self.widths, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Cut(Op):
    """Of each axis the positions start, start + step, ... before stop, as Python slices count."""

    slices: tuple[tuple[int | None, int | None, int | None], ...]

    traits: ClassVar[Traits] = Traits(moves=True, takes=None, gives=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many positions are taken of each axis."""
        (x,) = shapes
        if len(x) != len(self.slices) or any(step == 0 for _, _, step in self.slices):
            raise ShapeError(f"cannot cut {self.slices} from the input {x}")
        lengths: list[int | None] = []
        for n, (start, stop, step) in zip(x, self.slices, strict=True):
            if n is not None:
                lengths.append(len(range(n)[start:stop:step]))
            elif (start, stop, step) == (-1, None, None) or stop == (start or 0) + 1 > 0:
                lengths.append(1)
            else:
                lengths.append(None)
        if 0 in lengths:
            raise ShapeError(f"nothing is left of the input {x}")
        return tuple(lengths)


@dataclass(frozen=True, eq=False)
class Repeat(Op):
    """Each position along axis, times times in a row."""

    times: int
    axis: int

    traits: ClassVar[Traits] = Traits(moves=True, keeps_all=True)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, times as long along axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        if self.times < 1:
            raise ShapeError(f"it repeats {self.times} times")
        length = x[self.axis]
        longer = None if length is None else length * self.times
        return (*x[: self.axis], longer, *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class FoldTime(Op):
    """Each step becomes a row of its own, for what a layer does to every step alike.

    Shapes: x (steps, ...) -> y (...), with steps times as many rows.
    """

    traits: ClassVar[Traits] = Traits(
        moves=True, keeps_all=True, stays=True, takes=None, gives=None
    )

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without its first axis."""
        (x,) = shapes
        check_axis(0, x)
        return x[1:]


@dataclass(frozen=True, eq=False)
class UnfoldTime(Op):
    """The reverse of FoldTime; the second input is what was folded, and tells its steps.

    Shapes: x (...), folded (steps, ...) -> y (steps, ...), with as many rows as folded.
    """

    traits: ClassVar[Traits] = Traits(stays=True)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The steps of the second input before the shape of the first."""
        x, folded = shapes
        check_axis(0, folded)
        return (folded[0], *x)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """That of the first: of the second nothing but its steps is used."""
        return dtypes[0]
