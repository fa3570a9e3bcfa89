"""Normalizations over the numbers of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, check_axis, check_broadcast
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class LayerNormalization(Op):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments of each row along axes.

    Shapes: x (...), gamma and beta broadcast to it -> y (...).
    """

    axes: tuple[int, ...]
    epsilon: float
    gamma: Tensor | None
    beta: Tensor | None

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        return check_broadcast(x, *(t for t in (self.gamma, self.beta) if t is not None))


@dataclass(frozen=True, eq=False)
class UnitNormalization(Op):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon), the sum along axes."""

    axes: tuple[int, ...]
    epsilon: float

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        return x
