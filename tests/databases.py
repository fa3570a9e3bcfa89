"""Databases that tests run against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import pytest
from given_server import GivenServer, run
from private_server import Server

TARGET = "postgres"  # what the tests deploy for; conftest.py changes it
ENGINE = "plpython"  # and what runs models there
EXTENSIONS = {"plpython": "plpython3u", "pgvector": "vector"}
BOTH_ENGINES = pytest.mark.parametrize("server", ["plpython", "pgvector"], indirect=True)
"""For tests whose promise holds whatever runs a model: each on a server with one alone."""


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
    _create(server, name, template or "template1")
    try:
        yield
    finally:
        end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        run(server.dsn(), end)
        run(server.dsn(), f'drop database "{name}"')


def _create(server: Server, name: str, template: str) -> None:
    """As servers before 15 do it: files are copied, which takes a third of the time."""
    connection = psycopg2.connect(server.dsn())
    connection.autocommit = True
    strategy = "strategy file_copy" if connection.server_version >= 150000 else ""
    connection.cursor().execute(f'create database "{name}" template "{template}" {strategy}')
    connection.close()
