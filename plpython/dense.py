"""Kernels whose work is a product with weights, or a row of a table of them."""

import numpy as np

from plpython.tables import kernel


@kernel
def dense(kernel, bias=None):
    """y = x @ kernel + bias.

    Shapes: x (rows, ..., n), kernel (n, m), bias (m,) -> y (rows, ..., m).
    """

    def call(x):
        rows = x if x.ndim == 2 else x.reshape(-1, kernel.shape[0])
        y = rows @ kernel
        if bias is not None:
            y += bias
        return y if x.ndim == 2 else y.reshape((*x.shape[:-1], kernel.shape[1]))

    return call


@kernel
def affine(scale, offset):
    """y = x * scale + offset, both broadcast over the batch."""
    return lambda x: x * scale + offset


@kernel
def matmul():
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (rows, ..., n, k), x1 (rows, ..., k, m) -> y (rows, ..., n, m).
    """
    return np.matmul


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
