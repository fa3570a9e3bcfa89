"""Lowered estimators of scikit-learn, computed in float64 by the runtime's own kernels."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from exporter.engines.reference import compute_values
from exporter.formats.sklearn.model import build_graph, read_content
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify


def lower(model: Any, protocol: int = 4) -> Graph:
    """The graph of a fitted object, through a pickle of it."""
    content = pickle.dumps(model, protocol)
    return build_graph(
        read_content(content), Path("model.pkl"), hashlib.sha256(content).hexdigest()
    )


def rows_of(graph: Graph, table: Any) -> list[np.ndarray]:
    """The inputs of a graph from a DataFrame, or from an array of numbers or texts."""
    inputs = []
    for port in graph.inputs:
        columns = [
            table[c.name] if hasattr(table, "columns") else table[:, int(c.name[1:])]
            for c in port.columns
        ]
        if port.is_text:
            texts = [[v if isinstance(v, str) else None for v in column] for column in columns]
            inputs.append(_texts(texts))
        else:
            inputs.append(np.stack([np.asarray(c, np.float64) for c in columns], axis=1))
    return inputs


def _texts(columns: list[list[str | None]]) -> np.ndarray:
    array = np.empty((len(columns[0]), len(columns)), object)
    for number, column in enumerate(columns):
        array[:, number] = column
    return array


def compute(graph: Graph, inputs: list[np.ndarray]) -> np.ndarray:
    """The score of rows, in float64, after the passes that every model goes through."""
    graph = simplify(graph)
    output = graph.outputs[0].value
    return compute_values(graph, inputs, {output})[output]


def score(model: Any, table: Any) -> np.ndarray:
    """What this program scores for the rows of a table."""
    graph = lower(model)
    return compute(graph, rows_of(graph, table))


__all__ = ["compute", "lower", "rows_of", "score"]
