"""Ops of each number by itself, and of several inputs that broadcast."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from exporter.engines.pgvector.elements import ERF_LIMIT, ONE, UNARY, ZERO, erf, takes_once
from exporter.engines.pgvector.scalars import (
    MOST_PRODUCT,
    as_single,
    choose,
    clip,
    compare,
    constant,
    exp,
    in_order,
    is_nan,
    multiply,
    product,
    subtract,
)
from exporter.engines.pgvector.values import Body, Lowering, Step, Value, made
from exporter.sql.text import Sql

MOST_EXPONENT_OF_DOUBLE = 700.0
NO_LARGER = {"abs", "negative", "sign", "floor", "ceil", "round", "trunc", "isnan"}
"""Functions that give numbers larger by 1 at most."""


def unary(body: Body, step: Step) -> Value:
    """y = function(x)."""
    if step.op.function == "erf":
        return made(
            step, erf_of(body, step.x.numbers()), 1.0 if step.x.bound < math.inf else math.inf
        )
    x = step.x if takes_once(step.op.function, {}) else body.kept(step.x)
    if step.dtype == "float64" and step.op.function == "exp":
        return made(step, [double_exp(item) for item in x.numbers()])
    if step.dtype == "float32" and step.op.function == "square":
        return products_in_float32(
            body, step, [[item, item] for item in x.numbers()], [x.bound] * 2
        )
    bound = x.bound + 1 if step.op.function in NO_LARGER else math.inf
    return made(step, [UNARY[step.op.function](item) for item in x.numbers()], bound)


def double_exp(x: Sql) -> Sql:
    """exp(x) in float64."""
    return exp(x, -MOST_EXPONENT_OF_DOUBLE, MOST_EXPONENT_OF_DOUBLE)


def products_in_float32(
    body: Body, step: Step, factors: Sequence[Sequence[Sql]], bounds: Sequence[float]
) -> Value:
    """Products of numbers that are in size no larger than bounds; where that does not tell that
    they are doubles, they become real numbers as the network has them."""
    most = math.prod(max(bound, 1.0) for bound in bounds)
    items = [product(row, most) for row in factors]
    if not most < MOST_PRODUCT:
        items = [as_single(item) for item in body.keep(items)[1]]
    return made(step, items, math.prod(bounds))


def erf_of(body: Body, items: Sequence[Sql]) -> list[Sql]:
    """erf(x) of each."""
    _, xs = body.keep(items)
    _, insides = body.keep([clip(x, -ERF_LIMIT, ERF_LIMIT) for x in xs])
    _, squares = body.keep([multiply(x, x) for x in insides])
    return [erf(x, i, s) for x, i, s in zip(xs, insides, squares, strict=True)]


def clipped(body: Body, step: Step) -> Value:
    """y = min(max(x, low), high)."""
    low, high = step.op.low, step.op.high
    bound = max(abs(low), abs(high)) if step.x.bound < math.inf else math.inf
    return made(step, [clip(x, low, high) for x in step.x.numbers()], bound)


def cast(body: Body, step: Step) -> Value:
    """y = x in another type; what is float32 from here on is rounded."""
    if step.op.dtype == "float64":
        return replace(step.x, shape=step.shape)
    x = body.kept(step.x)
    return made(step, [as_single(item) for item in x.items], x.bound)


def fill(body: Body, step: Step) -> Value:
    """The same number everywhere."""
    items = [constant(step.op.value)] * math.prod(step.shape)
    return replace(made(step, items, abs(step.op.value)), is_kept=True)


def constants(body: Body, step: Step) -> Value:
    """The same numbers for every row."""
    numbers = np.asarray(step.op.value, np.float64)
    items = [constant(value) for value in numbers.ravel().tolist()]
    return replace(made(step, items, float(np.abs(numbers).max(initial=0))), is_kept=True)


def not_equal(body: Body, step: Step) -> Value:
    """y = 1 where x is not value, 0 elsewhere."""
    value = constant(step.op.value)
    items = [choose(compare(x, Sql("="), value), ZERO, ONE) for x in step.x.numbers()]
    return made(step, items, 1.0)


def compared(body: Body, step: Step) -> Value:
    """y = 1 where a relation holds, 0 elsewhere; of NaN only "not equal" holds."""
    sign, nan_beside = COMPARISONS[step.op.function]
    rows = [_spread_items(body.kept(value), step.shape) for value in step.inputs]
    items = []
    for a, b in zip(*rows, strict=True):
        holds = Sql("({} and not {})").format(compare(a, sign, b), is_nan((a, b)[nan_beside]))
        is_not = step.op.function == "not_equal"
        items.append(choose(holds, ZERO if is_not else ONE, ONE if is_not else ZERO))
    return made(step, items, 1.0)


COMPARISONS: Mapping[str, tuple[Sql, int]] = {
    "equal": (Sql("="), 0),
    "not_equal": (Sql("="), 0),
    "less": (Sql("<"), 1),
    "less_equal": (Sql("<="), 1),
    "greater": (Sql(">"), 0),
    "greater_equal": (Sql(">="), 0),
}
"""The operator, and which side must not be NaN, which SQL has above all numbers."""


def where(body: Body, step: Step) -> Value:
    """y = x where the condition is not 0, else other."""
    rows = [_spread_items(body.kept(value), step.shape) for value in step.inputs]
    items = [
        choose(compare(condition, Sql("<>"), ZERO), x, other)
        for condition, x, other in zip(*rows, strict=True)
    ]
    return made(step, items, max(value.bound for value in step.inputs[1:]))


def merge(
    combine: Callable[[Sequence[Sql]], Sql], grow: Callable[[Sequence[float]], float]
) -> Lowering:
    """An op over inputs that broadcast against each other."""

    def lower(body: Body, step: Step) -> Value:
        rows = _spread_all(body, step)
        items = [combine(items) for items in zip(*rows, strict=True)]
        return made(step, items, grow([value.bound for value in step.inputs]))

    return lower


def multiplied(body: Body, step: Step) -> Value:
    """The product of all inputs."""
    if step.dtype == "float64":
        return merge(in_order, math.prod)(body, step)
    factors = list(zip(*_spread_all(body, step), strict=True))
    return products_in_float32(body, step, factors, [value.bound for value in step.inputs])


def _spread_all(body: Body, step: Step) -> list[list[Sql]]:
    return [
        _spread_items(value if _is_whole(value, step) else body.kept(value), step.shape)
        for value in step.inputs
    ]


def _is_whole(value: Value, step: Step) -> bool:
    return math.prod(value.shape) == math.prod(step.shape)


def _spread_items(value: Value, shape: tuple[int, ...]) -> list[Sql]:
    items = np.empty(math.prod(value.shape), object)
    items[:] = value.numbers()
    return list(np.broadcast_to(items.reshape(value.shape), shape).ravel())


def difference(items: Sequence[Sql]) -> Sql:
    """The first without the second."""
    return subtract(*items)
