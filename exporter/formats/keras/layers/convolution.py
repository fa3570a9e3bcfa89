"""Convolutions. Kernels are brought into one layout: (size..., channels, filters)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.activations import apply_activation
from exporter.formats.keras.layers.spatial import (
    as_given,
    channels_last,
    check_rank,
    is_channels_first,
    numbers,
)
from exporter.ir.ops import (
    Conv,
    ConvTranspose,
    LocallyConnected,
    Pad,
    Tensor,
    count_windows,
)

Place: TypeAlias = tuple[int, ...]
MAX_KERNEL_NUMBERS = 2**28


def conv_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """kernel, bias."""
    return 1 + bool(config.get("use_bias", True)), 0


def separable_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """Kernel of each channel, kernel across channels, bias."""
    return 2 + bool(config.get("use_bias", True)), 0


def conv(context: Context, rank: int) -> list[Value]:
    """y = activation(conv(x, kernel) + bias) over rank axes."""
    x = check_rank(context, rank)
    groups = int(context.number("groups", 1))
    channels = _channels(context, x)
    size = numbers(context, "kernel_size", rank)
    if groups < 1 or channels % groups:
        context.refuse(f"its {channels} channels do not split into {groups} groups", "Fix groups.")
    context.arrays = [_modern_kernel(context, context.arrays, rank), *context.arrays[1:]]
    kernel, bias = _take(context, (*size, channels // groups, _filters(context)))
    op = Conv(kernel, bias, *read_steps(context, rank), groups)
    return _finish(context, context.emit(op, channels_last(context, x)))


def depthwise_conv(context: Context, rank: int) -> list[Value]:
    """Each channel convolved on its own, depth_multiplier filters for each."""
    x = check_rank(context, rank)
    channels = _channels(context, x)
    size = numbers(context, "kernel_size", rank)
    multiplier = int(context.number("depth_multiplier", 1))
    kernel, bias = _take(context, (*size, channels, multiplier), channels * multiplier)
    op = Conv(_by_groups(context, kernel), bias, *read_steps(context, rank), channels)
    return _finish(context, context.emit(op, channels_last(context, x)))


def separable_conv(context: Context, rank: int) -> list[Value]:
    """A depthwise convolution, then one of size 1 across the channels."""
    x = check_rank(context, rank)
    channels = _channels(context, x)
    size = numbers(context, "kernel_size", rank)
    multiplier = int(context.number("depth_multiplier", 1))
    filters = _filters(context)
    if context.version.major == 1 and is_channels_first(context):
        # (multiplier, channels, size...) and (filters, channels, 1...)
        order = (*range(2, rank + 2), 1, 0)
        context.arrays = [a.transpose(order) for a in context.arrays[:2]] + context.arrays[2:]
    ones = (1,) * rank
    shapes: list[tuple[int | None, ...]] = [(*size, channels, multiplier)]
    shapes.append((*ones, channels * multiplier, filters))
    if context.flag("use_bias", True):
        shapes.append((filters,))
    depthwise, pointwise, *bias = context.take(*shapes)
    y = channels_last(context, x)
    y = context.emit(
        Conv(_by_groups(context, depthwise), None, *read_steps(context, rank), channels), y
    )
    y = context.emit(Conv(pointwise, bias[0] if bias else None, ones, ones, "valid"), y)
    return _finish(context, y)


def conv_transpose(context: Context, rank: int) -> list[Value]:
    """Transposed convolution over rank axes."""
    x = check_rank(context, rank)
    channels = _channels(context, x)
    size = numbers(context, "kernel_size", rank)
    if context.version.major == 1 and context.arrays:
        first = is_channels_first(context)  # (channels, filters, ...) as for Keras 1's Conv2D
        order = (*range(2, rank + 2), 0, 1) if first else (*range(rank), rank + 1, rank)
        context.arrays = [context.arrays[0].transpose(order), *context.arrays[1:]]
    if context.arrays:
        context.arrays = [unmirror(context, context.arrays[0], rank), *context.arrays[1:]]
    kernel, bias = _take(context, (*size, _filters(context), channels), _filters(context))
    strides, dilation, padding = read_steps(context, rank)
    extra: tuple[int | None, ...] = (None,) * rank
    if context.config.get("output_padding") is not None:
        extra = numbers(context, "output_padding", rank)
    before, after = [], []
    for k, s, d, more in zip(size, strides, dilation, extra, strict=True):
        span = (k - 1) * d + 1
        if padding == "valid":  # The result is (n - 1) * stride + length long.
            length = max(span, s) if more is None else span + more
        else:
            length = s if more is None else span % 2 + more
            if not 1 <= length <= s:
                context.refuse(
                    f"its output_padding {more} does not fit strides {s} and kernel size {k}",
                    "TensorFlow cannot compute it either: correct output_padding.",
                )
        before.append(max(span - length, 0) // 2 if padding == "same" else 0)
        after.append(span - length - before[-1])
    op = ConvTranspose(kernel, bias, strides, dilation, tuple(before), tuple(after))
    return _finish(context, context.emit(op, channels_last(context, x)))


def locally_connected(context: Context, rank: int) -> list[Value]:
    """A convolution with a kernel for each position."""
    x = check_rank(context, rank)
    channels = _channels(context, x)
    size = numbers(context, "kernel_size", rank)
    strides, _, padding = read_steps(context, rank)
    filters = _filters(context)
    last = channels_last(context, x)
    lengths = tuple(n for n in last.shape[:-1] if n is not None)
    if len(lengths) < rank:
        context.refuse("its input has a free length", "Give Input() a full shape.")
    ones = (1,) * rank
    counts = tuple(n for n in count_windows(lengths, size, strides, ones, padding) if n is not None)
    total = math.prod(counts) * math.prod(size) * channels * filters
    if total > MAX_KERNEL_NUMBERS:
        context.refuse(f"its kernel would have {total:,} numbers", "Use a convolution.")
    bias: Tensor | None = None
    arrays = list(context.arrays)
    if context.flag("use_bias", True) and len(arrays) == 2:
        array = arrays.pop()
        if is_channels_first(context):  # Keras takes the numbers in that order, whatever the shape
            array = np.moveaxis(array.reshape(filters, *counts), 0, -1)
        context.arrays = [array]
        (bias,) = context.take((*counts, filters))
    context.arrays = arrays
    geometry = Geometry(lengths, counts, size, strides, padding, channels, filters)
    implementation = int(context.number("implementation", 1))
    first = is_channels_first(context)
    if implementation == 1:
        (kernel,) = context.take((math.prod(counts), math.prod(size) * channels, filters))
        layout = (
            (*counts, channels, *size, filters) if first else (*counts, *size, channels, filters)
        )
        values = kernel.reshape(layout)
        values = np.moveaxis(values, rank, -2) if first else values
    elif implementation == 2:
        shape = (*lengths, channels), (*counts, filters)
        order = [(item[-1], *item[:-1]) if first else item for item in shape]
        (kernel,) = context.take((*order[0], *order[1]))
        values = np.moveaxis(np.moveaxis(kernel, 0, rank), rank + 1, -1) if first else kernel
        values = geometry.from_full(values)
    elif implementation == 3:
        (kernel,) = context.take((None,))
        values = geometry.from_sparse(kernel, first)
    else:
        context.refuse(f"its implementation is {implementation}", "Use implementation 1, 2 or 3.")
    if any(map(any, geometry.widths)):
        last = context.emit(Pad((*geometry.widths, (0, 0))), last)
    op = LocallyConnected(context.constant(values), bias, strides)
    return _finish(context, context.emit(op, last))


class Geometry:
    """Which input position each position of a locally connected layer's windows reads.

    widths are the zeros around the input that padding "same" asks for.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        counts: Sequence[int],
        size: Sequence[int],
        strides: Sequence[int],
        padding: str,
        channels: int,
        filters: int,
    ) -> None:
        self.lengths, self.counts, self.size = lengths, counts, size
        self.channels, self.filters = channels, filters
        before = [k // 2 if padding == "same" else 0 for k in size]  # not as in other layers
        self.widths = tuple(
            (b, max(0, (o - 1) * s + k - b - n))
            for n, o, k, s, b in zip(lengths, counts, size, strides, before, strict=True)
        )
        self.strides, self.before = strides, before

    def links(self) -> Iterator[tuple[Place, Place, Place]]:
        """(position, place in its window, place in the input) wherever that lies inside."""
        for position in itertools.product(*map(range, self.counts)):
            for tap in itertools.product(*map(range, self.size)):
                place = tuple(
                    p * s + t - b
                    for p, s, t, b in zip(position, self.strides, tap, self.before, strict=True)
                )
                if all(0 <= i < n for i, n in zip(place, self.lengths, strict=True)):
                    yield position, tap, place

    def empty(self) -> Array:
        """Zeros of shape (positions..., size..., channels, filters)."""
        return np.zeros((*self.counts, *self.size, self.channels, self.filters), np.float32)

    def from_full(self, kernel: Array) -> Array:
        """From a kernel (lengths..., channels, counts..., filters) of implementation 2."""
        values = self.empty()
        kernel = np.moveaxis(kernel, len(self.size), -2)
        for position, tap, place in self.links():
            values[position + tap] = kernel[place + position]
        return values

    def from_sparse(self, kernel: Array, first: bool) -> Array:
        """From implementation 3: numbers in the order of output, then input, as Keras flattens."""
        indices = np.arange(self.empty().size).reshape(self.empty().shape)
        inputs = np.arange(math.prod(self.lengths) * self.channels)
        outputs = np.arange(math.prod(self.counts) * self.filters)
        if first:
            inputs = np.moveaxis(inputs.reshape(self.channels, *self.lengths), 0, -1)
            outputs = np.moveaxis(outputs.reshape(self.filters, *self.counts), 0, -1)
        inputs = inputs.reshape(*self.lengths, self.channels)
        outputs = outputs.reshape(*self.counts, self.filters)
        rows, columns, targets = [], [], []
        for position, tap, place in self.links():
            target = indices[(*position, *tap)]
            source, result = inputs[place][:, None], outputs[position][None, :]
            rows.append(np.broadcast_to(result, target.shape).ravel())
            columns.append(np.broadcast_to(source, target.shape).ravel())
            targets.append(target.ravel())
        order = np.lexsort((np.concatenate(columns), np.concatenate(rows)))
        if kernel.size != order.size:
            raise ShapeError(
                f"its kernel has {counted(kernel.size, 'number')} where {order.size} are due"
            )
        values = self.empty()
        values.reshape(-1)[np.concatenate(targets)[order]] = kernel
        return values


def _finish(context: Context, y: Value) -> list[Value]:
    """Back to the data format, then the activation, as Keras orders them."""
    return [apply_activation(context, as_given(context, y), context.config.get("activation"))]


def read_steps(context: Context, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Strides, dilation and padding."""
    padding = context.config.get("padding", "valid")
    if padding not in ("valid", "same", "causal") or (padding == "causal" and rank > 1):
        context.refuse(f"its padding is {padding!r}", "Use valid or same.")
    return numbers(context, "strides", rank), numbers(context, "dilation_rate", rank), padding


def _filters(context: Context) -> int:
    return int(context.number("filters", 0))


def _channels(context: Context, x: Value) -> int:
    channels = x.shape[0] if is_channels_first(context) else x.shape[-1]
    if channels is None:
        context.refuse("the number of its input's channels is free", "Give Input() a full shape.")
    return channels


def _take(
    context: Context, kernel_shape: tuple[int, ...], filters: int | None = None
) -> tuple[Tensor, Tensor | None]:
    """Kernel, and bias where there is one."""
    if context.flag("use_bias", True):
        kernel, bias = context.take(kernel_shape, (filters or kernel_shape[-1],))
        return kernel, bias
    (kernel,) = context.take(kernel_shape)
    return kernel, None


def _by_groups(context: Context, kernel: Tensor) -> Tensor:
    """(size..., channels, multiplier) -> (size..., 1, channels * multiplier)."""
    return context.constant(kernel.reshape((*kernel.shape[:-2], 1, -1)))


def _modern_kernel(context: Context, arrays: Sequence[Array], rank: int) -> Array:
    """The kernel as Keras 2 and later lay it out: (size..., channels, filters).

    Keras 1 stored (filters, channels, size...) for channels_first, and an axis of length 1 more
    for Conv1D: (size, 1, channels, filters), or (filters, channels, size, 1) before 1.2.
    """
    if not arrays:
        context.refuse("its kernel is not in the file", "Save the model again.")
    kernel = arrays[0]
    if context.version.major == 1:
        size = numbers(context, "kernel_size", rank)
        if rank == 1 and kernel.ndim == 4:
            if kernel.shape[:2] != (size[0], 1) or kernel.shape[3] != _filters(context):
                kernel = kernel.transpose(2, 3, 1, 0)
            kernel = kernel[:, 0]
        elif rank > 1 and is_channels_first(context):
            kernel = kernel.transpose((*range(2, rank + 2), 1, 0))
    return unmirror(context, kernel, rank)


def unmirror(context: Context, kernel: Array, rank: int) -> Array:
    """A kernel (size..., ...) mirrored over its spatial axes where Theano stored it.

    Theano convolves where the others correlate.
    """
    backend = context.builder.backend
    if not backend and context.version.major == 1 and max(kernel.shape[:rank], default=1) > 1:
        context.refuse(
            "the file does not tell whether Theano trained it, which stores kernels mirrored",
            "Load it with the Keras that saved it, set the backend, and save it again.",
        )
    return kernel[(slice(None, None, -1),) * rank] if backend == "theano" else kernel
