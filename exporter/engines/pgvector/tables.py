"""Tables in which versions have their weights: whether they are as they were made."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.databases.postgres.connection import Connection, execute
from exporter.databases.results import Difference
from exporter.engines.statements import REGISTRY
from exporter.sql.templates import render
from exporter.sql.text import Sql, ident

COLUMNS = ["place integer", "vector vector", "bytes bytea"]


def inspect_tables(connection: Connection, model: str) -> Iterable[Difference]:
    """Weights in tables of versions' own, see stored_vectors.sql, where this role may read them.

    Only numbers of the extension's own type are read: of another's, the cast would be his.
    """
    rows = execute(
        connection,
        "select 'weights_' || substr(v.version, 1, 12), c.oid is not null,"
        " c.relkind = 'r' and not (c.relhastriggers or c.relhasrules or c.relrowsecurity),"
        " array(select a.attname || ' ' || coalesce(e.extname, a.atttypid::regtype::text)"
        "  from pg_attribute a left join (pg_depend d join pg_extension e on e.oid = d.refobjid"
        "   and d.refclassid = 'pg_extension'::regclass and d.classid = 'pg_type'::regclass)"
        "  on d.objid = a.atttypid where a.attrelid = c.oid and a.attnum > 0"
        "  and not a.attisdropped order by a.attnum),"
        " case when has_table_privilege(c.oid, 'select')"
        " then substring(obj_description(c.oid, 'pg_class') from 'md5 ([0-9a-f]{32})$') end"
        f" from {REGISTRY}.versions v left join pg_namespace n on n.nspname = v.model"
        " left join pg_class c on c.relnamespace = n.oid"
        "  and c.relname = 'weights_' || substr(v.version, 1, 12)"
        " where v.model = %s and v.engine = 'pgvector-table' order by v.version",
        (model,),
    )
    for name, is_there, is_plain, columns, digest in rows:
        place = Sql("{}.{}").format(ident(model), ident(name))
        if not is_there:
            yield Difference(f"table {place} is missing")
        elif is_plain and columns == [COLUMNS[0], COLUMNS[2]]:
            yield Difference(f"table {place} has lost its column vector, which is the weights")
        elif not is_plain or columns != COLUMNS:
            yield Difference(f"table {place} is not as export-model makes it")
        elif digest is not None:
            sql = render(("pgvector/postgres",), "stored_digest", {"place": place})
            if execute(connection, sql)[0][0] != digest:
                yield Difference(f"table {place} was altered")
