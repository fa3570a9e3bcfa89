"""Trees: where each row of a batch ends in each tree, and the sum of what is found there.

A node asks one thing: is a number of the row at least the node's bound? Yes leads right, no leads
left. What libraries ask besides (a missing value, a set of categories) are columns that are made
of the row's numbers first, see TreeColumns. Two layouts find the leaves: TreeWalk follows each row
from node to node, TreeSlices answers every distinct question for all rows and chooses between the
answers bit by bit, which is faster for shallow trees (docs/decisions/0015).
"""

import numpy as np

from plpython.head import kernel

TREE_KINDS = {
    "plain": 0, "right": 1, "zero": 2, "zero_left": 3, "zero_right": 4, "is_nan": 5,
    "is_zero": 6, "set": 8,
}  # fmt: skip
INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4  # flags that are added to the kind of a set
TINY = float(np.float32(1e-35))  # LightGBM's zero: numbers of at most this size

# What is done at once, so that the arrays stay in the cache: steps of a walk (trees times rows),
# words of answers that are chosen from, and leaves that are chosen (trees times rows).
WALK_STEPS, SLICE_WORDS, SLICE_LEAVES = 2**14, 2**14, 2**15
SLICE_ROWS = 4096
FEW_ROWS = 48  # fewer are walked: a word of answers holds 64 rows
MAX_SLICE_DEPTH = 8
SLICE_COSTS = (0.28, 0.045, 3.5)  # ns a row: a question, a leaf, a tree
WALK_COST = 4.0  # ns a row: a level of a tree


class TreeColumns:
    """What the questions are asked of, made of the rows' numbers.

    columns holds four numbers for each: the number of the row it is made of, its kind, and where
    its categories begin and end in members. The kinds: plain, a NaN is less than any bound and so
    goes left; right, a NaN is infinite and goes right; zero, a NaN is 0; zero_left and zero_right,
    NaN and TINY numbers go there; is_nan, 1 for a NaN and 0 for a number; is_zero, 1 for a NaN and
    for TINY numbers; set, 1 for a category among the members and 0 for others. A set's flags:
    INVERTED, 0 for the members and 1 for others; NAN_RIGHT, a NaN is 1, else 0; TRUNCATES, -0.5 is
    category 0, which it else is not.
    """

    def __init__(self, columns, members):
        self.sources = columns[:, 0].astype(np.intp)
        self.kinds = columns[:, 1]
        self.groups = [
            (kind, np.flatnonzero(self.kinds == number))
            for kind, number in TREE_KINDS.items()
            if kind not in ("plain", "set")
        ]
        self.groups = [(kind, places) for kind, places in self.groups if len(places)]
        sets = np.flatnonzero(self.kinds >= TREE_KINDS["set"])
        self.sets = [
            (source, places, *_answer_sets(columns[places], members))
            for source in np.unique(self.sources[sets])
            for places in [sets[self.sources[sets] == source]]
        ]

    def make(self, x):
        """Rows (n, features) -> columns (columns, n)."""
        result = x.T.take(self.sources, axis=0)
        if not self.groups and not self.sets:
            return result
        numbers = x.T
        for kind, places in self.groups:
            result[places] = _replace_missing(kind, result[places])
        for source, places, categories, answers in self.sets:
            result[places] = answers.take(_find_answers(numbers[source], categories), axis=1)
        return result


def _replace_missing(kind, x):
    """Numbers as a column of this kind holds them."""
    missing = np.isnan(x)
    if kind == "is_nan":
        return missing
    if kind in ("zero_left", "zero_right", "is_zero"):
        missing |= np.abs(x) <= TINY
    if kind == "is_zero":
        return missing
    value = {"right": np.inf, "zero": 0, "zero_left": np.nan, "zero_right": np.inf}[kind]
    return np.where(missing, x.dtype.type(value), x)


def _answer_sets(columns, members):
    """All categories that some set names, sorted, and the sets' answers for each.

    Shapes: columns (sets, 4) -> categories (c,), answers (sets, c + 4): behind the categories stand
    the answers for one that no set names, for a NaN, for a fraction of 0 and for its negative.
    """
    flags = columns[:, 1] - TREE_KINDS["set"]
    pieces = [members[start:end] for start, end in columns[:, 2:]]
    categories, places = np.unique(np.concatenate(pieces), return_inverse=True)
    rows = np.repeat(np.arange(len(columns)), [len(piece) for piece in pieces])
    inside = np.zeros((len(columns), len(categories) + 3), np.uint8)
    inside[rows, places.ravel()] = 1
    count = len(categories)
    zero = np.searchsorted(categories, 0)
    if zero < count and categories[zero] == 0:
        truncates = (flags & TRUNCATES) != 0
        inside[truncates, count + 2] = inside[truncates, zero]
    answers = inside ^ (flags & INVERTED).astype(np.uint8)[:, None]
    answers[:, count + 1] = (flags & NAN_RIGHT) != 0
    return categories.astype(np.float64), answers


