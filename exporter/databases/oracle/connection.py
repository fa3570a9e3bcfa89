"""Connections to Oracle, and its errors as sentences that say what to do."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from exporter.databases.oracle.text import MAX_IDENTIFIER_BYTES, catalog_name, is_plain
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.columns import Kind
from exporter.places import Opened, Place, open_place
from exporter.sql.text import shorten

Connection: TypeAlias = Any  # oracledb.Connection; imported only where a connection is opened
log = logging.getLogger("exporter.sql")
PASSWORD_VARIABLE = "EXPORT_MODEL_PASSWORD"
DRIVERS = ("oracledb",)
DSN_FORMS = "oracle://user@host:port/service or user@host:port/service"
NUMERIC_TYPES = ("NUMBER", "FLOAT", "BINARY_FLOAT", "BINARY_DOUBLE")
KINDS: dict[str, Kind] = {
    **dict.fromkeys(NUMERIC_TYPES, "number"),
    "VARCHAR2": "text",
    "DATE": "date",
}
LOST = ("DPY-4011", "DPY-1001", "DPY-4024", "ORA-03113", "ORA-03114", "ORA-00028", "ORA-01089")
ADVICE = {
    "ORA-01017": f"Check user and password of --dsn, or of the variable {PASSWORD_VARIABLE}.",
    "ORA-28000": "Let a DBA run: alter user ... account unlock",
    "ORA-28001": "The password has expired; log in once to change it.",
    "DPY-6001": "Check the service in --dsn; lsnrctl status on the server lists them.",
    "ORA-12514": "Check the service in --dsn; lsnrctl status on the server lists them.",
    "DPY-6005": "Check host and port of --dsn, and that the listener is running.",
    "DPY-3010": "Write a script with --output instead, and run it with SQL*Plus.",
    "DPY-3015": "Set the user's password anew, so that the server stores a current verifier,"
    " or write a script with --output.",
    "ORA-01950": "Let a DBA run: alter user ... quota unlimited on the tablespace named above.",
    "ORA-01536": "Let a DBA run: alter user ... quota unlimited on the tablespace named above.",
    "ORA-00972": "Names before Oracle 12.2 have 30 bytes: choose a shorter one, and export with"
    " --oracle-version 12.1, which refuses all that do not fit.",
}


@dataclass(frozen=True)
class Address:
    """Who connects to what; target is an easy connect string or a name of tnsnames.ora."""

    user: str
    target: str
    password: str = field(repr=False)


def is_oracle(dsn: str) -> bool:
    """Does the DSN name an Oracle? PostgreSQL's are URLs of its own or hold keyword = value."""
    scheme = re.match(r"([a-z+]+)://", dsn)
    if scheme is not None:
        return scheme[1] == "oracle"
    return re.match(r"[^\s=/@:]+(/[^/].*)?@[^\s@]+$", dsn) is not None


def parse_dsn(dsn: str) -> Address:
    """The parts of a DSN; a password that it lacks comes from EXPORT_MODEL_PASSWORD.

    Raises: DatabaseError, when it cannot be read; the text never repeats it.
    """
    if dsn.startswith("oracle://"):
        user, password, target = _parse_url(dsn)
    else:
        name, _, target = dsn.rpartition("@")
        user, _, password = name.partition("/")
    password = password or os.environ.get(PASSWORD_VARIABLE, "")
    if not user or not target:
        raise DatabaseError(f"the DSN cannot be read; write {DSN_FORMS}.")
    if not password:
        raise DatabaseError(
            f"the DSN holds no password; set the environment variable {PASSWORD_VARIABLE}."
        )
    return Address(user, target, password)


@contextmanager
def connect(place: Place) -> Iterator[Connection]:
    """A connection in thin mode, or the one that is given; what is not committed is rolled back.

    A given connection stays open. It is refused in the midst of a transaction: DDL would commit it.
    Raises: DatabaseError, when the server cannot be reached or reports an error.
    """
    opened = (
        Opened(_log_in(place), DRIVERS[0], is_own=True)
        if isinstance(place, str)
        else open_place(place, DRIVERS)
    )
    import oracledb

    connection = opened.connection
    if not opened.is_own and connection.transaction_in_progress:
        raise DatabaseError(
            "the connection is in the midst of a transaction, which Oracle commits with the first"
            " DDL statement of a deployment. Commit or roll back first, or give a DSN."
        )
    try:
        yield connection
    except oracledb.Error as error:
        raise explain(error, "the database reported an error") from error
    finally:
        _leave(opened, oracledb.Error)


