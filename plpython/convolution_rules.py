"""The rules of what slides windows."""

import math

from plpython.convolution import count_at_once
from plpython.data import list_of, one_of, whole
from plpython.values import (
    CALL,
    MADD,
    TOUCH,
    WIDTHS,
    _product,
    fit_exactly,
    need,
    numbers_of,
    rule,
    tensor,
)

STEPS = list_of(whole(1), most=3, least=1)
MOST_TAPS = 2**20  # positions of a window; a kernel sees each of them on its own


def _padded(lengths, size, strides, dilation, padding):
    """How long axes are with what padding puts around them, and how many windows there are."""
    need(math.prod(size) <= MOST_TAPS, "its window is too large")
    full, counts = [], []
    for n, k, s, d in zip(lengths, size, strides, dilation):
        span = (k - 1) * d + 1
        if padding == "causal":
            n += span - 1
        elif padding == "same":
            n += max(0, (n - 1) // s * s + span - n)
        need(n >= span, f"a sequence of {n} is too short, the model needs {span}")
        full.append(n)
        counts.append((n - span) // s + 1)
    return full, counts


@rule(
    "conv", kernel=tensor(3, 4, 5), strides=STEPS, dilation=STEPS,
    padding=one_of("valid", "same", "causal"), groups=whole(1), bias=tensor(1),
)  # fmt: skip
def _of_conv(x, kernel, strides, dilation, padding, groups=1, bias=None):
    *size, depth, filters = kernel.shape
    fine = len(strides) == len(dilation) == len(size) == len(x.shape) - 1 and kernel.size
    need(
        fine and filters % groups == 0 and x.shape[-1] == depth * groups, "its kernel does not fit"
    )
    fit_exactly(x, (filters,), bias)
    full, counts = _padded(x.shape[:-1], size, strides, dilation, padding)
    made = x.like((*counts, filters), numbers_of(x, kernel))
    taps = math.prod(size)
    patches = math.prod(counts) * taps * x.shape[-1] * made.rows
    wide = WIDTHS[made.kind]
    scratch = wide * (math.prod(full) * x.shape[-1] * made.rows + patches) + 2 * made.bytes
    work = _product(made, taps * depth) + 2 * TOUCH * patches
    at_once = count_at_once(patches // made.rows, made.size // made.rows, filters)
    return _cut(made, work, scratch, at_once)


def _cut(made, work, scratch, at_once, calls=0):
    """The cost of what is done to slices of a batch, at_once rows each, see count_at_once(); calls
    that of numpy's calls, which do not grow with the rows."""
    rows = at_once / made.rows
    scratch /= made.rows
    return made.like(
        work=work, calls=calls, scratch=scratch, is_cut=True, piece=work * rows + calls
    )


@rule(
    "conv_transpose", kernel=tensor(3, 4, 5), strides=STEPS, dilation=STEPS,
    before=list_of(whole(0), most=3, least=1), after=list_of(whole(-(2**31)), most=3, least=1),
    bias=tensor(1),
)  # fmt: skip
def _of_conv_transpose(x, kernel, strides, dilation, before, after, bias=None):
    *size, filters, depth = kernel.shape
    axes = {len(strides), len(dilation), len(before), len(after), len(size), len(x.shape) - 1}
    need(len(axes) == 1 and kernel.size and x.shape[-1] == depth, "its kernel does not fit")
    need(math.prod(size) <= MOST_TAPS, "its window is too large")
    fit_exactly(x, (filters,), bias)
    lengths = x.shape[:-1]
    full = [(n - 1) * s + 1 + (k - 1) * d for n, k, s, d in zip(lengths, size, strides, dilation)]
    whole_size = math.prod(n - min(a, 0) for n, a in zip(full, after)) * filters
    need(all(b < n for b, n in zip(before, full)), "nothing is left")
    made = x.like(
        [*[n - b - a for n, b, a in zip(full, before, after)], filters], numbers_of(x, kernel)
    )
    taps = math.prod(size)
    windows = math.prod(lengths) * taps * filters * made.rows
    work = windows * depth * 2 * MADD + 4 * TOUCH * windows
    scratch = 8 * (3 * windows + whole_size * made.rows) + made.bytes
    numbers = windows // made.rows
    return _cut(made, work, scratch, count_at_once(numbers, numbers, depth), taps * 2 * CALL)


@rule("locally_connected", kernel=tensor(4, 6, 8), strides=STEPS, bias=tensor(2, 3, 4))
def _of_locally_connected(x, kernel, strides, bias=None):
    axes = len(strides)
    need(kernel.ndim == 2 * axes + 2 and len(x.shape) == axes + 1, "its kernel does not fit")
    counts, size = kernel.shape[:axes], kernel.shape[axes : 2 * axes]
    depth, filters = kernel.shape[2 * axes :]
    need(kernel.size and x.shape[-1] == depth, "its kernel does not fit")
    fit_exactly(x, (*counts, filters), bias)
    _, found = _padded(x.shape[:-1], size, strides, (1,) * axes, "valid")
    need(tuple(found) == counts, "its kernel is for other positions")
    made = x.like((*counts, filters), numbers_of(x, kernel))
    patches = math.prod(counts) * math.prod(size) * depth * made.rows
    work = _product(made, math.prod(size) * depth) + 4 * TOUCH * patches
    at_once = count_at_once(patches // made.rows, made.size // made.rows, filters)
    return _cut(made, work, 16 * patches + made.bytes, at_once, CALL * math.prod(counts))


@rule("pool", mode=one_of("max", "average"), size=STEPS, strides=STEPS,
      padding=one_of("valid", "same"))  # fmt: skip
def _of_pool(x, mode, size, strides, padding):
    need(len(size) == len(strides) == len(x.shape) - 1, "its window does not fit")
    full, counts = _padded(x.shape[:-1], size, strides, (1,) * len(size), padding)
    made = x.like((*counts, x.shape[-1]), numbers_of(x))
    taps = math.prod(size)
    work = 2 * taps * TOUCH * made.size
    return made.like(
        work=work,
        calls=2 * taps * CALL,
        scratch=16 * math.prod(full) * x.shape[-1] * x.rows + made.bytes,
    )
