"""Scores computed on this machine, by the very text that is shipped into databases."""

from __future__ import annotations

import importlib.util
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from exporter.ir.plan import Plan
from exporter.resources import folder

Array = np.ndarray[Any, np.dtype[Any]]


@cache
def runtime() -> ModuleType:
    """plpython/runtime.py as a module."""
    path = folder("plpython") / "runtime.py"
    spec = importlib.util.spec_from_file_location("export_model_runtime", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def evaluate(plan: Plan, inputs: list[Array], dtype: str = "float64") -> list[Array]:
    """Outputs of a batch.

    Shapes: inputs (rows, ...) each -> outputs (rows, ...) each.
    Types: texts are arrays of objects; numbers become float64 for expected outputs,
    float32 for what a database will compute.
    """
    model = runtime().load(plan.version, plan.text, plan.block, dtype)
    results = model.run(
        [array if array.dtype == object else array.astype(dtype) for array in inputs]
    )
    return [np.asarray(result) for result in results]
