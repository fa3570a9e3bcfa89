"""Normalization along axes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from exporter.engines.pgvector.lowering.groups import by_group
from exporter.engines.pgvector.scalars import (
    add,
    average,
    call,
    constant,
    divide,
    multiply,
    subtract,
)
from exporter.engines.pgvector.values import Body, Step, Value, made
from exporter.sql.text import Sql


def layer_normalization(body: Body, step: Step) -> Value:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes."""
    op, x = step.op, body.kept(step.x)
    count = math.prod(x.shape[axis] for axis in op.axes)
    means, of = by_group(body, x, op.axes, average)
    name, centered = body.keep([subtract(item, means[of[n]]) for n, item in enumerate(x.items)])
    held = replace(x, items=centered, name=name)
    roots, of = by_group(
        body,
        held,
        op.axes,
        lambda items: call(
            Sql("sqrt"), add(average([multiply(i, i) for i in items]), constant(op.epsilon))
        ),
    )
    items = [divide(item, roots[of[n]]) for n, item in enumerate(centered)]
    bound = math.sqrt(count) if x.bound < math.inf else math.inf
    if op.gamma is not None:
        gammas = step.spread(op.gamma)
        items = [multiply(item, g) for item, g in zip(items, gammas, strict=True)]
        bound *= float(np.abs(op.gamma).max(initial=0))
    if op.beta is not None:
        items = [add(item, b) for item, b in zip(items, step.spread(op.beta), strict=True)]
        bound += float(np.abs(op.beta).max(initial=0))
    return made(step, items, bound)
