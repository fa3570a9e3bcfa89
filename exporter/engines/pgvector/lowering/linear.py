"""Products with weights, and numbers that are scaled and shifted."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import ONE
from exporter.engines.pgvector.lowering.rows import over_windows, products_of
from exporter.engines.pgvector.scalars import (
    add,
    call,
    constant,
    divide,
    multiply,
    subtract,
    total,
    within,
)
from exporter.engines.pgvector.values import (
    DOUBLES,
    MOST,
    VECTOR,
    Body,
    Products,
    Step,
    Value,
    elements,
    made,
)
from exporter.sql.text import Sql, ident, number

MAX_VECTOR = 15_999  # a vector has at most 16,000 numbers, one of which is 1, for the bias
LEAST_WEIGHT = 1e-120  # smaller ones add nothing to a score of float64
LEAST_DOUBLE, MOST_DOUBLE = 1e-300, 1e307
MAX_DOUBLE = 20_000  # products in double precision, each of them written out


def dense(body: Body, step: Step) -> Value:
    """Inner products: by vectors for float32, else one by one in double precision."""
    if body.is_careful:
        return _dense_by_loop(body, step)
    if step.dtype == "float64":
        return _dense_in_double(body, step)
    kernel, rows = np.asarray(step.op.kernel, np.float64), math.prod(step.shape[:-1])
    x = bounded(body, body.kept(step.x) if rows > 1 else step.x, kernel)
    weights, bound = neurons(kernel, step.op.bias, x)
    if rows == 1:
        name = _vector(body, x, len(weights) > len(kernel))
        return Value((), step.shape, bound, products=Products((name,), weights, body.write))
    width = kernel.shape[0]
    enter = products_of(weights, len(weights) > width, bound)
    return over_windows(step, x, rows, width, width, enter, weights.size)


def bounded(body: Body, x: Value, kernel: Any) -> Value:
    """A value whose products with the columns of a kernel are numbers that a vector holds."""
    size = np.abs(kernel).sum(axis=0).max(initial=0.0)
    return body.checked(x, most=min(1e30, MOST / max(size, 1.0)))


def neurons(kernel: Any, bias: Any, x: Value) -> tuple[Any, float]:
    """The weights of neurons of numbers as x holds them, with the bias as the last row where there
    is one; and how large their products are."""
    size = np.abs(kernel).sum(axis=0).max(initial=0.0)
    bias = np.zeros(kernel.shape[1]) if bias is None else np.asarray(bias, np.float64)
    bias = bias + x.offset * kernel.sum(axis=0)
    weights = np.vstack([kernel * x.scale, bias[None]]) if bias.any() else kernel * x.scale
    return weights, float(size * x.bound + np.abs(bias).max(initial=0.0))


def _vector(body: Body, x: Value, has_bias: bool) -> Sql:
    """A variable of type vector with all numbers, and 1 where there is a bias."""
    items = x.items or x.numbers()
    name = body.variable(Sql("h"), VECTOR)
    if x.name is not None:
        source = call(Sql("array_cat"), x.name, Sql("'{1}'")) if has_bias else x.name
        body.run(Sql("{} := {}::{};"), name, source, VECTOR)
        return name
    one, usual = (ONE,) if has_bias else (), x.usual
    if usual is not None:
        usual = replace(usual, items=(*usual.items, *one))
    body.put(name, Sql("{}::{}").format(DOUBLES, VECTOR), (*items, *one), usual)
    return name


def _dense_in_double(body: Body, step: Step) -> Value:
    op = step.op
    kernel = np.asarray(op.kernel, np.float64)
    kernel = np.where(np.abs(kernel) < LEAST_WEIGHT, 0.0, kernel)
    x = limited(body, step.x, kernel, kernel.shape[0])
    items = []
    for first in range(0, len(x.items), kernel.shape[0]):
        row = x.items[first : first + kernel.shape[0]]
        for place, column in enumerate(kernel.T.tolist()):
            terms = [multiply(item, constant(w)) for item, w in zip(row, column, strict=True)]
            if op.bias is not None:
                terms.append(constant(float(op.bias[place])))
            items.append(total(terms))
    return made(step, items)


def limited(body: Body, value: Value, factors: Any, terms: int = 1) -> Value:
    """Doubles whose products with these factors, and sums of so many, raise no error: only numbers
    that would over- or underflow become infinite or 0."""
    sizes = np.abs(factors[factors != 0])
    most = MOST_DOUBLE / (terms * max(1.0, sizes.max(initial=0.0)))
    least = LEAST_DOUBLE / min(1.0, sizes.min(initial=1.0))
    value = body.kept(value)
    name, items = body.keep([within(item, least, most) for item in value.items])
    return replace(value, items=items, name=name)


def _dense_by_loop(body: Body, step: Step) -> Value:
    op, x = step.op, body.kept(step.x)
    width, count = op.kernel.shape
    bias = np.zeros(count) if op.bias is None else np.asarray(op.bias)
    first = sum(map(len, body.weights))
    body.weights += [
        np.ascontiguousarray(np.asarray(op.kernel).T, "<f4").tobytes(),
        np.asarray(bias, "<f4").tobytes(),
    ]
    name = body.variable(Sql("v"), DOUBLES)
    body.run(
        Sql("{} := export_model.{}({}, weights, {}, {}, {});"),
        name,
        ident(body.runtime),
        x.name or Sql("null"),
        number(first),
        number(width),
        number(count),
    )
    return replace(made(step, elements(name, math.prod(step.shape))), is_kept=True, name=name)


def affine(body: Body, step: Step) -> Value:
    """y = x * scale + offset."""
    scale, offset = np.asarray(step.op.scale), np.asarray(step.op.offset)
    x = limited(body, step.x, scale) if step.dtype == "float64" else step.x
    pairs = zip(x.numbers(), step.spread(scale), step.spread(offset), strict=True)
    bound = step.x.bound * float(np.abs(scale).max(initial=0)) + np.abs(offset).max(initial=0)
    return made(step, [add(multiply(item, a), b) for item, a, b in pairs], float(bound))


def standardize(body: Body, step: Step) -> Value:
    """y = (x - mean) / deviation."""
    mean, deviation = np.asarray(step.op.mean), np.asarray(step.op.deviation)
    x = limited(body, step.x, 1 / deviation) if step.dtype == "float64" else step.x
    items = zip(x.numbers(), step.spread(mean), step.spread(deviation), strict=True)
    smallest_deviation = float(np.abs(deviation).min(initial=math.inf))
    bound = (step.x.bound + float(np.abs(mean).max(initial=0))) / smallest_deviation
    return made(step, [divide(subtract(item, m), d) for item, m, d in items], bound)
