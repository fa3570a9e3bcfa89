"""XGBoost, LightGBM, CatBoost and scikit-learn over a grid of options, each in a process of its
own, against what is exported: XGBoost's margins to the last bit, float64 to 1e-12."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tree_scores import check_model

GRID = Path(__file__).parents[1] / "tree_grid.py"
MODELS = {"xgboost": 90, "lightgbm": 80, "catboost": 80, "sklearn": 70, "pickled": 10}  # at least
NEEDS = {"pickled": ("xgboost", "lightgbm", "sklearn")}
ROWS = 10_000


@pytest.mark.parametrize("library", MODELS)
def test_a_library_scores_the_same(library: str, tmp_path: Path) -> None:
    for name in NEEDS.get(library, (library,)):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    path = os.pathsep.join([str(GRID.parents[1]), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, str(GRID), library, str(tmp_path), str(ROWS)],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        timeout=600,
    )
    models = sorted(file.with_suffix("") for file in tmp_path.glob("*.npz"))
    assert len(models) >= MODELS[library]
    for model in models:
        assert check_model(model) > 0.9 * ROWS
