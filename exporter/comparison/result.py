"""What a comparison of two versions gives back: counts and measures, as text, facts and a page."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from exporter.comparison.task import Side
from exporter.errors import counted, list_names, printable
from exporter.facts import Shown, text_table
from exporter.output import write_files

SHOWN_CLASSES = 12  # of a confusion matrix as text
SHOWN_TEXT = 60  # characters of a key or label as text


@dataclass(frozen=True)
class Rows:
    """How many rows were read, and why some were left out.

    nulls and not_finite are those to which each version gave NULL, and NaN, an infinity or a number
    beyond 1e140; compared are those to which both gave a number. Of these, judged have an actual
    value, too. actual_nulls have none, and actual_unknown one that is no label of the versions or
    no finite number, whatever their scores; unknown are the most frequent of these.
    """

    read: int
    compared: int
    nulls: tuple[int, int]
    not_finite: tuple[int, int]
    actual_nulls: int
    actual_unknown: int
    judged: int
    unknown: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Bin:
    """A bin of scores, or a label, and how many rows each version puts into it."""

    name: str
    first: int
    second: int


@dataclass(frozen=True)
class Shift:
    """How far the second version's answers are distributed otherwise than the first's: the
    population stability index over bins."""

    of: str
    psi: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Change:
    """How far scores are apart: second minus first, of several classes the size of the largest
    difference of any, which has no mean with a sign."""

    within: float
    tolerance: float
    mean: float | None
    mean_absolute: float
    median: float
    p90: float
    p99: float
    largest: float


@dataclass(frozen=True)
class Metric:
    """A measure of both versions against actual values; None with the reason where it cannot be
    computed."""

    name: str
    first: float | None
    second: float | None
    reason: str = ""


@dataclass(frozen=True)
class Difference:
    """A row whose scores are far apart. change is second minus first; where there are several
    classes, they are those of the class whose scores are farthest apart, which is of_class."""

    key: str | None
    first: float
    second: float
    change: float
    labels: tuple[str | None, str | None]
    actual: str | None
    of_class: str | None = None


@dataclass(frozen=True)
class Plots:
    """What plots are drawn from: the ranges of scores and of differences, in equal cells, with
    (first, second) rows in each cell of scores and (across, up, rows) of score and difference;
    curves are (false positive rate, true positive rate) of each version."""

    scores: tuple[float, float]
    changes: tuple[float, float]
    histogram: tuple[tuple[int, int], ...]
    grid: tuple[tuple[int, int, int], ...]
    curves: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True)
class Comparison(Shown):
    """Two versions of a model over the same rows.

    task is "binary", "classes" or "numbers", sides are the versions, equal_labels is the share of
    rows to which both gave the same label, None where they give none; confusion has of each version
    a row for each actual class and a column for each label, in the order of classes.
    """

    model: str
    table: str
    key: str
    actual: str | None
    meaning: str
    task: str
    classes: tuple[str, ...]
    sides: tuple[Side, Side]
    rows: Rows
    equal_labels: float | None
    change: Change | None
    shifts: tuple[Shift, ...] = field(repr=False)
    metrics: tuple[Metric, ...]
    confusion: tuple[tuple[tuple[int, ...], ...], ...] = field(repr=False)
    largest: tuple[Difference, ...] = field(repr=False)
    plots: Plots | None = field(repr=False)

    def facts(self) -> dict[str, Any]:
        """Everything as names and values that JSON has."""
        return asdict(self)

    def to_html(self) -> str:
        """One page that needs nothing else: no script, no address, plots as SVG."""
        from exporter.comparison.page import make_page

        return make_page(self)

    def write(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the page to a file; force: over another one.

        Raises: ExportError, when it cannot be written, or is there with another content.
        """
        write_files({Path(path): [self.to_html()]}, force, "--html")

    def _repr_html_(self) -> str:
        """A notebook calls this."""
        from exporter.comparison.page import make_fragment

        return make_fragment(self)

    def __str__(self) -> str:
        first, second = (side.title for side in self.sides)
        lines = [
            f"{printable(self.model)}: {printable(first)} and {printable(second)} over"
            f" {self.rows.compared:,} of {counted(self.rows.read, 'row')} of"
            f" {printable(self.table, SHOWN_TEXT)}",
            *(f"  left out: {reason}" for reason in self.left_out()),
        ]
        if self.change is None:
            return "\n".join([*lines, "", "No row has a score by both: nothing can be compared."])
        lines += ["", *(f"{name:<10}{text}" for name, text in self.summary())]
        lines += self._label_lines()
        if self.actual is not None:
            lines += ["", *self._judged()]
        for side, matrix in zip(self.sides, self.confusion, strict=False):
            lines += ["", *_confusion_lines(side, self.classes, matrix)]
        if self.largest:
            lines += ["", "Largest differences", self._largest_table()]
        return "\n".join(lines)

    def left_out(self) -> list[str]:
        """Why rows were not compared or judged, in sentences."""
        rows = self.rows
        found = []
        for side, nulls, others in zip(self.sides, rows.nulls, rows.not_finite, strict=True):
            who = printable(side.title)
            if nulls:
                found.append(f"{counted(nulls, 'row')} with the score NULL by {who}")
            if others:
                text = "whose score by {} is no finite number below 1e140"
                found.append(f"{counted(others, 'row')} {text.format(who)}")
        if self.actual is not None:
            of = f'"{printable(self.actual)}"'
            if rows.actual_nulls:
                found.append(f"of the metrics: {counted(rows.actual_nulls, 'row')} with {of} NULL")
            if rows.actual_unknown:
                what = (
                    "no finite number below 1e140" if self.task == "numbers" else "no label of both"
                )
                some = ", ".join(printable(value, SHOWN_TEXT) for value, _ in rows.unknown)
                count = counted(rows.actual_unknown, "row")
                found.append(f"of the metrics: {count} with {of} {what}: {some}")
        return found

    def summary(self) -> list[tuple[str, str]]:
        """Agreement and shift, each with its name."""
        found = []
        if self.task == "classes":
            names = [printable(name, SHOWN_TEXT) for name in self.classes]
            found.append(("classes", list_names(names, SHOWN_CLASSES)))
        if self.equal_labels is not None:
            found.append(("labels", f"{share(self.equal_labels)} equal"))
        if self.change is not None:
            found.append(("scores", self._tell_change(self.change)))
        for shift in self.shifts:
            count = counted(len(shift.bins), "bin")
            found.append(("shift", f"PSI {shift.psi:.4g} of the {shift.of}, over {count}"))
        return found

    def _tell_change(self, change: Change) -> str:
        """How far scores are apart, in words."""
        if change.mean is None:
            start = f"within {change.tolerance:g} in every class; a row's largest difference of any"
            means = f"mean {change.mean_absolute:.3g}"
        else:
            start = f"within {change.tolerance:g}; differences"
            means = f"mean {change.mean:.3g}, absolute mean {change.mean_absolute:.3g}"
        return (
            f"{share(change.within)} {start}: {means}, median {change.median:.3g},"
            f" 90 % {change.p90:.3g}, 99 % {change.p99:.3g}, largest {change.largest:.3g}"
        )

    def _label_lines(self) -> list[str]:
        """How many rows each version gives to each of several classes."""
        shift = next((shift for shift in self.shifts if shift.of == "labels"), None)
        if self.task != "classes" or shift is None or len(shift.bins) > SHOWN_CLASSES:
            return []
        rows = [
            (printable(item.name, SHOWN_TEXT), f"{item.first:,}", f"{item.second:,}")
            for item in shift.bins
        ]
        header = ("class", *(printable(side.title) for side in self.sides))
        return ["", "Rows by their label", text_table(header, rows)]

    def metric_rows(self) -> list[tuple[str, str, str, str]]:
        """Name, both values, and why there are none."""
        return [
            (metric.name, _number(metric.first), _number(metric.second), metric.reason)
            for metric in self.metrics
        ]

    def _judged(self) -> Iterable[str]:
        of = printable(self.actual or "")
        meaning = f"; {printable(self.meaning)}" if self.meaning else ""
        yield f"Against {of}, {counted(self.rows.judged, 'row')}{meaning}"
        header = ("", *(printable(side.title) for side in self.sides), "")
        yield text_table(header, [[printable(cell) for cell in row] for row in self.metric_rows()])

    def _largest_table(self) -> str:
        has_labels = self.equal_labels is not None
        is_of_classes = self.task == "classes"
        header = [self.key, *["of class"] * is_of_classes]
        header += [*(side.title for side in self.sides), "difference"]
        header += ["labels"] * has_labels + [self.actual or ""] * (self.actual is not None)
        rows = [
            [
                item.key,
                *([item.of_class] if is_of_classes else []),
                f"{item.first:.6g}",
                f"{item.second:.6g}",
                f"{item.change:.3g}",
                *([" / ".join(label or "NULL" for label in item.labels)] if has_labels else []),
                *([item.actual] if self.actual is not None else []),
            ]
            for item in self.largest
        ]
        return text_table(
            [printable(text) for text in header],
            [
                [printable("NULL" if text is None else text, SHOWN_TEXT) for text in row]
                for row in rows
            ],
        )


def share(value: float) -> str:
    """A share in per cent, which is 100 only where all are."""
    text = f"{100 * value:.2f}"
    if text == "100.00" and value < 1:
        return "99.99 %"
    return "100 %" if value == 1 else f"{text} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _confusion_lines(
    side: Side, classes: Sequence[str], matrix: Sequence[Sequence[int]]
) -> list[str]:
    title = f"Actual classes by the labels of {printable(side.title)}"
    if len(classes) > SHOWN_CLASSES:
        return [f"{title}: {counted(len(classes), 'class')}, see --json or --html"]
    names = [printable(name, SHOWN_TEXT) for name in classes]
    rows = [
        (name, *(f"{count:,}" for count in row)) for name, row in zip(names, matrix, strict=True)
    ]
    return [title, text_table(("", *names), rows)]
