"""Fixtures of all tests: a private PostgreSQL, a template database, a clone of it for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from private_server import Server, ServerError, private_server
from pytest_postgresql.janitor import DatabaseJanitor

_serial = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A database of one test; dsn logs in as superuser."""

    server: Server
    name: str

    @property
    def dsn(self) -> str:
        """The superuser's connection."""
        return self.server.dsn(self.name)

    def dsn_of(self, role: str, options: str = "") -> str:
        """A connection of another role."""
        dsn = self.server.dsn(self.name, role)
        return f"{dsn}?options={options}" if options else dsn


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A private PostgreSQL with PL/Python; tests skip where it is not installed."""
    try:
        with private_server(max_prepared_transactions=0) as running:
            yield running
    except ServerError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """A template database with the extension, cloned for each test."""
    with _janitor(server, "template_plpython", as_template=True):
        import psycopg2

        connection = psycopg2.connect(server.dsn("template_plpython"))
        connection.autocommit = True
        connection.cursor().execute("create extension plpython3u")
        connection.close()
        yield "template_plpython"


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """A fresh database with PL/Python."""
    name = f"test_{next(_serial)}"
    with _janitor(server, name, template_dbname=template):
        yield Database(server, name)


@pytest.fixture
def other_database(server: Server, template: str) -> Iterator[Database]:
    """A second fresh database, to compare the first one with."""
    name = f"test_{next(_serial)}"
    with _janitor(server, name, template_dbname=template):
        yield Database(server, name)


@pytest.fixture
def bare_database(server: Server) -> Iterator[Database]:
    """A database without PL/Python."""
    name = f"test_{next(_serial)}"
    with _janitor(server, name):
        yield Database(server, name)


def _janitor(server: Server, name: str, **options: object) -> DatabaseJanitor:
    return DatabaseJanitor(
        user="postgres",
        host=str(server.socket_dir),
        port=server.port,
        dbname=name,
        **options,  # type: ignore[arg-type]
    )
