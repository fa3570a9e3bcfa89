"""The kernels over columns of tables against plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from kernels import check_kernel

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
ALONE = np.array([[0.0], [-0.0], [1e-30], [np.nan]])
SEVERAL = np.array([[1.0, 2, 2], [-0.0, 0, -1], [np.nan, 1, 2]])
CASES = (
    ("select", {"columns": [2, 0, 0]}, [X], X[:, [2, 0, 0]]),
    ("select", {"columns": [1, 2]}, [X], X[:, 1:]),
    ("decide", {}, [ALONE], np.array([[0], [0], [1], [np.nan]])),
    ("decide", {}, [SEVERAL], np.array([[1], [0], [np.nan]])),
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]} {n}" for n, c in enumerate(CASES)])
def test_a_kernel_is_its_formula(case: tuple, dtype: str) -> None:
    name, parameters, inputs, expected = case
    check_kernel(name, parameters, inputs, expected, dtype, 1e-6)
