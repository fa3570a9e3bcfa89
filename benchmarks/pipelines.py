"""Random pipelines of the scikit-learn at hand, fitted, with what it answers to hard rows.

    python benchmarks/pipelines.py FOLDER COUNT [SEED]

It needs nothing of this program, and runs in Python 3.6 with scikit-learn 0.18 too: older versions
run it in environments of their own, and benchmarks/compare_pipelines.py reads what they wrote.
"""

import contextlib
import json
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn import pipeline

BOOL = [True, False]
NUMBERS = ["n0", "n1", "n2", "n3"]
TEXTS = ["job", "town"]
JOBS = ["nurse", "Köchin", "clerk", "driver", "日本", ""]
TOWNS = ["Bonn", "Zürich", "Rio", "Lima", "Oslo", "Ulm", "Graz"]
ROWS = 400
WORDS = np.array(["red", "fish", "große", "Haus", "two", "x"])

MODULES = (
    "calibration", "cluster", "compose", "cross_decomposition", "decomposition",
    "discriminant_analysis", "dummy", "ensemble", "feature_extraction.text",
    "feature_selection", "impute", "kernel_approximation", "kernel_ridge", "linear_model",
    "mixture", "multiclass", "naive_bayes", "neighbors", "neural_network", "preprocessing",
    "random_projection", "svm", "tree",
)  # fmt: skip

