"""Connections to PostgreSQL that others opened, with the methods that this program calls.

A guest changes nothing of the house: in the caller's transaction it works within a savepoint, and
what it sets is as it was afterwards. Where psycopg 3 differs from psycopg2 stands here and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from exporter.errors import DatabaseError
from exporter.places import Opened

SAVEPOINT = "export_model"
# What statements of a deployment set for their transaction; it is the caller's, and goes on.
SETTINGS = (
    "search_path", "client_encoding", "standard_conforming_strings", "client_min_messages",
    "extra_float_digits", "quote_all_identifiers", "application_name", "lock_timeout",
)  # fmt: skip
NEW_SETTINGS = ("jit", "idle_in_transaction_session_timeout")
HAS_JIT = 110000  # the first server that compiles queries, by a setting
IDLE = psycopg2.extensions.TRANSACTION_STATUS_IDLE
FAILED = psycopg2.extensions.TRANSACTION_STATUS_INERROR


def receive(opened: Opened) -> Any:
    """A connection of psycopg's as the rest of the program uses it.

    Raises: DatabaseError, when its state makes it unfit.
    """
    driver = Psycopg3(opened.connection) if opened.driver == "psycopg" else opened.connection
    if opened.is_own:
        return driver
    _check(driver)
    if opened.connection.autocommit and driver.info.transaction_status == IDLE:
        return ByItself(driver)
    return InTransaction(driver)


class Guest:
    """What the kinds of guests have in common."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def cursor(self) -> Any:
        """A cursor whose rows are tuples, whatever the caller's are."""
        if isinstance(self.connection, Psycopg3):
            return self.connection.cursor()
        return self.connection.cursor(cursor_factory=psycopg2.extensions.cursor)

    @property
    def server_version(self) -> int:
        """150004 for 15.4."""
        return int(self.connection.server_version)

    @property
    def closed(self) -> bool:
        """Was it closed or lost?"""
        return bool(self.connection.closed)

    def cancel(self) -> None:
        """Cancel the statement that runs."""
        self.connection.cancel()

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        with self.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []


class InTransaction(Guest):
    """A guest of the caller's transaction: commit() keeps what was done in it, no more."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.names = (*SETTINGS, *(NEW_SETTINGS if self.server_version >= HAS_JIT else ()))
        self._begin()

    def commit(self) -> None:
        """Keep what was done, for the caller to commit, and put its settings back."""
        self._run(f"release savepoint {SAVEPOINT}")
        calls = ", ".join(f"pg_catalog.set_config('{name}', %s, true)" for name in self.names)
        with self.cursor() as cursor:
            cursor.execute(f"select {calls}", self.settings)
        self._begin()

    def rollback(self) -> None:
        """Undo what was done since the last commit(), settings too."""
        self._run(f"rollback to savepoint {SAVEPOINT}")

    def close(self) -> None:
        """Leave the transaction to the caller, without what was not kept."""
        if self.closed:
            return
        try:
            self._run(f"rollback to savepoint {SAVEPOINT}")
            self._run(f"release savepoint {SAVEPOINT}")
        except psycopg2.OperationalError:  # it is lost: why is what the caller has to be told
            return

    def _begin(self) -> None:
        self._run(f"savepoint {SAVEPOINT}")
        calls = ", ".join(f"pg_catalog.current_setting('{name}')" for name in self.names)
        self.settings = self._run(f"select {calls}")[0]


class ByItself(Guest):
    """A guest of a connection in autocommit, where each call is a transaction of its own."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        connection.autocommit = False

    def commit(self) -> None:
        """Commit, as the connection does by itself."""
        self.connection.commit()

    def rollback(self) -> None:
        """Undo what was not committed."""
        self.connection.rollback()

    def close(self) -> None:
        """Put autocommit back, without what was not committed."""
        if not self.closed:
            self.connection.rollback()
            self.connection.autocommit = True


