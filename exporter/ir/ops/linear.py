"""Products with weights, and scales and offsets."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, Tensor, broadcast_shapes, check_broadcast


@dataclass(frozen=True, eq=False)
class Dense(Op):
    """y = x @ kernel + bias.

    Shapes: x (..., n), kernel (n, m), bias (m,) -> y (..., m).
    """

    kernel: Tensor
    bias: Tensor | None = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace the last axis, n, by m."""
        (x,) = shapes
        rows, columns = self.kernel.shape
        if not x or x[-1] != rows:
            raise ShapeError(f"its kernel takes {rows} values on the last axis, the input is {x}")
        return (*x[:-1], columns)


@dataclass(frozen=True, eq=False)
class Affine(Op):
    """y = x * scale + offset, both broadcast to the input's shape."""

    scale: Tensor
    offset: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which scale and offset must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.scale, self.offset)


@dataclass(frozen=True, eq=False)
class Standardize(Op):
    """y = (x - mean) / deviation, both broadcast to the input's shape.

    Kept apart from Affine: for features far from zero, x * scale + offset cancels in float32.
    """

    mean: Tensor
    deviation: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which mean and deviation must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.mean, self.deviation)


@dataclass(frozen=True, eq=False)
class Matmul(Op):
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (..., n, k), x1 (..., k, m) -> y (..., n, m); the leading axes broadcast.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' leading axes, rows of the first, columns of the second."""
        a, b = shapes
        if len(a) != len(b) or len(a) < 2 or a[-1] != b[-2]:
            raise ShapeError(f"cannot multiply matrices of shapes {a} and {b}")
        return (*broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
