"""Files of skops: a zip of schema.json, which describes the objects, and of their arrays."""

from __future__ import annotations

import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.arrays import make_array, read_npy
from exporter.formats.sklearn.inert import Budget, Name, Record

SCHEMA = "schema.json"
MAX_SCHEMA_BYTES = 256 * 2**20
MAX_DEPTH = 100  # of objects in objects
MAX_NODES = 10_000_000
MAX_PROTOCOL = 2
DAMAGE = (
    OSError, KeyError, RuntimeError, EOFError, MemoryError, NotImplementedError, ValueError,
    TypeError, IndexError, struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip


def is_skops(archive: zipfile.ZipFile) -> bool:
    """Whether an open zip is a file of skops."""
    return SCHEMA in archive.NameToInfo


def read_skops(content: bytes) -> Any:
    """The value that a file of skops describes; nothing is imported or called.

    Raises: ArchiveError, when it is damaged, of a newer protocol, or too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Reader(archive).read()
    except DAMAGE as error:
        raise ArchiveError(
            f"the skops file is damaged or not complete ({type(error).__name__}: {error})."
            " Copy it again, and compare the file's size with the original's."
        ) from error


class _Reader:
    """What was read so far, by the number that skops gave each object."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.budget = Budget()
        self.known: dict[Any, Any] = {}
        self.nodes = 0

    def read(self) -> Any:
        """The value of the whole file."""
        schema = json.loads(self.member(SCHEMA, MAX_SCHEMA_BYTES))
        protocol = schema.get("protocol", 0) if isinstance(schema, dict) else None
        if type(protocol) is not int or not 0 <= protocol <= MAX_PROTOCOL:
            raise ArchiveError(
                f"the file has skops' protocol {str(protocol)[:20]}, this program reads 0 to"
                f" {MAX_PROTOCOL}. Save the model with joblib.dump instead."
            )
        return self.value(schema, 0)

    def member(self, name: Any, most: int) -> bytes:
        """The bytes of a member of the zip, which says its size before it is unpacked."""
        info = self.archive.getinfo(name if isinstance(name, str) else "")
        self.budget.spend(info.file_size)
        if info.file_size > most:
            raise ArchiveError(f"{name} in the skops file is too large.")
        with self.archive.open(info) as file:
            return file.read(info.file_size)

    def value(self, node: Any, depth: int) -> Any:
        """The value of a node and of everything in it."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ArchiveError("the skops file is nested too deeply, or has too many objects.")
        if not isinstance(node, dict):
            raise ArchiveError("the skops file holds what is no object.")
        loader = node.get("__loader__")
        if loader == "CachedNode":
            return self.known[node["__id__"]]
        reader = NODES.get(loader if isinstance(loader, str) else "")
        value = _record(self, node, depth) if reader is None else reader(self, node, depth)
        number = node.get("__id__")
        if isinstance(number, int):
            self.known[number] = value
        return value

    def values(self, nodes: Any, depth: int) -> Iterator[Any]:
        """The values of a list of nodes."""
        if not isinstance(nodes, list):
            raise ArchiveError("the skops file holds what is no list.")
        return (self.value(node, depth + 1) for node in nodes)


def _record(reader: _Reader, node: dict[str, Any], depth: int) -> Record:
    """An object of any class: its state, and what it was called with."""
    record = Record(str(node.get("__module__")), str(node.get("__class__")))
    arguments = node.get("__reduce__")
    if isinstance(arguments, dict):
        given = reader.value(arguments.get("args"), depth + 1)
        record.args = given if isinstance(given, tuple) else (given,)
    content = node.get("content", node.get("attrs"))
    if isinstance(content, dict) and "__loader__" in content:
        record.state = reader.value(content, depth + 1)
    elif isinstance(content, dict):
        record.state = {
            name: reader.value(part, depth + 1) if isinstance(part, dict) else part
            for name, part in content.items()
        }
    return record


def _dictionary(reader: _Reader, node: dict[str, Any], depth: int) -> dict[Any, Any]:
    kinds = list(reader.values(node["key_types"]["content"], depth))
    content = node["content"]
    if len(kinds) != len(content):
        raise ArchiveError("a dictionary in the skops file has keys without types.")
    return {
        _key(kind, key): reader.value(part, depth + 1)
        for kind, (key, part) in zip(kinds, content.items(), strict=True)
    }


def _key(kind: Any, text: str) -> Any:
    """A key, which JSON made a text, in its own type again: Python's or numpy's."""
    name = kind.name.rstrip("0123456789_") if isinstance(kind, Name) else ""
    if name in ("int", "uint") and len(text) <= 20:
        return int(text)
    if name == "float":
        return float(text)
    if name == "bool":
        return text == "true"
    if name == "NoneType":
        return None
    if name != "str":
        raise ArchiveError("a dictionary in the skops file has a key that no model has.")
    return text


def _main_dictionary(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    return reader.value(node["content"]["main"], depth + 1)


def _list(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    return list(reader.values(node["content"], depth))


def _tuple(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    return tuple(reader.values(node["content"], depth))


def _set(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    items = list(reader.values(node["content"], depth))
    if not all(item is None or isinstance(item, (str, int, float, Name)) for item in items):
        raise ArchiveError("a set in the skops file holds what no model has.")
    return set(items)


def _json(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    text = node["content"]
    reader.budget.spend(len(text))
    return json.loads(text)


def _name(reader: _Reader, node: dict[str, Any], depth: int) -> Name:
    return Name(str(node.get("__module__")), str(node.get("__class__")))


def _slice(reader: _Reader, node: dict[str, Any], depth: int) -> Record:
    part = node["content"]
    return Record("builtins", "slice", (part["start"], part["stop"], part["step"]))


def _bytes(reader: _Reader, node: dict[str, Any], depth: int) -> bytes:
    return reader.member(node["file"], reader.budget.left)


def _array(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    """An array, or one of numpy's numbers, which skops stores as an array of no axes."""
    if node.get("type") == "json":
        items = list(reader.values(node["content"], depth))
        shape = reader.value(node["shape"], depth + 1)
        if isinstance(shape, tuple) and len(shape) > 1:
            items = _flatten(items, len(shape))
        return make_array(shape, np.dtype(object), False, items, reader.budget)
    array = read_npy(reader.member(node["file"], reader.budget.left), reader.budget)
    is_array = node.get("__class__") == "ndarray" or array.ndim > 0
    return array if is_array else array[()]


def _flatten(items: list[Any], axes: int) -> list[Any]:
    """The elements of lists in lists, as skops writes arrays of several axes."""
    for _ in range(axes - 1):
        items = [part for item in items for part in item]
    return items


def _dtype(reader: _Reader, node: dict[str, Any], depth: int) -> Any:
    array = reader.value(node["content"], depth + 1)
    return array.dtype if isinstance(array, np.ndarray) else np.asarray(array).dtype


def _sparse(reader: _Reader, node: dict[str, Any], depth: int) -> Record:
    """A sparse matrix: a .npz inside, a zip of its parts."""
    content = reader.member(node["file"], reader.budget.left)
    state: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inner = _Reader(archive)
        inner.budget = reader.budget
        for name in archive.namelist()[:10]:
            part = read_npy(inner.member(name, reader.budget.left), reader.budget)
            state[name.removesuffix(".npy")] = part
    shape = state.pop("shape", np.zeros(0, int))
    state["_shape"] = tuple(shape.tolist())
    return Record("scipy.sparse", str(node.get("__class__")), state=state)


Node = Callable[[_Reader, dict[str, Any], int], Any]
NODES: dict[str, Node] = {
    "DictNode": _dictionary,
    "DefaultDictNode": _main_dictionary,
    "_DictWithDeprecatedKeysNode": _main_dictionary,
    "ListNode": _list,
    "TupleNode": _tuple,
    "SetNode": _set,
    "JsonNode": _json,
    "FunctionNode": _name,
    "TypeNode": _name,
    "SliceNode": _slice,
    "BytesNode": _bytes,
    "BytearrayNode": _bytes,
    "NdArrayNode": _array,
    "DTypeNode": _dtype,
    "SparseMatrixNode": _sparse,
}
