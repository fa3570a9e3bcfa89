"""From a model file to scores, as the tests need it again and again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from exporter.engines.reference import evaluate
from exporter.formats.keras import read
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph


def score_file(
    path: Path, inputs: Sequence[np.ndarray], dtype: str = "float32"
) -> list[np.ndarray]:
    """Scores of a file's network: read, simplified, planned and evaluated."""
    return score_graph(simplify(read(path)), inputs, dtype)


def score_graph(
    graph: Graph, inputs: Sequence[np.ndarray], dtype: str = "float32"
) -> list[np.ndarray]:
    """Scores of a graph as it is."""
    return evaluate(plan_graph(graph, Signature("m")), list(inputs), dtype)
