"""Calibrated classifiers, classifiers with a threshold of their own, and isotonic regression."""

from __future__ import annotations

import math

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.lowering.answering import (
    both,
    column,
    compare,
    mean,
    normalized,
    prediction,
    probability,
    scaled,
)
from exporter.formats.sklearn.lowering.builder import Block, Value
from exporter.formats.sklearn.lowering.composition import ALWAYS
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.formats.sklearn.lowering.ensembles import spread
from exporter.formats.sklearn.lowering.versions import find
from exporter.ir.ops import Activation, Clip, Interpolate, Softmax, Tensor, Unary

TINY = 1e-12  # what temperature scaling adds to a probability before its logarithm


def calibrated(context: Context, block: Block) -> Answers:
    """The mean over calibrated classifiers of their probabilities."""
    classes = context.labels("classes_")
    found = as_list(context.fitted("calibrated_classifiers_")) or []
    if not found:
        context.refuse("it has no calibrated_classifiers_: it is not fitted", AGAIN)
    each = [
        _calibrated_one(context, block, item, len(classes), place)
        for place, item in enumerate(found)
    ]
    return Answers(probability=mean(context, each, None), classes=classes)


def _calibrated_one(
    context: Context, block: Block, record: object, count: int, place: int
) -> Value:
    """The probabilities of one classifier and its calibrators."""
    if not isinstance(record, Record) or record.name != "_CalibratedClassifier":
        context.refuse(f"it holds {record}, not a calibrated classifier", AGAIN)
    step = f"calibrated_classifiers_[{place}]"
    classes, calibrators = _of(context, record, "classes"), _of(context, record, "calibrators")
    inner = context.answers(find(record, "estimator"), block, step)
    context.refuse_unsure(inner)
    found = inner.decision if inner.decision is not None else inner.probability
    known = list(inner.classes or ())
    is_temperature = record.attributes.get("method") == "temperature"
    if is_temperature and known == list(range(count)):  # it was fitted on the classes' places
        known = classes
    if found is None or len(classes) != count or not set(known) <= set(classes) or not known:
        context.refuse("one of its estimators has no decisions or probabilities", AGAIN)
    if count == 2 and found.width == 2:
        found = column(context, found, 1)
    if is_temperature and known == classes:
        return _scaled_by_temperature(context, found, inner.decision is None, calibrators)
    if len(calibrators) != found.width or found.width != (1 if count == 2 else len(known)):
        context.refuse(
            f"it has {counted(len(calibrators), 'calibrator')} for {counted(len(known), 'class')}",
            AGAIN,
        )
    parts = [
        _calibrate(context, column(context, found, n), item) for n, item in enumerate(calibrators)
    ]
    if count == 2:
        return both(context, parts[0])
    places = tuple(classes.index(name) for name in known)
    wide = spread(context, context.join(parts), places, count)
    return context.add(Clip(0.0, 1.0), normalized(context, wide, 1 / count))


def _of(context: Context, record: Record, name: str) -> list[object]:
    try:
        found = as_list(find(record, name))
    except KeyError:
        found = None
    if found is None:
        context.refuse(f"its {name} are no list", AGAIN)
    return found


def _calibrate(context: Context, x: Value, record: object) -> Value:
    """What a calibrator makes of a decision or probability, (1,)."""
    if isinstance(record, Record) and record.name == "_SigmoidCalibration":
        slope, offset = (
            float(np.ravel(context.numbers_of(record.attributes.get(name), name))[0])
            for name in ("a_", "b_")
        )
        return context.add(Activation("sigmoid"), scaled(context, x, -slope, -offset))
    if isinstance(record, Record) and record.name == "IsotonicRegression":
        answers = context.answers(record, Block((x,)), "calibrator")
        if answers.prediction is not None:
            return answers.prediction
    context.refuse(f"its calibrator is {record}", "Use method sigmoid, isotonic or temperature.")


def _scaled_by_temperature(
    context: Context, x: Value, is_probability: bool, calibrators: list[object]
) -> Value:
    """softmax of the logits times one number; decisions are logits, of probabilities the
    logarithm is."""
    record = calibrators[0] if len(calibrators) == 1 else None
    if not isinstance(record, Record) or record.name != "_TemperatureScaling":
        context.refuse("it has no temperature", AGAIN)
    beta = float(np.ravel(context.numbers_of(record.attributes.get("beta_"), "beta_"))[0])
    if x.width == 1:
        x = both(context, x) if is_probability else context.join([scaled(context, x, -1.0), x])
    if is_probability:
        x = context.add(Unary("log"), scaled(context, x, 1.0, TINY))
    return context.add(Softmax(0), scaled(context, x, beta))


def isotonic_column(context: Context, block: Block) -> Block:
    """What it predicts, as a column."""
    return Block((prediction(context, isotonic(context, block)),))


def isotonic(context: Context, block: Block) -> Answers:
    """On the lines between the points that fit() kept."""
    outside = context.choice(("nan", "clip", "raise"), "out_of_bounds")
    points, values = _points(context)
    if len(points) != len(values) or not len(points) or (np.diff(points) < 0).any():
        context.refuse("its thresholds do not ascend", AGAIN)
    x = context.numbers(block, 1)
    context.builder.parameters += 2 * len(points)
    op = Interpolate(points, values, "error" if outside == "raise" else outside)
    if len(points) == 1:  # then scikit-learn looks at no bounds
        op = Interpolate(points, values, "clip")
    return Answers(prediction=context.add(op, x))


