"""Convolutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.linear import Product
from exporter.ir.ops.shapes import Shape, count_windows
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Conv(Product):
    """Convolution over 1, 2 or 3 spatial axes: each window times kernel, plus bias.

    The inputs' channels fall into groups, each seen by filters / groups of the filters.
    padding is "valid" (none), "same" (zeros, so that strides alone decide the result's length) or
    "causal" (zeros in front only).
    Shapes: x (n..., c), kernel (k..., c / groups, m), bias (m,) -> y (o..., m).
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str
    groups: int = 1

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length by the number of windows, the channels by the filters."""
        (x,) = shapes
        *size, depth, filters = self.kernel.shape
        if len(x) != len(size) + 1 or x[-1] != depth * self.groups or filters % self.groups:
            raise ShapeError(
                f"its kernel {self.kernel.shape} in {self.groups} groups does not fit {x}"
            )
        return (*count_windows(x[:-1], size, self.strides, self.dilation, self.padding), filters)


@dataclass(frozen=True, eq=False)
class ConvTranspose(Product):
    """Transposed convolution: each position adds its channels times kernel to a window of y.

    before is how many positions are cut from the front of each axis, after likewise from the
    end; a negative after adds zeros.
    Shapes: x (n..., c), kernel (k..., m, c), bias (m,) -> y (o..., m),
    o = (n - 1) * stride + (k - 1) * dilation + 1 - before - after.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    outputs_axis: ClassVar[int] = -2

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length, and the channels by the filters."""
        (x,) = shapes
        *size, filters, depth = self.kernel.shape
        if len(x) != len(size) + 1 or x[-1] != depth:
            raise ShapeError(f"its kernel {self.kernel.shape} does not fit the input {x}")
        lengths = [
            None if n is None else (n - 1) * s + (k - 1) * d + 1 - first - last
            for n, k, s, d, first, last in zip(
                x[:-1], size, self.strides, self.dilation, self.before, self.after, strict=True
            )
        ]
        if any(n is not None and n < 1 for n in lengths):
            raise ShapeError(f"nothing is left of the input {x}")
        return (*lengths, filters)


@dataclass(frozen=True, eq=False)
class LocallyConnected(Op):
    """Convolution whose kernel differs from position to position.

    Shapes: x (n..., c), kernel (o..., k..., c, m), bias (o..., m) -> y (o..., m).
    """

    kernel: Tensor
    bias: Tensor | None
    strides: tuple[int, ...]

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The kernel's positions and filters."""
        (x,) = shapes
        rank = len(self.strides)
        counts, size = self.kernel.shape[:rank], self.kernel.shape[rank : 2 * rank]
        depth, filters = self.kernel.shape[2 * rank :]
        if len(x) != rank + 1 or x[-1] != depth:
            raise ShapeError(f"its kernel {self.kernel.shape} does not fit the input {x}")
        found = count_windows(x[:-1], size, self.strides, (1,) * rank, "valid")
        if found != counts:
            raise ShapeError(f"its kernel is for {counts} positions, the input {x} has {found}")
        return (*counts, filters)
