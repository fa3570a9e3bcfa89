"""Run a script against a database in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg2

from exporter.databases.postgres.catalog import Difference, compare_script, require_own
from exporter.databases.postgres.connection import (
    Connection,
    connect,
    execute,
    explain,
    has_registry,
)
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.sql.script import Script

Progress = Callable[[str], None]
MAX_SHOWN = 3  # differences in one line


@dataclass(frozen=True)
class Deployment:
    """What is in the database now. was_there: this version was deployed before; differences: what
    of it was not as this program makes it, and is again."""

    model: str
    version: str
    was_there: bool
    differences: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        state = "was already deployed" if self.was_there else "deployed"
        damages = [difference for difference in self.differences if not difference.is_old]
        if damages:
            shown = "; ".join(str(difference) for difference in damages[:MAX_SHOWN])
            rest = len(damages) - MAX_SHOWN
            more = f"; and {rest} more" if rest > 0 else ""
            count = "1 difference" if len(damages) == 1 else f"{len(damages)} differences"
            state = f"refreshed, {count} mended: {shown}{more}"
        elif self.differences:
            state = "refreshed, it was made by another version of export-model"
        return f"{self.model}, version {self.version[:12]}: {state}"


def deploy(script: Script, dsn: Place, progress: Progress = lambda name: None) -> Deployment:
    """Run every statement and commit; on any failure nothing is changed.

    progress is called with each statement's name before it runs.
    Raises: DatabaseError, saying which statement failed and why.
    """
    with connect(dsn) as connection:
        require_own(connection, script.model)
        was_there = _is_current(connection, script)
        differences = tuple(compare_script(connection, script)) if was_there else ()
        if was_there and not differences:
            return Deployment(script.model, script.version, was_there=True)
        for statement in script.statements:
            progress(statement.name)
            try:
                execute(connection, statement.sql, shown=statement.shown)
            except psycopg2.Error as error:
                raise explain(
                    error, f'deploying "{script.model}" failed at "{statement.name}"'
                ) from error
        progress("commit")
        try:
            connection.commit()
        except psycopg2.Error as error:
            raise DatabaseError(
                "the connection was lost during the commit: the deployment is either complete or"
                " absent. See which with: export-model list --dsn ..."
            ) from error
    return Deployment(script.model, script.version, was_there, differences)


def _is_current(connection: Connection, script: Script) -> bool:
    """Is this very version what the model's functions score with now?"""
    found = has_registry(connection) and execute(
        connection,
        "select 1 from export_model.models where name = %s and current_version = %s",
        (script.model, script.version),
    )
    return bool(found)
