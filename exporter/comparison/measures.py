"""The measures of a comparison, from what the database counted and summed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.comparison.result import Bin, Change, Difference, Metric, Plots, Rows, Shift
from exporter.comparison.task import Task

FEW = 10  # different scores that are bins themselves
CELLS = 24  # of a histogram, and of a side of the grid
LEAST_SHARE = 1e-4  # of a bin in the PSI, which an empty one would make infinite
NOT_JUDGED = "no row has an actual value and both scores"
SUM_OFF = 1e-3  # how far from 1 the probabilities of a row may add up to, by rounding
Sections: TypeAlias = Mapping[str, Sequence[tuple[Sequence[str | None], Sequence[float]]]]
"""(words, numbers) of each row, by section, as the database counted them."""
Value: TypeAlias = "tuple[float | None, str]"
"""A measure of one version, or why there is none."""


@dataclass(frozen=True)
class Counts:
    """Rows by what they have in common: by bin and by cell of the score of each version; by cell of
    the first's score and of the difference; by both labels; by actual class and each label."""

    bins: tuple[Mapping[int, int], Mapping[int, int]]
    cells: tuple[Mapping[int, int], Mapping[int, int]]
    grid: tuple[tuple[int, int, int], ...]
    labels: Mapping[tuple[str | None, str | None], int]
    truths: tuple[Mapping[tuple[int, str], int], Mapping[tuple[int, str], int]]


def split_counts(sections: Sections) -> Counts:
    """The counts of one pass, told apart by the bits of columns that are not in them."""
    found: dict[int, dict[Any, int]] = defaultdict(dict)
    for (label1, label2), numbers in sections.get("counts", ()):
        which, count, *values = (None if n is None else int(n) for n in numbers)
        columns = [*values[:5], label1, label2, values[5]]
        told = [n for n in range(8) if not (which or 0) >> (7 - n) & 1]
        key = columns[told[0]] if len(told) == 1 else tuple(columns[n] for n in told)
        found[which or 0][key] = count or 0
    found[255 - 6].pop((None, None), None)  # of versions that give no labels
    sets = [found[255 - bits] for bits in (128, 64, 32, 16, 40, 6, 5, 3)]
    return Counts(
        (sets[0], sets[1]),
        (sets[2], sets[3]),
        tuple(sorted((x, y, count) for (x, y), count in sets[4].items())),
        sets[5],
        (
            {(truth, label): n for (label, truth), n in sets[6].items() if truth is not None},
            {(truth, label): n for (label, truth), n in sets[7].items() if truth is not None},
        ),
    )


def count_rows(sections: Sections) -> Rows:
    """How many rows there are of each kind."""
    ((_, numbers),) = sections["rows"]
    read, compared, null1, odd1, null2, odd2, actual_nulls, unknown, judged = map(int, numbers)
    frequent = [(words[0] or "", int(count)) for words, (count,) in sections.get("unknown", ())]
    return Rows(
        read, compared, (null1, null2), (odd1, odd2), actual_nulls, unknown, judged, tuple(frequent)
    )


def measure_change(sections: Sections, rows: Rows, tolerance: float, task: Task) -> Change | None:
    """How far scores are apart; None where no row has two. Of several classes a row's largest
    difference has no sign, and what one class gains others lose."""
    if not rows.compared:
        return None
    ((_, numbers),) = sections["change"]
    mean, mean_absolute, within, median, p90, p99, largest = numbers
    share = within / rows.compared
    signed = None if task.kind == "classes" else mean
    return Change(share, tolerance, signed, mean_absolute, median, p90, p99, largest)


def share_equal_labels(counts: Counts) -> float | None:
    """Of all rows with two labels, those with the same; None where there are none."""
    total = sum(counts.labels.values())
    same = sum(count for (first, second), count in counts.labels.items() if first == second)
    return same / total if total else None


def find_shifts(sections: Sections, counts: Counts, task: Task) -> tuple[Shift, ...]:
    """PSI of the scores, and of labels where there are any. Of several classes labels alone: the
    largest score of a row only says how sure a version is."""
    found = []
    if task.kind != "classes":
        found.append(_shift("scores", _score_bins(sections, counts)))
    if task.classes:
        sides: list[defaultdict[str | None, int]] = [defaultdict(int), defaultdict(int)]
        for labels, count in counts.labels.items():
            for side, label in zip(sides, labels, strict=True):
                side[label] += count
        bins = [Bin(name, sides[0][name], sides[1][name]) for name in task.classes]
        found.append(_shift("labels", bins))
    return tuple(found)


