"""Fitted transformers and pipelines of scikit-learn for the tests, and tables with hard rows.

Names are classes with what is special; a version that a case needs stands in SINCE.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn import compose, decomposition, feature_selection, impute, pipeline, preprocessing
from sklearn.feature_extraction import text as vectorizing
from sklearn.linear_model import Lasso, LogisticRegression

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2] if part.isdigit())
NUMBERS = ["a", "b", "c"]
TEXTS = ["job", "town"]
JOBS = ["nurse", "Lehrer", "größer", "模型", "o'hara", "a,b", "x y"]
TOWNS = ["Rom", "Ulm", "Århus", "", "NULL"]
WORDS = ["the", "Model", "größer", "naïve", "42", "scores", "a", "in", "SQL", "été", "x-ray"]
HARD = [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-300, 1e-16, 1e16, -1e16, 1e300, -1e300, 0.5]


def table(rows: int, seed: int = 0, missing: float = 0.0) -> pd.DataFrame:
    """Numbers (one of seconds since 1970, one of few values), texts, truth values, sentences."""
    return _draw(rows, seed, missing).copy()


@cache
def _draw(rows: int, seed: int, missing: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.normal(3, 2, rows),
            "b": 1.6e9 + rng.normal(0, 3e6, rows),
            "c": rng.integers(0, 6, rows).astype(float),
            "job": rng.choice(JOBS, rows, p=[0.3, 0.3, 0.15, 0.1, 0.1, 0.03, 0.02]),
            "town": rng.choice(TOWNS, rows),
            "flag": rng.integers(0, 2, rows).astype(bool),
            "note": [" ".join(rng.choice(WORDS, 6)) + "!" for _ in range(rows)],
        }
    )
    frame[TEXTS] = frame[TEXTS].astype(object)
    for name in NUMBERS:
        frame.loc[rng.random(rows) < missing, name] = np.nan
    for name in TEXTS:
        frame.loc[rng.random(rows) < missing, name] = None
    return frame


def targets(frame: pd.DataFrame, classes: int = 2) -> np.ndarray:
    """Classes that depend on the numbers."""
    score = frame["a"].fillna(0) + frame["c"].fillna(0)
    return np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


def edges(model: Any) -> list[float]:
    """Numbers at which something changes in a fitted transformer."""
    found: list[float] = []
    for item in vars(model).values():
        parts = item if isinstance(item, list) else [item]
        for part in parts:
            if isinstance(part, np.ndarray) and part.dtype.kind == "f" and part.size < 5000:
                found += part.ravel().tolist()
    found = [number for number in found if np.isfinite(number)]
    return found[:: max(1, len(found) // 60)]


def hard_rows(model: Any, missing: bool) -> pd.DataFrame:
    """Rows on edges and one step beside, zeros, huge and tiny numbers, unknown and empty texts."""
    marks = np.array(sorted({*HARD, *edges(model)}))
    numbers = np.concatenate([marks, np.nextafter(marks, np.inf), np.nextafter(marks, -np.inf)])
    frame = table(len(numbers), 99)
    for shift, name in enumerate(NUMBERS):
        frame[name] = np.roll(numbers, 7 * shift)
    unknown = ["no such", "", "Nurse", "größer ", None if missing else "None"]
    for name, words in (("job", JOBS), ("town", TOWNS)):
        cycle = itertools.cycle([*unknown, *words])
        frame[name] = pd.Series([next(cycle) for _ in range(len(frame))], dtype=object)
    notes = ["", "A a", "GRÖSSER größer", "\u00a0été  été", "42 4 x-ray", "\u017f İ ß"]
    frame["note"] = [notes[n % len(notes)] for n in range(len(frame))]
    if missing:
        for shift, name in enumerate(NUMBERS):
            frame.loc[frame.index % 9 == shift, name] = np.nan
    return frame


def double(x: Any) -> Any:
    """A function of a model's author."""
    return x + x


def on(columns: Sequence[str] | str, step: Any) -> Any:
    """A transformer of some columns of a table."""
    return compose.ColumnTransformer([("step", step, columns)])


