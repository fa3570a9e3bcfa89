"""Ensembles of trees as nested cases: a walk is what SQL does without a loop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from exporter.engines.pgvector.scalars import (
    as_single,
    call,
    choose,
    compare,
    constant,
    is_nan,
)
from exporter.engines.pgvector.values import DOUBLES, Body, Step, Value
from exporter.ir.ops.trees import FIRST_SET
from exporter.sql.text import Sql, literal, number

MAX_NODES = 10_000  # 0.8 MB of text
MAX_DEPTH = 100  # cases inside each other
INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4  # flags of a set, see plpython/trees.py
TINY = float(np.float32(1e-35))
LOW, HIGH = constant(-math.inf), constant(math.inf)
ZERO, ONE = constant(0.0), constant(1.0)


def trees(body: Body, step: Step) -> Value:
    """(base + the leaves that a row reaches, in the trees' order) / divisor."""
    op, x = step.op, body.kept(step.x)
    numbers = x.items
    if op.compare == "float32":
        _, numbers = body.keep([as_single(item) for item in numbers])
    columns = [
        _column(numbers[place], kind, op.members[first:last])
        for place, kind, first, last in np.asarray(op.columns).tolist()
    ]
    asked = body.keep(columns)[1] if columns else ()
    leaves = [_walk(op, asked, root) for root in np.asarray(op.starts).tolist()]
    _, reached = body.keep(leaves, Sql("integer[]")) if leaves else (None, ())
    is_single = op.total == "float32"
    sums = []
    for output, base in enumerate(np.asarray(op.base).astype(op.total).tolist()):
        terms = [_constant(base, is_single)]
        for tree, leaf in enumerate(reached):
            if op.target is not None and int(op.target[tree]) != output:
                continue
            terms.append(_leaf(op, output, leaf, is_single))
        sums.append(_added(terms))
    if op.divisor != 1:
        divisor = _constant(float(op.divisor), is_single)
        sums = [Sql("({} operator(pg_catalog./) {})").format(item, divisor) for item in sums]
    return Value(tuple(sums), step.shape, math.inf)


def depth(op: Any) -> int:
    """How many nodes the longest way to a leaf passes."""
    left, deepest = np.asarray(op.left).tolist(), 0
    ways = [(root, 1) for root in np.asarray(op.starts).tolist()]
    while ways:
        node, passed = ways.pop()
        deepest = max(deepest, passed)
        if left[node] >= 0:
            ways += [(left[node], passed + 1), (left[node] + 1, passed + 1)]
    return deepest


def _column(x: Sql, kind: int, members: Any) -> Sql:
    """What the questions are asked of: a number that is at least a bound, or is not."""
    if kind >= FIRST_SET:
        return _set(x, kind - FIRST_SET, sorted(set(np.asarray(members).tolist())))
    is_tiny = compare(call(Sql("abs"), x), Sql("<="), constant(TINY))
    tiny_or_nan = Sql("({} or {})").format(is_nan(x), is_tiny)
    return (
        choose(is_nan(x), LOW, x),
        choose(is_nan(x), HIGH, x),
        choose(is_nan(x), ZERO, x),
        choose(tiny_or_nan, LOW, x),
        choose(tiny_or_nan, HIGH, x),
        choose(is_nan(x), ONE, ZERO),
        choose(tiny_or_nan, ONE, ZERO),
    )[kind]


def _set(x: Sql, flags: int, members: Sequence[int]) -> Sql:
    """1 for a category among the members; flags say what NaN and fractions are."""
    inside, outside = (ZERO, ONE) if flags & INVERTED else (ONE, ZERO)
    known = Sql("{}::double precision[]").format(literal("{" + ",".join(map(str, members)) + "}"))
    whole = call(Sql("floor"), x)
    found = choose(
        Sql("({} operator(pg_catalog.=) any ({}))").format(whole, known), inside, outside
    )
    of_fraction = inside if flags & TRUNCATES and 0 in members else outside
    is_fraction = Sql("({} and {})").format(
        compare(x, Sql(">"), constant(-1.0)), compare(x, Sql("<"), ZERO)
    )
    found = choose(is_fraction, of_fraction, found)
    return choose(is_nan(x), ONE if flags & NAN_RIGHT else ZERO, found)


def _walk(op: Any, asked: Sequence[Sql], node: int) -> Sql:
    """The number of the leaf, from 1, that a row reaches from a node."""
    left = int(op.left[node])
    if left < 0:
        return number(-left)
    bound = constant(float(op.bound[node].astype(op.compare)))
    is_right = compare(asked[int(op.column[node])], Sql(">="), bound)
    return choose(is_right, _walk(op, asked, left + 1), _walk(op, asked, left))


def _leaf(op: Any, output: int, leaf: Sql, is_single: bool) -> Sql:
    """The value of a leaf for an output."""
    column = 0 if op.target is not None or op.leaves.shape[1] == 1 else output
    values = np.asarray(op.leaves)[:, column].astype(op.total).tolist()
    text = literal("{" + ",".join(map(repr, values)) + "}")
    type_ = Sql("real[]") if is_single else DOUBLES
    return Sql("({}::{})[{}]").format(text, type_, leaf)


def _constant(value: float, is_single: bool) -> Sql:
    type_ = Sql("real") if is_single else Sql("double precision")
    return Sql("{}::{}").format(literal(repr(value)), type_)


def _added(terms: Sequence[Sql]) -> Sql:
    """One after another: the library rounds each sum."""
    result = terms[0]
    for term in terms[1:]:
        result = Sql("({} operator(pg_catalog.+) {})").format(result, term)
    return result
