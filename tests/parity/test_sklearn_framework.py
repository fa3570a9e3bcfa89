"""scikit-learn as the judge of hard sample rows: asked for, in a process of its own."""

from __future__ import annotations

import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

import joblib  # noqa: E402
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import (  # noqa: E402
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from exporter import api  # noqa: E402
from exporter.errors import VerificationError  # noqa: E402

pytestmark = pytest.mark.framework
ROWS = 300


def table() -> Any:
    """Seconds since 1970, ages with gaps, and jobs with gaps."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame({
        "seen": 1.6e9 + 1e7 * random.standard_normal(ROWS),
        "age": np.where(random.random(ROWS) < 0.2, np.nan, random.integers(18, 80, ROWS)),
        "job": random.choice(np.array(["nurse", "Köchin", "clerk"], object), ROWS),
    })  # fmt: skip
    frame.loc[random.random(ROWS) < 0.1, "job"] = np.nan
    return frame


def target() -> Any:
    """Two classes."""
    return np.random.default_rng(4).integers(2, size=ROWS)


def mixed(model: Any, **encoder: Any) -> Any:
    """A pipeline over all three columns."""
    columns = make_column_transformer(
        (StandardScaler(), ["seen"]),
        (make_pipeline(SimpleImputer(), KBinsDiscretizer(4, encode="ordinal")), ["age"]),
        (OneHotEncoder(**encoder), ["job"]),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(columns, model).fit(table(), target())


MODELS = {
    "logistic": lambda: mixed(LogisticRegression()),
    "unknown words": lambda: mixed(LogisticRegression(), handle_unknown="ignore"),
    "forest": lambda: mixed(RandomForestClassifier(10, random_state=0)),
    "ridge on an array": lambda: make_pipeline(StandardScaler(), Ridge()).fit(
        table()[["seen"]].to_numpy(), target()
    ),
    "words": lambda: make_pipeline(CountVectorizer(), LogisticRegression()).fit(
        ["red fish", "blue fish", "größer"] * 10, [0, 1, 1] * 10
    ),
    "ordinal": lambda: make_pipeline(
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), Ridge()
    ).fit(table()[["job"]].fillna("none"), target()),
}


@pytest.mark.parametrize("name", MODELS)
def test_scikit_learn_agrees_on_hard_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / "m.joblib"
    joblib.dump(MODELS[name](), path)
    made = api.script(api.read(path), target="postgres", samples=60, expected_by="framework")
    assert made.expected_by.startswith("scikit-learn 1.")
    assert "60 sample rows reach" in made.reach
    assert api.script(api.read(path), target="postgres").expected_by == "export-model, float64"


def test_a_model_in_memory_is_scored_by_its_library() -> None:
    made = api.script(api.read(MODELS["logistic"]()), target="postgres", name="m")
    assert made.expected_by.startswith("scikit-learn 1.")


class Marker:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def test_a_pickle_is_executed_only_where_the_user_says_so(tmp_path: Path) -> None:
    model = MODELS["ridge on an array"]()
    model.steps[1][1].harmful_ = Marker(str(tmp_path / "was_here"))
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(model))
    api.script(api.read(path), target="postgres")
    assert not (tmp_path / "was_here").exists()
    api.script(api.read(path), target="postgres", expected_by="framework")
    assert (tmp_path / "was_here").exists()


def test_another_version_is_not_asked(tmp_path: Path) -> None:
    model = MODELS["ridge on an array"]()
    path = tmp_path / "m.pkl"
    import sklearn

    content = pickle.dumps(model)
    assert sklearn.__version__.encode() in content
    path.write_bytes(content.replace(sklearn.__version__.encode(), b"1.2.2"))
    with pytest.raises(VerificationError, match=r"is installed, and 1\.2\.2 saved it"):
        api.script(api.read(path), target="postgres", expected_by="framework")
