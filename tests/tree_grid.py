"""Train models over a grid of options and write each as NAME.SUFFIX with NAME.SUFFIX.npz: hard rows
x and what the library itself scores, y; of XGBoost also its margins, sum. In a process of its own:

    python tests/tree_grid.py xgboost|lightgbm|catboost|sklearn|pickled FOLDER ROWS [NAME ...]

With half in place of a name, half of each cross is trained: see `cross`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy

import itertools
import json
import pickle
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from exporter.formats import read
from exporter.ir.ops import Trees

Array = np.ndarray[Any, Any]
Score = Callable[[Array], Array]
# A name, the suffix, how to save to a path, how to score rows, and whether rows may be NaN.
Case = tuple[str, str, Callable[[Path], object], Score, bool]

RANDOM = np.random.default_rng(1)
HALF = "half"
ROWS, FEATURES = 1200, 8
SETS = {6: 5, 7: 40}  # features that are categories, and how many


def cross(*sides: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """All combinations; or half of them, in which each value of a side meets half of another's."""
    for places, values in zip(
        itertools.product(*(range(len(side)) for side in map(list, sides))),
        itertools.product(*sides),
        strict=True,
    ):
        if HALF not in sys.argv or sum(places) % 2 == 0:
            yield values


def data(missing: float = 0.05) -> tuple[Array, Array]:
    """Rows with missing values and zeros, the last two columns categories; and a target."""
    x = RANDOM.normal(size=(ROWS, FEATURES))
    for feature, count in SETS.items():
        x[:, feature] = RANDOM.integers(0, count, ROWS)
    x[:, 3] = np.where(RANDOM.random(ROWS) < 0.3, 0, x[:, 3])
    s = x[:, 0] + x[:, 1] * x[:, 2] + np.sin(x[:, 7]) + (x[:, 6] == 2)
    x[RANDOM.random(x.shape) < missing] = np.nan
    return x, s


def hard_rows(path: Path, count: int, dtype: str, has_nan: bool, sets: bool) -> Array:
    """Rows on thresholds and beside, zeros, subnormals, missing values, categories unknown."""
    x = RANDOM.normal(size=(count, FEATURES))
    kind = np.dtype(dtype).type
    graph = read(path)
    ops = [node.op for node in graph.nodes if isinstance(node.op, Trees)]
    for op in ops:
        for place, (feature, *_) in enumerate(np.asarray(op.columns)):
            asked = np.asarray(op.bound)[(op.column == place) & (op.left >= 0)]
            asked = np.unique(asked[np.isfinite(asked)]).astype(np.float64)
            if len(asked) and feature < FEATURES:
                chosen = RANDOM.choice(asked, count).astype(dtype)
                how = RANDOM.integers(0, 8, count)
                beside = [np.nextafter(chosen, kind(side * np.inf)) for side in (1, -1)]
                x[:, feature] = np.select(
                    [how == 0, how == 1, how == 2], [chosen, *beside], x[:, feature]
                )
    how = RANDOM.integers(0, 60, x.shape)
    for number, value in enumerate((0.0, -0.0, 5e-324, 1e-45, 1e-35, -1e-36, 1e30)):
        x[how == number] = value
    for feature, known in SETS.items() if sets else ():
        x[:, feature] = RANDOM.integers(-1, known + 3, count)
        how = RANDOM.integers(0, 30, count)
        for number, value in enumerate((-0.5, 2.5, -0.0, 1e9)):
            x[how == number, feature] = value
    if has_nan:
        x[RANDOM.random(x.shape) < 0.05] = np.nan
    return x.astype(dtype).astype(np.float64)


