"""Normalization along axes of a value."""

from __future__ import annotations

import numpy as np

from exporter.databases.oracle.text import number
from exporter.engines.plsql.calls.linear import laid_out
from exporter.engines.plsql.forward import ONE, Forward, Value, Writers
from exporter.engines.plsql.lengths import Argument, along, runs
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _layer_normalization(forward: Forward, op: ops.LayerNormalization, node: Node) -> Value:
    x = forward.only(node)
    given = [tensor for tensor in (op.gamma, op.beta) if tensor is not None]
    if not given:
        return _normalize(forward, op, node, number(op.epsilon))
    gamma = np.ones_like(given[0]) if op.gamma is None else op.gamma
    beta = np.zeros_like(given[0]) if op.beta is None else op.beta
    gamma, beta, behind = laid_out(x.shape, gamma, beta)
    names = [
        forward.vector(given[0] if own is None else own, name, array, (name, x.shape))
        for name, own, array in (("gamma", op.gamma, gamma), ("beta", op.beta, beta))
    ]
    last = None if behind == "1" else behind
    return _normalize(forward, op, node, number(op.epsilon), *names, last)


def _unit_normalization(forward: Forward, op: ops.UnitNormalization, node: Node) -> Value:
    return _normalize(forward, op, node, number(op.epsilon))


def _normalize(
    forward: Forward,
    op: ops.LayerNormalization | ops.UnitNormalization,
    node: Node,
    epsilon: Sql,
    *weights: Argument,
) -> Value:
    """Along axes that lie side by side at once; others are brought together and back."""
    x = forward.only(node)
    groups = runs(op.axes)
    if len(groups) == 1:
        return forward.in_place(op, node, *along(x.shape, groups[0]), epsilon, *weights)
    kept = [axis for axis in range(len(x.shape)) if axis not in op.axes]
    order = [*kept, *sorted(op.axes)]
    moved = tuple(x.shape[axis] for axis in order)
    together, y = forward.temporary(), forward.new()
    axes = forward.t_shape((1, *(axis + 2 for axis in order)))
    back = forward.t_shape((1, *(order.index(axis) + 2 for axis in range(len(order)))))
    forward.call("transpose", x.variable, forward.rows_and(x), axes, together)
    length, _ = along(moved, range(len(kept), len(order)))
    forward.call(op, together, length, ONE, epsilon)
    forward.call("transpose", together, forward.rows_and(x, moved), back, y)
    if weights:
        forward.call("affine", y, *(item for item in weights if item is not None))
    return Value(y, x.shape, x.folded)


NORMALIZATION: Writers = {
    ops.LayerNormalization: _layer_normalization,
    ops.UnitNormalization: _unit_normalization,
}
