"""What a comparison is made of, counted and summed here: scores that a database gave, without rows.

PostgreSQL and Greenplum count in SQL (sql_templates/postgres/compare*.sql), and give the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from exporter.comparison.measures import CELLS, FEW, Counts, Sections
from exporter.comparison.task import Task

Array: TypeAlias = np.ndarray[Any, Any]
Section: TypeAlias = list[tuple[list[str | None], list[float]]]
MOST = 1e140  # squares of what is below can be added up
LARGEST = 10  # rows whose keys are told
FREQUENT = 5  # actual values that mean nothing are told
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
NAMES = ("score1", "score2", "change", "shares1", "shares2", "label1", "label2", "truth")
SURE = (2.220446049250313e-16, 0.9999999999999998)  # what a share is taken for at least and most


@dataclass(frozen=True)
class Batch:
    """Some rows: their keys, what both versions give, and actual values.

    scores are of each version a number for each row, None where it gives none, or numbers, one for
    each of the task's classes; labels are those of each version. actuals are texts, truths what
    they mean: the place of a class from 1, or a number; None for those without.
    """

    keys: Sequence[str]
    scores: tuple[Sequence[Any], Sequence[Any]]
    labels: tuple[Sequence[str | None], Sequence[str | None]]
    actuals: Sequence[str | None]
    truths: Sequence[float | None]


@dataclass
class Scores:
    """Scores of the rows that both versions score, as they come, and counts of the others.

    Shapes: shares (rows, classes), where there are several; all else (rows,).
    """

    task: Task
    tolerance: float
    read: int = 0
    nulls: list[int] = field(default_factory=lambda: [0, 0])
    not_finite: list[int] = field(default_factory=lambda: [0, 0])
    no_actual: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    largest: list[tuple[Any, ...]] = field(default_factory=list)
    _kept: list[dict[str, Array]] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Take in more rows."""
        both = [self._numbers(scores) for scores in batch.scores]
        reach = [np.abs(x).max(axis=1, initial=0) for x in both]
        given = [np.array([score is not None for score in of], bool) for of in batch.scores]
        usable = np.ones(len(batch.keys), bool)
        for place in (0, 1):
            with np.errstate(invalid="ignore"):
                is_usable = given[place] & (reach[place] < MOST)
            self.nulls[place] += int((~given[place]).sum())
            self.not_finite[place] += int((given[place] & ~is_usable).sum())
            usable &= is_usable
            if self.task.classes:
                usable &= np.array([label is not None for label in batch.labels[place]], bool)
        self.read += len(batch.keys)
        pairs = list(zip(batch.actuals, batch.truths, strict=True))
        self.no_actual += sum(actual is None for actual, _ in pairs)
        self.unknown.update(a for a, truth in pairs if a is not None and truth is None)
        rows: list[int] = np.flatnonzero(usable).tolist()
        first, second = (x[rows] for x in both)
        labels = [[of[row] for row in rows] for of in batch.labels]
        kept = {
            "score1": first.max(axis=1, initial=-np.inf),
            "score2": second.max(axis=1, initial=-np.inf),
            "change": np.abs(second - first).max(axis=1, initial=0)
            if self.task.kind == "classes"
            else (second - first)[:, 0],
            "shares1": first,
            "shares2": second,
            "label1": self._places(labels[0]),
            "label2": self._places(labels[1]),
            "truth": np.array([_number(batch.truths[row]) for row in rows]),
        }
        self._kept.append(kept)
        told = [
            (batch.keys[row], *pair, batch.actuals[row])
            for row, *pair in zip(rows, *labels, strict=True)
        ]
        self._keep_largest(kept, told)

    def count(self) -> tuple[Sections, Counts]:
        """All of it, as measures.py takes it; once, because what was kept is given up."""
        of = {name: np.concatenate([kept.pop(name) for kept in self._kept]) for name in NAMES}
        judged = ~np.isnan(of["truth"])
        size = len(of["change"])
        row: list[float] = [self.read, size]
        for place in (0, 1):
            row += [self.nulls[place], self.not_finite[place]]
        row += [self.no_actual, self.unknown.total(), int(judged.sum())]
        frequent = sorted(self.unknown.items(), key=lambda item: (-item[1], item[0]))
        sections: dict[str, Section] = {
            "rows": [([], row)],
            "unknown": [([text], [float(count)]) for text, count in frequent[:FREQUENT]],
            "largest": [
                ([key, label1, label2, actual], shown)
                for _, key, _, _, shown, label1, label2, actual in self.largest
            ],
        }
        if not size:
            return sections | self._judge(of, judged), Counts(({}, {}), ({}, {}), (), {}, ({}, {}))
        edges = _discrete(of["score1"], SHARES)
        values = np.unique(of["score1"])
        is_few = len(values) <= FEW
        both = np.concatenate([of["score1"], of["score2"]])
        sections |= {
            "edges": [([], edges)],
            "values": [([], values.tolist() if is_few else None)],  # type: ignore[list-item]
            "range": [([], [float(f(x)) for x in (both, of["change"]) for f in (np.min, np.max)])],
            "change": [([], self._change(of))],
        }
        bins = [
            _bins(of[name], values if is_few else edges, is_few) for name in ("score1", "score2")
        ]
        cells = [_cells(of[name], both) for name in ("score1", "score2")]
        up = _cells(of["change"], of["change"])
        grid = _tally_pairs(cells[0], up)
        counts = Counts(
            (_tally(bins[0]), _tally(bins[1])),
            (_tally(cells[0]), _tally(cells[1])),
            tuple((x, y, count) for (x, y), count in sorted(grid.items())),
            self._label_pairs(of),
            (self._truths(of, judged, "label1"), self._truths(of, judged, "label2")),
        )
        return sections | self._judge(of, judged), counts

    def _numbers(self, scores: Sequence[Any]) -> Array:
        """(rows, numbers of a row); what is none is NaN."""
        width = len(self.task.classes) if self.task.kind == "classes" else 1
        nothing = [math.nan] * width
        rows = [nothing if x is None else x if width > 1 else [x] for x in scores]
        return np.array(rows, np.float64).reshape(len(scores), width)

    def _keep_largest(self, kept: dict[str, Array], told: Sequence[tuple[Any, ...]]) -> None:
        """Those of all rows so far whose scores are farthest apart; told of each are its key, both
        labels and the actual value."""
        change = np.abs(kept["change"])
        count = min(len(change), LARGEST)
        if count:
            limit = np.partition(change, len(change) - count)[len(change) - count]
            for row in np.flatnonzero((change >= limit) & (change > 0)).tolist():
                key, *others = told[row]
                scores = [float(kept[name][row]) for name in ("score1", "score2")]
                shown = self._farthest(kept, row)
                self.largest.append((-float(change[row]), key, *scores, shown, *others))
        self.largest = sorted(self.largest, key=lambda item: item[:4])[:LARGEST]

    def _farthest(self, kept: dict[str, Array], row: int) -> list[float]:
        """The difference of a row and both scores; of several classes those of the class whose
        scores are farthest apart, and its place from 1."""
        if self.task.kind != "classes":
            return [float(kept[name][row]) for name in ("change", "score1", "score2")]
        first, second = kept["shares1"][row], kept["shares2"][row]
        place = int(np.argmax(np.abs(second - first)))
        scores = float(first[place]), float(second[place])
        return [scores[1] - scores[0], *scores, float(place + 1)]

    def _change(self, of: dict[str, Array]) -> list[float]:
        change = np.abs(of["change"])
        within = change <= self.tolerance * np.maximum(1, np.abs(of["score1"]))
        mean = float(np.mean(of["change"]))
        of_all = [mean, float(np.mean(change)), float(within.sum())]
        return of_all + _discrete(change, (0.5, 0.9, 0.99, 1))

    def _places(self, labels: Sequence[str | None]) -> Array:
        """Where labels stand among the classes."""
        places = {label: place for place, label in enumerate(self.task.classes)}
        return np.array([places[label] for label in labels if label in places], np.int16)

    def _label_pairs(self, of: dict[str, Array]) -> dict[tuple[str | None, str | None], int]:
        names = self.task.classes
        pairs = _tally_pairs(of["label1"], of["label2"]) if names else {}
        return {(names[first], names[second]): count for (first, second), count in pairs.items()}

    def _truths(
        self, of: dict[str, Array], judged: Array, label: str
    ) -> dict[tuple[int, str], int]:
        names = self.task.classes
        if not names:
            return {}
        pairs = _tally_pairs(of["truth"][judged].astype(int), of[label][judged])
        return {(truth, names[place]): count for (truth, place), count in pairs.items()}

    def _judge(self, of: dict[str, Array], judged: Array) -> dict[str, Section]:
        """Sums of both versions against actual values."""
        truth = of["truth"][judged]
        found: dict[str, Section] = {}
        for version in ("1", "2"):
            shares, score = (of[f"{name}{version}"][judged] for name in ("shares", "score"))
            if self.task.kind == "numbers":
                found[f"errors{version}"] = [([], _errors(score - truth, truth))]
                continue
            place = truth.astype(int)
            if self.task.kind == "binary":
                share = np.where(place == 2, score, 1 - score)
                off = np.zeros(len(score))
                found[f"ranks{version}"] = list(_ranks(2, place == 2, score))
            else:
                share = shares[np.arange(len(place)), place - 1]
                off = np.abs(shares.sum(axis=1) - 1)
                found[f"ranks{version}"] = [
                    row
                    for number in range(1, len(self.task.classes) + 1)
                    for row in _ranks(number, place == number, shares[:, number - 1])
                ]
            found[f"loss{version}"] = [([], _loss(share, shares, off))]
        return found


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _discrete(numbers: Array, shares: Sequence[float]) -> list[float]:
    """Percentiles that are numbers of these, as PERCENTILE_DISC takes them."""
    ordered = np.sort(numbers)
    places = [max(math.ceil(share * len(ordered)), 1) - 1 for share in shares]
    return [float(ordered[place]) for place in places]


