"""Writes tests/data/sklearn/NAME-VERSION.*: models that other versions of scikit-learn saved, with
rows and their outputs. Run by each version's Python, from the repository:

    PYTHONPATH=tests:/where/it/is python tests/data/make_sklearn.py
"""

from __future__ import annotations

import gzip
import json
import pickle
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from zoo_sklearn import CASES, NUMBERS, TEXTS, mixed, table, targets

FOLDER = Path(__file__).parent / "sklearn"
NAMES = (
    "KBinsDiscretizer kmeans onehot", "PowerTransformer", "QuantileTransformer normal",
    "OneHotEncoder infrequent", "OrdinalEncoder NaN", "PCA", "SplineTransformer linear 3",
    "TfidfVectorizer", "SimpleImputer indicator", "columns by position",
)  # fmt: skip


def main() -> None:
    """Write all files of this version."""
    warnings.simplefilter("ignore")
    frame = table(300, 3, 0.1)
    frame[TEXTS] = frame[TEXTS].astype(object).where(frame[TEXTS].notna(), np.nan)
    whole = mixed(LogisticRegression(max_iter=500))
    models = {name: CASES[name].fit() for name in NAMES}
    models["mixed"] = whole.fit(frame[NUMBERS + TEXTS], targets(frame))
    rows = table(12, 4)
    for number, (name, model) in enumerate(models.items()):
        path = FOLDER / f"{name.replace(' ', '_')}-{sklearn.__version__}"
        is_whole = name == "mixed"
        outputs = model.predict_proba(rows)[:, 1:] if is_whole else model.transform(rows)
        outputs = outputs.toarray() if hasattr(outputs, "toarray") else np.asarray(outputs)
        facts = {"rows": json.loads(rows.to_json()),
                 "outputs": outputs.tolist()}  # fmt: skip
        path.with_name(path.name + ".json.gz").write_bytes(
            gzip.compress(json.dumps(facts).encode(), mtime=0)
        )
        if number % 2:
            joblib.dump(model, path.with_name(path.name + ".joblib"), compress=("gzip", 9))
        else:
            content = pickle.dumps(model, protocol=number % 5)
            path.with_name(path.name + ".pkl").write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
