"""Texts that are taken apart as scikit-learn does it, and what is counted of them."""

import re
import unicodedata

import numpy as np

from plpython.interrupts import in_pieces, stop_if_cancelled
from plpython.tables import kernel
from plpython.texts import check_tokens

TOKEN = re.compile(r"(?u)\b\w\w+\b")
BLANKS = re.compile(r"\s\s+")


def _prepare(text, lower, accents):
    """A text in lower case and without accents, where that is asked for."""
    check_tokens(len(text), 1, 1)
    if lower:
        text = text.lower()
    if accents == "ascii":
        text = unicodedata.normalize("NFKD", text).encode("ASCII", "ignore").decode("ASCII")
    elif accents and not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join([letter for letter in text if not unicodedata.combining(letter)])
    return text


def _grams(text, analyzer, least, most, stop_words):
    """The n-grams of a text, as scikit-learn's vectorizers take it apart."""
    check_tokens(len(text), most + 1 - least, most)
    if analyzer == "word":
        tokens = [word for word in TOKEN.findall(text) if word not in stop_words]
        return [
            " ".join(tokens[i : i + n])
            for n in range(least, most + 1)
            for i in range(len(tokens) - n + 1)
        ]
    text = BLANKS.sub(" ", text)
    if analyzer == "char":
        return [text[i : i + n] for n in range(least, most + 1) for i in range(len(text) - n + 1)]
    grams = []
    for word in text.split():
        word = " " + word + " "
        for n in range(least, most + 1):
            grams.append(word[:n])
            grams += [word[i : i + n] for i in range(1, len(word) - n + 1)]
            if len(word) <= n:  # a word that is too short counts once
                break
    return grams


@kernel
def count_tokens(words, lower, accents, analyzer, least, most, stop_words, is_binary):
    """How often each word is among the tokens of a text, or whether it is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, words).
    """
    table = {word: number for number, word in enumerate(words)}
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], len(words)))
        for row, text in zip(y, x[:, 0].tolist()):
            stop_if_cancelled()
            prepared = _prepare(text, lower, accents)
            for token in in_pieces(_grams(prepared, analyzer, least, most, stop_words)):
                number = table.get(token)
                if number is not None:
                    row[number] += 1
        return np.minimum(y, 1) if is_binary else y

    return call


def murmur(data):
    """MurmurHash3 of bytes, 32 bits, seed 0, as a signed number.

    Source: Appleby, MurmurHash3_x86_32.
    """
    h = 0
    tail = len(data) & 3
    body = len(data) - tail
    for k in np.frombuffer(data, "<u4", body // 4).tolist():
        k = k * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
        h = (h << 13 | h >> 19) & 0xFFFFFFFF
        h = h * 5 + 0xE6546B64 & 0xFFFFFFFF
    if tail:
        k = int.from_bytes(data[body:], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> 16
    return h - 2**32 if h >> 31 else h


@kernel
def hash_tokens(
    size, lower, accents, analyzer, least, most, stop_words, is_binary, is_signed
):  # fmt: skip
    """How often tokens of each hash are in a text, or whether one is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, size).
    """
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], size))
        for row, text in zip(y, x[:, 0].tolist()):
            stop_if_cancelled()
            prepared = _prepare(text, lower, accents)
            for token in in_pieces(_grams(prepared, analyzer, least, most, stop_words)):
                number = murmur(token.encode("utf-8"))
                place = abs(number) % size
                if is_binary:
                    row[place] = 1
                else:
                    row[place] += -1 if is_signed and number < 0 else 1
        return y

    return call
