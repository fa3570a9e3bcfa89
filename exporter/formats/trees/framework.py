"""Expected outputs from XGBoost, LightGBM and CatBoost, where they are installed, in a process of
its own: LightGBM 4.7.0 crashes on a public file that it should read.

This file imports them only when it runs as
`python -m exporter.formats.trees.framework MODEL INPUTS.npz OUTPUTS.npz`; the model's name tells
which library.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from exporter.formats.child import Array, ChildError, load_arrays, save_arrays, score_in_child
from exporter.formats.format import Answer
from exporter.formats.opening import ModelFile
from exporter.formats.trees.categories import find_codes
from exporter.formats.trees.model import Booster

MODULE = "exporter.formats.trees.framework"
VARIABLES = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "-1"}


def ask_xgboost(file: ModelFile, booster: Booster, inputs: tuple[Array, ...]) -> Answer:
    """Let XGBoost score the rows."""
    suffix = ".json" if file.head.lstrip().startswith(b'{"') else ".ubj"
    return _ask("xgboost", "XGBoost", suffix, file, booster, inputs)


def ask_lightgbm(file: ModelFile, booster: Booster, inputs: tuple[Array, ...]) -> Answer:
    """Let LightGBM score the rows."""
    return _ask("lightgbm", "LightGBM", ".txt", file, booster, inputs)


def ask_catboost(file: ModelFile, booster: Booster, inputs: tuple[Array, ...]) -> Answer:
    """Let CatBoost score the rows."""
    if booster.hashed is not None and booster.hashed.has_fractions:
        reason = "CatBoost itself cuts the fractions of sums when it reads them from JSON"
        return Answer(None, "", reason)
    return _ask("catboost", "CatBoost", ".json", file, booster, inputs)


def _ask(
    library: str,
    title: str,
    suffix: str,
    file: ModelFile,
    booster: Booster,
    inputs: tuple[Array, ...],
) -> Answer:
    if importlib.util.find_spec(library) is None:
        return Answer(None, "", f"{title} is not installed")
    if booster.hashed is not None:
        rows = (*inputs, np.array(booster.hashed.flat))
    else:
        rows = (find_codes(booster, inputs),)
    with tempfile.TemporaryDirectory(prefix="export-model-") as name:
        copy = Path(name) / f"{library}{suffix}"
        with copy.open("wb") as target:
            shutil.copyfileobj(file.start(), target)
        try:
            (outputs,) = score_in_child(MODULE, copy, rows, variables=VARIABLES)
        except ChildError as error:
            return Answer(None, "", f"{title} does not score the file: {error}")
    version = _find_version(library)
    return Answer((outputs.reshape(len(inputs[0]), -1),), f"{title} {version}")


def _find_version(library: str) -> str:
    """The version of a library, whichever of its packages it was installed from."""
    for name in (library, f"{library}-cpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def _score_xgboost(path: str, rows: Array) -> Array:
    import xgboost

    booster = xgboost.Booster(model_file=path)
    data = xgboost.DMatrix(
        rows.astype(np.float32), feature_types=_categorical_types(booster), enable_categorical=True
    )
    if booster.feature_names is not None:
        data.feature_names = booster.feature_names
    best = booster.attributes().get("best_iteration")
    used = (0, 0) if best is None else (0, int(best) + 1)
    if _objective(booster) != "multi:softmax":
        return np.asarray(booster.predict(data, iteration_range=used))
    margin = booster.predict(data, iteration_range=used, output_margin=True)
    powers = np.exp(margin - margin.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _categorical_types(booster: Any) -> Any:
    """Types of features as DMatrix checks them: only which are categories matters here."""
    types = booster.feature_types
    return None if types is None else ["c" if kind == "c" else "q" for kind in types]


def _objective(booster: Any) -> str:
    import json

    return str(json.loads(booster.save_config())["learner"]["objective"]["name"])


def _score_lightgbm(path: str, rows: Array) -> Array:
    import lightgbm

    return np.asarray(lightgbm.Booster(model_file=path).predict(rows))


def _score_catboost(path: str, *inputs: Array) -> Array:
    import json

    import catboost

    model = catboost.CatBoost()
    model.load_model(path, format="json")
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    loss = document["model_info"]["params"]["loss_function"]["type"]
    x = inputs[0].astype(np.float32) if len(inputs) == 1 else None
    if x is None:
        *given, flat = inputs
        x = _join_features(document["features_info"], tuple(given), flat)
    if loss in ("Poisson", "Tweedie"):
        return np.asarray(model.predict(x, prediction_type="Exponent"))
    probable = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll", "MultiLogloss",
                "MultiCrossEntropy")  # fmt: skip
    if loss not in probable:
        return np.asarray(model.predict(x, prediction_type="RawFormulaVal"))
    found = np.asarray(model.predict(x, prediction_type="Probability"))
    return found[:, 1] if loss in ("Logloss", "CrossEntropy") else found


def _join_features(every: Any, inputs: tuple[Array, ...], flat: Array) -> Array:
    """Rows as CatBoost takes them where some features are categories: each of the inputs' columns
    at its own place among all features. What no tree asks for is an empty text, or a 0."""
    numbers, categories = (
        [entry["flat_feature_index"] for entry in every.get(kind) or []]
        for kind in ("float_features", "categorical_features")
    )
    rows = np.zeros((len(inputs[0]), 1 + max(numbers + categories)), object)
    rows[:, categories] = ""
    rows[:, flat] = np.concatenate([array.astype(object) for array in inputs], axis=1)
    return rows


SCORERS: dict[str, Callable[..., Array]] = {
    "xgboost": _score_xgboost,
    "lightgbm": _score_lightgbm,
    "catboost": _score_catboost,
}


def _main(model_path: str, inputs_path: str, outputs_path: str) -> None:
    score = SCORERS[Path(model_path).stem]
    save_arrays(Path(outputs_path), [score(model_path, *load_arrays(Path(inputs_path)))])


if __name__ == "__main__":
    _main(*sys.argv[1:])
