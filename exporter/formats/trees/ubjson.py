"""Universal Binary JSON, as XGBoost writes it: sizes are checked before anything is made."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, counted

MAX_DEPTH = 64
MAX_VALUES = 2**26  # Python objects; arrays of one type are no such objects
NUMBERS = {
    b"i": ">i1",
    b"U": ">u1",
    b"I": ">i2",
    b"l": ">i4",
    b"L": ">i8",
    b"d": ">f4",
    b"D": ">f8",
}
CONSTANTS: dict[bytes, Any] = {b"Z": None, b"T": True, b"F": False}
DAMAGED = "it is damaged or not complete ({}). Copy it again, and compare the file's size."


def parse_ubjson(content: bytes) -> Any:
    """The value that the bytes hold; arrays of one type of number are numpy's.

    Raises: ArchiveError, when they are no UBJSON, end too early or hold more behind it.
    """
    reader = _Reader(content)
    try:
        value = reader.read_value(reader.take(1), 0)
    except (struct.error, UnicodeDecodeError) as error:
        raise ArchiveError(DAMAGED.format(error)) from error
    if reader.at != len(content):
        raise ArchiveError(DAMAGED.format(f"{counted(len(content) - reader.at, 'byte')} too many"))
    return value


class _Reader:
    """A place in the bytes, and how many values were made so far."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.values = 0

    def take(self, count: int) -> bytes:
        """The next bytes, all of which must be there."""
        if count < 0 or self.at + count > len(self.content):
            raise ArchiveError(DAMAGED.format(f"byte {self.at:,} asks for {count:,} more"))
        self.at += count
        return self.content[self.at - count : self.at]

    def read_number(self, marker: bytes) -> Any:
        """A number of the marker's type."""
        dtype = np.dtype(NUMBERS[marker])
        return np.frombuffer(self.take(dtype.itemsize), dtype)[0].item()

    def read_size(self) -> int:
        """A whole number that counts something."""
        marker = self.take(1)
        if marker not in NUMBERS or marker in b"dD":
            raise ArchiveError(DAMAGED.format(f"no size at byte {self.at - 1:,}"))
        return int(self.read_number(marker))

    def read_text(self) -> str:
        """A length and as many bytes."""
        return self.take(self.read_size()).decode("utf-8")

    def read_value(self, marker: bytes, depth: int) -> Any:
        """What stands behind a marker."""
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise ArchiveError("it is nested too deeply, or holds too many values.")
        if marker in NUMBERS:
            return self.read_number(marker)
        if marker in CONSTANTS:
            return CONSTANTS[marker]
        if marker in (b"S", b"C"):
            return self.read_text() if marker == b"S" else self.take(1).decode("utf-8")
        if marker == b"[":
            return self.read_array(depth + 1)
        if marker == b"{":
            return self.read_object(depth + 1)
        raise ArchiveError(DAMAGED.format(f"no value at byte {self.at - 1:,}"))

    def read_array(self, depth: int) -> Any:
        """Values up to ], or as many as are told, perhaps of one type."""
        kind, count = self.read_header()
        if kind is not None:
            if kind not in NUMBERS:
                raise ArchiveError(DAMAGED.format(f"an array of {kind!r}"))
            dtype = np.dtype(NUMBERS[kind])
            values = np.frombuffer(self.take(count * dtype.itemsize), dtype)
            return values.astype(dtype.newbyteorder("="))
        result = []
        if count >= 0:
            for _ in range(count):
                result.append(self.read_value(self.take(1), depth))
            return result
        while (marker := self.take(1)) != b"]":
            result.append(self.read_value(marker, depth))
        return result

    def read_header(self) -> tuple[bytes | None, int]:
        """The type that all elements have, None for any, and how many; -1 where it is not told."""
        kind = None
        if self.content[self.at : self.at + 1] == b"$":
            kind = self.take(2)[1:]
            if self.content[self.at : self.at + 1] != b"#":
                raise ArchiveError(DAMAGED.format(f"no size at byte {self.at:,}"))
        if self.content[self.at : self.at + 1] != b"#":
            return kind, -1
        self.take(1)
        count = self.read_size()
        if not 0 <= count <= len(self.content):
            raise ArchiveError(DAMAGED.format(f"{counted(count, 'element')} claimed"))
        return kind, count

    def read_object(self, depth: int) -> dict[str, Any]:
        """Names and values up to }."""
        kind, count = self.read_header()
        if kind is not None or count >= 0:
            raise ArchiveError(DAMAGED.format(f"an object of one type at byte {self.at:,}"))
        result: dict[str, Any] = {}
        while self.content[self.at : self.at + 1] != b"}":
            name = self.read_text()
            result[name] = self.read_value(self.take(1), depth)
        self.take(1)
        return result
