"""The kernels over columns of tables against plain formulas."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from kernels import check_kernel

from exporter.engines.plpython.runtime import runtime

X = np.array([[1.0, -2.0, 3.0], [4.0, 0.0, -6.5], [-0.5, 5.0, 2.0]])
HOLES = np.array([[1.0, np.nan], [0.0, 3.0], [np.nan, 0.0]])


def yeo_johnson(x: float, exponent: float) -> float:
    """The transform as Yeo and Johnson, 2000, write it."""
    if x >= 0:
        return ((x + 1) ** exponent - 1) / exponent if exponent else math.log(x + 1)
    other = 2 - exponent
    return -((1 - x) ** other - 1) / other if other else -math.log(1 - x)


def box_cox(x: float, exponent: float) -> float:
    """The transform as Box and Cox, 1964, write it."""
    return (x**exponent - 1) / exponent if exponent else math.log(x)


def spline(x: float, knots: list[float], number: int, degree: int) -> float:
    """A B-spline by its definition."""
    if degree == 0:
        return float(knots[number] <= x < knots[number + 1])
    left = knots[number + degree] - knots[number]
    right = knots[number + degree + 1] - knots[number + 1]
    a = (x - knots[number]) / left * spline(x, knots, number, degree - 1)
    b = (knots[number + degree + 1] - x) / right * spline(x, knots, number + 1, degree - 1)
    return a + b


def each(function: Any, *parameters: list[float]) -> np.ndarray:
    """function of each number of X and the parameters of its column."""
    rows = [
        [function(x, *[p[n] for p in parameters]) for n, x in enumerate(row)] for row in X.tolist()
    ]
    return np.array(rows)


def coupled(r01: float, r02: float, r12: float) -> list[float]:
    """Probabilities of three classes, as multiclass_probability of libsvm finds them."""
    r = [[0.0, r01, r02], [1 - r01, 0.0, r12], [1 - r02, 1 - r12, 0.0]]
    k = range(3)
    q = [[-r[j][t] * r[t][j] if j != t else sum(r[i][t] ** 2 for i in k) for j in k] for t in k]
    p = [1 / 3] * 3
    for _ in range(100):
        qp = [sum(q[t][j] * p[j] for j in k) for t in k]
        mean = sum(p[t] * qp[t] for t in k)
        if max(abs(value - mean) for value in qp) < 0.005 / 3:
            break
        for t in k:
            change = (mean - qp[t]) / q[t][t]
            p[t] += change
            mean = (mean + change * (change * q[t][t] + 2 * qp[t])) / (1 + change) ** 2
            qp = [(qp[j] + change * q[t][j]) / (1 + change) for j in k]
            p = [value / (1 + change) for value in p]
    return p


KNOTS = [-2.0, -1.0, 0.0, 1.0, 2.5, 4.0, 5.0, 6.0]
INSIDE = np.array([[0.25], [1.0], [2.0], [3.9]])
POSITIVE = np.abs(X) + 0.5
ALONE = np.array([[0.0], [-0.0], [1e-30], [np.nan]])
SEVERAL = np.array([[1.0, 2, 2], [-0.0, 0, -1], [np.nan, 1, 2]])
CASES = (
    ("select", {"columns": [2, 0, 0]}, [X], X[:, [2, 0, 0]]),
    ("select", {"columns": [1, 2]}, [X], X[:, 1:]),
    ("decide", {}, [ALONE], np.array([[0], [0], [1], [np.nan]])),
    ("decide", {}, [SEVERAL], np.array([[1], [0], [np.nan]])),
    (
        "impute",
        {"values": np.array([7.0, 8.0])},
        [HOLES],
        np.array([[1.0, 8.0], [0.0, 3.0], [7.0, 0.0]]),
    ),
    (
        "impute",
        {"values": np.array([7.0, 8.0, 9.0]), "missing": 5.0},
        [X],
        np.where(X == 5.0, 8.0, X),
    ),
    ("is_missing", {}, [HOLES], np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])),
    ("is_missing", {"missing": 2.0}, [X], (X == 2.0) * 1.0),
    (
        "map_numbers",
        {
            "keys": np.array([-2.0, 1.0, 4.0, 5.0]),
            "values": np.array([20.0, 10.0, 40.0, 50.0]),
            "counts": [0, 4, 0],
            "defaults": np.array([1.0, -1.0, 2.0]),
            "absent": np.array([0.0, 0.0, 0.0]),
            "strict": [],
            "complete": [],
        },
        [X],
        np.array([[1.0, 20.0, 2.0], [1.0, -1.0, 2.0], [1.0, 50.0, 2.0]]),
    ),
    (
        "map_numbers",
        {
            "keys": np.array([0.0, 0.0, 3.0]),
            "values": np.array([5.0, 6.0, 7.0]),
            "counts": [1, 2],
            "defaults": np.array([-1.0, -1.0]),
            "absent": np.array([8.0, 9.0]),
            "strict": [],
            "complete": [],
        },
        [HOLES],
        np.array([[-1.0, 9.0], [5.0, 7.0], [8.0, 6.0]]),
    ),
    (
        "indicate",
        {"size": 4},
        [np.array([[0.0, 3.0], [2.0, -1.0], [-1.0, -1.0]])],
        np.array([[1.0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]]),
    ),
    (
        "discretize",
        {"edges": np.array([-0.5, 0.0, 1.0, 3.0]), "counts": [1, 0, 3], "slack": False},
        [X],
        np.array([[1.0, 0, 3], [1, 0, 0], [1, 0, 2]]),
    ),
    (
        "discretize",
        {"edges": np.array([1.0000001, 0.0, 3.0001]), "counts": [1, 1, 1], "slack": True},
        [X],
        np.array([[1.0, 0, 0], [1, 1, 0], [0, 1, 0]]),
    ),
    ("normalize_row", {"norm": "l1", "tiny": 0.0}, [X], X / np.array([[6.0], [10.5], [7.5]])),
    (
        "normalize_row",
        {"norm": "l2", "tiny": 0.0},
        [X],
        X / np.array([[math.sqrt(14)], [math.sqrt(58.25)], [math.sqrt(29.25)]]),
    ),
    ("normalize_row", {"norm": "max", "tiny": 4.0}, [X], X / np.array([[1.0], [6.5], [5.0]])),
    ("normalize_row", {"norm": "max", "tiny": 0.0}, [0 * X], 0 * X),
    (
        "power_transform",
        {"method": "yeo-johnson", "lambdas": np.array([0.5, 2.0, 0.0])},
        [X],
        each(yeo_johnson, [0.5, 2.0, 0.0]),
    ),
    (
        "power_transform",
        {"method": "box-cox", "lambdas": np.array([0.5, 0.0, -1.0])},
        [POSITIVE],
        np.array([[box_cox(x, e) for x, e in zip(r, (0.5, 0, -1), strict=True)] for r in POSITIVE]),
    ),
    (
        "quantile_transform",
        {
            "quantiles": np.array([[0.0, -2.0, 0.0], [1.0, 0.0, 2.0], [4.0, 5.0, 6.0]]),
            "references": np.array([0.0, 0.5, 1.0]),
            "is_normal": False,
        },
        [X],
        np.array([[0.5, 0.0, 0.625], [1.0, 0.5, 0.0], [0.0, 1.0, 0.5]]),
    ),
    (
        "products",
        {"places": [[-1, -1], [-1, 2], [0, 0], [0, 1]]},
        [X],
        np.stack([np.ones(3), X[:, 2], X[:, 0] ** 2, X[:, 0] * X[:, 1]], axis=1),
    ),
    ("ufunc", {"function": "cbrt"}, [X], np.sign(X) * np.abs(X) ** (1 / 3)),
    ("ufunc", {"function": "log1p"}, [POSITIVE], np.log(1 + POSITIVE)),
    (
        "splines",
        {
            "knots": np.array(KNOTS)[:, None],
            "degree": 2,
            "outside": "error",
            "has_last": True,
        },
        [INSIDE],
        np.array([[spline(x, KNOTS, n, 2) for n in range(5)] for x in INSIDE[:, 0].tolist()]),
    ),
    (
        "splines",
        {
            "knots": np.array(KNOTS)[:, None],
            "degree": 2,
            "outside": "constant",
            "has_last": False,
        },
        [np.array([[-3.0], [9.0]])],
        np.array([[spline(x, KNOTS, n, 2) for n in range(4)] for x in (0.0, 4.0)]),
    ),
)
LINES = {"points": np.array([-1.0, 0.0, 2.0, 4.0]), "values": np.array([5.0, 1.0, 3.0, 0.0])}
ON_LINES = np.array([[2.0, 5.0, 1.5], [0.0, 1.0, 5.0], [3.0, 0.0, 3.0]])
OUTSIDE = np.isin(X, [-2.0, -6.5, 5.0])
WINS = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
SURE = np.array([[2.0, -1.0, 0.5], [-1.0, -2.0, -1.0]])
# Confidences of the classes: (-2 + 1, 2 - 0.5, -1 + 0.5) and (1 + 2, -1 + 1, -2 - 1).
SUMS = np.array([[-1.0, 1.5, -0.5], [3.0, 0.0, -3.0]])
VOTES = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]])
# Pairs that agree with probabilities (1/2, 1/3, 1/6), pairs in a circle, and where all are equal.
COUPLED = np.array([[3 / 5, 3 / 4, 2 / 3], [0.9, 0.2, 0.7], [1e-7, 1e-7, 1 - 1e-7], [0.5] * 3])
QUANTILES = {
    "quantiles": np.array([[1.0, 0.0], [3.0, 0.0], [7.0, 8.0]]),
    "references": np.array([0.0, 0.5, 1.0]),
}
ESTIMATOR_CASES = (
    (
        "squared_distances",
        {"points": np.array([[1.0, -2.0, 3.0], [0.0, 0.0, 0.5]])},
        [X],
        np.array([[0.0, 11.25], [103.25, 65.0], [52.25, 27.5]]),
    ),
    ("interpolate", {**LINES, "outside": "clip"}, [X], ON_LINES),
    (
        "interpolate",
        {**LINES, "outside": "nan"},
        [X],
        np.where(OUTSIDE, np.nan, ON_LINES),
    ),
    ("interpolate", {**LINES, "outside": "error"}, [np.abs(X[:, :1])], [[2.0], [0.0], [1.5]]),
    ("pair_votes", {"classes": 3}, [WINS, SURE], VOTES + SUMS / (3 * (np.abs(SUMS) + 1))),
    ("couple_pairs", {"classes": 3}, [COUPLED], np.array([coupled(*row) for row in COUPLED])),
    (  # of weights 1, 2, 1 half is reached at the second, of 4, 1, 1 at the first
        "weighted_median",
        {"weights": np.array([1.0, 2.0, 1.0])},
        [np.array([[3.0, 1.0, 2.0], [5.0, 9.0, 7.0]])],
        np.array([[1.0], [7.0]]),
    ),
    (
        "quantile_inverse",
        {**QUANTILES, "is_normal": False},
        [np.array([[0.0, 0.25], [0.75, 1.0]])],
        np.array([[1.0, 0.0], [5.0, 8.0]]),
    ),
    (
        "quantile_inverse",
        {**QUANTILES, "is_normal": True},
        [np.array([[NormalDist().inv_cdf(0.75), 0.0], [-9.0, 9.0]])],
        np.array([[5.0, 0.0], [1.0, 8.0]]),
    ),
    (
        "power_inverse",
        {"method": "yeo-johnson", "lambdas": np.array([0.5, 2.0, 0.0])},
        [each(yeo_johnson, [0.5, 2.0, 0.0])],
        X,
    ),
    (
        "power_inverse",
        {"method": "box-cox", "lambdas": np.array([0.5, 0.0, -1.0])},
        [
            np.array(
                [[box_cox(x, e) for x, e in zip(r, (0.5, 0, -1), strict=True)] for r in POSITIVE]
            )
        ],
        POSITIVE,
    ),
)
HASHED = {
    "size": 8, "lower": True, "accents": "", "analyzer": "word", "least": 1, "most": 1,
    "stop_words": [], "is_binary": False, "is_signed": True,
}  # fmt: skip
WORDS = ["größer", "x y", "b"]
TEXTS = np.array([["größer", None], ["b", "no"], ["", "b"]], object)
# Those of texts: name, parameters, input, expected.
TEXT_CASES: tuple[Any, ...] = (
    (  # murmurhash3_32 of "hello" is 613153351, of "foo" -156908512
        "hash_tokens",
        HASHED,
        np.array([["Hello hello foo"], [""]], object),
        np.array([[-1.0, 0, 0, 0, 0, 0, 0, 2], [0] * 8]),
    ),
    (
        "impute_texts",
        {"words": ["u", "v"]},
        TEXTS,
        np.array([["größer", "v"], ["b", "no"], ["", "b"]], object),
    ),
    (
        "impute_texts",
        {"words": ["u", "v"], "missing": "b"},
        TEXTS,
        np.array([["größer", None], ["u", "no"], ["", "v"]], object),
    ),
    ("is_missing", {}, TEXTS, np.array([[0.0, 1.0], [0, 0], [0, 0]])),
    ("is_missing", {"missing": ""}, TEXTS, np.array([[0.0, 0.0], [0, 0], [1, 0]])),
    (
        "map_texts",
        {
            "words": [WORDS, ["b"]],
            "values": np.array([5.0, 6.0, 7.0, 8.0]),
            "defaults": np.array([-1.0, -2.0]),
            "absent": np.array([0.0, 9.0]),
            "strict": [],
            "complete": [],
        },
        TEXTS,
        np.array([[5.0, 9.0], [7.0, -2.0], [-1.0, 8.0]]),
    ),
    (
        "count_tokens",
        {
            "words": ["the", "größer", "the größer", "a"],
            "lower": True,
            "accents": "",
            "analyzer": "word",
            "least": 1,
            "most": 2,
            "stop_words": ["and"],
            "is_binary": False,
        },
        np.array([["The a GRÖSSER, the größer"], ["the and größer"], [""]], object),
        np.array([[2.0, 1.0, 1.0, 0.0], [1, 1, 1, 0], [0, 0, 0, 0]]),
    ),
    (
        "count_tokens",
        {
            "words": ["a", "at", " a", "t "],
            "lower": False,
            "accents": "ascii",
            "analyzer": "char_wb",
            "least": 1,
            "most": 2,
            "stop_words": [],
            "is_binary": True,
        },
        np.array([["át  at"], ["A"], [" "]], object),
        np.array([[1.0, 1.0, 1.0, 1.0], [0, 0, 0, 0], [0, 0, 0, 0]]),
    ),
)


ALL = (*CASES, *ESTIMATOR_CASES)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", ALL, ids=[f"{c[0]} {n}" for n, c in enumerate(ALL)])
def test_a_kernel_is_its_formula(case: tuple[Any, ...], dtype: str) -> None:
    name, parameters, inputs, expected = case
    with np.errstate(invalid="ignore"):
        check_kernel(name, parameters, inputs, np.asarray(expected), dtype, 1e-5)


@pytest.mark.parametrize("case", TEXT_CASES, ids=[f"{c[0]} {n}" for n, c in enumerate(TEXT_CASES)])
def test_a_kernel_of_texts_is_its_formula(case: tuple[Any, ...]) -> None:
    name, parameters, x, expected = case
    y = runtime().KERNELS[name](**parameters)(x)
    assert y.tolist() == expected.tolist()


def test_the_quantiles_of_the_normal_distribution() -> None:
    levels = [1e-300, 1e-20, 1e-7, 0.01, 0.135, 0.1354, 0.3, 0.5, 0.7, 0.9, 0.9999999]
    found = runtime().normal_quantile(np.array(levels))
    expected = [NormalDist().inv_cdf(level) for level in levels]
    np.testing.assert_allclose(found, expected, rtol=2e-9, atol=1e-12)
    ends = runtime().normal_quantile(np.array([0.0, 1.0]))
    assert ends.tolist() == [-math.inf, math.inf]


def test_what_is_no_category_is_named() -> None:
    numbers = {"keys": np.array([1.0]), "values": np.array([0.0]), "counts": [1]}
    rest = {"defaults": np.zeros(1), "absent": np.zeros(1), "strict": [0], "complete": [0]}
    with pytest.raises(ValueError, match=r"2\.0 is none of the 1 categories"):
        runtime().KERNELS["map_numbers"](**numbers, **rest)(np.array([[2.0]]))
    texts = {"words": [["a"]], "values": np.zeros(1)}
    with pytest.raises(ValueError, match="'b' is none of the 1 categories"):
        runtime().KERNELS["map_texts"](**texts, **rest)(np.array([["b"]], object))
    with pytest.raises(ValueError, match=r"9\.0 is outside of the knots"):
        runtime().KERNELS["splines"](
            knots=np.array(KNOTS)[:, None], degree=2, outside="error", has_last=True
        )(np.array([[9.0]]))
