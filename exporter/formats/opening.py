"""Files that may be opened: regular ones, which end, and stay the same while they are read."""

from __future__ import annotations

import hashlib
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from exporter.errors import ArchiveError

WHEN_WRITTEN = (
    "wait until it is written (a training that still runs writes its checkpoints again and again),"
    " or export a copy."
)
OTHER_KINDS = (
    (stat.S_ISFIFO, "a FIFO (a named pipe, or the shell's <(...))"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# What h5py, zipfile and other readers raise on broken files, at any step.
DAMAGE = (
    OSError, KeyError, RuntimeError, EOFError, MemoryError, NotImplementedError, UnicodeDecodeError,
    struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
MAX_WEIGHTS_BYTES = 2 * 2**30


def require_regular(path: Path) -> None:
    """Refuse what would block, never end or be gone after the first reading; links are followed.

    Raises: ArchiveError, naming what it is instead; OSError, when it is not there.
    """
    mode = path.stat().st_mode
    what = next((name for is_kind, name in OTHER_KINDS if is_kind(mode)), None)
    if what is not None:
        raise ArchiveError(
            f"{path} is {what}, and a model is read more than once."
            f" Copy it into a file first: cat {path} > model.keras"
        )


State: TypeAlias = tuple[int, int, int]


@contextmanager
def unchanged(path: Path, before: State | None = None) -> Iterator[None]:
    """What is done meanwhile is refused when the file changed, since before if that is given.

    Raises: ArchiveError, also in place of an error that the change may have caused.
    """
    before = file_state(path) if before is None else before
    changed = ArchiveError(f"{path} changed while it was read; {WHEN_WRITTEN}")
    try:
        yield
    except Exception as error:
        if file_state(path) != before:
            raise changed from error
        raise
    if file_state(path) != before:
        raise changed


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What readers raise meanwhile on a file that is broken, or may not be read, says so.

    Raises: ArchiveError.
    """
    try:
        yield
    except PermissionError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error
    except DAMAGE as error:
        raise ArchiveError(
            f"{path.name} is damaged or not complete ({first_line(error)})."
            f" Copy it again, and compare the file's size with the original's."
        ) from error


def first_line(error: BaseException) -> str:
    """What an error says, as part of a message."""
    return (str(error).strip("'\"").splitlines() or [type(error).__name__])[0][:200]


def file_state(path: Path) -> State:
    """What differs after a change; (-1, ...) where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return -1, -1, -1
    return found.st_ino, found.st_size, found.st_mtime_ns


def digest(*paths: Path) -> str:
    """Hex sha256 of the files' content, one behind the other."""
    result = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(2**20):
                result.update(block)
    return result.hexdigest()
