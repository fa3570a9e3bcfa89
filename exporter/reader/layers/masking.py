"""Masks: which steps of a sequence count. They arise here and travel beside the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exporter.ir.ops import Concatenate, MaskedMean, Maximum, Multiply, NotEqual, Reduce, Reshape
from exporter.reader.context import Context, Value


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


def masked_mean(context: Context, x: Value, axis: int) -> Value | None:
    """Mean over the steps, along axis, that the mask of x lets count; None without a mask."""
    if x.mask is None:
        return None
    return context.emit(MaskedMean(axis), x, x.mask)


def merged_mask(context: Context) -> Value | None:
    """Mask of what Add and its kind make of several inputs.

    Keras 1 and 2: 1 where all masks are, inputs without one left out. Keras 3: 1 where any mask
    is; none where any input has none.
    """
    masks = [value.mask for value in context.inputs]
    known = list(dict.fromkeys(mask for mask in masks if mask is not None))
    if not known or (context.version.major >= 3 and None in masks):
        return None
    if len(known) == 1:
        return known[0]
    op = Maximum() if context.version.major >= 3 else Multiply()
    return context.emit(op, *known)


def concatenated_mask(context: Context, axis: int) -> Value | None:
    """Mask of inputs joined along axis (counted without the batch).

    Keras joins the masks as it does the inputs, 1 for inputs without a mask, and then takes along
    the last axis all (Keras 1 and 2) or any (Keras 3).
    """
    masks = [value.mask for value in context.inputs]
    known = list(dict.fromkeys(mask for mask in masks if mask is not None))
    if not known:
        return None
    is_any = context.version.major >= 3
    rank = len(context.inputs[0].shape)
    if any(mask is not None and len(mask.shape) != rank - 1 for mask in masks):
        context.refuse("it joins inputs whose masks have different ranks", "Mask them alike.")
    if axis == rank - 1:
        if is_any and None in masks:
            return None  # the mask is 1 everywhere
        return (
            known[0]
            if len(known) == 1
            else context.emit(Maximum() if is_any else Multiply(), *known)
        )
    full = [mask for mask in masks if mask is not None]
    if len(full) < len(masks):
        context.refuse(
            "it joins inputs with and without a mask along their steps", "Mask all or none."
        )
    return context.emit(Concatenate(axis), *full)


def _with_last_axis(context: Context, mask: Value) -> Value:
    """The mask with an axis of length 1 behind."""
    lengths = [-1 if n is None else n for n in mask.shape]
    if lengths.count(-1) > 1:
        context.refuse("two axes of its mask have no fixed length", "Give Input() a full shape.")
    return context.emit(Reshape((*lengths, 1)), mask)


# What Keras 3 writes into Functional models to compute masks.


def not_equal(context: Context) -> list[Value]:
    """1 where x is not the number it is compared with."""
    other = next((item for item in context.call.args[1:] if not hasattr(item, "layer")), None)
    other = context.call.kwargs.get("x2", other)
    if len(context.inputs) != 1 or isinstance(other, bool) or not isinstance(other, (int, float)):
        context.refuse("it does not compare a tensor with a number", "Use Masking.")
    return [context.emit(NotEqual(float(other)), context.inputs[0])]


def any_along(context: Context) -> list[Value]:
    """1 where x is not 0 anywhere along axis."""
    x = context.emit(NotEqual(0.0), context.input)
    given = context.config.get("axis")
    listed = given if isinstance(given, list) else [given]
    axes = tuple(context.axis(axis, len(x.shape)) for axis in listed)
    return [context.emit(Reduce("max", axes, context.flag("keepdims", False)), x)]
