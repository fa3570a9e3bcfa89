"""Files of joblib: a pickle, compressed or not, with its arrays' bytes between the opcodes."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.arrays import make_array
from exporter.formats.sklearn.inert import MAX_BYTES, Record
from exporter.formats.sklearn.machine import Build, Machine
from exporter.formats.sklearn.pickle import run

STEP = 2**20
MAX_MEMORY = 2**28  # of a decompressor: its dictionary
DAMAGE = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
SIDE_FILES = (
    "is of joblib before 0.10, which kept the arrays in files beside it. Load it with the joblib"
    " that saved it, and save it again with joblib 0.10 or newer, which writes one file."
)


def _collect(machine: Any, content: bytes) -> bytes:
    """What an incremental decompressor makes of one stream, a piece at a time."""
    parts: list[bytes] = []
    total = 0
    for start in range(0, len(content), STEP):
        rest = content[start : start + STEP]
        while not machine.eof:
            part = machine.decompress(rest, STEP)
            rest = getattr(machine, "unconsumed_tail", b"")
            parts.append(part)
            total += len(part)
            if total > MAX_BYTES:
                raise ArchiveError(
                    f"the file unpacks into more than {MAX_BYTES:,} bytes, the most that is read."
                )
            if not part and not rest:
                break
        if machine.eof and (machine.unused_data or start + STEP < len(content)):
            raise ValueError("something follows the compressed data")
    if not machine.eof:
        raise EOFError("it ends too early")
    return b"".join(parts)


KINDS: dict[bytes, tuple[str, Callable[[], Any] | None]] = {
    b"\x78": ("zlib", zlib.decompressobj),
    b"\x1f\x8b": ("gzip", lambda: zlib.decompressobj(16 + zlib.MAX_WBITS)),
    b"BZ": ("bz2", bz2.BZ2Decompressor),
    b"\xfd7zXZ": ("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MAX_MEMORY)),
    b"\x5d\x00": ("lzma", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, MAX_MEMORY)),
    b"\x04\x22\x4d\x18": ("lz4", None),
}
STARTS = tuple(KINDS)


def unpack(content: bytes) -> bytes:
    """The pickle inside of what joblib compressed; what is not compressed as it is.

    Raises: ArchiveError, when it is damaged, too large, or compressed in a way that needs a
    library.
    """
    name, start = next(
        (kind for magic, kind in KINDS.items() if content.startswith(magic)), ("", None)
    )
    if not name:
        return content
    if start is None:
        raise ArchiveError(
            f"the file is compressed by {name}, which this program does not read."
            " Save it again: joblib.dump(joblib.load(path), path, compress=('gzip', 3))."
        )
    try:
        return _collect(start(), content)
    except DAMAGE as error:
        raise ArchiveError(
            f"the file begins as {name} does, and is damaged or not complete ({error})."
            " Copy it again, and compare the file's size with the original's."
        ) from error


def unpack_start(head: bytes) -> bytes:
    """What the first bytes of a compressed file unpack to, empty where nothing does."""
    start = next((kind for magic, (_, kind) in KINDS.items() if head.startswith(magic)), None)
    if start is None:
        return b"\x80\x04" if head.startswith(b"\x04\x22\x4d\x18") else b""  # see unpack
    try:
        return bytes(start().decompress(head, len(head)))
    except DAMAGE:
        return b""


def _read_wrapped(machine: Machine, record: Record, state: Any) -> Any:
    """The array whose bytes follow the opcode that describes it."""
    facts = state if isinstance(state, dict) else {}
    shape, dtype = facts.get("shape"), facts.get("dtype")
    if not isinstance(shape, tuple) or not isinstance(dtype, np.dtype):
        raise ArchiveError("an array of joblib in the file has no shape or type.")
    if dtype.hasobject:
        inner = Machine(machine.content, machine.position, machine.budget, {})
        value = run(inner)
        machine.position = inner.position
        return value
    if facts.get("numpy_array_alignment_bytes") is not None:
        machine.take(machine.number("<B"))
    count = 1
    for n in shape:
        count *= n if isinstance(n, (int, np.integer)) and n >= 0 else 0
    data = machine.take(int(count) * dtype.itemsize)
    return make_array(shape, dtype, facts.get("order") == "F", data, machine.budget)


def _refuse_side_files(machine: Machine, record: Record, state: Any) -> Any:
    raise ArchiveError(f"the file {SIDE_FILES}")


BUILDERS: dict[str, Build] = {
    f"{module}.{name}": build
    for module in ("joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle")
    for name, build in (
        ("NumpyArrayWrapper", _read_wrapped),
        ("NDArrayWrapper", _refuse_side_files),
        ("ZNDArrayWrapper", _refuse_side_files),
    )
} | {
    f"{module}.{name}": _refuse_side_files
    for module in ("joblib.numpy_pickle_compat", "sklearn.externals.joblib.numpy_pickle_compat")
    for name in ("NDArrayWrapper", "ZNDArrayWrapper")
}
