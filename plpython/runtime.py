"""The kernels and the scoring function, in Python's standard library and numpy.

This file is imported by the exporter and its tests, and it is also, byte for byte, the body
of the PL/Python function that loads a model into a database session. There PostgreSQL runs it
as a function's body with the arguments `version`, `plan` and `weights`; hence no `from
__future__`, no multi-line string whose content matters, and no assignment to those names.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian float32 numbers, the tensors in row-major order one after another.
"""

import hashlib
import json
import math
import os
import re
import string
import struct
import sys

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

import numpy as np

KERNELS: dict = {}


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build


# Activation functions: array in, array of the same shape and type out.


def linear(x):
    """y = x."""
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """y = x for x > threshold, at most max_value; minus negative_slope * max(threshold - x, 0)."""
    y = np.maximum(x, 0) if threshold == 0.0 else np.where(x <= threshold, x.dtype.type(0), x)
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
        inner = x.dtype.type(math.sqrt(2 / math.pi)) * (x + x.dtype.type(0.044715) * x * x * x)
        return half * x * (one + np.tanh(inner))
    return half * x * (one + erf(x * x.dtype.type(math.sqrt(0.5))))


def squareplus(x, b=4.0):
    """y = (x + sqrt(x^2 + b)) / 2."""
    return (x + np.sqrt(x * x + x.dtype.type(b))) / 2


def hard_tanh(x):
    """y = clip(x, -1, 1)."""
    return np.clip(x, -1, 1)


def hard_shrink(x, threshold=0.5):
    """y = x for |x| > threshold, 0 elsewhere."""
    return x * ((np.abs(x) > threshold) | np.isnan(x))


def soft_shrink(x, threshold=0.5):
    """y = x - threshold above it, x + threshold below its negative, 0 between."""
    t = x.dtype.type(threshold)
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


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


# Kernels: build(**parameters) gives a function from batches (rows, ...) to a batch.


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
def dense(kernel, bias=None):
    """y = x @ kernel + bias.

    Shapes: x (rows, ..., n), kernel (n, m), bias (m,) -> y (rows, ..., m).
    """

    def call(x):
        if x.ndim == 2:
            y = x @ kernel
            if bias is not None:
                y += bias
            return y
        return call(x.reshape(-1, kernel.shape[0])).reshape((*x.shape[:-1], kernel.shape[1]))

    return call


@kernel
def affine(scale, offset):
    """y = x * scale + offset, both broadcast over the batch."""
    return lambda x: x * scale + offset


@kernel
def standardize(mean, deviation):
    """y = (x - mean) / deviation, both broadcast over the batch."""
    return lambda x: (x - mean) / deviation


@kernel
def prelu(alpha):
    """y = x for x >= 0, alpha * x below; alpha broadcast over the batch."""
    return lambda x: np.where(x >= 0, x, alpha * x)


@kernel
def concatenate(axis):
    """Join the inputs along axis (which counts the batch as 0)."""
    return lambda *xs: np.concatenate(xs, axis=axis)


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


@kernel
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


WINDOW_NUMBERS = 2**22  # of windows side by side at once: 16 MiB, whatever the batch


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
        y = _by_slices(part, x, math.prod(counts) * math.prod(size) * x.shape[-1])
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
        y = _by_slices(part, x, math.prod(x.shape[1:-1]) * matrix.shape[1])
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
        y = _by_slices(part, x, matrices.shape[0] * matrices.shape[1])
        return y if bias is None else y + bias

    return call


@kernel
def pool(mode, size, strides, padding):
    """The largest ("max") or mean ("average") value of each window; padding counts for nothing.

    Shapes: x (rows, n..., c) -> y (rows, o..., c).
    """
    ones = [1] * len(size)
    combine = np.maximum if mode == "max" else np.add

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
            return fold(x, -np.inf)
        if padding == "valid":
            return fold(x, 0) / math.prod(size)
        return fold(x, 0) / fold(np.ones((1, *x.shape[1:-1], 1), x.dtype), 0)

    return call


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
def constant(value):
    """The same numbers for every row, with 1 as the number of rows: they broadcast."""
    return lambda: value[None]


