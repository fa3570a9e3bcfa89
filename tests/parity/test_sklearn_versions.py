"""Predictors saved by other versions of scikit-learn than the one at hand.

EXPORT_MODEL_SKLEARNS names folders, joined by colons, into which pip install --target put other
versions; without it the one at hand is asked, in a process of its own as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from budgets import cases  # noqa: E402
from commands import environment, fork_server  # noqa: E402
from estimators import compute, rows_of  # noqa: E402
from sklearn_fits import TOLERANCE  # noqa: E402

from exporter.formats.sklearn.model import build_graph, read_content  # noqa: E402
from exporter.ir.graph import Port  # noqa: E402

pytestmark = pytest.mark.framework

GRID = Path(__file__).parents[1] / "sklearn_grid.py"
VERSIONS = [name for name in os.environ.get("EXPORT_MODEL_SKLEARNS", "").split(":") if name]


def check(path: Path) -> None:
    """Fail unless a pickle scores and labels as the answers beside it."""
    stored = np.load(f"{path}.npz")
    graph = build_graph(read_content(path.read_bytes()), path, "")
    inputs = rows_of(graph, stored["x"])
    found = compute(graph, inputs).reshape(stored["y"].shape)
    same = (found == stored["y"]) | (np.isnan(found) & np.isnan(stored["y"]))
    with np.errstate(all="ignore"):
        distance = np.abs(found - stored["y"]) / np.maximum(1, np.abs(stored["y"]))
    assert np.where(same, 0, distance).max() <= TOLERANCE, path.name
    if "labels" not in stored:
        return
    places = found.argmax(axis=1)
    if graph.choice is not None:
        chosen = replace(graph, outputs=(Port("choice", graph.choice, (1,), "float64"),))
        places = np.nan_to_num(compute(chosen, inputs)).ravel()
    known = ~np.isnan(found).any(axis=1)
    labels = np.array(graph.labels)[places.astype(int)]
    assert (labels == stored["labels"])[known].all(), path.name


@pytest.mark.parametrize("folder", VERSIONS or [""])
def test_a_version_scores_as_itself(folder: str, tmp_path: Path) -> None:
    words = [str(GRID), str(tmp_path), str(cases(2_000))]
    if folder:
        done = subprocess.run(
            [sys.executable, "-S", *words],
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    else:
        done = fork_server("libraries").run(words, tmp_path, environment())
    assert done.returncode == 0, done.stderr[-2000:]
    assert not folder or done.stdout.strip() != sklearn.__version__
    failures = []
    paths = sorted(tmp_path.glob("*.pkl"))
    assert len(paths) > 50
    for path in paths:
        try:
            check(path)
        except Exception as error:  # all of them are told at once
            failures.append(f"{path.stem}: {error}"[:300])
    assert not failures, "\n".join(failures)
