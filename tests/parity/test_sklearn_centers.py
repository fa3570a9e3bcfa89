"""Discriminants, clusters, mixtures and partial least squares of scikit-learn, against the library.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from estimators import lower  # noqa: E402
from sklearn_fits import build, check, columns, fit  # noqa: E402

from exporter.errors import UnsupportedError  # noqa: E402
from exporter.formats.sklearn.lowering import refused  # noqa: E402

pytestmark = pytest.mark.framework

CLASSIFIERS = (
    "LinearDiscriminantAnalysis()",
    "LinearDiscriminantAnalysis(solver='lsqr', shrinkage=0.3, priors=None)",
    "LinearDiscriminantAnalysis(solver='eigen')",
    "NearestCentroid()",
    "NearestCentroid(shrink_threshold=0.2)",
    "NearestCentroid(priors='empirical')",
    "QuadraticDiscriminantAnalysis()",
    "QuadraticDiscriminantAnalysis(reg_param=0.2)",
)
CLUSTERS = (
    "AffinityPropagation(damping=0.9, random_state=0)",
    "Birch(threshold=1.5)",
    "Birch(threshold=1.5, n_clusters=None)",
    "BisectingKMeans(5)",
    "BisectingKMeans(1)",
    "KMeans(1)",
    "KMeans(4)",
    "MeanShift(bandwidth=2)",
    "MiniBatchKMeans(4)",
    "PLSRegression()",
    "PLSRegression(scale=False)",
    "EllipticEnvelope(random_state=0)",
)
SEVERAL_TARGETS = ("CCA()", "PLSCanonical()", "PLSRegression(3)")
KINDS = ("diag", "full", "spherical", "tied")


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", CLASSIFIERS)
def test_a_classifier_has_the_answers_of_scikit_learn(model: str, classes: int) -> None:
    check(fit(model, classes))


@pytest.mark.parametrize("model", CLUSTERS)
def test_it_predicts_what_it_predicts_in_scikit_learn(model: str) -> None:
    check(fit(model))


@pytest.mark.parametrize("model", SEVERAL_TARGETS)
def test_several_targets_are_an_array(model: str) -> None:
    check(fit(model, targets=3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prior", ["dirichlet_process", "dirichlet_distribution"])
def test_a_mixture_of_variational_inference(kind: str, prior: str) -> None:
    text = (
        f"BayesianGaussianMixture(n_components=3, covariance_type='{kind}', random_state=0,"
        f" max_iter=9, weight_concentration_prior_type='{prior}')"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not converge
        model = build(text).fit(columns())
    check(model, answer=lambda m, rows: m.predict_proba(rows))


@pytest.mark.parametrize("components", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mixture_gives_the_probability_of_each_component(kind: str, components: int) -> None:
    model = build(f"GaussianMixture({components}, covariance_type='{kind}')").fit(columns())
    check(model, answer=lambda m, rows: m.predict_proba(rows))


def minus_distances(model: Any, rows: np.ndarray) -> np.ndarray:
    """Of Manhattan, from each class."""
    return -np.abs(rows[:, None] - model.centroids_).sum(axis=2)


@pytest.mark.parametrize("model", ["NearestCentroid('manhattan')"])
def test_without_probabilities_the_distances_are_scored(model: str) -> None:
    check(fit(model, 3), answer=minus_distances)


@pytest.mark.parametrize("name", ["KNeighborsClassifier", "DBSCAN"])
def test_what_keeps_the_rows_that_it_was_fitted_on_is_refused_with_the_reason(name: str) -> None:
    model = build(f"{name}()")
    x = columns()
    model.fit(x, (x[:, 0] > 0).astype(int))
    reason, advice, _ = refused.REASONS[name]
    with pytest.raises(UnsupportedError) as caught:
        lower(model)
    assert f"{reason}. {advice}" in str(caught.value)
