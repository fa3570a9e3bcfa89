"""Windows: a model over the last rows of a series, and the columns that one such row has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from exporter.errors import SignatureError, counted, list_names, name_all
from exporter.ir.columns import Column, as_list, in_order
from exporter.ir.graph import Graph, Node, Port, count_numbers, format_shape
from exporter.ir.ops import FoldTime, NotEqual, Reduce, UnfoldTime

Side: TypeAlias = Literal["before", "after"]
SIDES: tuple[str, ...] = get_args(Side)
MAX_LENGTH = 1_000_000


@dataclass(frozen=True)
class Padding:
    """What stands in for rows that a series does not have yet: before the rows or after them, each
    number of it this value, by which the model's Masking layer knows it."""

    side: Side
    value: float


@dataclass(frozen=True)
class Target:
    """A column whose next value the model forecasts: its place in a row, and the scale and offset
    that make the column's own number of the model's, scale * y + offset."""

    place: int
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Window:
    """A model that takes length rows of a series at once, the oldest first.

    A series gives a window for every step rows, the first as soon as it has length rows, or with
    padding at its first row. columns are those of one row in the callers' order; without them a row
    is one array, in a column that is named after the model's input. targets are the columns that
    the model forecasts: one for each number that it gives, or one for all, its quantiles.
    """

    length: int
    step: int = 1
    padding: Padding | None = None
    columns: tuple[Column, ...] = ()
    targets: tuple[Target, ...] = ()

    def as_json(self) -> dict[str, object]:
        """As plans hold it."""
        content: dict[str, object] = {"length": self.length, "step": self.step}
        if self.padding is not None:
            content["padding"] = [self.padding.side, self.padding.value]
        if self.columns:
            content["columns"] = as_list(self.columns)
        if self.targets:
            content["targets"] = [[t.place, t.scale, t.offset] for t in self.targets]
        return content

    def facts(self) -> dict[str, Any]:
        """As programs read it: columns and forecasts by name, none where a row is an array."""
        padding = self.padding
        return {
            "length": self.length,
            "step": self.step,
            "padding": None if padding is None else {"side": padding.side, "value": padding.value},
            "columns": [column.name for column in self.columns],
            "forecast": [self.columns[target.place].name for target in self.targets],
        }

    def __str__(self) -> str:
        parts = [f"windows of {counted(self.length, 'row')}"]
        if self.step > 1:
            parts.append(f"every {self.step} rows")
        if self.padding is not None:
            parts.append(f"padded {self.padding.side} with {self.padding.value:g}")
        return ", ".join(parts)


def settle_window(
    graph: Graph,
    length: int | None,
    step: int | None = None,
    pad: str | None = None,
    features: Sequence[str] = (),
) -> Window | None:
    """What the user asked for, as the model can take it; None where the model is scored row by row.

    Where the model's input is (length, columns), the names of the columns are enough.
    Raises: SignatureError, when it does not fit the model.
    """
    for what, value in (("window", length), ("step", step)):
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (is_whole and 1 <= value <= MAX_LENGTH):
            raise SignatureError(
                f"{what} is {value!r}; give a whole number from 1 to {MAX_LENGTH:,}."
            )
    if pad is not None and pad not in SIDES:
        raise SignatureError(f"pad is {pad!r}; give one of {list_names(SIDES)}.")
    known = _known_length(graph, features)
    if length is None and known is None:
        if step is not None or pad is not None:
            raise SignatureError("step and pad are for a model of windows: give window=LENGTH too.")
        return None
    length = known if length is None else length
    check_fits(graph, length or 0)
    padding = None if pad is None else Padding(pad, _find_mask(graph))  # type: ignore[arg-type]
    return Window(length or 0, step or 1, padding)


def _known_length(graph: Graph, features: Sequence[str]) -> int | None:
    """How many rows the model says that it takes, where the features are the columns of one."""
    if len(graph.inputs) != 1 or len(graph.inputs[0].shape) != 2:
        return None
    length, columns = graph.inputs[0].shape
    is_one_row = length not in (None, 1) and features and len(features) == columns
    return length if is_one_row else None


def check_fits(graph: Graph, length: int) -> None:
    """Refuse a model whose inputs are no windows of so many rows.

    Raises: SignatureError.
    """
    if graph.rows:
        given = graph.inputs[0].shape[0]
        if given != length:
            raise SignatureError(
                f"the model was read with windows of {given} rows, and {length} are asked for."
            )
        return
    if len(graph.inputs) > 1:
        names = list_names([port.name for port in graph.inputs])
        raise SignatureError(
            f"windows are for a model of one input, and this one has {len(graph.inputs)} ({names})."
            " Build it with one input of (rows, columns) that it cuts into parts itself."
        )
    (port,) = graph.inputs
    if port.is_text or any(column.kind != "number" for column in port.columns):
        raise SignatureError(f'input "{port.name}" is no window of numbers; it takes other kinds.')
    first = port.shape[0] if port.shape else 0
    is_flat = len(port.shape) == 1
    if is_flat and first and first % length == 0:
        return
    if not is_flat and first in (length, None) and count_numbers(port.shape[1:]):
        return
    taken = format_shape(port.shape)
    taken += " number" if taken == "1" else " numbers"
    if is_flat and first:
        nearest = [n for n in range(2, first + 1) if first % n == 0][:12]
        advice = f"It holds whole rows for windows of {list_names([str(n) for n in nearest])}"
    elif not is_flat and first:
        advice = f"Its windows have {counted(first, 'row')}"
    else:
        advice = "Give a model whose input is (rows, columns), or rows x columns numbers"
    raise SignatureError(
        f'input "{port.name}" takes {taken}, which is no window of {counted(length, "row")}.'
        f" {advice}."
    )


