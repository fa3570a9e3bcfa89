"""XGBoost, LightGBM and CatBoost as one record each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.child import Array
from exporter.formats.format import Answer, Format, Framework
from exporter.formats.json_text import parse_object
from exporter.formats.opening import ModelFile
from exporter.formats.trees import catboost, lightgbm, xgboost
from exporter.formats.trees.framework import ask_catboost, ask_lightgbm, ask_xgboost
from exporter.formats.trees.graph import build_graph
from exporter.formats.trees.model import Booster
from exporter.formats.trees.saving import save_catboost, save_lightgbm, save_xgboost
from exporter.formats.trees.ubjson import parse_ubjson

MAX_BYTES = 2**30  # of a file; a forest of a million nodes has 100 MB
MAX_JSON_DEPTH = 200
LEARNER = re.compile(rb'^\s*\{\s*("version"\s*:\s*\[[\d,\s]*\]\s*,\s*)?"learner"\s*:\s*\{')
UBJSON = re.compile(rb"^\{[iUIlL][\x00-\x07]{1,8}(learner|version)", re.S)
CATBOOST = re.compile(
    rb'^\s*\{\s*"(ctr_data|features_info|model_info|oblivious_trees|scale_and_bias|trees)"\s*:'
)


@dataclass(frozen=True)
class Part:
    """What an objective or a kind of booster becomes."""

    ops: tuple[str, ...]
    limits: str = ""


LINK_OPS = {
    "identity": (),
    "sigmoid": ("Activation",),
    "exponential": ("Activation",),
    "softmax": ("Softmax",),
    "step": ("Constant", "Compare"),
    "signed_square": ("Unary", "Multiply"),
    "log1p_exp": ("Activation",),
}
SORT_OPS = ("Minimum", "Maximum", "Concatenate", "Select")


def _objectives(links: dict[Any, tuple[str, ...]]) -> dict[str, Part]:
    return {name: Part(LINK_OPS[link]) for link, names in links.items() for name in names}


def read_booster_xgboost(file: ModelFile) -> Booster:
    """The model in a file of XGBoost.

    Raises: ArchiveError, UnsupportedError.
    """
    content = file.read(MAX_BYTES)
    if UBJSON.match(content):
        value = parse_ubjson(content)
        if not isinstance(value, dict):
            raise ArchiveError(f"{file.name} is no object of UBJSON.")
        return xgboost.read_document(value)
    return xgboost.read_document(_parse(content, file))


def read_booster_lightgbm(file: ModelFile) -> Booster:
    """The model in a file of LightGBM.

    Raises: ArchiveError, UnsupportedError.
    """
    try:
        return lightgbm.read_text(file.read(MAX_BYTES).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{file.name} is no text in UTF-8: {error}.") from error


def read_booster_catboost(file: ModelFile) -> Booster:
    """The model in a file of CatBoost.

    Raises: ArchiveError, UnsupportedError.
    """
    return catboost.read_document(_parse(file.read(MAX_BYTES), file))


def _parse(content: bytes, file: ModelFile) -> dict[str, Any]:
    return parse_object(
        content, file.name, has_nan=True, max_bytes=MAX_BYTES, max_depth=MAX_JSON_DEPTH
    )


def _recognise_xgboost(file: ModelFile) -> bool:
    """JSON or UBJSON that begins with a learner."""
    return any(pattern.match(file.head) for pattern in (LEARNER, UBJSON))


def _recognise_lightgbm(file: ModelFile) -> bool:
    """Text that begins with the word tree."""
    return file.head.startswith((b"tree\n", b"tree\r\n"))


def _recognise_catboost(file: ModelFile) -> bool:
    """JSON that begins with a part of a model of CatBoost."""
    return CATBOOST.match(file.head) is not None


def _record(
    name: str,
    title: str,
    suffixes: tuple[str, ...],
    saved_by: str,
    layers: dict[str, Part],
    recognise: Callable[[ModelFile], bool],
    read: Callable[[ModelFile], Booster],
    ask: Callable[[ModelFile, Booster, tuple[Array, ...]], Answer],
    save: Callable[[Any, Path], Path | None],
) -> Format:
    """The record of a library whose files a function reads as a Booster."""
    return Format(
        name=name,
        title=title,
        suffixes=suffixes,
        saved_by=saved_by,
        part="part",
        recognise=recognise,
        read=lambda file: build_graph(read(file), file, name),
        framework=Framework(title, lambda file, rows: ask(file, read(file), rows), False),
        save=save,
        layers=layers,
    )


XGBOOST = _record(
    name="xgboost",
    title="XGBoost",
    suffixes=(".json", ".ubj"),
    saved_by="booster.save_model('model.json') or booster.save_model('model.ubj')",
    layers={
        "gbtree": Part(
            ("Trees", "Select", "StringLookup", "Concatenate"),
            "categories that are whole numbers, or texts in ASCII",
        ),
        "dart": Part(("Trees",)),
        "gblinear": Part(("Cast", "Constant", "Unary", "Where", "Dense")),
        **_objectives(xgboost.LINKS),
        "binary:logitraw": Part((), "files of XGBoost 1.4 and newer"),
        "multi:softmax": Part(("Softmax",), "scores are probabilities"),
        "reg:expectileerror": Part((), "a single expectile"),
        "reg:quantileerror": Part(
            SORT_OPS, "several quantiles of files of XGBoost 3.4 and newer are put in order"
        ),
    },
    recognise=_recognise_xgboost,
    read=read_booster_xgboost,
    ask=ask_xgboost,
    save=save_xgboost,
)

LIGHTGBM = _record(
    name="lightgbm",
    title="LightGBM",
    suffixes=(".txt",),
    saved_by="booster.save_model('model.txt')",
    layers={
        "gbdt, dart, goss, rf": Part(
            ("Trees", "Select", "StringLookup", "Concatenate"),
            "no linear_tree; rf of files of version v2 for losses with a link is refused;"
            " categories that are whole numbers or texts",
        ),
        **_objectives(lightgbm.LINKS),
        "regression": Part(LINK_OPS["signed_square"], "reg_sqrt or not"),
        "binary": Part(("Affine", "Activation"), "any sigmoid"),
    },
    recognise=_recognise_lightgbm,
    read=read_booster_lightgbm,
    ask=ask_lightgbm,
    save=save_lightgbm,
)

CATBOOST_FORMAT = _record(
    name="catboost",
    title="CatBoost",
    suffixes=(".json",),
    saved_by="model.save_model('model.json', format='json')",
    layers={
        "SymmetricTree, Depthwise, Lossguide": Part(
            ("Trees", "Affine"), "features of numbers and categories; no texts or embeddings"
        ),
        "one-hot questions": Part(
            ("CityHash", "Select", "MapNumbers", "Concatenate"), "categories as columns of text"
        ),
        "CTRs": Part(
            ("CityHash", "Concatenate", "CategoryStatistics"),
            "Borders, Buckets, BinarizedTargetMeanValue, FloatTargetMeanValue, Counter,"
            " FeatureFreq, of combinations too; but for Counter one target, and one"
            " TargetBorderCount for each type",
        ),
        **_objectives(catboost.LINKS),
    },
    recognise=_recognise_catboost,
    read=read_booster_catboost,
    ask=ask_catboost,
    save=save_catboost,
)
