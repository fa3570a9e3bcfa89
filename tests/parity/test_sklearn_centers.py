"""Discriminants, clusters, mixtures and partial least squares of scikit-learn, against the library.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from estimators import lower  # noqa: E402
from sklearn.utils import all_estimators  # noqa: E402
from sklearn_fits import build, check, columns, fit  # noqa: E402

from exporter.errors import UnsupportedError  # noqa: E402
from exporter.formats.sklearn.lowering import ESTIMATORS, centers, refused  # noqa: E402

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


@pytest.mark.parametrize("name", sorted(refused.REASONS))
def test_what_keeps_the_rows_that_it_was_fitted_on_is_refused_with_the_reason(name: str) -> None:
    model = build(f"{name}()")
    x = columns()
    model.fit(x, (x[:, 0] > 0).astype(int))
    reason, advice, _ = refused.REASONS[name]
    with pytest.raises(UnsupportedError) as caught:
        lower(model)
    assert f"{reason}. {advice}" in str(caught.value)


@pytest.mark.parametrize("name", sorted(centers.ESTIMATORS | refused.ESTIMATORS))
def test_every_parameter_of_a_class_is_used_or_known_to_change_no_score(name: str) -> None:
    taken = set(inspect.signature(dict(all_estimators())[name].__init__).parameters) - {"self"}
    entry = ESTIMATORS[name]
    assert taken <= {*entry.used, *entry.ignored}
    assert not set(entry.used) & set(entry.ignored)
