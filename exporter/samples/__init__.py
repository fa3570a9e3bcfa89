"""What goes into the tables beside functions: weights in chunks, samples with their outputs."""

from exporter.engines.reference import Array
from exporter.ir.graph import Graph
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


def draw_inputs(graph: Graph, rows: int) -> tuple[Array, ...]:
    """Sample inputs for a graph, the same for the same one."""
    return draw_columns(graph, rows) if graph.columns else draw_plain(graph, rows)
