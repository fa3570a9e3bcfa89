"""Products with weights, and numbers that are scaled and shifted."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import ONE
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
    SCHEMA,
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
    op = step.op
    kernel = np.asarray(op.kernel, np.float64)
    bias = np.zeros(kernel.shape[1]) if op.bias is None else np.asarray(op.bias, np.float64)
    size = np.abs(kernel).sum(axis=0).max(initial=0.0)
    x = body.checked(step.x, most=min(1e30, MOST / max(size, 1.0)))
    bias = bias + x.offset * kernel.sum(axis=0)
    has_bias = bool(bias.any())
    weights = np.vstack([kernel * x.scale, bias[None]]) if has_bias else kernel * x.scale
    vectors = tuple(_vectors(body, x, kernel.shape[0], has_bias))
    bound = float(size * x.bound + np.abs(bias).max(initial=0.0))
    return Value((), step.shape, bound, products=Products(vectors, weights, body.write))


def _vectors(body: Body, x: Value, width: int, has_bias: bool) -> list[Sql]:
    """Variables of type vector, each with width numbers, and 1 where there is a bias."""
    items = x.items or x.numbers()
    type_, one = Sql("{}.vector").format(SCHEMA), (ONE,) if has_bias else ()
    names = []
    for first in range(0, len(items), width):
        name = body.variable(Sql("h"), type_)
        names.append(name)
        if x.name is not None and len(items) == width:
            source = call(Sql("array_cat"), x.name, Sql("'{1}'")) if has_bias else x.name
            body.run(Sql("{} := {}::{};"), name, source, type_)
            continue
        part, usual = slice(first, first + width), x.usual
        if usual is not None:
            usual = replace(usual, items=(*usual.items[part], *one))
        body.put(name, Sql("{}::{}").format(DOUBLES, type_), (*items[part], *one), usual)
    return names


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
