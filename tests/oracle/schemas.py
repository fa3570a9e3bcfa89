"""Schemas to deploy to: the interpreter's, and a real one when --oracle-dsn is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import oracledb
import pytest
from plsql.connection import connector
from plsql.machine import Database

from exporter.databases import database_of
from exporter.databases.oracle.connection import connect


@dataclass(frozen=True)
class Schema:
    """One without models; database is the interpreter's, None for a real server."""

    dsn: str
    database: Database | None

    def run(self, sql: str, *values: Any) -> list[Any]:
        """One statement in a session of its own, committed."""
        with connect(self.dsn) as connection:
            with connection.cursor() as cursor:
                cursor.execute(sql, list(values))
                rows = cursor.fetchall() if cursor.description else []
                rows = [tuple(map(_listed, row)) for row in rows]  # while there is a connection
            connection.commit()
        return rows

    @property
    def objects(self) -> list[tuple[str, str]]:
        """Everything in the schema, but what Oracle makes itself for tables and pipelined rows."""
        rows = self.run("select object_name, object_type from user_objects")
        own = ("TABLE", "PACKAGE", "PACKAGE BODY", "SYNONYM", "VIEW")
        return sorted((name, kind) for name, kind in rows if kind in own)

    def drop_models(self) -> None:
        """Remove what tests left."""
        server = database_of(self.dsn)
        names = {entry.model for entry in server.list_versions(self.dsn)}
        for name in names:
            server.drop(self.dsn, name, False)


def _listed(value: Any) -> Any:
    """An array of a real server as a list."""
    return value.aslist() if hasattr(value, "aslist") else value


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Schema:
    """An empty database of the interpreter, which oracledb.connect reaches."""
    database = Database(strict_compile=False)
    monkeypatch.setattr(oracledb, "connect", connector(database))
    return Schema("owner/secret@interpreter", database)


@pytest.fixture(params=["interpreter", "server"])
def schema(request: pytest.FixtureRequest) -> Iterator[Schema]:
    """The interpreter, then the server of --oracle-dsn."""
    if request.param == "interpreter":
        yield request.getfixturevalue("interpreter")
        return
    dsn = request.config.getoption("--oracle-dsn")
    if dsn is None:
        pytest.skip("no Oracle server: give --oracle-dsn")
    server = Schema(dsn, None)
    server.drop_models()
    yield server
    server.drop_models()
