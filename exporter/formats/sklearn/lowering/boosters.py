"""Estimators of XGBoost and LightGBM within pickles of scikit-learn: their boosters' own files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, UnsupportedError, counted
from exporter.formats.json_text import parse_object
from exporter.formats.sklearn.inert import ByteText, Name, Record
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Answers, Context, Estimator
from exporter.formats.trees import lightgbm, xgboost
from exporter.formats.trees.categories import check_categories, find_texts, look_up
from exporter.formats.trees.ensemble import Ensemble
from exporter.formats.trees.graph import compute
from exporter.formats.trees.model import Booster
from exporter.formats.trees.ubjson import parse_ubjson
from exporter.ir.ops import Affine, Cast, Compare, Concatenate, Constant, Where, as_tensor

MOST_BYTES = 2**30
ITS_FILE = "Save its booster as a file of its own, and export that."


def xgboost_model(context: Context, block: Block) -> Answers:
    """The booster of an XGBClassifier, XGBRegressor, XGBRanker or one of their forests.

    What a file of the booster alone would have to be warned of is what these do: they stop at the
    best iteration, and give probabilities of classes.
    """
    context.builder.drops_zeros = True
    missing = context.record.attributes.get("missing")
    if missing is not None and not (isinstance(missing, float) and np.isnan(missing)):
        context.refuse(f"it takes {missing} for missing", "Train with NaN for missing values.")
    if block.stores_zeros:
        context.refuse(
            "what reaches it is a sparse matrix, whose zeros XGBoost takes for missing values where"
            " they are not stored, which is not known here",
            "Give OneHotEncoder sparse_output=False and ColumnTransformer sparse_threshold=0, and "
            "fit it again.",
        )
    booster = _read(context, _read_xgboost)
    if block.is_sparse:
        body = booster.body
        block = _without_zeros(
            context, block, body.features if isinstance(body, Ensemble) else len(body.weights)
        )
    return _answer(context, block, booster)


def _without_zeros(context: Context, block: Block, width: int) -> Block:
    """X with its zeros missing, as they are in a sparse matrix."""
    x = context.numbers(block, width)
    is_zero = context.add(Compare("equal"), x, context.add(Constant(constants(np.zeros(width)))))
    missing = context.add(Constant(constants(np.full(width, np.nan))))
    return Block((context.add(Where(), is_zero, missing, x),))


def _read_xgboost(record: Record) -> Booster:
    """What Booster.__getstate__ wrote: a configuration, and a model as its file would be.

    Raises: ArchiveError, UnsupportedError.
    """
    inner = record.attributes.get("_Booster")
    content = _bytes(inner.attributes.get("handle")) if isinstance(inner, Record) else None
    if content is None:
        raise ArchiveError("it is not there: the estimator is not fitted")
    if not content.startswith(b"{"):
        raise ArchiveError("it is in XGBoost's old binary form")
    is_json = content[1:2] in (b'"', b" ", b"\n", b"}")
    whole = (
        parse_object(content, "it", has_nan=True, max_bytes=MOST_BYTES)
        if is_json
        else parse_ubjson(content)
    )
    model = whole.get("Model", whole) if isinstance(whole, dict) else None
    if not isinstance(model, dict):
        raise ArchiveError("it holds no model")
    return xgboost.read_document(model)


def lightgbm_model(context: Context, block: Block) -> Answers:
    """The booster of an LGBMClassifier, LGBMRegressor or LGBMRanker."""
    if lightgbm.leaves_trees_out(context.record.attributes.get("pred_early_stop")):
        context.refuse(
            "its pred_early_stop leaves trees out where a class is nearly certain",
            "Set it to False: model.set_params(pred_early_stop=False).",
        )
    booster = _read(context, _read_lightgbm)
    best = _lightgbm_state(context.record).get("best_iteration", 0)
    if isinstance(best, (int, np.integer)) and best > 0 and isinstance(booster.body, Ensemble):
        booster = replace(booster, body=_cut(context, booster.body, int(best)))
    return _answer(context, block, booster)


def _read_lightgbm(record: Record) -> Booster:
    """The text that Booster.__getstate__ wrote.

    Raises: ArchiveError, UnsupportedError.
    """
    facts = _lightgbm_state(record)
    text = facts.get("_handle", facts.get("handle"))
    if not isinstance(text, str):
        raise ArchiveError("it is not there: the estimator is not fitted")
    return lightgbm.read_text(text)


def _lightgbm_state(record: Record) -> Mapping[str, Any]:
    inner = record.attributes.get("_Booster")
    return inner.attributes if isinstance(inner, Record) else {}


def find_columns(record: Record) -> tuple[tuple[str, ...], int] | None:
    """The names of a booster's features, none where they have none, and how many there are; None
    for what is no estimator with a booster, or has one that is refused later."""
    entry = ESTIMATORS.get(record.name)
    if entry is None or not record.module.startswith(f"{entry.library}."):
        return None
    try:
        booster = _read_xgboost(record) if entry.library == "xgboost" else _read_lightgbm(record)
    except (ArchiveError, UnsupportedError):
        return None
    body = booster.body
    return booster.names, body.features if isinstance(body, Ensemble) else len(body.weights)


def _cut(context: Context, body: Ensemble, iterations: int) -> Ensemble:
    """The trees up to the best iteration, which alone LightGBM scores."""
    used = iterations * len(body.base)
    if used > len(body.starts):
        context.refuse(f"its best iteration is {iterations}, and there are fewer trees", AGAIN)
    return replace(
        body,
        starts=body.starts[:used],
        target=None if body.target is None else body.target[:used],
        divisor=body.divisor if body.divisor == 1 else iterations,
    )


def _check_objective(context: Context) -> None:
    """Refuse a function of the user's own."""
    objective = context.record.attributes.get("objective")
    if isinstance(objective, (Name, Record)):
        context.refuse(f"its objective is {objective}, whose result is in no file",
                       "Train with an objective of the library.")  # fmt: skip