def xgboost_cases() -> Iterator[Case]:
    """Objectives by boosters, and what else changes a file."""
    import xgboost

    xgboost.set_config(verbosity=0)
    x, s = data()
    types = ["c" if feature in SETS else "q" for feature in range(FEATURES)]
    classes = np.digitize(s, [-1, 0, 1])
    positive = np.exp(np.clip(s, -3, 3)) + 0.1
    targets: dict[str, tuple[Array, dict[str, Any]]] = {
        "reg:squarederror": (s, {}),
        "reg:squaredlogerror": (positive, {}),
        "reg:pseudohubererror": (s, {}),
        "reg:absoluteerror": (s, {}),
        "reg:quantileerror": (s, {"quantile_alpha": [0.45, 0.5, 0.55]}),
        "reg:expectileerror": (s, {"expectile_alpha": 0.3}),  # since 3.3
        "rank:pairwise": (classes, {}),
        "rank:ndcg": (classes, {}),
        "binary:logistic": (s > 0, {}),
        "binary:logitraw": (s > 0, {}),
        "binary:hinge": (s > 0, {}),
        "reg:logistic": (s > 0, {}),
        "count:poisson": (positive, {}),
        "reg:gamma": (positive, {}),
        "reg:tweedie": (positive, {}),
        "survival:cox": (positive, {}),
        "multi:softprob": (classes, {"num_class": 4}),
        "multi:softmax": (classes, {"num_class": 4}),
    }
    forms: tuple[tuple[str, bool, dict[str, Any]], ...] = (
        ("shallow", False, {"max_depth": 3}),
        ("sets", True, {"max_depth": 6}),
        ("deep", False, {"max_depth": 9}),
        ("dart", True, {"booster": "dart", "max_depth": 4, "rate_drop": 0.3}),
        ("linear", False, {"booster": "gblinear", "updater": "coord_descent"}),
    )
    both = np.stack([s, s * s], 1)
    extra: dict[str, tuple[Array, bool, dict[str, Any]]] = {
        "vector": (both, False, {"multi_strategy": "multi_output_tree"}),
        "two": (both, True, {"multi_strategy": "one_output_per_tree"}),
        "two_dart": (both, True, {"booster": "dart", "rate_drop": 0.2}),
        "labels": (both > 0.5, False, {"objective": "binary:logistic"}),
        "forest": (s, True, {"num_parallel_tree": 7, "subsample": 0.5, "eta": 1}),
        "base": (s > 0, False, {"base_score": 0.7, "objective": "binary:logistic"}),
        "lossguide": (s, True, {"grow_policy": "lossguide", "max_leaves": 20, "max_depth": 0}),
        "exact": (s, False, {"tree_method": "exact"}),
        "approx": (s, True, {"tree_method": "approx"}),
        "one_hot": (s, True, {"max_cat_to_onehot": 100}),
        "partition": (s, True, {"max_cat_to_onehot": 1}),
        "stump": (s, False, {"max_depth": 1, "gamma": 1e9}),
    }
    runs = [
        (f"{objective.replace(':', '_')}_{form}", y, sets, {"objective": objective, **own, **given})
        for (objective, (y, own)), (form, sets, given) in cross(targets.items(), forms)
    ] + [(name, y, sets, given) for name, (y, sets, given) in extra.items()]
    for number, (name, y, sets, given) in enumerate(runs):
        matrix = xgboost.DMatrix(
            x, label=y, feature_types=types if sets else None, enable_categorical=sets
        )
        if "rank" in name:
            matrix.set_group([ROWS // 24] * 24)
        try:
            booster = xgboost.train({"nthread": 1, "eta": 0.3, **given}, matrix, 10)
        except xgboost.core.XGBoostError as error:
            print(name, "is not trained:", str(error).splitlines()[0][:80])
            continue
        suffix = ("json", "ubj")[number % 2]
        yield name, suffix, booster.save_model, _xgboost_score(booster), True


def _xgboost_score(booster: Any) -> Score:
    import xgboost

    def score(rows: Array) -> Array:
        types = booster.feature_types
        matrix = xgboost.DMatrix(rows, feature_types=types, enable_categorical=True)
        name = json.loads(booster.save_config())["learner"]["objective"]["name"]
        margin = np.asarray(booster.predict(matrix, output_margin=True))
        score.margin = margin.reshape(len(rows), -1)  # type: ignore[attr-defined]
        if name != "multi:softmax":
            return np.asarray(booster.predict(matrix))
        powers = np.exp(margin - margin.max(1, keepdims=True))
        return np.asarray(powers / powers.sum(1, keepdims=True))

    return score


def lightgbm_cases() -> Iterator[Case]:
    """Objectives by boosters and kinds of missing values."""
    import lightgbm

    x, s = data()
    classes = np.digitize(s, [-1, 0, 1])
    positive = np.exp(np.clip(s, -3, 3)) + 0.1
    targets: dict[str, tuple[Array, dict[str, Any]]] = {
        **dict.fromkeys(
            ("regression", "regression_l1", "huber", "fair", "quantile", "mape"), (s, {})
        ),
        **dict.fromkeys(("poisson", "gamma", "tweedie"), (positive, {})),
        "binary": (s > 0, {"sigmoid": 0.7}),
        "multiclass": (classes, {"num_class": 4}),
        "multiclassova": (classes, {"num_class": 4}),
        "cross_entropy": (1 / (1 + np.exp(-s)), {}),
        "cross_entropy_lambda": (1 / (1 + np.exp(-s)), {}),
        "lambdarank": (classes, {}),
        "rank_xendcg": (classes, {}),
    }
    boosters: dict[str, dict[str, Any]] = {
        "gbdt": {},
        "dart": {"boosting": "dart"},
        "rf": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        "goss": {"data_sample_strategy": "goss"},
    }
    missing: dict[str, dict[str, Any]] = {
        "nan": {},
        "zero": {"zero_as_missing": True},
        "none": {"use_missing": False},
    }
    runs = [
        (f"{objective}_{booster}_{kind}", y, True, {**own, **given, **how, "objective": objective})
        for (objective, (y, own)), (booster, given), (kind, how) in cross(
            targets.items(), boosters.items(), missing.items()
        )
        if kind == "nan" or (objective in ("regression", "multiclass"))
    ]
    for name, given in {
        "squares": {"reg_sqrt": True},
        "shallow": {"max_depth": 3},
        "two_leaves": {"num_leaves": 2},
        "many_leaves": {"num_leaves": 300},
        "few_bins": {"max_bin": 5},
        "extra": {"extra_trees": True},
        "one_hot": {"max_cat_to_onehot": 100},
        "stump": {"min_data_in_leaf": 5000},
    }.items():
        runs.append((name, s, name != "stump", given))
    for name, y, sets, given in runs:
        options = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, **given}
        group = [ROWS // 24] * 24 if "rank" in name else None
        features = list(SETS) if sets else []
        dataset = lightgbm.Dataset(
            x, label=y, categorical_feature=features, params=options, group=group
        )
        try:
            booster = lightgbm.train(options, dataset, 6)
        except lightgbm.basic.LightGBMError as error:
            print(name, "is not trained:", str(error)[:80])
            continue
        yield name, "txt", booster.save_model, booster.predict, True


def catboost_cases() -> Iterator[Case]:
    """Losses by policies and treatments of missing values; numbers only."""
    import catboost

    x, s = data()
    x = x[:, :6].astype(np.float32)
    classes = np.digitize(s, [-1, 0, 1])
    positive = np.exp(np.clip(s, -3, 3))
    probable, exponent, raw = "Probability", "Exponent", "RawFormulaVal"
    losses: dict[str, tuple[Array, str]] = {
        **dict.fromkeys(
            ("RMSE", "MAE", "Quantile:alpha=0.3", "Huber:delta=1", "LogCosh",
             "Expectile:alpha=0.4", "MultiQuantile:alpha=0.1,0.9"), (s, raw),
        ),
        "Logloss": ((s > 0).astype(int), probable),
        "CrossEntropy": (1 / (1 + np.exp(-s)), probable),
        "MultiClass": (classes, probable),
        "MultiClassOneVsAll": (classes, probable),
        "Poisson": (positive, exponent),
        "Tweedie:variance_power=1.5": (positive, exponent),
        "MultiRMSE": (np.stack([s, s * s], 1), raw),
    }  # fmt: skip
    policies = ("SymmetricTree", "Depthwise", "Lossguide")
    for (loss, (y, kind)), policy, nan in cross(losses.items(), policies, ("Min", "Max")):
        model = catboost.CatBoost({
            "loss_function": loss, "grow_policy": policy, "nan_mode": nan, "iterations": 6,
            "depth": 4, "verbose": 0, "thread_count": 1, "allow_writing_files": False,
        })  # fmt: skip
        try:
            model.fit(x, y)
        except catboost.CatBoostError as error:
            print(loss, policy, "is not trained:", str(error).splitlines()[0][-80:])
            continue

        def save(path: Path, model: Any = model) -> None:
            model.save_model(str(path), format="json")

        def score(rows: Array, model: Any = model, kind: str = kind, loss: str = loss) -> Array:
            found = model.predict(rows[:, :6].astype(np.float32), prediction_type=kind)
            single = loss in ("Logloss", "CrossEntropy")
            return np.asarray(found[:, 1] if single else found)

        yield f"{loss.partition(':')[0]}_{policy}_{nan}", "json", save, score, True


def sklearn_cases() -> Iterator[Case]:
    """Trees, forests and boosters of scikit-learn."""
    from sklearn import ensemble, tree

    x, s = data(0.0)
    holes, _ = data(0.07)
    two, four = np.where(s > 0, "yes", "no"), np.digitize(s, [-1, 0, 1])
    both, positive = np.stack([s, s * s], 1), np.exp(np.clip(s, -3, 3))
    many = {"n_estimators": 8, "random_state": 1}
    models: dict[str, tuple[Any, Array | None, bool]] = {}
    forms = {"shallow": {"max_depth": 3}, "whole": {}, "leaves": {"max_leaf_nodes": 9}}
    kinds = ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
    targets = {
        "two": ("Classifier", two, False),
        "four": ("Classifier", four, True),
        "number": ("Regressor", s, True),
        "numbers": ("Regressor", both, False),
    }
    for (form, given), kind, (target, (what, y, has_nan)) in cross(
        forms.items(), kinds, targets.items()
    ):
        home = tree if kind.endswith("Tree") else ensemble
        own = {**given, **({} if home is tree else many)}
        models[f"{kind}_{target}_{form}"] = getattr(home, kind + what)(**own), y, has_nan
    forest = ensemble.RandomForestRegressor
    models |= {
        "entropy": (tree.DecisionTreeClassifier(criterion="entropy"), four, True),
        "absolute": (tree.DecisionTreeRegressor(criterion="absolute_error"), s, False),
        "poisson": (forest(criterion="poisson", max_depth=3, **many), positive, False),
        "balanced": (ensemble.RandomForestClassifier(class_weight="balanced", **many), four, False),
        "bagging_two": (ensemble.BaggingClassifier(max_features=3, **many), two, False),
        "bagging_four": (ensemble.BaggingClassifier(bootstrap_features=True, **many), four, True),
        "bagging_number": (ensemble.BaggingRegressor(max_features=0.5, **many), s, False),
        "boosting_four": (ensemble.GradientBoostingClassifier(subsample=0.5, **many), four, False),
        "boosting_zero": (ensemble.GradientBoostingClassifier(init="zero", **many), four, False),
        "boosting_early": (
            ensemble.GradientBoostingClassifier(n_iter_no_change=2, n_estimators=50), two, False,
        ),
        "ada_two": (ensemble.AdaBoostClassifier(**many), two, False),
        "ada_four": (
            ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=3), **many),
            four,
            False,
        ),
        "isolation": (ensemble.IsolationForest(**many), None, True),
        "isolation_some": (
            ensemble.IsolationForest(max_features=3, contamination=0.1, **many), None, False,
        ),
    }  # fmt: skip
    for loss in ("log_loss", "exponential"):
        found = ensemble.GradientBoostingClassifier(loss=loss, **many)
        models[f"boosting_{loss}"] = found, two, False
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        found = ensemble.GradientBoostingRegressor(loss=loss, **many)
        models[f"boosting_{loss}"] = found, s, False
    hist = {"max_iter": 8, "random_state": 1}
    for loss in ("squared_error", "absolute_error", "poisson", "gamma"):
        found = ensemble.HistGradientBoostingRegressor(loss=loss, **hist)
        models[f"hist_{loss}"] = found, positive, True
    for name, y in (("two", two), ("four", four)):
        found = ensemble.HistGradientBoostingClassifier(**hist)
        models[f"hist_{name}"] = found, y, True
    found = ensemble.HistGradientBoostingClassifier(categorical_features=list(SETS), **hist)
    models["hist_sets"] = found, four, True
    for name, (model, y, has_nan) in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(holes if has_nan else x, y)

        def save(path: Path, model: Any = model) -> None:
            path.write_bytes(pickle.dumps(model, protocol=4))

        yield name, "pkl", save, _sklearn_score(model), has_nan


