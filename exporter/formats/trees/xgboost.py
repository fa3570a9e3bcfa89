"""XGBoost's own files, JSON and UBJSON, from 1.0 on: gbtree, dart and gblinear.

Source: xgboost, src/learner.cc, src/gbm/gbtree.cc, src/tree/tree_model.cc, and doc/model.schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, UnsupportedError, counted
from exporter.formats.trees.ensemble import (
    NAN_RIGHT,
    Ensemble,
    Floats,
    Kind,
    Tree,
    grow,
)
from exporter.formats.trees.model import Booster, Linear, Link, refuse

FEATURES_MOST = 100_000
OUTPUTS_MOST = 100_000
# Objectives by the first version that makes this of the sum.
SINCE = {"binary:logitraw": (1, 4)}  # before it base_score was a probability
SORTED_SINCE = (3, 4)  # quantiles that are predicted together are put in order

# Objectives by what becomes of the sum; base_score is written as it is after that.
LINKS: dict[Link, tuple[str, ...]] = {
    "identity": (
        "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror",
        "reg:absoluteerror", "reg:quantileerror", "reg:expectileerror", "binary:logitraw",
        "rank:pairwise", "rank:ndcg", "rank:map",
    ),
    "sigmoid": ("binary:logistic", "reg:logistic"),
    "exponential": ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"),
    "softmax": ("multi:softprob", "multi:softmax"),
    "step": ("binary:hinge",),
}  # fmt: skip
LINK_OF = {objective: link for link, names in LINKS.items() for objective in names}


def read_document(document: Mapping[str, Any]) -> Booster:
    """The model of a parsed file.

    Raises: ArchiveError, when it is damaged or no model; UnsupportedError, for what cannot be
    exported.
    """
    learner = _get(document, "learner", dict)
    booster = _get(learner, "gradient_booster", dict)
    version = _read_version(document)
    facts = _get(learner, "learner_model_param", dict)
    features = _whole(facts, "num_feature", 1, FEATURES_MOST)
    classes = _whole(facts, "num_class", 0, OUTPUTS_MOST, "0")
    outputs = max(1, classes, _whole(facts, "num_target", 1, OUTPUTS_MOST, "1"))
    objective = str(_get(learner, "objective", dict).get("name"))
    link = LINK_OF.get(objective)
    if link is None or version < SINCE.get(objective, ()):
        raise _refuse_objective(objective)
    if objective == "reg:quantileerror" and version >= SORTED_SINCE and outputs > 1:
        link = "sorted"
    if objective == "reg:expectileerror" and outputs > 1:
        raise refuse(
            "objective",
            objective,
            f"it predicts {outputs} expectiles, each from the one before",
            "Train a model for each expectile.",
        )
    base = _read_base(facts.get("base_score", "0.5"), outputs, link)
    warnings: list[str] = []
    if objective == "multi:softmax":
        warnings.append(
            "the objective multi:softmax gives the number of the best class; here the scores are"
            " the classes' probabilities, and the label the best class's"
        )
    kind = booster.get("name", "gbtree")
    if kind == "gblinear":
        body: Ensemble | Linear = _read_linear(_get(booster, "model", dict), features, base)
    elif kind in ("gbtree", "dart"):
        body = _read_trees(booster, kind, features, base, _attributes(learner), warnings)
    else:
        raise refuse("gradient_booster", str(kind), "it is not known", "Train with gbtree.")
    return Booster(
        body=body,
        link=link,
        names=_read_names(learner, features),
        categories=_read_categories(booster, features),
        version=".".join(map(str, version)) or "unknown",
        warnings=tuple(warnings),
    )


def _refuse_objective(objective: str) -> UnsupportedError:
    return refuse(
        "objective",
        objective,
        "what becomes of the sum of the trees is not in the file, or not known for its version",
        "Load the model with XGBoost and give it an objective whose predictions are the same, as"
        ' booster.set_param({"objective": "binary:logistic"}), then save it again.',
    )


def _get(values: Mapping[str, Any], name: str, kind: type) -> Any:
    """A part of the file, of this type.

    Raises: ArchiveError, when it is not there.
    """
    found = values.get(name) if isinstance(values, Mapping) else None
    if not isinstance(found, kind):
        raise ArchiveError(f'"{name}" is missing, so it is no model of XGBoost, or damaged.')
    return found


def _whole(
    values: Mapping[str, Any], name: str, least: int, most: int, default: str | None = None
) -> int:
    """A whole number, which files hold as text."""
    text = values.get(name, default)
    if isinstance(text, bool) or not isinstance(text, (str, int)):
        raise ArchiveError(f'"{name}" is missing, or no number.')
    if not re.fullmatch(r"[+-]?\d{1,18}", str(text)) or not least <= int(text) <= most:
        raise ArchiveError(f'"{name}" is {str(text)[:40]!r}, not from {least} to {most:,}.')
    return int(text)


def _read_version(document: Mapping[str, Any]) -> tuple[int, ...]:
    """The version of XGBoost that wrote the file."""
    return tuple(_array(document.get("version"), "version", "int64")[:3].tolist())


def _list(values: Any, name: str) -> Sequence[Any]:
    """A list, or an array of UBJSON."""
    if isinstance(values, np.ndarray):
        return values.tolist()  # type: ignore[no-any-return]
    if not isinstance(values, list):
        raise ArchiveError(f'"{name}" is missing, or no list.')
    return values


def _array(values: Any, name: str, dtype: str, length: int | None = None) -> np.ndarray[Any, Any]:
    """A list of numbers, or an array of UBJSON, as numpy's.

    Raises: ArchiveError, when it holds anything else, or not this many.
    """
    try:
        array = np.asarray(values if isinstance(values, (list, np.ndarray)) else None)
        if array.size == 0:
            array = np.zeros(0, dtype)
        if array.ndim != 1 or array.dtype.kind not in "biuf":
            raise ValueError("no list of numbers")
        with np.errstate(over="ignore", invalid="ignore"):
            result = array.astype(dtype)
            if result.dtype.kind == "i" and not (result == array).all():
                raise ValueError("numbers too large")
    except (ValueError, OverflowError) as error:
        raise ArchiveError(f'"{name}" is not a list of numbers ({error}).') from error
    if length is not None and len(result) != length:
        raise ArchiveError(f'"{name}" has {counted(len(result), "number")} instead of {length:,}.')
    return result


def _attributes(learner: Mapping[str, Any]) -> Mapping[str, Any]:
    found = learner.get("attributes", {})
    return found if isinstance(found, dict) else {}


def _read_base(text: Any, outputs: int, link: str) -> Floats:
    """base_score, one for all outputs or one for each, as it is added: before the link."""
    parts = str(text).strip().removeprefix("[").removesuffix("]").split(",")
    try:
        values = np.array([float(part) for part in parts], np.float32)
    except ValueError:
        values = np.full(1, np.nan, np.float32)
    if len(values) not in (1, outputs):
        raise ArchiveError(
            f"base_score has {counted(len(values), 'number')} for {counted(outputs, 'output')}."
        )
    one = np.float32(1)
    with np.errstate(all="ignore"):
        if link == "sigmoid":
            values = -_log(one / values - one)
        elif link == "exponential":
            values = _log(values)
    if not np.isfinite(values).all():
        raise ArchiveError(f"base_score is {str(text)[:40]!r}, which the objective cannot be.")
    return np.resize(values, outputs)


def _log(values: Floats) -> Floats:
    """Logarithms as C's logf gives them: correctly rounded, which numpy's own are not always."""
    logs = [math.log(value) if value > 0 else math.nan for value in values.tolist()]
    return np.array(logs, np.float32)


def _read_names(learner: Mapping[str, Any], features: int) -> tuple[str, ...]:
    """The features' names, none where the file has none."""
    names = learner.get("feature_names") or []
    if not isinstance(names, list) or any(not isinstance(name, str) for name in names):
        raise ArchiveError('"feature_names" is no list of names.')
    if names and len(names) != features:
        raise ArchiveError(
            f'"feature_names" has {counted(len(names), "name")} for {counted(features, "feature")}.'
        )
    return tuple(names)