def psi(first: Sequence[int], second: Sequence[int]) -> float:
    """Population stability index of two counts over the same bins: the sum of (q - p) ln(q / p),
    with shares p and q of at least LEAST_SHARE."""
    totals = sum(first), sum(second)
    if not all(totals):
        return 0.0
    shares = [
        [max(count / total, LEAST_SHARE) for count in counts]
        for counts, total in zip((first, second), totals, strict=True)
    ]
    return math.fsum((q - p) * math.log(q / p) for p, q in zip(*shares, strict=True))


def find_largest(sections: Sections, task: Task) -> tuple[Difference, ...]:
    """The rows whose scores are farthest apart, of several classes each with the class in which
    they are."""
    return tuple(
        Difference(
            words[0],
            numbers[1],
            numbers[2],
            numbers[0],
            (words[1], words[2]),
            words[3],
            task.classes[int(numbers[3]) - 1] if len(numbers) > 3 else None,
        )
        for words, numbers in sections.get("largest", ())
    )


def collect_plots(sections: Sections, counts: Counts, rows: Rows, task: Task) -> Plots | None:
    """What plots are drawn from; None where nothing was compared."""
    if not rows.compared:
        return None
    ((_, (low, high, least, most)),) = sections["range"]
    first, second = counts.cells
    is_judged = task.kind == "binary" and rows.judged
    return Plots(
        (low, high),
        (least, most),
        tuple((first.get(n, 0), second.get(n, 0)) for n in range(1, CELLS + 1)),
        counts.grid,
        tuple(_curve(sections[f"ranks{n}"]) for n in (1, 2)) if is_judged else (),
    )


