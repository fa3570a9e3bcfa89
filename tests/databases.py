"""Databases that tests run against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg2
from given_server import GivenServer
from private_server import Server

TARGET = "postgres"  # what the tests deploy for; conftest.py changes it


@dataclass(frozen=True)
class Database:
    """A database of one test; dsn logs in as superuser."""

    server: Server | GivenServer
    name: str

    @property
    def dsn(self) -> str:
        """The superuser's connection."""
        return self.server.dsn(self.name)

    def dsn_of(self, role: str, options: str = "") -> str:
        """A connection of another role."""
        dsn = self.server.dsn(self.name, role)
        return f"{dsn}?options={options}" if options else dsn


@contextmanager
def make_database(server: Server | GivenServer, name: str, template: str = "") -> Iterator[None]:
    """A database for the time of the block; sessions that are left in it are ended."""
    if isinstance(server, GivenServer):
        with server.database(name, template or "template1"):
            yield
        return
    cursor = _administrator(server.dsn())
    # As servers before 15 do it: files are copied, which takes a third of the time.
    strategy = "strategy file_copy" if cursor.connection.server_version >= 150000 else ""
    cursor.execute(f'create database "{name}" template "{template or "template1"}" {strategy}')
    try:
        yield
    finally:
        end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        cursor.execute(end)
        cursor.execute(f'drop database "{name}"')


@cache
def _administrator(dsn: str) -> Any:
    """A cursor that makes and drops databases, for as long as the server runs."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection.cursor()
