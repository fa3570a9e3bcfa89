"""Predictors of scikit-learn against the library, and what their constructors take.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

import inspect
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from estimators import compute, lower, rows_of  # noqa: E402
from sklearn.utils import all_estimators  # noqa: E402

from exporter.formats.sklearn.lowering import ESTIMATORS, bayes, linear, neural  # noqa: E402
from exporter.ir.graph import Port  # noqa: E402

pytestmark = pytest.mark.framework

TOLERANCE = 1e-9
ROWS = 10_000
REGRESSORS = (
    "MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=20)",
    "MLPRegressor(hidden_layer_sizes=8, activation='tanh', max_iter=20)",
    "MLPRegressor(hidden_layer_sizes=8, loss='poisson', max_iter=20)",
    "ARDRegression()",
    "BayesianRidge()",
    "ElasticNet(0.01)",
    "ElasticNetCV()",
    "GammaRegressor()",
    "HuberRegressor()",
    "Lars()",
    "LarsCV()",
    "Lasso(0.01)",
    "LassoCV()",
    "LassoLars(0.01)",
    "LassoLarsCV()",
    "LassoLarsIC()",
    "LinearRegression()",
    "LinearRegression(fit_intercept=False)",
    "OrthogonalMatchingPursuit()",
    "OrthogonalMatchingPursuitCV()",
    "PassiveAggressiveRegressor()",
    "PoissonRegressor()",
    "QuantileRegressor()",
    "RANSACRegressor(random_state=0)",
    "Ridge()",
    "RidgeCV()",
    "SGDRegressor()",
    "TheilSenRegressor()",
    "TweedieRegressor(power=0)",
    "TweedieRegressor(power=1.5)",
    "TweedieRegressor(power=1.5, link='identity')",
    "LinearSVR()",
)
SEVERAL_TARGETS = (
    "LinearRegression()",
    "MultiTaskElasticNet()",
    "MultiTaskElasticNetCV()",
    "MultiTaskLasso()",
    "MultiTaskLassoCV()",
    "Ridge()",
)
CLASSIFIERS = (
    "GaussianNB()",
    "MLPClassifier((8, 4), max_iter=20)",
    "MLPClassifier(8, activation='identity', max_iter=20)",
    "MLPClassifier(8, activation='logistic', max_iter=20)",
    "MLPClassifier(8, activation='tanh', max_iter=20)",
    "LogisticRegression()",
    "LogisticRegression(fit_intercept=False)",
    "LogisticRegression(solver='newton-cg', C=0.1)",
    "LogisticRegressionCV()",
    "PassiveAggressiveClassifier()",
    "Perceptron()",
    "RidgeClassifier()",
    "RidgeClassifierCV()",
    "SGDClassifier()",
    "SGDClassifier('log_loss')",
    "LinearSVC()",
)
NAIVE_BAYES = (
    "BernoulliNB()",
    "BernoulliNB(binarize=None)",
    "BernoulliNB(binarize=0.5, alpha=0.1)",
    "CategoricalNB(min_categories=4)",
    "ComplementNB()",
    "ComplementNB(norm=True)",
    "GaussianNB()",
    "MultinomialNB()",
)
BINARY = (
    "LogisticRegression(solver='liblinear')",
    "SGDClassifier('modified_huber')",
)


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
        return eval(case, dict(all_estimators()))


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


def check(model: Any, rows: np.ndarray | None = None) -> None:
    """Scores and labels of hard rows are scikit-learn's."""
    rows = hard_rows() if rows is None else rows
    graph = lower(model)
    found = compute(graph, rows_of(graph, rows))
    wanted = expected(model, rows).reshape(found.shape)
    scale = np.maximum(1, np.abs(wanted))
    with np.errstate(all="ignore"):
        difference = np.where(
            (found == wanted) | (np.isnan(found) & np.isnan(wanted)),
            0.0,
            np.abs(found - wanted) / scale,
        )
    worst = np.unravel_index(int(difference.argmax()), difference.shape)
    assert difference[worst] <= TOLERANCE, (worst, found[worst], wanted[worst])
    if not sklearn.base.is_classifier(model):
        assert graph.labels == ()
        return
    assert graph.labels == tuple(str(name) for name in model.classes_)
    places = found.argmax(axis=1)
    if graph.choice is not None:
        chosen = replace(graph, outputs=(Port("choice", graph.choice, (1,), "float64"),))
        places = compute(chosen, rows_of(graph, rows)).ravel()
    finite = ~np.isnan(wanted).any(axis=1)
    predicted = model.predict(rows)
    labels = np.array(graph.labels)[np.nan_to_num(places).astype(int)]
    assert (labels[finite] == predicted[finite]).all()


@pytest.mark.parametrize("model", REGRESSORS)
def test_a_regressor_predicts_what_it_predicts_in_scikit_learn(model: str) -> None:
    check(fit(model))


@pytest.mark.parametrize("model", SEVERAL_TARGETS)
def test_several_targets_are_an_array(model: str) -> None:
    check(fit(model, targets=3))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", CLASSIFIERS)
def test_a_classifier_has_the_probabilities_or_decisions_of_scikit_learn(
    model: str, classes: int
) -> None:
    check(fit(model, classes))


@pytest.mark.parametrize("model", BINARY)
def test_what_only_two_classes_have(model: str) -> None:
    check(fit(model, 2))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", NAIVE_BAYES)
def test_naive_bayes_of_counts(model: str, classes: int) -> None:
    """Whole numbers from 0 to 3, as counts and as categories."""
    generator = np.random.default_rng(4)
    counts = generator.integers(4, size=(300, 5)).astype(float)
    if "binarize=None" in model:
        counts = counts.clip(max=1)
    names = np.array(["no", "yes", "größer"][:classes])
    fitted = build(model).fit(counts, names[(counts.sum(axis=1) % classes).astype(int)])
    check(fitted, generator.permuted(np.repeat(counts, 30, axis=0), axis=0))


def test_the_label_is_that_of_the_decision_where_the_probability_cannot_tell() -> None:
    """A decision of 1e-310 is above 0, its probability is 0.5."""
    model = fit("LogisticRegression(fit_intercept=False)", 2)
    rows = 1e-310 * np.sign(model.coef_)
    assert model.predict_proba(rows)[0, 1] == 0.5
    graph = lower(model)
    assert graph.choice is not None
    chosen = replace(graph, outputs=(Port("choice", graph.choice, (1,), "float64"),))
    place = int(compute(chosen, rows_of(graph, rows)).item())
    assert graph.labels[place] == model.predict(rows)[0] == model.classes_[1]


@pytest.mark.parametrize("name", sorted(linear.ESTIMATORS | neural.ESTIMATORS | bayes.ESTIMATORS))
def test_every_parameter_of_a_class_is_used_or_known_to_change_no_score(name: str) -> None:
    kinds = dict(all_estimators())
    if name not in kinds:
        pytest.skip(f"this scikit-learn has no {name}")
    taken = set(inspect.signature(kinds[name].__init__).parameters) - {"self"}
    entry = ESTIMATORS[name]
    assert taken <= {*entry.used, *entry.ignored}
    assert not set(entry.used) & set(entry.ignored)
