"""The script: every statement of a deployment, named and in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from exporter.sql.text import Sql, remark


@dataclass(frozen=True)
class Statement:
    """One SQL statement, without semicolon, and what it does in a few words."""

    name: str
    sql: Sql


@dataclass(frozen=True)
class Script:
    """All statements that deploy one version of one model, to run in one transaction.

    str() is the same as a file for psql; the statements are the same for a connection.
    """

    model: str
    version: str
    statements: tuple[Statement, ...]

    @cached_property
    def digest(self) -> str:
        """Hex sha256 of the text."""
        return hashlib.sha256(str(self).encode("utf-8")).hexdigest()

    def lines(self) -> Iterator[str]:
        """The file for psql, piece by piece; weights make it too large to build twice."""
        yield f"-- Model {remark(self.model)}, version {self.version[:12]}, made by export-model.\n"
        yield "-- Run it with: psql -v ON_ERROR_STOP=1 -f THIS_FILE\n"
        yield "-- It is one transaction: when any statement fails, nothing is changed.\n"
        yield "\\set ON_ERROR_STOP on\nbegin;\n"
        for statement in self.statements:
            yield f"\n-- {remark(statement.name)}\n{statement.sql};\n"
        yield "\ncommit;\n"

    def __str__(self) -> str:
        return "".join(self.lines())
