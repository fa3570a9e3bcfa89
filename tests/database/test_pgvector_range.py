"""The engine pgvector where double precision over- or underflows, which PostgreSQL calls errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import databases
import numpy as np
import pytest
from databases import Database, make_database

from database.networks import ask, deploy_graph
from database.sequences import Branches
from exporter.engines.pgvector.elements import ACTIVATIONS
from exporter.engines.reference import evaluate
from exporter.ir import ops
from exporter.ir.graph import Graph
from exporter.ir.ops import as_tensor

SIZES = [0.0, 1e-42, 1e-30, 1e-20, 1e-5, 0.3, 1.0, 88.0, 400.0, 690.0, 1e4, 1e15, 1e16, 1e30, 3e38]


@pytest.fixture(scope="module")
def place(pgvector_server: Any) -> Iterator[Database]:
    """A database with the extension."""
    with make_database(pgvector_server, "ranges"):
        database = Database(pgvector_server, "ranges")
        ask(database.dsn, "create extension vector")
        yield database


def of_products() -> Graph:
    """What multiplies numbers of a row with each other: of dense layers, and of their sigmoids,
    which are as small as exp(-690)."""
    b = Branches((3,), seed=5)
    kernel = as_tensor(np.diag([1.0, -1.0, 1.0]), "kernel")
    own = b.add(ops.Dense(kernel, as_tensor(np.zeros(3), "bias")), 0)
    gate = b.add(ops.Activation("sigmoid"), own)
    for x in (0, own, gate):
        product = b.add(ops.Multiply(), x, gate)
        b.output(product)
        b.output(b.add(ops.Multiply(), product, product, gate))
        squares = x
        for _ in range(5):
            squares = b.add(ops.Unary("square"), squares)
            b.output(squares)
        b.output(b.add(ops.Reduce("prod", (0,)), b.add(ops.Multiply(), product, x)))
        b.output(b.add(ops.LayerNormalization((0,), 1e-3, None, None), x))
    return b.graph("products")


def of_activations() -> Graph:
    """Each activation of numbers, of sigmoids, and of products that are smaller still."""
    b = Branches((3,), seed=6)
    own = b.dense(0, 3)
    gate = b.add(ops.Activation("sigmoid"), own)
    small = b.add(ops.Multiply(), gate, gate)
    for x in (0, own, gate, small):
        for function in [*ACTIVATIONS, "gelu", "gelu approximate"]:
            name, *rest = function.split()
            options = (("approximate", True),) if rest else ()
            b.output(b.add(ops.Activation(name, options), x))
        for function in (ops.Softmax(0), ops.LogSoftmax(0)):
            b.output(b.add(function, x))
    return b.graph("activations")


@pytest.mark.parametrize("graph", [of_products(), of_activations()], ids=lambda graph: graph.name)
def test_numbers_out_of_range_are_no_errors(place: Database, graph: Graph) -> None:
    """They are 0 or infinite, as in the framework, on rows of numbers of any size."""
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        plan = deploy_graph(place.dsn, graph, graph.name)
    finally:
        databases.ENGINE = before
    rng = np.random.default_rng(1)
    rows = [[-size, size, -size] for size in SIZES] + [[size, -size, size] for size in SIZES]
    rows += (rng.choice(SIZES, (20, 3)) * rng.choice([-1, 1], (20, 3))).tolist()
    given = np.array(rows, np.float32)
    wanted = [evaluate(plan, [given], kind) for kind in ("float64", "float32")]
    statement = f"select s.* from {graph.name}.score(%s::real[]) s"
    wrong = []
    for n, row in enumerate(given.tolist()):
        (found,) = ask(place.dsn, statement, [row])
        for port, actual, *both in zip(graph.outputs, found, *wanted, strict=True):
            y = np.atleast_1d(np.array(actual, np.float64))
            if not any(is_close(y, of_rows[n].ravel()) for of_rows in both):
                wrong.append((row, port.name, port.value, y, both[0][n], both[1][n]))
    assert wrong == []


def is_close(found: Any, wanted: Any) -> bool:
    """About the same, where exp magnifies what float32 rounds; or the same as a real number."""
    with np.errstate(all="ignore"):
        single = wanted.astype(np.float32).astype(np.float64)
        return bool((np.isclose(found, wanted, rtol=1e-3, atol=1e-5, equal_nan=True)
                     | (found.astype(np.float32) == single)).all())  # fmt: skip
