"""Predictors of scikit-learn against the library, and what their constructors take.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from estimators import compute, lower, rows_of  # noqa: E402
from sklearn_fits import build, check, columns, fit  # noqa: E402

from exporter.ir.graph import Port  # noqa: E402
from exporter.ir.ops import Softmax  # noqa: E402

pytestmark = pytest.mark.framework

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
    "SGDClassifier('modified_huber')",
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
BINARY = ("LogisticRegression(solver='liblinear')",)


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


def test_likelihoods_of_columns_of_one_value_are_the_same_to_the_last_bit() -> None:
    """Of such a column the variance is next to nothing, and the sum of all so large that its last
    digits decide: what follows, as an isotonic map, makes them visible."""
    x, y = columns(), np.arange(300) % 3
    x[y == 1, 2] = 0.0
    x[y == 2, 4] = 1.0
    model = build("GaussianNB()").fit(x, y)
    rows = columns()[::-1]
    wanted = model._joint_log_likelihood(rows)
    assert np.abs(wanted).max() > 1e7
    graph = lower(model)
    (softmax,) = [node for node in graph.nodes if isinstance(node.op, Softmax)]
    joint = replace(graph, outputs=(Port("joint", softmax.inputs[0], (3,), "float64"),))
    assert (compute(joint, rows_of(graph, rows)) == wanted).all()
