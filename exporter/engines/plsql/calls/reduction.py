"""Sums, extremes and means along axes."""

from __future__ import annotations

from exporter.databases.oracle.text import literal
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import Length, along, runs
from exporter.ir import ops
from exporter.ir.graph import Node


def _reduce(forward: Forward, op: ops.Reduce, node: Node) -> Value:
    """Axes side by side at once, others one group after the other, from behind."""
    x = forward.only(node)
    lengths: list[Length | None] = list(x.shape)
    source = x.variable
    y = source
    for axes in reversed(runs(op.axes)):
        shape = tuple(n for n in lengths if n is not None)
        length, inner = along(shape, axes)
        y = forward.new()
        forward.call(op, source, literal(op.function), length, inner, y)
        if source != x.variable:
            forward.discard(source)
        source = y
        lengths = [
            (1 if op.keepdims else None) if axis in axes else n for axis, n in enumerate(lengths)
        ]
    if y == x.variable:
        return x
    return Value(y, tuple(n for n in lengths if n is not None), x.folded)


def _find_extreme(forward: Forward, op: ops.FindExtreme, node: Node) -> Value:
    x = forward.only(node)
    length, inner = along(x.shape, (op.axis,))
    y = forward.new()
    forward.call(op, x.variable, literal(op.function), length, inner, y)
    return Value(y, (*x.shape[: op.axis], *x.shape[op.axis + 1 :]), x.folded)


def _cumulate(forward: Forward, op: ops.Cumulate, node: Node) -> Value:
    length, inner = along(forward.only(node).shape, (op.axis,))
    return forward.in_place(op, node, literal(op.function), length, inner)


def _masked_mean(forward: Forward, op: ops.MaskedMean, node: Node) -> Value:
    x, mask = forward.operands(node)
    length, inner = along(x.shape, (op.axis,))
    y = forward.new()
    forward.call(op, x.variable, mask.variable, x.rows, length, inner, y)
    return Value(y, (*x.shape[: op.axis], *x.shape[op.axis + 1 :]), x.folded)


REDUCTION: Writers = {
    ops.Cumulate: _cumulate,
    ops.FindExtreme: _find_extreme,
    ops.MaskedMean: _masked_mean,
    ops.Reduce: _reduce,
}
