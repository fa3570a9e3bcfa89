"""The script: every statement of a deployment, named and in order."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from textwrap import wrap

from exporter.errors import ExportError
from exporter.facts import Shown
from exporter.output import is_stream, write_files
from exporter.sql.text import Sql, remark, shorten

WIDTH = 110  # of the lines that say what a statement is for


@dataclass(frozen=True)
class Statement:
    """One SQL statement, without semicolon, and what it does in a few words; is_shared, whether it
    makes what all models share, which may be there already; is_asked, whether who runs the script
    over a connection has asked the same before; about, what else a reader of the file is told."""

    name: str
    sql: Sql
    is_shared: bool = field(default=False, kw_only=True)
    is_asked: bool = field(default=False, kw_only=True)
    about: str = field(default="", kw_only=True)

    def pieces(self) -> Iterable[Sql]:
        """What stands for it in a file: itself."""
        return (self.sql,)

    @property
    def shown(self) -> str:
        """It, for somebody who looks on."""
        return f"-- {self.name}\n{shorten(self.sql)}"


class WeightsStatement(Statement):
    """A statement that holds weights, which nobody is shown; it is made anew each time that it is
    asked for, because the text of all weights would be larger than they are."""

    make: Callable[[], Sql]

    def __init__(
        self,
        name: str,
        sql: Sql | Callable[[], Sql],
        *,
        is_shared: bool = False,
        is_asked: bool = False,
        about: str = "",
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "is_shared", is_shared)
        object.__setattr__(self, "is_asked", is_asked)
        object.__setattr__(self, "about", about)
        object.__setattr__(self, "make", sql if callable(sql) else lambda: sql)

    @property
    def sql(self) -> Sql:
        """The statement."""
        return self.make()

    @property
    def shown(self) -> str:
        """Its name and its size."""
        return f"-- {self.name}: {len(self.sql):,} characters, not shown"


@dataclass(frozen=True)
class Made:
    """A function that a script makes, with its argument types, and a digest of its statement."""

    identity: str
    digest: str

    @property
    def key(self) -> str:
        """The same without quotes, as the catalog's functions are compared."""
        return self.identity.replace('"', "")


@dataclass(frozen=True)
class Call:
    """A function as its callers know it: name with argument types, and header, its parameters and
    result. same is a regular expression of headers with which one that is there can stay, if other
    names do not matter."""

    identity: str
    header: str
    same: str | None = None

    def fits(self, header: str | None) -> bool:
        """Can this take the place of a function of that header, with all that needs it?"""
        if header is None or self.same is None:
            return header == self.header
        return re.search(self.same, header) is not None


@dataclass(frozen=True)
class Script(Shown):
    """All statements that deploy one version of one model, to run in one transaction.

    str() is the same as a file for psql; the statements are the same for a connection. made is what
    functions are there afterwards, calls those that users call, where it makes any, labels and
    threshold what these give. summary is what a reader of the file wants to know first, own_summary
    that where it holds the model's own part alone, example a query to try, expected_by who computed
    what the samples are held against, reach how much of the model they reach (empty where that is
    not known), target the name of the database that it is for, choice says what a server was asked
    about it. said are those of the statements that hold what is said about the version, and who may
    score: they are run where the version is there already. missing asks a server what it lacks of
    what all models share (no row: nothing), check, a statement, fails where that is something, and
    advice says who can bring it; none is there for databases that share nothing.
    """

    model: str
    version: str
    statements: tuple[Statement, ...] = field(repr=False)
    made: tuple[Made, ...] = field(default=(), kw_only=True, repr=False)
    calls: tuple[Call, ...] = field(default=(), kw_only=True, repr=False)
    labels: tuple[str, ...] = field(default=(), kw_only=True, repr=False)
    threshold: float | None = field(default=None, kw_only=True, repr=False)
    summary: tuple[str, ...] = field(default=(), kw_only=True)
    own_summary: tuple[str, ...] = field(default=(), kw_only=True, repr=False)
    example: str = field(default="", kw_only=True)
    expected_by: str = field(default="", kw_only=True)
    reach: str = field(default="", kw_only=True)
    target: str = field(default="", kw_only=True)
    choice: str = field(default="", kw_only=True, repr=False)
    said: tuple[Statement, ...] = field(default=(), kw_only=True, repr=False)
    missing: Sql | None = field(default=None, kw_only=True, repr=False)
    check: Statement | None = field(default=None, kw_only=True, repr=False)
    advice: str = field(default="", kw_only=True, repr=False)

    @cached_property
    def digest(self) -> str:
        """Hex sha256 of the text."""
        return hashlib.sha256(str(self).encode("utf-8")).hexdigest()

    def without_shared(self) -> Script:
        """The model's own part, for a database where the shared part was installed before.

        Raises: ExportError, for a database where nothing is installed on its own.
        """
        if self.check is None:
            raise ExportError(
                f"a script for --target {self.target} has no part that is installed on its own:"
                " leave --without-registry out."
            )
        own: list[Statement] = []
        check: Statement | None = self.check
        for statement in self.statements:
            if not statement.is_shared:
                own.append(statement)
            elif check is not None:
                own.append(check)
                check = None
        statements, summary = tuple(own), self.own_summary
        return replace(self, statements=statements, summary=summary, check=None, missing=None)

    @property
    def removal(self) -> Script | None:
        """The script that undoes this one, where the database holds no function for that."""
        return None

    def command(self, path: str) -> str:
        """How the file is run."""
        return f"psql -v ON_ERROR_STOP=1 -f {shlex.quote(path)}"

    def write(self, path: str | PathLike[str], *, force: bool = False) -> tuple[Path, ...]:
        """Write the file, and beside it the one that removes the model where there is one; both or
        none. Gives their paths.

        Raises: ExportError, when one is there with another content, without force, or cannot be
        written.
        """
        place = Path(path)
        files = {place: self.lines()}
        if self.removal is not None and not is_stream(place):
            files[place.with_name(f"{place.stem}_uninstall.sql")] = self.removal.lines()
        write_files(files, force)
        return tuple(files)

    def lines(self) -> Iterator[str]:
        """The file for psql, piece by piece; weights make it too large to build twice."""
        what = f"Model {remark(self.model)}, version {self.version[:12]}"
        yield f"-- {what if self.model else 'What all models share'}, made by export-model.\n"
        yield f"-- Run it with: {self.command('THIS_FILE')}\n"
        yield "-- It is one transaction: when any statement fails, nothing is changed.\n"
        yield from (f"-- {remark(line)}".rstrip() + "\n" for line in self.summary)
        yield "\\set ON_ERROR_STOP on\nbegin isolation level read committed;\n"
        told = set()
        for statement in self.statements:
            yield f"\n-- {remark(statement.name)}\n"
            if statement.about not in told:  # some make many of a kind
                told.add(statement.about)
                yield from (f"-- {line}\n" for line in wrap(statement.about, WIDTH))
            yield f"{statement.sql};\n"
        yield "\ncommit;\n"

    def __str__(self) -> str:
        return "".join(self.lines())
