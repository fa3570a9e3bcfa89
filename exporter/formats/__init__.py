"""The formats of model files that can be read: a folder each, and one table of their records."""

from __future__ import annotations

from pathlib import Path

from exporter.formats.format import Format
from exporter.formats.keras.record import KERAS
from exporter.formats.sklearn.record import SKLEARN

__all__ = ["FORMATS", "recognise"]

FORMATS: dict[str, Format] = {item.name: item for item in (KERAS, SKLEARN)}


def recognise(path: Path) -> Format:
    """The format of a file, by its content.

    The first takes every zip, so that the others are asked before it. What none recognises is left
    to it, too: its reader says what the file is instead.
    """
    every = list(FORMATS.values())
    return next((item for item in reversed(every) if item.recognise(path)), every[0])
