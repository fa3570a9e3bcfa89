"""Preprocessing that travels inside the file: numbers to bins, numbers to categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.ir.ops import (
    Affine,
    Bucketize,
    Constant,
    Encode,
    HashBucket,
    Lookup,
    Modulo,
    NotEqual,
    Reshape,
    StringLookup,
    Unary,
    Where,
)

MAX_EXACT = 2**24  # the largest whole number up to which float32 holds all
MODES = ("one_hot", "multi_hot", "count")


def discretization(context: Context) -> list[Value]:
    """The number of the bin in which x lies, encoded as output_mode says."""
    boundaries = context.config.get("bin_boundaries", context.config.get("bins"))
    if not isinstance(boundaries, list):
        context.refuse(
            "its bin_boundaries are not in its configuration",
            "Save it with a newer Keras, or give it bin_boundaries.",
        )
    tensor = context.constant(np.asarray(boundaries, np.float64))
    if tensor.ndim != 1 or not (np.diff(tensor) >= 0).all():
        context.refuse("its bin_boundaries do not ascend", "Sort them.")
    y = context.emit(Bucketize(tensor), context.input)
    return [encode(context, y, tensor.size + 1, "int")]


def category_encoding(context: Context) -> list[Value]:
    """Whole numbers below num_tokens as vectors of ones and zeros, or counts."""
    if context.named.get("count_weights") is not None or len(context.inputs) > 1:
        context.refuse("it is called with count_weights", "Multiply by weights after it.")
    depth = int(context.number("num_tokens", context.number("max_tokens", 0)))
    return [encode(context, context.input, depth, "multi_hot")]


def integer_lookup(context: Context) -> list[Value]:
    """The place of a whole number in a vocabulary, encoded as output_mode says.

    Places are: that of mask_token, where there is one, those of all unknown numbers, then the
    vocabulary.
    """
    unknowns = _check_lookup(context)
    if unknowns == 0:
        context.refuse(
            "its num_oov_indices is 0, so that unknown numbers are an error",
            "Build it with num_oov_indices=1.",
        )
    words = given_words(context)
    if words and all(isinstance(word, str) for word in words):
        words = [int(word) for word in words]
    mask = context.config.get("mask_token")
    mask = context.config.get("mask_value") if mask is None else mask
    masks = [] if mask is None else [mask]
    special = masks + [context.config.get("oov_token", -1)] * unknowns
    found = words[: len(special)] == special
    words = words[len(special) :] if found else words
    keys = np.asarray([*masks, *words])
    if keys.ndim != 1 or keys.dtype.kind not in "iu" or np.unique(keys).size != keys.size:
        context.refuse("its vocabulary is not a list of different whole numbers", "Correct it.")
    if np.abs(keys).max(initial=0) > MAX_EXACT:
        context.refuse(
            f"its vocabulary holds numbers above {MAX_EXACT:,}, which float32 cannot tell apart",
            "Number the categories anew.",
        )
    places = np.array([*range(len(masks)), *range(len(special), len(special) + len(words))])
    order = np.argsort(keys)
    default = float(len(masks)) if unknowns == 1 else -1.0
    op = Lookup(context.constant(keys[order]), context.constant(places[order]), default)
    y = context.emit(op, context.input)
    if unknowns > 1:
        whole = context.emit(Unary("trunc"), context.input)
        if context.config.get("oov_method", "floormod") == "floormod":
            shape = (1,) * len(y.shape)
            count = context.emit(Constant(context.constant(np.full(shape, unknowns))))
            start = Affine(
                context.constant(np.ones(shape)), context.constant(np.full(shape, len(masks)))
            )
            other = context.emit(start, context.emit(Modulo(), whole, count))
        else:
            other = _hashed(context, whole, unknowns, len(masks))
        y = context.emit(Where(), context.emit(NotEqual(-1.0), y), y, other)
    return [_encode_places(context, y, unknowns + len(words), unknowns, found)]


def string_lookup(context: Context) -> list[Value]:
    """The place of a text in a vocabulary, encoded as output_mode says; see integer_lookup.

    Without a place for unknown texts (num_oov_indices=0) they are an error when scoring.
    """
    unknowns = _check_lookup(context)
    check_encoding(context)
    words = given_words(context)
    mask = context.config.get("mask_token")
    masks = [] if mask is None else [mask]
    special = masks + [context.config.get("oov_token", "[UNK]")] * unknowns
    found = words[: len(special)] == special
    words = words[len(special) :] if found else words
    keys = [*masks, *words]
    check_words(context, keys)
    places = [*range(len(masks)), *range(len(special), len(special) + len(words))]
    default = {0: None, 1: float(len(masks))}.get(unknowns, -1.0)
    y = context.emit(
        StringLookup(tuple(keys), context.constant(np.asarray(places)), default), context.input
    )
    if unknowns > 1:
        other = _hashed(context, context.input, unknowns, len(masks))
        y = context.emit(Where(), context.emit(NotEqual(-1.0), y), y, other)
    return [_encode_places(context, y, unknowns + len(words), unknowns, found)]


def given_words(context: Context) -> list[Any]:
    """The vocabulary of the configuration, or the one that lies beside it."""
    words = context.config.get("vocabulary")
    if isinstance(words, Mapping):  # an array
        words = words.get("config", words)
        words = words.get("value", words) if isinstance(words, Mapping) else words
    if isinstance(words, list):
        return words
    found = None if words is not None else context.weights.vocabulary()
    name = context.layer.class_name
    if found is None:
        context.refuse(
            "its vocabulary is not in the file",
            f"Save as .keras, or build it with {name}(vocabulary=layer.get_vocabulary(False)).",
        )
    if any(word.splitlines() != [word] for word in found if word):
        context.refuse(
            "its vocabulary holds a line break, at which Keras cuts a word in two when it reads it",
            f"Build it with {name}(vocabulary=...).",
        )
    return found


def check_words(context: Context, words: list[Any]) -> None:
    """Refuse a vocabulary that is not one of different texts."""
    if not all(isinstance(word, str) for word in words) or len(set(words)) != len(words):
        context.refuse("its vocabulary is not a list of different texts", "Correct it.")
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        context.refuse("its vocabulary holds what is not Unicode text", "Correct it.")


def check_encoding(context: Context) -> None:
    """Refuse texts in any encoding but that of the database."""
    if str(context.config.get("encoding", "utf-8")).lower() not in ("utf-8", "utf8"):
        context.refuse("its encoding is not UTF-8", "Build it with encoding='utf-8'.")


def depth_of(context: Context, known: int) -> int:
    """How many places a vector has: as many as are known, or max_tokens."""
    most = context.config.get("max_tokens")
    return max(known, most) if context.flag("pad_to_max_tokens", False) and most else known


def inverse_frequencies(context: Context, depth: int, unknowns: int, found: bool) -> Array:
    """The idf_weights, one for each place, as Keras fills those up that are not given."""
    if context.arrays and context.arrays[0].shape == (depth,):
        return context.arrays[0]
    given = context.config.get("idf_weights")
    if isinstance(given, Mapping):
        given = given.get("config", given)
        given = given.get("value", given) if isinstance(given, Mapping) else given
    weights = np.asarray(given if isinstance(given, list) else [], np.float64)
    before = 0 if found else unknowns
    if weights.ndim != 1 or not weights.size or weights.size + before > depth:
        context.refuse("its idf_weights are not in the file", "Save as .keras.")
    ends = weights.mean(), 0.0
    return np.pad(weights, (before, depth - before - weights.size), constant_values=ends)


def salt_of(context: Context) -> tuple[int, int] | None:
    """The key of the hash, two whole numbers; Keras also takes one for both."""
    salt = context.config.get("salt")
    if salt is None:
        return None
    pair = salt if isinstance(salt, list) else [salt, salt]
    if len(pair) != 2 or not all(isinstance(n, int) and 0 <= n < 2**64 for n in pair):
        context.refuse(f"its salt is {str(salt)[:40]}", "Give it a whole number, or two.")
    return pair[0], pair[1]


def _check_lookup(context: Context) -> int:
    """How many places there are for what is unknown."""
    for key in ("invert", "sparse"):
        if context.flag(key, False):
            context.refuse(f"its {key} is set", "Build it without.")
    mask = context.config.get("mask_token")
    mask = context.config.get("mask_value") if mask is None else mask
    if mask is not None and context.config.get("output_mode", "int") != "int":
        context.refuse("it encodes and has a mask_token", "Build it without mask_token.")
    unknowns = context.config.get("num_oov_indices", 1)
    if isinstance(unknowns, bool) or not isinstance(unknowns, int) or unknowns < 0:
        context.refuse(f"its num_oov_indices is {unknowns!r}", "Give it a whole number.")
    return unknowns


def _hashed(context: Context, x: Value, bins: int, first: int) -> Value:
    start = context.constant(np.array([first]))
    return context.emit(HashBucket(bins, start, salt_of(context)), x)


def _encode_places(context: Context, y: Value, known: int, unknowns: int, found: bool) -> Value:
    """Places as output_mode says, with the idf_weights where it is tf_idf."""
    depth = depth_of(context, known)
    if context.config.get("output_mode") not in ("tf_idf", "tf-idf"):
        return encode(context, y, depth, "int")
    weights = inverse_frequencies(context, depth, unknowns, found)
    counts = encode(context.with_config({"output_mode": "count"}), y, depth, "int")
    return context.emit(Affine(context.constant(weights), context.constant(0 * weights)), counts)


def encode(context: Context, x: Value, depth: int, default: str) -> Value:
    """Places as they are (int), each as a vector (one_hot), or all of a row as one vector."""
    mode: Any = context.config.get("output_mode", default)
    if context.flag("sparse", False):
        context.refuse("it gives sparse tensors", "Build it without sparse.")
    if mode == "binary":  # before Keras 2.7
        mode = "multi_hot"
    if mode == "int":
        return x
    if mode not in MODES:
        context.refuse(f"its output_mode is {mode!r}", "Use int, one_hot, multi_hot or count.")
    if mode == "one_hot" and x.shape[-1:] == (1,):
        x = context.emit(Reshape(tuple(-1 if n is None else n for n in x.shape[:-1])), x)
    if mode != "one_hot" and len(x.shape) != 1:
        context.refuse(
            f"it encodes an input of shape {x.shape} as {mode}",
            "Give it one axis besides the batch.",
        )
    return context.emit(Encode(depth, mode), x)
