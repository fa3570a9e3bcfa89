"""Features, labels and threshold against the network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from exporter.errors import SignatureError
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Activation, Dense, Op, Softmax, as_tensor
from exporter.ir.signature import sign


def network(width: int, units: int, last: Op | None, inputs: int = 1) -> Graph:
    """A Dense layer and what follows it."""
    dense = Dense(as_tensor(np.ones((width, units))), None)
    ports = tuple(Port(f"x{n}", n, (width,)) for n in range(inputs))
    nodes = [Node(dense, (0,), inputs, (units,), "dense")]
    if last is not None:
        nodes.append(Node(last, (inputs,), inputs + 1, (units,), "last"))
    output = Port("y", nodes[-1].value, (units,))
    return Graph("m", ports, tuple(nodes), (output,), Source("keras", "3.0", "m.h5", "0"), 0)


SIGMOID, SOFTMAX = Activation("sigmoid"), Softmax(0)


@pytest.mark.parametrize(
    ("graph", "options", "labels", "threshold"),
    [
        (network(2, 1, SIGMOID), {}, ("0", "1"), 0.5),
        (network(2, 1, SIGMOID), {"labels": ["n", "y"], "threshold": 0.3}, ("n", "y"), 0.3),
        (network(2, 3, SOFTMAX), {}, ("0", "1", "2"), None),
        (network(2, 2, SOFTMAX), {"labels": ["n", "y"]}, ("n", "y"), None),
        (network(2, 3, None), {}, (), None),
        (network(2, 3, None), {"labels": ["a", "b", "c"]}, ("a", "b", "c"), None),
        (network(2, 1, None), {}, (), None),
        (network(2, 1, None), {"labels": ["a", "b"], "threshold": 0.0}, ("a", "b"), 0.0),
    ],
)
def test_labels_and_threshold(
    graph: Graph, options: dict[str, Any], labels: tuple[str, ...], threshold: float | None
) -> None:
    signature = sign(graph, "m", **options)
    assert (signature.labels, signature.threshold) == (labels, threshold)


LONG = replace(network(2, 1, None), inputs=(Port("x0", 0, (10**9, 2)),))
MANY = {"features": [f"f{n}" for n in range(101)], "most_features": 100}


@pytest.mark.parametrize(
    ("graph", "options", "message"),
    [
        (network(2, 1, SIGMOID), {"labels": ["a", "b", "c"]}, "3 labels were given"),
        (network(2, 3, SOFTMAX), {"labels": ["a", "b"]}, "the model has 3 classes"),
        (network(2, 3, SOFTMAX), {"threshold": 0.5}, "--threshold is for a model with one number"),
        (network(2, 1, None), {"labels": ["a", "b"]}, "needs --threshold"),
        (network(2, 1, None), {"threshold": 0.5}, "--labels"),
        (network(2, 2, SOFTMAX), {"labels": ["a", "a"]}, "given twice"),
        (network(2, 1, SIGMOID), {"features": ["a"]}, "1 feature was given"),
        (network(2, 1, SIGMOID), {"features": ["a", "a"]}, "named twice"),
        (network(2, 1, SIGMOID, inputs=2), {"features": ["a", "b"]}, '"x1" takes 2 numbers'),
        (network(101, 1, SIGMOID), MANY, "at most 100"),
        (LONG, {}, "2,000,000,000 numbers, more than the 16,777,216"),
    ],
)
def test_what_does_not_fit_is_refused(graph: Graph, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SignatureError, match=message):
        sign(graph, "m", **options)
