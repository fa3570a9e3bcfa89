"""Trees, forests and boosters of scikit-learn: sums over leaves, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.answering import compare
from exporter.formats.sklearn.lowering.builder import Block, Value, constants, join
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    Result,
)
from exporter.formats.trees.ensemble import INVERTED, NAN_RIGHT, Ensemble, Kind, Tree, grow
from exporter.formats.trees.graph import make_op
from exporter.ir.ops import Activation, Affine, Concatenate, Decide, Indicate, Softmax

Array = np.ndarray[Any, Any]
FRACTIONS = (1, 4)  # since then leaves of classifiers hold fractions, not counts
LEAF = -1  # a node's left child, where it has none
EPSILON = float(np.finfo(np.float32).eps)
TAKES_NAN = {
    "gini", "log_loss", "entropy", "squared_error", "friedman_mse", "poisson",
}  # fmt: skip
TREE_CLASSES = {
    "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
}  # fmt: skip

GROWS = "how trees are grown"
GROWING = dict.fromkeys(
    (
        "splitter", "max_depth", "min_samples_split", "min_samples_leaf",
        "min_weight_fraction_leaf", "max_features", "max_leaf_nodes", "min_impurity_decrease",
        "min_impurity_split", "min_density", "class_weight", "ccp_alpha", "random_state",
        "presort", "n_estimators", "bootstrap", "oob_score", "warm_start", "max_samples",
        "estimator_params", "base_estimator", "estimator", "learning_rate", "subsample",
        "alpha", "validation_fraction", "n_iter_no_change", "tol", "criterion", "monotonic_cst",
        "max_iter", "l2_regularization", "max_bins", "interaction_cst", "early_stopping",
        "scoring", "bootstrap_features", "contamination", "compute_importances", "init",
        "categorical_features", "loss", "behaviour", "quantile", "sparse_output",
    ),
    GROWS,
) | {"n_jobs": "how many threads are used", "verbose": "what is printed"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Grown:
    """A fitted tree: tree holds no values yet; values are (nodes, outputs, classes), counts how
    many samples were in each node, depths its number of nodes from the root on."""

    tree: Tree
    values: Array
    counts: Array
    features: int
    takes_missing: bool

    def with_leaves(self, values: Array) -> Tree:
        """The tree with values for its nodes (nodes, k), of which those of leaves count."""
        return replace(self.tree, values=values[self.tree.is_leaf])


def read_tree(context: Context, record: Any, name: str) -> Grown:
    """The nodes of a fitted DecisionTree...: x as float32 goes left where x <= threshold.

    Raises: StepProblem, when it is none, or damaged.
    """
    if not isinstance(record, Record) or record.name not in TREE_CLASSES:
        context.refuse(f"its {name} is {record}, not a tree", "Use trees as its estimators.")
    tree = record.attributes.get("tree_")
    inside = tree.attributes if isinstance(tree, Record) else {}
    nodes, values = inside.get("nodes"), inside.get("values")
    if (
        not isinstance(tree, Record)
        or not isinstance(nodes, np.ndarray)
        or not isinstance(values, np.ndarray)
        or nodes.ndim != 1
        or not {"left_child", "right_child", "feature", "threshold"} <= set(nodes.dtype.names or ())
        or values.ndim != 3
        or values.dtype.kind != "f"
        or len(values) != len(nodes)
    ):
        context.refuse(f"its {name} has no nodes: it is not fitted, or damaged", AGAIN)
    threshold = _numbers(context, nodes["threshold"], name).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        floor = threshold.astype(np.float32)
        floor = np.where(floor > threshold, np.nextafter(floor, np.float32(-np.inf)), floor)
        bound = np.nextafter(floor, np.float32(np.inf))
    left, right, feature = (
        _numbers(context, nodes[key], name).astype(np.int64)
        for key in ("left_child", "right_child", "feature")
    )
    is_leaf = left == LEAF
    has_missing = "missing_go_to_left" in nodes.dtype.names
    goes_left = nodes["missing_go_to_left"] != 0 if has_missing else np.ones(len(nodes), bool)
    counts = nodes["n_node_samples"] if "n_node_samples" in nodes.dtype.names else left * 0
    count = tree.args[0] if tree.args else None
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1:
        context.refuse(f"its {name} does not tell how many columns it takes", AGAIN)
    criterion = record.attributes.get("criterion")
    return Grown(
        Tree(
            left=left,
            right=right,
            is_leaf=is_leaf,
            feature=feature,
            kind=_kinds(goes_left, threshold),
            bound=np.where(is_leaf, np.float32(0), bound),
            leaf=np.where(is_leaf, np.cumsum(is_leaf) - 1, 0),
            values=np.zeros((int(is_leaf.sum()), 1)),
        ),
        values.astype(np.float64),
        np.asarray(counts, np.float64),
        int(count),
        has_missing
        and isinstance(criterion, str)
        and criterion in TAKES_NAN
        and record.attributes.get("monotonic_cst") is None,
    )


def _kinds(goes_left: Array, threshold: Array) -> Array:
    """What nodes ask, by where missing values go. All numbers are at most infinite: with such a
    threshold a node only asks what is missing."""
    kind = np.where(goes_left, Kind.PLAIN, Kind.RIGHT)
    only_missing = np.where(goes_left, Kind.ALL_LEFT, Kind.IS_NAN)
    return np.where(np.isposinf(threshold), only_missing, kind)


def _numbers(context: Context, values: Any, name: str) -> Array:
    if values.dtype.kind not in "iuf":
        context.refuse(f"its {name} holds no numbers", AGAIN)
    return np.asarray(values)


def _trees_of(context: Context, found: Any, name: str = "estimators_") -> list[Grown]:
    """The trees of a list or array of estimators, all for the same columns."""
    if isinstance(found, np.ndarray):
        found = found.ravel().tolist()
    records = as_list(found)
    if not records:
        context.refuse(f"it has no {name}: it is not fitted", AGAIN)
    return [read_tree(context, record, name) for record in records]


def _add(context: Context, ensemble: Ensemble, x: Value, takes_missing: bool) -> Value:
    """The op; where a tree was grown by a version that takes no NaN, a NULL gives NULL."""
    if not takes_missing:
        context.builder.refuse_missing(x)
    context.builder.parameters += len(ensemble.bound) + ensemble.leaves.size
    return context.add(make_op(ensemble), x)


def _sum(
    context: Context,
    block: Block,
    grown: Sequence[Grown],
    values: Sequence[Array],
    base: Array,
    target: Sequence[int] | None = None,
    divisor: int = 1,
    features: Sequence[Array] | None = None,
    width: int | None = None,
) -> Value:
    """The sum of trees with these values of their nodes; features are the columns that each
    tree saw, where not all of them."""
    width = grown[0].features if width is None else width
    x = context.numbers(block, width)
    trees = [item.with_leaves(own) for item, own in zip(grown, values, strict=True)]
    if features is not None:
        trees = [
            replace(tree, feature=_look_up(context, own, tree.feature))
            for tree, own in zip(trees, features, strict=True)
        ]
    ensemble = grow(trees, width, base, target or [0] * len(trees), "float32", "float64", divisor)
    return _add(context, ensemble, x, all(item.takes_missing for item in grown))


def _look_up(context: Context, features: Array, places: Array) -> Array:
    if places.max(initial=0) >= len(features):
        context.refuse("its trees ask for columns that they did not see", AGAIN)
    return features[np.maximum(places, 0)].astype(np.int64)


def _fractions(context: Context, grown: Grown, target: int = 0) -> Array:
    """Classes' fractions in each node, as predict_proba gives them."""
    counts = grown.values[:, target]
    if context.version >= FRACTIONS:
        return counts
    total = counts.sum(axis=1, keepdims=True)
    return counts / np.where(total == 0, 1, total)


