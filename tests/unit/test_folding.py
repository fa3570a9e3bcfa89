"""Affine ops go into their neighbours, transposes cancel, and the scores stay put."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scoring import score_graph
from tolerances import KERNEL_FLOAT32, check_close

from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Op, as_tensor
from exporter.ir.passes import simplify

RNG = np.random.default_rng(23)


def tensor(*shape: int) -> np.ndarray:
    """Random numbers."""
    return as_tensor(RNG.normal(size=shape))


def line(shape: tuple[int, ...], *steps: Op, outputs: tuple[int, ...] = ()) -> Graph:
    """A graph in which each op reads the one before."""
    shapes: list[ops.Shape] = [shape]
    nodes = []
    for number, op in enumerate(steps):
        shapes.append(op.output_shape(shapes[-1]))
        nodes.append(Node(op, (number,), number + 1, shapes[-1], f"layer_{number}"))
    ports = tuple(Port(f"y{v}", v, shapes[v]) for v in outputs or (len(steps),))
    return Graph(
        "m", (Port("x", 0, shape),), tuple(nodes), ports, Source("keras", "3", "m", "0"), 0
    )


AFFINE, CHANNELS = ops.Affine(tensor(6), tensor(6)), ops.Affine(tensor(1, 1, 5), tensor(1, 1, 5))
DENSE, DENSE_PLAIN = ops.Dense(tensor(6, 6), tensor(6)), ops.Dense(tensor(6, 6))
CONV = ops.Conv(tensor(3, 2, 2, 5), tensor(5), (1, 1), (1, 1), "same")
CONV_GROUPS = ops.Conv(tensor(3, 2, 1, 6), None, (1, 1), (1, 1), "valid", 2)
TURNED = ops.ConvTranspose(tensor(2, 2, 5, 2), tensor(5), (2, 2), (1, 1), (0, 0), (0, 0))
TO_LAST, TO_FIRST = ops.Transpose((1, 2, 0)), ops.Transpose((2, 0, 1))
FIRST = ops.Affine(tensor(5, 1, 1), tensor(5, 1, 1))
PIXELS = ops.Affine(tensor(1, 4, 1), tensor(1, 4, 1))
RELU = ops.Activation("relu")

# (input shape, ops, kernels that are left)
LINES: dict[str, tuple[tuple[int, ...], tuple[Op, ...], list[str]]] = {
    "after dense": ((6,), (DENSE, AFFINE), ["dense"]),
    "after dense without bias": ((6,), (DENSE_PLAIN, AFFINE), ["dense"]),
    "before dense": ((6,), (AFFINE, DENSE), ["dense"]),
    "before dense without bias": ((3, 6), (AFFINE, DENSE_PLAIN), ["dense"]),
    "on both sides": ((6,), (AFFINE, DENSE, AFFINE), ["dense"]),
    "activation between": ((6,), (DENSE, RELU, AFFINE), ["dense", "activation", "affine"]),
    "single numbers": ((6,), (DENSE, ops.Affine(tensor(1), tensor(1))), ["dense"]),
    "after conv": ((5, 4, 2), (CONV, CHANNELS), ["conv"]),
    "after conv in groups": (
        (5, 4, 2), (CONV_GROUPS, ops.Affine(tensor(1, 1, 6), tensor(1, 1, 6))), ["conv"],
    ),
    "after transposed conv": ((3, 4, 2), (TURNED, CHANNELS), ["conv_transpose"]),
    "before conv": (
        (5, 4, 2), (ops.Affine(tensor(1, 1, 2), tensor(1, 1, 2)), CONV), ["affine", "conv"],
    ),
    "along another axis": ((5, 4, 2), (CONV, PIXELS), ["conv", "affine"]),
    "channels first": (
        (2, 5, 4),
        (TO_LAST, CONV, TO_FIRST, FIRST, RELU, TO_LAST, ops.Pool("max", (2, 2), (2, 2), "valid"),
         TO_FIRST),
        ["transpose", "conv", "activation", "pool", "transpose"],
    ),
    "transposes that cancel": ((2, 5, 4), (TO_LAST, TO_FIRST), []),
    "transposes that do not": ((2, 5, 4), (TO_LAST, TO_LAST), ["transpose"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_folding_leaves_scores_where_they_are(name: str) -> None:
    shape, steps, left = LINES[name]
    graph = line(shape, *steps)
    once = simplify(graph)
    assert [node.op.kernel_name for node in once.nodes] == left
    assert simplify(once).digest == once.digest
    x = RNG.normal(size=(7, *shape)).astype(np.float32)
    for dtype in ("float32", "float64"):
        (y,), (expected,) = score_graph(once, [x], dtype), score_graph(graph, [x], dtype)
        check_close(y, expected, KERNEL_FLOAT32, f"{name} in {dtype}")


def test_values_that_are_used_twice_stay() -> None:
    graph = line((6,), DENSE, AFFINE, outputs=(1, 2))
    assert [node.op.kernel_name for node in simplify(graph).nodes] == ["dense", "affine"]


def test_kernels_that_are_used_twice_stay() -> None:
    graph = line((6,), DENSE, AFFINE, DENSE)
    assert len(simplify(graph).nodes) == 3


def test_a_scale_that_overflows_stays() -> None:
    huge = ops.Affine(as_tensor(np.full(6, 3e38)), tensor(6))
    large = replace(DENSE, kernel=as_tensor(np.full((6, 6), 10.0)))
    assert len(simplify(line((6,), large, huge)).nodes) == 2