def numbers(step: Any) -> Any:
    """A transformer of the columns of numbers."""
    return on(NUMBERS, step)


def mixed(*last: Any) -> Any:
    """What people write for tables of numbers and texts."""
    amounts = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())
    words = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="constant", fill_value="none"),
        preprocessing.OneHotEncoder(handle_unknown="ignore"),
    )
    columns = compose.make_column_transformer((amounts, NUMBERS), (words, TEXTS))
    return pipeline.make_pipeline(columns, *last)


class Case:
    """A model to fit: whether its table has missing values, and since which version it exists."""

    def __init__(
        self,
        make: Callable[[], Any],
        missing: bool = False,
        since: tuple[int, int] = (0, 0),
        classes: int = 2,
    ) -> None:
        self.make, self.missing, self.since, self.classes = make, missing, since, classes

    def fit(self) -> Any:
        """The model, fitted."""
        frame = table(400, 1, 0.15 if self.missing else 0.0)
        return self.make().fit(frame, targets(frame, self.classes))


SCALERS: dict[str, Case] = {
    "StandardScaler": Case(lambda: numbers(preprocessing.StandardScaler()), missing=True),
    "StandardScaler without mean": Case(
        lambda: numbers(preprocessing.StandardScaler(with_mean=False))
    ),
    "StandardScaler without std": Case(
        lambda: numbers(preprocessing.StandardScaler(with_std=False))
    ),
    "MinMaxScaler": Case(lambda: numbers(preprocessing.MinMaxScaler((-2, 3))), missing=True),
    "MinMaxScaler clip": Case(lambda: numbers(preprocessing.MinMaxScaler(clip=True)), missing=True),
    "MaxAbsScaler": Case(lambda: numbers(preprocessing.MaxAbsScaler()), missing=True),
    "MaxAbsScaler clip": Case(lambda: numbers(preprocessing.MaxAbsScaler(clip=True)), since=(1, 8)),
    "RobustScaler": Case(lambda: numbers(preprocessing.RobustScaler()), missing=True),
    "RobustScaler unit": Case(
        lambda: numbers(preprocessing.RobustScaler(unit_variance=True, with_centering=False))
    ),
    "RobustScaler centre": Case(lambda: numbers(preprocessing.RobustScaler(with_scaling=False))),
    "Normalizer l1": Case(lambda: numbers(preprocessing.Normalizer("l1"))),
    "Normalizer l2": Case(lambda: numbers(preprocessing.Normalizer())),
    "Normalizer max": Case(lambda: numbers(preprocessing.Normalizer("max"))),
    "Binarizer": Case(lambda: numbers(preprocessing.Binarizer(threshold=3.0))),
    "PowerTransformer": Case(
        lambda: on(["a", "c"], preprocessing.PowerTransformer()), missing=True
    ),
    "PowerTransformer plain": Case(
        lambda: on(["a", "c"], preprocessing.PowerTransformer(standardize=False))
    ),
    "PowerTransformer box-cox": Case(
        lambda: on(["b"], preprocessing.PowerTransformer("box-cox", standardize=False))
    ),
    "QuantileTransformer": Case(
        lambda: numbers(preprocessing.QuantileTransformer(n_quantiles=50)), missing=True
    ),
    "QuantileTransformer normal": Case(
        lambda: (
            numbers(preprocessing.QuantileTransformer(50, output_distribution="normal"))
            if VERSION < (1, 0)
            else numbers(
                preprocessing.QuantileTransformer(n_quantiles=50, output_distribution="normal")
            )
        ),
        missing=True,
    ),
    **{
        f"KBinsDiscretizer {strategy} {encode}": Case(
            lambda strategy=strategy, encode=encode: numbers(
                preprocessing.KBinsDiscretizer(4, strategy=strategy, encode=encode)
            )
        )
        for strategy in ("uniform", "kmeans")
        for encode in ("ordinal", "onehot", "onehot-dense")
    },
    "KBinsDiscretizer quantile": Case(
        lambda: on(["a", "b"], preprocessing.KBinsDiscretizer(5, encode="onehot-dense"))
    ),
}
IMPUTERS: dict[str, Case] = {
    **{
        f"SimpleImputer {strategy}": Case(
            lambda strategy=strategy: numbers(impute.SimpleImputer(strategy=strategy)), missing=True
        )
        for strategy in ("mean", "median", "most_frequent", "constant")
    },
    "SimpleImputer constant": Case(
        lambda: numbers(impute.SimpleImputer(strategy="constant", fill_value=-7.5)), missing=True
    ),
    "SimpleImputer of 0": Case(lambda: numbers(impute.SimpleImputer(missing_values=0))),
    "SimpleImputer indicator": Case(
        lambda: numbers(impute.SimpleImputer(add_indicator=True)), missing=True
    ),
    "SimpleImputer text": Case(
        lambda: pipeline.make_pipeline(
            on(TEXTS, impute.SimpleImputer(strategy="most_frequent", missing_values=None)),
            preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        ),
        missing=True,
    ),
    "SimpleImputer text indicator": Case(
        lambda: pipeline.make_pipeline(
            on(
                TEXTS,
                impute.SimpleImputer(
                    strategy="constant", fill_value="?", missing_values=None, add_indicator=True
                ),
            ),
            compose.ColumnTransformer(
                [("codes", preprocessing.OneHotEncoder(handle_unknown="ignore"), [0, 1])],
                remainder="passthrough",
            ),
        ),
        missing=True,
    ),
    "MissingIndicator": Case(lambda: numbers(impute.MissingIndicator()), missing=True),
    "MissingIndicator all": Case(
        lambda: on([*NUMBERS], impute.MissingIndicator(features="all")), missing=True
    ),
}
ENCODERS: dict[str, Case] = {
    "OneHotEncoder": Case(lambda: on(TEXTS, preprocessing.OneHotEncoder(handle_unknown="ignore"))),
    "OneHotEncoder strict": Case(lambda: on([*TEXTS, "c"], preprocessing.OneHotEncoder())),
    "OneHotEncoder strict missing": Case(
        lambda: on(["job", "c"], preprocessing.OneHotEncoder()), missing=True
    ),
    "OrdinalEncoder strict missing": Case(
        lambda: on(["job", "c"], preprocessing.OrdinalEncoder()), missing=True
    ),
    "OneHotEncoder first": Case(
        lambda: on(TEXTS, preprocessing.OneHotEncoder(drop="first", handle_unknown="ignore"))
    ),
    "OneHotEncoder if_binary": Case(
        lambda: on(["flag", "job", "c"], preprocessing.OneHotEncoder(drop="if_binary"))
    ),
    "OneHotEncoder numbers": Case(
        lambda: on(["c", "flag"], preprocessing.OneHotEncoder(handle_unknown="ignore"))
    ),
    "OneHotEncoder infrequent": Case(
        lambda: on(
            [*TEXTS, "c"],
            preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=50),
        )
    ),
    "OneHotEncoder max_categories": Case(
        lambda: on(
            [*TEXTS, "c"],
            preprocessing.OneHotEncoder(handle_unknown="ignore", max_categories=3),
        )
    ),
    "OneHotEncoder infrequent first": Case(
        lambda: on(
            TEXTS,
            preprocessing.OneHotEncoder(
                drop="first", handle_unknown="infrequent_if_exist", min_frequency=0.1
            ),
        ),
        since=(1, 3),
    ),
    "OneHotEncoder missing": Case(
        lambda: on([*TEXTS, "c"], preprocessing.OneHotEncoder(handle_unknown="ignore")),
        missing=True,
    ),
    "OneHotEncoder warn": Case(
        lambda: on(TEXTS, preprocessing.OneHotEncoder(handle_unknown="warn", min_frequency=50)),
        since=(1, 6),
    ),
    "OrdinalEncoder": Case(
        lambda: on(
            [*TEXTS, "c", "flag"],
            preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        )
    ),
    "OrdinalEncoder strict": Case(lambda: on([*TEXTS, "c"], preprocessing.OrdinalEncoder())),
    "OrdinalEncoder NaN": Case(
        lambda: on(
            [*TEXTS, "c"],
            preprocessing.OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=-9
            ),
        ),
        missing=True,
    ),
    "OrdinalEncoder infrequent": Case(
        lambda: on(
            [*TEXTS, "c"],
            preprocessing.OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=99, min_frequency=60
            ),
        ),
        since=(1, 3),
    ),
    "TargetEncoder": Case(
        lambda: on([*TEXTS, "c"], preprocessing.TargetEncoder()), missing=True, since=(1, 3)
    ),
    "TargetEncoder multiclass": Case(
        lambda: on([*TEXTS, "c"], preprocessing.TargetEncoder()), since=(1, 4), classes=3
    ),
}
FEATURES: dict[str, Case] = {
    "PolynomialFeatures": Case(lambda: on(["a", "c"], preprocessing.PolynomialFeatures(3))),
    "PolynomialFeatures interactions": Case(
        lambda: numbers(
            preprocessing.PolynomialFeatures(2, interaction_only=True, include_bias=False)
        )
    ),
    "PolynomialFeatures from 2": Case(
        lambda: on(["a", "c"], preprocessing.PolynomialFeatures((2, 4)))
    ),
    **{
        f"SplineTransformer {outside} {degree}": Case(
            lambda outside=outside, degree=degree: (
                on(["a", "c"], preprocessing.SplineTransformer(4, degree, extrapolation=outside))
                if VERSION < (1, 0)
                else on(
                    ["a", "c"],
                    preprocessing.SplineTransformer(
                        n_knots=5, degree=degree, extrapolation=outside, include_bias=degree != 2
                    ),
                )
            )
        )
        for outside in ("constant", "linear", "continue", "periodic", "error")
        for degree in (1, 2, 3)
        if (outside, degree) != ("linear", 1)
    },
    "SplineTransformer one column": Case(
        lambda: on(["a"], preprocessing.SplineTransformer(degree=1, extrapolation="linear"))
    ),
    "PCA": Case(lambda: numbers(decomposition.PCA(2, svd_solver="full"))),
    "PCA whiten": Case(
        lambda: on(["a", "c"], decomposition.PCA(2, whiten=True, svd_solver="full"))
    ),
    "IncrementalPCA": Case(lambda: on(["a", "c"], decomposition.IncrementalPCA(1))),
    "TruncatedSVD": Case(lambda: numbers(decomposition.TruncatedSVD(2, random_state=0))),
    "FunctionTransformer log1p": Case(
        lambda: on(["b", "c"], preprocessing.FunctionTransformer(np.log1p)), missing=True
    ),
    "FunctionTransformer none": Case(lambda: numbers(preprocessing.FunctionTransformer())),
    "FunctionTransformer checked": Case(
        lambda: numbers(preprocessing.FunctionTransformer(np.abs, validate=True))
    ),
    **{
        f"FunctionTransformer {function.__name__}": Case(
            lambda function=function: numbers(preprocessing.FunctionTransformer(function))
        )
        for function in (np.sqrt, np.square, np.cbrt, np.sign, np.log10, np.log2, np.arctan)
    },
    "SelectKBest": Case(
        lambda: numbers(feature_selection.SelectKBest(feature_selection.f_classif, k=2))
    ),
    "SelectKBest all": Case(lambda: numbers(feature_selection.SelectKBest(k="all"))),
    "SelectPercentile": Case(
        lambda: numbers(feature_selection.SelectPercentile(percentile=50)),
    ),
    "SelectFpr": Case(lambda: numbers(feature_selection.SelectFpr())),
    "SelectFdr": Case(lambda: numbers(feature_selection.SelectFdr())),
    "SelectFwe": Case(lambda: numbers(feature_selection.SelectFwe())),
    "GenericUnivariateSelect": Case(
        lambda: numbers(feature_selection.GenericUnivariateSelect(mode="k_best", param=1))
    ),
    "VarianceThreshold": Case(lambda: numbers(feature_selection.VarianceThreshold(3.0))),
    "SelectFromModel": Case(lambda: numbers(feature_selection.SelectFromModel(Lasso(0.01)))),
    "SelectFromModel median": Case(
        lambda: on(
            ["a", "c"],
            feature_selection.SelectFromModel(LogisticRegression(), threshold="1.0*median"),
        )
    ),
    "RFE": Case(lambda: on(["a", "c"], feature_selection.RFE(LogisticRegression()))),
    "RFECV": Case(lambda: on(["a", "c"], feature_selection.RFECV(LogisticRegression(), cv=2))),
    "SequentialFeatureSelector": Case(
        lambda: on(
            ["a", "c"],
            feature_selection.SequentialFeatureSelector(
                LogisticRegression(), n_features_to_select=1
            ),
        )
    ),
}
VECTORIZERS: dict[str, Case] = {
    "CountVectorizer": Case(lambda: on("note", vectorizing.CountVectorizer())),
    "CountVectorizer ngrams": Case(
        lambda: on(
            "note",
            vectorizing.CountVectorizer(ngram_range=(1, 3), stop_words=["the", "in"], binary=True),
        )
    ),
    "CountVectorizer ascii": Case(
        lambda: on("note", vectorizing.CountVectorizer(strip_accents="ascii", lowercase=False))
    ),
    "CountVectorizer unicode": Case(
        lambda: on(
            "note", vectorizing.CountVectorizer(strip_accents="unicode", stop_words="english")
        )
    ),
    "CountVectorizer char": Case(
        lambda: on("note", vectorizing.CountVectorizer(analyzer="char", ngram_range=(1, 2)))
    ),
    "CountVectorizer char_wb": Case(
        lambda: on("note", vectorizing.CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)))
    ),
    "HashingVectorizer": Case(lambda: on("note", vectorizing.HashingVectorizer(n_features=64))),
    "HashingVectorizer binary": Case(
        lambda: on(
            "note",
            vectorizing.HashingVectorizer(
                n_features=13, binary=True, norm="l1", ngram_range=(1, 2), stop_words=["in"]
            ),
        )
    ),
    "HashingVectorizer unsigned": Case(
        lambda: on(
            "note",
            vectorizing.HashingVectorizer(
                n_features=50, alternate_sign=False, norm=None, analyzer="char_wb"
            ),
        )
    ),
    "TfidfVectorizer": Case(lambda: on("note", vectorizing.TfidfVectorizer())),
    "TfidfVectorizer sublinear": Case(
        lambda: on("note", vectorizing.TfidfVectorizer(sublinear_tf=True, norm="l1"))
    ),
    "TfidfVectorizer plain": Case(
        lambda: on("note", vectorizing.TfidfVectorizer(use_idf=False, norm=None))
    ),
    "TfidfTransformer": Case(
        lambda: pipeline.make_pipeline(
            on("note", vectorizing.CountVectorizer()), vectorizing.TfidfTransformer()
        )
    ),
}
COMPOSED: dict[str, Case] = {
    "mixed with None": Case(lambda: mixed(preprocessing.MaxAbsScaler()), missing=True),
    "mixed": Case(lambda: mixed(preprocessing.MaxAbsScaler()), missing=True),
    "remainder passthrough": Case(
        lambda: compose.ColumnTransformer(
            [
                ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), TEXTS),
                ("gone", "drop", ["note"]),
                ("kept", "passthrough", ["c"]),
            ],
            remainder="passthrough",
        )
    ),
    "remainder estimator": Case(
        lambda: compose.ColumnTransformer(
            [
                ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), TEXTS),
                ("gone", "drop", ["note", "flag"]),
            ],
            remainder=preprocessing.MinMaxScaler(),
        )
    ),
    "columns by position": Case(
        lambda: compose.ColumnTransformer(
            [
                ("one", preprocessing.StandardScaler(), [2, 0]),
                ("two", preprocessing.MinMaxScaler(), slice(0, 2)),
                ("three", preprocessing.RobustScaler(), slice("b", "c")),
                ("mask", preprocessing.MaxAbsScaler(), [True] + [False] * 6),
                ("last", preprocessing.OrdinalEncoder(), [-2]),
            ]
        )
    ),
    "columns by type": Case(
        lambda: compose.make_column_transformer(
            (preprocessing.StandardScaler(), compose.make_column_selector(dtype_include="float")),
            (
                preprocessing.OneHotEncoder(handle_unknown="ignore"),
                compose.make_column_selector("job|town"),
            ),
        )
    ),
    "FeatureUnion": Case(
        lambda: on(
            NUMBERS,
            pipeline.FeatureUnion(
                [
                    ("scaled", preprocessing.StandardScaler()),
                    ("kept", "passthrough"),
                    ("none", "drop"),
                    ("squares", preprocessing.PolynomialFeatures(2)),
                ]
            ),
        )
    ),
    "nested": Case(
        lambda: pipeline.make_pipeline(
            compose.ColumnTransformer(
                [("inner", pipeline.make_pipeline(numbers(impute.SimpleImputer())), NUMBERS)],
                remainder="drop",
            ),
            "passthrough",
            pipeline.Pipeline([("s", preprocessing.StandardScaler()), ("p", decomposition.PCA(2))]),
        ),
        missing=True,
    ),
    "set_output": Case(
        lambda: pipeline.make_pipeline(
            compose.ColumnTransformer(
                [
                    ("n", preprocessing.StandardScaler(), NUMBERS),
                    ("t", preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value",
                                                       unknown_value=-1), TEXTS),
                ],
                verbose_feature_names_out=False,
            ).set_output(transform="pandas"),
            compose.ColumnTransformer([("again", preprocessing.MinMaxScaler(), ["c", "job"])]),
        )
    ),
    "weights": Case(
        lambda: compose.ColumnTransformer(
            [
                ("one", preprocessing.StandardScaler(), NUMBERS),
                ("two", preprocessing.MinMaxScaler(), ["a"]),
            ],
            transformer_weights={"one": 0.5, "two": 3.0},
        )
    ),
}  # fmt: skip
CASES: dict[str, Case] = {
    **SCALERS, **IMPUTERS, **ENCODERS, **FEATURES, **VECTORIZERS, **COMPOSED,
}  # fmt: skip

