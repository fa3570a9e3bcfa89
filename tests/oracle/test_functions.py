"""Functions of one number, at the points where they turn, and where numbers end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tolerances import KERNEL_FLOAT32, check_close

from exporter.engines.plpython.runtime import runtime
from exporter.ir.ops import (
    Activation,
    Bucketize,
    Clip,
    Encode,
    Lookup,
    NotEqual,
    Op,
    Unary,
    UnitNormalization,
    as_tensor,
)
from oracle.networks import chain
from oracle.server import Oracle

POINTS = np.array(
    [
        -math.inf, -1000.0, -88.0, -20.0, -3.8, -3.0, -2.5, -2.0, -1.5, -1.0, -0.75, -0.5, -0.25,
        -1e-3, -1e-6, -1e-20, 0.0, 1e-20, 1e-6, 1e-3, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0,
        3.5, 3.8, 6.0, 6.5, 20.0, 88.0, 1000.0, math.inf, math.nan,
    ],
    np.float32,
)  # fmt: skip
OPTIONS = {
    "relu": (("negative_slope", 0.25), ("max_value", 2.25), ("threshold", -0.5)),
    "leaky_relu": (("negative_slope", 0.125),),
    "threshold_relu": (("theta", 0.75),),
    "hard_sigmoid": (("slope", 0.2), ("offset", 0.25)),
    "elu": (("alpha", 0.5),),
    "celu": (("alpha", 0.5),),
    "gelu": (("approximate", True),),
    "squareplus": (("b", 2.0),),
    "hard_shrink": (("threshold", 0.25),),
    "soft_shrink": (("threshold", 0.25),),
}
# With these, our formula multiplies infinity by 0 or subtracts it from itself.
INFINITE = (
    "silu", "mish", "hard_silu", "gelu", "softsign", "tanh_shrink", "squareplus", "relu",
    "threshold_relu",
)  # fmt: skip
# Not what is computed in these tests: functions of numbers outside of where they are defined.
DEFINED = {
    "log": POINTS > 0,
    "log1p": POINTS > -1,
    "sqrt": POINTS >= 0,
    "rsqrt": POINTS > 0,
    "reciprocal": POINTS != 0,
    "sin": np.isfinite(POINTS),
    "cos": np.isfinite(POINTS),
    "tan": np.isfinite(POINTS),
    "exp": POINTS < 80,
    "expm1": POINTS < 80,
    "sinh": np.abs(POINTS) < 80,
    "cosh": np.abs(POINTS) < 80,
}


def check_op(oracle: Oracle, op: Op, points: np.ndarray) -> None:
    """Fail unless an op of each number computes what it does in float64."""
    with oracle.deploy(chain((points.size,), op)) as model:
        (expected,) = model.expected([points[None]])
        actual = np.array(model.call("score", points.astype(float).tolist()))
        check_each(actual, expected[0].ravel(), points)


def check_each(actual: np.ndarray, expected: np.ndarray, points: np.ndarray) -> None:
    """Fail for the first number whose function is wrong, relative to itself."""
    for x, a, e in zip(np.resize(points, actual.size), actual, expected, strict=True):
        check_close(np.array([a]), np.array([e]), KERNEL_FLOAT32, f"of {x}")


@pytest.mark.parametrize("function", sorted(runtime().ACTIVATIONS))
def test_activations(oracle: Oracle, function: str) -> None:
    points = POINTS[POINTS < 80] if function == "exponential" else POINTS
    if function in INFINITE:
        points = points[~np.isinf(points)]
    check_op(oracle, Activation(function), points)
    if function in OPTIONS:
        check_op(oracle, Activation(function, OPTIONS[function]), points)


@pytest.mark.parametrize("function", sorted(runtime().FUNCTIONS))
def test_unary_functions(oracle: Oracle, function: str) -> None:
    points = POINTS[DEFINED.get(function, np.ones(POINTS.shape, bool)) & ~np.isnan(POINTS)]
    check_op(oracle, Unary(function), points)


@pytest.mark.parametrize(
    "op",
    [
        Clip(-0.5, 2.0),
        NotEqual(0.5),
        NotEqual(0.0),
        Bucketize(as_tensor([-1.0, 0.0, 0.5, 2.0, 2.0])),
        Bucketize(as_tensor([])),
        Lookup(as_tensor([-2.0, 0.0, 1.0, 3.0]), as_tensor([5.0, 6.0, 7.0, 8.0]), -1.0),
        Lookup(as_tensor([]), as_tensor([]), 4.0),
    ],
    ids=lambda op: type(op).__name__,
)
def test_other_functions(oracle: Oracle, op: Op) -> None:
    points = POINTS[np.isfinite(POINTS)] if isinstance(op, Lookup) else POINTS
    check_op(oracle, op, points)


@pytest.mark.parametrize("row", [[0.0, 0.0, 0.0], [0.1, -0.2, 0.1], [3.0, 4.0, 0.0]])
def test_unit_normalization_of_small_rows(oracle: Oracle, row: list[float]) -> None:
    """Below epsilon the norm counts as epsilon."""
    check_op(oracle, UnitNormalization((0,), 0.5), np.array(row, np.float32))


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
def test_encode(oracle: Oracle, mode: str) -> None:
    points = np.array([0, 3, 3, 1, 0, 3], np.float32)
    with oracle.deploy(chain((6,), Encode(4, mode))) as model:
        (expected,) = model.expected([points[None]])
        assert model.call("score", points.tolist()) == expected.ravel().tolist()
