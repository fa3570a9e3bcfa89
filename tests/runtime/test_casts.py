"""Casts, and what a model computes in: each value in its own type."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.engines.plpython.runtime import runtime

TENTH = np.array([[0.1, 1e-50, 1e300, np.nan]])

# (kernel, to, what float32 is computed in, expected, its type)
CASES: tuple[tuple[str, str, str, np.ndarray, str], ...] = (
    ("cast", "float32", "float32", np.float32([[0.1, 0, np.inf, np.nan]]), "float32"),
    ("cast", "float32", "float64", np.float32([[0.1, 0, np.inf, np.nan]]), "float64"),
    ("cast", "float64", "float32", TENTH, "float64"),
    ("cast", "float64", "float64", TENTH, "float64"),
)


@pytest.mark.parametrize(("name", "dtype", "single", "expected", "result"), CASES)
def test_a_cast_rounds_in_reference_too(
    name: str, dtype: str, single: str, expected: np.ndarray, result: str
) -> None:
    with np.errstate(over="ignore"):
        y = runtime().KERNELS[name](dtype, single)(TENTH)
    assert y.dtype == result
    np.testing.assert_array_equal(y, expected)


def test_tensors_are_read_in_their_types() -> None:
    numbers = np.arange(3, dtype="<f4"), np.float64([0.1, 0.2]), np.int32([7, -8, 9])
    block = b"".join((numbers[0].tobytes(), bytes(4), numbers[1].tobytes(), numbers[2].tobytes()))
    entries = [["a", 0, [3]], ["b", 4, [1, 2], "f8"], ["c", 8, [3], "i4"], ["d", 11, [0]]]
    for dtype in ("float32", "float64"):
        a, b, c, d = runtime().read_tensors(entries, block, dtype)
        assert (a.dtype, b.dtype, c.dtype) == (dtype, "float64", "int32")
        assert (a.tolist(), b.tolist(), c.tolist()) == ([0, 1, 2], [[0.1, 0.2]], [7, -8, 9])
        assert d.shape == (0,)


def test_what_lies_beyond_the_block_is_refused() -> None:
    with pytest.raises(TypeError, match="too small"):
        runtime().read_tensors([["a", 2, [2]]], bytes(12), "float32")
