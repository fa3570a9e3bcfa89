"""What comparing versions needs on Greenplum: scores are kept in a temporary table, because several
processes read them, and one cannot read what another holds."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from exporter.databases.postgres.connection import Connection, execute
from exporter.sql.text import Sql

BATCH_ROWS = 1000  # beyond that, and 4 MiB, no batch is faster
BATCH_BYTES = 2**22
TABLE = Sql("pg_temp.export_model_compared")


def count_batches(connection: Connection, source: Sql, rows: Sequence[Sql]) -> tuple[int, int]:
    """(how many rows an item of FROM, s, has; in how many batches to score them). rows are what
    packs one."""
    count = execute(connection, Sql("select pg_catalog.count(*) from {} s").format(source))[0][0]
    size = Sql(" operator(pg_catalog.+) ").join(
        Sql("pg_catalog.octet_length({})").format(row) for row in rows
    )
    average = Sql("select pg_catalog.avg(x.size) from (select {} as size from {} s limit 100) x")
    bytes_of_row = execute(connection, average.format(size, source))[0][0] or 0
    return count, max(1, ceil(count / BATCH_ROWS), ceil(count * bytes_of_row / BATCH_BYTES))


def keep_scores(connection: Connection, query: Sql) -> None:
    """Put what a query gives where the rest of this transaction reads it; nothing of it stays, and
    what the query calls can write nothing."""
    keeping = Sql(
        "create temporary table export_model_compared on commit drop as {} with no data"
        " distributed randomly"
    )
    execute(connection, keeping.format(query))
    execute(connection, "set transaction read only")
    execute(connection, Sql("insert into {} {}").format(TABLE, query))
