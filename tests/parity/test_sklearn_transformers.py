"""Transformers and pipelines of scikit-learn against the library, on ordinary and hard rows."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

import zoo_sklearn  # noqa: E402
from budgets import cases  # noqa: E402
from estimators import lower, rows_of  # noqa: E402
from sklearn import (  # noqa: E402
    compose,
    feature_selection,
    impute,
    pipeline,
    preprocessing,
)
from sklearn.feature_extraction import text as vectorizing  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn_fits import kinds  # noqa: E402
from sklearn_scores import check, scores  # noqa: E402
from zoo_sklearn import (  # noqa: E402
    CASES,
    DEPLOYED,
    NUMBERS,
    TEXTS,
    VERSION,
    Case,
    hard_rows,
    mixed,
    numbers,
    on,
    table,
    targets,
)  # fmt: skip

from exporter.engines.reference import evaluate  # noqa: E402
from exporter.errors import UnsupportedError  # noqa: E402
from exporter.formats.sklearn import lowering  # noqa: E402
from exporter.formats.sklearn.lowering import ESTIMATORS  # noqa: E402
from exporter.ir.passes import simplify  # noqa: E402
from exporter.ir.plan import plan_graph  # noqa: E402
from exporter.ir.signature import sign  # noqa: E402

pytestmark = pytest.mark.framework
ROWS = cases(400)
KNOWN = [name for name, case in CASES.items() if case.since <= VERSION]


class OwnScaler(preprocessing.StandardScaler):  # type: ignore[misc,unused-ignore]
    """A class of the model's author."""


@cache
def fit(case: Case) -> Any:
    """The model of a case, fitted once; what scikit-learn warns of is its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return case.fit()


def rows_for(model: Any, case: Case) -> Any:
    """Ordinary rows, then those on the model's edges."""
    step = getattr(model, "named_transformers_", {}).get("step", model)
    ordinary = table(ROWS, 5, 0.15 if case.missing else 0.0)
    return pd.concat([ordinary, hard_rows(step, case.missing)], ignore_index=True)


@pytest.mark.parametrize("name", KNOWN)
def test_a_transformer_gives_what_it_gives_in_scikit_learn(name: str) -> None:
    model = fit(CASES[name])
    check(model, rows_for(model, CASES[name]))


def test_every_class_has_a_case() -> None:
    text = Path(zoo_sklearn.__file__).read_text(encoding="utf-8")
    families = (
        lowering.composition, lowering.scaling, lowering.imputing, lowering.encoding,
        lowering.features, lowering.texts,
    )  # fmt: skip
    names = {name for family in families for name in family.ESTIMATORS}
    refused = {name for name in names if ESTIMATORS[name].limits.startswith("refused")}
    assert {name for name in names - refused if f"{name}(" not in text} == set()


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_parameter_is_used_or_known_to_change_no_score(name: str) -> None:
    """A parameter of a newer scikit-learn, about which nothing is known, fails here first."""
    if name not in kinds():
        pytest.skip(f"this scikit-learn has no {name}")
    entry = ESTIMATORS[name]
    taken = set(kinds()[name]._get_param_names())
    assert taken <= {*entry.used, *entry.ignored}, name
    assert not set(entry.used) & set(entry.ignored)
    assert all(entry.ignored.values())


def test_parameters_called_used_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = {}

    class Watched(lowering.Context):
        """Remembers what was asked for."""

        def param(self, *names: str, **options: Any) -> Any:
            """A parameter."""
            read.setdefault(self.record.name, set()).update(names)
            return super().param(*names, **options)

    monkeypatch.setattr(lowering, "Context", Watched)
    ops: dict[bool, set[str]] = {True: set(), False: set()}
    for name in KNOWN:
        graph = lower(fit(CASES[name]))
        ops[name in DEPLOYED].update(type(node.op).__name__ for node in graph.nodes)
    assert ops[False] <= ops[True], "nothing of these in DEPLOYED"
    unread = {name: set(ESTIMATORS[name].used) - asked for name, asked in read.items()}
    assert {name: names for name, names in unread.items() if names} == {}


def test_columns_say_what_they_are() -> None:
    frame = table(300, 1, 0.1)
    model = compose.make_column_transformer(
        (impute.SimpleImputer(), ["a"]),
        (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["job", "flag", "c"]),
        (preprocessing.PolynomialFeatures(2), ["b"]),
    )
    frame[["b", "c"]] = frame[["b", "c"]].fillna(0)
    graph = lower(model.fit(frame[["b", "flag", "note", "job", "c", "a"]]))
    assert [(c.name, c.kind, c.nulls) for c in graph.columns] == [
        ("b", "number", "null"),  # PolynomialFeatures takes no NaN
        ("flag", "boolean", "missing"),
        ("job", "text", "missing"),
        ("c", "number", "missing"),
        ("a", "number", "missing"),
    ]


def test_an_array_has_columns_by_place() -> None:
    x = np.random.default_rng(0).normal(size=(50, 4))
    graph = lower(pipeline.make_pipeline(preprocessing.StandardScaler()).fit(x))
    assert [column.name for column in graph.columns] == ["x0", "x1", "x2", "x3"]


def test_one_unknown_null_is_none_or_nan_as_it_was_when_fitted() -> None:
    """An imputer of NaN leaves None alone, and the encoder behind it has it as a category."""
    frame = table(300, 1, 0.2)
    with_none = mixed().fit(frame[NUMBERS + TEXTS])
    with_nan = mixed().fit(frame[NUMBERS + TEXTS].where(frame.notna(), np.nan))
    check(with_none, table(200, 2, 0.2))
    rows = table(200, 2, 0.2)
    check(with_nan, rows.where(rows.notna(), np.nan))


