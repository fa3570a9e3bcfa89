"""Files that are written whole or not at all, and never over others without leave."""

from __future__ import annotations

import contextlib
import filecmp
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from exporter.errors import ExportError

STANDARD_OUTPUT = Path("-")


def write_files(
    contents: Mapping[Path, Iterable[str]], may_replace: bool, option: str = "--output"
) -> None:
    """Write text files, all or none: until every one is complete the old ones stay as they are.

    A file that is there already with the same content is left alone. Links are followed, and
    devices and pipes written to, as `-`, the standard output, is. option is the one that chose the
    place, for messages.
    Raises: ExportError, when a file cannot be written, or is there and may not be replaced.
    """
    with contextlib.ExitStack() as stack:
        ready = []
        for path, pieces in contents.items():
            with _explained(path, option):
                if path == STANDARD_OUTPUT:
                    sys.stdout.flush()
                    sys.stdout.buffer.writelines(piece.encode("utf-8") for piece in pieces)
                    sys.stdout.buffer.flush()
                elif is_stream(path):
                    with path.open("w", encoding="utf-8", newline="\n") as device:
                        device.writelines(pieces)
                else:
                    ready.append(
                        (stack.enter_context(_written_aside(path.resolve(), pieces)), path)
                    )
        changed = [(new, old) for new, old in ready if not _is_same(new, old)]
        in_the_way = " and ".join(str(old) for _, old in changed if old.exists())
        if in_the_way and not may_replace:
            raise ExportError(
                f"{in_the_way}: there already, with another content. Nothing was written."
                f" Choose another place with {option}, or replace with --force."
            )
        for new, old in changed:
            with _explained(old, option):
                new.replace(old.resolve())


def is_stream(path: Path) -> bool:
    """Is it something that takes text but keeps none: standard output, a device, a pipe?"""
    is_other = path.exists() and not path.is_file() and not path.is_dir()
    return path == STANDARD_OUTPUT or is_other


def file_name(name: str) -> str:
    """A name as part of a file's name: nothing that leads to another directory or is an option."""
    text = "".join("_" if c in "/\\\0" or not c.isprintable() else c for c in name)
    return text if text.strip(".") and text[0] not in "-." else f"_{text}"


@contextlib.contextmanager
def _written_aside(path: Path, pieces: Iterable[str]) -> Iterator[Path]:
    """A complete file with this content beside path, gone afterwards unless it was renamed."""
    if path.is_dir():
        raise IsADirectoryError(None, "it is a directory")
    number, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        yield new
    finally:
        new.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(path: Path, option: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever reads has enough
        raise
    except FileNotFoundError as error:
        raise ExportError(
            f"{path} cannot be written: there is no directory {path.parent}. Make it first."
        ) from error
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: {error.strerror}. Choose another place with {option}."
        ) from error


def _is_same(new: Path, old: Path) -> bool:
    return old.is_file() and filecmp.cmp(new, old, shallow=False)


def _umask() -> int:
    """What new files may not allow; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
