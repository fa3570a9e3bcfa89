"""Columns of tables: what is missing, categories, and the choice of a class."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from exporter.engines.pgvector.elements import ONE, ZERO
from exporter.engines.pgvector.lowering.lookup import count_edges, value_beside, value_of_word
from exporter.engines.pgvector.scalars import (
    add,
    call,
    choose,
    compare,
    constant,
    in_order,
    is_nan,
    largest,
    multiply,
    over,
    times,
    total,
)
from exporter.engines.pgvector.values import Body, Step, Value, made
from exporter.sql.text import Sql, literal, number


def is_missing(body: Body, step: Step) -> Value:
    """y = 1 where x is missing, 0 elsewhere."""
    missing = step.op.missing
    if isinstance(missing, str):
        tests = [_equals(x, missing) for x in step.x.items]
    elif step.x.is_text:
        tests = [Sql("{} is null").format(x) for x in step.x.items]
    else:
        wanted = constant(math.nan if missing is None else missing)
        tests = [compare(x, Sql("="), wanted) for x in step.x.numbers()]
    return made(step, [choose(test, ONE, ZERO) for test in tests], 1.0)


def impute(body: Body, step: Step) -> Value:
    """A value where x is missing."""
    op, x = step.op, body.kept(step.x)
    missing = constant(math.nan if op.missing is None else op.missing)
    items = [
        choose(compare(item, Sql("="), missing), value, item)
        for item, value in zip(x.items, step.spread(op.values), strict=True)
    ]
    return made(step, items)


def impute_texts(body: Body, step: Step) -> Value:
    """A word where x is missing."""
    items = []
    for item, word in zip(step.x.items, step.op.words, strict=True):
        test = Sql("{} is null").format(item)
        if step.op.missing is not None:
            test = _equals(item, step.op.missing)
        items.append(choose(test, literal(word), item))
    _, kept = body.keep(items, Sql("pg_catalog.text[]"))
    return replace(made(step, kept), is_kept=True, is_text=True)


def _equals(x: Sql, word: str) -> Sql:
    """Whether a text is a word; a missing one is not."""
    return Sql("coalesce({}, false)").format(compare(x, Sql("="), literal(word)))


def discretize(body: Body, step: Step) -> Value:
    """How many of its column's edges are at most x."""
    op, x = step.op, body.kept(step.x)
    parts = np.split(np.asarray(op.edges, np.float64), np.cumsum(op.counts)[:-1])
    items = []
    for item, edges in zip(x.items, parts, strict=True):
        if op.slack:
            slack = add(constant(1e-8), multiply(constant(1e-5), call(Sql("abs"), item)))
            item = add(item, slack)
        items.append(count_edges(item, edges))
    return made(step, items, float(max(op.counts)))


def map_numbers(body: Body, step: Step) -> Value:
    """The value beside the key of its column."""
    op, x = step.op, body.kept(step.x)
    ends = np.cumsum(op.counts).tolist()
    items = []
    for place, (item, end, count) in enumerate(zip(x.items, ends, op.counts, strict=True)):
        keys = np.asarray(op.keys)[end - count : end]
        has_nan = bool(np.isnan(keys).any())
        values = np.asarray(op.values)[end - count : end]
        absent, default = constant(float(op.absent[place])), constant(float(op.defaults[place]))
        wrong = Sql("export_model.vector_unknown({}::pg_catalog.text, {})").format(
            item, number(count)
        )
        other = wrong if place in op.strict else default
        none = wrong if place in op.complete else absent
        found = value_beside(item, keys, values, other)
        items.append(found if has_nan else choose(is_nan(item), none, found))
    name, kept = body.keep(items)
    return replace(made(step, kept), is_kept=True, name=name)


def map_texts(body: Body, step: Step) -> Value:
    """The value beside the word of its column."""
    op, items, start = step.op, [], 0
    for place, (item, words) in enumerate(zip(step.x.items, op.words, strict=True)):
        values = np.asarray(op.values)[start : start + len(words)].tolist()
        start += len(words)
        wrong = Sql("export_model.vector_unknown({}, {})").format(item, number(len(words)))
        other = wrong if place in op.strict else constant(float(op.defaults[place]))
        none = wrong if place in op.complete else constant(float(op.absent[place]))
        items.append(
            Sql("case when {x} is null then {none} else {found} end").format(
                x=item, none=none, found=value_of_word(item, words, values, other)
            )
        )
    name, kept = body.keep(items)
    return replace(made(step, kept), is_kept=True, name=name)


def indicate(body: Body, step: Step) -> Value:
    """1 in the places that are in x."""
    x = body.kept(step.x)
    items = [
        choose(
            Sql("{} operator(pg_catalog.=) any ({})").format(
                Sql("{}::double precision").format(number(place)), x.name or Sql("null")
            ),
            ONE,
            ZERO,
        )
        for place in range(step.op.size)
    ]
    return made(step, items, 1.0)


def normalize_row(body: Body, step: Step) -> Value:
    """x / its norm."""
    op, x = step.op, body.kept(step.x)
    sizes = [call(Sql("abs"), item) for item in x.items]
    if op.norm == "l2":
        norm = call(Sql("sqrt"), total([times(item, item) for item in x.items]))
    else:
        norm = total(sizes) if op.norm == "l1" else largest(sizes)
    _, (size,) = body.keep([norm])
    is_small = compare(size, Sql("<"), constant(max(op.tiny, 1e-300)))
    _, (divisor,) = body.keep([choose(is_small, ONE, size)])
    return made(step, [over(item, divisor) for item in x.items])


def products(body: Body, step: Step) -> Value:
    """Products of columns."""
    x = body.kept(step.x)
    items = [
        in_order([ONE if place < 0 else x.items[place] for place in places])
        for places in step.op.places
    ]
    return made(step, items)


def decide(body: Body, step: Step) -> Value:
    """Which class a row has."""
    x = body.kept(step.x)
    if len(x.items) == 1:
        (item,) = x.items
        chosen = choose(compare(item, Sql(">"), ZERO), ONE, ZERO)
        return made(step, [choose(is_nan(item), item, chosen)])
    _, (most,) = body.keep([largest(x.items)])
    place = call(Sql("array_position"), x.name or Sql("null"), most)
    place = Sql("({} operator(pg_catalog.-) 1)::double precision").format(place)
    return made(step, [choose(is_nan(most), most, place)])
