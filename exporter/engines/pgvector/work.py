"""How long a row of a sequence takes: estimated before a server is asked for anything."""

from __future__ import annotations

import math

from exporter.ir import ops
from exporter.ir.graph import Graph, Node

MOST = 2_000  # microseconds that a row of a network over a sequence may take
OF_SEQUENCES = (ops.Conv, ops.Pool, ops.Recurrent)
LOOPS = (ops.Conv, ops.Dense, ops.FoldTime, ops.Pool)
"""Begin a loop over the rows of a sequence."""
IN_LOOPS = (
    ops.Activation, ops.Affine, ops.Clip, ops.LayerNormalization, ops.LogSoftmax, ops.Prelu,
    ops.Softmax, ops.Standardize, ops.Unary, ops.UnfoldTime,
)  # fmt: skip
"""Are written into one that stands before them."""

# Microseconds, measured on one core with PostgreSQL 16 and pgvector 0.6.2; docs/decisions/0028.
WINDOW = 0.5  # a position of a convolution
GIVEN = 0.008  # a number of its window, cut out and cast, zeros of groups and dilation among them
FILTER, WEIGHT = 0.045, 0.00005  # a neuron there with relu, and each of its weights
STEP = 2.0  # of a recurrent layer
UNIT, WEIGHT_OF_UNIT = 0.065, 0.00025  # a neuron of one of its gates, and each of its weights
NUMBER = 0.05  # of what other layers give
JOINED = 0.15  # a number of a sum or product of values
SHARE, SHARE_OF_ROW = 0.17, 1.0  # a number of a softmax, and a row of them
POOLED, POOLED_APART = 0.02, 0.06  # a number that is pooled: in the loop that makes it, or not
REDUCED, REDUCED_APART = 0.02, 0.09  # a number of a mean, or what else is of all, the same
NORMAL, NORMAL_APART = 0.2, 0.7  # a number of a LayerNormalization, the same
FUNCTIONS = {"relu": 0.0, "linear": 0.0, "sigmoid": 0.12, "gelu": 0.65}
FUNCTIONS |= dict.fromkeys(("tanh", "hard_sigmoid", "hard_tanh", "sparse_sigmoid", "relu6"), 0.03)
FUNCTION = 0.2  # of one number, for all others
OF_GATES = ("tanh", "sigmoid")  # functions that are in UNIT
FUNCTION_APART, GELU_APART = 0.06, 2.0  # more, of a number that no loop has at hand

GATES = {ops.SimpleRnn: 1.0, ops.Lstm: 4.0, ops.Gru: 3.5}  # whose third multiplies twice
APPLIED = {ops.SimpleRnn: (1, 0), ops.Lstm: (2, 3), ops.Gru: (1, 2)}
"""How often a unit takes the two functions at a step."""


def has_sequences(graph: Graph) -> bool:
    """Whether a network works position by position, which is what takes so long."""
    return any(isinstance(node.op, OF_SEQUENCES) for node in graph.nodes)


def estimate(graph: Graph) -> dict[str, float]:
    """Microseconds by layer."""
    result: dict[str, float] = {}
    times: dict[int, int] = {}  # of values of single steps, how many there are
    loops: set[int] = set()  # values whose loops are still open
    for node in graph.nodes:
        shapes = [graph.shapes[value] for value in node.inputs]
        steps = times.get(node.inputs[0], 1) if node.inputs else 1
        is_looped = bool(node.inputs) and loops.issuperset(node.inputs)
        time = steps * _of_node(node, shapes, is_looped)
        result[node.layer] = result.get(node.layer, 0.0) + time
        if isinstance(node.op, LOOPS) or (isinstance(node.op, IN_LOOPS) and is_looped):
            loops.add(node.value)
        if isinstance(node.op, ops.FoldTime):
            times[node.value] = shapes[0][0] or 1
        elif not isinstance(node.op, ops.UnfoldTime):
            times[node.value] = steps
    return result


def _of_node(node: Node, shapes: list[tuple[int | None, ...]], is_looped: bool) -> float:
    op = node.op
    count = math.prod(n or 0 for n in node.shape)
    if op.traits.stays:
        return 0.0
    if isinstance(op, ops.Recurrent):
        return _of_recurrent(op, shapes[0])
    if isinstance(op, (ops.Conv, ops.Dense)):
        width = _given(op)
        positions = count // op.kernel.shape[-1]
        return float(positions * (WINDOW + GIVEN * width) + count * (FILTER + WEIGHT * width))
    if isinstance(op, ops.Activation):
        return count * _of_function(op.function, is_looped)
    if isinstance(op, (ops.Softmax, ops.LogSoftmax)):
        rows = count // max(1, node.shape[op.axis] or 0)
        return count * SHARE + rows * SHARE_OF_ROW
    if isinstance(op, ops.Merge):
        return count * JOINED
    if isinstance(op, ops.Pool):
        is_looped = is_looped and op.size == op.strides
        return count * math.prod(op.size) * (POOLED if is_looped else POOLED_APART)
    if isinstance(op, ops.LayerNormalization):
        return count * (NORMAL if is_looped else NORMAL_APART)
    if isinstance(op, ops.Reduce):
        return math.prod(n or 0 for n in shapes[0]) * (REDUCED if is_looped else REDUCED_APART)
    return count * NUMBER


def _of_recurrent(op: ops.Recurrent, shape: tuple[int | None, ...]) -> float:
    steps, columns = (n or 0 for n in shape)
    units = op.recurrent_kernel.shape[0]
    each = UNIT + WEIGHT_OF_UNIT * (columns + units)
    functions = (op.activation[0], getattr(op, "recurrent_activation", ("linear",))[0])
    slower = sum(
        times * max(0.0, _of_function(name) - FUNCTIONS["tanh"])
        for name, times in zip(functions, APPLIED[type(op)], strict=True)
        if name not in OF_GATES
    )
    return float(steps * (STEP + units * (GATES[type(op)] * each + slower)))


def _of_function(name: str, is_looped: bool = True) -> float:
    apart = GELU_APART if name == "gelu" else FUNCTION_APART
    return FUNCTIONS.get(name, FUNCTION) + (0.0 if is_looped or name == "linear" else apart)


def _given(op: ops.Conv | ops.Dense) -> int:
    """How many numbers a neuron is multiplied with."""
    if isinstance(op, ops.Dense) or len(op.dilation) > 1:
        return math.prod(op.kernel.shape[:-1])
    taps, depth, _ = op.kernel.shape
    return int(((taps - 1) * op.dilation[0] + 1) * depth * op.groups)