def _read_categories(booster: Mapping[str, Any], features: int) -> Mapping[int, tuple[Any, ...]]:
    """By feature, the categories that the numbers of categories stand for, where 3.1 and newer
    wrote them."""
    model = _get(booster.get("gbtree", booster), "model", dict)
    every = model.get("cats", {}).get("enc", []) if isinstance(model.get("cats", {}), dict) else []
    if not isinstance(every, list) or len(every) not in (0, features):
        raise ArchiveError('"cats" does not fit the features.')
    found: dict[int, tuple[Any, ...]] = {}
    for feature, entry in enumerate(every):
        if not isinstance(entry, dict):
            raise ArchiveError('"cats" does not hold categories.')
        values = entry.get("values", [])
        if not _list(values, "values"):
            continue
        if "offsets" not in entry:
            found[feature] = tuple(_list(values, "values"))
            continue
        offsets = _array(entry["offsets"], "offsets", "int64")
        text = (_array(values, "values", "int64") & 0xFF).astype(np.uint8).tobytes()
        if not len(offsets) or (np.diff(offsets, prepend=0) < 0).any() or offsets[-1] != len(text):
            raise ArchiveError('"offsets" of categories are out of order.')
        if not text.isascii():
            # XGBoost 3.2 counts letters and cuts bytes, so that words are missing and run together.
            raise refuse(
                f"feature {feature}",
                "cats",
                "its categories are not all in ASCII, and XGBoost writes such ones wrongly",
                "Train with the categories as whole numbers, or in ASCII.",
            )
        found[feature] = tuple(text[a:b].decode() for a, b in pairwise(offsets.tolist()))
    return found


