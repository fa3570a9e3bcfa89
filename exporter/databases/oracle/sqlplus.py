"""Scripts for SQL*Plus and SQLcl, and the statements that only they have."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from exporter.databases.oracle import text as oracle
from exporter.engines.plsql.limits import DEFAULT_VERSION
from exporter.errors import ExportError
from exporter.sql.script import Script, Statement
from exporter.sql.text import Sql, as_is

REPLACING = "create or replace "  # how each unit begins


@dataclass(frozen=True)
class Unit(Statement):
    """A PL/SQL unit: Oracle stores it even where it does not compile, and reports no error.

    key and kind as in ALL_OBJECTS; owner too, empty for the user's own schema. It stays as it is
    where it is there: compiling it again would throw ORA-04068 into the sessions that score with
    it.
    """

    key: str
    kind: str
    owner: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Its key, kind and owner."""
        return self.key, self.kind, self.owner

    def pieces(self) -> Iterable[Sql]:
        """A statement that fails where the unit is there."""
        return (Sql("create {}").format(as_is(self.sql.removeprefix(REPLACING))),)


@dataclass(frozen=True, eq=False)
class ArrayStatement(Statement):
    """A statement about an array: bound as :numbers through a connection, literals in a file.

    write gives the statements of the file, each of bounded size.
    """

    array: np.ndarray[Any, Any]
    write: Callable[[np.ndarray[Any, Any]], Iterator[Sql]]

    def pieces(self) -> Iterable[Sql]:
        """Statements with literals that together do the same."""
        return self.write(self.array)


@dataclass(frozen=True)
class SqlPlusScript(Script):
    """Statements for Oracle, whose DDL commits: each can be run again when a later one failed.

    str() is a file for SQL*Plus and SQLcl. guard sets :status to 0 when nothing is left to do, to 1
    otherwise; SQL*Plus has no IF, so stop then raises an error, and the file's run ends with that
    status. Where both are None, or something is said about the version, all of it is always run.
    purpose says what the file does, in a few
    words, summary in some sentences. runtime are the packages of what all models share that it
    needs, as the dictionary spells them; oracle_version is the oldest that it is for.
    """

    guard: Statement | None = field(repr=False)
    stop: Statement | None = field(repr=False)
    purpose: str
    uninstall: SqlPlusScript | None = field(default=None, repr=False)
    runtime: tuple[str, ...] = field(default=(), repr=False)
    oracle_version: str = field(default=DEFAULT_VERSION, repr=False)

    @property
    def removal(self) -> Script | None:
        """The script that removes the model."""
        return self.uninstall

    def without_shared(self) -> SqlPlusScript:
        """The same without the runtime, which is asked for before anything is made.

        Raises: ExportError, for a script that has nothing of the kind.
        """
        if self.check is None:
            raise ExportError("this script has no part that is installed on its own.")
        own = tuple(statement for statement in self.statements if not statement.is_shared)
        statements, summary = (self.check, *own), self.own_summary
        return replace(self, statements=statements, summary=summary, check=None)

    def command(self, path: str) -> str:
        """How the file is run."""
        quoted = path if shlex.quote(path) == path else shlex.quote(f'"{path}"')
        return f"sqlplus USER@//HOST:PORT/SERVICE @{quoted}"

    def lines(self) -> Iterator[str]:
        """The file for SQL*Plus, piece by piece."""
        yield f"rem {oracle.remark(self.purpose)}, made by export-model.\n"
        yield f"rem Run it with: {self.command('THIS_FILE')}\n"
        yield "rem When a statement fails the run ends there; run the file again to continue.\n"
        yield from (f"rem {oracle.remark(sentence)}\n" for sentence in self.summary)
        yield "set define off\nset sqlblanklines on\nset feedback off\n"
        yield "whenever oserror exit failure rollback\n"
        yield "whenever sqlerror exit failure rollback\n"
        if self.guard is not None and self.stop is not None and not self.said:
            yield "variable status number\n"
            yield f"{self.guard.sql}\n/\n"
            yield "rem When nothing is left to do, the run ends here, with success.\n"
            yield "whenever sqlerror exit :status rollback\n"
            yield f"{self.stop.sql}\n/\n"
            yield "whenever sqlerror exit failure rollback\n"
        for statement in self.statements:
            yield f"\nprompt {oracle.remark(statement.name)}\n"
            text = (f"{piece}\n/\n" for piece in statement.pieces())
            if isinstance(statement, Unit):
                yield "prompt (ORA-00955 says that it is there already, and stays as it is)\n"
                yield "whenever sqlerror continue\n"
                yield from text
                yield "show errors\nwhenever sqlerror exit failure rollback\n"
            else:
                yield from text
        yield f"\nprompt {oracle.remark(self.purpose)}: done\n"
        yield "whenever sqlerror continue\nwhenever oserror continue\n"
