"""One estimator for each class, pair of classes or target."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.answering import (
    ONE_EACH,
    both,
    chosen,
    column,
    compare,
    confidence,
    constant,
    estimators,
    limit,
    normalized,
    predicted,
    prediction,
    probability,
    scaled,
)
from exporter.formats.sklearn.lowering.builder import Block, Value
from exporter.formats.sklearn.lowering.centers import nearest
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import Decide, PairVotes, Select, SquaredDistances, Unary

ALWAYS: tuple[int, ...] = (0,)  # X is passed on as it is
FIRST_SINCE = (1, 8)  # of equal classes the first is predicted, the last before
ZERO_SINCE = (1, 7)  # probabilities that are all 0 stay so; NaN before


def _is_since(context: Context, version: tuple[int, ...]) -> bool:
    return not context.version or context.version >= version


def _one_answers(context: Context, block: Block) -> list[Answers]:
    """What the estimators of one class against the rest answer; one of a class that all rows or
    none had in fit() answers the same to every row."""
    found = as_list(context.fitted("estimators_")) or []
    is_constant = [isinstance(e, Record) and e.name == "_ConstantPredictor" for e in found]
    if not any(is_constant):
        return estimators(context, block)
    answers: list[Answers] = []
    for place, item in enumerate(found):
        if is_constant[place]:
            answers.append(_same_for_all(context, block, item))
        else:
            answers.append(context.answers(item, block, f"estimators_[{place}]"))
    return answers


def _same_for_all(context: Context, block: Block, record: Record) -> Answers:
    number = float(np.ravel(context.numbers_of(record.attributes.get("y_"), "y_"))[0])
    value = constant(context, context.any_value(block.parts[0]), number)
    return Answers(probability=both(context, value), decision=value, classes=(0, 1))


def one_against_rest(context: Context, block: Block) -> Answers:
    """The class of which its estimator is surest; of several labels each by itself."""
    binarizer = context.fitted("label_binarizer_")
    facts = binarizer.attributes if isinstance(binarizer, Record) else {}
    classes, kind = as_list(facts.get("classes_")), str(facts.get("y_type_"))
    found = _one_answers(context, block)
    if classes is None or len(found) != (1 if kind == "binary" else len(classes)):
        context.refuse(f"it has {counted(len(found), 'estimator')} for other classes", AGAIN)
    each = [confidence(context, item) for item in found]
    decision = context.join(each) if all(item.decision is not None for item in found) else None
    second = None
    if all(item.probability is not None for item in found):
        second = context.join([column(context, probability(context, a, 2), 1) for a in found])
    if kind.startswith("multilabel"):
        answer = second if second is not None else decision
        if answer is None:
            context.refuse("its estimators give neither probabilities nor decisions", ONE_EACH)
        return Answers(prediction=answer)
    if kind == "binary":
        probabilities = None if second is None else both(context, second)
        choice = compare(context, each[0], "greater", limit(found[0]))
    else:
        zero = 0.0 if _is_since(context, ZERO_SINCE) else None
        probabilities = None if second is None else normalized(context, second, zero)
        choice = _surest(context, context.join(each))
    return Answers(
        prediction=context.join(each) if probabilities is None and decision is None else None,
        probability=probabilities,
        decision=decision,
        choice=choice,
        classes=tuple(classes),
    )


def _surest(context: Context, x: Value) -> Value:
    """The place of the largest, the last of equal ones before FIRST_SINCE."""
    if _is_since(context, FIRST_SINCE):
        return context.add(Decide(), x)
    backwards = context.add(Select(tuple(reversed(range(x.width)))), x)
    return scaled(context, context.add(Decide(), backwards), -1.0, x.width - 1.0)


def one_against_one(context: Context, block: Block) -> Answers:
    """The class that wins most pairs, among equal ones the surest."""
    if context.fitted("pairwise_indices_", None) is not None:
        context.refuse("it was fitted on a matrix of kernel values", "Fit it on columns.")
    classes = context.labels("classes_")
    found = estimators(context, block)
    if len(found) != len(classes) * (len(classes) - 1) // 2:
        context.refuse(
            f"it has {counted(len(found), 'estimator')} for {counted(len(classes), 'class')}", AGAIN
        )
    for item in found:
        context.refuse_unsure(item)
    if len(classes) > 2:
        context.refuse_old_votes()
    wins = context.join([chosen(context, item) for item in found])
    sure = context.join([confidence(context, item) for item in found])
    votes = context.add(PairVotes(len(classes)), wins, sure)
    if len(classes) > 2:
        return Answers(decision=votes, classes=classes)
    decision = column(context, votes, 1)
    choice = compare(context, decision, "greater", limit(found[0]))
    return Answers(decision=decision, choice=choice, classes=classes)


def output_codes(context: Context, block: Block) -> Answers:
    """The class whose code is nearest to what the estimators of the code's places answer."""
    classes = context.labels("classes_")
    codes = context.array("code_book_", len(classes), None)
    found = _one_answers(context, block)
    if len(found) != codes.shape[1]:
        context.refuse(
            f"it has {counted(len(found), 'estimator')} for codes of {codes.shape[1]}", AGAIN
        )
    x = context.join([confidence(context, item) for item in found])
    root = context.add(Unary("sqrt"), context.add(SquaredDistances(codes), x))
    minus = scaled(context, root, -1.0)
    return Answers(prediction=minus, choice=nearest(context, x, codes), classes=classes)