def execute(connection: Connection, sql: str, *values: Any, **named: Any) -> list[Any]:
    """Run one statement; rows, or an empty list when it gives none."""
    tell(sql)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values) or named)
        return list(cursor.fetchall()) if cursor.description else []


def tell(sql: str, name: str = "") -> None:
    """Put a statement into the log; the values bound to it are nobody's business."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s%s\n/", f"-- {name}\n" if name else "", shorten(sql))


def code_of(error: BaseException) -> str:
    """ORA-01234 or DPY-1234, empty for errors of another kind."""
    found = re.match(r"(ORA|DPY)-\d+", str(error))
    return found[0] if found else ""


def is_missing(error: BaseException) -> bool:
    """Is it about a table or view that is not there, or that this user may not see?"""
    return code_of(error) == "ORA-00942"


def is_lost(error: BaseException) -> bool:
    """Did the connection end?"""
    return code_of(error) in LOST


def explain(error: BaseException, what: str, next_step: str = "") -> DatabaseError:
    """The server's message without its stack, under a heading of ours, and what to do next."""
    noise = re.compile(r"ORA-06512|Help: http|https?://")
    lines = [line for line in str(error).splitlines() if line.strip() and not noise.match(line)]
    text = [f"{what}: {lines[0] if lines else type(error).__name__}", *lines[1:]]
    advice = next((ADVICE[code] for code in ADVICE if code in str(error)), "")
    text += [f"  {line}" for line in (advice, next_step) if line]
    return DatabaseError("\n".join(text))


def has_registry(connection: Connection) -> bool:
    """Was anything deployed by this user?"""
    found = execute(
        connection,
        "select count(*) from user_tables where table_name = 'EXPORT_MODEL_VERSIONS'",
    )
    return bool(found[0][0])


def has_column(connection: Connection, column: str) -> bool:
    """Does the registry's table of versions have it?"""
    found = execute(
        connection,
        "select count(*) from user_tab_columns"
        " where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = :1",
        column,
    )
    return bool(found[0][0])


def text_of(value: Any) -> str | None:
    """What a column of type CLOB holds."""
    text = value.read() if hasattr(value, "read") else value
    return None if text is None else str(text)


def most_bytes(connection: Connection) -> int:
    """How long a name can be on this server."""
    numbers = tuple(int(part) for part in str(connection.version).split(".")[:2])
    return MAX_IDENTIFIER_BYTES if numbers >= (12, 2) else 30


def current_package(connection: Connection, model: str) -> str | None:
    """The package that a model's synonym stands for, as the dictionary spells it."""
    rows = execute(
        connection, "select synonym_name from export_model_models where name = :1", model
    )
    for (synonym,) in rows:
        found = execute(
            connection,
            "select table_name from user_synonyms where synonym_name = :1 and table_owner = user",
            synonym,
        )
        if found:
            return str(found[0][0])
    return None


def kind_of_type(data_type: str) -> Kind | None:
    """What a column of a type of the dictionary holds, None where a model would have to guess: CHAR
    pads texts, and a time zone makes another moment of what is written."""
    if re.fullmatch(r"TIMESTAMP\(\d\)", data_type):
        return "timestamp"
    return KINDS.get(data_type)


def read_columns(connection: Connection, table: str) -> dict[str, Kind | None]:
    """What the columns of a table or view of this user hold, in order, named as SQL reads them.

    Raises: SignatureError, when there is no such table.
    """
    rows = execute(
        connection,
        "select column_name, data_type from user_tab_columns where table_name = :1"
        " order by column_id",
        catalog_name(table),
    )
    if not rows:
        raise SignatureError(
            f'this user has no table "{table}"; for one of another user give --features.'
        )
    return {
        name.lower() if name.isupper() and is_plain(name) else name: kind_of_type(data_type)
        for name, data_type in rows
    }


def _log_in(dsn: str) -> Connection:
    address = parse_dsn(dsn)
    import oracledb  # 80 ms that only those who use it pay

    try:
        return oracledb.connect(user=address.user, password=address.password, dsn=address.target)
    except (oracledb.Error, OSError) as error:
        raise explain(error, "cannot connect") from error


def _parse_url(dsn: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(dsn)
        port = parts.port or 1521
    except ValueError:
        return "", "", ""
    service = parts.path.strip("/")
    target = f"{parts.hostname}:{port}/{service}" if parts.hostname and service else ""
    return unquote(parts.username or ""), unquote(parts.password or ""), target


def _leave(opened: Opened, error: type[Exception]) -> None:
    try:
        opened.connection.close() if opened.is_own else opened.connection.rollback()
    except error:  # it is lost already: what the caller has to be told is why
        return
