"""Connections to PostgreSQL, and its errors as sentences that say what to do."""

from __future__ import annotations

import logging
import re
import select
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from exporter.databases.postgres.guests import HAS_JIT, receive
from exporter.databases.postgres.naming import NAMING
from exporter.errors import DatabaseError, SignatureError, list_names, name_all
from exporter.ir.columns import Kind
from exporter.places import Place, open_place
from exporter.sql.templates import render
from exporter.sql.text import Sql, ident, number, shorten

log = logging.getLogger("exporter.sql")
PATIENCE = "60s"  # how long a statement waits for what another session holds
TIMEOUT = re.compile(r"due to (statement|transaction) timeout")
IDLE = {
    "idle-in-transaction timeout": "idle_in_transaction_session_timeout",
    "idle-session timeout": "idle_session_timeout",
}
"""What a server calls its timeouts when it ends a session, and the settings that they are."""
SEE_JOURNAL = (
    "See which with: export-model list --dsn ..., and export-model versions --journal --dsn ..."
)
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*|[.]{3}")  # or the dots for one that is not known
DENIED = re.compile(r"permission denied for schema ((?!pg_temp).+)")
_PART = r'([a-z_][a-z0-9_$]*|"([^"]|"")+")'
TABLE_NAME = re.compile(rf"{_PART}(\.{_PART})?")  # one that SQL reads as it stands there
_stops: list[BaseException] = []  # what ended a wait for a server, once it happened
KINDS: dict[str | None, Kind] = {
    **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), "number"),
    **{"text": "text", "bool": "boolean", "date": "date"},
    **dict.fromkeys(("timestamp", "timestamptz"), "timestamp"),
}


class Connection(Protocol):
    """What is called of a connection: psycopg2's own, or a guest of somebody else's."""

    @property
    def closed(self) -> Any:
        """Was it closed or lost?"""

    @property
    def server_version(self) -> int:
        """150004 for 15.4."""

    def cursor(self) -> Any:
        """A cursor whose rows are tuples."""

    def commit(self) -> None:
        """Keep what was done."""

    def rollback(self) -> None:
        """Undo what was done since the last commit."""

    def get_backend_pid(self) -> int:
        """The number that the other side gave for its process."""

    def cancel(self) -> None:
        """Cancel the statement that runs."""

    def close(self) -> None:
        """Leave it, without what was not committed."""


def interrupt_waiting() -> None:
    """Let signals end the wait for a server; libpq's own goes on until the server answers."""
    psycopg2.extensions.set_wait_callback(_wait)


@contextmanager
def connect(place: Place) -> Iterator[Connection]:
    """A connection in one transaction, which the caller commits; else it is rolled back. Over a
    connection that is open already, see guests.py: its owner has the last word.

    In that transaction names resolve in pg_catalog: whose database it is may have set a
    search_path with operators of his own. The next one has the user's, and ours must be qualified.

    Raises: DatabaseError, when the server cannot be reached or ends the connection.
    """
    connection: Any = None
    try:
        connection, is_own = _open(place)
        if is_own:
            connection.set_client_encoding("UTF8")
            connection.set_session(isolation_level="READ COMMITTED", autocommit=False)
        _set_up(connection)
        yield connection
    except DatabaseError as problem:
        raise _name_busy(connection, problem.__cause__, problem) from problem.__cause__
    except psycopg2.Error as error:
        if isinstance(error.__context__, (KeyboardInterrupt, SystemExit)):
            raise error.__context__ from None  # what tidies up after it found the connection closed
        explained = explain(error, "the database reported an error")
        raise _name_busy(connection, error, explained) from error
    finally:
        if connection is not None:
            connection.close()


def execute(
    connection: Connection, sql: str, values: tuple[Any, ...] | None = None, shown: str = ""
) -> list[Any]:
    """Run one statement; rows, or an empty list when it gives none. shown is what the log has.

    Raises: DatabaseError, for a text that cannot be sent.
    """
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s;", shown or shorten(sql))
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql, values)
        except ValueError as error:  # a NUL, or half of a surrogate pair
            raise DatabaseError(
                "a name or text holds a character that no database text can: a NUL, or what is not"
                " Unicode."
            ) from error
        return cursor.fetchall() if cursor.description else []


def commit(connection: Connection, advice: str = "") -> None:
    """Keep what was done in this transaction. advice is how to see whether it was kept, where the
    connection is lost meanwhile: nobody here can know.

    Raises: DatabaseError, when it is.
    """
    try:
        connection.commit()
    except psycopg2.Error as error:
        if not connection.closed:
            raise
        raise DatabaseError(
            "the connection was lost during the commit: it was done as a whole, or not at all."
            f" {advice or SEE_JOURNAL}"
        ) from error


