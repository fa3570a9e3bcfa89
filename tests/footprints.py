"""What a database holds, in a few numbers: whether anything was written that stayed.

A row that was inserted or changed names the transaction that did it, whatever it says now: unlike
two dumps, two footprints are equal only where nobody has committed a change, and they take a
hundredth of the time. How far a sequence is, which no transaction takes back, is not looked at, nor
are statistics and what is temporary.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from databases import Database, log_in

TABLES = """
select c.oid::regclass::text from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and not c.relisshared and n.nspname !~ '^pg_(toast|temp_)'
  and c.oid::regclass::text not in ('pg_statistic', 'pg_statistic_ext_data', 'pg_namespace')
order by 1
"""
ROWS = """
select '{0}', count(*)::text, max(xmin::text::bigint)::text from only {1}
"""
OTHERS = """
select 'schemas', string_agg(n.oid || n::text, ' ' order by n.oid), '' from pg_namespace n
where nspname !~ '^pg_(toast_)?temp_'
union all
select 'database', concat_ws(' ', datdba, datallowconn, datconnlimit,
    coalesce(datacl, acldefault('d', datdba))),
  (select string_agg(s::text, ' ' order by setrole) from pg_db_role_setting s
   where setdatabase = d.oid) from pg_database d where datname = current_database()
union all
select 'dependencies of roles', count(*)::text, '' from pg_shdepend
where dbid = (select oid from pg_database where datname = current_database())
"""
PLAIN = "set local search_path = pg_catalog, pg_temp"


def footprint(cursor: Any) -> list[tuple[str, str | None, str | None]]:
    """Of the database of a superuser's session."""
    cursor.execute(PLAIN)
    cursor.execute(TABLES)
    tables = [table for (table,) in cursor.fetchall()]
    rows = [ROWS.format(table.replace("'", "''"), table) for table in tables]
    cursor.execute(" union all ".join([*rows, OTHERS]))
    return sorted(cursor.fetchall(), key=str)


def footprint_of(database: Database) -> list[tuple[str, str | None, str | None]]:
    """The same by a session of its own, or one that is as new."""
    with closing(log_in(database.dsn)) as session, session, session.cursor() as cursor:
        return footprint(cursor)
