"""Estimators made of estimators side by side or in a row: Pipeline, ColumnTransformer, ..."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.builder import Block, StepProblem, constants, join
from exporter.formats.sklearn.lowering.context import AGAIN, Answers, Context, Estimator, Result
from exporter.ir.ops import Affine

PASSED = "changes nothing but how fit() works"
DISPLAY = "only prints"
ALWAYS: tuple[int, ...] = (0,)


def is_named(value: Any) -> bool:
    """Whether this is a step's name and what does it."""
    return isinstance(value, (tuple, list)) and len(value) >= 2 and isinstance(value[0], str)


def pipeline(context: Context, block: Block) -> Result:
    """Each step's output is the next one's input; the last may predict."""
    steps = context.param("steps")
    if not isinstance(steps, (list, tuple)) or not steps or not all(map(is_named, steps)):
        context.refuse("its steps are not in the file", AGAIN)
    context.param("transform_input", default=None)
    result: Block | None = block
    for place, (name, step, *_) in enumerate(steps, 1):
        if step is None or step == "passthrough":
            continue
        path = f"{context.path}/{name}" if context.path else name
        is_last = place == len(steps) and not context.transforms
        depth = context.depth + 1
        made = context.lower_any(step, result, path, context.builder, depth, not is_last)
        if isinstance(made, Answers):
            return made
        result = made
    if result is None:
        raise StepProblem("", "")
    return result


def column_transformer(context: Context, block: Block) -> Block:
    """Each transformer gets columns of X; what they give stands side by side."""
    fitted = context.fitted("transformers_")
    context.param("transformers")
    context.param("remainder", default="drop")
    if not isinstance(fitted, list) or not all(is_named(t) and len(t) == 3 for t in fitted):
        context.refuse("its transformers_ are no list of (name, transformer, columns)", AGAIN)
    chosen = []
    for name, transformer, columns in fitted:
        if transformer == "drop" or transformer is None:
            continue
        if places := find_columns(context, block, columns):
            chosen.append((name, transformer, context.select(block, places)))
    return _side_by_side(context, chosen)


def _side_by_side(context: Context, parts: Iterable[tuple[str, Any, Block]]) -> Block:
    """What each named transformer makes of its block, times its weight, in this order.

    Raises: StepProblem with an empty reason, when one was refused (and noted); all are looked at.
    """
    weights = _weights(context)
    results: list[Block] = []
    is_complete = True
    for name, transformer, block in parts:
        made: Result | None = block
        if transformer != "passthrough" and not _is_identity(transformer):
            path = f"{context.path}/{name}" if context.path else name
            depth = context.depth + 1
            made = context.lower_any(transformer, block, path, context.builder, depth, True)
        is_complete = is_complete and isinstance(made, Block)
        if isinstance(made, Block):
            results.append(_weigh(context, made, weights.get(name)))
    if not is_complete:
        raise StepProblem("", "")
    return join(results)


def _weights(context: Context) -> dict[str, float]:
    """By what the output of each transformer is multiplied."""
    given = context.param("transformer_weights", default=None) or {}
    if not isinstance(given, dict) or not all(
        isinstance(n, (int, float, np.number)) for n in given.values()
    ):
        context.refuse("its transformer_weights are no numbers", "Fit it without them.")
    return {name: float(n) for name, n in given.items()}


def _weigh(context: Context, block: Block, weight: float | None) -> Block:
    """A block of numbers times its weight."""
    if weight is None:
        return block
    x = context.numbers(block)
    op = Affine(constants(np.full(x.width, weight)), constants(np.zeros(x.width)))
    return Block((context.add(op, x),), block.names)


def _is_identity(transformer: Any) -> bool:
    """Whether this is what "passthrough" becomes when fitted."""
    return (
        isinstance(transformer, Record)
        and transformer.name == "FunctionTransformer"
        and transformer.attributes.get("func") is None
    )


def find_columns(context: Context, block: Block, columns: Any) -> list[int]:
    """The places in X that a column specification means: names, places, slices or a mask.

    Functions are what fit() put their result in the place of.
    """
    if isinstance(columns, Record) and columns.module == "builtins" and columns.name == "slice":
        return _slice(context, block, columns.args)
    if isinstance(columns, (str, int, np.integer)) and not isinstance(columns, bool):
        columns = [columns]
    items = as_list(columns)
    if items is None:
        known = context.fitted("_columns", None)  # where a function was given
        items = as_list(known) if not isinstance(known, list) else None
    if items is None:
        context.refuse(f"its columns {str(columns)[:60]} cannot be read", "Give it names.")
    if items and all(isinstance(item, (bool, np.bool_)) for item in items):
        if len(items) != block.width:
            context.refuse(f"a mask of {counted(len(items), 'column')} meets {block.width}", AGAIN)
        return [place for place, item in enumerate(items) if item]
    return [_place(context, block, item) for item in items]


def _place(context: Context, block: Block, item: Any) -> int:
    """The place of one column, by name or number."""
    if isinstance(item, str):
        names = list(block.names or ())
        if names.count(item) != 1:
            context.refuse(f'X has no column "{item}", or two', "Fit it on a DataFrame.")
        return names.index(item)
    if isinstance(item, (int, np.integer)) and -block.width <= item < block.width:
        return int(item) % block.width
    context.refuse(f"X has no column {str(item)[:40]}", AGAIN)


def _slice(context: Context, block: Block, bounds: Sequence[Any]) -> list[int]:
    start, stop, step = (*bounds, None, None, None)[:3]
    if isinstance(start, str) or isinstance(stop, str):  # of names, and the last one is in it
        first = 0 if start is None else _place(context, block, start)
        last = block.width - 1 if stop is None else _place(context, block, stop)
        return list(range(block.width))[first : last + 1 : step]
    return list(range(block.width))[start:stop:step]


def feature_union(context: Context, block: Block) -> Block:
    """All transformers get X; what they give stands side by side."""
    found = context.param("transformer_list")
    if not isinstance(found, list) or not all(map(is_named, found)):
        context.refuse("its transformer_list is not in the file", AGAIN)
    return _side_by_side(
        context,
        [
            (name, transformer, block)
            for name, transformer, *_ in found
            if transformer != "drop" and transformer is not None
        ],
    )


ESTIMATORS = {
    "Pipeline": Estimator(
        pipeline,
        (),
        ("steps", "transform_input"),
        {"memory": PASSED, "verbose": DISPLAY},
        missing=ALWAYS,
    ),
    "ColumnTransformer": Estimator(
        column_transformer,
        ("Select", "Concatenate", "Affine"),
        ("transformers", "remainder", "transformer_weights"),
        {
            "sparse_threshold": "the same numbers, sparse or dense",
            "n_jobs": PASSED,
            "verbose": DISPLAY,
            "verbose_feature_names_out": "names of what it gives, which nothing here reads",
            "force_int_remainder_cols": "how fit() writes down the remainder",
        },
        missing=ALWAYS,
    ),
    "FeatureUnion": Estimator(
        feature_union,
        ("Concatenate", "Affine"),
        ("transformer_list", "transformer_weights"),
        {
            "n_jobs": PASSED,
            "verbose": DISPLAY,
            "verbose_feature_names_out": "names of what it gives, which nothing here reads",
        },
        missing=ALWAYS,
    ),
}
