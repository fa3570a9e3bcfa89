"""Activation functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from exporter.errors import ShapeError
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.shapes import Shape, check_axis, check_broadcast
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Activation(Elementwise):
    """y = function(x), element by element; parameters are the function's own."""

    function: str
    options: tuple[tuple[str, float | bool], ...] = ()

    traits: ClassVar[Traits] = Traits(crosses_transpose=True)

    def parameters(self) -> dict[str, Any]:
        """The function's name and its parameters."""
        return {"function": self.function, "parameters": dict(self.options)}

    @classmethod
    def restore(cls, parameters: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Activation:
        """The function that has these parameters()."""
        return cls(parameters["function"], tuple(parameters["parameters"].items()))


@dataclass(frozen=True, eq=False)
class Softmax(Op):
    """y = exp(x) / sum(exp(x)) along axis."""

    axis: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return x


@dataclass(frozen=True, eq=False)
class LogSoftmax(Softmax):
    """y = log(softmax(x)) along axis."""


@dataclass(frozen=True, eq=False)
class Sparsemax(Softmax):
    """y = max(x - t, 0) along axis, t as Keras computes it (see the kernel)."""


@dataclass(frozen=True, eq=False)
class Glu(Op):
    """y = a * sigmoid(b), where a and b are the halves of x along axis."""

    axis: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with half the length, which must be even, along axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        length = x[self.axis]
        if length is not None and length % 2:
            raise ShapeError(f"it halves axis {self.axis}, whose length in {x} is odd")
        half = None if length is None else length // 2
        return (*x[: self.axis], half, *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Prelu(Op):
    """y = x for x >= 0, alpha * x below; alpha broadcast to the input's shape."""

    alpha: Tensor

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which alpha must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.alpha)
