"""Texts to numbers: TextVectorization, Hashing and HashedCrossing."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.preprocessing import (
    MAX_EXACT,
    check_encoding,
    check_words,
    depth_of,
    encode,
    given_words,
    inverse_frequencies,
    salt_of,
)
from exporter.ir.ops import CountWords, CrossBucket, HashBucket, StringLookup, Tokenize

STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
UNKNOWN = "[UNK]"
MAX_TOKENS = 2**20  # of a text


def text_vectorization(context: Context) -> list[Value]:
    """The places of a text's tokens in a vocabulary, or one vector of how often each occurs."""
    check_encoding(context)
    for key in ("sparse", "ragged"):
        if context.flag(key, False):
            context.refuse(f"its {key} is set", "Build it without.")
    how = _choice(context, "standardize", STANDARDIZE), _choice(context, "split", SPLIT)
    parts = (*how, _ngrams(context))
    if how[1] and context.input.shape not in ((), (1,)):
        context.refuse(
            f"it takes apart an input of shape {context.input.shape}", "Give it one text a row."
        )
    mode = context.config.get("output_mode", "int")
    mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(mode, mode)
    if mode == "int":
        return [_places(context, parts)]
    if mode not in ("multi_hot", "count", "tf_idf"):
        context.refuse(f"its output_mode is {mode!r}", "Use int, multi_hot, count or tf_idf.")
    words = given_words(context)
    found = words[:1] == [UNKNOWN]
    words = words[1:] if found else words
    check_words(context, words)
    depth = depth_of(context, 1 + len(words))
    weights = np.ones(depth)
    if mode == "tf_idf":
        weights = inverse_frequencies(context, depth, 1, found)
    op = CountWords(tuple(words), context.constant(weights), *parts, mode == "multi_hot")
    return [context.emit(op, context.input)]


def hashing(context: Context) -> list[Value]:
    """The number of the bin into which the hash of x falls, encoded as output_mode says."""
    bins = _bins(context)
    mask = context.config.get("mask_value")
    if mask is not None and (isinstance(mask, bool) or not isinstance(mask, (str, int, float))):
        context.refuse(f"its mask_value is {str(mask)[:40]}", "Give it a text or a number.")
    is_masked = mask is not None and bins > 1
    op = HashBucket(
        bins - is_masked,
        context.constant(np.array([float(is_masked)])),
        salt_of(context),
        mask if is_masked else None,
    )
    return [encode(context, context.emit(op, context.input), bins, "int")]


def hashed_crossing(context: Context) -> list[Value]:
    """The number of the bin into which the hash of several features together falls."""
    if any(x.shape not in ((), (1,)) for x in context.inputs):
        context.refuse("its inputs have several numbers or texts a row", "Give it one of each.")
    bins = _bins(context)
    y = context.emit(CrossBucket(bins, context.constant(np.zeros(1))), *context.inputs)
    return [encode(context, y, bins, "int")]


def _places(context: Context, parts: tuple[str, str, tuple[int, ...]]) -> Value:
    """The places of the first output_sequence_length tokens: 0 for none, 1 for unknown ones."""
    length = context.config.get("output_sequence_length")
    if length is None and not parts[1] and not parts[2] and len(context.input.shape) == 1:
        length = context.input.shape[0]
    if length is None:
        context.refuse(
            "its output_sequence_length is not set: it pads to the longest of the texts that are"
            " scored together, so that a score depends on the others",
            "Build it with output_sequence_length.",
        )
    if not parts[1] and context.input.shape == ():
        context.refuse("it takes a text without an axis", "Give it an Input of shape (1,).")
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= MAX_TOKENS:
        context.refuse(f"its output_sequence_length is {length!r}", "Give it a whole number.")
    words = given_words(context)
    words = words[2:] if words[:2] == ["", UNKNOWN] else words
    keys = ["", *words]
    check_words(context, keys)
    places = np.array([0, *range(2, 2 + len(words))])
    tokens = context.emit(Tokenize(*parts, length), context.input)
    return context.emit(StringLookup(tuple(keys), context.constant(places), 1.0), tokens)


def _choice(context: Context, key: str, known: tuple[str, ...]) -> str:
    """One of Keras' own ways, or "" for none."""
    value: Any = context.config.get(key, known[0])
    if value is None:
        return ""
    if value not in known:
        context.refuse(
            f"its {key} is a function of the model's author, which is never run",
            f"Build it with {key}={known[0]!r} or None, and do the rest in SQL.",
        )
    return str(value)


def _ngrams(context: Context) -> tuple[int, ...]:
    given = context.config.get("ngrams")
    if given is None:
        return ()
    items = given if isinstance(given, list) else [given]
    if not items or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in items):
        context.refuse(f"its ngrams are {given!r}", "Give it whole numbers.")
    return tuple(items) if isinstance(given, list) else tuple(range(1, given + 1))


def _bins(context: Context) -> int:
    bins = context.config.get("num_bins")
    if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= MAX_EXACT:
        context.refuse(f"its num_bins is {bins!r}", f"Use from 1 to {MAX_EXACT:,} bins.")
    return bins