def _find_answers(x, categories):
    """Where each number's answers stand, see _answer_sets."""
    whole = np.floor(x).astype(np.float64)
    places = np.searchsorted(categories, whole)  # a NaN is placed behind all
    known = categories.take(places, mode="clip") == whole if len(categories) else np.isinf(whole)
    places[~known] = len(categories)
    places[np.isnan(x)] = len(categories) + 1
    places[(x > -1) & (x < 0)] = len(categories) + 2
    return places


class TreeNodes:
    """The trees' nodes as arrays, siblings side by side, each tree's root first.

    left is the number of the left child, or for a leaf -1 - its place among the leaves.
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

    def find_depth(self):
        """How many questions lead to the deepest leaf."""
        level, depth = self.starts, 0
        while True:
            level = level[~self.is_leaf[level]]
            if not len(level):
                return depth
            level = np.concatenate([self.left[level], self.left[level] + 1])
            depth += 1

    def value_at(self, nodes):
        """What stands in leaves that are given by their nodes: (...) or, for vectors, (..., k)."""
        if self.value is not None:
            return self.value.take(nodes)
        return self.leaves.take(self.leaf.take(nodes), axis=0)


class TreeWalk:
    """The way from the root, level by level, for many trees and rows at once.

    With the distinct questions at hand (see _ask), those of a single row are all answered first:
    there only the number of calls counts.
    """

    def __init__(self, nodes, depth, questions=None):
        self.nodes = nodes
        self.depth = depth
        self.number = np.zeros(0, np.intp)
        if questions is not None and questions[0]:
            asks, number = questions
            self.asked = np.repeat([column for column, _ in asks], [len(b) for _, b in asks])
            self.bounds = np.concatenate([bounds[:, 0] for _, bounds in asks])
            self.number = np.where(nodes.is_leaf, len(self.bounds), number)  # where it says no

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        if rows == 1 and len(self.number):
            yield 0, self.nodes.value_at(self._follow_one(columns[:, 0]))[:, None]
            return
        flat = np.ascontiguousarray(columns.T).ravel()
        size = max(1, WALK_STEPS // rows)
        offsets = np.arange(rows) * columns.shape[0]
        for first in range(0, len(self.nodes.starts), size):
            starts = self.nodes.starts[first : first + size]
            yield first, self.nodes.value_at(self._follow(starts, flat, offsets))

    def _follow_one(self, row):
        """The leaf of each tree, as a node, for one row."""
        answers = np.zeros(len(self.bounds) + 1, bool)
        np.greater_equal(row.take(self.asked), self.bounds, out=answers[:-1])
        at = self.nodes.starts
        for _ in range(self.depth):
            at = self.nodes.left.take(at) + answers.take(self.number.take(at))
        return at

    def _follow(self, starts, flat, offsets):
        """The leaf of each tree and row, as a node: (trees, rows)."""
        nodes = self.nodes
        at = np.repeat(starts, len(offsets)).reshape(len(starts), -1)
        asked = np.empty_like(at)
        numbers = np.empty(at.shape, flat.dtype)
        bounds = np.empty(at.shape, nodes.bound.dtype)
        goes_right = np.empty(at.shape, bool)
        for _ in range(self.depth):
            nodes.column.take(at, out=asked, mode="clip")
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            nodes.bound.take(at, out=bounds, mode="clip")
            np.greater_equal(numbers, bounds, out=goes_right)
            nodes.left.take(at, out=asked, mode="clip")
            np.add(asked, goes_right, out=at)
        return at


class TreeSlices:
    """Every distinct question is answered for all rows, 64 answers a word; each level of a tree
    chooses, by the bits that led there, which question's answer leads on."""

    def __init__(self, nodes, depth, questions):
        self.nodes = nodes
        self.depth = depth
        self.asks, number = questions
        trees = len(nodes.starts)
        level = nodes.starts.reshape(1, trees)
        self.levels = []
        for _ in range(depth):
            self.levels.append(np.ascontiguousarray(number.take(level)))
            left = nodes.left.take(level)
            level = np.concatenate([left, left + ~nodes.is_leaf.take(level)])
        # Level by level the latest choice counts most: (choices, trees) -> (trees, choices).
        self.last = nodes.leaf.take(level.T)

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        answers = self._answer(columns)
        words = answers.shape[1]
        trees = self.last.shape[0]
        size = min(SLICE_WORDS // (words * 2 ** (self.depth - 1)), SLICE_LEAVES // rows)
        size = max(1, size)
        leaves = self.nodes.leaves
        for first in range(0, trees, size):
            choice = self._choose(answers, first, first + size)[:, :rows]
            places = self.last[first : first + size]
            if leaves.shape[1] == 1:
                table = leaves[:, 0].take(places)
                starts = np.arange(len(places))[:, None] * places.shape[1]
                yield first, table.ravel().take(choice + starts)
            else:
                yield first, leaves.take(np.take_along_axis(places, choice, 1), axis=0)

    def _answer(self, columns):
        """The answers of all questions as words of 64 rows: (questions, words)."""
        rows = columns.shape[1]
        words = -(-rows // 64)
        answers = np.zeros((sum(len(bounds) for _, bounds in self.asks), words * 8), np.uint8)
        start = 0
        for column, bounds in self.asks:
            bits = np.packbits(columns[column] >= bounds, axis=1)
            answers[start : start + len(bounds), : bits.shape[1]] = bits
            start += len(bounds)
        return answers.view(np.uint64)

    def _choose(self, answers, first, last):
        """Which of its last nodes each row reaches: (trees, rows rounded up to 64)."""
        path: list = []
        for level in self.levels:
            bits = answers.take(level[:, first:last], axis=0)
            # Of the questions of this level, the first half stands behind a "no" to the latest.
            for taken in reversed(path):
                half = len(bits) // 2
                bits = _choose_between(taken, bits[:half], bits[half:])
            path.append(bits[0])
        count = path[0].shape[0]
        words = np.stack(path).view(np.uint8).reshape(self.depth, count, -1)
        planes = np.unpackbits(words, axis=2)
        choice = planes[0]
        for number in range(1, self.depth):  # at most 8 levels: a byte holds the choice
            choice |= planes[number] << np.uint8(number)
        return choice.astype(np.intp)


def _choose_between(taken, no, yes):
    """Bits of yes where taken is 1, of no where it is 0."""
    result = no ^ yes
    result &= taken
    result ^= no
    return result


def _ask(nodes):
    """The distinct questions: [(column, bounds as a column vector)] and each node's among them."""
    inner = np.flatnonzero(~nodes.is_leaf)
    order = np.lexsort((nodes.bound[inner], nodes.column[inner]))
    column, bound = nodes.column[inner][order], nodes.bound[inner][order]
    # A NaN, the bound that no number reaches, is never equal to another: one more question each.
    is_new = np.ones(len(order), bool)
    is_new[1:] = (column[1:] != column[:-1]) | (bound[1:] != bound[:-1])
    number = np.zeros(len(nodes.left), np.intp)
    number[inner[order]] = np.cumsum(is_new) - 1
    column, bound = column[is_new], bound[is_new]
    ends = np.flatnonzero(np.append(column[1:] != column[:-1], True)) + 1
    asks = [
        (int(column[start]), bound[start:end, None])
        for start, end in zip(np.append(0, ends[:-1]), ends)
    ]
    return asks, number


def choose_layouts(nodes, depth):
    """What finds the leaves of few rows, and of many: there slices for shallow trees, by the
    estimated cost of a row, else the same walk."""
    trees = len(nodes.starts)
    if not 1 <= depth <= MAX_SLICE_DEPTH:
        walk = TreeWalk(nodes, depth)
        return walk, walk
    questions = _ask(nodes)
    walk = TreeWalk(nodes, depth, questions)
    asked = sum(len(bounds) for _, bounds in questions[0])
    a_question, a_leaf, a_tree = SLICE_COSTS
    slices = a_question * asked + (a_leaf * 2**depth + a_tree) * trees
    if slices > WALK_COST * depth * trees:
        return walk, walk
    return walk, TreeSlices(nodes, depth, questions)


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
    few, many = choose_layouts(nodes, nodes.find_depth())
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
