"""A reader of pickles, protocols 0 to 5, that imports nothing and calls nothing.

It is the stack machine of the pickle format with one difference: where Python's would look a class
up it makes a Name, and where it would call one a Record. The few calls that every model holds
(dictionaries, sets, arrays and numbers of numpy) are computed here from their arguments.
"""

from __future__ import annotations

import struct
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.sklearn.inert import Budget
from exporter.formats.sklearn.machine import ENDS, Build, Machine
from exporter.formats.sklearn.opcodes import STEPS

MAX_STEPS = 50_000_000  # opcodes: some seconds
STOP = ord(".")
DAMAGE = (
    IndexError, KeyError, ValueError, TypeError, OverflowError, RecursionError, MemoryError,
    UnicodeError, struct.error,
)  # fmt: skip


def read_pickle(content: bytes | memoryview, builders: dict[str, Build] | None = None) -> Any:
    """The value that a pickle describes.

    builders make something else of a Record of a class of this name (module.name) when it is
    given its state; they may read on in the content.

    Raises: ArchiveError, when it is damaged, holds what has no meaning by itself, or is too much.
    """
    machine = Machine(content, 0, Budget(), builders or {})
    value = run(machine)
    if machine.position < len(content):
        raise ArchiveError(
            "the file holds more than one pickle, one behind the other."
            " Save the whole model as one object: a Pipeline of its steps."
        )
    return value


def run(machine: Machine) -> Any:
    """Follow the opcodes to the end of the pickle; position is behind it then."""
    try:
        for _ in range(MAX_STEPS):
            code = machine.content[machine.position]
            machine.position += 1
            if code == STOP:
                return machine.stack.pop()
            step = STEPS[code]
            if step is None:
                raise ArchiveError(
                    f"the file is damaged, or no pickle: byte {code} at {machine.position - 1:,}"
                    " is no opcode."
                )
            step(machine)
    except DAMAGE as error:
        if machine.position >= len(machine.content):
            raise ArchiveError(ENDS) from error
        raise ArchiveError(
            f"the pickle is damaged at byte {machine.position:,} ({type(error).__name__})."
        ) from error
    raise ArchiveError(f"the pickle has more than {MAX_STEPS:,} steps.")
