"""A kernel of the runtime against what a plain formula gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tolerances import FLOAT64, check_close

from exporter.engines.plpython.runtime import runtime


def check_rule(
    name: str, given: Mapping[str, Any], inputs: Sequence[np.ndarray], y: np.ndarray
) -> None:
    """Fail unless the rule of a kernel tells the shape that comes of it, and its type."""
    text = runtime()
    kinds = {"float32": "f4", "float64": "f8", "object": "text"}
    # Rows of a kernel that is given more than a batch of a model's rows count as those of one.
    values = [text.Value(x.shape[1:], kinds[x.dtype.name], x.shape[0]) for x in inputs]
    tensors = {key: item for key, item in given.items() if isinstance(item, np.ndarray)}
    plain = {key: item for key, item in given.items() if key not in tensors and item is not None}
    parameters = json.loads(json.dumps(plain))
    made = text.RULES[name].check(name, values, parameters, tensors)
    assert (made.shape, made.kind) == (y.shape[1:], kinds[y.dtype.name]), name


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
    check_rule(name, given, arrays, y)
    check_close(y, expected, FLOAT64 if dtype == "float64" else float32_tolerance, name)
    for x, copy in zip(arrays, before, strict=True):
        assert np.array_equal(x, copy, equal_nan=True), f"{name} changed its input"
