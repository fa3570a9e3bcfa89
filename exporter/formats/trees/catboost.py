"""CatBoost's models saved as JSON: oblivious trees, and those of grow_policy Depthwise, Lossguide.

Source: catboost/libs/model/model_export/json_model_helpers.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, Problem, UnsupportedError, counted
from exporter.formats.trees.ensemble import NO_TREES, Tree, grow
from exporter.formats.trees.fields import get, list_of, number_of, numbers_of
from exporter.formats.trees.model import Booster, Link, refuse
from exporter.formats.trees.questions import NO_QUESTION, Question, Questions, tell_unused

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
ADVICE = "Train without such features, or turn them into numbers before CatBoost sees them."
OTHER_FEATURES = {
    "TextFeature": "texts are looked up in dictionaries",
    "EmbeddingFeature": "embeddings are compared with statistics",
}
RELEASE = re.compile(r"CatBoost release (\d+(?:\.\d+)*)", re.IGNORECASE)  # 1.2.8 says Release
ASKED = ("FloatFeature", "OneHotFeature", "OnlineCtr")  # what trees may ask for


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
    questions = Questions(document, splits)
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
        warnings=tell_unused(every, questions.asked),
        labels=_read_labels(info, len(base)) if link in ("sigmoid", "softmax") else (),
        hashed=questions.hashed,
    )


def _read_version(info: Mapping[str, Any]) -> str:
    found = RELEASE.search(str(info.get("catboost_version_info", "")))
    return found[1] if found else "unknown"


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
            "Train with one of CatBoost's own losses, as RMSE, Logloss or MultiClass; of"
            " summed models (sum_models) export each by itself.",
        )
    return link


def _bound(border: Any) -> Any:
    """What a float32 must reach to exceed the border.

    Raises: ArchiveError, for a border that no float32 is.
    """
    with np.errstate(over="ignore"):
        single = np.asarray(border, np.float32)
        if np.isinf(single).any():
            number = np.asarray(border)[np.isinf(single)].flat[0]
            raise ArchiveError(f"a tree asks for more than {number:g}, beyond all float32 numbers.")
        return np.nextafter(single, np.float32(np.inf))


def _read_oblivious(tree: Any, number: int, questions: Questions, outputs: int) -> Tree:
    """A tree that asks the same on all nodes of a level; bit i of a leaf's number is answer i."""
    splits = tree.get("splits") if isinstance(tree, dict) else None
    splits = [] if splits is None and isinstance(tree, dict) else splits
    if not isinstance(splits, list) or len(splits) > MAX_OBLIVIOUS_DEPTH:
        raise ArchiveError(f"tree {number} has no questions, or more than {MAX_OBLIVIOUS_DEPTH}.")
    values = np.array(numbers_of(tree.get("leaf_values"), f"leaf values of tree {number}"))
    leaves = 2 ** len(splits)
    if len(values) != leaves * outputs:
        raise ArchiveError(
            f"tree {number} has {counted(len(values), 'value')} for {leaves} leaves."
        )
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


def _read_nested(tree: Any, number: int, questions: Questions, outputs: int) -> Tree:
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
                raise ArchiveError(f"tree {number} has a leaf of {counted(len(own), 'value')}.")
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
