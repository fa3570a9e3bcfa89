"""The rules of recurrent layers."""

import math

from plpython.activation_rules import _check_function
from plpython.convolution_rules import _padded
from plpython.data import a_flag, a_number, either, list_of, one_of, tuple_of
from plpython.recurrent import BLOCK_NUMBERS, LOOK_STEPS
from plpython.values import (
    CALL,
    EXP,
    MADD,
    TOUCH,
    Value,
    fit_exactly,
    need,
    numbers_of,
    rows_of,
    rule,
    tensor,
)


def _gate_type(value):
    """The type of an activation as recurrent kernels take it: its name, its options in pairs."""
    if type(value) is not list or len(value) != 2 or type(value[0]) is not str:
        return "a name and options"
    pairs = list_of(tuple_of(lambda key: None if type(key) is str else "a name", _option))
    return pairs(value[1]) or _check_function(value[0], [key for key, _ in value[1]], GATES)


_option = either(a_flag, a_number)
GATES = ("softmax", "log_softmax", "sparsemax")  # along the units of a gate, without options


@rule("simple_rnn", inputs=(1, 3), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      activation=_gate_type, result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_simple_rnn(x, *others, **given):
    return _recur(1, 1, x, others, **given)


@rule("lstm", inputs=(1, 4), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      activation=_gate_type, recurrent_activation=_gate_type,
      result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_lstm(x, *others, **given):
    return _recur(4, 2, x, others, **given)


@rule("gru", inputs=(1, 3), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      recurrent_bias=tensor(1), activation=_gate_type, recurrent_activation=_gate_type,
      result=one_of("sequence", "last", "hidden", "cell"), reset_after=a_flag,
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_gru(x, *others, reset_after, recurrent_bias=None, **given):
    columns = given["recurrent_kernel"].shape[1:]
    fit_exactly(x, columns, recurrent_bias)
    need(recurrent_bias is None or given.get("bias") is not None, "it has one bias of two")
    return _recur(3, 1, x, others, **given)


def _recur(
    gates, count, x, others, kernel, recurrent_kernel, activation, result, is_masked, has_states,
    zeroes_masked, recurrent_activation=None, bias=None,
):  # fmt: skip
    """What a recurrent kernel with so many gates and states gives."""
    units, columns = recurrent_kernel.shape
    fine = columns == gates * units == kernel.shape[1] and units and len(x.shape) == 2
    need(fine and x.shape[1] == kernel.shape[0], "its kernels do not fit")
    fit_exactly(x, (columns,), bias)
    steps = x.shape[0]
    kind = numbers_of(x, kernel, recurrent_kernel, *others)
    work = (kernel.shape[0] + units) * columns * MADD * 2 + 4 * EXP * columns
    return _along_time(
        x, others, (steps, units), kind, count, result, is_masked, has_states,
        work, columns, kernel.nbytes + recurrent_kernel.nbytes, 20 * CALL,
    )  # fmt: skip


@rule("conv_lstm", inputs=(1, 4), recurrent_kernel=tensor(3, 4, 5), activation=_gate_type,
      recurrent_activation=_gate_type, result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_conv_lstm(
    x, *others, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked,
):  # fmt: skip
    *size, filters, columns = recurrent_kernel.shape
    fine = columns == 4 * filters and filters and len(x.shape) == len(size) + 2
    need(fine and x.shape[-1] == columns and all(size), "its kernel does not fit")
    ones = (1,) * len(size)
    _, counts = _padded(x.shape[1:-1], size, ones, ones, "same")
    need(tuple(counts) == x.shape[1:-1], "its kernel does not fit")
    positions = math.prod(counts)
    patches = positions * math.prod(size) * filters
    work = patches * columns * 2 * MADD + 4 * TOUCH * patches + 4 * EXP * positions * columns
    return _along_time(
        x, others, (x.shape[0], *counts, filters), numbers_of(x, recurrent_kernel, *others), 2,
        result, is_masked, has_states, work, positions * columns, recurrent_kernel.nbytes,
        30 * CALL, patches,
    )  # fmt: skip


def _along_time(
    x, others, shape, kind, states, result, is_masked, has_states, work, columns, copies, calls,
    patches=0,
):  # fmt: skip
    """What a recurrence gives: shape is that of a whole sequence, work the time of a step."""
    steps, *state = shape
    need(result != "cell" or states == 2, "it has no such state")
    need(len(others) == is_masked + has_states * states, "it does not take so many inputs")
    others = list(others)
    rows = rows_of((x, *others))
    if is_masked:
        need(others.pop(0).shape == (steps,), "its mask does not fit")
    need(all(other.shape == tuple(state) for other in others), "its states do not fit")
    made = Value(shape if result == "sequence" else state, kind, rows)
    # Between two looks go as many rows as a block has through as many steps as are projected.
    block = min(512, max(1, BLOCK_NUMBERS // columns)) if len(state) > 1 else 512
    block_steps = min(steps, LOOK_STEPS, max(1, BLOCK_NUMBERS // (block * columns)))
    row_steps = min(steps, LOOK_STEPS)
    piece = max((block * work + calls) * block_steps, (work + calls) * row_steps)
    numbers = 6 * columns + 2 * min(steps, max(1, BLOCK_NUMBERS // columns)) * columns + 2 * patches
    work = rows * steps * (work + calls)
    return made.like(work=work, is_cut=True, piece=piece, copies=copies, scratch=8 * numbers)
