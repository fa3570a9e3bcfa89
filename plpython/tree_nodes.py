"""Nodes of trees, and the distinct questions that they ask, answered for all rows at once."""

import numpy as np

ANSWERS_AT_ONCE, RANKED_AT_ONCE = 16, 8  # questions and columns, so that arrays stay in the cache
FEW_BYTES = 256  # of a column's bounds: more are not compared, but a number's rank is found

# Nanoseconds a row: a byte of a number that is compared; a rank, and an answer that comes of it.
COMPARE_COST, RANK_COST, RANKED_COST = 0.055, 16.0, 0.03


class TreeNodes:
    """The trees' nodes as arrays, siblings side by side, each tree's root first.

    left is the number of the left child, or for a leaf -1 - its place among the leaves; a leaf
    leads to itself here. levels are the nodes that as many questions lead to, the roots first;
    depth is how many lead to the deepest leaf.
    """

    def __init__(self, starts, column, bound, left, leaves):
        self.starts = starts.astype(np.intp)
        self.is_leaf = left < 0
        own = np.arange(len(left))
        self.left = np.where(self.is_leaf, own, left)
        self.column = np.where(self.is_leaf, 0, column).astype(np.intp)
        self.bound = np.where(self.is_leaf, bound.dtype.type(np.nan), bound)
        self.leaf = np.where(self.is_leaf, -1 - left, 0).astype(np.intp)
        self.value = leaves[:, 0].take(self.leaf) if leaves.shape[1] == 1 else None
        self.leaves = leaves
        self.levels = [self.starts]
        while len(inner := self.inner_of(self.levels[-1])):
            self.levels.append(np.concatenate([self.left[inner], self.left[inner] + 1]))
        self.depth = len(self.levels) - 1
        self.reached = np.concatenate(self.levels)  # there may be nodes of trees that do not count

    def inner_of(self, nodes):
        """Those of some nodes that ask."""
        return nodes[~self.is_leaf[nodes]]

    def count_leaves(self):
        """How many leaves each node leads to."""
        counts = np.ones(len(self.left), np.intp)
        for level in reversed(self.levels):
            inner = self.inner_of(level)
            counts[inner] = counts[self.left[inner]] + counts[self.left[inner] + 1]
        return counts

    def value_at(self, nodes):
        """What stands in leaves that are given by their nodes: (...) or, for vectors, (..., k)."""
        if self.value is not None:
            return self.value.take(nodes)
        return self.leaves.take(self.leaf.take(nodes), axis=0)


