"""Keras files of every generation, written by hand: what old versions wrote, without them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Named = Sequence[tuple[str, np.ndarray]]
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def write_h5(
    path: Path,
    config: Any,
    weights: Mapping[str, Named],
    version: str | None = "2.2.4",
    backend: str = "tensorflow",
    names_per_attribute: int | None = None,
) -> Path:
    """An .h5 file as Keras 1 to 3 write it: a group for each layer, in it arrays by path.

    names_per_attribute splits weight_names into weight_names0, weight_names1, ..., as Keras does
    when they are longer than 64 KB.
    """
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = np.bytes_(json.dumps(config))
        if version is not None:
            file.attrs["keras_version"] = version.encode()
            file.attrs["backend"] = backend.encode()
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, named in weights.items():
            group = root.create_group(layer)
            names = [name.encode() for name, _ in named]
            if names_per_attribute is None:
                group.attrs["weight_names"] = names
            else:
                size = names_per_attribute
                for start in range(0, len(names), size):
                    group.attrs[f"weight_names{start // size}"] = names[start : start + size]
            for name, array in named:
                group.create_dataset(name, data=np.asarray(array, np.float32))
    return path


def write_keras(
    path: Path,
    config: Any,
    weights: Mapping[str, Sequence[np.ndarray]],
    version: str | None = "3.5.0",
    names: Mapping[str, str] | None = None,
) -> Path:
    """A .keras file: a zip of config.json, metadata.json and model.weights.h5.

    weights are arrays by the path of their group; names are layer names by the same path, which
    Keras 3.3 and later add.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for place, arrays in weights.items():
            variables = file.create_group(place).create_group("vars")
            for number, array in enumerate(arrays):
                variables.create_dataset(str(number), data=np.asarray(array, np.float32))
            if names is not None and place in names:
                variables.attrs["name"] = names[place]
    members: dict[str, str | bytes] = {"config.json": json.dumps(config)}
    if version is not None:
        members["metadata.json"] = json.dumps({"keras_version": version})
    members["model.weights.h5"] = buffer.getvalue()
    return write_zip(path, members)


def write_zip(
    path: Path, members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_STORED
) -> Path:
    """A zip of these members, the same bytes whenever it is written."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), data, compression)
    return path


def layer(class_name: str, name: str, inbound: Any = None, **config: Any) -> dict[str, Any]:
    """A layer's entry in a configuration; inbound makes it one of a Functional model."""
    entry: dict[str, Any] = {"class_name": class_name, "config": {"name": name, **config}}
    if inbound is not None:
        entry |= {"name": name, "inbound_nodes": inbound}
    return entry


def dense(
    name: str, units: int, activation: str = "linear", inbound: Any = None, **config: Any
) -> dict[str, Any]:
    """A Dense entry."""
    return layer("Dense", name, inbound, units=units, activation=activation, **config)


def input_layer(name: str, shape: Sequence[int | None], **config: Any) -> dict[str, Any]:
    """An InputLayer entry of a Functional model; shape without batch."""
    config = config or {"batch_input_shape": [None, *shape]}
    return layer("InputLayer", name, [], **config)


def sequential(*layers: dict[str, Any], **config: Any) -> dict[str, Any]:
    """A Sequential as Keras 2.2.3 and later write it."""
    body = {"name": "sequential_1", "layers": list(layers), **config}
    return {"class_name": "Sequential", "config": body}


def functional(
    layers: Sequence[dict[str, Any]],
    inputs: Any,
    outputs: Any,
    class_name: str = "Model",
    name: str = "model_1",
) -> dict[str, Any]:
    """A Functional model; inputs and outputs as input_layers and output_layers hold them."""
    body = {"name": name, "layers": list(layers), "input_layers": inputs, "output_layers": outputs}
    return {"class_name": class_name, "config": body}


def keras3_tensor(name: str, node: int = 0, tensor: int = 0) -> dict[str, Any]:
    """A tensor among the arguments of a Keras 3 call."""
    config = {"shape": [None, 1], "dtype": "float32", "keras_history": [name, node, tensor]}
    return {"class_name": "__keras_tensor__", "config": config}


def keras3_call(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """An inbound node of Keras 3."""
    return {"args": list(args), "kwargs": kwargs}
