"""Dense layers, products of matrices, and weights that scale or shift."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import Lengths, joined, times
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.samples import Array
from exporter.sql.text import Sql


def _dense(forward: Forward, op: ops.Dense, node: Node) -> Value:
    x = forward.only(node)
    inputs, units = op.kernel.shape
    y = forward.new()
    kernel = forward.blocks(op.kernel, "kernel")
    forward.call(
        op, x.variable, x.count(*x.shape[:-1]), inputs, units, kernel,
        forward.bias(op.bias), y,
    )  # fmt: skip
    return Value(y, (*x.shape[:-1], units), x.folded)


def _affine(forward: Forward, op: ops.Affine, node: Node) -> Value:
    return weighted(forward, op, node, scale=op.scale, offset=op.offset)


def _standardize(forward: Forward, op: ops.Standardize, node: Node) -> Value:
    return weighted(forward, op, node, mean=op.mean, deviation=op.deviation)


def _matmul(forward: Forward, op: ops.Matmul, node: Node) -> Value:
    a, b = forward.operands(node)
    leading = joined(a.shape[:-2], b.shape[:-2])
    a = forward.broadcast(a, (*leading, *a.shape[-2:]))
    b = forward.broadcast(b, (*leading, *b.shape[-2:]))
    y = forward.new()
    m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
    count = a.count(*leading)
    forward.call(op, a.variable, b.variable, count, m, k, n, y)
    return Value(y, (*leading, m, n), a.folded)


def weighted(forward: Forward, op: ops.Op, node: Node, **tensors: ops.Tensor) -> Value:
    """Write the call of an op that changes its input by weights that repeat over it."""
    x = forward.only(node)
    *arrays, inner = laid_out(x.shape, *tensors.values())
    names = [
        forward.vector(tensor, name, array, array.shape)
        for (name, tensor), array in zip(tensors.items(), arrays, strict=True)
    ]
    return forward.in_place(op, node, *names, None if inner == "1" else inner)


def laid_out(shape: Lengths, *tensors: Array) -> tuple[Any, ...]:
    """Tensors in the least room from which they repeat over shape, and p_inner."""
    rank = len(shape)
    padded = [t.reshape((1,) * (rank - t.ndim) + t.shape) for t in tensors]
    varied = [axis for axis in range(rank) if any(t.shape[axis] != 1 for t in padded)]
    if not varied:
        return (*(t.ravel() for t in padded), Sql("1"))
    first, last = varied[0], varied[-1]
    room = [max(t.shape[axis] for t in padded) for axis in range(first, last + 1)]
    for place, axis in enumerate(range(first, last + 1)):
        length = shape[axis]
        if room[place] == 1 and length != 1:
            if not isinstance(length, int):
                raise CannotCall(
                    "its weights repeat along an axis of free length between others",
                    "Save the model with an input of fixed shape.",
                )
            room[place] = length
    arrays = [np.broadcast_to(t.reshape(t.shape[first : last + 1]), room).ravel() for t in padded]
    return (*arrays, times(*shape[last + 1 :]))


LINEAR: Writers = {
    ops.Affine: _affine,
    ops.Dense: _dense,
    ops.Matmul: _matmul,
    ops.Standardize: _standardize,
}