def pickled_cases() -> Iterator[Case]:
    """Estimators of XGBoost and LightGBM in pickles, alone and behind a scaler."""
    import lightgbm
    import xgboost
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, s = data()
    two, four = (s > 0).astype(int), np.array(list("abcd"))[np.digitize(s, [-1, 0, 1])]
    some = {"n_estimators": 6, "n_jobs": 1}
    quiet = {"verbose": -1, **some}
    late = {"n_estimators": 60, "early_stopping_rounds": 2, "n_jobs": 1}
    held = {"eval_set": [(x[:200], 1 - two[:200])]}
    models: dict[str, tuple[Any, Array, dict[str, Any]]] = {
        "xgb_two": (xgboost.XGBClassifier(max_depth=3, **some), two, {}),
        "xgb_number": (xgboost.XGBRegressor(max_depth=3, **some), s, {}),
        "xgb_forest": (xgboost.XGBRFClassifier(max_depth=3, **some), two, {}),
        "xgb_early": (xgboost.XGBClassifier(**late), two, {**held, "verbose": False}),
        "xgb_pipeline": (
            make_pipeline(StandardScaler(), xgboost.XGBClassifier(max_depth=3, **some)), two, {},
        ),
        "lgbm_two": (lightgbm.LGBMClassifier(num_leaves=8, **quiet), two, {}),
        "lgbm_four": (lightgbm.LGBMClassifier(num_leaves=8, **quiet), four, {}),
        "lgbm_number": (lightgbm.LGBMRegressor(num_leaves=8, **quiet), s, {}),
        "lgbm_early": (lightgbm.LGBMClassifier(verbose=-1, **late), two, held),
        "lgbm_pipeline": (
            make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(num_leaves=8, **quiet)), s, {},
        ),
    }  # fmt: skip
    for name, (model, y, given) in models.items():
        model.fit(x, y, **given)

        def save(path: Path, model: Any = model) -> None:
            path.write_bytes(pickle.dumps(model, protocol=4))

        yield name, "pkl", save, _sklearn_score(model), True


