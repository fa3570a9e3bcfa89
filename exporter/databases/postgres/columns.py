"""Typed columns in SQL: their types, and how the table of samples holds them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import SignatureError
from exporter.ir.columns import Column, Kind, in_order
from exporter.ir.graph import Port
from exporter.ir.signature import name_columns
from exporter.manifest import Manifest
from exporter.sql.text import Sql, number

MAX_COLUMNS = 1600  # of a table; a row that SQL makes has little more
EPOCH = datetime.datetime(1970, 1, 1)
Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

TYPES: dict[Kind, Sql] = {
    "number": Sql("double precision"),
    "boolean": Sql("boolean"),
    "date": Sql("date"),
    "timestamp": Sql("timestamp without time zone"),
    "text": Sql("text"),
}
"""The types in which functions take columns of each kind."""


# What PostgreSQL has no cast for, or one that means something else. NULL stands for what means
# nothing, and is of the type that the model takes.
CASTS: dict[tuple[Kind, Kind], str] = {
    ("number", "boolean"): "{} <> 0",
    ("boolean", "number"): "{}::integer",
    ("boolean", "date"): "null::date",
    ("boolean", "timestamp"): "null::timestamp",
    ("date", "boolean"): "null::boolean",
    ("timestamp", "boolean"): "null::boolean",
    ("timestamp", "date"): "{}::date",
}

TO_NUMBER = (
    "{0} to the number that the model was trained on: days since 1970 are"
    " extract(epoch from {0}) / 86400, seconds extract(epoch from {0}), microseconds, as"
    " datetime64[us] of pandas holds them, extract(epoch from {0}) * 1e6, nanoseconds, as"
    " datetime64[ns] does, extract(epoch from {0}) * 1e9"
)

# What a number counts is not known here. The wrong unit would be no error, but other scores.
UNITS: dict[tuple[Kind, Kind], str] = {
    ("date", "number"): TO_NUMBER,
    ("timestamp", "number"): TO_NUMBER,
    ("number", "date"): (
        "{0} to a date by what it counts: days since 1970 are date '1970-01-01' + {0}::integer,"
        " seconds (to_timestamp({0}) at time zone 'UTC')::date"
    ),
    ("number", "timestamp"): (
        "{0} to a timestamp by what it counts: seconds since 1970 are"
        " to_timestamp({0}) at time zone 'UTC', milliseconds"
        " to_timestamp({0} / 1000.0) at time zone 'UTC'"
    ),
}


def ask_unit(name: str, held: Kind | None, wanted: Kind) -> str:
    """What to cast a column to, unit by unit, where its number counts days, seconds or others;
    empty where it counts nothing, and cast_column knows the cast."""
    return "" if held is None else UNITS.get((held, wanted), "").format(_quote(name))


def cast_column(name: str, held: Kind | None, wanted: Kind) -> str:
    """What a view selects in place of a column; of a type that is no kind's it goes by its text."""
    type_name = "double precision" if wanted == "number" else wanted
    through = "{}::text" if wanted == "text" else f"{{}}::text::{type_name}"
    cast = through if held is None else CASTS.get((held, wanted), through)
    quoted = _quote(name)
    return f"{cast.format(quoted)} as {quoted}"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def typed_columns(manifest: Manifest) -> tuple[Column, ...]:
    """All columns in the callers' order, of a model that takes them as typed columns.

    Empty for one without features, and for one input of numbers: arrays of those are as fast.
    """
    ports = manifest.inputs
    is_plain = len(ports) == 1 and not ports[0].is_text and not ports[0].columns
    return () if is_plain else in_order(name_columns(ports, manifest.signature.features))


def has_own_columns(ports: Sequence[Port]) -> bool:
    """Whether the model says itself what its columns are; it then takes no arrays."""
    return any(port.columns for port in ports)


def sample_texts(ports: Sequence[Port], arrays: Sequence[Any], row: int) -> list[str | None]:
    """The columns of a sample row in the callers' order, as texts that SQL casts to their types.

    NULL stands for what is missing: NaN among numbers, None among texts.
    """
    cells: dict[int, str | None] = {}
    for port, array in zip(ports, arrays, strict=True):
        for column, value in zip(port.columns, array[row].ravel().tolist(), strict=True):
            cells[column.place] = _as_text(column, value)
    return [cells[place] for place in sorted(cells)]


def sample_arrays(ports: Sequence[Port], rows: Sequence[Sequence[str | None]]) -> tuple[Array, ...]:
    """The inputs whose sample rows sample_texts wrote."""
    return tuple(
        np.array(
            [[_as_value(column, texts[column.place]) for column in port.columns] for texts in rows],
            object if port.is_text else port.dtype,
        )
        for port in ports
    )


def sample_values(columns: Sequence[Column], given: Sql) -> list[Sql]:
    """The other way round: SQL of each column, from the array `given` of texts."""
    return [
        Sql("{}[{}]::{}").format(given, number(place), TYPES[column.kind])
        for place, column in enumerate(columns, 1)
    ]


def check_columns(columns: Sequence[Column]) -> None:
    """Refuse more columns than a row can have.

    Raises: SignatureError.
    """
    if len(columns) > MAX_COLUMNS:
        raise SignatureError(
            f"the model takes {len(columns)} columns; a table of PostgreSQL has at most"
            f" {MAX_COLUMNS}."
        )


def _as_value(column: Column, text: str | None) -> str | float | None:
    """What _as_text wrote."""
    if column.is_text:
        return text
    if text is None:
        return math.nan
    if column.kind == "boolean":
        return float(text == "true")
    if column.kind in ("date", "timestamp"):
        return (datetime.datetime.fromisoformat(text) - EPOCH) / datetime.timedelta(
            **{"days" if column.kind == "date" else "seconds": 1}
        )
    return float(text)


def _as_text(column: Column, value: Any) -> str | None:
    if value is None or (not column.is_text and math.isnan(value)):
        return None
    if column.kind == "text":
        return str(value)
    if column.kind == "boolean":
        return "true" if value else "false"
    if column.kind == "date":
        return (EPOCH + datetime.timedelta(days=value)).date().isoformat()
    if column.kind == "timestamp":
        moment = EPOCH + datetime.timedelta(microseconds=round(value * 1e6))
        return moment.isoformat(" ")
    return repr(value)
