"""Values that are computed row by row in a loop: what layers over time give, position by position.

A loop is not written before all is known that becomes of a row, so that neurons, their activation
and what pools them are one expression, and no number is kept in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.scalars import (
    average,
    call,
    constant,
    divide,
    largest,
    largest_number,
    smallest,
)
from exporter.engines.pgvector.values import (
    DOUBLES,
    EMPTY,
    VECTOR,
    Body,
    Lowering,
    Products,
    Step,
    Value,
    elements,
    made,
)
from exporter.ir import ops
from exporter.ir.ops import Dtype, as_tensor
from exporter.sql.text import Sql, number

BLOCK = 16  # rows between two copies of a large array
FEW_NUMBERS = 2_000  # of an array that may be copied for each row
MAX_WRITTEN = 100_000  # weights of a layer, written again for each row that is pooled with others

Combine = Callable[[Sequence[Sql]], Sql]


@dataclass(frozen=True)
class Window:
    """The numbers that one row is made of: where they begin in an array, from 0, how many they are,
    and which row it is, from 1."""

    array: Sql
    start: Sql
    width: int
    place: Sql

    def slice(self) -> Sql:
        """They as an array."""
        return Sql(
            "{array}[{start} operator(pg_catalog.+) 1 : {start} operator(pg_catalog.+) {n}]"
        ).format(array=self.array, start=self.start, n=number(self.width))

    def moved(self, numbers: int, rows: int) -> Window:
        """The window of a later row."""
        return replace(self, start=_plus(self.start, numbers), place=_plus(self.place, rows))

    def kept(self, body: Body, bound: float) -> Value:
        """They as a value in a variable."""
        name = body.variable(Sql("v"), DOUBLES)
        body.run(Sql("{} := {};"), name, self.slice())
        return Value(elements(name, self.width), (self.width,), bound, is_kept=True, name=name)


@dataclass(frozen=True, eq=False)
class Later:
    """An op that follows: on one row alone, or where it has no lowering, that pools some."""

    op: Any
    shape: tuple[int, ...]
    dtype: Dtype
    lowering: Lowering | None = None


@dataclass(frozen=True, eq=False)
class Rows:
    """A loop over windows of an array: count of them, each of width numbers, step numbers after the
    one before; enter makes the first value of a row of a window, and later is what follows. weights
    is how many a row is multiplied with. Where it is_folded, rows stand alone until time is
    unfolded, and any op of one input may follow."""

    source: Sql
    size: int
    count: int
    step: int
    width: int
    enter: Callable[[Body, Window], Value]
    later: tuple[Later, ...] = ()
    weights: int = 0
    is_folded: bool = False

    @property
    def lanes(self) -> int:
        """How many windows give one row: those that are pooled."""
        return math.prod(item.op.size[0] for item in self.later if item.lowering is None)

    def written(self, body: Body, shape: tuple[int, ...]) -> Value:
        """All rows one after another in a variable."""
        name = body.variable(Sql("v"), DOUBLES)
        body.run(Sql("{} := {};"), name, EMPTY)
        row = self._each(body, lambda inner, row, part: _append(inner, part, row), name, shape)
        return replace(row, items=elements(name, math.prod(shape)), shape=shape, name=name)

    def folded(self, body: Body, combine: Combine, start: float, width: int) -> Value:
        """Something over all rows, number by number: the largest, the sum."""
        name = body.variable(Sql("v"), DOUBLES)
        body.run(
            Sql("{} := pg_catalog.array_fill({}, array[{}]);"),
            name,
            Sql("{}::double precision").format(constant(start)),
            number(width),
        )
        items = elements(name, width)

        def add(inner: Body, row: Value, _: Sql) -> None:
            pairs = zip(items, row.numbers(), strict=True)
            inner.put(name, DOUBLES, [combine(pair) for pair in pairs])

        row = self._each(body, add, None, (width,))
        return replace(row, items=items, shape=(width,), name=name)

    def _each(
        self,
        body: Body,
        use: Callable[[Body, Value, Sql], None],
        result: Sql | None,
        shape: tuple[int, ...],
    ) -> Value:
        """The loop: what is done with each row, and an array that gathers. Large arrays, which
        PostgreSQL copies whole for each slice and each row that is joined to them, are cut into
        blocks of rows, and gathered in such."""
        lanes = self.lanes
        count, step = self.count // lanes, self.step * lanes
        most = max(self.size, math.prod(shape))
        n, inner = body.counter(), body.inner()
        if most <= FEW_NUMBERS or count <= BLOCK:
            window = Window(self.source, _times(n, step), self.width, _plus(_times(n, lanes), 1))
            row = self._whole_row(inner, window)
            use(inner, row, result or EMPTY)
            body.loop(n, number(count - 1), inner)
            return _finished(row)
        outer, m = body.inner(), body.counter()
        block, part = outer.variable(Sql("v"), DOUBLES), outer.variable(Sql("v"), DOUBLES)
        span = (BLOCK - 1) * step + (lanes - 1) * self.step + self.width
        whole = Window(self.source, _times(m, BLOCK * step), span, Sql("0"))
        outer.run(Sql("{} := {};"), block, whole.slice())
        first = _plus(_times(m, BLOCK * lanes), 1)
        place = Sql("({} operator(pg_catalog.+) {})").format(first, _times(n, lanes))
        row = self._whole_row(inner, Window(block, _times(n, step), self.width, place))
        use(inner, row, part)
        if result is not None:
            outer.run(Sql("{} := {};"), part, EMPTY)
        last = Sql("least({}, {} operator(pg_catalog.-) {})").format(
            number(BLOCK - 1), number(count - 1), _times(m, BLOCK)
        )
        outer.loop(n, last, inner)
        if result is not None:
            outer.run(Sql("{0} := {1};"), result, call(Sql("array_cat"), result, part))
        body.loop(m, number((count - 1) // BLOCK), outer)
        return _finished(row)

    def _whole_row(self, body: Body, window: Window) -> Value:
        """A row after all that follows, with no loop of its own left open."""
        row = self._row(body, len(self.later), window)
        return row if row.rows is None else body.kept(row)

    def _row(self, body: Body, done: int, window: Window) -> Value:
        """A row after so many of the ops that follow."""
        if not done:
            return self.enter(body, window)
        item = self.later[done - 1]
        if item.lowering is not None:
            row = self._row(body, done - 1, window)
            return lower(body, Step(item.op, (row,), item.shape, item.dtype), item.lowering)
        before = replace(self, later=self.later[: done - 1]).lanes
        lanes = [
            self._row(body, done - 1, window.moved(n * before * self.step, n * before))
            for n in range(item.op.size[0])
        ]
        columns = zip(*(x.numbers() for x in lanes), strict=True)
        items = [pooled(item.op.mode, column, item.dtype) for column in columns]
        return Value(tuple(items), item.shape, lanes[0].bound)


def pooled(mode: str, items: Sequence[Sql], dtype: Dtype) -> Sql:
    """The largest or mean of a window's numbers."""
    return largest_number(items, float(np.finfo(dtype).max)) if mode == "max" else average(items)


