"""Ensembles of estimators of any kind: voting, stacking, bagging."""

from __future__ import annotations

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering import trees
from exporter.formats.sklearn.lowering.answering import (
    both,
    chosen,
    column,
    constant,
    estimators,
    mean,
    predicted,
    prediction,
    probability,
    renamed,
    scaled,
    sum_up,
)
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.composition import is_named
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import (
    Activation,
    Concatenate,
    Indicate,
    Select,
    Softmax,
    Subtract,
    WeightedMedian,
)

ALWAYS: tuple[int, ...] = (0,)  # X is passed on as it is
DROPPED = ("drop", None)


def _weights(context: Context) -> list[float] | None:
    """Of the estimators that were not dropped."""
    given = as_list(context.param("weights", default=None))
    named = context.param("estimators")
    if given is None:
        return None
    if not isinstance(named, (list, tuple)) or not all(map(is_named, named)):
        context.refuse("its estimators are not in the file", AGAIN)
    if len(given) != len(named):
        context.refuse(
            f"it has {counted(len(given), 'weight')} for {counted(len(named), 'estimator')}", AGAIN
        )
    kept = [
        weight
        for weight, (_, estimator, *_) in zip(given, named, strict=True)
        if isinstance(estimator, Record) or estimator not in DROPPED
    ]
    return [float(n) for n in context.numbers_of(kept, "weights", None)]


def voting_classifier(context: Context, block: Block) -> Answers:
    """soft: the mean of probabilities; hard: the class that most predict, the first of several."""
    way = context.choice(("hard", "soft"), "voting")
    classes = context.labels("classes_")
    weights = _weights(context)
    found = [renamed(context, item, classes) for item in estimators(context, block)]
    if way == "soft":
        each = [probability(context, item, len(classes)) for item in found]
        return Answers(probability=mean(context, each, weights), classes=classes)
    votes = [context.add(Indicate(len(classes)), chosen(context, item)) for item in found]
    if weights is not None and len(weights) != len(votes):
        context.refuse("its weights do not fit its estimators", AGAIN)
    total = scaled_sum(context, votes, weights)
    choice = chosen(context, Answers(probability=total, classes=classes))
    return Answers(prediction=total, choice=choice, classes=classes)


def scaled_sum(context: Context, values: list[Value], weights: list[float] | None) -> Value:
    """The sum of values, each times its weight."""
    if weights is not None:
        values = [scaled(context, x, weight) for x, weight in zip(values, weights, strict=True)]
    return sum_up(context, values)


def votes(context: Context, block: Block) -> Block:
    """What each estimator says: its probabilities, the place of its class, or its prediction."""
    found = estimators(context, block)
    if context.record.name == "VotingRegressor":
        return Block(tuple(prediction(context, item) for item in found))
    if context.choice(("hard", "soft"), "voting") == "hard":
        return Block(tuple(chosen(context, item) for item in found))
    if not context.flag("flatten_transform", default=True):
        context.refuse("it gives three axes to what follows", "Use flatten_transform=True.")
    return Block(tuple(probability(context, item) for item in found))


def voting_regressor(context: Context, block: Block) -> Answers:
    """The mean of predictions."""
    weights = _weights(context)
    each = [prediction(context, item) for item in estimators(context, block)]
    return Answers(prediction=mean(context, each, weights))


def _stacked(context: Context, block: Block, classes: int) -> Block:
    """What the estimators answer, side by side, before X where that is passed on; of two classes
    the second's probability alone."""
    methods = as_list(context.fitted("stack_method_")) or []
    found = estimators(context, block)
    if len(methods) != len(found):
        context.refuse(
            f"it has {counted(len(methods), 'method')} for {counted(len(found), 'estimator')}",
            AGAIN,
        )
    parts: list[Value] = []
    for method, item in zip(methods, found, strict=True):
        if method == "predict_proba":
            each = probability(context, item)
            parts.append(column(context, each, 1) if classes == 2 else each)
        elif method == "decision_function" and item.decision is not None:
            parts.append(item.decision)
        elif method == "predict":
            parts.append(predicted(context, item))
        else:
            context.refuse(f"its stack_method_ is {str(method)[:40]!r}", AGAIN)
    passes = context.flag("passthrough")
    passed = block.parts if passes else ()
    return Block((*parts, *passed), is_sparse=passes and block.is_sparse)


