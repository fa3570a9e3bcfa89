"""Random trees, written into files as XGBoost, LightGBM and CatBoost write theirs, and rows scored
by walking what the file says, one question after another."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from exporter.engines.plpython.runtime import runtime
from exporter.formats.trees.ensemble import Ensemble

Array = np.ndarray[Any, Any]
FEATURES = 4
# Few numbers, so that rows lie on thresholds, and what stands beside them.
NUMBERS = (-1.5, -1.0, -1e-36, -0.0, 0.0, 1e-45, 1e-36, 0.1, 0.5, 1.0, 2.5, 3.0, 1e30)
CATEGORIES = 40
# A multiple of 1/64, so that no sum is rounded, however it is made.
LEAVES = st.integers(-640, 640).map(lambda n: n / 64)


@dataclass
class Question:
    """A node that asks: of a number whether it is beyond threshold, of a category whether it is
    one of the set; missing says which side a NaN goes, and zero whether a 0 does so, too."""

    feature: int
    threshold: float
    members: tuple[int, ...]
    missing: str
    zero: bool
    left: Question | float
    right: Question | float

    @property
    def is_set(self) -> bool:
        """Whether it asks for a category."""
        return bool(self.members)


@st.composite
def trees(draw: Any, depth: int = 4, sets: bool = True, zeros: bool = False) -> Question | float:
    """A tree at most so deep, perhaps a single leaf."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return float(draw(LEAVES))
    is_set = sets and draw(st.integers(0, 3)) == 0
    members = draw(st.sets(st.integers(0, CATEGORIES - 1), min_size=1, max_size=4))
    return Question(
        feature=draw(st.integers(0, FEATURES - 1)),
        threshold=draw(st.sampled_from(NUMBERS)),
        members=tuple(sorted(members)) if is_set else (),
        missing=draw(st.sampled_from(["left", "right"])),
        zero=zeros and draw(st.booleans()),
        left=draw(trees(depth - 1, sets, zeros)),
        right=draw(trees(depth - 1, sets, zeros)),
    )


def near(values: tuple[float, ...], dtype: str) -> tuple[float, ...]:
    """The values, the next ones above and below, and what is no ordinary number."""
    kind = np.dtype(dtype).type
    with np.errstate(all="ignore"):
        beside = [float(np.nextafter(kind(v), kind(s * math.inf))) for v in values for s in (-1, 1)]
    extra = (math.nan, -0.5, 2.0, 7.0, 12.5, 39.0, 40.0, 1e9, -3.0)
    return (*map(float, values), *beside, *extra)


def rows(dtype: str) -> Any:
    """Rows of hard numbers, as many as are walked and as are scored by bits."""
    row = st.lists(st.sampled_from(near(NUMBERS, dtype)), min_size=FEATURES, max_size=FEATURES)
    return st.lists(row, min_size=1, max_size=70).map(lambda found: np.array(found, np.float64))


def walk(tree: Question | float, asks: Callable[[Question], bool]) -> float:
    """The leaf that a row reaches, asks(question) is whether it goes right."""
    while isinstance(tree, Question):
        tree = tree.right if asks(tree) else tree.left
    return tree


def asked_by_xgboost(row: Array) -> Callable[[Question], bool]:
    """float32, x < t goes left; the categories of a set go right."""

    def goes_right(question: Question) -> bool:
        with np.errstate(over="ignore"):
            x = np.float32(row[question.feature])
        if np.isnan(x):
            return question.missing == "right"
        if question.is_set:
            return x >= 0 and int(x) in question.members
        return not x < np.float32(question.threshold)

    return goes_right


def asked_by_lightgbm(row: Array) -> Callable[[Question], bool]:
    """float64, x <= t goes left; the categories of a set go left; tiny numbers are 0."""

    def goes_right(question: Question) -> bool:
        x = float(row[question.feature])
        if question.is_set:
            return math.isnan(x) or int(x) not in question.members
        if abs(x) <= float(np.float32(1e-35)):
            x = 0.0
        if math.isnan(x) and question.zero:
            x = 0.0
        if math.isnan(x) or (x == 0 and question.zero):
            return question.missing == "right"
        return not x <= question.threshold

    return goes_right


