"""Columns of tables: what the elements of a model's inputs are to those who call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["number", "text", "boolean", "date", "timestamp"]
Nulls: TypeAlias = Literal["null", "missing"]


@dataclass(frozen=True)
class Column:
    """One column that a row has for a model.

    kind says what it holds and what becomes of it: a number is itself, a boolean 0.0 or 1.0, a
    date the days and a timestamp the seconds since 1970-01-01 (UTC, where it has a time zone); a
    text is one. nulls says what a NULL means: "null" gives the row a NULL score, "missing" reaches
    the model as NaN, or as None among texts. place is its position among all columns of the
    model, from 0, as a caller lists them.
    """

    name: str
    kind: Kind = "number"
    nulls: Nulls = "null"
    place: int = 0

    @property
    def is_text(self) -> bool:
        """Whether it is an element of an input of texts; all other kinds become numbers."""
        return self.kind == "text"


def as_list(columns: Sequence[Column]) -> list[list[str | int]]:
    """Columns as plans and digests hold them: [[name, kind, nulls, place], ...]."""
    return [[column.name, column.kind, column.nulls, column.place] for column in columns]


def in_order(ports: Sequence[Sequence[Column]]) -> tuple[Column, ...]:
    """The columns of all ports as a caller lists them."""
    return tuple(sorted((c for port in ports for c in port), key=lambda column: column.place))


def renamed(columns: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """The same columns under other names; names are in the order of places, of all columns."""
    return tuple(replace(column, name=names[column.place]) for column in columns)
