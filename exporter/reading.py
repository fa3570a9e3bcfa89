"""A model file, or a model in memory, becomes a Model: one graph, and where it is from."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

from exporter.description import Description
from exporter.errors import ArchiveError, Problem, UnsupportedError
from exporter.facts import Shown
from exporter.formats import FORMATS, recognise
from exporter.formats.opening import State, opened
from exporter.ir.chain import chain
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify
from exporter.ir.windows import settle_window, take_windows
from exporter.output import file_name
from exporter.progress import Bytes, show_bytes
from exporter.sources import Fetched, fetch, is_address

log = logging.getLogger("exporter")
Source: TypeAlias = Any
"""A path, an address (docs/sources.md), a binary file object, or a model in memory of a framework
that is known; or a list of such: fitted transformers, and behind them the model that takes what
they make of a row."""


@dataclass(frozen=True, eq=False)
class Model(Shown):
    """A model that was read. graph is it without its framework; path is the file, which the
    framework scores for the expected outputs, and state what it was like when it was read; is_own:
    this process saved it, from a model in memory; that file, or one that was downloaded, lasts as
    long as this. parts are the models that it was put together from, in order, where it was; path
    and state are then those of the last."""

    graph: Graph = field(repr=False)
    path: Path
    state: State = field(repr=False)
    is_own: bool = field(default=False, repr=False)
    parts: tuple[Model, ...] = field(default=(), repr=False)

    def describe(
        self, *, window: int | None = None, step: int | None = None, pad: str | None = None
    ) -> Description:
        """What it is made of; print() shows it. window: it takes so many rows of a series, with
        step and pad as script() takes them.

        Raises: SignatureError, when it does not.
        """
        scored = simplify(self.graph)
        if window is None and scored.rows:  # it was read so
            window = scored.inputs[0].shape[0]
        windows = settle_window(scored, window, step, pad)
        if windows is not None:
            windows = take_windows(scored, windows, ())[1]
        return Description(self.graph, scored, windows)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what does not prevent an export."""
        return self.graph.warnings

    def facts(self) -> dict[str, Any]:
        """The same as describe().facts()."""
        return self.describe().facts()

    def __str__(self) -> str:
        return str(self.describe())

    def _repr_html_(self) -> str:
        return self.describe()._repr_html_()


def read(
    source: Source,
    *,
    window: int | None = None,
    allow_http: bool = False,
    progress: bool | Bytes = False,
) -> Model:
    """Read a model: a path, an address such as s3://bucket/model.keras (docs/sources.md), a file
    object opened for bytes, or a model in memory, of Keras for one.

    A list is a model behind its preprocessing, [scaler, network] for one: one graph is made of
    them; where the network takes a window of so many rows, the preprocessing is that of one row. A
    model in memory is saved by its own framework into a temporary file, which lasts as long as the
    result, and so does a file that was downloaded; nothing else of the framework is called here.
    http:// is read with allow_http only.
    Raises: ArchiveError, UnsupportedError with everything that cannot be exported; SignatureError,
    when the models of a list do not fit each other.
    """
    if isinstance(source, (list, tuple)):
        return _read_chain(source, window, allow_http, progress)
    if isinstance(source, (str, os.PathLike)) and not is_address(source):
        return _read_path(Path(source))
    folder = Path(tempfile.mkdtemp(prefix="export-model-"))
    try:
        if is_address(source):
            model = _read_address(source, folder, allow_http, progress)
        else:
            model = _read_memory(source, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)
    return model


def _read_chain(
    sources: Sequence[Source], window: int | None, allow_http: bool, progress: bool | Bytes
) -> Model:
    """Transformers and the model behind them, over windows of so many rows, as one.

    Raises: as read, all problems of all files at once.
    """
    if len(sources) < 2:
        raise ArchiveError(
            f"a list of {len(sources)} is no model that can be read. Give the preprocessing and"
            " the model behind it, as [scaler, network]."
        )
    parts: list[Model] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            parts.append(read(source, allow_http=allow_http, progress=progress))
        except UnsupportedError as error:
            problems += error.problems
    if problems:
        raise UnsupportedError(problems)
    last = parts[-1]
    front = reduce(chain, (part.graph for part in parts[:-1]))
    return Model(chain(front, last.graph, window), last.path, last.state, last.is_own, tuple(parts))


def _read_address(
    address: str, folder: Path, allow_http: bool, progress: bool | Bytes = False
) -> Model:
    """The model in a file that is downloaded into the folder; it knows where it is from."""
    fetched = fetch_file(address, folder, allow_http, progress)
    model = _read_path(fetched.path)
    source = replace(model.graph.source, uri=fetched.uri, revision=fetched.revision)
    return replace(model, graph=replace(model.graph, source=source))


def fetch_file(
    address: str, folder: Path, allow_http: bool, progress: bool | Bytes = False
) -> Fetched:
    """The file that an address names, downloaded into the folder.

    Raises: ArchiveError, when it cannot be had whole.
    """
    with show_bytes(progress) as advance:
        fetched = fetch(address, folder, allow_http=allow_http, advance=advance)
    log.info("downloaded %s", fetched.uri)
    return fetched


def _read_memory(source: Source, folder: Path) -> Model:
    """A model in memory, or in a file object, by way of a file in the folder."""
    saved = _save_into(folder, source)
    return _read_path(saved or _copy_into(folder, source), is_own=saved is not None)


def _read_path(path: Path, is_own: bool = False) -> Model:
    with opened(path) as file:
        return Model(recognise(file).read(file), path, file.state, is_own)


def _save_into(folder: Path, source: Source) -> Path | None:
    """The file in folder that a model in memory was saved to; None for anything else."""
    saved = (item.save(source, folder) for item in FORMATS.values())
    return next((path for path in saved if path is not None), None)


def _copy_into(folder: Path, source: Source) -> Path:
    """The file in folder that holds what a file object gives.

    Raises: ArchiveError, when it is nothing that can be read.
    """
    content = source.read() if callable(getattr(source, "read", None)) else None
    if not isinstance(content, bytes):
        known = " or ".join(item.title for item in FORMATS.values())
        raise ArchiveError(
            f"a {type(source).__module__}.{type(source).__qualname__} is no model that can be read."
            f' Give a path, a file object opened with "rb", or a model of {known}.'
        )
    name = getattr(source, "name", None)
    path = folder / (file_name(Path(name).name) if isinstance(name, str) else "model")
    path.write_bytes(content)
    return path
