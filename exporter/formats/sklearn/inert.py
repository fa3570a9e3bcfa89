"""What a pickle becomes here: values that hold what it says and do nothing.

A class or function is a Name, a call of one or an object of one a Record; numbers, texts, lists and
dictionaries are themselves, arrays are numpy's, made from their bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.errors import ArchiveError

MAX_BYTES = 2 * 2**30  # of a file after decompression, and of what is made of it besides
EMPTY: Mapping[str, Any] = {}


class ByteText(str):
    """A Python 2 str, whose bytes are text in UTF-8 or data, which only their use tells. Bytes that
    are no UTF-8 are halves of surrogate pairs, which no text holds."""

    __slots__ = ()

    @classmethod
    def of(cls, data: bytes) -> ByteText:
        """The text of these bytes."""
        return cls(data.decode("utf-8", "surrogateescape"))

    def data(self) -> bytes:
        """The bytes."""
        return self.encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Name:
    """A class or function by the name of its module and its own; nothing is looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, slots=True)
class Record:
    """An object: its class, what that was called with, and what it was then filled with.

    state is what __setstate__ would get; items and pairs what a subclass of list or dict holds.
    """

    module: str
    name: str
    args: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    pairs: dict[Any, Any] = field(default_factory=dict)

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The state by name, empty where it is something else."""
        if isinstance(self.state, dict):
            return self.state
        if isinstance(self.state, tuple) and len(self.state) == 2:  # __dict__ and __slots__
            parts = [part for part in self.state if isinstance(part, dict)]
            return {name: value for part in parts for name, value in part.items()}
        return EMPTY

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def __repr__(self) -> str:
        return f"<record of {self}>"  # a state may hold the record itself, or be endless


class Budget:
    """How much may be made of a file beyond its own bytes, counted over all of it."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self.left = most

    def spend(self, count: int) -> None:
        """Count bytes before they are allocated.

        Raises: ArchiveError, when it is too much.
        """
        self.left -= count
        if count < 0 or self.left < 0:
            raise ArchiveError(
                f"the file unfolds into more than {MAX_BYTES:,} bytes; nothing of it was executed."
                " If it is a model that you trained, save its pipeline alone, without data."
            )
