"""Layers that make images and sequences larger or smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.spatial import (
    around_channels,
    as_given,
    channels_last,
    check_rank,
    is_channels_first,
    numbers,
    pairs,
)
from exporter.ir.ops import Cut, Dense, Pad, Repeat, Transpose

MAX_MATRIX = 2**24  # numbers of the matrix that resizes one axis


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
    matrix = bilinear if _has_half_pixels(context) else bilinear_from_corners
    return [as_given(context, resample(context, image, height, width, matrix))]


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
    matrix = bilinear if kind == "bilinear" else nearest
    return [as_given(context, resample(context, image, height, width, matrix))]


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


def resample(
    context: Context,
    image: Value,
    height: int | None,
    width: int | None,
    matrix: Callable[[int, int], Array],
) -> Value:
    """An image (rows, columns, channels) resized: one matrix along each axis.

    TensorFlow interpolates in float32, whatever the image is of.
    """
    dtype = context.builder.dtype_of(image)
    if matrix is not nearest:
        context = replace(context, dtype="float32")
    for length in (height, width):
        n = image.shape[0]
        if n is None or length is None:
            context.refuse("its input has a free size", "Give Input() a full shape.")
        if not 1 <= length <= MAX_MATRIX // n:
            context.refuse(f"it resizes {n} pixels to {length}", "Resize images before the model.")
        image = context.emit(Transpose((1, 2, 0)), image)
        image = context.emit(Dense(context.constant(matrix(n, length))), image)
    image = context.emit(Transpose((1, 2, 0)), image)
    return context.builder.cast(image, dtype, context.layer.name)


def bilinear(n: int, length: int) -> Array:
    """Weights (n, length) of linear interpolation between pixel centers, clamped at the edges."""
    place = (np.arange(length) + 0.5) * n / length - 0.5
    below = np.floor(place)
    weights = np.zeros((n, length))
    columns = np.arange(length)
    np.add.at(weights, (np.clip(below, 0, n - 1).astype(int), columns), 1 - (place - below))
    np.add.at(weights, (np.clip(below + 1, 0, n - 1).astype(int), columns), place - below)
    return weights


def bilinear_from_corners(n: int, length: int) -> Array:
    """Weights (n, length) as TensorFlow 1 interpolates: new pixel i lies at i * n / length."""
    place = np.arange(length) * n / length
    below = np.floor(place)
    weights = np.zeros((n, length))
    columns = np.arange(length)
    np.add.at(weights, (below.astype(int), columns), 1 - (place - below))
    np.add.at(weights, (np.minimum(below + 1, n - 1).astype(int), columns), place - below)
    return weights


def nearest(n: int, length: int) -> Array:
    """Weights (n, length) that pick the pixel under each new pixel's center."""
    weights = np.zeros((n, length))
    place = np.floor((np.arange(length) + 0.5) * n / length).astype(int)
    weights[np.minimum(place, n - 1), np.arange(length)] = 1
    return weights
