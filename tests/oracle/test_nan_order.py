"""Scores do not depend on how PL/SQL compares NaN, which no manual says: in a database where it has
no place in the order of numbers, as IEEE 754 has it, they are what they are everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Op, as_tensor
from oracle.networks import SOURCE, chain
from oracle.server import Oracle
from oracle.test_hard_values import FUNCTIONS, check_hard_values
from oracle.test_tables import OPS, ROWS, check, check_splines, double, side_by_side

ACTIVATIONS = (
    "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softplus", "softsign", "elu", "selu", "silu",
    "mish", "hard_tanh", "hard_sigmoid", "log_sigmoid", "hard_silu", "sparse_plus",
    "sparse_sigmoid", "celu",
)  # fmt: skip
NETWORK: dict[str, Op] = {
    **{name: ops.Activation(name) for name in ACTIVATIONS},
    **{f"reduce {name}": ops.Reduce(name, (0,)) for name in ("max", "min", "mean")},
    **{f"place of {name}": ops.FindExtreme(name, 0) for name in ("max", "min")},
    "softmax": ops.Softmax(0),
    "log_softmax": ops.LogSoftmax(0),
    "sparsemax": ops.Sparsemax(0),
    "bucketize": ops.Bucketize(double([-1.0, 0.0, 2.5])),
    "lookup": ops.Lookup(double([-1.0, 0.0, 2.0]), double([5.0, 6.0, 7.0]), -1.0),
    "unit": ops.UnitNormalization((0,), 1e-12),
    **{
        name: ops.Unary(name)
        for name in ("sign", "round", "log", "log1p", "sqrt", "rsqrt", "trunc")
    },
}


@pytest.fixture(scope="module")
def unordered() -> Oracle:
    """A database in whose PL/SQL NaN is neither equal to nor greater than anything."""
    return Oracle(orders_nan=False)


def test_the_database_compares_so(unordered: Oracle, oracle: Oracle) -> None:
    for database, holds in ((unordered.database, 0), (oracle.database, 1)):
        session = database.session("OWNER")
        found = session.variable("pls_integer")
        session.execute(
            "declare l_x binary_double := binary_double_nan; begin"
            " :found := case when l_x = l_x or l_x > 1d or l_x > l_x then 1 else 0 end; end;",
            {"found": found},
        )
        assert found.value == holds
        ((in_sql,),) = session.query(
            "select case when binary_double_nan > 1d then 1 else 0 end from dual"
        )
        assert in_sql == 1


@pytest.mark.parametrize("of", [OPS, NETWORK])
def test_every_op(unordered: Oracle, oracle: Oracle, of: dict[str, Op]) -> None:
    for database in (unordered, oracle):
        check(database, side_by_side([[op] for op in of.values()], 3), [ROWS], list(of))


def test_splines(unordered: Oracle) -> None:
    check_splines(unordered, "linear")


def test_two_values(unordered: Oracle) -> None:
    """Of NaN and a number, both ways round."""
    kinds: list[Any] = [ops.Maximum(), ops.Minimum(), ops.Modulo(), ops.Power()]
    names = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    kinds += [ops.Compare(name) for name in names]
    nodes = tuple(Node(op, (0, 1), 2 + n, (3,), str(n)) for n, op in enumerate(kinds))
    inputs = (Port("a", 0, (3,), "float64"), Port("b", 1, (3,), "float64"))
    outputs = tuple(Port(f"y{n}", 2 + n, (3,), "float64") for n in range(len(kinds)))
    graph = Graph("two", inputs, nodes, outputs, SOURCE, 0)
    some = np.array([np.nan, np.inf, -np.inf, -2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0])
    pairs = np.stack(np.meshgrid(some, some), axis=-1).reshape(-1, 2)
    pairs = np.concatenate([pairs, pairs[:2]]).reshape(-1, 3, 2)
    check(unordered, graph, [pairs[..., 0], pairs[..., 1]], [str(op) for op in kinds])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hard_values(unordered: Oracle, function: Any) -> None:
    check_hard_values(unordered, function)


def test_samples_that_score_nan_are_verified(unordered: Oracle, oracle: Oracle) -> None:
    """Of negative numbers a logarithm is NaN, and equal to what was expected."""
    graph = chain((3,), ops.Unary("log"))
    for database in (unordered, oracle):
        with database.deploy(graph) as model:
            assert np.isnan(model.samples.outputs[0]).any()
            samples, failed, difference = model.verify()
            assert (samples, failed) == (3, 0) and difference < 1e-6


def test_labels(unordered: Oracle) -> None:
    from exporter.ir.plan import Signature

    graph = chain((3,), ops.Affine(as_tensor([1.0, 1.0, 1.0]), as_tensor([0.0, 0.0, 0.0])))
    with unordered.deploy(graph, Signature("m", labels=("a", "b", "c"))) as model:
        assert model.call("label", [1.0, 3.0, 2.0]) == "b"
        for row in ([np.nan, 3.0, 2.0], [1.0, np.nan, 2.0], [1.0, 2.0, np.nan]):
            assert model.call("label", row) is None
