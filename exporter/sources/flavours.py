"""Which file of an MLflow model is the model: its MLmodel, read as data and as nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from exporter.errors import ArchiveError, list_names

MLMODEL = "MLmodel"
MAX_MLMODEL_BYTES = 4 * 2**20
KERAS_FILES = ("model.keras", "model.h5")  # in the folder `data`; without one it is a SavedModel


def choose_files(mlmodel: bytes, shown: str) -> tuple[str, ...]:
    """Where the model's file may lie within the directory, the first that is there.

    Raises: ArchiveError, when MLmodel is none, or names no flavour or file that can be read.
    """
    flavours = _read_flavours(mlmodel, shown)
    known = [name for name in FLAVOURS if name in flavours]
    if not known:
        raise ArchiveError(
            f"{shown} has the flavours {list_names(sorted(map(str, flavours)), 10)}, and what can"
            f" be read are {list_names(list(FLAVOURS))}. Log the model in one of these, or export"
            " a file of it."
        )
    if len(known) > 1:
        raise ArchiveError(
            f"{shown} has the flavours {list_names(known)}, which may be two models. Download the"
            " file of the one you mean, and export that."
        )
    settings = flavours[known[0]]
    if not isinstance(settings, dict):
        raise ArchiveError(f"{shown}: its {MLMODEL} says nothing of the flavour {known[0]}.")
    return tuple(_within(path, shown) for path in FLAVOURS[known[0]](settings))


def _read_flavours(mlmodel: bytes, shown: str) -> dict[Any, Any]:
    import yaml

    broken = f"{shown}: its {MLMODEL} cannot be read"
    if len(mlmodel) > MAX_MLMODEL_BYTES:
        raise ArchiveError(f"{broken}: {len(mlmodel):,} bytes, over {MAX_MLMODEL_BYTES:,}.")
    try:
        content = yaml.safe_load(mlmodel)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArchiveError(f"{broken}, it is no YAML of plain values. Log it again.") from error
    flavours = content.get("flavors") if isinstance(content, dict) else None
    if not isinstance(flavours, dict):
        raise ArchiveError(f"{broken}, it names no flavours. Log the model again.")
    return flavours


def _keras(settings: dict[str, Any]) -> tuple[Any, ...]:
    folder = settings.get("data", "data")
    return tuple(f"{folder}/{name}" for name in KERAS_FILES)


def _one(key: str) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda settings: (settings.get(key),)


FLAVOURS: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    "keras": _keras,
    "tensorflow": _keras,
    "sklearn": _one("pickled_model"),
    "xgboost": _one("data"),
    "lightgbm": _one("data"),
    "catboost": _one("data"),
}
"""What a flavour says of where its file lies: (its settings) -> paths, the likeliest first."""


def _within(path: Any, shown: str) -> str:
    """A path that stays in the directory.

    Raises: ArchiveError.
    """
    parts = PurePosixPath(path).parts if isinstance(path, str) else ()
    is_plain = parts and path.isprintable() and not set(path) & {"\\", ":", "?", "#", "%"}
    if not is_plain or parts[0] == "/" or ".." in parts:
        raise ArchiveError(
            f"{shown}: its {MLMODEL} names the file {path!r}, which is none in its own directory."
        )
    return str(PurePosixPath(*parts))
