"""Estimators that pass on another one's answers: searches, transformed targets, rules of thumb."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.lowering.answering import prediction
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.composition import ALWAYS
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    Result,
    fitting,
)
from exporter.formats.sklearn.lowering.features import UFUNCS
from exporter.formats.sklearn.lowering.scaling import shift_and_scale
from exporter.ir.ops import (
    Affine,
    Dense,
    IsMissing,
    PowerInverse,
    QuantileInverse,
    Standardize,
    Ufunc,
)

UNKNOWN_INVERSE = "Predict the target as it is, or undo the transform in SQL."


def search(context: Context, block: Block) -> Result:
    """What the best estimator makes of X."""
    best = context.fitted("best_estimator_", None)
    if best is None:
        context.refuse("it kept no best_estimator_", "Fit it with refit=True.")
    return context.inner(best, block, "best_estimator_", context.transforms)


def self_training(context: Context, block: Block) -> Result:
    """What the estimator answers that was fitted on the labels that it gave itself."""
    return context.inner(context.fitted("estimator_"), block, "estimator_")


def frozen(context: Context, block: Block) -> Result:
    """What the estimator inside makes of X."""
    return context.inner(context.param("estimator"), block, "estimator", context.transforms)


def dummy_classifier(context: Context, block: Block) -> Answers:
    """The same for every row: how frequent classes were, or one of them."""
    strategy = context.choice(("prior", "most_frequent", "constant"), "strategy")
    if context.fitted("n_outputs_", 1) != 1:
        context.refuse("it predicts several targets at once", "Fit one for each target.")
    classes = context.labels("classes_")
    prior = np.asarray(context.array("class_prior_", len(classes)))
    place = int(prior.argmax())
    if strategy == "constant":
        wanted = as_list(context.param("constant"))
        name = wanted[0] if wanted else context.param("constant")
        if name not in classes:
            context.refuse("its constant is none of its classes", AGAIN)
        place = classes.index(name)
    if strategy != "prior":
        prior = np.eye(len(classes))[place]
    choice = _for_every_row(context, block, np.array([float(place)]))
    found = _for_every_row(context, block, prior)
    return Answers(probability=found, choice=choice, classes=classes)


def dummy_regressor(context: Context, block: Block) -> Answers:
    """The same numbers for every row."""
    return Answers(prediction=_for_every_row(context, block, np.ravel(context.array("constant_"))))


def _for_every_row(context: Context, block: Block, numbers: np.ndarray) -> Value:
    """Numbers that do not depend on X, of which one column is looked at to know the rows."""
    first = context.any_value(block.parts[0])
    value = context.add(IsMissing(), first, missing=(frozenset(),) * first.width)
    kernel = np.zeros((first.width, len(numbers)))
    context.builder.parameters += len(numbers)
    return context.add(Dense(constants(kernel), constants(numbers)), value)


def transformed_target(context: Context, block: Block) -> Answers:
    """What is predicted, through the inverse of what the target went through."""
    inner = context.answers(context.fitted("regressor_"), block, "regressor_")
    record = context.fitted("transformer_")
    name = record.name if isinstance(record, Record) else str(record)
    undo = INVERSES.get(name)
    if undo is None or not isinstance(record, Record):
        context.refuse(f"its target went through {name}", UNKNOWN_INVERSE)
    return Answers(prediction=undo(_within(context, record), prediction(context, inner)))


def _within(context: Context, record: Record) -> Context:
    """The context of the transformer of the target, whose inverse is looked for."""
    path = f"{context.path}/transformer_" if context.path else "transformer_"
    entry = Estimator(context.entry.lower, ())
    return Context(record, path, context.builder, entry, context.lower_any, context.depth + 1)


def _inverse_pipeline(context: Context, y: Value) -> Value:
    """The steps backwards."""
    for item in reversed(as_list(context.param("steps")) or []):
        step = item[1] if isinstance(item, (tuple, list)) and len(item) > 1 else None
        if step is None or step == "passthrough":
            continue
        undo = INVERSES.get(step.name) if isinstance(step, Record) else None
        if undo is None:
            context.refuse(f"its target went through {step}", UNKNOWN_INVERSE)
        y = undo(_within(context, step), y)
    return y


def _inverse_function(context: Context, y: Value) -> Value:
    """A function of numpy by its name; others are never run."""
    function = context.param("inverse_func", default=None)
    if context.param("inv_kw_args", default=None):
        context.refuse("it has inv_kw_args", "Use one of numpy's functions without.")
    if function is None:
        return y
    if (
        not isinstance(function, Name)
        or function.module.split(".")[0] != "numpy"
        or function.name not in UFUNCS
    ):
        context.refuse(
            f"its function {str(function)[:80]} is code of the model's author, which is never run",
            "Use one of numpy's (expm1, exp, square, ...), or compute it in SQL.",
        )
    return context.add(Ufunc(function.name), y)


def _scaled_back(context: Context, y: Value, scale: np.ndarray, offset: np.ndarray) -> Value:
    return context.add(Affine(constants(scale), constants(offset)), y)


def _inverse_scaler(context: Context, y: Value) -> Value:
    """y * scale_ + mean_ or center_, each where it was asked for."""
    shift, scale = shift_and_scale(context, y.width)
    return _scaled_back(context, y, scale, shift)


def _inverse_min_max(context: Context, y: Value) -> Value:
    """(y - min_) / scale_, whether X was cut off or not."""
    op = Standardize(context.array("min_", y.width), context.array("scale_", y.width))
    return context.add(op, y)


def _inverse_max_abs(context: Context, y: Value) -> Value:
    """y * scale_, whether X was cut off or not."""
    return _scaled_back(context, y, context.array("scale_", y.width), np.zeros(y.width))


def _inverse_quantile(context: Context, y: Value) -> Value:
    """The number that stands there among the quantiles."""
    output = context.choice(("uniform", "normal"), "output_distribution")
    quantiles = context.array("quantiles_", None, y.width)
    references = context.array("references_", quantiles.shape[0])
    context.builder.parameters += quantiles.size
    return context.add(QuantileInverse(quantiles, references, output == "normal"), y)


def _inverse_power(context: Context, y: Value) -> Value:
    """The inverse of its StandardScaler, then that of the transform."""
    method = context.choice(("yeo-johnson", "box-cox"), "method")
    if context.flag("standardize"):
        scaler = context.fitted("_scaler")
        if not isinstance(scaler, Record):
            context.refuse("its _scaler is not in the file", AGAIN)
        y = _inverse_scaler(_within(context, scaler), y)
    return context.add(PowerInverse(method, context.array("lambdas_", y.width)), y)


Inverse = Callable[[Context, Value], Value]
INVERSES: dict[str, Inverse] = {
    "Pipeline": _inverse_pipeline,
    "FunctionTransformer": _inverse_function,
    "StandardScaler": _inverse_scaler,
    "MinMaxScaler": _inverse_min_max,
    "MaxAbsScaler": _inverse_max_abs,
    "RobustScaler": _inverse_scaler,
    "PowerTransformer": _inverse_power,
    "QuantileTransformer": _inverse_quantile,
}
SEARCHES = fitting(
    "estimator param_grid param_distributions n_iter scoring n_jobs refit cv verbose pre_dispatch"
    " error_score return_train_score random_state iid fit_params factor resource max_resources"
    " min_resources aggressive_elimination n_candidates"
)
ESTIMATORS = {
    **dict.fromkeys(
        (
            "GridSearchCV",
            "RandomizedSearchCV",
            "HalvingGridSearchCV",
            "HalvingRandomSearchCV",
        ),
        Estimator(search, (), (), SEARCHES, missing=ALWAYS),
    ),
    "FrozenEstimator": Estimator(frozen, (), ("estimator",), missing=ALWAYS),
    "SelfTrainingClassifier": Estimator(
        self_training,
        (),
        (),
        fitting("estimator base_estimator threshold criterion k_best max_iter verbose"),
        missing=ALWAYS,
    ),
    "TransformedTargetRegressor": Estimator(
        transformed_target,
        ("Affine", "Standardize", "PowerInverse", "QuantileInverse", "Ufunc"),
        (),
        fitting("regressor transformer func inverse_func check_inverse"),
        f"the target through {', '.join(INVERSES)}; functions by numpy's names",
        missing=ALWAYS,
    ),
    "DummyClassifier": Estimator(
        dummy_classifier,
        ("IsMissing", "Dense"),
        ("strategy", "constant"),
        fitting("random_state"),
        "strategies prior, most_frequent, constant",
        missing=ALWAYS,
    ),
    "DummyRegressor": Estimator(
        dummy_regressor, ("IsMissing", "Dense"), (), fitting("strategy constant quantile"),
        missing=ALWAYS,
    ),
}  # fmt: skip