AUTHORS_OWN = "code of the model's author"
REFUSED: dict[str, tuple[Any, str, str]] = {
    "a function of its author": (
        lambda: numbers(preprocessing.FunctionTransformer(zoo_sklearn.double)), AUTHORS_OWN, "log1p"
    ),
    "a function with arguments": (
        lambda: numbers(preprocessing.FunctionTransformer(np.round, kw_args={"decimals": 1})),
        "it has kw_args", "without",
    ),
    "quantiles of what may be sparse": (
        lambda: on(
            ["a"],
            pipeline.make_pipeline(
                preprocessing.KBinsDiscretizer(2),
                preprocessing.QuantileTransformer(n_quantiles=5, output_distribution="normal"),
            ),
        ),
        "may be a sparse matrix", "uniform",
    ),
    "KNNImputer": (lambda: numbers(impute.KNNImputer()), "nearest of the rows", "SimpleImputer"),
    "a tokenizer of its author": (
        lambda: on("note", vectorizing.CountVectorizer(tokenizer=sorted, token_pattern=None)),
        "its tokenizer is a function", "SQL",
    ),
    "a token pattern": (
        lambda: on("note", vectorizing.CountVectorizer(token_pattern="[a-z]+")),
        "its token_pattern '[a-z]+'", "standard",
    ),
    "splines of degree 1": (
        lambda: numbers(preprocessing.SplineTransformer(degree=1, extrapolation="linear")),
        "its degree is 1", "degree of 2",
    ),
    "texts in the output": (
        lambda: on(TEXTS, impute.SimpleImputer(strategy="most_frequent")), "texts", "encoder"
    ),
    "a class that is not known": (
        lambda: numbers(OwnScaler()),
        "it is not supported", "docs/sklearn.md",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exported_is_refused_with_what_to_do(name: str) -> None:
    make, reason, advice = REFUSED[name]
    frame = table(100, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make().fit(frame, targets(frame))
    with pytest.raises(UnsupportedError) as caught:
        lower(model)
    assert reason in str(caught.value) and advice in str(caught.value)


def test_an_encoder_of_the_target_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="its label is the class"):
        lower(preprocessing.LabelEncoder().fit(["a", "b"]))


def test_all_reasons_come_at_once_with_the_place_of_each() -> None:
    frame = table(100, 1)
    model = pipeline.make_pipeline(
        compose.ColumnTransformer(
            [
                ("near", impute.KNNImputer(), NUMBERS),
                ("own", preprocessing.FunctionTransformer(zoo_sklearn.double), ["a"]),
                ("words", vectorizing.CountVectorizer(token_pattern="x+"), "note"),
            ]
        ),
        preprocessing.FunctionTransformer(zoo_sklearn.double),
        LogisticRegression(),
    )
    model.steps[0] = (model.steps[0][0], pipeline.make_pipeline(model.steps[0][1]))
    for step in (model.steps[0][1].steps[0][1],):
        step.transformers_ = step.transformers
        step.feature_names_in_ = np.array(list(frame), object)
        step.n_features_in_ = frame.shape[1]
    with pytest.raises(UnsupportedError) as caught:
        lower(model)
    problems = {problem.layer.split("/")[-1]: problem for problem in caught.value.problems}
    assert set(problems) == {"near", "own", "words", "functiontransformer", "logisticregression"}
    assert str(caught.value).startswith("5 steps cannot be exported:")
    assert 'step "columntransformer/columntransformer/near" (KNNImputer)' in str(caught.value)


def test_an_unknown_word_is_an_error_also_where_its_column_is_dropped_later() -> None:
    """scikit-learn's encoder raises it before a selector leaves the column out."""
    frame = table(300, 1)
    model = pipeline.make_pipeline(
        compose.ColumnTransformer(
            [
                ("words", preprocessing.OneHotEncoder(), ["job"]),
                ("codes", preprocessing.OrdinalEncoder(), ["c"]),
                ("numbers", preprocessing.StandardScaler(), ["a"]),
            ]
        ),
        feature_selection.SelectKBest(feature_selection.f_regression, k=1),
    ).fit(frame, frame["a"] + np.sin(np.arange(300)))
    assert model[-1].get_support().tolist() == [False] * 8 + [True]
    rows = table(6, 2)
    rows.loc[1, "job"] = "no such"
    rows.loc[3, "c"] = 99.0
    graph = lower(model)
    kept = {node.op.kernel_name for node in simplify(graph).nodes}
    assert kept == {"select", "map_texts", "map_numbers", "standardize"}  # no "indicate"
    found, is_scored = scores(graph, rows_of(graph, rows))
    assert is_scored.tolist() == [True, False, True, False, True, True]
    plan = plan_graph(simplify(graph), sign(graph, "m"))
    for row in range(6):
        one = rows.iloc[row : row + 1]
        if row in (1, 3):
            with pytest.raises(ValueError, match="is none of the"):
                evaluate(plan, rows_of(graph, one))
        else:
            np.testing.assert_allclose(evaluate(plan, rows_of(graph, one))[0][0], found[row])


def test_dates_as_categories_are_refused_as_such() -> None:
    frame = pd.DataFrame({"since": pd.to_datetime(["2024-01-01", "2025-01-01"])})
    encoder = preprocessing.OneHotEncoder().fit(frame)
    with pytest.raises(UnsupportedError, match=r"neither texts nor numbers.*Make them texts"):
        lower(encoder)
