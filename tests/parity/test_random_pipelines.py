"""Random pipelines over mixed columns score as in scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from budgets import cases  # noqa: E402
from sklearn import compose, decomposition, impute, pipeline, preprocessing  # noqa: E402
from sklearn.feature_extraction import text as vectorizing  # noqa: E402
from sklearn.feature_selection import SelectKBest, VarianceThreshold  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge  # noqa: E402
from sklearn_scores import check  # noqa: E402
from zoo_sklearn import NUMBERS, TEXTS, hard_rows, table, targets  # noqa: E402

from exporter.errors import UnsupportedError  # noqa: E402

pytestmark = pytest.mark.framework
PIPELINES = settings(max_examples=cases(50), deadline=None, suppress_health_check=list(HealthCheck))
BOOL = st.booleans()
SCALER = st.one_of(
    st.builds(preprocessing.StandardScaler, with_mean=BOOL, with_std=BOOL),
    st.builds(preprocessing.MinMaxScaler, clip=BOOL),
    st.builds(preprocessing.MaxAbsScaler),
    st.builds(preprocessing.RobustScaler, with_centering=BOOL, with_scaling=BOOL),
    st.builds(
        preprocessing.QuantileTransformer,
        n_quantiles=st.integers(2, 60),
        output_distribution=st.sampled_from(["uniform", "normal"]),
    ),
    st.just("passthrough"),
)
WITHOUT_NAN = st.one_of(
    SCALER,
    st.builds(preprocessing.Normalizer, norm=st.sampled_from(["l1", "l2", "max"])),
    st.builds(preprocessing.Binarizer, threshold=st.floats(-2, 5)),
    st.builds(preprocessing.PolynomialFeatures, interaction_only=BOOL, include_bias=BOOL),
    st.builds(
        preprocessing.KBinsDiscretizer,
        n_bins=st.integers(2, 6),
        encode=st.sampled_from(["ordinal", "onehot", "onehot-dense"]),
        strategy=st.just("uniform"),
    ),
    st.builds(
        preprocessing.SplineTransformer,
        n_knots=st.integers(2, 6),
        degree=st.integers(2, 3),
        extrapolation=st.sampled_from(["constant", "linear"]),
        include_bias=BOOL,
    ),
    st.builds(preprocessing.FunctionTransformer, st.sampled_from([np.abs, np.cbrt, np.arctan])),
)
IMPUTER = st.builds(
    impute.SimpleImputer,
    strategy=st.sampled_from(["mean", "median", "most_frequent", "constant"]),
    fill_value=st.just(-3.5),
    add_indicator=BOOL,
)
ENCODER = st.one_of(
    st.builds(
        preprocessing.OneHotEncoder,
        handle_unknown=st.sampled_from(["ignore", "infrequent_if_exist"]),
        drop=st.sampled_from([None, "first", "if_binary"]),
        min_frequency=st.sampled_from([None, 40, 0.15]),
        max_categories=st.sampled_from([None, 3]),
    ),
    st.builds(
        preprocessing.OrdinalEncoder,
        handle_unknown=st.just("use_encoded_value"),
        unknown_value=st.just(-1),
        encoded_missing_value=st.just(-2),
    ),
    st.builds(preprocessing.TargetEncoder, target_type=st.sampled_from(["continuous", "auto"])),
)
VECTORIZER = st.builds(
    vectorizing.TfidfVectorizer,
    ngram_range=st.sampled_from([(1, 1), (1, 2)]),
    analyzer=st.sampled_from(["word", "char_wb"]),
    sublinear_tf=BOOL,
    use_idf=BOOL,
    binary=BOOL,
    norm=st.sampled_from([None, "l1", "l2"]),
)


@st.composite
def some(draw: Any, names: list[str]) -> list[str]:
    """A few columns, in any order."""
    return draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))


@st.composite
def pipelines(draw: Any) -> tuple[Any, bool, bool]:
    """A pipeline that is not fitted, whether its table has missing values, whether it predicts."""
    has_missing = draw(BOOL)
    parts: list[Any] = []
    for number in range(draw(st.integers(1, 3))):
        first = [draw(IMPUTER)] if has_missing else []
        steps = [*first, draw(WITHOUT_NAN), *draw(st.lists(SCALER, max_size=1))]
        columns = draw(some(NUMBERS))
        parts.append((f"n{number}", pipeline.make_pipeline(*steps), columns))
    if draw(BOOL):
        texts: list[Any] = [draw(ENCODER)]
        if has_missing and draw(BOOL):
            texts.insert(0, impute.SimpleImputer(strategy="most_frequent"))
        parts.append(("texts", pipeline.make_pipeline(*texts), draw(some(TEXTS))))
    if draw(BOOL):
        parts.append(("codes", draw(ENCODER), ["c", "flag"]))
    if draw(BOOL):
        parts.append(("words", draw(VECTORIZER), "note"))
    order = draw(st.permutations(parts))
    steps = [compose.ColumnTransformer(order, sparse_threshold=0)]
    second = draw(st.sampled_from(["", "scale", "select", "variance", "svd"]))
    if second == "scale":
        steps.append(preprocessing.StandardScaler())
    elif second == "select":
        steps.append(SelectKBest(k=draw(st.integers(1, 4))))
    elif second == "variance":
        steps.append(VarianceThreshold())
    elif second == "svd":
        steps += [preprocessing.MinMaxScaler(), decomposition.PCA(1, svd_solver="full")]
    last = draw(st.sampled_from([None, LogisticRegression(), LinearRegression(), Ridge()]))
    return pipeline.make_pipeline(*steps, *([last] if last else [])), has_missing, last is not None


@PIPELINES
@given(pipelines(), st.integers(0, 2**16), st.integers(2, 3))
def test_a_random_pipeline_scores_as_in_scikit_learn(
    drawn: tuple[Any, bool, bool], seed: int, classes: int
) -> None:
    model, has_missing, _ = drawn

    def whole(frame: Any) -> Any:
        """Missing texts as NaN, as a file has them."""
        frame = frame.copy()
        for name in TEXTS:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), np.nan)
        frame["b"] = (frame["b"] - 1.6e9) / 1e6  # sums of huge numbers have no last digits
        return frame

    frame = whole(table(250, seed, 0.15 if has_missing else 0.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(frame, targets(frame, classes))
        except (ValueError, TypeError):  # no column is left, or they are sparse, for example
            assume(False)
    ordinary = table(200, seed + 1, 0.15 if has_missing else 0.0)
    rows = pd.concat([ordinary, hard_rows(model, has_missing)], ignore_index=True)
    huge = rows[NUMBERS].abs().max(axis=1) > 1e9
    rows.loc[huge, "b"] = 1.6e9
    for name in ("a", "c"):
        rows[name] = rows[name].clip(-1e6, 1e6)
    try:
        check(model, whole(rows))
    except UnsupportedError as error:
        assume("may be a sparse matrix" not in str(error))
        raise
