"""Random chains of keras.ops with random arguments, on inputs of every type, score as in Keras."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scoring import score_file
from tolerances import PARITY, check_close
from zoo_models import framework_scores, save

from exporter.errors import UnsupportedError

CHAINS = 40
SHAPE = (4, 6)
TYPES = ("float32", "float32", "float32", "int32", "bool", "int8", "uint8", "float64")
UNARY = (
    "abs", "negative", "exp", "square", "sign", "floor", "ceil", "sin", "cos", "arctan", "trunc",
    "relu", "relu6", "sigmoid", "tanh", "softplus", "silu", "hard_sigmoid", "tanh_shrink",
    "logical_not", "zeros_like", "isnan", "copy",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "maximum", "minimum", "equal", "not_equal", "greater", "less",
    "logical_and", "logical_or",
)  # fmt: skip
# Each draws its arguments by pick and takes keras.ops and a tensor.
STEPS: tuple[Callable[[Callable[[Any], Any], Any, Any], Any], ...] = (
    lambda pick, ops, x: getattr(ops, pick(UNARY))(x),
    lambda pick, ops, x: getattr(ops, pick(UNARY))(x),
    lambda pick, ops, x: getattr(ops, pick(BINARY))(x, pick((0.0, 0.5, 2, -1))),
    lambda pick, ops, x: getattr(ops, pick(BINARY))(x, ops.cast(x[:, ::-1], pick(TYPES[:5]))),
    lambda pick, ops, x: ops.round(x, decimals=pick((-1, 1, 2, 3))),
    lambda pick, ops, x: ops.squareplus(x, b=pick((0, 1, 4.0, 9))),
    lambda pick, ops, x: getattr(ops, pick(("max", "min")))(
        x, axis=pick((1, -1, (1, 2))), keepdims=pick((True, False)), initial=pick((None, 0.5, -2))
    ),
    lambda pick, ops, x: getattr(ops, pick(("sum", "mean", "prod", "any", "all")))(
        x, axis=pick((1, -1, (1, 2))), keepdims=pick((True, False))
    ),
    lambda pick, ops, x: getattr(ops, pick(("argmax", "argmin")))(x, axis=pick((1, -1))),
    lambda pick, ops, x: ops.clip(x, pick((-1, -0.5)), pick((0.5, 2))),
    lambda pick, ops, x: ops.cast(x, pick(("int32", "bool", "float32", "uint8"))),
    lambda pick, ops, x: ops.leaky_relu(x, negative_slope=pick((0.0, 0.3))),
    lambda pick, ops, x: ops.softmax(x, axis=pick((1, -1))),
    lambda pick, ops, x: ops.where(x, pick((x, 1.0, 2)), pick((x, -3.0))),
    lambda pick, ops, x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=pick((0, 1.5))),
    lambda pick, ops, x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
)


@pytest.mark.parametrize("seed", range(CHAINS))
def test_a_random_chain_scores_as_in_keras_or_is_refused(
    seed: int, keras: ModuleType, tmp_path: Path
) -> None:
    drawn = random.Random(seed)
    x = keras.Input(SHAPE, dtype=drawn.choice(TYPES))
    y = x
    for _ in range(drawn.choice((1, 2, 2, 3))):
        try:
            y = drawn.choice(STEPS)(drawn.choice, keras.ops, y)
        except (ValueError, TypeError, IndexError):  # Keras does not take this type or rank
            continue
    model = keras.Model(x, keras.layers.Activation("linear")(keras.ops.cast(y, "float32")))
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 2, (12, *SHAPE)).astype("float32")
    rows[0] = 0
    rows[1] = rng.choice([-3, -2.5, -0.5, 0, 0.5, 1.5, 2.5, 6], SHAPE)
    rows = np.abs(rows) if str(x.dtype) == "uint8" else rows
    try:
        (expected,) = framework_scores(model, [rows])
    except Exception as error:  # the framework's own, of many kinds
        pytest.skip(f"Keras cannot compute it: {type(error).__name__}")
    path = save(model, tmp_path / "m.keras")
    try:
        (actual,) = score_file(path, [rows])
    except UnsupportedError as error:
        assert len(error.problems) == 1
        return
    check_close(actual, expected, PARITY, f"chain {seed}")
