"""Inputs as numbers of their type: what Keras does to a row before the first layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exporter.formats.keras.config import LayerConfig
from exporter.formats.keras.context import Builder, LayerProblem, Value
from exporter.ir.ops import NotEqual, Unary

EXACT = ("float32", "float64", "None", "string")


def as_input(builder: Builder, layer: LayerConfig, value: Value) -> Value:
    """x as the input layer hands it on: truncated to whole numbers, or 1 where it is not 0.

    Raises: LayerProblem, when the type rounds to fewer digits than float32 has.
    """
    dtype = dtype_name(layer.config.get("dtype", layer.config.get("input_dtype")))
    if dtype in EXACT:
        return value
    if dtype == "bool":
        return builder.emit(NotEqual(0.0), [value], layer.name)
    match = re.fullmatch(r"(u?)int(\d+)", dtype)
    if match is None:
        raise LayerProblem(
            f"its dtype is {dtype}, to which Keras rounds every number first",
            'Build the model again with Input(dtype="float32") and copy the weights.',
        )
    bits = int(match[2])
    if bits < 32 or match[1]:
        low = 0 if match[1] else -(2 ** (bits - 1))
        high = 2 ** (bits if match[1] else bits - 1) - 1
        builder.bounds[value.number] = low, high
        warning = (
            f'input "{layer.name}" is of {dtype}: give it numbers from {low:,} to {high:,}; what'
            " Keras makes of others differs between processors"
        )
        if warning not in builder.warnings:
            builder.warnings.append(warning)
    result = builder.emit(Unary("trunc"), [value], layer.name)
    if bits < 32:
        builder.narrow.add(result.number)
    return result


def dtype_name(dtype: Any) -> str:
    """Name of a dtype or dtype policy, in any spelling."""
    if isinstance(dtype, Mapping):
        body = dtype.get("config")
        dtype = (body.get("name") or body.get("mode")) if isinstance(body, Mapping) else None
    return str(dtype)
