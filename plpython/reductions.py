"""Kernels that sum, average, find or accumulate along an axis."""

import numpy as np

from plpython.tables import kernel

REDUCTIONS: dict = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min, "prod": np.prod}


@kernel
def reduce(function, axes, keepdims):
    """The mean, sum, max, min or prod over axes (which count the batch as 0)."""
    f, axes = REDUCTIONS[function], tuple(axes)
    return lambda x: f(x, axis=axes, keepdims=keepdims)


@kernel
def find_extreme(function, axis):
    """y = where along axis (which counts the batch as 0) the largest or smallest number is first.

    NaN is passed over, and -0 is smaller than 0, as in Keras.
    """
    f = np.argmax if function == "max" else np.argmin
    last = -np.inf if function == "max" else np.inf

    def call(x):
        tiny = np.finfo(x.dtype).tiny
        x = np.where((x == 0) & np.signbit(x), -tiny, np.where(np.isnan(x), last, x))
        return f(x, axis=axis).astype(x.dtype)

    return call


@kernel
def cumulate(function, axis):
    """y = the sum or product along axis (which counts the batch as 0) up to each number."""
    f = np.cumsum if function == "sum" else np.cumprod
    return lambda x: f(x, axis=axis)


@kernel
def masked_mean(axis):
    """y = sum(x * mask) / sum(mask) along axis (which counts the batch as 0).

    Shapes: x (rows, ..., steps, ...), mask (rows, steps) -> y without the axis.
    """

    def call(x, mask):
        shape = [1] * x.ndim
        shape[0], shape[axis] = mask.shape
        m = (mask != 0).reshape(shape)
        return np.where(m, x, x.dtype.type(0)).sum(axis=axis) / m.sum(axis=axis, dtype=x.dtype)

    return call