def asked_by_catboost(row: Array) -> Callable[[Question], bool]:
    """float32, x > t goes right; a NaN as the feature says, here left for even features."""

    def goes_right(question: Question) -> bool:
        with np.errstate(over="ignore"):
            x = np.float32(row[question.feature])
        if np.isnan(x):
            return question.feature % 2 == 1
        return bool(x > np.float32(question.threshold))

    return goes_right


def _number(tree: Question | float) -> tuple[list[Question | float], list[tuple[int, int]]]:
    """All nodes, the root first, and their children's numbers, (-1, -1) for leaves."""
    nodes: list[Question | float] = [tree]
    children: list[tuple[int, int]] = []
    for node in nodes:  # which grows meanwhile
        if isinstance(node, Question):
            children.append((len(nodes), len(nodes) + 1))
            nodes += [node.left, node.right]
        else:
            children.append((-1, -1))
    return nodes, children


def xgboost_tree(tree: Question | float) -> dict[str, Any]:
    """A tree as XGBoost writes it."""
    nodes, children = _number(tree)
    asks = [(n, node) for n, node in enumerate(nodes) if isinstance(node, Question)]
    sets = [(n, node) for n, node in asks if node.is_set]
    sizes = [len(node.members) for _, node in sets]
    return {
        "left_children": [left for left, _ in children],
        "right_children": [right for _, right in children],
        "split_indices": [node.feature if isinstance(node, Question) else 0 for node in nodes],
        "split_conditions": [
            node.threshold if isinstance(node, Question) else node for node in nodes
        ],
        "split_type": [int(isinstance(node, Question) and node.is_set) for node in nodes],
        "default_left": [
            int(isinstance(node, Question) and node.missing == "left") for node in nodes
        ],
        "categories_nodes": [n for n, _ in sets],
        "categories_segments": np.append(0, np.cumsum(sizes))[:-1].astype(int).tolist(),
        "categories_sizes": sizes,
        "categories": [member for _, node in sets for member in node.members],
        "tree_param": {"num_nodes": str(len(nodes)), "size_leaf_vector": "1"},
    }


def xgboost_file(
    forest: list[Question | float], base: float = 0.5, **learner: Any
) -> dict[str, Any]:
    """A model of XGBoost as its JSON holds it."""
    return {
        "version": [3, 2, 0],
        "learner": {
            "attributes": {},
            "feature_names": [],
            "learner_model_param": {
                "base_score": f"[{base}]",
                "num_class": "0",
                "num_feature": str(FEATURES),
                "num_target": "1",
            },
            "objective": {"name": "reg:squarederror"},
            "gradient_booster": {
                "name": "gbtree",
                "model": {
                    "gbtree_model_param": {
                        "num_trees": str(len(forest)),
                        "num_parallel_tree": "1",
                    },
                    "tree_info": [0] * len(forest),
                    "trees": [xgboost_tree(tree) for tree in forest],
                },
            },
            **learner,
        },
    }


def as_ubjson(value: Any) -> bytes:
    """A value as UBJSON, lists of numbers as arrays of one type, as XGBoost writes them."""
    if isinstance(value, str):
        return b"S" + _count(len(value.encode())) + value.encode()
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, int):
        return b"L" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"d" + struct.pack(">f", value)
    if isinstance(value, dict):
        parts = (_count(len(k.encode())) + k.encode() + as_ubjson(v) for k, v in value.items())
        return b"{" + b"".join(parts) + b"}"
    if value and all(type(item) is int for item in value):
        return b"[$l#" + _count(len(value)) + np.array(value, ">i4").tobytes()
    if value and all(isinstance(item, (int, float)) for item in value):
        return b"[$d#" + _count(len(value)) + np.array(value, ">f4").tobytes()
    return b"[#" + _count(len(value)) + b"".join(as_ubjson(item) for item in value)