def has_registry(connection: Connection) -> bool:
    """Was anything deployed in this database?"""
    found = execute(connection, "select pg_catalog.to_regclass('export_model.models') is not null")
    return bool(found[0][0])


def is_greenplum(connection: Connection) -> bool:
    """Is this Greenplum, or one of its forks?"""
    found = execute(
        connection,
        "select pg_catalog.to_regclass('pg_catalog.gp_segment_configuration') is not null",
    )
    return bool(found[0][0])


def is_greenplum_6(connection: Connection) -> bool:
    """Is this Greenplum made of PostgreSQL 9.4, which lacks much of what Greenplum 7 has?"""
    return connection.server_version < 100000 and is_greenplum(connection)


def explain(error: psycopg2.Error, what: str, state: str = "Nothing was changed.") -> DatabaseError:
    """The server's message, detail and hint under a heading of ours; state is what a lost
    connection leaves behind."""
    primary = error.diag.message_primary if error.diag else None
    if primary is None:
        text = str(error).strip() or "the connection was lost"
        why = _advise_idle(text) if "closed the connection unexpectedly" in text else ""
        return DatabaseError(f"{what}: {text.splitlines()[0]}. {state}{why}")
    lines = [f"{what}: {primary}"]
    if error.diag.message_detail:
        lines += [f"  {line}" for line in error.diag.message_detail.splitlines()]
    is_helper = primary.startswith("function export_model.")
    if isinstance(error, psycopg2.errors.UndefinedFunction) and is_helper:
        # The server's own hint, a type cast, leads nowhere.
        lines.append(
            "  The model was deployed by another version of export-model, or the function was"
            " dropped: deploy it again. See: export-model doctor --dsn ..."
        )
    elif isinstance(error, psycopg2.errors.InsufficientPrivilege) and (
        denied := DENIED.fullmatch(primary)
    ):
        lines.append(f"  {_tell_denied(denied[1], _role_of(error))}")
    elif isinstance(error, psycopg2.errors.InvalidDatetimeFormat) and "interval" in primary:
        lines.append("  Write an interval as '5 minutes', '1 day' or '1:30:00'.")
    elif error.diag.source_function == "check_enable_rls":
        lines.append(
            "  row_security is off for this role or database, and the registry shows each deployer"
            " his own rows: run with PGOPTIONS='-c row_security=on'."
        )
    elif isinstance(error, psycopg2.errors.ReadOnlySqlTransaction):
        lines.append(
            "  This server is a standby, or default_transaction_read_only is on: connect to the"
            " primary, or run with PGOPTIONS='-c default_transaction_read_only=off'."
        )
    elif isinstance(error, psycopg2.errors.InternalError_) and "could not open rel" in primary:
        lines.append("  Somebody dropped meanwhile what was looked at: try again.")
    elif isinstance(error, psycopg2.errors.LockNotAvailable) and not error.diag.message_hint:
        lines.append(
            "  Another session holds a table, row or function that this needs; try again when it is"
            " done. Whoever started it, or a superuser, ends it: select pg_terminate_backend(pid);"
        )
    elif ended := TIMEOUT.search(primary):
        setting = f"{ended[1]}_timeout"
        lines.append(
            f"  {setting} is set for this role or database: run with PGOPTIONS='-c {setting}=0'."
        )
    elif error.diag.message_hint:
        lines.append(f"  {error.diag.message_hint}")
    return DatabaseError("\n".join(lines))


def _tell_denied(schema: str, role: str) -> str:
    """Which right may lack, and who gives it: servers do not say which of two."""
    held, to = f"schema {_quote(schema)}", _quote(role)
    return (
        f"Its owner, or a superuser, gives what lacks: grant usage on {held} to {to};"
        f" to make tables in it: grant create on {held} to {to};"
    )


def _quote(name: str) -> str:
    """A name, which a message of the server has as it is, as SQL has it."""
    return name if PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _role_of(error: psycopg2.Error) -> str:
    """Who logged in where the server refused something; dots where the driver does not say."""
    info = getattr(getattr(error.cursor, "connection", None), "info", None)
    return str(getattr(info, "user", None) or "...")


