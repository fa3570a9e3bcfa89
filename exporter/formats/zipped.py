"""Zip archives that may be hostile: members are unpacked only as far as sizes stay sensible."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from exporter.errors import ArchiveError

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")  # with members, and empty
MAX_MEMBERS = 100_000
MAX_GROWTH = 200  # times; more than arrays of numbers, less than a zip bomb
AGAIN = "Save the model again into a new file."
SMALL_BYTES = 2**20  # what a member may have however well it is packed


@dataclass(frozen=True)
class Zip:
    """An open archive and its members by name."""

    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]

    def read(self, name: str, limit: int) -> bytes:
        """Unpack one member.

        Raises: ArchiveError, when it is encrypted, larger than limit, or grows as only a zip bomb
        does; KeyError, when there is none of that name.
        """
        with self.archive.open(self._checked(name, limit)) as file:
            return file.read(limit + 1)

    @contextmanager
    def unpacked(self, name: str, limit: int) -> Iterator[BinaryIO]:
        """The same as a temporary file, for members that are as large as a model's weights.

        Raises: as read.
        """
        item = self._checked(name, limit)
        with tempfile.TemporaryFile(prefix="export-model-") as content:
            with self.archive.open(item) as file:
                shutil.copyfileobj(file, content, 2**20)
            content.seek(0)
            yield content

    def _checked(self, name: str, limit: int) -> zipfile.ZipInfo:
        item = self.members[name]
        grows = item.file_size > max(SMALL_BYTES, MAX_GROWTH * item.compress_size)
        if item.file_size > limit or grows:
            raise ArchiveError(
                f"{name} would unpack from {item.compress_size:,} to {item.file_size:,} bytes,"
                f" more than a model's part may (a zip bomb?)."
            )
        if item.flag_bits & 1:
            raise ArchiveError(f"{name} is encrypted. Save the model without a password.")
        return item


@contextmanager
def open_zip(file: Path | BinaryIO) -> Iterator[Zip]:
    """Open an archive; nothing of it is unpacked yet.

    Raises: ArchiveError, when it has too many members, or two of one name, of which one reader
    takes the first and another the last; zipfile.BadZipFile, when it is none.
    """
    with zipfile.ZipFile(file) as archive:
        items = archive.infolist()
        if len(items) > MAX_MEMBERS:
            raise ArchiveError(f"it has {len(items):,} members, the limit is {MAX_MEMBERS:,}.")
        members: dict[str, zipfile.ZipInfo] = {}
        for item in items:
            if item.filename in members:
                raise ArchiveError(f"the archive holds {item.filename[:100]} twice. {AGAIN}")
            members[item.filename] = item
        yield Zip(archive, members)