def _count(number: int) -> bytes:
    return b"L" + struct.pack(">q", number)


def lightgbm_file(forest: list[Question | float], **lines: str) -> str:
    """A model of LightGBM as its text."""
    head = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "max_feature_idx": str(FEATURES - 1),
        "objective": "regression",
        "feature_names": " ".join(f"Column_{n}" for n in range(FEATURES)),
        "tree_sizes": " ".join("1" for _ in forest),
        **lines,
    }
    text = "tree\n" + "".join(f"{name}={value}\n" for name, value in head.items())
    for number, tree in enumerate(forest):
        text += f"\nTree={number}\n{_lightgbm_tree(tree)}\n"
    return text + "end of trees\n\npandas_categorical:null\n"


def _lightgbm_tree(tree: Question | float) -> str:
    nodes, children = _number(tree)
    inner = [n for n, node in enumerate(nodes) if isinstance(node, Question)]
    leaves = [n for n, node in enumerate(nodes) if not isinstance(node, Question)]
    place = {n: k for k, n in enumerate(inner)} | {n: -1 - k for k, n in enumerate(leaves)}
    asks = [node for node in nodes if isinstance(node, Question)]
    sets = [node for node in asks if node.is_set]
    numbers = iter(range(len(sets)))
    words = [0] * (2 * len(sets))
    for k, node in enumerate(sets):
        for member in node.members:
            words[2 * k + member // 32] |= 1 << member % 32
    lines: dict[str, list[Any]] = {
        "num_leaves": [len(leaves)],
        "num_cat": [len(sets)],
        "split_feature": [node.feature for node in asks],
        "threshold": [next(numbers) if n.is_set else repr(n.threshold) for n in asks],
        "decision_type": [
            1 if n.is_set else 2 * (n.missing == "left") + (4 if n.zero else 8) for n in asks
        ],
        "left_child": [place[children[n][0]] for n in inner],
        "right_child": [place[children[n][1]] for n in inner],
        "leaf_value": [repr(nodes[n]) for n in leaves],
        "is_linear": [0],
        "shrinkage": [1],
    }
    if sets:
        lines["cat_boundaries"] = [2 * k for k in range(len(sets) + 1)]
        lines["cat_threshold"] = words
    return "".join(f"{name}={' '.join(map(str, found))}\n" for name, found in lines.items())


def catboost_file(forest: list[Question | float], **parts: Any) -> dict[str, Any]:
    """A model of CatBoost of trees that are not oblivious, as its JSON holds it."""
    features = [
        {
            "feature_index": n,
            "flat_feature_index": n,
            "feature_id": f"f{n}",
            "nan_value_treatment": "AsTrue" if n % 2 else "AsFalse",
        }
        for n in range(FEATURES)
    ]
    return {
        "model_info": {"params": {"loss_function": {"type": "RMSE"}}},
        "features_info": {"float_features": features},
        "scale_and_bias": [1, [0.5]],
        "trees": [_catboost_tree(tree) for tree in forest],
        **parts,
    }


def _catboost_tree(tree: Question | float) -> dict[str, Any]:
    if not isinstance(tree, Question):
        return {"value": tree, "weight": 1}
    return {
        "left": _catboost_tree(tree.left),
        "right": _catboost_tree(tree.right),
        "split": {
            "split_type": "FloatFeature",
            "float_feature_index": tree.feature,
            "border": float(np.float32(tree.threshold)),
        },
    }


def as_json(document: Mapping[str, Any]) -> bytes:
    """A document as the bytes of its file."""
    return json.dumps(document).encode()


def sum_leaves(ensemble: Ensemble, x: Array) -> Array:
    """What the runtime's kernel makes of an ensemble and rows: the sums, before any link."""
    names = ("columns", "members", "starts", "column", "bound", "left", "leaves", "base", "target",
             "compare", "total", "divisor")  # fmt: skip
    return runtime().trees(**{name: getattr(ensemble, name) for name in names})(x)
