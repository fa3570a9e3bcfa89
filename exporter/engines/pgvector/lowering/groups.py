"""The elements that are taken together when axes are reduced."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from exporter.engines.pgvector.lowering.shaping import numbered
from exporter.engines.pgvector.values import Body, Value
from exporter.sql.text import Sql


def group_places(value: Value, axes: Sequence[int]) -> list[list[int]]:
    """The places of the elements that are taken together when axes are reduced."""
    (places,) = numbered([value])
    count = math.prod(value.shape[axis] for axis in axes)
    rank = len(value.shape)
    last = [axis % rank for axis in axes]
    order = [axis for axis in range(rank) if axis not in last] + last
    return places.transpose(order).reshape(-1, count).tolist()


def by_group(
    body: Body,
    value: Value,
    axes: Sequence[int],
    make: Callable[[list[Sql]], Sql],
) -> tuple[list[Sql], list[int]]:
    """What is made of each group, kept; and for each element the number of its group."""
    groups = group_places(value, axes)
    _, made = body.keep([make([value.items[place] for place in group]) for group in groups])
    of = [0] * len(value.items)
    for number_, group in enumerate(groups):
        for place in group:
            of[place] = number_
    return list(made), of
