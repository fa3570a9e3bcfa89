"""Run a script against a database in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import psycopg2

from exporter.databases.changes import warn
from exporter.databases.postgres.callers import find_changes
from exporter.databases.postgres.connection import (
    Connection,
    commit,
    connect,
    execute,
    explain,
    explain_needed,
    has_registry,
)
from exporter.databases.postgres.inspection import compare_script
from exporter.databases.postgres.owners import (
    find_unread,
    require_languages,
    require_own,
    require_place,
)
from exporter.databases.postgres.script import OUTDATED, alias_kind
from exporter.databases.postgres.turns import take_turn
from exporter.databases.results import Deployment
from exporter.errors import DatabaseError, counted, list_names
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Script, Statement
from exporter.sql.templates import render
from exporter.sql.text import Sql

log = logging.getLogger("exporter")
BESIDE = "deploy beside the champion, which keeps its functions, with --no-promote"


def deploy(script: Script, dsn: Place, progress: Steps = lambda name: None) -> Deployment:
    """Run every statement and commit; on any failure nothing is changed. The log says before
    anything is sent what changes for callers of the version that this one replaces.

    progress is called with each statement's name before it runs.
    Raises: DatabaseError, saying which statement failed and why.
    """
    with connect(dsn) as connection:
        require_languages(connection)
        # Before any table is read: who moves the registry waits for all who have read one.
        take_turn(connection, script.model)
        if not find_unread(connection):
            require_place(connection, script.model)
        require_own(connection, script.model)
        was_there = _is_current(connection, script)
        differences = tuple(compare_script(connection, script)) if was_there else ()
        is_whole = was_there and not differences
        what = f'deploying "{script.model}"'
        if is_whole and not script.said:
            return Deployment(script.model, script.version, was_there=True)
        statements = script.said if is_whole else needed_statements(connection, script)
        changes = () if was_there else find_changes(connection, script, alias_kind())
        if changes:
            log.warning("%s", warn(script.model, changes))
        run(connection, statements, what, progress)
        progress("commit")
        commit(connection)
    return Deployment(script.model, script.version, was_there, differences, changes)


def needed_statements(connection: Connection, script: Script) -> Sequence[Statement]:
    """All of a script but what the caller asked in this transaction, under the lock: that nothing
    belongs to others; and without what all models share, where that is there as it makes it.

    Raises: DatabaseError, where it is not, and this role may not make it.
    """
    statements = [statement for statement in script.statements if not statement.is_asked]
    missing = [] if script.missing is None else execute(connection, script.missing)
    if script.missing is not None and not missing:
        return [statement for statement in statements if not statement.is_shared]
    is_there, may_install = execute(connection, render(("postgres",), "may_install", {}))[0]
    if is_there and not may_install:
        raise DatabaseError(
            "the registry is not there as this export-model makes it:"
            f" {_tell_missing([name for (name,) in missing])}.\n"
            f"  {script.advice} It goes on with all models that are there."
        )
    return statements


def _tell_missing(parts: Sequence[str]) -> str:
    """What a registry lacks, in a few words: functions are counted, and one named."""
    functions = sorted(part for part in parts if part.startswith("function "))
    others = sorted(part for part in parts if not part.startswith("function "))
    if len(functions) > 1:
        name = functions[0].removeprefix("function ").partition("(")[0].replace('"', "")
        functions = [f"{counted(len(functions), 'function')} ({name} for one)"]
    return list_names([*functions, *others], 5)


def run(
    connection: Connection,
    statements: Sequence[Statement],
    what: str,
    progress: Steps = lambda name: None,
) -> None:
    """Run statements of a transaction that the caller commits.

    Raises: DatabaseError, saying that what failed at which statement, and why.
    """
    for statement in statements:
        progress(statement.name)
        try:
            execute(connection, statement.sql, shown=statement.shown)
        except psycopg2.Error as error:
            failed = f'{what} failed at "{statement.name}"'
            is_needed = isinstance(error, psycopg2.errors.DependentObjectsStillExist)
            if is_needed and statement.name == OUTDATED:
                raise explain_needed(error, failed, BESIDE) from error
            raise explain(error, failed) from error


def run_at_once(connection: Connection, statements: Sequence[Statement], what: str) -> None:
    """The same with one answer of the server for all but the last: beside sessions that score, each
    answer waits for its share of a processor.

    Raises: DatabaseError, as run, without the statement's name but for the last.
    """
    *most, last = statements
    sql = Sql(";\n").join(statement.sql for statement in most)
    try:
        execute(connection, sql, shown=";\n".join(statement.shown for statement in most))
    except psycopg2.Error as error:
        raise explain(error, f"{what} failed") from error
    run(connection, [last], what)


def _is_current(connection: Connection, script: Script) -> bool:
    """Is this very version what the model's functions score with now?"""
    found = has_registry(connection) and execute(
        connection,
        "select 1 from export_model.models where name = %s and current_version = %s",
        (script.model, script.version),
    )
    return bool(found)
