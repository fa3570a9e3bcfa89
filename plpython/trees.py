"""Trees: where each row of a batch ends in each tree, and the sum of what is found there.

A node asks one thing: is a number of the row at least the node's bound? Yes leads right, no leads
left. What libraries ask besides (a missing value, a set of categories) are columns that are made
of the row's numbers first, see TreeColumns. A walk follows each row from node to node; TreeSlices
answers every distinct question for all rows and makes the leaves' numbers bit by bit, which is
faster for trees of few leaves (docs/decisions/0015).
"""

import numpy as np

from plpython.interrupts import stop_if_cancelled
from plpython.tables import kernel
from plpython.tree_columns import TreeColumns
from plpython.tree_nodes import TreeNodes, TreeQuestions

# What is done at once, so that the arrays stay in the cache: steps of a walk (trees times rows),
# and bars of the trees of a block.
WALK_STEPS, SLICE_BARS = 2**15, 2**10
SLICE_ROWS = 4096
FEW_ROWS = 48  # fewer are walked: a word of answers holds 64 rows
MAX_SLICE_LEAVES = 256  # of a tree: a byte holds the number of a leaf
MAX_SLICED = 2**24  # leaves of all trees, were all as many as those of the largest

# Nanoseconds a row: a bar, and a tree that is sliced; a level of a tree that is walked.
BAR_COST, SLICED_COST, WALK_COST = 0.04, 2.5, 3.0


