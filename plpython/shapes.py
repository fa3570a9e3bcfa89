"""Kernels that move numbers and compute none."""

import numpy as np

from plpython.tables import kernel


@kernel
def concatenate(axis):
    """Join the inputs along axis (which counts the batch as 0)."""
    return lambda *xs: np.concatenate(xs, axis=axis)


@kernel
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


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
