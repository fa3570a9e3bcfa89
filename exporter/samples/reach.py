"""How much of a model sample rows reach: what a fault in it would have to avoid to go unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from exporter.engines.reference import Array, compute_values, tree_columns
from exporter.ir.graph import Graph
from exporter.ir.ops import Trees
from exporter.ir.ops.trees import FIRST_ANSWER
from exporter.samples.aims import Aim, find_aims

AT_ONCE = 2**20  # steps of rows through trees
MISSING = "columns with something missing"
USUAL = 3  # deviations from the mean
NEXT = 4  # units in the last place: a number this near to a bound is next to it


@dataclass(frozen=True, eq=False)
class Part:
    """One kind of thing in one place of a model: how many there are, and which of them each row
    reaches, as pairs of a row and a number below total."""

    what: str
    total: int
    rows: Array
    found: Array

    def only(self, places: Array) -> Part:
        """The same with some of the pairs."""
        return replace(self, rows=self.rows[places], found=self.found[places])


@dataclass(frozen=True, eq=False)
class Reach:
    """What rows reach of everything that the model tells apart."""

    rows: int
    parts: tuple[Part, ...] = field(repr=False)

    def counts(self) -> dict[str, tuple[int, int]]:
        """By kind of thing: how many are reached, and how many there are."""
        counts: dict[str, tuple[int, int]] = {}
        for part in self.parts:
            reached, total = counts.get(part.what, (0, 0))
            counts[part.what] = (reached + len(np.unique(part.found)), total + part.total)
        return counts

    def __str__(self) -> str:
        texts = [f"{a:,} of {b:,} {what}" for what, (a, b) in self.counts().items()]
        if not texts:
            return ""
        return f"{self.rows} sample row{'s' * (self.rows != 1)} reach {', '.join(texts)}"


def measure(graph: Graph, inputs: Sequence[Array]) -> Reach:
    """What these rows reach of a model of columns; of others nothing is known.

    Raises: ValueError, where a row holds what the model does not take.
    """
    if not graph.columns:
        return Reach(len(inputs[0]), ())
    arrays = dict(zip((port.value for port in graph.inputs), inputs, strict=True))
    aims = find_aims(graph)
    parts = [
        part
        for (value, place), aim in aims.items()
        for part in _reach_column(aim, arrays[value][:, place])
    ]
    nodes = [node for node in graph.nodes if isinstance(node.op, Trees) or _splits(node.op)]
    wanted = {node.value if _splits(node.op) else node.inputs[0] for node in nodes}
    values = compute_values(graph, inputs, wanted | set(graph.results))
    for node in nodes:
        if isinstance(node.op, Trees):
            parts += _walk(node.op, values[node.inputs[0]])
        else:
            rows, found = np.nonzero(values[node.value])
            parts.append(Part("words", values[node.value].shape[1], rows, found))
    tells = _find_telling([values[port.value] for port in graph.outputs], len(inputs[0]))
    return Reach(
        len(inputs[0]),
        tuple(
            part if part.what == MISSING else part.only(tells[part.rows])
            for part in parts
            if part.total
        ),
    )


def choose_rows(reach: Reach, wanted: int) -> list[int]:
    """So many of the rows that reach the most, each the one that adds most to those before it: a
    kind of thing counts the same however many of its kind there are.

    What a row would add is counted once, and less when another row that was chosen reaches it, so
    that each pair of a row and a thing is looked at twice, however many rows are wanted.
    """
    parts = reach.parts
    totals = {what: total for what, (_, total) in reach.counts().items()}
    kinds = {what: number for number, what in enumerate(totals)}
    shares = np.array([[1 / total] for total in totals.values()]).reshape(-1, 1)
    starts = np.cumsum([0, *[part.total for part in parts]])
    none = np.zeros(0, np.intp)
    kind = np.concatenate([none, *[np.full(part.total, kinds[part.what]) for part in parts]])
    rows = np.concatenate([none, *[part.rows for part in parts]])
    found = np.concatenate(
        [none, *[part.found + start for part, start in zip(parts, starts, strict=False)]]
    )
    things, ends = _group(found, rows, reach.rows)
    holders, limits = _group(rows, found, int(starts[-1]))

    def count(pairs: Array, of_rows: Array) -> Array:
        places = kind[pairs] * reach.rows + of_rows
        return np.bincount(places, minlength=shares.size * reach.rows).reshape(-1, reach.rows)

    added = count(found, rows)
    is_open = np.ones(len(kind), bool)
    left = np.ones(reach.rows, bool)
    chosen: list[int] = []
    for _ in range(min(wanted, reach.rows)):
        # Counts of one kind are alike for rows that add the same, so the first of those is taken.
        gains = (added * shares).sum(axis=0)
        best = int(np.where(left, gains, -1.0).argmax())
        chosen.append(best)
        left[best] = False
        reached = things[ends[best] : ends[best + 1]]
        new = np.unique(reached[is_open[reached]])
        if len(new):
            is_open[new] = False
            sizes = limits[new + 1] - limits[new]
            also = [holders[limits[thing] : limits[thing + 1]] for thing in new.tolist()]
            added -= count(np.repeat(new, sizes), np.concatenate(also))
    return chosen


def _group(items: Array, by: Array, groups: int) -> tuple[Array, Array]:
    """Items in the order of their groups, and where each group begins; the last number is the
    end."""
    order = np.argsort(by, kind="stable")
    return items[order], np.searchsorted(by[order], np.arange(groups + 1))


def _find_telling(outputs: Sequence[Array], rows: int) -> Array:
    """Which rows have a score that is a number: in a NaN no fault shows but one of missing values.

    An output may be the same for all rows, and stands in one row then.
    """
    finite = [np.isfinite(y).reshape(len(y), -1).any(axis=1) for y in outputs]
    tells: Array = np.logical_or.reduce([np.broadcast_to(item, (rows,)) for item in finite])
    return tells


def _splits(op: object) -> bool:
    return getattr(op, "words", None) is not None and op.traits.splits_texts  # type: ignore[attr-defined]


def _reach_column(aim: Aim, x: Array) -> Iterator[Part]:
    """What is known of one column alone."""
    if aim.column.is_text:
        if aim.words and not aim.is_split:
            places = {word: number for number, word in enumerate(aim.words)}
            known = np.array([places.get(text, -1) for text in x.tolist()])
            rows = np.flatnonzero(known >= 0)
            yield Part("categories", len(places), rows, known[rows])
        is_absent = np.array([text is None for text in x.tolist()], bool)
    else:
        for what, groups in (("categories", aim.keys), ("sides of edges", aim.counted)):
            if groups:
                yield _find(what, np.unique(np.concatenate(groups)), x)
        is_absent = np.isnan(x)
        if aim.middle is not None:
            off = np.abs(x - aim.middle)
            rows = np.flatnonzero((off > 0) & (off <= USUAL * aim.spread))
            yield Part("columns in their usual range", 1, rows, np.zeros(len(rows), np.intp))
    if aim.takes_missing:
        rows = np.flatnonzero(is_absent)
        yield Part(MISSING, 1, rows, np.zeros(len(rows), np.intp))


def _find(what: str, known: Array, x: Array) -> Part:
    """Which of the known numbers, which ascend, each row holds."""
    found = np.searchsorted(known, x)
    rows = np.flatnonzero(np.append(known, np.nan)[found] == x)
    return Part(what, len(known), rows, found[rows])


def _walk(op: Trees, x: Array) -> Iterator[Part]:
    """The leaves that rows end in, and the questions on their way there that they answer from
    either side of the bound, on it or next to it."""
    left, column, bound = (np.asarray(t) for t in (op.left, op.column, op.bound))
    made = tree_columns(op)
    step = max(1, AT_ONCE // max(1, len(op.starts)))
    sides: list[tuple[Array, Array]] = []
    leaves: list[tuple[Array, Array]] = []
    bound = bound.astype(op.compare)
    with np.errstate(invalid="ignore", over="ignore"):
        near = NEXT * np.spacing(np.abs(bound))
    for first in range(0, len(x), step):
        with np.errstate(over="ignore"):  # too large a number becomes infinite, as where it scores
            part = x[first : first + step].astype(op.compare)
        columns = made.make(part)
        width = columns.shape[1]
        node = np.repeat(np.asarray(op.starts).astype(np.intp), width)
        row = np.tile(np.arange(width), len(op.starts))
        while len(node):
            is_leaf = left[node] < 0
            leaves.append((row[is_leaf] + first, -1 - left[node[is_leaf]]))
            node, row = node[~is_leaf], row[~is_leaf]
            number, limit = columns[column[node], row], bound[node]
            with np.errstate(invalid="ignore"):
                right = number >= limit
                is_near = np.abs(number - limit) <= near[node]
            sides.append((row[is_near] + first, 2 * node[is_near] + right[is_near]))
            node = left[node].astype(np.intp) + right
    is_asked = (left >= 0) & np.isfinite(bound)
    is_asked[is_asked] = np.asarray(op.columns)[column[is_asked], 1] < FIRST_ANSWER
    numbers = np.cumsum(is_asked) - 1
    rows, found = (np.concatenate(items) for items in zip(*sides, strict=True))
    kept = is_asked[found // 2]
    places = 2 * numbers[found // 2] + found % 2
    yield Part("sides of thresholds", 2 * int(is_asked.sum()), rows[kept], places[kept])
    rows, found = (np.concatenate(items) for items in zip(*leaves, strict=True))
    yield Part("leaves", len(op.leaves), rows, found)