class TreeWalk:
    """The way from the root, level by level, for many trees and rows at once.

    With the distinct questions at hand, those of a single row are all answered first: there only
    the number of calls counts.
    """

    def __init__(self, nodes, questions=None):
        self.nodes = nodes
        self.questions = questions
        if questions is not None:
            self.number = np.where(nodes.is_leaf, questions.count, questions.number)  # says no

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        if rows == 1 and self.questions is not None:
            yield 0, self.nodes.value_at(self._follow_one(columns[:, 0]))[:, None]
            return
        flat = self._flatten(columns)
        offsets = np.arange(rows) * columns.shape[0]
        size = max(1, WALK_STEPS // rows)
        for first in range(0, len(self.nodes.starts), size):
            stop_if_cancelled()
            starts = self.nodes.starts[first : first + size]
            at = np.repeat(starts, rows).reshape(len(starts), rows)
            self._follow(at, flat, offsets)
            yield first, self.nodes.value_at(at)

    def _follow_one(self, row):
        """The leaf of each tree, as a node, for one row."""
        answers = self.questions.answer_one(row)
        at = self.nodes.starts
        for _ in range(self.nodes.depth):
            at = self.nodes.left.take(at) + answers.take(self.number.take(at))
        return at

    def _flatten(self, columns):
        """Rows side by side."""
        return np.ascontiguousarray(columns.T).ravel()

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        nodes = self.nodes
        asked = np.empty_like(at)
        numbers = np.empty(at.shape, flat.dtype)
        bounds = np.empty(at.shape, nodes.bound.dtype)
        goes_right = np.empty(at.shape, bool)
        for _ in range(nodes.depth):
            nodes.column.take(at, out=asked, mode="clip")
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            nodes.bound.take(at, out=bounds, mode="clip")
            np.greater_equal(numbers, bounds, out=goes_right)
            nodes.left.take(at, out=asked, mode="clip")
            np.add(asked, goes_right, out=at)


class PackedWalk(TreeWalk):
    """The walk of float32, all of a node in one word of 64 bits: its left child, 2^32 less its
    bound, and its column. A number that is added to the middle carries into the child's number
    where it is at least the bound."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.bits = _count_bits(nodes.column)
        bound = np.where(np.isnan(nodes.bound), 2**32, _in_order(nodes.bound))
        self.words = (nodes.left << (32 + self.bits)) + ((2**32 - bound) << self.bits)
        self.words += nodes.column

    @staticmethod
    def fits(nodes):
        """Whether a word can hold a node."""
        free = 63 - 32 - _count_bits(nodes.column)
        return nodes.bound.dtype == np.float32 and len(nodes.left) < 2**free

    def _flatten(self, columns):
        """Rows side by side, as they are added to words."""
        return _in_order(np.ascontiguousarray(columns.T).ravel()) << self.bits

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        words, asked, numbers = np.empty_like(at), np.empty_like(at), np.empty_like(at)
        mask = 2**self.bits - 1
        for _ in range(self.nodes.depth):
            self.words.take(at, out=words, mode="clip")
            np.bitwise_and(words, mask, out=asked)
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            words += numbers
            np.right_shift(words, 32 + self.bits, out=at)


def _count_bits(column):
    """How many bits hold the number of a column."""
    return max(1, int(column.max()).bit_length())


def _in_order(x):
    """float32 as whole numbers from 1 to 2^32 - 1 in the same order, 0 for NaN."""
    whole = (x + np.float32(0)).view(np.int32)  # -0.0 + 0.0 is 0.0
    ordered = (whole ^ ((whole >> 31) & 0x7FFFFFFF)).astype(np.int64)
    ordered += 2**31
    ordered[np.isnan(x)] = 0
    return ordered


class TreeSlices:
    """Every distinct question is answered for all rows, 64 answers a word, and the leaf's number
    comes of whole words.

    Leaves are numbered from left to right. Each question parts its node's leaves at a bar, and
    which bars stand before a row's leaf follows from the roots on: those where the answer is yes
    and so is the bar of the next ancestor to the left, low, or where the bar of the next ancestor
    to the right, high, is passed. Bit j of the leaf's number tells whether an odd number of the
    bars 2^j, 2 * 2^j, 3 * 2^j ... is passed.
    """

    def __init__(self, nodes, questions):
        self.questions = questions
        counts = nodes.count_leaves()
        trees = len(nodes.starts)
        self.bits = int(counts[nodes.starts].max() - 1).bit_length()
        self.size = max(1, SLICE_BARS >> self.bits)  # trees of a block
        tree, level, first, low, high = _find_bars(nodes, counts)
        leaf = nodes.reached[nodes.is_leaf[nodes.reached]]
        places = np.zeros((trees, 2**self.bits), np.intp)
        places[tree[leaf], first[leaf]] = nodes.leaf[leaf]
        self.table = nodes.leaves.take(places, axis=0)
        if nodes.value is not None:
            self.table = np.ascontiguousarray(self.table[:, :, 0])

        inner = nodes.inner_of(nodes.reached)
        inner = inner[np.lexsort((level[inner], tree[inner] // self.size))]
        block, within = np.divmod(tree[inner], self.size)
        starts = np.searchsorted(block, np.arange(-(-trees // self.size) + 1))
        rows = np.zeros(len(nodes.left) + 2, np.intp)  # of words, by node; two never and always
        rows[-2:] = 0, 1
        rows[inner] = np.arange(len(inner)) - starts[block] + 2
        bars = np.zeros((len(starts) - 1, 2**self.bits, self.size), np.intp)
        bars[block, first[nodes.left[inner] + 1], within] = rows[inner]
        # First the odd multiples of 1, then those of 2, of 4, ...
        order = [np.arange(2**n, 2**self.bits, 2 ** (n + 1)) for n in range(self.bits)]
        self.ends = np.cumsum([len(part) for part in order])
        self.bars = bars[:, np.concatenate(order)]
        number, low, high = (
            questions.place[questions.number[inner]],
            rows[low[inner]],
            rows[high[inner]],
        )
        ends = np.flatnonzero(np.append(np.diff(block * len(nodes.levels) + level[inner]), 1)) + 1
        self.blocks: list = [[] for _ in starts[1:]]
        for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist()):
            part = slice(start, end)
            shift = int(rows[inner[start]])
            self.blocks[block[start]].append(
                (slice(shift, shift + end - start), number[part], low[part], high[part])
            )
        self.most_rows = int(rows.max()) + 1

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        answers = self.questions.answer(columns)
        passed = np.empty((self.most_rows, answers.shape[1]), np.uint64)
        passed[0], passed[1] = 0, np.iinfo(np.uint64).max
        spare = np.empty_like(passed)
        for number, steps in enumerate(self.blocks):
            stop_if_cancelled()
            _pass_bars(steps, answers, passed, spare)
            choice = self._number_leaves(passed.take(self.bars[number], axis=0))
            tables = self.table[number * self.size : (number + 1) * self.size]
            values = np.empty((len(tables), rows, *tables.shape[2:]), tables.dtype)
            for table, leaf, found in zip(tables, choice, values):
                table.take(leaf[:rows], axis=0, out=found, mode="clip")
            yield number * self.size, values

    def _number_leaves(self, bars):
        """Which bars are passed, (bars, trees, words) -> the leaves' numbers (trees, rows)."""
        bits = np.zeros(bars.shape[1:], np.uint64)
        result = np.zeros((len(bits), bits.shape[1] * 8), np.uint64)
        for place in reversed(range(self.bits)):
            first = self.ends[place - 1] if place else 0
            bits ^= np.bitwise_xor.reduce(bars[first : self.ends[place]], axis=0)
            result |= SPREAD[place].take(bits.view(np.uint8))
        return result.view(np.uint8)


# For each bit of a number, eight bits of a byte as that bit of eight bytes.
SPREAD = [
    (np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) << np.uint8(place))
    .view(np.uint64)
    .ravel()
    for place in range(8)
]


