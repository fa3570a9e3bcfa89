"""Encoders of categories: what a column may be, and the number or the place that stands for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.lowering.builder import NOTHING, Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator
from exporter.formats.sklearn.lowering.imputing import is_null
from exporter.formats.sklearn.lowering.scaling import FITTING
from exporter.ir.columns import Kind
from exporter.ir.ops import Indicate, MapNumbers, MapTexts

MAX_CATEGORIES = 2**20
SAME = "the same numbers in another type"


@dataclass(frozen=True)
class Categories:
    """The categories of a column in scikit-learn's order; missing is the place of None or NaN."""

    values: tuple[Any, ...]
    kind: Kind
    missing: int | None


@dataclass(frozen=True)
class Mapping:
    """The number that stands for each category; unknown for others, None where they are an error;
    absent for a missing value, None where that is an error."""

    categories: Categories
    numbers: tuple[float, ...]
    unknown: float | None
    absent: float | None


def read_categories(context: Context, width: int) -> list[Categories]:
    """The categories_ of all columns."""
    found = context.fitted("categories_")
    columns = as_list(found) if not isinstance(found, np.ndarray) else list(found)
    if columns is None or len(columns) != width:
        context.refuse(f"its categories_ are not those of {counted(width, 'column')}", AGAIN)
    return [_read_column(context, column, place) for place, column in enumerate(columns)]


def _read_column(context: Context, column: Any, place: int) -> Categories:
    found = as_list(column)
    if found is None or len(found) > MAX_CATEGORIES:
        context.refuse(f"its categories of column {place} cannot be read", AGAIN)
    absent = [n for n, value in enumerate(found) if is_null(value)]
    if len(absent) > 1:
        context.refuse(
            f"its column {place} has both None and NaN as categories, and a NULL can be either",
            "Replace one by the other before fitting.",
        )
    known = [value for value in found if not is_null(value)]
    values = tuple(_text(context, v) if isinstance(v, str) else v for v in found)
    missing = absent[0] if absent else None
    if known and all(isinstance(value, (bool, np.bool_)) for value in known):
        return Categories(values, "boolean", missing)
    if all(isinstance(value, (int, float, np.number, bool)) for value in known):
        if any(isinstance(v, int) and abs(v) > 2**53 for v in known):
            context.refuse(
                f"its column {place} has whole numbers as categories that double precision does not"
                " hold",
                "Make them texts before fitting.",
            )
        return Categories(values, "number", missing)
    if all(isinstance(value, str) for value in known):
        return Categories(values, "text", missing)
    if not all(isinstance(value, (str, int, float, np.number, np.bool_)) for value in known):
        context.refuse(
            f"its column {place} has categories that are neither texts nor numbers",
            "Make them texts before fitting, or numbers such as the year of a date.",
        )
    context.refuse(f"its column {place} has categories of several types", "Make all of them texts.")


def _text(context: Context, value: str) -> str:
    """A category that is text."""
    try:
        value.encode("utf-8")
    except UnicodeError:
        context.refuse(f"its category {value[:40]!a} is no Unicode text", "Correct it.")
    if "\0" in value:
        context.refuse(f"its category {value[:40]!a} holds a zero byte", "Correct it.")
    return str(value)


def apply(context: Context, block: Block, mappings: Sequence[Mapping]) -> list[Value]:
    """What stands for each column of X, neighbours of one kind as one value."""
    values = []
    runs = groupby(range(len(mappings)), key=lambda n: mappings[n].categories.kind == "text")
    for is_text, run in runs:
        places = list(run)
        chosen = [mappings[n] for n in places]
        values.append(_apply(context, block, places, chosen, is_text=is_text))
    return values


