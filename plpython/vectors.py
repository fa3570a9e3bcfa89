"""A network that is a chain of layers, for single rows: vectors in memory that is kept.

A row by itself costs calls of numpy, and hardly any arithmetic. So a layer is two calls: a product
in which the bias is one more row of the kernel, which meets a 1 behind the vector, and the
activation in the product's memory. docs/decisions/0036-single-rows.md has the figures.
"""

import functools
import math

import numpy as np

from plpython.activations import _sigmoid_of_negated
from plpython.inputs import LIST_HEADER, MOST_USUAL, _is_double
from plpython.steps import ONE_BY_ONE

MOST_KERNEL = 2**19  # bytes of a kernel that is copied for its bias; products of others take longer
MOST_KERNELS = 2**26  # bytes of all such copies, for many layers may share one kernel
TANH_SINCE = (1, 23)  # the numpy that computes tanh as fast as exp
MOST_ERROR = 2.5e-7  # that tanh in place of sigmoid may add to a score, as it is estimated
ROUNDING = 2.0**-24  # of a float32 near 1
# What an error of an activation's input is multiplied with, at the most.
SLOPES = {"linear": 1.0, "relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}


class Vector:
    """The numbers between two layers: with_one has a 1 behind them, row is a batch of one row."""

    def __init__(self, shape, dtype, with_one=None):
        self.with_one = np.ones(math.prod(shape) + 1, dtype) if with_one is None else with_one
        self.numbers = self.with_one[:-1]
        self.row = self.numbers.reshape((1, *shape))


class Chain:
    """Layers one behind the other, of a model with one input of numbers and one output.

    layers are (kernel, parameters, function of a batch), as take_weights() and _compile() give
    them.
    Raises: NotImplementedError, for layers that are no chain.
    """

    def __init__(self, model, layers):
        self.known = {}  # by the header of a list: its length, where it is copied to, the calls
        self.calls = []
        self.copied = 0
        port = model.inputs[0]
        dtype = np.float64 if _is_double(port) else model.dtype
        self.input = self.last = Vector(port["shape"], dtype)
        halved = find_halved(layers)
        for place, (kernel, parameters, call) in enumerate(layers):
            if kernel == "dense":
                # An activation behind it may have asked for negated weights, see take_weights().
                is_negated = [layer[2] for layer in layers[place + 1 : place + 2]] == [
                    _sigmoid_of_negated
                ]
                factor = (-0.5 if is_negated else 0.5) if place + 1 in halved else 1.0
                self._take_dense(place - 1 in halved, factor, **parameters)
            elif place in halved:
                self.calls.append(functools.partial(np.tanh, self.last.numbers, self.last.numbers))
            elif kernel == "reshape":
                shape = self.last.row.reshape((1, *parameters["shape"])).shape[1:]
                self.last = Vector(shape, None, self.last.with_one)
            elif kernel in ONE_BY_ONE:
                self._take_other(kernel, parameters, call)
            else:
                raise NotImplementedError(kernel)
        self.results = [self.last.row]

    def run(self, model, message):
        """The output, a batch of one row that is good until the next; None when a number is NULL.

        model is the one that it was made for, which would be kept for ever if it were kept here.
        The caller has told numpy to be silent.
        Raises: ValueError, when the row is not what the input takes.
        """
        known = self.known.get(message[:LIST_HEADER])
        if known is not None and len(message) == known[0]:
            _, memory, calls = known
            memory[:] = message[LIST_HEADER:]
        else:
            rows = model.decode_row((message,))
            if rows is None:
                return None
            self.input.row[...] = rows[0]
            self._remember(message, model.usual[0])
            calls = self.calls
        for call in calls:
            call()
        return self.results

    def _remember(self, message, usual):
        """Keep how this list lies, if it is one of the usual ones, whose numbers are copied."""
        usual = usual.get(message[:LIST_HEADER])
        if usual is None or len(message) != usual[0] or len(self.known) == MOST_USUAL:
            return
        numbers, calls = self.input.numbers, self.calls
        if usual[1] != numbers.dtype:
            numbers = np.empty(numbers.size, usual[1])
            calls = [functools.partial(self.input.numbers.__setitem__, Ellipsis, numbers), *calls]
        self.known[message[:LIST_HEADER]] = (len(message), numbers.data.cast("B"), calls)

    def _take_dense(self, takes_tanh, factor, kernel, bias=None):
        """A product; of what is (tanh + 1) / 2 where it takes tanh, and times a factor."""
        x = self.last
        rows, columns = kernel.shape
        if kernel.dtype != x.numbers.dtype or x.row.ndim != 2 or not kernel.size:
            raise NotImplementedError("dense")
        y = self.last = Vector((columns,), kernel.dtype)
        if kernel.nbytes > MOST_KERNEL or (bias is None and not takes_tanh and factor == 1.0):
            self.calls.append(functools.partial(x.numbers.dot, kernel, y.numbers))
            if bias is not None:
                self.calls.append(functools.partial(np.add, y.numbers, bias, y.numbers))
            return
        self.copied += kernel.nbytes
        if self.copied > MOST_KERNELS:
            raise NotImplementedError("dense")
        both = np.empty((rows + 1, columns), kernel.dtype)
        np.multiply(kernel, factor / 2 if takes_tanh else factor, out=both[:-1])
        offset = np.zeros(columns) if bias is None else bias.astype(np.float64)
        if takes_tanh:
            offset += kernel.sum(axis=0, dtype=np.float64) / 2
        both[-1] = factor * offset
        self.calls.append(functools.partial(x.with_one.dot, both, y.numbers))

    def _take_other(self, kernel, parameters, call):
        """What is done to the numbers in their memory, or what a function of batches gives."""
        name = parameters["function"] if kernel == "activation" else kernel
        make = None if parameters.get("parameters") else IN_MEMORY.get(name)
        calls = make and make(self.last, call, parameters)
        if calls is not None:
            self.calls += calls
            return
        x = self.last
        y = call(x.row.copy())
        self.last = Vector(y.shape[1:], y.dtype)
        self.calls.append(functools.partial(_assign, call, x.row, self.last.row))


def _assign(call, x, y):
    """y = call(x)."""
    y[...] = call(x)


# Calls that do a layer's work in the memory of a Vector; None for what they cannot do. Operands are
# vectors, because numpy takes 0.1 to 0.3 us more to spread a number.


def _call_relu(x, call, parameters):
    return [functools.partial(np.maximum, x.numbers, np.zeros_like(x.numbers), out=x.numbers)]


def _call_tanh(x, call, parameters):
    return [functools.partial(np.tanh, x.numbers, x.numbers)]


def _call_exponential(x, call, parameters):
    return [functools.partial(np.exp, x.numbers, x.numbers)]


def _call_sigmoid(x, call, parameters):
    v, ones = x.numbers, np.ones_like(x.numbers)
    calls = [
        functools.partial(np.exp, v, v),
        functools.partial(np.add, v, ones, v),
        functools.partial(np.reciprocal, v, v),
    ]
    return calls if call is _sigmoid_of_negated else [functools.partial(np.negative, v, v), *calls]


def _call_softmax(x, call, parameters):
    if x.row.ndim != 2:
        return None
    v, number = x.numbers, np.empty((), x.numbers.dtype)
    return [
        functools.partial(np.maximum.reduce, v, 0, None, number),
        functools.partial(np.subtract, v, number, v),
        functools.partial(np.exp, v, v),
        functools.partial(np.add.reduce, v, 0, None, number),
        functools.partial(np.divide, v, number, v),
    ]


def _call_affine(x, call, parameters):
    return _call_both(x, np.multiply, parameters["scale"], np.add, parameters["offset"])


def _call_standardize(x, call, parameters):
    return _call_both(x, np.subtract, parameters["mean"], np.divide, parameters["deviation"])


def _call_both(x, *pairs):
    """Two functions, each of the numbers and of a tensor."""
    calls = []
    for function, tensor in zip(pairs[::2], pairs[1::2]):
        if tensor.dtype != x.numbers.dtype:
            return None
        vector = np.broadcast_to(tensor, x.row.shape).flatten()
        calls.append(functools.partial(function, x.numbers, vector, x.numbers))
    return calls


IN_MEMORY = {
    "affine": _call_affine,
    "exponential": _call_exponential,
    "relu": _call_relu,
    "sigmoid": _call_sigmoid,
    "softmax": _call_softmax,
    "standardize": _call_standardize,
    "tanh": _call_tanh,
}


def find_halved(layers):
    """The places of sigmoids that are computed as (tanh(x / 2) + 1) / 2, the halves being folded
    into the weights before and behind, so that one call is left of four.

    That is one rounding of a number near 1 where the sigmoid is near 0: it adds an error to the
    score that is estimated here. The last sigmoid is never one of them, for a small score is to
    keep all of its digits.
    """
    if tuple(map(int, np.__version__.split(".")[:2])) < TANH_SINCE:
        return set()
    places = {
        place
        for place, (kernel, parameters, _) in enumerate(layers)
        if (kernel, parameters.get("function")) == ("activation", "sigmoid")
        and all(map(_may_be_folded, [*layers[max(0, place - 1) : place], *layers[place + 1 :][:1]]))
        and 0 < place < len(layers) - 1
    }
    return places if places and _estimate_error(layers, places) <= MOST_ERROR else set()


def _may_be_folded(layer):
    """Whether a layer has weights that are copied, in float32."""
    kernel, parameters, _ = layer
    return (
        kernel == "dense"
        and parameters["kernel"].nbytes <= MOST_KERNEL
        and parameters["kernel"].dtype == np.float32
    )


def _estimate_error(layers, halved):
    """What is added to the error of a score, as if roundings were independent of each other: of
    each tanh, and of the sum of halves that joins the bias.

    It is infinite or NaN where nothing is known of a layer behind, or a weight is not finite.
    """
    error = 0.0
    for place, (kernel, parameters, _) in enumerate(layers):
        if kernel == "dense":
            weights, added = parameters["kernel"], 0.0
            if place - 1 in halved:
                error = math.hypot(error, ROUNDING)
                added = ROUNDING * float(np.abs(weights.sum(axis=0)).max()) / 2
            length = math.sqrt(np.einsum("ij,ij->j", weights, weights).max())
            error = math.hypot(error * length, added)
        elif error and kernel not in ("softmax", "reshape"):
            known = SLOPES if kernel == "activation" else {}
            error *= known.get(parameters.get("function"), math.inf)
    return error


def make_chain(model):
    """The Chain of a loaded model whose steps are one behind the other; None where some layer of it
    has no such form."""
    try:
        return Chain(model, model.layers)
    except NotImplementedError:
        return None
