"""Columns of tables: kernels for what scalers, encoders and imputers do."""

import numpy as np

from plpython.head import kernel


@kernel
def select(columns):
    """The elements of each row in these places.

    Shapes: x (rows, n) -> y (rows, columns).
    """
    first = columns[0]
    if columns == list(range(first, first + len(columns))):
        return lambda x: x[:, first : first + len(columns)]
    return lambda x: x.take(columns, axis=1)


@kernel
def decide():
    """1 where the only number is above 0, else the place of the first of the largest.

    Shapes: x (rows, n) -> y (rows, 1).
    """

    def call(x):
        place = x > 0 if x.shape[1] == 1 else x.argmax(axis=1)[:, None]
        return np.where(
            np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), place.astype(x.dtype)
        )

    return call