def find_confusion(counts: Counts, task: Task) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Of each version rows by actual class and label, in the order of the classes."""
    return tuple(
        tuple(
            tuple(of_truth.get((truth, label), 0) for label in task.classes)
            for truth in range(1, len(task.classes) + 1)
        )
        for of_truth in counts.truths
    )


def judge_classes(
    sections: Sections, task: Task, confusion: Sequence[Sequence[Sequence[int]]]
) -> tuple[Metric, ...]:
    """AUC, log loss, accuracy and F1 against actual classes; of several classes the mean of all."""
    is_binary = task.kind == "binary"
    several = "" if is_binary else ", mean of the classes"
    areas = [_area(sections.get(f"ranks{n}", ()), task) for n in (1, 2)]
    losses = [_loss(sections[f"loss{n}"], is_binary) for n in (1, 2)]
    if not is_binary:  # scores that are no probabilities cannot be held against each other
        areas = [
            area if loss[0] is not None else loss for area, loss in zip(areas, losses, strict=True)
        ]
    return (
        _metric("AUC" + (", one against the rest" if not is_binary else ""), areas),
        _metric("log loss", losses),
        _metric("accuracy", [_accuracy(matrix) for matrix in confusion]),
        _metric(
            f"F1 of {task.classes[1]}" if is_binary else f"F1{several}",
            [_f1(matrix, is_binary) for matrix in confusion],
        ),
    )


def judge_numbers(sections: Sections) -> tuple[Metric, ...]:
    """MAE, RMSE and R2 against actual numbers."""
    sums = [sections[f"errors{number}"][0][1] for number in (1, 2)]
    count, _, _, variance, width = sums[0]
    names = ("MAE", "RMSE", "R2")
    if not count:
        return tuple(_metric(name, [(None, NOT_JUDGED)] * 2) for name in names)
    absolute = [numbers[1] for numbers in sums]
    square = [numbers[2] / count for numbers in sums]
    constant = "all actual values are the same" if count > 1 else "there is one row only"
    return (
        _metric("MAE", [(value, "") for value in absolute]),
        _metric("RMSE", [(math.sqrt(value), "") for value in square]),
        _metric("R2", [(1 - s / variance, "") if width else (None, constant) for s in square]),
    )


def _metric(name: str, values: Sequence[Value]) -> Metric:
    reasons = dict.fromkeys(reason for _, reason in values if reason)
    text = f"cannot be computed: {'; '.join(reasons)}" if reasons else ""
    return Metric(name, values[0][0], values[1][0], text)


def _area(rows: Iterable[tuple[Sequence[str | None], Sequence[float]]], task: Task) -> Value:
    """Area under the curve, of several classes the mean of each against the rest."""
    by_class: dict[int, list[Sequence[float]]] = defaultdict(list)
    for _, (number, *numbers) in rows:
        by_class[int(number)].append(numbers)
    wanted = [2] if task.kind == "binary" else list(range(1, len(task.classes) + 1))
    areas = []
    for number in wanted:
        points = by_class[number]
        misses, hits = (int(max((p[n] for p in points), default=0)) for n in (0, 1))
        if not hits or not misses:
            which = "other than" if hits else "that is"
            return None, f"no actual value {which} {task.classes[number - 1]}"
        ranks = sum(int(point[2] or 0) for point in points)  # twice, counted from the best
        pairs = 2 * hits * (hits + misses + 1) - ranks - hits * (hits + 1)
        areas.append(pairs / (2 * hits * misses))
    return math.fsum(areas) / len(areas), ""


def _loss(rows: Sequence[tuple[Sequence[str | None], Sequence[float]]], is_binary: bool) -> Value:
    ((_, numbers),) = rows
    count, total, least, most, off = numbers
    if not count:
        return None, NOT_JUDGED
    if least < 0 or most > 1:
        return None, f"scores lie between {least:.3g} and {most:.3g}, and are no probabilities"
    if not is_binary and off > SUM_OFF:
        return None, "the scores of a row do not add up to 1"
    return -total / count, ""


def _accuracy(matrix: Sequence[Sequence[int]]) -> Value:
    total = sum(map(sum, matrix))
    if not total:
        return None, NOT_JUDGED
    return sum(row[place] for place, row in enumerate(matrix)) / total, ""


def _f1(matrix: Sequence[Sequence[int]], is_binary: bool) -> Value:
    """Of the second class, or the mean of all that are there or were given."""
    found = []
    for place in [1] if is_binary else range(len(matrix)):
        right = matrix[place][place]
        both = sum(matrix[place]) + sum(row[place] for row in matrix)
        if both:
            found.append(2 * right / both)
    if not found:
        what = "no such class is there or was given" if is_binary else "no row has an actual value"
        return None, what
    return math.fsum(found) / len(found), ""


def _shift(of: str, bins: Sequence[Bin]) -> Shift:
    return Shift(of, psi([b.first for b in bins], [b.second for b in bins]), tuple(bins))


def _score_bins(sections: Sections, counts: Counts) -> list[Bin]:
    """Bins by deciles of the first version's scores, those that are no wider than nothing left out;
    where it gives few different scores, one for each of these and one for all others."""
    first, second = counts.bins
    ((_, values),) = sections["values"]
    if values is not None and len(values) <= FEW:
        names = [*(f"{value:.6g}" for value in values), "others"]
        numbers = [*range(1, len(values) + 1), 0]
    else:
        ((_, edges),) = sections["edges"]
        numbers = [
            n for n in range(len(edges) + 1) if not 0 < n < len(edges) or edges[n - 1] < edges[n]
        ]
        ends = [f"{edge:.6g}" for edge in edges]
        names = [
            f"below {ends[0]}"
            if n == 0
            else f"{ends[-1]} and more"
            if n == len(edges)
            else f"{ends[n - 1]} to {ends[n]}"
            for n in numbers
        ]
    return [
        Bin(name, first.get(n, 0), second.get(n, 0)) for name, n in zip(names, numbers, strict=True)
    ]


def _curve(
    rows: Sequence[tuple[Sequence[str | None], Sequence[float]]],
) -> tuple[tuple[float, float], ...]:
    """From (0, 0) to (1, 1); empty where one of both classes is missing."""
    points = sorted((misses, hits) for _, (_, misses, hits, _) in rows)
    if not points or not all(points[-1]):
        return ()
    misses, hits = points[-1]
    return ((0.0, 0.0), *((x / misses, y / hits) for x, y in points))
