"""From a model as its file holds it to a Graph: columns of numbers in, score out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import Problem, UnsupportedError
from exporter.formats.opening import ModelFile
from exporter.formats.trees.ensemble import Ensemble, Ints
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
    Softmax,
    Tensor,
    Trees,
    Unary,
    Where,
    as_tensor,
)

ACTIVATIONS: dict[Link, str] = {
    "sigmoid": "sigmoid", "exponential": "exponential", "log1p_exp": "softplus",
}  # fmt: skip


def build_graph(booster: Booster, file: ModelFile, format_name: str) -> Graph:
    """The graph of a model: its features as columns that may be NULL, its output as score.

    Raises: UnsupportedError, where features are texts.
    """
    body, names = booster.body, booster.names
    _check_categories(booster)
    features = body.features if isinstance(body, Ensemble) else len(body.weights)
    steps = _Steps(features)
    if isinstance(body, Ensemble):
        total = body.total
        body = replace_categories(body, booster.categories)
        steps.add(make_op(body), 0, layer="trees")
        parameters = len(body.bound) + body.leaves.size
    else:
        total = "float32"
        steps.add_linear(body)
        parameters = body.weights.size + body.bias.size
    if booster.scale != 1 or booster.offset is not None:
        offset = np.zeros(1) if booster.offset is None else booster.offset
        scale = np.full(offset.shape, booster.scale)
        op = Affine(as_tensor(scale, dtype=total), as_tensor(offset, dtype=total))
        steps.add(op, steps.last, layer="scale")
    steps.add_link(booster.link, total)
    columns = tuple(
        Column(name, nulls="missing", place=place)
        for place, name in enumerate(names or [f"f{number}" for number in range(features)])
    )
    return Graph(
        name=file.name.partition(".")[0],
        inputs=(Port("numbers", 0, (features,), "float64", columns=columns),),
        nodes=tuple(steps.nodes),
        outputs=(Port("score", steps.last, steps.shapes[steps.last], total),),
        source=Source(format_name, booster.version, file.name, file.sha256),
        parameters=parameters,
        warnings=booster.warnings,
    )


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


class _Steps:
    """Nodes one after another; last is the latest value."""

    def __init__(self, features: int) -> None:
        self.nodes: list[Node] = []
        self.shapes: list[tuple[int | None, ...]] = [(features,)]

    @property
    def last(self) -> int:
        """The latest value."""
        return len(self.shapes) - 1

    def add(self, op: Op, *inputs: int, layer: str) -> int:
        """Append a node; its value's number."""
        shape = op.output_shape(*(self.shapes[value] for value in inputs))
        self.shapes.append(shape)
        self.nodes.append(Node(op, inputs, self.last, shape, layer))
        return self.last

    def add_linear(self, linear: Linear) -> None:
        """Numbers as float32 times weights; a missing one counts as 0."""
        x = self.add(Cast("float32"), 0, layer="weights")
        zero = self.add(Constant(as_tensor(np.zeros(self.shapes[0]))), layer="weights")
        is_missing = self.add(Unary("isnan"), x, layer="weights")
        known = self.add(Where(), is_missing, zero, x, layer="weights")
        kernel, bias = as_tensor(linear.weights), as_tensor(linear.bias)
        self.add(Dense(kernel, bias), known, layer="weights")

    def add_link(self, link: Link, total: str) -> None:
        """What becomes of the sum."""
        x = self.last
        if link in ACTIVATIONS:
            self.add(Activation(ACTIVATIONS[link]), x, layer="objective")
        elif link == "softmax":
            self.add(Softmax(0), x, layer="objective")
        elif link == "step":
            zero = Constant(as_tensor(np.zeros(self.shapes[x]), dtype=total))
            self.add(Compare("greater"), x, self.add(zero, layer="objective"), layer="objective")
        elif link == "signed_square":
            size = self.add(Unary("abs"), x, layer="objective")
            self.add(Multiply(), x, size, layer="objective")


def _check_categories(booster: Booster) -> None:
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
