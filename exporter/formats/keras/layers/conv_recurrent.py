"""ConvLSTM1D, 2D and 3D: a convolution of every step, then an LSTM whose states are images.

Importing this module enters them among the layers that Bidirectional runs both ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.activations import ALONG_AXIS
from exporter.formats.keras.layers.convolution import read_steps, unmirror
from exporter.formats.keras.layers.recurrent import (
    RECURRENT,
    given_states,
    join_gates,
    read_function,
    run_steps,
)
from exporter.formats.keras.layers.spatial import channels_last, is_channels_first, numbers
from exporter.ir.ops import Conv, ConvLstm, FoldTime, Tensor, Transpose, UnfoldTime

GATES = 4
RANKS = (1, 2, 3)


def conv_lstm(context: Context, rank: int) -> list[Value]:
    """As lstm, but x @ kernel and h @ recurrent_kernel are convolutions over rank axes.

    The second keeps the lengths of its axes, whatever strides, padding and dilation say. The first
    needs no state, so it is that of all steps at once.
    """
    _check(context, rank)
    x, states = context.inputs[0], given_states(context)
    images = channels_last(context, context.emit(FoldTime(), x))
    channels = images.shape[-1]
    if channels is None:
        context.refuse("the number of its input's channels is free", "Give Input() a full shape.")
    kernel, recurrent_kernel, bias = _weights(context, rank, channels)
    functions = [read_function(context, key) for key in ("activation", "recurrent_activation")]
    if is_channels_first(context) and any(name in ALONG_AXIS for name, _ in functions):
        context.refuse("its activation works along an axis of the image", "Use channels_last.")
    function, gate = functions
    projected = context.emit(Conv(kernel, bias, *read_steps(context, rank)), images)
    steps = context.emit(UnfoldTime(), projected, x).with_mask(x.mask)
    config = dict(context.config)
    if context.version.major < 3:  # only Keras 3 heeds it here, in Bidirectional too
        config["zero_output_for_mask"] = False
    inner = replace(
        context,
        config=config,
        inputs=[steps, *(channels_last(context, state) for state in states)],
        named={**context.named, "initial_state": None},
    )
    outputs = run_steps(
        inner,
        lambda result, masked, has_states, zeroes: ConvLstm(
            recurrent_kernel, function, gate, result, masked, has_states, zeroes
        ),
    )
    return [_as_given(context, y, rank) for y in outputs]


def conv_lstm_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """kernel, recurrent_kernel, bias; in Keras 1 those of each gate."""
    is_keras1 = "inner_init" in config
    return (GATES if is_keras1 else 1) * (2 + bool(config.get("use_bias", True))), 0


def _check(context: Context, rank: int) -> None:
    """Refuse other axes than those of images in time, and what old Keras does otherwise."""
    shape = context.inputs[0].shape
    if len(shape) != rank + 2:
        context.refuse(
            f"it takes {rank + 2} axes besides the batch, its input has the shape {shape}",
            "Reshape its input.",
        )
    is_standalone = context.version.major < 3 and not context.version.is_tf_keras
    if is_standalone and context.inputs[0].mask is not None:
        context.refuse(
            "it is given a mask, which only tf.keras and Keras 3 apply to images",
            "Leave the mask out.",
        )
    if context.version.major == 1 and is_channels_first(context):
        context.refuse(
            "it was saved by Keras 1 with channels_first, whose kernels Keras 2 cannot load either",
            "Build it with channels_last.",
        )
    if context.config.get("padding", "valid") not in ("valid", "same"):
        context.refuse(f"its padding is {context.config['padding']!r}", "Use valid or same.")


def _weights(context: Context, rank: int, channels: int) -> tuple[Tensor, Tensor, Tensor | None]:
    """kernel, recurrent_kernel and bias as Keras 2 and later lay them out."""
    filters = int(context.number("filters", 0))
    size = numbers(context, "kernel_size", rank)
    columns = GATES * filters

    def convert() -> Sequence[Array]:
        arrays = context.arrays
        if len(arrays) == 3 * GATES:
            arrays = join_gates(arrays, GATES)
        shapes = [(*size, channels, columns), (*size, filters, columns)]
        biases = [(columns,)] if context.flag("use_bias", True) else []
        kernel, recurrent, *bias = replace(context, arrays=arrays).take(*shapes, *biases)
        return [unmirror(context, kernel, rank), unmirror(context, recurrent, rank), *bias]

    kernel, recurrent_kernel, *rest = context.prepare(convert)
    return kernel, recurrent_kernel, rest[0] if rest else None


def _as_given(context: Context, y: Value, rank: int) -> Value:
    """(..., n..., c) -> (..., c, n...) where the layer works channels_first, else y itself."""
    if not is_channels_first(context):
        return y
    *axes, last = range(len(y.shape))
    axes.insert(len(y.shape) - 1 - rank, last)
    return context.emit(Transpose(tuple(axes)), y).with_mask(y.mask)


RECURRENT.update({f"ConvLSTM{rank}D": partial(conv_lstm, rank=rank) for rank in RANKS})
