"""New columns from all columns, and choices among them: products, projections, selectors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import Array, as_list, is_sparse, to_dense
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator, Result
from exporter.formats.sklearn.lowering.scaling import COPY, FITTING
from exporter.ir.ops import Constant, Dense, Products, Splines, Standardize, Subtract, Ufunc

MAX_PRODUCTS = 100_000
UFUNCS = (
    "log", "log1p", "log2", "log10", "exp", "exp2", "expm1", "sqrt", "cbrt", "square", "absolute",
    "fabs", "negative", "positive", "reciprocal", "sign", "floor", "ceil", "trunc", "rint", "sin",
    "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
    "arctanh", "deg2rad", "rad2deg", "degrees", "radians",
)  # fmt: skip
PROJECTED_FIRST = (1, 5)  # since then PCA subtracts the mean behind the projection


def polynomial_features(context: Context, block: Block) -> Block:
    """The products of up to degree columns."""
    degree = context.param("degree")
    least, most = degree if isinstance(degree, (tuple, list)) else (0, degree)
    if not all(isinstance(n, (int, np.integer)) and 0 <= n <= 20 for n in (least, most)):
        context.refuse(f"its degree is {str(degree)[:40]}", "Give it a whole number up to 20.")
    x = context.numbers(block)
    draw: Any = (
        itertools.combinations
        if context.flag("interaction_only")
        else itertools.combinations_with_replacement
    )
    degrees = range(max(1, least), most + 1)
    has_bias = context.flag("include_bias")
    every = itertools.chain.from_iterable(draw(range(x.width), n) for n in degrees)
    found = list(itertools.islice(every, MAX_PRODUCTS + 1))
    if len(found) > MAX_PRODUCTS:
        context.refuse(f"it gives more than {MAX_PRODUCTS:,} columns", "Lower the degree.")
    longest = max(most, 1)
    places = [(-1,) * (longest - len(item)) + tuple(item) for item in found]
    if has_bias:
        places.insert(0, (-1,) * longest)
    if not places:
        context.refuse("it gives no column at all", "Leave it out.")
    return Block((context.add(Products(tuple(places)), x),))


def spline_transformer(context: Context, block: Block) -> Block:
    """The values of the B-splines over each column's knots."""
    outside = context.choice(
        ("error", "constant", "linear", "continue", "periodic"), "extrapolation"
    )
    if context.choice(("error", "zeros"), "handle_missing", default="error") != "error":
        context.refuse("its handle_missing is zeros", "Impute before it.")
    degree = int(context.number("degree"))
    x = context.numbers(block)
    found = context.fitted("bsplines_")
    knots = []
    for item in found if isinstance(found, list) else []:
        knots.append(context.numbers_of(_knots(item), "bsplines_", None))
    if len(knots) != x.width or len({len(item) for item in knots}) != 1:
        context.refuse("its bsplines_ are not those of its columns", AGAIN)
    if len(knots[0]) < 2 * degree + 2 or not 0 <= degree <= 20:
        context.refuse("its bsplines_ have too few knots", AGAIN)
    is_odd = degree == 0 or (degree == 1 and x.width > 1 and outside == "linear")
    if outside in ("constant", "linear") and is_odd:
        context.refuse(
            f"its degree is {degree} and its extrapolation {outside}, which scikit-learn"
            " computes in another way for each of its columns",
            "Use a degree of 2 or more, or another extrapolation.",
        )
    has_last = context.flag("include_bias")
    op = Splines(constants(np.stack(knots, axis=1)), degree, outside, has_last)
    context.builder.parameters += sum(item.size for item in knots)
    return Block((context.add(op, x),))


def _knots(spline: Any) -> Any:
    """The knots of a BSpline; since scipy 1.18 that of a backend is inside, beside an empty array
    of its kind."""
    if isinstance(spline, Record) and isinstance(spline.state, tuple) and spline.state:
        spline = spline.state[0] if isinstance(spline.state[0], Record) else spline
    parts = spline.attributes if isinstance(spline, Record) else {}
    return parts.get("_t", parts.get("t"))


def project(context: Context, x: Value, components: Array) -> Value:
    """x @ components.T."""
    context.builder.parameters += components.size
    return context.add(Dense(constants(components.T)), x)


