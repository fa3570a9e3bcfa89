"""Numbers keep their precision: float64 until a cast says otherwise, and plans say where."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from networks64 import ROWS, expected_scores, scaled_regression
from test_manifest import check_the_way_back

from exporter.databases.postgres.example import example_query
from exporter.description import Description
from exporter.engines.reference import evaluate
from exporter.errors import ShapeError
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Affine, Cast, Dense, Op, Reshape, as_tensor
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs

SIGNATURE = Signature("m")
ONE = np.ones((2, 2))


def chain(*ops: Op, dtype: str = "float64", result: str = "float64") -> Graph:
    """Ops one after another, on an input of two numbers."""
    nodes, shape = [], (2,)
    for value, op in enumerate(ops, 1):
        shape = op.output_shape(shape)
        nodes.append(Node(op, (value - 1,), value, shape, f"step_{value}"))
    output = Port("y", len(ops), shape, result)  # type: ignore[arg-type]
    ports = (Port("x", 0, (2,), dtype),)  # type: ignore[arg-type]
    return Graph("m", ports, tuple(nodes), (output,), Source("toy", "1", "m", "0" * 64), 0)


def double(array: np.ndarray) -> Dense:
    """A product in float64."""
    return Dense(as_tensor(array, dtype="float64"))


def test_a_float64_model_has_the_digits_of_numpy() -> None:
    graph = simplify(scaled_regression())
    plan = plan_graph(graph, SIGNATURE)
    for dtype in ("float32", "float64"):
        (scores,) = evaluate(plan, [ROWS], dtype)
        assert scores.dtype == np.float64
        np.testing.assert_allclose(scores, expected_scores(ROWS), rtol=1e-15)
    (rounded,) = evaluate(plan, [ROWS.astype(np.float32)], "float32")
    assert abs(rounded - expected_scores(ROWS)).max() > 1e-3, "the rows prove nothing"


def test_a_plan_marks_what_is_not_float32() -> None:
    graph = chain(
        Cast("float32"), Dense(as_tensor(np.ones((2, 1)))), Activation("tanh"),
        Dense(as_tensor(np.ones((1, 1)))), Cast("float64"),
        double(np.ones((1, 2))), double(np.ones((2, 3))),
    )  # fmt: skip
    plan = plan_graph(graph, SIGNATURE)
    parsed = json.loads(plan.text)
    assert parsed["inputs"] == [{"name": "x", "shape": [2], "dtype": "float64"}]
    assert parsed["outputs"] == [{"name": "y", "shape": [3], "value": 7, "dtype": "float64"}]
    assert parsed["tensors"] == [
        ["step_2/kernel", 0, [2, 1]],
        ["step_4/kernel", 2, [1, 1]],
        ["step_6/kernel", 4, [1, 2], "f8"],
        ["step_7/kernel", 8, [2, 3], "f8"],
    ]
    assert len(plan.block) == 4 * (8 + 12)
    single = chain(Dense(as_tensor(ONE)), dtype="float32", result="float32")
    assert '"dtype"' not in plan_graph(single, SIGNATURE).text


def test_a_batch_of_float64_holds_half_the_rows() -> None:
    plans = []
    for dtype in ("float32", "float64"):
        op = Dense(as_tensor(np.ones((2, 2**15)), dtype=dtype))
        graph = chain(op, dtype=dtype, result=dtype)
        plans.append(json.loads(plan_graph(graph, SIGNATURE).text)["batch_rows"])
    assert plans == [64, 32]


def test_types_are_not_mixed_without_a_cast() -> None:
    for graph in (chain(Dense(as_tensor(ONE))), chain(double(ONE), dtype="float32")):
        with pytest.raises(ShapeError, match='dense of "step_1": it mixes float32 and float64; a'):
            plan_graph(graph, SIGNATURE)
    with pytest.raises(ShapeError, match='output "y" is float64, its port says float32'):
        plan_graph(chain(double(ONE), result="float32"), SIGNATURE)
    plan_graph(chain(Cast("float32"), Dense(as_tensor(ONE)), result="float32"), SIGNATURE)


def test_a_cast_to_float32_rounds_even_where_the_rest_is_float64() -> None:
    graph = chain(Cast("float32"), Cast("float64"), double(np.eye(2)))
    plan = plan_graph(simplify(graph), SIGNATURE)
    x = np.array([[1 + 1e-12, 0.1]])
    for dtype in ("float32", "float64"):
        assert evaluate(plan, [x], dtype)[0].tolist() == [[1.0, float(np.float32(0.1))]]


def test_what_is_of_the_type_already_is_not_cast() -> None:
    graph = simplify(chain(Cast("float64"), double(ONE), Cast("float64")))
    assert [type(node.op) for node in graph.nodes] == [Dense]


def test_float64_is_not_folded() -> None:
    """A large offset cancels in x * scale + offset, and not as part of a bias."""
    scale = as_tensor(np.full(2, 1e-9), dtype="float64")
    offset = as_tensor(np.full(2, -1.5), dtype="float64")
    graph = chain(Affine(scale, offset), double(ONE))
    assert len(simplify(graph).nodes) == 2
    single = chain(Affine(as_tensor(scale), as_tensor(offset)), Dense(as_tensor(ONE)),
                   dtype="float32", result="float32")  # fmt: skip
    assert len(simplify(single).nodes) == 1


def test_the_type_is_part_of_the_version() -> None:
    single = chain(Reshape((2, 1)), dtype="float32", result="float32")
    twice = chain(Reshape((2, 1)))
    assert single.digest != twice.digest
    assert plan_graph(single, SIGNATURE).version != plan_graph(twice, SIGNATURE).version


def test_it_comes_back_from_its_manifest() -> None:
    check_the_way_back(simplify(scaled_regression()))
    mixed = chain(double(ONE), Cast("float32"), Dense(as_tensor(ONE)), result="float32")
    check_the_way_back(mixed)


def test_the_example_query_casts_to_what_an_input_is() -> None:
    graph = scaled_regression()
    plan = plan_graph(graph, SIGNATURE)
    manifest = make_manifest(graph, plan, expect_outputs(plan, draw_inputs(graph, 2)))
    assert example_query(manifest) == "SELECT m.score(ARRAY[...]::double precision[] /* 3 */);"


def test_samples_of_float64_are_held_to_more_digits() -> None:
    graph = simplify(scaled_regression())
    plan = plan_graph(graph, SIGNATURE)
    inputs = draw_inputs(graph, 12)
    assert inputs[0].dtype == np.float64
    assert (inputs[0] != inputs[0].astype(np.float32)).any()
    samples = expect_outputs(plan, inputs)
    assert samples.outputs[0].dtype == np.float64
    assert samples.tolerance == 1e-9
    single = chain(Dense(as_tensor(ONE)), dtype="float32", result="float32")
    of_single = expect_outputs(plan_graph(single, SIGNATURE), draw_inputs(single, 12))
    assert of_single.tolerance >= 1e-5
    assert of_single.outputs[0].dtype == np.float32


def test_a_description_says_what_is_float64() -> None:
    graph = replace(scaled_regression(), source=Source("keras", "3.0.0", "m.keras", "0" * 64))
    shown = Description(graph, graph)
    assert "input   x: 3 in float64" in str(shown)
    assert "output  p: 1 in float64" in str(shown)
    assert shown.facts()["inputs"] == [{"name": "x", "shape": (3,), "dtype": "float64"}]
