"""Kernels of preprocessing layers: numbers and texts to places in a table."""

import numpy as np

from plpython.encoded import Texts, Vocabulary
from plpython.tables import kernel


@kernel
def bucketize(boundaries):
    """y = how many of the boundaries, which ascend, are at most x."""
    return lambda x: np.searchsorted(boundaries, x, side="right").astype(x.dtype)


@kernel
def lookup(keys, values, default):
    """y = the value beside the key that equals x, or default; keys ascend."""
    if not keys.size:
        return lambda x: np.full_like(x, default)

    def call(x):
        x = np.trunc(x)
        place = np.minimum(np.searchsorted(keys, x), keys.size - 1)
        return np.where(keys[place] == x, values[place], x.dtype.type(default))

    return call


@kernel
def string_lookup(words, places, default=None):
    """y = the place of the word that equals x, or default; x is an array of texts.

    Raises: ValueError, when x is none of the words and there is no default.
    """
    table = {word: number for number, word in enumerate(words)}
    vocabulary = Vocabulary(words)
    all_places = np.append(places, places.dtype.type(default or 0)).astype(places.dtype)

    def call(x):
        if isinstance(x, Texts):
            numbers = vocabulary.find(x)
        else:
            numbers = [table.get(word, len(words)) for word in x.ravel().tolist()]
            numbers = np.array(numbers, np.intp).reshape(x.shape)
        if default is None and (numbers == len(words)).any():
            word = x[numbers == len(words)][0]
            what = "NULL" if word is None else repr(word[:80])
            raise ValueError(f"{what} is not in the vocabulary of {len(words)} words")
        return all_places[numbers]

    return call


@kernel
def encode(depth, mode):
    """Whole numbers from 0 to depth - 1 as vectors; see the op of this name.

    Shapes: x (rows, ..., n) -> y (rows, ..., n, depth), or (rows, ..., depth).
    Raises: ValueError, when x holds anything but whole numbers from 0 to depth - 1.
    """

    def call(x):
        bad = ~((x >= 0) & (x < depth) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not a category: give whole numbers from 0 to {depth - 1}"
            )
        y = (x[..., None] == np.arange(depth)).astype(x.dtype)
        if mode == "one_hot":
            return y
        return y.max(axis=-2) if mode == "multi_hot" else y.sum(axis=-2)

    return call