@kernel
def matmul():
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (rows, ..., n, k), x1 (rows, ..., k, m) -> y (rows, ..., n, m).
    """
    return np.matmul


@kernel
def bucketize(boundaries):
    """y = how many of the boundaries, which ascend, are at most x."""
    return lambda x: np.searchsorted(boundaries, x, side="right").astype(x.dtype)


@kernel
def lookup(keys, values, default):
    """y = the value beside the key that equals x, or default; keys ascend."""
    if not keys.size:
        return lambda x: np.full_like(x, default)

    def call(x):
        x = np.trunc(x)
        place = np.minimum(np.searchsorted(keys, x), keys.size - 1)
        return np.where(keys[place] == x, values[place], x.dtype.type(default))

    return call


@kernel
def string_lookup(words, places, default=None):
    """y = the place of the word that equals x, or default; x is an array of texts.

    Raises: ValueError, when x is none of the words and there is no default.
    """
    table = {word: number for number, word in enumerate(words)}
    all_places = np.append(places, places.dtype.type(default or 0)).astype(places.dtype)

    def call(x):
        numbers = [table.get(word, len(words)) for word in x.ravel().tolist()]
        if default is None and len(words) in numbers:
            word = x.ravel()[numbers.index(len(words))]
            raise ValueError(f"{word[:80]!r} is not in the vocabulary of {len(words)} words")
        return all_places[np.array(numbers, np.intp)].reshape(x.shape)

    return call


SPACES = re.compile("[ \t\n\v\f\r]+")  # what TensorFlow splits at; other Unicode spaces are letters
LOWER = {n: n + 32 for n in range(ord("A"), ord("Z") + 1)}  # TensorFlow leaves all other letters
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation))


def _tokens(texts, standardize, split, ngrams):
    """The tokens of a row's texts, as Keras's TextVectorization takes them apart."""
    if "lower" in standardize:
        texts = [text.translate(LOWER) for text in texts]
    if "strip_punctuation" in standardize:
        texts = [text.translate(PUNCTUATION) for text in texts]
    if split == "whitespace":
        texts = [token for text in texts for token in SPACES.split(text) if token]
    elif split == "character":
        texts = [letter for text in texts for letter in text]
    if not ngrams:
        return texts
    return [" ".join(texts[i : i + n]) for n in ngrams for i in range(len(texts) - n + 1)]


@kernel
def tokenize(standardize, split, ngrams, length):
    """The first tokens of each row's texts, "" where there are fewer than length.

    Shapes: x (rows, ...) -> y (rows, length), arrays of texts.
    """

    def call(x):
        y = np.full((x.shape[0], length), "", object)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            tokens = _tokens(texts, standardize, split, ngrams)[:length]
            row[: len(tokens)] = tokens
        return y

    return call


@kernel
def count_words(words, weights, standardize, split, ngrams, is_binary):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere.
    Shapes: x (rows, ...), weights (depth,) -> y (rows, depth).
    """
    table = {word: number for number, word in enumerate(words, 1)}

    def call(x):
        y = np.zeros((x.shape[0], weights.size), weights.dtype)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            for token in _tokens(texts, standardize, split, ngrams):
                if token:
                    row[table.get(token, 0)] += 1
        return (np.minimum(y, 1) if is_binary else y) * weights

    return call


U64 = 2**64 - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _rotate(x, bits):
    """The 64 bits of x, rotated right."""
    return (x >> bits | x << (64 - bits)) & U64


def _mix(u, v, factor):
    """HashLen16 of FarmHash."""
    a = (u ^ v) * factor & U64
    a ^= a >> 47
    b = (v ^ a) * factor & U64
    return (b ^ b >> 47) * factor & U64


def _weak(words, a, b):
    """WeakHashLen32WithSeeds of FarmHash."""
    w, x, y, z = words
    a += w
    b = _rotate((b + a + z) & U64, 21)
    c = a
    a += x + y
    b += _rotate(a & U64, 44)
    return (a + z) & U64, (b + c) & U64


