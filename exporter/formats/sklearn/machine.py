"""What pickles are read with: a stack, marks on it, a memo, and a place in the content."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.inert import Budget, Name, Record

MAX_MARKS = 10_000
MAX_KEY_DEPTH = 3  # of tuples that are keys
MAX_KEY_LENGTH = 16
MAX_TUPLE_KEYS = 10_000  # whose hashes a file could make collide
MAX_KEY_NUMBER = 2**64
ENDS = "the file is damaged or not complete: it ends in the middle of a pickle."

Build: TypeAlias = "Callable[[Machine, Record, Any], Any]"
"""What else a record becomes when it is given its state; None when it stays one."""


class Machine:
    """The stack, the marks on it, the memo, and where in the content the next opcode is."""

    def __init__(
        self, content: bytes | memoryview, position: int, budget: Budget, builders: dict[str, Build]
    ) -> None:
        self.content = memoryview(content)
        self.position = position
        self.budget = budget
        self.builders = builders
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.places: dict[Record, list[int]] = {}  # of those in the memo, which may become others
        self.tuple_keys = 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self.position + count
        if count < 0 or end > len(self.content):
            raise ArchiveError(ENDS)
        self.budget.spend(count)
        data = bytes(self.content[self.position : end])
        self.position = end
        return data

    def line(self) -> bytes:
        """The bytes up to the end of the line."""
        window = 256
        while True:
            part = bytes(self.content[self.position : self.position + window])
            end = part.find(b"\n")
            if end >= 0:
                self.position += end + 1
                return part[:end]
            if self.position + window >= len(self.content):
                raise ArchiveError(ENDS)
            window *= 4

    def number(self, form: str) -> Any:
        """A number of the stream, in struct's notation."""
        (value,) = struct.unpack_from(form, self.content, self.position)
        self.position += struct.calcsize(form)
        return value

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a list of operands."""
        if len(self.below) >= MAX_MARKS:
            raise ArchiveError("the pickle is nested too deeply.")
        self.below.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        """Everything since the last mark, which goes."""
        items = self.stack
        self.stack = self.below.pop()
        return items

    def remember(self, place: int) -> None:
        """Put the top of the stack into the memo."""
        value = self.stack[-1]
        self.memo[place] = value
        if isinstance(value, Record):
            self.places.setdefault(value, []).append(place)

    def check_key(self, key: Any, depth: int = 0) -> Any:
        """A key of a dictionary or element of a set, of a kind whose hash costs little.

        Raises: ArchiveError, for other ones.
        """
        if isinstance(key, (tuple, frozenset)):
            self.tuple_keys += 1
            fits = len(key) <= MAX_KEY_LENGTH and depth < MAX_KEY_DEPTH
            if fits and self.tuple_keys <= MAX_TUPLE_KEYS:
                for item in key:
                    self.check_key(item, depth + 1)
                return key
        elif isinstance(key, int):
            if abs(key) <= MAX_KEY_NUMBER:
                return key
        elif key is None or isinstance(key, (str, bytes, float, Name, Record, np.generic)):
            return key
        raise ArchiveError("a dictionary or set in the pickle has a key that no model has.")

    def append(self, target: Any, items: list[Any]) -> None:
        """Add elements to a list, a set, or a record of a subclass of list."""
        if isinstance(target, set):
            target.update([self.check_key(item) for item in items])
        elif isinstance(target, (list, Record)):
            (target.items if isinstance(target, Record) else target).extend(items)
        else:
            raise ArchiveError("the pickle appends to what is no list.")

    def set_items(self, target: Any, items: list[Any]) -> None:
        """Add pairs to a dictionary, or a record of a subclass of dict."""
        if not isinstance(target, (dict, Record)) or len(items) % 2:
            raise ArchiveError("the pickle sets keys of what is no dictionary.")
        pairs = target.pairs if isinstance(target, Record) else target
        for place in range(0, len(items), 2):
            pairs[self.check_key(items[place])] = items[place + 1]
