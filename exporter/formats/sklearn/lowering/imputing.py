"""What takes the place of missing values: SimpleImputer, MissingIndicator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.lowering.builder import NOTHING, Block, Value, constants, join
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator
from exporter.formats.sklearn.lowering.scaling import COPY
from exporter.ir.ops import Impute, ImputeTexts, IsMissing, Op


def is_null(value: Any) -> bool:
    """Whether a value of scikit-learn's means missing: None, NaN, pandas.NA."""
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    return value is None or (isinstance(value, (Name, Record)) and value.name in ("NA", "NAType"))


def simple_imputer(context: Context, block: Block) -> Block:
    """statistics_ where a value is missing; columns that have none are left out."""
    missing = _missing_values(context)
    if context.param("strategy") == "constant":
        context.param("fill_value", default=None)
    found = as_list(context.fitted("statistics_"))
    if found is None or len(found) != block.width:
        context.refuse(f"its statistics_ are not those of {counted(block.width, 'column')}", AGAIN)
    keeps_empty = context.flag("keep_empty_features", default=False)
    kept = [n for n, value in enumerate(found) if keeps_empty or not is_null(value)]
    runs = groupby(kept, key=lambda n: isinstance(found[n], str))
    parts = [
        _impute(context, block, list(run), found, missing, is_text=is_text) for is_text, run in runs
    ]
    names = None if block.names is None else tuple(block.names[n] for n in kept)
    result = Block(tuple(parts), names)
    if context.flag("add_indicator", default=False):
        indicator = context.fitted("indicator_")
        features = indicator.attributes.get("features_") if isinstance(indicator, Record) else None
        places = as_list(features)
        if places is None:
            context.refuse("its indicator_ is not in the file", AGAIN)
        result = join([result, *_indicators(context, block, places, missing)])
    return result


def old_imputer(context: Context, block: Block) -> Block:
    """What SimpleImputer was called before 0.20."""
    context.choice((0,), "axis")
    return simple_imputer(context, block)


def _missing_values(context: Context) -> str | float | None:
    """What counts as missing: None for NaN, None and NULL, else that value."""
    value = context.param("missing_values")
    if is_null(value) or (isinstance(value, str) and value == "NaN"):
        return None
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (str, int, float, np.integer, np.floating)
    ):
        context.refuse("its missing_values is neither a number nor a text", "Use numpy.nan.")
    return str(value) if isinstance(value, str) else float(value)


def _impute(
    context: Context,
    block: Block,
    places: Sequence[int],
    statistics: Sequence[Any],
    missing: str | float | None,
    *,
    is_text: bool,
) -> Value:
    """Neighbouring columns of one kind, without missing values."""
    values = [statistics[place] for place in places]
    if not is_text and not all(isinstance(v, (int, float, np.number)) for v in values):
        context.refuse("what it puts into a column is no number and no text", AGAIN)
    if missing is not None and isinstance(missing, str) != is_text:
        context.refuse(
            "its missing_values is of another type than the columns", "Use an imputer for each."
        )
    x = context.columns(block, places, "text" if is_text else "number")
    if missing is not None:  # then NaN is an error
        context.builder.refuse_missing(x)
    elif is_text and _keeps_none(context, x):
        return x
    context.builder.parameters += len(values)
    op: Op = (
        ImputeTexts(tuple(map(str, values)), str(missing) if missing is not None else None)
        if is_text
        else Impute(constants(values), None if missing is None else float(missing))
    )
    filled = (NOTHING,) * len(values)
    if is_text and context.param("missing_values") is not None and not context.builder.hints:
        filled = x.missing  # for the encoders behind it to tell whether it left None alone
    return context.add(op, x, missing=filled, is_text=is_text)


