"""Scores per second on a Greenplum with 1, 2, ... segments: by row, in batches, as others do it.

    python benchmarks/greenplum.py --greenplum-dsn DSN [--rows 200000]

Makes a database of its own and drops it. The published recipe is measured in our own words: a
PL/Python aggregate that gathers rows in a list of the session, grouped by gp_segment_id, and a
function that scores the list; the network is the same numpy code, not the framework. The client
pipeline fetches all rows, scores them there in batches and copies the scores back. Medians; the
plan stands beside each figure. Speeds count what was really scored: groups of the recipe that one
process gathers at the same time share its list, so that it scores some rows twice.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
from networks import NETWORKS, build_graph

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from greenplum_server import GreenplumServer, run

from exporter.databases import DATABASES
from exporter.databases.postgres.deployment import deploy
from exporter.engines.plpython.runtime import runtime
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs

NETWORK = NETWORKS[0]
COLUMNS = NETWORK.features
FEATURES = ", ".join(COLUMNS)
TABLE = """
create table given as select g as id, g / 1000 as block, {}
from generate_series(1, {}) g distributed by (id);
create table blocked as select * from given distributed by (block);
create table scores (id integer, score real) distributed by (id);
analyze
"""

# What the recipe does, without its use of the framework.
RECIPE = """
create function recipe_gather(state text, features double precision[]) returns text
language plpython3u immutable as $$
key = "rows"
if state is None:
    GD[key] = []
GD[key].append(features)
return key
$$;
create aggregate recipe_stack(double precision[]) (sfunc = recipe_gather, stype = text);
create function recipe_score(state text) returns setof real language plpython3u immutable as $$
import numpy as np
model = GD["export_model models"][GD["export_model role"](), "{version}"]
return model.run([np.asarray(GD[state], np.float32)])[0].ravel().tolist()
$$
"""


def forms(version: str) -> dict[str, str]:
    """Queries that score where {where}; each gives one row: how many were scored."""
    row = f"m.score({FEATURES})"
    batch = f"(m.score_batch(array_agg(id), string_agg(m.pack({FEATURES}), ''))).*"
    return {
        "row by row": f"select count({row}) from given where {{where}}",
        "row by row, kept": f"insert into scores select id, {row} from given where {{where}}",
        "batches, rows move once": f"select count(score) from (select {batch} from given"
        " where {where} group by id / 1000) s",
        "batches, rows stay": f"select count(score) from (select {batch} from blocked"
        " where {where} group by block) s",
        "batches, rows stay, kept": f"insert into scores select {batch} from blocked"
        " where {where} group by block",
        "stack_rows of ours": "select count(score) from (select (m.score_stack(m.stack_rows("
        f"(id, array[{FEATURES}])))).* from given where {{where}} group by gp_segment_id) s",
        "the published recipe": "select count(s) from (select recipe_score(recipe_stack("
        f"array[{FEATURES}])) as s from given where {{where}} group by gp_segment_id) s",
    }


def median_s(action: Callable[[], object], runs: int) -> float:
    """Median time in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def explain(cursor: Any, sql: str) -> str:
    """The nodes of a plan from the top, and which planner made it."""
    cursor.execute("explain (costs off) " + sql)
    lines = [line for (line,) in cursor.fetchall()]
    nodes = [re.sub(r"\s*->\s*", "", line).strip() for line in lines]
    kept = [
        re.sub(r"  \(slice\d+; segments: \d+\)", "", node)
        for node, line in zip(nodes, lines, strict=True)
        if "->" in line or line == lines[0]
    ]
    return " < ".join(kept) + f" ({nodes[-1].removeprefix('Optimizer: ')})"


def pipeline(dsn: str, model: Any) -> int:
    """Fetch, score on the client, copy back."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"select id, {FEATURES} from given")
        rows = np.array(cursor.fetchall(), np.float64)
        scores = np.concatenate(
            [model.run([part])[0].ravel() for part in _parts(rows[:, 1:].astype(np.float32))]
        )
        text = "".join(f"{int(key)}\t{score:.9g}\n" for key, score in zip(rows[:, 0], scores))  # noqa: B905
        cursor.copy_from(io.StringIO(text), "scores", columns=("id", "score"))
    connection.close()
    return len(rows)


def _parts(rows: Any) -> list[Any]:
    return [rows[start : start + 4096] for start in range(0, len(rows), 4096)]


def measure(dsn: str, rows: int, runs: int) -> None:
    """Deploy, then print one line for each form and number of segments."""
    graph = build_graph(NETWORK)
    plan = plan_graph(graph, sign(graph, "m", features=COLUMNS))
    samples = expect_outputs(plan, draw_inputs(graph, 4))
    manifest = make_manifest(graph, plan, samples)
    deploy(DATABASES["greenplum"].compile(manifest, plan.block, samples), dsn)
    values = ", ".join(
        f"((g::bigint * {7 + 2 * n} + {n * n}) % 1000 / 500.0 - 1)::real as {name}"
        for n, name in enumerate(COLUMNS)
    )
    run(dsn, TABLE.format(values, rows))
    run(dsn, RECIPE.format(version=plan.version))
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        "select count(*) from gp_segment_configuration where role = 'p' and content >= 0"
    )
    segments = cursor.fetchone()[0]
    cursor.execute("select version()")
    print(cursor.fetchone()[0])
    for title, sql in forms(plan.version).items():
        print(f"\n{title}: {explain(cursor, sql.format(where='true'))}")
        single = 0.0
        for number in range(1, segments + 1):
            where = f"gp_segment_id < {number}"
            table = "blocked" if "from blocked" in sql else "given"
            cursor.execute(f"select count(*) from {table} where {where}")
            count = cursor.fetchone()[0]
            query = sql.format(where=where)
            cursor.execute(f"select count({_row()}) from given where id % 50 = 0")  # load the model
            cursor.execute(query)
            scored = cursor.rowcount if query.startswith("insert") else cursor.fetchone()[0]
            seconds = median_s(lambda query=query: cursor.execute(query), runs)  # type: ignore[misc]
            speed = scored / seconds
            single = single or speed
            note = "" if scored == count else f"  ({scored:,} scores for these rows)"
            print(
                f"  {number} segments: {count:>8,} rows {seconds:7.2f} s {speed:>10,.0f} scores/s"
                f"  {speed / single:.2f} x one{note}"
            )
            cursor.execute("truncate scores")
    model = runtime().load(plan.version, plan.text, plan.block)
    seconds = median_s(lambda: pipeline(dsn, model), runs)
    print(f"\nthe client: fetch, numpy, COPY back: {seconds:.2f} s {rows / seconds:,.0f} rows/s")
    connection.close()


def _row() -> str:
    return f"m.score({FEATURES})"


def main() -> None:
    """Make a database, measure, drop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--greenplum-dsn", required=True)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    server = GreenplumServer(options.greenplum_dsn)
    name = f"export_model_bench_{os.getpid()}"
    with server.database(name):
        run(server.dsn(name), "create extension if not exists plpython3u")
        measure(server.dsn(name), options.rows, options.runs)


if __name__ == "__main__":
    main()
