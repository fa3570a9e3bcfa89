"""CatBoost's models saved as JSON: oblivious trees, and those of grow_policy Depthwise, Lossguide.

Source: catboost/libs/model/model_export/json_model_helpers.cpp.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, Problem, UnsupportedError
from exporter.formats.trees.ensemble import NO_TREES, Kind, Tree, grow
from exporter.formats.trees.fields import get, list_of, number_of, numbers_of, whole
from exporter.formats.trees.hashed import Hashed, Part, Table
from exporter.formats.trees.model import Booster, Link, refuse
from exporter.formats.trees.statistics import check_binarizations, make_tables, read_statistics
from exporter.ir.ops.categories import PartKind

MAX_TREE_DEPTH = 64  # of nested JSON, and of oblivious trees 16, as in CatBoost
MAX_OBLIVIOUS_DEPTH = 16
OUTPUTS_MOST = 100_000
LINKS: dict[Link, tuple[str, ...]] = {
    "identity": (
        "RMSE", "MAE", "Quantile", "MultiQuantile", "MAPE", "Huber", "LogCosh", "LogLinQuantile",
        "Lq", "Expectile", "SMAPE", "MedianAbsoluteError", "R2", "MSLE", "MultiRMSE", "YetiRank",
        "YetiRankPairwise", "QueryRMSE", "QuerySoftMax", "PairLogit", "PairLogitPairwise",
        "StochasticFilter", "StochasticRank", "LambdaMart",
    ),
    "exponential": ("Poisson", "Tweedie"),
    "sigmoid": ("Logloss", "CrossEntropy", "MultiClassOneVsAll", "MultiLogloss",
                "MultiCrossEntropy"),
    "softmax": ("MultiClass",),
}  # fmt: skip
LINK_OF = {loss: link for link, names in LINKS.items() for loss in names}
NAN_KINDS = {"AsIs": Kind.PLAIN, "AsFalse": Kind.PLAIN, "AsTrue": Kind.RIGHT}
ADVICE = "Train without such features, or turn them into numbers before CatBoost sees them."
OTHER_FEATURES = {
    "TextFeature": "texts are looked up in dictionaries",
    "EmbeddingFeature": "embeddings are compared with statistics",
}
ASKED = ("FloatFeature", "OneHotFeature", "OnlineCtr")  # what trees may ask for


@dataclass(frozen=True)
class Feature:
    """A feature of numbers: its place among these, its name, and where a missing value goes."""

    place: int
    flat: int
    name: str
    kind: Kind
    borders: int


@dataclass(frozen=True)
class Category:
    """A feature of categories: its place among those that trees ask for, and its name; values are
    how many single categories the file lists."""

    place: int
    flat: int
    name: str
    values: int


@dataclass(frozen=True)
class Question:
    """What a node asks: a column, how, and the border that must be exceeded to go right; or of a
    set the code that goes right."""

    column: int
    kind: int
    border: float
    code: int = -1


NO_QUESTION = Question(0, 0, 0.0)  # of a leaf


def read_document(document: Mapping[str, Any]) -> Booster:
    """The model of a parsed file.

    Raises: ArchiveError, when it is damaged or no model; UnsupportedError, for what cannot be
    exported.
    """
    info = get(document, "model_info", dict)
    every = get(document, "features_info", dict)
    scale, base = _read_scale(document)
    found = document.get("oblivious_trees", document.get("trees"))
    if not isinstance(found, list) or not found:
        raise ArchiveError(NO_TREES)
    read = _read_oblivious if "oblivious_trees" in document else _read_nested
    splits = _find_splits(found)
    questions = _Questions(document, splits)
    trees = [read(tree, number, questions, len(base)) for number, tree in enumerate(found)]
    link = _read_link(info)
    body = grow(
        trees,
        questions.width,
        base=np.zeros(len(base)),
        target=[0] * len(trees),
        compare="float32",
        total="float64",
    )
    names = questions.names
    is_named = names != tuple(str(number) for number in range(len(names))) and all(names)
    return Booster(
        body=body,
        link=link,
        scale=scale,
        offset=base,
        names=names if is_named else (),
        categories={},
        version=_read_version(info),
        warnings=_tell_unused(every, questions.asked),
        labels=_read_labels(info, len(base)) if link in ("sigmoid", "softmax") else (),
        hashed=questions.hashed,
    )


def _read_version(info: Mapping[str, Any]) -> str:
    text = str(info.get("catboost_version_info", ""))
    marker = "CatBoost release "
    return text.partition(marker)[2].partition(" ")[0].rstrip(".") or "unknown"


def _read_features(every: Mapping[str, Any]) -> dict[int, Feature]:
    """The features of numbers, by the index that trees know them by."""
    found = {}
    entries = list_of(every.get("float_features"), "float_features")
    entries = sorted(entries, key=lambda entry: whole(entry, "flat_feature_index"))
    for place, entry in enumerate(entries):
        kind = NAN_KINDS.get(str(entry.get("nan_value_treatment", "AsIs")))
        if kind is None:
            raise ArchiveError(f"feature {place} does not tell what becomes of missing values.")
        if entry.get("has_nans") is False:  # then it was trained without, and nothing is replaced
            kind = Kind.PLAIN
        borders = list_of(entry.get("borders"), "borders")
        found[whole(entry, "feature_index")] = Feature(
            place, entry["flat_feature_index"], _name(entry), kind, len(borders)
        )
    if len(found) != len(entries):
        raise ArchiveError("two features have the same index.")
    return found


def _read_categories(every: Mapping[str, Any], asked: Set[int]) -> dict[int, Category]:
    """The features of categories that trees ask for, by their index."""
    found: dict[int, Category] = {}
    entries = list_of(every.get("categorical_features"), "categorical_features")
    entries = sorted(entries, key=lambda entry: whole(entry, "flat_feature_index"))
    for entry in entries:
        index = whole(entry, "feature_index")
        if index in found:
            raise ArchiveError("two categorical features have the same index.")
        if index in asked:
            values = list_of(entry.get("values"), "values")
            found[index] = Category(
                len(found), entry["flat_feature_index"], _name(entry), len(values)
            )
    if missing := asked - found.keys():
        raise ArchiveError(f"categorical feature {min(missing)} is not there.")
    return found


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("feature_id") or entry["flat_feature_index"])


def _tell_unused(every: Mapping[str, Any], asked: Set[int]) -> tuple[str, ...]:
    """A sentence about features that are no numbers and that no tree asks for."""
    names = [
        str(entry.get("feature_id") or entry.get("flat_feature_index"))
        for kind in ("categorical_features", "text_features", "embedding_features")
        for entry in list_of(every.get(kind), kind)
        if isinstance(entry, dict)
        and not (kind == "categorical_features" and entry.get("feature_index") in asked)
    ]
    if not names:
        return ()
    return (f"no tree asks for these features, so they are left out: {', '.join(names)}",)


def _find_splits(trees: Sequence[Any]) -> list[dict[str, Any]]:
    """All questions of all trees.

    Raises: UnsupportedError, for those about texts and the like, each kind once.
    """
    found: list[dict[str, Any]] = []
    stack: list[Any] = list(trees)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            splits = [item.get("split"), *list_of(item.get("splits"), "splits")]
            found += [split for split in splits if isinstance(split, dict)]
            stack += [item.get("left"), item.get("right")]
    kinds = {str(split.get("split_type")) for split in found}
    if others := sorted(kinds - set(ASKED)):
        reasons = {kind: OTHER_FEATURES.get(kind, "it is not known") for kind in others}
        raise UnsupportedError(
            [Problem("features", kind, why, ADVICE, "part") for kind, why in reasons.items()]
        )
    return found


class _Questions:
    """What the trees of a file ask for: numbers, then codes of categories, then statistics.

    asked are the indices of the categorical features that they ask for.
    """

    def __init__(self, document: Mapping[str, Any], splits: Sequence[dict[str, Any]]) -> None:
        every = document["features_info"]
        self.features = _read_features(every)
        exact: dict[int, set[int]] = defaultdict(set)
        for split in splits:
            if split.get("split_type") == "OneHotFeature":
                exact[whole(split, "cat_feature_index")].add(_read_hash(split))
        is_counted = any(split.get("split_type") == "OnlineCtr" for split in splits)
        self.asked = set(exact)
        if is_counted:
            self.asked |= {
                whole(element, "cat_feature_index")
                for entry in list_of(every.get("ctrs"), "ctrs")
                for element in list_of(
                    isinstance(entry, dict) and entry.get("elements"), "elements"
                )
                if isinstance(element, dict) and "cat_feature_index" in element
            }
        self.categories = _read_categories(every, self.asked)
        self.codes = {index: tuple(sorted(hashes)) for index, hashes in exact.items()}
        self.statistics = read_statistics(every, self._read_part) if is_counted else ()
        check_binarizations(document["model_info"], self.statistics)
        tables: tuple[Table, ...] = ()
        self.places: dict[int, int] = {}
        has_fractions = False
        if self.statistics:
            data = get(document, "ctr_data", dict)
            tables, self.places, has_fractions = make_tables(self.statistics, data)
        self.columns_of_codes = {
            index: len(self.features) + n
            for n, index in enumerate(sorted(self.codes, key=lambda i: self.categories[i].place))
        }
        own: list[Feature | Category] = [*self.features.values(), *self.categories.values()]
        own.sort(key=lambda feature: feature.flat)
        if len({feature.flat for feature in own}) < len(own):
            raise ArchiveError("two features have the same flat_feature_index.")
        self.names = tuple(feature.name for feature in own)
        place = {feature.flat: n for n, feature in enumerate(own)}
        by_place = sorted(self.features.values(), key=lambda feature: feature.place)
        self.hashed = (
            Hashed(
                numbers=tuple(place[feature.flat] for feature in by_place),
                texts=tuple(place[category.flat] for category in self.categories.values()),
                codes=tuple(
                    (self.categories[index].place, self.codes[index])
                    for index in self.columns_of_codes
                ),
                tables=tables,
                flat=(
                    *(feature.flat for feature in by_place),
                    *(category.flat for category in self.categories.values()),
                ),
                has_fractions=has_fractions,
            )
            if self.categories
            else None
        )
        self.width = self.hashed.width if self.hashed else len(self.features)
        # Questions about statistics are numbered behind those of numbers and single categories.
        listed = list_of(every.get("categorical_features"), "categorical_features")
        self.first_border = sum(feature.borders for feature in self.features.values())
        self.first_border += sum(len(list_of(entry.get("values"), "values")) for entry in listed)
        sizes = [len(statistic.borders) for statistic in self.statistics]
        self.ends = self.first_border + np.cumsum(sizes, dtype=np.int64)

    def _read_part(self, element: Any) -> Part:
        """An element of a combination."""
        kind = element["combination_element"]
        if kind == "float_feature":
            feature = self._number(element, "a combination")
            part = PartKind.ABOVE_OR_MISSING if feature.kind == Kind.RIGHT else PartKind.ABOVE
            return feature.place, int(part), number_of(element.get("border"), "a border")
        column = len(self.features) + self.categories[whole(element, "cat_feature_index")].place
        if kind == "cat_feature_value":
            return column, int(PartKind.VALUE), 0.0
        return column, int(PartKind.EQUAL), float(_read_hash(element))

    def _number(self, entry: Any, what: str) -> Feature:
        feature = self.features.get(whole(entry, "float_feature_index"))
        if feature is None:
            raise ArchiveError(f"{what} asks for a feature that is not there.")
        return feature

    def read(self, split: Any, number: int) -> Question:
        """A question of tree number.

        Raises: ArchiveError.
        """
        kind = split.get("split_type") if isinstance(split, dict) else None
        if kind == "OneHotFeature":
            index = whole(split, "cat_feature_index")
            code = self.codes[index].index(_read_hash(split))
            return Question(self.columns_of_codes[index], Kind.SET, 0.5, code)
        if kind == "OnlineCtr":
            return self._read_statistic(split, number)
        feature = self._number(split, f"tree {number}")
        border = number_of(split.get("border"), "a border")
        return Question(feature.place, int(feature.kind), border)

    def _read_statistic(self, split: Any, number: int) -> Question:
        """A question about a statistic, which is known by its number among all questions only."""
        index = whole(split, "split_index")
        which = int(np.searchsorted(self.ends, index, side="right"))
        if index < self.first_border or which >= len(self.statistics):
            raise ArchiveError(f"tree {number} asks for a CTR that is not there.")
        statistic = self.statistics[which]
        border = statistic.borders[index - int(self.ends[which])]
        told = number_of(split.get("border"), "a border"), split.get("ctr_target_border_idx")
        if told != (border, statistic.target):
            raise ArchiveError(f"tree {number} asks for another CTR than its split_index.")
        column = len(self.features) + len(self.codes) + self.places[which]
        return Question(column, int(Kind.PLAIN), border)


def _read_hash(entry: Mapping[str, Any]) -> int:
    """32 bits of a category's hash, as a number with a sign, however they are written."""
    value = whole(entry, "value", -(2**31), 2**32)
    return value - 2**32 if value >= 2**31 else value


