"""Every model of the zoo scores as in Keras, from either kind of file, in either precision."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scoring import score_file
from tolerances import PARITY, check_close
from zoo import ZOO, build, sample


def framework_scores(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """What Keras itself computes, outputs in the order of model.outputs."""
    struct = None if type(model).__name__ == "Sequential" else model.input
    given: Any = inputs if isinstance(struct, (list, tuple)) else inputs[0]
    if isinstance(struct, dict):
        given = {port.name: x for port, x in zip(model.inputs, inputs, strict=True)}
    result = model(given, training=False)
    if isinstance(result, dict):
        result = [result[key] for key in sorted(result)]
    return [np.asarray(y) for y in (result if isinstance(result, (list, tuple)) else [result])]


def save(model: Any, path: Path) -> Path:
    """Save a model; Keras warns that .h5 is an old format."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*HDF5.*")
        model.save(path)
    return path


def layer_classes(model: Any) -> set[str]:
    """Classes of all layers and operations inside, at any depth."""
    names = {type(item).__name__ for item in getattr(model, "operations", ())}
    for item in model.layers:
        names.add(type(item).__name__)
        if hasattr(item, "layers"):
            names |= layer_classes(item)
    return names


@pytest.mark.parametrize(
    ("name", "suffix"), [(name, suffix) for name in ZOO for suffix in ZOO[name].suffixes]
)
def test_scores_equal_keras(name: str, suffix: str, keras: ModuleType, tmp_path: Path) -> None:
    model = build(name, keras)
    assert set(ZOO[name].covers) <= layer_classes(model)
    inputs = sample(model)
    expected = framework_scores(model, inputs)
    path = save(model, tmp_path / f"model.{suffix}")
    for dtype in ("float32", "float64"):
        actual = score_file(path, inputs, dtype)
        assert len(actual) == len(expected)
        for number, (a, e) in enumerate(zip(actual, expected, strict=True)):
            check_close(a, e, PARITY, f"{name}.{suffix} in {dtype}, output {number}")
