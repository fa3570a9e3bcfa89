"""Networks over sequences as graphs: branches of one input, each with an output of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Op, Tensor, as_tensor

Function = tuple[str, tuple[tuple[str, float | bool], ...]]
TANH: Function = ("tanh", ())
SIGMOID: Function = ("sigmoid", ())
RELU: Function = ("relu", ())


@dataclass
class Branches:
    """Nodes over one input (positions, columns), and the outputs so far."""

    shape: tuple[int, ...]
    seed: int = 0
    nodes: list[Node] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.shapes: dict[int, tuple[int, ...]] = {0: self.shape}

    def weights(self, *shape: int, size: float = 1.0) -> Tensor:
        """Normal numbers whose products with others are about as large as these."""
        spread = size / math.sqrt(max(1, math.prod(shape[:-1])))
        return as_tensor(
            self.rng.normal(0, spread, shape), f"w{len(self.nodes)}_{self.rng.random()}"
        )

    def add(self, op: Op, *inputs: int) -> int:
        """A node; the number of its value."""
        value = len(self.nodes) + 1
        shape = op.output_shape(*(self.shapes[n] for n in inputs))
        self.shapes[value] = tuple(n or 0 for n in shape)
        self.nodes.append(Node(op, inputs, value, shape, f"{op.kernel_name}_{value}"))
        return value

    def output(self, value: int) -> None:
        """Make a value an output."""
        self.outputs.append(Port(f"out_{len(self.outputs)}", value, self.shapes[value]))

    def conv(
        self, x: int, filters: int, taps: int, function: str = "relu", padding: str = "valid",
        stride: int = 1, gap: int = 1, groups: int = 1,
    ) -> int:  # fmt: skip
        """A convolution and its activation."""
        kernel = self.weights(taps, self.shapes[x][-1] // groups, filters)
        bias = self.weights(filters)
        y = self.add(ops.Conv(kernel, bias, (stride,), (gap,), padding, groups), x)
        return self.add(ops.Activation(function), y)

    def pool(self, x: int, mode: str, size: int, stride: int, padding: str = "valid") -> int:
        """Pooling."""
        return self.add(ops.Pool(mode, (size,), (stride,), padding), x)

    def dense(self, x: int, units: int, function: str = "linear") -> int:
        """A dense layer."""
        kernel, bias = self.weights(self.shapes[x][-1], units), self.weights(units)
        return self.add(ops.Activation(function), self.add(ops.Dense(kernel, bias), x))

    def recurrent(
        self, kind: str, x: int, units: int, *others: int, result: str = "sequence",
        function: Function = TANH, gate: Function = SIGMOID, size: float = 1.0,
        zeroes: bool = False, is_masked: bool = False, reset_after: bool = True,
        has_bias: bool = True,
    ) -> int:  # fmt: skip
        """SimpleRnn, Lstm or Gru."""
        columns = {"SimpleRnn": 1, "Lstm": 4, "Gru": 3}[kind] * units
        kernels = self.weights(self.shapes[x][1], columns), self.weights(units, columns, size=size)
        bias = self.weights(columns) if has_bias else None
        has_states = len(others) > is_masked
        shared = (*kernels, bias, function, result, is_masked, has_states, zeroes)
        late = self.weights(columns) if has_bias and reset_after else None
        op: Op
        if kind == "SimpleRnn":
            op = ops.SimpleRnn(*shared)
        elif kind == "Lstm":
            op = ops.Lstm(*shared, gate)
        else:
            op = ops.Gru(*shared, late, gate, reset_after)
        return self.add(op, x, *others)

    def graph(self, name: str) -> Graph:
        """What was added."""
        source = Source("test", "1", f"{name}.h5", "0" * 64)
        port = Port("x", 0, self.shape)
        return Graph(name, (port,), tuple(self.nodes), tuple(self.outputs), source, 0)


def of_all_kinds() -> Graph:
    """Every layer over a sequence of 40 rows of 4 columns, and what stands between such."""
    b = Branches((40, 4), seed=3)
    large = b.conv(0, 64, 3, padding="same")  # more numbers than are copied for each row
    b.output(b.pool(b.conv(large, 8, 5, "tanh", "causal", gap=2, groups=2), "max", 2, 2))
    b.output(b.pool(b.conv(large, 4, 3, "sigmoid", stride=3), "average", 3, 2, "same"))
    b.output(b.pool(b.pool(b.conv(0, 6, 4, "sigmoid"), "average", 2, 2), "max", 3, 3))
    b.output(
        b.pool(b.conv(0, 4, 2, "gelu", "same", stride=2, gap=1, groups=4), "max", 3, 1, "same")
    )
    for function in ("max", "min", "mean", "sum"):
        b.output(b.add(ops.Reduce(function, (0,), False), b.conv(0, 5, 3, "elu")))
        b.output(b.pool(b.add(ops.Reduce(function, (0,), True), 0), "average", 2, 1, "same"))
    steps = b.dense(b.dense(0, 6, "sigmoid"), 5, "selu")
    normal = ops.LayerNormalization((1,), 1e-3, b.weights(5), b.weights(5))
    b.output(b.add(ops.Softmax(1), b.add(normal, steps)))
    scaled = ops.Affine(as_tensor(b.rng.normal(size=(1, 5))), as_tensor(b.rng.normal(size=(1, 5))))
    b.output(b.add(ops.Prelu(b.weights(5)), b.add(scaled, steps)))
    b.output(b.add(ops.Pad(((2, 1), (0, 3)), 0.5), b.pool(0, "average", 7, 5)))
    mask = b.add(ops.Reduce("max", (1,), False), b.add(ops.NotEqual(0.0), 0))
    b.output(b.dense(b.add(ops.MaskedMean(0), b.dense(0, 3, "tanh"), mask), 2))
    backward = b.add(ops.Cut(((None, None, -1), (None, None, None))), 0)
    for kind in ("SimpleRnn", "Lstm", "Gru"):
        first = b.recurrent(kind, 0, 5, gate=("hard_sigmoid", (("slope", 0.2),)))
        b.output(b.recurrent(kind, first, 3, result="last", has_bias=False))
        b.output(b.recurrent(kind, 0, 3, mask, zeroes=True, is_masked=True))
        state = b.dense(b.add(ops.Reduce("mean", (0,), False), 0), 3, "tanh")
        states = (state, state) if kind == "Lstm" else (state,)
        for result in ("last", "hidden", "cell")[: 3 if kind == "Lstm" else 2]:
            b.output(b.recurrent(kind, 0, 3, mask, *states, result=result, is_masked=True))
        b.output(b.recurrent(kind, backward, 3, function=SIGMOID, reset_after=False))
    return b.graph("kinds")


def that_grow() -> Graph:
    """States without a bound: beyond what a vector takes, a row is scored in double precision."""
    b = Branches((30, 2), seed=5)
    for kind in ("SimpleRnn", "Lstm", "Gru"):
        y = b.recurrent(kind, 0, 4, function=RELU, size=4.0, result="last")
        b.output(y)
        linear: Function = ("linear", ())
        b.output(b.recurrent(kind, 0, 4, function=linear, gate=RELU, result="last", size=0.5))
    return b.graph("grow")


def that_fade() -> Graph:
    """States that become smaller than the smallest number, step by step."""
    b = Branches((60, 1), seed=7)
    x = 0
    for kind, columns in (("Lstm", 8), ("Gru", 6)):
        bias = np.full(columns, -400.0) if kind == "Lstm" else np.array([-90.0] * 4 + [0.0] * 2)
        nothing = as_tensor(np.zeros((2, columns))), as_tensor(bias)
        kernel = b.weights(1, columns)
        state = b.dense(b.add(ops.Reshape((60,)), x), 2, "tanh")
        shared = (kernel, *nothing, TANH, "last", False, True, False)
        if kind == "Lstm":
            b.output(b.add(ops.Lstm(*shared, SIGMOID), x, state, state))
        else:
            b.output(b.add(ops.Gru(*shared, None, SIGMOID, False), x, state))
    return b.graph("fade")