def _apply(
    context: Context,
    block: Block,
    places: Sequence[int],
    mappings: Sequence[Mapping],
    *,
    is_text: bool,
) -> Value:
    parts = [
        context.columns(block, [place], mapping.categories.kind)
        for place, mapping in zip(places, mappings, strict=True)
    ] if not is_text else [context.columns(block, places, "text")]  # fmt: skip
    x = context.join(parts)
    for n, mapping in enumerate(mappings):
        if mapping.absent is None:
            context.builder.refuse_missing(x, n)
        place = mapping.categories.missing
        if is_text and place is not None and mapping.categories.values[place] is None:
            context.builder.kept_none |= x.missing[n]
    strict = tuple(n for n, mapping in enumerate(mappings) if mapping.unknown is None)
    complete = tuple(n for n, mapping in enumerate(mappings) if mapping.absent is None)
    defaults = constants([0.0 if m.unknown is None else m.unknown for m in mappings])
    absent = constants([math.nan if m.absent is None else m.absent for m in mappings])
    known = [
        [
            (value, number)
            for place, (value, number) in enumerate(
                zip(m.categories.values, m.numbers, strict=True)
            )
            if place != m.categories.missing
        ]
        for m in mappings
    ]
    context.builder.parameters += sum(map(len, known))
    missing = [
        x.missing[n] if m.absent is None or math.isnan(m.absent) else NOTHING
        for n, m in enumerate(mappings)
    ]
    if is_text:
        words = tuple(tuple(value for value, _ in column) for column in known)
        numbers = constants([number for column in known for _, number in column])
        op: Any = MapTexts(words, numbers, defaults, absent, strict, complete)
        return context.add(op, x, is_text=False, missing=missing)
    ordered = [sorted(column, key=lambda pair: float(pair[0])) for column in known]
    keys = constants([float(value) for column in ordered for value, _ in column])
    numbers = constants([number for column in ordered for _, number in column])
    counts = tuple(len(column) for column in ordered)
    op = MapNumbers(keys, numbers, counts, defaults, absent, strict, complete)
    return context.add(op, x, missing=missing)


def infrequent(context: Context, place: int, count: int) -> tuple[list[int], int | None]:
    """(new place of each category after rare ones were put together, place of those or None)."""
    mappings = context.fitted("_default_to_infrequent_mappings", None)
    if not context.fitted("_infrequent_enabled", False) or mappings is None:
        return list(range(count)), None
    found = mappings[place] if len(mappings) > place else None
    if found is None:
        return list(range(count)), None
    new = as_list(found)
    if new is None or len(new) != count:
        context.refuse("its infrequent categories do not fit its categories", AGAIN)
    return [int(n) for n in new], int(max(new))


def one_hot_encoder(context: Context, block: Block) -> Block:
    """1 in the place of each column's category; rare ones share one, dropped ones have none."""
    how = context.choice(
        ("error", "ignore", "infrequent_if_exist", "warn"), "handle_unknown", default="error"
    )
    if context.param("n_values", default=None) not in (None, "auto") or context.param(
        "categorical_features", default=None
    ) not in (None, "all"):
        context.refuse("it has n_values or categorical_features", "Use categories instead.")
    for name in ("drop", "min_frequency", "max_categories"):
        context.param(name, default=None)
    drops = _dropped(context, block.width)
    mappings = []
    start = 0
    for place, categories in enumerate(read_categories(context, block.width)):
        new, rare = infrequent(context, place, len(categories.values))
        size = max(new, default=-1) + 1
        drop = drops[place]
        places = [_shift(n, drop, start) for n in new]
        joins = how in ("infrequent_if_exist", "warn")
        unknown = _shift(rare, drop, start) if rare is not None and joins else -1.0
        absent = unknown if how != "error" else None
        if categories.missing is not None:
            absent = places[categories.missing]
        mappings.append(
            Mapping(categories, tuple(places), None if how == "error" else unknown, absent)
        )
        start += size - (drop is not None)
    if start == 0:
        context.refuse("it gives no column at all", "Leave it out.")
    codes = context.join(apply(context, block, mappings))
    width = start
    return Block((context.add(Indicate(width), codes, missing=(codes.absent,) * width),))


def _shift(place: int, drop: int | None, start: int) -> float:
    """Where a category's 1 stands, -1 for nowhere."""
    if drop is not None and place == drop:
        return -1.0
    return float(start + place - (drop is not None and place > drop))


def _dropped(context: Context, width: int) -> list[int | None]:
    """The place of each column's dropped category, after rare ones were put together."""
    default = context.fitted("drop_idx_", None)
    found = context.fitted("_drop_idx_after_grouping", default)
    if found is None:
        return [None] * width
    if context.fitted("_infrequent_enabled", False) and context.version < (1, 3):
        context.refuse("it drops and joins categories", "Fit it with scikit-learn 1.3 or newer.")
    items = as_list(found)
    if items is None or len(items) != width:
        context.refuse("its drop_idx_ does not fit its columns", AGAIN)
    return [None if item is None else int(item) for item in items]


