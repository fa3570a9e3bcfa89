"""The networks that are measured, with random weights: as our Graph, a file, a Keras model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Dense, Gru, Op, Softmax, as_tensor
from exporter.ir.passes import simplify

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer as Keras writes it: kind is dense or gru, weights by their Keras names."""

    kind: str
    activation: str
    weights: dict[str, Array]


@dataclass(frozen=True)
class Network:
    """sizes are the Dense layers' widths; behind a GRU over steps when there are any.

    rows is how many are scored; columns tells whether a table has one column for each feature, or
    all in one array.
    """

    name: str
    sizes: tuple[int, ...]
    rows: int
    between: str = "relu"
    last: str = "sigmoid"
    steps: int = 0
    units: int = 0
    columns: bool = False

    @property
    def title(self) -> str:
        """For tables: "fraud 28-256-128-64-32-1"."""
        front = f"{self.steps}x{self.sizes[0]} GRU {self.units}" if self.steps else ""
        sizes = self.sizes[1:] if self.steps else self.sizes
        return f"{self.name} {front}{'-' if front else ''}{'-'.join(map(str, sizes))}"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a row."""
        return (self.steps, self.sizes[0]) if self.steps else (self.sizes[0],)

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return math.prod(self.shape)

    @property
    def features(self) -> list[str]:
        """The columns' names, none where all are in one array."""
        return [f"v{n}" for n in range(1, self.width + 1)] if self.columns else []

    @property
    def outputs(self) -> int:
        """How many numbers a score has."""
        return self.sizes[-1]

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers with their weights, the same in every run."""
        generator = np.random.default_rng(0)

        def draw(*shape: int) -> Array:
            return as_tensor(generator.standard_normal(shape) / math.sqrt(shape[0]))

        layers = []
        widths = list(self.sizes)
        if self.steps:
            weights = {
                "kernel": draw(self.sizes[0], 3 * self.units),
                "recurrent_kernel": draw(self.units, 3 * self.units),
                "bias": draw(3 * self.units),
                "recurrent_bias": draw(3 * self.units),
            }
            layers.append(Layer("gru", "tanh", weights))
            widths[0] = self.units
        for number, (rows, columns) in enumerate(pairwise(widths), 2):
            activation = self.last if number == len(widths) else self.between
            weights = {"kernel": draw(rows, columns), "bias": draw(columns)}
            layers.append(Layer("dense", activation, weights))
        return layers

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return sum(array.size for layer in self.layers for array in layer.weights.values())


NETWORKS = (
    Network("fraud", (28, 256, 128, 64, 32, 1), 284_807, between="sigmoid", columns=True),
    Network("mnist", (784, 100, 10), 10_000, last="softmax"),
    Network("pump", (3120, 200, 40, 1), 2_000),
    Network("gru", (8, 1), 5_000, steps=32, units=64),
)
"""Card fraud (sigmoid throughout, as in its example), digits, a pump's sensors, a sequence."""

GROWING = tuple(
    Network("dense", (28, *sizes, 1), rows, columns=True)
    for rows, sizes in (
        (50_000, (16,)),
        (50_000, (64, 32)),
        (50_000, (256, 128)),
        (20_000, (512, 512)),
        (10_000, (1024, 1024)),
        (5_000, (2048, 2048)),
    )
)
"""The same row, ever larger networks."""


def build_graph(network: Network) -> Graph:
    """The network as the reader would give it."""
    nodes: list[Node] = []

    def add(op: Op, width: int, name: str) -> None:
        nodes.append(Node(op, (len(nodes),), len(nodes) + 1, (width,), name))

    for number, layer in enumerate(network.layers):
        name = f"{layer.kind}_{number}"
        if layer.kind == "gru":
            add(_gru(layer), network.units, name)
            continue
        width = len(layer.weights["bias"])
        add(Dense(layer.weights["kernel"], layer.weights["bias"]), width, name)
        is_softmax = layer.activation == "softmax"
        add(Softmax(0) if is_softmax else Activation(layer.activation), width, name)
    ports = Port("x", 0, network.shape), Port("y", len(nodes), (network.outputs,))
    source = Source("keras", "3.0", network.name, "0" * 64)
    parts = (ports[0],), tuple(nodes), (ports[1],)
    return simplify(Graph(network.name, *parts, source, network.parameters))


def save(network: Network, path: Path) -> Path:
    """Write the weights as plain.py reads them."""
    arrays: dict[str, Any] = {
        f"{number}.{name}": array
        for number, layer in enumerate(network.layers)
        for name, array in layer.weights.items()
    }
    layers = [(layer.kind, layer.activation, list(layer.weights)) for layer in network.layers]
    arrays["about"] = json.dumps({"shape": network.shape, "layers": layers})
    np.savez(path, **arrays)
    return path


def build_keras(shape: Sequence[int], layers: Sequence[tuple[str, str, dict[str, Array]]]) -> Any:
    """A Keras model of what plain.load gives; imports TensorFlow."""
    import keras

    model = keras.Sequential([keras.Input(tuple(shape))])
    for kind, activation, weights in layers:
        if kind == "gru":
            model.add(keras.layers.GRU(len(weights["recurrent_kernel"])))
            bias = np.stack([weights["bias"], weights["recurrent_bias"]])
            arrays = [weights["kernel"], weights["recurrent_kernel"], bias]
        else:
            model.add(keras.layers.Dense(len(weights["bias"]), activation))
            arrays = [weights["kernel"], weights["bias"]]
        model.layers[-1].set_weights(arrays)
    return model


def _gru(layer: Layer) -> Op:
    weights = layer.weights
    return Gru(
        kernel=weights["kernel"],
        recurrent_kernel=weights["recurrent_kernel"],
        bias=weights["bias"],
        activation=("tanh", ()),
        result="last",
        is_masked=False,
        has_states=False,
        zeroes_masked=False,
        recurrent_bias=weights["recurrent_bias"],
        recurrent_activation=("sigmoid", ()),
        reset_after=True,
    )
