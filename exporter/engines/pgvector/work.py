"""How long a row of a sequence takes: estimated before a server is asked for anything."""

from __future__ import annotations

import math

from exporter.ir import ops
from exporter.ir.graph import Graph, Node

MOST = 2_000  # microseconds that a row of a network over a sequence may take
OF_SEQUENCES = (ops.Conv, ops.Pool, ops.Recurrent)

# Microseconds, measured on one core with PostgreSQL 16 and pgvector 0.6.2; docs/decisions/0028.
WINDOW = 0.5  # a position of a convolution
FILTER, WEIGHT = 0.045, 0.00005  # a neuron there with relu, and each of its weights
STEP = 2.0  # of a recurrent layer
UNIT, WEIGHT_OF_UNIT = 0.065, 0.00025  # a neuron of one of its gates, and each of its weights
NUMBER = 0.05  # of what other layers give
POOLED = 0.02  # a number that is pooled
FUNCTIONS = {"relu": 0.0, "linear": 0.0, "tanh": 0.03, "sigmoid": 0.03}
FUNCTION = 0.2  # of one number, for all others

GATES = {ops.SimpleRnn: 1.0, ops.Lstm: 4.0, ops.Gru: 3.5}  # whose third multiplies twice


def has_sequences(graph: Graph) -> bool:
    """Whether a network works position by position, which is what takes so long."""
    return any(isinstance(node.op, OF_SEQUENCES) for node in graph.nodes)


def estimate(graph: Graph) -> dict[str, float]:
    """Microseconds by layer."""
    result: dict[str, float] = {}
    times: dict[int, int] = {}  # of values of single steps, how many there are
    for node in graph.nodes:
        shapes = [graph.shapes[value] for value in node.inputs]
        steps = times.get(node.inputs[0], 1) if node.inputs else 1
        result[node.layer] = result.get(node.layer, 0.0) + steps * _of_node(node, shapes)
        if isinstance(node.op, ops.FoldTime):
            times[node.value] = shapes[0][0] or 1
        elif not isinstance(node.op, ops.UnfoldTime):
            times[node.value] = steps
    return result


def _of_node(node: Node, shapes: list[tuple[int | None, ...]]) -> float:
    op = node.op
    count = math.prod(n or 0 for n in node.shape)
    if op.traits.stays:
        return 0.0
    if isinstance(op, ops.Recurrent):
        steps, columns = (n or 0 for n in shapes[0])
        units = op.recurrent_kernel.shape[0]
        each = UNIT + WEIGHT_OF_UNIT * (columns + units)
        return float(steps * (STEP + GATES[type(op)] * units * each))
    if isinstance(op, (ops.Conv, ops.Dense)):
        weights = math.prod(op.kernel.shape[:-1])
        positions = count // op.kernel.shape[-1]
        return float(positions * WINDOW + count * (FILTER + WEIGHT * weights))
    if isinstance(op, ops.Activation):
        return count * FUNCTIONS.get(op.function, FUNCTION)
    if isinstance(op, (ops.Pool, ops.Reduce)):
        return math.prod(n or 0 for n in shapes[0]) * POOLED
    return count * NUMBER
