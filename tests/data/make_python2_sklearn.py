"""Writes tests/data/sklearn/python2-VERSION.*: a model that Python 2 saved in protocol 0, its
default, with rows and their outputs. Its texts are bytes in UTF-8. It needs scikit-learn 0.20, and
runs in Python 2.7, which has no pathlib:

    PYTHONPATH=/where/it/is python2.7 tests/data/make_python2_sklearn.py
"""

import gzip
import json
import os
import pickle
import warnings

import numpy as np
import pandas
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sklearn")
WORDS = [
    b"plain",
    b"it's",
    b"tab\there",
    b"back\\slash",
    b'quo"te',
    b"line\nbreak",
    b"caf\xc3\xa9",
    b"\xe2\x82\xac",
]
CLASSES = [b"na\xc3\xafve", b"no\\yes", b"it's"]


def main():
    """Write the files of this version."""
    warnings.simplefilter("ignore")
    random = np.random.RandomState(0)
    width = b"gr\xc3\xb6\xc3\x9fe"
    table = pandas.DataFrame({width: random.normal(size=200).round(2)})
    table["word"] = np.array(WORDS, object)[random.randint(0, len(WORDS), 200)]
    scores = table[width] + table["word"].isin(WORDS[:4])
    classes = np.array(CLASSES)[np.digitize(scores, [0, 1])]
    encoder = OneHotEncoder(handle_unknown="ignore")
    model = make_pipeline(
        ColumnTransformer([("n", StandardScaler(), [width]), ("w", encoder, ["word"])]),
        LogisticRegression(solver="lbfgs", multi_class="multinomial"),
    ).fit(table, classes)
    place = os.path.join(FOLDER, "python2-" + sklearn.__version__)
    with open(place + ".pkl", "wb") as file:
        pickle.dump(model, file, 0)
    rows = table[:40]
    facts = {
        "rows": {name.decode("utf-8"): dict(enumerate(rows[name].tolist())) for name in rows},
        "outputs": model.predict_proba(rows).tolist(),
    }
    text = json.dumps(facts)
    with open(place + ".json.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
        packed.write(text.encode("ascii"))


if __name__ == "__main__":
    main()
