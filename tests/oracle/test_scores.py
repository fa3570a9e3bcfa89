"""Packages score as our own evaluation does: a row, a batch, a table; and count what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tolerances import PLSQL, check_close

from exporter.engines.reference import evaluate
from exporter.ir.graph import Graph
from exporter.ir.ops import Conv, ConvTranspose
from exporter.ir.plan import Signature, plan_graph
from oracle.networks import (
    FIXED,
    chain,
    draw,
    inputs_of,
    mlp,
    random_convolutions,
    random_mlps,
    random_recurrent,
)
from oracle.server import Oracle, flat_rows

RANDOM = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FEATURES = {"mlp": tuple(f"v{n}" for n in range(1, 29)), "one_feature": ("amount",)}


def signature_of(name: str) -> Signature:
    """Features where the network has few inputs."""
    return Signature("fraud", FEATURES.get(name, ()))


def check_network(oracle: Oracle, graph: Graph, rows: int = 4, free_length: int = 4) -> None:
    """Fail unless rows, one by one and together, score as in float64."""
    with oracle.deploy(graph) as model:
        inputs = inputs_of(graph, rows, free_length)
        expected = model.expected(inputs)
        table = model.score_table(flat_rows(inputs))
        assert [record[0] for record in table] == [str(n) for n in range(rows)]
        for place, wanted in enumerate(expected):
            wanted = wanted.reshape(rows, -1)
            together = np.array([record[1 + place] for record in table]).reshape(rows, -1)
            check_close(together, wanted, PLSQL, f"output {place} of the table")
            for row in range(2):
                one = model.score(*[x[row].ravel().tolist() for x in inputs], output=place)
                check_close(np.array(one).ravel(), wanted[row], PLSQL, f"output {place}")


@pytest.mark.parametrize("name", FIXED)
def test_networks_score_as_in_float64(oracle: Oracle, name: str) -> None:
    check_network(oracle, FIXED[name])


@RANDOM
@given(graph=random_mlps())
def test_random_mlps(oracle: Oracle, graph: Graph) -> None:
    check_network(oracle, graph)


@RANDOM
@given(network=random_recurrent())
def test_random_recurrent_networks(oracle: Oracle, network: tuple[Graph, int]) -> None:
    graph, steps = network
    check_network(oracle, graph, 3, steps)


@RANDOM
@given(graph=random_convolutions())
def test_random_convolutions(oracle: Oracle, graph: Graph) -> None:
    check_network(oracle, graph, 2)


@pytest.mark.parametrize(
    "graph",
    [
        chain((52, 40, 8), Conv(draw(5, 5, 8, 2), draw(2), (1, 1), (1, 1), "same")),
        chain(
            (50, 50, 4),
            ConvTranspose(draw(5, 5, 8, 4), draw(8), (1, 1), (1, 1), (0, 0), (0, 0)),
        ),
    ],
    ids=["conv", "conv_transpose"],
)
def test_windows_of_more_numbers_than_an_array_holds(oracle: Oracle, graph: Graph) -> None:
    """Three rows have windows of 1,248,000 and 1,500,000 numbers."""
    with oracle.deploy(graph) as model:
        inputs = inputs_of(graph, 3)
        table = model.score_table(flat_rows(inputs))
        assert model.session.calls in (3, 4)  # two pieces; the bias of all rows, or of each piece
        actual = np.array([record[1] for record in table])
        check_close(actual, model.expected(inputs)[0].reshape(3, -1), PLSQL, "three rows")


@pytest.mark.parametrize("name", FEATURES)
def test_features_and_arrays_score_alike(oracle: Oracle, name: str) -> None:
    graph = FIXED[name]
    with oracle.deploy(graph, signature_of(name)) as model:
        (x,) = inputs_of(graph, 3)
        rows = x.astype(float).tolist()
        scalars = [model.call("score", *row) for row in rows]
        arrays = [model.call("score", row) for row in rows]
        doubles = [model.call("score", model.doubles(row)) for row in rows]
        table = [score for _, score in model.score_table([[value] for value in rows])]
        assert scalars == arrays == doubles
        check_close(np.array(table), np.array(scalars), PLSQL, "the table")
        named = dict(zip(FEATURES[name], rows[0], strict=True))
        assert model.call("score", **named) == scalars[0]


def test_more_rows_than_a_batch(oracle: Oracle) -> None:
    graph = FIXED["mlp"]
    with oracle.deploy(graph) as model:
        inputs = inputs_of(graph, 1203)
        table = model.score_table(flat_rows(inputs))
        assert len(table) == 1203
        scores = np.array([score for _, score in table])
        check_close(scores, model.expected(inputs)[0].ravel(), PLSQL, "1203 rows")
        assert model.session.calls == 3 * 6  # batches of 500, 500, 203: layers and their biases


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.integers(1, 40))
def test_one_product_a_layer_whatever_the_rows(oracle: Oracle, rows: int) -> None:
    with oracle.deploy(FIXED["mlp"]) as model:
        model.score_table(flat_rows(inputs_of(FIXED["mlp"], rows)))
        assert model.session.calls == (3 if rows == 1 else 6)  # the layers, and their biases


def test_a_batch_moves_few_numbers_into_c(oracle: Oracle) -> None:
    """A row alone moves all weights at every call, a batch its share of them."""
    graph = mlp(28, 256, 128, 64, 32, 1)
    with oracle.deploy(graph) as model:
        rows = flat_rows(inputs_of(graph, 500))
        model.score(*rows[0])
        assert model.session.nla_elements == 51_197
        model.session.reset_counters()
        model.score_table(rows)
        assert model.session.nla_elements // 500 == 1_576


def test_no_loop_runs_over_weights(oracle: Oracle) -> None:
    """Twice the layers' width must not be four times the iterations."""
    loops = []
    for width in (32, 64):
        with oracle.deploy(mlp(8, width, width, 1)) as model:
            inputs = inputs_of(mlp(8, width, width, 1), 20)
            model.score_table(flat_rows(inputs))
            before = model.session.loops
            model.score_table(flat_rows(inputs))
            loops.append(model.session.loops - before)
    assert loops[0] < loops[1] < 2 * loops[0]