# Steps of numbers that take no missing values: class -> parameters to choose from.
NUMERIC = {
    "StandardScaler": {"with_mean": BOOL, "with_std": BOOL},
    "MinMaxScaler": {"clip": BOOL, "feature_range": [(0, 1), (-2, 3)]},
    "MaxAbsScaler": {},
    "RobustScaler": {"with_centering": BOOL, "with_scaling": BOOL},
    "Normalizer": {"norm": ["l1", "l2"]},
    "Binarizer": {"threshold": [0.0, 0.7]},
    "PowerTransformer": {"standardize": BOOL},
    "QuantileTransformer": {"n_quantiles": [9, 50], "output_distribution": ["uniform", "normal"]},
    "KBinsDiscretizer": {
        "n_bins": [3, 5], "encode": ["ordinal", "onehot-dense", "onehot"],
        "strategy": ["uniform", "quantile"],
    },
    "PolynomialFeatures": {"degree": [2, 3], "interaction_only": BOOL, "include_bias": BOOL},
    "SplineTransformer": {"n_knots": [3, 5], "degree": [2, 3], "include_bias": BOOL},
    "FunctionTransformer": {"func": [np.cbrt, np.arctan, np.abs, None]},
    "VarianceThreshold": {},
    "SelectKBest": {"k": [1, 2]},
    "SelectPercentile": {"percentile": [50, 100]},
    "PCA": {"whiten": BOOL, "svd_solver": ["full"]},
    "TruncatedSVD": {"n_components": [1], "random_state": [0]},
    "FactorAnalysis": {"n_components": [1, 2]},
    "KMeans": {"n_clusters": [3], "random_state": [0], "n_init": [2]},
    "LinearDiscriminantAnalysis": {},
    "GaussianRandomProjection": {"n_components": [2], "random_state": [0]},
    "SparseRandomProjection": {"n_components": [2], "random_state": [0]},
    "Nystroem": {"n_components": [7], "random_state": [0]},
    "RBFSampler": {"n_components": [7], "random_state": [0]},
    "FeatureAgglomeration": {"n_clusters": [2]},
    "RandomTreesEmbedding": {"n_estimators": [3], "max_depth": [2], "random_state": [0]},
}  # fmt: skip
IMPUTERS = {
    "SimpleImputer": {
        "strategy": ["mean", "median", "most_frequent"], "add_indicator": BOOL,
    },
    "Imputer": {"strategy": ["mean", "median", "most_frequent"]},
}  # fmt: skip
ENCODERS = {
    "OneHotEncoder": {
        "handle_unknown": ["ignore", "error", "infrequent_if_exist"], "min_frequency": [None, 60],
        "drop": [None, "first", "if_binary"],
    },
    "OrdinalEncoder": {
        "handle_unknown": ["error", "use_encoded_value"], "unknown_value": [-1],
    },
    "TargetEncoder": {"target_type": ["continuous", "auto"]},
}  # fmt: skip
VECTORIZERS = {
    "CountVectorizer": {"ngram_range": [(1, 1), (1, 2)], "binary": BOOL},
    "TfidfVectorizer": {"sublinear_tf": BOOL, "norm": [None, "l1", "l2"], "use_idf": BOOL},
    "HashingVectorizer": {"n_features": [64]},
}
SMALL = {"n_estimators": [5], "max_depth": [3], "random_state": [0]}
CLASSIFIERS = {
    "AdaBoostClassifier": {"n_estimators": [5], "random_state": [0]},
    "BaggingClassifier": {"n_estimators": [3], "random_state": [0]},
    "BernoulliNB": {},
    "CalibratedClassifierCV": {"method": ["sigmoid", "isotonic"], "cv": [3]},
    "DecisionTreeClassifier": {"max_depth": [3], "random_state": [0]},
    "DummyClassifier": {"strategy": ["prior", "most_frequent"]},
    "ExtraTreesClassifier": SMALL,
    "GaussianNB": {},
    "GradientBoostingClassifier": SMALL,
    "HistGradientBoostingClassifier": {"max_iter": [5], "random_state": [0]},
    "LinearDiscriminantAnalysis": {},
    "LinearSVC": {"random_state": [0]},
    "LogisticRegression": {"C": [0.1, 1.0]},
    "MLPClassifier": {"hidden_layer_sizes": [(4,)], "max_iter": [20], "random_state": [0]},
    "NearestCentroid": {},
    "NuSVC": {"nu": [0.2], "probability": BOOL, "random_state": [0]},
    "Perceptron": {"random_state": [0]},
    "RandomForestClassifier": SMALL,
    "RidgeClassifier": {},
    "SGDClassifier": {"loss": ["hinge", "log", "log_loss", "modified_huber"], "random_state": [0]},
    "SVC": {"kernel": ["linear", "rbf", "poly"], "probability": BOOL, "random_state": [0]},
}
REGRESSORS = {
    "AdaBoostRegressor": {"n_estimators": [5], "random_state": [0]},
    "BaggingRegressor": {"n_estimators": [3], "random_state": [0]},
    "BayesianRidge": {},
    "DecisionTreeRegressor": {"max_depth": [3], "random_state": [0]},
    "ElasticNet": {"alpha": [0.01]},
    "ExtraTreesRegressor": SMALL,
    "GradientBoostingRegressor": SMALL,
    "HistGradientBoostingRegressor": {"max_iter": [5], "random_state": [0]},
    "HuberRegressor": {},
    "KernelRidge": {"kernel": ["linear", "rbf"]},
    "Lasso": {"alpha": [0.01]},
    "LinearRegression": {},
    "LinearSVR": {"random_state": [0]},
    "MLPRegressor": {"hidden_layer_sizes": [(4,)], "max_iter": [20], "random_state": [0]},
    "PLSRegression": {"n_components": [1]},
    "PoissonRegressor": {},
    "RandomForestRegressor": SMALL,
    "Ridge": {},
    "SGDRegressor": {"random_state": [0]},
    "SVR": {"kernel": ["linear", "rbf"]},
    "TransformedTargetRegressor": {},
}
OTHERS = {
    "BayesianGaussianMixture": {"n_components": [2], "max_iter": [9], "random_state": [0]},
    "Birch": {"threshold": [1.0]},
    "EllipticEnvelope": {"random_state": [0]},
    "GaussianMixture": {"n_components": [2], "random_state": [0]},
    "IsolationForest": {"n_estimators": [5], "random_state": [0]},
    "KMeans": {"n_clusters": [3], "random_state": [0], "n_init": [2]},
    "OneClassSVM": {},
}


