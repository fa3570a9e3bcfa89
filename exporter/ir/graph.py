"""The network as an immutable list of nodes in the order they are computed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cached_property

from exporter.errors import ShapeError, counted
from exporter.ir.columns import Column, as_list, in_order
from exporter.ir.ops import Dtype, Op, Shape


@dataclass(frozen=True)
class Source:
    """Where a network came from: the format's name, the version of what saved it, the file's name
    and its sha256 in hex.

    preprocessing are the sources of the transformers that stand in front of it, in order. uri is
    the address that the file was downloaded from, without credentials, and revision which state of
    what lies there it was; both are empty for a file that was here.
    """

    format: str
    format_version: str
    file_name: str
    sha256: str
    preprocessing: tuple[Source, ...] = ()
    uri: str = ""
    revision: str = ""

    @property
    def files(self) -> tuple[Source, ...]:
        """All files, in the order in which a row goes through them."""
        return *self.preprocessing, self

    @property
    def title(self) -> str:
        """The files' names, for people."""
        return " before ".join(item.file_name for item in self.files)

    @property
    def origin(self) -> str:
        """The address with the revision, for people and registries; empty for a file."""
        return f"{self.uri} ({self.revision})" if self.revision else self.uri


@dataclass(frozen=True)
class Port:
    """An input or output of the network: its name, the value it is, its shape without batch.

    dtype is what an element is, numbers for an output. low and high bound what an input of a
    small whole-number type can hold; they are for sample rows and no part of the digest. columns
    are those of a table that the elements of an input are, one for each, where the model says so.
    """

    name: str
    value: int
    shape: Shape
    dtype: Dtype = "float32"
    low: float | None = None
    high: float | None = None
    columns: tuple[Column, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether its elements are texts."""
        return self.dtype == "text"


@dataclass(frozen=True, eq=False)
class Node:
    """One op applied to earlier values; value is the number of its result.

    layer is the name of what it came from in the file, for messages.
    """

    op: Op
    inputs: tuple[int, ...]
    value: int
    shape: Shape
    layer: str


@dataclass(frozen=True, eq=False)
class Graph:
    """A network without its framework. Values 0, 1, ... are the inputs, then node results.

    warnings are sentences for the user about things that do not prevent the export. labels are the
    names of the classes, where the file knows them; choice is the value, one number a row, that
    tells which of them a row has, where neither the largest score nor a threshold does.
    passes_missing is for transformers, and None for what predicts: of each number that comes out,
    the places of the columns whose missing values make it a missing one. gives_sparse says that its
    framework gives a sparse matrix, drops_zeros that its framework takes the zeros of one for
    missing values: one must not go into the other. rows are the inputs as they are for one row,
    with its columns, where the graph takes windows of rows and does something to each by itself,
    between FoldTime and UnfoldTime.
    """

    name: str
    inputs: tuple[Port, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Port, ...]
    source: Source
    parameters: int
    warnings: tuple[str, ...] = field(default=())
    labels: tuple[str, ...] = field(default=(), kw_only=True)
    choice: int | None = field(default=None, kw_only=True)
    passes_missing: tuple[frozenset[int], ...] | None = field(default=None, kw_only=True)
    gives_sparse: bool = field(default=False, kw_only=True)
    drops_zeros: bool = field(default=False, kw_only=True)
    rows: tuple[Port, ...] = field(default=(), kw_only=True)

    @cached_property
    def digest(self) -> str:
        """Hex sha256 over structure and weights; the same for the same computation."""
        hasher = hashlib.sha256()
        structure: dict[str, object] = {
            # What was numbers before there were texts and columns keeps its digest.
            "inputs": [[port.name, port.value, port.shape, *_marks(port)] for port in self.inputs],
            "outputs": [
                [port.name, port.value, port.shape, *_marks(port)] for port in self.outputs
            ],
            "nodes": [
                [node.op.kernel_name, node.inputs, node.value, node.op.parameters()]
                for node in self.nodes
            ],
        }
        if self.choice is not None:
            structure["choice"] = self.choice
        hasher.update(json.dumps(structure, sort_keys=True).encode())
        for node in self.nodes:
            for name, tensor in node.op.tensors().items():
                hasher.update(f"{name}{tensor.shape}".encode())
                hasher.update(tensor.stored())
        return hasher.hexdigest()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of all inputs as a caller lists them; empty where the model names none.

        Raises: ValueError, when they are not one for each element, in places 0, 1, ...
        """
        columns = in_order([port.columns for port in self.inputs])
        if columns:
            sizes = [count_numbers(port.shape) for port in self.inputs]
            if sizes != [len(port.columns) for port in self.inputs]:
                raise ValueError("columns are given for some elements of the inputs, not for all")
            if [column.place for column in columns] != list(range(len(columns))):
                raise ValueError("the places of columns are not 0, 1, ...")
            if any(c.is_text != port.is_text for port in self.inputs for c in port.columns):
                raise ValueError("a column of texts is in an input of numbers, or the reverse")
        return columns

    @property
    def results(self) -> tuple[int, ...]:
        """The values that somebody outside reads: outputs, and what chooses labels."""
        outputs = tuple(port.value for port in self.outputs)
        return outputs if self.choice is None else (*outputs, self.choice)

    @cached_property
    def shapes(self) -> dict[int, Shape]:
        """Shape of every value."""
        ports = {port.value: port.shape for port in self.inputs}
        return ports | {node.value: node.shape for node in self.nodes}

    @cached_property
    def dtypes(self) -> dict[int, Dtype]:
        """Type of every value.

        Raises: ShapeError, where types are mixed, or an output is of another than its port says.
        """
        known: dict[int, Dtype] = {port.value: port.dtype for port in self.inputs}
        for node in self.nodes:
            try:
                known[node.value] = node.op.output_dtype(*(known[value] for value in node.inputs))
            except ShapeError as error:
                raise ShapeError(f'{node.op.kernel_name} of "{node.layer}": {error}') from error
        for port in self.outputs:
            if known[port.value] != port.dtype:
                raise ShapeError(
                    f'output "{port.name}" is {known[port.value]}, its port says {port.dtype}'
                )
        return known

    def __str__(self) -> str:
        saved_by = f"{self.source.format} {self.source.format_version}"
        lines = [f"{self.name}: {counted(self.parameters, 'parameter')}, saved by {saved_by}"]
        lines += [
            f"  {p.value:>3}  input   {format_shape(p.shape):<16} {p.name}" for p in self.inputs
        ]
        for node in self.nodes:
            inputs = ", ".join(map(str, node.inputs))
            shape = format_shape(node.shape)
            lines.append(
                f"  {node.value:>3}  {node.op.kernel_name}({inputs})  {shape}  {node.layer}"
            )
        lines += [
            f"  {p.value:>3}  output  {format_shape(p.shape):<16} {p.name}" for p in self.outputs
        ]
        return "\n".join(lines)


def _marks(port: Port) -> list[object]:
    """What an input has that not every one had from the beginning."""
    marks: list[object] = [] if port.dtype == "float32" else [port.dtype]
    return [*marks, as_list(port.columns)] if port.columns else marks


def format_shape(shape: Shape) -> str:
    """(28, 28, 1) as "28 x 28 x 1", free lengths as "?"; () as "1"."""
    return " x ".join("?" if n is None else str(n) for n in shape) or "1"


def count_numbers(shape: Shape) -> int | None:
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(n for n in shape if n is not None)
