"""Measure windows over rows: 60 rows of 52 sensors into a network 3120-200-40-1, 20 machines.

    python benchmarks/windows.py [--rows N] [--runs N] [--old N]

Starts a private PostgreSQL. Forms take turns, each in a session of its own, and CPU time of their
backends is taken: use the ratios. Then all windows are scored once more in new sessions, for the
memory of their backends. With --old so many rows of one number lie in a table whose windows are
scored, 20 rows more come, and the run that scores them is timed, with the memory of the backend
that scored all of them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from columns import take_turns
from server import run_all, session

sys.path.append(str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

from exporter.databases import DATABASES
from exporter.databases.postgres.deployment import deploy
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Dense, Op, as_tensor
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.ir.windows import Window, take_windows
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs

LENGTH, MACHINES = 60, 20
SENSORS = [f"sensor_{n:02}" for n in range(52)]
SIZES = (LENGTH * len(SENSORS), 200, 40, 1)
ALONE = """
do language plpython3u $$
import time, numpy as np
(model,) = [m for k, m in GD.items() if k.startswith("export_model:") and m.name == "pump"]
windows = np.random.default_rng(0).normal(size=(model.batch_rows, {width})).astype("f4")
start = time.process_time()
for _ in range({times}):
    model.run([windows])
each = (time.process_time() - start) / {times} / len(windows)
plpy.notice("alone %.3f us" % (each * 1e6))
$$
"""
BY_ARRAYS = """
select sum(pump.score(window_)) from (
    select array_agg(array[{columns}]) over (partition by machine order by ts
        rows between {before} preceding and current row) as window_
    from sensors where machine = 1) w
where array_length(window_, 1) = {length}
"""


def network(sizes: Sequence[int]) -> Graph:
    """Dense layers with relu, and a sigmoid at the end."""
    nodes: list[Node] = []
    generator = np.random.default_rng(1)

    def add(op: Op, units: int) -> None:
        nodes.append(Node(op, (len(nodes),), len(nodes) + 1, (units,), f"layer_{len(nodes)}"))

    for place, (inputs, units) in enumerate(pairwise(sizes)):
        kernel = generator.normal(size=(inputs, units)) / np.sqrt(inputs)
        add(Dense(as_tensor(kernel), as_tensor(np.zeros(units))), units)
        add(Activation("relu" if place < len(sizes) - 2 else "sigmoid"), units)
    source = Source("keras", "3.0", "pump.keras", "0" * 64)
    outputs = (Port("y", len(nodes), (1,)),)
    return Graph("pump", (Port("x", 0, (sizes[0],)),), tuple(nodes), outputs, source, 0)


def deploy_windows(dsn: str, name: str, sizes: Sequence[int], columns: Sequence[str]) -> None:
    """Deploy a network over windows of LENGTH rows of these columns."""
    graph, window = take_windows(network(sizes), Window(LENGTH), columns)
    plan = plan_graph(graph, sign(graph, name, window=window))
    samples = expect_outputs(plan, draw_inputs(graph, 4))
    manifest = make_manifest(graph, plan, samples)
    deploy(DATABASES["postgres"].compile(manifest, plan.block, samples), dsn)


def make_sensors(dsn: str, rows: int) -> None:
    """So many rows of all machines, a minute apart, in the order in which they came."""
    columns = ", ".join(f"random()::real as {name}" for name in SENSORS)
    run_all(
        dsn,
        [
            f"create table sensors as select g as id, g % {MACHINES} as machine, timestamptz"
            f" '2024-01-01' + g / {MACHINES} * interval '1 minute' as ts, {columns}"
            f" from generate_series(0, {rows - 1}) g",
            "alter table sensors add primary key (id)",
            "create index on sensors (machine, ts)",
            "vacuum analyze sensors",
        ],
    )


def forms(dsn: str) -> dict[str, tuple[str, str]]:
    """SQL of each form over all machines, but the first over one."""
    call = "select sum(score) from pump.score_windows('sensors', 'id', 'machine', 'ts'{})"
    by_arrays = BY_ARRAYS.format(columns=", ".join(SENSORS), before=LENGTH - 1, length=LENGTH)
    return {
        "array_agg and score": (dsn, by_arrays),
        "score_windows": (dsn, call.format("")),
        f"every {LENGTH}th window": (dsn, call.format(f", step => {LENGTH}")),
    }


def network_alone(dsn: str) -> float:
    """Microseconds of CPU that the network takes for a window, in the server's own numpy."""
    with session(dsn) as cursor:
        cursor.execute(f"select pump.score(array_fill(0::real, array[{SIZES[0]}]))")
        cursor.execute(ALONE.format(width=SIZES[0], times=20))
        found = re.search(r"alone ([\d.]+) us", cursor.connection.notices[-1])
    if found is None:
        raise SystemExit("the server did not say how long the network took")
    return float(found[1])


