"""Passes leave scores where they are; plans are the same bytes for the same network only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scoring import score_graph
from tolerances import SAME, check_close

from exporter.formats import read
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, Source, count_numbers, format_shape
from exporter.ir.ops import Op, as_tensor
from exporter.ir.passes import (
    PASSES,
    drop_identities,
    drop_unused,
    merge_reshapes,
    renumber,
    simplify,
)
from exporter.ir.plan import FORMAT, Signature, plan_graph

RNG = np.random.default_rng(7)
KERNEL = as_tensor(RNG.normal(size=(6, 6)))
BIAS = as_tensor(RNG.normal(size=6))
X = RNG.normal(size=(5, 6)).astype(np.float32)


def graph_of(*steps: tuple[Op, tuple[int, ...]], outputs: tuple[int, ...] = ()) -> Graph:
    """A graph on one input of 6; values count from 1 in the order of the steps."""
    shapes = {0: (6,)}
    nodes = []
    for value, (op, inputs) in enumerate(steps, start=1):
        shapes[value] = op.output_shape(*(shapes[item] for item in inputs))
        nodes.append(Node(op, inputs, value, shapes[value], f"layer_{value}"))
    ports = tuple(Port(f"y{v}", v, shapes[v]) for v in outputs or (len(steps),))
    source = Source("keras", "2.2.4", "m.h5", "0" * 64)
    return Graph("m", (Port("x", 0, (6,)),), tuple(nodes), ports, source, 42)


DENSE = ops.Dense(KERNEL, BIAS)
LINEAR = ops.Activation("linear")
RELU = ops.Activation("relu")
FOLD, FLAT = ops.Reshape((2, 3)), ops.Reshape((-1,))

GRAPHS: dict[str, Graph] = {
    "plain": graph_of((DENSE, (0,)), (RELU, (1,))),
    "linear": graph_of((DENSE, (0,)), (LINEAR, (1,)), (LINEAR, (2,)), (RELU, (3,))),
    "only linear": graph_of((LINEAR, (0,))),
    "linear output": graph_of((DENSE, (0,)), (LINEAR, (1,)), outputs=(2, 1, 0)),
    "reshapes": graph_of((FOLD, (0,)), (ops.Reshape((3, 2)), (1,)), (FLAT, (2,)), (DENSE, (3,))),
    "reshape used twice": graph_of(
        (FOLD, (0,)), (FLAT, (1,)), (ops.Transpose((1, 0)), (1,)), (FLAT, (3,)),
        (ops.Concatenate(0), (2, 4)),
    ),
    "unused": graph_of((DENSE, (0,)), (RELU, (0,)), (RELU, (1,)), (DENSE, (2,)), outputs=(3,)),
    "shared weights": graph_of((DENSE, (0,)), (DENSE, (1,)), (ops.Add(), (1, 2))),
    "input as output": graph_of((LINEAR, (0,)), outputs=(0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("transform", [*PASSES, simplify], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", GRAPHS)
def test_scores_stay_put(name: str, transform: Callable[[Graph], Graph]) -> None:
    before = score_graph(GRAPHS[name], [X])
    after = score_graph(transform(GRAPHS[name]), [X])
    for a, b in zip(after, before, strict=True):
        check_close(a, b, SAME, f"{name} after {transform.__name__}")


def kernels(graph: Graph) -> list[str]:
    """Names of the graph's kernels in order."""
    return [node.op.kernel_name for node in graph.nodes]


def test_drop_identities() -> None:
    assert kernels(drop_identities(GRAPHS["linear"])) == ["dense", "activation"]
    assert kernels(drop_identities(GRAPHS["only linear"])) == []
    assert drop_identities(GRAPHS["only linear"]).outputs[0].value == 0


def test_merge_reshapes_then_nothing_is_left_of_them() -> None:
    assert kernels(simplify(GRAPHS["reshapes"])) == ["dense"]
    merged = merge_reshapes(GRAPHS["reshapes"])
    assert [node.inputs for node in merged.nodes[:3]] == [(0,), (0,), (0,)]


def test_drop_unused() -> None:
    assert [node.value for node in drop_unused(GRAPHS["unused"]).nodes] == [1, 3]