def _read_scale(document: Mapping[str, Any]) -> tuple[float, Any]:
    """What the sum is multiplied by, and what is added then, for each output."""
    found = document.get("scale_and_bias")
    if not isinstance(found, list) or len(found) != 2:
        raise ArchiveError('"scale_and_bias" is missing, so it is no model of CatBoost.')
    scale = number_of(found[0], "scale")
    bias = np.array(numbers_of(found[1] if isinstance(found[1], list) else [found[1]], "bias"))
    if not 0 < len(bias) <= OUTPUTS_MOST or not np.isfinite([scale, *bias]).all():
        raise ArchiveError('"scale_and_bias" is no scale and no bias.')
    return scale, bias


def _read_labels(info: Mapping[str, Any], outputs: int) -> tuple[str, ...]:
    """The names of the classes, where there is one for each, or two for a single output."""
    facts = info.get("class_params")
    names = facts.get("class_names") if isinstance(facts, dict) else None
    wanted = 2 if outputs == 1 else outputs
    if not isinstance(names, list) or len(names) != wanted:
        return ()
    labels = tuple(str(name) for name in names if isinstance(name, (str, int, float)))
    return labels if len(set(labels)) == wanted else ()


def _read_link(info: Mapping[str, Any]) -> Link:
    """What becomes of the sum, by the loss that was trained."""
    parameters = info.get("params")
    loss = parameters.get("loss_function", {}) if isinstance(parameters, dict) else {}
    name = str(loss.get("type")) if isinstance(loss, dict) else "None"
    link = LINK_OF.get(name)
    if link is None:
        raise refuse(
            "loss_function",
            name,
            "what becomes of the sum of the trees is not known",
            "Train with one of CatBoost's own losses, as RMSE, Logloss or MultiClass.",
        )
    return link