def find_classes():
    """The classes of this scikit-learn by name."""
    found = {}
    for module in MODULES:
        try:
            __import__("sklearn." + module)
        except ImportError:
            continue
        holder = sys.modules["sklearn." + module]
        for name in dir(holder):
            if isinstance(getattr(holder, name), type):
                found[name] = getattr(holder, name)
    return found


CLASSES = find_classes()


def draw(random, choices):
    """An estimator of one of these classes that there are."""
    names = sorted(name for name in choices if name in CLASSES)
    name = names[random.randint(len(names))]
    kind = CLASSES[name]
    known = kind._get_param_names()
    parameters = {
        key: values[random.randint(len(values))]
        for key, values in sorted(choices[name].items())
        if key in known
    }
    return kind(**parameters)


def make_table(random, count, has_missing):
    """Columns as people have them."""
    frame = pd.DataFrame({
        "n0": random.standard_normal(count),
        "n1": random.exponential(40, count),
        "n2": random.randint(-3, 4, count).astype(float),
        "n3": 1e3 + 5 * random.standard_normal(count),
        "job": np.array(JOBS[:4], object)[random.randint(4, size=count)],
        "town": np.array(TOWNS[:5], object)[(random.exponential(1, count)).astype(int) % 5],
        "note": [" ".join(WORDS[random.randint(6, size=3)]) for _ in range(count)],
    })  # fmt: skip
    if has_missing:
        for name in NUMBERS:
            frame.loc[random.uniform(size=count) < 0.1, name] = np.nan
    return frame


def make_rows(random, fitted, has_missing):
    """Ordinary rows, rows it was fitted on, and the neighbours, zeros and odd texts of such."""
    rows = pd.concat([make_table(random, 100, has_missing), fitted.iloc[:100]], ignore_index=True)
    odd = pd.concat([fitted.iloc[100:150]] * 4, ignore_index=True)
    for number in range(len(odd)):
        name = NUMBERS[random.randint(4)]
        value = odd.at[number, name]
        options = [
            np.nextafter(value, 9e9),
            np.nextafter(value, -9e9),
            0.0,
            -0.0,
            3 * value,
            1e-310,
        ]
        odd.at[number, name] = options[random.randint(6)]
    for number in range(0, len(odd), 9):
        odd.at[number, "job"] = JOBS[random.randint(6)]
        odd.at[number, "town"] = TOWNS[random.randint(7)]
        odd.at[number, "note"] = ["", "nothing known", "GROẞE fish fish"][random.randint(3)]
    return pd.concat([rows, odd], ignore_index=True)


def make_target(random, frame, classes):
    """A number, or one of a few classes, that the columns have something to do with."""
    y = frame["n0"].fillna(0) + 0.3 * frame["n2"].fillna(0) + 0.4 * (frame["job"] == "nurse")
    y = np.asarray(y + 0.3 * random.standard_normal(len(frame)))
    if classes == 0:
        return np.abs(y) + 0.1
    return np.array(["a", "b", "ü"])[np.digitize(y, [0.0] if classes == 2 else [-0.7, 0.7])]


def draw_steps(random, has_missing, most):
    """A few steps over numbers."""
    steps = [draw(random, IMPUTERS)] if has_missing else []
    steps += [draw(random, NUMERIC) for _ in range(random.randint(0 if steps else 1, most + 1))]
    return pipeline.make_pipeline(*steps)


def draw_columns(random, has_missing):
    """What makes numbers of the columns, and which of them it is given."""
    if "ColumnTransformer" not in CLASSES or random.randint(4) == 0:
        union = [(f"u{n}", draw_steps(random, has_missing, 2)) for n in range(random.randint(1, 3))]
        return pipeline.FeatureUnion(union), NUMBERS
    parts = []
    for number in range(random.randint(1, 3)):
        names = [str(n) for n in random.choice(NUMBERS, random.randint(1, 4), replace=False)]
        parts.append((f"n{number}", draw_steps(random, has_missing, 2), names))
    if random.randint(3):
        parts.append(("texts", draw(random, ENCODERS), TEXTS[: random.randint(1, 3)]))
    if random.randint(3) == 0:
        parts.append(("words", draw(random, VECTORIZERS), "note"))
    keywords = {}
    if random.randint(3) == 0:
        keywords["sparse_threshold"] = 0
    return CLASSES["ColumnTransformer"](parts, **keywords), NUMBERS + TEXTS + ["note"]