def ordinal_encoder(context: Context, block: Block) -> Block:
    """The place of each column's category, or what was chosen for unknown and missing ones."""
    how = context.choice(("error", "use_encoded_value"), "handle_unknown", default="error")
    for name in ("min_frequency", "max_categories"):
        context.param(name, default=None)
    unknown = context.param("unknown_value", default=None)
    unknown = float(_number(context, "unknown_value", unknown)) if how != "error" else None
    coded = context.param("encoded_missing_value", default=math.nan)
    coded = float(_number(context, "encoded_missing_value", coded))
    mappings = []
    for place, categories in enumerate(read_categories(context, block.width)):
        new, _ = infrequent(context, place, len(categories.values))
        missing = categories.missing
        has_nan = missing is not None and categories.values[missing] is not None
        if missing is not None and has_nan:  # None is a category like others, NaN is not
            new[missing] = missing
        numbers = [coded if has_nan and n == missing else float(n) for n in new]
        absent = unknown if missing is None else numbers[missing]
        mappings.append(Mapping(categories, tuple(numbers), unknown, absent))
    return Block(tuple(apply(context, block, mappings)), block.names)


def _number(context: Context, name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        context.refuse(f"its {name} is {str(value)[:40]}", "Give it a number or NaN.")
    return value


def target_encoder(context: Context, block: Block) -> Block:
    """The mean target of each column's category, of each class where there are more than two."""
    kind = context.fitted("target_type_")
    found = context.fitted("encodings_")
    classes = len(context.labels("classes_")) if kind == "multiclass" else 1
    means = np.atleast_1d(context.array("target_mean_"))
    categories = read_categories(context, block.width)
    if len(found) != classes * len(categories) or len(means) != classes:
        context.refuse("its encodings_ do not fit its categories_", AGAIN)
    mappings = []
    for place, item in enumerate(found):
        of_column = categories[place // classes]
        numbers = context.numbers_of(item, "encodings_", len(of_column.values)).tolist()
        mean = float(means[place % classes])
        missing = of_column.missing
        absent = mean if missing is None else numbers[missing]
        mappings.append(Mapping(of_column, tuple(numbers), mean, absent))
    repeated = [place // classes for place in range(len(found))]
    values = apply(context, context.select(block, repeated), mappings)
    return Block(tuple(values), block.names if classes == 1 else None)


def label_encoder(context: Context, block: Block) -> Block:
    """Refused: it is for the target."""
    context.refuse(
        "it encodes the target, of which a row to score has none",
        "Export the classifier: its label is the class. For columns use OrdinalEncoder.",
    )


FOR_THE_TARGET = "refused: it encodes the target; the label of a classifier is the class"
ESTIMATORS = {
    "LabelEncoder": Estimator(label_encoder, (), limits=FOR_THE_TARGET),
    "LabelBinarizer": Estimator(
        label_encoder,
        (),
        ignored=dict.fromkeys(("neg_label", "pos_label", "sparse_output"), "refused"),
        limits=FOR_THE_TARGET,
    ),
    "MultiLabelBinarizer": Estimator(
        label_encoder,
        (),
        ignored=dict.fromkeys(("classes", "sparse_output"), "refused"),
        limits=FOR_THE_TARGET,
    ),
    "OneHotEncoder": Estimator(
        one_hot_encoder,
        ("MapTexts", "MapNumbers", "Indicate"),
        ("handle_unknown", "drop", "min_frequency", "max_categories", "n_values",
         "categorical_features"),
        {
            "categories": FITTING,
            "sparse": "the same numbers, sparse or dense",
            "sparse_output": "the same numbers, sparse or dense",
            "dtype": SAME,
            "feature_name_combiner": "names of what it gives",
        },
        "drop, all handle_unknown, rare categories together; None or NaN as a category is NULL",
        missing=(0, 24),
    ),
    "OrdinalEncoder": Estimator(
        ordinal_encoder,
        ("MapTexts", "MapNumbers"),
        ("handle_unknown", "unknown_value", "encoded_missing_value", "min_frequency",
         "max_categories"),
        {"categories": FITTING, "dtype": SAME},
        "unknown and missing values, rare categories together",
        missing=(0, 24),
    ),
    "TargetEncoder": Estimator(
        target_encoder,
        ("MapTexts", "MapNumbers"),
        (),
        dict.fromkeys(
            ("categories", "target_type", "smooth", "cv", "shuffle", "random_state"), FITTING
        ),
        "binary, continuous and multiclass targets",
        missing=(0, 24),
    ),
}  # fmt: skip
