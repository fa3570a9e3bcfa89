"""Pooling over windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, count_windows
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Pool(Op):
    """The largest ("max") or mean ("average") value of each window, channel by channel.

    With padding "same", what lies outside the input counts neither as value nor in the mean.
    Shapes: x (n..., c) -> y (o..., c).
    """

    mode: str
    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length by the number of windows."""
        (x,) = shapes
        if len(x) != len(self.size) + 1:
            raise ShapeError(f"it pools over {len(self.size)} axes, the input is {x}")
        ones = (1,) * len(self.size)
        return (*count_windows(x[:-1], self.size, self.strides, ones, self.padding), x[-1])