def take_windows(graph: Graph, window: Window, features: Sequence[str]) -> tuple[Graph, Window]:
    """The graph with its inputs as plain arrays of whole windows, and the window with the columns
    of one row: the model's own, under the names of features where there are any.

    Raises: SignatureError, when the features are not as many as a row has columns.
    """
    columns = row_columns(graph, window.length)
    names = tuple(features) or tuple(column.name for column in columns if column.name)
    if names and len(names) != len(columns):
        raise SignatureError(
            f"{counted(len(names), 'feature')} {'was' if len(names) == 1 else 'were'} given, and a"
            f" row of the window has {counted(len(columns), 'column')}. The features are:"
            f" {list_names(names)}."
        )
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise SignatureError(f"features are named twice: {list_names(twice)}.")
    inputs = tuple(replace(port, columns=()) for port in graph.inputs)
    if not names:
        return replace(graph, inputs=inputs), window
    named = tuple(replace(c, name=name) for c, name in zip(columns, names, strict=True))
    return replace(graph, inputs=inputs), replace(window, columns=named)


def find_targets(graph: Graph, window: Window, names: Sequence[str]) -> tuple[int, ...]:
    """The places of the columns that the model forecasts.

    Raises: SignatureError, when there are no such columns, or the model gives other numbers.
    """
    if not names:
        return ()
    places = {column.name: column.place for column in window.columns}
    missing = [name for name in names if name not in places]
    if missing:
        there = list_names(list(places)) or "none by name: give features"
        raise SignatureError(
            f"a row has no {name_all('column', missing)} to forecast; it has {there}."
        )
    if any(column.kind != "number" for column in window.columns):
        raise SignatureError("forecasts are for rows of numbers, and this model takes other kinds.")
    sizes = [count_numbers(port.shape) for port in graph.outputs]
    count = None if None in sizes else sum(n or 0 for n in sizes)
    if graph.labels or count is None or (len(names) > 1 and len(names) != count):
        given = "any number of numbers" if count is None else counted(count, "number")
        if graph.labels:
            given = "the scores of classes"
        raise SignatureError(
            f"{counted(len(names), 'column')} {'is' if len(names) == 1 else 'are'} to be forecast,"
            f" and the model gives {given}: name one column for each number, or one whose quantiles"
            " they are."
        )
    return tuple(places[name] for name in names)


def row_columns(graph: Graph, length: int) -> tuple[Column, ...]:
    """The columns of one row; without a name where the model has none for it."""
    if graph.rows:
        return in_order([port.columns for port in graph.rows])
    (port,) = graph.inputs
    width = _row_width(port, length)
    if not port.columns:
        return tuple(Column("", place=place) for place in range(width))
    # A number that may be missing in one row of the window and not in another may not.
    return tuple(
        Column(
            "",
            nulls="missing"
            if all(c.nulls == "missing" for c in port.columns[k::width])
            else "null",
            place=k,
        )
        for k in range(width)
    )


def _row_width(port: Port, length: int) -> int:
    """How many numbers of an input one row of the window is."""
    if len(port.shape) == 1:
        return (port.shape[0] or 0) // length
    return count_numbers(port.shape[1:]) or 0


def _find_mask(graph: Graph) -> float:
    """The number by which the model knows steps that do not count.

    Raises: SignatureError, when it has no Masking layer over its input.
    """
    moved = {port.value for port in graph.inputs}
    boundary = [node.value for node in graph.nodes if isinstance(node.op, UnfoldTime)]
    moved |= set(boundary) if graph.rows else set()
    compared: dict[int, float] = {}
    for node in graph.nodes:
        source = node.inputs[0] if node.inputs else None
        if node.op.traits.stays and source in moved:
            moved.add(node.value)
        elif isinstance(node.op, NotEqual) and source in moved:
            compared[node.value] = node.op.value
        elif isinstance(node.op, Reduce) and source in compared:
            return compared[source]
    raise SignatureError(
        "pad fills windows with what a Masking layer passes over, and this model has none over its"
        " input: leave it out, and windows begin as soon as there are rows enough."
    )


def row_part(graph: Graph) -> Graph | None:
    """What a graph of windows does to each of their rows by itself, before it puts them side by
    side, as a graph of one row; None where it does nothing."""
    if not graph.rows:
        return None
    nodes: list[Node] = []
    renamed: dict[int, int] = {}
    ports = {port.value: row for port, row in zip(graph.inputs, graph.rows, strict=True)}
    for node in graph.nodes:
        if isinstance(node.op, FoldTime):
            renamed[node.value] = ports[node.inputs[0]].value
        elif isinstance(node.op, UnfoldTime):
            value = renamed.get(node.inputs[0], node.inputs[0])
            shape = graph.shapes[node.inputs[0]]
            output = Port("row", value, shape, graph.dtypes[node.inputs[0]])
            return Graph(graph.name, graph.rows, tuple(nodes), (output,), graph.source, 0)
        else:
            nodes.append(replace(node, inputs=tuple(renamed.get(n, n) for n in node.inputs)))
    return None
