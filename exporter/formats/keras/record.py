"""Keras as one record: .h5, .hdf5 and .keras files of Keras 1 to 3, SavedModel directories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.format import Format, Framework
from exporter.formats.keras.archive import SAVED_BY, recognise
from exporter.formats.keras.framework import ask
from exporter.formats.keras.layers import LAYERS
from exporter.formats.keras.savedmodel import read_any
from exporter.output import file_name

FRAMEWORKS = ("keras", "tf_keras", "tensorflow")


def save(model: Any, folder: Path) -> Path | None:
    """Save a model in memory by its own save(); nothing else of Keras is called.

    Raises: ArchiveError, when it cannot be saved.
    """
    libraries = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    if not libraries & set(FRAMEWORKS) or not callable(getattr(model, "save", None)):
        return None
    path = folder / f"{file_name(str(model.name))}.keras"
    try:
        model.save(str(path))
    except Exception as error:  # whatever the framework raises
        raise ArchiveError(f'the model "{model.name}" cannot be saved: {error}') from error
    return path


KERAS = Format(
    name="keras",
    title="Keras",
    suffixes=(".keras", ".h5", ".hdf5"),
    saved_by=SAVED_BY,
    part="layer",
    recognise=recognise,
    read=read_any,
    framework=Framework("Keras", ask, executes=False),
    save=save,
    layers=LAYERS,
)
