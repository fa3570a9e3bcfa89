"""scikit-learn's own outputs row by row, and how this program's compare with them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from estimators import compute, lower, rows_of
from scipy import sparse

from exporter.ir.graph import Graph

TOLERANCE = 1e-9  # both compute in float64


def answer(model: Any, frame: pd.DataFrame) -> np.ndarray:
    """What a user would call, as an array (rows, columns)."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if hasattr(model, "predict_proba"):
            found = model.predict_proba(frame)
            return found[:, 1:] if found.shape[1] == 2 else found
        if hasattr(model, "decision_function"):
            found = model.decision_function(frame)
        elif hasattr(model, "predict"):
            found = model.predict(frame)
        else:
            found = model.transform(frame)
    found = found.toarray() if sparse.issparse(found) else np.asarray(found, np.float64)
    return found.reshape(len(frame), -1)


def answers(model: Any, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Outputs, and whether there is one: of some rows scikit-learn raises an error."""
    return _in_parts(
        lambda part: answer(model, frame.iloc[part]), len(frame), (ValueError, TypeError)
    )


def _in_parts(
    compute_part: Callable[[slice], np.ndarray], count: int, errors: tuple[type[Exception], ...]
) -> tuple[np.ndarray, np.ndarray]:
    """All rows, and whether there is one: what raises one of the errors is halved, down to single
    rows."""

    def compute_rows(start: int, stop: int) -> list[np.ndarray | None]:
        try:
            return list(compute_part(slice(start, stop)))
        except errors:
            if stop - start == 1:
                return [None]
            middle = (start + stop) // 2
            return [*compute_rows(start, middle), *compute_rows(middle, stop)]

    rows = compute_rows(0, count)
    width = len(next(row for row in rows if row is not None))
    filled = [np.full(width, np.nan) if row is None else row for row in rows]
    return np.array(filled), np.array([row is not None for row in rows])


def scores(graph: Graph, inputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """This program's scores, and whether there is one: NULL in a column where it gives NULL, and a
    category that is an error, give none."""
    known = np.ones(len(inputs[0]), bool)
    for port, x in zip(graph.inputs, inputs, strict=True):
        for place, column in enumerate(port.columns):
            if column.nulls == "null":
                known &= np.array([v is not None and v == v for v in x[:, place]])
    found, is_there = _in_parts(
        lambda part: compute(graph, [x[part] for x in inputs]), len(known), (ValueError,)
    )
    return found, known & is_there


def differences(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """|found - wanted| / max(1, |wanted|), 0 where both are the same or NaN."""
    with np.errstate(all="ignore"):
        scaled = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    return np.where(same, 0.0, np.where(np.isnan(scaled), np.inf, scaled))


def check(model: Any, frame: pd.DataFrame) -> Graph:
    """Fail unless every row scores as in scikit-learn: the same number, or none in both.

    A row for which scikit-learn overflows, and raises an error for that, may score anything.
    """
    graph = lower(model)
    found, is_scored = scores(graph, rows_of(graph, frame))
    wanted, is_answered = answers(model, frame)
    wanted = wanted.reshape(found.shape)
    overflows = ~np.isfinite(found).all(axis=1) | np.isinf(wanted).any(axis=1)
    alike = (is_scored == is_answered) | (is_scored & ~is_answered & overflows)
    assert alike.all(), frame[~alike].head(3)
    both = is_scored & is_answered & ~np.isinf(wanted).any(axis=1)
    both &= ~(np.isinf(found).any(axis=1) & np.isnan(wanted).any(axis=1))
    worst = np.where(both, differences(found, wanted).max(axis=1), 0.0)
    assert (worst <= TOLERANCE).all(), (
        worst.max(), frame.iloc[worst.argmax()], found[worst.argmax()], wanted[worst.argmax()]
    )  # fmt: skip
    assert both.sum() > len(frame) // 4, "too few rows prove anything"
    return graph
