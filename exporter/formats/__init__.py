"""The formats of model files that can be read: a folder each, and one table of their records."""

from __future__ import annotations

from pathlib import Path

from exporter.errors import ArchiveError
from exporter.formats.format import Format
from exporter.formats.keras.record import KERAS
from exporter.formats.opening import ModelFile, opened
from exporter.formats.sklearn.record import SKLEARN
from exporter.formats.trees.record import CATBOOST_FORMAT, LIGHTGBM, XGBOOST
from exporter.formats.unknown import describe_unknown
from exporter.ir.graph import Graph

__all__ = ["FORMATS", "describe_judges", "read", "recognise"]

EVERY = (KERAS, XGBOOST, LIGHTGBM, CATBOOST_FORMAT, SKLEARN)
FORMATS: dict[str, Format] = {item.name: item for item in EVERY}


def recognise(file: ModelFile) -> Format:
    """The format of a file, by its content.

    Raises: ArchiveError, when it is of none, with what it looks like, or of several.
    """
    found = [item for item in FORMATS.values() if item.recognise(file)]
    if not found:
        raise ArchiveError(describe_unknown(file, tuple(FORMATS.values())))
    if len(found) > 1:
        raise ArchiveError(
            f"{file.name} could be a file of {' or of '.join(item.title for item in found)}."
            " Save the model again in a file of its own."
        )
    return found[0]


def read(path: Path | str) -> Graph:
    """Read a model file of any format without executing anything of it.

    Raises: ArchiveError, when it cannot be read; UnsupportedError, with everything in it that
    cannot be exported.
    """
    with opened(Path(path)) as file:
        return recognise(file).read(file)


def describe_judges() -> str:
    """Who computes expected outputs, for the help of --expected-by."""
    judges = [item.framework for item in FORMATS.values() if item.framework is not None]
    safe = [judge.title for judge in judges if not judge.executes]
    risky = [judge.title for judge in judges if judge.executes]
    warning = f"; {' and '.join(risky)} executes what is in the file" if risky else ""
    return (
        "Who computes expected outputs: the file's own framework where it is installed and safe"
        f" (auto: {', '.join(safe)}), the framework or nobody (framework{warning}), or only this"
        " program (float64)."
    )
