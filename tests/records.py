"""Rows of columns as PostgreSQL's records lie in memory, written field by field."""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from messages import numeric

# Letter: code of struct and size; int8 and float8 come first, then what is smaller.
TYPES = {"d": ("d", 8), "q": ("q", 8), "s": ("q", 8), "f": ("f", 4), "i": ("i", 4), "y": ("i", 4),
         "h": ("h", 2), "b": ("B", 1)}  # fmt: skip
ORDER = "dqsfiyhbnt"
MARK = b"\xfe\xff\xff\xff"


def pack(letters: str, values: Sequence[Any], is_long: bool = False, typmod: int = 0) -> bytes:
    """One row; is_long gives texts and numeric four bytes of length, as attributes of more than
    126 bytes have them. Capital N and T: as Greenplum writes lengths."""
    head = MARK + letters.encode() + b"\0"
    is_big = letters != letters.lower() or sys.byteorder == "big"
    letters = letters.lower()
    places = sorted(range(len(letters)), key=lambda place: ORDER.index(letters[place]))
    data = b""
    bits = 0
    for number, place in enumerate(places):
        if values[place] is None:
            continue
        bits |= 1 << number
        data = append(data, letters[place], values[place], is_long, is_big)
    has_nulls = None in values
    bitmap = bits.to_bytes((len(letters) + 7) // 8, "little") if has_nulls else b""
    start = -(-(23 + len(bitmap)) // 8) * 8
    header = struct.pack(
        "=iI6sHHB", typmod, 2249, b"\xff\xff\xff\xff\0\0", len(letters), 0x0802 | has_nulls, start
    )
    record = (header + bitmap).ljust(start - 4, b"\0") + data
    return head + record


def append(data: bytes, letter: str, value: Any, is_long: bool, is_big: bool) -> bytes:
    """What lies before, and one attribute."""
    if letter in TYPES:
        code, size = TYPES[letter]
        return data.ljust(-(-len(data) // size) * size, b"\0") + struct.pack("=" + code, value)
    raw = value.encode() if letter == "t" else without_length(numeric(Decimal(value)))
    if len(raw) <= 126 and not is_long:
        first = len(raw) + 1 | 128 if is_big else (len(raw) + 1) << 1 | 1
        return data + bytes([first]) + raw
    length = struct.pack(">I", len(raw) + 4) if is_big else struct.pack("<I", (len(raw) + 4) << 2)
    return data.ljust(-(-len(data) // 4) * 4, b"\0") + length + raw


def without_length(message: bytes) -> bytes:
    """A number of numeric without its length and padding."""
    (word,) = struct.unpack_from("=I", message)
    return message[4 : word >> 2 if sys.byteorder == "little" else word & 0x3FFFFFFF]