def pca(context: Context, block: Block) -> Block:
    """The projection of x - mean_ onto the components, with whiten divided by their deviations."""
    x = context.numbers(block)
    components = context.array("components_", None, x.width)
    mean = context.fitted("mean_")
    centre = np.zeros(x.width) if mean is None else context.array("mean_", x.width)
    context.builder.parameters += x.width
    is_new = not context.version or context.version >= PROJECTED_FIRST
    if is_new:
        y = project(context, x, components)
        shift = context.add(Constant(constants(centre @ components.T)))
        y = context.add(Subtract(), y, shift, missing=y.missing)
    else:
        ones = constants(np.ones(x.width))
        y = project(context, context.add(Standardize(constants(centre), ones), x), components)
    if context.flag("whiten"):
        scale = np.sqrt(context.array("explained_variance_", len(components)))
        if is_new:
            scale = np.maximum(scale, np.finfo(np.float64).eps)
        y = context.add(Standardize(constants(np.zeros(len(scale))), constants(scale)), y)
    return Block((y,))


def truncated_svd(context: Context, block: Block) -> Block:
    """The projection of x onto the components."""
    x = context.numbers(block)
    return Block((project(context, x, context.array("components_", None, x.width)),))


def function_transformer(context: Context, block: Block) -> Block:
    """A function of numpy of every number; others are never run."""
    function = context.param("func")
    for name in ("kw_args", "inverse_func", "inv_kw_args"):
        context.param(name, default=None)
    validates = context.flag("validate", default=True)
    if function is None:
        if validates:
            return Block((context.numbers(block),), block.names)
        return block
    if context.param("kw_args", default=None):
        context.refuse("it has kw_args", "Use one of numpy's functions without.")
    is_known = isinstance(function, Name) and (
        function.module.split(".")[0] == "numpy" and function.name in UFUNCS
    )
    if not is_known:
        named = function if isinstance(function, (Name, Record)) else type(function).__name__
        context.refuse(
            f"its function {str(named)[:80]} is code of the model's author, which is never run",
            "Use one of numpy's (log1p, sqrt, ...), or compute it in SQL.",
        )
    x = context.numbers(block, may_be_missing=not validates)
    return Block((context.add(Ufunc(function.name), x),), block.names)


def selector(context: Context, block: Block) -> Block:
    """The columns that were chosen."""
    support = context.fitted("support_", None)
    mask = SUPPORTS[context.record.name](context) if support is None else support
    found = as_list(mask)
    if found is None or len(found) != block.width:
        context.refuse(f"what it chose does not fit {counted(block.width, 'column')}", AGAIN)
    chosen = [place for place, is_chosen in enumerate(found) if is_chosen]
    if not chosen:
        context.refuse("it chose no column at all", "Fit it with a less strict choice.")
    if not context.takes_missing():  # in any of its columns, chosen or not
        for part in block.parts:
            context.builder.refuse_missing(context.any_value(part))
    return context.select(block, chosen)


def eliminator(context: Context, block: Block) -> Result:
    """What the estimator answers that was fitted on the columns that were chosen."""
    return context.inner(context.fitted("estimator_"), selector(context, block), "estimator_")


def _scores(context: Context, name: str) -> Array:
    """scores_ or pvalues_."""
    return np.asarray(context.array(name, None))


def _without_nan(scores: Array) -> Array:
    known: Array = np.where(np.isnan(scores), np.finfo(np.float64).min, scores)
    return known


def best(scores: Array, count: Any) -> Array:
    """The places of the count highest scores, the last of equal ones."""
    if isinstance(count, str):  # "all"
        return np.ones(len(scores), bool)
    mask = np.zeros(len(scores), bool)
    if count > 0:
        mask[np.argsort(_without_nan(scores), kind="mergesort")[-int(count) :]] = True
    return mask


def percentile(scores: Array, share: float) -> Array:
    """The places of the highest scores that are so many percent of all."""
    if share in (0, 100):
        return np.full(len(scores), share == 100)
    scores = _without_nan(scores)
    limit = np.percentile(scores, 100 - share)
    mask: Array = scores > limit
    ties = np.where(scores == limit)[0]
    if len(ties):
        mask[ties[: int(len(scores) * share / 100) - mask.sum()]] = True
    return mask


def false_discoveries(pvalues: Array, alpha: float) -> Array:
    """The procedure of Benjamini and Hochberg."""
    ordered = np.sort(pvalues)
    selected = ordered[ordered <= float(alpha) / len(pvalues) * np.arange(1, len(pvalues) + 1)]
    return np.zeros(len(pvalues), bool) if not selected.size else pvalues <= selected.max()


