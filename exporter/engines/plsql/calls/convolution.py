"""Convolutions and pools: windows over the places of an image or a sequence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exporter.databases.oracle.registry import MAX_ARRAY
from exporter.databases.oracle.text import literal, number
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.lengths import Length, Lengths, number_of
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.samples import Array
from exporter.sql.text import Sql


def _conv(forward: Forward, op: ops.Conv, node: Node) -> Value:
    x = forward.only(node)
    *size, depth, filters = op.kernel.shape
    window = math.prod(size) * depth
    if op.groups > 1:
        require_one_array(op.kernel)
    else:
        require_small_windows(window)
    y = forward.new()
    forward.call(
        op, x.variable, x.rows, forward.t_shape(x.shape[:-1]), number_of(x.shape[-1]),
        forward.t_shape(size), forward.t_shape(op.strides), forward.t_shape(op.dilation),
        literal(op.padding), op.groups, filters, forward.blocks(op.kernel, "kernel"),
        forward.bias(op.bias), y,
    )  # fmt: skip
    counts = _windows(forward, x.shape[:-1], node, size, op.strides, op.dilation, op.padding)
    return Value(y, (*counts, filters), x.folded)


def _conv_transpose(forward: Forward, op: ops.ConvTranspose, node: Node) -> Value:
    x = forward.only(node)
    *size, filters, _ = op.kernel.shape
    require_one_array(op.kernel)
    y = forward.new()
    forward.call(
        op, x.variable, x.rows, forward.t_shape(x.shape[:-1]), number_of(x.shape[-1]),
        forward.t_shape(size), forward.t_shape(op.strides), forward.t_shape(op.dilation),
        forward.t_shape(op.before), forward.t_shape(op.after), filters,
        forward.blocks(op.kernel, "kernel"), forward.bias(op.bias), y,
    )  # fmt: skip
    lengths: list[Length] = []
    for axis, fixed in enumerate(node.shape[:-1]):
        more = (size[axis] - 1) * op.dilation[axis] + 1 - op.before[axis] - op.after[axis]
        free = Sql("({} - 1) * {} + {}").format(
            number_of(x.shape[axis]), number(op.strides[axis]), number(more)
        )
        lengths.append(forward.length(free) if fixed is None else fixed)
    return Value(y, (*lengths, filters), x.folded)


def _locally_connected(forward: Forward, op: ops.LocallyConnected, node: Node) -> Value:
    x = forward.only(node)
    rank = len(op.strides)
    counts, size = op.kernel.shape[:rank], op.kernel.shape[rank : 2 * rank]
    filters = op.kernel.shape[-1]
    y = forward.new()
    forward.call(
        op, x.variable, x.rows, forward.t_shape(x.shape[:-1]), number_of(x.shape[-1]),
        forward.t_shape(size), forward.t_shape(op.strides), filters,
        forward.vector(op.kernel, "kernel"), forward.bias(op.bias), y,
    )  # fmt: skip
    return Value(y, (*counts, filters), x.folded)


def _pool(forward: Forward, op: ops.Pool, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    forward.call(
        op, x.variable, x.rows, forward.t_shape(x.shape[:-1]), number_of(x.shape[-1]),
        literal(op.mode), forward.t_shape(op.size), forward.t_shape(op.strides),
        literal(op.padding), y,
    )  # fmt: skip
    ones = (1,) * len(op.size)
    counts = _windows(forward, x.shape[:-1], node, op.size, op.strides, ones, op.padding)
    return Value(y, (*counts, x.shape[-1]), x.folded)


def _windows(
    forward: Forward,
    lengths: Lengths,
    node: Node,
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: str,
) -> Lengths:
    counts: list[Length] = []
    for axis, fixed in enumerate(node.shape[:-1]):
        free = Sql("{}({}, {}, {}, {}, {})").format(
            forward.routine("count_windows"), number_of(lengths[axis]), number(size[axis]),
            number(strides[axis]), number(dilation[axis]), literal(padding),
        )  # fmt: skip
        counts.append(forward.length(free) if fixed is None else fixed)
    return tuple(counts)


def require_one_array(kernel: Array) -> None:
    """Raise CannotCall for a kernel that does not fit into one array."""
    if kernel.size > MAX_ARRAY:
        raise CannotCall(
            f"its kernel has {kernel.size:,} numbers, and only those of dense, recurrent and"
            f" ungrouped convolutional layers may have more than {MAX_ARRAY:,}",
            "Make the layer smaller.",
        )


def require_small_windows(numbers: int) -> None:
    """Raise CannotCall for windows of a convolution that do not fit into one array."""
    if numbers > MAX_ARRAY:
        raise CannotCall(
            f"a window of it holds {numbers:,} numbers, a UTL_NLA array {MAX_ARRAY:,}",
            "Make the layer smaller.",
        )


CONVOLUTION: Writers = {
    ops.Conv: _conv,
    ops.ConvTranspose: _conv_transpose,
    ops.LocallyConnected: _locally_connected,
    ops.Pool: _pool,
}
