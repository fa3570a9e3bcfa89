"""The formats of model files that can be read: a folder each, and one table of their records."""

from __future__ import annotations

from pathlib import Path

from exporter.formats.format import Format
from exporter.formats.keras.record import KERAS

__all__ = ["FORMATS", "recognise"]

FORMATS: dict[str, Format] = {KERAS.name: KERAS}


def recognise(path: Path) -> Format:
    """The format of a file, by its content.

    What none recognises is left to the first, whose reader says what the file is instead.
    """
    every = list(FORMATS.values())
    return next((item for item in every if item.recognise(path)), every[0])
