"""Trees as every library's reader gives them, checked, and laid out as they are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, TypeAlias

import numpy as np

from exporter.errors import ArchiveError, counted

Ints: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Precision: TypeAlias = Literal["float32", "float64"]
NO_TREES = "it has no trees: train it for a round or more, and save it again."
MAX_DEPTH = 2000  # questions that lead to a leaf; a level costs a call of numpy in every batch
MAX_ANSWERS = 2**28  # sets of categories of a column, times the categories that these name


class Kind(IntEnum):
    """What a node's question is asked of: the number itself, or what is made of it first.

    PLAIN: a NaN goes left. RIGHT: a NaN goes right. ZERO: a NaN is 0. ZERO_LEFT and ZERO_RIGHT: a
    NaN and what LightGBM takes for 0 (at most 1e-35) go there. IS_NAN: a NaN goes right, all
    numbers go left. IS_ZERO: as ZERO_RIGHT, and all other numbers go left. ALL_LEFT: nothing is
    asked. SET: the node's categories go right, others and NaN left; INVERTED turns round where
    categories go, NAN_RIGHT where a NaN goes, with TRUNCATES -0.5 is category 0.
    """

    PLAIN = 0
    RIGHT = 1
    ZERO = 2
    ZERO_LEFT = 3
    ZERO_RIGHT = 4
    IS_NAN = 5
    IS_ZERO = 6
    ALL_LEFT = 7
    SET = 8


INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree, its nodes in the file's order, the root first.

    A row goes right where its number is at least bound (see Kind for what else is asked).
    left and right are node numbers; is_leaf tells nodes that have no children, leaf their number
    among the rows of values. kind is Kind with a set's flags; sets are the categories by node.
    Shapes: all (nodes,) but values (leaves, 1 or k).
    """

    left: Ints
    right: Ints
    is_leaf: np.ndarray[Any, np.dtype[np.bool_]]
    feature: Ints
    kind: Ints
    bound: Floats
    leaf: Ints
    values: Floats
    sets: dict[int, Ints] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Trees over the same features whose leaves are added in order, starting at base.

    columns are what is asked: feature, kind, and where the categories stand in members; nodes lie
    tree by tree and level by level, siblings side by side; left is a node's left child, or
    -1 - the number of a leaf's row of leaves. target says which output a tree adds to, None where
    all add to the only one, or where leaves are vectors. What is added is divided by divisor.
    compare is the type numbers are rounded to before they are compared, total the one of the sum.
    Shapes: columns (c, 4), starts (trees,), column, bound, left (nodes,), leaves (l, 1 or k),
    base (k,), target (trees,).
    """

    features: int
    columns: Ints
    members: Ints
    starts: Ints
    column: Ints
    bound: Floats
    left: Ints
    leaves: Floats
    base: Floats
    target: Ints | None
    compare: Precision
    total: Precision
    divisor: int


def grow(
    trees: Sequence[Tree],
    features: int,
    base: Floats,
    target: Sequence[int],
    compare: Precision,
    total: Precision,
    divisor: int = 1,
) -> Ensemble:
    """Check trees and lay them out.

    Raises: ArchiveError, where they are no trees: children that are not there, nodes that two
    lead to, features beyond the last, bounds that are no number.
    """
    _check_target(trees, len(base), target)
    sizes = np.array([len(tree.left) for tree in trees], np.int64)
    for number, tree in enumerate(trees):
        _check_tree(tree, features, number)
    firsts = np.append(0, np.cumsum(sizes))[:-1]
    order, starts = _order(trees, firsts)
    flat = _join(trees, firsts)
    places = np.full(len(flat.left), -1)
    places[order] = np.arange(len(order))
    is_leaf = flat.is_leaf[order]
    columns, column, members = _find_columns(flat, order, is_leaf)
    kind = flat.kind[order]
    left = np.where(is_leaf, -1 - flat.leaf[order], places[np.where(is_leaf, 0, flat.left[order])])
    bound = np.where(is_leaf, 0, flat.bound[order]).astype(compare)
    bound[kind >= Kind.IS_NAN] = 0.5  # of columns of 0 and 1
    bound[kind == Kind.ALL_LEFT] = np.nan  # which no number reaches
    several = len(base) > 1 and flat.values.shape[1] == 1
    return Ensemble(
        features=features,
        columns=columns,
        members=members,
        starts=starts.astype(np.int32),
        column=column,
        bound=bound,
        left=left.astype(np.int32),
        leaves=flat.values.astype(total),
        base=base.astype(total),
        target=np.array(target, np.int32) if several else None,
        compare=compare,
        total=total,
        divisor=divisor,
    )


def _check_target(trees: Sequence[Tree], outputs: int, target: Sequence[int]) -> None:
    """Every tree must add to an output that is there."""
    if not trees:
        raise ArchiveError(NO_TREES)
    widths = {tree.values.shape[1] for tree in trees}
    if len(widths) > 1 or widths - {1, outputs}:
        raise ArchiveError(f"the leaves hold {sorted(widths)} values, the model gives {outputs}.")
    if len(target) != len(trees) or any(not 0 <= number < outputs for number in target):
        raise ArchiveError(
            f"it is not told which of {counted(outputs, 'output')} each tree adds to."
        )


def _check_tree(tree: Tree, features: int, number: int) -> None:
    """Children, features, leaves and bounds must be there.

    Raises: ArchiveError, naming the tree.
    """
    count = len(tree.left)
    if count == 0:
        raise ArchiveError(f"tree {number} has no nodes.")
    inner = ~tree.is_leaf
    for child in (tree.left[inner], tree.right[inner]):
        if ((child <= 0) | (child >= count)).any():
            raise ArchiveError(
                f"tree {number} of {counted(count, 'node')} leads to a node that is not there."
            )
    asked = tree.feature[inner]
    if ((asked < 0) | (asked >= features)).any():
        raise ArchiveError(f"tree {number} asks for a feature beyond the {features} of the model.")
    leaf = tree.leaf[tree.is_leaf]
    if ((leaf < 0) | (leaf >= len(tree.values))).any():
        raise ArchiveError(f"tree {number} has leaves without a value.")
    if not np.isfinite(tree.values).all():
        raise ArchiveError(f"tree {number} has leaves whose value is not finite.")
    numeric = inner & (tree.kind < Kind.IS_NAN)
    if np.isnan(tree.bound[numeric]).any():
        raise ArchiveError(f"tree {number} has a threshold that is no number.")
    if any(node not in tree.sets for node in np.flatnonzero(inner & (tree.kind >= Kind.SET))):
        raise ArchiveError(f"tree {number} asks for a category without saying which.")


def _join(trees: Sequence[Tree], firsts: np.ndarray[Any, Any]) -> Tree:
    """All trees as one, numbers of nodes and leaves running on."""
    rows = np.append(0, np.cumsum([len(tree.values) for tree in trees]))[:-1]

    still = np.zeros(len(trees), np.int64)

    def shift(name: str, by: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        parts = [
            getattr(tree, name).astype(np.int64) + n for tree, n in zip(trees, by, strict=True)
        ]
        return np.concatenate(parts)

    def join(name: str) -> np.ndarray[Any, Any]:
        return np.concatenate([getattr(tree, name) for tree in trees])

    sets = {
        int(first) + node: categories
        for tree, first in zip(trees, firsts, strict=True)
        for node, categories in tree.sets.items()
    }
    return Tree(
        shift("left", firsts), shift("right", firsts), join("is_leaf"), shift("feature", still),
        shift("kind", still), join("bound"), shift("leaf", rows), join("values"), sets,
    )  # fmt: skip


def _order(
    trees: Sequence[Tree], firsts: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Numbers of the joined nodes that are reached, level by level in each tree, and where each
    tree begins among them.

    Raises: ArchiveError, where two nodes lead to the same one.
    """
    found = []
    for number, (tree, first) in enumerate(zip(trees, firsts, strict=True)):
        level = np.zeros(1, np.int64)
        levels = [level]
        reached = 1
        while len(level := level[~tree.is_leaf[level]]):
            level = np.column_stack([tree.left[level], tree.right[level]]).ravel()
            reached += len(level)
            levels.append(level)
            if reached > len(tree.left):
                break
            if len(levels) > MAX_DEPTH:
                raise ArchiveError(f"tree {number} is deeper than {MAX_DEPTH:,} levels.")
        nodes = np.concatenate(levels)
        if reached > len(tree.left) or np.bincount(nodes).max() > 1:
            raise ArchiveError(f"tree {number} is no tree: two ways lead to one of its nodes.")
        found.append(nodes + first)
    starts = np.append(0, np.cumsum([len(nodes) for nodes in found]))[:-1]
    return np.concatenate(found), starts


