"""Deployed models in the queries of a user: in the interpreter, and on a server if one is given."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from tolerances import PLSQL, check_close

from exporter.databases import database_of
from exporter.databases.oracle.script import compile_script
from exporter.engines.reference import evaluate
from exporter.ir.graph import Graph
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs
from oracle.networks import FIXED, inputs_of
from oracle.schemas import Schema

TABLE = "export_model_test_points"
ROWS = 7
NETWORKS = ("classes", "one_feature", "ports", "images", "sequence", "free_sequence", "words")
LABELS = ("first", "it's", "caf\u00e9 & \U0001f600")


class Points:
    """A table with an id and a column for each number of a network's inputs."""

    def __init__(self, schema: Schema, inputs: Sequence[np.ndarray]) -> None:
        self.schema = schema
        self.values = [x.reshape(len(x), -1).astype(float) for x in inputs]
        widths = [x.shape[1] for x in self.values]
        ends = np.cumsum([0, *widths])
        names = [f"c{n}" for n in range(1, ends[-1] + 1)]
        self.columns = [names[a:b] for a, b in itertools.pairwise(ends)]
        declared = ", ".join(f"{name} binary_double" for name in names)
        schema.run(f"create table {TABLE} (id number(10), {declared})")
        places = ", ".join(f":{n}" for n in range(1, len(names) + 2))
        for number, row in enumerate(np.concatenate(self.values, axis=1).tolist(), 1):
            schema.run(f"insert into {TABLE} (id, {self.features}) values ({places})", number, *row)

    @property
    def arrays(self) -> str:
        """SQL of an array for each input."""
        return ", ".join(f"utl_nla_array_flt({', '.join(names)})" for names in self.columns)

    @property
    def features(self) -> str:
        """All columns."""
        return ", ".join(name for names in self.columns for name in names)

    def select(self, what: str) -> list[Any]:
        """What a query gives for each row, in order."""
        return [row[0] for row in self.schema.run(f"select {what} from {TABLE} order by id")]

    def table(self, function: str, columns: str) -> list[tuple[Any, ...]]:
        """What a table function gives, in the order of its ids."""
        cursor = f"cursor(select id, {columns} from {TABLE})"
        rows = self.schema.run(f"select * from table({function}({cursor}))")
        return sorted(rows, key=lambda row: int(row[0]))


@pytest.fixture
def clean(schema: Schema) -> Iterator[Schema]:
    """The schema, whose table of points is dropped afterwards."""
    yield schema
    schema.run(f"drop table {TABLE}")


def deploy(schema: Schema, graph: Graph, signature: Signature) -> None:
    """The network as a model named by the signature."""
    plan = plan_graph(graph, signature)
    samples = expect_outputs(plan, draw_inputs(graph, 2))
    script = compile_script(make_manifest(graph, plan, samples), plan.block, samples)
    database_of(schema.dsn).deploy(script, schema.dsn, lambda name: None)


def numbers(value: Any) -> list[float]:
    """A number, or an array as a server or the interpreter gives it, as a list."""
    array = getattr(value, "a", value)
    return [float(number) for number in (array if hasattr(array, "__len__") else [array])]


def stacked(values: Sequence[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Scores of rows in the shape of a batch."""
    return np.array([numbers(value) for value in values]).reshape(shape)


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_in_queries(clean: Schema, name: str) -> None:
    graph = FIXED[name]
    deploy(clean, graph, Signature("queried"))
    inputs = inputs_of(graph, ROWS)
    points = Points(clean, inputs)
    several = len(graph.outputs) > 1
    plan = plan_graph(graph, Signature("queried"))
    table = points.table("queried.score_table", points.arrays)
    assert [row[0] for row in table] == [str(n) for n in range(1, ROWS + 1)]
    for place, (port, expected) in enumerate(
        zip(graph.outputs, evaluate(plan, inputs), strict=True)
    ):
        function = f"queried.score_{port.name}" if several else "queried.score"
        one_by_one = points.select(f"{function}({points.arrays})")
        check_close(stacked(one_by_one, expected.shape), expected, PLSQL, function)
        together = [row[1 + place] for row in table]
        check_close(stacked(together, expected.shape), expected, PLSQL, "the table")


def test_features_and_labels_in_queries(clean: Schema) -> None:
    graph = FIXED["classes"]
    features = ("c1", "c2", "c3", "c4")
    signature = Signature("queried", features, None, LABELS)
    deploy(clean, graph, signature)
    inputs = inputs_of(graph, ROWS)
    points = Points(clean, inputs)
    (expected,) = evaluate(plan_graph(graph, signature), inputs)
    scores = points.select(f"queried.score({points.features})")
    check_close(stacked(scores, expected.shape), expected, PLSQL, "score")
    named = ", ".join(f"{name} => {name}" for name in reversed(features))
    assert [numbers(v) for v in points.select(f"queried.score({named})")] == [
        numbers(v) for v in scores
    ]
    wanted = [LABELS[place] for place in expected.argmax(axis=1)]
    assert points.select(f"queried.label({points.features})") == wanted
    table = points.table("queried.label_table", points.features)
    assert [label for _, label in table] == wanted


def test_a_null_in_a_query(clean: Schema) -> None:
    graph = FIXED["classes"]
    deploy(clean, graph, Signature("queried", ("c1", "c2", "c3", "c4"), None, LABELS))
    points = Points(clean, inputs_of(graph, 3))
    clean.run(f"update {TABLE} set c3 = null where id = 2")
    for what in ("score", "label"):
        found = points.select(f"queried.{what}({points.features})")
        assert [value is None for value in found] == [False, True, False]
        table = points.table(f"queried.{what}_table", points.features)
        assert [value is None for _, value, *_ in table] == [False, True, False]
