"""Databases that tests run against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg2
import pytest
from given_server import GivenServer
from private_server import Server

TARGET = "postgres"  # what the tests deploy for; conftest.py changes it
JOBS = 2  # as many connections score at once; on Greenplum, whose segments do, one
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
    """A database for the time of the block; sessions that are left in it are ended, and those in a
    template, which can be copied only then."""
    _end_kept(template)
    if isinstance(server, GivenServer):
        with server.database(name, template or "template1"):
            yield
            _end_kept(name)
        return
    cursor = _administrator(server.dsn())
    # As servers before 15 do it: files are copied, which takes a third of the time.
    strategy = "strategy file_copy" if cursor.connection.server_version >= 150000 else ""
    cursor.execute(f'create database "{name}" template "{template or "template1"}" {strategy}')
    try:
        yield
    finally:
        _end_kept(name)
        end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        cursor.execute(end)
        cursor.execute(f'drop database "{name}"')


_kept: dict[str, Any] = {}


def keep(dsn: str) -> Any:
    """A session that stays open until its database is dropped: Python and numpy, which take longer
    than most of what a test asks, are loaded in it once."""
    if dsn not in _kept or _kept[dsn].closed:
        _kept[dsn] = psycopg2.connect(dsn)
    return _kept[dsn]


def _end_kept(database: str) -> None:
    """End all roles' sessions in a database."""
    for dsn in [dsn for dsn, session in _kept.items() if session.info.dbname == database]:
        _kept.pop(dsn).close()


@cache
def _administrator(dsn: str) -> Any:
    """A cursor that makes and drops databases, for as long as the server runs."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection.cursor()
