"""What a row costs by each engine: CPU time of the server, in turns, as ratios.

    python benchmarks/engines.py [--rounds 5] [--rows 2000] [--plpython-from CHECKOUT]

Two private servers: a PostgreSQL with PL/Python, and the one of the package pgserver. CHECKOUT is
another state of this repository, whose PL/Python is then the measure.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "tests")]
from database.networks import write_sequential  # noqa: E402
from private_server import find_wheel, private_server  # noqa: E402

NETWORKS = {
    "fraud": [28, 256, 128, 64, 32, 1],
    "small": [14, 50, 20, 10, 3],
    "mnist": [784, 100, 10],
}
PROGRAM = "import sys; from exporter.cli import main; sys.exit(main())"


def main() -> None:
    """Deploy, warm up, measure in turns, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--plpython-from", type=Path, default=ROOT)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        private_server() as python,
        private_server(bindir=find_wheel()) as vector,
    ):
        servers = {"plpython": python, "pgvector": vector}
        sessions = {engine: psycopg2.connect(server.dsn()) for engine, server in servers.items()}
        for engine, session in sessions.items():
            session.autocommit = True
            extension = "plpython3u" if engine == "plpython" else "vector"
            session.cursor().execute(f"create extension {extension}")
        for name, sizes in NETWORKS.items():
            path = write_sequential(Path(folder) / f"{name}.h5", sizes, ["sigmoid"] * len(sizes))
            for engine, server in servers.items():
                checkout = arguments.plpython_from if engine == "plpython" else ROOT
                seconds = deploy(checkout, path, server.dsn(), name, engine)
                print(f"{name}: {engine} deployed in {seconds:.1f} s, program and all")
            measured: dict[str, list[float]] = {engine: [] for engine in sessions}
            for session in sessions.values():
                fill(session, name, sizes[0], arguments.rows)
            for number in range(arguments.rounds + 1):
                for engine, session in sessions.items():
                    spent = cpu_of(session, f"select count({name}.score(x)) from rows_{name}")
                    if number:  # the first loads the model
                        measured[engine].append(spent / arguments.rows * 1e6)
            medians = {engine: statistics.median(values) for engine, values in measured.items()}
            ratio = medians["pgvector"] / medians["plpython"]
            print(f"{name}: {medians} us a row, ratio {ratio:.2f}")


def deploy(checkout: Path, path: Path, dsn: str, name: str, engine: str) -> float:
    """Seconds that the command takes, of whatever state of the repository."""
    options = ["--engine", "pgvector"] if engine == "pgvector" else []
    place = ["--target", "postgres", "--dsn", dsn, "--name", name]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), *place, *options],
        check=True,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1"},
        capture_output=True,
    )
    return time.perf_counter() - start


def fill(session: Any, name: str, width: int, count: int) -> None:
    """A table of random rows."""
    numbers = np.random.default_rng(1).normal(size=(count, width)).astype(np.float32)
    with session.cursor() as cursor:
        cursor.execute(f"create table rows_{name} (x real[])")
        for row in numbers.tolist():
            cursor.execute(f"insert into rows_{name} values (%s::real[])", [row])


def cpu_of(session: Any, query: str) -> float:
    """Seconds of CPU that the session's process takes for a query."""
    before = _cpu(session.info.backend_pid)
    session.cursor().execute(query)
    return _cpu(session.info.backend_pid) - before


def _cpu(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
