"""Every activation function against a plain formula, at ordinary and odd values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from formulas import ACTIVATIONS
from tolerances import FLOAT64, KERNEL_FLOAT32, check_close

from exporter.engines.plpython.runtime import runtime

# Powers of two, so that float32 holds them and the formula sees the very same number.
VALUES = [sign * value for value in (0.0, 2**-20, 0.125, 0.5, 0.75, 1.0, 1.5, 3.0, 6.0, 20.0, 80.0)
          for sign in (1, -1)]  # fmt: skip
IDS = [f"{name}-{parameters}" for name, parameters, _ in ACTIVATIONS]


def apply(name: str, parameters: dict[str, float | bool], x: np.ndarray) -> np.ndarray:
    """The activation kernel on an array."""
    return runtime().KERNELS["activation"](name, parameters)(x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "formula"), ACTIVATIONS, ids=IDS)
def test_activation_equals_its_formula(
    name: str, parameters: dict[str, float | bool], formula: Callable[[float], float], dtype: str
) -> None:
    x = np.array(VALUES, dtype).reshape(2, -1)
    with np.errstate(all="ignore"):
        y = apply(name, parameters, x)
    assert y.dtype == x.dtype
    # exp(80) as the scale would hide all else: compare value by value.
    for actual, value in zip(y.ravel(), VALUES, strict=True):
        tolerance = FLOAT64 if dtype == "float64" else KERNEL_FLOAT32
        check_close(actual, np.float64(formula(value)), tolerance, f"{name}({value})")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "formula"), ACTIVATIONS, ids=IDS)
def test_nan_stays_nan_but_below_thresholds_and_infinity_has_a_limit(
    name: str, parameters: dict[str, float | bool], formula: Callable[[float], float], dtype: str
) -> None:
    with np.errstate(all="ignore"):
        y = apply(name, parameters, np.array([[math.nan, math.inf, 0.0]], dtype))[0]
    is_dropped = name in ("hard_shrink", "soft_shrink") or (
        "threshold" in parameters and "negative_slope" not in parameters
    )
    assert y[0] == 0 if is_dropped else math.isnan(y[0])
    assert not math.isnan(y[1]) or name in ("softsign", "tanh_shrink", "gelu", "silu", "mish")
    assert y[2] == pytest.approx(formula(0.0), abs=1e-7)


def test_every_activation_has_a_formula() -> None:
    assert {name for name, _, _ in ACTIVATIONS} == set(runtime().ACTIVATIONS)


def test_erf_within_six_units_in_the_last_place() -> None:
    x = np.linspace(-5, 5, 200_001, dtype=np.float32)
    y = runtime().erf(x)
    exact = np.array([math.erf(float(v)) for v in x])
    unit = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    assert (np.abs(y - exact) / unit).max() <= 6
    assert np.abs(y - exact).max() < 3.5e-7
    assert np.isnan(runtime().erf(np.float32([math.nan]))).all()


def test_erf_in_float64_is_the_library_function() -> None:
    x = np.array([[-3.0, 0.1], [math.inf, -math.inf]])
    assert runtime().erf(x).tolist() == [[math.erf(v) for v in row] for row in x.tolist()]
