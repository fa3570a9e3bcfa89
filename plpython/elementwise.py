"""Kernels that work element by element, on one input or on several."""

import numpy as np

from plpython.activations import erf
from plpython.tables import kernel


@kernel
def standardize(mean, deviation):
    """y = (x - mean) / deviation, both broadcast over the batch."""
    return lambda x: (x - mean) / deviation


@kernel
def add():
    """y = x0 + x1 + ..."""
    return lambda *xs: _accumulate(np.add, xs)


@kernel
def multiply():
    """y = x0 * x1 * ..."""
    return lambda *xs: _accumulate(np.multiply, xs)


@kernel
def subtract():
    """y = x0 - x1."""
    return lambda x0, x1: x0 - x1


@kernel
def average():
    """y = (x0 + x1 + ...) / count."""
    return lambda *xs: _accumulate(np.add, xs) / len(xs)


@kernel
def maximum():
    """y = max(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.maximum, xs)


@kernel
def minimum():
    """y = min(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.minimum, xs)


@kernel
def divide():
    """y = x0 / x1."""
    return lambda x0, x1: x0 / x1


@kernel
def power():
    """y = x0 to the power of x1."""
    return lambda x0, x1: x0**x1


@kernel
def modulo():
    """y = the remainder of x0 / x1 with the sign of x1."""
    return np.mod


COMPARISONS: dict = {
    "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
    "greater": np.greater, "greater_equal": np.greater_equal,
}  # fmt: skip


@kernel
def compare(function):
    """y = 1 where the relation holds between x0 and x1, 0 elsewhere."""
    f = COMPARISONS[function]
    return lambda x0, x1: f(x0, x1).astype(x0.dtype)


FUNCTIONS = {
    "abs": np.abs, "negative": np.negative, "log": np.log, "exp": np.exp, "expm1": np.expm1,
    "log1p": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "square": np.square,
    "reciprocal": np.reciprocal, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
    "round": np.round, "trunc": lambda x: np.trunc(x) + 0, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "erf": erf,
    "isnan": lambda x: np.isnan(x).astype(x.dtype),
    "isinf": lambda x: np.isinf(x).astype(x.dtype),
    "isfinite": lambda x: np.isfinite(x).astype(x.dtype),
}  # fmt: skip


@kernel
def unary(function):
    """y = function(x), element by element."""
    return FUNCTIONS[function]


@kernel
def clip(low, high):
    """y = min(max(x, low), high)."""
    return lambda x: np.clip(x, x.dtype.type(low), x.dtype.type(high))


@kernel
def cast(dtype, single=np.float32):
    """y = x rounded to dtype, float32 or float64; single is what float32 is computed in."""
    if dtype == "float64":
        return lambda x: x.astype(np.float64)
    return lambda x: x.astype(np.float32).astype(single, copy=False)


@kernel
def constant(value):
    """The same numbers for every row, with 1 as the number of rows: they broadcast."""
    return lambda: value[None]


@kernel
def not_equal(value):
    """y = 1 where x is not value, 0 elsewhere."""
    return lambda x: (x != value).astype(x.dtype)


@kernel
def where():
    """y = x where the condition is not 0, else other."""
    return lambda condition, x, other: np.where(condition != 0, x, other)


@kernel
def fill(value):
    """y = value everywhere."""
    return lambda x: np.full_like(x, value)


def _accumulate(function, arrays):
    """function(...function(function(a0, a1), a2)..., an)."""
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result
