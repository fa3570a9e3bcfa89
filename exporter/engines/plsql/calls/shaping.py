"""Ops that move numbers, or only say how they lie."""

from __future__ import annotations

import math

from exporter.databases.oracle.text import number
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import Length, number_of, place_of, replaced, times
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _concatenate(forward: Forward, op: ops.Concatenate, node: Node) -> Value:
    xs = forward.operands(node)
    lengths = [x.shape[op.axis] for x in xs]
    total: Length = (
        sum(n for n in lengths if isinstance(n, int))
        if all(isinstance(n, int) for n in lengths)
        else forward.length(Sql(" + ").join(map(number_of, lengths)))
    )
    inner = xs[0].shape[op.axis + 1 :]
    y = forward.new()
    offset: Length = 0
    for x, length in zip(xs, lengths, strict=True):
        before = Sql("0") if offset == 0 else times(offset, *inner)
        width, whole = times(length, *inner), times(total, *inner)
        forward.call(op, x.variable, width, whole, before, y)
        offset = (
            offset + length
            if isinstance(offset, int) and isinstance(length, int)
            else Sql("({} + {})").format(number_of(offset), number_of(length))
        )
    return Value(y, replaced(xs[0].shape, op.axis, total), xs[0].folded)


def _reshape(forward: Forward, op: ops.Reshape, node: Node) -> Value:
    x = forward.only(node)
    shape: list[Length] = list(op.shape)
    if -1 in op.shape:
        known = math.prod(n for n in op.shape if n != -1)
        size = times(*x.shape)
        place = op.shape.index(-1)
        fixed = node.shape[place]
        if fixed is None and known == 1:
            shape[place] = size if "*" not in size else forward.length(size)
        else:
            shape[place] = fixed or forward.length(Sql("{} / {}").format(size, number(known)))
    return Value(x.variable, tuple(shape), x.folded)


def _transpose(forward: Forward, op: ops.Transpose, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    axes = forward.t_shape((1, *(axis + 2 for axis in op.axes)))
    forward.call(op, x.variable, forward.rows_and(x), axes, y)
    return Value(y, tuple(x.shape[axis] for axis in op.axes), x.folded)


def _pad(forward: Forward, op: ops.Pad, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    before = forward.t_shape((0, *(first for first, _ in op.widths)))
    after = forward.t_shape((0, *(last for _, last in op.widths)))
    forward.call(op, x.variable, forward.rows_and(x), before, after, forward.numeral(op.value), y)
    lengths = (
        n + first + last
        if isinstance(n, int)
        else forward.length(Sql("{} + {}").format(n, number(first + last)))
        for n, (first, last) in zip(x.shape, op.widths, strict=True)
    )
    return Value(y, tuple(lengths), x.folded)


def _cut(forward: Forward, op: ops.Cut, node: Node) -> Value:
    x = forward.only(node)
    starts, steps, lengths = [], [], []
    for n, item, fixed in zip(x.shape, op.slices, node.shape, strict=True):
        start, step, length = _slice(forward, n, item, fixed)
        starts.append(start)
        steps.append(step)
        lengths.append(length)
    y = forward.new()
    forward.call(
        op, x.variable, forward.rows_and(x), forward.t_shape((0, *starts)),
        forward.t_shape((1, *steps)), forward.rows_and(x, tuple(lengths)), y,
    )  # fmt: skip
    return Value(y, tuple(lengths), x.folded)


def _repeat(forward: Forward, op: ops.Repeat, node: Node) -> Value:
    x = forward.only(node)
    n = x.shape[op.axis]
    y = forward.new()
    forward.call(op, x.variable, op.times, times(*x.shape[op.axis + 1 :]), y)
    length = n * op.times if isinstance(n, int) else forward.length(times(n, op.times))
    return Value(y, replaced(x.shape, op.axis, length), x.folded)


def _fold_time(forward: Forward, op: ops.FoldTime, node: Node) -> Value:
    x = forward.only(node)
    return Value(x.variable, x.shape[1:], (*x.folded, x.shape[0]))


def _unfold_time(forward: Forward, op: ops.UnfoldTime, node: Node) -> Value:
    x, folded = (forward.operand(value) for value in node.inputs)
    return Value(x.variable, (folded.shape[0], *x.shape), folded.folded)


def _slice(
    forward: Forward, n: Length, item: tuple[int | None, int | None, int | None], fixed: int | None
) -> tuple[Length, int, Length]:
    """Start, step and count of a slice as Python counts."""
    start, stop, step = item[0], item[1], item[2] or 1
    if isinstance(n, int):
        places = range(n)[slice(*item)]
        return places.start, step, len(places)
    if step < 0 and (start, stop) != (None, None):
        raise CannotCall(
            "it cuts an axis of free length backwards, from within",
            "Save the model with an input of fixed shape.",
        )
    if step < 0:
        first = Sql("{} - 1").format(n)
        count = Sql("floor(({} - 1) / {}) + 1").format(n, number(-step))
    else:
        first = place_of(n, start or 0)
        end = n
        if stop is not None:
            at = place_of(n, stop)
            end = at if stop < 0 else Sql("least({}, {})").format(n, at)
        count = Sql("{} - ({})").format(end, first)
        if step > 1:
            count = Sql("floor(({} - 1) / {}) + 1").format(count, number(step))
    return first, step, forward.length(count) if fixed is None else fixed


SHAPING: Writers = {
    ops.Concatenate: _concatenate,
    ops.Cut: _cut,
    ops.FoldTime: _fold_time,
    ops.Pad: _pad,
    ops.Repeat: _repeat,
    ops.Reshape: _reshape,
    ops.Transpose: _transpose,
    ops.UnfoldTime: _unfold_time,
}
