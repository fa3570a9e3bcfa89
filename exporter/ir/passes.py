"""Passes that simplify a graph without changing a score; each takes a graph and returns one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from exporter.ir.graph import Graph, Node
from exporter.ir.ops import (
    Activation,
    Affine,
    Cast,
    Dense,
    Op,
    Product,
    Reshape,
    Select,
    Tensor,
    Transpose,
    Unary,
    as_tensor,
)

TRUNCATION = {"function": "trunc"}


def drop_identities(graph: Graph) -> Graph:
    """Remove linear activations; reshapes, transposes, casts and selections to what is there."""

    def is_identity(node: Node) -> bool:
        if isinstance(node.op, Activation):
            return node.op.function == "linear"
        if isinstance(node.op, Transpose):
            return node.op.axes == tuple(range(len(node.op.axes)))
        if isinstance(node.op, Cast):
            return graph.dtypes[node.inputs[0]] == node.op.dtype
        if isinstance(node.op, Select):
            return node.op.columns == tuple(range(graph.shapes[node.inputs[0]][-1] or 0))
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


def merge_transposes(graph: Graph) -> Graph:
    """Let a transpose of a transpose read the first one's input."""
    made: dict[int, Node] = {}
    for node in graph.nodes:
        before = made.get(node.inputs[0]) if node.inputs else None
        if before and isinstance(node.op, Transpose) and isinstance(before.op, Transpose):
            axes = tuple(before.op.axes[axis] for axis in node.op.axes)
            node = replace(node, op=Transpose(axes), inputs=before.inputs)
        made[node.value] = node
    return replace(graph, nodes=tuple(made.values()))


def delay_transposes(graph: Graph) -> Graph:
    """Let what works element by element come before a transpose, which may then meet its inverse.

    Layers with channels_first are surrounded by transposes, activations lie between.
    """
    uses = count_uses(graph)
    made: dict[int, Node] = {}
    for node in graph.nodes:
        before = made.get(node.inputs[0]) if node.inputs else None
        op = None
        if before and isinstance(before.op, Transpose) and uses[before.value] == 1:
            op = _before_transpose(node.op, before.op.axes)
        if before and op is not None:
            shape = (
                graph.shapes[before.inputs[0]]
                if before.inputs[0] not in made
                else (made[before.inputs[0]].shape)
            )
            made[before.value] = Node(op, before.inputs, before.value, shape, node.layer)
            node = Node(before.op, (before.value,), node.value, node.shape, before.layer)
        made[node.value] = node
    return replace(graph, nodes=tuple(made.values()))


def fold_affine(graph: Graph) -> Graph:
    """Multiply y = x * scale + offset into the kernel and bias before it, or of a Dense after it.

    This is what BatchNormalization becomes. Computed in float64; left alone where the kernel or
    the value between is used twice, or a number would overflow. Products of float64 stay as they
    are: whoever saved them has their digits, and large offsets cancel otherwise when folded.
    """
    uses = count_uses(graph)
    kernels = Counter(n.op.kernel.key for n in graph.nodes if isinstance(n.op, Product))
    made: dict[int, Node] = {}
    for node in graph.nodes:
        before = made.get(node.inputs[0]) if node.inputs else None
        if before and uses[before.value] == 1:
            pair = (before.op, node.op)
            is_shared = any(isinstance(op, Product) and kernels[op.kernel.key] > 1 for op in pair)
            op = None if is_shared else _fold(*pair)
            if op is not None:
                del made[before.value]
                layer = before.layer if isinstance(before.op, Product) else node.layer
                node = Node(op, before.inputs, node.value, node.shape, layer)
        made[node.value] = node
    return replace(graph, nodes=tuple(made.values()))


def drop_truncations(graph: Graph) -> Graph:
    """Remove the truncation of a whole-number input that is looked up, too.

    There a fraction is an error (see the trait needs_whole), so none is ever truncated.
    """
    looked_up: set[int] = set()
    for node in reversed(graph.nodes):
        traits = node.op.traits
        if traits.needs_whole or (traits.moves and traits.keeps_all and node.value in looked_up):
            looked_up.update(node.inputs)
    inputs = {port.value for port in graph.inputs}

    def is_checked(node: Node) -> bool:
        is_input = isinstance(node.op, Unary) and node.inputs[0] in inputs
        return is_input and node.op.parameters() == TRUNCATION and node.value in looked_up

    return _bypass(graph, is_checked)


