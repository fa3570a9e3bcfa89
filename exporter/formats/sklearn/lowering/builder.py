"""The graph under construction: its columns, values and blocks of them, nodes, and problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal, TypeAlias

import numpy as np

from exporter.errors import Problem, ShapeError
from exporter.ir.columns import Column, Kind
from exporter.ir.graph import Node, Port
from exporter.ir.ops import Concatenate, Op, Select, Shape, Tensor, named

NUMBERS, TEXTS = -1, -2  # stand for the two inputs until it is known which columns they hold
MAX_WIDTH = 2**20  # of a row of a value
NOTHING: frozenset[int] = frozenset()


class StepProblem(Exception):
    """Raised by a lowering function: why this step cannot be exported, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class Value:
    """A result in the graph: its number, its shape without the batch, and what its elements are.

    missing tells of each element which columns' missing values would make it one (NaN, or None
    among texts); of a value with several axes there is one set for all of it.
    """

    number: int
    shape: Shape
    missing: tuple[frozenset[int], ...]
    is_text: bool = False

    @property
    def width(self) -> int:
        """How many elements a row has."""
        return int(np.prod([n or 0 for n in self.shape], dtype=np.int64))

    @property
    def absent(self) -> frozenset[int]:
        """All columns whose missing values reach it."""
        return NOTHING.union(*self.missing)


@dataclass(frozen=True)
class Pending:
    """A column of the table that nothing has used yet: number or text, whatever it is used as."""

    column: int

    @property
    def width(self) -> int:
        """One column."""
        return 1


Part: TypeAlias = Value | Pending


@dataclass(frozen=True)
class Block:
    """What scikit-learn passes from step to step as X: parts side by side, in order.

    names are those of the columns where scikit-learn knows them (a DataFrame, or set_output).
    is_sparse says that X is a sparse matrix there, whose zeros some take for missing values;
    stores_zeros that some of these may be stored in it, and then are not taken for missing.
    """

    parts: tuple[Part, ...]
    names: tuple[str, ...] | None = None
    is_sparse: bool = False
    stores_zeros: bool = False

    @property
    def width(self) -> int:
        """How many columns X has."""
        return sum(part.width for part in self.parts)


@dataclass
class TableColumn:
    """What is found out about a column of the table while its users are lowered."""

    name: str
    kinds: dict[Kind, str] = field(default_factory=dict)  # by whom it was first used so
    is_refused: bool = False  # somebody who does not take missing values reads it


