"""Columns of tables in PL/SQL: the types of parameters, and how they become elements of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.databases.oracle.text import literal
from exporter.engines.plsql.kinds import kind_of
from exporter.engines.plsql.runtime import RUNTIME, TABLES, in_runtime
from exporter.ir.columns import Column, Kind
from exporter.ir.graph import Port
from exporter.ir.signature import name_columns
from exporter.sql.text import Sql

# Oracle has no BOOLEAN in SQL before 23: 0 and 1 are what its tables hold.
TYPES: dict[Kind, Sql] = {
    "number": Sql("binary_double"),
    "boolean": Sql("binary_double"),
    "date": Sql("date"),
    "timestamp": Sql("timestamp"),
    "text": Sql("varchar2"),
}
"""The types in which functions take columns of each kind."""


@dataclass(frozen=True)
class Element:
    """A column as an element of an input: which input, from 0, and which element, from 1."""

    column: Column
    input: int
    place: int

    @property
    def type_name(self) -> Sql:
        """The type of its parameter."""
        return TYPES[self.column.kind]

    @property
    def fetched_type(self) -> Sql:
        """The type of what a cursor's rows are fetched into."""
        if self.column.kind in ("number", "boolean"):
            return in_runtime("t_column", RUNTIME)
        return in_runtime(f"t_{self.column.kind}_column", TABLES)

    def taken(self, value: Sql) -> Sql:
        """What the model takes, of a value in the column's own type."""
        if self.column.kind == "boolean":
            quoted = literal(self.column.name)
            return Sql("{}({}, {})").format(in_runtime("boolean_of", TABLES), value, quoted)
        if self.column.kind in ("date", "timestamp"):
            name = "days_of" if self.column.kind == "date" else "seconds_of"
            return Sql("{}({})").format(in_runtime(name, TABLES), value)
        return value

    def given(self, value: Sql) -> Sql:
        """The other way round, of an element of a sample's array."""
        if self.column.kind in ("date", "timestamp"):
            return Sql("{}({})").format(in_runtime(f"{self.column.kind}_of", TABLES), value)
        return value if self.column.is_text else Sql("to_binary_double({})").format(value)


def elements_of(ports: Sequence[Port], features: Sequence[str]) -> list[Element]:
    """Every column under its caller's name, in the order in which callers list them."""
    elements = [
        Element(column, item, place)
        for item, columns in enumerate(name_columns(ports, features))
        for place, column in enumerate(columns, 1)
    ]
    return sorted(elements, key=lambda element: element.column.place)


def may_miss(port: Port) -> list[int] | None:
    """Of each element of an input whether it may be missing, 1 or 0; None where none can be, of an
    input of numbers."""
    if not port.is_text and all(column.nulls == "null" for column in port.columns):
        return None
    if not port.columns:
        return [0] * port_size(port)
    return [int(column.nulls == "missing") for column in port.columns]


def port_size(port: Port) -> int:
    """How many elements an input of fixed shape has."""
    size = 1
    for length in port.shape:
        size *= length or 1
    return size


def is_plain(ports: Sequence[Port]) -> bool:
    """Whether nothing of nn_tables is needed at the door: arrays of float32 alone, as they are."""
    return all(
        kind_of(port.dtype) == kind_of("float32")
        and all(column.kind == "number" and column.nulls == "null" for column in port.columns)
        for port in ports
    )
