"""Writes tests/data/sklearn/refused/NAME-VERSION.pkl: models of scikit-learn before 0.22 whose
scores were others. It needs nothing else:

    PYTHONPATH=/where/it/is python tests/data/make_refused_sklearn.py
"""

import pickle
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.multiclass import OneVsOneClassifier
from sklearn.svm import SVC, LinearSVC

FOLDER = Path(__file__).parent / "sklearn" / "refused"
MODELS = {
    "outliers": IsolationForest(n_estimators=2, max_samples=8, contamination=0.1, behaviour="new"),
    "pairs": OneVsOneClassifier(LinearSVC()),
    "votes": SVC(gamma="scale"),
}


def main() -> None:
    """Write all files of this version."""
    x = np.random.RandomState(0).standard_normal((20, 2))
    for name, model in MODELS.items():
        model.fit(x, np.digitize(x[:, 0], [-0.4, 0.4]))
        path = FOLDER / f"{name}-{sklearn.__version__}.pkl"
        path.write_bytes(pickle.dumps(model, protocol=2))


if __name__ == "__main__":
    main()