def _means(grown: Grown) -> Array:
    """The mean of each target in each node."""
    return grown.values[:, :, 0]


def _classes(context: Context, grown: Sequence[Grown]) -> tuple[Any, ...]:
    classes = context.labels("classes_")
    if any(item.values.shape[1:] != (1, len(classes)) for item in grown):
        context.refuse("its trees know other classes or targets than it does", AGAIN)
    return classes


def _fractions_of_targets(context: Context, grown: Sequence[Grown]) -> list[Array]:
    """For each tree, side by side of each target the fraction of the second of two classes, or
    those of all."""
    counts = [len(as_list(classes) or ()) for classes in context.labels("classes_")]
    if any(item.values.shape[1:] != (len(counts), max(counts, default=0)) for item in grown):
        context.refuse("its trees know other classes or targets than it does", AGAIN)
    used = [slice(1, 2) if count == 2 else slice(0, count) for count in counts]
    return [
        np.concatenate([_fractions(context, item, n)[:, own] for n, own in enumerate(used)], axis=1)
        for item in grown
    ]


def _is_classifier(context: Context) -> bool:
    return context.record.name.endswith("Classifier")


def tree(context: Context, block: Block) -> Answers:
    """One tree: the fractions of classes in a leaf, or the mean."""
    return _mean_of_trees(context, block, [read_tree(context, context.record, "tree_")])