@dataclass
class Builder:
    """Nodes, columns and everything found wrong on the way; version is scikit-learn's."""

    version: tuple[int, ...]
    nodes: list[Node] = field(default_factory=list)
    columns: list[TableColumn] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    hints: dict[int, Kind] = field(default_factory=dict)  # what a first try found out of columns
    kept_none: set[int] = field(default_factory=set)  # columns that held None when fitted
    used: int = 0  # numbers of values
    parameters: int = 0
    drops_zeros: bool = False  # somebody takes the zeros of a sparse matrix for missing values

    def add_columns(self, names: Iterable[str]) -> Block:
        """New columns of the table as a block."""
        start = len(self.columns)
        self.columns += [TableColumn(name) for name in names]
        found = self.columns[start:]
        return Block(
            tuple(Pending(start + place) for place in range(len(found))),
            tuple(column.name for column in found),
        )

    def add(
        self,
        op: Op,
        *inputs: Value,
        layer: str,
        is_text: bool | None = None,
        missing: Sequence[frozenset[int]] | None = None,
    ) -> Value:
        """Append a node. Missing values pass from element to element where the shape stays,
        through Select and Concatenate, and else from all to all, unless missing says otherwise.

        Raises: ShapeError, when the op does not fit its inputs.
        """
        shape = op.output_shape(*(value.shape for value in inputs))
        size = int(np.prod([n or 0 for n in shape], dtype=np.int64))
        if size > MAX_WIDTH:
            raise ShapeError(f"a row of its output would have {size:,} numbers")
        if missing is None:
            missing = _pass_missing(op, inputs, shape)
        moves = isinstance(op, (Select, Concatenate))
        is_text = (moves and all(v.is_text for v in inputs)) if is_text is None else is_text
        value = Value(self.used, shape, tuple(missing), is_text)
        self.used += 1
        numbers = tuple(value.number for value in inputs)
        self.nodes.append(Node(op, numbers, value.number, shape, layer))
        return value

    def use_columns(self, columns: Sequence[int], kind: Kind, layer: str) -> Value:
        """Columns of the table as one value, from now on of this kind.

        Raises: StepProblem, when one is text for one step and a number for another.
        """
        for column in columns:
            known = self.columns[column]
            known.kinds.setdefault(kind, layer)
            if "text" in known.kinds and len(known.kinds) > 1:
                other = next(k for k in known.kinds if k != kind)
                step = f'step "{known.kinds[other]}"' if known.kinds[other] else "what holds it"
                raise StepProblem(
                    f'it takes column "{known.name}" as {kind}, and {step} as {other}',
                    "Give each a column of its own.",
                )
        shape = (len(columns),)
        missing = tuple(frozenset([column]) for column in columns)
        value = Value(self.used, shape, missing, kind == "text")
        self.used += 1
        source = TEXTS if kind == "text" else NUMBERS
        self.nodes.append(Node(Select(tuple(columns)), (source,), value.number, shape, layer))
        return value

    def use_column_unsure(self, column: int, layer: str) -> Value:
        """The value of a column of which its reader does not tell whether it is text."""
        kinds = self.columns[column].kinds
        known = next(iter(kinds), None) or self.hints.get(column)
        value = self.use_columns([column], known or "number", layer)
        if known is None and not self.hints:  # another reader may still tell, see model.py
            del kinds["number"]
        return value

    def refuse_missing(self, value: Value, place: int | None = None) -> None:
        """What reads the value, or one element, takes no missing ones: there NULL gives NULL."""
        for column in value.absent if place is None else value.missing[place]:
            self.columns[column].is_refused = True

    def comes_from(self, value: Value, kinds: tuple[type[Op], ...]) -> bool:
        """Whether one of these ops has a part in a value."""
        needed = {value.number}
        for node in reversed(self.nodes):
            if node.value in needed:
                if isinstance(node.op, kinds):
                    return True
                needed.update(node.inputs)
        return False

    def refuse(self, path: str, class_name: str, reason: str, advice: str) -> None:
        """Note why a step cannot be exported; once, however often it is met."""
        problem = Problem(path, class_name, reason, advice, "step")
        if problem not in self.problems:
            self.problems.append(problem)

    def places(self, is_named: bool) -> dict[int, int]:
        """The place of each column among those that the model takes; see finish."""
        taken = [n for n, column in enumerate(self.columns) if column.kinds or not is_named]
        return {number: place for place, number in enumerate(taken)}

    def finish(self, is_named: bool) -> tuple[tuple[Port, ...], list[Node]]:
        """The inputs, and the nodes with their numbers put in: columns that nothing uses are left
        out where columns have names, and are numbers that do not matter where they are places."""
        places = self.places(is_named)
        kinds = {number: _settle(self.columns[number].kinds) for number in places}
        ports: list[Port] = []
        taken: dict[int, int] = {}  # column -> place in its port
        shift = 0
        sources: dict[int, int] = {}
        for source, name, is_text in ((NUMBERS, "numbers", False), (TEXTS, "texts", True)):
            members = [number for number, kind in kinds.items() if (kind == "text") == is_text]
            if not members:
                continue
            taken |= {number: place for place, number in enumerate(members)}
            columns = tuple(
                Column(
                    self.columns[number].name,
                    kinds[number],
                    "null" if self.columns[number].is_refused else "missing",
                    places[number],
                )
                for number in members
            )
            dtype: Literal["float64", "text"] = "text" if is_text else "float64"
            sources[source] = shift
            ports.append(Port(name, shift, (len(members),), dtype, columns=columns))
            shift += 1
        nodes = []
        for node in self.nodes:
            inputs = tuple(sources[n] if n < 0 else n + shift for n in node.inputs)
            op = node.op
            if node.inputs and node.inputs[0] < 0 and isinstance(op, Select):
                op = Select(tuple(taken[column] for column in op.columns))
            nodes.append(replace(node, op=op, inputs=inputs, value=node.value + shift))
        return tuple(ports), nodes


def _settle(kinds: dict[Kind, str]) -> Kind:
    """A column that is a boolean for anybody is one: to the others it is 0 or 1."""
    order: tuple[Kind, ...] = ("text", "boolean", "date", "timestamp")
    return next((kind for kind in order if kind in kinds), "number")


def _pass_missing(op: Op, inputs: Sequence[Value], shape: Shape) -> tuple[frozenset[int], ...]:
    absent = NOTHING.union(*(value.absent for value in inputs))
    if len(shape) != 1:
        return (absent,)
    if isinstance(op, Select):
        return tuple(inputs[0].missing[place] for place in op.columns)
    if isinstance(op, Concatenate):
        return tuple(item for value in inputs for item in value.missing)
    if inputs and all(value.shape == shape for value in inputs):
        return tuple(
            NOTHING.union(*sets) for sets in zip(*(v.missing for v in inputs), strict=True)
        )
    return (absent,) * (shape[0] or 0)


def select(builder: Builder, block: Block, places: Sequence[int], layer: str) -> Block:
    """The columns of a block in these places, in this order."""
    owners = [
        (number, inside) for number, part in enumerate(block.parts) for inside in range(part.width)
    ]
    parts: list[Part] = []
    for number, group in groupby((owners[place] for place in places), key=lambda pair: pair[0]):
        part, inside = block.parts[number], tuple(place for _, place in group)
        if isinstance(part, Pending):
            parts += [part] * len(inside)
        elif inside == tuple(range(part.width)):
            parts.append(part)
        else:
            parts.append(builder.add(Select(inside), part, layer=layer))
    names = None if block.names is None else tuple(block.names[place] for place in places)
    return replace(block, parts=tuple(parts), names=names)


def join(blocks: Sequence[Block]) -> Block:
    """Blocks side by side."""
    names: tuple[str, ...] | None = ()
    for block in blocks:
        names = None if names is None or block.names is None else names + block.names
    return Block(
        tuple(part for block in blocks for part in block.parts),
        names,
        any(block.is_sparse for block in blocks),
        any(block.stores_zeros for block in blocks),
    )


def constants(value: Any) -> Tensor:
    """A read-only float64 copy, as ops hold their tensors."""
    tensor = named(np.array(value, np.float64, order="C"))
    tensor.flags.writeable = False
    return tensor
