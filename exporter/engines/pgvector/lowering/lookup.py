"""Rows of tables, and places among boundaries and keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import ONE, ZERO
from exporter.engines.pgvector.scalars import call, choose, compare, constant, largest, total
from exporter.engines.pgvector.values import DOUBLES, Body, Step, Value, array, elements, made
from exporter.sql.text import Sql, literal, number, texts


def embedding(body: Body, step: Step) -> Value:
    """A row of a table for each whole number."""
    table = np.asarray(step.op.table, np.float64)
    x = _whole(body, step, len(table))
    width = table.shape[1]
    name = body.variable(Sql("v"), DOUBLES)
    text = literal("{" + ",".join(map(repr, table.ravel().tolist())) + "}")
    place = body.variable(Sql("n"), Sql("double precision"))
    body.run(Sql("{} := {};"), name, Sql("'{}'"))
    body.run(
        Sql(
            "foreach {place} in array {given} loop\n{name} := {name} operator(pg_catalog.||)"
            " ({table}::double precision[])[{place}::integer operator(pg_catalog.*) {width}"
            " operator(pg_catalog.+) 1 : {place}::integer operator(pg_catalog.*) {width}"
            " operator(pg_catalog.+) {width}];\nend loop;"
        ),
        place=place,
        given=x.name or Sql("null"),
        name=name,
        table=text,
        width=number(width),
    )
    bound = float(np.abs(table).max(initial=0))
    return replace(
        made(step, elements(name, math.prod(step.shape)), bound), is_kept=True, name=name
    )


def _whole(body: Body, step: Step, count: int) -> Value:
    """The input, kept; an error where it is no whole number from 0 to count - 1."""
    x = body.kept(step.x)
    body.run(
        Sql("perform export_model.vector_place({}, {});"), x.name or Sql("null"), number(count)
    )
    return x


def encode(body: Body, step: Step) -> Value:
    """Whole numbers as vectors of zeros and ones, or counts."""
    x = _whole(body, step, step.op.depth)
    depth, mode = step.op.depth, step.op.mode
    ones = [
        [choose(compare(item, Sql("="), constant(n)), ONE, ZERO) for n in range(depth)]
        for item in x.items
    ]
    if mode == "one_hot":
        return made(step, [item for row in ones for item in row], 1.0)
    width = x.shape[-1]
    join = largest if mode == "multi_hot" else total
    groups = [ones[first : first + width] for first in range(0, len(ones), width)]
    items = [join(list(column)) for group in groups for column in zip(*group, strict=True)]
    return made(step, items, float(width))


def bucketize(body: Body, step: Step) -> Value:
    """How many boundaries are at most x."""
    edges = np.asarray(step.op.boundaries, np.float64)
    return made(step, [count_edges(x, edges) for x in step.x.numbers()], float(len(edges)))


def count_edges(x: Sql, edges: np.ndarray[Any, Any]) -> Sql:
    """How many edges, which rise, are at most x."""
    if not len(edges):
        return choose(Sql("{} is null").format(x), ZERO, ZERO)
    text = literal("{" + ",".join(map(repr, edges.tolist())) + "}")
    known = Sql("{}::double precision[]").format(text)
    return Sql("{}::double precision").format(call(Sql("width_bucket"), x, known))


def lookup(body: Body, step: Step) -> Value:
    """The value beside the key that x is, without its fraction; or default."""
    op = step.op
    _, kept = body.keep([call(Sql("trunc"), x) for x in step.x.numbers()])
    items = [value_beside(x, op.keys, op.values, constant(op.default)) for x in kept]
    most = max(abs(op.default), float(np.abs(op.values).max(initial=0)))
    return made(step, items, most)


def value_beside(x: Sql, keys: Any, values: Any, other: Sql) -> Sql:
    """The value beside the key that x is, or other."""
    cases = [
        Sql("when {} then {}").format(
            compare(x, Sql("="), constant(float(key))), constant(float(value))
        )
        for key, value in zip(keys, values, strict=True)
    ]
    if not cases:
        return other
    return Sql("case {} else {} end").format(Sql(" ").join(cases), other)


def string_lookup(body: Body, step: Step) -> Value:
    """The place beside the word that x is, or default; without one others are an error."""
    op = step.op
    places = np.asarray(op.places, np.float64).tolist()
    items = []
    for x in step.x.items:
        wrong = Sql("export_model.vector_unknown({}, {})").format(x, number(len(op.words)))
        other = wrong if op.default is None else constant(op.default)
        items.append(value_of_word(x, op.words, places, other))
    most = max([abs(place) for place in places] + [abs(op.default or 0.0)])
    return body.kept(made(step, items, float(most)))


def value_of_word(x: Sql, words: Sequence[str], values: Sequence[float], other: Sql) -> Sql:
    """Compared byte by byte, whatever the database's collation says."""
    if not words:
        return other
    place = call(Sql("array_position"), texts(words), Sql('({} collate pg_catalog."C")').format(x))
    numbers = array(constant(value) for value in values)
    return Sql("coalesce(({})[{}], {})").format(numbers, place, other)
