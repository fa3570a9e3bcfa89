"""Numbers in other places and shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.values import Body, Step, Value, made


def moved(step: Step, body: Body, places: np.ndarray[Any, Any], sources: Sequence[Value]) -> Value:
    """Elements of the sources one after another, in these places."""
    chosen = places.ravel().tolist()
    if len(set(chosen)) < len(chosen):
        sources = [body.kept(value) if not value.is_text else value for value in sources]
    every = [item for value in sources for item in value.numbers()]
    return replace(
        made(step, [every[place] for place in chosen], max(value.bound for value in sources)),
        is_kept=all(value.is_kept for value in sources),
        is_text=sources[0].is_text,
    )


def numbered(values: Sequence[Value]) -> list[np.ndarray[Any, Any]]:
    """For each value the places of its elements among those of all, in its shape."""
    sizes = [math.prod(value.shape) for value in values]
    starts = np.cumsum([0, *sizes])
    return [
        (start + np.arange(size)).reshape(value.shape)
        for start, size, value in zip(starts, sizes, values, strict=False)
    ]


def concatenate(body: Body, step: Step) -> Value:
    """The inputs along an axis."""
    return moved(step, body, np.concatenate(numbered(step.inputs), axis=step.op.axis), step.inputs)


def reshape(body: Body, step: Step) -> Value:
    """The same numbers in another shape."""
    return replace(step.x, shape=step.shape)


def transpose(body: Body, step: Step) -> Value:
    """The axes in another order."""
    (places,) = numbered(step.inputs)
    return moved(step, body, places.transpose(step.op.axes), step.inputs)


def cut(body: Body, step: Step) -> Value:
    """Slices."""
    (places,) = numbered(step.inputs)
    return moved(step, body, places[tuple(slice(*s) for s in step.op.slices)], step.inputs)


def repeat(body: Body, step: Step) -> Value:
    """Each position several times."""
    (places,) = numbered(step.inputs)
    return moved(step, body, places.repeat(step.op.times, axis=step.op.axis), step.inputs)


def select(body: Body, step: Step) -> Value:
    """Some elements of the last axis."""
    (places,) = numbered(step.inputs)
    return moved(step, body, places[..., list(step.op.columns)], step.inputs)
