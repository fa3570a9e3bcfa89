"""A network that is a chain of layers, for single rows: vectors in memory that is kept.

A row by itself costs calls of numpy, and hardly any arithmetic. So a layer is two calls: a product
in which the bias is one more row of the kernel, which meets a 1 behind the vector, and the
activation in the product's memory. docs/decisions/0036-single-rows.md has the figures.
"""

import functools
import math

import numpy as np

from plpython.activations import _sigmoid_of_negated
from plpython.halves import MOST_KERNELS, halve, is_small
from plpython.inputs import LIST_HEADER, MOST_USUAL, _is_double
from plpython.steps import ONE_BY_ONE


class Vector:
    """The numbers between two layers: with_one has a 1 behind them, row is a batch of one row."""

    def __init__(self, shape, dtype, with_one=None):
        self.with_one = np.ones(math.prod(shape) + 1, dtype) if with_one is None else with_one
        self.numbers = self.with_one[:-1]
        self.row = self.numbers.reshape((1, *shape))


class Chain:
    """Layers one behind the other, of a model with one input of numbers and one output.

    layers are (kernel, parameters, function of a batch), as _compile() gives them.
    Raises: NotImplementedError, for layers that are no chain.
    """

    def __init__(self, model, layers):
        self.known = {}  # by the header of a list: its length, where it is copied to, the calls
        self.calls = []
        self.copied = 0
        port = model.inputs[0]
        dtype = np.float64 if _is_double(port) else model.dtype
        self.input = self.last = Vector(port["shape"], dtype)
        for kernel, parameters, call in halve(layers):
            if kernel == "dense":
                self._take_dense(**parameters)
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

    def _take_dense(self, kernel, bias=None):
        """A product, and a bias."""
        x = self.last
        rows, columns = kernel.shape
        if kernel.dtype != x.numbers.dtype or x.row.ndim != 2 or not kernel.size:
            raise NotImplementedError("dense")
        y = self.last = Vector((columns,), kernel.dtype)
        if bias is None or not is_small(kernel):
            self.calls.append(functools.partial(x.numbers.dot, kernel, y.numbers))
            if bias is not None:
                self.calls.append(functools.partial(np.add, y.numbers, bias, y.numbers))
            return
        self.copied += kernel.nbytes
        if self.copied > MOST_KERNELS:
            raise NotImplementedError("dense")
        both = np.empty((rows + 1, columns), kernel.dtype)
        both[:-1], both[-1] = kernel, bias
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


def make_chain(model):
    """The Chain of a loaded model whose steps are one behind the other; None where some layer of it
    has no such form."""
    try:
        return Chain(model, model.layers)
    except NotImplementedError:
        return None
