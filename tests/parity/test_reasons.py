"""What types, infinities and nested cells lead to: a score as in Keras, or the true reason."""

from __future__ import annotations

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
from exporter.formats import read

SUFFIXES = ("keras", "h5")


def stacked_both_ways(keras: Any) -> Any:
    """Two directions of two cells, whose groups come in the order of their names in a .keras."""
    layers = keras.layers
    cells = [layers.LSTMCell(3), layers.GRUCell(4, use_bias=False)]
    x = keras.Input((5, 3))
    y = layers.Bidirectional(layers.RNN(cells, return_sequences=True), merge_mode="mul")(x)
    model = keras.Model(x, y)
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_stacked_cells_run_both_ways(suffix: str, keras: ModuleType, tmp_path: Path) -> None:
    model = stacked_both_ways(keras)
    rows = [np.random.default_rng(4).normal(0, 1, (8, 5, 3)).astype("float32")]
    (actual,) = score_file(save(model, tmp_path / f"m.{suffix}"), rows)
    check_close(actual, framework_scores(model, rows)[0].astype(np.float64), PARITY, suffix)


def as_bytes(ops: Any, x: Any) -> Any:
    """A cast that is refused."""
    return ops.cast(ops.cast(x, "int8"), "float32")


def added_truths(ops: Any, x: Any) -> Any:
    """True and true stay true."""
    return ops.cast(ops.add(x > 0, x < 1), "float32")


def clipped_wholes(ops: Any, x: Any) -> Any:
    """Keras makes whole numbers of the limits."""
    return ops.cast(ops.clip(ops.cast(x, "int32"), -1.5, 1.5), "float32")


def hashed(ops: Any, x: Any) -> Any:
    """A product that float32 rounds before its last digits decide."""
    return ops.cast(ops.mod(ops.cast(x, "int32") * 10007, 97), "float32")


def divided(ops: Any, x: Any) -> Any:
    """The same of a quotient."""
    whole = ops.cast(x, "int32")
    return ops.cast(ops.floor_divide(whole * whole, 7), "float32")


def compared(ops: Any, x: Any) -> Any:
    """The same of a comparison, one step further on."""
    whole = ops.cast(x, "int32")
    return ops.cast(ops.equal(ops.square(whole) + 1, whole), "float32")


REASONS: list[tuple[Callable[[Any, Any], Any], str]] = [
    (as_bytes, "it casts to int8.*\\s+Cast to int32"),
    (added_truths, "it adds truth values.*\\s+Cast its input to float32"),
    (clipped_wholes, "it clips whole numbers.*\\s+Cast its input to float32"),
    (lambda ops, x: ops.squareplus(x, b=float("inf")), "an argument of it is inf"),
    *((function, "every digit of a product") for function in (hashed, divided, compared)),
]


@pytest.mark.parametrize(("function", "reason"), REASONS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_refusal_names_its_true_reason(
    suffix: str, function: Any, reason: str, keras: ModuleType, tmp_path: Path
) -> None:
    x = keras.Input((4,))
    path = save(keras.Model(x, function(keras.ops, x)), tmp_path / f"m.{suffix}")
    with pytest.raises(UnsupportedError, match=reason) as caught:
        read(path)
    assert "contradicts itself" not in str(caught.value)