class Psycopg3:
    """A connection of psycopg 3 with the methods and the errors of psycopg2."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.info = connection.info

    def cursor(self) -> Psycopg3Cursor:
        """A cursor that composes statements itself, as psycopg2's do."""
        return Psycopg3Cursor(self.connection)

    @property
    def autocommit(self) -> bool:
        """Is every statement a transaction?"""
        return bool(self.connection.autocommit)

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        """Between transactions only."""
        self.connection.autocommit = value

    @property
    def server_version(self) -> int:
        """150004 for 15.4."""
        return int(self.info.server_version)

    @property
    def closed(self) -> bool:
        """Was it closed or lost?"""
        return bool(self.connection.closed)

    def set_client_encoding(self, name: str) -> None:
        """What text is sent in; psycopg 3 follows the server's parameter."""
        self.connection.autocommit = False
        with self.cursor() as cursor:
            cursor.execute(f"set client_encoding to '{name}'")
        self.connection.commit()

    def set_session(self, isolation_level: str, autocommit: bool) -> None:
        """Settings of every transaction from now on."""
        import psycopg

        self.connection.autocommit = autocommit
        self.connection.isolation_level = psycopg.IsolationLevel[isolation_level.replace(" ", "_")]

    def commit(self) -> None:
        """COMMIT."""
        with translated():
            self.connection.commit()

    def rollback(self) -> None:
        """ROLLBACK."""
        with translated():
            self.connection.rollback()

    def cancel(self) -> None:
        """Cancel the statement that runs."""
        self.connection.cancel()

    def close(self) -> None:
        """End the session; what is not committed is lost."""
        self.connection.close()


class Psycopg3Cursor:
    """A cursor of psycopg 3 whose rows are tuples and whose errors are psycopg2's."""

    def __init__(self, connection: Any) -> None:
        import psycopg

        with translated():
            self.cursor = psycopg.ClientCursor(connection, row_factory=psycopg.rows.tuple_row)

    def __enter__(self) -> Psycopg3Cursor:
        return self

    def __exit__(self, *error: object) -> None:
        self.cursor.close()

    @property
    def description(self) -> Any:
        """The columns of the last result, None where it had none."""
        return self.cursor.description

    def execute(self, sql: str, values: Any = None) -> None:
        """Run one statement."""
        with translated():
            self.cursor.execute(sql, values)

    def fetchall(self) -> list[Any]:
        """The rows of the last result."""
        return self.cursor.fetchall()


@contextmanager
def translated() -> Iterator[None]:
    """In this block errors of psycopg 3 become those of psycopg2, with what the server said."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        base = _class_of(error.sqlstate, type(error))
        facts = {"diag": error.diag, "pgcode": error.sqlstate}
        raise type(base.__name__, (base,), facts)(str(error)) from error


def _class_of(state: str | None, kind: type[Exception]) -> type[psycopg2.Error]:
    """psycopg2's class for a state, else the one of the same name in the DB API."""
    try:
        found: type[psycopg2.Error] = psycopg2.errors.lookup(state or "")
    except KeyError:
        names = [base.__name__ for base in kind.__mro__ if hasattr(psycopg2, base.__name__)]
        found = getattr(psycopg2, names[0])
    return found


def _check(connection: Any) -> None:
    """Refuse a connection that cannot be used as it is.

    Raises: DatabaseError, saying what to change.
    """
    if connection.closed:
        raise DatabaseError("the connection is closed; open another, or give a DSN.")
    status = connection.info.transaction_status
    if status == FAILED:
        raise DatabaseError(
            "the connection's transaction has failed before; call its rollback() first."
        )
    encoding = connection.info.parameter_status("client_encoding")
    if encoding != "UTF8":
        raise DatabaseError(
            f"the connection's client_encoding is {encoding}, and names and labels need UTF8."
            " Run on it first: set client_encoding to 'UTF8'"
        )
    cursor = (
        connection.cursor()
        if isinstance(connection, Psycopg3)
        else connection.cursor(cursor_factory=psycopg2.extensions.cursor)
    )
    with cursor:
        cursor.execute("show transaction_isolation")
        ((level,),) = cursor.fetchall()
    if level != "read committed":
        raise DatabaseError(
            f"the connection's transactions are {level}, in which a deployment would not see what"
            " others committed while it waited for them. Use read committed, or give a DSN."
        )