def lower(body: Body, step: Step, lowering: Lowering) -> Value:
    """What an op gives: one more op of a loop that is still open, or statements of its own."""
    if isinstance(step.op, ops.UnfoldTime):
        return _unfold(body, step)
    if len(step.inputs) == 1 and (value := _follow(body, step.x, step, lowering)) is not None:
        return value
    inputs = [value if value.rows is None else body.kept(value) for value in step.inputs]
    return lowering(body, replace(step, inputs=tuple(inputs)))


def fold_time(body: Body, step: Step) -> Value:
    """Each step of a sequence by itself, in a loop."""
    x = body.kept(step.x)
    count, width = x.shape[0], math.prod(x.shape[1:])

    def enter(inner: Body, window: Window) -> Value:
        return replace(window.kept(inner, x.bound), shape=step.shape)

    rows = Rows(x.name or EMPTY, len(x.items), count, width, width, enter, is_folded=True)
    return Value((), step.shape, math.inf, rows=rows)


def _unfold(body: Body, step: Step) -> Value:
    """The steps as a sequence again; where each is one row of numbers the loop stays open."""
    rows = step.x.rows
    if rows is None:
        return replace(step.x, shape=step.shape)
    value = replace(step.x, shape=step.shape, rows=replace(rows, is_folded=False))
    return value if len(step.shape) == 2 else body.kept(value)


def unfold_time(body: Body, step: Step) -> Value:
    """See lower, which meets it before its input's loop is written."""
    return _unfold(body, step)


def _follow(body: Body, value: Value, step: Step, lowering: Lowering) -> Value | None:
    """A value of rows after one more op, or None where the op takes all rows at once."""
    rows, op, shape = value.rows, step.op, step.shape
    if rows is not None and rows.is_folded:
        more = Later(op, shape, step.dtype, lowering)
        return replace(value, shape=shape, rows=replace(rows, later=(*rows.later, more)))
    if rows is None or step.dtype != "float32":
        return None
    if isinstance(op, ops.Reduce) and op.function in FOLDS and set(op.axes) == _leading(value):
        return _reduce(body, value, step)
    if isinstance(op, ops.Pool):
        if not _can_pool(rows, op, value.shape):
            return None
        more = Later(op, shape[-1:], step.dtype)
    else:
        own = _of_row(op, value.shape)
        if own is None:
            return None
        more = Later(own, shape[-1:], step.dtype, lowering)
    return replace(value, shape=shape, rows=replace(rows, later=(*rows.later, more)))