class TreeQuestions:
    """The distinct questions of all nodes, by column and bound, and each node's number among them.

    All rows are answered in words of 64. Of a column with many bounds only a row's rank among them
    is looked for, 16 * high + low: the answer to bound 16 * h + l is yes where high is above h, or
    is h and low above l, and both are words that are made once for each h and l.
    """

    def __init__(self, nodes):
        inner = nodes.inner_of(nodes.reached)
        order = np.lexsort((nodes.bound[inner], nodes.column[inner]))
        column, bound = nodes.column[inner][order], nodes.bound[inner][order]
        # A NaN, the bound that no number reaches, is never equal to another: one more question.
        is_new = np.ones(len(order), bool)
        is_new[1:] = (column[1:] != column[:-1]) | (bound[1:] != bound[:-1])
        self.number = np.zeros(len(nodes.left), np.intp)
        self.number[inner[order]] = np.cumsum(is_new) - 1
        self.column, self.bound = column[is_new], bound[is_new]
        self.count = len(self.column)
        starts = np.flatnonzero(np.append(True, self.column[1:] != self.column[:-1]))
        counts = np.diff(np.append(starts, self.count))
        is_ranked = counts * bound.itemsize > FEW_BYTES
        self.cost = (
            COMPARE_COST * bound.itemsize * counts[~is_ranked].sum()
            + RANK_COST * is_ranked.sum()
            + RANKED_COST * counts[is_ranked].sum()
        )
        # Where the answers of each column begin; those of ranked ones fill whole groups of 16.
        sizes = np.where(is_ranked, -(-counts // 16) * 16, counts)
        places = np.cumsum(sizes) - sizes
        self.rows = int(sizes.sum())
        self.place = np.arange(self.count) + np.repeat(places - starts, counts)
        parts = list(zip(starts.tolist(), counts.tolist(), places.tolist()))
        self.compared = [part for part, ranked in zip(parts, is_ranked) if not ranked]
        self.ranked = self._list_ranked([part for part, ranked in zip(parts, is_ranked) if ranked])

    def _list_ranked(self, parts):
        """Groups of columns whose bounds need as many steps of a search: [(steps, columns, their
        bounds padded to 2^steps, [(how many bounds, where the answers begin)])]."""
        groups = []
        by_steps: dict = {}
        for part in parts:
            by_steps.setdefault(part[1].bit_length(), []).append(part)
        for steps, members in by_steps.items():
            for first in range(0, len(members), RANKED_AT_ONCE):
                own = members[first : first + RANKED_AT_ONCE]
                table = np.full((len(own), 2**steps), np.nan, self.bound.dtype)
                for line, (start, count, _) in zip(table, own):
                    line[:count] = self.bound[start : start + count]
                columns = self.column[[start for start, _, _ in own]]
                groups.append((steps, columns, table.ravel(), [part[1:] for part in own]))
        return groups

    def answer_one(self, row):
        """The answers for one row by number, and behind them one no."""
        answers = np.zeros(self.count + 1, bool)
        np.greater_equal(row.take(self.column), self.bound, out=answers[:-1])
        return answers

    def answer(self, columns):
        """The answers for all rows by place as words of 64: (places, words)."""
        rows = columns.shape[1]
        words = -(-rows // 64)
        answers = np.empty((self.rows, words), np.uint64)
        bits = np.zeros((ANSWERS_AT_ONCE, words * 64), bool)

        def pack(ask, x, bounds, out):
            for first in range(0, len(bounds), ANSWERS_AT_ONCE):
                part = bounds[first : first + ANSWERS_AT_ONCE, None]
                own = bits[: len(part)]
                ask(x, part, out=own[:, :rows])
                packed = np.packbits(own).view(np.uint64).reshape(len(part), words)
                out[first : first + ANSWERS_AT_ONCE] = packed

        for start, count, place in self.compared:
            bounds = self.bound[start : start + count]
            x = columns[self.column[start]]
            pack(np.greater_equal, x, bounds, answers[place : place + count])
        for steps, places, table, parts in self.ranked:
            ranks = _rank(columns.take(places, axis=0), table, steps)
            high, low = ranks >> 4, (ranks & 15).astype(np.uint8)
            high = high.astype(np.uint8 if steps <= 12 else np.uint16)
            above_low = np.empty((15, words), np.uint64)
            for number, (count, place) in enumerate(parts):
                groups = -(-count // 16)
                above = np.empty((groups + 1, words), np.uint64)
                above[0] = np.iinfo(np.uint64).max
                pack(np.greater, high[number], np.arange(groups, dtype=high.dtype), above[1:])
                pack(np.greater, low[number], np.arange(15, dtype=np.uint8), above_low)
                own = answers[place : place + 16 * groups].reshape(groups, 16, words)
                np.bitwise_and(above[:-1, None], above_low, out=own[:, :15])
                own[:, :15] |= above[1:, None]
                own[:, 15] = above[1:]
        return answers


def _rank(x, table, steps):
    """How many of its line's bounds each number is at least; a NaN none.

    Shapes: x (lines, n), table (lines * 2^steps,), sorted and padded with NaN -> (lines, n).
    """
    starts = np.arange(0, len(table), 2**steps)[:, None]
    ranks = np.repeat(starts, x.shape[1], axis=1)
    bounds = np.empty_like(x)
    is_above = np.empty(x.shape, bool)
    gain = np.empty_like(ranks)
    for step in range(steps - 1, -1, -1):
        table[2**step - 1 :].take(ranks, out=bounds, mode="clip")
        np.greater_equal(x, bounds, out=is_above)
        np.multiply(is_above, 2**step, out=gain)
        ranks += gain
    ranks -= starts
    return ranks
