"""The one table of supported classes of scikit-learn: class name -> how it is lowered.

To add a class made of existing ops, add a function to the module of its family and a line to the
table at the end of that module; it is entered here by its family.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exporter.errors import ShapeError
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering import (
    bayes,
    boosters,
    calibration,
    centers,
    composition,
    encoding,
    ensembles,
    features,
    imputing,
    linear,
    multiple,
    neural,
    projections,
    refused,
    scaling,
    texts,
    trees,
    vectors,
    wrappers,
)
from exporter.formats.sklearn.lowering.builder import Block, Builder, StepProblem
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    MAX_DEPTH,
    Context,
    Estimator,
    Result,
)
from exporter.formats.sklearn.lowering.sparse import mark_sparse
from exporter.formats.sklearn.lowering.versions import RENAMED

ESTIMATORS: Mapping[str, Estimator] = {
    **composition.ESTIMATORS,
    **scaling.ESTIMATORS,
    **imputing.ESTIMATORS,
    **encoding.ESTIMATORS,
    **features.ESTIMATORS,
    **projections.ESTIMATORS,
    **texts.ESTIMATORS,
    **linear.ESTIMATORS,
    **neural.ESTIMATORS,
    **bayes.ESTIMATORS,
    **trees.ESTIMATORS,
    **ensembles.ESTIMATORS,
    **multiple.ESTIMATORS,
    **calibration.ESTIMATORS,
    **wrappers.ESTIMATORS,
    **vectors.ESTIMATORS,
    **centers.ESTIMATORS,
    **refused.ESTIMATORS,
    **boosters.ESTIMATORS,
}


def lower(
    record: Any,
    block: Block | None,
    path: str,
    builder: Builder,
    depth: int = 0,
    transforms: bool = False,
) -> Result | None:
    """What a fitted estimator makes of X, None when it was refused: builder has the reason then.

    With transforms it is what its transform() gives, which is refused where it has none. Without
    a block, because a step before was refused, it is checked on columns that nobody has.
    """
    if not isinstance(record, Record):
        builder.refuse(path, type(record).__name__, "it is no estimator", AGAIN)
        return None
    name = RENAMED.get(record.name, record.name)
    entry = ESTIMATORS.get(name)
    if entry is None or not record.module.startswith(f"{entry.library}."):
        builder.refuse(
            path,
            str(record),
            "it is not supported",
            "See docs/sklearn.md for what is; put what it does into SQL, or use another one.",
        )
        return None
    context = Context(record, path, builder, entry, lower, depth, transforms)
    try:
        if depth > MAX_DEPTH:
            context.refuse(f"it is nested deeper than {MAX_DEPTH} estimators", "Flatten it.")
        _check_parameters(context)
        x = block if block is not None else _stand_in(context)
        work = entry.transform if transforms and entry.transform else entry.lower
        result = work(context, x)
        if transforms and not isinstance(result, Block):
            context.refuse("it predicts, and what follows it takes columns", "Put it at the end.")
        if isinstance(result, Block):
            return mark_sparse(record, x, result)
        return result
    except StepProblem as problem:
        if problem.reason:
            builder.refuse(path, record.name, problem.reason, problem.advice)
    except ShapeError as error:
        builder.refuse(path, record.name, str(error), AGAIN)
    return None


def _check_parameters(context: Context) -> None:
    """Refuse parameters of a scikit-learn that is newer than the table."""
    if context.entry.is_whole:
        return
    known = {*context.entry.used, *context.entry.ignored}
    unknown = [
        name
        for name in context.record.attributes
        if isinstance(name, str) and not name.endswith("_") and not name.startswith("_")
    ]
    unknown = sorted(set(unknown) - known)
    if unknown:
        context.refuse(
            f"it has parameters that this program does not know: {', '.join(unknown)[:200]}",
            "Update export-model, or save the model with an older scikit-learn.",
        )


def _stand_in(context: Context) -> Block:
    """Columns in the place of those that a refused step would have given."""
    width = context.record.attributes.get("n_features_in_")
    names = [f"x{place}" for place in range(width)] if isinstance(width, int) else ["x0"]
    return context.builder.add_columns(names[:100_000])
