"""One graph of two: what a transformer makes of columns goes into a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from exporter.errors import SignatureError, counted, list_names
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, count_numbers, format_shape
from exporter.ir.ops import Cast, FoldTime, Op, Reshape, Shape, UnfoldTime


def chain(first: Graph, second: Graph, window: int | None = None) -> Graph:
    """columns -> first, a transformer -> the only input of second -> its outputs.

    With a window second may take so many rows of what first makes of one: first is then computed
    once for each row, and its inputs are windows of rows.

    Each computes in its own type; between them is a cast to that of the input, as a framework
    rounds the numbers that it is given. NULL gives NULL where the missing value would come out of
    the transformer, unless second takes missing values itself.
    Raises: SignatureError, when they do not fit each other.
    """
    port = _door(first, second, window)
    is_row = not _takes(port, count_numbers(first.outputs[0].shape) or 0)
    rows = _without_missing(first, port)
    nodes = list(first.nodes)
    value = first.outputs[0].value
    used = 1 + max([value, *(p.value for p in first.inputs), *(n.value for n in nodes)])
    inputs = rows
    if is_row:
        folded = {row.value: used + k for k, row in enumerate(rows)}
        used += len(rows)
        inputs = tuple(replace(row, shape=(window, *row.shape), columns=()) for row in rows)
        nodes = [
            *(Node(FoldTime(), (r.value,), folded[r.value], r.shape, port.name) for r in rows),
            *(replace(n, inputs=tuple(folded.get(v, v) for v in n.inputs)) for n in nodes),
        ]
        value = folded.get(value, value)

    def add(op: Op, shape: Shape) -> None:
        nonlocal value, used
        nodes.append(Node(op, (value,), used, shape, port.name))
        value, used = used, used + 1

    if port.dtype != "text" and port.dtype != first.outputs[0].dtype:
        add(Cast(port.dtype), first.outputs[0].shape)
    shape = first.outputs[0].shape
    if is_row:
        shape = (window, *shape)
        nodes.append(Node(UnfoldTime(), (value, inputs[0].value), used, shape, port.name))
        value, used = used, used + 1
    if port.shape not in (shape, (None, *shape[1:])):
        add(Reshape(tuple(n or 0 for n in port.shape)), port.shape)
    numbers = {port.value: value} | {n.value: used + k for k, n in enumerate(second.nodes)}
    nodes += [
        replace(node, inputs=tuple(numbers[n] for n in node.inputs), value=numbers[node.value])
        for node in second.nodes
    ]
    return Graph(
        name=second.name,
        inputs=inputs,
        nodes=tuple(nodes),
        outputs=tuple(replace(p, value=numbers[p.value]) for p in second.outputs),
        source=replace(
            second.source,
            preprocessing=(
                *first.source.preprocessing,
                replace(first.source, preprocessing=()),
                *second.source.preprocessing,
            ),
        ),
        parameters=first.parameters + second.parameters,
        warnings=(*first.warnings, *second.warnings),
        labels=second.labels,
        choice=None if second.choice is None else numbers[second.choice],
        passes_missing=None if is_row else _pass_missing(first, second),
        gives_sparse=second.gives_sparse,
        drops_zeros=first.drops_zeros,
        rows=rows if is_row else (),
    )


def _takes(port: Port, width: int) -> bool:
    """Whether an input takes what a transformer makes of one row."""
    return port.shape in ((width,), (1, width), (width, 1)) or (port.shape, width) == ((), 1)


def _door(first: Graph, second: Graph, window: int | None) -> Port:
    """The input of second that the numbers of first go into.

    Raises: SignatureError.
    """
    before, after = first.source.file_name, second.source.file_name
    if first.passes_missing is None:
        raise SignatureError(
            f"{before} is to come before {after}, and does not transform: give a fitted transformer"
            " of scikit-learn, such as a scaler, a ColumnTransformer, or a Pipeline of such."
        )
    if first.gives_sparse and second.drops_zeros:
        raise SignatureError(
            f"{before} gives a sparse matrix, whose zeros the framework of {after} takes for"
            " missing values. Give OneHotEncoder sparse_output=False and ColumnTransformer"
            " sparse_threshold=0, and fit both again."
        )
    width = count_numbers(first.outputs[0].shape) or 0
    if len(second.inputs) > 1:
        names = list_names([port.name for port in second.inputs])
        raise SignatureError(
            f"{after} has {counted(len(second.inputs), 'input')} ({names}), and what"
            f" {before} gives, {counted(width, 'number')}, goes into one. Build the network with"
            f" one Input(({width},)) that it cuts into parts itself, and copy the weights."
        )
    (port,) = second.inputs
    kinds = {column.kind for column in port.columns} - {"number", "boolean"}
    if port.is_text or kinds:
        what = "texts" if port.is_text else " and ".join(sorted(f"{kind}s" for kind in kinds))
        raise SignatureError(f"{after} takes {what}, and {before} gives numbers.")
    windows = [(window, width), (None, width), ((window or 0) * width,)]
    if not _takes(port, width) and (window is None or port.shape not in windows):
        raise SignatureError(_misfit(before, width, after, port.shape))
    return port


def _misfit(before: str, width: int, after: str, shape: Shape) -> str:
    """That widths differ, with what may be meant."""
    size = count_numbers(shape)
    text = (
        f"{before} gives {counted(width, 'number')} a row, and {after} takes {format_shape(shape)}"
    )
    if size == width:
        advice = f"Build the network with an Input(({width},)) and a Reshape behind it"
    elif size is not None and width and size % width == 0:
        advice = (
            f"These are {size // width} rows of {width}: give --window {size // width}, or fit the"
            f" transformer on the {counted(size, 'column')}"
        )
    else:
        advice = "Give the transformer that the network was trained with"
    return f"{text}. {advice}."


def _without_missing(first: Graph, port: Port) -> tuple[Port, ...]:
    """The inputs of the transformer; NULL is NULL where the network would be given it."""
    passed = first.passes_missing or ()
    kept = [column.nulls == "missing" for column in port.columns] or [False] * len(passed)
    width = len(passed)  # of a row of the window, where the input is one
    is_refused = [not all(kept[place::width]) for place in range(width)]
    refused = _union(found for found, is_out in zip(passed, is_refused, strict=True) if is_out)

    def settle(columns: Sequence[Column]) -> tuple[Column, ...]:
        return tuple(replace(c, nulls="null") if c.place in refused else c for c in columns)

    return tuple(replace(item, columns=settle(item.columns)) for item in first.inputs)


def _pass_missing(first: Graph, second: Graph) -> tuple[frozenset[int], ...] | None:
    """Graph.passes_missing of both together, None where second predicts."""
    passed = first.passes_missing
    if passed is None or second.passes_missing is None:
        return None
    return tuple(_union(passed[place] for place in found) for found in second.passes_missing)


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)
