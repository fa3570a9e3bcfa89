"""Scores computed on this machine, by the very text that is shipped into databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from exporter.engines.plpython.runtime import part
from exporter.ir.graph import Graph
from exporter.ir.ops import Op, Trees
from exporter.ir.passes import needed_values
from exporter.ir.plan import Plan

Array = np.ndarray[Any, np.dtype[Any]]


def evaluate(plan: Plan, inputs: list[Array], dtype: str = "float64") -> list[Array]:
    """Outputs of a batch.

    Shapes: inputs (rows, ...) each -> outputs (rows, ...) each.
    Types: texts are arrays of objects. dtype is what is computed where the plan says float32:
    float64 for expected outputs (only its casts round then), float32 for what a database will
    compute. What the plan says is float64 is that in both.
    """
    if dtype == "float64":
        return _evaluate_by_steps(plan, inputs)
    model = part("load").load(plan.version, plan.text, plan.block, dtype)
    results = model.run(
        [
            array if array.dtype == object else model.as_numbers(array, port)
            for array, port in zip(inputs, model.inputs, strict=True)
        ]
    )
    return [np.asarray(result) for result in results[: len(model.outputs)]]


def _evaluate_by_steps(plan: Plan, inputs: list[Array]) -> list[Array]:
    """The same in float64, each step by itself: only the weights of one are in memory twice as
    large as they are stored."""
    document = json.loads(plan.text)
    steps, entries = document["steps"], document["tensors"]
    results = [port["value"] for port in document["outputs"]]
    last_use = {slot: len(steps) for slot in results}
    for position in reversed(range(len(steps))):
        for slot in [*steps[position]["inputs"], steps[position]["output"]]:
            last_use.setdefault(slot, position)
    values = {
        slot: array if array.dtype == object else array.astype(np.float64)
        for slot, array in enumerate(inputs)
    }
    with np.errstate(all="ignore"):
        for position, step in enumerate(steps):
            own = [entries[number] for number in step["tensors"].values()]
            alone = {**step, "tensors": dict(zip(step["tensors"], range(len(own)), strict=True))}
            (((call, sources, target, _),), _) = part("steps")._compile(
                {"steps": [alone], "outputs": [{"value": step["output"]}]},
                part("load").read_tensors(own, plan.block, "float64"),
                np.dtype(np.float64),
            )
            values[target] = call(*[values[source] for source in sources])
            del call
            values = {
                slot: value for slot, value in values.items() if last_use.get(slot, -1) > position
            }
    return [np.asarray(values[slot]) for slot in results]


def kernel_of(op: Op) -> Callable[..., Array]:
    """What computes an op: the kernel with its parameters and weights."""
    call: Callable[..., Array] = part("tables").KERNELS[op.kernel_name](
        **op.parameters(), **{name: np.asarray(tensor) for name, tensor in op.tensors().items()}
    )
    return call


def tree_columns(op: Trees) -> Any:
    """What computes the columns that trees compare: make(x (rows, n)) -> (columns, rows)."""
    columns, members = np.asarray(op.columns).astype(np.intp), np.asarray(op.members)
    return part("tree_columns").TreeColumns(columns, members)


def compute_values(graph: Graph, inputs: Sequence[Array], wanted: set[int]) -> dict[int, Array]:
    """Values of a graph for a batch: those that are wanted, and what they are computed from; what
    refuses rows is asked too.

    Raises: ValueError, where a row holds what the model does not take.
    """
    needed = needed_values(graph, wanted)
    values = {port.value: array for port, array in zip(graph.inputs, inputs, strict=True)}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node.value in needed:
                values[node.value] = kernel_of(node.op)(*[values[value] for value in node.inputs])
    return values