def _best(context: Context) -> Array:
    count = context.param("k")
    return best(_scores(context, "scores_"), count if count == "all" else context.number("k"))


def _percentile(context: Context) -> Array:
    return percentile(_scores(context, "scores_"), context.number("percentile"))


def _positive_rate(context: Context) -> Array:
    mask: Array = _scores(context, "pvalues_") < context.number("alpha")
    return mask


def _discovery_rate(context: Context) -> Array:
    return false_discoveries(_scores(context, "pvalues_"), context.number("alpha"))


def _family_rate(context: Context) -> Array:
    found = _scores(context, "pvalues_")
    mask: Array = found < context.number("alpha") / len(found)
    return mask


def _generic(context: Context) -> Array:
    """GenericUnivariateSelect: one of the others, by its mode."""
    mode = context.choice(("percentile", "k_best", "fpr", "fdr", "fwe"), "mode")
    given = context.param("param")
    value = given if given == "all" else context.number("param")
    if mode == "k_best":
        return best(_scores(context, "scores_"), value)
    if mode == "percentile":
        return percentile(_scores(context, "scores_"), float(value))
    found = _scores(context, "pvalues_")
    if mode == "fdr":
        return false_discoveries(found, float(value))
    mask: Array = found < (float(value) / len(found) if mode == "fwe" else float(value))
    return mask


def _variance(context: Context) -> Array:
    limit = context.number("threshold")
    found = np.asarray(context.array("variances_", None))
    mask: Array = found > limit
    return mask


def _from_model(context: Context) -> Array:
    """SelectFromModel: the columns whose weight in a model is large enough."""
    context.flag("prefit", default=False)
    inner = context.param("estimator")
    model = context.fitted("estimator_", inner)
    if not isinstance(model, Record):
        context.refuse("its estimator_ is not in the file", AGAIN)
    getter = context.param("importance_getter", default="auto")
    if getter not in ("auto", "coef_", "feature_importances_"):
        context.refuse("its importance_getter is its author's own", "Use auto.")
    weights = _importances(context, model, getter)
    if weights.ndim > 1:
        weights = np.linalg.norm(weights, axis=0, ord=context.param("norm_order", default=1))
    else:
        weights = np.abs(weights)
    most = context.fitted("max_features_", context.param("max_features", default=None))
    if most is not None and not isinstance(most, (int, np.integer)):
        context.refuse("its max_features is a function", AGAIN)
    mask = np.ones(len(weights), bool)
    if context.param("max_features", default=None) is not None and most is not None:
        mask = np.zeros(len(weights), bool)
        mask[np.argsort(-weights, kind="mergesort")[: int(most)]] = True
    mask[weights < _threshold(context, model, weights)] = False
    return mask


def _importances(context: Context, model: Record, getter: Any) -> Array:
    for name in ("coef_", "feature_importances_") if getter == "auto" else (getter,):
        found = model.attributes.get(name)
        if found is not None:
            dense = to_dense(found) if is_sparse(found) else found
            if isinstance(dense, np.ndarray) and dense.dtype.kind == "f":
                return dense.astype(np.float64)
    context.refuse(
        f"what it chose by ({model.name}) does not hold its weights in the file",
        "Fit the pipeline with the chosen columns only: Use a ColumnTransformer.",
    )


def _threshold(context: Context, model: Record, weights: Array) -> float:
    given = context.param("threshold", default=None)
    if given is None:
        penalty = model.attributes.get("penalty")
        is_sparse_model = penalty == "l1" or "Lasso" in model.name
        if model.attributes.get("l1_ratio") not in (None, 0, 0.0) and not is_sparse_model:
            context.refuse("its threshold depends on the l1_ratio", "Give it a threshold.")
        return 1e-5 if is_sparse_model else float(np.mean(weights))
    if not isinstance(given, str):
        return context.number("threshold")
    scale, _, reference = given.rpartition("*")
    known: dict[str, Any] = {"median": np.median, "mean": np.mean}
    if reference.strip() not in known:
        context.refuse(f"its threshold is {given[:40]!r}", "Give it a number.")
    return float(scale.strip() or 1) * float(known[reference.strip()](weights))