def forest(context: Context, block: Block) -> Answers:
    """The mean over trees of what each finds."""
    return _mean_of_trees(context, block, _trees_of(context, context.fitted("estimators_")))


def bagging(context: Context, block: Block) -> Answers:
    """The mean over trees, each of which may see some columns only."""
    grown = _trees_of(context, context.fitted("estimators_"))
    return _mean_of_trees(context, block, grown, _features(context, grown))


def _features(context: Context, grown: Sequence[Grown]) -> list[Array]:
    """The columns that each tree sees."""
    found = as_list(context.fitted("estimators_features_"))
    if found is None or len(found) != len(grown):
        context.refuse("it does not tell which columns its trees see", AGAIN)
    return [context.numbers_of(item, "estimators_features_", None).astype(int) for item in found]


def _mean_of_trees(
    context: Context,
    block: Block,
    grown: Sequence[Grown],
    features: Sequence[Array] | None = None,
) -> Answers:
    width = None if features is None else block.width
    is_single = _is_classifier(context) and grown[0].values.shape[1] == 1
    if is_single:
        classes = _classes(context, grown)
        values = [_fractions(context, item) for item in grown]
    elif _is_classifier(context):
        values = _fractions_of_targets(context, grown)
    else:
        values = [_means(item) for item in grown]
    base = np.zeros(values[0].shape[1])
    y = _sum(context, block, grown, values, base, None, len(grown), features, width)
    return Answers(probability=y, classes=classes) if is_single else Answers(y)


def each(context: Context, block: Block) -> Value:
    """What each tree of a list predicts, side by side."""
    grown = _trees_of(context, context.fitted("estimators_"))
    count = len(grown)
    values = [_means(item) for item in grown]
    return _sum(context, block, grown, values, np.zeros(count), list(range(count)))


def embedding(context: Context, block: Block) -> Block:
    """A 1 for the leaf that each tree comes to; the places of a tree's leaves ascend."""
    grown = _trees_of(context, context.fitted("estimators_"))
    places, total = [], 0
    for item in grown:
        leaves = item.tree.is_leaf
        places.append((total + np.cumsum(leaves) - 1.0)[:, None])
        total += int(leaves.sum())
    count = len(grown)
    x = _sum(context, block, grown, places, np.zeros(count), list(range(count)))
    return Block((context.add(Indicate(total), x),))


def gradient_boosting(context: Context, block: Block) -> Answers:
    """init + learning_rate * sum of trees, one tree for each class in each iteration."""
    found = context.fitted("estimators_")
    if not isinstance(found, np.ndarray) or found.ndim != 2:
        context.refuse("its estimators_ are no array of two axes", AGAIN)
    grown = _trees_of(context, found)
    outputs = found.shape[1]
    rate = context.number("learning_rate")
    classes = context.labels("classes_") if _is_classifier(context) else None
    base = _first_guess(context, outputs, classes)
    target = list(range(outputs)) * len(found)
    raw = _sum(context, block, grown, [rate * _means(item) for item in grown], base, target)
    if classes is None:
        return Answers(raw)
    is_exponential = _is_exponential(context)
    answers = _classify(context, raw, classes, scale=2.0 if is_exponential else 1.0)
    if raw.shape == (1,) and (is_exponential or not _is_before(context, BY_SUM)):
        return replace(answers, choice=compare(context, raw, "greater_equal", 0.0))
    return _choose_by_probability(context, answers, BY_SUM)


