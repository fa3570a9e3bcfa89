"""Databases of tests that are lent again, when all that a test made in one is gone.

To copy and drop one takes a server as long as to deploy a model, and a session in a new one loads
Python and numpy anew. What can be dropped is dropped; then the catalog has to hold what it held in
the first copy of the template, row by row. A database of which that is not so is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg2
from databases import give_back, log_in, make_database
from private_server import Server

MOST = 20  # a catalog, and what a session has prepared, grow with each

PLAIN = """
set lock_timeout = '2s'; set client_min_messages = error; set search_path = pg_catalog, pg_temp
"""
END_OTHERS = """
select pg_terminate_backend(pid, 2000) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> all (%s)
"""
DROP_ALL = """
do $$
declare l_object record;
begin
  for l_object in select evtname as name from pg_event_trigger loop
    execute format('drop event trigger %I', l_object.name);
  end loop;
  for l_object in select fdwname as name from pg_foreign_data_wrapper loop
    execute format('drop foreign data wrapper %I cascade', l_object.name);
  end loop;
  for l_object in select nspname as name from pg_namespace
      where oid >= 16384 and nspname !~ '^pg_(toast_)?temp_' loop
    execute format('drop schema %I cascade', l_object.name);
  end loop;
  loop
    select i.type, i.identity into l_object
      from pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
      where d.refclassid = 'pg_namespace'::regclass and d.refobjid = 'public'::regnamespace
        and d.deptype = 'n' and not exists (
          select from pg_depend e
          where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e')
      limit 1;
    exit when not found;
    execute format('drop %s %s cascade', l_object.type, l_object.identity);
  end loop;
end $$
"""
CATALOGS = """
select quote_ident(relname) from pg_class
where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and not relisshared
  and relname not in ('pg_statistic', 'pg_statistic_ext_data', 'pg_namespace') order by 1
"""
ROWS = """
select '{0}', count(*)::text, count(*) filter (where xmin::text::bigint >= {1})::text from {0}
"""
OTHERS = """
select 'schemas', string_agg(n.oid || n::text, ' ' order by n.oid), '' from pg_namespace n
where nspname !~ '^pg_(toast_)?temp_'
union all
select 'database', concat_ws(' ', datdba, datallowconn, datconnlimit,
  coalesce(datacl, acldefault('d', datdba))), (select count(*)::text from pg_db_role_setting
  where setdatabase = d.oid) from pg_database d where datname = current_database()
union all
select 'shared', count(*)::text, '' from pg_shdepend s
where dbid = (select oid from pg_database where datname = current_database())
"""


@dataclass
class LentDatabase:
    """One that is lent."""

    name: str
    server: Server
    template: str
    made: ExitStack = field(default_factory=ExitStack)
    uses: int = 0

    @property
    def dsn(self) -> str:
        """Its superuser's connection."""
        return self.server.dsn(self.name)


_serial = count(1)
_spare: dict[tuple[str, str], list[LentDatabase]] = {}


@contextmanager
def lend_database(server: Server, template: str) -> Iterator[str]:
    """The name of a database that is as a new copy of the template."""
    spare = _spare.setdefault((server.dsn(), template), [])
    database = spare.pop() if spare else _make(server, template)
    database.uses += 1
    yield database.name
    if database.uses < MOST and _clean(database):
        spare.append(database)
    else:
        database.made.close()


def _make(server: Server, template: str) -> LentDatabase:
    database = LentDatabase(f"test_lent_{next(_serial)}", server, template)
    database.made.enter_context(make_database(server, database.name, template))
    _first_state(database)
    return database


_states: dict[tuple[str, str], tuple[str, list[Any]]] = {}


def _first_state(database: LentDatabase) -> tuple[str, list[Any]]:
    """A query of what the catalog holds, and what it said of the template's first copy."""
    key = database.server.dsn(), database.template
    if key not in _states:
        with closing(log_in(database.dsn)) as session, session.cursor() as cursor:
            cursor.execute("select txid_current()")
            (since,) = cursor.fetchone()
            cursor.execute(CATALOGS)
            rows = [ROWS.format(name, since) for (name,) in cursor.fetchall()]
            query = " union all ".join([*rows, OTHERS])
            cursor.execute(query)
            _states[key] = query, sorted(cursor.fetchall())
    return _states[key]


def _clean(database: LentDatabase) -> bool:
    """Drop all that a test made; whether nothing is left of it."""
    pids = give_back(database.name)
    query, wanted = _first_state(database)
    try:
        with closing(log_in(database.dsn)) as session, session.cursor() as cursor:
            cursor.execute(PLAIN)
            cursor.execute(END_OTHERS, ([*pids, session.info.backend_pid],))
            cursor.execute(DROP_ALL)
            session.commit()
            cursor.execute(query)
            return sorted(cursor.fetchall()) == wanted
    except psycopg2.Error:
        return False