def _recursive(context: Context) -> Array:
    """RFE and its kind, whose support_ is fitted."""
    return np.asarray(context.fitted("support_"))


SUPPORTS = {
    "SelectKBest": _best,
    "SelectPercentile": _percentile,
    "SelectFpr": _positive_rate,
    "SelectFdr": _discovery_rate,
    "SelectFwe": _family_rate,
    "GenericUnivariateSelect": _generic,
    "VarianceThreshold": _variance,
    "SelectFromModel": _from_model,
    "RFE": _recursive,
    "RFECV": _recursive,
    "SequentialFeatureSelector": _recursive,
}


def _selector(
    used: Sequence[str], fitting: Sequence[str] = (), missing: tuple[int, ...] | None = None
) -> Estimator:
    return Estimator(
        selector, ("Select",), tuple(used), dict.fromkeys(fitting, FITTING), missing=missing
    )


def _eliminator(fitting: Sequence[str]) -> Estimator:
    """RFE and its kind, which predict at the end of a pipeline."""
    ignored = dict.fromkeys(fitting, FITTING)
    limits = "at the end of a pipeline its estimator predicts"
    return Estimator(eliminator, ("Select",), (), ignored, limits, transform=selector)


ESTIMATORS = {
    "PolynomialFeatures": Estimator(
        polynomial_features,
        ("Products",),
        ("degree", "interaction_only", "include_bias"),
        {"order": "where the numbers are, not which"},
        f"to {MAX_PRODUCTS:,} columns",
    ),
    "SplineTransformer": Estimator(
        spline_transformer,
        ("Splines",),
        ("degree", "extrapolation", "include_bias", "handle_missing"),
        {
            "n_knots": FITTING,
            "knots": FITTING,
            "order": "where the numbers are, not which",
            "sparse_output": "the same numbers, sparse or dense",
        },
        "all extrapolations",
    ),
    "PCA": Estimator(
        pca,
        ("Dense", "Standardize", "Constant", "Subtract"),
        ("whiten",),
        {
            **COPY,
            **dict.fromkeys(
                ("n_components", "svd_solver", "tol", "iterated_power", "n_oversamples",
                 "power_iteration_normalizer", "random_state"),
                FITTING,
            ),
        },
        "whiten",
    ),
    "IncrementalPCA": Estimator(
        pca,
        ("Dense", "Standardize", "Constant", "Subtract"),
        ("whiten",),
        {**COPY, "n_components": FITTING, "batch_size": FITTING},
        "whiten",
    ),
    "TruncatedSVD": Estimator(
        truncated_svd,
        ("Dense",),
        (),
        dict.fromkeys(
            ("n_components", "algorithm", "n_iter", "n_oversamples",
             "power_iteration_normalizer", "random_state", "tol"),
            FITTING,
        ),
    ),
    "FunctionTransformer": Estimator(
        function_transformer,
        ("Ufunc",),
        ("func", "validate", "kw_args", "inverse_func", "inv_kw_args"),
        {
            "accept_sparse": "what it accepts, not what it gives",
            "pass_y": "no longer read",
            "check_inverse": FITTING,
            "feature_names_out": "names of what it gives",
        },
        f"no function, or one of numpy's by name: {', '.join(UFUNCS)}",
        missing=(0,),
    ),
    "SelectKBest": _selector(["k"], ["score_func"]),
    "SelectPercentile": _selector(["percentile"], ["score_func"]),
    "SelectFpr": _selector(["alpha"], ["score_func"]),
    "SelectFdr": _selector(["alpha"], ["score_func"]),
    "SelectFwe": _selector(["alpha"], ["score_func"]),
    "GenericUnivariateSelect": _selector(["mode", "param"], ["score_func"]),
    "VarianceThreshold": _selector(["threshold"], missing=(0, 21)),
    "SelectFromModel": _selector(
        ["estimator", "threshold", "prefit", "norm_order", "max_features", "importance_getter"]
    ),
    "RFE": _eliminator(["estimator", "n_features_to_select", "step", "verbose",
                          "importance_getter", "estimator_params"]),
    "RFECV": _eliminator(["estimator", "step", "min_features_to_select", "cv", "scoring",
                            "verbose", "n_jobs", "importance_getter"]),
    "SequentialFeatureSelector": _selector(
        [], ["estimator", "n_features_to_select", "tol", "direction", "scoring", "cv", "n_jobs"]
    ),
}  # fmt: skip
