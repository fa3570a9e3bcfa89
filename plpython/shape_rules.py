"""The rules of what moves elements."""

import math

from plpython.data import a_number, list_of, optional, tuple_of, whole
from plpython.values import AXIS, CALL, Value, along, need, numbers_of, rows_of, rule


def _alike(values):
    """The kind of some values of which all are texts, or none is."""
    kinds = {value.kind for value in values}
    need("text" not in kinds or len(kinds) == 1, "it takes texts and numbers together")
    return "text" if "text" in kinds else numbers_of(*values)


@rule("concatenate", inputs=(1, 2**16), axis=AXIS)
def _of_concatenate(*xs, axis):
    parts = [along(x, axis) for x in xs]
    need(len({part[1:] for part in parts}) == 1, "its inputs do not fit together")
    shape = (*parts[0][1], sum(length for length, _, _ in parts), *parts[0][2])
    return Value(shape, _alike(xs), rows_of(xs))


@rule("reshape", shape=list_of(whole(-1)))
def _of_reshape(x, shape):
    own = math.prod(x.shape)
    known = math.prod(n for n in shape if n != -1)
    fine = known and shape.count(-1) <= 1 and own % known == 0
    need(fine and (-1 in shape or own == known), "it cannot give its input this shape")
    return x.like([own // known if n == -1 else n for n in shape], work=CALL)


@rule("transpose", axes=list_of(AXIS))
def _of_transpose(x, axes):
    need(sorted(axes) == list(range(1, len(x.shape) + 1)), "its axes are not the input's")
    return x.like([x.shape[axis - 1] for axis in axes], work=CALL)


@rule("pad", widths=list_of(tuple_of(whole(0), whole(0))), value=a_number)
def _of_pad(x, widths, value):
    need(len(widths) == len(x.shape), "its widths are not of the input's axes")
    return x.like([n + a + b for n, (a, b) in zip(x.shape, widths)], numbers_of(x))


_POSITION = optional(whole(-(2**31)))


@rule("cut", slices=list_of(tuple_of(_POSITION, _POSITION, _POSITION)))
def _of_cut(x, slices):
    need(len(slices) == len(x.shape), "its slices are not of the input's axes")
    need(all(step != 0 for _, _, step in slices), "a step is 0")
    return x.like([len(range(n)[slice(*item)]) for n, item in zip(x.shape, slices)], work=CALL)


@rule("repeat", times=whole(1), axis=AXIS)
def _of_repeat(x, times, axis):
    length, before, behind = along(x, axis)
    return x.like((*before, times * length, *behind), numbers_of(x))


@rule("fold_time")
def _of_fold_time(x):
    need(len(x.shape) >= 1 and not x.is_constant, "its input has no steps")
    return x.like(x.shape[1:], rows=x.rows * x.shape[0], work=CALL)


@rule("unfold_time", inputs=2)
def _of_unfold_time(x, folded):
    fine = len(folded.shape) >= 1 and x.rows == folded.rows * folded.shape[0]
    need(fine and not (x.is_constant or folded.is_constant), "it was not folded like this")
    return x.like((folded.shape[0], *x.shape), rows=folded.rows, work=CALL)