def count_uses(graph: Graph) -> Counter[int]:
    """How often each value is read, by nodes and as a result."""
    inputs = [value for node in graph.nodes for value in node.inputs]
    return Counter([*inputs, *graph.results])


def needed_values(graph: Graph, wanted: Iterable[int]) -> set[int]:
    """These values and what they are computed from, and what may refuse a row."""
    needed = set(wanted)
    for node in reversed(graph.nodes):
        if node.value in needed or node.op.refuses:
            needed.update((node.value, *node.inputs))
    return needed


def drop_unused(graph: Graph) -> Graph:
    """Remove nodes that no result needs and that refuse no row."""
    needed = needed_values(graph, graph.results)
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
        choice=None if graph.choice is None else numbers[graph.choice],
    )


PASSES: tuple[Callable[[Graph], Graph], ...] = (
    drop_truncations,
    merge_reshapes,
    delay_transposes,
    merge_transposes,
    drop_identities,
    fold_affine,
    drop_unused,
    renumber,
)


def simplify(graph: Graph) -> Graph:
    """Apply every pass in order, again and again until nothing changes."""
    while True:
        before = [(node.op, node.inputs, node.value) for node in graph.nodes]
        for transform in PASSES:
            graph = transform(graph)
        if [(node.op, node.inputs, node.value) for node in graph.nodes] == before:
            return graph


def _before_transpose(op: Op, axes: tuple[int, ...]) -> Op | None:
    """The op that does before a transpose what op does after it, if there is one."""
    if op.traits.crosses_transpose:
        return op
    if isinstance(op, Affine) and op.scale.ndim == op.offset.ndim == len(axes):
        order = np.argsort(axes)
        turned = (tensor.transpose(order) for tensor in (op.scale, op.offset))
        return Affine(*(as_tensor(tensor, dtype=tensor.dtype.name) for tensor in turned))
    return None


def _fold(first: Op, second: Op) -> Op | None:
    """One op for two, where one of them is affine along the last axis and the other a product.

    What is float64 stays as its framework computes it: one step after the other.
    """
    if any(t.dtype == np.float64 for op in (first, second) for t in op.tensors().values()):
        return None
    if isinstance(first, Product) and isinstance(second, Affine):
        return _fold_after(first, second)
    if isinstance(first, Affine) and isinstance(second, Dense):
        return _fold_before(first, second)
    return None


def _fold_after(product: Product, affine: Affine) -> Op | None:
    """(x * kernel + bias) * scale + offset."""
    axis = product.outputs_axis
    filters = product.kernel.shape[axis]
    scale, offset = _along_last(affine.scale, filters), _along_last(affine.offset, filters)
    if scale is None or offset is None:
        return None
    bias = 0.0 if product.bias is None else product.bias.astype(np.float64)
    kernel = product.kernel * scale.reshape(-1, *[1] * (-1 - axis))
    return _with_weights(product, kernel, bias * scale + offset)


def _fold_before(affine: Affine, dense: Dense) -> Op | None:
    """(x * scale + offset) @ kernel + bias."""
    size = dense.kernel.shape[0]
    scale, offset = _along_last(affine.scale, size), _along_last(affine.offset, size)
    if scale is None or offset is None:
        return None
    kernel = dense.kernel.astype(np.float64)
    bias = 0.0 if dense.bias is None else dense.bias.astype(np.float64)
    return _with_weights(dense, scale[:, None] * kernel, offset @ kernel + bias)


def _with_weights(
    op: Product, kernel: np.ndarray[tuple[int, ...], np.dtype[np.float64]], bias: object
) -> Op | None:
    with np.errstate(over="ignore"):
        tensors = as_tensor(kernel), as_tensor(np.asarray(bias))
    if not all(np.isfinite(tensor).all() for tensor in tensors):
        return None
    return replace(op, kernel=tensors[0], bias=tensors[1])


def _along_last(
    tensor: Tensor, size: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    """The numbers of a tensor that differ along the last axis only, else None."""
    if any(n != 1 for n in tensor.shape[:-1]):
        return None
    return np.broadcast_to(tensor.astype(np.float64).reshape(-1), (size,))


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
    choice = None if graph.choice is None else source.get(graph.choice, graph.choice)
    return replace(graph, nodes=tuple(nodes), outputs=outputs, choice=choice)
