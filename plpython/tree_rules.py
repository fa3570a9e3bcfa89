"""The rule of trees."""

import numpy as np

from plpython.data import one_of, whole
from plpython.tree_columns import TREE_KINDS
from plpython.values import (
    CALL,
    EXP,
    TOUCH,
    column_count,
    fit_exactly,
    holds,
    need,
    numbers_of,
    rule,
    tensor,
)

MOST_DEPTH = 2048  # questions that lead to a leaf: a block of a walk looks behind them
MOST_TREE_BYTES = 40  # what is kept of a node, over the bytes of its column, bound and left


@rule("trees", columns=tensor(2, kinds="fi"), members=tensor(1, kinds="fi"),
      starts=tensor(1, kinds="fi"), column=tensor(1, kinds="fi"), bound=tensor(1),
      left=tensor(1, kinds="i"), leaves=tensor(2), base=tensor(1),
      target=tensor(1, kinds="fi"), compare=one_of("float32", "float64"),
      total=one_of("float32", "float64"), divisor=whole(1))  # fmt: skip
def _of_trees(
    x, columns, members, starts, column, bound, left, leaves, base, target=None,
    compare="float64", total="float64", divisor=1,
):  # fmt: skip
    numbers_of(x)
    _check_columns(columns, members, column_count(x))
    depth = _check_nodes(starts, column, bound, left, leaves, len(columns))
    need(base.size and leaves.shape[1] in (1, len(base)), "its leaves do not fit its outputs")
    if target is not None:
        fit_exactly(x, starts.shape, target)
        need(holds(target, 0, len(base)), "a tree adds to an output that is not there")
    need(leaves.shape[1] == 1 or target is None, "its leaves are of all outputs")
    made = x.like((len(base),), "f8" if total == "float64" else "f4")
    trees = len(starts)
    wide = leaves.shape[1]
    work = trees * ((depth + 2) * 8 * EXP / 4 + TOUCH * 4 * (wide + len(base)))
    work += len(columns) * (CALL / 2 + 20 * TOUCH)
    # The kernel parts trees, not rows: a block of 2^15 walks, or the columns of 4096 rows.
    piece = 2**15 * (depth + 2) * 4 * TOUCH + len(columns) * (CALL / 2 + 4096 * 10 * TOUCH)
    scratch = 8 * (4 * len(columns) + x.shape[0]) + min(trees, 2**15) * (40 + 8 * wide)
    return made.like(work=x.rows * work,
        is_cut=True,
        piece=x.rows * piece, scratch=scratch * x.rows,
                     copies=MOST_TREE_BYTES * len(left) + 10 * leaves.nbytes)  # fmt: skip


def _check_columns(columns, members, features):
    """Refuse columns that are made of what is not there."""
    fine = columns.shape[1] == 4 and holds(columns, 0, 2**31)  # none where all trees are leaves
    need(fine and holds(columns[:, 0], 0, features), "its columns are not the input's")
    kinds = columns[:, 1]
    known = np.isin(kinds, list(TREE_KINDS.values())) | (kinds >= TREE_KINDS["set"])
    need(known.all() and holds(kinds, 0, TREE_KINDS["set"] + 8), "a column is of no known kind")
    sets = columns[kinds >= TREE_KINDS["set"]].astype(np.int64)
    first, end = sets[:, 2], sets[:, 3]
    fine = (first <= end).all() and (end <= len(members)).all() and holds(members, -(2**53), 2**53)
    need(fine and (end - first).sum() <= 2**26, "the categories of a column are not there")


def _check_nodes(starts, column, bound, left, leaves, columns):
    """Refuse nodes that are no trees; how many questions lead to the deepest leaf.

    Each node is the child of one at most, and a root of none, so that no way leads in a circle.
    """
    count = len(left)
    need(count and len(starts) and len(leaves), "it has no trees")
    need(len(column) == len(bound) == count, "its nodes are not as many everywhere")
    need(holds(starts, 0, count), "a tree begins at a node that is not there")
    inner = left >= 0
    first = left[inner].astype(np.intp)
    need(holds(left, -len(leaves), count - 1), "a node leads to one that is not there")
    need(holds(column[inner], 0, columns), "a node asks for a column that is not there")
    parents = np.bincount(first, minlength=count)
    parents[1:] += parents[:-1].copy()  # the right child is behind the left one
    parents += np.bincount(starts.astype(np.intp), minlength=count)
    need(parents.max() <= 1, "its nodes are no trees: two ways lead to one")
    level, depth = starts.astype(np.intp), 0
    while True:
        level = level[inner[level]]
        if not len(level):
            return depth
        depth += 1
        need(depth <= MOST_DEPTH, f"a tree is deeper than {MOST_DEPTH} questions")
        level = left[level].astype(np.intp)
        level = np.concatenate([level, level + 1])