def _advise_idle(text: str) -> str:
    """What to do where a server ended a session: libpq does not always pass on what it says to one
    that is idle."""
    told = [setting for words, setting in IDLE.items() if f"due to {words}" in text]
    if told:
        return (
            f"\n  {told[0]} is set for this role or database: run with PGOPTIONS='-c {told[0]}=0'."
        )
    either = " or ".join(IDLE.values())
    return (
        f"\n  The server's log says why. Where {either} is set for this role or database, run with"
        f" PGOPTIONS='-c {' -c '.join(f'{setting}=0' for setting in IDLE.values())}'; the latter is"
        " known since PostgreSQL 14."
    )


def _name_busy(
    connection: Connection | None, error: BaseException | None, problem: DatabaseError
) -> DatabaseError:
    """The same, with the sessions that may hold what was waited for in vain."""
    if connection is None or not isinstance(error, psycopg2.errors.LockNotAvailable):
        return problem
    busy = _find_busy(connection)
    return DatabaseError("\n".join([str(problem), *(f"  open: {who}" for who in busy)]))


def explain_needed(error: psycopg2.Error, what: str, instead: str) -> DatabaseError:
    """The same of what objects of others need: what can be done instead of removing them is ours
    to say, and not the server's CASCADE."""
    lines = [line for line in str(explain(error, what)).splitlines() if "CASCADE" not in line]
    hint = f"  Remove those first, or {instead}."
    return DatabaseError("\n".join([*lines, hint]))


def read_rows(
    connection: Connection, table: str, names: Sequence[str], most: int
) -> list[tuple[Any, ...]]:
    """At most so many rows of these columns of a table named as in SQL.

    Raises: SignatureError, when there is no such table, or it lacks one.
    """
    (schema, name), kinds = read_columns(connection, table)
    missing = [column for column in names if column not in kinds]
    if missing:
        raise SignatureError(
            f'table "{table}" has no {name_all("column", missing)}; it has'
            f" {list_names(list(kinds))}."
            " Sample rows need every column of the model."
        )
    query = Sql("select {} from {}.{} limit {}").format(
        Sql(", ").join(ident(column) for column in names), ident(schema), ident(name), number(most)
    )
    return execute(connection, query)


def _quoting(table: str) -> str:
    """How to write the name of a table that holds more than small letters."""
    quoted = '"' + table.replace('"', '""') + '"'
    return (
        "Write a name with blanks, capitals or other signs in double quotes, within the shell's:"
        f" {shlex.quote(quoted)}, or with its schema: {shlex.quote('schema.' + quoted)}."
    )


def read_columns(
    connection: Connection, table: str
) -> tuple[tuple[str, str], dict[str, Kind | None]]:
    """((schema, table), what each column holds, in order) of a table named as in SQL.

    A domain holds what the type below it does, an enum texts.
    Raises: SignatureError, when there is no such table.
    """
    connection.rollback()  # the name means what it means in the user's sessions
    try:
        oid = execute(connection, "select pg_catalog.to_regclass(%s)::pg_catalog.oid", (table,))[0]
    except psycopg2.errors.InsufficientPrivilege as error:
        raise SignatureError(
            f"{table} cannot be looked at: {_primary(error)}. It takes USAGE on that schema, which"
            " its owner grants."
        ) from error
    except (psycopg2.ProgrammingError, psycopg2.NotSupportedError) as error:
        raise SignatureError(
            f"{table} is not a table's name as SQL reads it ({_primary(error)}). {_quoting(table)}"
        ) from error
    execute(connection, "set local search_path = pg_catalog, pg_temp")
    found = execute(
        connection,
        "select n.nspname, c.relname, c.oid from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where c.oid = %s and c.relkind in ('r', 'p', 'v', 'm', 'f')",
        oid,
    )
    if not found:
        problem = (
            f'there is no table "{table}" here; write it as in SQL, with its schema if needed.'
        )
        if not TABLE_NAME.fullmatch(table):
            problem += f" {_quoting(table)}"  # PostgreSQL 16 tells odd names no more
        raise SignatureError(problem)
    schema, name, oid = found[0]
    columns = execute(
        connection,
        "with recursive below as ("
        " select a.attnum, a.attname, t.* from pg_attribute a join pg_type t on t.oid = a.atttypid"
        " where a.attrelid = %s and a.attnum > 0 and not a.attisdropped"
        " union all"
        " select b.attnum, b.attname, t.* from below b join pg_type t on t.oid = b.typbasetype"
        " where b.typtype = 'd')"
        " select b.attname, case when b.typcategory = 'S' or b.typtype = 'e' then 'text'"
        " when b.typnamespace = 'pg_catalog'::regnamespace then b.typname::text end"
        " from below b where b.typtype <> 'd' order by b.attnum",
        (oid,),
    )
    return (schema, name), {column: KINDS.get(type_) for column, type_ in columns}


