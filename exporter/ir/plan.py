"""The plan: what a runtime executes, as versioned JSON steps plus one block of weights."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from exporter.errors import counted
from exporter.ir.columns import as_list, renamed
from exporter.ir.graph import Graph, Port
from exporter.ir.ops import Dtype, Key, Tensor, UnfoldTime
from exporter.ir.ops.base import MAX_BATCH_ROWS
from exporter.ir.windows import Window

FORMAT = 1
FIRST_EXPORTER = "0.1.0"  # stands in every plan of format 1; a version names the computation only
BATCH_NUMBERS = 2**21  # what one value of a batch may hold: 8 MiB


@dataclass(frozen=True)
class Signature:
    """How a model is called from SQL.

    features are parameter names of the scalar form, of all inputs in the order of their columns'
    places; feature_table is (schema, table) whose row type is accepted; labels and threshold make
    label() available. window is there where the model takes rows of a series; the columns are then
    its own, and features none.
    """

    name: str
    features: tuple[str, ...] = ()
    feature_table: tuple[str, str] | None = None
    labels: tuple[str, ...] = ()
    threshold: float | None = None
    window: Window | None = None


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor lies in the block: offset counts units of four bytes.

    dtype is one of CODES; what is of eight bytes begins at an even offset.
    """

    name: str
    offset: int
    shape: tuple[int, ...]
    sha256: str
    dtype: str = "f4"


@dataclass(frozen=True)
class Plan:
    """Steps as JSON text and the weights as one little-endian block.

    version is the hex sha256 of both: it names exactly this computation under this signature.
    numbers is where each weight of the graph stands in tensors.
    """

    text: str
    block: bytes = field(repr=False)
    tensors: tuple[TensorEntry, ...]
    numbers: Mapping[Key, int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def version(self) -> str:
        """Hex sha256 of text and block, as the runtime checks it."""
        digest = hashlib.sha256(self.text.encode("utf-8"))
        digest.update(self.block)
        return digest.hexdigest()

    @property
    def digest(self) -> str:
        """The same as version."""
        return self.version

    def __str__(self) -> str:
        return (
            f"plan {self.version[:12]}: {counted(len(self.tensors), 'tensor')},"
            f" {counted(len(self.block), 'byte')}"
        )


def plan_graph(graph: Graph, signature: Signature) -> Plan:
    """Serialize a graph and its signature; equal inputs give equal bytes."""
    entries: list[TensorEntry] = []
    pieces: list[bytes | memoryview] = []
    numbers: dict[Key, int] = {}
    offset = 0

    def enter(name: str, tensor: Tensor) -> int:
        nonlocal offset
        if tensor.key not in numbers:  # a shared layer's weights are stored once
            raw = tensor.stored()
            if offset % 2 and tensor.code == "f8":
                pieces.append(bytes(4))
                offset += 1
            numbers[tensor.key] = len(entries)
            entries.append(TensorEntry(name, offset, tensor.shape, tensor.digest, tensor.code))
            pieces.append(raw)
            offset += len(raw) // 4
        return numbers[tensor.key]

    steps = [
        {
            "kernel": node.op.kernel_name,
            "inputs": list(node.inputs),
            "output": node.value,
            "parameters": node.op.parameters(),
            "tensors": {
                name: enter(f"{node.layer}/{name}", tensor)
                for name, tensor in node.op.tensors().items()
            },
        }
        for node in graph.nodes
    ]
    plan: dict[str, Any] = {
        "format": FORMAT,
        "exporter": FIRST_EXPORTER,
        "model": signature.name,
        "inputs": [_input_entry(port, signature) for port in graph.inputs],
        "outputs": [
            {"name": p.name, "shape": list(p.shape), "value": p.value} | _type_mark(p)
            for p in graph.outputs
        ],
        "features": list(signature.features),
        "feature_table": list(signature.feature_table or ()),
        "labels": list(signature.labels),
        "threshold": signature.threshold,
        "batch_rows": _choose_batch_rows(graph),
        "steps": steps,
        "tensors": [
            [entry.name, entry.offset, list(entry.shape), *([entry.dtype] * (entry.dtype != "f4"))]
            for entry in entries
        ],
    }
    if graph.choice is not None and signature.labels and signature.threshold is None:
        plan["choice"] = graph.choice
    if signature.window is not None:
        plan["window"] = signature.window.as_json() | _row_steps(graph)
    text = json.dumps(plan, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Plan(text, b"".join(pieces), tuple(entries), numbers)


def _row_steps(graph: Graph) -> dict[str, Any]:
    """How many of the first steps are of a row by itself, the last of them unfold_time, and what
    comes of a row."""
    if not graph.rows:
        return {}
    kinds = [type(node.op) for node in graph.nodes]
    place = kinds.index(UnfoldTime)
    value = graph.nodes[place].inputs[0]
    row = {"shape": list(graph.shapes[value])}
    return {"steps": place + 1, "row": row | _type_of(graph.dtypes[value])}


def _input_entry(port: Port, signature: Signature) -> dict[str, Any]:
    """Only texts, float64 and columns are marked: a plan without them keeps the version that it
    always had. Columns go by the names that their caller knows."""
    entry: dict[str, Any] = {"name": port.name, "shape": list(port.shape)} | _type_mark(port)
    if port.columns:
        entry["columns"] = as_list(renamed(port.columns, signature.features))
    return entry


def _type_mark(port: Port) -> dict[str, Any]:
    return _type_of(port.dtype)


def _type_of(dtype: Dtype) -> dict[str, Any]:
    return {} if dtype == "float32" else {"dtype": dtype}


def _choose_batch_rows(graph: Graph) -> int:
    """How many rows to score at once, so that no value of theirs exceeds BATCH_NUMBERS, where one
    of float64 counts twice; a free length counts as 1, kernels over them bound themselves."""
    largest = max(
        math.prod(n or 1 for n in shape) * (2 if graph.dtypes[value] == "float64" else 1)
        for value, shape in graph.shapes.items()
    )
    most = max((node.op.batch_rows for node in graph.nodes), default=MAX_BATCH_ROWS)
    return max(1, min(most, BATCH_NUMBERS // max(1, largest)))
