"""What goes into the tables beside functions: weights in chunks, samples with their outputs."""

import numpy as np

from exporter.engines.reference import Array
from exporter.ir.graph import Graph
from exporter.ir.windows import row_part
from exporter.samples.chunks import CHUNK_BYTES, Chunk, split_block
from exporter.samples.columns import draw_columns
from exporter.samples.drawn import UNKNOWN_WORD, choose_free_length, draw_plain, vocabularies
from exporter.samples.empty import without_empty_texts
from exporter.samples.expected import (
    Samples,
    base_tolerance,
    expect_outputs,
    make_samples,
    scaled_difference,
    transform,
    worst_difference,
)
from exporter.samples.reach import Reach, measure

SAMPLES = 8  # rows, where nothing else is said
HARD_ROWS = 64  # of which windows are made: more would take long to choose

__all__ = [
    "CHUNK_BYTES",
    "SAMPLES",
    "UNKNOWN_WORD",
    "Array",
    "Chunk",
    "Reach",
    "Samples",
    "base_tolerance",
    "choose_free_length",
    "draw_inputs",
    "expect_outputs",
    "make_samples",
    "measure",
    "scaled_difference",
    "split_block",
    "transform",
    "vocabularies",
    "without_empty_texts",
    "worst_difference",
]


def draw_inputs(graph: Graph, rows: int, length: int | None = None) -> tuple[Array, ...]:
    """Sample inputs for a graph, the same for the same one; length is what a free one is in them,
    where that is known."""
    part = row_part(graph)
    if part is not None:
        return draw_windows(graph, part, rows)
    return draw_columns(graph, rows) if graph.columns else draw_plain(graph, rows, length)


def draw_windows(graph: Graph, part: Graph, windows: int) -> tuple[Array, ...]:
    """Windows of rows that are hard for what is done to each row by itself.

    A missing text is in none: they are stored as arrays, and one with a NULL gives NULL.
    """
    length = graph.inputs[0].shape[0] or 1
    drawn = draw_columns(part, min(windows * length, HARD_ROWS))
    texts = [array for array in drawn if array.dtype == object]
    whole = [
        n for n in range(len(drawn[0])) if all(None not in array[n].tolist() for array in texts)
    ]
    generator = np.random.default_rng(int(graph.digest[:16], 16))
    places = generator.choice(whole or [0], windows * length)
    return tuple(array[places].reshape(windows, length, -1) for array in drawn)
