"""Every kernel against a plain formula in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from kernels import check_kernel
from tolerances import KERNEL_FLOAT32

from exporter.engines.plpython.runtime import runtime

RNG = np.random.default_rng(3)
DEVIATION = RNG.uniform(0.5, 2.0, (3, 1))
A, B, C = (RNG.normal(size=(5, 3, 4)) for _ in range(3))
KERNEL, BIAS, ALPHA = RNG.normal(size=(4, 6)), RNG.normal(size=6), RNG.uniform(size=(3, 1))
SCALE, OFFSET = RNG.normal(size=(1, 4)), RNG.normal(size=(3, 1))


def along_last(function: Any, x: np.ndarray) -> np.ndarray:
    """function of each row of the last axis, as lists."""
    return np.array([[function(row) for row in matrix] for matrix in x.tolist()])


def softmax(row: list[float]) -> list[float]:
    """exp(x) / sum(exp(x))."""
    total = sum(math.exp(v) for v in row)
    return [math.exp(v) / total for v in row]


def log_softmax(row: list[float]) -> list[float]:
    """x - log(sum(exp(x)))."""
    total = math.log(sum(math.exp(v) for v in row))
    return [v - total for v in row]


def sparsemax(row: list[float]) -> list[float]:
    """Keras's: t from the sum of the running sums that are supported."""
    z = sorted(row, reverse=True)
    sums = [sum(z[: i + 1]) for i in range(len(z))]
    supported = [s for i, s in enumerate(sums) if z[i] - (s - 1) / (i + 1) > 0]
    t = (sum(supported) - 1) / len(supported)
    return [max(v - t, 0.0) for v in row]


def glu(row: list[float]) -> list[float]:
    """a * sigmoid(b)."""
    half = len(row) // 2
    return [a / (1 + math.exp(-b)) for a, b in zip(row[:half], row[half:], strict=True)]


# (kernel, parameters, inputs, expected)
CASES: tuple[tuple[str, dict[str, Any], tuple[np.ndarray, ...], np.ndarray], ...] = (
    ("activation", {"function": "tanh", "parameters": {}}, (A,), np.tanh(A)),
    ("softmax", {"axis": 2}, (A,), along_last(softmax, A)),
    ("softmax", {"axis": 1}, (A,), along_last(softmax, A.swapaxes(1, 2)).swapaxes(1, 2)),
    ("log_softmax", {"axis": 2}, (A,), along_last(log_softmax, A)),
    ("sparsemax", {"axis": 2}, (A,), along_last(sparsemax, A)),
    ("sparsemax", {"axis": 1}, (A,), along_last(sparsemax, A.swapaxes(1, 2)).swapaxes(1, 2)),
    ("glu", {"axis": 2}, (A,), along_last(glu, A)),
    ("dense", {"kernel": KERNEL}, (A,), np.einsum("rij,jk->rik", A, KERNEL)),
    (
        "dense",
        {"kernel": KERNEL, "bias": BIAS},
        (A[:, 0],),
        np.einsum("rj,jk->rk", A[:, 0], KERNEL) + BIAS,
    ),
    ("affine", {"scale": SCALE, "offset": OFFSET}, (A,), A * SCALE + OFFSET),
    ("standardize", {"mean": SCALE, "deviation": DEVIATION}, (A,), (A - SCALE) / DEVIATION),
    ("prelu", {"alpha": ALPHA}, (A,), np.maximum(A, 0) + ALPHA * np.minimum(A, 0)),
    ("concatenate", {"axis": 1}, (A, B), np.array([[*a, *b] for a, b in zip(A, B, strict=True)])),
    ("concatenate", {"axis": 2}, (A, B, C), np.dstack([A, B, C])),
    ("add", {}, (A, B, C), A + B + C),
    ("multiply", {}, (A, B, C), A * B * C),
    ("subtract", {}, (A, B), A - B),
    ("average", {}, (A, B, C), (A + B + C) / 3),
    ("maximum", {}, (A, B, C), np.where(A > B, np.where(A > C, A, C), np.where(B > C, B, C))),
    ("minimum", {}, (A, B, C), np.where(A < B, np.where(A < C, A, C), np.where(B < C, B, C))),
    ("reshape", {"shape": [2, -1]}, (A,), np.array([row.ravel().reshape(2, 6) for row in A])),
    ("transpose", {"axes": [2, 1]}, (A,), np.array([row.T for row in A])),
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str,
    parameters: dict[str, Any],
    inputs: tuple[np.ndarray, ...],
    expected: np.ndarray,
    dtype: str,
) -> None:
    check_kernel(name, parameters, inputs, expected, dtype, KERNEL_FLOAT32 * 4)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_large_numbers_does_not_overflow(name: str) -> None:
    x = np.array([[1e30, 1e30, -1e30]], np.float32)
    y = runtime().KERNELS[name](1)(x)
    expected = np.array([[0.5, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        wanted = expected if name == "softmax" else np.log(expected)
    assert np.allclose(y[:, :2], wanted[:, :2])


@pytest.mark.parametrize("name", sorted({name for name, *_ in CASES} - {"maximum", "minimum"}))
def test_nan_reaches_the_result(name: str) -> None:
    parameters, inputs = next((case[1], case[2]) for case in CASES if case[0] == name)
    poisoned = inputs[0].copy()
    poisoned[0] = math.nan
    with np.errstate(all="ignore"):
        y = runtime().KERNELS[name](**parameters)(poisoned, *inputs[1:])
    assert np.isnan(y[0]).any()
    assert not np.isnan(y[1:]).any(), "one row's NaN reached another row"


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_nan_wins_over_numbers_as_in_keras(name: str) -> None:
    y = runtime().KERNELS[name]()(np.array([[math.nan, 1.0]]), np.array([[1.0, math.nan]]))
    assert np.isnan(y).all()
