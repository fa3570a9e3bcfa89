"""Predictors of scikit-learn, fitted for the tests, and their answers against the library's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sklearn
from budgets import cases
from estimators import compute, lower, rows_of
from sklearn.utils import all_estimators

from exporter.ir.graph import Port

TOLERANCE = 1e-9
ROWS = cases(2_000)


@cache
def kinds() -> dict[str, Any]:
    """The public classes of scikit-learn by name; to look for them takes longer than most fits."""
    return dict(all_estimators())


def columns() -> np.ndarray:
    """Five columns to fit on."""
    return np.random.default_rng(0).standard_normal((300, 5))


def hard_rows() -> np.ndarray:
    """Ordinary rows, zeros of both signs, subnormal, huge, and rows on the boundary."""
    generator = np.random.default_rng(1)
    scales = generator.choice([0.0, -0.0, 1e-310, 1e-5, 1, 1, 1, 30, 1e8], size=(ROWS, 1))
    return generator.standard_normal((ROWS, 5)) * scales


def build(case: str) -> Any:
    """An estimator as its class prints it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(case, kinds() | {"np": np})


def fit(case: str, classes: int = 0, targets: int = 1) -> Any:
    """Fitted on numbers, or on that many classes."""
    model = build(case)
    x = columns()
    weights = np.random.default_rng(2).standard_normal((5, targets))
    y = x @ weights + 0.3 * np.random.default_rng(3).standard_normal((300, targets))
    y = y if targets > 1 else y[:, 0]
    if classes:
        y = np.array(["no", "yes", "größer"])[
            np.digitize(y, [0.0] if classes == 2 else [-0.7, 0.7])
        ]
    elif targets == 1:
        y = np.abs(y) + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, y)


def expected(model: Any, rows: np.ndarray) -> np.ndarray:
    """What score is to give: probability, decision or prediction."""
    with np.errstate(all="ignore"):
        if hasattr(model, "predict_proba"):
            found = model.predict_proba(rows)
            return found[:, 1:] if found.shape[1] == 2 else found
        if hasattr(model, "decision_function"):
            return np.asarray(model.decision_function(rows))
        return np.asarray(model.predict(rows))


def check(
    model: Any,
    rows: np.ndarray | None = None,
    answer: Callable[[Any, np.ndarray], np.ndarray] | None = None,
) -> None:
    """Scores and labels of hard rows are scikit-learn's."""
    rows = hard_rows() if rows is None else rows
    graph = lower(model)
    found = compute(graph, rows_of(graph, rows))
    wanted = (answer or expected)(model, rows).reshape(found.shape)
    scale = np.maximum(1, np.abs(wanted))
    with np.errstate(all="ignore"):
        difference = np.where(
            (found == wanted) | (np.isnan(found) & np.isnan(wanted)),
            0.0,
            np.abs(found - wanted) / scale,
        )
    worst = np.unravel_index(int(difference.argmax()), difference.shape)
    assert difference[worst] <= TOLERANCE, (worst, found[worst], wanted[worst])
    if not sklearn.base.is_classifier(model) or (answer and not graph.labels):
        assert graph.labels == ()
        return
    assert graph.labels == tuple(str(name) for name in model.classes_)
    places = found.argmax(axis=1)
    if graph.choice is not None:
        chosen = replace(graph, outputs=(Port("choice", graph.choice, (1,), "float64"),))
        places = compute(chosen, rows_of(graph, rows)).ravel()
    finite = ~np.isnan(wanted).any(axis=1)
    predicted = np.array([str(name) for name in model.predict(rows)])
    labels = np.array(graph.labels)[np.nan_to_num(places).astype(int)]
    assert (labels[finite] == predicted[finite]).all()
