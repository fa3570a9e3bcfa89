"""Passes that simplify a graph without changing a score; each takes a graph and returns one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exporter.ir.graph import Graph, Node
from exporter.ir.ops import Activation, Reshape


def drop_identities(graph: Graph) -> Graph:
    """Remove linear activations and reshapes to the shape that is already there."""

    def is_identity(node: Node) -> bool:
        if isinstance(node.op, Activation):
            return node.op.function == "linear"
        return isinstance(node.op, Reshape) and graph.shapes[node.inputs[0]] == node.shape

    return _bypass(graph, is_identity)


def merge_reshapes(graph: Graph) -> Graph:
    """Let a reshape of a reshape read the first one's input."""
    reshapes = {n.value: n for n in graph.nodes if isinstance(n.op, Reshape)}

    def origin(value: int) -> int:
        while value in reshapes:
            value = reshapes[value].inputs[0]
        return value

    nodes = tuple(
        replace(node, inputs=(origin(node.inputs[0]),)) if isinstance(node.op, Reshape) else node
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes)


def drop_unused(graph: Graph) -> Graph:
    """Remove nodes whose results no output needs."""
    needed = {port.value for port in graph.outputs}
    for node in reversed(graph.nodes):
        if node.value in needed:
            needed.update(node.inputs)
    return replace(graph, nodes=tuple(node for node in graph.nodes if node.value in needed))


def renumber(graph: Graph) -> Graph:
    """Number the values without gaps, so that the same network always has the same digest."""
    numbers = {port.value: position for position, port in enumerate(graph.inputs)}
    for node in graph.nodes:
        numbers[node.value] = len(numbers)
    return replace(
        graph,
        inputs=tuple(replace(port, value=numbers[port.value]) for port in graph.inputs),
        nodes=tuple(
            replace(
                node,
                inputs=tuple(numbers[value] for value in node.inputs),
                value=numbers[node.value],
            )
            for node in graph.nodes
        ),
        outputs=tuple(replace(port, value=numbers[port.value]) for port in graph.outputs),
    )


PASSES: tuple[Callable[[Graph], Graph], ...] = (
    merge_reshapes,
    drop_identities,
    drop_unused,
    renumber,
)


def simplify(graph: Graph) -> Graph:
    """Apply every pass in order."""
    for transform in PASSES:
        graph = transform(graph)
    return graph


def _bypass(graph: Graph, is_redundant: Callable[[Node], bool]) -> Graph:
    """Remove nodes with one input whose result equals it, and rewire their users."""
    source: dict[int, int] = {}
    nodes = []
    for node in graph.nodes:
        inputs = tuple(source.get(value, value) for value in node.inputs)
        if is_redundant(node):
            source[node.value] = inputs[0]
        else:
            nodes.append(replace(node, inputs=inputs))
    outputs = tuple(
        replace(port, value=source.get(port.value, port.value)) for port in graph.outputs
    )
    return replace(graph, nodes=tuple(nodes), outputs=outputs)
