"""Keras 1 names of classes and arguments, translated to those of Keras 2 and later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLASS_NAMES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
    "TimeDistributedDense": "Dense",
    "InputLayerV1": "InputLayer",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "GroupQueryAttention": "GroupedQueryAttention",
    "LSTMV2": "LSTM",
    "GRUV2": "GRU",
    "ELU": "ELU",
}

ARGUMENTS = {
    "output_dim": "units",
    "nb_filter": "filters",
    "subsample": "strides",
    "subsample_length": "strides",
    "border_mode": "padding",
    "bias": "use_bias",
    "p": "rate",
    "dim_ordering": "data_format",
    "inner_activation": "recurrent_activation",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "stride_length": "strides",
    "filter_length": "kernel_size",
    "length": "size",
}

CHANNEL_ORDERS = {"tf": "channels_last", "th": "channels_first", "default": "channels_last"}


def modernise(class_name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class name and configuration as Keras 2 spells them; new spellings pass unchanged."""
    result = dict(config)
    for old, new in ARGUMENTS.items():
        if old == "output_dim" and class_name == "Embedding":
            continue
        if old in result and new not in result:
            result[new] = result.pop(old)
    order = result.get("data_format")
    if order in CHANNEL_ORDERS:
        result["data_format"] = CHANNEL_ORDERS[order]
    for axes in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if all(axis in result for axis in axes):
            result["kernel_size"] = [result.pop(axis) for axis in axes]
    return CLASS_NAMES.get(class_name, class_name), result
