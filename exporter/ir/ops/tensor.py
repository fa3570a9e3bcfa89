"""Weights as values: read-only numbers with a name, a digest and a type."""

from __future__ import annotations

import hashlib
import itertools
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

Key: TypeAlias = tuple[str, str]
Dtype: TypeAlias = Literal["float32", "float64", "text"]
CODES = {"float32": "f4", "float64": "f8", "int32": "i4"}  # of tensors, as plans name them
_serials = itertools.count(1)


class Tensor(np.ndarray[Any, np.dtype[Any]]):
    """Numbers that never change, and a name for where they came from.

    Two weights are one and the same where name and digest are: a layer that is called twice gives
    both ops the same name. Equal numbers alone are not enough, for two layers that happen to be
    equal stay two. What is made from a weight, or given no name, has one like no other.
    """

    name: str

    def __array_finalize__(self, other: np.ndarray[Any, Any] | None) -> None:
        """Called by numpy for whatever is made from a weight."""
        self.name = f"#{next(_serials)}"

    @cached_property
    def digest(self) -> str:
        """Hex sha256 of the numbers as a plan's block holds them."""
        return hashlib.sha256(self.stored()).hexdigest()

    @property
    def key(self) -> Key:
        """What tells a weight from all others: its name and its digest."""
        return self.name, self.digest

    def stored(self) -> memoryview:
        """The numbers as a plan's block holds them: row-major, little-endian. Where they lie so
        already it is their own memory."""
        plain = np.ascontiguousarray(self, dtype=f"<{self.code}")
        return plain.reshape(-1).view(np.uint8).data

    @property
    def code(self) -> str:
        """Its type, one of CODES."""
        return CODES[self.dtype.name]


def as_tensor(
    array: np.ndarray[Any, Any],
    name: str | None = None,
    *,
    dtype: str = "float32",
) -> Tensor:
    """A read-only, contiguous copy in one of the types that tensors have; int32 is for places."""
    tensor = named(np.array(array, dtype=dtype, order="C"), name)
    tensor.flags.writeable = False
    return tensor


def named(array: np.ndarray[Any, Any], name: str | None = None) -> Tensor:
    """The same memory with a name; without one it is like no other weight."""
    tensor = array.view(Tensor)
    tensor.name = tensor.name if name is None else name
    return tensor
