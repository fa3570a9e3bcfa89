"""Measure typed columns: 8 texts and 6 numbers, packed as one record a row and as arrays.

    python benchmarks/columns.py [--rows N] [--runs N] [--against CHECKOUT]

Starts a private PostgreSQL. Forms take turns (a b c a b c ...), each in a session of its own, and
CPU time of their backends is taken, because a machine's speed drifts: use the ratios. With
--against, a checkout of another state of this program deploys the card-fraud network (28 numbers)
too, in a database of its own, and both score the same rows in turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from networks import NETWORKS
from server import make_table, run_all, session

sys.path.append(str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

from exporter.databases import DATABASES
from exporter.databases.postgres.deployment import deploy
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Concatenate, Dense, Encode, Op, StringLookup, as_tensor
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs

WORDS = {"job": 12, "city": 40, "level": 16, "state": 7, "part": 6, "race": 5, "sex": 2, "plan": 20}
NUMBERS = [f"n{n}" for n in range(1, 7)]
FRAUD = NETWORKS[0]
TICK = os.sysconf("SC_CLK_TCK")
DEPLOY = (
    "import sys; sys.path[:0] = sys.argv[1:3]\n"
    "from server import deploy_network\nfrom networks import NETWORKS\n"
    "deploy_network(sys.argv[3], NETWORKS[0], 'fraud')"
)


def vocabulary(name: str) -> tuple[str, ...]:
    """Words of one column."""
    return tuple(f"{name} of kind {n}" for n in range(WORDS[name]))


def mixed_graph() -> Graph:
    """Numbers and one-hot words in front of two dense layers."""
    ports = [Port("numbers", 0, (len(NUMBERS),))]
    ports += [Port(name, n, (1,), "text") for n, name in enumerate(WORDS, 1)]
    nodes: list[Node] = []

    def add(op: Op, sources: tuple[int, ...], shape: tuple[int, ...]) -> int:
        value = len(ports) + len(nodes)
        nodes.append(Node(op, sources, value, shape, f"layer_{value}"))
        return value

    encoded = []
    for number, name in enumerate(WORDS, 1):
        words = vocabulary(name)
        places = as_tensor(np.arange(1, len(words) + 1))
        found = add(StringLookup(words, places, 0.0), (number,), (1,))
        encoded.append(add(Encode(len(words) + 1, "multi_hot"), (found,), (len(words) + 1,)))
    width = len(NUMBERS) + sum(WORDS.values()) + len(WORDS)
    value = add(Concatenate(0), (0, *encoded), (width,))
    generator = np.random.default_rng(1)
    for inputs, units, name in ((width, 32, "relu"), (32, 1, "sigmoid")):
        kernel = as_tensor(generator.normal(size=(inputs, units)) / inputs)
        value = add(Dense(kernel, as_tensor(np.zeros(units))), (value,), (units,))
        value = add(Activation(name), (value,), (units,))
    source = Source("keras", "3.0", "mixed.keras", "0" * 64)
    return Graph("mixed", tuple(ports), tuple(nodes), (Port("y", value, (1,)),), source, width)


def deploy_mixed(dsn: str) -> None:
    """Deploy it under the name mixed."""
    graph = mixed_graph()
    plan = plan_graph(graph, sign(graph, "mixed", [*NUMBERS, *WORDS]))
    samples = expect_outputs(plan, draw_inputs(graph, 4))
    manifest = make_manifest(graph, plan, samples)
    deploy(DATABASES["postgres"].compile(manifest, plan.block, samples), dsn)


def make_mixed_table(dsn: str, rows: int) -> None:
    """Random numbers and words; in the table gaps, one value of twenty is NULL."""
    texts = [
        f"'{name} of kind ' || (random() * {count})::integer as {name}"
        for name, count in WORDS.items()
    ]
    columns = ", ".join([*(f"random() * 80 as {name}" for name in NUMBERS), *texts])
    gaps = ", ".join(
        f"case when random() >= 0.05 then {name} end as {name}" for name in (*NUMBERS, *WORDS)
    )
    run_all(
        dsn,
        [
            f"create table mixed_rows as select g as id, {columns}"
            f" from generate_series(1, {rows}) g",
            f"create table gaps as select id, {gaps} from mixed_rows",
            "vacuum analyze mixed_rows",
            "vacuum analyze gaps",
        ],
    )


def mixed_forms() -> dict[str, str]:
    """SQL of each form; all but the first score every row."""
    columns = ", ".join((*NUMBERS, *WORDS))
    arrays = f"array[{', '.join(NUMBERS)}]::real[], " + ", ".join(f"array[{w}]" for w in WORDS)
    batch = (
        "select sum(s.score) from (select array_agg(id) as keys, string_agg(mixed.pack({}), '')"
        " as rows from mixed_rows group by id / 4096) b, mixed.score_batch(b.keys, b.rows) s"
    )
    return {
        "pack only": f"select sum(octet_length(mixed.pack({columns}))) from mixed_rows",
        "score_table": "select sum(score) from mixed.score_table('mixed_rows', 'id')",
        "score_table, NULLs": "select sum(score) from mixed.score_table('gaps', 'id')",
        "score_batch of columns": batch.format(columns),
        "score_batch of arrays": batch.format(arrays),
    }


def cpu_seconds(cursor: Any) -> float:
    """CPU time of a session's backend until now."""
    cursor.execute("select pg_backend_pid()")
    stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICK


