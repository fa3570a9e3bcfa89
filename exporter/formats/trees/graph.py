"""From a model as its file holds it to a Graph: columns of numbers in, score out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from exporter.formats.opening import ModelFile
from exporter.formats.trees.categories import (
    check_categories,
    find_texts,
    look_up,
    replace_categories,
)
from exporter.formats.trees.ensemble import Ensemble, Ints, Precision
from exporter.formats.trees.model import Booster, Linear, Link
from exporter.ir.columns import Column, Nulls
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import (
    Activation,
    Affine,
    Cast,
    Compare,
    Concatenate,
    Constant,
    Dense,
    Maximum,
    Minimum,
    Multiply,
    Op,
    Select,
    Shape,
    Softmax,
    Tensor,
    Trees,
    Unary,
    Where,
    as_tensor,
)

V = TypeVar("V")
DROP_ZEROS = ("xgboost",)  # take the zeros of a sparse matrix for missing values
ACTIVATIONS: dict[Link, str] = {
    "sigmoid": "sigmoid", "exponential": "exponential", "log1p_exp": "softplus",
}  # fmt: skip


def build_graph(booster: Booster, file: ModelFile, format_name: str) -> Graph:
    """The graph of a model: its features as columns that may be NULL, its output as score.

    Raises: UnsupportedError, where categories are neither whole numbers nor texts.
    """
    body = booster.body
    check_categories(booster)
    hashed = booster.hashed
    features = body.features if isinstance(body, Ensemble) else len(body.weights)
    if hashed is not None:
        features = len(hashed.numbers) + len(hashed.texts)
    names = booster.names or [f"f{number}" for number in range(features)]
    texts = list(hashed.texts) if hashed is not None else find_texts(booster)
    order = [place for place in range(features) if place not in texts] + texts
    columns = [_make_column(booster, names[place], place, place in texts) for place in order]
    count = features - len(texts)
    given: tuple[tuple[str, Literal["float64", "text"], list[Column]], ...] = (
        ("numbers", "float64", columns[:count]),
        ("texts", "text", columns[count:]),
    )
    ports = [
        Port(name, value, (len(own),), dtype, columns=tuple(own))
        for value, (name, dtype, own) in enumerate(item for item in given if item[2])
    ]
    steps = _Steps([port.shape for port in ports])
    values = [_Value(port.value, port.shape) for port in ports]
    if hashed is not None:
        x = hashed.encode(steps.add, values[0] if count else None, values[-1])
        score = compute(booster, steps.add, x)
    else:
        if texts:
            codes = [
                steps.add(look_up(booster.categories[n]), steps.add(Select((place,)), values[-1]))
                for place, n in enumerate(texts)
            ]
            values = [*values[:-1], *codes]
        x = values[0] if len(values) == 1 else steps.add(Concatenate(0), *values)
        score = compute(booster, steps.add, x, order)
    return Graph(
        name=file.name.partition(".")[0],
        inputs=tuple(ports),
        nodes=tuple(steps.nodes),
        outputs=(Port("score", score.number, score.shape, _total(body)),),
        source=Source(format_name, booster.version, file.name, file.sha256),
        parameters=(
            len(body.bound) + body.leaves.size
            if isinstance(body, Ensemble)
            else body.weights.size + body.bias.size
        ),
        warnings=booster.warnings,
        labels=booster.labels,
        drops_zeros=format_name in DROP_ZEROS,
    )


def _make_column(booster: Booster, name: str, place: int, is_text: bool) -> Column:
    """A feature as a column. A NULL is a missing value, but of categories that are hashed: these
    have no missing value, and the row has no score."""
    nulls: Nulls = "null" if is_text and booster.hashed is not None else "missing"
    return Column(name, "text" if is_text else "number", nulls, place)


def compute(booster: Booster, add: Callable[..., V], x: V, order: Sequence[int] | None = None) -> V:
    """The score as nodes that add appends, each for an op and its inputs; x are the features, in
    this order where it is another than the file's."""
    body, total = booster.body, _total(booster.body)
    if isinstance(body, Ensemble):
        body = replace_categories(body, booster.categories)
        if order is not None:
            places = np.argsort(order).astype(np.int32)
            body = replace(body, columns=body.columns.copy())
            body.columns[:, 0] = places[body.columns[:, 0]]
        y = add(make_op(body), x)
        width = len(body.base)
    else:
        y = _multiply(body, add, x)
        width = len(body.bias)
    if booster.scale != 1 or booster.offset is not None:
        scale = np.full(width, booster.scale)
        offset = np.zeros(width) if booster.offset is None else booster.offset
        y = add(Affine(as_tensor(scale, dtype=total), as_tensor(offset, dtype=total)), y)
    return _link(booster.link, add, y, width, total)


