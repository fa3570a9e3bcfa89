"""What a step gives, known before it runs: the shape and the cost of a row, and a rule for each
kernel that tells both from those of its inputs, or refuses what the kernel cannot do."""

import math

import numpy as np

from plpython.data import list_of, whole
from plpython.tables import KERNELS, RULES

# Nanoseconds of arithmetic, from above: of an element that is read or written, of one that a
# function like exp is taken of, of a product of matrices, of what Python does to one item, and of
# a call of numpy. One thread of a machine of 2020.
TOUCH, EXP, MADD, ITEM, CALL = 2.0, 15.0, 0.06, 300.0, 4000.0
ERF = 250.0  # of float64, which numpy has no function for
WIDTHS = {"f4": 4, "f8": 8, "text": 100}  # bytes of an element; a text's are those of its object
MOST_LENGTH = 2**40  # of an axis, in what is computed here; memory is far less


class Value:
    """A value of a row: its shape, its kind ("f4", "f8" or "text"), and what it costs to make it.

    rows is how many such rows a model's row is, 1 but behind fold_time; is_constant is for what is
    the same for every row. work is the time, in nanoseconds, that a row of the model takes, scratch
    the bytes that are needed meanwhile, beside inputs and result. With is_cut the kernel goes
    through the batch in pieces itself, and looks between them whether to end; piece is how long a
    row by itself then takes without such a look. copies are bytes that the kernel keeps, calls the
    part of the time that is the same for any number of rows.
    """

    def __init__(
        self,
        shape,
        kind,
        rows=1,
        work=None,
        scratch=0,
        is_cut=False,
        piece=None,
        copies=0,
        calls=0.0,
    ):
        self.shape = tuple(shape)
        if len(self.shape) > 16 or any(not 0 <= n <= MOST_LENGTH for n in self.shape):
            raise ValueError(f"it would give the shape {_show_shape(self.shape)}")
        self.kind = kind
        self.rows = rows
        self.is_constant = False
        self.size = math.prod(self.shape) * rows
        self.bytes = self.size * WIDTHS[kind]
        self.work = CALL + calls + (TOUCH * self.size if work is None else work)
        self.fixed = CALL + calls
        self.scratch = scratch
        self.is_cut = is_cut
        self.piece = self.work if piece is None else piece
        self.copies = copies

    def like(self, shape=None, kind=None, **cost):
        """A value of as many rows, of the same shape and kind where no others are given."""
        shape = self.shape if shape is None else shape
        return Value(shape, kind or self.kind, cost.pop("rows", self.rows), **cost)


class Rule:
    """What a kernel takes: the types of its parameters, the tensors by their numbers of axes, and
    give(inputs, **parameters and tensors) -> Value, which raises ValueError for what does not fit.

    inputs is how many inputs there are, or at least and at most.
    """

    def __init__(self, give, inputs, tensors, parameters):
        self.give = give
        self.least, self.most = inputs if isinstance(inputs, tuple) else (inputs, inputs)
        self.tensors = tensors
        self.parameters = parameters

    def check(self, kernel, inputs, parameters, tensors):
        """The value that a step gives.

        Raises: ValueError, when the step is none that the kernel can do.
        """
        build = KERNELS[kernel]
        taken = build.__code__.co_varnames[: build.__code__.co_argcount]
        needed = taken[: len(taken) - len(build.__defaults__ or ())]
        if not self.least <= len(inputs) <= self.most:
            raise ValueError(f"it does not take {len(inputs)} inputs")
        given = {**parameters, **tensors}
        if len(given) != len(parameters) + len(tensors):
            raise ValueError("a name is given twice")
        known = {**self.parameters, **self.tensors}
        if not set(needed) <= given.keys() <= known.keys():
            odd = sorted((given.keys() - known.keys()) | (set(needed) - given.keys()))
            raise ValueError(f"it lacks, or does not take: {', '.join(odd)[:60]}")
        for field, item in parameters.items():
            if field not in self.parameters:
                raise ValueError(f"{field} is a tensor")
            wanted = self.parameters[field](item)
            if wanted:
                raise ValueError(f"{field} should be {wanted}")
        for field, tensor in tensors.items():
            axes, kinds = self.tensors.get(field, ((), ""))
            if tensor.ndim not in axes or tensor.dtype.kind not in kinds:
                shape = _show_shape(tensor.shape)
                raise ValueError(f"{field} is a tensor of {tensor.dtype} of the shape {shape}")
        return self.give(*inputs, **given)


