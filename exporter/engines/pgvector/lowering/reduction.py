"""Means, sums and the like over axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from exporter.engines.pgvector.elements import NOT_A_NUMBER, ONE, ZERO
from exporter.engines.pgvector.lowering.elementwise import products_in_float32
from exporter.engines.pgvector.lowering.groups import group_places
from exporter.engines.pgvector.scalars import (
    average,
    choose,
    compare,
    divide,
    in_order,
    largest,
    smallest,
    total,
)
from exporter.engines.pgvector.values import Body, Step, Value, made
from exporter.sql.text import Sql

REDUCTIONS: Mapping[str, Callable[[Sequence[Sql]], Sql]] = {
    "mean": average,
    "sum": total,
    "max": largest,
    "min": smallest,
    "prod": in_order,
}


def reduce(body: Body, step: Step) -> Value:
    """Mean, sum, max, min or product over axes."""
    x = body.kept(step.x) if step.op.function == "min" else step.x
    numbers, make = x.numbers(), REDUCTIONS[step.op.function]
    groups = group_places(x, step.op.axes)
    bound = x.bound * (max(map(len, groups)) if step.op.function == "sum" else 1)
    if step.op.function == "prod" and step.dtype == "float32":
        factors = [[numbers[place] for place in group] for group in groups]
        return products_in_float32(body, step, factors, [x.bound] * max(map(len, groups)))
    bound = math.inf if step.op.function == "prod" else bound
    return made(step, [make([numbers[place] for place in group]) for group in groups], bound)


def masked_mean(body: Body, step: Step) -> Value:
    """sum(x * mask) / sum(mask) along an axis, NaN where the mask is 0 all along."""
    x, mask = (body.kept(value) for value in step.inputs)
    counts = [compare(item, Sql("<>"), ZERO) for item in mask.items]
    _, (count,) = body.keep([total([choose(test, ONE, ZERO) for test in counts])])
    is_none = compare(count, Sql("="), ZERO)
    items = [
        choose(
            is_none,
            NOT_A_NUMBER,
            divide(
                total(
                    [
                        choose(test, x.items[place], ZERO)
                        for test, place in zip(counts, group, strict=True)
                    ]
                ),
                count,
            ),
        )
        for group in group_places(x, [step.op.axis])
    ]
    return made(step, items)
