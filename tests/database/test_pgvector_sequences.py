"""Convolutions and recurrent layers by the engine pgvector: scores, guards, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import databases
import numpy as np
import psycopg2
import pytest
from databases import Database, make_database

from database.networks import compile_graph, deploy_graph, query
from database.sequences import Branches, of_all_kinds, that_fade, that_grow
from exporter.engines.pgvector import work
from exporter.engines.pgvector.limits import find_problems, find_stored_problems
from exporter.engines.reference import evaluate
from exporter.errors import UnsupportedError
from exporter.ir import ops
from exporter.ir.graph import Graph, Port
from exporter.ir.ops import as_tensor
from exporter.ir.plan import Plan

HARD = [float("nan"), np.inf, -np.inf, 1e30, -1e30, 1e16, -1e16, 1e-42, -0.0, 3e38, 900.0, -0.001]


@pytest.fixture(scope="module")
def place(pgvector_server: Any) -> Iterator[Database]:
    """A database with the extension."""
    with make_database(pgvector_server, "sequences"):
        database = Database(pgvector_server, "sequences")
        query(database.dsn, "create extension vector")
        yield database


def deploy(place: Database, graph: Graph) -> Plan:
    """By the engine pgvector."""
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        return deploy_graph(place.dsn, graph, graph.name)
    finally:
        databases.ENGINE = before


def rows_of(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Ordinary rows, one with steps of zeros, then rows with hard numbers in some places."""
    rng = np.random.default_rng(11)
    rows = [rng.normal(0, size, shape) for size in (0.3, 1.0, 3.0, 100.0)]
    rows[1][: shape[0] // 2 : 2] = 0
    rows += [np.zeros(shape), np.full(shape, 1e-42)]
    for n, number in enumerate(HARD):
        row = rng.normal(0, 1, shape)
        row[rng.integers(shape[0], size=1 + n % 3), rng.integers(shape[1])] = number
        rows.append(row)
    return [row.astype(np.float32) for row in rows]


def differences(
    place: Database, graph: Graph, plan: Plan, rows: list[np.ndarray], most: float
) -> list[str]:
    """Which outputs of which rows are not what the network gives in float64, or float32."""
    name = graph.name
    fields = ", ".join(f"(s.r).{port.name}" for port in graph.outputs)
    fields = "s.r" if len(graph.outputs) == 1 else fields
    given = [row.ravel().tolist() for row in rows]
    statement = (
        f"select {fields} from (select {name}.score(%s::real[]) as r) s"  # row by row: a session
    )
    wanted = [evaluate(plan, [np.stack(rows)], kind) for kind in ("float64", "float32")]
    wrong = []
    connection = psycopg2.connect(place.dsn)
    try:
        with connection, connection.cursor() as cursor:
            for n, row in enumerate(given):
                cursor.execute(statement, [row])
                (found,) = cursor.fetchall()
                for port, actual, *both in zip(graph.outputs, found, *wanted, strict=True):
                    y = np.atleast_1d(np.array(actual, np.float64))
                    if not any(is_close(y, scores[n].ravel(), most) for scores in both):
                        wrong.append(f"row {n}, {port.name}: {y[:4]} for {both[0][n].ravel()[:4]}")
    finally:
        connection.close()
    return wrong


def is_close(found: np.ndarray, wanted: np.ndarray, most: float) -> bool:
    """Within what is promised, or the same as a real number."""
    with np.errstate(over="ignore", invalid="ignore"):
        single = wanted.astype(np.float32).astype(np.float64)
        close = np.isclose(found, wanted, rtol=most, atol=most, equal_nan=True)
    return bool((close | (found == single)).all())


@pytest.mark.parametrize(
    ("make", "most"),
    [(of_all_kinds, 1e-5), (that_fade, 1e-5), (that_grow, 1e-3)],  # whose roundings grow too
)
def test_layers_over_sequences_score_as_numpy(
    place: Database, make: Callable[[], Graph], most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of ordinary numbers by vectors, others in double precision."""
    monkeypatch.setattr(work, "MOST", 10_000)  # for many networks in one
    graph = make()
    plan = deploy(place, graph)
    shape = tuple(n or 0 for n in graph.inputs[0].shape)
    assert differences(place, graph, plan, rows_of(shape), most) == []


def lstm(steps: int, units: int, columns: int = 4, function: str = "tanh") -> Graph:
    """One LSTM, whose last state is the score."""
    b = Branches((steps, columns))
    b.output(b.recurrent("Lstm", 0, units, function=(function, ()), result="last"))
    return b.graph("lstm")


def conv_over_images() -> Graph:
    b = Branches((6, 6, 1))
    b.output(b.add(ops.Conv(b.weights(3, 3, 1, 2), None, (1, 1), (1, 1), "valid", 1), 0))
    return b.graph("images")


def in_double() -> Graph:
    """A convolution with weights of float64."""
    kernel = as_tensor(np.ones((2, 1, 1)), "kernel", dtype="float64")
    b = Branches((5, 1))
    b.output(b.add(ops.Conv(kernel, None, (1,), (1,), "valid", 1), 0))
    graph = b.graph("double")
    ports = (Port("x", 0, (5, 1), "float64"),), (Port("y", 1, (4, 1), "float64"),)
    return replace(graph, inputs=ports[0], outputs=ports[1])


REFUSED = [
    (lstm(60, 100), "model", "a row of it would take about 2.3 ms, 2.3 of them in \"lstm_1\""),
    (lstm(3, 2, function="softmax"), "lstm_1", "the engine pgvector has no softmax in it"),
    (conv_over_images(), "conv_1", "it slides along 2 axes"),
    (in_double(), "conv_1", "it is in float64, which no vector holds"),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "where", "reason"), REFUSED)
def test_what_is_too_much_is_refused_with_the_figure(graph: Graph, where: str, reason: str) -> None:
    """And with what takes it."""
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        with pytest.raises(UnsupportedError) as caught:
            compile_graph(graph, "model", target="postgres")
    finally:
        databases.ENGINE = before
    (problem,) = caught.value.problems
    assert reason in problem.reason and "--engine plpython" in problem.advice
    assert where in (problem.layer, problem.what)


def test_weights_in_tables_are_for_dense_layers_alone() -> None:
    (problem,) = find_stored_problems(lstm(3, 2))
    assert problem.layer == "lstm_1" and "would stand in the text of a function" in problem.reason
    b = Branches((7, 3))
    b.output(b.dense(b.dense(0, 4, "tanh"), 2))
    assert not find_stored_problems(b.graph("steps"))


def test_a_layer_of_sequences_is_estimated_as_it_was_measured() -> None:
    """Microseconds of decision 28, within a third; what is longest a row is told by its layer."""
    for graph, measured in (
        (lstm(10, 32, 8), 104),
        (lstm(30, 50, 14), 462),
        (lstm(50, 100, 24), 2057),
    ):
        assert sum(work.estimate(graph).values()) == pytest.approx(measured, rel=1 / 3)
    assert find_problems(lstm(40, 100)) == []
