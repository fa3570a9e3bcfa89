"""Python's own pickle, which this file alone uses, and only to write a model in memory."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.child import Array
from exporter.formats.format import Answer
from exporter.formats.opening import ModelFile
from exporter.output import file_name


def save(model: Any, folder: Path) -> Path | None:
    """Save a fitted estimator in memory as a pickle.

    Raises: ArchiveError, when it cannot be pickled.
    """
    libraries = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    if "sklearn" not in libraries:
        return None
    path = folder / f"{file_name(type(model).__name__.lower())}.pkl"
    try:
        path.write_bytes(pickle.dumps(model, protocol=4))
    except Exception as error:  # whatever an estimator's own __reduce__ raises
        raise ArchiveError(f"the {type(model).__name__} cannot be pickled: {error}") from error
    return path


def expect(file: ModelFile, inputs: tuple[Array, ...]) -> Answer:
    """Not asked: scikit-learn would have to unpickle the file, which executes what is in it."""
    return Answer(None, "", "loading a pickle executes what is in it")
