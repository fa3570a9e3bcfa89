"""A kernel of the runtime against what a plain formula gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tolerances import FLOAT64, check_close

from exporter.engines.plpython.runtime import runtime


def check_kernel(
    name: str,
    parameters: Mapping[str, Any],
    inputs: Sequence[np.ndarray],
    expected: np.ndarray,
    dtype: str,
    float32_tolerance: float,
) -> None:
    """Fail unless the kernel gives expected in dtype, and leaves its inputs as they were."""
    given = {
        key: value.astype(dtype) if isinstance(value, np.ndarray) else value
        for key, value in parameters.items()
    }
    arrays = [x.astype(dtype) for x in inputs]
    before = [x.copy() for x in arrays]
    y = runtime().KERNELS[name](**given)(*arrays)
    assert y.dtype == dtype
    check_close(y, expected, FLOAT64 if dtype == "float64" else float32_tolerance, name)
    for x, copy in zip(arrays, before, strict=True):
        assert np.array_equal(x, copy, equal_nan=True), f"{name} changed its input"
