"""Kernels of convolutions, pooling and what goes with them, against loops over plain numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from kernels import check_kernel
from tolerances import FLOAT64, KERNEL_FLOAT32, check_close
from window_formulas import conv, conv_transpose, locally_connected, mean, pool

from exporter.engines.plpython.runtime import part, runtime

RNG = np.random.default_rng(5)
SEQUENCE, IMAGE = RNG.normal(size=(3, 9, 4)), RNG.normal(size=(2, 6, 5, 4))
K1, K2 = RNG.normal(size=(3, 4, 6)), RNG.normal(size=(2, 3, 4, 5))
K2_GROUPS, KT, B5, B6 = (RNG.normal(size=shape) for shape in ((3, 2, 2, 6), (2, 3, 5, 4), 5, 6))
KL, BL = RNG.normal(size=(3, 2, 2, 3, 4, 5)), RNG.normal(size=(3, 2, 5))
KS, BS = RNG.normal(size=(7, 3, 4, 2)), RNG.normal(size=(7, 2))
A, B = RNG.normal(size=(5, 3, 4)), RNG.normal(size=(5, 4, 2))


# (kernel, parameters, inputs, expected)
CASES: tuple[tuple[str, dict[str, Any], tuple[np.ndarray, ...], np.ndarray], ...] = (
    *(
        ("conv", {"kernel": K1, "strides": [s], "dilation": [d], "padding": p, "bias": B6},
         (SEQUENCE,), conv(SEQUENCE, K1, B6, [s], [d], p))
        for s, d, p in [(1, 1, "valid"), (2, 1, "same"), (1, 2, "causal"), (1, 3, "same"),
                        (3, 1, "causal"), (4, 1, "valid")]
    ),
    ("conv", {"kernel": K2, "strides": [1, 2], "dilation": [1, 1], "padding": "same", "bias": B5},
     (IMAGE,), conv(IMAGE, K2, B5, [1, 2], [1, 1], "same")),
    ("conv", {"kernel": K2, "strides": [1, 1], "dilation": [3, 1], "padding": "valid"},
     (IMAGE,), conv(IMAGE, K2, 0.0, [1, 1], [3, 1], "valid")),
    ("conv", {"kernel": K2_GROUPS, "strides": [2, 2], "dilation": [1, 1], "padding": "same",
              "groups": 2, "bias": B6},
     (IMAGE,), conv(IMAGE, K2_GROUPS, B6, [2, 2], [1, 1], "same", 2)),
    ("conv_transpose", {"kernel": KT, "strides": [2, 1], "dilation": [1, 2], "before": [0, 1],
                        "after": [0, 1], "bias": B5},
     (IMAGE,), conv_transpose(IMAGE, KT, B5, [2, 1], [1, 2], [0, 1], [0, 1])),
    ("conv_transpose", {"kernel": KT, "strides": [3, 4], "dilation": [1, 1], "before": [0, 0],
                        "after": [-1, -2]},
     (IMAGE,), conv_transpose(IMAGE, KT, 0.0, [3, 4], [1, 1], [0, 0], [-1, -2])),
    ("locally_connected", {"kernel": KL, "strides": [2, 2], "bias": BL},
     (IMAGE,), locally_connected(IMAGE, KL, BL, [2, 2])),
    ("locally_connected", {"kernel": KS, "strides": [1], "bias": BS},
     (SEQUENCE,), locally_connected(SEQUENCE, KS, BS, [1])),
    ("pool", {"mode": "max", "size": [2, 2], "strides": [2, 2], "padding": "valid"},
     (IMAGE,), pool(IMAGE, max, [2, 2], [2, 2], "valid")),
    ("pool", {"mode": "max", "size": [3, 2], "strides": [2, 1], "padding": "same"},
     (IMAGE,), pool(IMAGE, max, [3, 2], [2, 1], "same")),
    ("pool", {"mode": "average", "size": [3, 2], "strides": [2, 1], "padding": "same"},
     (IMAGE,), pool(IMAGE, mean, [3, 2], [2, 1], "same")),
    ("pool", {"mode": "average", "size": [3], "strides": [2], "padding": "valid"},
     (SEQUENCE,), pool(SEQUENCE, mean, [3], [2], "valid")),
    ("modulo", {}, (A, A[:, :, ::-1]), A - np.floor(A / A[:, :, ::-1]) * A[:, :, ::-1]),
    *(("compare", {"function": name}, (np.round(A), np.round(A[:, ::-1])),
       np.vectorize(lambda a, b, relation=relation: float(relation(a, b)))(
           np.round(A), np.round(A[:, ::-1])))
      for name, relation in (("equal", operator.eq), ("not_equal", operator.ne),
                             ("less", operator.lt), ("less_equal", operator.le),
                             ("greater", operator.gt), ("greater_equal", operator.ge))),
    ("compare", {"function": "equal"}, (A, A), np.ones_like(A)),
    ("find_extreme", {"function": "max", "axis": 2}, (A,),
     np.array([[list(c).index(max(c)) for c in r] for r in A])),
    ("find_extreme", {"function": "min", "axis": 1}, (A,),
     np.array([[list(c).index(min(c)) for c in r.T] for r in A])),
    ("cumulate", {"function": "sum", "axis": 1}, (A,),
     np.array([[r[: n + 1].sum(axis=0) for n in range(len(r))] for r in A])),
    ("cumulate", {"function": "prod", "axis": 2}, (A,),
     np.array([[[math.prod(c[: n + 1]) for n in range(len(c))] for c in r] for r in A])),
    ("reduce", {"function": "mean", "axes": [1, 2], "keepdims": False}, (IMAGE,),
     np.array([[mean(list(c)) for c in r.reshape(-1, 4).T] for r in IMAGE])),
    ("reduce", {"function": "max", "axes": [1], "keepdims": True}, (A,),
     np.array([[[max(c) for c in r.T]] for r in A])),
    ("reduce", {"function": "prod", "axes": [2], "keepdims": False}, (A,),
     np.array([[math.prod(c) for c in r] for r in A])),
    ("pad", {"widths": [[1, 2], [0, 1]], "value": 7.0}, (A,),
     np.array([[[A[r, i - 1, j] if 1 <= i <= 3 and j < 4 else 7.0 for j in range(5)]
                for i in range(6)] for r in range(5)])),
    ("cut", {"slices": [[1, None, None], [None, -1, 2]]}, (A,),
     np.array([[[row[0], row[2]] for row in matrix[1:]] for matrix in A])),
    ("repeat", {"times": 3, "axis": 1}, (A,),
     np.array([[row for row in matrix for _ in range(3)] for matrix in A])),
    ("matmul", {}, (A, B), np.einsum("rij,rjk->rik", A, B)),
    ("divide", {}, (A, A[::-1]), np.array([p / q for p, q in zip(A, A[::-1], strict=True)])),
    ("power", {}, (abs(A), A[::-1]),
     np.array([math.pow(p, q) for p, q in zip(abs(A).flat, A[::-1].flat, strict=True)])
     .reshape(A.shape)),
    ("clip", {"low": -0.5, "high": 0.25}, (A,),
     np.array([min(max(v, -0.5), 0.25) for v in A.flat]).reshape(A.shape)),
    ("constant", {"value": A[0]}, (), A[:1]),
    ("bucketize", {"boundaries": np.array([-1.0, 0.0, 0.5])}, (np.array([[-2.0, -1, 0.2, 0.5]]),),
     np.array([[0.0, 1, 2, 3]])),
    ("lookup", {"keys": np.array([-5.0, 2, 7]), "values": np.array([3.0, 1, 2]), "default": 0.0},
     (np.array([[7.0, 2, 3, -5, 9, -6, 2.5]]),), np.array([[2.0, 1, 0, 3, 0, 0, 1]])),
    ("encode", {"depth": 4, "mode": "one_hot"}, (np.array([[3.0], [0]]),),
     np.array([[[0.0, 0, 0, 1]], [[1, 0, 0, 0]]])),
    ("encode", {"depth": 4, "mode": "multi_hot"}, (np.array([[3.0, 1, 3]]),),
     np.array([[0.0, 1, 0, 1]])),
    ("encode", {"depth": 4, "mode": "count"}, (np.array([[3.0, 1, 3]]),),
     np.array([[0.0, 1, 0, 2]])),
    ("unary", {"function": "square"}, (A,), A * A),
)  # fmt: skip

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "abs": abs, "negative": lambda v: -v, "log": math.log, "exp": math.exp, "expm1": math.expm1,
    "log1p": math.log1p, "sqrt": math.sqrt, "rsqrt": lambda v: v**-0.5, "square": lambda v: v * v,
    "reciprocal": lambda v: 1 / v, "sign": lambda v: math.copysign(1, v), "floor": math.floor,
    "ceil": math.ceil, "round": round, "trunc": math.trunc, "sin": math.sin, "cos": math.cos,
    "tan": math.tan, "arctan": math.atan, "sinh": math.sinh, "cosh": math.cosh,
    "erf": math.erf, "isnan": math.isnan, "isinf": math.isinf, "isfinite": math.isfinite,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str, parameters: dict[str, Any], inputs: tuple[np.ndarray, ...], expected: np.ndarray,
    dtype: str,
) -> None:  # fmt: skip
    check_kernel(name, parameters, inputs, expected, dtype, KERNEL_FLOAT32 * 8)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_equals_pythons(name: str) -> None:
    values = [0.125, 0.75, 1.5, 2.5, 20.0]
    if name not in ("log", "log1p", "sqrt", "rsqrt"):
        values += [-v for v in values]
    y = runtime().KERNELS["unary"](name)(np.array(values))
    for actual, value in zip(y, values, strict=True):
        check_close(actual, np.float64(FUNCTIONS[name](value)), FLOAT64, f"{name}({value})")


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite"])
def test_what_is_no_number_is_told(name: str) -> None:
    values = [math.nan, math.inf, -math.inf, 0.0]
    y = runtime().KERNELS["unary"](name)(np.array(values))
    assert y.tolist() == [float(FUNCTIONS[name](value)) for value in values]


def test_every_function_is_tested() -> None:
    assert set(FUNCTIONS) == set(runtime().FUNCTIONS)


@pytest.mark.parametrize("name", ["conv", "conv_transpose", "locally_connected"])
def test_rows_in_slices_give_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters, inputs, expected = next(case[1:] for case in CASES if case[0] == name)
    monkeypatch.setattr(part("convolution"), "WINDOW_NUMBERS", 1)
    y = runtime().KERNELS[name](**parameters)(*inputs)
    check_close(y, expected, FLOAT64, name)


def test_nan_stays_in_its_row_and_window() -> None:
    x = IMAGE.copy()
    x[0, 0, 0, 0] = math.nan
    y = runtime().KERNELS["conv"](K2, [1, 1], [1, 1], "valid")(x)
    assert np.isnan(y[0, 0, 0]).all()
    assert not np.isnan(y[1]).any()
    assert not np.isnan(y[0, 1:]).any()


def test_a_sequence_that_is_too_short_is_refused() -> None:
    call = runtime().KERNELS["conv"](K1, [1], [1], "valid")
    with pytest.raises(ValueError, match="a sequence of 2 is too short, the model needs 3"):
        call(SEQUENCE[:, :2])


@pytest.mark.parametrize("value", [-1.0, 4.0, 1.5, math.nan, math.inf])
def test_a_number_that_is_no_category_is_named(value: float) -> None:
    call = runtime().KERNELS["encode"](4, "one_hot")
    with pytest.raises(ValueError, match=rf"{value} is not a category: give .* 0 to 3"):
        call(np.array([[0.0], [value]]))


def test_comparisons_with_nan_do_not_hold() -> None:
    x = np.array([[math.nan, math.nan, 1.0]])
    for name, expected in (("equal", [0, 0, 1]), ("not_equal", [1, 1, 0]), ("less", [0, 0, 0])):
        y = runtime().KERNELS["compare"](name)(x, np.array([[math.nan, 1.0, 1.0]]))
        assert y.tolist() == [expected]


@pytest.mark.parametrize(
    ("function", "row", "place"),
    [
        ("max", [math.nan, 1.0, -1.0], 1), ("min", [math.nan, 1.0, -1.0], 2),
        ("max", [-0.0, 0.0], 1), ("min", [0.0, -0.0], 1), ("max", [math.nan, math.nan], 0),
        ("max", [2.0, 2.0], 0), ("min", [-math.inf, -math.inf], 0),
    ],
)  # fmt: skip
def test_extremes_pass_over_nan_and_order_zeros(
    function: str, row: list[float], place: int
) -> None:
    """As keras.ops.argmax does on TensorFlow."""
    assert runtime().KERNELS["find_extreme"](function, 1)(np.array([row])) == [place]