def _points(context: Context) -> tuple[Tensor, Tensor]:
    """The thresholds, which before 0.24 only the function that interpolates holds."""
    if context.fitted("X_thresholds_", None) is not None:
        return context.array("X_thresholds_", None), context.array("y_thresholds_", None)
    function = context.fitted("f_")
    facts = function.attributes if isinstance(function, Record) else {}
    values = facts.get("_y", facts.get("y"))
    if isinstance(values, np.ndarray):
        values = values.ravel()
    return context.numbers_of(facts.get("x"), "f_", None), context.numbers_of(values, "f_", None)


def fixed_threshold(context: Context, block: Block) -> Answers:
    """The estimator's own scores; another threshold decides."""
    record = context.fitted("estimator_", None)
    inner = context.answers(record or context.param("estimator"), block, "estimator_")
    positive = context.param("pos_label", default=None)
    threshold = context.param("threshold", default="auto")
    return _with_threshold(context, inner, threshold, positive)


def tuned_threshold(context: Context, block: Block) -> Answers:
    """The same with the threshold that fit() found."""
    inner = context.answers(context.fitted("estimator_"), block, "estimator_")
    scorer = context.fitted("_curve_scorer", None)
    options = scorer.attributes.get("_kwargs") if isinstance(scorer, Record) else None
    positive = None
    if isinstance(options, dict) and "pos_label" in options:
        positive = options["pos_label"]
    elif _asks_for_a_class(context, scorer):
        positive = 1
    return _with_threshold(context, inner, context.fitted("best_threshold_"), positive)


def _asks_for_a_class(context: Context, scorer: object) -> bool:
    """Whether the metric takes one of the classes as the positive one: 1 unless it is told.

    Raises: StepProblem, when it is not one of scikit-learn's, which nothing tells that of.
    """
    function = scorer.attributes.get("_score_func") if isinstance(scorer, Record) else None
    if not isinstance(function, Name) or function.module.split(".")[0] != "sklearn":
        context.refuse(
            f"its scoring is {str(function)[:80]}, which may count one class as the positive one",
            "Give make_scorer the pos_label, or use FixedThresholdClassifier.",
        )
    return function.name in OF_A_CLASS


OF_A_CLASS = {
    "average_precision_score", "brier_score_loss", "f1_score", "fbeta_score", "jaccard_score",
    "precision_score", "recall_score",
}  # fmt: skip


def _with_threshold(
    context: Context, inner: Answers, threshold: object, positive: object
) -> Answers:
    """Answers of two classes, of which the positive one is predicted from the threshold on."""
    classes = list(inner.classes or ())
    method = context.choice(
        ("auto", "predict_proba", "decision_function"), "response_method", default="auto"
    )
    if len(classes) != 2 or (positive is not None and positive not in classes):
        context.refuse("it does not have two classes, one of them the positive one", AGAIN)
    place = 1 if positive is None else classes.index(positive)
    uses_probability = method != "decision_function" and inner.probability is not None
    if uses_probability:
        value = column(context, probability(context, inner, 2), place)
    elif inner.decision is not None and method != "predict_proba":
        value = scaled(context, inner.decision, 1.0 if place else -1.0)
    else:
        context.refuse(f"its estimator does not answer {method}", AGAIN)
    if threshold == "auto":
        threshold = 0.5 if uses_probability else 0.0
    if not isinstance(threshold, (int, float, np.number)) or math.isnan(float(threshold)):
        context.refuse("its threshold is no number", AGAIN)
    is_positive = compare(context, value, "greater_equal", float(threshold))
    choice = is_positive if place else scaled(context, is_positive, -1.0, 1.0)
    return Answers(
        None, inner.probability, inner.decision, choice, tuple(classes), inner.may_decide
    )


OPS = ("Affine", "Concatenate", "Select", "Add", "Standardize")
ESTIMATORS = {
    "CalibratedClassifierCV": Estimator(
        calibrated,
        (*OPS, "Activation", "Interpolate", "Softmax", "Unary", "Clip", "Fill", "Reduce",
         "Constant", "Compare", "Where", "Divide"),
        (),
        fitting("estimator base_estimator method cv n_jobs ensemble"),
        "sigmoid, isotonic, temperature",
        missing=ALWAYS,
    ),
    "IsotonicRegression": Estimator(
        isotonic,
        ("Interpolate",),
        ("out_of_bounds",),
        fitting("y_min y_max increasing"),
        transform=isotonic_column,
    ),
    "FixedThresholdClassifier": Estimator(
        fixed_threshold,
        ("Select", "Affine", "Constant", "Compare"),
        ("estimator", "pos_label", "threshold", "response_method"),
        missing=ALWAYS,
    ),
    "TunedThresholdClassifierCV": Estimator(
        tuned_threshold,
        ("Select", "Affine", "Constant", "Compare"),
        ("response_method",),
        fitting(
            "estimator scoring thresholds cv refit n_jobs random_state store_cv_results"
        ),
        missing=ALWAYS,
    ),
}  # fmt: skip
