"""Support vector machines and kernel ridge regression of scikit-learn, against the library.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from estimators import lower  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn_fits import build, check, columns, fit, hard_rows  # noqa: E402

from exporter.errors import UnsupportedError  # noqa: E402

pytestmark = [
    pytest.mark.framework,
    pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning"),
]

CLASSIFIERS = (
    "SVC()",
    "SVC(kernel='linear')",
    "SVC(kernel='poly', coef0=0.5, degree=2, gamma=0.3)",
    "SVC(kernel='sigmoid', coef0=-0.5, gamma='auto')",
    "SVC(break_ties=True)",
    "SVC(decision_function_shape='ovo')",
    "SVC(class_weight='balanced', C=0.01)",
    "SVC(probability=True, random_state=0)",
    "SVC(kernel='linear', probability=True, random_state=0)",
    "NuSVC(nu=0.3)",
    "NuSVC(nu=0.3, probability=True, random_state=0)",
)
REGRESSORS = (
    "KernelRidge()",
    "KernelRidge(kernel='rbf', gamma=0.1)",
    "KernelRidge(kernel='rbf')",
    "KernelRidge(kernel='polynomial', degree=2)",
    "KernelRidge(kernel='sigmoid', gamma=0.01, coef0=0.2)",
    "NuSVR(nu=0.3)",
    "OneClassSVM()",
    "SVR()",
    "SVR(kernel='linear')",
    "SVR(kernel='poly')",
    "SVR(kernel='sigmoid')",
    "SVR(epsilon=100)",
)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", CLASSIFIERS)
def test_a_classifier_has_the_answers_of_scikit_learn(model: str, classes: int) -> None:
    check(fit(model, classes))


@pytest.mark.parametrize("model", REGRESSORS)
def test_a_regressor_predicts_what_it_predicts_in_scikit_learn(model: str) -> None:
    check(fit(model))


def test_cubes_that_cancel_out() -> None:
    """Of rows that are not so large that what is left of the sum is rounding."""
    rows = hard_rows()
    check(fit("OneClassSVM(kernel='poly', nu=0.2)"), rows[np.abs(rows).max(axis=1) < 1e3])


def test_several_targets_are_an_array() -> None:
    check(fit("KernelRidge(kernel='rbf')", targets=3))


@pytest.mark.parametrize("model", ["SVC()", "SVC(kernel='linear')", "SVR()"])
def test_it_was_fitted_on_a_sparse_matrix(model: str) -> None:
    x = columns().round().clip(min=0)
    y = (x.sum(axis=1) > 2) + 0.0 if "SVR" in model else (x.sum(axis=1)).clip(max=3).astype(int)
    check(build(model).fit(sparse.csr_matrix(x), y))


def test_a_decision_of_zero_is_the_second_class() -> None:
    """libsvm asks whether its own decision, of the first class, is above 0."""
    x = np.array([[-1.0], [1.0]])
    model = build("SVC(kernel='linear')").fit(x, [0, 1])
    assert (model.decision_function([[0.0]]), model.predict([[0.0]])) == (0, 1)
    check(model, np.zeros((10, 1)))


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [("precomputed", "its kernel is precomputed"), (np.dot, "its kernel is")],
)
def test_other_kernels_are_refused(kernel: Any, reason: str) -> None:
    x = np.eye(10)
    model = build("SVC()").set_params(kernel=kernel).fit(x, [0, 1] * 5)
    with pytest.raises(UnsupportedError, match=reason):
        lower(model)
