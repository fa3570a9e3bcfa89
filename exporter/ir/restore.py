"""The way back: a plan's JSON as ports, signature and graph again.

A plan holds everything that decides what a model's functions are, because they are named by its
digest. What it leaves out are bounds of inputs, which only sample rows need, and names of layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Op, Shape, Tensor
from exporter.ir.ops.base import name_kernel
from exporter.ir.ops.tensor import named
from exporter.ir.plan import Plan, Signature, TensorEntry
from exporter.ir.windows import Padding, Target, Window

Document: TypeAlias = Mapping[str, Any]
"""A plan as json.loads gives it."""


def restore_signature(document: Document) -> Signature:
    """How the model is called."""
    table = document["feature_table"]
    return Signature(
        name=document["model"],
        features=tuple(document["features"]),
        feature_table=(table[0], table[1]) if table else None,
        labels=tuple(document["labels"]),
        threshold=document["threshold"],
        window=restore_window(document.get("window")),
    )


def restore_window(content: Document | None) -> Window | None:
    """The window of a stored plan; None where the model takes rows."""
    if content is None:
        return None
    padding = content.get("padding")
    return Window(
        content["length"],
        content["step"],
        None if padding is None else Padding(*padding),
        tuple(Column(*column) for column in content.get("columns", ())),
        tuple(Target(*target) for target in content.get("targets", ())),
    )


def restore_inputs(document: Document) -> tuple[Port, ...]:
    """The inputs, without bounds; their values are 0, 1, ..."""
    return tuple(
        Port(
            item["name"],
            value,
            tuple(item["shape"]),
            item.get("dtype", "float32"),
            columns=tuple(Column(*column) for column in item.get("columns", ())),
        )
        for value, item in enumerate(document["inputs"])
    )


def restore_outputs(document: Document) -> tuple[Port, ...]:
    """The outputs."""
    return tuple(
        Port(item["name"], item["value"], tuple(item["shape"]), item.get("dtype", "float32"))
        for item in document["outputs"]
    )


def restore_plan(text: str, document: Document, block: bytes) -> Plan:
    """The plan with its weights; its numbers are those of restore_graph's weights."""
    tensors = list(_cut(document["tensors"], block))
    entries = tuple(
        TensorEntry(name, offset, tuple(shape), tensor.digest, tensor.code)
        for (name, offset, shape, *_), tensor in zip(document["tensors"], tensors, strict=True)
    )
    return Plan(text, block, entries, {tensor.key: n for n, tensor in enumerate(tensors)})


def restore_graph(
    document: Document,
    block: bytes,
    source: Source,
    parameters: int,
    layers: Sequence[str] | None = None,
) -> Graph:
    """The graph that the plan was made from, with the weights as views of the block.

    layers are the names of the nodes' layers; without them a node is named after its weights, or
    its kernel. The plan of the result has the same text and the same block.
    Raises: KeyError, for a kernel that no op has.
    """
    tensors = list(_cut(document["tensors"], block))
    inputs = restore_inputs(document)
    shapes: dict[int, Shape] = {port.value: port.shape for port in inputs}
    kinds = _kinds()
    nodes = []
    for number, step in enumerate(document["steps"]):
        weights = {name: tensors[place] for name, place in step["tensors"].items()}
        op = kinds[step["kernel"]].restore(step["parameters"], weights)
        value = step["output"]
        shapes[value] = op.output_shape(*(shapes[item] for item in step["inputs"]))
        layer = layers[number] if layers is not None else _name_layer(document, step)
        nodes.append(Node(op, tuple(step["inputs"]), value, shapes[value], layer))
    outputs = restore_outputs(document)
    return Graph(
        document["model"],
        inputs,
        tuple(nodes),
        outputs,
        source,
        parameters,
        choice=document.get("choice"),
        rows=_restore_rows(document, inputs),
    )


def _restore_rows(document: Document, inputs: Sequence[Port]) -> tuple[Port, ...]:
    """The inputs as they are for one row, where windows have steps of rows."""
    window = restore_window(document.get("window"))
    if window is None or "steps" not in document["window"]:
        return ()
    return tuple(
        replace(
            port,
            shape=port.shape[1:],
            columns=tuple(c for c in window.columns if c.is_text == port.is_text),
        )
        for port in inputs
    )


def _cut(entries: Sequence[Any], block: bytes) -> Iterator[Tensor]:
    """The weights, named by their numbers: two layers may have the same name."""
    for number, (_, offset, shape, *code) in enumerate(entries):
        flat = np.frombuffer(block, f"<{code[0] if code else 'f4'}", math.prod(shape), 4 * offset)
        yield named(flat.reshape(shape), str(number))


def _name_layer(document: Document, step: Mapping[str, Any]) -> str:
    """The layer's part of its first tensor's name, which is layer/field."""
    for place in step["tensors"].values():
        return str(document["tensors"][place][0]).rpartition("/")[0]
    return str(step["kernel"])


def _kinds() -> dict[str, type[Op]]:
    """Every op by its kernel's name."""

    def below(kind: type[Op]) -> Iterator[type[Op]]:
        yield kind
        for item in kind.__subclasses__():
            yield from below(item)

    return {name_kernel(kind): kind for kind in below(Op)}