def stacked(context: Context, block: Block) -> Block:
    """What the final estimator would be given."""
    has_classes = context.record.name == "StackingClassifier"
    return _stacked(context, block, len(context.labels("classes_")) if has_classes else 0)


def stacking_classifier(context: Context, block: Block) -> Answers:
    """The final estimator's answers to what the others answer."""
    if isinstance(context.fitted("_label_encoder", None), list):
        context.refuse("it predicts several targets at once", "Fit one for each target.")
    classes = context.labels("classes_")
    given = _stacked(context, block, len(classes))
    final = context.answers(context.fitted("final_estimator_"), given, "final_estimator_")
    return renamed(context, final, classes)


def stacking_regressor(context: Context, block: Block) -> Answers:
    """The final estimator's prediction of what the others predict."""
    given = _stacked(context, block, 0)
    final = context.answers(context.fitted("final_estimator_"), given, "final_estimator_")
    return Answers(prediction=prediction(context, final))


def boosted_regressor(context: Context, block: Block) -> Answers:
    """The weighted median of predictions."""
    weights = context.array("estimator_weights_", None)
    if _are_trees(context):
        each = trees.each(context, block)
    else:
        each = context.join([prediction(context, a) for a in estimators(context, block)])
    if each.width > len(weights):
        context.refuse(
            f"it has {counted(len(weights), 'weight')} for {counted(each.width, 'estimator')}",
            AGAIN,
        )
    median = WeightedMedian(constants(weights[: each.width]))
    return Answers(prediction=context.add(median, each))


def boosted_classifier(context: Context, block: Block) -> Answers:
    """Votes, weighted; of each that is not given, its weight is shared among the others' minus."""
    if _are_trees(context):
        return trees.ada_boost(context, block)
    if context.choice(("SAMME", "SAMME.R", "deprecated"), "algorithm", default="SAMME") == (
        "SAMME.R"
    ):
        context.refuse("its algorithm is SAMME.R, and its estimators are no trees", "Use SAMME.")
    if context.version and context.version < trees.NEGATIVE_VOTES:
        context.refuse("it is SAMME of a scikit-learn before 1.4, which voted differently", AGAIN)
    classes = context.labels("classes_")
    count = len(classes)
    found = [_of_classes(context, a, classes) for a in estimators(context, block)]
    weights = context.array("estimator_weights_", None)
    if count < 2 or len(weights) < len(found):
        context.refuse("it has fewer than two classes, or no weights", AGAIN)
    shares = weights / weights.sum()
    parts = []
    for item, share in zip(found, shares.tolist(), strict=False):
        vote = context.add(Indicate(count), chosen(context, item))
        least = -share / (count - 1)
        parts.append(scaled(context, vote, share - least, least))
    decision = sum_up(context, parts)
    if count == 2:
        pair = [column(context, decision, place) for place in (1, 0)]
        decision = context.add(Subtract(), *pair)
        probability_ = both(context, context.add(Activation("sigmoid"), decision))
    else:
        probability_ = context.add(Softmax(0), scaled(context, decision, 1 / (count - 1)))
    return Answers(probability=probability_, decision=decision, classes=classes)


def _of_classes(context: Context, answers: Answers, classes: tuple[object, ...]) -> Answers:
    """Answers of an estimator that knows these classes.

    Raises: StepProblem, when it knows others.
    """
    if answers.classes != classes:
        context.refuse("an estimator inside knows other classes than it does", AGAIN)
    return answers


def bagging_regressor(context: Context, block: Block) -> Answers:
    """The mean of predictions, each of the columns that its estimator saw."""
    if _are_trees(context):
        return trees.bagging(context, block)
    each = [prediction(context, item) for item in _bagged(context, block)]
    return Answers(prediction=mean(context, each, None))


def bagging_classifier(context: Context, block: Block) -> Answers:
    """The mean of probabilities, or of votes where an estimator has none."""
    if _are_trees(context):
        return trees.bagging(context, block)
    classes = context.labels("classes_")
    each = []
    for item in _bagged(context, block):
        if item.classes is None or not set(item.classes) <= set(range(len(classes))):
            context.refuse("an estimator inside knows other classes than it does", AGAIN)
        if item.probability is None:
            each.append(context.add(Indicate(len(classes)), predicted(context, item)))
            continue
        each.append(spread(context, item.probability, item.classes, len(classes)))
    return Answers(probability=mean(context, each, None), classes=classes)