def _each_target(context: Context, item: Answers) -> Value:
    """What is scored of one of several targets: the probability of the second of two classes, all
    of more; without probabilities the class as a number; a prediction."""
    if item.probability is not None:
        found = item.probability
        return column(context, found, 1) if found.width == 2 else found
    return predicted(context, item)


def several_targets(context: Context, block: Block) -> Answers:
    """What the estimators of the targets answer, side by side."""
    each = [_each_target(context, item) for item in estimators(context, block)]
    return Answers(prediction=context.join(each))


def chain(context: Context, block: Block) -> Answers:
    """Each estimator gets X and what those before it predicted."""
    found = as_list(context.fitted("estimators_")) or []
    order = context.numbers_of(context.fitted("order_"), "order_", None).astype(int).tolist()
    if not found or sorted(order) != list(range(len(found))):
        context.refuse("its order_ does not fit its estimators", AGAIN)
    method = context.fitted("chain_method_", "predict")
    passed: list[Value] = []
    answers: list[Answers] = []
    for place, record in enumerate(found):
        wide = Block((*block.parts, *passed), is_sparse=block.is_sparse)
        item = context.answers(record, wide, f"estimators_[{place}]")
        passed.append(_passed(context, item, method))
        answers.append(item)
    each = _chained(context, answers)
    return Answers(prediction=context.join([each[order.index(n)] for n in range(len(order))]))


def _passed(context: Context, item: Answers, method: Any) -> Value:
    """What the next estimator gets to know of one."""
    if method == "predict":
        return predicted(context, item)
    if method == "predict_proba":
        return column(context, probability(context, item, 2), 1)
    if method == "decision_function" and item.decision is not None and item.decision.width == 1:
        return item.decision
    context.refuse(f"its chain_method_ is {str(method)[:40]!r}", "Use predict, predict_proba, ...")


def _chained(context: Context, answers: list[Answers]) -> list[Value]:
    """Of classifiers the probability of the second class, else the decision; else predictions."""
    if all(item.probability is not None for item in answers):
        return [column(context, probability(context, item, 2), 1) for item in answers]
    if all(item.decision is not None for item in answers):
        return [confidence(context, item) for item in answers]
    return [prediction(context, item) for item in answers]


MANY = fitting("estimator base_estimator n_jobs verbose")
CHAIN = fitting("estimator base_estimator order cv random_state verbose chain_method")
OF_TARGETS = (
    "score is an array: of each target its probability of the second of two classes, those of"
    " more, or the class where there are none; no label"
)
CHOICE = ("Constant", "Compare", "Decide", "Concatenate", "Select", "Affine")
NUMBER = ("Concatenate", "Select", "Decide", "Embedding", "Reshape")
ESTIMATORS = {
    "OneVsRestClassifier": Estimator(
        one_against_rest,
        (*CHOICE, "Fill", "Reduce", "Divide", "Where"),
        (),
        MANY,
        "of several labels score is an array, and there is no label",
        missing=ALWAYS,
    ),
    "OneVsOneClassifier": Estimator(
        one_against_one, (*CHOICE, "PairVotes"), (), MANY, missing=ALWAYS
    ),
    "OutputCodeClassifier": Estimator(
        output_codes,
        ("Select", "Concatenate", "SquaredDistances", "Unary", "Affine", "Dense", "Decide"),
        (),
        fitting("estimator code_size n_jobs random_state"),
        "score is minus the distance from the code of each class",
        missing=ALWAYS,
    ),
    "MultiOutputClassifier": Estimator(
        several_targets, NUMBER, (), MANY, OF_TARGETS, missing=ALWAYS
    ),
    "MultiOutputRegressor": Estimator(several_targets, ("Concatenate",), (), MANY, missing=ALWAYS),
    "ClassifierChain": Estimator(
        chain, NUMBER, (), CHAIN, "of two classes each; score is an array, and there is no label"
    ),
    "RegressorChain": Estimator(chain, ("Concatenate", "Select"), (), CHAIN),
}
