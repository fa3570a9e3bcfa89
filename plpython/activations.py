"""Activations: functions of an array of any float type, and the kernels that apply them."""

import math

import numpy as np

from plpython.tables import kernel


def linear(x):
    """y = x."""
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """y = x for x > threshold, at most max_value; minus negative_slope * max(threshold - x, 0).

    NaN is not above a threshold, so that it gives 0 there, unless a slope makes it NaN again.
    """
    y = np.maximum(x, 0) if threshold == 0.0 else np.where(x > threshold, x, x.dtype.type(0))
    if max_value is not None:
        y = np.clip(y, 0, x.dtype.type(max_value))
    if negative_slope != 0.0:
        y = y - x.dtype.type(negative_slope) * np.maximum(x.dtype.type(threshold) - x, 0)
    return y


def relu6(x):
    """y = min(max(x, 0), 6)."""
    return np.minimum(np.maximum(x, 0), 6)


def leaky_relu(x, negative_slope=0.2):
    """y = x for x >= 0, negative_slope * x below."""
    return np.where(x >= 0, x, x * x.dtype.type(negative_slope))


def threshold_relu(x, theta=1.0):
    """y = x for x > theta, 0 elsewhere (NaN stays NaN)."""
    return x * ((x > theta) | np.isnan(x))


def sigmoid(x):
    """y = 1 / (1 + exp(-x)); where exp overflows, y is 0, as it should be."""
    return 1 / (1 + np.exp(-x))


def tanh(x):
    """y = tanh(x)."""
    return np.tanh(x)


def hard_sigmoid(x, slope=1 / 6, offset=0.5):
    """y = clip(slope * x + offset, 0, 1); Keras 1 and 2: slope 0.2, Keras 3: slope 1/6."""
    return np.clip(x * x.dtype.type(slope) + x.dtype.type(offset), 0, 1)


def softplus(x):
    """y = log(1 + exp(x))."""
    return np.logaddexp(x, x.dtype.type(0))


def log_sigmoid(x):
    """y = log(sigmoid(x)) = -softplus(-x)."""
    return -np.logaddexp(-x, x.dtype.type(0))


def softsign(x):
    """y = x / (1 + |x|)."""
    return x / (1 + np.abs(x))


def exponential(x):
    """y = exp(x)."""
    return np.exp(x)


def elu(x, alpha=1.0):
    """y = x for x > 0, alpha * (exp(x) - 1) below."""
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def celu(x, alpha=1.0):
    """y = max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)."""
    a = x.dtype.type(alpha)
    return np.maximum(x, 0) + a * np.expm1(np.minimum(x, 0) / a)


def selu(x):
    """y = scale * elu(x, alpha), Klambauer et al., 2017."""
    scale = x.dtype.type(1.0507009873554805)
    return scale * elu(x, 1.6732632423543772)


def silu(x):
    """y = x * sigmoid(x)."""
    return x * sigmoid(x)


