"""Networks of float64 keep every digit in BINARY_DOUBLE, and cast where they say so."""

from __future__ import annotations

import re

import networks64
import numpy as np
import pytest
from tolerances import FLOAT64, check_close

from exporter.engines.plsql.runtime import in_double, runtime_units
from exporter.errors import UnsupportedError
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Activation, Add, Cast, Constant, Dense, Op, Tensor, Unary, as_tensor
from exporter.ir.plan import Signature
from exporter.resources import read_text
from oracle.networks import SOURCE, draw
from oracle.server import Oracle

FEATURES = ("since", "amount", "age")


def double(*shape: int) -> Tensor:
    """Random weights of float64."""
    return as_tensor(np.random.default_rng(3).normal(size=shape), dtype="float64")


def chain64(width: int, *ops: Op, dtype: str = "float64") -> Graph:
    """Ops on one input of float64."""
    nodes, shape = [], (width,)
    for value, op in enumerate(ops, 1):
        shape = op.output_shape(shape)
        nodes.append(Node(op, (value - 1,), value, shape, f"layer_{value}"))
    outputs = (Port("y", len(ops), shape, dtype),)
    return Graph("chain", (Port("x", 0, (width,), "float64"),), tuple(nodes), outputs, SOURCE, 0)


@pytest.mark.parametrize("name", ["scaled_regression", "classes"])
@pytest.mark.parametrize("features", [FEATURES, ()])
def test_rows_that_need_every_digit(oracle: Oracle, name: str, features: tuple[str, ...]) -> None:
    graph, rows = getattr(networks64, name)(), networks64.ROWS
    with oracle.deploy(graph, Signature("m", features)) as model:
        expected = model.expected([rows])[0]
        table = model.score_table([[row.tolist() if features else row] for row in rows])
        check_close([np.ravel(score) for _, score in table], expected, FLOAT64, "the table")
        alone = model.call("score", *(rows[0].tolist() if features else [rows[0]]))
        check_close(np.ravel(alone), expected[0], FLOAT64, "one row")
        assert model.call("score", rows[0]) == alone
        assert model.verify()[1] == 0


def test_a_null_gives_null(oracle: Oracle) -> None:
    with oracle.deploy(networks64.scaled_regression(), Signature("m", FEATURES)) as model:
        assert model.call("score", None, 1.5, 30.0) is None
        assert [score for _, score in model.score_table([[[None, 1.5, 30.0]]])] == [None]


@pytest.mark.parametrize("function", ["tanh", "relu", "sigmoid", "softplus", "elu", "silu"])
def test_activations_of_hidden_layers(oracle: Oracle, function: str) -> None:
    ops = (Dense(double(3, 4), double(4)), Activation(function), Dense(double(4, 2), None))
    with oracle.deploy(chain64(3, *ops)) as model:
        rows = np.random.default_rng(1).normal(size=(5, 3))
        scores = [score for _, score in model.score_table([[row] for row in rows])]
        check_close(np.array(scores), model.expected([rows])[0], 1e-10, function)


def test_a_cast_rounds_and_what_follows_is_float32(oracle: Oracle) -> None:
    """Preprocessing in float64 before a network of float32."""
    ops = (Dense(double(3, 4), double(4)), Cast("float32"), Dense(draw(4, 1), None))
    with oracle.deploy(chain64(3, *ops, dtype="float32")) as model:
        rows = np.random.default_rng(2).normal(size=(4, 3))
        scores = [score for _, score in model.score_table([[row] for row in rows])]
        check_close(np.array(scores), model.expected([rows])[0].ravel(), 1e-6, "cast")
        tables = set(re.findall(r"from (export_model_weights\w*)", model.units.body))
        assert tables == {"export_model_weights", "export_model_weights_double"}
        assert model.verify()[1] == 0


def test_constants_are_of_float64(oracle: Oracle) -> None:
    third = as_tensor(np.full(1, 1 / 3), dtype="float64")
    nodes = (
        Node(Constant(third), (), 1, (1,), "third"),
        Node(Add(), (0, 1), 2, (1,), "sum"),
    )
    inputs = (Port("x", 0, (1,), "float64"),)
    graph = Graph("g", inputs, nodes, (Port("y", 2, (1,), "float64"),), SOURCE, 0)
    with oracle.deploy(graph) as model:
        assert model.call("score", np.array([1.0])) == 1 + 1 / 3


@pytest.mark.parametrize("op", [Activation("gelu"), Unary("erf")])
def test_the_error_function_is_refused(oracle: Oracle, op: Op) -> None:
    with pytest.raises(UnsupportedError, match="error function in float64"):
        oracle.package(chain64(1, op))


def test_an_altered_weight_is_noticed(oracle: Oracle) -> None:
    with oracle.deploy(networks64.classes(), Signature("m")) as model:
        model.session.execute(
            "update export_model_weights_double set data = :data where part = 0",
            {"data": networks64.MEAN * (1 + 1e-9)},
        )
        model.session.commit()
        with pytest.raises(Exception, match="was altered"):
            model.call("score", networks64.ROWS[0])


def test_the_routines_for_float64_are_those_for_float32() -> None:
    """One text for both: nothing of float32 is left in it."""
    for suffix in ("pks", "pkb"):
        text = in_double(read_text(f"plsql/nn_runtime.{suffix}"))
        assert not re.search(r"binary_float|nn_runtime|\df\b", text)
        only = re.findall(r"\w*_array_flt\b", text)
        assert len(only) == 1  # of cast_, from the other type
    assert re.fullmatch(r"nn_double_[0-9a-f]{8}", runtime_units("nn_double").name)
