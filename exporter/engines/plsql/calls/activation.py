"""Activations: functions of numbers, softmax and its kin along an axis."""

from __future__ import annotations

from exporter.engines.plsql.calls.linear import weighted
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import along, replaced
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _activation(forward: Forward, op: ops.Activation, node: Node) -> Value:
    return forward.in_place(op, node, forward.gate((op.function, op.options), True))


def _softmax(forward: Forward, op: ops.Softmax, node: Node) -> Value:
    x = forward.only(node)
    length, inner = along(x.shape, (op.axis,))
    return forward.in_place(op, node, length, None if inner == "1" else inner)


def _glu(forward: Forward, op: ops.Glu, node: Node) -> Value:
    x = forward.only(node)
    length, inner = along(x.shape, (op.axis,))
    half = x.shape[op.axis]
    half = half // 2 if isinstance(half, int) else forward.length(Sql("{} / 2").format(half))
    y = forward.new()
    forward.call(op, x.variable, length, inner, y)
    return Value(y, replaced(x.shape, op.axis, half), x.folded)


def _prelu(forward: Forward, op: ops.Prelu, node: Node) -> Value:
    return weighted(forward, op, node, alpha=op.alpha)


ACTIVATION: Writers = {
    ops.Activation: _activation,
    ops.Glu: _glu,
    ops.LogSoftmax: _softmax,
    ops.Prelu: _prelu,
    ops.Softmax: _softmax,
    ops.Sparsemax: _softmax,
}
