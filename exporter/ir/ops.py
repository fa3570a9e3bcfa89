"""The ops that every layer is lowered to; one kernel of the same name in each runtime.

Shapes leave out the batch axis; None is a length that is known only when a row is scored.
Axes count from 0 without the batch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import ShapeError

Shape: TypeAlias = tuple[int | None, ...]
Tensor: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, eq=False)
class Op:
    """One operation without its inputs; fields are tensors and JSON values."""

    @property
    def kernel_name(self) -> str:
        """Name of the kernel that computes it: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shape of the result for inputs of these shapes.

        Raises: ShapeError, when the inputs do not fit the op.
        """
        raise NotImplementedError

    def tensors(self) -> dict[str, Tensor]:
        """The fields that are weights, by name; those that are None are left out."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def parameters(self) -> dict[str, Any]:
        """The fields that are not weights, as the kernel takes them.

        Axes are shifted by one there, because a kernel sees the batch as axis 0.
        """
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: (_shift_axes(value) if name in ("axis", "axes") else _plain(value))
            for name, value in values.items()
            if not isinstance(value, np.ndarray) and value is not None
        }


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
class Elementwise(Op):
    """Base of ops that keep the shape of their only input."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


@dataclass(frozen=True, eq=False)
class Activation(Elementwise):
    """y = function(x), element by element; parameters are the function's own."""

    function: str
    options: tuple[tuple[str, float | bool], ...] = ()

    def parameters(self) -> dict[str, Any]:
        """The function's name and its parameters."""
        return {"function": self.function, "parameters": dict(self.options)}


@dataclass(frozen=True, eq=False)
class Softmax(Op):
    """y = exp(x) / sum(exp(x)) along axis."""

    axis: int

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
class Prelu(Op):
    """y = x for x >= 0, alpha * x below; alpha broadcast to the input's shape."""

    alpha: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which alpha must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.alpha)


@dataclass(frozen=True, eq=False)
class Concatenate(Op):
    """Join the inputs along axis."""

    axis: int

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
class Merge(Op):
    """Base of ops over two or more inputs, element by element.

    Shapes: equal in rank, because a kernel sees the batch in front, and broadcastable.
    """

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
class Reshape(Op):
    """The same numbers in row-major order, as shape; one axis may be -1."""

    shape: tuple[int, ...]

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

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's lengths in the new order."""
        (x,) = shapes
        if sorted(self.axes) != list(range(len(x))):
            raise ShapeError(f"cannot reorder the axes of {x} as {self.axes}")
        return tuple(x[axis] for axis in self.axes)


def check_axis(axis: int, shape: Shape) -> None:
    """Raise ShapeError unless shape has this axis, counted from 0."""
    if not 0 <= axis < len(shape):
        raise ShapeError(f"it works along axis {axis}, the input {shape} has no such axis")


def check_broadcast(shape: Shape, *tensors: Tensor) -> Shape:
    """Return shape; raise ShapeError unless every tensor broadcasts to exactly it."""
    for tensor in tensors:
        if broadcast_shapes(shape, tensor.shape) != shape:
            raise ShapeError(f"its weights have shape {tensor.shape}, the input is {shape}")
    return shape


def broadcast_shapes(a: Shape, b: Shape) -> Shape:
    """Shape of a + b by numpy's rules; None fits any length.

    Raises: ShapeError, when they do not broadcast.
    """
    rank = max(len(a), len(b))
    padded_a: Shape = (1,) * (rank - len(a)) + a
    padded_b: Shape = (1,) * (rank - len(b)) + b
    result: list[int | None] = []
    for m, n in zip(padded_a, padded_b, strict=True):
        if m == n or n == 1:
            result.append(m)
        elif m == 1:
            result.append(n)
        elif m is None or n is None:
            result.append(n if m is None else m)
        else:
            raise ShapeError(f"shapes {a} and {b} do not fit together")
    return tuple(result)


def as_tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """A read-only, contiguous float32 copy."""
    tensor = np.array(array, dtype=np.float32, order="C")
    tensor.flags.writeable = False
    return tensor


def _shift_axes(value: Any) -> Any:
    return [axis + 1 for axis in value] if isinstance(value, tuple) else value + 1


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
