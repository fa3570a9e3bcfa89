"""Layers that make images and sequences larger or smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.spatial import (
    around_channels,
    as_given,
    channels_last,
    check_rank,
    is_channels_first,
    numbers,
    pairs,
)
from exporter.ir.ops import Add, Affine, Cut, Dtype, Pad, Repeat, Select, Subtract, Transpose

Places = np.ndarray[Any, np.dtype[np.int64]]
MAX_LENGTH = 2**20  # of an axis that is resized
RESAMPLE = ("Transpose", "Select", "Subtract", "Affine", "Add")
HALF = np.float32(0.5)


def zero_padding(context: Context, rank: int) -> list[Value]:
    """Zeros around rank axes."""
    x = check_rank(context, rank)
    widths = pairs(context, "padding", rank)
    return [context.emit(Pad(around_channels(context, widths, (0, 0))), x)]


def cropping(context: Context, rank: int) -> list[Value]:
    """So many positions cut from both ends of rank axes."""
    x = check_rank(context, rank)
    widths = pairs(context, "cropping", rank)
    slices = [(before, -after if after else None, None) for before, after in widths]
    return [context.emit(Cut(around_channels(context, slices, (None, None, None))), x)]


def up_sampling(context: Context, rank: int) -> list[Value]:
    """Each position repeated (nearest), or values between positions (bilinear)."""
    x = check_rank(context, rank)
    times = numbers(context, "size", rank, 2)
    interpolation = context.config.get("interpolation", "nearest")
    if interpolation == "nearest":
        first = int(is_channels_first(context))
        for axis, factor in enumerate(times, first):
            x = context.emit(Repeat(factor, axis), x)
        return [x]
    if interpolation != "bilinear" or rank != 2:
        context.refuse(f'its interpolation is "{interpolation}"', "Use nearest or bilinear.")
    image = channels_last(context, x)
    height, width = (
        None if n is None else n * factor for n, factor in zip(image.shape[:2], times, strict=True)
    )
    between = bilinear if _has_half_pixels(context) else bilinear_from_corners
    return [as_given(context, resample(context, image, height, width, between))]


def _has_half_pixels(context: Context) -> bool:
    """Whether bilinear UpSampling2D takes pixels as squares with centers, not as points.

    Keras 2.2 and 2.3 call TensorFlow 1's resize_bilinear, and so does tf.keras up to TensorFlow
    1.14. Its Keras is 2.2.4-tf from 1.13 to 2.1; input layers of 1.15 and 2.1 only hold "ragged".
    """
    version = context.version
    if not version.is_tf_keras:
        return version.major >= 3
    if (version.major, version.minor) != (2, 2) or context.builder.knows_ragged:
        return (version.major, version.minor) >= (2, 2)
    context.refuse(
        f"it interpolates bilinearly, and Keras {version} is of TensorFlow 1.13 and 1.14, which"
        " double a row 0, 1, 2 to 0, 0.5, 1, 1.5, 2, 2, and of 1.15 to 2.1, which make"
        " 0, 0.25, 0.75, 1.25, 1.75, 2 of it",
        "Set the file's attribute keras_version (h5py: file.attrs) to '2.1.6-tf' if TensorFlow 1.13"
        " or 1.14 trained the model, to '2.3.0-tf' if a later one did.",
    )


def resizing(context: Context) -> list[Value]:
    """An image of another size, by bilinear interpolation or the nearest pixel."""
    for key in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"):
        if context.flag(key, False):
            context.refuse(f"its {key} is set", "Resize without it.")
    kind = context.config.get("interpolation", "bilinear")
    if kind not in ("bilinear", "nearest"):
        context.refuse(f'its interpolation is "{kind}"', "Use nearest or bilinear.")
    image = channels_last(context, check_rank(context, 2))
    height, width = int(context.number("height", 0)), int(context.number("width", 0))
    between = bilinear if kind == "bilinear" else nearest
    return [as_given(context, resample(context, image, height, width, between))]


def center_crop(context: Context) -> list[Value]:
    """The middle of an image; one that is smaller would be resized, which is refused."""
    x = check_rank(context, 2)
    image = channels_last(context, x)
    slices = []
    for key, n in zip(("height", "width"), image.shape[:2], strict=True):
        length = int(context.number(key, 0))
        if n is None or n < length:
            context.refuse(f"its input has no fixed {key} of {length} or more", "Use Resizing.")
        start = (n - length) // 2
        slices.append((start, start + length, None))
    return [context.emit(Cut(around_channels(context, slices, (None, None, None))), x)]


@dataclass(frozen=True)
class Neighbours:
    """For each new position of an axis the old one below and the one above, and how far the new
    one lies towards the latter; without weights it is the one below."""

    below: Places
    above: Places
    weights: np.ndarray[Any, np.dtype[np.float32]] | None = None


def resample(
    context: Context,
    image: Value,
    height: int | None,
    width: int | None,
    between: Callable[[int, int], Neighbours],
) -> Value:
    """An image (rows, columns, channels) resized, one axis after the other.

    As TensorFlow does it: along the columns first, from two pixels each, of which a NaN or an
    infinity spreads no further. It interpolates in float32, whatever the image is of, and gives
    back an image that has the size already.
    """
    lengths = image.shape[:2]
    if None in (height, width, *lengths):
        context.refuse("its input has a free size", "Give Input() a full shape.")
    for length, n in ((height, lengths[0]), (width, lengths[1])):
        if length is None or not 1 <= length <= MAX_LENGTH:
            context.refuse(f"it resizes {n} pixels to {length}", "Resize images before the model.")
    dtype = context.builder.dtype_of(image)
    is_whole = image.number in context.builder.whole_values
    if is_whole and between is not nearest and context.version.major >= 3:
        context.refuse(
            "it interpolates between whole numbers, which Keras rounds or cuts off by its version",
            "Put Rescaling(1.0) before it, which makes float32 of them.",
        )
    if between is not nearest:
        context = replace(context, dtype="float32")
    if lengths == (height, width):
        return image if between is nearest else _rounded(context, image, dtype)
    image = context.emit(Transpose((0, 2, 1)), image)
    image = _along_last(context, image, width, between)
    image = context.emit(Transpose((2, 1, 0)), image)
    image = _along_last(context, image, height, between)
    image = context.emit(Transpose((2, 0, 1)), image)
    return context.builder.cast(image, dtype, context.layer.name)


def _rounded(context: Context, image: Value, dtype: Dtype) -> Value:
    """An image as it is, but for the digits that float32 does not hold."""
    single = context.builder.cast(image, "float32", context.layer.name)
    return context.builder.cast(single, dtype, context.layer.name)


def _along_last(
    context: Context, x: Value, length: int | None, between: Callable[[int, int], Neighbours]
) -> Value:
    """y = below + (above - below) * weights, each picked along the last axis."""
    found = between(x.shape[-1] or 0, length or 0)
    below = context.emit(Select(tuple(found.below.tolist())), x)
    if found.weights is None:
        return below
    above = context.emit(Select(tuple(found.above.tolist())), x)
    weigh = Affine(context.constant(found.weights), context.constant(0 * found.weights))
    if x.number in context.builder.whole_values:  # of small ones the difference would wrap
        same = Affine(context.constant(np.ones(1)), context.constant(np.zeros(1)))
        below, above = (context.emit(same, y) for y in (below, above))
    difference = context.emit(Subtract(), above, below)
    return context.emit(Add(), below, context.emit(weigh, difference))


def bilinear(n: int, length: int) -> Neighbours:
    """Linear interpolation between pixel centers, clamped at the edges."""
    places = (_counted(length) + HALF) * _scale(n, length) - HALF
    return _neighbours(places, n)


def bilinear_from_corners(n: int, length: int) -> Neighbours:
    """As TensorFlow 1 interpolates: new pixel i lies at i * n / length."""
    return _neighbours(_counted(length) * _scale(n, length), n)


def nearest(n: int, length: int) -> Neighbours:
    """The pixel under each new pixel's center."""
    places = np.floor((_counted(length) + HALF) * _scale(n, length))
    chosen = np.minimum(places, n - 1).astype(np.int64)
    return Neighbours(chosen, chosen)


def _neighbours(places: np.ndarray[Any, np.dtype[np.float32]], n: int) -> Neighbours:
    floor = np.floor(places)
    return Neighbours(
        np.maximum(floor, 0).astype(np.int64),
        np.minimum(np.ceil(places), n - 1).astype(np.int64),
        places - floor,
    )


def _counted(length: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.arange(length, dtype=np.float32)


def _scale(n: int, length: int) -> np.float32:
    """In float32, as TensorFlow divides: another digit, and some sizes pick other pixels."""
    return np.float32(n) / np.float32(length)
