"""What moved between versions of scikit-learn: one table of attributes, one of class names."""

from __future__ import annotations

import re
from typing import Any

from exporter.formats.sklearn.inert import Record

OLDEST = (0, 17)
NEWEST = (1, 9)  # what was tested

OF_LIBSVM: dict[str, tuple[str, ...]] = {
    "_n_support": ("n_support_",),
    "_probA": ("probA_",),
    "_probB": ("probB_",),
}
OF_LEAST_SQUARES: dict[str, tuple[str, ...]] = {
    "coef_": ("_coef_",),
    "_x_mean": ("x_mean_",),
    "_x_std": ("x_std_",),
    "_y_mean": ("y_mean_",),
}

# class -> attribute -> the names it had before, the newest first
MOVED: dict[str, dict[str, tuple[str, ...]]] = {
    "_CalibratedClassifier": {
        "estimator": ("base_estimator",),
        "calibrators": ("calibrators_",),
        "classes": ("classes_",),
    },
    "GaussianNB": {"var_": ("sigma_",)},
    "NuSVC": OF_LIBSVM,
    "SVC": OF_LIBSVM,
    "CCA": OF_LEAST_SQUARES,
    "KernelPCA": {"eigenvalues_": ("lambdas_",), "eigenvectors_": ("alphas_",)},
    "PLSCanonical": OF_LEAST_SQUARES,
    "PLSRegression": OF_LEAST_SQUARES,
    "PLSSVD": OF_LEAST_SQUARES,
    "SelfTrainingClassifier": {"estimator_": ("base_estimator_",)},
    "StandardScaler": {"scale_": ("std_",)},
}

# classes that were renamed: old name -> today's
RENAMED: dict[str, str] = {
    "GraphLasso": "GraphicalLasso",
    "GraphLassoCV": "GraphicalLassoCV",
    "LDA": "LinearDiscriminantAnalysis",
    "ProjectedGradientNMF": "NMF",
    "QDA": "QuadraticDiscriminantAnalysis",
}


def parse_version(text: str) -> tuple[int, ...]:
    """(1, 5, 2) of "1.5.2"; what is no number ends it ("1.6.dev0")."""
    numbers = []
    for part in text.split("."):
        match = re.match(r"\d{1,6}$", part)
        if match is None:
            break
        numbers.append(int(part))
    return tuple(numbers)


def find_version(record: Record) -> str:
    """The version of scikit-learn that saved an estimator, "unknown" before 0.18."""
    found = record.attributes.get("_sklearn_version")
    return found if isinstance(found, str) else "unknown"


def find(record: Record, name: str) -> Any:
    """A fitted attribute by the name that it has today, under whatever name it was saved.

    Raises: KeyError, when it is not there.
    """
    attributes = record.attributes
    class_name = RENAMED.get(record.name, record.name)
    for known in (name, *MOVED.get(class_name, {}).get(name, ())):
        if known in attributes:
            return attributes[known]
    raise KeyError(name)