def _can_pool(rows: Rows, op: ops.Pool, shape: tuple[int, ...]) -> bool:
    """Whether windows lie side by side, so that each row is computed once."""
    is_apart = len(shape) == 2 and op.size == op.strides
    is_whole = op.padding == "valid" or shape[0] % op.size[0] == 0
    return is_apart and is_whole and rows.weights * rows.lanes * op.size[0] <= MAX_WRITTEN


FOLDS: dict[str, tuple[Combine, float]] = {
    "max": (largest, -math.inf),
    "min": (smallest, math.inf),
    "sum": (lambda pair: Sql("({} operator(pg_catalog.+) {})").format(*pair), 0.0),
    "mean": (lambda pair: Sql("({} operator(pg_catalog.+) {})").format(*pair), 0.0),
}


def _leading(value: Value) -> set[int]:
    return set(range(len(value.shape) - 1))


def _reduce(body: Body, value: Value, step: Step) -> Value:
    if value.rows is None:
        raise AssertionError("no rows")
    combine, start = FOLDS[step.op.function]
    count = math.prod(value.shape[:-1])
    x = value.rows.folded(body, combine, start, value.shape[-1])
    if step.op.function == "mean":
        return made(step, [divide(item, constant(count)) for item in x.items], x.bound)
    bound = x.bound * count if step.op.function == "sum" else x.bound
    return replace(x, shape=step.shape, bound=bound)


def _of_row(op: Any, shape: tuple[int, ...]) -> Any:
    """The op that does to one row what this one does to all; None where there is none."""
    last = len(shape) - 1
    if isinstance(op, (ops.Activation, ops.Clip, ops.Unary, ops.Dense)):
        return op
    if isinstance(op, (ops.Softmax, ops.LogSoftmax)):
        return replace(op, axis=0) if op.axis == last else None
    if isinstance(op, ops.LayerNormalization):
        op = replace(op, axes=(0,)) if tuple(op.axes) == (last,) else None
    elif not isinstance(op, (ops.Affine, ops.Standardize, ops.Prelu)):
        return None
    if op is None or any(math.prod(t.shape[:-1]) != 1 for t in op.tensors().values()):
        return None
    flat = {
        name: as_tensor(np.asarray(t).reshape(t.shape[-1:])) for name, t in op.tensors().items()
    }
    return replace(op, **flat)


def over_windows(
    step: Step,
    x: Value,
    count: int,
    stride: int,
    width: int,
    enter: Callable[[Body, Window], Value],
    weights: int = 0,
) -> Value:
    """The value of a step that works on windows of the array that x is kept in."""
    rows = Rows(x.name or EMPTY, len(x.items), count, stride, width, enter, (), weights)
    return Value((), step.shape, math.inf, rows=rows)


def products_of(weights: Any, has_bias: bool, bound: float) -> Callable[[Body, Window], Value]:
    """What makes neurons of a window: its vector, with 1 behind it for the bias, and weights."""

    def enter(body: Body, window: Window) -> Value:
        name = body.variable(Sql("h"), VECTOR)
        given = window.slice()
        if has_bias:
            given = call(Sql("array_cat"), given, Sql("'{1}'"))
        body.run(Sql("{} := {}::{};"), name, given, VECTOR)
        products = Products((name,), weights, body.write)
        return Value((), weights.shape[1:], bound, products=products)

    return enter


def _append(body: Body, name: Sql, row: Value) -> None:
    """Join a row to an array."""
    if row.usual is None and row.name is None:
        numbers = Sql("array[{}]::{}").format(Sql(",\n").join(row.numbers()), DOUBLES)
    else:
        numbers = body.kept(row).name or EMPTY
    body.run(Sql("{} := {};"), name, call(Sql("array_cat"), name, numbers))


def _finished(row: Value) -> Value:
    """What is known of all rows by one of them."""
    return Value((), row.shape, row.bound, is_kept=True)


def _plus(a: Sql, n: int) -> Sql:
    return Sql("({} operator(pg_catalog.+) {})").format(a, number(n)) if n else a


def _times(a: Sql, n: int) -> Sql:
    return Sql("({} operator(pg_catalog.*) {})").format(a, number(n)) if n != 1 else a