def _find_bars(nodes, counts):
    """For each node its tree, its level, the number of its first leaf in the tree, and the nodes
    whose bars are next to its leaves on the left and on the right; -2 and -1 where there are none:
    to the right one that is never passed, to the left one that always is."""
    tree, level, first, low, high = np.zeros((5, len(nodes.left)), np.intp)
    tree[nodes.starts] = np.arange(len(nodes.starts))
    low[nodes.starts], high[nodes.starts] = -1, -2
    for depth, members in enumerate(nodes.levels):
        level[members] = depth
        inner = nodes.inner_of(members)
        left, right = nodes.left[inner], nodes.left[inner] + 1
        tree[left] = tree[right] = tree[inner]
        first[left], first[right] = first[inner], first[inner] + counts[left]
        low[left], high[left] = low[inner], inner
        low[right], high[right] = inner, high[inner]
    return tree, level, first, low, high


def _pass_bars(steps, answers, passed, spare):
    """Find which bars are passed: into passed, level by level."""
    for part, number, low, high in steps:
        own, other = passed[part], spare[part]
        answers.take(number, axis=0, out=own, mode="clip")
        passed.take(low, axis=0, out=other, mode="clip")
        own &= other
        passed.take(high, axis=0, out=other, mode="clip")
        own |= other


def choose_layouts(nodes):
    """What finds the leaves of few rows, and of many: there slices where trees have few leaves, by
    the estimated cost of a row, else a walk."""
    trees, depth = len(nodes.starts), nodes.depth
    packed = PackedWalk(nodes) if PackedWalk.fits(nodes) else None
    is_small = len(nodes.reached) < 2 * MAX_SLICE_LEAVES * trees  # else one tree has more leaves
    if not depth or not is_small or nodes.count_leaves()[nodes.starts].max() > MAX_SLICE_LEAVES:
        walk = TreeWalk(nodes)
        return walk, packed or walk
    questions = TreeQuestions(nodes)
    walk = TreeWalk(nodes, questions)
    leaves = int(nodes.count_leaves()[nodes.starts].max())
    if trees << (leaves - 1).bit_length() > MAX_SLICED:
        return walk, packed or walk
    bars = (len(nodes.reached) - trees) // 2
    if questions.cost + BAR_COST * bars + SLICED_COST * trees > WALK_COST * depth * trees:
        return walk, packed or walk
    return walk, TreeSlices(nodes, questions)


@kernel
def trees(
    columns, members, starts, column, bound, left, leaves, base, target=None,
    compare="float64", total="float64", divisor=1,
):  # fmt: skip
    """y = (base + sum of the leaves that a row reaches) / divisor, added in the trees' order.

    compare is the type that the row's numbers are rounded to before they are compared, total the
    type that leaves are added in; target says which of the outputs each tree adds to, for leaves
    of one number.
    Shapes: x (rows, features), columns (c, 4), starts (trees,), column, bound and left (nodes,),
    leaves (leaves, 1 or k), base (k,), target (trees,) -> y (rows, k).
    """
    made = TreeColumns(columns.astype(np.intp), members)
    nodes = TreeNodes(starts, column, bound.astype(compare), left, leaves.astype(total))
    few, many = choose_layouts(nodes)
    base = base.astype(total)
    targets = np.zeros(len(starts), np.intp) if target is None else target.astype(np.intp)
    is_vector = leaves.shape[1] > 1

    def call(x):
        y = np.empty((len(x), len(base)), total)
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(x), SLICE_ROWS):
                rows = made.make(x[first : first + SLICE_ROWS].astype(compare))
                chosen = few if rows.shape[1] < FEW_ROWS else many
                y[first : first + SLICE_ROWS] = add(chosen.values(rows), rows.shape[1])
            return y / y.dtype.type(divisor) if divisor != 1 else y

    def add(blocks, rows):
        """(rows, k): base and the values of one tree after another."""
        if is_vector:
            y = np.repeat(base[None], rows, axis=0)
            for _, values in blocks:
                for value in values:
                    y += value
            return y
        y = np.repeat(base[:, None], rows, axis=1)
        for first, values in blocks:
            for output in range(len(base)) if len(base) > 1 else (0,):
                own = values
                if len(base) > 1:
                    own = values[targets[first : first + len(values)] == output]
                if rows < FEW_ROWS:
                    # accumulate() adds in order, where sum() adds in pairs, and needs no loop.
                    y[output] = np.add.accumulate(np.concatenate([y[output][None], own]))[-1]
                    continue
                for value in own:
                    y[output] += value
        return y.T

    return call