DEPLOYED = (
    "StandardScaler", "MinMaxScaler", "MinMaxScaler clip", "MaxAbsScaler clip", "Normalizer l1",
    "Binarizer", "PowerTransformer", "PowerTransformer plain", "QuantileTransformer",
    "KBinsDiscretizer uniform ordinal", "KBinsDiscretizer uniform onehot", "SimpleImputer mean",
    "SimpleImputer of 0", "SimpleImputer indicator", "SimpleImputer text",
    "SimpleImputer text indicator", "MissingIndicator", "OneHotEncoder", "OneHotEncoder strict",
    "OneHotEncoder strict missing", "OrdinalEncoder strict missing", "OneHotEncoder if_binary",
    "OneHotEncoder numbers", "OrdinalEncoder", "OrdinalEncoder strict", "PolynomialFeatures",
    "SplineTransformer constant 1", "PCA", "PCA whiten", "TruncatedSVD",
    "FunctionTransformer log1p", "FunctionTransformer none", "FunctionTransformer checked",
    "SelectKBest", "CountVectorizer", "HashingVectorizer", "HashingVectorizer unsigned",
    "TfidfVectorizer", "TfidfVectorizer sublinear", "mixed with None", "remainder passthrough",
    "remainder estimator", "columns by position", "columns by type", "FeatureUnion", "nested",
    "set_output", "weights",
)  # fmt: skip
"""One of each set of ops and of kinds of columns. Others compute what these do with other numbers:
tests/parity/test_sklearn_transformers.py scores all by the same kernels, and the profile `thorough`
deploys all."""
