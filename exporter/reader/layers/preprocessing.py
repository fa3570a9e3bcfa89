"""Preprocessing that travels inside the file: numbers to bins, numbers to categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.ir.ops import Bucketize, Encode, Lookup, Reshape, StringLookup, as_tensor
from exporter.reader.context import Context, Value

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
    tensor = as_tensor(np.asarray(boundaries, np.float64))
    if tensor.ndim != 1 or not (np.diff(tensor) >= 0).all():
        context.refuse("its bin_boundaries do not ascend", "Sort them.")
    y = context.emit(Bucketize(tensor), context.input)
    return [_encode(context, y, tensor.size + 1, "int")]


def category_encoding(context: Context) -> list[Value]:
    """Whole numbers below num_tokens as vectors of ones and zeros, or counts."""
    if context.named.get("count_weights") is not None or len(context.inputs) > 1:
        context.refuse("it is called with count_weights", "Multiply by weights after it.")
    depth = int(context.number("num_tokens", context.number("max_tokens", 0)))
    return [_encode(context, context.input, depth, "multi_hot")]


def integer_lookup(context: Context) -> list[Value]:
    """The place of a whole number in a vocabulary, encoded as output_mode says.

    Places are: that of mask_token, where there is one, that of all unknown numbers, then the
    vocabulary.
    """
    for key in ("invert", "pad_to_max_tokens", "sparse"):
        if context.flag(key, False):
            context.refuse(f"its {key} is set", "Build it without.")
    if context.config.get("num_oov_indices", 1) != 1:
        context.refuse(
            "its num_oov_indices is not 1, so that unknown numbers are hashed or an error",
            "Build it with num_oov_indices=1.",
        )
    words = context.config.get("vocabulary")
    if not isinstance(words, list):
        context.refuse(
            "its vocabulary is not in its configuration",
            "Build it with IntegerLookup(vocabulary=layer.get_vocabulary(False)) and save again.",
        )
    mask = context.config.get("mask_token")
    mask = context.config.get("mask_value") if mask is None else mask
    if mask is not None and context.config.get("output_mode", "int") != "int":
        context.refuse("it encodes and has a mask_token", "Build it without mask_token.")
    special = ([] if mask is None else [mask]) + [context.config.get("oov_token", -1)]
    words = words[len(special) :] if words[: len(special)] == special else words
    keys = np.asarray([*([] if mask is None else [mask]), *words])
    if keys.ndim != 1 or keys.dtype.kind not in "iu" or np.unique(keys).size != keys.size:
        context.refuse("its vocabulary is not a list of different whole numbers", "Correct it.")
    if np.abs(keys).max(initial=0) > MAX_EXACT:
        context.refuse(
            f"its vocabulary holds numbers above {MAX_EXACT:,}, which float32 cannot tell apart",
            "Number the categories anew.",
        )
    unknown = len(special) - 1
    places = np.arange(keys.size) + (np.arange(keys.size) >= unknown)
    order = np.argsort(keys)
    op = Lookup(as_tensor(keys[order]), as_tensor(places[order]), float(unknown))
    return [_encode(context, context.emit(op, context.input), keys.size + 1, "int")]


def string_lookup(context: Context) -> list[Value]:
    """The place of a text in a vocabulary, encoded as output_mode says; see integer_lookup.

    Without a place for unknown texts (num_oov_indices=0) they are an error when scoring.
    """
    for key in ("invert", "pad_to_max_tokens", "sparse"):
        if context.flag(key, False):
            context.refuse(f"its {key} is set", "Build it without.")
    if str(context.config.get("encoding", "utf-8")).lower() not in ("utf-8", "utf8"):
        context.refuse("its encoding is not UTF-8", "Build it with encoding='utf-8'.")
    unknowns = context.config.get("num_oov_indices", 1)
    if unknowns not in (0, 1):
        context.refuse(
            "its num_oov_indices is above 1, so that unknown texts are hashed",
            "Build it with num_oov_indices=1.",
        )
    words = context.config.get("vocabulary")
    words = context.builder.vocabulary if words is None else words
    if not isinstance(words, list):
        context.refuse(
            "its vocabulary is not in the file, or it is one of several that were adapted",
            "Build it with StringLookup(vocabulary=layer.get_vocabulary(False)) and save again.",
        )
    mask = context.config.get("mask_token")
    if mask is not None and context.config.get("output_mode", "int") != "int":
        context.refuse("it encodes and has a mask_token", "Build it without mask_token.")
    masks = [] if mask is None else [mask]
    special = masks + [context.config.get("oov_token", "[UNK]")] * unknowns
    words = words[len(special) :] if words[: len(special)] == special else words
    keys = [*masks, *words]
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        context.refuse("its vocabulary is not a list of different texts", "Correct it.")
    try:
        "".join(keys).encode()
    except UnicodeEncodeError:
        context.refuse("its vocabulary holds what is not Unicode text", "Correct it.")
    places = [*range(len(masks)), *range(len(special), len(special) + len(words))]
    default = float(len(masks)) if unknowns else None
    y = context.emit(
        StringLookup(tuple(keys), as_tensor(np.asarray(places)), default), context.input
    )
    return [_encode(context, y, len(words) + unknowns, "int")]


def _encode(context: Context, x: Value, depth: int, default: str) -> Value:
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
