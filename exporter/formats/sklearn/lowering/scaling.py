"""Scalers and discretizers: each number by itself, with what was fitted of its column."""

from __future__ import annotations

import numpy as np

from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator
from exporter.ir.ops import (
    Affine,
    Clip,
    Compare,
    Constant,
    CountTokens,
    Discretize,
    HashTokens,
    Indicate,
    NormalizeRow,
    PowerTransform,
    QuantileTransform,
    Standardize,
)

COPY = {"copy": "where the numbers are, not which"}
FITTING = "how fit() works"
SINCE_020 = (0, 20)
NEW_TINY = (1, 0)  # since then a norm below this counts as 0
SPARSE = (CountTokens, HashTokens, Indicate)  # what scikit-learn may give as a sparse matrix
TINY = 10 * float(np.finfo(np.float64).eps)
FLAGS = {
    "StandardScaler": ("with_mean", "with_std"),
    "RobustScaler": ("with_centering", "with_scaling"),
}
SHIFTS = {"with_mean": "mean_", "with_centering": "center_"}


def named(value: Value, block: Block) -> Block:
    """A value as a block whose columns have the names that X has."""
    return Block((value,), block.names)


def shift_and_scale(context: Context, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What a StandardScaler or a RobustScaler subtracts from X and divides it by, each where its
    flag asks for it, else 0 and 1."""
    shift, scale = np.zeros(width), np.ones(width)
    shifts, scales = FLAGS[context.record.name]
    if context.flag(shifts):
        shift = context.array(SHIFTS[shifts], width)
    if context.flag(scales):
        scale = context.array("scale_", width)
    return shift, scale


def standardize(context: Context, x: Value, mean: np.ndarray, scale: np.ndarray) -> Value:
    """(x - mean) / scale."""
    context.builder.parameters += mean.size + scale.size
    return context.add(Standardize(constants(mean), constants(scale)), x)


def scaler(context: Context, block: Block) -> Block:
    """(x - mean_ or center_) / scale_, each where it is asked for."""
    x = context.numbers(block)
    return named(standardize(context, x, *shift_and_scale(context, x.width)), block)


def min_max_scaler(context: Context, block: Block) -> Block:
    """x * scale_ + min_, cut off at feature_range with clip."""
    x = context.numbers(block)
    scale, least = context.array("scale_", x.width), context.array("min_", x.width)
    context.builder.parameters += 2 * x.width
    y = context.add(Affine(scale, least), x)
    bounds = context.numbers_of(context.param("feature_range"), "feature_range", 2)
    if context.flag("clip", default=False):
        y = context.add(Clip(float(bounds[0]), float(bounds[1])), y)
    return named(y, block)


def max_abs_scaler(context: Context, block: Block) -> Block:
    """x / scale_, cut off at -1 and 1 with clip."""
    x = context.numbers(block)
    y = standardize(context, x, np.zeros(x.width), context.array("scale_", x.width))
    if context.flag("clip", default=False):
        y = context.add(Clip(-1.0, 1.0), y)
    return named(y, block)


def normalizer(context: Context, block: Block) -> Block:
    """Each row divided by its norm."""
    norm = context.choice(("l1", "l2", "max"), "norm")
    is_new = not context.version or context.version >= NEW_TINY
    if norm == "max" and not is_new:
        context.refuse(
            "its norm is max, which scikit-learn before 1.0 took without the sign",
            "Fit and save it with a newer scikit-learn.",
        )
    y = context.add(NormalizeRow(norm, TINY if is_new else 0.0), context.numbers(block))
    return named(y, block)


def binarizer(context: Context, block: Block) -> Block:
    """1 above the threshold, 0 elsewhere."""
    x = context.numbers(block)
    limit = context.add(Constant(constants(np.full(x.width, context.number("threshold")))))
    return named(context.add(Compare("greater"), x, limit), block)


def power_transformer(context: Context, block: Block) -> Block:
    """The transform of Yeo and Johnson, or of Box and Cox, then a StandardScaler."""
    method = context.choice(("yeo-johnson", "box-cox"), "method")
    x = context.numbers(block)
    lambdas = context.array("lambdas_", x.width)
    context.builder.parameters += x.width
    y = context.add(PowerTransform(method, lambdas), x)
    if context.flag("standardize"):
        inner = context.fitted("_scaler")
        if not isinstance(inner, Record):
            context.refuse("its _scaler is not in the file", AGAIN)
        return context.transform(inner, named(y, block), "_scaler")
    return named(y, block)


def quantile_transformer(context: Context, block: Block) -> Block:
    """Where x stands among the quantiles of its column."""
    output = context.choice(("uniform", "normal"), "output_distribution")
    x = context.numbers(block)
    if output == "normal" and context.builder.comes_from(x, SPARSE):
        context.refuse(
            "what reaches it may be a sparse matrix, of which scikit-learn transforms only what is"
            " not 0",
            "Leave it out behind an encoder or a vectorizer, or use output_distribution='uniform'.",
        )
    quantiles = context.array("quantiles_", None, x.width)
    references = context.array("references_", quantiles.shape[0])
    context.builder.parameters += quantiles.size
    op = QuantileTransform(quantiles, references, output == "normal")
    return named(context.add(op, x), block)


def bins_discretizer(context: Context, block: Block) -> Block:
    """The number of the bin that x falls into, or a 1 in its place."""
    encode = context.choice(("onehot", "onehot-dense", "ordinal"), "encode")
    x = context.numbers(block)
    found = context.fitted("bin_edges_")
    counts = context.array("n_bins_", x.width).astype(int)
    edges = [context.numbers_of(item, "bin_edges_", None) for item in found]
    if len(edges) != x.width or any(
        len(item) != n + 1 for item, n in zip(edges, counts, strict=True)
    ):
        context.refuse("its bin_edges_ do not fit its n_bins_", AGAIN)
    inner = [np.asarray(item)[1:-1] for item in edges]
    is_old = bool(context.version) and context.version < (1, 1)
    op = Discretize(
        constants(np.concatenate(inner)), tuple(len(item) for item in inner), slack=is_old
    )
    context.builder.parameters += sum(len(item) for item in inner)
    y = context.add(op, x)
    if encode == "ordinal":
        return named(y, block)
    starts = np.cumsum([0, *counts[:-1].tolist()])
    places = context.add(Affine(constants(np.ones(x.width)), constants(starts)), y)
    return Block((context.add(Indicate(int(counts.sum())), places),))


ESTIMATORS = {
    "StandardScaler": Estimator(
        scaler, ("Standardize",), FLAGS["StandardScaler"], COPY, missing=SINCE_020
    ),
    "MinMaxScaler": Estimator(
        min_max_scaler, ("Affine", "Clip"), ("feature_range", "clip"), COPY, missing=SINCE_020
    ),
    "MaxAbsScaler": Estimator(
        max_abs_scaler, ("Standardize", "Clip"), ("clip",), COPY, missing=SINCE_020
    ),
    "RobustScaler": Estimator(
        scaler,
        ("Standardize",),
        FLAGS["RobustScaler"],
        {**COPY, "quantile_range": FITTING, "unit_variance": FITTING},
        missing=SINCE_020,
    ),
    "Normalizer": Estimator(normalizer, ("NormalizeRow",), ("norm",), COPY, "l1, l2, max"),
    "Binarizer": Estimator(binarizer, ("Compare", "Constant"), ("threshold",), COPY),
    "PowerTransformer": Estimator(
        power_transformer,
        ("PowerTransform", "Standardize"),
        ("method", "standardize"),
        COPY,
        "both methods; Box-Cox gives NaN where scikit-learn raises an error; numbers next to 0"
        " keep the digits that versions before 1.6 lose",
        missing=SINCE_020,
    ),
    "QuantileTransformer": Estimator(
        quantile_transformer,
        ("QuantileTransform",),
        ("output_distribution",),
        {
            **COPY,
            "n_quantiles": FITTING,
            "ignore_implicit_zeros": FITTING,
            "subsample": FITTING,
            "random_state": FITTING,
        },
        missing=SINCE_020,
    ),
    "KBinsDiscretizer": Estimator(
        bins_discretizer,
        ("Discretize", "Affine", "Indicate"),
        ("encode",),
        {
            "n_bins": FITTING,
            "strategy": FITTING,
            "quantile_method": FITTING,
            "dtype": "the same numbers in another type",
            "subsample": FITTING,
            "random_state": FITTING,
        },
        "all encodings",
    ),
}
