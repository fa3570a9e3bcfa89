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
import struct

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

import numpy as np  # noqa: E402

KERNELS = {}


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
    y = np.maximum(x, 0) if threshold == 0.0 else x * ((x > threshold) | np.isnan(x))
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


ACTIVATIONS = {
    function.__name__: function
    for function in (
        linear, relu, relu6, leaky_relu, threshold_relu, sigmoid, tanh, hard_sigmoid, softplus,
        log_sigmoid, softsign, exponential, elu, celu, selu, silu, hard_silu, mish, gelu,
        squareplus, hard_tanh, hard_shrink, soft_shrink, tanh_shrink, sparse_plus,
        sparse_sigmoid,
    )
}  # fmt: skip


# Kernels: build(**parameters) gives a function from batches (rows, ...) to a batch.


@kernel
def activation(function, parameters):
    """y = function(x), element by element."""
    f = ACTIVATIONS[function]
    if not parameters:
        return f
    return lambda x: f(x, **parameters)


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
        y = x.reshape(-1, kernel.shape[0]) @ kernel
        if bias is not None:
            y += bias
        return y.reshape(x.shape[:-1] + (kernel.shape[1],))

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
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


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
    batch and holds None where the length is free.
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
        """Score one row, an array_send() message for each input.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        rows = self._decode_row(messages)
        if rows is None:
            return None
        results = [
            y.item() if scalar else y.ravel().tolist()
            for y, scalar in zip(self.run(rows), self.scalar)
        ]
        return results[0] if self.single else tuple(results)

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        rows = self._decode_row(messages)
        if rows is None:
            return None
        scores = self.run(rows)[0].ravel()
        if np.isnan(scores).any():
            return None
        if self.threshold is not None:
            return self.labels[int(scores[0].item() > self.threshold)]
        return self.labels[int(scores.argmax())]

    def _decode_row(self, messages):
        """array_send() messages -> arrays of one row each, or None when an element is NULL."""
        rows = []
        for port, size, message in zip(self.inputs, self.sizes, messages):
            decoded = decode_array(message)
            if decoded is None:
                return None
            dims, values = decoded
            with np.errstate(all="ignore"):
                values = values.astype(self.dtype)
            shape = self._row_shape(port, size, dims, values.size)
            rows.append(values.reshape((1, *shape)))
        return rows

    def _row_shape(self, port, size, dims, count):
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
            'model "{}": input "{}" takes {} number{}, got {}'.format(
                self.name,
                port["name"],
                expected,
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


ARRAY_HEADER = struct.Struct(">iiI")
ELEMENT_TYPES = {700: ">f4", 701: ">f8", 21: ">i2", 23: ">i4", 20: ">i8"}
ELEMENTS = {
    oid: np.dtype([("length", ">i4"), ("value", code)]) for oid, code in ELEMENT_TYPES.items()
}


def decode_array(message):
    """Decode PostgreSQL's binary array format, as array_send() writes it.

    A header (dimensions, has-nulls flag, element type's oid, then length and lower bound of
    each dimension), then for each element its length in bytes and the big-endian value. A NULL
    has length -1 and no value, so that the message is shorter than its dimensions say.

    Returns: (dimensions, values as a flat array), or None when an element is NULL.
    Raises: ValueError, when the element type is not real, double precision or an integer.
    Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_send.
    """
    dimensions, _, oid = ARRAY_HEADER.unpack_from(message)
    element = ELEMENTS.get(oid)
    if element is None:
        raise ValueError(f"an array of type oid {oid} was given where numbers are expected")
    dims = struct.unpack_from(f">{2 * dimensions}i", message, ARRAY_HEADER.size)[::2]
    start = ARRAY_HEADER.size + 8 * dimensions
    count = math.prod(dims) if dims else 0
    if len(message) - start != count * element.itemsize:
        return None
    return dims, np.frombuffer(message, element, count, start)["value"]


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
            f" their digest is {digest.hexdigest()[:12]}; deploy the model again"
        )
    block = np.frombuffer(weights, "<f4").astype(dtype)
    return Model(json.loads(plan), block)


def _compile(plan, block):
    """Steps as (function, input slots, output slot, slots not needed afterwards)."""
    tensors = [
        block[start : start + math.prod(shape)].reshape(shape)
        for _, start, shape in plan["tensors"]
    ]
    kept = {port["value"] for port in plan["outputs"]}
    last_use = {}
    for position, step in enumerate(plan["steps"]):
        for slot in [*step["inputs"], step["output"]]:
            last_use[slot] = position
    steps = []
    for position, step in enumerate(plan["steps"]):
        parameters = dict(step["parameters"])
        parameters.update({name: tensors[number] for name, number in step["tensors"].items()})
        finished = [s for s in last_use if last_use[s] == position and s not in kept]
        call = KERNELS[step["kernel"]](**parameters)
        steps.append((call, step["inputs"], step["output"], finished))
    return steps


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)


if "GD" in globals():
    # Inside a server: this text is the body of a function with these three arguments.
    globals()["GD"]["export_model:" + globals()["version"]] = load(
        globals()["version"], globals()["plan"], globals()["weights"]
    )
