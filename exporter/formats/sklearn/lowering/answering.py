"""What estimators that hold others make of the answers of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.formats.sklearn.lowering.builder import Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Answers, Context
from exporter.ir.ops import (
    Add,
    Affine,
    Compare,
    Concatenate,
    Constant,
    Decide,
    Divide,
    Embedding,
    Fill,
    Reduce,
    Reshape,
    Select,
    Standardize,
    Where,
)

ONE_EACH = "Fit an estimator for each target."


def scaled(context: Context, x: Value, scale: float, offset: float = 0.0) -> Value:
    """x * scale + offset."""
    if (scale, offset) == (1.0, 0.0):
        return x
    return context.add(
        Affine(constants(np.full(x.width, scale)), constants(np.full(x.width, offset))), x
    )


def constant(context: Context, like: Value, number: float) -> Value:
    """A number for every row that there is one of a value."""
    return context.add(Fill(number), column(context, like, 0), missing=(frozenset(),))


def column(context: Context, x: Value, place: int) -> Value:
    """One element of a value."""
    return x if x.width == 1 else context.add(Select((place,)), x)


def compare(context: Context, x: Value, relation: str, number: float) -> Value:
    """1 where the relation holds between x and a number, else 0; x has one element."""
    return context.add(Compare(relation), x, context.add(Constant(constants([number]))))


def mean(context: Context, values: Sequence[Value], weights: Sequence[float] | None) -> Value:
    """The weighted mean of values, added up in their order as numpy.average does."""
    parts = list(values)
    total = float(len(parts))
    if weights is not None:
        if len(weights) != len(parts) or not sum(weights):
            context.refuse("its weights do not fit its estimators", AGAIN)
        parts = [scaled(context, x, weight) for x, weight in zip(parts, weights, strict=True)]
        total = float(np.sum(weights))
    added = sum_up(context, parts)
    width = added.width
    return context.add(
        Standardize(constants(np.zeros(width)), constants(np.full(width, total))), added
    )


def sum_up(context: Context, values: Sequence[Value]) -> Value:
    """The sum of values, from the first to the last."""
    if len({value.shape for value in values}) > 1:
        context.refuse("what its estimators answer differs in shape", AGAIN)
    return values[0] if len(values) == 1 else context.add(Add(), *values)


def normalized(context: Context, values: Value, when_zero: float | None) -> Value:
    """Divided by their sum; where that is 0, all are when_zero, or NaN without one."""
    total = context.add(Reduce("sum", (0,), True), values)
    if when_zero is None:
        return context.add(Divide(), values, total)
    is_zero = compare(context, total, "equal", 0.0)
    other = context.add(Fill(when_zero), values)
    divisor = context.add(Where(), is_zero, context.add(Fill(1.0), total), total)
    return context.add(Where(), is_zero, other, context.add(Divide(), values, divisor))


def both(context: Context, second: Value) -> Value:
    """(1 - p, p) of the probability of the second class."""
    return context.add(Concatenate(0), scaled(context, second, -1.0, 1.0), second)


def chosen(context: Context, answers: Answers) -> Value:
    """The place in its classes of what a classifier predicts, (1,)."""
    if answers.choice is not None:
        return answers.choice
    found = answers.probability if answers.decision is None else answers.decision
    if answers.classes is None or found is None:
        context.refuse("one of its estimators is no classifier of one target", ONE_EACH)
    return context.add(Decide(), found)


def predicted(context: Context, answers: Answers) -> Value:
    """What predict gives as a number: of a regressor its prediction, of a classifier its class.

    Raises: StepProblem, when its classes are no numbers.
    """
    if answers.classes is None:
        return prediction(context, answers)
    place = chosen(context, answers)
    try:
        numbers = np.array([float(name) for name in answers.classes])
    except (TypeError, ValueError):
        context.refuse("the classes of one of its estimators are no numbers", ONE_EACH)
    if any(isinstance(name, str) for name in answers.classes):
        context.refuse("the classes of one of its estimators are texts", ONE_EACH)
    if numbers.tolist() == list(range(len(numbers))):
        return place
    found = context.add(Embedding(constants(numbers[:, None])), place)
    return context.add(Reshape((1,)), found)


def prediction(context: Context, answers: Answers) -> Value:
    """What a regressor predicts.

    Raises: StepProblem, when it is none.
    """
    if answers.prediction is None or answers.classes is not None:
        context.refuse("one of its estimators is no regressor", AGAIN)
    return answers.prediction


def probability(context: Context, answers: Answers, count: int | None = None) -> Value:
    """predict_proba of a classifier, of that many classes where it is known how many.

    Raises: StepProblem, when it has none.
    """
    found = answers.probability
    if found is None or (count is not None and found.width != count):
        context.refuse(f"one of its estimators gives no probabilities of {count} classes", AGAIN)
    return found


def confidence(context: Context, answers: Answers) -> Value:
    """How sure an estimator of two classes is of the second, (1,): its decision function, else its
    probability; of a regressor its prediction."""
    found = answers.decision
    if answers.classes is None:
        found = prediction(context, answers)
    elif found is None:
        found = column(context, probability(context, answers, 2), 1)
    if found.width != 1:
        context.refuse("one of its estimators knows more than two classes", AGAIN)
    return found


def limit(answers: Answers) -> float:
    """From which confidence on, and not with it, the second class is predicted."""
    return 0.5 if answers.classes is None or answers.decision is None else 0.0


def renamed(context: Context, answers: Answers, classes: Sequence[Any]) -> Answers:
    """Answers of an estimator that was fitted on the places of classes in the place of them.

    Raises: StepProblem, when it knows others.
    """
    if answers.classes is None or list(answers.classes) != list(range(len(classes))):
        context.refuse("an estimator inside knows other classes than it does", AGAIN)
    return replace(answers, classes=tuple(classes))


def estimators(context: Context, block: Any, name: str = "estimators_") -> list[Answers]:
    """What each of the fitted estimators of a list answers to X.

    Raises: StepProblem, when it is no list of such; all are looked at before.
    """
    found = context.fitted(name)
    if isinstance(found, np.ndarray):
        found = found.ravel().tolist()
    if not isinstance(found, (list, tuple)) or not found:
        context.refuse(f"it has no {name}: it is not fitted", AGAIN)
    return [context.answers(item, block, f"{name}[{place}]") for place, item in enumerate(found)]