def _keeps_none(context: Context, x: Value) -> bool:
    """Whether NULL is None, which an imputer of NaN leaves alone: an encoder behind it was fitted
    with None as a category."""
    if context.param("missing_values") is None or not x.absent & context.builder.kept_none:
        return False
    if not all(columns <= context.builder.kept_none for columns in x.missing):
        context.refuse(
            "it was fitted on columns with None and others with NaN as missing texts, and a NULL"
            " can be either",
            "Replace None by numpy.nan before fitting.",
        )
    return True


def _indicators(context: Context, block: Block, places: Sequence[Any], missing: Any) -> list[Block]:
    """1 where these columns are missing, 0 elsewhere."""
    if not all(isinstance(n, (int, np.integer)) and 0 <= n < block.width for n in places):
        context.refuse("its features_ are no columns", AGAIN)
    values = []
    for part in context.select(block, [int(n) for n in places]).parts:
        x = context.any_value(part)
        if missing is not None:
            context.builder.refuse_missing(x)
        if isinstance(missing, str) and not x.is_text:
            context.refuse("its missing_values is a text, a column is not", AGAIN)
        values.append(context.add(IsMissing(missing), x, missing=(NOTHING,) * x.width))
    return [Block((value,)) for value in values]


def missing_indicator(context: Context, block: Block) -> Block:
    """1 where a value is missing, 0 elsewhere, for all columns or those that were missing once."""
    missing = _missing_values(context)
    features = context.choice(("missing-only", "all"), "features")
    places = as_list(context.fitted("features_"))
    if places is None:
        context.refuse("its features_ are not in the file", AGAIN)
    if features == "missing-only" and context.flag("error_on_new") and missing is None:
        others = [n for n in range(block.width) if n not in places]
        for part in context.select(block, others).parts:
            context.builder.refuse_missing(context.any_value(part))
    return join(_indicators(context, block, places, missing))


def knn_imputer(context: Context, block: Block) -> Block:
    """Refused: it would need the training rows."""
    context.refuse(
        "it looks for the nearest of the rows that it was fitted on, which would all have to be in"
        " the database",
        "Use SimpleImputer, or fill the missing values in SQL.",
    )


def iterative_imputer(context: Context, block: Block) -> Block:
    """Refused: a model for each column, again and again."""
    context.refuse("it runs a model for each column in turn", "Use SimpleImputer.")


ESTIMATORS = {
    "SimpleImputer": Estimator(
        simple_imputer,
        ("Impute", "ImputeTexts", "IsMissing"),
        ("missing_values", "strategy", "fill_value", "keep_empty_features", "add_indicator"),
        {**COPY, "verbose": "only prints"},
        "all strategies, indicators, numbers and texts; a NULL is the missing value",
        missing=(0,),
    ),
    "Imputer": Estimator(
        old_imputer,
        ("Impute",),
        ("missing_values", "strategy", "axis"),
        {**COPY, "verbose": "only prints"},
        "of scikit-learn before 0.22; axis 0",
        missing=(0,),
    ),
    "MissingIndicator": Estimator(
        missing_indicator,
        ("IsMissing",),
        ("missing_values", "features", "error_on_new"),
        {"sparse": "the same numbers, sparse or dense"},
        missing=(0,),
    ),
    "KNNImputer": Estimator(
        knn_imputer,
        (),
        (),
        dict.fromkeys(
            ("missing_values", "n_neighbors", "weights", "metric", "copy", "add_indicator",
             "keep_empty_features"),
            "refused",
        ),
        "refused: use SimpleImputer",
    ),
    "IterativeImputer": Estimator(
        iterative_imputer,
        (),
        (),
        dict.fromkeys(
            ("estimator", "missing_values", "sample_posterior", "max_iter", "tol",
             "n_nearest_features", "initial_strategy", "fill_value", "imputation_order",
             "skip_complete", "min_value", "max_value", "verbose", "random_state", "add_indicator",
             "keep_empty_features"),
            "refused",
        ),
        "refused: use SimpleImputer",
    ),
}  # fmt: skip
