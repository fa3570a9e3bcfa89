"""Run a script for Oracle through a connection, its arrays bound instead of written out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from exporter.databases.changes import warn
from exporter.databases.oracle.callers import find_changes
from exporter.databases.oracle.connection import (
    Connection,
    connect,
    execute,
    explain,
    is_lost,
    tell,
)
from exporter.databases.oracle.connection import log as sql_log
from exporter.databases.oracle.shared import count_installed
from exporter.databases.oracle.sqlplus import ArrayStatement, SqlPlusScript, Unit
from exporter.databases.oracle.switches import SWITCH
from exporter.databases.oracle.text import type_of
from exporter.databases.results import Deployment
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Script, Statement

log = logging.getLogger("exporter")
CONTINUE = "What scored before still does. Run the same command again: it continues."
LOST_AT_SWITCH = (
    "The connection was lost during the switch: the model scores with the old version or with the"
    " new one, both verified. See which with: export-model list --dsn ..."
)


def deploy(made: Script, dsn: Place, progress: Steps = lambda name: None) -> Deployment:
    """Run every statement; on any failure the version before goes on scoring. The log says before
    anything is sent what changes for callers of the version that this one replaces.

    progress is called with each statement's name before it runs.
    Raises: DatabaseError, saying which statement failed, why, and what to do; also for a script of
    another database.
    """
    script = require_oracle_script(made)
    with connect(dsn) as connection:
        was_there = is_done(connection, script)
        changes = () if was_there else find_changes(connection, script)
        if changes:
            log.warning("%s", warn(script.model, changes))
        if not was_there:
            needed = script.without_shared() if is_installed(connection, script) else script
            run(connection, needed.statements, f'deploying "{script.model}"', progress)
        elif script.said:
            run(connection, script.said, f'deploying "{script.model}"', progress)
    return Deployment(script.model, script.version, was_there, changes=changes)


def is_installed(connection: Connection, script: SqlPlusScript) -> bool:
    """Is the script's runtime installed for this user, who has none of his own?"""
    return script.check is not None and is_runtime_installed(connection, script.runtime)


def is_runtime_installed(connection: Connection, keys: Sequence[str]) -> bool:
    """Are these packages installed for this user, who has none of his own?"""
    ((installed,),) = execute(connection, count_installed(keys))
    if installed < len(keys):
        return False
    return not any(has_unit(connection, key, "PACKAGE") for key in keys)


def is_done(connection: Connection, script: SqlPlusScript) -> bool:
    """Does the script's guard say that nothing is left to do?"""
    if script.guard is None:
        return False
    with connection.cursor() as cursor:
        status = cursor.var(int)
        tell(script.guard.sql, script.guard.name)
        cursor.execute(script.guard.sql, {"status": status})
        return int(status.getvalue()) == 0


def run(
    connection: Connection,
    statements: Iterable[Statement],
    what: str,
    progress: Steps = lambda name: None,
) -> None:
    """Every statement in order, then commit."""
    import oracledb

    for statement in statements:
        progress(statement.name)
        sql_log.debug("-- %s", statement.name)
        try:
            _run_statement(connection, statement)
        except oracledb.Error as error:
            is_unknown = statement.name == SWITCH and is_lost(error)
            next_step = LOST_AT_SWITCH if is_unknown else CONTINUE
            raise explain(error, f'{what} failed at "{statement.name}"', next_step) from error
    progress("commit")
    connection.commit()


def require_oracle_script(script: Script) -> SqlPlusScript:
    """The script, when it is one for Oracle.

    Raises: DatabaseError, otherwise.
    """
    if not isinstance(script, SqlPlusScript):
        raise DatabaseError("--dsn names an Oracle database; give --target oracle with it.")
    return script


def _run_statement(connection: Connection, statement: Statement) -> None:
    if isinstance(statement, ArrayStatement):
        name = type_of(statement.array).upper().removeprefix("SYS.")
        array = connection.gettype(f"SYS.{name}").newobject(statement.array.tolist())
        execute(connection, statement.sql, numbers=array)
    elif not (isinstance(statement, Unit) and has_unit(connection, *statement.place)):
        execute(connection, statement.sql)


def has_unit(connection: Connection, key: str, kind: str, owner: str = "") -> bool:
    """Is the unit there already? Recompiling it would disturb the sessions that use it."""
    found = execute(
        connection,
        "select count(*) from all_objects"
        " where owner = nvl(:1, user) and object_name = :2 and object_type = :3",
        owner,
        key,
        kind,
    )
    return bool(found[0][0])