def _read_linear(model: Mapping[str, Any], features: int, base: Floats) -> Linear:
    """gblinear: for each feature a weight for each output, then their bias."""
    outputs = len(base)
    weights = _array(model.get("weights"), "weights", "float32", (features + 1) * outputs)
    if not np.isfinite(weights).all():
        raise ArchiveError('"weights" holds what is not finite.')
    weights = weights.reshape(features + 1, outputs)
    # XGBoost adds the first base_score to all outputs, also where each has its own.
    return Linear(weights[:-1], weights[-1] + base[0])


def _read_trees(
    booster: Mapping[str, Any],
    kind: str,
    features: int,
    base: Floats,
    attributes: Mapping[str, Any],
    warnings: list[str],
) -> Ensemble:
    """gbtree and dart: trees up to the best iteration."""
    inner = _get(booster, "gbtree", dict) if kind == "dart" else booster
    model = _get(inner, "model", dict)
    every = _get(model, "trees", list)
    facts = _get(model, "gbtree_model_param", dict)
    claimed = _whole(facts, "num_trees", 0, 2**31)
    if claimed != len(every):
        raise ArchiveError(f"it claims {counted(claimed, 'tree')} and holds {len(every):,}.")
    target = _array(model.get("tree_info"), "tree_info", "int64", len(every)).tolist()
    outputs = len(base)
    trees = [_read_tree(tree, number, outputs) for number, tree in enumerate(every)]
    is_vector = any(tree.values.shape[1] > 1 for tree in trees)
    weights = _read_weights(booster, model, len(every))
    trees = [_weigh(tree, weight) for tree, weight in zip(trees, weights, strict=True)]
    used = _count_used(model, facts, attributes, len(trees), 1 if is_vector else outputs)
    if used < len(trees):
        best = attributes["best_iteration"]
        warnings.append(
            f"training stopped early, iteration {best} was the best: {used} of"
            f" {counted(len(trees), 'tree')}"
            " are scored, as XGBClassifier and XGBRegressor do. Booster.predict() takes all trees"
            " unless it is told iteration_range; delete the attribute best_iteration to get that"
        )
    if is_vector:
        target = [0] * len(trees)
    return grow(trees[:used], features, base, target[:used], "float32", "float32")


def _count_used(
    model: Mapping[str, Any],
    facts: Mapping[str, Any],
    attributes: Mapping[str, Any],
    trees: int,
    groups: int,
) -> int:
    """How many trees there are up to the best iteration, all where training did not stop early."""
    if "best_iteration" not in attributes:
        return trees
    best = _whole(attributes, "best_iteration", 0, 2**31)
    if "iteration_indptr" in model:
        ends = _array(model["iteration_indptr"], "iteration_indptr", "int64")
        if best + 1 >= len(ends):
            raise ArchiveError(f"best_iteration is {best}, of {len(ends) - 1} iterations.")
        used = int(ends[best + 1])
    elif "num_parallel_tree" not in facts and "best_ntree_limit" in attributes:
        used = _whole(attributes, "best_ntree_limit", 1, 2**31) * groups
    else:
        used = (best + 1) * groups * _whole(facts, "num_parallel_tree", 1, 2**31, "1")
    if not 0 < used <= trees:
        raise ArchiveError(
            f"best_iteration is {best}, which needs {counted(used, 'tree')} of {trees}."
        )
    return used