BY_SUM = (1, 4)  # since then a GradientBoosting decides by its sums: 0 is the second of two classes
HIST_BY_SUM = (1, 5)  # a HistGradientBoosting: 0 is the first
LOSSES = ("log_loss", "deviance", "exponential")


def _is_before(context: Context, version: tuple[int, ...]) -> bool:
    return bool(context.version) and context.version < version


def _choose_by_probability(context: Context, answers: Answers, since: tuple[int, ...]) -> Answers:
    """Before this version the class of the largest probability, among equal ones the first."""
    if answers.probability is None or not _is_before(context, since):
        return answers
    return replace(answers, choice=context.add(Decide(), answers.probability))


def _classify(
    context: Context, raw: Value, classes: tuple[Any, ...], scale: float = 1.0
) -> Answers:
    """Probabilities of sums: one sum for two classes, else one for each."""
    if raw.shape == (1,):
        if len(classes) != 2:
            context.refuse(f"it has one sum for {counted(len(classes), 'class')}", AGAIN)
        return Answers(probability=_two(context, _scaled(context, raw, scale)), decision=raw,
                       classes=classes)  # fmt: skip
    if raw.shape != (len(classes),):
        context.refuse(
            f"it has {counted(raw.width, 'sum')} for {counted(len(classes), 'class')}", AGAIN
        )
    return Answers(probability=context.add(Softmax(0), raw), decision=raw, classes=classes)


def _scaled(context: Context, x: Value, scale: float, offset: float = 0.0) -> Value:
    if (scale, offset) == (1.0, 0.0):
        return x
    return context.add(Affine(constants([scale]), constants([offset])), x)


def _two(context: Context, raw: Value) -> Value:
    """1 - p and p, p the sigmoid of a sum."""
    second = context.add(Activation("sigmoid"), raw)
    return context.add(Concatenate(0), _scaled(context, second, -1.0, 1.0), second)


def _first_guess(context: Context, outputs: int, classes: tuple[Any, ...] | None) -> Array:
    """What the sum of a GradientBoosting starts at, from its fitted init_."""
    init = context.fitted("init_")
    if isinstance(init, str) and init == "zero":
        return np.zeros(outputs)
    facts = init.attributes if isinstance(init, Record) else {}
    name = init.name if isinstance(init, Record) else str(init)
    if name == "DummyClassifier" and classes is not None:
        if facts.get("strategy") != "prior":
            context.refuse("its init is not that of scikit-learn", "Leave init out.")
        prior = context.numbers_of(facts.get("class_prior_"), "class_prior_", len(classes))
        low, high = EPSILON, float(np.float32(1) - np.float32(EPSILON))
        prior = np.clip(np.asarray(prior), low, high)
        if outputs == 1:
            logit = math.log(prior[1] / (1 - prior[1]))
            return np.array([logit / 2 if _is_exponential(context) else logit])
        logs = np.log(prior)
        return np.asarray(logs - logs.mean() if context.version >= SYMMETRIC else logs)
    if name == "DummyRegressor" and classes is None:
        if facts.get("strategy") not in ("mean", "quantile", "median"):
            context.refuse("its init is not that of scikit-learn", "Leave init out.")
        return np.asarray(context.numbers_of(facts.get("constant_"), "constant_")).ravel()[:1]
    for known in ("prior", "priors", "mean", "quantile"):  # estimators of before 0.20
        if known in facts and name in OLD_GUESSES:
            found = np.asarray(context.numbers_of(facts[known], known)).ravel()
            if len(found) == outputs:
                return found
    if name == "ZeroEstimator":
        return np.zeros(outputs)
    context.refuse(f"it starts at what {name} predicts", "Leave init out.")


OLD_GUESSES = {
    "LogOddsEstimator", "ScaledLogOddsEstimator", "PriorProbabilityEstimator", "MeanEstimator",
    "QuantileEstimator",
}  # fmt: skip
SYMMETRIC = (1, 4)  # since then the logarithms of priors add up to 0


def _is_exponential(context: Context) -> bool:
    return bool(context.choice(LOSSES, "loss") == "exponential")


