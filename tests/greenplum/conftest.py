"""A Greenplum with a model and a table in each kind of storage; skipped without --greenplum-dsn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg2
import pytest
from database.networks import deploy_model, expected, query, write_sequential
from greenplum_server import GreenplumServer, run

ROWS = 3000
STORAGE = {
    "hashed": "create table {} as {} distributed by (id)",
    "random": "create table {} as {} distributed randomly",
    "replicated": "create table {} as {} distributed replicated",
    "ao_row": "create table {} with (appendoptimized = true) as {} distributed by (id)",
    "ao_column": "create table {} with (appendoptimized = true, orientation = column) as {}"
    " distributed by (id)",
    "blocked": "create table {} as {} distributed by (block)",
}

# What segments do: gp_dist_random() of a view reads the coordinator's.
ACTIVITY = """
create function activity(out segment integer, out pid integer, out session integer, out state text)
returns setof record language sql volatile execute on all segments as
$$ select gp_execution_segment(), pid, sess_id, state from pg_stat_activity $$;
create function kill(segment integer, session integer) returns setof boolean
language sql volatile execute on all segments as
$$ select pg_terminate_backend(pid) from pg_stat_activity
   where sess_id = $2 and gp_execution_segment() = $1 $$
"""


@dataclass(frozen=True)
class Cluster:
    """A database on the cluster, with the scores that every table's rows must have."""

    server: GreenplumServer
    name: str
    dsn: str
    scores: dict[int, float]
    planners: tuple[str, ...]


@pytest.fixture(scope="session")
def greenplum(request: pytest.FixtureRequest) -> GreenplumServer:
    """The server of --greenplum-dsn."""
    dsn = request.config.getoption("--greenplum-dsn")
    if dsn is None:
        pytest.skip("needs --greenplum-dsn")
    return GreenplumServer(dsn)


@pytest.fixture(scope="session")
def cluster(greenplum: GreenplumServer, tmp_path_factory: Any) -> Iterator[Cluster]:
    """Model fraud, of several chunks, and the same rows in each kind of storage."""
    name = f"export_model_test_{os.getpid()}"
    with greenplum.database(name):
        dsn = greenplum.dsn(name)
        run(dsn, "create extension if not exists plpython3u")
        path = tmp_path_factory.mktemp("files") / "fraud.h5"
        write_sequential(path, [3, 1000, 1000, 1], ["relu", "relu", "sigmoid"])
        plan = deploy_model(dsn, path, "fraud", features=["a", "b", "c"], labels=["good", "bad"])
        assert len(plan.block) > 3 * 2**20, "several chunks, so that a read can be cut short"
        for table, sql in STORAGE.items():
            run(dsn, sql.format(table, source(ROWS)))
        run(
            dsn,
            "create table partitioned (like hashed) distributed by (id) partition by range (id)"
            " (start (0) end (4000) every (1000))",
        )
        run(dsn, "insert into partitioned select * from hashed")
        run(dsn, ACTIVITY)
        run(dsn, "create view viewed as select * from hashed")
        run(
            dsn, "create table other as select id, id % 7 as kind from hashed distributed by (kind)"
        )
        run(dsn, "analyze")
        rows = query(dsn, "select id, a, b, c from hashed order by id")
        table = np.array([row[1:] for row in rows], np.float64)
        wanted = expected(plan, table)[0].ravel().tolist()
        scores = dict(zip([row[0] for row in rows], wanted, strict=True))
        yield Cluster(greenplum, name, dsn, scores, planners_of(dsn))


@pytest.fixture(params=["on", "off"])
def planner(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    """The setting "optimizer": GPORCA, where the server has it, and the Postgres planner."""
    if request.param not in cluster.planners:
        pytest.skip("this server was built without GPORCA")
    return str(request.param)


def planners_of(dsn: str) -> tuple[str, ...]:
    """The values of "optimizer" that the server takes: a build without GPORCA refuses "on"."""
    try:
        query(dsn, "set optimizer = on")
    except psycopg2.errors.InvalidParameterValue:
        return ("off",)
    return ("on", "off")


def source(rows: int) -> str:
    """Rows whose numbers need no rounding, so that every storage and every query sees the same."""
    return (
        "select g as id, g / 100 as block, ((g * 7) % 64 / 16.0)::real as a,"
        " ((g * 11) % 32 / 8.0 - 2)::double precision as b, (g % 13)::numeric as c"
        f" from generate_series(1, {rows}) g"
    )