def take_turns(forms: dict[str, tuple[str, str]], runs: int) -> dict[str, float]:
    """Median CPU seconds of each form, (dsn, sql), after one run that warms it."""
    with ExitStack() as stack:
        settings = ("max_parallel_workers_per_gather = 0", "jit = off")
        ready: dict[str, Callable[[], float]] = {}
        for name, (dsn, sql) in forms.items():
            cursor = stack.enter_context(session(dsn, *settings))

            def run(cursor: Any = cursor, sql: str = sql) -> float:
                before = cpu_seconds(cursor)
                cursor.execute(sql)
                return cpu_seconds(cursor) - before

            run()
            ready[name] = run
        seconds: dict[str, list[float]] = {name: [] for name in ready}
        for _ in range(runs):
            for name, run in ready.items():
                seconds[name].append(run())
    return {name: statistics.median(values) for name, values in seconds.items()}


def compare_fraud(dsn: str, other: str, checkout: Path, rows: int) -> dict[str, tuple[str, str]]:
    """The same network by this program in dsn and by a checkout's in other."""
    forms = {}
    for place, root in ((dsn, Path(__file__).parents[1]), (other, checkout)):
        run_all(place, ["create extension if not exists plpython3u"])
        make_table(place, "fraud_rows", replace(FRAUD, columns=True), "real", rows)
        folders = [str(root.resolve()), str(root.resolve() / "benchmarks")]
        subprocess.run([sys.executable, "-c", DEPLOY, *folders, place], check=True)
        features = ", ".join(FRAUD.features)
        which = "this" if place == dsn else checkout.name
        forms[f"28 numbers, score_table, {which}"] = (
            place, "select sum(score) from fraud.score_table('fraud_rows', 'id')"
        )  # fmt: skip
        forms[f"28 numbers, rows, {which}"] = (
            place, f"select sum(fraud.score({features})) from fraud_rows where id % 10 = 0"
        )  # fmt: skip
    return forms


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--against", type=Path, help="a checkout of another state")
    options = parser.parse_args(arguments)
    with private_server() as server:
        dsn = server.dsn()
        run_all(dsn, ["create extension if not exists plpython3u"])
        make_mixed_table(dsn, options.rows)
        deploy_mixed(dsn)
        forms = {name: (dsn, sql) for name, sql in mixed_forms().items()}
        if options.against:
            run_all(dsn, ["create database other"])
            other = server.dsn("other")
            forms |= compare_fraud(dsn, other, options.against, options.rows)
        for name, seconds in take_turns(forms, options.runs).items():
            share = 0.1 if " rows, " in name else 1.0
            print(f"{name:<50} {seconds / options.rows / share * 1e6:8.2f} us a row")


if __name__ == "__main__":
    main()
