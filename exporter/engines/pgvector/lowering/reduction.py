"""Means, sums and the like over axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from exporter.engines.pgvector.lowering.groups import group_places
from exporter.engines.pgvector.scalars import average, largest, product, smallest, total
from exporter.engines.pgvector.values import Body, Step, Value, made
from exporter.sql.text import Sql

REDUCTIONS: Mapping[str, Callable[[Sequence[Sql]], Sql]] = {
    "mean": average,
    "sum": total,
    "max": largest,
    "min": smallest,
    "prod": product,
}


def reduce(body: Body, step: Step) -> Value:
    """Mean, sum, max, min or product over axes."""
    x = body.kept(step.x) if step.op.function == "min" else step.x
    numbers, make = x.numbers(), REDUCTIONS[step.op.function]
    groups = group_places(x, step.op.axes)
    bound = x.bound * (max(map(len, groups)) if step.op.function == "sum" else 1)
    bound = math.inf if step.op.function == "prod" else bound
    return made(step, [make([numbers[place] for place in group]) for group in groups], bound)
