"""Trees in PL/SQL reach the leaves that the files say, and add them to the last bit."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trees_by_hand as by_hand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.engines.plsql.calls import trees as plsql_trees
from exporter.errors import UnsupportedError
from exporter.formats import read
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Trees, as_tensor
from exporter.ir.passes import simplify
from exporter.ir.signature import sign
from oracle.networks import SOURCE
from oracle.server import Model, Oracle

STORED = Path(__file__).parents[1] / "data" / "trees"
# One of each kind: float32 and float64 to compare and to add in, means, vectors as leaves, sets of
# categories, the sides of missing numbers, zeros that are missing, links, trees of one leaf.
FILES = (
    "binary_logistic_shallow.ubj", "multi_softmax_shallow.json", "reg_tweedie_sets.json",
    "vector.ubj", "stump.json", "binary_dart_nan.txt", "few_bins.txt", "multiclass_gbdt_zero.txt",
    "regression_rf_nan.txt", "squares.txt", "MultiClass_SymmetricTree_Max.json",
    "RandomForest_two_shallow.pkl", "boosting_four.pkl", "hist_sets.pkl", "isolation.pkl",
    "xgb_pipeline.pkl",
)  # fmt: skip
ROWS = 12
RANDOM = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FORESTS = st.lists(by_hand.trees(depth=3), min_size=1, max_size=4)


def score_rows(model: Model, x: np.ndarray) -> np.ndarray:
    """Scores of a table, whose missing numbers are NULL in every other row and else NaN."""
    rows = [
        [[None if np.isnan(v) and n % 2 else v for v in row]] for n, row in enumerate(x.tolist())
    ]
    return np.array([np.ravel(record[1]) for record in model.score_table(rows)], np.float64)


def check(
    graph: Graph, oracle: Oracle, x: np.ndarray, wanted: np.ndarray, tolerance: float
) -> None:
    """Fail unless the rows score as wanted."""
    with oracle.deploy(graph, sign(graph, "m")) as model:
        found = score_rows(model, x)
    difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    assert (difference <= tolerance).all(), (found[difference > tolerance], difference.max())


@pytest.mark.parametrize("name", FILES)
def test_scores_of_the_libraries(oracle: Oracle, name: str) -> None:
    """As they computed them themselves, on rows on thresholds and beside; sums to the last bit."""
    graph = simplify(read(STORED / name))
    with np.load(STORED / f"{name}.npz", allow_pickle=False) as file:
        x, y = file["x"].astype(np.float64), file["y"]
        margin = file["sum"] if "sum" in file.files else None
    some = np.random.default_rng(0).permutation(len(x))[:ROWS]
    is_single = any(isinstance(n.op, Trees) and n.op.total == "float32" for n in graph.nodes)
    graph = replace(graph, labels=(), choice=None)
    check(graph, oracle, x[some], y[some], 2e-6 if is_single else 1e-12)
    if margin is not None:
        (node,) = (node for node in graph.nodes if isinstance(node.op, Trees))
        port = Port("sum", node.value, node.shape, node.op.output_dtype())
        only = replace(graph, nodes=(node,), outputs=(port,))
        check(only, oracle, x[some], margin[some].reshape(len(some), -1), 0.0)


def read_as(name: str, content: bytes) -> Graph:
    """The graph of a model file of this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return simplify(read(path))


def walked(
    forest: Sequence[Any], x: np.ndarray, asked: Any, base: float, dtype: type[np.floating[Any]]
) -> np.ndarray:
    """Sums of the leaves, one question after another."""
    sums = np.full(len(x), base, dtype)
    for tree in forest:
        sums += np.array([by_hand.walk(tree, asked(row)) for row in x]).astype(dtype)
    return sums[:, None].astype(np.float64)


@RANDOM
@given(FORESTS, by_hand.rows("float32"))
def test_random_trees_of_xgboost(oracle: Oracle, forest: list[Any], x: np.ndarray) -> None:
    graph = read_as("m.json", by_hand.as_json(by_hand.xgboost_file(forest)))
    check(graph, oracle, x, walked(forest, x, by_hand.asked_by_xgboost, 0.5, np.float32), 0.0)


@RANDOM
@given(st.lists(by_hand.trees(3, True, True), min_size=1, max_size=4), by_hand.rows("float64"))
def test_random_trees_of_lightgbm(oracle: Oracle, forest: list[Any], x: np.ndarray) -> None:
    graph = read_as("m.txt", by_hand.lightgbm_file(forest).encode())
    check(graph, oracle, x, walked(forest, x, by_hand.asked_by_lightgbm, 0.0, np.float64), 0.0)


def ensemble(bound: Sequence[float], kind: int = 0) -> Graph:
    """A tree for each bound, of one question: 1 where the number is at least the bound."""
    count = len(bound)
    places, leaves = np.arange(count) * 3, np.arange(count) * 2
    left = np.stack([places + 1, -1 - leaves, -2 - leaves], axis=1)
    op = Trees(
        columns=as_tensor(np.array([[0, kind, 0, 0]]), dtype="int32"),
        members=as_tensor(np.zeros(0), dtype="int32"),
        starts=as_tensor(places, dtype="int32"),
        column=as_tensor(np.zeros(3 * count), dtype="int32"),
        bound=as_tensor(np.repeat(bound, 3), dtype="float64"),
        left=as_tensor(left.ravel(), dtype="int32"),
        leaves=as_tensor(np.tile([0.0, 1.0], count)[:, None], dtype="float64"),
        base=as_tensor(np.zeros(count), dtype="float64"),
        target=as_tensor(np.arange(count), dtype="int32"),
        compare="float64",
        total="float64",
        divisor=1,
    )
    inputs = (Port("x", 0, (1,), "float64"),)
    nodes = (Node(op, (0,), 1, (count,), "trees"),)
    return Graph("t", inputs, nodes, (Port("y", 1, (count,), "float64"),), SOURCE, 0)


@pytest.mark.parametrize("kind", [0, 1, 2, 5])
def test_bounds_that_every_number_or_none_reaches(oracle: Oracle, kind: int) -> None:
    """To Oracle NaN is greater than every number, and equal to a bound that is NaN."""
    graph = ensemble([-np.inf, 0.0, np.inf, np.nan], kind)
    x = np.array([[-np.inf], [-1e308], [0.0], [5.0], [np.inf], [np.nan]])
    with oracle.deploy(graph) as model:
        wanted = model.expected([x])[0]
        found = np.array([record[1] for record in model.score_table([[row] for row in x])])
    assert (found == wanted).all(), (found, wanted)


def test_trees_that_no_array_holds_are_refused(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is made, with the number of their nodes."""
    monkeypatch.setattr(plsql_trees, "MAX_ARRAY", 11)
    with pytest.raises(UnsupportedError, match="have 12 nodes, a UTL_NLA array holds 11"):
        oracle.package(ensemble([1.0, 2.0, 3.0, 4.0]))


def test_a_row_costs_its_questions_and_its_trees(oracle: Oracle) -> None:
    """An iteration for each column, question and leaf, and two for each tree."""
    graph = ensemble([0.0] * 10)
    with oracle.deploy(graph) as model:
        rows = [[np.array([1.0])]] * 5
        model.score_table(rows)
        before = model.session.loops
        model.score_table(rows + rows)
        ten = model.session.loops - before
        before = model.session.loops
        model.score_table(rows)
        five = model.session.loops - before
    bases, output = 10, 10
    overhead = (ten - five) / 5 - (1 + 10 + 10 + 10 + 10) - bases - output
    assert 0 <= overhead <= 8, overhead
