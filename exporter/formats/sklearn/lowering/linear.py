"""Linear models: X @ coef + intercept, and what makes a prediction or probabilities of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.answering import both, normalized, scaled
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import (
    Activation,
    Clip,
    Dense,
    Softmax,
    Unary,
)

EVEN_SINCE = (1, 9)  # probabilities that are all 0 became even ones
DENSE = ("Dense",)
OVR = (
    "Decide",
    "Activation",
    "Affine",
    "Concatenate",
    "Reduce",
    "Constant",
    "Compare",
    "Fill",
    "Where",
    "Divide",
)


def product(context: Context, block: Block) -> Value:
    """X @ coef_.T + intercept_, (targets,) or (1,).

    fit_intercept is in what fit() found: intercept_ is 0 without it.
    """
    coef = context.array("coef_")
    if coef.ndim not in (1, 2):
        context.refuse(f"its coef_ has shape {coef.shape}", AGAIN)
    kernel = np.atleast_2d(coef).T
    x = context.numbers(block, kernel.shape[0])
    bias = context.array("intercept_", default=0.0).reshape(-1)
    if bias.size not in (1, kernel.shape[1]):
        context.refuse(f"its intercept_ has {counted(bias.size, 'number')}", AGAIN)
    bias = np.broadcast_to(bias, (kernel.shape[1],))
    context.builder.parameters += kernel.size + bias.size
    return context.add(Dense(constants(kernel), constants(bias)), x)


def regressor(context: Context, block: Block) -> Answers:
    """Its prediction is the product."""
    return Answers(prediction=product(context, block))


def log_link_regressor(context: Context, block: Block) -> Answers:
    """exp of the product."""
    return Answers(prediction=context.add(Unary("exp"), product(context, block)))


def tweedie_regressor(context: Context, block: Block) -> Answers:
    """The product, or exp of it: link auto is the identity for powers up to 0."""
    link = context.choice(("auto", "identity", "log"), "link", default="auto")
    power = context.number("power")
    if link == "log" or (link == "auto" and power > 0):
        return log_link_regressor(context, block)
    return regressor(context, block)


def ransac_regressor(context: Context, block: Block) -> Answers:
    """The prediction of the estimator that was fitted on the inliers."""
    return context.answers(context.fitted("estimator_"), block, "estimator_")


def classify(context: Context, block: Block) -> tuple[Value, tuple[object, ...]]:
    """The decision function and the classes.

    Raises: StepProblem, when they do not fit.
    """
    classes = context.labels("classes_", _binarized_classes(context))
    decision = product(context, block)
    if decision.width != (1 if len(classes) == 2 else len(classes)):
        context.refuse(
            f"it has {counted(decision.width, 'decision')} for {counted(len(classes), 'class')}",
            AGAIN,
        )
    return decision, classes


def _binarized_classes(context: Context) -> Any:
    """Where RidgeClassifier of before 1.4 has them."""
    binarizer = context.record.attributes.get("_label_binarizer")
    return binarizer.attributes.get("classes_") if isinstance(binarizer, Record) else None


def decided(context: Context, block: Block) -> Answers:
    """A classifier that has no probabilities."""
    decision, classes = classify(context, block)
    return Answers(decision=decision, classes=classes)


def one_against_rest(context: Context, decision: Value) -> Value:
    """Probabilities of decisions that were fitted one class at a time: where all are 0, they become
    even ones, NaN before EVEN_SINCE."""
    each = context.add(Activation("sigmoid"), decision)
    if each.width == 1:
        return both(context, each)
    is_old = context.version and context.version < EVEN_SINCE
    return normalized(context, each, None if is_old else 1 / each.width)


def logistic_regression(context: Context, block: Block) -> Answers:
    """sigmoid of one decision, softmax of several; sigmoids divided by their sum where each class
    was fitted against the rest. A multinomial fit of two classes is softmax of (-d, d)."""
    decision, classes = classify(context, block)
    way = context.param("multi_class", default="auto")
    solver = context.param("solver", default="liblinear")
    if way not in ("auto", "ovr", "warn", "multinomial", "deprecated"):
        context.refuse(f"its multi_class is {str(way)[:40]!r}", AGAIN)
    automatic = way in ("auto", "deprecated")
    is_ovr = way in ("ovr", "warn") or (automatic and (len(classes) <= 2 or solver == "liblinear"))
    if is_ovr:
        probability = one_against_rest(context, decision)
    elif decision.width == 1:
        pair = context.add(Dense(constants([[-1.0, 1.0]])), decision)
        probability = context.add(Softmax(0), pair)
    else:
        probability = context.add(Softmax(0), decision)
    return Answers(probability=probability, decision=decision, classes=classes)


def sgd_classifier(context: Context, block: Block) -> Answers:
    """log_loss: sigmoids; modified_huber: (clip(d, -1, 1) + 1) / 2, where no class has any of it
    all are as probable; other losses have no probabilities."""
    decision, classes = classify(context, block)
    loss = context.param("loss")
    if loss in ("log_loss", "log"):
        return Answers(
            probability=one_against_rest(context, decision), decision=decision, classes=classes
        )
    if loss == "modified_huber":
        cut = context.add(Clip(-1.0, 1.0), decision)
        each = scaled(context, cut, 0.5, 0.5)
        probability = both(context, each)
        if each.width > 1:
            probability = normalized(context, each, 1 / each.width)
        return Answers(probability=probability, decision=decision, classes=classes)
    return Answers(decision=decision, classes=classes)


def sgd_one_class(context: Context, block: Block) -> Answers:
    """X @ coef_ - offset_; predict is 1 for an inlier, -1 for an outlier."""
    coef = context.array("coef_").reshape(1, -1)
    x = context.numbers(block, coef.shape[1])
    offset = context.array("offset_").reshape(-1)
    context.builder.parameters += coef.size + 1
    return Answers(prediction=context.add(Dense(constants(coef.T), constants(-offset)), x))


def _table(
    lower: Callable[[Context, Block], Answers],
    classes: Mapping[str, str],
    used: tuple[str, ...] = (),
    ops: tuple[str, ...] = DENSE,
) -> dict[str, Estimator]:
    """Classes that are lowered alike, with the parameters that only fit() reads."""
    return {
        name: Estimator(lower, ops, used, fitting(parameters))
        for name, parameters in classes.items()
    }


COMMON = "fit_intercept copy_X n_jobs positive normalize max_iter tol random_state verbose"
DESCENT = f"{COMMON} alpha l1_ratio selection warm_start precompute"
STOCHASTIC = (
    f"{DESCENT} penalty shuffle epsilon learning_rate eta0 power_t early_stopping"
    " validation_fraction n_iter_no_change class_weight average n_iter C"
)
ALPHAS = f"{DESCENT} eps n_alphas alphas cv"
LEAST_ANGLE = f"{COMMON} eps fit_path jitter precompute"

REGRESSORS = {
    "LinearRegression": COMMON,
    "Ridge": f"{COMMON} alpha solver",
    "RidgeCV": f"{COMMON} alphas scoring cv gcv_mode store_cv_results store_cv_values"
    " alpha_per_target",
    "Lasso": DESCENT,
    "LassoCV": ALPHAS,
    "ElasticNet": DESCENT,
    "ElasticNetCV": ALPHAS,
    "MultiTaskLasso": DESCENT,
    "MultiTaskLassoCV": ALPHAS,
    "MultiTaskElasticNet": DESCENT,
    "MultiTaskElasticNetCV": ALPHAS,
    "Lars": f"{LEAST_ANGLE} n_nonzero_coefs",
    "LarsCV": f"{LEAST_ANGLE} n_nonzero_coefs cv max_n_alphas",
    "LassoLars": f"{LEAST_ANGLE} alpha",
    "LassoLarsCV": f"{LEAST_ANGLE} cv max_n_alphas",
    "LassoLarsIC": f"{LEAST_ANGLE} criterion noise_variance",
    "OrthogonalMatchingPursuit": f"{COMMON} n_nonzero_coefs precompute",
    "OrthogonalMatchingPursuitCV": f"{COMMON} copy cv",
    "HuberRegressor": f"{COMMON} epsilon alpha warm_start",
    "BayesianRidge": f"{COMMON} n_iter alpha_1 alpha_2 lambda_1 lambda_2 alpha_init lambda_init"
    " compute_score",
    "ARDRegression": f"{COMMON} n_iter alpha_1 alpha_2 lambda_1 lambda_2 compute_score"
    " threshold_lambda",
    "TheilSenRegressor": f"{COMMON} max_subpopulation n_subsamples",
    "QuantileRegressor": f"{COMMON} quantile alpha solver solver_options",
    "SGDRegressor": f"{STOCHASTIC} loss",
    "PassiveAggressiveRegressor": f"{STOCHASTIC} loss",
    "LinearSVR": f"{COMMON} epsilon C loss intercept_scaling dual",
}
GENERALIZED = f"{COMMON} alpha solver warm_start"
POWERED = f"{GENERALIZED} family"  # before 1.1, when these were one class inside
LOGARITHMIC = f"{POWERED} link"
DECIDED = {
    "RidgeClassifier": f"{COMMON} alpha class_weight solver",
    "RidgeClassifierCV": f"{COMMON} alphas scoring cv class_weight store_cv_results"
    " store_cv_values alpha_per_target gcv_mode",
    "Perceptron": f"{STOCHASTIC} loss",
    "PassiveAggressiveClassifier": f"{STOCHASTIC} loss",
    "LinearSVC": f"{COMMON} penalty loss dual C multi_class intercept_scaling class_weight",
}
LOGISTIC = f"{COMMON} penalty dual C l1_ratio intercept_scaling class_weight warm_start"

ESTIMATORS = (
    _table(regressor, REGRESSORS)
    | _table(
        log_link_regressor,
        {"PoissonRegressor": LOGARITHMIC, "GammaRegressor": LOGARITHMIC},
        ops=("Dense", "Unary"),
    )
    | _table(
        tweedie_regressor, {"TweedieRegressor": POWERED}, ("link", "power"), ("Dense", "Unary")
    )
    | _table(decided, DECIDED, ops=("Dense", "Decide"))
    | _table(
        logistic_regression,
        {
            "LogisticRegression": LOGISTIC,
            "LogisticRegressionCV": f"{LOGISTIC} Cs cv scoring refit l1_ratios"
            " use_legacy_attributes",
        },
        ("multi_class", "solver"),
        ("Dense", "Softmax", *OVR),
    )
    | _table(
        sgd_classifier,
        {"SGDClassifier": STOCHASTIC},
        ("loss",),
        ("Dense", "Clip", *OVR),
    )
    | _table(
        sgd_one_class,
        {"SGDOneClassSVM": f"{STOCHASTIC} nu loss"},
    )
    | _table(
        ransac_regressor,
        {
            "RANSACRegressor": "min_samples residual_metric residual_threshold is_data_valid"
            " is_model_valid max_trials max_skips stop_n_inliers stop_score stop_probability loss"
            " random_state estimator base_estimator"
        },
        ops=(),
    )
)