def fingerprint(data):
    """FarmHash's Fingerprint64 of bytes.

    Source: google/farmhash, farmhashna::Hash64; TensorFlow's to_hash_bucket_fast.
    """
    n = len(data)

    def at(place):
        return struct.unpack_from("<Q", data, place)[0]

    factor = K2 + 2 * n
    if n <= 16:
        if n >= 8:
            a, b = at(0) + K2 & U64, at(n - 8)
            return _mix(
                _rotate(b, 37) * factor + a & U64, (_rotate(a, 25) + b) * factor & U64, factor
            )
        if n >= 4:
            a, b = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, n - 4)[0]
            return _mix(n + (a << 3) & U64, b, factor)
        if n == 0:
            return K2
        y = data[0] + (data[n >> 1] << 8)
        z = (y * K2 ^ (n + (data[n - 1] << 2)) * K0) & U64
        return (z ^ z >> 47) * K2 & U64
    if n <= 64:
        first = K1 if n <= 32 else K2
        a, b, c, d = at(0) * first & U64, at(8), at(n - 8) * factor & U64, at(n - 16) * K2 & U64
        y = _rotate(a + b & U64, 43) + _rotate(c, 30) + d & U64
        z = _mix(y, a + _rotate(b + K2 & U64, 18) + c & U64, factor)
        if n <= 32:
            return z
        e, f = at(16) * factor & U64, at(24)
        g, h = (y + at(n - 32)) * factor & U64, (z + at(n - 24)) * factor & U64
        return _mix(
            _rotate(e + f & U64, 43) + _rotate(g, 30) + h & U64,
            e + _rotate(f + a & U64, 18) + g & U64,
            factor,
        )
    x, y = 81 * K2 + at(0) & U64, 81 * K1 + 113 & U64
    z = y * K2 + 113 & U64
    z = (z ^ z >> 47) * K2 & U64
    v = w = (0, 0)

    def step(place, x, y, z, v, w, factor, nines):
        x = _rotate(x + y + v[0] + at(place + 8) & U64, 37) * factor & U64
        y = _rotate(y + v[1] + at(place + 48) & U64, 42) * factor & U64
        x ^= w[1] * nines & U64
        y = y + v[0] * nines + at(place + 40) & U64
        z = _rotate(z + w[0] & U64, 33) * factor & U64
        words = struct.unpack_from("<8Q", data, place)
        v = _weak(words[:4], v[1] * factor & U64, x + w[0])
        w = _weak(words[4:], z + w[1], y + words[2])
        return z, y, x, v, w

    for place in range(0, (n - 1) // 64 * 64, 64):
        x, y, z, v, w = step(place, x, y, z, v, w, K1, 1)
    factor = K1 + ((z & 255) << 1) & U64
    w = (w[0] + (n - 1 & 63) & U64, w[1])
    v = (v[0] + w[0] & U64, v[1])
    w = (w[0] + v[0] & U64, w[1])
    x, y, z, v, w = step(n - 64, x, y, z, v, w, factor, 9)
    y ^= y >> 47
    return _mix(
        _mix(v[0], w[0], factor) + y * K0 + z & U64, _mix(v[1], w[1], factor) + x & U64, factor
    )


def siphash(data, key):
    """SipHash-2-4 of bytes under a key of two numbers.

    Source: Aumasson and Bernstein, 2012; TensorFlow's to_hash_bucket_strong.
    """
    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573

    def rounds(count, v0, v1, v2, v3):
        for _ in range(count):
            v0, v2 = v0 + v1 & U64, v2 + v3 & U64
            v1, v3 = _rotate(v1, 51) ^ v0, _rotate(v3, 48) ^ v2
            v0 = _rotate(v0, 32)
            v2, v0 = v2 + v1 & U64, v0 + v3 & U64
            v1, v3 = _rotate(v1, 47) ^ v2, _rotate(v3, 43) ^ v0
            v2 = _rotate(v2, 32)
        return v0, v1, v2, v3

    tail = len(data) % 8
    padded = data + bytes(7 - tail) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = rounds(2, v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = rounds(4, v0, v1, v2 ^ 255, v3)
    return v0 ^ v1 ^ v2 ^ v3


WHOLE = 2**24  # beyond it float32 does not hold every whole number


def _whole(number):
    """A number as TensorFlow truncates it before it is hashed.

    Raises: ValueError, when it is too large to be told from its neighbours.
    """
    if not abs(number) <= WHOLE:
        raise ValueError(f"{number!r} cannot be hashed: give whole numbers from -2^24 to 2^24")
    return int(number)


@kernel
def hash_bucket(bins, first, key=None, mask=None):
    """y = first + hash of x modulo bins, 0 where x is the mask; numbers are hashed as decimals.

    With a key SipHash, without one FarmHash. Shapes: x (rows, ...), first (1,) -> y (rows, ...).
    """

    def bucket(item):
        if item == mask:
            return 0
        data = (item if isinstance(item, str) else str(_whole(item))).encode()
        return first[0] + (fingerprint(data) if key is None else siphash(data, key)) % bins

    return lambda x: np.array([bucket(item) for item in x.ravel().tolist()], first.dtype).reshape(
        x.shape
    )


@kernel
def cross_bucket(bins, first):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Source: TensorFlow's sparse.cross_hashed and its FingerprintCat64, under its default key.
    """
    factor = 0xC6A4A7935BD1E995

    def part(item):
        return fingerprint(item.encode()) if isinstance(item, str) else _whole(item) & U64

    def join(a, b):
        b = b * factor & U64
        result = (a ^ factor ^ (b ^ b >> 47) * factor & U64) * factor & U64
        result = (result ^ result >> 47) * factor & U64
        return result ^ result >> 47

    def call(*xs):
        numbers = []
        for items in zip(*[x.ravel().tolist() for x in xs]):
            result = 0xDECAFCAFFE
            for item in items:
                result = join(result, part(item))
            numbers.append(first[0] + result % bins)
        return np.array(numbers, first.dtype).reshape(xs[0].shape)

    return call


@kernel
def encode(depth, mode):
    """Whole numbers from 0 to depth - 1 as vectors; see the op of this name.

    Shapes: x (rows, ..., n) -> y (rows, ..., n, depth), or (rows, ..., depth).
    Raises: ValueError, when x holds anything but whole numbers from 0 to depth - 1.
    """

    def call(x):
        bad = ~((x >= 0) & (x < depth) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not a category: give whole numbers from 0 to {depth - 1}"
            )
        y = (x[..., None] == np.arange(depth)).astype(x.dtype)
        if mode == "one_hot":
            return y
        return y.max(axis=-2) if mode == "multi_hot" else y.sum(axis=-2)

    return call


@kernel
def pad(widths, value):
    """Put value around the axes of each row; widths are (before, after) of each axis."""
    widths = [(0, 0), *widths]
    return lambda x: np.pad(x, widths, constant_values=value)


@kernel
def cut(slices):
    """Of each axis of each row the positions start, start + step, ... before stop."""
    place = (slice(None), *[slice(*item) for item in slices])
    return lambda x: x[place]


@kernel
def repeat(times, axis):
    """Each position along axis (which counts the batch as 0), times times in a row."""
    return lambda x: np.repeat(x, times, axis)


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


def _by_slices(part, x, numbers):
    """part(x), so many rows at a time that numbers of each row stay below WINDOW_NUMBERS."""
    step = max(1, WINDOW_NUMBERS // max(1, numbers))
    if x.shape[0] <= step:
        return part(x)
    return np.concatenate([part(x[i : i + step]) for i in range(0, x.shape[0], step)])


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


@kernel
def embedding(table):
    """y = table[x].

    Shapes: x (rows, ...), table (vocabulary, n) -> y (rows, ..., n).
    Raises: ValueError, when x holds anything but whole numbers from 0 to vocabulary - 1.
    """
    size = table.shape[0]

    def call(x):
        bad = ~((x >= 0) & (x < size) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not an index into a vocabulary of {size}:"
                f" give whole numbers from 0 to {size - 1}"
            )
        return table[x.astype(np.intp)]

    return call


@kernel
def fold_time():
    """Each step becomes a row.

    Shapes: x (rows, steps, ...) -> y (rows * steps, ...).
    """
    return lambda x: x.reshape((x.shape[0] * x.shape[1], *x.shape[2:]))


@kernel
def unfold_time():
    """The reverse of fold_time, with rows and steps as in folded.

    Shapes: x (rows * steps, ...), folded (rows, steps, ...) -> y (rows, steps, ...).
    """
    return lambda x, folded: x.reshape(folded.shape[:2] + x.shape[1:])


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


BLOCK_NUMBERS = 2**21  # how many intermediate numbers of a kernel are held at once: 8 MiB
BLOCK_ROWS = 512  # how many rows go through time together: enough to hide the cost of a call


def _blocks(rows, numbers_per_row):
    """Slices of rows that together hold about BLOCK_NUMBERS numbers, so that memory is bounded."""
    size = max(1, BLOCK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + size) for start in range(0, rows, size)]


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
                if t % ahead == 0:
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


@kernel
def layer_normalization(axes, epsilon, gamma=None, beta=None):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes.

    The axes count the batch as 0; gamma and beta are broadcast over the batch.
    """
    axes = tuple(axes)

    def call(x):
        y = x - x.mean(axis=axes, keepdims=True)
        y /= np.sqrt((y * y).mean(axis=axes, keepdims=True) + x.dtype.type(epsilon))
        if gamma is not None:
            y *= gamma
        if beta is not None:
            y += beta
        return y

    return call


@kernel
def unit_normalization(axes, epsilon):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon) along axes, which count the batch as 0."""
    axes = tuple(axes)

    def call(x):
        inverse = 1 / np.sqrt((x * x).sum(axis=axes, keepdims=True))
        return x * np.minimum(inverse, x.dtype.type(1 / epsilon))

    return call


@kernel
def attention(heads, scale, is_causal, is_masked, zeroes_masked):
    """y = softmax(scale * query @ key^T) @ value in each of heads equal parts of the last axis.

    Shapes: query (rows, t, heads * n), key (rows, s, heads * n), value (rows, s, heads * m),
    mask, where is_masked, broadcast to (rows, t, s) -> y (rows, t, heads * m).
    """

    def split(x):
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(0, 2, 1, 3)

    def scores(query, key):
        query = query * query.dtype.type(scale)
        return split(query) @ split(key).transpose(0, 1, 3, 2)

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), heads * query.shape[1] * key.shape[1]):
            mask = masks[0][part, None] if is_masked else None
            weights = _attend(scores(query[part], key[part]), mask, is_causal, zeroes_masked)
            y[part] = (weights @ split(value[part])).transpose(0, 2, 1, 3).reshape(y[part].shape)
        return y

    return call


@kernel
def additive_attention(scale, is_causal, is_masked):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Shapes: as attention with one head; scale (n,) or (1,).
    """

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), query.shape[1] * key.shape[1] * query.shape[2]):
            pairs = np.tanh(query[part, :, None] + key[part, None])
            mask = masks[0][part] if is_masked else None
            y[part] = _attend((scale * pairs).sum(axis=-1), mask, is_causal) @ value[part]
        return y

    return call


