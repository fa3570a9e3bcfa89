"""Time what a user waits for: the first call of a session, a deployment, a row.

    python benchmarks/run.py [--rows 20000]

Starts a private PostgreSQL. Prints one table, medians of several runs; timings of a shared machine
vary, so compare only within one run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import psycopg2

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

from exporter.deploy import deploy
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Dense, as_tensor
from exporter.ir.plan import Plan, plan_graph
from exporter.payload import draw_inputs, expect_outputs
from exporter.reference import evaluate
from exporter.signature import sign
from exporter.targets import TARGETS

NETWORKS = {
    "fraud 28-256-128-64-32-1": [28, 256, 128, 64, 32, 1],
    "mnist 784-100-10": [784, 100, 10],
    "1 MB 250-500-250-1": [250, 500, 250, 1],
}
RUNS = 7


def build_network(sizes: Sequence[int]) -> Graph:
    """Dense layers with relu between them and a sigmoid at the end, random weights."""
    generator = np.random.default_rng(0)
    nodes: list[Node] = []
    for rows, columns in pairwise(sizes):
        kernel = as_tensor(generator.standard_normal((rows, columns)) / np.sqrt(rows))
        bias = as_tensor(generator.standard_normal(columns) / 10)
        last = len(nodes)
        nodes.append(Node(Dense(kernel, bias), (last,), last + 1, (columns,), f"dense_{last}"))
        function = "sigmoid" if columns == sizes[-1] else "relu"
        nodes.append(Node(Activation(function), (last + 1,), last + 2, (columns,), f"dense_{last}"))
    parameters = sum((rows + 1) * columns for rows, columns in pairwise(sizes))
    return Graph(
        "benchmark",
        (Port("x", 0, (sizes[0],)),),
        tuple(nodes),
        (Port("y", len(nodes), (sizes[-1],)),),
        Source("benchmark", "0" * 64, "3.0"),
        parameters,
    )


def median_ms(action: Callable[[], object], runs: int = RUNS) -> float:
    """Median time of an action in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def measure(dsn: str, name: str, sizes: Sequence[int], rows: int) -> list[str]:
    """One line of the table: cold call, warm call, row by row, numpy alone row by row."""
    graph = build_network(sizes)
    signature = sign(graph, "m")
    plan = plan_graph(graph, signature)
    samples = expect_outputs(plan, draw_inputs(graph, 4))
    script = TARGETS["postgres"](graph, plan, signature, samples)
    start = time.perf_counter()
    deploy(script, dsn)
    deploy_s = time.perf_counter() - start
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists rows")
        cursor.execute(
            "create table rows as select array(select random()::real from generate_series(1, %s)"
            " where g > 0) as x from generate_series(1, %s) g",
            (sizes[0], rows),
        )
    connection.close()
    cold = median_ms(lambda: _call(dsn, "select m.score(x) from rows limit 1"))
    empty = median_ms(lambda: _call(dsn, "select 1"))
    numpy_import = median_ms(lambda: _call(dsn, "do language plpython3u 'import numpy'"))
    per_row = _per_row_us(dsn, rows)
    return [
        name,
        f"{len(plan.block) / 2**20:.2f}",
        f"{deploy_s:.2f}",
        f"{numpy_import - empty:.0f}",
        f"{cold - empty:.0f}",
        f"{per_row:.1f}",
        f"{_numpy_us(plan, sizes[0]):.1f}",
    ]


def _call(dsn: str, sql: str) -> None:
    """One statement in a session of its own."""
    connection = psycopg2.connect(dsn)
    connection.cursor().execute(sql)
    connection.close()


def _per_row_us(dsn: str, rows: int) -> float:
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute("set max_parallel_workers_per_gather = 0")
        cursor.execute("select m.score(x) from rows limit 1")
        scan = median_ms(lambda: cursor.execute("select count(x) from rows"))
        score = median_ms(lambda: cursor.execute("select count(m.score(x)) from rows"), 5)
    connection.close()
    return 1000 * (score - scan) / rows


def _numpy_us(plan: Plan, width: int) -> float:
    """The same kernels here, row by row, without a database."""
    row = np.random.default_rng(1).standard_normal((1, width)).astype(np.float32)
    evaluate(plan, [row], "float32")
    from exporter.reference import runtime

    model = runtime().load(plan.version, plan.text, plan.block)
    return 1000 * median_ms(lambda: [model.run([row]) for _ in range(1000)], 5) / 1000


def main() -> None:
    """Run all networks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20000)
    rows = parser.parse_args().rows
    header = [
        "network", "MB", "deploy s", "numpy import ms", "first call ms", "us/row", "numpy us/row",
    ]  # fmt: skip
    table = [header]
    with private_server() as server:
        _call_committed(server.dsn(), "create extension plpython3u")
        for name, sizes in NETWORKS.items():
            table.append(measure(server.dsn(), name, sizes, rows))
    widths = [max(len(line[i]) for line in table) for i in range(len(header))]
    for line in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def _call_committed(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection:
        connection.cursor().execute(sql)
    connection.close()


if __name__ == "__main__":
    main()
