"""LightGBM's own files: text, versions v2 to v4.

Source: LightGBM, src/boosting/gbdt_model_text.cpp, src/io/tree.cpp, include/LightGBM/tree.h.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, counted
from exporter.formats.json_text import parse_json
from exporter.formats.trees.ensemble import (
    INVERTED,
    NAN_RIGHT,
    NO_TREES,
    TRUNCATES,
    Floats,
    Kind,
    Tree,
    grow,
)
from exporter.formats.trees.model import Booster, Link, refuse

TINY = float(np.float32(1e-35))  # numbers of at most this size are 0
IS_CATEGORICAL, IS_DEFAULT_LEFT = 1, 2  # bits of a decision's type
MISSING_SHIFT, MISSING_NONE, MISSING_ZERO, MISSING_NAN = 2, 0, 1, 2
MOST = 2**31 - 1

# What is left of a question, by its Kind, where all numbers go left.
ONLY_MISSING = np.array(
    [Kind.ALL_LEFT, Kind.IS_NAN, Kind.ALL_LEFT, Kind.ALL_LEFT, Kind.IS_ZERO, Kind.IS_NAN]
)

LINKS: dict[Link, tuple[str, ...]] = {
    "identity": (
        "regression", "regression_l2", "regression_l1", "huber", "fair", "quantile", "mape",
        "lambdarank", "rank_xendcg",
    ),
    "exponential": ("poisson", "gamma", "tweedie"),
    "sigmoid": ("binary", "multiclassova", "cross_entropy", "xentropy"),
    "softmax": ("multiclass",),
    "log1p_exp": ("cross_entropy_lambda", "xentlambda"),
}  # fmt: skip
LINK_OF = {objective: link for link, names in LINKS.items() for objective in names}

CATEGORICAL_PARAMETER = re.compile(r"^\[categorical_(?:feature|column): ?([\d,]*)\]$", re.M)
PANDAS = "pandas_categorical:"


def leaves_trees_out(pred_early_stop: Any) -> bool:
    """Whether an estimator with this pred_early_stop ends a sum where a class is nearly certain."""
    return pred_early_stop not in (None, False, 0, "false", "-")


def read_text(text: str) -> Booster:
    """The model of a file's text.

    Raises: ArchiveError, when it is damaged or no model; UnsupportedError, for what cannot be
    exported.
    """
    head, *blocks = re.split(r"^Tree=", text, flags=re.M)
    facts = _read_lines(head)
    blocks, rest = _split_end(blocks, facts)
    features = _whole(facts, "max_feature_idx") + 1
    outputs = _whole(facts, "num_tree_per_iteration", "1")
    link, scale = _read_objective(facts)
    if "average_output" in facts and facts.get("version") == "v2" and link != "identity":
        raise refuse(
            "boosting",
            "rf",
            "a forest of version v2 holds probabilities (or other predictions) in its leaves where"
            " LightGBM before 2.2.3 trained it, and sums of which they are made where 2.2.3 did;"
            " the file does not tell which",
            "Train with LightGBM 2.3 or later. In the file, version=v3 says that it holds sums,"
            " and objective=regression that it holds predictions.",
        )
    trees = [_read_tree(block, number) for number, block in enumerate(blocks)]
    if not trees or len(trees) % outputs:
        raise ArchiveError(
            f"it holds {counted(len(trees), 'tree')}, for {outputs} in each iteration."
        )
    body = grow(
        trees,
        features,
        base=np.zeros(outputs),
        target=[number % outputs for number in range(len(trees))],
        compare="float64",
        total="float64",
        divisor=len(trees) // outputs if "average_output" in facts else 1,
    )
    names = tuple(facts.get("feature_names", "").split())
    if len(names) != features:
        raise ArchiveError(f"it names {counted(len(names), 'feature')} of {features}.")
    # Names that LightGBM made up itself say nothing.
    made_up = names == tuple(f"Column_{number}" for number in range(features))
    return Booster(
        body=body,
        link=link,
        scale=scale,
        names=() if made_up else names,
        categories=_read_categories(facts, rest, features),
        version=facts.get("version", "unknown"),
        warnings=(),
    )


def _read_lines(text: str) -> dict[str, str]:
    """Lines of name=value; a line without = is a name whose value is empty."""
    parts = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def _split_end(blocks: list[str], facts: Mapping[str, str]) -> tuple[list[str], str]:
    """The trees' texts, and what stands behind the last.

    Raises: ArchiveError, where trees are missing.
    """
    end = re.compile(r"^(?:end of trees|feature[_ ]importances:)", re.M)
    if not blocks:
        raise ArchiveError(NO_TREES)
    found = end.search(blocks[-1])
    if found is None:
        raise ArchiveError("its end is missing: copy it again, and compare the file's size.")
    sizes = facts.get("tree_sizes")
    if sizes is not None and len(sizes.split()) != len(blocks):
        claimed = len(sizes.split())
        raise ArchiveError(f"it claims {counted(claimed, 'tree')} and holds {len(blocks):,}.")
    rest = blocks[-1][found.start() :]
    if re.search(r"^parameters:", rest, re.M) and not re.search(r"^end of parameters", rest, re.M):
        raise ArchiveError("its end is missing: copy it again, and compare the file's size.")
    return [*blocks[:-1], blocks[-1][: found.start()]], rest


def _whole(facts: Mapping[str, str], name: str, default: str | None = None) -> int:
    text = facts.get(name, default)
    if text is None or not re.fullmatch(r"\d{1,10}", text) or int(text) > MOST:
        raise ArchiveError(f'"{name}" is missing, or no number: {str(text)[:40]!r}.')
    return int(text)


def _read_objective(facts: Mapping[str, str]) -> tuple[Link, float]:
    """What becomes of the sum of the trees: the link, and what the sum is multiplied by first."""
    name, *options = facts.get("objective", "").split() or ["none"]
    link = LINK_OF.get(name)
    if link is None:
        raise refuse(
            "objective",
            name,
            "what becomes of the sum of the trees is not in the file",
            "Train with one of LightGBM's own objectives, or write the line objective= of"
            " the one whose predictions are the same into the file.",
        )
    scale = 1.0
    for option in options:
        key, _, value = option.partition(":")
        if key == "sqrt" and link == "identity":
            link = "signed_square"
        elif key == "sigmoid" and link == "sigmoid":
            scale = _number(value, "sigmoid")
        elif key not in ("num_class", "tweedie_variance_power", "alpha"):
            raise refuse(
                "objective", name, f"its option {option!r} is not known", "Train without it."
            )
    return link, scale


def _number(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise ArchiveError(f'"{name}" is {text[:40]!r}, which is no number.')
    return number


def _array(
    facts: Mapping[str, str], name: str, dtype: str, length: int, number: int
) -> np.ndarray[Any, Any]:
    """A line of numbers, as many as there must be.

    Raises: ArchiveError, naming the tree.
    """
    words = facts.get(name, "").split()
    if len(words) != length:
        raise ArchiveError(
            f"tree {number}: {name} has {counted(len(words), 'number')}, not {length:,}."
        )
    try:
        return np.array([float(w) for w in words] if dtype == "float64" else words, dtype)
    except (ValueError, OverflowError) as error:
        raise ArchiveError(f"tree {number}: {name} is not a list of numbers.") from error


def _read_tree(block: str, number: int) -> Tree:
    """One tree; its nodes are those that ask, then the leaves."""
    facts = _read_lines(block.partition("\n")[2])
    if facts.get("is_linear", "0") != "0":
        raise refuse(
            f"tree {number}",
            "linear_tree",
            "its leaves are linear models",
            "Train with linear_tree=false.",
        )
    leaves = _whole(facts, "num_leaves")
    inner = leaves - 1
    values = _array(facts, "leaf_value", "float64", leaves, number)
    if leaves == 0:
        raise ArchiveError(f"tree {number} has no leaves.")
    if leaves == 1:
        decision = feature = left = right = np.zeros(0, np.int64)
        threshold = np.zeros(0)
    else:
        decision = _array(facts, "decision_type", "int64", inner, number)
        feature = _array(facts, "split_feature", "int64", inner, number)
        left = _array(facts, "left_child", "int64", inner, number)
        right = _array(facts, "right_child", "int64", inner, number)
        threshold = _array(facts, "threshold", "float64", inner, number)
    if ((decision < 0) | (decision > 11)).any():
        raise ArchiveError(f"tree {number} has a decision_type that is not known.")
    is_set = (decision & IS_CATEGORICAL) != 0
    missing = decision >> MISSING_SHIFT
    is_left = (decision & IS_DEFAULT_LEFT) != 0
    kind = np.select(
        [is_set, missing == MISSING_NONE, missing == MISSING_ZERO],
        [
            np.full(inner, Kind.SET | INVERTED | NAN_RIGHT | TRUNCATES),
            np.full(inner, Kind.ZERO),
            np.where(is_left, Kind.ZERO_LEFT, Kind.ZERO_RIGHT),
        ],
        np.where(is_left, Kind.PLAIN, Kind.RIGHT),
    ).astype(np.int64)
    if np.isnan(threshold[~is_set]).any():
        raise ArchiveError(f"tree {number} has a threshold that is no number.")
    # All numbers are at most infinite: such a node only asks what is missing.
    kind = np.where(~is_set & np.isposinf(threshold), ONLY_MISSING.take(kind, mode="clip"), kind)

    def join(array: np.ndarray[Any, Any], rest: Any) -> np.ndarray[Any, Any]:
        return np.concatenate([array, np.resize(np.asarray(rest), leaves)])

    is_leaf = np.arange(inner + leaves) >= inner
    if ((left < -leaves) | (right < -leaves)).any():
        raise ArchiveError(f"tree {number} leads to a leaf that is not there.")
    return Tree(
        left=join(np.where(left < 0, inner - 1 - left, left), -1),
        right=join(np.where(right < 0, inner - 1 - right, right), -1),
        is_leaf=is_leaf,
        feature=join(feature, 0),
        kind=join(kind, 0),
        bound=join(_bound(threshold), 0.0),
        leaf=np.concatenate([np.zeros(inner, np.int64), np.arange(leaves)]),
        values=values[:, None],
        sets=_read_sets(facts, is_set, threshold, number),
    )


def _bound(threshold: Floats) -> Floats:
    """What x must reach to go right, where x <= threshold goes left and tiny numbers are 0."""
    above = np.where(np.abs(threshold) <= TINY, TINY, threshold)
    with np.errstate(over="ignore"):
        bound = np.nextafter(above, np.inf)
    return np.where((threshold < 0) & (threshold >= -TINY), -TINY, bound)


def _read_sets(
    facts: Mapping[str, str], is_set: np.ndarray[Any, Any], threshold: Floats, number: int
) -> dict[int, Any]:
    """The categories that go left, by node: bits of words of 32."""
    count = _whole(facts, "num_cat", "0")
    if not is_set.any():
        return {}
    ends = _array(facts, "cat_boundaries", "int64", count + 1, number)
    if ends[0] != 0 or (np.diff(ends) < 0).any():
        raise ArchiveError(f"tree {number} has categories that are not there.")
    words = _array(facts, "cat_threshold", "uint32", int(ends[-1]), number)
    found = {}
    for node in np.flatnonzero(is_set).tolist():
        place = threshold[node]
        if not 0 <= place < count:
            raise ArchiveError(f"tree {number} has categories that are not there.")
        own = words[ends[int(place)] : ends[int(place) + 1]].astype("<u4")
        found[node] = np.flatnonzero(np.unpackbits(own.view(np.uint8), bitorder="little"))
    return found


def _read_categories(
    facts: Mapping[str, str], rest: str, features: int
) -> Mapping[int, tuple[Any, ...]]:
    """By feature, the values of a pandas column that the numbers of categories stand for."""
    line = next((line for line in rest.splitlines() if line.startswith(PANDAS)), PANDAS + "null")
    every = parse_json(line[len(PANDAS) :], "pandas_categorical", has_nan=True) or []
    if not isinstance(every, list) or not all(isinstance(item, list) for item in every):
        raise ArchiveError("pandas_categorical holds no lists of categories.")
    if not every:
        return {}
    given = CATEGORICAL_PARAMETER.search(rest)
    places = [int(word) for word in given[1].split(",") if word] if given else []
    if len(places) != len(every):
        infos = facts.get("feature_infos", "").split()
        places = [n for n, info in enumerate(infos) if re.fullmatch(r"-?\d+(:-?\d+)*", info)]
    if len(places) != len(every) or any(place >= features for place in places):
        raise refuse(
            "pandas_categorical",
            "categories",
            f"the file does not tell which features its {len(every)} lists belong to",
            "Train with categories as numbers.",
        )
    return {place: tuple(values) for place, values in zip(places, every, strict=True)}
