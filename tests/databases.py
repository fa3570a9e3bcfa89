"""Databases that tests run against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import psycopg2
import psycopg2.extensions
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


def find_database(dsn: str, name: str) -> int:
    """The number by which a server knows a database."""
    cursor = _administrator(dsn)
    cursor.execute("select oid from pg_database where datname = %s", (name,))
    return int(cursor.fetchone()[0])


_kept: dict[str, Any] = {}


def keep(dsn: str) -> Any:
    """A session that stays open until its database is dropped: Python and numpy, which take longer
    than most of what a test asks, are loaded in it once."""
    if dsn not in _kept or _kept[dsn].closed:
        _kept[dsn] = log_in(dsn)
    return _kept[dsn]


class Session(psycopg2.extensions.connection):
    """A connection that is lent: what closes it leaves it as a new one, for whoever asks next.

    Settings, temporary objects and models that it has loaded are gone then; numpy stays.
    """

    is_lent = True
    settings: Any = None
    place = ""

    @property
    def closed(self) -> int:
        """Is it given back, or lost?"""
        return int(not self.is_lent or super().closed)

    def close(self) -> None:
        """Give it back."""
        if not self.is_lent:
            return
        try:
            if self.info.transaction_status == ACTIVE:
                self.end()
                return
            self.reset()
            self.set_session("DEFAULT", "DEFAULT", "DEFAULT", autocommit=True)
            with self.cursor() as cursor:
                cursor.execute("discard all")
                cursor.execute(FORGET)
            self.autocommit = False
        except psycopg2.Error:
            self.end()
            return
        self.notices.clear()
        self.is_lent = False
        _spare.setdefault(self.place, []).append(self)

    def end(self) -> None:
        """Close it indeed."""
        super().close()

    def name(self, application: str) -> list[str]:
        """Take a name; what is set for all who connect by then. Names resolve where somebody may
        have put his own operators."""
        self.autocommit = True
        with self.cursor() as cursor:
            cursor.execute("set application_name = %s", (application,))
            cursor.execute(SETTINGS)
            found = sorted(map(str, cursor.fetchall()))
        self.autocommit = False
        return found


SETTINGS = "select setdatabase, setrole, setconfig from pg_catalog.pg_db_role_setting"
ACTIVE = psycopg2.extensions.TRANSACTION_STATUS_ACTIVE
FORGET = """do $$ begin
  if exists (select from pg_catalog.pg_language l
      where l.lanname operator(pg_catalog.=) 'plpython3u' and not l.lanpltrusted) then
    execute 'do language plpython3u ''GD.clear()''';
  end if;
end $$"""
LENT = re.compile(r"postgresql://postgres@%2F[^?]*")  # of a superuser, on a server of the tests
_spare: dict[str, list[Session]] = {}
_sessions_are_own = False


def log_in(dsn: str, application: str = "") -> Any:
    """A session that is as good as a new one. To load numpy, and the catalog, takes a server
    longer than most of what tests ask; a test that uses the fixture `own_sessions` has new ones."""
    if _sessions_are_own or not LENT.fullmatch(dsn):
        return psycopg2.connect(dsn, application_name=application)
    spare = _spare.get(dsn, [])
    while spare:
        session = spare.pop()
        with suppress(psycopg2.Error):
            session.is_lent = True
            if session.name(application) == session.settings:
                return session
        session.end()
    session = psycopg2.connect(dsn, connection_factory=Session)
    session.place, session.settings = dsn, session.name(application)
    return session


@contextmanager
def own_sessions() -> Iterator[None]:
    """New sessions for the time of the block, and none that wait to be lent."""
    global _sessions_are_own
    for dsn in list(_spare):
        _end_spare(dsn)
    _sessions_are_own = True
    yield
    _sessions_are_own = False


def _end_spare(dsn: str) -> None:
    for session in _spare.pop(dsn, []):
        session.end()


def give_back(database: str) -> list[int]:
    """Give back all sessions that are kept for a database, which outlives them; the processes of
    those that wait to be lent."""
    for dsn in _kept_in(database):
        _kept.pop(dsn).close()
    sessions = [session for dsn in _spare_in(database) for session in _spare[dsn]]
    return [session.info.backend_pid for session in sessions]


def _end_kept(database: str) -> None:
    """End all roles' sessions in a database."""
    for dsn in _kept_in(database):
        _kept.pop(dsn).close()
    for dsn in _spare_in(database):
        _end_spare(dsn)


def _kept_in(database: str) -> list[str]:
    return [dsn for dsn, session in _kept.items() if session.info.dbname == database]


def _spare_in(database: str) -> list[str]:
    return [dsn for dsn in _spare if dsn.rpartition("/")[2] == quote(database, safe="")]


@cache
def _administrator(dsn: str) -> Any:
    """A cursor that makes and drops databases, for as long as the server runs."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection.cursor()
