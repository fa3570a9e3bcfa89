"""Networks of float64, whose rows need every digit."""

from __future__ import annotations

import numpy as np

from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Dense, Softmax, Standardize, Tensor, as_tensor

RNG = np.random.default_rng(64)
# Seconds since 1970, an amount, an age: float32 holds the first to 128 seconds.
ROWS = np.stack(
    [
        1.7e9 + RNG.uniform(0, 3600, 50),
        RNG.lognormal(3, 2, 50),
        RNG.integers(18, 90, 50).astype(np.float64),
    ],
    axis=1,
)
MEAN, DEVIATION = ROWS.mean(axis=0), ROWS.std(axis=0)
KERNEL = np.array([[1.3], [-0.4], [0.9]])
BIAS = np.array([-0.2])
SOURCE = Source("toy", "1", "scaled.toy", "0" * 64)


def scaled_regression() -> Graph:
    """What StandardScaler and LogisticRegression compute."""
    nodes = (
        Node(Standardize(_double(MEAN), _double(DEVIATION)), (0,), 1, (3,), "scaler"),
        Node(Dense(_double(KERNEL), _double(BIAS)), (1,), 2, (1,), "regression"),
        Node(Activation("sigmoid"), (2,), 3, (1,), "probability"),
    )
    inputs = (Port("x", 0, (3,), "float64"),)
    return Graph("m", inputs, nodes, (Port("p", 3, (1,), "float64"),), SOURCE, 10)


def expected_scores(rows: np.ndarray) -> np.ndarray:
    """The same in numpy."""
    return 1 / (1 + np.exp(-((rows - MEAN) / DEVIATION @ KERNEL + BIAS)))


def _double(array: np.ndarray) -> Tensor:
    return as_tensor(array, dtype="float64")


def classes() -> Graph:
    """Three classes of the same scaled rows."""
    kernel = KERNEL * np.array([[1.0, -0.5, 0.25]])
    nodes = (
        Node(Standardize(_double(MEAN), _double(DEVIATION)), (0,), 1, (3,), "scaler"),
        Node(Dense(_double(kernel), _double(BIAS * [1.0, -0.5, 0.25])), (1,), 2, (3,), "classes"),
        Node(Softmax(0), (2,), 3, (3,), "probabilities"),
    )
    inputs = (Port("x", 0, (3,), "float64"),)
    return Graph("m", inputs, nodes, (Port("p", 3, (3,), "float64"),), SOURCE, 18)