def _set_up(connection: Connection) -> None:
    """Settings of a transaction, which roles and databases may set otherwise. The catalog's texts
    of functions are compared with those that a deployment saw; compiling each of many small queries
    would take a hundred times as long as running it. What another session holds is not waited for
    without an end, unless somebody said how long; and we may be idle while we compile a model."""
    settings = {"search_path": "'pg_catalog, pg_temp'", "quote_all_identifiers": "'off'"}
    waits = "pg_catalog.current_setting('lock_timeout')"
    settings["lock_timeout"] = (
        f"case when {waits} operator(pg_catalog.=) '0' then '{PATIENCE}' else {waits} end"
    )
    if connection.server_version >= HAS_JIT:
        settings["jit"] = "'off'"
        idle = "pg_catalog.current_setting('idle_in_transaction_session_timeout')"
        settings["idle_in_transaction_session_timeout"] = (
            f"case when {idle} operator(pg_catalog.<>) '0' and {idle}::pg_catalog.interval"
            f" operator(pg_catalog.<) pg_catalog.interval '{PATIENCE}' then '{PATIENCE}'"
            f" else {idle} end"
        )
    calls = (f"pg_catalog.set_config('{name}', {sql}, true)" for name, sql in settings.items())
    execute(connection, f"select {', '.join(calls)}")


def begin_again(connection: Connection) -> None:
    """Roll back; in the next transaction names resolve in pg_catalog, as in the one that ended."""
    connection.rollback()
    _set_up(connection)


def _find_busy(connection: Connection) -> list[str]:
    """Who else has changed something in a transaction that goes on, in words."""
    try:
        begin_again(connection)
        rows = execute(connection, render(("postgres",), "busy_sessions", {}))
    except psycopg2.Error:
        return []
    return [who for (who,) in rows]


def _check_url(dsn: str) -> None:
    """Refuse a URL that libpq would cut at another place, and repeat a part of the password.

    Raises: DatabaseError.
    """
    found = re.match(r"postgres(?:ql)?://(.*)", dsn, re.DOTALL)
    if found is None:
        return
    place = re.split(r"[/?]", found[1], maxsplit=1)[0]
    hosts = place.rpartition("@")[2].split(",")
    has_ports = all(re.fullmatch(r"(\[[^]]*\]|[^:\[\]]*)(:\d*)?", host) for host in hosts)
    if place.count("@") > 1 or not has_ports:
        raise DatabaseError(
            "the DSN cannot be read; write postgresql://user@host:port/database, and in a password"
            " %40 for @, %2F for /, %3A for : and %3F for ?, or leave it to ~/.pgpass."
        )


def _wait(connection: psycopg2.extensions.connection) -> None:
    """Wait for an answer; an exception meanwhile, as Ctrl-C raises, cancels the statement first."""
    waits = {
        psycopg2.extensions.POLL_READ: (True, False),
        psycopg2.extensions.POLL_WRITE: (False, True),
    }
    try:
        while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
            is_read, is_write = waits[state]
            place = [connection.fileno()]
            select.select(place if is_read else [], place if is_write else [], [])
    except (KeyboardInterrupt, SystemExit) as stop:
        _stops.append(stop)
        if connection.status != psycopg2.extensions.STATUS_SETUP:
            connection.cancel()
        raise


def _primary(error: psycopg2.Error) -> str:
    return (error.diag.message_primary if error.diag else None) or str(error).strip()


def _open(place: Place) -> tuple[Any, bool]:
    """A connection, and whether it is ours to set up."""
    if isinstance(place, str):
        return _log_in(place), True
    opened = open_place(place, NAMING.drivers)
    return receive(opened), opened.is_own


def _log_in(dsn: str) -> Any:
    _check_url(dsn)
    try:
        return psycopg2.connect(dsn, application_name="export-model")
    except psycopg2.ProgrammingError:  # its text, a traceback's too, would repeat the password
        raise DatabaseError(
            "the DSN cannot be read; write postgresql://user@host:port/database"
            " or 'host=... dbname=...'."
        ) from None
    except psycopg2.OperationalError as error:
        if _stops:  # psycopg2 put its own error in the place of the one that ended the wait
            raise _stops.pop() from None
        raise DatabaseError(
            f"cannot connect: {str(error).strip()}\n  Check --dsn, and that the server is running."
        ) from error
