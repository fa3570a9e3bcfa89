"""Sparse matrices within a pipeline: XGBoost takes their zeros for missing values."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from scipy import sparse  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.compose import ColumnTransformer  # noqa: E402
from sklearn.decomposition import TruncatedSVD  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.feature_selection import VarianceThreshold  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.multiclass import OneVsOneClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline, make_union  # noqa: E402
from sklearn.preprocessing import (  # noqa: E402
    KBinsDiscretizer,
    MaxAbsScaler,
    OneHotEncoder,
    SplineTransformer,
    StandardScaler,
)

from exporter.engines.reference import evaluate  # noqa: E402
from exporter.formats import read  # noqa: E402
from exporter.formats.sklearn.lowering import lower  # noqa: E402
from exporter.formats.sklearn.lowering.boosters import find_columns  # noqa: E402
from exporter.formats.sklearn.lowering.builder import Block, Builder  # noqa: E402
from exporter.formats.sklearn.pickle import read_pickle  # noqa: E402
from exporter.ir.plan import plan_graph  # noqa: E402
from exporter.ir.signature import sign  # noqa: E402

STORED = Path(__file__).parent.parent / "data" / "trees"
TABLE = pd.DataFrame(
    {"a": np.arange(40) % 7 + 0.5, "b": np.arange(40) % 3, "job": list("uvwxyzst") * 5}
)


def columns(transformer: Any, **options: Any) -> Any:
    return ColumnTransformer([("c", transformer, ["job"])], remainder="passthrough", **options)


TRANSFORMERS = {
    "one_hot": OneHotEncoder(),
    "dense_one_hot": OneHotEncoder(sparse_output=False),
    "many_zeros": columns(OneHotEncoder(), sparse_threshold=1.0),
    "few_zeros": columns(OneHotEncoder(), sparse_threshold=0.0),
    "scaled": make_pipeline(OneHotEncoder(), MaxAbsScaler(), VarianceThreshold()),
    "projected": make_pipeline(OneHotEncoder(), TruncatedSVD(2)),
    "union": make_union(OneHotEncoder(), OneHotEncoder(sparse_output=False)),
    "weights": ColumnTransformer([("t", TfidfVectorizer(analyzer="char"), "job")]),
    "bins": ColumnTransformer(
        [("k", KBinsDiscretizer(5, quantile_method="averaged_inverted_cdf"), ["a"])]
    ),
    "dense_bins": ColumnTransformer(
        [("k", KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform"), ["a"])]
    ),
    "splines": ColumnTransformer([("s", SplineTransformer(), ["a"])]),
    "sparse_splines": ColumnTransformer(
        [("s", SplineTransformer(sparse_output=True), ["a"])], sparse_threshold=1.0
    ),
    "numbers": ColumnTransformer([("s", StandardScaler(), ["a", "b"])]),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_what_is_sparse_is_known(name: str) -> None:
    fitted = TRANSFORMERS[name].fit(TABLE)
    builder = Builder(())
    block = lower(
        read_pickle(pickle.dumps(fitted)), builder.add_columns(TABLE.columns), "", builder
    )
    assert isinstance(block, Block), builder.problems
    assert block.is_sparse == sparse.issparse(found := fitted.transform(TABLE))
    if block.is_sparse and not block.stores_zeros:
        assert sparse.csr_matrix(found).data.all()


def test_splines_store_zeros() -> None:
    builder = Builder(())
    fitted = TRANSFORMERS["sparse_splines"].fit(TABLE)
    names = builder.add_columns(TABLE.columns)
    block = lower(read_pickle(pickle.dumps(fitted)), names, "", builder)
    assert isinstance(block, Block)
    assert block.is_sparse and block.stores_zeros


def booster(name: str) -> Any:
    return read_pickle((STORED / name).read_bytes())


def reasons(record: Any, width: int, is_sparse: bool = False) -> str:
    """Why an estimator is refused on a matrix of so many columns."""
    builder = Builder(())
    block = builder.add_columns(f"x{n}" for n in range(width))
    lower(record, Block(block.parts, block.names, is_sparse, is_sparse), "", builder)
    return " ".join(problem.reason for problem in builder.problems)


@pytest.mark.parametrize("is_sparse", [True, False])
@pytest.mark.parametrize("name", ["xgb_two.pkl", "lgbm_four.pkl"])
def test_only_xgboost_refuses_zeros_that_may_be_stored(name: str, is_sparse: bool) -> None:
    record = booster(name)
    found = find_columns(record)
    assert found is not None
    refusal = "zeros XGBoost takes for missing" if is_sparse and name.startswith("xgb") else ""
    assert refusal in (text := reasons(record, found[1], is_sparse))
    assert bool(text) == bool(refusal)


@pytest.mark.parametrize("outer", [CalibratedClassifierCV, OneVsOneClassifier])
@pytest.mark.parametrize("name", ["xgb_two.pkl", "lgbm_four.pkl"])
def test_lightgbm_is_refused_where_margins_or_probabilities_may_be_asked_for(
    outer: Any, name: str
) -> None:
    """LightGBM has decision_function since 4.7, and its pickles do not tell its version."""
    inner = booster(name)
    found = find_columns(inner)
    assert found is not None
    rng = np.random.default_rng(0)
    classes = np.arange(40) % (2 if name.startswith("xgb") else 4)
    fitted = outer(LogisticRegression()).fit(rng.normal(size=(40, found[1])), classes)
    record = read_pickle(pickle.dumps(fitted))
    if outer is CalibratedClassifierCV:
        for item in record.attributes["calibrated_classifiers_"]:
            item.state["estimator"] = inner
    else:
        record.state["estimators_"] = [inner] * len(fitted.estimators_)
    assert ("LightGBM decides by margins since 4.7" in reasons(record, found[1])) == (
        name.startswith("lgbm")
    )


@pytest.mark.parametrize("name", ["one_hot", "many_zeros", "scaled", "union"])
def test_zeros_of_a_sparse_matrix_are_missing_to_xgboost(name: str, tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {"a": rng.integers(0, 3, 600) * 1.0, "b": rng.integers(-1, 2, 600) * 1.0,
         "job": rng.choice(list("uvwx"), 600)}
    )  # fmt: skip
    transformer = TRANSFORMERS[name]
    if not isinstance(transformer, ColumnTransformer):
        transformer = ColumnTransformer([("all", transformer, ["job"])], sparse_threshold=1.0)
    model = make_pipeline(transformer, xgboost.XGBClassifier(n_estimators=8, max_depth=4))
    model.fit(rows, (rows["a"] == 0) ^ (rows["job"] > "v") ^ (rows["b"] == 1))
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(model, protocol=4))
    graph = read(path)
    inputs = [
        rows[[column.name for column in port.columns]].to_numpy(
            object if port.dtype == "text" else np.float64
        )
        for port in graph.inputs
    ]
    (found,) = evaluate(plan_graph(graph, sign(graph, "m")), inputs, "float32")
    wanted = model.predict_proba(rows)[:, 1]
    assert np.ptp(wanted) > 0.1
    np.testing.assert_allclose(found[:, -1], wanted, atol=2e-7)