def spread(context: Context, x: Value, places: tuple[int, ...], count: int) -> Value:
    """The elements of x in these places of count, 0 in the others."""
    if x.width != len(places):
        context.refuse(
            f"it has {counted(x.width, 'number')} for {counted(len(places), 'class')}", AGAIN
        )
    if len(places) == count:
        return x
    wide = context.add(Concatenate(0), x, constant(context, x, 0.0))
    found = {int(place): number for number, place in enumerate(places)}
    return context.add(Select(tuple(found.get(n, x.width) for n in range(count))), wide)


def _bagged(context: Context, block: Block) -> list[Answers]:
    """What each estimator answers to the columns that it saw."""
    found = as_list(context.fitted("estimators_")) or []
    columns = as_list(context.fitted("estimators_features_")) or []
    if not found or len(found) != len(columns):
        context.refuse("it does not tell which columns its estimators see", AGAIN)
    answers = []
    for place, (record, seen) in enumerate(zip(found, columns, strict=True)):
        places = context.numbers_of(seen, "estimators_features_", None).astype(int).tolist()
        if not all(0 <= n < block.width for n in places):
            context.refuse("its estimators see columns that X does not have", AGAIN)
        chosen_block = context.select(block, places)
        answers.append(context.answers(record, chosen_block, f"estimators_[{place}]"))
    return answers


def _are_trees(context: Context) -> bool:
    """Whether one op can hold all estimators."""
    found = as_list(context.fitted("estimators_")) or []
    return all(isinstance(item, Record) and item.name in trees.TREE_CLASSES for item in found)


VOTING = fitting("n_jobs verbose")
STACKING = fitting("estimators final_estimator cv stack_method n_jobs verbose")
MEAN = ("Add", "Affine", "Standardize")
VOTES = (*MEAN, "Indicate", "Decide", "Embedding", "Reshape", "Fill", "Select", "Concatenate")
BAGGING = fitting(
    "estimator base_estimator estimator_params n_estimators max_samples max_features bootstrap"
    " bootstrap_features oob_score warm_start n_jobs random_state verbose"
)
BOOSTING = fitting(
    "estimator base_estimator estimator_params n_estimators learning_rate loss random_state"
)
ESTIMATORS = {
    "VotingClassifier": Estimator(
        voting_classifier,
        (*MEAN, "Indicate", "Decide"),
        ("voting", "weights", "estimators", "flatten_transform"),
        VOTING,
        "of hard voting score is the votes for each class",
        missing=ALWAYS,
        transform=votes,
    ),
    "VotingRegressor": Estimator(
        voting_regressor,
        MEAN,
        ("weights", "estimators"),
        VOTING,
        missing=ALWAYS,
        transform=votes,
    ),
    "StackingClassifier": Estimator(
        stacking_classifier,
        ("Select", "Decide", "Embedding", "Reshape"),
        ("passthrough",),
        STACKING,
        "one target",
        missing=ALWAYS,
        transform=stacked,
    ),
    "StackingRegressor": Estimator(
        stacking_regressor, (), ("passthrough",), STACKING, missing=ALWAYS, transform=stacked
    ),
    "AdaBoostClassifier": Estimator(
        boosted_classifier,
        (
            "Trees",
            "Activation",
            "Affine",
            "Concatenate",
            "Softmax",
            "Indicate",
            "Decide",
            "Add",
            "Select",
            "Subtract",
        ),
        ("algorithm",),
        BOOSTING,
        "SAMME; of trees SAMME.R too",
    ),
    "AdaBoostRegressor": Estimator(
        boosted_regressor, ("Trees", "Concatenate", "WeightedMedian"), (), BOOSTING
    ),
    "BaggingClassifier": Estimator(
        bagging_classifier, ("Trees", *VOTES), (), BAGGING, missing=trees.SINCE_TREES
    ),
    "BaggingRegressor": Estimator(
        bagging_regressor, ("Trees", *MEAN), (), BAGGING, missing=trees.SINCE_TREES
    ),
}
