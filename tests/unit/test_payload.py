"""Chunks and samples."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Conv, as_tensor
from exporter.samples import CHUNK_BYTES, draw_inputs, scaled_difference, split_block


@pytest.mark.parametrize(
    ("size", "sizes"), [(0, []), (1, [1]), (8, [8]), (9, [8, 1]), (16, [8, 8])]
)
def test_chunks_are_whole_and_in_order(size: int, sizes: list[int]) -> None:
    block = bytes(range(size))
    chunks = split_block(block, 8)
    assert [len(chunk.data) for chunk in chunks] == sizes
    assert b"".join(chunk.data for chunk in chunks) == block
    assert [chunk.number for chunk in chunks] == list(range(len(sizes)))
    assert all(hashlib.sha256(c.data).hexdigest() == c.sha256 for c in chunks)
    assert CHUNK_BYTES == 2**20


@pytest.mark.parametrize(
    ("a", "b", "difference"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.2),
        ([0.1], [0.2], 0.1),
        ([np.nan, np.inf], [np.nan, np.inf], 0.0),
        ([np.nan], [1.0], np.inf),
        ([np.inf], [-np.inf], np.inf),
        ([], [], 0.0),
    ],
)
def test_scaled_difference(a: list[float], b: list[float], difference: float) -> None:
    assert scaled_difference(np.array(a), np.array(b)) == pytest.approx(difference)


@pytest.mark.parametrize(("window", "length"), [(3, 5), (7, 16), (65, 256)])
def test_samples_of_free_length_are_long_enough_for_every_window(window: int, length: int) -> None:
    kernel = as_tensor(np.ones((window, 2, 1)))
    conv = Conv(kernel, None, (1,), (1,), "valid")
    node = Node(conv, (0,), 1, (None, 1), "conv")
    source = Source("keras", "3.0", "m.h5", "0")
    graph = Graph("m", (Port("x", 0, (None, 2)),), (node,), (Port("y", 1, (None, 1)),), source, 0)
    (inputs,) = draw_inputs(graph, 3)
    assert inputs.shape == (3, length, 2)
