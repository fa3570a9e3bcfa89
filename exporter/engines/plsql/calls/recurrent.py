"""Recurrent layers: a step for each moment of a sequence."""

from __future__ import annotations

import math

from exporter.databases.oracle.text import literal
from exporter.engines.plsql.calls.convolution import require_small_windows
from exporter.engines.plsql.forward import Forward, Gate, Value, Writers
from exporter.engines.plsql.lengths import Argument, Lengths, boolean, number_of
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.samples import Array


def _simple_rnn(forward: Forward, op: ops.SimpleRnn, node: Node) -> Value:
    return _recurrent(forward, op, node, op.kernel, op.recurrent_kernel, op.bias)


def _lstm(forward: Forward, op: ops.Lstm, node: Node) -> Value:
    return _recurrent(
        forward, op, node, op.kernel, op.recurrent_kernel, op.bias, op.recurrent_activation
    )


def _gru(forward: Forward, op: ops.Gru, node: Node) -> Value:
    units = op.recurrent_kernel.shape[0]
    bias: Array | None = op.bias
    late: Array | None = None
    if op.recurrent_bias is not None and bias is not None:
        early = op.recurrent_bias.copy()
        early[2 * units :] = 0
        bias, late = bias + early, op.recurrent_bias[2 * units :]
    return _recurrent(forward,
        op, node, op.kernel, op.recurrent_kernel[:, : 2 * units], bias,
        op.recurrent_activation, (op.recurrent_kernel[:, 2 * units :], late),
    )  # fmt: skip


def _conv_lstm(forward: Forward, op: ops.ConvLstm, node: Node) -> Value:
    x, *others = forward.operands(node)
    mask = others.pop(0).variable if op.is_masked else None
    *size, filters, columns = op.recurrent_kernel.shape
    require_small_windows(math.prod(size) * filters)
    steps, *lengths, _ = x.shape
    y = forward.new()
    states = dict(zip(("hidden", "cell"), (state.variable for state in others), strict=False))
    forward.measure((*x.folded, *lengths, columns))
    forward.call(
        op, x.variable, x.rows, number_of(steps), forward.t_shape(lengths), forward.t_shape(size),
        filters, forward.blocks(op.recurrent_kernel, "recurrent"),
        forward.gate(op.activation), forward.gate(op.recurrent_activation), literal(op.result), y,
        mask=mask, zeroes_masked=boolean(True) if op.zeroes_masked else None, **states,
    )  # fmt: skip
    state = (*lengths, filters)
    return Value(y, (steps, *state) if op.result == "sequence" else state, x.folded)


def _recurrent(
    forward: Forward,
    op: ops.Recurrent,
    node: Node,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    recurrent_activation: Gate | None = None,
    new: tuple[Array, Array | None] | None = None,
) -> Value:
    x, *others = forward.operands(node)
    mask = others.pop(0).variable if op.is_masked else None
    steps, inputs = x.shape
    units = op.recurrent_kernel.shape[0]
    how = op.kernel_name
    arguments: list[Argument] = [
        x.variable, x.rows, number_of(steps), number_of(inputs), units,
        forward.blocks(op.kernel, "kernel", kernel, how),
        forward.blocks(op.recurrent_kernel, "recurrent", recurrent_kernel, how),
    ]  # fmt: skip
    if new is not None:
        arguments.append(forward.blocks(op.recurrent_kernel, "new", new[0], how))
    arguments.append(None if op.bias is None else forward.vector(op.bias, "bias", bias, how))
    if isinstance(op, ops.Gru) and new is not None:
        late = op.recurrent_bias
        arguments.append(None if late is None else forward.vector(late, "new_bias", new[1], how))
    arguments.append(forward.gate(op.activation))
    if recurrent_activation is not None:
        arguments.append(forward.gate(recurrent_activation))
    if isinstance(op, ops.Gru):
        arguments.append(boolean(op.reset_after))
    y = forward.new()
    states = dict(zip(("hidden", "cell"), (state.variable for state in others), strict=False))
    forward.measure((*x.folded, op.gates * units))
    forward.call(
        op, *arguments, literal(op.result), y, mask=mask,
        zeroes_masked=boolean(True) if op.zeroes_masked else None, **states,
    )  # fmt: skip
    shape: Lengths = (steps, units) if op.result == "sequence" else (units,)
    return Value(y, shape, x.folded)


RECURRENT: Writers = {
    ops.ConvLstm: _conv_lstm,
    ops.Gru: _gru,
    ops.Lstm: _lstm,
    ops.SimpleRnn: _simple_rnn,
}
