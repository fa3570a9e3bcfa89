"""Fitted predictors of the scikit-learn at hand, written with what it answers to hard rows.

    python tests/sklearn_grid.py FOLDER ROWS

It needs nothing of this program: an older scikit-learn runs it in an environment of its own.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.pipeline import Pipeline
from sklearn.utils import all_estimators

INSIDE = "[('a', LogisticRegression()), ('b', GaussianNB()), ('c', LinearSVC())]"
SOFT = "[('a', LogisticRegression()), ('b', GaussianNB())]"
CLASSIFIERS = {
    "bagging": "BaggingClassifier(LinearSVC(), n_estimators=3)",
    "bayes": "GaussianNB()",
    "calibrated": "CalibratedClassifierCV(LinearSVC(), cv=3)",
    "calibrated-isotonic": "CalibratedClassifierCV(GaussianNB(), method='isotonic', cv=3)",
    "boosted": "GradientBoostingClassifier(n_estimators=5)",
    "chosen": "GridSearchCV(LogisticRegression(), {'C': [0.1, 1]})",
    "dummy": "Pipeline([('s', StandardScaler()), ('d', DummyClassifier())])",
    "forest": "RandomForestClassifier(5, max_depth=4)",
    "lda": "LinearDiscriminantAnalysis()",
    "logistic": "LogisticRegression()",
    "mlp": "MLPClassifier(5, max_iter=20)",
    "nu-svc": "NuSVC(nu=0.3, probability=True)",
    "one-one": "OneVsOneClassifier(LinearSVC())",
    "one-rest": "OneVsRestClassifier(LogisticRegression())",
    "one-rest-tree": "OneVsRestClassifier(DecisionTreeClassifier(max_depth=1))",
    "qda": "QuadraticDiscriminantAnalysis()",
    "stacking": f"StackingClassifier({INSIDE}, passthrough=True)",
    "svc": "SVC()",
    "svc-linear": "SVC(kernel='linear', break_ties=True)",
    "svc-poly": "SVC(kernel='poly', probability=True)",
    "tree": "DecisionTreeClassifier(max_depth=3)",
    "voting-soft": f"VotingClassifier({SOFT}, voting='soft', weights=[1, 2])",
}
REGRESSORS = {
    "bagging-regressor": "BaggingRegressor(Ridge(), n_estimators=3, max_features=0.6)",
    "cca": "CCA(1)",
    "dummy-regressor": "Pipeline([('s', StandardScaler()), ('d', DummyRegressor())])",
    "envelope": "EllipticEnvelope(random_state=0)",
    "kernel-ridge": "KernelRidge(kernel='rbf')",
    "kmeans": "KMeans(4, n_init=1)",
    "kmeans-parts": "BisectingKMeans(4)",
    "mixture": "GaussianMixture(3)",
    "one-class": "OneClassSVM()",
    "pls": "PLSRegression()",
    "power-target": "TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)",
    "ridge": "Ridge()",
    "stacking-regressor": "StackingRegressor([('a', Ridge()), ('b', Lasso(0.1))])",
    "svr": "SVR()",
    "target": "TransformedTargetRegressor(Ridge(), transformer=RobustScaler())",
    "voting-regressor": "VotingRegressor([('a', Ridge()), ('b', Lasso(0.1))], weights=[1, 3])",
}


def hard_rows(count: int) -> np.ndarray:
    """Ordinary rows, zeros of both signs, subnormal and large ones."""
    generator = np.random.default_rng(1)
    scales = generator.choice([0.0, -0.0, 1e-310, 1e-5, 1, 1, 1, 30, 1e4], size=(count, 1))
    return generator.standard_normal((count, 4)) * scales


def answer(model: Any, rows: np.ndarray) -> np.ndarray:
    """Probabilities, else decisions, else predictions."""
    if hasattr(model, "predict_proba"):
        found = model.predict_proba(rows)
        return found[:, 1:] if found.shape[1] == 2 and hasattr(model, "classes_") else found
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(rows))
    return np.asarray(model.predict(rows))


def main(folder: str, count: str) -> None:
    """Write each model as a pickle, and its answers beside it."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    names = dict(all_estimators()) | {"np": np, "Pipeline": Pipeline}
    x = np.random.default_rng(0).standard_normal((200, 4))
    y = x @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.3 * x[:, 0] ** 2
    rows = hard_rows(int(count))
    cases = [(f"{name}-{n}", text, n) for name, text in CLASSIFIERS.items() for n in (2, 3)]
    cases += [(name, text, 0) for name, text in REGRESSORS.items()]
    for name, text, classes in cases:
        target = np.abs(y)
        if classes:
            target = np.array(["a", "b", "c"])[np.digitize(y, [0.0] if classes == 2 else [-1, 1])]
        model = eval(text, names).fit(x, target)
        path = Path(folder) / f"{name}.pkl"
        path.write_bytes(pickle.dumps(model, protocol=4))
        arrays = {"x": rows, "y": answer(model, rows).reshape(len(rows), -1)}
        if classes:
            arrays["labels"] = np.array([str(item) for item in model.predict(rows)])
        np.savez(f"{path}.npz", **arrays)
    print(sklearn.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
