"""XGBoost, LightGBM, CatBoost and scikit-learn over a grid of options, each in a process of its
own, against what is exported: XGBoost's margins to the last bit, float64 to 1e-12."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from budgets import cases, is_thorough
from commands import environment, fork_server
from tree_grid import HALF
from tree_scores import check_model

from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign

# At least; half of each cross, all of it in the profile `thorough`.
MODELS = {"xgboost": 50, "lightgbm": 45, "catboost": 40, "sklearn": 45, "pickled": 10}
WHOLE = {"xgboost": 90, "lightgbm": 80, "catboost": 80, "sklearn": 70, "pickled": 10}
NEEDS = {"pickled": ("xgboost", "lightgbm", "sklearn")}
ROWS = cases(2_000)


@pytest.mark.parametrize("library", MODELS)
def test_a_library_scores_the_same(library: str, tmp_path: Path) -> None:
    for name in NEEDS.get(library, (library,)):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    words = ["tree_grid", library, str(tmp_path), str(ROWS), *([] if is_thorough() else [HALF])]
    done = fork_server("libraries").run(words, tmp_path, environment(), 600)
    assert done.returncode == 0, done.stderr
    models = sorted(file.with_suffix("") for file in tmp_path.glob("*.npz"))
    assert len(models) >= (WHOLE if is_thorough() else MODELS)[library]
    for model in models:
        assert check_model(model) > 0.9 * ROWS


def test_catboost_scores_categories_the_same(tmp_path: Path) -> None:
    if importlib.util.find_spec("catboost") is None:
        pytest.skip("catboost is not installed")
    words = ["category_grid", str(tmp_path), str(ROWS)]
    done = fork_server("libraries").run(words, tmp_path, environment(), 600)
    assert done.returncode == 0, done.stderr
    models = sorted(file.with_suffix("") for file in tmp_path.glob("*.npz"))
    assert len(models) >= 40
    for model in models:
        assert check_model(model) == ROWS


WORDS, CODES = ["blue", "green", "grey", "red"], [1, 3, 7]


def some_rows(seed: int) -> Any:
    """Rows of a DataFrame: words, some missing, between numbers and categories that are numbers."""
    import pandas

    random = np.random.default_rng(seed)
    word = random.choice([*WORDS, None], 800).astype(object)
    u, v = np.where(random.random((2, 800)) < 0.1, np.nan, random.normal(size=(2, 800)))
    return pandas.DataFrame({"u": u, "word": word, "v": v, "code": random.choice(CODES, 800)})


@pytest.mark.parametrize("model", ["LGBMClassifier", "LGBMRegressor", "Pipeline", "XGBClassifier"])
def test_categories_in_pickles_are_what_the_table_holds(model: str, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    lightgbm, xgboost = map(pytest.importorskip, ("lightgbm", "xgboost"))
    pipeline = pytest.importorskip("sklearn.pipeline").Pipeline
    types = {"word": pandas.CategoricalDtype(WORDS), "code": pandas.CategoricalDtype(CODES)}
    quiet = {"n_estimators": 10, "verbose": -1, "min_child_samples": 5}
    fitted = {
        "LGBMClassifier": lambda: lightgbm.LGBMClassifier(**quiet),
        "LGBMRegressor": lambda: lightgbm.LGBMRegressor(**quiet),
        "Pipeline": lambda: pipeline([("only", lightgbm.LGBMClassifier(**quiet))]),
        "XGBClassifier": lambda: xgboost.XGBClassifier(
            n_estimators=10, enable_categorical=True, max_cat_to_onehot=2
        ),
    }[model]()
    rows, others = some_rows(1), some_rows(2)
    y = (rows["word"] == "red") + rows["u"].fillna(0) + (rows["code"] == 7) * rows["v"].fillna(1)
    fitted.fit(rows.astype(types), (y > 0.5).astype(int))
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(fitted, protocol=4))
    graph = read(path)
    assert [(column.name, column.kind) for column in graph.columns] == [
        ("u", "number"), ("word", "text"), ("v", "number"), ("code", "number"),
    ]  # fmt: skip
    inputs = [
        others[[column.name for column in port.columns]].to_numpy(
            object if port.dtype == "text" else np.float64
        )
        for port in graph.inputs
    ]
    (found,) = evaluate(plan_graph(graph, sign(graph, "m")), inputs, "float32")
    table = others.astype(types)
    is_number = model == "LGBMRegressor"
    wanted = fitted.predict(table) if is_number else fitted.predict_proba(table)[:, 1]
    assert np.ptp(wanted) > 0.3
    np.testing.assert_allclose(found[:, -1], wanted, atol=2e-7 if model[0] == "X" else 1e-12)
