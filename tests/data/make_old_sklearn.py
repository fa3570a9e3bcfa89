"""Writes tests/data/sklearn/NAME-VERSION.*: models that scikit-learn 0.18 to 1.1 saved, with rows
and their outputs. It needs nothing else, and runs in Python 3.6:

    PYTHONPATH=/where/it/is python tests/data/make_old_sklearn.py
"""

import gzip
import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cross_decomposition import PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

try:
    from sklearn.preprocessing import Imputer
except ImportError:
    from sklearn.impute import SimpleImputer as Imputer
try:
    from sklearn.linear_model import PoissonRegressor
except ImportError:
    PoissonRegressor = None

FOLDER = Path(__file__).parent / "sklearn"
MODELS = {
    "imputed": make_pipeline(Imputer(), StandardScaler(), LogisticRegression()),
    "absolute": make_pipeline(FunctionTransformer(np.absolute, validate=True), RidgeClassifier()),
    "partial": PLSRegression(2),
    "union": make_pipeline(
        make_union(Normalizer(), StandardScaler()), DecisionTreeClassifier(max_depth=3)
    ),
    "several": LinearDiscriminantAnalysis(),
    "uncounted": make_pipeline(
        make_union(FunctionTransformer(np.absolute, validate=True), MaxAbsScaler()),
        RidgeClassifier(),
    ),
    "words": make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression()),
    "poisson": PoissonRegressor and PoissonRegressor(),
}


def main() -> None:
    """Write all files of this version."""
    warnings.simplefilter("ignore")
    random = np.random.RandomState(0)
    x = random.standard_normal((200, 4)) * [1, 20, 0.1, 300]
    y = x[:, 0] + 0.05 * x[:, 1]
    for name, model in MODELS.items():
        if model is None:
            continue
        given = np.where(random.uniform(size=x.shape) < 0.1, np.nan, x) if name == "imputed" else x
        rows = given[:12] + 0.5
        if name == "words":
            texts = np.array(["red fish", "Blue fish fish", "große Haus", "x"], object)
            given = texts[random.randint(4, size=200)]
            rows = np.append(given[:10], ["fish", "nothing"])
        target = np.digitize(y, [-1, 1]) if name == "several" else (y > 0).astype(int)
        model.fit(given, np.abs(y) if name in ("partial", "poisson") else target)
        if hasattr(model, "predict_proba"):
            outputs = model.predict_proba(rows)[:, 0 if name == "several" else 1 :]
        else:
            method = "predict" if name in ("partial", "poisson") else "decision_function"
            outputs = np.reshape(getattr(model, method)(rows), (len(rows), -1))
        table = {
            f"x{n}": {str(m): None if v != v else v for m, v in enumerate(column)}
            for n, column in enumerate(rows.reshape(12, -1).T.tolist())
        }
        path = FOLDER / f"{name}-{sklearn.__version__}"
        facts = json.dumps({"rows": table, "outputs": outputs.tolist()}).encode()
        (FOLDER / (path.name + ".json.gz")).write_bytes(gzip.compress(facts))
        (FOLDER / (path.name + ".pkl")).write_bytes(pickle.dumps(model, protocol=2))


if __name__ == "__main__":
    main()