def hard_silu(x):
    """y = x * hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def mish(x):
    """y = x * tanh(softplus(x))."""
    return x * np.tanh(softplus(x))


# In gelu, which TensorFlow computes with them in float64, too.
ROOT_OF_HALF = np.float32(math.sqrt(0.5))
OF_CUBE = np.float32(0.044715)


def erf(x):
    """Error function; float32: rational approximation within 6 units in the last place (3e-7).

    Beyond 3.74 it is 1 exactly: gelu multiplies what is missing from 1 by x.
    """
    if x.dtype == np.float64:
        return np.array([math.erf(v) for v in x.ravel()]).reshape(x.shape)
    f = np.float32
    limit = f(3.7439211627767994)
    x = np.clip(x, -limit, limit)
    z = x * x
    p = z * f(0.00022905065861350646) + f(0.0034082910107109506)
    p = (p * z + f(0.050955695062380861)) * z + f(0.18520832239976145)
    p = p * z + f(1.128379143519084)
    q = z * f(-1.1791602954361697e-7) + f(0.000023547966471313185)
    q = (q * z + f(0.0010179625278914885)) * z + f(0.014070470171167667)
    q = (q * z + f(0.11098505178285362)) * z + f(0.49746925110067538)
    q = q * z + f(1)
    return np.where(np.abs(x) < limit, x * p / q, np.sign(x))


def gelu(x, approximate=False):
    """y = x * P(N(0,1) <= x), or its tanh approximation."""
    half, one = x.dtype.type(0.5), x.dtype.type(1)
    if approximate:
        inner = x.dtype.type(math.sqrt(2 / math.pi)) * (x + x.dtype.type(OF_CUBE) * x * x * x)
        return half * x * (one + np.tanh(inner))
    return half * x * (one + erf(x * x.dtype.type(ROOT_OF_HALF)))


def squareplus(x, b=4.0):
    """y = (x + sqrt(x^2 + b)) / 2."""
    return (x + np.sqrt(x * x + x.dtype.type(b))) / 2


def hard_tanh(x):
    """y = clip(x, -1, 1)."""
    return np.clip(x, -1, 1)


def hard_shrink(x, threshold=0.5):
    """y = x for |x| > threshold, 0 elsewhere, for NaN too."""
    return np.where(np.abs(x) > threshold, x, x.dtype.type(0))


def soft_shrink(x, threshold=0.5):
    """y = x - threshold above it, x + threshold below its negative, 0 elsewhere, for NaN too."""
    t = x.dtype.type(threshold)
    return np.where(np.abs(x) > t, x - np.copysign(t, x), x.dtype.type(0))


def tanh_shrink(x):
    """y = x - tanh(x)."""
    return x - np.tanh(x)


def sparse_plus(x):
    """y = 0 for x <= -1, ((x + 1) / 2)^2 between, x for x >= 1."""
    middle = (x + 1) * (x + 1) / 4
    return np.where(x <= -1, x.dtype.type(0), np.where(x >= 1, x, middle))


def sparse_sigmoid(x):
    """y = clip((x + 1) / 2, 0, 1)."""
    return np.clip((x + 1) / 2, 0, 1)


ACTIVATIONS: dict = {
    function.__name__: function
    for function in (
        linear, relu, relu6, leaky_relu, threshold_relu, sigmoid, tanh, hard_sigmoid, softplus,
        log_sigmoid, softsign, exponential, elu, celu, selu, silu, hard_silu, mish, gelu,
        squareplus, hard_tanh, hard_shrink, soft_shrink, tanh_shrink, sparse_plus,
        sparse_sigmoid,
    )
}  # fmt: skip


ONE = np.ones((), np.float32)  # as an array: a Python number would cost 0.3 us more a call


def _sigmoid_of_negated(x):
    """sigmoid(-x) in the memory of x, for a dense layer whose weights were negated (exact)."""
    np.exp(x, x)
    np.add(x, ONE, x)
    return np.reciprocal(x, x)


# The same numbers in the memory of x: for a batch, fresh memory costs more than the arithmetic.
IN_PLACE: dict = {
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: _sigmoid_of_negated(np.negative(x, x)),
    "tanh": lambda x: np.tanh(x, x),
    "exponential": lambda x: np.exp(x, x),
}
FRESH = ("dense", "conv", "affine")  # kernels whose result shares memory with nothing


@kernel
def activation(function, parameters, overwrites=False):
    """y = function(x), element by element; overwrites says that nothing else needs x."""
    f = ACTIVATIONS[function]
    if parameters:
        return lambda x: f(x, **parameters)
    return IN_PLACE.get(function, f) if overwrites else f


@kernel
def softmax(axis):
    """y = exp(x) / sum(exp(x)) along axis (which counts the batch as 0), shifted by the maximum."""

    def call(x):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    return call


@kernel
def log_softmax(axis):
    """y = x - log(sum(exp(x))) along axis, shifted by the maximum."""

    def call(x):
        shifted = x - x.max(axis=axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

    return call


@kernel
def sparsemax(axis):
    """y = max(x - t, 0) along axis (which counts the batch as 0), t as Keras computes it.

    With z sorted downwards, c its running sums and k the count of z > (c - 1) / rank, Keras takes
    t = (sum of those c - 1) / k, where Martins and Astudillo, 2016, take the last of them. The
    two agree for k = 1 only, but the promise is the framework's numbers.
    """

    def call(x):
        z = -np.sort(-x, axis=axis)
        c = z.cumsum(axis=axis)
        shape = [1] * x.ndim
        shape[axis] = -1
        rank = np.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(shape)
        supported = z - (c - 1) / rank > 0
        k = supported.sum(axis=axis, keepdims=True, dtype=x.dtype)
        t = (np.where(supported, c, 0).sum(axis=axis, keepdims=True) - 1) / k
        return np.maximum(x - t, 0)

    return call


@kernel
def glu(axis):
    """y = a * sigmoid(b), a and b the halves of x along axis (which counts the batch as 0)."""

    def call(x):
        a, b = np.split(x, 2, axis=axis)
        return a * sigmoid(b)

    return call


@kernel
def prelu(alpha):
    """y = x for x >= 0, alpha * x below; alpha broadcast over the batch."""
    return lambda x: np.where(x >= 0, x, alpha * x)
