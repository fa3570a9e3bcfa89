"""Attention of queries to keys."""

from __future__ import annotations

from exporter.databases.oracle.text import number
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import boolean, number_of
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _attention(forward: Forward, op: ops.Attention, node: Node) -> Value:
    query, key, value, mask = _attended(forward, op.is_masked, node)
    y = forward.new()
    forward.call(
        op, query.variable, key.variable, value.variable, query.rows,
        number_of(query.shape[0]), number_of(key.shape[0]), op.heads,
        number_of(query.shape[1]), number_of(value.shape[1]), number(float(op.scale)),
        boolean(op.is_causal), y, mask=mask,
        zeroes_masked=boolean(True) if op.zeroes_masked else None,
    )  # fmt: skip
    return Value(y, (query.shape[0], value.shape[1]), query.folded)


def _additive_attention(forward: Forward, op: ops.AdditiveAttention, node: Node) -> Value:
    query, key, value, mask = _attended(forward, op.is_masked, node)
    y = forward.new()
    forward.call(
        op, query.variable, key.variable, value.variable, query.rows,
        number_of(query.shape[0]), number_of(key.shape[0]), number_of(query.shape[1]),
        number_of(value.shape[1]), forward.vector(op.scale, "scale"),
        boolean(op.is_causal), y, mask=mask,
    )  # fmt: skip
    return Value(y, (query.shape[0], value.shape[1]), query.folded)


def _attended(
    forward: Forward, is_masked: bool, node: Node
) -> tuple[Value, Value, Value, Sql | None]:
    query, key, value, *masks = forward.operands(node)
    pairs = (query.shape[0], key.shape[0])
    forward.measure(pairs)
    mask = forward.broadcast(masks[0], pairs).variable if is_masked else None
    return query, key, value, mask


ATTENTION: Writers = {
    ops.AdditiveAttention: _additive_attention,
    ops.Attention: _attention,
}
