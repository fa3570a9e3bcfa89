"""Sample rows for inputs that an Embedding looks up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import Named, functional, input_layer, layer, write_h5

from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.samples import draw_inputs, vocabularies

TABLES: dict[str, Named] = {
    name: [(f"{name}/embeddings:0", np.zeros((size, 2)))] for name, size in (("e", 7), ("f", 4))
}


def entry(class_name: str, name: str, *sources: str, **config: Any) -> dict[str, Any]:
    """A layer called on others."""
    return layer(class_name, name, [[[source, 0, 0, {}] for source in sources]], **config)


def embedding(name: str, source: str, size: int) -> dict[str, Any]:
    """An Embedding entry."""
    return entry("Embedding", name, source, input_dim=size, output_dim=2, mask_zero=True)


DIRECT = [embedding("e", "x", 7)]
RESHAPED = [entry("Reshape", "r", "x", target_shape=[2, 3]), embedding("e", "r", 7)]
TWICE = [
    embedding("e", "x", 7),
    embedding("f", "x", 4),
    entry("Add", "a", "e", "f"),
]
WRAPPED = [
    entry("Reshape", "r", "x", target_shape=[2, 3]),
    entry("TimeDistributed", "e", "r", layer=layer("Embedding", "i", input_dim=7, output_dim=2)),
]


@pytest.mark.parametrize(("layers", "size"), [(DIRECT, 7), (RESHAPED, 7), (TWICE, 4), (WRAPPED, 7)])
def test_they_are_indices_of_the_smallest_vocabulary(
    tmp_path: Path, layers: list[dict[str, Any]], size: int
) -> None:
    last = layers[-1]["name"]
    config = functional(
        [input_layer("x", (6,)), input_layer("y", (6,)), *layers, entry("Dropout", "d", "y")],
        [["x", 0, 0], ["y", 0, 0]],
        [[last, 0, 0], ["d", 0, 0]],
    )
    graph = simplify(read(write_h5(tmp_path / "m.h5", config, TABLES, "2.2.4")))
    assert vocabularies(graph)[graph.inputs[0].value] == size
    x, y = draw_inputs(graph, 200)
    assert set(np.unique(x)) == set(range(size))
    assert x.dtype == np.float32
    assert not x[0].any()
    assert (y[1:] != np.floor(y[1:])).any()
