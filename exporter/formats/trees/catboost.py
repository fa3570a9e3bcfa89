"""CatBoost's models saved as JSON: oblivious trees, and those of grow_policy Depthwise, Lossguide.

Source: catboost/libs/model/model_export/json_model_helpers.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, Problem, UnsupportedError
from exporter.formats.trees.ensemble import NO_TREES, Kind, Tree, grow
from exporter.formats.trees.model import Booster, Link, refuse

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
    "OneHotFeature": "the file holds hashes of categories instead of the categories",
    "OnlineCtr": "statistics of categories are looked up by hashes",
    "TextFeature": "texts are looked up in dictionaries",
    "EmbeddingFeature": "embeddings are compared with statistics",
}


@dataclass(frozen=True)
class Feature:
    """A feature of numbers: its place among these, its name, and where a missing value goes."""

    place: int
    name: str
    kind: Kind


def read_document(document: Mapping[str, Any]) -> Booster:
    """The model of a parsed file.

    Raises: ArchiveError, when it is damaged or no model; UnsupportedError, for what cannot be
    exported.
    """
    info = _get(document, "model_info", dict)
    every = _get(document, "features_info", dict)
    scale, base = _read_scale(document)
    found = document.get("oblivious_trees", document.get("trees"))
    if not isinstance(found, list) or not found:
        raise ArchiveError(NO_TREES)
    read = _read_oblivious if "oblivious_trees" in document else _read_nested
    _check_splits(found)
    features = _read_features(every)  # where all of them are categories, trees ask for these
    trees = [read(tree, number, features, len(base)) for number, tree in enumerate(found)]
    link = _read_link(info)
    body = grow(
        trees,
        len(features),
        base=np.zeros(len(base)),
        target=[0] * len(trees),
        compare="float32",
        total="float64",
    )
    names = tuple(feature.name for feature in features.values())
    is_named = names != tuple(str(number) for number in range(len(names))) and all(names)
    return Booster(
        body=body,
        link=link,
        scale=scale,
        offset=base,
        names=names if is_named else (),
        categories={},
        version=_read_version(info),
        warnings=_tell_unused(every),
        labels=_read_labels(info, len(base)) if link in ("sigmoid", "softmax") else (),
    )


def _get(values: Mapping[str, Any], name: str, kind: type) -> Any:
    found = values.get(name)
    if not isinstance(found, kind):
        raise ArchiveError(f'"{name}" is missing, so it is no model of CatBoost, or damaged.')
    return found


def _read_version(info: Mapping[str, Any]) -> str:
    text = str(info.get("catboost_version_info", ""))
    marker = "CatBoost release "
    return text.partition(marker)[2].partition(" ")[0].rstrip(".") or "unknown"


def _read_features(every: Mapping[str, Any]) -> dict[int, Feature]:
    """The features of numbers, by the index that trees know them by."""
    found = {}
    entries = _get(every, "float_features", list)
    entries = sorted(entries, key=lambda entry: _whole(entry, "flat_feature_index"))
    for place, entry in enumerate(entries):
        kind = NAN_KINDS.get(str(entry.get("nan_value_treatment", "AsIs")))
        if kind is None:
            raise ArchiveError(f"feature {place} does not tell what becomes of missing values.")
        name = str(entry.get("feature_id") or entry["flat_feature_index"])
        found[_whole(entry, "feature_index")] = Feature(place, name, kind)
    if len(found) != len(entries):
        raise ArchiveError("two features have the same index.")
    return found


def _tell_unused(every: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence about features that are no numbers and that no tree asks for."""
    names = [
        str(entry.get("feature_id") or entry.get("flat_feature_index"))
        for kind in ("categorical_features", "text_features", "embedding_features")
        for entry in _optional_list(every.get(kind), kind)
        if isinstance(entry, dict)
    ]
    if not names:
        return ()
    return (f"no tree asks for these features, so they are left out: {', '.join(names)}",)


