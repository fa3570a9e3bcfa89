"""What NaN and infinities become in PL/SQL: the same as in the kernels, and so as in Keras."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scoring import score_graph

from exporter.ir.ops import Activation, Pool, Reshape
from oracle.networks import chain
from oracle.server import Oracle

ROWS = np.array(
    [[math.nan, 1, -1, 2], [math.inf, 0.25, -0.25, 0], [-math.inf, 3, -0.5, 0.5],
     [-0.0, math.nan, math.nan, math.nan], [-math.inf, -math.inf, 1, math.nan]], np.float32,
)  # fmt: skip


FUNCTIONS = [
    ("hard_shrink", ()), ("soft_shrink", ()), ("relu", (("threshold", 0.5),)),
    ("relu", (("threshold", 0.5), ("negative_slope", 0.25))), ("relu", (("max_value", 1.0),)),
    ("threshold_relu", (("theta", 0.5),)), None,
]  # fmt: skip
"""Activations with options; None for a pool."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hard_values_are_those_of_the_kernels(oracle: Oracle, function: Any) -> None:
    check_hard_values(oracle, function)


def check_hard_values(oracle: Oracle, function: Any) -> None:
    """Fail unless the database gives what the kernels give."""
    ops = [Activation(*function)] if function else [
        Reshape((4, 1)), Pool("max", (2,), (2,), "valid"), Reshape((2,))]  # fmt: skip
    with oracle.deploy(chain((4,), *ops)) as model:
        (expected,) = score_graph(model.graph, [ROWS])
        scores = np.array([score for _, score in model.score_table([[row] for row in ROWS])])
    np.testing.assert_array_equal(scores.reshape(expected.shape), expected)
