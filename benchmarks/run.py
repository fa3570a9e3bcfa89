"""Measure every way to score a table side by side, and hold the result against the goals.

    python benchmarks/run.py [--quick | --page] [--rows N] [--runs N] [--only LIST] [--output DIR]

Starts a private PostgreSQL. Prints tables and writes results.json and chart.svg. Competitors take
turns (a b c a b c ...), because a machine's speed drifts, and their medians are compared: use the
ratios. Forms that write are named so in forms.py; the others give their scores to count().
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Container, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import plain
import recipes
from chart import Group, draw_bars
from forms import Measure, Task, open_forms, queries, warm_query
from memory import measure_peak
from names import AGGREGATE, FORMS, LIMIT, RECIPE, ROW_BY_ROW, TABLE_FUNCTION
from networks import GROWING, NETWORKS, Network, save
from report import GOALS, PAGE_FORMS, Results, find_seconds, format_text, tables
from server import (
    deploy_network,
    examine,
    grow_table,
    is_fast,
    make_table,
    pin,
    run_all,
    session,
)
from workers import own_cores

from exporter.databases.postgres.registry import drop

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

PARTS = ("compare", "sessions", "memory", "sizes")
KINDS = ("real", "numeric")
QUICK_SHARE = 20  # --quick takes every 20th row
MEMORY_ROWS = (10_000, 100_000, 1_000_000, 3_000_000)
RECIPE_ROWS = 1_000_000  # takes a gigabyte: it keeps a list of objects for each row
SESSIONS = 7
BUSY_LOAD = 0.7  # processes that want to run, a minute's average, before we start any
CHECKED_ROWS = 64
TOLERANCE = 1e-4  # float32 in another order, over 32 steps of a sequence
PYTHON_FLOOR = """
import time
(model,) = GD["export_model models"].values()
start = time.perf_counter()
for _ in range(calls):
    model.score(message)