def hist_gradient_boosting(context: Context, block: Block) -> Answers:
    """A baseline and the sum of trees over float64, which know missing values and categories."""
    preprocessor = context.record.attributes.get("_preprocessor")
    if preprocessor is not None:
        block = _preprocess(context, preprocessor, block)
    predictors = as_list(context.fitted("_predictors"))
    rows = [as_list(row) for row in predictors or ()]
    if not rows or any(row is None or len(row) != len(rows[0] or ()) for row in rows):
        context.refuse("it has no trees: it is not fitted", AGAIN)
    outputs = len(rows[0] or ())
    known = _known_categories(context)
    trees = [_read_predictor(context, item, known) for row in rows for item in row or ()]
    base = context.numbers_of(context.fitted("_baseline_prediction"), "_baseline_prediction")
    target = list(range(outputs)) * len(rows)
    first = np.resize(np.asarray(base).ravel(), outputs)
    ensemble = grow(trees, block.width, first, target, "float64", "float64")
    raw = _add(context, ensemble, context.numbers(block), True)
    if _is_classifier(context):
        context.choice(("log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"),
                       "loss")  # fmt: skip
        answers = _classify(context, raw, context.labels("classes_"))
        return _choose_by_probability(context, answers, HIST_BY_SUM)
    loss = context.choice((*PLAIN_LOSSES, *POSITIVE_LOSSES), "loss")
    if loss in POSITIVE_LOSSES:
        raw = context.add(Activation("exponential"), raw)
    return Answers(raw)


def _preprocess(context: Context, record: Any, block: Block) -> Block:
    """Categories become numbers, and come first; what is numbers stays what it is."""
    facts = record.attributes if isinstance(record, Record) else {}
    blocks = []
    for item in as_list(facts.get("transformers_")) or ():
        name, step, mask = item if isinstance(item, tuple) and len(item) == 3 else (None,) * 3
        if step == "drop":
            continue
        if not isinstance(mask, np.ndarray) or mask.shape != (block.width,) or mask.dtype != bool:
            context.refuse("it does not tell which columns are categories", AGAIN)
        own = context.select(block, np.flatnonzero(mask).tolist())
        if name == "encoder":
            own = context.transform(step, own, "encoder")
        elif name != "numerical":
            context.refuse(f"its preprocessor has a step {name!r}", AGAIN)
        blocks.append(own)
    return join(blocks)


PLAIN_LOSSES = (
    "squared_error", "absolute_error", "quantile", "least_squares", "least_absolute_deviation",
)  # fmt: skip
POSITIVE_LOSSES = ("poisson", "gamma")


def _known_categories(context: Context) -> dict[int, Array]:
    """By column, the categories that a HistGradientBoosting saw: others count as missing."""
    mapper = context.record.attributes.get("_bin_mapper")
    facts = mapper.attributes if isinstance(mapper, Record) else {}
    are_sets = facts.get("is_categorical_")
    if not isinstance(are_sets, np.ndarray):
        return {}
    bins = as_list(facts.get("bin_thresholds_"))
    if bins is None or len(bins) != len(are_sets):
        context.refuse("it does not tell which categories it knows", AGAIN)
    found = {}
    for place in np.flatnonzero(are_sets).tolist():
        own = np.asarray(context.numbers_of(bins[place], "bin_thresholds_", None))
        if len(own) and not 0 <= own.min() <= own.max() < 256:
            context.refuse("its categories are not numbers from 0 to 255", AGAIN)
        found[place] = own.astype(np.int64)
    return found


