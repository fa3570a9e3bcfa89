"""What every op is: a frozen class whose fields are tensors and JSON values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from exporter.errors import ShapeError
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import Traits

MAX_BATCH_ROWS = 1024  # beyond it batches are no faster for most ops: the caches are full


@dataclass(frozen=True, eq=False)
class Op:
    """One operation without its inputs; fields are tensors and JSON values.

    traits is what else there is to know of it; each op or its family says it.
    """

    traits: ClassVar[Traits]

    def __post_init__(self) -> None:
        """Refuse an array that is no Tensor: it has no name that tells it from others."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray) and not isinstance(value, Tensor):
                raise TypeError(f"{item.name} of {self.kernel_name} is an array, not a Tensor")

    @property
    def kernel_name(self) -> str:
        """Name of the kernel that computes it."""
        return name_kernel(type(self))

    @classmethod
    def restore(cls, parameters: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Op:
        """The op that has these parameters(), after JSON, and these tensors()."""
        given = {
            name: _unshift_axes(value) if name in ("axis", "axes") else _frozen(value)
            for name, value in parameters.items()
        } | dict(tensors)
        return cls(**{item.name: given.get(item.name) for item in fields(cls)})

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shape of the result for inputs of these shapes.

        Raises: ShapeError, when the inputs do not fit the op.
        """
        raise NotImplementedError

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """Type of the result for inputs of these types: the one of all inputs and weights.

        Raises: ShapeError, when they are float32 and float64: a Cast says which it is to be.
        """
        if self.traits.gives == "texts" or (self.traits.gives is None and "text" in dtypes):
            return "text"
        names = {tensor.dtype.name for tensor in self.tensors().values()} | set(dtypes)
        if {"float32", "float64"} <= names:
            raise ShapeError("it mixes float32 and float64; a Cast has to come before it")
        return "float64" if "float64" in names else "float32"

    @property
    def vocabulary(self) -> int | None:
        """How many whole numbers, from 0 on, it takes; None where it takes any number."""
        return None

    @property
    def refuses(self) -> bool:
        """Whether it raises an error for some rows: so it does where no result needs it."""
        return False

    @property
    def batch_rows(self) -> int:
        """How many rows it is best given at once."""
        return MAX_BATCH_ROWS

    def probes(self, width: int) -> dict[int, Probe]:
        """What it tells apart, by place in a row of its first input, which has width elements."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """The fields that are weights, by name; those that are None are left out."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Tensor)}

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
class Elementwise(Op):
    """Base of ops that keep the shape of their only input."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


def name_kernel(kind: type[Op]) -> str:
    """The kernel of a class of ops: its name in snake case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


def _shift_axes(value: Any) -> Any:
    return [axis + 1 for axis in value] if isinstance(value, tuple) else value + 1


def _unshift_axes(value: Any) -> Any:
    return tuple(axis - 1 for axis in value) if isinstance(value, list) else value - 1


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    """Lists of JSON as tuples, which fields of ops are."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
