"""Masks: which steps of a sequence count. They arise here and travel beside the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exporter.formats.keras.context import Context, Value
from exporter.ir.ops import (
    Concatenate,
    Fill,
    MaskedMean,
    Maximum,
    Multiply,
    NotEqual,
    Op,
    Reduce,
    Reshape,
    Where,
)


def explicit_masks(inputs: Sequence[Value | None], named: Mapping[str, Any]) -> list[Value | None]:
    """The inputs of a call with the masks that the call itself gives, which come first in Keras."""
    given = named.get("mask")
    masks = given if isinstance(given, list) else [given] if isinstance(given, Value) else []
    result = list(inputs)
    for number, (value, mask) in enumerate(zip(inputs, masks, strict=False)):
        if value is not None:
            result[number] = value.with_mask(mask)
    return result


def settle_masks(context: Context, rule: str, outputs: Sequence[Value]) -> Sequence[Value]:
    """The outputs of a layer with the masks they carry on, by the rule in the table of layers."""
    if rule == "own":
        return outputs
    masks = [value.mask for value in context.inputs if value.mask is not None]
    if rule == "passes":
        return [value.with_mask(context.inputs[0].mask) for value in outputs]
    if masks and context.version.major < 3 and not context.version.is_tf_keras:
        context.refuse(
            "it is given a mask, which this layer did not take in the Keras that saved the file",
            "Load and score the model in that Keras to see whether the file is sound.",
        )
    return [value.with_mask(None) for value in outputs]


def masking(context: Context) -> list[Value]:
    """The mask is 1 at steps with any number other than mask_value; the others become zeros."""
    x = context.input
    if not x.shape:
        context.refuse("its input has no axis", "Give it sequences.")
    mask = any_nonzero(context, context.emit(NotEqual(context.number("mask_value", 0.0)), x))
    # Numbers of a masked step all equal the finite mask_value, so that the product is zero.
    return [context.emit(Multiply(), x, _with_last_axis(context, mask)).with_mask(mask)]


def any_nonzero(context: Context, x: Value) -> Value:
    """1 where any of the values along the last axis, which are 0 or 1, is 1."""
    return context.emit(Reduce("max", (len(x.shape) - 1,)), x)


def masked_mean(context: Context, x: Value, axis: int) -> Value:
    """Mean over the steps, along axis, that the mask of x lets count."""
    version = context.version
    if x.mask is None or len(x.mask.shape) != 1:
        context.refuse("its mask is not one number for each step", "Mask steps.")
    if not version.is_tf_keras and (version.major, version.minor) < (2, 2):
        context.refuse("it is given a mask, which it did not take in this Keras", "Leave it out.")
    return context.emit(MaskedMean(axis), x, x.mask)


def joins_by_any(context: Context) -> bool:
    """Whether Add and its kind let a step count where any of their inputs does: since Keras 3.4."""
    return (context.version.major, context.version.minor) >= (3, 4)


def merged_mask(context: Context) -> Value | None:
    """Mask of what Add and its kind make of several inputs.

    Before Keras 3.4: 1 where all masks are, inputs without one left out. Since then: 1 where any
    mask is; none where any input has none.
    """
    masks = [value.mask for value in context.inputs]
    known = list(dict.fromkeys(mask for mask in masks if mask is not None))
    is_any = joins_by_any(context)
    if not known or (is_any and None in masks):
        return None
    if len(known) == 1:
        return known[0]
    return context.emit(Maximum() if is_any else Multiply(), *known)


def concatenated_mask(context: Context, axis: int) -> Value | None:
    """Mask of inputs joined along axis (counted without the batch).

    Keras joins the masks as it does the inputs, 1 for inputs without a mask, and then takes along
    the last axis all (before 3.4) or any.
    """
    masks = [value.mask for value in context.inputs]
    known = list(dict.fromkeys(mask for mask in masks if mask is not None))
    if not known:
        return None
    is_any = joins_by_any(context)
    rank = len(context.inputs[0].shape)
    if any(mask is not None and len(mask.shape) != rank - 1 for mask in masks):
        context.refuse("it joins inputs whose masks have different ranks", "Mask them alike.")
    if axis == rank - 1:
        if is_any and None in masks:
            return None  # the mask is 1 everywhere
        if len(known) == 1:
            return known[0]
        return context.emit(Maximum() if is_any else Multiply(), *known)
    full = [mask for mask in masks if mask is not None]
    if len(full) < len(masks):
        context.refuse(
            "it joins inputs with and without a mask along their steps", "Mask all or none."
        )
    return context.emit(Concatenate(axis), *full)


def multiply_masked(context: Context, inputs: Sequence[Value]) -> Value:
    """Product without the masked steps of each input; 0 where all are masked. Since Keras 3.4."""
    columns = [_column(context, value) for value in inputs]
    parts = [
        value
        if column is None
        else context.emit(Where(), column, value, context.emit(Fill(1.0), value))
        for value, column in zip(inputs, columns, strict=True)
    ]
    y = context.emit(Multiply(), *parts)
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return y
    counts = context.emit(Maximum(), *known) if len(known) > 1 else known[0]
    return context.emit(Where(), counts, y, context.emit(Fill(0.0), y))


def compare_masked(context: Context, op: Op, inputs: Sequence[Value]) -> Value:
    """Maximum or minimum without the masked steps of each input, as Keras since 3.4 goes on."""
    y, counts = inputs[0], _column(context, inputs[0])
    for value in inputs[1:]:
        column = _column(context, value)
        x = value if column is None else context.emit(Where(), column, value, y)
        y = y if counts is None else context.emit(Where(), counts, y, x)
        if column is None or counts is None:
            counts = None
        else:
            counts = context.emit(Maximum(), counts, column)
        y = context.emit(op, y, x)
    return y


def _column(context: Context, value: Value) -> Value | None:
    """The mask of a value with an axis of length 1 behind."""
    if value.mask is None:
        return None
    if len(value.mask.shape) != len(value.shape) - 1:
        context.refuse("its inputs and their masks differ in rank", "Give inputs of equal rank.")
    return _with_last_axis(context, value.mask)


def _with_last_axis(context: Context, mask: Value) -> Value:
    """The mask with an axis of length 1 behind."""
    lengths = [-1 if n is None else n for n in mask.shape]
    if lengths.count(-1) > 1:
        context.refuse("two axes of its mask have no fixed length", "Give Input() a full shape.")
    return context.emit(Reshape((*lengths, 1)), mask)