def draw_model(random, has_missing):
    """A pipeline that is not fitted, its columns, and how many classes its target has."""
    first, names = draw_columns(random, has_missing)
    kind = random.randint(6)
    steps = [first]
    if random.randint(3) == 0:
        steps.append(draw(random, NUMERIC))
    classes = 0
    if kind < 3:
        classes = 2 + kind % 2
        steps.append(draw(random, CLASSIFIERS))
    elif kind == 3:
        steps.append(draw(random, REGRESSORS))
    elif kind == 4:
        steps.append(draw(random, OTHERS))
    return pipeline.make_pipeline(*steps), names, classes


def answer(model, rows):
    """Probabilities, else decisions, else predictions, else what it transforms rows to."""
    if hasattr(model, "predict_proba"):
        found = model.predict_proba(rows)
        has_classes = hasattr(model.steps[-1][1], "classes_")
        return found[:, 1:] if found.shape[1] == 2 and has_classes else found
    for name in ("decision_function", "predict", "transform"):
        if hasattr(model, name):
            found = getattr(model, name)(rows)
            found = found.toarray() if hasattr(found, "toarray") else np.asarray(found)
            return found.reshape(len(rows), -1).astype(float)
    raise TypeError("it answers nothing")


def answer_known(model, rows, ask):
    """An answer for each row, None for those that are an error."""
    try:
        return list(ask(model, rows))
    except Exception:  # whatever it is, scikit-learn gives no answer
        if len(rows) == 1:
            return [None]
        half = len(rows) // 2
        return answer_known(model, rows[:half], ask) + answer_known(model, rows[half:], ask)


def write(folder, number, random):
    """Draw, fit and write a pipeline; tell whether that was possible."""
    has_missing = bool(random.randint(2))
    frame = make_table(random, ROWS, has_missing)
    model, names, classes = draw_model(random, has_missing)
    rows = make_rows(random, frame, has_missing)
    is_table = len(names) > len(NUMBERS)
    x = frame[names] if is_table else frame[names].values
    given = rows[names] if is_table else rows[names].values
    model.fit(x, make_target(random, frame, classes))
    answers = answer_known(model, given, answer)
    width = max([len(item) for item in answers if item is not None] or [0])
    if not width or width > 3000:
        return False
    if sum(item is not None for item in answers) < len(rows) // 4:
        return False
    path = Path(folder) / (f"{number:04d}.pkl")
    path.write_bytes(pickle.dumps(model, protocol=4))
    labels = []
    if classes:
        known = answer_known(model, given, lambda m, r: m.predict(r))
        labels = [None if item is None else str(item) for item in known]
    path.with_suffix(".json").write_text(json.dumps({
        "model": " ".join(repr(model).split()),
        "is_table": is_table,
        "columns": {name: list(rows[name]) for name in names},
        "answers": [None if item is None else [float(n) for n in item] for item in answers],
        "labels": labels,
    }), encoding="utf-8")  # fmt: skip
    return True


def main(folder, count, seed="0"):
    """Write that many pipelines."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    Path(folder).mkdir(parents=True, exist_ok=True)
    number = draws = 0
    while number < int(count):
        random = np.random.RandomState(int(seed) * 1000003 + draws)
        np.random.seed(draws)  # for estimators without a random_state
        with contextlib.suppress(Exception):  # steps that do not go together, or not here
            number += write(folder, number, random)
        draws += 1
    print(sklearn.__version__, number, "pipelines of", draws, "drawn")


if __name__ == "__main__":
    main(*sys.argv[1:])
