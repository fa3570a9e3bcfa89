"""Files that models are read from: regular ones, opened once, that stay the same meanwhile."""

from __future__ import annotations

import difflib
import hashlib
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeAlias

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
HEAD_BYTES = 4096

State: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A file, or a directory, that a model is read from; open as long as `opened` lasts.

    state is what it was like before it was opened; content its bytes, None for a directory.
    """

    path: Path
    state: State
    content: BinaryIO | None

    @property
    def name(self) -> str:
        """What messages and the registry call it."""
        return self.path.absolute().name or str(self.path)

    @property
    def size(self) -> int:
        """Its length in bytes when it was opened."""
        return self.state[1]

    @cached_property
    def head(self) -> bytes:
        """Its first HEAD_BYTES; none for a directory."""
        return b"" if self.content is None else self.start().read(HEAD_BYTES)

    @cached_property
    def members(self) -> frozenset[str]:
        """Names of what is in a zip archive; none for anything else, and a damaged archive."""
        if not self.head.startswith(b"PK"):
            return frozenset()
        try:
            with zipfile.ZipFile(self.start()) as archive:
                return frozenset(archive.namelist())
        except DAMAGE:
            return frozenset()

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the content, computed when it is first asked for."""
        return digest(self.start())

    def start(self) -> BinaryIO:
        """The content from its first byte on.

        Raises: ArchiveError, for a directory.
        """
        if self.content is None:
            raise ArchiveError(f"{self.name} is a directory, not a file.")
        self.content.seek(0)
        return self.content

    def read(self, limit: int) -> bytes:
        """The whole content.

        Raises: ArchiveError, when it is longer than limit.
        """
        if self.size > limit:
            raise ArchiveError(f"{self.name} has {self.size:,} bytes, the limit is {limit:,}.")
        return self.start().read(limit)


@contextmanager
def opened(path: Path, before: State | None = None) -> Iterator[ModelFile]:
    """Open a file or directory to read a model from it; links are followed.

    Raises: ArchiveError, when it is not there, empty, or nothing that can be read; when it changed
    meanwhile (since before, if that is given); in place of what readers raise on broken files.
    """
    with ExitStack() as stack:
        try:
            if before is None:
                if not path.exists():
                    raise ArchiveError(_describe_absence(path))
                require_regular(path)
                before = file_state(path)
                if not path.is_dir() and before[1] == 0:  # also what /proc shows, without an end
                    raise ArchiveError(
                        f"{path.name} is empty. Copy it again, or save the model again."
                    )
            stack.enter_context(explained(path))
            stack.enter_context(unchanged(path, before))
            content = None if path.is_dir() else stack.enter_context(path.open("rb"))
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error
        yield ModelFile(path, before, content)


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
        place = error.filename or path
        raise ArchiveError(f"{place} cannot be read: {error.strerror or error}.") from error
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


def digest(*contents: BinaryIO) -> str:
    """Hex sha256 of what is left in files, one behind the other."""
    result = hashlib.sha256()
    for content in contents:
        while block := content.read(2**20):
            result.update(block)
    return result.hexdigest()


def _describe_absence(path: Path) -> str:
    """That there is no such file, and which one may be meant."""
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, and there is no such file."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"{path}: there is no such file, nor a directory {path.parent}."
    close = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir()], 1)
    hint = f" Did you mean {path.with_name(close[0])}?" if close else ""
    return f"{path}: there is no such file.{hint}"