def _read_weights(booster: Mapping[str, Any], model: Mapping[str, Any], trees: int) -> Floats:
    """What dart gives each tree, 1 where nothing is told: 3.3 moved them, 3.4 once more."""
    found = [place["weight_drop"] for place in (model, booster) if "weight_drop" in place]
    if not found and booster.get("name") == "dart":
        raise ArchiveError('"weight_drop" is missing: a model of dart needs it.')
    given = _array(found[-1], "weight_drop", "float32") if found else np.zeros(0, np.float32)
    if len(given) > trees or not np.isfinite(given).all():
        raise ArchiveError(f'"weight_drop" does not fit the {counted(trees, "tree")}.')
    return np.append(given, np.ones(trees - len(given), np.float32))


def _weigh(tree: Tree, weight: Any) -> Tree:
    """A tree of dart, whose leaves are rounded to float32 again when they are weighed."""
    return replace(tree, values=tree.values * np.float32(weight))


def _read_tree(tree: Any, number: int, outputs: int) -> Tree:
    """One tree of the file."""
    if not isinstance(tree, dict):
        raise ArchiveError(f"tree {number} is no tree.")
    left = _array(tree.get("left_children"), "left_children", "int64")
    count = len(left)
    right = _array(tree.get("right_children"), "right_children", "int64", count)
    feature = _array(tree.get("split_indices"), "split_indices", "int64", count)
    bound = _array(tree.get("split_conditions"), "split_conditions", "float32", count)
    is_default_left = _array(tree.get("default_left"), "default_left", "int64", count) != 0
    width = _whole(_get(tree, "tree_param", dict), "size_leaf_vector", 0, OUTPUTS_MOST, "0")
    is_leaf = left == -1
    leaf = np.where(is_leaf, np.cumsum(is_leaf) - 1, 0)
    if width <= 1:
        values = bound[is_leaf][:, None]
    elif "leaf_weights" in tree:  # 3.1 and newer: a leaf's right child is its number among them
        weights = _array(tree["leaf_weights"], "leaf_weights", "float32")
        values = _by_row(weights, width, number)
        leaf = np.where(is_leaf, right, 0)
    else:
        weights = _array(tree.get("base_weights"), "base_weights", "float32", count * width)
        values = _by_row(weights, width, number)[is_leaf]
    kind = np.where(is_default_left, Kind.PLAIN, Kind.RIGHT)
    sets = _read_sets(tree, count, number)
    split_type = tree.get("split_type")
    if split_type is not None and np.size(split_type):
        is_set = ~is_leaf & (_array(split_type, "split_type", "int64", count) == 1)
        kind = np.where(is_set, Kind.SET + np.where(is_default_left, 0, NAN_RIGHT), kind)
    return Tree(left, right, is_leaf, feature, kind, bound, leaf, values, sets)


def _by_row(weights: Floats, width: int, number: int) -> Floats:
    if len(weights) % width:
        raise ArchiveError(
            f"tree {number} has leaves of {counted(width, 'value')}, and not all of them."
        )
    return weights.reshape(-1, width)


def _read_sets(tree: Mapping[str, Any], count: int, number: int) -> dict[int, Any]:
    """The categories that go right, by node."""
    nodes = _array(tree.get("categories_nodes", []), "categories_nodes", "int64")
    if not len(nodes):
        return {}
    starts = _array(tree.get("categories_segments"), "categories_segments", "int64", len(nodes))
    sizes = _array(tree.get("categories_sizes"), "categories_sizes", "int64", len(nodes))
    members = _array(tree.get("categories"), "categories", "int64")
    ends = starts + sizes
    if ((starts < 0) | (sizes < 0) | (ends > len(members)) | (nodes < 0) | (nodes >= count)).any():
        raise ArchiveError(f"tree {number} has categories that are not there.")
    if len(members) and not 0 <= members.min() <= members.max() < 2**24:
        raise ArchiveError(f"tree {number} has categories beyond 16,777,215.")
    return {
        node: members[start:end]
        for node, start, end in zip(nodes.tolist(), starts.tolist(), ends.tolist(), strict=True)
    }
