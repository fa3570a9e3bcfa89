"""SavedModel directories of tf.keras: the configuration in keras_metadata.pb, and the weights.

Only numbers and text are used; the TensorFlow program in saved_model.pb is never opened. The
checkpoint itself is read elsewhere (exporter/formats/keras/savedmodel.py), into objects and arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.json_text import MAX_JSON_BYTES, parse_json, parse_object
from exporter.formats.keras.archive import SAVE_AGAIN
from exporter.formats.keras.config import MODEL_CLASSES
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.weights import Count, Member
from exporter.formats.opening import MAX_WEIGHTS_BYTES, digest, require_regular

METADATA = "keras_metadata.pb"
INDEX = "variables/variables.index"
# Which Keras wrote it, where the metadata does not tell: 2.5 was the first to write that file.
FIRST_VERSION = "2.5-tf"
LAYER = re.compile(r"layer(_with_weights)?-\d+")
NODES, PATH, METADATA_JSON = 1, 3, 5  # field numbers in the protocol buffers of Keras
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
REBUILD = "Rebuild it as a Sequential or Functional model and copy the weights (set_weights)"


@dataclass(frozen=True)
class Metadata:
    """What keras_metadata.pb tells: the model, and the layers' names by their paths from root."""

    config: dict[str, Any]
    keras_version: str
    names: Mapping[tuple[str, ...], str]


@dataclass(frozen=True)
class SavedObject:
    """An object of a checkpoint: its parts by name, and its array's number if it is a variable."""

    parts: Mapping[str, int]
    array: int | None


@dataclass(frozen=True)
class SavedWeights:
    """Weights of one object of a checkpoint; place is its number, None where there is none."""

    objects: Sequence[SavedObject]
    names: Mapping[int, str]
    stored: Mapping[str, Array]
    place: int | None

    @classmethod
    def open(
        cls, text: str | bytes, stored: Mapping[str, Array], metadata: Metadata
    ) -> SavedWeights:
        """Weights of a whole model from its objects as JSON: [[[name, number], ...], array]."""
        objects = []
        for parts, array in parse_json(text, "its checkpoint's objects"):
            objects.append(SavedObject(dict(parts), array))
        names = {}
        for path, name in metadata.names.items():
            place = _find(objects, path)
            if place is not None:
                names[place] = name
        return cls(objects, names, stored, 0 if objects else None)

    def assign(self, layers: Sequence[Member], count: Count) -> dict[str, SavedWeights]:
        """By the layers' names, which the metadata gives for each object."""
        found = {
            self.names[number]: number
            for part, number in self._parts().items()
            if LAYER.fullmatch(part) and number in self.names
        }
        for layer in layers:
            if layer.name not in found and count(layer) not in ((0, 0), None):
                raise ArchiveError(f'layer "{layer.name}" has no weights in the checkpoint.')
        return {layer.name: self._at(found.get(layer.name)) for layer in layers}

    def child(self, *names: str) -> SavedWeights:
        """A part of a layer: `layer`, ..."""
        parts = self._parts()
        return self._at(next((parts[name] for name in names if name in parts), None))

    def arrays(self) -> list[Array]:
        """Keras stores the list layer.variables, in its own order, with every layer."""
        listed = self._at(self._parts().get("variables"))._parts()
        if not all(name.isdecimal() for name in listed):
            raise ArchiveError("a layer's list of variables in the checkpoint is no list.")
        result = []
        for name in sorted(listed, key=int):
            number = self.objects[listed[name]].array
            if number is None:
                layer = self.names.get(self.place or 0, "?")
                raise ArchiveError(
                    f'variable {name} of layer "{layer}" is not in the checkpoint, or holds no'
                    f" numbers. Copy the directory again, with all of its variables folder."
                )
            result.append(self.stored[f"arr_{number}"])
        return result

    def vocabulary(self) -> list[str] | None:
        """None: a checkpoint keeps it as a table, which is not read."""
        return None

    def _parts(self) -> Mapping[str, int]:
        return {} if self.place is None else self.objects[self.place].parts

    def _at(self, place: int | None) -> SavedWeights:
        return SavedWeights(self.objects, self.names, self.stored, place)