def _bins(scores: Array, limits: Any, is_few: bool) -> Array:
    """The bin of each score: its place among a few values from 1, 0 for others; or how many edges
    are not above it."""
    if not is_few:
        return np.asarray(np.searchsorted(limits, scores, side="right"))
    places = np.minimum(np.searchsorted(limits, scores), len(limits) - 1)
    return np.asarray(np.where(limits[places] == scores, places + 1, 0))


def _cells(numbers: Array, of: Array) -> Array:
    """The equal cell of each number, from 1, of the range of others."""
    low, high = of.min(), of.max()
    if not low < high:
        return np.ones(len(numbers), int)
    cells = np.floor(CELLS * ((numbers - low) / (high - low))).astype(int) + 1
    return np.asarray(np.minimum(cells, CELLS))


def _tally(places: Array) -> dict[int, int]:
    found, counts = np.unique(places, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _tally_pairs(first: Array, second: Array) -> dict[tuple[int, int], int]:
    """How often two places are met together; none is negative."""
    width = 1 + int(second.max(initial=0))
    codes = _tally(first.astype(np.int64) * width + second)
    return {divmod(code, width): count for code, count in codes.items()}


def _loss(share: Array, shares: Array, off: Array) -> list[float]:
    if not len(share):
        return [0, 0.0, 0.0, 0.0, 0.0]
    total = float(np.log(np.clip(share, *SURE)).sum())
    return [len(share), total, float(shares.min()), float(shares.max()), float(off.max())]


def _errors(errors: Array, truth: Array) -> list[float]:
    if not len(truth):
        return [0, 0.0, 0.0, 0.0, 0.0]
    squares = float(np.sum(errors * errors))
    spread = [float(np.var(truth)), float(truth.max() - truth.min())]
    return [len(truth), float(np.mean(np.abs(errors))), squares, *spread]


def _ranks(
    number: int, is_hit: Array, score: Array
) -> Iterator[tuple[list[str | None], list[float]]]:
    """Points of a class' curve, one for each hundredth of either axis, with the sum of the first
    and last rank of its rows from the highest score."""
    if not len(score):
        return
    ordered = np.argsort(-score, kind="stable")
    _, same = np.unique(-score[ordered], return_inverse=True)
    size = np.bincount(same)
    last = np.cumsum(size)
    hits = np.bincount(same, weights=is_hit[ordered])
    up_to = np.cumsum(hits).astype(int)
    misses = last - up_to
    all_hits, all_misses = max(1, int(up_to[-1])), max(1, int(misses[-1]))
    ranks = hits * (2 * last - size + 1)
    cells = np.stack([up_to * 100 // all_hits, misses * 100 // all_misses], axis=1)
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    for place in range(cell.max() + 1):
        here = cell == place
        total = float(ranks[here].sum())
        yield [], [number, float(misses[here].max()), float(up_to[here].max()), total]
