"""Pipelines of scikit-learn on mixed columns score in PL/SQL as scikit-learn predicts."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from estimators import lower
from plsql.grammar.scripts import compile_file
from plsql.machine import Database
from sklearn import compose, ensemble, impute, linear_model, neural_network, pipeline, preprocessing
from zoo_sklearn import NUMBERS, table, targets

from exporter.ir.passes import simplify
from exporter.ir.signature import sign
from oracle.server import Oracle

COLUMNS = [*NUMBERS, "job"]
LABELS = np.array(["no", "yes", "größer"])
LAST = {
    "two classes": (linear_model.LogisticRegression(), 2),
    "three classes": (neural_network.MLPClassifier((8,), max_iter=30, random_state=0), 3),
    "trees": (ensemble.RandomForestClassifier(8, max_depth=4, random_state=0), 2),
}


def columns() -> Any:
    """What people write for tables of numbers and texts, some of them missing."""
    amounts = pipeline.make_pipeline(
        impute.SimpleImputer(add_indicator=True), preprocessing.StandardScaler()
    )
    words = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="constant", fill_value="none", missing_values=None),
        preprocessing.OneHotEncoder(handle_unknown="ignore"),
    )
    return compose.make_column_transformer((amounts, NUMBERS), (words, ["job"]))


def hard_table() -> pd.DataFrame:
    """Rows with missing numbers and texts, an unknown word, and some that are nearly known."""
    frame = table(16, 7, 0.3)
    jobs = [*frame["job"].iloc[:10], "no such", "größer ", "Größer", "o'hara", "模型", "a,b&c"]
    frame["job"] = pd.Series(jobs, dtype=object)
    frame.loc[0, COLUMNS] = None
    return frame


def given(value: object) -> str | float | None:
    """A cell as a cursor has it: NULL where it is missing."""
    if isinstance(value, str):
        return value
    return None if value is None or math.isnan(value) else float(value)  # type: ignore[arg-type]


def fit(name: str) -> Any:
    """A pipeline of LAST, and what it ends in."""
    last, classes = LAST[name]
    train = table(300, 1, 0.15)
    fitted = pipeline.make_pipeline(columns(), last)
    return fitted.fit(train[COLUMNS], LABELS[targets(train, classes)])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", LAST)
def test_mixed_columns(oracle: Oracle, name: str) -> None:
    fitted = fit(name)
    graph = simplify(lower(fitted))
    signature = sign(graph, "churn")
    assert signature.features == tuple(COLUMNS)
    frame = hard_table()[COLUMNS]
    wanted = fitted.predict_proba(frame)
    with oracle.deploy(graph, signature) as model:
        rows = [[[given(value) for value in row]] for row in frame.itertuples(index=False)]
        scored = model.score_table(rows)
        found = np.array([np.ravel(score) for _, score, _ in scored])
        assert np.abs(found - wanted[:, -found.shape[1] :]).max() <= 1e-9
        assert [label for *_, label in scored] == list(fitted.predict(frame))
        assert model.call("label", *rows[5][0]) == scored[5][2]
        assert model.verify()[1] == 0


@pytest.mark.filterwarnings("ignore")
def test_a_script_deploys_a_pipeline(tmp_path: Path) -> None:
    """Words and samples of texts included; then the synonym scores."""
    fitted = fit("two classes")
    path = tmp_path / "churn.pkl"
    path.write_bytes(pickle.dumps(fitted))
    session = Database().session("OWNER")
    session.run_script(str(compile_file(path, "churn")))
    frame = hard_table()[COLUMNS].iloc[5:]
    rows = [[0, *map(given, row)] for row in frame.itertuples(index=False)]
    scores = [row[1] for row in session.select_table_function("churn.score_table", rows)]
    assert np.abs(np.array(scores) - fitted.predict_proba(frame)[:, 1]).max() <= 1e-9
