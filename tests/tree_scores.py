"""Models of trees against the scores that their own library computed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.ir.graph import Port
from exporter.ir.ops import Trees
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign

FLOAT64, FLOAT32, LINEAR = 1e-12, 2e-6, 1e-5  # of max(1, |y|)


def check_model(path: Path) -> int:
    """Fail unless a model scores the rows of PATH.npz as its library did; how many there were."""
    with np.load(f"{path}.npz", allow_pickle=False) as file:
        y = file["y"]
        margin = file["sum"] if "sum" in file.files else None
        names = ("x",) if "x" in file.files else ("numbers", "texts")
        inputs = [file[name].astype(object if name == "texts" else np.float64) for name in names]
    x = inputs[-1]
    graph = read(path)
    if len(graph.inputs) < len(inputs):  # whose trees ask for categories alone
        inputs = inputs[1:]
    plan = plan_graph(graph, sign(graph, "m"))
    for dtype in ("float32", "float64"):
        (found,) = evaluate(plan, inputs, dtype)
        sums = {node.op.total for node in graph.nodes if isinstance(node.op, Trees)}
        tolerance = FLOAT64 if sums == {"float64"} else FLOAT32
        if not any(isinstance(node.op, Trees) for node in graph.nodes):
            tolerance = LINEAR
        difference = np.abs(found - y) / np.maximum(1, np.abs(y))
        wrong = ~(difference <= tolerance).all(axis=1)
        assert not wrong.any(), (
            f"{path.name}: {wrong.sum()} of {len(x)} rows, the first {x[wrong][0].tolist()}:"
            f" {found[wrong][0].tolist()} instead of {y[wrong][0].tolist()}"
        )
    trees = [node for node in graph.nodes if isinstance(node.op, Trees)]
    if margin is not None and trees:
        (node,) = trees
        port = Port("sum", node.value, node.shape, node.op.output_dtype())
        only = replace(graph, nodes=(node,), outputs=(port,))
        (found,) = evaluate(plan_graph(only, sign(only, "m")), [x], "float32")
        assert (found == margin).all(), f"{path.name}: margins are not the same to the last bit"
    return len(x)