def _bound(border: Any) -> Any:
    """What a float32 must reach to exceed the border."""
    with np.errstate(over="ignore"):
        return np.nextafter(np.asarray(border, np.float32), np.float32(np.inf))


def _read_oblivious(tree: Any, number: int, questions: _Questions, outputs: int) -> Tree:
    """A tree that asks the same on all nodes of a level; bit i of a leaf's number is answer i."""
    splits = tree.get("splits") if isinstance(tree, dict) else None
    splits = [] if splits is None and isinstance(tree, dict) else splits
    if not isinstance(splits, list) or len(splits) > MAX_OBLIVIOUS_DEPTH:
        raise ArchiveError(f"tree {number} has no questions, or more than {MAX_OBLIVIOUS_DEPTH}.")
    values = np.array(numbers_of(tree.get("leaf_values"), f"leaf values of tree {number}"))
    leaves = 2 ** len(splits)
    if len(values) != leaves * outputs:
        raise ArchiveError(f"tree {number} has {len(values)} values for {leaves} leaves.")
    asked = [questions.read(split, number) for split in reversed(splits)]
    # The last answer is the leaf number's highest bit, so it is asked first: leaves are in order.
    count = 2 * leaves - 1
    level = np.repeat(np.arange(len(asked)), [2**n for n in range(len(asked))])
    node = np.arange(count)
    is_leaf = node >= leaves - 1

    def join(array: Any, dtype: Any) -> Any:
        spread = np.asarray(array, dtype)[level] if len(asked) else np.zeros(0, dtype)
        return np.concatenate([spread, np.zeros(leaves, dtype)])

    return Tree(
        left=np.where(is_leaf, -1, 2 * node + 1),
        right=np.where(is_leaf, -1, 2 * node + 2),
        is_leaf=is_leaf,
        feature=join([question.column for question in asked], np.int64),
        kind=join([question.kind for question in asked], np.int64),
        bound=join(_bound([question.border for question in asked]), np.float32),
        leaf=np.where(is_leaf, node - (leaves - 1), 0),
        values=values.reshape(leaves, outputs),
        sets={
            place: np.array([asked[n].code])
            for place, n in enumerate(level.tolist())
            if asked[n].code >= 0
        },
    )


