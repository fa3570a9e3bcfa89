"""Sample rows that the user gives: of a CSV file with a header, of a .npy file, or of a table."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from exporter.engines.reference import Array, compute_values
from exporter.errors import ArchiveError, SignatureError, counted, list_names, name_all
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, count_numbers
from exporter.sources.address import is_address

FILES = (".csv", ".npy")  # what a file's name ends with; anything else names a table
EPOCH = datetime.datetime(1970, 1, 1)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:([+-]\d\d):?(\d\d)?)?")
TRUTHS = {"true": 1.0, "t": 1.0, "1": 1.0, "false": 0.0, "f": 0.0, "0": 0.0}


@dataclass(frozen=True)
class Given:
    """Rows as they were found: names of their columns, where they have any, and cells."""

    source: str
    names: tuple[str, ...] | None
    rows: Sequence[Sequence[Any]]


def is_file(source: str) -> bool:
    """Whether samples_from names a file, here or by an address, and not a table."""
    return is_address(source) or Path(source).suffix.lower() in FILES


def read_file(source: str, most: int, shown: str | None = None) -> Given:
    """The first rows of a file, which messages call as it is shown.

    Raises: ArchiveError, when it cannot be read.
    """
    path, source = Path(source), shown or source
    if path.suffix.lower() not in FILES:
        raise ArchiveError(
            f"{source} is no file of sample rows, whose name ends with {' or '.join(FILES)}."
        )
    try:
        if path.suffix.lower() == ".npy":
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            rows = np.array(array[:most])
            return Given(source, None, rows.reshape(len(rows), -1).tolist())
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines, None)
            if header is None:
                raise ArchiveError(f"{source} is empty; give a CSV file with a header.")
            found = [line for line, _ in zip(lines, range(most), strict=False)]
    except (OSError, ValueError, csv.Error, IndexError) as error:
        raise ArchiveError(f"the sample rows cannot be read from {source}: {error}") from error
    if len(set(header)) < len(header):
        raise ArchiveError(f"{source} has two columns of the same name: {list_names(header)}.")
    return Given(source, tuple(header), found)


def wanted_columns(graph: Graph, features: Sequence[str]) -> tuple[Column, ...]:
    """The columns that rows need, in order; without names they are called by their number.

    Raises: SignatureError, where a length is free.
    """
    columns = list(graph.columns)
    for port in () if columns else graph.inputs:
        count = count_numbers(port.shape)
        if count is None:
            raise SignatureError(
                "samples_from gives rows of columns, and an input of the model has a free length."
            )
        for _ in range(count):
            kind = "text" if port.is_text else "number"
            columns.append(Column(str(len(columns) + 1), kind, "null", len(columns)))  # type: ignore[arg-type]
    names = features or [column.name for column in columns]
    return tuple(
        Column(name, column.kind, column.nulls, column.place)
        for name, column in zip(names, columns, strict=True)
    )


def as_inputs(graph: Graph, given: Given, features: Sequence[str]) -> tuple[Array, ...]:
    """The rows as inputs of the model.

    Raises: SignatureError, when columns are missing or a row holds what the model cannot take.
    """
    columns = wanted_columns(graph, features)
    places = _find_places(given, columns, bool(features or graph.columns))
    if not given.rows:
        raise SignatureError(f"{given.source} has no rows.")
    cells: dict[int, list[Any]] = {column.place: [] for column in columns}
    for number, row in enumerate(given.rows, 1):
        if len(row) <= max(places, default=-1):
            raise SignatureError(
                f"row {number} of {given.source} has {counted(len(row), 'column')} only."
            )
        for column, place in zip(columns, places, strict=True):
            where = f'row {number} of {given.source}, column "{column.name}"'
            cells[column.place].append(_read_cell(row[place], column, where))
    inputs = []
    start = 0
    for port in graph.inputs:
        count = len(port.columns) or count_numbers(port.shape) or 0
        own = [c.place for c in port.columns] or list(range(start, start + count))
        start += count
        array = np.empty((len(given.rows), count), object if port.is_text else port.dtype)
        for place, origin in enumerate(own):
            array[:, place] = cells[origin]
        inputs.append(array.reshape(len(array), *(n or 0 for n in port.shape)))
    _check_taken(graph, inputs, given.source)
    return tuple(inputs)


def _find_places(given: Given, columns: Sequence[Column], has_names: bool) -> list[int]:
    """Where each column stands in a row: by name, or one after the other where there are none."""
    if given.names is not None and has_names:
        missing = [column.name for column in columns if column.name not in given.names]
        if missing:
            raise SignatureError(
                f"{given.source} has no {name_all('column', missing)}; it has"
                f" {list_names(given.names)}. Sample rows need every column of the model."
            )
        return [given.names.index(column.name) for column in columns]
    width = len(given.names) if given.names is not None else len(given.rows[0]) if given.rows else 0
    if given.rows and width != len(columns):
        raise SignatureError(
            f"{given.source} has {counted(width, 'column')}, and the model takes {len(columns)}."
        )
    return list(range(len(columns)))


def _read_cell(cell: Any, column: Column, where: str) -> Any:
    """A cell as the model's input holds it; an empty one of a file is missing, but for a text where
    nothing may be."""
    takes_missing = column.nulls == "missing"
    if cell == "" and (takes_missing or not column.is_text):
        cell = None
    if isinstance(cell, float) and np.isnan(cell):
        cell = None
    if cell is None:
        if takes_missing:
            return None if column.is_text else np.nan
        raise SignatureError(
            f"{where} is empty, and the score of such a row is NULL: it proves nothing. Leave it"
            " out."
        )
    if column.is_text:
        text = str(cell)
        if "\0" in text:
            raise SignatureError(f"{where} holds a zero byte, which no text in a database does.")
        return text
    try:
        return _as_number(cell, column.kind)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise SignatureError(f"{where} is {cell!r}, which is no {column.kind}.") from error


def _as_number(cell: Any, kind: str) -> float:
    if kind == "boolean":
        if isinstance(cell, (int, float)):
            cell = str(int(cell)) if cell in (0, 1) else ""
        return TRUTHS[str(cell).strip().lower()]
    if kind == "number":
        return float(cell)
    moment = cell
    if isinstance(cell, str):
        moment = _read_moment(cell.strip())
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    since = moment - EPOCH
    if kind == "date":
        if since.seconds or since.microseconds:
            raise ValueError("it has a time of day")
        return float(since.days)
    return since.total_seconds()


def _read_moment(text: str) -> datetime.datetime:
    """A date or timestamp as PostgreSQL writes it, with digits as they come and a zone in hours;
    Python before 3.11 asks for six, or three, and for minutes.

    Raises: ValueError, for anything else that is not of ISO 8601.
    """
    found = MOMENT.fullmatch(text)
    if found is None:
        return datetime.datetime.fromisoformat(text)
    clock, digits, hours, minutes = found.groups()
    zone = "" if hours is None else f"{hours}:{minutes or '00'}"
    return datetime.datetime.fromisoformat(f"{clock}.{(digits or '')[:6].ljust(6, '0')}{zone}")


def _check_taken(graph: Graph, inputs: Sequence[Array], source: str) -> None:
    """Raise SignatureError for the first row that the model does not take."""
    try:
        compute_values(graph, inputs, set(graph.results))
        return
    except ValueError as error:
        reason = error
    for row in range(len(inputs[0])):
        try:
            compute_values(graph, [x[row : row + 1] for x in inputs], set(graph.results))
        except ValueError as error:
            raise SignatureError(
                f"row {row + 1} of {source} is none that the model takes: {error}. Leave it out."
            ) from error
    raise SignatureError(f"the model does not take the rows of {source}: {reason}.")