def _find_columns(
    flat: Tree, order: np.ndarray[Any, Any], is_leaf: np.ndarray[Any, Any]
) -> tuple[Ints, Ints, Ints]:
    """The distinct columns that nodes ask, each node's column, and the categories of all sets.

    Raises: ArchiveError, where sets and categories are too many to hold their answers.
    """
    inner = order[~is_leaf]
    known: dict[bytes, int] = {}
    pieces: list[Ints] = []
    set_numbers = np.full(len(order), -1)
    for place in np.flatnonzero(~is_leaf & (flat.kind[order] >= Kind.SET)):
        categories = np.unique(flat.sets[int(order[place])]).astype(np.int32)
        key = categories.tobytes()
        if key not in known:
            known[key] = len(pieces)
            pieces.append(categories)
        set_numbers[place] = known[key]
    kind = flat.kind[inner]
    kind = np.where(kind == Kind.ALL_LEFT, Kind.PLAIN, kind)
    number = set_numbers[~is_leaf]
    keys = (flat.feature[inner] * 16 + kind) * (len(pieces) + 1) + number + 1
    _, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
    distinct = np.column_stack([flat.feature[inner], kind, number])[firsts]
    column = np.zeros(len(order), np.int32)
    column[~is_leaf] = numbers.ravel()
    ends = np.append(0, np.cumsum([len(piece) for piece in pieces])).astype(np.int64)
    number = distinct[:, 2]
    bounds = np.where(number[:, None] < 0, 0, np.column_stack([ends[number], ends[number + 1]]))
    columns = np.column_stack([distinct[:, :2], bounds]).astype(np.int32)
    members = np.concatenate([*pieces, np.zeros(0, np.int32)]).astype(np.int32)
    for feature in np.unique(columns[columns[:, 1] >= Kind.SET, 0]):
        own = columns[(columns[:, 0] == feature) & (columns[:, 1] >= Kind.SET)]
        if len(own) * int((own[:, 3] - own[:, 2]).sum()) > MAX_ANSWERS:
            raise ArchiveError(f"feature {feature} has {len(own):,} sets of too many categories.")
    return columns, column, members