def test_two_models_side_by_side(oracle: Oracle) -> None:
    graphs = (mlp(4, 8, 2), mlp(4, 8, 2))
    (row,) = inputs_of(graphs[0], 1)
    with oracle.deploy(graphs[0]) as first, oracle.deploy(graphs[1]) as second:
        for model in (first, second):
            actual = np.array(model.call("score", row.ravel().tolist()))
            check_close(actual, model.expected([row])[0].ravel(), PLSQL, model.package)
            model.call("verify")


def test_labels(oracle: Oracle) -> None:
    graph = FIXED["classes"]
    labels = ("it's", "caf\u00e9 & \U0001f600", "plain")
    with oracle.deploy(graph, Signature("iris", (), None, labels)) as model:
        inputs = inputs_of(graph, 12)
        wanted = [labels[place] for place in model.expected(inputs)[0].argmax(axis=1)]
        assert len(set(wanted)) > 1
        table = model.table("label_table", flat_rows(inputs))
        assert [label for _, label in table] == wanted
        assert [model.call("label", x.tolist()) for x in inputs[0].astype(float)] == wanted


def test_a_threshold_decides_between_two_labels(oracle: Oracle) -> None:
    graph = FIXED["mlp"]
    inputs = inputs_of(graph, 12)
    (scores,) = evaluate(plan_graph(graph, Signature("m")), inputs)
    threshold = float(np.median(scores))
    with oracle.deploy(graph, Signature("m", (), None, ("low", "high"), threshold)) as model:
        wanted = ["high" if y > threshold else "low" for y in scores.ravel()]
        assert set(wanted) == {"low", "high"}
        table = model.table("label_table", flat_rows(inputs))
        assert [label for _, label in table] == wanted


def test_ids_of_any_type_come_back_as_text(oracle: Oracle) -> None:
    with oracle.deploy(FIXED["one_feature"]) as model:
        table = model.score_table([[[1.0]], [[2.0]]], ids=["a key", 12])
        assert [record[0] for record in table] == ["a key", "12"]


def test_verify(oracle: Oracle) -> None:
    with oracle.deploy(FIXED["images"]) as model:
        model.call("verify")
        samples, failed, difference = model.verify()
        assert (samples, failed) == (3, 0)
        assert 0 < difference <= 1e-5


def test_features_of_several_inputs(oracle: Oracle) -> None:
    """One input after another, in every form; a NULL in any of them gives no score."""
    graph = FIXED["ports"]
    signature = Signature("m", ("a", "b", "c", "d", "e"))
    rows = [([0.5, -1.0], [2.0, 0.25, 3.0]), ([1.5, 0.0], [-2.0, 1.0, 0.5])]
    inputs = [np.array([row[n] for row in rows], np.float32) for n in (0, 1)]
    with oracle.deploy(graph, signature) as model:
        kinds, sizes = model.expected(inputs)
        for row, kind, size in zip(rows, kinds, sizes, strict=True):
            flat = [*row[0], *row[1]]
            for function, wanted in zip(model.functions, (kind, size[0]), strict=True):
                found = model.call(function, *flat)
                np.testing.assert_allclose(found, wanted, rtol=1e-5)
                assert found == model.call(function, *row)
                named = dict(zip("edcba", flat[::-1], strict=True))
                assert found == model.call(function, **named)
        table = model.score_table(
            [*rows, ([1.0, None], [1.0, 1.0, 1.0]), ([1.0, 1.0], [None, 1.0, 1.0])]
        )
        for found, kind, size in zip(table, kinds, sizes, strict=False):
            np.testing.assert_allclose([*found[1], found[2]], [*kind, *size], rtol=1e-5)
        assert [record[1:3] for record in table[2:]] == [(None, None)] * 2
        samples, failed, _ = model.verify()
        assert samples and not failed