def _whole(entry: Any, name: str) -> int:
    number = entry.get(name) if isinstance(entry, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**31:
        raise ArchiveError(f'"{name}" is missing, or no number.')
    return number


def _optional_list(value: Any, what: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ArchiveError(f'"{what}" is no list.')
    return value or []


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArchiveError(f"{what} is no number.")
    try:
        return float(value)
    except OverflowError as error:
        raise ArchiveError(f"{what} is too large.") from error


def _numbers(values: Any, what: str) -> list[float]:
    if not isinstance(values, list):
        raise ArchiveError(f"{what} are missing.")
    return [_number(value, what) for value in values]


def _read_scale(document: Mapping[str, Any]) -> tuple[float, Any]:
    """What the sum is multiplied by, and what is added then, for each output."""
    found = document.get("scale_and_bias")
    if not isinstance(found, list) or len(found) != 2:
        raise ArchiveError('"scale_and_bias" is missing, so it is no model of CatBoost.')
    scale = _number(found[0], "scale")
    bias = np.array(_numbers(found[1] if isinstance(found[1], list) else [found[1]], "bias"))
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


def _check_splits(trees: Sequence[Any]) -> None:
    """Refuse questions about anything but numbers, each kind once.

    Raises: UnsupportedError.
    """
    kinds: set[str] = set()
    stack: list[Any] = list(trees)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            splits = [item.get("split"), *_optional_list(item.get("splits"), "splits")]
            kinds |= {str(s.get("split_type")) for s in splits if isinstance(s, dict)}
            stack += [item.get("left"), item.get("right")]
    if others := sorted(kinds - {"FloatFeature"}):
        reasons = {kind: OTHER_FEATURES.get(kind, "it is not known") for kind in others}
        raise UnsupportedError(
            [Problem("features", kind, why, ADVICE, "part") for kind, why in reasons.items()]
        )


def _read_split(split: Any, features: Mapping[int, Feature], number: int) -> tuple[int, int, float]:
    """A question's feature, its kind, and the border that must be exceeded to go right."""
    feature = features.get(_whole(split, "float_feature_index"))
    if feature is None:
        raise ArchiveError(f"tree {number} asks for a feature that is not there.")
    return feature.place, int(feature.kind), _number(split.get("border"), "a border")


def _bound(border: Any) -> Any:
    """What a float32 must reach to exceed the border."""
    with np.errstate(over="ignore"):
        return np.nextafter(np.asarray(border, np.float32), np.float32(np.inf))


def _read_oblivious(tree: Any, number: int, features: Mapping[int, Feature], outputs: int) -> Tree:
    """A tree that asks the same on all nodes of a level; bit i of a leaf's number is answer i."""
    splits = tree.get("splits") if isinstance(tree, dict) else None
    splits = [] if splits is None and isinstance(tree, dict) else splits
    if not isinstance(splits, list) or len(splits) > MAX_OBLIVIOUS_DEPTH:
        raise ArchiveError(f"tree {number} has no questions, or more than {MAX_OBLIVIOUS_DEPTH}.")
    values = np.array(_numbers(tree.get("leaf_values"), f"leaf values of tree {number}"))
    leaves = 2 ** len(splits)
    if len(values) != leaves * outputs:
        raise ArchiveError(f"tree {number} has {len(values)} values for {leaves} leaves.")
    asked = [_read_split(split, features, number) for split in reversed(splits)]
    # The last answer is the leaf number's highest bit, so it is asked first: leaves are in order.
    count = 2 * leaves - 1
    level = np.repeat(np.arange(len(asked)), [2**n for n in range(len(asked))])
    feature, kind, border = (np.array([item[i] for item in asked]) for i in range(3))
    node = np.arange(count)
    is_leaf = node >= leaves - 1

    def join(array: Any, dtype: Any) -> Any:
        spread = np.asarray(array, dtype)[level] if len(asked) else np.zeros(0, dtype)
        return np.concatenate([spread, np.zeros(leaves, dtype)])

    return Tree(
        left=np.where(is_leaf, -1, 2 * node + 1),
        right=np.where(is_leaf, -1, 2 * node + 2),
        is_leaf=is_leaf,
        feature=join(feature, np.int64),
        kind=join(kind, np.int64),
        bound=join(_bound(border), np.float32),
        leaf=np.where(is_leaf, node - (leaves - 1), 0),
        values=values.reshape(leaves, outputs),
    )


def _read_nested(tree: Any, number: int, features: Mapping[int, Feature], outputs: int) -> Tree:
    """A tree whose nodes hold their children."""
    nodes: list[tuple[int, int, float]] = []
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
            nodes.append(_read_split(item["split"], features, number))
            leaf.append(-1)
        else:
            value = item.get("value")
            own = _numbers(value if isinstance(value, list) else [value], "a leaf's value")
            if len(own) != outputs:
                raise ArchiveError(f"tree {number} has a leaf of {len(own)} values.")
            nodes.append((0, 0, 0.0))
            leaf.append(len(values))
            values.append(own)
    sides = np.array(children, np.int64)
    return Tree(
        left=sides[:, 0],
        right=sides[:, 1],
        is_leaf=np.array(leaf) >= 0,
        feature=np.array([node[0] for node in nodes], np.int64),
        kind=np.array([node[1] for node in nodes], np.int64),
        bound=_bound([node[2] for node in nodes]),
        leaf=np.maximum(np.array(leaf, np.int64), 0),
        values=np.array(values),
    )
