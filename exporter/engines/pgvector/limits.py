"""What the engine lacks, and how much it takes; nothing of this needs a server."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from exporter.engines.pgvector import work
from exporter.engines.pgvector.elements import ACTIVATIONS, UNARY
from exporter.engines.pgvector.lowering import LOWERINGS
from exporter.engines.pgvector.lowering.linear import MAX_DOUBLE, MAX_VECTOR
from exporter.engines.pgvector.lowering.trees import MAX_DEPTH, MAX_NODES, depth
from exporter.engines.pgvector.values import MAX_VALUE
from exporter.errors import Problem, list_names
from exporter.ir import ops
from exporter.ir.graph import Graph, Node

OLDEST = (0, 5)  # the first version of the extension whose vectors hold 16,000 numbers
INSTEAD = "Where the server has PL/Python: --engine plpython"
BESIDE = "Where everybody may read them: --weights function; where not: --engine plpython"
MAX_WEIGHTS = 2_000_000  # 24 MB of text, which is created in 20 s
MAX_ITEMS = 200_000  # expressions of all values together


def _lacks() -> dict[type[ops.Op], tuple[str, str]]:
    every = {
        op
        for op in vars(ops).values()
        if isinstance(op, type) and issubclass(op, ops.Op) and op.__name__ not in ABSTRACT
    }
    return {
        op: (f"the engine pgvector has no {op.__name__}", INSTEAD)
        for op in sorted(every - LOWERINGS.keys(), key=lambda op: op.__name__)
    }


ABSTRACT = ("Op", "Elementwise", "Merge", "Product", "Columnwise", "Recurrent")
LACKS: Mapping[type[ops.Op], tuple[str, str]] = MappingProxyType(_lacks())


def find_problems(graph: Graph) -> list[Problem]:
    """What of a network is beyond the engine, beside ops that it lacks."""
    problems = []
    for node in graph.nodes:
        for reason in _reasons(graph, node):
            problems.append(Problem(node.layer, type(node.op).__name__, reason, INSTEAD))
    problems += _folds(graph)
    for port in graph.inputs:
        if None in port.shape:
            reason = "its length is free, and each number is a place in a statement"
            problems.append(Problem(port.name, "input", reason, INSTEAD, what="input"))
        elif math.prod(n or 0 for n in port.shape) > MAX_VALUE:
            reason = f"it holds more than {MAX_VALUE:,} numbers"
            problems.append(Problem(port.name, "input", reason, INSTEAD, what="input"))
        if port.is_text and not port.columns:
            reason = "the engine pgvector takes texts as columns of a table alone"
            problems.append(Problem(port.name, "input", reason, INSTEAD, what="input"))
    if not problems:
        problems += _sizes(graph)
    return problems


def _folds(graph: Graph) -> list[Problem]:
    """Layers that do to each step of a sequence what no loop over one value does."""
    uses = Counter(value for node in graph.nodes for value in node.inputs)
    folded: set[int] = set()
    problems = []
    for node in graph.nodes:
        inside = [value for value in node.inputs if value in folded]
        is_end = isinstance(node.op, ops.UnfoldTime)
        if isinstance(node.op, ops.FoldTime) or (inside and not is_end):
            folded.add(node.value)
        if any(uses[value] > 1 for value in inside) or (
            len(node.inputs) > 1 and inside and not is_end
        ):
            reason = (
                "of what is done to each step by itself this engine takes chains of layers, and"
                " this one takes several values, or one that others take too"
            )
            problems.append(Problem(node.layer, type(node.op).__name__, reason, INSTEAD))
    return problems


def _reasons(graph: Graph, node: Node) -> list[str]:
    """Why a node cannot be computed."""
    op, shape = node.op, node.shape
    reasons = []
    if None in shape:
        return ["its length is free, and each number is a place in a statement"]
    if math.prod(n or 0 for n in shape) > MAX_VALUE:
        reasons.append(f"it gives more than {MAX_VALUE:,} numbers")
    for name, tensor in op.tensors().items():
        may_be_nan = isinstance(op, (ops.MapNumbers, ops.MapTexts, ops.Trees))
        if tensor.dtype.kind == "f" and not may_be_nan and not np.isfinite(tensor).all():
            reasons.append(f"its {name} holds NaN or infinities")
    if isinstance(op, ops.Dense):
        if graph.dtypes[node.value] == "float64":
            if (
                math.prod(op.kernel.shape)
                * max(1, len(shape) and math.prod(n or 1 for n in shape[:-1]))
                > MAX_DOUBLE
            ):
                reasons.append(
                    f"its {math.prod(op.kernel.shape):,} weights are float64, which no vector"
                    f" holds; up to {MAX_DOUBLE:,} are written out"
                )
        elif op.kernel.shape[0] > MAX_VECTOR:
            reasons.append(
                f"a vector takes {MAX_VECTOR:,} numbers, its kernel {op.kernel.shape[0]:,}"
            )
    reasons += _sequence_reasons(graph, node)
    if isinstance(op, ops.Cast) and op.dtype == "float64" and _is_computed(graph, node.inputs[0]):
        reasons.append(
            "it goes on in float64 with what was computed in float32, rounding each step"
        )
    if isinstance(op, ops.Trees):
        if op.left.size > MAX_NODES:
            reasons.append(
                f"its trees have {op.left.size:,} nodes; up to {MAX_NODES:,} are written out"
            )
        elif depth(op) > MAX_DEPTH:
            reasons.append(f"its trees are more than {MAX_DEPTH} questions deep")
    if isinstance(op, ops.Activation) and op.function not in {*ACTIVATIONS, "gelu"}:
        reasons.append(f"the engine pgvector has no {op.function}")
    if isinstance(op, ops.Unary) and op.function not in {*UNARY, "erf"}:
        reasons.append(f"the engine pgvector has no {op.function}")
    return reasons


def _sequence_reasons(graph: Graph, node: Node) -> list[str]:
    """Why a layer over the positions of a sequence cannot be computed."""
    op = node.op
    reasons = []
    if isinstance(op, (ops.Conv, ops.Pool)) and len(op.strides) > 1:
        reasons.append(
            f"it slides along {len(op.strides)} axes, and this engine's windows along one"
        )
    elif isinstance(op, ops.Conv):
        taps, depth, _ = op.kernel.shape
        width = ((taps - 1) * op.dilation[0] + 1) * depth * op.groups
        if width > MAX_VECTOR:
            reasons.append(f"a vector takes {MAX_VECTOR:,} numbers, its windows have {width:,}")
    elif isinstance(op, ops.Recurrent):
        width = sum(op.kernel.shape[:1]) + op.recurrent_kernel.shape[0]
        if width > MAX_VECTOR:
            reasons.append(f"a vector takes {MAX_VECTOR:,} numbers, its steps have {width:,}")
        functions = [op.activation[0], getattr(op, "recurrent_activation", ("linear",))[0]]
        reasons += [
            f"the engine pgvector has no {name} in it"
            for name in dict.fromkeys(functions)
            if name not in {*ACTIVATIONS, "gelu"}
        ]
    is_product = isinstance(op, (ops.Conv, ops.Recurrent))
    if is_product and graph.dtypes[node.value] == "float64":
        reasons.append("it is in float64, which no vector holds")
    return reasons


def _is_computed(graph: Graph, value: int) -> bool:
    """Whether numbers are results of arithmetic in float32: here it is in double precision, and
    what goes on in float64 is held to its last digits. Trees add in their own type."""
    made = {node.value: node for node in graph.nodes}
    while value in made and made[value].op.traits.moves and len(made[value].inputs) == 1:
        value = made[value].inputs[0]
    return (
        graph.dtypes[value] == "float32"
        and value in made
        and not isinstance(made[value].op, (ops.Trees, ops.Cast))
    )


def _sizes(graph: Graph) -> list[Problem]:
    """The network as a whole."""
    weights = sum(tensor.size for node in graph.nodes for tensor in node.op.tensors().values())
    items = sum(math.prod(n or 0 for n in node.shape) for node in graph.nodes)
    problems = []
    if weights > MAX_WEIGHTS:
        reason = f"it has {weights:,} weights, and a function of this engine up to {MAX_WEIGHTS:,}"
        problems.append(Problem(graph.name, "model", reason, INSTEAD, what="model"))
    if items > MAX_ITEMS:
        reason = f"its values are {items:,} numbers together; up to {MAX_ITEMS:,} are written out"
        problems.append(Problem(graph.name, "model", reason, INSTEAD, what="model"))
    return problems + _slow(graph)


def _slow(graph: Graph) -> list[Problem]:
    """A network over a sequence whose rows take longer than anybody would want."""
    if not work.has_sequences(graph):
        return []
    times = work.estimate(graph)
    whole, slowest = sum(times.values()), max(times, key=lambda layer: times[layer])
    if whole <= work.MOST:
        return []
    reason = (
        f"a row of it would take about {whole / 1000:.1f} ms, {times[slowest] / 1000:.1f} of them"
        f' in "{slowest}"; this engine takes sequences of up to {work.MOST / 1000:g} ms a row'
    )
    return [Problem(graph.name, "model", reason, INSTEAD, what="model")]


def find_stored_problems(graph: Graph) -> list[Problem]:
    """The same where weights are not to stand in the text of functions: no other numbers may."""
    problems = find_problems(graph)
    for node in graph.nodes:
        is_stored = isinstance(node.op, ops.Dense) and graph.dtypes[node.value] == "float32"
        if node.op.tensors() and not is_stored:
            names = list_names(sorted(node.op.tensors()))
            reason = (
                f"its {names} would stand in the text of a function: --weights table keeps those of"
                " dense layers in float32"
            )
            problems.append(Problem(node.layer, type(node.op).__name__, reason, BESIDE))
    return problems
