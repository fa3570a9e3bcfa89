"""Numbers that are looked up: embeddings, tables of keys, edges of bins, categories."""

from __future__ import annotations

from exporter.databases.oracle.text import literal
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import number_of
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql


def _bucketize(forward: Forward, op: ops.Bucketize, node: Node) -> Value:
    if not op.boundaries.size:
        return forward.in_place(ops.Fill(0.0), node, forward.numeral(0))
    return forward.in_place(op, node, forward.vector(op.boundaries, "boundaries"))


def _lookup(forward: Forward, op: ops.Lookup, node: Node) -> Value:
    if not op.keys.size:
        return forward.in_place(ops.Fill(op.default), node, forward.numeral(op.default))
    keys = forward.vector(op.keys, "keys")
    values = forward.vector(op.values, "values")
    return forward.in_place(op, node, keys, values, forward.numeral(op.default))


def _encode(forward: Forward, op: ops.Encode, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    length = number_of(x.shape[-1]) if x.shape else Sql("1")
    forward.call(op, x.variable, length, op.depth, literal(op.mode), y)
    kept = x.shape if op.mode == "one_hot" else x.shape[:-1]
    return Value(y, (*kept, op.depth), x.folded)


def _embedding(forward: Forward, op: ops.Embedding, node: Node) -> Value:
    x = forward.only(node)
    vocabulary, width = op.table.shape
    y = forward.new()
    table = forward.blocks(op.table, "table")
    forward.call(op, x.variable, vocabulary, width, table, y)
    return Value(y, (*x.shape, width), x.folded)


LOOKUP: Writers = {
    ops.Bucketize: _bucketize,
    ops.Embedding: _embedding,
    ops.Encode: _encode,
    ops.Lookup: _lookup,
}
