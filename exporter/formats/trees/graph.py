"""From a model as its file holds it to a Graph: columns of numbers in, score out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from exporter.errors import Problem, UnsupportedError
from exporter.formats.opening import ModelFile
from exporter.formats.trees.ensemble import Ensemble, Ints, Precision
from exporter.formats.trees.model import Booster, Linear, Link
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import (
    Activation,
    Affine,
    Cast,
    Compare,
    Constant,
    Dense,
    Multiply,
    Op,
    Shape,
    Softmax,
    Tensor,
    Trees,
    Unary,
    Where,
    as_tensor,
)

V = TypeVar("V")
ACTIVATIONS: dict[Link, str] = {
    "sigmoid": "sigmoid", "exponential": "exponential", "log1p_exp": "softplus",
}  # fmt: skip


def build_graph(booster: Booster, file: ModelFile, format_name: str) -> Graph:
    """The graph of a model: its features as columns that may be NULL, its output as score.

    Raises: UnsupportedError, where features are texts.
    """
    body, names = booster.body, booster.names
    check_categories(booster)
    features = body.features if isinstance(body, Ensemble) else len(body.weights)
    steps = _Steps()
    score = compute(booster, steps.add, _Value(0, (features,)))
    columns = tuple(
        Column(name, nulls="missing", place=place)
        for place, name in enumerate(names or [f"f{number}" for number in range(features)])
    )
    return Graph(
        name=file.name.partition(".")[0],
        inputs=(Port("numbers", 0, (features,), "float64", columns=columns),),
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
    )


def compute(booster: Booster, add: Callable[..., V], x: V) -> V:
    """The score as nodes that add appends, each for an op and its inputs; x are the features."""
    body, total = booster.body, _total(booster.body)
    if isinstance(body, Ensemble):
        y = add(make_op(replace_categories(body, booster.categories)), x)
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
    """Nodes one after another."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def add(self, op: Op, *inputs: _Value) -> _Value:
        """Append a node; its value."""
        value = _Value(len(self.nodes) + 1, op.output_shape(*(item.shape for item in inputs)))
        numbers = tuple(item.number for item in inputs)
        layer = "trees" if isinstance(op, Trees) else "score"
        self.nodes.append(Node(op, numbers, value.number, value.shape, layer))
        return value


def check_categories(booster: Booster) -> None:
    """Refuse categories that are no whole numbers.

    Raises: UnsupportedError, naming every feature.
    """
    names = booster.names or [f"f{n}" for n in range(1 + max(booster.categories, default=0))]
    problems = [
        Problem(
            names[feature],
            "categorical feature",
            f"its categories are texts or fractions, such as {values[0]!r}",
            "Train with the categories as whole numbers, and give the table such a column.",
            "column",
        )
        for feature, values in booster.categories.items()
        if not all(isinstance(value, (bool, int)) and abs(value) < 2**24 for value in values)
    ]
    if problems:
        raise UnsupportedError(problems)


def replace_categories(body: Ensemble, categories: Mapping[int, Sequence[Any]]) -> Ensemble:
    """Sets of the categories themselves instead of the numbers that a library gave them."""
    columns = body.columns.copy()
    pieces = [body.members[:0]]
    end = 0
    for place, (feature, _, first, last) in enumerate(body.columns.tolist()):
        own = body.members[first:last]
        if values := categories.get(feature):
            own = np.array([int(values[n]) for n in own.tolist() if n < len(values)], np.int32)
        columns[place, 2:] = end, end + len(own)
        end += len(own)
        pieces.append(own)
    return replace(body, columns=columns, members=np.concatenate(pieces))


def find_codes(booster: Booster, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows with the library's numbers of categories instead of these; -1 for unknown ones."""
    result = x.copy()
    for feature, values in booster.categories.items():
        codes = {float(value): code for code, value in enumerate(values)}
        own = x[:, feature].tolist()
        result[:, feature] = [codes.get(v, v if np.isnan(v) else -1) for v in own]
    return result
