"""Scores computed on this machine, by the very text that is shipped into databases."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.engines.plpython.runtime import runtime
from exporter.ir.plan import Plan

Array = np.ndarray[Any, np.dtype[Any]]


def evaluate(plan: Plan, inputs: list[Array], dtype: str = "float64") -> list[Array]:
    """Outputs of a batch.

    Shapes: inputs (rows, ...) each -> outputs (rows, ...) each.
    Types: texts are arrays of objects. dtype is what is computed where the plan says float32:
    float64 for expected outputs (only its casts round then), float32 for what a database will
    compute. What the plan says is float64 is that in both.
    """
    model = runtime().load(plan.version, plan.text, plan.block, dtype)
    results = model.run(
        [
            array if array.dtype == object else model.as_numbers(array, port)
            for array, port in zip(inputs, model.inputs, strict=True)
        ]
    )
    return [np.asarray(result) for result in results]
