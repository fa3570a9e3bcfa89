"""Inputs as numbers of their type: what Keras does to a row before the first layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exporter.formats.keras.config import LayerConfig
from exporter.formats.keras.context import Builder, LayerProblem, Value
from exporter.ir.ops import Dtype, NotEqual, Unary

UNTOUCHED = ("None", "string")
NO_LAYERS = ("__keras_tensor__", "__numpy__")  # what else has a class and a dtype in a file
ARRAYS = ("__numpy__", "__tensor__")  # as Keras 3 writes them among the arguments of a call
DOUBLE = ("float64", "double", "dt_double")


def as_input(builder: Builder, layer: LayerConfig, value: Value) -> Value:
    """x as the input layer hands it on: truncated to whole numbers, or 1 where it is not 0.

    Raises: LayerProblem, when the type rounds to fewer digits than float32 has.
    """
    dtype = dtype_name(layer.config.get("dtype", layer.config.get("input_dtype")))
    if dtype in ("float32", "float64"):
        return builder.cast(value, "float64" if dtype == "float64" else "float32", layer.name)
    if dtype in UNTOUCHED:
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


def input_dtype(layer: LayerConfig, has_doubles: bool) -> Dtype:
    """The type in which a database gives an input: where anything is computed in float64, what
    float32 would round, whole numbers too."""
    own = dtype_name(layer.config.get("dtype", layer.config.get("input_dtype")))
    exact = own == "float64" or re.fullmatch(r"u?int\d+", own) is not None
    return "float64" if has_doubles and exact else "float32"


def has_doubles(config: Any) -> bool:
    """Whether a network computes anything in float64, by its configuration.

    An input of float64 alone does not say so: the layer behind it rounds what it is given to its
    own type. An operation has none, and an array of float64 makes its result that.
    """
    takes = gives = operates = False
    for item in _objects(config, closed=("InputLayer",)):
        own = item.get("config")
        if item.get("class_name") == "InputLayer":
            dtype = own.get("dtype") if isinstance(own, Mapping) else None
            takes = takes or dtype_name(dtype) == "float64"
            continue
        named = [dtype_name(item.get(key)).lower() for key in ("dtype", "DstT")]
        gives = gives or not set(DOUBLE).isdisjoint(named)
        gives = gives or "float64" in array_types(item.get("inbound_nodes"))
        operates = (
            operates
            or ".ops." in str(item.get("module"))
            or "Op" in str(item.get("class_name"))
            or _is_bare_operation(item)
        )
    return gives or (takes and operates)


def _is_bare_operation(item: Mapping[str, Any]) -> bool:
    """Whether it is an operation in an .h5 file of Keras 3, which names no modules."""
    own, nodes = item.get("config"), item.get("inbound_nodes")
    is_keras3 = isinstance(nodes, list) and any(
        isinstance(node, Mapping) and "args" in node for node in nodes
    )
    return is_keras3 and isinstance(own, Mapping) and "trainable" not in own


def array_type(item: Any) -> str:
    """The type of a constant that is an array; empty for anything else."""
    if not isinstance(item, Mapping) or item.get("class_name") not in ARRAYS:
        return ""
    own = item.get("config")
    return dtype_name(own.get("dtype")) if isinstance(own, Mapping) else ""


def array_types(items: Any) -> set[str]:
    """The types of all arrays in something nested."""
    if isinstance(items, list):
        return {dtype for item in items for dtype in array_types(item)}
    if not isinstance(items, Mapping):
        return set()
    own = array_type(items)
    return {own} if own else array_types(list(items.values()))


def inner_dtypes(config: Any) -> set[str]:
    """What the layers inside a layer compute in: cells, activations, wrapped layers."""
    configs = [item.get("config") for item in _objects(config)]
    found = {  # initializers and the like have no name
        dtype_name(own.get("dtype"))
        for own in configs
        if isinstance(own, Mapping) and "name" in own
    }
    return found & {"float32", "float64"}


def cell_dtypes(config: Any) -> set[str]:
    """What the recurrent cells inside a layer say that they compute in."""
    cells = [
        item.get("config")
        for item in _objects(config)
        if str(item.get("class_name")).endswith(("Cell", "Cells"))
    ]
    return {dtype_name(own.get("dtype")) for own in cells if isinstance(own, Mapping)}


def _objects(config: Any, closed: Sequence[str] = ()) -> Iterator[Mapping[str, Any]]:
    """All objects in a configuration, at any depth, but what is no layer and what it was compiled
    with; nothing inside those of closed classes."""
    open_items = [config]
    while open_items:
        item = open_items.pop()
        if isinstance(item, list):
            open_items.extend(item)
        if not isinstance(item, Mapping) or item.get("class_name") in NO_LAYERS:
            continue
        yield item
        if item.get("class_name") not in closed:
            open_items.extend(value for key, value in item.items() if key != "compile_config")


def dtype_name(dtype: Any) -> str:
    """Name of a dtype or dtype policy, in any spelling."""
    if isinstance(dtype, Mapping):
        body = dtype.get("config")
        dtype = (body.get("name") or body.get("mode")) if isinstance(body, Mapping) else None
    return str(dtype)
