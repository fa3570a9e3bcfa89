"""MultiHeadAttention, Attention and AdditiveAttention."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.core import refuse_training
from exporter.formats.keras.weights import TreeWeights
from exporter.ir.ops import (
    AdditiveAttention,
    Affine,
    Attention,
    Dense,
    Multiply,
    Op,
    Reshape,
    Tensor,
)

ARGUMENTS = ("query", "value", "key")
MASKS = ("query_mask", "value_mask", "key_mask")
KEYWORDS = ("mask", *ARGUMENTS, *MASKS, "attention_mask")


def multi_head_attention(context: Context) -> list[Value]:
    """Dense projections, scaled dot-product attention in each head, a Dense projection."""
    _check_call(context)
    for option in ("use_gate", "sliding_window"):
        if context.config.get(option):
            context.refuse(f"it was built with {option}", f"Build it without {option}.")
    query, value, key = _arguments(context)
    axes: Any = context.config.get("attention_axes")
    flat = all(len(x.shape) == 2 for x in (query, value, key))
    if not flat or axes not in (None, [1], 1):
        context.refuse(
            f"it attends along the axes {axes or 'all but the last'} of an input of"
            f" shape {query.shape}",
            "Attend along the steps of sequences, one axis.",
        )
    heads = int(context.number("num_heads", 0))
    size = int(context.number("key_dim", 0))
    projections = _projections(context, heads, size)
    projected = [
        context.emit(_dense(tensors), x)
        for tensors, x in zip(projections[:3], (query, key, value), strict=True)
    ]
    mask = _score_mask(context, query, value, key)
    causal = context.call.kwargs.get("use_causal_mask") is True
    # With dropout Keras 3 goes through its Softmax layer, since 3.10 with 0 where all is masked.
    zeroes = mask is not None and (context.version.major, context.version.minor) >= (3, 10)
    zeroes = zeroes and bool(context.config.get("dropout"))
    op = Attention(heads, context.single(1 / math.sqrt(size)), causal, mask is not None, zeroes)
    attended = context.emit(op, *projected, *([] if mask is None else [mask]))
    return [context.emit(_dense(projections[3]), attended).with_mask(query.mask)]


def grouped_query_attention(context: Context) -> list[Value]:
    """MultiHeadAttention in which several heads of the query share one of key and value."""
    _check_call(context)
    for option in ("use_gate", "sliding_window"):
        if context.config.get(option):
            context.refuse(f"it was built with {option}", f"Build it without {option}.")
    query, value, key = _arguments(context)
    if any(len(x.shape) != 2 for x in (query, value, key)):
        context.refuse(f"its query has the shape {query.shape}", "Give it sequences.")
    heads, shared = (int(context.number(f"num_{name}_heads", 0)) for name in ("query", "key_value"))
    size = int(context.number("head_dim", 0))
    if min(heads, shared, size) < 1 or heads % shared:
        context.refuse(f"{shared} heads do not divide {heads}", "Save the model again.")
    projections = _grouped_projections(context, heads, shared, size)
    projected = [
        context.emit(_dense(tensors), x)
        for tensors, x in zip(projections[:3], (query, key, value), strict=True)
    ]
    mask = _score_mask(context, query, value, key)
    if mask is not None and context.config.get("dropout"):
        context.refuse("it has a mask and dropout", "Build it with dropout=0.")
    causal = context.call.kwargs.get("use_causal_mask") is True
    op = Attention(heads, context.single(1 / math.sqrt(size)), causal, mask is not None, False)
    attended = context.emit(op, *projected, *([] if mask is None else [mask]))
    return [context.emit(_dense(projections[3]), attended).with_mask(query.mask)]


def _grouped_projections(
    context: Context, heads: int, shared: int, size: int
) -> list[list[Tensor]]:
    """Kernel and bias of query, key, value and output; shared heads repeated for each query's."""
    per_part = 1 + context.flag("use_bias", True)

    def convert() -> Sequence[Array]:
        arrays = context.arrays
        parts = [arrays[i : i + per_part] for i in range(0, len(arrays), per_part)]
        if isinstance(context.weights, TreeWeights) and len(parts) == 4:
            key, out, query, value = parts  # by name
            parts = [query, key, value, out]
        shapes: list[tuple[int | None, ...]] = []
        for count in (heads, shared, shared):
            shapes += [(None, count, size), (count, size)][:per_part]
        shapes += [(heads, size, None), (None,)][:per_part]
        ordered = replace(context, arrays=[array for part in parts for array in part])
        result: list[Array] = []
        taken: list[Array] = list(ordered.take(*shapes))
        for number, tensor in enumerate(taken):
            if number // per_part in (1, 2):
                tensor = tensor.repeat(heads // shared, axis=-2)
            if number // per_part == 3:
                result.append(tensor.reshape(-1, tensor.shape[-1]) if tensor.ndim == 3 else tensor)
            else:
                result.append(tensor.reshape(*tensor.shape[:-2], heads * size))
        return result

    tensors = context.prepare(convert)
    return [tensors[i : i + per_part] for i in range(0, len(tensors), per_part)]


def multi_head_attention_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """kernel and bias of query, key, value and output."""
    return 4 * (1 + bool(config.get("use_bias", True))), 0


def attention(context: Context) -> list[Value]:
    """y = softmax(scale * query @ key^T) @ value, or with tanh(query + key) summed (concat)."""
    mode = context.config.get("score_mode", "dot")
    if mode not in ("dot", "concat"):
        context.refuse(f"its score_mode is {mode!r}", "Use dot or concat.")
    names = [()] * (context.flag("use_scale", False) + (mode == "concat"))
    numbers = [float(tensor) for tensor in context.take(*names)]
    scale = numbers[0] if context.flag("use_scale", False) else 1.0
    query, value, key, mask, causal = _dense_attention(context)
    if mode == "dot":
        op: Op = Attention(1, scale, causal, mask is not None, False)
    else:
        query, key = (_scaled(context, x, scale) for x in (query, key))
        op = AdditiveAttention(context.constant(np.array([numbers[-1]])), causal, mask is not None)
    return _attend(context, op, query, key, value, mask)


def attention_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """scale, and the weight of the sum when concatenating."""
    return bool(config.get("use_scale")) + (config.get("score_mode") == "concat"), 0


def additive_attention(context: Context) -> list[Value]:
    """y = softmax(sum(scale * tanh(query + key))) @ value."""
    query, value, key, mask, causal = _dense_attention(context)
    scale = context.constant(np.ones(1))
    if context.flag("use_scale", True):
        (scale,) = context.take((query.shape[-1],))
    op = AdditiveAttention(scale, causal, mask is not None)
    return _attend(context, op, query, key, value, mask)


def additive_attention_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """scale."""
    return int(bool(config.get("use_scale", True))), 0


def _check_call(context: Context) -> None:
    if context.config.get("dropout"):
        refuse_training(context)
    if context.call.kwargs.get("return_attention_scores") is True:
        context.refuse("it returns its attention scores too", "Build the model without them.")


def _arguments(context: Context) -> tuple[Value, Value, Value]:
    """query, value and key, given by position or by keyword; the key is the value if not given."""
    given = dict(zip(ARGUMENTS, context.inputs, strict=False))
    given |= {name: context.named[name] for name in ARGUMENTS if context.named.get(name)}
    if len(context.inputs) > 3 or not {"query", "value"} <= set(given):
        context.refuse(
            f"it is called with {counted(len(context.inputs), 'tensor')} by position",
            "Give it query, value and key, and masks by keyword.",
        )
    return given["query"], given["value"], given.get("key", given["value"])


def _score_mask(context: Context, query: Value, value: Value, key: Value) -> Value | None:
    """1 where a query may attend to a key, by all masks together; broadcast to (t, s).

    Keras looks at the masks of query and value, at that of the key where a key is given, and at
    attention_mask. tf.keras does so since 2.10.
    """
    given = context.named.get("attention_mask")
    own = [query.mask, value.mask, key.mask if key.number != value.number else None]
    for number, name in enumerate(MASKS):
        explicit = context.named.get(name)
        if isinstance(explicit, Value) and explicit != own[number]:
            if number == 0:  # Keras 3.15 overwrites it, earlier ones did not
                context.refuse("it is given a query_mask", "Use attention_mask.")
            own[number] = explicit
    version = context.version
    if any(mask is not None for mask in own) and version.major == 2 and version.minor < 10:
        context.refuse("it is given masked sequences, which this Keras left aside", "Leave them.")
    masks = [
        _as_matrix(context, mask, is_query=number == 0)
        for number, mask in enumerate(own)
        if mask is not None
    ]
    if isinstance(given, Value):
        if len(given.shape) != 2:
            context.refuse(
                f"its attention_mask has the shape {given.shape}", "Give it one for all heads."
            )
        masks.append(given)
    masks = list(dict.fromkeys(masks))
    return context.emit(Multiply(), *masks) if len(masks) > 1 else next(iter(masks), None)


def _dense_attention(context: Context) -> tuple[Value, Value, Value, Value | None, bool]:
    """query, value, key, the mask of the scores and whether they are causal."""
    _check_call(context)
    if len(context.inputs) not in (2, 3):
        context.refuse(
            f"it is called with {counted(len(context.inputs), 'tensor')}", "Give it two or three."
        )
    query, value, *rest = context.inputs
    if any(len(x.shape) != 2 for x in context.inputs):
        reason = "it works across the rows that are scored together"
        if len(query.shape) > 2:
            reason = "it attends in each of several parts of a row"
        shapes = ", ".join(str(x.shape) for x in context.inputs)
        context.refuse(
            f"{reason}: its inputs have the shapes {shapes} without the rows",
            "Give it sequences, of shape (steps, features).",
        )
    if value.mask is not None and context.dtype == "float64":
        context.refuse(
            "it has a mask and computes in float64, where Keras lets masked steps count if nothing"
            " else is left",
            "Build the layer with dtype float32.",
        )
    mask = None if value.mask is None else _as_matrix(context, value.mask, is_query=False)
    causal = context.config.get("causal") is True  # tf.keras before 2.10
    causal = causal or context.call.kwargs.get("use_causal_mask") is True
    return query, value, rest[0] if rest else value, mask, causal


def _attend(
    context: Context, op: Op, query: Value, key: Value, value: Value, mask: Value | None
) -> list[Value]:
    """Apply the op; the results of masked queries become zeros."""
    y = context.emit(op, query, key, value, *([] if mask is None else [mask]))
    if query.mask is None:
        return [y]
    column = _as_matrix(context, query.mask, is_query=True)
    return [context.emit(Multiply(), y, column).with_mask(query.mask)]


def _as_matrix(context: Context, mask: Value, is_query: bool) -> Value:
    """A mask of queries as a column, one of keys as a row."""
    if len(mask.shape) != 1:
        context.refuse(f"its mask has the shape {mask.shape}", "Mask steps, not single numbers.")
    length = -1 if mask.shape[0] is None else mask.shape[0]
    return context.emit(Reshape((length, 1) if is_query else (1, length)), mask)


def _scaled(context: Context, x: Value, scale: float) -> Value:
    if scale == 1.0:
        return x
    shape = (1,) * len(x.shape)
    op = Affine(context.constant(np.full(shape, scale)), context.constant(np.zeros(shape)))
    return context.emit(op, x).with_mask(x.mask)


def _projections(context: Context, heads: int, size: int) -> list[list[Tensor]]:
    """Kernel and bias as matrix and vector, of query, key, value and output."""
    width = int(context.number("value_dim", size)) if context.config.get("value_dim") else size
    has_bias = context.flag("use_bias", True)
    per_part = 1 + has_bias
    output = context.config.get("output_shape")
    if isinstance(output, list) and len(output) > 1:
        context.refuse(f"its output_shape is {output}", "Give it a single number.")

    def convert() -> Sequence[Array]:
        arrays = context.arrays
        parts = [arrays[i : i + per_part] for i in range(0, len(arrays), per_part)]
        if isinstance(context.weights, TreeWeights) and len(parts) == 4:
            key, out, query, value = parts  # by name
            parts = [query, key, value, out]
        context.arrays = [array for part in parts for array in part]
        shapes: list[tuple[int | None, ...]] = []
        for n in (size, size, width):
            shapes += [(None, heads, n), (heads, n)][:per_part]
        shapes += [(heads, width, None), (None,)][:per_part]
        result: list[Array] = []
        for shape, tensor in zip(shapes, context.take(*shapes), strict=True):
            flat = len(shape) == 3 and shape[0] is not None  # the output's kernel
            columns = tensor.shape[-1] if flat else -1
            matrix = tensor.reshape(-1 if flat else tensor.shape[0], columns)
            result.append(matrix if len(shape) == 3 else tensor.reshape(-1))
        return result

    arrays = context.arrays
    tensors = context.prepare(convert)
    context.arrays = arrays
    return [tensors[i : i + per_part] for i in range(0, len(tensors), per_part)]


def _dense(tensors: list[Tensor]) -> Op:
    return Dense(*tensors)