def _read_nested(tree: Any, number: int, questions: _Questions, outputs: int) -> Tree:
    """A tree whose nodes hold their children."""
    nodes: list[Question] = []
    children: list[list[int]] = []
    values: list[list[float]] = []
    leaf: list[int] = []
    stack = [(tree, -1, 0, 0)]
    while stack:
        item, parent, side, depth = stack.pop()
        if not isinstance(item, dict) or depth > MAX_TREE_DEPTH:
            raise ArchiveError(f"tree {number} has a node that is none, or is too deep.")
        if parent >= 0:
            children[parent][side] = len(nodes)
        children.append([-1, -1])
        if "split" in item:
            stack += [
                (item.get(name), len(nodes), place, depth + 1)
                for place, name in enumerate(("left", "right"))
            ]
            nodes.append(questions.read(item["split"], number))
            leaf.append(-1)
        else:
            value = item.get("value")
            own = numbers_of(value if isinstance(value, list) else [value], "a leaf's value")
            if len(own) != outputs:
                raise ArchiveError(f"tree {number} has a leaf of {len(own)} values.")
            nodes.append(NO_QUESTION)
            leaf.append(len(values))
            values.append(own)
    sides = np.array(children, np.int64)
    return Tree(
        left=sides[:, 0],
        right=sides[:, 1],
        is_leaf=np.array(leaf) >= 0,
        feature=np.array([node.column for node in nodes], np.int64),
        kind=np.array([node.kind for node in nodes], np.int64),
        bound=_bound([node.border for node in nodes]),
        leaf=np.maximum(np.array(leaf, np.int64), 0),
        values=np.array(values),
        sets={place: np.array([node.code]) for place, node in enumerate(nodes) if node.code >= 0},
    )