def _read_predictor(context: Context, record: Any, known: dict[int, Array]) -> Tree:
    """A tree of a HistGradientBoosting."""
    facts = record.attributes if isinstance(record, Record) else {}
    nodes = facts.get("nodes")
    names = set(nodes.dtype.names or ()) if isinstance(nodes, np.ndarray) else set()
    threshold = "num_threshold" if "num_threshold" in names else "threshold"
    needed = {"value", "feature_idx", "left", "right", "is_leaf", "missing_go_to_left", threshold}
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 1 or not needed <= names:
        context.refuse("its trees have no nodes that are known here", AGAIN)
    if any(nodes.dtype[name].kind not in "iufb" for name in needed):
        context.refuse("its trees hold no numbers", AGAIN)
    is_leaf = nodes["is_leaf"] != 0
    goes_left = nodes["missing_go_to_left"] != 0
    border = nodes[threshold].astype(np.float64)
    kind = _kinds(goes_left, border)
    feature = nodes["feature_idx"].astype(np.int64)
    sets: dict[int, Array] = {}
    if "is_categorical" in names:
        bits = facts.get("raw_left_cat_bitsets")
        for node in np.flatnonzero((nodes["is_categorical"] != 0) & ~is_leaf).tolist():
            own = _read_set(context, bits, nodes, node)
            seen = known.get(int(feature[node]), own)
            if goes_left[node]:  # with the missing ones, those that are not known
                sets[node] = np.setdiff1d(seen, own)
                kind[node] = Kind.SET
            else:
                sets[node] = np.intersect1d(seen, own)
                kind[node] = Kind.SET | INVERTED | NAN_RIGHT
    with np.errstate(over="ignore"):
        bound = np.nextafter(border, np.inf)
    return Tree(
        left=np.where(is_leaf, LEAF, nodes["left"].astype(np.int64)),
        right=np.where(is_leaf, LEAF, nodes["right"].astype(np.int64)),
        is_leaf=is_leaf,
        feature=feature,
        kind=kind,
        bound=np.where(is_leaf, 0.0, bound),
        leaf=np.where(is_leaf, np.cumsum(is_leaf) - 1, 0),
        values=nodes["value"][is_leaf].astype(np.float64)[:, None],
        sets=sets,
    )


def _read_set(context: Context, bits: Any, nodes: Array, node: int) -> Array:
    """The categories that go left at a node: 256 bits."""
    place = int(nodes["bitset_idx"][node])
    if not isinstance(bits, np.ndarray) or bits.dtype != np.uint32 or bits.shape[1:] != (8,):
        context.refuse("its sets of categories are not 256 bits", AGAIN)
    if not 0 <= place < len(bits):
        context.refuse("its trees ask for sets of categories that are not there", AGAIN)
    own = np.ascontiguousarray(bits[place].astype("<u4")).view(np.uint8)
    return np.flatnonzero(np.unpackbits(own, bitorder="little"))


def isolation_forest(context: Context, block: Block) -> Answers:
    """decision_function: -2 to the minus mean depth over what is expected, minus offset_."""
    if context.version and context.version < PATHS_SINCE:
        context.refuse("it was saved by a scikit-learn before 0.22, which scored otherwise", AGAIN)
    grown = _trees_of(context, context.fitted("estimators_"))
    samples = context.record.attributes.get("_max_samples", context.fitted("max_samples_"))
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)):
        context.refuse("it does not tell how many samples a tree saw", AGAIN)
    offset = float(np.asarray(context.numbers_of(context.fitted("offset_"), "offset_")).ravel()[0])
    expected = len(grown) * float(path_length(np.array([float(samples)]))[0])
    depths = _sum(context, block, grown, [_isolation(item) for item in grown], np.zeros(1), None, 1,
                  _features(context, grown), block.width)  # fmt: skip
    power = _scaled(context, depths, -math.log(2) / expected if expected else 0.0,
                    0.0 if expected else -math.log(2))  # fmt: skip
    score = context.add(Activation("exponential"), power)
    return Answers(decision=_scaled(context, score, -1.0, -offset))


def _isolation(grown: Grown) -> Array:
    """How deep each node lies, and how much deeper its samples would on average."""
    depth = np.zeros(len(grown.counts))
    level = np.zeros(1, np.int64)
    for number in range(len(depth)):
        depth[level] = number
        level = level[~grown.tree.is_leaf[level]]
        if not len(level):
            break
        level = np.concatenate([grown.tree.left[level], grown.tree.right[level]])
        level = level[(level > 0) & (level < len(depth))]  # others are refused by grow()
    return (depth + path_length(grown.counts))[:, None]


def path_length(counts: Array) -> Array:
    """The mean depth of a tree of so many samples that are parted at random (Liu et al., 2008)."""
    n = np.maximum(counts, 3.0)
    more = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(counts <= 1, 0.0, np.where(counts == 2, 1.0, more))


