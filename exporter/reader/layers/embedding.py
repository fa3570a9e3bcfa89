"""Embedding, and repeating a vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exporter.ir.ops import Embedding, NotEqual, Repeat, Reshape
from exporter.reader.context import Context, Value


def embedding(context: Context) -> list[Value]:
    """y = embeddings[x]; with mask_zero the mask is 1 where x is not 0."""
    x = context.input
    if context.config.get("lora_rank") and len(context.arrays) > 1:
        context.refuse("its LoRA weights are not merged", "Save the model without them.")
    (table,) = context.take((int(context.number("input_dim", 0)), None))
    y = context.emit(Embedding(table), x)
    if not context.flag("mask_zero", False):
        return [y]
    return [y.with_mask(context.emit(NotEqual(0.0), x))]


def embedding_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """embeddings."""
    return 1, 0


def repeat_vector(context: Context) -> list[Value]:
    """y = [x, x, ...], n times.

    Shapes: x (features,) -> y (n, features).
    """
    x = context.input
    if len(x.shape) != 1 or x.shape[0] is None:
        context.refuse("its input is not a vector of fixed length", "Flatten it.")
    row = context.emit(Reshape((1, x.shape[0])), x)
    return [context.emit(Repeat(int(context.number("n", 0)), 0), row)]
