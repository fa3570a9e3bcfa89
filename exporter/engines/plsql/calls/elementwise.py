"""Ops that take numbers one by one, or two values number by number."""

from __future__ import annotations

from typing import cast

from exporter.databases.oracle.text import literal
from exporter.engines.plsql.forward import NOTHING, Forward, Value, Writers
from exporter.engines.plsql.lengths import Lengths, joined
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _add(forward: Forward, op: ops.Merge, node: Node) -> Value:
    return merge(forward, op, node)


def _compare(forward: Forward, op: ops.Compare, node: Node) -> Value:
    return merge(forward, op, node, literal(op.function))


def _average(forward: Forward, op: ops.Average, node: Node) -> Value:
    result = merge(forward, ops.Add(), node)
    forward.call(op, result.variable, len(node.inputs))
    return result


def _unary(forward: Forward, op: ops.Unary, node: Node) -> Value:
    return forward.in_place(op, node, literal(op.function))


def _clip(forward: Forward, op: ops.Clip, node: Node) -> Value:
    return forward.in_place(op, node, forward.numeral(op.low), forward.numeral(op.high))


def _not_equal(forward: Forward, op: ops.NotEqual, node: Node) -> Value:
    return forward.in_place(op, node, forward.numeral(op.value))


def _where(forward: Forward, op: ops.Where, node: Node) -> Value:
    xs = forward.operands(node)
    shape: Lengths = ()
    for x in xs:
        shape = joined(shape, x.shape) if shape else x.shape
    condition, x, other = (forward.broadcast(x, shape) for x in xs)
    y = forward.changeable(x, node, condition, other)
    forward.call(op, y, condition.variable, other.variable)
    return Value(y, shape, x.folded)


def _cast(forward: Forward, op: ops.Cast, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    forward.lines.append(Sql("{} := {}({});").format(y, forward.routine("cast_"), x.variable))
    return Value(y, x.shape, x.folded)


def _fill(forward: Forward, op: ops.Fill, node: Node) -> Value:
    return forward.in_place(op, node, forward.numeral(op.value))


def _constant(forward: Forward, op: ops.Constant, node: Node) -> Value:
    """Nothing yet: who takes it decides for how many rows."""
    forward.constants[node.value] = op
    return NOTHING


def merge(forward: Forward, op: ops.Merge, node: Node, *arguments: Sql) -> Value:
    """Write calls that put each other input, and arguments, into the first."""
    like = next((forward.values[v] for v in node.inputs if v not in forward.constants), None)
    shape: Lengths | None = None
    for value in node.inputs:
        own = (
            cast(Lengths, tuple(forward.constants[value].value.shape))
            if value in forward.constants
            else forward.values[value].shape
        )
        shape = own if shape is None else joined(shape, own)
    shape = shape or ()
    first, *others = (
        forward.broadcast(
            forward.materialize(value, like or NOTHING, shape)
            if value in forward.constants
            else forward.values[value],
            shape,
        )
        for value in node.inputs
    )
    y = forward.changeable(first, node, *others)
    for other in others:
        forward.call(op, y, other.variable, *arguments)
    return Value(y, shape, first.folded)


ELEMENTWISE: Writers = {
    ops.Add: _add,
    ops.Average: _average,
    ops.Cast: _cast,
    ops.Clip: _clip,
    ops.Compare: _compare,
    ops.Constant: _constant,
    ops.Divide: _add,
    ops.Fill: _fill,
    ops.Maximum: _add,
    ops.Minimum: _add,
    ops.Modulo: _add,
    ops.Multiply: _add,
    ops.NotEqual: _not_equal,
    ops.Power: _add,
    ops.Subtract: _add,
    ops.Unary: _unary,
    ops.Where: _where,
}
