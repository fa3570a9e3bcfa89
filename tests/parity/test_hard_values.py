"""Every model of the zoo scores rows of NaN, infinities, -0.0 and thresholds as Keras does.

Not held: numbers below 1.2e-38, which TensorFlow takes for 0, and sums beyond the largest float32,
which overflow or not by the order in which they are added.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scoring import score_file, score_graph
from tolerances import PARITY
from zoo import TRIED
from zoo_models import StoredModel, Zoo, framework_scores, save

# Where Keras's own numbers beside a NaN depend on the processor and on who compiles the network: in
# a softmax TensorFlow gives 0 beside NaN, XLA NaN, and attention is by softmax. What a NaN is as a
# whole number differs between processors.
BY_SOFTMAX = ("softmax", "attention", "additive_attention")


def only_finite(model: StoredModel) -> bool:
    """Whether NaN and infinities are said to differ (docs/layers.md)."""
    steps = [(node.op.kernel_name, node.op.parameters()) for node in model.graph.nodes]
    soft = any(name in BY_SOFTMAX or "softmax" in str(parameters) for name, parameters in steps)
    return soft or any(parameters.get("function") == "trunc" for _, parameters in steps)


@pytest.mark.parametrize("name", TRIED)
def test_hard_rows_score_as_in_keras(name: str, zoo: Zoo) -> None:
    model = zoo[name]
    rows = model.hard_inputs
    if not rows:
        assert any(port.is_text for port in model.graph.inputs)
        return
    kept = np.ones(len(rows[0]), bool)
    if only_finite(model):
        kept = np.all([np.isfinite(x.reshape(len(x), -1)).all(axis=1) for x in rows], axis=0)
    actual = score_graph(model.graph, [x[kept] for x in rows])
    for number, (scores, all_expected) in enumerate(zip(actual, model.hard_outputs, strict=True)):
        expected = all_expected[kept].astype(np.float64).reshape(kept.sum(), -1)
        own = np.broadcast_to(scores.astype(np.float64).reshape(len(scores), -1), expected.shape)
        # Row by row: what is large in one says nothing of another's digits.
        scale = np.abs(np.where(np.isfinite(expected), expected, 0)).max(axis=1, initial=1.0)
        with np.errstate(invalid="ignore"):
            is_close = np.abs(own - expected) <= PARITY * scale[:, None]
        is_same = is_close | (own == expected) | (np.isnan(own) & np.isnan(expected))
        wrong = np.argwhere(~is_same)
        assert not len(wrong), (
            f"output {number} of row {rows[0][kept][wrong[0][0]].ravel()[:8]} is"
            f" {own[tuple(wrong[0])]}, in Keras {expected[tuple(wrong[0])]}"
        )


RESIZED: dict[str, tuple[str, dict[str, Any]]] = {
    "doubled": ("UpSampling2D", {"size": 2, "interpolation": "bilinear"}),
    "one axis": ("UpSampling2D", {"size": (3, 1), "interpolation": "bilinear"}),
    "channels first": ("UpSampling2D", {
        "size": 2, "interpolation": "bilinear", "data_format": "channels_first"}),
    "larger": ("Resizing", {"height": 7, "width": 9}),
    "smaller": ("Resizing", {"height": 2, "width": 3}),
    "as it was": ("Resizing", {"height": 4, "width": 5}),
    "nearest": ("Resizing", {"height": 7, "width": 3, "interpolation": "nearest"}),
    "resized, channels first": ("Resizing", {
        "height": 7, "width": 3, "data_format": "channels_first"}),
}  # fmt: skip


@pytest.mark.parametrize("name", RESIZED)
def test_a_pixel_that_is_no_number_spreads_as_in_keras(
    name: str, keras: ModuleType, tmp_path: Path
) -> None:
    """NaN and the infinities, each alone in each of the pixels."""
    class_name, arguments = RESIZED[name]
    shape = (1, 4, 5) if arguments.get("data_format") == "channels_first" else (4, 5, 1)
    model = keras.Sequential([keras.Input(shape), getattr(keras.layers, class_name)(**arguments)])
    images = np.random.default_rng(0).normal(size=(60, 20)).astype("float32")
    for row, bad in enumerate((np.nan, np.inf, -np.inf)):
        np.fill_diagonal(images[20 * row :][:20], bad)
    (expected,) = framework_scores(model, [images.reshape(-1, *shape)])
    (actual,) = score_file(save(model, tmp_path / "m.keras"), [images.reshape(-1, *shape)])
    assert np.array_equal(actual, expected, equal_nan=True)


@pytest.mark.parametrize(("length", "wanted"), [(4, 41), (26, 11), (28, 46), (30, 29), (16, 47)])
def test_the_nearest_pixel_is_that_of_float32(
    length: int, wanted: int, keras: ModuleType, tmp_path: Path
) -> None:
    """Sizes with which exact fractions pick another pixel somewhere."""
    layer = keras.layers.Resizing(wanted, 1, interpolation="nearest")
    model = keras.Sequential([keras.Input((length, 1, 1)), layer])
    rows = [np.arange(length, dtype="float32").reshape(1, length, 1, 1)]
    (actual,) = score_file(save(model, tmp_path / "m.keras"), rows)
    assert np.array_equal(actual, framework_scores(model, rows)[0])
