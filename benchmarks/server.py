"""The private server as the benchmarks use it: sessions, tables, deployments, what is inside it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from networks import Network, build_graph

from exporter.databases import DATABASES
from exporter.databases.postgres.deployment import deploy
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.manifest import make_manifest
from exporter.resources import read_text
from exporter.samples import draw_inputs, expect_outputs
from exporter.sql.text import body

FAST_BLAS = ("openblas", "mkl", "blis", "atlas")
ENVIRONMENT = """
import os
facts["environment"] = dict(os.environ)
facts["interpreter"] = sys.prefix + "/bin/python%d.%d" % sys.version_info[:2]
return json.dumps(facts)
"""


@contextmanager
def session(dsn: str, *settings: str) -> Iterator[Any]:
    """A cursor of a connection of its own that commits each statement; settings as in SET."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"set {setting}")
            yield cursor
    finally:
        connection.close()


def run_all(dsn: str, statements: Iterable[str]) -> None:
    """Run statements, each in a transaction of its own."""
    with session(dsn) as cursor:
        for statement in statements:
            cursor.execute(statement)


def examine(dsn: str) -> dict[str, Any]:
    """What the server's Python is: versions, BLAS, interpreter, environment."""
    text = "\n" + read_text("plpython/probe.py") + ENVIRONMENT
    with session(dsn) as cursor:
        cursor.execute(
            "create function pg_temp.probe() returns text language plpython3u as " + body(text)
        )
        cursor.execute("select pg_temp.probe()")
        facts: dict[str, Any] = json.loads(cursor.fetchone()[0])
        facts["postmaster"] = find_postmaster(dsn)
        for name in ("server_version", "shared_buffers", "work_mem", "jit"):
            cursor.execute(f"show {name}")
            facts[name] = cursor.fetchone()[0]
    return facts


def is_fast(facts: dict[str, Any]) -> bool:
    """Is the server's BLAS one that is made for this processor?"""
    names = " ".join(facts["blas"])
    return any(word in names for word in FAST_BLAS)


def row_sql(network: Network, cast: str = "") -> str:
    """One row as arguments of score or pack."""
    return ", ".join(network.features) if network.features else f"x{cast}"


def make_table(dsn: str, table: str, network: Network, kind: str, rows: int) -> None:
    """A table of random numbers: id, then v1, v2, ... or one array x, of type real or numeric.

    numeric has six decimals, as amounts and measurements have.
    """
    value = "(random() * 2 - 1)::real" if kind == "real" else "(random() * 2 - 1)::numeric(9, 6)"
    if network.features:
        columns = ", ".join(f"{value} as {name}" for name in network.features)
    else:
        # It names g, so that the array is drawn anew for every row.
        columns = f"array(select {value} from generate_series(1, {network.width}) where g > 0) as x"
    make = f"create table {table} as select g as id, {columns} from generate_series(1, {rows}) g"
    with session(dsn) as cursor:
        cursor.execute(f"drop table if exists {table}")
        cursor.execute(make)
        # Hint bits, visibility and statistics are written now, not in the first competitor's time.
        cursor.execute(f"vacuum analyze {table}")


def grow_table(dsn: str, table: str, source: str, rows: int) -> None:
    """A table of that many rows, source's again and again with other ids."""
    with session(dsn) as cursor:
        cursor.execute(f"drop table if exists {table}")
        cursor.execute(f"create table {table} as select * from {source} limit {rows}")
        count = cursor.rowcount
        while count < rows:
            columns = _columns_but_id(cursor, source)
            cursor.execute(
                f"insert into {table} select id + {count}, {columns} from {source}"
                f" limit {rows - count}"
            )
            count += cursor.rowcount
        cursor.execute(f"vacuum analyze {table}")


def _columns_but_id(cursor: Any, table: str) -> str:
    cursor.execute(f"select * from {table} limit 0")
    return ", ".join(column.name for column in cursor.description if column.name != "id")


def deploy_network(dsn: str, network: Network, name: str) -> tuple[float, int]:
    """(seconds, bytes of weights) of a deployment: from the graph to the commit."""
    graph = build_graph(network)
    start = time.perf_counter()
    signature = sign(graph, name, network.features)
    plan = plan_graph(graph, signature)
    samples = expect_outputs(plan, draw_inputs(graph, 8))
    manifest = make_manifest(graph, plan, samples)
    deploy(DATABASES["postgres"].compile(manifest, plan.block, samples), dsn)
    return time.perf_counter() - start, len(plan.block)


def find_postmaster(dsn: str) -> int:
    """Process id of the server process that forks all others."""
    with session(dsn) as cursor:
        cursor.execute("select pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def pin(postmaster: int, cores: Sequence[int]) -> None:
    """Give these cores to us, and to sessions and parallel workers that start from now on."""
    os.sched_setaffinity(postmaster, cores)
    os.sched_setaffinity(0, cores)
