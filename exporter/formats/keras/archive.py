"""Model files as bytes: what kind of file it is, its configuration and its weights, safely.

Nothing in a file is executed, unpickled or followed to another file; sizes are checked before
anything is allocated.
"""

from __future__ import annotations

import difflib
import io
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from exporter.errors import ArchiveError
from exporter.formats.json_text import MAX_JSON_BYTES, parse_object
from exporter.formats.keras.hdf5 import check_heaps, find_member, read_text
from exporter.formats.keras.weights import LegacyWeights, TreeWeights, Weights
from exporter.formats.opening import (
    MAX_WEIGHTS_BYTES,
    digest,
    explained,
    require_regular,
    unchanged,
)
from exporter.formats.zipped import ZIP_STARTS, Zip, open_zip

MAX_SHOWN = 5  # files of a directory in a message
MODEL_SUFFIXES = (".keras", ".h5", ".hdf5")
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
VOCABULARY = re.compile(r"^assets/(.+)/vocabulary\.txt$")
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

# Beginnings of files that are something else, in lower case and without blanks in front.
FOREIGN = (
    (b"version https://git-lfs", "a Git LFS pointer, not the model itself", "Run: git lfs pull"),
    (b"<!doctype", "a web page", "Download the raw file"),
    (b"<html", "a web page", "Download the raw file"),
    (b"<head", "a web page", "Download the raw file"),
    (b"<?xml", "XML, as servers answer when they refuse", "Download the file again"),
    (b"404", "a server's error message", "Check the address and download it again"),
    (b"not found", "a server's error message", "Check the address and download it again"),
    (b"\x1f\x8b", "gzip compressed", "Unpack it first"),
    (b"bzh", "bzip2 compressed", "Unpack it first"),
    (b"\xfd7zxz", "xz compressed", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"gguf", "a GGUF file", "Only Keras files can be read"),
    (b"\x93numpy", "an array of numpy", "Only Keras files can be read"),
)
PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
SAVE_AGAIN = "Save the whole model with model.save('model.keras') or model.save('model.h5')"


@dataclass(frozen=True)
class Archive:
    """An open model file: configuration, weights, and what is known of its origin.

    keras_version is as written in the file, "unknown" where it is absent (Keras before 1.0.8).
    backend is "theano", "tensorflow", ..., which decides how old convolutions are stored.
    """

    config: dict[str, Any]
    weights: Weights
    keras_version: str
    backend: str
    file_name: str
    sha256: str


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a Keras file by its content, whatever its name says.

    Raises: ArchiveError, naming what the file is instead and what to do.
    """
    try:
        kind = _recognise(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error
    opener = _open_zip if kind == "zip" else _open_hdf5
    with explained(path), unchanged(path), opener(path, path.name, digest(path)) as archive:
        yield archive


def _recognise(path: Path) -> str:
    """ "zip" or "hdf5", from the first bytes."""
    name = path.name
    if not path.exists():
        raise ArchiveError(_absent(path))
    if path.is_dir():
        raise ArchiveError(_describe_folder(path))
    require_regular(path)
    if path.stat().st_size == 0:  # also what /proc shows, which can be read without end
        raise ArchiveError(f"{name} is empty. Copy it again, or save the model again.")
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(ZIP_STARTS):
        return "zip"
    if head.startswith(HDF5_SIGNATURE) or h5py.is_hdf5(path):
        return "hdf5"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, what, advice in FOREIGN:
        if text.startswith(start):
            raise ArchiveError(f"{name} is {what}. {advice}.")
    if head.startswith(PICKLE_STARTS):
        raise ArchiveError(
            f"{name} is a Python pickle, which can run any code when it is loaded, so it is not"
            f" opened. Load it where it was made, then: {SAVE_AGAIN}."
        )
    if head[4:8] == b"TFL3":
        raise ArchiveError(f"{name} is a TensorFlow Lite file. Export the Keras model instead.")
    if text.startswith((b"{", b"[")):
        raise ArchiveError(f"{name} is JSON: a configuration without weights. {SAVE_AGAIN}.")
    raise ArchiveError(
        f"{name} is neither HDF5 nor a .keras archive (it begins with {head[:8]!r}). {SAVE_AGAIN}."
    )


def _absent(path: Path) -> str:
    """That there is no such file, and which one may be meant."""
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, and there is no such file."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"{path}: there is no such file, nor a directory {path.parent}."
    close = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir()], 1)
    hint = f" Did you mean {path.with_name(close[0])}?" if close else ""
    return f"{path}: there is no such file.{hint}"


def _describe_folder(path: Path) -> str:
    """What a directory is, and what to give instead."""
    name = path.absolute().name or str(path)
    if (path / "saved_model.pb").exists():
        return (
            f"{name} is a SavedModel directory, which holds a TensorFlow program, not a"
            f" network's configuration. Load it with TensorFlow, then: {SAVE_AGAIN}."
        )
    files = sorted(item for item in path.iterdir() if item.suffix in MODEL_SUFFIXES)
    if not files:
        return f"{name} is a directory, not a Keras file. {SAVE_AGAIN}."
    shown = ", ".join(str(item) for item in files[:MAX_SHOWN])
    more = f", and {len(files) - MAX_SHOWN} more" if len(files) > MAX_SHOWN else ""
    return f"{name} is a directory, not a Keras file. Name a file in it: {shown}{more}."


@contextmanager
def _open_hdf5(path: Path, name: str, digest: str) -> Iterator[Archive]:
    with path.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as data:
        check_heaps(data)
    with h5py.File(path, "r") as file:
        text = _attribute("model_config", file)
        if text is None:
            raise ArchiveError(
                f"{name} holds weights but no model_config: its layers are unknown. {SAVE_AGAIN}."
            )
        config = parse_object(text, "its model_config", has_nan=True)
        group = find_member(file, "model_weights")
        if not isinstance(group, h5py.Group):
            raise ArchiveError(f"{name} has a model_config but no weights. {SAVE_AGAIN}.")
        version = _attribute("keras_version", file, group) or str(
            config.get("keras_version", "unknown")
        )
        budget = min(MAX_WEIGHTS_BYTES, 1024 * path.stat().st_size)
        weights = LegacyWeights.open(group, budget)
        backend = _attribute("backend", file, group) or weights.guess_backend()
        yield Archive(config, weights, version, backend, name, digest)


@contextmanager
def _open_zip(path: Path, name: str, digest: str) -> Iterator[Archive]:
    with open_zip(path) as parts:
        if CONFIG not in parts.members:
            raise ArchiveError(
                f"{name} is a zip archive without {CONFIG}, not a Keras model. {SAVE_AGAIN}."
            )
        config = _read_object(parts, CONFIG)
        metadata = _read_object(parts, METADATA) if METADATA in parts.members else {}
        if WEIGHTS not in parts.members:
            raise ArchiveError(f"{name} has a {CONFIG} but no {WEIGHTS}. {SAVE_AGAIN}.")
        raw = parts.read(WEIGHTS, MAX_WEIGHTS_BYTES)
        version = str(metadata.get("keras_version", "unknown"))
        check_heaps(raw)
        with h5py.File(io.BytesIO(raw), "r") as file:
            words = {
                tuple(match[1].split("/")): _read_lines(parts, member)
                for member in parts.members
                if (match := VOCABULARY.match(member.replace("\\", "/")))
            }
            weights = TreeWeights.open(file, min(MAX_WEIGHTS_BYTES, 1024 * len(raw)), words)
            yield Archive(config, weights, version, "", name, digest)


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