return 1e6 * (time.perf_counter() - start) / calls
"""


class Bench:
    """One run: the server, what is in it, and what was found."""

    def __init__(self, dsn: str, home: Path, runs: int, quick: bool, page: bool) -> None:
        self.dsn = dsn
        self.home = home
        self.runs = runs
        self.quick = quick
        self.page = page
        self.cores = own_cores()
        run_all(dsn, ["create extension if not exists plpython3u"])
        self.facts = examine(dsn)
        self.results: Results = {
            "date": datetime.date.today().isoformat(),
            "runs": runs,
            "machine": describe_machine(self.facts, len(self.cores)),
            "warnings": [],
            "forms": FORMS,
            "titles": {},
            "rows": {},
            "compare": [],
            "sessions": [],
            "memory": [],
            "sizes": [],
        }
        if not is_fast(self.facts):
            self.warn(
                "The server's numpy uses the reference BLAS: these figures are not representative."
            )
        load = os.getloadavg()[0]
        if load > BUSY_LOAD:
            self.warn(f"Others used the machine when this began: its load was {load:.1f}.")
        if len(self.cores) < 2:
            self.warn("Only one core: nothing was measured on two.")

    def warn(self, text: str) -> None:
        """Say now, in the JSON and in the caption, what makes the figures doubtful."""
        say(f"WARNING: {text}")
        self.results["warnings"].append(text)

    def task(self, network: Network, model: str, kind: str) -> Task:
        """The network's table of that kind, made; its model, deployed; its weights in a file."""
        table = f"{model}_{kind}"
        say(f"  table {table}, {network.rows:,} rows")
        make_table(self.dsn, table, network, kind, network.rows)
        weights = save(network, self.home / f"{model}.npz")
        weights.chmod(0o644)
        return Task(self.dsn, network, model, weights, table, kind)

    def draw(self, network: Network) -> Path:
        """The rows for numpy alone: the same distribution, flat."""
        generator = np.random.default_rng(1)
        rows = generator.uniform(-1, 1, (network.rows, network.width)).astype(np.float32)
        path = self.home / "rows.npy"
        np.save(path, rows)
        return path

    def compare(self, network: Network) -> None:
        """All forms on 1 and on 2 cores and both kinds of columns, in turns."""
        say(f"compare: {network.title}")
        model = network.name
        self.results["titles"][model] = network.title
        self.results["rows"][model] = network.rows
        deploy_network(self.dsn, network, model)
        is_short = self.page and not network.columns
        tasks = [self.task(network, model, kind) for kind in (KINDS[:1] if is_short else KINDS)]
        run_all(self.dsn, recipes.install())
        for task in tasks:
            self._check_scores(task)
        seconds: dict[tuple[str, int, str], list[float]] = {}
        with ExitStack() as stack:
            rows = self.draw(network)
            turns: list[tuple[str, int, dict[str, Measure]]] = []
            for count in (1, 2)[: len(self.cores)]:
                wanted = [form for form, cores in PAGE_FORMS if cores == count]
                forms = wanted if is_short else list(FORMS)
                opened = stack.enter_context(
                    open_forms(tasks, rows, self.cores[:count], self.facts, forms)
                )
                turns += [
                    (task.kind, count, measures)
                    for task, measures in zip(tasks, opened, strict=True)
                ]
            for number in range(self.runs):
                say(f"  run {number + 1} of {self.runs}")
                for kind, count, measures in turns:
                    for form, measure in measures.items():
                        seconds.setdefault((kind, count, form), []).append(measure())
        pin(self.facts["postmaster"], self.cores)
        self.results["compare"] += [
            {"network": model, "kind": kind, "cores": count, "form": form, "seconds": times}
            for (kind, count, form), times in seconds.items()
        ]

    def _check_scores(self, task: Task) -> None:
        """Everyone must compute the same before times are worth comparing."""
        source = f"(select * from {task.table} order by id limit {CHECKED_ROWS}) t"
        with session(self.dsn) as cursor:
            cursor.execute(
                f"select {task.array}, {task.model}.score({task.arguments}) from {source}"
            )
            rows, scores = zip(*cursor.fetchall(), strict=True)
            cursor.execute(
                f"select score from {task.model}.score_table('{task.table}', 'id')"
                f" order by key::integer limit {CHECKED_ROWS}"
            )
            batched = [row[0] for row in cursor.fetchall()]
            cursor.execute(recipes.query(source, task.array, task.weights, "array_agg(scores)"))
            stacked = cursor.fetchone()[0]
        expected = plain.score(plain.load(task.weights), np.array(rows, np.float32))
        for name, found in (("score", scores), ("score_table", batched), ("recipe", stacked)):
            difference = np.abs(np.reshape(found, expected.shape) - expected).max()
            if not difference < TOLERANCE:
                raise SystemExit(f"{task.table}: {name} differs from numpy alone by {difference}")

    def sessions(self, network: Network) -> None:
        """What a session waits for before its first score; a deployment; a row."""
        say(f"sessions: {network.title}")
        network = replace(network, rows=min(network.rows, 2_000))
        task = self.task(network, "cold", "real")
        deployments: list[float] = []
        for _ in range(3):
            if deployments:
                drop(self.dsn, "cold")
            deploy_s, weight_bytes = deploy_network(self.dsn, network, "cold")
            deployments.append(deploy_s)
        empty = self._first_ms("select 1")
        first = self._first_ms(warm_query(task))
        imported = self._first_ms("do language plpython3u 'import numpy'")
        with session(self.dsn, "max_parallel_workers_per_gather = 0") as cursor:
            cursor.execute(warm_query(task))
            row_s = statistics.median(
                timed(cursor, queries(task)[ROW_BY_ROW]) for _ in range(self.runs)
            )
            python_us = self._python_us(cursor, task)
        self.results["sessions"].append(
            {
                "title": network.title,
                "weights_mb": weight_bytes / 2**20,
                "deploy_s": statistics.median(deployments),
                "first_ms": first - empty,
                "import_ms": imported - empty,
                "row_us": 1e6 * row_s / network.rows,
                "python_us": python_us,
            }
        )
        drop(self.dsn, "cold")
        run_all(self.dsn, [f"drop table {task.table}"])

    def _first_ms(self, sql: str) -> float:
        """Median milliseconds of a statement in a session of its own, the connection included."""
        times = []
        for _ in range(SESSIONS):
            start = time.perf_counter()
            with session(self.dsn) as cursor:
                cursor.execute(sql)
            times.append(1000 * (time.perf_counter() - start))
        return statistics.median(times)

    def _python_us(self, cursor: Any, task: Task) -> float:
        """Microseconds of a row inside Python: decoding, kernels, encoding; without the server."""
        cursor.execute(
            "create function pg_temp.floor(message bytea, calls integer) returns float8"
            f" language plpython3u as $floor$ {PYTHON_FLOOR} $floor$"
        )
        sql = (
            f"select pg_temp.floor(export_model.array_bytes({task.array}), 1000) from {task.table}"
        )
        cursor.execute(f"{sql} limit {self.runs}")
        return float(statistics.median(row[0] for row in cursor.fetchall()))

    def memory(self, network: Network) -> None:
        """Peak memory of a backend against rows; the recipe for comparison, as far as it may go."""
        say("memory")
        model, share = network.name, QUICK_SHARE if self.quick else 1
        base = replace(network, rows=max(1000, network.rows // 3))
        deploy_network(self.dsn, base, model)
        source = self.task(base, model, "real")
        run_all(self.dsn, recipes.install())
        task = replace(source, table="many")
        for rows in (count // share for count in MEMORY_ROWS):
            grow_table(self.dsn, "many", source.table, rows)
            forms = queries(task)
            statements = {form: forms[form] for form in (TABLE_FUNCTION, AGGREGATE)}
            statements["score_into"] = f"call {model}.score_into('many', 'id', 'stored')"
            if rows <= RECIPE_ROWS:
                statements[RECIPE] = forms[RECIPE]
            for form, sql in statements.items():
                say(f"  {rows:,} rows, {form}")
                run_all(self.dsn, ["drop table if exists stored"])
                peak = measure_peak(self.dsn, form, rows, warm_query(task), sql)
                self.results["memory"].append(asdict(peak))
        run_all(self.dsn, ["drop table many", "drop table if exists stored"])

    def size(self, network: Network) -> None:
        """Cost of a row for one of the growing networks."""
        say(f"sizes: {network.title}")
        deploy_network(self.dsn, network, "growing")
        task = self.task(network, "growing", "real")
        wanted = (LIMIT, TABLE_FUNCTION, ROW_BY_ROW)
        seconds: dict[str, list[float]] = {form: [] for form in wanted}
        rows = self.draw(network)
        with open_forms([task], rows, self.cores[:1], self.facts, wanted) as (measures,):
            for _ in range(min(3, self.runs)):
                for form, measure in measures.items():
                    seconds[form].append(measure())
        pin(self.facts["postmaster"], self.cores)
        self.results["sizes"].append(
            {
                "title": network.title,
                "weights": network.parameters,
                "rows": network.rows,
                "seconds": seconds,
            }
        )
        drop(self.dsn, "growing")

    def finish(self, output: Path) -> None:
        """Judge the goals, print everything, write the JSON and the chart."""
        results = self.results
        results["goals"] = [goal.judge(results) for goal in GOALS]
        for title, table in tables(results):
            print(f"\n{title}\n\n{format_text(table)}")
        for text in results["warnings"]:
            print(f"\nWARNING: {text}")
        output.mkdir(parents=True, exist_ok=True)
        (output / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        written = ["results.json"]
        if "fraud" in results["rows"]:
            (output / "chart.svg").write_text(draw_chart(results))
            written.append("chart.svg")
        print(f"\n{output}: {', '.join(written)}")


def draw_chart(results: Results) -> str:
    """All forms on the card-fraud table with real columns, on 1 and on 2 cores."""
    counts = sorted({entry["cores"] for entry in results["compare"]})
    groups = [
        Group(form, tuple(find_seconds(results, "fraud", "real", n, form) for n in counts))
        for form in FORMS
    ]
    title = f"Seconds to score {results['rows']['fraud']:,} rows, {results['titles']['fraud']}"
    series = [f"{n} core{'s' if n > 1 else ''}" for n in counts]
    return draw_bars(title, "s", series, [group for group in groups if any(group.values)])


def describe_machine(facts: dict[str, Any], cores: int) -> dict[str, Any]:
    """What the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": cores,
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "server_version": facts["server_version"].split()[0],
        "python": facts["python"],
        "numpy": facts["numpy"],
        "blas": name_blas(facts),
        "settings": {name: facts[name] for name in ("shared_buffers", "work_mem", "jit")},
    }


def name_blas(facts: dict[str, Any]) -> str:
    """The library that multiplies; what only passes calls on to it is left out."""
    names = [Path(name).name for name in facts["blas"]]
    fast = [name for name in names if is_fast({"blas": [name]})]
    return ", ".join(fast or names) or "no BLAS that was found"


def timed(cursor: Any, sql: str) -> float:
    """Seconds of a query."""
    start = time.perf_counter()
    cursor.execute(sql)
    return time.perf_counter() - start


def say(text: str) -> None:
    """Progress, beside the results."""
    print(text, file=sys.stderr, flush=True)


def select(words: str | None) -> tuple[Container[str], list[Network]]:
    """The parts and the networks that --only names; where it names none of either, all."""
    names = [network.name for network in NETWORKS]
    asked = words.split(",") if words else []
    if unknown := set(asked) - {*PARTS, *names}:
        raise SystemExit(
            f"--only does not know {', '.join(sorted(unknown))}; it knows"
            f" {', '.join((*PARTS, *names))}"
        )
    of_networks = ("compare", "sessions") if asked else PARTS
    parts = [part for part in PARTS if part in asked] or of_networks
    return parts, [n for n in NETWORKS if n.name in asked or not set(asked) & set(names)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--rows", type=int, help="rows of the card-fraud table; others in proportion"
    )
    parser.add_argument("--runs", type=int, help="runs of each competitor (default 5, quick 3)")
    parser.add_argument("--quick", action="store_true", help=f"every {QUICK_SHARE}th row")
    parser.add_argument(
        "--page", action="store_true", help="only what docs/performance.md shows: half of the time"
    )
    parser.add_argument("--only", help=f"of {', '.join((*PARTS, *(n.name for n in NETWORKS)))}")
    parser.add_argument(
        "--output", type=Path, default=Path("build/bench"), help="default build/bench"
    )
    options = parser.parse_args(arguments)
    parts, networks = select(options.only)
    share = 1 / QUICK_SHARE if options.quick else 1.0
    if options.rows:
        share = options.rows / NETWORKS[0].rows

    def scale(network: Network) -> Network:
        return replace(network, rows=max(200, round(network.rows * share)))

    with private_server() as server:
        # Beside the cluster, gone when that goes; the server's user reads weights there.
        home = server.socket_dir.parent / "benchmark"
        home.mkdir()
        home.chmod(0o755)
        runs = options.runs or (3 if options.quick else 5)
        bench = Bench(server.dsn(), home, runs, options.quick, options.page)
        for network in networks:
            if "compare" in parts:
                bench.compare(scale(network))
            if "sessions" in parts:
                bench.sessions(scale(network))
        if "memory" in parts:
            bench.memory(scale(NETWORKS[0]))
        if "sizes" in parts:
            for network in GROWING:
                bench.size(scale(network))
        bench.finish(options.output)


if __name__ == "__main__":
    main()