def _sklearn_score(model: Any) -> Score:
    def score(rows: Array) -> Array:
        if hasattr(model, "predict_proba"):
            found = model.predict_proba(rows)
            return np.asarray(found[:, 1:] if found.shape[1] == 2 else found)
        if hasattr(model, "decision_function"):
            return np.asarray(model.decision_function(rows))
        return np.asarray(model.predict(rows))

    return score


CASES = {
    "xgboost": (xgboost_cases, "float32"),
    "lightgbm": (lightgbm_cases, "float64"),
    "catboost": (catboost_cases, "float32"),
    "sklearn": (sklearn_cases, "float64"),
    "pickled": (pickled_cases, "float64"),
}


def main(library: str, folder: str, count: str, *names: str) -> None:
    """Write all models of a library, or those named."""
    cases, dtype = CASES[library]
    for name, suffix, save, score, has_nan in cases():
        if names and HALF not in names and name not in names:
            continue
        path = Path(folder) / f"{name}.{suffix}"
        save(path)
        rows = hard_rows(
            path, int(count), dtype, has_nan, sets=library not in ("sklearn", "pickled")
        )
        rows = rows[np.isfinite(rows.astype(np.float32)).all(1) | np.isnan(rows).any(1)]
        if name.endswith("_linear"):
            rows[np.abs(rows) > 100] = 0.5  # which would leave nothing of the other numbers
        if library == "catboost":
            rows = rows[:, :6]
        y = score(rows)
        arrays = {"x": rows, "y": y.reshape(len(rows), -1)}
        if hasattr(score, "margin"):
            arrays["sum"] = score.margin
        np.savez(f"{path}.npz", **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