def _total(body: Ensemble | Linear) -> Precision:
    """The type of a sum."""
    return body.total if isinstance(body, Ensemble) else "float32"


def _multiply(linear: Linear, add: Callable[..., V], x: V) -> V:
    """Numbers as float32 times weights; a missing one counts as 0."""
    single = add(Cast("float32"), x)
    zero = add(Constant(as_tensor(np.zeros(len(linear.weights)))))
    known = add(Where(), add(Unary("isnan"), single), zero, single)
    return add(Dense(as_tensor(linear.weights), as_tensor(linear.bias)), known)


def _link(link: Link, add: Callable[..., V], x: V, width: int, total: Precision) -> V:
    """What becomes of the sum."""
    if link in ACTIVATIONS:
        return add(Activation(ACTIVATIONS[link]), x)
    if link == "softmax":
        return add(Softmax(0), x)
    if link == "step":
        return add(Compare("greater"), x, add(Constant(as_tensor(np.zeros(width), dtype=total))))
    if link == "signed_square":
        return add(Multiply(), x, add(Unary("abs"), x))
    if link == "sorted":
        return _sort(add, x, width)
    return x


def _sort(add: Callable[..., V], x: V, width: int) -> V:
    """Numbers in ascending order: neighbours change places where they are not, in as many rounds as
    there are numbers, in turns from the first and from the second on."""
    for turn in range(width):
        firsts = range(turn % 2, width - 1, 2)
        others = {a: a + 1 for a in firsts} | {a + 1: a for a in firsts}
        other = add(Select(tuple(others.get(place, place) for place in range(width))), x)
        both = add(Concatenate(0), add(Minimum(), x, other), add(Maximum(), x, other))
        x = add(Select(tuple(p + width * (p - 1 in firsts) for p in range(width))), both)
    return x


def make_op(body: Ensemble) -> Trees:
    """The op that computes an ensemble."""

    def places(values: Ints) -> Tensor:
        return as_tensor(values, dtype="int32")

    return Trees(
        columns=places(body.columns),
        members=places(body.members),
        starts=places(body.starts),
        column=places(body.column),
        bound=as_tensor(body.bound, dtype=body.compare),
        left=places(body.left),
        leaves=as_tensor(body.leaves, dtype=body.total),
        base=as_tensor(body.base, dtype=body.total),
        target=None if body.target is None else places(body.target),
        compare=body.compare,
        total=body.total,
        divisor=body.divisor,
    )


@dataclass(frozen=True)
class _Value:
    """A value of the graph and its shape."""

    number: int
    shape: Shape


class _Steps:
    """Nodes one after another, behind the inputs."""

    def __init__(self, inputs: Sequence[Shape]) -> None:
        self.inputs = len(inputs)
        self.nodes: list[Node] = []

    def add(self, op: Op, *inputs: _Value) -> _Value:
        """Append a node; its value."""
        value = _Value(
            self.inputs + len(self.nodes), op.output_shape(*(item.shape for item in inputs))
        )
        numbers = tuple(item.number for item in inputs)
        layer = "trees" if isinstance(op, Trees) else "score"
        self.nodes.append(Node(op, numbers, value.number, value.shape, layer))
        return value
