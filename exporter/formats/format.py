"""What a format of model files is to the rest of the program: one record, from its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from exporter.ir.graph import Graph
from exporter.samples import Answer, Array


class Supported(Protocol):
    """What a layer, or whatever a format is made of, becomes: names of ops, and limits in words."""

    @property
    def ops(self) -> tuple[str, ...]:
        """Names of classes of exporter.ir.ops."""

    @property
    def limits(self) -> str:
        """Options and limits, empty where there are none."""


@dataclass(frozen=True)
class Format:
    """A format of files that models are read from, and everything that is done with one.

    name is what Source.format holds, title what people call it, and what saves such files.

    recognise: does this file look like one? By its content; nothing of it is executed.
    read: (path) -> Graph; ArchiveError and UnsupportedError say what stands in the way.
    expect: (path, rows) -> Answer, outputs of sample rows by the format's own framework, or why it
    cannot be asked.
    save: (model in memory, folder) -> the file it was saved to, None for what is no model of it.
    layers: what it is made of, by name, with what that becomes.
    """

    name: str
    title: str
    recognise: Callable[[Path], bool]
    read: Callable[[Path], Graph]
    expect: Callable[[Path, tuple[Array, ...]], Answer]
    save: Callable[[Any, Path], Path | None]
    layers: Mapping[str, Supported]
