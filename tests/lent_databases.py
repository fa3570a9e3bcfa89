"""Databases of tests that are lent again, when all that a test made in one is gone.

To copy and drop one takes a server as long as to deploy a model, and a session in a new one loads
Python and numpy anew. Objects that are younger than the database are dropped; then it has to hold
what the first copy of the template held, row by row, in the catalog and in tables. A database of
which that is not so is not used again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg2
from databases import find_database, give_back, log_in, make_database
from footprints import footprint
from given_server import GivenServer
from private_server import Server

MOST = 20  # a catalog, and what a session has prepared, grow with each

PLAIN = """
set lock_timeout = '2s'; set client_min_messages = error; set search_path = pg_catalog, pg_temp
"""
END_OTHERS = """
select pg_terminate_backend(pid, 2000) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> all (%s)
"""
DROP_NEW = """
do $$
declare
  l_since constant oid := (select oid from pg_database where datname = current_database());
  l_object record;
begin
  for l_object in select evtname as name from pg_event_trigger where oid > l_since loop
    execute format('drop event trigger %I', l_object.name);
  end loop;
  for l_object in select fdwname as name from pg_foreign_data_wrapper where oid > l_since loop
    execute format('drop foreign data wrapper %I cascade', l_object.name);
  end loop;
  for l_object in select nspname as name from pg_namespace
      where oid > l_since and nspname !~ '^pg_(toast_)?temp_' loop
    execute format('drop schema %I cascade', l_object.name);
  end loop;
  loop
    select i.type, i.identity into l_object
      from pg_depend d join pg_namespace n on n.oid = d.refobjid,
        pg_identify_object(d.classid, d.objid, 0) i
      where d.refclassid = 'pg_namespace'::regclass and d.objid > l_since and d.deptype = 'n'
        and n.nspname !~ '^pg_' and not exists (
          select from pg_depend e
          where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e')
      limit 1;
    exit when not found;
    execute format('drop %s %s cascade', l_object.type, l_object.identity);
  end loop;
end $$
"""


@dataclass
class LentDatabase:
    """One that is lent."""

    name: str
    server: Server
    made: ExitStack = field(default_factory=ExitStack)
    uses: int = 0

    @property
    def dsn(self) -> str:
        """Its superuser's connection."""
        return self.server.dsn(self.name)


_serial = count(1)
_spare: dict[tuple[str, int], list[LentDatabase]] = {}  # by server and template, as the next
_wanted: dict[tuple[str, int], Any] = {}  # footprints of the first copies


@contextmanager
def lend_database(server: Server | GivenServer, template: str) -> Iterator[str]:
    """The name of a database that is as a new copy of the template; on a server that others use, it
    is one."""
    if isinstance(server, GivenServer):
        name = f"test_{next(_serial)}_{os.getpid()}"
        with make_database(server, name, template):
            yield name
        return
    key = server.dsn(), find_database(server.dsn(), template)  # which may have been made anew
    spare = _spare.setdefault(key, [])
    database = spare.pop() if spare else _make(server, template, key)
    database.uses += 1
    yield database.name
    if database.uses < MOST and _clean(database, _wanted[key]):
        spare.append(database)
    else:
        database.made.close()


def end_lent(server: Server) -> None:
    """Drop those that wait, before their server ends."""
    for key in [key for key in _spare if key[0] == server.dsn()]:
        for database in _spare.pop(key):
            database.made.close()


def _make(server: Server, template: str, key: tuple[str, int]) -> LentDatabase:
    database = LentDatabase(f"test_lent_{next(_serial)}", server)
    database.made.enter_context(make_database(server, database.name, template))
    if key not in _wanted:
        with closing(log_in(database.dsn)) as session, session, session.cursor() as cursor:
            _wanted[key] = footprint(cursor)
    return database


def _clean(database: LentDatabase, wanted: Any) -> bool:
    """Drop all that a test made; whether nothing is left of it."""
    pids = give_back(database.name)
    try:
        with closing(log_in(database.dsn)) as session, session.cursor() as cursor:
            cursor.execute(PLAIN)
            cursor.execute(END_OTHERS, ([*pids, session.info.backend_pid],))
            cursor.execute(DROP_NEW)
            session.commit()
            return footprint(cursor) == wanted
    except psycopg2.Error:
        return False
