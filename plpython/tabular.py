"""Columns of tables: kernels for what scalers, encoders and imputers do."""

import numpy as np

from plpython.encoded import Texts, Vocabulary
from plpython.interrupts import stop_if_cancelled
from plpython.tables import kernel


@kernel
def select(columns):
    """The elements in these places of the last axis.

    Shapes: x (rows, ..., n) -> y (rows, ..., columns).
    """
    first = columns[0]
    if columns == list(range(first, first + len(columns))):
        return lambda x: x[..., first : first + len(columns)]
    return lambda x: x.take(columns, axis=-1)


@kernel
def impute(values, missing=None):
    """y = values where x is NaN, or equals missing where that is given, else x.

    Shapes: x (rows, n), values (n,) -> y (rows, n).
    """
    if missing is None:
        return lambda x: np.where(np.isnan(x), values.astype(x.dtype), x)
    return lambda x: np.where(x == missing, values.astype(x.dtype), x)


@kernel
def impute_texts(words, missing=None):
    """y = words where x is missing, or equals missing where that is given, else x.

    Shapes: x (rows, n), words (n,) -> y (rows, n), arrays of texts.
    """
    replacements = np.array([*words, None], object)[:-1]
    return lambda x: np.where(np.equal(x, missing), replacements, x)


@kernel
def is_missing(missing=None):
    """y = 1 where x is NaN or a missing text, or equals missing where that is given, else 0."""

    def call(x):
        if x.dtype == object:
            return np.equal(x, missing).astype(np.float64)
        return (np.isnan(x) if missing is None else x == missing).astype(x.dtype)

    return call


@kernel
def map_numbers(keys, values, counts, defaults, absent, strict, complete):
    """y = the value beside the key of its column that equals x; see the op of this name.

    Shapes: x (rows, n), keys (k,), values (k,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no key in a column that is strict, or NaN in a complete one.
    """
    ends = np.cumsum(counts)
    tables = [
        (keys[end - count : end], np.append(values[end - count : end], values.dtype.type(0)))
        for count, end in zip(counts, ends.tolist())
    ]

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, (known, numbers) in enumerate(tables):
            stop_if_cancelled()
            column = x[:, place]
            found = np.searchsorted(known, column)
            same = np.append(known, np.nan)[found] == column
            is_nan = np.isnan(column)
            bad = ~same & (place in strict) & ~is_nan | is_nan & (place in complete)
            if bad.any():
                value = column[bad][0].item()
                raise ValueError(f"{value!r} is none of the {known.size} categories of its column")
            y[:, place] = np.where(
                same,
                numbers[np.where(same, found, known.size)],
                np.where(is_nan, absent[place], defaults[place]),
            )
        return y

    return call


@kernel
def map_texts(words, values, defaults, absent, strict, complete):
    """y = the value beside the word of its column that equals x; see the op of this name.

    Shapes: x (rows, n), values (all words,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no word in a column that is strict, or missing in a complete one.
    """
    tables = []
    arrays = []
    vocabularies = [Vocabulary(column) for column in words]
    start = 0
    for place, column in enumerate(words):
        numbers = dict(zip(column, values[start : start + len(column)].tolist()))
        arrays.append(np.append(values[start : start + len(column)], defaults[place]))
        start += len(column)
        if place not in complete:
            numbers[None] = absent[place].item()
        tables.append(numbers)

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, numbers in enumerate(tables):
            if isinstance(x, Texts):
                found = vocabularies[place].find(x[:, place])
                missing = x.lengths[:, place] < 0
                is_known = place not in strict or (found < len(words[place])).all()
                if is_known and not (place in complete and missing.any()):
                    y[:, place] = arrays[place][found]
                    y[missing, place] = absent[place]
                    continue
            column = x[:, place].tolist()
            default = defaults[place].item()
            if place in strict:
                unknown = [word for word in column if word not in numbers]
            else:
                unknown = [None] if place in complete and None in column else []
            if unknown:
                text, count = str(unknown[0])[:80], len(words[place])
                raise ValueError(f"{text!r} is none of the {count} categories of its column")
            y[:, place] = [numbers.get(word, default) for word in column]
        return y

    return call


@kernel
def indicate(size):
    """y = 1 in the places that are in x, 0 in the others; -1 in x is no place.

    Shapes: x (rows, n) -> y (rows, size).
    """

    def call(x):
        y = np.zeros((x.shape[0], size + 1), x.dtype)  # the last place is what -1 means
        y[np.arange(x.shape[0])[:, None], x.astype(np.intp)] = 1
        return y[:, :size]

    return call


@kernel
def discretize(edges, counts, slack):
    """y = how many of its column's edges, which ascend, are at most x.

    Shapes: x (rows, n), edges (all,) -> y (rows, n).
    """
    ends = np.cumsum(counts)
    columns = [edges[end - count : end] for count, end in zip(counts, ends.tolist())]

    def call(x):
        if slack:
            x = x + (1e-8 + 1e-5 * np.abs(x))
        y = np.empty(x.shape, x.dtype)
        for place, known in enumerate(columns):
            y[:, place] = np.searchsorted(known, x[:, place], side="right")
        return y

    return call


@kernel
def normalize_row(norm, tiny):
    """y = x / norm of the row, of which one below tiny (or 0) counts as 1."""

    def call(x):
        if norm == "l2":
            size = np.sqrt(np.einsum("ij,ij->i", x, x))  # in the order of scikit-learn's row_norms
        else:
            size = np.abs(x).sum(axis=1) if norm == "l1" else np.abs(x).max(axis=1)
        return x / np.where((size == 0) | (size < tiny), 1, size)[:, None].astype(x.dtype)

    return call


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
