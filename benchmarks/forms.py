"""The ways to score a table, each ready to be timed again and again."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recipes
from client import has_tensorflow
from names import (
    AGGREGATE,
    CLIENT_NUMPY,
    CLIENT_TENSORFLOW,
    COMMAND,
    FORMS,
    LIMIT,
    RECIPE,
    ROW_BY_ROW,
    TABLE_FUNCTION,
)  # fmt: skip
from networks import Network
from server import pin, row_sql, run_all, session
from workers import Worker

from exporter.cli import command
from exporter.resources import folder

HERE = Path(__file__).parent
TARGET = "command_scores"
Measure = Callable[[], float]


class BenchmarkError(RuntimeError):
    """What was timed is not what was meant."""


@dataclass(frozen=True)
class Task:
    """What is scored: rows of a table whose columns are of one kind, real or numeric."""

    dsn: str
    network: Network
    model: str
    weights: Path
    table: str
    kind: str

    @property
    def fields(self) -> str:
        """A row's columns."""
        return row_sql(self.network)

    @property
    def arguments(self) -> str:
        """A row as score and pack take it: features are double precision, arrays are real[]."""
        is_cast = self.kind == "numeric" and not self.network.features
        return row_sql(self.network, "::real[]" if is_cast else "")

    @property
    def array(self) -> str:
        """A row as one array."""
        return f"array[{self.fields}]" if self.network.features else self.fields


@contextmanager
def open_forms(
    tasks: Sequence[Task],
    rows: Path,
    cores: Sequence[int],
    facts: Mapping[str, Any],
    wanted: Container[str],
) -> Iterator[list[dict[str, Measure]]]:
    """For each task the forms that make sense on so many cores, with sessions open and warm.

    rows: a file of the same rows for numpy alone. facts: what the server's Python is.
    """
    first = tasks[0]
    one_core = len(cores) == 1
    pin(facts["postmaster"], cores)
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}

        def start(name: str, words: Sequence[object], environment: Mapping[str, str]) -> None:
            if name in wanted:
                worker = Worker([str(word) for word in words], cores, environment)
                workers[name] = stack.enter_context(worker)

        start(LIMIT, limit_command(first.weights, rows, facts), limit_environment(facts))
        client = (sys.executable, HERE / "client.py", first.dsn, first.weights)
        environment = client_environment(len(cores))
        start(CLIENT_NUMPY, (*client, "numpy"), environment)
        if has_tensorflow():
            start(CLIENT_TENSORFLOW, (*client, "tensorflow"), environment)
        parallel = f"max_parallel_workers_per_gather = {len(cores) - 1}"
        cursor = stack.enter_context(session(first.dsn, parallel))

        def build(task: Task) -> dict[str, Measure]:
            measures: dict[str, Measure] = {}
            if LIMIT in workers:
                measures[LIMIT] = workers[LIMIT].ask
                _compare_python(workers[LIMIT].facts, facts)
            for name, sql in queries(task, one_core).items():
                if name in wanted:
                    cursor.execute(warm_query(task))
                    measures[name] = _timed_query(cursor, sql, task.network.rows)
            if COMMAND in wanted and has_command():
                measures[COMMAND] = _timed_command(task, len(cores))
            for name in (CLIENT_NUMPY, CLIENT_TENSORFLOW):
                if name in workers:
                    measures[name] = _timed_client(workers[name], task)
            return {
                name: _pinned(measures[name], facts["postmaster"], cores)
                for name in FORMS
                if name in measures
            }

        yield [build(task) for task in tasks]


def warm_query(task: Task) -> str:
    """What makes a session import numpy and load the weights."""
    return f"select {task.model}.score({task.arguments}) from {task.table} limit 1"


def queries(task: Task, one_core: bool = True) -> dict[str, str]:
    """The forms that are one query; what always uses one core is not asked again on two."""
    model, table = task.model, task.table
    found = {ROW_BY_ROW: f"select count({model}.score({task.arguments})) from {table}"}
    if one_core:
        found[AGGREGATE] = (
            f"select count(s.score) from (select array_agg(id) as keys,"
            f" string_agg({model}.pack({task.arguments}), '') as rows"
            f" from {table} group by id / 4096) b, lateral {model}.score_batch(b.keys, b.rows) s"
        )
        found[TABLE_FUNCTION] = f"select count(score) from {model}.score_table('{table}', 'id')"
        found[RECIPE] = recipes.query(table, task.array, task.weights)
    return found


def limit_command(weights: Path, rows: Path, facts: Mapping[str, Any]) -> list[object]:
    """plain.py in the interpreter that PL/Python is."""
    probe = folder("plpython") / "probe.py"
    return [facts["interpreter"], HERE / "plain.py", weights, rows, probe]


def limit_environment(facts: Mapping[str, Any]) -> dict[str, str]:
    """The server's own environment, and one thread, as a backend has it."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "MKL", "OMP")}
    return {**facts["environment"], **threads}


def client_environment(threads: int) -> dict[str, str]:
    """Ours, and as many threads as there are cores."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    return {**os.environ, **dict.fromkeys(names, str(threads)), "TF_CPP_MIN_LOG_LEVEL": "3"}


def has_command() -> bool:
    """Is there `export-model score`?"""
    return "score" in command.commands


def run_command(task: Task, jobs: int) -> None:
    """`export-model score`, without the interpreter's start."""
    words = [
        "score", "--dsn", task.dsn, "--name", task.model, "--table", task.table,
        "--key", "id", "--into", TARGET, "--jobs", str(jobs),
    ]  # fmt: skip
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        command.main(args=words, standalone_mode=False)


def _pinned(measure: Measure, postmaster: int, cores: Sequence[int]) -> Measure:
    """Clients, jobs and parallel workers start anew each time and inherit the cores."""

    def measure_there() -> float:
        pin(postmaster, cores)
        return measure()

    return measure_there


def _timed_query(cursor: Any, sql: str, rows: int) -> Measure:
    def measure() -> float:
        start = time.perf_counter()
        cursor.execute(sql)
        counted = cursor.fetchone()[0]
        seconds = time.perf_counter() - start
        _check_count(counted, rows, sql)
        return seconds

    return measure


def _timed_command(task: Task, jobs: int) -> Measure:
    def measure() -> float:
        run_all(task.dsn, [f"drop table if exists {TARGET}"])
        start = time.perf_counter()
        run_command(task, jobs)
        seconds = time.perf_counter() - start
        with session(task.dsn) as cursor:
            cursor.execute(f"select count(score) from {TARGET}")
            _check_count(cursor.fetchone()[0], task.network.rows, COMMAND)
        return seconds

    return measure


def _timed_client(worker: Worker, task: Task) -> Measure:
    return lambda: worker.ask(f"{task.table}\t{task.fields}")


def _check_count(counted: int, rows: int, what: str) -> None:
    """A form that leaves rows out is not faster."""
    if counted != rows:
        raise BenchmarkError(f"{counted} of {rows} rows were scored by: {what}")


def _compare_python(limit: Mapping[str, Any], server: Mapping[str, Any]) -> None:
    """Numpy alone must be the server's own numpy, or its time is no limit."""
    for name in ("python", "numpy", "numpy_file", "blas"):
        if limit[name] != server[name]:
            raise BenchmarkError(
                f"numpy alone runs with {name} {limit[name]}, the server with {server[name]}"
            )
