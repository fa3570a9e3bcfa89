"""Models in memory, saved by their own library into a file of its format."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.trees.lightgbm import leaves_trees_out


def save_xgboost(model: Any, folder: Path) -> Path | None:
    """A Booster, XGBClassifier or XGBRegressor as UBJSON; None for anything else.

    Raises: ArchiveError, when it cannot be saved, or something is not in the file.
    """
    if not _is_of(model, "xgboost") or not callable(getattr(model, "save_model", None)):
        return None
    missing = getattr(model, "missing", math.nan)
    if missing is not None and not math.isnan(missing):
        raise ArchiveError(
            f"the model takes {missing} for missing, which no file of XGBoost tells."
            " Train with NaN for missing values."
        )
    return _save(folder / "model.ubj", model.save_model)


def save_lightgbm(model: Any, folder: Path) -> Path | None:
    """A Booster, LGBMClassifier or LGBMRegressor as text; None for anything else.

    Raises: ArchiveError, when it cannot be saved, or something is not in the file.
    """
    if not _is_of(model, "lightgbm"):
        return None
    if leaves_trees_out(getattr(model, "pred_early_stop", None)):
        raise ArchiveError(
            "the model's pred_early_stop leaves trees out where a class is nearly certain, which no"
            " file of LightGBM tells. Set it to False: model.set_params(pred_early_stop=False)."
        )
    booster = model if callable(getattr(model, "save_model", None)) else _fitted(model)
    return None if booster is None else _save(folder / "model.txt", booster.save_model)


def save_catboost(model: Any, folder: Path) -> Path | None:
    """A model of CatBoost as JSON; None for anything else.

    Raises: ArchiveError, when it cannot be saved.
    """
    if not _is_of(model, "catboost") or not callable(getattr(model, "save_model", None)):
        return None
    return _save(folder / "model.json", lambda path: model.save_model(path, format="json"))


def _is_of(model: Any, library: str) -> bool:
    return any(kind.__module__.partition(".")[0] == library for kind in type(model).__mro__)


def _fitted(model: Any) -> Any:
    """LightGBM's property raises an error of its own where nothing was fitted."""
    try:
        return getattr(model, "booster_", None)
    except Exception as error:
        raise ArchiveError(f"the model cannot be saved: {error}") from error


def _save(path: Path, save: Callable[[str], object]) -> Path:
    try:
        save(str(path))
    except Exception as error:  # whatever the library raises
        raise ArchiveError(f"the model cannot be saved: {error}") from error
    return path
