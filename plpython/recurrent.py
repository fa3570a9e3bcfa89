"""Recurrent kernels: a step that is repeated along time."""

import math

import numpy as np

from plpython.activations import ACTIVATIONS
from plpython.convolution import conv
from plpython.interrupts import stop_if_cancelled
from plpython.tables import KERNELS, kernel

BLOCK_NUMBERS = 2**21  # how many intermediate numbers of a kernel are held at once: 8 MiB
LOOK_STEPS = 64  # of a sequence between two looks whether the statement is to end
BLOCK_ROWS = 512  # how many rows go through time together: enough to hide the cost of a call


def _blocks(rows, numbers_per_row):
    """Slices of rows that together hold about BLOCK_NUMBERS numbers, so that memory is bounded."""
    size = max(1, BLOCK_NUMBERS // max(1, numbers_per_row))
    for start in range(0, rows, size):
        stop_if_cancelled()
        yield slice(start, start + size)


def _gate(activation, units):
    """Function of arrays (rows, k * units); softmax and its kind work gate by gate."""
    name, options = activation
    if name in ACTIVATIONS:
        f, options = ACTIVATIONS[name], dict(options)
        return (lambda x: f(x, **options)) if options else f
    along = KERNELS[name](axis=-1)
    return lambda x: along(x.reshape((*x.shape[:-1], -1, units))).reshape(x.shape)


def _projection(kernel, bias):
    """Function of arrays (steps, rows, n): x @ kernel + bias, and how many numbers that gives."""

    def project(x):
        projected = x.reshape(-1, x.shape[2]) @ kernel
        if bias is not None:
            projected += bias
        return projected.reshape((*x.shape[:2], -1))

    return project, kernel.shape[1]


def _recurrence(step, count, projection, units, result, is_masked, zeroes_masked):
    """Kernel that runs step(projected input, *states) -> new states, the first of them the output.

    One call of the projection projects all steps of a block of rows, or as many as BLOCK_NUMBERS
    allows, before the loop over them. count is the number of states. A masked step leaves the
    states alone and repeats the output before it, or gives zeros where zeroes_masked is set.

    Shapes: x (rows, steps, ..., n), mask (rows, steps), states (rows, ..., units)
    -> y (rows, steps, ..., units) for result "sequence", else (rows, ..., units).
    """
    is_sequence = result == "sequence"
    state = {"hidden": 0, "cell": 1}.get(result)
    project, columns = projection

    def call(x, *others):
        rows, length = x.shape[:2]
        lengths = x.shape[2:-1]
        mask = others[0] != 0 if is_masked else None
        initial = others[is_masked:]
        steps = (length,) if is_sequence else ()
        y = np.zeros((rows, *steps, *lengths, units), x.dtype)
        numbers = math.prod(lengths) * columns if lengths else 1  # of a row of images at a step
        block = min(BLOCK_ROWS, max(1, BLOCK_NUMBERS // numbers))
        for start in range(0, rows, block):
            part = slice(start, start + block)
            inputs = x[part].swapaxes(0, 1)
            ahead = max(1, BLOCK_NUMBERS // (inputs.shape[1] * columns))
            output = np.zeros((inputs.shape[1], *lengths, units), x.dtype)
            states = [s[part] for s in initial] if initial else [output] * count
            if mask is not None:
                m = mask[part]
                every, some = m.all(axis=0).tolist(), m.any(axis=0).tolist()
            for t in range(length):
                if t % LOOK_STEPS == 0:
                    stop_if_cancelled()
                if t % ahead == 0:
                    stop_if_cancelled()
                    projected = project(inputs[t : t + ahead])
                if mask is None or every[t]:
                    states = step(projected[t % ahead], *states)
                    output = states[0]
                elif some[t]:
                    chosen = m[:, t].reshape((-1,) + (1,) * (len(lengths) + 1))
                    new = step(projected[t % ahead], *states)
                    kept = x.dtype.type(0) if zeroes_masked else output
                    output = np.where(chosen, new[0], kept)
                    states = [np.where(chosen, n, s) for n, s in zip(new, states)]
                elif zeroes_masked:
                    output = np.zeros_like(output)
                if is_sequence:
                    y[part, t] = output
            if not is_sequence:
                y[part] = output if state is None else states[state]
        return y

    return call


@kernel
def simple_rnn(
    kernel, recurrent_kernel, activation, result, is_masked, has_states, zeroes_masked, bias=None
):
    """h = activation(x @ kernel + bias + h @ recurrent_kernel).

    Shapes: as _recurrence, kernel (n, units), recurrent_kernel (units, units), bias (units,).
    """
    units = recurrent_kernel.shape[0]
    f = _gate(activation, units)

    def step(x, h):
        return (f(x + h @ recurrent_kernel),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def lstm(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, bias=None,
):  # fmt: skip
    """i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel); c = r(f) * c + r(i) * a(g);
    h = r(o) * a(c), where a is the activation and r the recurrent_activation.

    Shapes: as _recurrence, kernel (n, 4 units), recurrent_kernel (units, 4 units),
    bias (4 units,); the states are h and c.
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    # i, f, o side by side, so that one call computes the three gates.
    order = np.r_[0 : 2 * units, 3 * units : 4 * units, 2 * units : 3 * units]
    kernel, recurrent_kernel = kernel[:, order], recurrent_kernel[:, order]
    bias = None if bias is None else bias[order]

    def step(x, h, c):
        z = h @ recurrent_kernel
        z += x
        gates = r(z[:, : 3 * units])
        c = gates[:, units : 2 * units] * c + gates[:, :units] * a(z[:, 3 * units :])
        return gates[:, 2 * units :] * a(c), c

    return _recurrence(step, 2, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def conv_lstm(
    recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked,
):  # fmt: skip
    """i, f, g, o = split(x + conv(h, recurrent_kernel)), the rest as lstm.

    Shapes: x (rows, steps, n..., 4 filters), recurrent_kernel (k..., filters, 4 filters), mask
    (rows, steps), states (rows, n..., filters)
    -> y (rows, steps, n..., filters) for result "sequence", else (rows, n..., filters).
    """
    filters = recurrent_kernel.shape[-2]
    ones = [1] * (recurrent_kernel.ndim - 2)
    a, r = _gate(activation, filters), _gate(recurrent_activation, filters)
    convolve = conv(recurrent_kernel, ones, ones, "same")

    def step(x, h, c):
        z = convolve(h)
        z += x
        i, f, g, o = (z[..., n * filters : (n + 1) * filters] for n in range(4))
        c = r(f) * c + r(i) * a(g)
        return r(o) * a(c), c

    return _recurrence(
        step, 2, (lambda x: x, 4 * filters), filters, result, is_masked, zeroes_masked
    )


@kernel
def gru(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, reset_after, bias=None, recurrent_bias=None,
):  # fmt: skip
    """z, s = r(x @ kernel[z, s] + bias[z, s] + h @ recurrent_kernel[z, s]);
    n = a(x @ kernel[n] + bias[n] + (s * h) @ recurrent_kernel[n]); h = z * h + (1 - z) * n,
    where a is the activation and r the recurrent_activation. With reset_after the last product
    is s * (h @ recurrent_kernel[n] + recurrent_bias[n]), and z and s have a recurrent_bias too.

    Shapes: as _recurrence, kernel (n, 3 units), recurrent_kernel (units, 3 units),
    bias and recurrent_bias (3 units,).
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    if recurrent_bias is not None:  # what is added to z and s need not be added at every step
        bias = bias + np.r_[recurrent_bias[: 2 * units], np.zeros(units, bias.dtype)]
        late_bias = recurrent_bias[2 * units :]
    else:
        late_bias = None
    gate_kernel = recurrent_kernel[:, : 2 * units].copy()
    new_kernel = recurrent_kernel[:, 2 * units :].copy()

    def step(x, h):
        if reset_after:
            product = h @ recurrent_kernel
            gates = r(x[:, : 2 * units] + product[:, : 2 * units])
            late = product[:, 2 * units :]
            late = late if late_bias is None else late + late_bias
            late = gates[:, units:] * late
        else:
            gates = r(x[:, : 2 * units] + h @ gate_kernel)
            late = (gates[:, units:] * h) @ new_kernel
        z = gates[:, :units]
        return (z * h + (1 - z) * a(x[:, 2 * units :] + late),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)