def memory_mib(cursor: Any) -> float:
    """The largest memory of a session's backend that it shares with nobody."""
    cursor.execute("select pg_backend_pid()")
    status = Path(f"/proc/{cursor.fetchone()[0]}/status").read_text()
    sizes = {key: int(n) for key, n in re.findall(r"(VmHWM|RssShmem):\s+(\d+) kB", status)}
    return (sizes["VmHWM"] - sizes["RssShmem"]) / 1024


def measure_memory(dsn: str) -> dict[str, float]:
    """MiB of a backend that has scored all windows, given out or written."""
    found = {}
    for name, sql in {
        "score_windows": "select sum(score) from pump.score_windows({})",
        "score_windows_into": "call pump.score_windows_into({}, 'pump_scores')",
    }.items():
        with session(dsn) as cursor:
            cursor.execute(sql.format("'sensors', 'id', 'machine', 'ts'"))
            found[name] = memory_mib(cursor)
    return found


def measure_old(dsn: str, rows: int) -> dict[str, Any]:
    """A table of so many rows and 20 more: seconds and memory of the runs that score them."""
    deploy_windows(dsn, "small", (LENGTH, 8, 1), ["x"])
    run_all(
        dsn,
        [
            f"create table readings as select g as id, g % {MACHINES} as machine, g / {MACHINES}"
            f" as ts, sin(g)::real as x from generate_series(0, {rows - 1}) g",
            "alter table readings add primary key (id)",
            "create index on readings (machine, ts)",
            "vacuum analyze readings",
        ],
    )
    call = "call small.score_windows_into('readings', 'id', 'machine', 'ts', 'predictions')"
    found: dict[str, Any] = {}
    with session(dsn) as cursor:
        start = time.perf_counter()
        cursor.execute(call)
        found["all rows, seconds"] = time.perf_counter() - start
        found["memory, MiB"] = memory_mib(cursor)
        cursor.execute("vacuum analyze predictions")
        for run in range(3):
            first = rows + run * MACHINES
            cursor.execute(
                f"insert into readings select g, g % {MACHINES}, g / {MACHINES}, sin(g)"
                f" from generate_series({first}, {first + MACHINES - 1}) g"
            )
            start = time.perf_counter()
            cursor.execute(call)
            found[f"20 new rows, run {run + 1}, ms"] = (time.perf_counter() - start) * 1e3
            if f"{MACHINES} windows scored" not in cursor.connection.notices[-1]:
                raise SystemExit(cursor.connection.notices[-1])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--old", type=int, default=0, help="old rows of the minute's run")
    options = parser.parse_args(arguments)
    with private_server(work_mem="64MB") as server:
        dsn = server.dsn()
        run_all(dsn, ["create extension if not exists plpython3u"])
        make_sensors(dsn, options.rows)
        deploy_windows(dsn, "pump", SIZES, SENSORS)
        print(f"{'network alone':<30} {network_alone(dsn):8.1f} us a window")
        for name, seconds in take_turns(forms(dsn), options.runs).items():
            rows = options.rows // MACHINES if "array" in name else options.rows
            print(f"{name:<30} {seconds / rows * 1e6:8.1f} us a row")
        print(f"{'network alone':<30} {network_alone(dsn):8.1f} us a window")
        for name, mebibytes in measure_memory(dsn).items():
            print(f"{name:<30} {mebibytes:8.0f} MiB")
        if options.old:
            print(json.dumps(measure_old(dsn, options.old), indent=2))


if __name__ == "__main__":
    main()
