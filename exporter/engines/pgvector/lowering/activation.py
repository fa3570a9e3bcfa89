"""Activations of a layer, one by one and along an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import (
    ACTIVATIONS,
    HALF,
    LEAST,
    ONE,
    ROOT_OF_HALF,
    ZERO,
    gelu_by_tanh,
    logistic,
    takes_once,
)
from exporter.engines.pgvector.lowering.elementwise import double_exp, erf_of
from exporter.engines.pgvector.lowering.groups import by_group
from exporter.engines.pgvector.scalars import (
    add,
    call,
    choose,
    compare,
    constant,
    divide,
    exp_of_negative,
    largest,
    multiply,
    subtract,
    total,
)
from exporter.engines.pgvector.values import SCHEMA, Body, Step, Usual, Value, made
from exporter.sql.text import Sql

BOUNDED = {"sigmoid", "hard_sigmoid", "hard_tanh", "tanh", "sparse_sigmoid", "softsign"}
MOST_EXPONENT = 150.0  # a sigmoid by exp is 1e-65 then, and no double where it is cubed is 0
MAX_TWICE = 100_000  # weights of a layer that are written twice
BESIDE = 2.0  # what softplus, selu and the like add to the size of x, and more


def activation(body: Body, step: Step) -> Value:
    """y = function(x)."""
    function, parameters = step.op.function, dict(step.op.options)
    if function == "gelu":
        return _gelu(body, step, **parameters)
    if function == "sigmoid":
        return _sigmoid(step)
    x = step.x if takes_once(function, parameters) else body.kept(step.x)
    if function == "exponential" and step.dtype == "float64":
        return made(step, [double_exp(item) for item in body.kept(x).items])
    element = ACTIVATIONS[function]
    items = [element(item, **parameters) for item in x.numbers()]
    return made(step, items, _bound_of(function, parameters, x.bound))


def _sigmoid(step: Step) -> Value:
    """1 / (1 + exp(-x)), whose sign is in the weights before it, where the exponents are known to
    be small; else by tanh, whose halves are in the weights before it and behind it."""
    x = step.x
    if x.bound <= MOST_EXPONENT:
        return made(step, [logistic(item) for item in x.scaled(-1.0)], 1.0)
    items = tuple(call(Sql("tanh"), item) for item in x.scaled(0.5))
    bound = 1.0 if x.bound < math.inf else math.inf  # NaN stays NaN
    slow = Value(items, step.shape, bound, scale=0.5, offset=0.5)
    products = x.products
    if products is None or len(products.vectors) > 1 or products.weights.size > MAX_TWICE:
        return slow
    (given,) = products.vectors
    longest = float(np.linalg.norm(products.weights, axis=0).max())
    is_short = compare(
        Sql("{}.vector_norm({})").format(SCHEMA, given),
        Sql("<="),
        constant(MOST_EXPONENT / max(longest, 1e-30)),
    )
    usual = tuple(logistic(item) for item in products.items(-1.0))
    return Value(slow.numbers(), step.shape, bound, usual=Usual(is_short, usual))


def _bound_of(function: str, parameters: Mapping[str, Any], bound: float) -> float:
    if math.isinf(bound):
        return bound
    if function in BOUNDED:
        return 1.0
    if function == "relu6":
        return 6.0
    if function == "exponential":
        return math.exp(bound) if bound < 700 else math.inf
    sizes = [abs(float(value)) for value in parameters.values() if value is not None]
    return (bound + BESIDE + sum(sizes)) * (BESIDE + sum(sizes))


def _gelu(body: Body, step: Step, approximate: bool = False) -> Value:
    x = body.kept(step.x)
    if approximate:
        return made(step, [gelu_by_tanh(item) for item in x.items], x.bound)
    roots = [multiply(item, constant(ROOT_OF_HALF)) for item in x.items]
    parts = zip(x.items, erf_of(body, roots), strict=True)
    return made(step, [multiply(multiply(HALF, item), add(ONE, e)) for item, e in parts], x.bound)


def prelu(body: Body, step: Step) -> Value:
    """y = x for x >= 0, alpha * x below."""
    x = body.kept(step.x)
    items = [
        choose(compare(item, Sql(">="), ZERO), item, multiply(item, alpha))
        for item, alpha in zip(x.items, step.spread(step.op.alpha), strict=True)
    ]
    most = float(np.abs(step.op.alpha).max(initial=1.0))
    return made(step, items, x.bound * max(1.0, most))


def softmax(body: Body, step: Step) -> Value:
    """exp(x) / sum(exp(x)) along an axis, shifted by the largest."""
    x = body.kept(step.x)
    most, of = by_group(body, x, [step.op.axis], largest)
    shifted = [subtract(item, most[of[n]]) for n, item in enumerate(x.items)]
    name, powers = body.keep([exp_of_negative(item, LEAST) for item in shifted])
    held = replace(x, items=powers, name=name)
    sums, of = by_group(body, held, [step.op.axis], total)
    bound = 1.0 if x.bound < math.inf else math.inf
    return made(step, [divide(p, sums[of[n]]) for n, p in enumerate(powers)], bound)


def log_softmax(body: Body, step: Step) -> Value:
    """x - log(sum(exp(x))) along an axis, shifted by the largest."""
    x = body.kept(step.x)
    most, of = by_group(body, x, [step.op.axis], largest)
    name, shifted = body.keep([subtract(item, most[of[n]]) for n, item in enumerate(x.items)])
    held = replace(x, items=shifted, name=name)
    logs, of = by_group(
        body,
        held,
        [step.op.axis],
        lambda items: call(Sql("ln"), total([exp_of_negative(item, LEAST) for item in items])),
    )
    return made(step, [subtract(s, logs[of[n]]) for n, s in enumerate(shifted)], 2 * x.bound + 12)
