"""All measures of a comparison as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exporter.comparison.measures import (
    Counts,
    Sections,
    collect_plots,
    count_rows,
    find_confusion,
    find_largest,
    find_shifts,
    judge_classes,
    judge_numbers,
    measure_change,
    share_equal_labels,
)
from exporter.comparison.result import Comparison, Metric
from exporter.comparison.task import Task


@dataclass(frozen=True)
class Source:
    """What was compared: a model over a table, by its key; actual is the column of actual values,
    None for none, and meaning how these stand for classes, where they are not labels."""

    model: str
    table: str
    key: str
    actual: str | None
    meaning: str = ""


def conclude(
    task: Task, source: Source, tolerance: float, sections: Sections, counts: Counts
) -> Comparison:
    """The comparison, of what was counted and summed."""
    rows = count_rows(sections)
    confusion: tuple[Any, ...] = ()
    metrics: tuple[Metric, ...] = ()
    if source.actual is not None and rows.compared:
        if task.kind == "numbers":
            metrics = judge_numbers(sections)
        else:
            confusion = find_confusion(counts, task)
            metrics = judge_classes(sections, task, confusion)
    return Comparison(
        model=source.model,
        table=source.table,
        key=source.key,
        actual=source.actual,
        meaning=source.meaning,
        task=task.kind,
        classes=task.classes,
        sides=task.sides,
        rows=rows,
        equal_labels=share_equal_labels(counts),
        change=measure_change(sections, rows, tolerance, task),
        shifts=find_shifts(sections, counts, task) if rows.compared else (),
        metrics=metrics,
        confusion=confusion,
        largest=find_largest(sections, task),
        plots=collect_plots(sections, counts, rows, task),
    )
