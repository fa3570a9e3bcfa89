"""Every model of the zoo scores rows of NaN, infinities, -0.0 and thresholds as Keras does.

Not held: numbers below 1.2e-38, which TensorFlow takes for 0, and sums beyond the largest float32,
which overflow or not by the order in which they are added.
"""

from __future__ import annotations

import numpy as np
import pytest
from scoring import score_graph
from tolerances import PARITY
from zoo import TRIED
from zoo_models import StoredModel, Zoo

# Where Keras's own numbers beside a NaN depend on the processor and on who compiles the network: in
# a softmax TensorFlow gives 0 beside NaN, XLA NaN, and attention is by softmax. Resizing is by
# matrices here, in which NaN times 0 is NaN. What a NaN is as a whole number differs between
# processors.
BY_SOFTMAX = ("softmax", "attention", "additive_attention")
BY_MATRIX = ("Resizing", "UpSampling2D")


def only_finite(model: StoredModel) -> bool:
    """Whether NaN and infinities are said to differ (docs/layers.md)."""
    steps = [(node.op.kernel_name, node.op.parameters()) for node in model.graph.nodes]
    soft = any(name in BY_SOFTMAX or "softmax" in str(parameters) for name, parameters in steps)
    resized = not model.classes.isdisjoint(BY_MATRIX) and any(n == "dense" for n, _ in steps)
    return soft or resized or any(parameters.get("function") == "trunc" for _, parameters in steps)


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
