"""Products with weights, and scales and offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape, broadcast_shapes, check_broadcast
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Product(Op):
    """Base of products that take in what is affine around them: kernel and bias are all they have.

    outputs_axis is the axis of the kernel along which the last axis of the result lies.
    """

    kernel: Tensor
    bias: Tensor | None

    traits: ClassVar[Traits] = PLAIN
    outputs_axis: ClassVar[int] = -1


@dataclass(frozen=True, eq=False)
class Dense(Product):
    """y = x @ kernel + bias.

    Shapes: x (..., n), kernel (n, m), bias (m,) -> y (..., m).
    """

    bias: Tensor | None = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace the last axis, n, by m."""
        (x,) = shapes
        rows, columns = self.kernel.shape
        if not x or x[-1] != rows:
            raise ShapeError(
                f"its kernel takes {counted(rows, 'value')} on the last axis, the input is {x}"
            )
        return (*x[:-1], columns)


@dataclass(frozen=True, eq=False)
class Affine(Op):
    """y = x * scale + offset, both broadcast to the input's shape."""

    scale: Tensor
    offset: Tensor

    traits: ClassVar[Traits] = Traits(follows=True)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which scale and offset must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.scale, self.offset)

    def probes(self, width: int) -> dict[int, Probe]:
        """Numbers are ordinary where the result is between 0 and 1, as scalers make it."""
        scale, offset = (np.broadcast_to(t, (width,)) for t in (self.scale, self.offset))
        return {
            place: Probe(middle=float((0.5 - b) / a), spread=float(0.5 / abs(a)))
            for place, (a, b) in enumerate(zip(scale, offset, strict=True))
            if a and np.isfinite(b / a)
        }


@dataclass(frozen=True, eq=False)
class Standardize(Op):
    """y = (x - mean) / deviation, both broadcast to the input's shape.

    Kept apart from Affine: for features far from zero, x * scale + offset cancels in float32.
    """

    mean: Tensor
    deviation: Tensor

    traits: ClassVar[Traits] = Traits(follows=True)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which mean and deviation must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.mean, self.deviation)

    def probes(self, width: int) -> dict[int, Probe]:
        """Numbers are ordinary around the mean."""
        mean, deviation = (np.broadcast_to(t, (width,)) for t in (self.mean, self.deviation))
        return {
            place: Probe(middle=float(m), spread=float(abs(d)) or 1.0)
            for place, (m, d) in enumerate(zip(mean, deviation, strict=True))
        }


@dataclass(frozen=True, eq=False)
class Matmul(Op):
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (..., n, k), x1 (..., k, m) -> y (..., n, m); the leading axes broadcast.
    """

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' leading axes, rows of the first, columns of the second."""
        a, b = shapes
        if len(a) != len(b) or len(a) < 2 or a[-1] != b[-2]:
            raise ShapeError(f"cannot multiply matrices of shapes {a} and {b}")
        return (*broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
