"""HDF5 files that may be hostile: members, attributes and arrays, checked before they are read.

The HDF5 library itself crashed on files with a damaged attribute type and allocated without limit
for a damaged shape, both found by flipping bytes; hence nothing is read before its type and size
are known to be sensible.
"""

from __future__ import annotations

import math
import mmap
import re
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import h5py
import numpy as np

from exporter.errors import ArchiveError

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

HEAP = struct.Struct("<4sB3xQ")  # signature, version, size of the collection
HEAP_OBJECT = struct.Struct("<HHxxxxQ")  # index, references, size
MAX_ATTRIBUTE_BYTES = 64 * 2**20
MAX_ATTRIBUTE_ITEMS = 100_000
MAX_POSITION = 2**63 - 1


@dataclass
class Budget:
    """How many bytes of weights may still be read from a file."""

    bytes_left: int

    def read(self, dataset: h5py.Dataset) -> Array:
        """Read one dataset whole.

        Raises: ArchiveError, when it points outside the file, is no array of numbers, or is larger
        than any real weight of this file could be.
        """
        if dataset.external or dataset.is_virtual:
            raise ArchiveError(f"weight {dataset.name} points to another file; it is not followed.")
        if dataset.dtype.kind not in "fiub":
            raise ArchiveError(f"weight {dataset.name} holds {dataset.dtype}, not numbers.")
        self.bytes_left -= dataset.nbytes
        if self.bytes_left < 0:
            raise ArchiveError(
                f"weight {dataset.name} claims {dataset.nbytes:,} bytes,"
                f" more than a file of this size can hold."
            )
        return np.asarray(dataset[()])


class _Content:
    """An open file as HDF5 reads it: a position that no file has is an error of the file."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.read, self.readinto = content.read, content.readinto  # type: ignore[attr-defined]
        self.tell = content.tell

    def seek(self, position: int, whence: int = 0) -> int:
        """Go there.

        Raises: OSError, where Python would take the number itself for wrong.
        """
        if position > MAX_POSITION:
            raise OSError("it points beyond the end of any file")
        return self._content.seek(position, whence)


def open_hdf5(content: BinaryIO) -> h5py.File:
    """The file as HDF5, to be read.

    Raises: OSError, when it is none, or damaged.
    """
    return h5py.File(_Content(content), "r")


def find_member(group: h5py.Group | None, path: str) -> Any:
    """A member that lies in this file itself; links to other places are refused."""
    if group is None:
        return None
    here: Any = group
    for part in path.split("/"):
        if not isinstance(here, h5py.Group):
            return None
        link = here.get(part, getlink=True) if part in here else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ArchiveError(f"{path} is a link to another place; it is not followed.")
        here = here[part]
    return here


def read_text(owner: h5py.Group, name: str) -> list[str] | None:
    """An attribute's text, or texts; None where it is absent.

    Raises: ArchiveError, when it is not text or absurdly large.
    """
    if name not in owner.attrs:
        return None
    attribute = owner.attrs.get_id(name)
    count = math.prod(attribute.shape or ())
    if count == 0:  # an empty list has no type: it was written as one of numbers
        return []
    kind = attribute.get_type()
    if not isinstance(kind, h5py.h5t.TypeStringID):
        raise ArchiveError(f"attribute {name} of {owner.name} is not text.")
    width = 1 if kind.is_variable_str() else kind.get_size()
    if count > MAX_ATTRIBUTE_ITEMS or count * width > MAX_ATTRIBUTE_BYTES:
        raise ArchiveError(f"attribute {name} of {owner.name} claims {count:,} texts, too many.")
    try:
        values = np.atleast_1d(owner.attrs[name]).ravel().tolist()
    except (TypeError, ValueError) as error:  # an unknown encoding, ...
        raise ArchiveError(f"attribute {name} of {owner.name} is damaged ({error}).") from error
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values]


def check_heaps(data: bytes | mmap.mmap) -> None:
    """Check the heaps in which HDF5 keeps texts of free length.

    The library walks from object to object by their sizes and never ends at a size of 0.

    Raises: ArchiveError, when the sizes do not lead to the heap's end.
    Source: HDF5 File Format Specification, III.E, Global Heap.
    """
    for match in re.finditer(rb"GCOL\x01\0\0\0", data):
        header = data[match.start() : match.start() + HEAP.size].ljust(HEAP.size, b"\0")
        _, _, size = HEAP.unpack(header)
        position, end = match.start() + HEAP.size, match.start() + size
        while position + HEAP_OBJECT.size <= min(end, len(data)):
            index, _, length = HEAP_OBJECT.unpack_from(data, position)
            step = HEAP_OBJECT.size + (length + 7) // 8 * 8 if index else length
            if step == 0 or position + step > end:
                raise ArchiveError("its heap of texts is damaged.")
            position += step
