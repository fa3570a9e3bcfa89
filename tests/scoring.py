"""From a model file to scores, as the tests need it again and again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.formats.format import Answer
from exporter.formats.keras.framework import ask
from exporter.formats.opening import opened
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


def ask_keras(path: Path, inputs: Sequence[np.ndarray]) -> Answer:
    """What Keras says to rows, asked in a process of its own as an export does."""
    with opened(path) as file:
        return ask(file, tuple(inputs))