def _bytes(value: Any) -> bytes | None:
    """The bytes of a bytearray, as each protocol writes it."""
    if isinstance(value, Record) and value.name == "bytearray" and value.args:
        value = value.args[0]
    if isinstance(value, ByteText):
        return value.data()
    if isinstance(value, str):
        return value.encode("latin-1", errors="replace")
    return bytes(value) if isinstance(value, (bytes, bytearray)) else None


def _read(context: Context, read: Callable[[Record], Booster]) -> Booster:
    """A booster; what is wrong with it is a problem of this step."""
    _check_objective(context)
    try:
        booster = read(context.record)
        check_categories(booster)
    except ArchiveError as error:
        context.refuse(f"its booster cannot be read: {error}", ITS_FILE)
    except UnsupportedError as error:
        first = error.problems[0]
        context.refuse(f"{first.layer} ({first.class_name}): {first.reason}", first.advice)
    return booster


def _answer(context: Context, block: Block, booster: Booster) -> Answers:
    """What the library's predict or predict_proba gives, in float64."""
    body = booster.body
    width = body.features if isinstance(body, Ensemble) else len(body.weights)
    context.builder.parameters += (
        len(body.bound) + body.leaves.size if isinstance(body, Ensemble) else body.weights.size
    )
    x, order = _features(context, block, booster, width)
    score = compute(booster, context.add, x, order)
    score = context.add(Cast("float64"), score)
    if not context.record.name.endswith("Classifier"):
        return Answers(score)
    classes = _classes(context, 2 if score.shape == (1,) else score.width)
    if booster.link not in ("sigmoid", "softmax"):
        context.refuse("it is a classifier without probabilities", ITS_FILE)
    is_lightgbm = context.entry.library == "lightgbm"  # it can since 4.7
    return Answers(probability=_both(context, score), classes=classes, may_decide=is_lightgbm)


def _features(
    context: Context, block: Block, booster: Booster, width: int
) -> tuple[Value, list[int]]:
    """X as numbers, and which feature each is: of categories that are texts their numbers, last."""
    texts = find_texts(booster)
    if not texts:
        return context.numbers(block, width), list(range(width))
    if block.width != width:
        context.refuse(
            f"it was fitted on {counted(width, 'column')}, {block.width} reach it", AGAIN
        )
    others = [place for place in range(width) if place not in texts]
    values = [context.columns(block, others, "number")] if others else []
    for place in texts:
        column = context.columns(block, [place], "text")
        values.append(context.add(look_up(booster.categories[place]), column))
    return context.join(values), others + texts


def _both(context: Context, score: Value) -> Value:
    """Of a single probability, that it is not, and the probability."""
    if score.shape != (1,):
        return score
    one = as_tensor(np.ones(1), dtype="float64")
    other = context.add(Affine(as_tensor(-np.ones(1), dtype="float64"), one), score)
    return context.add(Concatenate(0), other, score)


def _classes(context: Context, count: int) -> tuple[Any, ...]:
    """The classes that LightGBM knows; XGBoost's are 0, 1, ..."""
    for name in ("_classes", "classes_"):
        found = context.record.attributes.get(name)
        if isinstance(found, np.ndarray) and found.ndim == 1:
            if len(found) != count:
                context.refuse(f"it knows {counted(len(found), 'class')} and scores {count}", AGAIN)
            return tuple(found.tolist())
    return tuple(range(count))


OPS = ("Trees", "StringLookup", "Activation", "Softmax", "Cast", "Affine", "Concatenate")
OF_ZEROS = ("Constant", "Compare", "Where")


def _entry(
    lower: Callable[[Context, Block], Answers], library: str, more: tuple[str, ...] = ()
) -> Estimator:
    """Parameters are not looked at: the booster holds what they made."""
    return Estimator(lower, (*OPS, *more), missing=(0,), library=library, is_whole=True)


ESTIMATORS = {
    **{
        name: _entry(xgboost_model, "xgboost", OF_ZEROS)
        for name in ("XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier",
                     "XGBRFRegressor")
    },
    **{
        name: _entry(lightgbm_model, "lightgbm")
        for name in ("LGBMClassifier", "LGBMRegressor", "LGBMRanker")
    },
}  # fmt: skip
