"""Convolution and pooling: kernels that slide a window along the axes of a row."""

import math

import numpy as np

from plpython.interrupts import stop_if_cancelled
from plpython.tables import kernel

WINDOW_NUMBERS = 2**22  # of windows side by side at once: 16 MiB, whatever the batch
MANY_FILTERS = 1024  # with more, the products take longer than the windows, and rows are fewer
MANY_OUTPUTS = 16  # for each number of a window: with more, they take longer than the windows


@kernel
def conv(kernel, strides, dilation, padding, groups=1, bias=None):
    """Each window of x times kernel, plus bias: windows side by side, then one matrix product.

    Shapes: x (rows, n..., c), kernel (k..., c / groups, m), bias (m,) -> y (rows, o..., m).
    """
    size, depth, filters = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrices = kernel.reshape(-1, groups, filters // groups).swapaxes(0, 1)

    def part(x):
        x = x.reshape((*x.shape[:-1], groups, depth))
        windows = _windows(x, size, strides, dilation)
        patches = np.moveaxis(windows, -2, 0).reshape(groups, -1, matrices.shape[1])
        y = np.matmul(patches, matrices).swapaxes(0, 1)
        return y.reshape((*windows.shape[: len(size) + 1], filters))

    def call(x):
        x = _pad_windows(x, size, strides, dilation, padding, 0)
        counts = _count_windows(x.shape[1:-1], size, strides, dilation)
        numbers = math.prod(counts) * math.prod(size) * x.shape[-1]
        y = _by_slices(part, x, numbers, math.prod(counts) * filters, filters)
        if bias is not None:
            y += bias
        return y

    return call


@kernel
def conv_transpose(kernel, strides, dilation, before, after, bias=None):
    """Each position of x times kernel, added to its window of y; before and after are cut off.

    Shapes: x (rows, n..., c), kernel (k..., m, c), bias (m,) -> y (rows, o..., m).
    """
    size, filters, depth = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrix = kernel.reshape(-1, depth).T

    def part(x):
        lengths = x.shape[1:-1]
        windows = (x.reshape(-1, depth) @ matrix).reshape((x.shape[0], *lengths, *size, filters))
        spans = [(n - 1) * s + 1 for n, s in zip(lengths, strides)]
        full = [n + (k - 1) * d for n, k, d in zip(spans, size, dilation)]
        y = np.zeros((x.shape[0], *[n - min(a, 0) for n, a in zip(full, after)], filters), x.dtype)
        for tap in np.ndindex(*size):
            place = [
                slice(t * d, t * d + n, s) for t, d, n, s in zip(tap, dilation, spans, strides)
            ]
            y[(slice(None), *place)] += windows[(slice(None),) * (len(size) + 1) + tap]
        return y[(slice(None), *[slice(b, n - a) for b, n, a in zip(before, full, after)])]

    def call(x):
        numbers = math.prod(x.shape[1:-1]) * matrix.shape[1]
        y = _by_slices(part, x, numbers, numbers, depth)
        return y if bias is None else y + bias

    return call


@kernel
def locally_connected(kernel, strides, bias=None):
    """Each window of x times the kernel of its position, plus bias.

    Shapes: x (rows, n..., c), kernel (o..., k..., c, m), bias (o..., m) -> y (rows, o..., m).
    """
    rank = len(strides)
    counts, size, filters = kernel.shape[:rank], kernel.shape[rank : 2 * rank], kernel.shape[-1]
    matrices = kernel.reshape(math.prod(counts), -1, filters)
    ones = [1] * rank

    def part(x):
        windows = _windows(x[..., None, :], size, strides, ones)
        patches = windows.reshape((x.shape[0], *matrices.shape[:2])).swapaxes(0, 1)
        return np.matmul(patches, matrices).swapaxes(0, 1).reshape((-1, *counts, filters))

    def call(x):
        numbers = matrices.shape[0] * matrices.shape[1]
        y = _by_slices(part, x, numbers, matrices.shape[0] * filters, filters)
        return y if bias is None else y + bias

    return call


@kernel
def pool(mode, size, strides, padding):
    """The largest ("max") or mean ("average") value of each window; padding counts for nothing.

    NaN is not the largest of anything: TensorFlow begins with the least number that there is, and
    takes what is greater. A mean of NaN is NaN.
    Shapes: x (rows, n..., c) -> y (rows, o..., c).
    """
    ones = [1] * len(size)
    combine = np.fmax if mode == "max" else np.add

    def fold(x, fill):
        x = _pad_windows(x, size, strides, ones, padding, fill)
        counts = _count_windows(x.shape[1:-1], size, strides, ones)
        y = None
        for tap in np.ndindex(*size):
            place = [slice(t, t + (n - 1) * s + 1, s) for t, n, s in zip(tap, counts, strides)]
            part = x[(slice(None), *place)]
            y = part.copy() if y is None else combine(y, part, out=y)
        return y

    def call(x):
        if mode == "max":
            y = fold(x, -np.inf)
            return np.fmax(y, np.finfo(y.dtype).min, out=y)
        if padding == "valid":
            return fold(x, 0) / math.prod(size)
        return fold(x, 0) / fold(np.ones((1, *x.shape[1:-1], 1), x.dtype), 0)

    return call


def _count_windows(lengths, size, strides, dilation):
    """How many windows fit along each axis."""
    return [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(lengths, size, strides, dilation)]


def _pad_windows(x, size, strides, dilation, padding, fill):
    """x (rows, n..., c) with the fill around it that padding asks for.

    Raises: ValueError, when an axis of free length is too short for one window.
    """
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    lengths = x.shape[1:-1]
    if padding == "valid":
        for n, span in zip(lengths, spans):
            if n < span:
                raise ValueError(f"a sequence of {n} is too short, the model needs {span}")
        return x
    if padding == "causal":
        widths = [(span - 1, 0) for span in spans]
    else:
        totals = [
            max(0, (n - 1) // s * s + span - n) for n, s, span in zip(lengths, strides, spans)
        ]
        widths = [(total // 2, total - total // 2) for total in totals]
    if not any(map(any, widths)):
        return x
    return np.pad(x, [(0, 0), *widths, (0, 0)], constant_values=fill)


def _windows(x, size, strides, dilation):
    """All windows of x (rows, n..., g, c) as a view (rows, o..., k..., g, c); nothing is copied."""
    counts = _count_windows(x.shape[1:-2], size, strides, dilation)
    steps = x.strides[1:-2]
    return np.lib.stride_tricks.as_strided(
        x,
        (x.shape[0], *counts, *size, *x.shape[-2:]),
        (
            x.strides[0],
            *[step * s for step, s in zip(steps, strides)],
            *[step * d for step, d in zip(steps, dilation)],
            *x.strides[-2:],
        ),
        writeable=False,
    )


def count_at_once(numbers, outputs, filters):
    """How many rows go through a kernel at once: so many that numbers of each stay below
    WINDOW_NUMBERS, or fewer where each is multiplied with very many filters, or where outputs, what
    a row gives, are very many for the windows that they are made of."""
    products = numbers * max(1, -(-filters // MANY_FILTERS))
    return max(1, WINDOW_NUMBERS // max(1, products, outputs // MANY_OUTPUTS))


def _by_slices(part, x, numbers, outputs, filters):
    """part(x), as many rows at a time as count_at_once() says."""
    step = count_at_once(numbers, outputs, filters)
    if x.shape[0] <= step:
        return part(x)

    def parts():
        for start in range(0, x.shape[0], step):
            stop_if_cancelled()
            yield part(x[start : start + step])

    return np.concatenate(list(parts()))