def read_metadata(folder: Path) -> Metadata:
    """The configuration of the model in a SavedModel directory.

    Raises: ArchiveError, when the directory does not hold one, or is damaged.
    """
    path = folder / METADATA
    if not path.is_file():
        raise ArchiveError(
            f"{folder.name} is a SavedModel directory without {METADATA}: it holds a TensorFlow"
            f" program (of model.export or tf.saved_model.save), not a network's configuration."
            f" Go back to the Keras model: {SAVE_AGAIN}."
        )
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ArchiveError(f"{METADATA} is larger than the limit of {MAX_JSON_BYTES:,} bytes.")
    root: dict[str, Any] | None = None
    names = {}
    for number, node in _fields(path.read_bytes()):
        if number != NODES or not isinstance(node, bytes):
            continue
        fields = dict(_fields(node))
        place, text = fields.get(PATH, b""), fields.get(METADATA_JSON, b"")
        if not isinstance(place, bytes) or not isinstance(text, bytes):
            raise ArchiveError(f"{METADATA} is damaged: a path or a text is a number.")
        value = parse_object(text, f"a configuration in {METADATA}", has_nan=True)
        parts = tuple(place.decode(errors="replace").split("."))
        names[parts[1:]] = str(value.get("name"))
        root = value if parts == ("root",) else root
    if root is None:
        raise ArchiveError(f"{METADATA} is damaged or not complete: it has no root. Copy it again.")
    config = root.get("config")
    class_name = root.get("class_name")
    if class_name not in MODEL_CLASSES or not isinstance(config, dict) or "layers" not in config:
        raise ArchiveError(
            f"{folder.name} holds a subclassed model ({str(class_name)[:100]}), whose layers are"
            f" joined by Python code that no file holds. {REBUILD}. {SAVE_AGAIN}."
        )
    version = str(root.get("keras_version") or FIRST_VERSION)
    return Metadata({"class_name": class_name, "config": _plain(config)}, version, names)


def digest_folder(folder: Path) -> str:
    """SHA-256 of all that is read of a SavedModel directory.

    Raises: ArchiveError, when the variables are missing or too large.
    """
    files = sorted((folder / "variables").glob("variables.data-*"))
    if not (folder / INDEX).is_file() or not files:
        raise ArchiveError(
            f"{folder.name} lacks {INDEX} or variables/variables.data-*."
            f" Copy the whole directory again, with all of its variables folder."
        )
    for path in files:
        require_regular(path)
    if sum(path.stat().st_size for path in files) > MAX_WEIGHTS_BYTES:
        raise ArchiveError(f"its variables are larger than {MAX_WEIGHTS_BYTES:,} bytes.")
    with ExitStack() as stack:
        paths = (folder / METADATA, folder / INDEX, *files)
        return digest(*(stack.enter_context(path.open("rb")) for path in paths))


def _plain(value: Any) -> Any:
    """The same JSON with lists where this format marks tuples and shapes, as in other files."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and "items" in value:
            return _plain(value["items"])
        return {key: _plain(item) for key, item in value.items()}
    return value


def _find(objects: Sequence[SavedObject], path: Sequence[str]) -> int | None:
    """The object at the end of a path of names from the root."""
    place: int | None = 0
    for name in path:
        place = None if place is None else objects[place].parts.get(name)
    return place


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of the fields of a protocol buffer.

    Raises: ArchiveError, when one reaches beyond the end.
    """
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        kind = key & 7
        if kind == VARINT:
            number, position = _varint(data, position)
            yield key >> 3, number
            continue
        size = {FIXED64: 8, FIXED32: 4}.get(kind, 0)
        if kind == BYTES:
            size, position = _varint(data, position)
        elif not size:
            raise ArchiveError(f"{METADATA} is damaged: no field is of kind {kind}. Copy it again.")
        if size > len(data) - position:
            raise ArchiveError(f"{METADATA} is damaged or not complete. Copy it again.")
        yield key >> 3, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number of at most 10 bytes, and the position behind it."""
    value = 0
    for shift, byte in enumerate(data[position : position + 10]):
        value |= (byte & 127) << (7 * shift)
        if byte < 128:
            return value, position + shift + 1
    raise ArchiveError(f"{METADATA} is damaged or not complete. Copy it again.")
