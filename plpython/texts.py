"""Texts to tokens, as TensorFlow takes them apart."""

import re
import string

import numpy as np

from plpython.interrupts import in_pieces, stop_if_cancelled
from plpython.tables import kernel

SPACES = re.compile("[ \t\n\v\f\r]+")  # what TensorFlow splits at; other Unicode spaces are letters
LOWER = {n: n + 32 for n in range(ord("A"), ord("Z") + 1)}  # TensorFlow leaves all other letters
MOST_TOKENS = 2**28  # bytes of all tokens of a text, as they lie in memory
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation))


def _tokens(texts, standardize, split, ngrams):
    """The tokens of a row's texts, as Keras's TextVectorization takes them apart.

    Raises: ValueError, for texts that are too long to be.
    """
    check_tokens(sum(map(len, texts)), len(ngrams) or 1, max(ngrams, default=1))
    if "lower" in standardize:
        texts = [text.translate(LOWER) for text in texts]
    if "strip_punctuation" in standardize:
        texts = [text.translate(PUNCTUATION) for text in texts]
    if split == "whitespace":
        texts = [token for text in texts for token in SPACES.split(text) if token]
    elif split == "character":
        texts = [letter for text in texts for letter in text]
    if not ngrams:
        return texts
    return [" ".join(texts[i : i + n]) for n in ngrams for i in range(len(texts) - n + 1)]


def check_tokens(letters, sizes, most):
    """Refuse a text whose tokens would take too much memory, or time: so many letters, n-grams of
    so many sizes, of which the largest has most tokens.

    Raises: ValueError.
    """
    if letters * sizes * (63 + most) > MOST_TOKENS:
        raise ValueError(f"a text of {letters:,} letters is too long to be taken into tokens")


@kernel
def tokenize(standardize, split, ngrams, length):
    """The first tokens of each row's texts, "" where there are fewer than length.

    Shapes: x (rows, ...) -> y (rows, length), arrays of texts.
    """

    def call(x):
        y = np.full((x.shape[0], length), "", object)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            stop_if_cancelled()
            tokens = _tokens(texts, standardize, split, ngrams)[:length]
            row[: len(tokens)] = tokens
        return y

    return call


@kernel
def count_words(words, weights, standardize, split, ngrams, is_binary):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere.
    Shapes: x (rows, ...), weights (depth,) -> y (rows, depth).
    """
    table = {word: number for number, word in enumerate(words, 1)}

    def call(x):
        y = np.zeros((x.shape[0], weights.size), weights.dtype)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            stop_if_cancelled()
            for token in in_pieces(_tokens(texts, standardize, split, ngrams)):
                if token:
                    row[table.get(token, 0)] += 1
        return (np.minimum(y, 1) if is_binary else y) * weights

    return call
