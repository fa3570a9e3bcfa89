"""Networks made of ops, without a framework: by name, and at random."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import (
    Activation,
    Affine,
    Concatenate,
    Conv,
    Dense,
    Embedding,
    Gru,
    LayerNormalization,
    LocallyConnected,
    LogSoftmax,
    Lstm,
    Op,
    Pool,
    Prelu,
    Reduce,
    Reshape,
    Shape,
    SimpleRnn,
    Softmax,
    Standardize,
    Tensor,
    UnitNormalization,
    as_tensor,
)

RNG = np.random.default_rng(17)
SOURCE = Source("keras", "3.12.0", "network.keras", "0" * 64)


def draw(*shape: int, scale: float = 1.0) -> Tensor:
    """Random weights."""
    return as_tensor(RNG.normal(scale=scale, size=shape))


def chain(shape: Shape, *ops: Op, name: str = "x") -> Graph:
    """Ops on one input, one after the other."""
    nodes = []
    given = shape
    for value, op in enumerate(ops, 1):
        shape = op.output_shape(shape)
        nodes.append(Node(op, (value - 1,), value, shape, f"layer_{value}"))
    outputs = (Port("y", len(ops), shape),)
    return Graph("chain", (Port(name, 0, given),), tuple(nodes), outputs, SOURCE, 0)


def dense(inputs: int, units: int) -> Dense:
    """A Dense whose outputs are about as large as its inputs."""
    return Dense(draw(inputs, units, scale=inputs**-0.5), draw(units))


def mlp(*widths: int, last: Op | None = None) -> Graph:
    """relu between layers of these widths."""
    ops: list[Op] = []
    for inputs, units in itertools.pairwise(widths):
        ops += [dense(inputs, units), Activation("relu")]
    ops[-1] = last or Activation("sigmoid")
    return chain(widths[:1], *ops)


def lstm(inputs: int, units: int, result: str = "last") -> Lstm:
    """An LSTM as Keras makes it."""
    return Lstm(
        draw(inputs, 4 * units, scale=inputs**-0.5),
        draw(units, 4 * units, scale=units**-0.5),
        draw(4 * units),
        ("tanh", ()),
        result,
        False,
        False,
        False,
        ("sigmoid", ()),
    )


def two_ports() -> Graph:
    """Two inputs and two outputs, one of them a single number."""
    nodes = (
        Node(Concatenate(0), (0, 1), 2, (5,), "join"),
        Node(dense(5, 3), (2,), 3, (3,), "hidden"),
        Node(Softmax(0), (3,), 4, (3,), "kind"),
        Node(dense(3, 1), (3,), 5, (1,), "size"),
    )
    inputs = (Port("left", 0, (2,)), Port("right", 1, (3,)))
    outputs = (Port("kind", 4, (3,)), Port("size", 5, (1,)))
    return Graph("ports", inputs, nodes, outputs, SOURCE, 0)


FIXED: dict[str, Graph] = {
    "mlp": mlp(28, 16, 8, 1),
    "classes": mlp(4, 8, 3, last=Softmax(0)),
    "one_feature": mlp(1, 1),
    "ports": two_ports(),
    "images": chain(
        (8, 8, 1),
        Conv(draw(3, 3, 1, 4), draw(4), (1, 1), (1, 1), "same"),
        Activation("relu"),
        Pool("max", (2, 2), (2, 2), "valid"),
        Reshape((64,)),
        dense(64, 3),
        Softmax(0),
    ),
    "local": chain(
        (5, 6, 2),
        LocallyConnected(draw(2, 5, 3, 2, 2, 3), draw(2, 5, 3), (2, 1)),
        Activation("tanh"),
        Reshape((10, 3)),
        LocallyConnected(draw(8, 3, 3, 2), None, (1,)),
    ),
    "sequence": chain((6, 3), lstm(3, 4), dense(4, 1)),
    "free_sequence": chain((None, 3), lstm(3, 4), dense(4, 2)),
    "words": chain((5,), Embedding(draw(9, 4)), Reduce("mean", (0,)), dense(4, 2), Softmax(0)),
    "no_weights": chain((4,), Activation("tanh"), LogSoftmax(0)),
    "one_embedding_in_blocks": chain((3,), Embedding(draw(1100, 1000)), Reduce("sum", (0,))),
    "one_dense_in_blocks": chain((1100,), dense(1100, 1000), Activation("tanh"), dense(1000, 2)),
}

ACTIVATIONS = st.sampled_from(
    [
        Activation(name)
        for name in (
            "linear", "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softplus", "softsign",
            "elu", "selu", "silu", "mish", "gelu", "hard_tanh", "hard_sigmoid", "log_sigmoid",
        )
    ]
    + [
        Activation("relu", (("negative_slope", 0.25), ("max_value", 1.5), ("threshold", 0.125))),
        Activation("elu", (("alpha", 0.5),)),
        Activation("gelu", (("approximate", True),)),
    ]
)  # fmt: skip


@st.composite
def random_mlps(draw_from: st.DrawFn) -> Graph:
    """Dense layers with whatever keeps the shape between them."""
    width = draw_from(st.integers(1, 9))
    first = (width,)
    ops: list[Op] = []
    for _ in range(draw_from(st.integers(1, 5))):
        kind = draw_from(st.sampled_from(["dense", "bare", "scale", "shift", "slope", "norm"]))
        if kind in ("dense", "bare"):
            units = draw_from(st.integers(1, 9))
            made = dense(width, units)
            ops.append(made if kind == "dense" else Dense(made.kernel))
            width = units
        elif kind == "scale":
            ops.append(Affine(draw(width), draw(width)))
        elif kind == "shift":
            ops.append(Standardize(draw(1), as_tensor(RNG.uniform(0.5, 2, width))))
        elif kind == "slope":
            ops.append(Prelu(draw(width)))
        else:
            gamma = draw(width) if draw_from(st.booleans()) else None
            ops.append(LayerNormalization((0,), 1e-3, gamma, draw(width)))
        ops.append(draw_from(ACTIVATIONS))
    last: list[Op] = [
        Activation("sigmoid"),
        Softmax(0),
        LogSoftmax(0),
        UnitNormalization((0,), 1.0),
    ]
    ops.append(draw_from(st.sampled_from(last)))
    return chain(first, *ops)


@st.composite
def random_recurrent(draw_from: st.DrawFn) -> tuple[Graph, int]:
    """Stacks of recurrent layers; and how many steps."""
    steps, width = draw_from(st.integers(1, 5)), draw_from(st.integers(1, 4))
    first = (draw_from(st.sampled_from([steps, None])), width)
    ops: list[Op] = []
    for place in range(draw_from(st.integers(1, 3))):
        units = draw_from(st.integers(1, 4))
        kind = draw_from(st.sampled_from([SimpleRnn, Lstm, Gru]))
        result = "sequence" if place == 0 else draw_from(st.sampled_from(["sequence", "last"]))
        ops.append(random_layer(draw_from, kind, width, units, result))
        width = units
        if result == "last":
            break
    ops.append(dense(width, 2))
    return chain(first, *ops), steps


def random_layer(draw_from: st.DrawFn, kind: type[Op], inputs: int, units: int, result: str) -> Op:
    """A recurrent layer with random options."""
    gates = kind.gates  # type: ignore[attr-defined]
    function = (draw_from(st.sampled_from(["tanh", "sigmoid", "softsign", "softmax"])), ())
    gate = (draw_from(st.sampled_from(["sigmoid", "hard_sigmoid", "tanh"])), ())
    shared = (
        draw(inputs, gates * units, scale=inputs**-0.5),
        draw(units, gates * units, scale=units**-0.5),
        draw(gates * units) if kind is Gru or draw_from(st.booleans()) else None,
        function,
        result,
        False,
        False,
        False,
    )
    if kind is SimpleRnn:
        return SimpleRnn(*shared)
    if kind is Lstm:
        return Lstm(*shared, gate)
    reset_after = draw_from(st.booleans())
    return Gru(*shared, draw(3 * units) if reset_after else None, gate, reset_after)


@st.composite
def random_convolutions(draw_from: st.DrawFn) -> Graph:
    """A convolution over one or two axes, then a pool."""
    rank = draw_from(st.integers(1, 2))
    shape = (*draw_from(st.lists(st.integers(3, 6), min_size=rank, max_size=rank)),)
    groups = draw_from(st.integers(1, 3))
    depth, filters = draw_from(st.integers(1, 2)), groups * draw_from(st.integers(1, 2))
    channels = groups * depth
    size = draw_from(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    strides, dilation = (1,) * rank, (1,) * rank
    if draw_from(st.booleans()):
        strides = (draw_from(st.integers(1, 2)),) * rank
    padding = draw_from(st.sampled_from(["valid", "same", *(["causal"] if rank == 1 else [])]))
    if padding != "valid" and strides == dilation:
        dilation = (draw_from(st.integers(1, 2)),) * rank
    bias = draw(filters) if draw_from(st.booleans()) else None
    conv = Conv(draw(*size, depth, filters), bias, strides, dilation, padding, groups)
    left = conv.output_shape((*shape, channels))
    pool = Pool(
        draw_from(st.sampled_from(["max", "average"])),
        tuple(min(2, n or 1) for n in left[:-1]),
        (1,) * rank,
        draw_from(st.sampled_from(["valid", "same"])),
    )
    return chain((*shape, channels), conv, Activation("tanh"), pool)


def inputs_of(graph: Graph, rows: int, free_length: int = 4, seed: int = 0) -> list[np.ndarray]:
    """Rows for every input; whole numbers where an Embedding takes them."""
    rng = np.random.default_rng(seed)
    first: Sequence[Node] = graph.nodes[:1]
    sizes = [node.op.table.shape[0] for node in first if isinstance(node.op, Embedding)]
    arrays = []
    for port in graph.inputs:
        shape = (rows, *(free_length if n is None else n for n in port.shape))
        values = rng.integers(sizes[0], size=shape) if sizes else rng.normal(size=shape)
        arrays.append(values.astype(np.float32))
    return arrays