def rule(*kernels, inputs=1, **kinds):
    """Enter the rule of some kernels: what it takes, by name. Tensors are made by tensor()."""

    def enter(give):
        tensors = {field: kind for field, kind in kinds.items() if isinstance(kind, tuple)}
        parameters = {field: kind for field, kind in kinds.items() if field not in tensors}
        for kernel in kernels:
            RULES.entered[kernel] = Rule(give, inputs, tensors, parameters)
        return give

    return enter


def tensor(*axes, kinds="f"):
    """A tensor of one of these numbers of axes; kinds are f for floats and i for whole numbers."""
    return axes, kinds


AXIS = whole(1, 16)
AXES = list_of(AXIS, least=1)
ANY = tensor(*range(17))
COLUMNS = list_of(whole(0), 2**20)


def need(holds, problem):
    """Refuse a step for this problem unless something holds."""
    if not holds:
        raise ValueError(problem)


def numbers_of(*values):
    """The kind of a result of numbers; texts are refused, and tensors count as they are."""
    kinds = [value.kind if isinstance(value, Value) else value.dtype.str[1:] for value in values]
    need("text" not in kinds, "it takes numbers, and not texts")
    return "f8" if "f8" in kinds else "f4"


def rows_of(values):
    """How many rows each of some inputs is of a model's row; constants are of any number."""
    counts = {value.rows for value in values if not value.is_constant}
    need(len(counts) <= 1, "its inputs are of different steps")
    return counts.pop() if counts else 1


def broadcast(*shapes):
    """The shape of what is computed of arrays of these shapes, element by element."""
    try:
        return _broadcast(shapes)
    except ValueError:
        raise ValueError(f"{' and '.join(map(_show_shape, shapes[:4]))} do not fit") from None


def _broadcast(shapes):
    """By numpy's rules."""
    result = []
    rank = max(map(len, shapes))
    for lengths in zip(*[(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]):
        others = set(lengths) - {1}
        if len(others) > 1:
            raise ValueError
        result.append(others.pop() if others else 1)
    return tuple(result)


def fit(x, *tensors):
    """Refuse tensors that do not broadcast to exactly the shape of x."""
    for item in tensors:
        if item is not None:
            need(broadcast(x.shape, item.shape) == x.shape, _does_not_fit(x, item))


def fit_exactly(x, shape, item):
    """Refuse a tensor whose shape is another."""
    need(item is None or item.shape == tuple(shape), _does_not_fit(x, item))


def _does_not_fit(x, item):
    shape = "()" if item is None else _show_shape(item.shape)
    return f"its weights of shape {shape} do not fit {_show_shape(x.shape)}"


def along(x, axis):
    """The length of an axis, which counts the batch as 0, and the shape before and behind it."""
    need(1 <= axis <= len(x.shape), f"there is no axis {axis}")
    return x.shape[axis - 1], x.shape[: axis - 1], x.shape[axis:]


def column_count(x):
    """How many columns a row has, which is all of its axes."""
    need(len(x.shape) == 1, f"it takes columns, and not {_show_shape(x.shape)}")
    return x.shape[0]


def _show_shape(shape):
    return " x ".join(str(n)[:40] for n in shape[:16]) or "()"


def holds(array, low, high):
    """Whether all numbers of an array are whole and from low on, and below high."""
    if not array.size:
        return True
    if array.dtype.kind != "i" and not (np.isfinite(array) & (np.floor(array) == array)).all():
        return False
    return bool(array.min() >= low and array.max() < high)


def _function_cost(function, kind, size):
    """The time of an activation or the like."""
    return size * (ERF if kind == "f8" and function in ("gelu", "erf") else 2 * EXP)


def _product(made, depth):
    """The time of a product of matrices."""
    return made.size * depth * MADD * (2 if made.kind == "f8" else 1) + TOUCH * made.size


def _search(size):
    """The time to find a place among so many numbers that ascend."""
    return 10.0 * max(1, int(size)).bit_length()


def _takes_texts(x):
    need(x.kind == "text", "it takes texts, and not numbers")
