"""The part of python-oracledb's interface that export-model uses, over an interpreter's session.

With it the program's own code deploys, verifies and drops there as it would in Oracle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import oracledb

from plsql.machine import Database, Session, Variable
from plsql.values import Collection, PlsqlError

ARRAY_TYPES = {
    "SYS.UTL_NLA_ARRAY_FLT": ("utl_nla_array_flt", np.float32),
    "SYS.UTL_NLA_ARRAY_DBL": ("utl_nla_array_dbl", np.float64),
    "SYS.ODCIVARCHAR2LIST": ("odcivarchar2list", object),
}


RUNNING = threading.Lock()  # connections of several threads take turns


class ArrayObject:
    """An array that is bound, or that a query gave."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def aslist(self) -> list[float | None]:
        """Its elements."""
        return list(self.array)


class ArrayType:
    """What gettype() gives."""

    def __init__(self, name: str) -> None:
        self.name, self.dtype = ARRAY_TYPES[name]

    def newobject(self, values: Sequence[float]) -> ArrayObject:
        """An array to bind."""
        return ArrayObject(np.array(values, self.dtype))


class OutVariable:
    """What cursor.var() gives."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable

    def getvalue(self) -> Any:
        """What a block left in it."""
        return self.variable.value


class Cursor:
    """Runs statements; errors are those of python-oracledb."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.description: list[tuple[str]] | None = None
        self.rows: list[tuple[Any, ...]] = []
        self.rowcount = -1

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def var(self, kind: Any) -> OutVariable:
        """A variable for an OUT parameter."""
        is_double = kind is oracledb.DB_TYPE_BINARY_DOUBLE
        return OutVariable(self.session.variable("binary_double" if is_double else "pls_integer"))

    def execute(self, sql: str, values: Any = None) -> None:
        """Run one statement."""
        self.description = None
        if isinstance(values, dict):
            values = {name: _given(value) for name, value in values.items()}
        elif values:
            values = [_given(value) for value in values]
        try:
            with RUNNING:
                self._run(sql, values or None)
        except PlsqlError as error:
            raise oracledb.DatabaseError(str(error)) from error

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Rows of the query that was run last."""
        return self.rows

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """The next of these rows."""
        rows, self.rows = self.rows[:size], self.rows[size:]
        return rows

    def _run(self, sql: str, values: Any) -> None:
        if sql.lstrip()[:6].lower() != "select":
            self.session.execute(sql, values)
            self.rowcount = self.session.rowcount or 0
            return
        rows = self.session.query(sql, values)
        self.rows = [tuple(_taken(value) for value in row) for row in rows]
        self.description = [("column",)]
        self.rowcount = len(rows)


class Connection:
    """A connection to the interpreter's database."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.version = {"12.1": "12.1.0.2.0"}.get(session.database.version, "19.3.0.0.0")

    def cursor(self) -> Cursor:
        """A cursor."""
        return Cursor(self.session)

    def gettype(self, name: str) -> ArrayType:
        """A type of arrays."""
        return ArrayType(name)

    def commit(self) -> None:
        """COMMIT."""
        self.session.commit()

    def rollback(self) -> None:
        """ROLLBACK."""
        self.session.rollback()

    def cancel(self) -> None:
        """Statements of the interpreter end by themselves."""

    def close(self) -> None:
        """End the session; what is not committed is lost."""
        self.session.close()


def connector(database: Database) -> Callable[..., Connection]:
    """A stand-in for oracledb.connect that logs into this database, whatever the password."""

    def connect(user: str, password: str, dsn: str) -> Connection:
        return Connection(database.session(user))

    return connect


def _given(value: Any) -> Any:
    if isinstance(value, OutVariable):
        return value.variable
    return value.array if isinstance(value, ArrayObject) else value


def _taken(value: Any) -> Any:
    return ArrayObject(value.a) if isinstance(value, Collection) else value
