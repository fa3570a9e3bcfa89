"""The rules of what goes along axes: normalizations, and what is left of an axis."""

from plpython.data import a_flag, a_number, one_of
from plpython.reductions import REDUCTIONS
from plpython.values import ANY, AXES, AXIS, EXP, TOUCH, along, fit, need, numbers_of, rows_of, rule


@rule("layer_normalization", axes=AXES, epsilon=a_number, gamma=ANY, beta=ANY)
@rule("unit_normalization", axes=AXES, epsilon=a_number)
def _of_normalization(x, axes, epsilon, gamma=None, beta=None):
    for axis in axes:
        along(x, axis)
    need(len(set(axes)) == len(axes), "an axis comes twice")
    fit(x, gamma, beta)
    kind = numbers_of(x, *[item for item in (gamma, beta) if item is not None])
    return x.like(kind=kind, work=2 * EXP * x.size, scratch=3 * x.bytes)


@rule("reduce", function=one_of(*REDUCTIONS), axes=AXES, keepdims=a_flag)
def _of_reduce(x, function, axes, keepdims):
    for axis in axes:
        along(x, axis)
    need(len(set(axes)) == len(axes), "an axis comes twice")
    kept = [
        1 if axis in axes else n
        for axis, n in enumerate(x.shape, 1)
        if keepdims or axis not in axes
    ]
    return x.like(kept, numbers_of(x), work=2 * TOUCH * x.size)


@rule("find_extreme", function=one_of("max", "min"), axis=AXIS)
def _of_find_extreme(x, function, axis):
    _, before, behind = along(x, axis)
    made = x.like((*before, *behind), numbers_of(x))
    return made.like(work=EXP * x.size, scratch=3 * x.bytes)


@rule("cumulate", function=one_of("sum", "prod"), axis=AXIS)
def _of_cumulate(x, function, axis):
    along(x, axis)
    return x.like(kind=numbers_of(x), work=4 * TOUCH * x.size)


@rule("masked_mean", inputs=2, axis=AXIS)
def _of_masked_mean(x, mask, axis):
    length, before, behind = along(x, axis)
    need(mask.shape == (length,), "its mask does not fit")
    rows_of((x, mask))
    made = x.like((*before, *behind), numbers_of(x, mask))
    return made.like(work=4 * TOUCH * x.size, scratch=2 * x.bytes)