def ada_boost(context: Context, block: Block) -> Answers:
    """Votes of trees, weighted; of SAMME.R the logarithms of their fractions."""
    grown = _trees_of(context, context.fitted("estimators_"))
    classes = _classes(context, grown)
    count = len(classes)
    algorithm = context.choice(("SAMME", "SAMME.R", "deprecated"), "algorithm", default="SAMME")
    weights = np.asarray(context.array("estimator_weights_", None))
    if count < 2 or len(weights) < len(grown):
        context.refuse("it has fewer than two classes, or no weights", AGAIN)
    if algorithm != "SAMME.R" and context.version and context.version < NEGATIVE_VOTES:
        context.refuse("it is SAMME of a scikit-learn before 1.4, which voted differently", AGAIN)
    total = float(weights.sum())

    def votes(item: Grown, weight: float) -> Array:
        fractions = _fractions(context, item)
        if algorithm == "SAMME.R":
            logs = np.log(np.clip(fractions, np.finfo(np.float64).eps, None))
            found = (count - 1) * (logs - logs.mean(axis=1, keepdims=True))
        else:
            found = np.full(fractions.shape, -weight / (count - 1))
            found[np.arange(len(found)), fractions.argmax(axis=1)] = weight
        found = found / total
        return np.asarray(found[:, 1:] - found[:, :1] if count == 2 else found)

    outputs = 1 if count == 2 else count
    values = [votes(item, weight) for item, weight in zip(grown, weights, strict=False)]
    decision = _sum(context, block, grown, values, np.zeros(outputs))
    if count == 2:
        return replace(_classify(context, decision, classes), decision=decision)
    scaled = _scaled_all(context, decision, 1 / (count - 1))
    return Answers(probability=context.add(Softmax(0), scaled), decision=decision, classes=classes)


def _scaled_all(context: Context, x: Value, scale: float) -> Value:
    width = x.width
    return context.add(Affine(constants(np.full(width, scale)), constants(np.zeros(width))), x)


NEGATIVE_VOTES = (1, 4)
PATHS_SINCE = (0, 22)  # before, paths of one or two samples had other lengths
SINCE_TREES, SINCE_FORESTS, SINCE_EXTRA = (1, 3), (1, 4), (1, 6)
TREES = ("Trees",)


def _entry(
    lower: Callable[[Context, Block], Result],
    ops: tuple[str, ...] = TREES,
    used: tuple[str, ...] = (),
    limits: str = "",
    missing: tuple[int, ...] | None = None,
) -> Estimator:
    ignored = {name: why for name, why in GROWING.items() if name not in used}
    return Estimator(lower, ops, used, ignored, limits, missing)


BOOSTED = ("Trees", "Activation", "Affine", "Concatenate", "Softmax")
BY_PROBABILITY = (*BOOSTED, "Decide")  # in older versions
SEVERAL = "of several targets as MultiOutputClassifier"
ESTIMATORS = {
    "DecisionTreeClassifier": _entry(tree, limits=SEVERAL, missing=SINCE_TREES),
    "DecisionTreeRegressor": _entry(tree, missing=SINCE_TREES),
    "ExtraTreeClassifier": _entry(tree, limits=SEVERAL, missing=SINCE_EXTRA),
    "ExtraTreeRegressor": _entry(tree, missing=SINCE_EXTRA),
    "RandomForestClassifier": _entry(forest, limits=SEVERAL, missing=SINCE_FORESTS),
    "RandomForestRegressor": _entry(forest, missing=SINCE_FORESTS),
    "ExtraTreesClassifier": _entry(forest, limits=SEVERAL, missing=SINCE_EXTRA),
    "ExtraTreesRegressor": _entry(forest, missing=SINCE_EXTRA),
    "GradientBoostingClassifier": _entry(
        gradient_boosting,
        (*BY_PROBABILITY, "Constant", "Compare"),
        ("learning_rate", "loss"),
        "init left out, or zero",
    ),
    "GradientBoostingRegressor": _entry(
        gradient_boosting, TREES, ("learning_rate",), "init left out, or zero"
    ),
    "HistGradientBoostingClassifier": _entry(
        hist_gradient_boosting, BY_PROBABILITY, ("loss",), missing=(0,)
    ),
    "HistGradientBoostingRegressor": _entry(
        hist_gradient_boosting, ("Trees", "Activation"), ("loss",), missing=(0,)
    ),
    "RandomTreesEmbedding": _entry(embedding, ("Trees", "Indicate")),
    "IsolationForest": _entry(
        isolation_forest,
        ("Trees", "Affine", "Activation"),
        limits="score is decision_function",
        missing=SINCE_EXTRA,
    ),
}
