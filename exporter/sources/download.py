"""A file that comes in pieces: written into a folder, bounded, and complete or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from exporter.errors import ArchiveError, counted
from exporter.output import file_name
from exporter.progress import Bytes

MAX_BYTES = 4 * 2**30  # of a file; weights may have 2 GiB, and some files keep the optimizer's too
PIECE = 2**20
MAX_NAME = 80


@dataclass(frozen=True)
class Fetched:
    """A file that was downloaded: where it lies, the address it came from as it may be shown, and
    which version of what lies there it was, as far as its server tells."""

    path: Path
    uri: str
    revision: str


def local_name(name: str) -> str:
    """A file's name for what an address calls so: it leads nowhere, and is short enough."""
    whole = PurePosixPath(file_name(PurePosixPath(name).name or "model"))
    return f"{whole.stem[:MAX_NAME]}{whole.suffix[:MAX_NAME]}"


def check_size(size: int, shown: str) -> None:
    """Refuse what is too large, before anything of it is downloaded.

    Raises: ArchiveError.
    """
    if size > MAX_BYTES:
        raise ArchiveError(f"{shown} has {size:,} bytes, the limit is {MAX_BYTES:,}.")


def write_pieces(
    path: Path, pieces: Iterable[bytes], size: int | None, shown: str, advance: Bytes
) -> None:
    """Write a download into a file; size is how long it has to be, None where the server frames the
    pieces itself and says when they end.

    Raises: ArchiveError, when it is too long, or ends before its end.
    """
    written = 0
    check_size(size or 0, shown)
    with disk_full_explained(path), path.open("xb") as file:
        for piece in pieces:
            written += len(piece)
            check_size(written, shown)
            file.write(piece)
            advance(len(piece), size or 0)
    if size is not None and written != size:
        raise ArchiveError(
            f"{shown} is not complete: {counted(written, 'byte')} of {size:,} came."
            f" Download it again; if it"
            " ends there again, its copy on the server is broken."
        )


@contextmanager
def disk_full_explained(path: Path) -> Iterator[None]:
    """Writing there meanwhile may fail, which is told as that of a temporary file.

    Raises: ArchiveError.
    """
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"the temporary file {path} cannot be written: {error.strerror or error}. Make room, or"
            " name another directory in TMPDIR."
        ) from error
