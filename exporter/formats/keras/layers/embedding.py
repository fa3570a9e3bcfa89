"""Embedding, and repeating a vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.ir.ops import (
    Activation,
    Affine,
    Dense,
    Embedding,
    NotEqual,
    Repeat,
    Reshape,
)


def embedding(context: Context) -> list[Value]:
    """y = embeddings[x]; with mask_zero the mask is 1 where x is not 0."""
    x = context.input
    (table,) = context.take((int(context.number("input_dim", 0)), None))
    y = context.emit(Embedding(table), x)
    if not context.flag("mask_zero", False):
        return [y]
    return [y.with_mask(context.emit(NotEqual(0.0), x))]


def embedding_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """embeddings."""
    return 1, 0


def reversible_embedding(context: Context) -> list[Value]:
    """An Embedding; called with reverse=True, x @ embeddings^T or x @ reverse_embeddings."""
    reverse = context.call.kwargs.get("reverse", context.call.args[1:2] == (True,))
    is_tied = context.flag("tie_weights", True)
    if context.config.get("reverse_dtype") not in (None, "float32"):
        context.refuse("it computes its reverse in another precision", "Use float32.")
    vocabulary = int(context.number("input_dim", 0))
    table, *others = context.take((vocabulary, None), *([] if is_tied else [(None, vocabulary)]))
    if reverse is not True:
        y = context.emit(Embedding(table), context.input)
        masks = context.flag("mask_zero", False)
        return [y.with_mask(context.emit(NotEqual(0.0), context.input)) if masks else y]
    (kernel,) = others or context.prepare(lambda: [table.T])
    y = context.emit(Dense(kernel), context.input)
    if context.config.get("logit_soft_cap") is None:
        return [y]
    cap = context.number("logit_soft_cap", 1.0)
    one = np.ones((1,) * len(y.shape))
    scaled = context.emit(Affine(context.constant(one / cap), context.constant(0 * one)), y)
    limited = context.emit(Activation("tanh"), scaled)
    return [context.emit(Affine(context.constant(one * cap), context.constant(0 * one)), limited)]


def reversible_embedding_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """embeddings, and those of the reverse where they are not tied."""
    return 1 + (not config.get("tie_weights", True)), 0


def repeat_vector(context: Context) -> list[Value]:
    """y = [x, x, ...], n times.

    Shapes: x (features,) -> y (n, features).
    """
    x = context.input
    if len(x.shape) != 1 or x.shape[0] is None:
        context.refuse("its input is not a vector of fixed length", "Flatten it.")
    row = context.emit(Reshape((1, x.shape[0])), x)
    return [context.emit(Repeat(int(context.number("n", 0)), 0), row)]
