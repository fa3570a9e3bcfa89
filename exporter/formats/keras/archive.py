"""Model files as bytes: their configuration and their weights, safely.

Nothing in a file is executed, unpickled or followed to another file; sizes are checked before
anything is allocated.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import h5py

from exporter.errors import ArchiveError
from exporter.formats.json_text import MAX_JSON_BYTES, parse_object
from exporter.formats.keras.hdf5 import check_heaps, find_member, open_hdf5, read_text
from exporter.formats.keras.weights import LegacyWeights, TreeWeights, Weights
from exporter.formats.opening import MAX_WEIGHTS_BYTES, ModelFile
from exporter.formats.zipped import Zip, open_zip

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
VOCABULARY = re.compile(r"^assets/(.+)/vocabulary\.txt$")
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

SAVED_BY = "model.save('model.keras') or model.save('model.h5')"
SAVE_AGAIN = f"Save the whole model with {SAVED_BY}"


@dataclass(frozen=True)
class Archive:
    """An open model file: configuration, weights, and which Keras wrote it.

    keras_version is as written in the file, "unknown" where it is absent (Keras before 1.0.8).
    backend is "theano", "tensorflow", ..., which decides how old convolutions are stored.
    """

    config: dict[str, Any]
    weights: Weights
    keras_version: str
    backend: str


def recognise(file: ModelFile) -> bool:
    """A SavedModel directory, an HDF5 file, or a zip archive of a configuration and its weights."""
    if file.content is None:
        return (file.path / "saved_model.pb").exists()
    if CONFIG in file.members and {METADATA, WEIGHTS} & file.members:
        return True
    return _is_hdf5(file)


@contextmanager
def open_archive(file: ModelFile) -> Iterator[Archive]:
    """The content of a file that recognise takes, and that is no directory.

    Raises: ArchiveError, saying what is missing.
    """
    if file.members:
        with open_zip(file.start()) as parts:
            yield from _open_zip(parts, file.name)
    else:
        _check_heaps(file.start(), file.size)
        with open_hdf5(file.start()) as group:
            yield _open_hdf5(group, file)


def read_config(file: ModelFile) -> tuple[dict[str, Any], str]:
    """Configuration and version alone, of such a file."""
    if file.members:
        with open_zip(file.start()) as parts:
            return _zip_config(parts)
    with open_hdf5(file.start()) as group:
        return _hdf5_config(group, file.name)


def _is_hdf5(file: ModelFile) -> bool:
    """The signature may stand behind a block of the user's own: at 512, 1024, 2048 bytes, ..."""
    position = 0
    while position + len(HDF5_SIGNATURE) <= file.size:
        content = file.start()
        content.seek(position)
        if content.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
            return True
        position = 2 * position or 512
    return False


def _open_hdf5(group: h5py.File, file: ModelFile) -> Archive:
    config, version = _hdf5_config(group, file.name)
    stored = find_member(group, "model_weights")
    if not isinstance(stored, h5py.Group):
        raise ArchiveError(f"{file.name} has a model_config but no weights. {SAVE_AGAIN}.")
    weights = LegacyWeights.open(stored, min(MAX_WEIGHTS_BYTES, 1024 * file.size))
    backend = _attribute("backend", group, stored) or weights.guess_backend()
    return Archive(config, weights, version, backend)


def _hdf5_config(group: h5py.File, name: str) -> tuple[dict[str, Any], str]:
    text = _attribute("model_config", group)
    if text is None:
        raise ArchiveError(
            f"{name} holds weights but no model_config: its layers are unknown. {SAVE_AGAIN}."
        )
    config = parse_object(text, "its model_config", has_nan=True)
    stored = find_member(group, "model_weights")
    owners = [owner for owner in (group, stored) if isinstance(owner, h5py.Group)]
    version = _attribute("keras_version", *owners)
    return config, version or str(config.get("keras_version", "unknown"))


def _open_zip(parts: Zip, name: str) -> Iterator[Archive]:
    config, version = _zip_config(parts)
    if WEIGHTS not in parts.members:
        raise ArchiveError(f"{name} has a {CONFIG} but no {WEIGHTS}. {SAVE_AGAIN}.")
    size = parts.members[WEIGHTS].file_size
    with parts.unpacked(WEIGHTS, MAX_WEIGHTS_BYTES) as content:
        _check_heaps(content, size)
        content.seek(0)
        with open_hdf5(content) as group:
            yield Archive(config, _tree_weights(parts, group, size), version, "")


def _check_heaps(content: BinaryIO, size: int) -> None:
    if size:  # what is empty cannot be mapped
        with mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as data:
            check_heaps(data)


def _tree_weights(parts: Zip, group: h5py.File, size: int) -> TreeWeights:
    words = {
        tuple(match[1].split("/")): _read_lines(parts, member)
        for member in parts.members
        if (match := VOCABULARY.match(member.replace("\\", "/")))
    }
    return TreeWeights.open(group, min(MAX_WEIGHTS_BYTES, 1024 * size), words)


def _zip_config(parts: Zip) -> tuple[dict[str, Any], str]:
    config = _read_object(parts, CONFIG)
    metadata = _read_object(parts, METADATA) if METADATA in parts.members else {}
    return config, str(metadata.get("keras_version", "unknown"))


def _read_object(parts: Zip, member: str) -> dict[str, Any]:
    return parse_object(parts.read(member, MAX_JSON_BYTES), f"its {member}", has_nan=True)


def _read_lines(parts: Zip, member: str) -> list[str]:
    """The lines of a text; Keras drops empty ones at the end."""
    lines = parts.read(member, MAX_JSON_BYTES).decode("utf-8").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _attribute(name: str, *owners: h5py.Group) -> str | None:
    """The text of an attribute of the first owner that has it."""
    for owner in owners:
        texts = read_text(owner, name)
        if texts:
            return texts[0]
    return None