def test_renumber_closes_gaps() -> None:
    renumbered = renumber(drop_unused(GRAPHS["unused"]))
    assert [node.value for node in renumbered.nodes] == [1, 2]
    assert renumbered.outputs[0].value == 2


def test_simplified_is_simple() -> None:
    for graph in GRAPHS.values():
        once = simplify(graph)
        assert simplify(once).digest == once.digest
        assert [node.value for node in once.nodes] == list(range(1, len(once.nodes) + 1))


def test_same_network_same_digest() -> None:
    linear = graph_of((DENSE, (0,)), (RELU, (1,)), outputs=(2,))
    detour = graph_of((LINEAR, (0,)), (DENSE, (1,)), (RELU, (2,)), outputs=(3,))
    detour = replace(detour, outputs=(replace(detour.outputs[0], name="y2"),))
    assert simplify(linear).digest == simplify(detour).digest


# Plans


SIGNATURE = Signature("fraud", ("a", "b", "c", "d", "e", "f"), ("s", "t"), ("no", "yes"), 0.5)


def test_same_bytes_twice() -> None:
    first, second = plan_graph(GRAPHS["plain"], SIGNATURE), plan_graph(GRAPHS["plain"], SIGNATURE)
    assert (first.text, first.block, first.version) == (second.text, second.block, second.version)
    assert first.digest == first.version
    assert len(first.version) == 64


def changed_weight() -> Graph:
    """The plain graph with the smallest change of one weight."""
    kernel = np.array(KERNEL)
    kernel[5, 5] = np.nextafter(kernel[5, 5], np.float32(np.inf))
    return graph_of((ops.Dense(as_tensor(kernel), BIAS), (0,)), (RELU, (1,)))


def test_version_changes_with_any_weight() -> None:
    plain, changed = GRAPHS["plain"], changed_weight()
    assert plan_graph(plain, SIGNATURE).version != plan_graph(changed, SIGNATURE).version
    assert plain.digest != changed.digest


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"features": ("a", "b", "c", "d", "f", "e")},
        {"feature_table": ("s", "u")},
        {"feature_table": None},
        {"labels": ("no", "Yes")},
        {"labels": ()},
        {"threshold": 0.25},
        {"threshold": None},
    ],
)
def test_version_changes_with_the_signature(change: dict[str, object]) -> None:
    changed = replace(SIGNATURE, **change)  # type: ignore[arg-type]
    plain = GRAPHS["plain"]
    assert plan_graph(plain, SIGNATURE).version != plan_graph(plain, changed).version


def test_version_changes_with_structure_and_names_of_ports() -> None:
    plain = GRAPHS["plain"]
    tanh = graph_of((DENSE, (0,)), (ops.Activation("tanh"), (1,)))
    limited = graph_of((DENSE, (0,)), (ops.Activation("relu", (("max_value", 6.0),)), (1,)))
    renamed = replace(plain, inputs=(replace(plain.inputs[0], name="z"),))
    versions = {plan_graph(g, SIGNATURE).version for g in (plain, tanh, limited, renamed)}
    assert len(versions) == 4
    assert len({g.digest for g in (plain, tanh, limited, renamed)}) == 4


def test_version_does_not_depend_on_where_the_file_came_from() -> None:
    plain = GRAPHS["plain"]
    moved = replace(plain, source=Source("keras", "3.0.0", "copy.h5", "1" * 64), warnings=("w",))
    assert plan_graph(plain, SIGNATURE).version == plan_graph(moved, SIGNATURE).version


def test_a_version_names_the_computation_and_outlives_the_program_that_wrote_it() -> None:
    """Scores are kept under it: this one was given before anything else of the program changed."""
    file = Path(__file__).parents[2] / "examples" / "digits" / "digits.h5"
    plan = plan_graph(simplify(read(file)), Signature("reader", labels=tuple("abcdefghij")))
    assert plan.version == "c5c7d488c34bc61952327c3ed9ac96cc3d0af9306a4260301f83aedb5150446a"