def _attend(scores, mask, is_causal, zeroes_masked=False):
    """Softmax along the last axis of scores (..., t, s), 0 where mask is 0 or, if causal, s > t.

    Where nothing is left, the weights are equal (Keras adds so large a negative number that in
    float32 the scores vanish beside it), or 0 where zeroes_masked is set.
    """
    allowed = True if mask is None else mask != 0
    if is_causal:
        order = np.arange(scores.shape[-1]) <= np.arange(scores.shape[-2])[:, None]
        allowed = allowed & order
    scores = np.where(allowed, scores, scores.dtype.type(-1e30))
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights * allowed if zeroes_masked else weights


def _accumulate(function, arrays):
    """function(...function(function(a0, a1), a2)..., an)."""
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result


# Plans become closures, once a session.


class Model:
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(). Inputs and outputs are lists of {"name", "shape"}; a shape leaves out the
    batch and holds None where the length is free. Inputs of texts have "dtype": "text".
    """

    def __init__(self, plan, tensors):
        self.name = plan["model"]
        self.inputs = plan["inputs"]
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.dtype = tensors.dtype
        self.sizes = [_count(port["shape"]) for port in self.inputs]
        self.steps = _compile(plan, tensors)
        self.result_slots = [port["value"] for port in self.outputs]
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        self.batch_rows = plan["batch_rows"]
        self.quoted = [_quote(label) for label in self.labels]

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output."""
        values = dict(enumerate(batches))
        with np.errstate(all="ignore"):
            for call, sources, target, finished in self.steps:
                values[target] = call(*[values[source] for source in sources])
                for slot in finished:
                    del values[slot]
        return [values[slot] for slot in self.result_slots]

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        rows = self.decode_row(messages)
        if rows is None:
            return None
        results = [
            y.item() if scalar else y.ravel().tolist()
            for y, scalar in zip(self.run(rows), self.scalar)
        ]
        return results[0] if self.single else tuple(results)

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        rows = self.decode_row(messages)
        if rows is None:
            return None
        (place,) = self._choose_labels(self.run(rows)[0])
        return None if place is None else self.labels[place]

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except RowError as error:
            return None, None, error.place, str(error)
        return _array_literal(scores), _array_literal(labels), None, None

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is "score", "label" or "both".
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        groups = Rows(self, message, count).groups()
        scores = [None] * count if wanted != "label" else None
        labels = [None] * count if wanted != "score" and self.labels else None
        for places, inputs in groups:
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                results = self._run_rows(places[part], [x[part] for x in inputs])
                if scores is not None:
                    _place(scores, places[part], self._texts_of_scores(results))
                if labels is not None:
                    _place(labels, places[part], self._texts_of_labels(results[0]))
        return scores, labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free = 1
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
        return max(1, self.batch_rows // free)

    def _run_rows(self, places, inputs):
        """run(); a row that a kernel refuses is looked for, so that the error can name it."""
        try:
            return self.run(inputs)
        except ValueError:
            for number, place in enumerate(places):
                try:
                    self.run([x[number : number + 1] for x in inputs])
                except ValueError as error:
                    raise RowError(place, str(error)) from error
            raise

    def _texts_of_scores(self, results):
        """One text a row: 0.5 for a number, "{0.5,1}" for several, for several outputs a composite
        value of those, "(0.5,\\"{0.5,1}\\")"; quoted as elements of an array are."""
        rows = len(results[0])
        fields = []
        for y, scalar in zip(results, self.scalar):
            field = ",".join(["%.9g"] * (y.size // rows))  # nine digits are exact for float32
            if not scalar:
                field = '"{' + field + '}"' if self.single else '\\"{' + field + '}\\"'
            fields.append(field)
        row = fields[0] if self.single else '"(' + ",".join(fields) + ')"'
        numbers = np.concatenate([y.reshape(rows, -1) for y in results], axis=1)
        return ("\n".join([row] * rows) % tuple(numbers.ravel().tolist())).split("\n")

    def _choose_labels(self, scores):
        """The place of one label a row; None where the scores are not numbers."""
        scores = scores.reshape(len(scores), -1)
        if self.threshold is not None:  # in double precision, which the threshold is
            chosen = (scores[:, 0].astype(np.float64) > self.threshold).astype(int)
        else:
            chosen = scores.argmax(axis=1)
        known = ~np.isnan(scores).any(axis=1)
        return [n if k else None for n, k in zip(chosen.tolist(), known.tolist())]

    def _texts_of_labels(self, scores):
        """One quoted label a row, None where there is none."""
        places = self._choose_labels(scores)
        return [None if place is None else self.quoted[place] for place in places]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL."""
        rows = []
        for port, size, message in zip(self.inputs, self.sizes, messages):
            is_text = port.get("dtype") == "text"
            decoded = decode_texts(message) if is_text else decode_array(message)
            if decoded is None:
                return None
            dims, values = decoded
            if not is_text:
                values = self.as_numbers(values)
            shape = self.row_shape(port, size, dims, values.size)
            rows.append(values.reshape((1, *shape)))
        return rows

    def as_numbers(self, values):
        """An array in the model's own type; too large a number becomes infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(self.dtype)

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (len(dims) <= 1 or list(dims) == list(shape)):
                return shape
        elif len(dims) == len(shape) and all(n in (None, d) for n, d in zip(shape, dims)):
            return dims
        elif len(dims) == 1 and shape.count(None) == 1:
            rest = math.prod(n for n in shape if n is not None)
            if rest and count and count % rest == 0:
                return [count // rest if n is None else n for n in shape]
        expected = "x".join("?" if n is None else str(n) for n in shape) or "1"
        if size is not None and len(shape) != 1:
            expected = f"{size} ({expected})"
        raise ValueError(
            'model "{}": input "{}" takes {} {}{}, got {}'.format(
                self.name,
                port["name"],
                expected,
                port.get("dtype", "number"),
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


ARRAY_HEADER = struct.Struct("=iiI")
NUMERIC = 1700
MIN_NUMERIC = 8  # bytes of a 0: a length, a header, padding
ELEMENT_TYPES = {
    oid: np.dtype(code)
    for oid, code in {700: "f4", 701: "f8", 21: "i2", 23: "i4", 20: "i8"}.items()
}


class Header:
    """The header of an array as it lies in PostgreSQL's memory, without the length in front.

    How many dimensions, where the data begin (counted with the length; 0 when no element is NULL),
    the oid of the elements' type, then each dimension's length and each one's lower bound, all in
    the machine's own byte order; then, if any may be NULL, a bit for each element.
    start and stride are bytes: where its elements begin, and where the array ends, 0 for numeric,
    whose elements differ in length.
    Raises: ValueError, when this is no array of numbers.
    Source: PostgreSQL, src/include/utils/array.h.
    """

    def __init__(self, message, position=0):
        try:
            dimensions, offset, self.oid = ARRAY_HEADER.unpack_from(message, position)
            at = position + ARRAY_HEADER.size
            self.dims = struct.unpack_from(f"={max(0, min(dimensions, 6))}i", message, at)
        except struct.error as error:
            raise ValueError("the message ends before the array does") from error
        self.type = ELEMENT_TYPES.get(self.oid)
        if not 0 <= dimensions <= 6 or any(n < 0 for n in self.dims):
            raise ValueError("the message holds no array")
        if self.type is None and self.oid != NUMERIC:
            raise ValueError(f"an array of type oid {self.oid} was given, not of numbers")
        self.size = ARRAY_HEADER.size + 8 * dimensions
        self.count = math.prod(self.dims) if self.dims else 0
        self.start = offset - 4 if offset else self.size
        self.nulls = self._count_nulls(message, position) if offset else 0
        width = MIN_NUMERIC if self.type is None else self.type.itemsize
        end = self.start + (self.count - self.nulls) * width
        if position + end > len(message):
            raise ValueError("the message ends before the array does")
        self.stride = 0 if self.type is None else end

    def _count_nulls(self, message, position):
        """How many elements are NULL: those whose bit is 0, the lowest of a byte first."""
        end = self.size + (self.count + 7) // 8
        if self.start < end:
            raise ValueError("the message holds no array")
        bits = message[position + self.size : position + end]
        if self.size + len(bits) < end:
            raise ValueError("the message ends before the array does")
        numbers = np.frombuffer(bits, np.uint8)
        present = np.unpackbits(numbers, count=self.count, bitorder="little")
        return self.count - int(present.sum())


def decode_array(message):
    """Decode an array of numbers as it lies in PostgreSQL's memory, see Header.

    Returns: (dimensions, values as a flat array), or None when an element is NULL.
    Raises: ValueError, when this is no array of numbers.
    """
    header = Header(message)
    if header.nulls:
        return None
    if header.stride:
        if len(message) != header.stride:
            raise ValueError("the message ends before the array does")
        return header.dims, np.frombuffer(message, header.type, header.count, header.start)
    values, ends = decode_decimals(message, np.array([header.start]), header.count)
    if ends[0] != len(message):
        raise ValueError("the message ends before the array does")
    return header.dims, values.ravel()


POWERS = np.append(10.0 ** np.arange(309), np.inf)
MOST_DIGITS = 8  # of base 10,000: at least 29 decimal ones, where a double holds 17
LENGTH_WORD, LENGTH_SHIFT = (0, 2) if sys.byteorder == "little" else (1, 0)


def decode_decimals(message, starts, count):
    """Decode count numbers of PostgreSQL's numeric behind each start, all at once.

    A number is its length in bytes (4 bytes, the number of them included, times 4 on little-endian
    machines), then 16-bit words: a header that holds sign and weight of the first digit, or in the
    long form a header with the sign and one with the weight; then the digits, of base 10,000; then
    padding to 4 bytes. A cast in SQL would cost 0.25 us a number, as much as 500 weights do.

    Returns: (float64 array (rows, count), to four units in the last place; positions behind).
    Source: PostgreSQL, src/backend/utils/adt/numeric.c, NumericShort and NumericLong.
    """
    # Positions beyond the end read the last word: the positions behind tell that to the caller.
    words = np.frombuffer(message, np.uint16, len(message) // 2)
    places = np.empty((len(starts), count), np.intp)
    ends = starts // 2
    for column in range(count):
        places[:, column] = ends
        length = words.take(ends + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
        ends = ends + 2 * ((length.astype(np.intp) + 3) >> 2)
    heads = words.take(places + 2, mode="clip")
    is_long = heads < 0x8000
    is_special = heads >= 0xC000
    digits = words.take(places + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
    digits = ((digits.astype(np.int32) - 6) >> 1) - is_long
    first = places + 3 + is_long
    used = min(MOST_DIGITS, int(digits.max(initial=0)))
    values = np.zeros(places.shape)
    for digit in range(used):
        values *= 10000
        values += words.take(first + digit, mode="clip") * (digits > digit)
    weights = (heads & 0x3F).astype(np.int32) - (heads & 0x40)
    if is_long.any():
        long_weights = words.take(places + 3, mode="clip").view(np.int16)
        weights = np.where(is_long, long_weights, weights)
    shift = 4 * (weights - (used - 1))
    power = POWERS.take(np.abs(shift), mode="clip")
    with np.errstate(all="ignore"):
        values = np.where(shift < 0, values / power, values * power)
    is_negative = np.where(is_long, heads & 0x4000, heads & 0x2000) != 0
    np.negative(values, out=values, where=is_negative)
    if is_special.any():
        for head, special in ((0xC000, np.nan), (0xD000, np.inf), (0xF000, -np.inf)):
            values[heads == head] = special
    return values, 2 * ends


def decode_texts(message):
    """Decode an array of texts: JSON in UTF-8, nested by dimension.

    The array's own memory would not do: it holds texts in the server's encoding, whichever it is.

    Returns: (dimensions, texts as a flat array of objects), or None when an element is NULL.
    """
    try:
        items = json.loads(message)
    except RecursionError as error:
        raise ValueError("the message holds no array of texts") from error
    if not isinstance(items, list):
        raise ValueError("the message holds no array of texts")
    dims = [len(items)] if items else []
    while items and isinstance(items[0], list):
        dims.append(len(items[0]))
        if any(not isinstance(part, list) or len(part) != dims[-1] for part in items):
            raise ValueError("the message holds no array of texts")
        items = [item for part in items for item in part]
    if None in items:
        return None
    if not all(isinstance(item, str) for item in items):
        raise ValueError("the message holds no array of texts")
    texts = np.empty(len(items), object)
    texts[:] = items
    return tuple(dims), texts


class RowError(ValueError):
    """A row of a batch is not what the model takes; place counts rows from 0."""

    def __init__(self, place, text):
        super().__init__(text)
        self.place = place


NULL_ROW = b"\xff\xff\xff\xff"  # stands where a row, or one of its inputs, is NULL as a whole


class Rows:
    """Rows of a batch as they lie one after another in one message.

    A row is its inputs in order: numbers as decode_array() takes them, texts as decode_texts()'s
    JSON and a zero byte; or NULL_ROW. Rows whose headers are the same are read where they lie,
    without a Python object for each.
    """

    def __init__(self, model, message, count):
        self.model = model
        self.message = message
        self.count = count
        self.are_texts = [port.get("dtype") == "text" for port in model.inputs]
        self.found = {}
        self.window = count  # rows of numeric to decode at once; less where headers alternate

    def groups(self):
        """[(places, arrays)]: for each shape of row, which rows they are and one array an input.

        Rows that hold a NULL are in no group.
        Raises: RowError, when a row is not what the inputs take.
        """
        position = place = 0
        while place < self.count:
            try:
                read, position = self._read(position, place)
            except (ValueError, struct.error) as error:
                raise RowError(place, str(error)) from error
            place += read
        if position != len(self.message):
            raise RowError(max(0, place - 1), "more rows were packed than keys gathered")
        return [
            (np.concatenate(places).tolist(), [np.concatenate(arrays) for arrays in zip(*parts)])
            for places, parts in self.found.values()
        ]

    def _read(self, position, place):
        """Read one row or more. Returns: (how many, the position behind them)."""
        if self.message[position : position + 4] == NULL_ROW:
            return 1, position + 4
        if not any(self.are_texts):
            headers = self._headers(position)
            if all(header.stride and not header.nulls for header in headers):
                return self._read_alike(position, place, headers)
            if len(headers) == len(self.model.inputs) == 1 and not headers[0].nulls:
                return self._read_decimals(position, place, headers[0])
        parts = []
        end = position
        for is_text in self.are_texts:
            start, end = end, self._find_end(end, is_text)
            parts.append(self.message[start : end - 1] if is_text else self.message[start:end])
        arrays = self.model.decode_row(parts)
        if arrays is not None:
            self._keep([place], arrays)
        return 1, end

    def _headers(self, position):
        """The headers of a row's arrays, up to the first whose end only its elements tell."""
        headers = []
        for _ in self.model.inputs:
            header = Header(self.message, position)
            headers.append(header)
            if not header.stride:
                break
            position += header.stride
        return headers

    def _read_alike(self, position, place, headers):
        """Read this row and all behind it whose headers are the same."""
        stride = sum(header.stride for header in headers)
        most = min(self.count - place, (len(self.message) - position) // stride)
        if most == 0:
            raise ValueError("the message ends before the array does")
        rows = np.ndarray((most, stride), np.uint8, self.message, position)
        same = _count_alike(rows, headers)
        arrays = []
        start = position
        for header, port, size in zip(headers, self.model.inputs, self.model.sizes):
            shape = self.model.row_shape(port, size, header.dims, header.count)
            steps = (stride, header.type.itemsize)
            at = start + header.start
            values = np.ndarray((same, header.count), header.type, self.message, at, steps)
            arrays.append(self.model.as_numbers(values).reshape((same, *shape)))
            start += header.stride
        self._keep(range(place, place + same), arrays)
        return same, position + same * stride

    def _read_decimals(self, position, place, header):
        """Read this row of numeric and all behind it whose headers are the same and lie where
        the one before ends."""
        head = self.message[position : position + header.start]
        least = header.start + header.count * MIN_NUMERIC
        most = min(self.count - place, self.window)
        found = [position]
        while len(found) < most:
            start = self.message.find(head, found[-1] + least)
            if start < 0:
                break
            found.append(start)
        starts = np.array(found)
        values, ends = decode_decimals(self.message, starts + header.start, header.count)
        # A header may also be found inside a number: rows count as long as each ends at the next.
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        same = int(breaks[0]) + 1 if len(breaks) else len(starts)
        self.window = 2 * same if len(breaks) else min(4 * self.window, self.count)
        if not starts[same - 1] + least <= ends[same - 1] <= len(self.message):
            raise ValueError("the message ends before the array does")
        port, size = self.model.inputs[0], self.model.sizes[0]
        shape = self.model.row_shape(port, size, header.dims, header.count)
        numbers = self.model.as_numbers(values[:same])
        self._keep(range(place, place + same), [numbers.reshape((same, *shape))])
        return same, int(ends[same - 1])

    def _find_end(self, position, is_text):
        """Where the message of one input ends."""
        if is_text:
            return self.message.index(b"\0", position) + 1
        header = Header(self.message, position)
        if header.stride:
            return position + header.stride
        end = position + header.start
        for _ in range(header.count - header.nulls):
            end += 4 * ((self._length(end) + 3) >> 2)
        return end

    def _length(self, position):
        """The length in bytes that stands in front of an element, itself included."""
        (word,) = struct.unpack_from("=I", self.message, position)
        return word >> 2 if sys.byteorder == "little" else word & 0x3FFFFFFF

    def _keep(self, places, arrays):
        shapes = tuple(x.shape[1:] for x in arrays)
        kept_places, kept_arrays = self.found.setdefault(shapes, ([], []))
        kept_places.append(np.asarray(places))
        kept_arrays.append(arrays)


def _count_alike(rows, headers):
    """How many rows of bytes, from the first on, have the first one's headers."""
    alike = 1
    window = 64  # grows: many short runs cost little, and a long one few comparisons
    while alike < len(rows):
        part = rows[alike : alike + window]
        same = np.ones(len(part), bool)
        start = 0
        for header in headers:
            end = start + header.start
            same &= (part[:, start:end] == rows[0, start:end]).all(axis=1)
            start += header.stride
        if not same.all():
            return alike + int(same.argmin())
        alike += len(part)
        window *= 4
    return alike


def _place(texts, places, values):
    """texts[place] = value, for each; most often they stand side by side."""
    first, last = places[0], places[-1] + 1
    if last - first == len(places):
        texts[first:last] = values
        return
    for place, value in zip(places, values):
        texts[place] = value


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL."""
    if texts is None:
        return None
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"


def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of float32 weights.

    Types: version is the hex sha256 of plan and weights; dtype float32, or float64 for reference.
    Raises: ValueError, when plan or weights are not those that version names.
    """
    digest = hashlib.sha256(plan.encode("utf-8"))
    digest.update(weights)
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; drop the model and deploy it again"
        )
    block = np.frombuffer(weights, "<f4").astype(dtype, copy=False)
    return Model(json.loads(plan), block)


def _compile(plan, block):
    """Steps as (function, input slots, output slot, slots not needed afterwards)."""
    tensors = [
        block[start : start + math.prod(shape)].reshape(shape)
        for _, start, shape in plan["tensors"]
    ]
    kept = {port["value"] for port in plan["outputs"]}
    overwritten = _find_overwritten(plan["steps"], kept)
    negated = set()
    last_use = {}
    for position, step in enumerate(plan["steps"]):
        for slot in [*step["inputs"], step["output"]]:
            last_use[slot] = position
    steps = []
    for position, step in enumerate(plan["steps"]):
        parameters = dict(step["parameters"])
        parameters.update({name: tensors[number] for name, number in step["tensors"].items()})
        finished = [s for s in last_use if last_use[s] == position and s not in kept]
        if overwritten.get(step["output"]) == "sigmoid" and step["kernel"] == "dense":
            parameters = {name: -tensor for name, tensor in parameters.items()}
            negated.add(step["output"])
        if step["kernel"] == "activation":
            parameters["overwrites"] = step["inputs"][0] in overwritten
        call = KERNELS[step["kernel"]](**parameters)
        if negated.intersection(step["inputs"]):
            call = _sigmoid_of_negated
        steps.append((call, step["inputs"], step["output"], finished))
    return steps


def _find_overwritten(steps, kept):
    """{slot: activation} for values that it alone needs and that share memory with nothing."""
    uses = [slot for step in steps for slot in step["inputs"]]
    fresh = {step["output"] for step in steps if step["kernel"] in FRESH} - kept
    return {
        step["inputs"][0]: step["parameters"]["function"]
        for step in steps
        if step["kernel"] == "activation"
        and not step["parameters"]["parameters"]
        and step["inputs"][0] in fresh
        and uses.count(step["inputs"][0]) == 1
    }


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)


if "GD" in globals():
    # Inside a server: this text is the body of a function with these three arguments.
    globals()["GD"]["export_model:" + globals()["version"]] = load(
        globals()["version"], globals()["plan"], globals()["weights"]
    )
