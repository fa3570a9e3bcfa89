"""Packages as they are in a schema: whether they are there, valid, and of the right text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from exporter.databases.oracle.connection import Connection, execute
from exporter.databases.oracle.shared import Units
from exporter.databases.oracle.text import catalog_name
from exporter.sql.text import Sql

KINDS = ("PACKAGE", "PACKAGE BODY")
MISSING, ALTERED, INVALID = "is missing", "was altered", "was not valid"
# How a unit begins: Oracle keeps it from the word PACKAGE on, and a restore may quote the name and
# put the schema before it.
BEGINNING = re.compile(
    r"\s*(?:create\s+(?:or\s+replace\s+)?)?(?:(?:non)?editionable\s+)?package\s+(body\s+)?"
    r'(?:(?:"[^"]+"|\w+)\s*\.\s*)?("[^"]+"|\w+)',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a specification or body, and the text that it should have."""

    kind: str
    key: str
    what: str
    text: Sql

    @property
    def is_of_text(self) -> bool:
        """Has it to be made again? Else it is only to be compiled."""
        return self.what != INVALID

    def __str__(self) -> str:
        return f"{self.kind.lower()} {self.key} {self.what}"


def find_faults(connection: Connection, units: Units, key: str) -> list[Fault]:
    """What is wrong with a package of this user, key in the dictionary: nothing, or for its
    specification and body that it is missing, altered, or not valid."""
    return [
        Fault(kind, key, what, text)
        for kind, text in zip(KINDS, (units.spec, units.body), strict=True)
        for what in _faults(connection, key, kind, text)
    ]


def is_valid(connection: Connection, key: str) -> bool:
    """Are specification and body there, and compiled?"""
    return all(_status(connection, key, kind) == "VALID" for kind in KINDS)


def read_text(connection: Connection, key: str, kind: str) -> str:
    """The text of a unit of this user as Oracle keeps it, empty where there is none."""
    rows = execute(
        connection,
        'select text from user_source where name = :1 and "TYPE" = :2 order by line',
        key,
        kind,
    )
    return "".join(text or "" for (text,) in rows)


def _faults(connection: Connection, key: str, kind: str, text: Sql) -> Iterator[str]:
    status = _status(connection, key, kind)
    if status is None:
        yield MISSING
    elif _compared(read_text(connection, key, kind)) != _compared(text):
        yield ALTERED
    elif status != "VALID":
        yield INVALID


def _status(connection: Connection, key: str, kind: str) -> str | None:
    rows = execute(
        connection,
        "select status from user_objects where object_name = :1 and object_type = :2",
        key,
        kind,
    )
    return str(rows[0][0]) if rows else None


def _compared(text: str) -> tuple[str, str, str]:
    """What two texts of a unit have to share: kind, name, and the words behind, however they are
    laid out."""
    found = BEGINNING.match(text)
    if found is None:
        return "", "", text
    name = found[2]
    name = name[1:-1] if name.startswith('"') else catalog_name(name)
    return (found[1] or "").strip().lower(), name, " ".join(text[found.end() :].split())