def test_shared_weights_are_stored_once() -> None:
    plan = plan_graph(GRAPHS["shared weights"], SIGNATURE)
    assert [entry.name for entry in plan.tensors] == ["layer_1/kernel", "layer_1/bias"]
    assert len(plan.block) == 4 * (36 + 6)


def test_a_weight_is_known_by_name_and_digest() -> None:
    """Not by where it lies in memory: a copy is the same weight, an equal one of another is not."""
    copy = as_tensor(np.array(KERNEL), KERNEL.name)
    same = graph_of((ops.Dense(KERNEL), (0,)), (ops.Dense(copy), (1,)))
    plan = plan_graph(same, SIGNATURE)
    assert [entry.name for entry in plan.tensors] == ["layer_1/kernel"]
    assert plan.numbers == {KERNEL.key: 0}
    assert simplify(folded_after(same)).digest == folded_after(same).digest

    equal = as_tensor(np.array(KERNEL))
    two = graph_of((ops.Dense(KERNEL), (0,)), (ops.Dense(equal), (1,)))
    plan = plan_graph(two, SIGNATURE)
    assert [entry.name for entry in plan.tensors] == ["layer_1/kernel", "layer_2/kernel"]
    assert plan.tensors[0].sha256 == plan.tensors[1].sha256
    assert len(simplify(folded_after(two)).nodes) == 2

    other = as_tensor(np.array(KERNEL) + 1, KERNEL.name)
    assert other.key != KERNEL.key
    named_alike = graph_of((ops.Dense(KERNEL), (0,)), (ops.Dense(other), (1,)))
    assert len(plan_graph(named_alike, SIGNATURE).tensors) == 2


def folded_after(graph: Graph) -> Graph:
    """The graph with a scale and an offset behind its last node, which may go into its kernel."""
    last = graph.nodes[-1]
    op = ops.Affine(as_tensor(np.full(6, 2.0)), as_tensor(np.ones(6)))
    node = Node(op, (last.value,), last.value + 1, last.shape, "scaled")
    port = replace(graph.outputs[0], value=node.value)
    return replace(graph, nodes=(*graph.nodes, node), outputs=(port,))


def test_what_is_made_from_a_weight_is_another() -> None:
    tensor = as_tensor(np.arange(6.0), "w")
    assert (tensor * 1).digest == tensor.digest
    assert (tensor * 1).name != tensor.name != tensor.reshape(2, 3).name
    with pytest.raises(ValueError, match="read-only"):
        tensor[0] = 1


def test_an_array_without_a_name_is_refused() -> None:
    with pytest.raises(TypeError, match="kernel of dense is an array, not a Tensor"):
        ops.Dense(np.ones((2, 2)))  # type: ignore[arg-type]


def test_plan_as_json() -> None:
    plan = plan_graph(GRAPHS["plain"], SIGNATURE)
    parsed = json.loads(plan.text)
    assert plan.text.isascii()
    assert parsed["format"] == FORMAT
    assert parsed["model"] == "fraud"
    assert parsed["inputs"] == [{"name": "x", "shape": [6]}]
    assert parsed["outputs"] == [{"name": "y2", "shape": [6], "value": 2}]
    assert parsed["tensors"] == [["layer_1/kernel", 0, [6, 6]], ["layer_1/bias", 36, [6]]]
    assert np.frombuffer(plan.block, "<f4")[36:].tolist() == BIAS.tolist()


def test_a_network_without_weights_has_an_empty_block() -> None:
    graph = graph_of((RELU, (0,)))
    assert plan_graph(graph, SIGNATURE).block == b""
    check_close(score_graph(graph, [X])[0], np.maximum(X, 0), SAME, "relu")


def test_texts() -> None:
    plan = plan_graph(GRAPHS["plain"], SIGNATURE)
    assert str(plan) == f"plan {plan.version[:12]}: 2 tensors, 168 bytes"
    text = str(GRAPHS["plain"])
    assert "42 parameters, saved by keras 2.2.4" in text
    assert "dense(0)" in text
    assert format_shape((28, None, 1)) == "28 x ? x 1"
    assert format_shape(()) == "1"
    assert count_numbers((2, 3)) == 6
    assert count_numbers((None, 3)) is None
