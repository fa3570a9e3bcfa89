"""Calls of the routines of nn_tables: ops over the columns of tables, and ops of texts.

A function here writes the call of one op, as those of the other modules do. The routines
compute in BINARY_DOUBLE; what is float32 in the graph is cast before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from exporter.databases.oracle.text import literal, number
from exporter.engines.plsql.calls.arguments import MAX_ITEMS, doubles, finished, given, room, shape
from exporter.engines.plsql.calls.trees import write_trees
from exporter.engines.plsql.forward import Forward, Value, Writers
from exporter.engines.plsql.layout import write_items
from exporter.engines.plsql.lengths import Argument, boolean
from exporter.engines.plsql.limits import INSTEAD
from exporter.engines.plsql.runtime import TABLES, in_runtime
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.sql.text import Sql

MAX_WORD = 16_000  # bytes: nn_tables keeps words in hexadecimal digits, in a VARCHAR2 of 32,767


def _select(forward: Forward, op: ops.Select, node: Node) -> Value:
    x = forward.only(node)
    places = shape(column + 1 for column in op.columns)
    if forward.graph.dtypes[node.value] == "text":
        y = forward.new()
        forward.call(op, x.variable, x.shape[-1], places, y)
        return Value(y, (*x.shape[:-1], len(op.columns)), x.folded)
    made = _made(forward, op, node, len(op.columns), x.shape[-1], places)
    return replace(made, shape=(*x.shape[:-1], len(op.columns)))


def _impute(forward: Forward, op: ops.Impute, node: Node) -> Value:
    values = doubles(forward, op.values, "values")
    return _changed(forward, op, node, values, _optional(op.missing))


def _impute_texts(forward: Forward, op: ops.ImputeTexts, node: Node) -> Value:
    require_texts([*op.words, op.missing])
    words = _texts(op.words)
    return forward.in_place(op, node, words, None if op.missing is None else literal(op.missing))


def _is_missing(forward: Forward, op: ops.IsMissing, node: Node) -> Value:
    x = forward.only(node)
    if forward.graph.dtypes[node.inputs[0]] != "text":
        missing = None if op.missing is None else float(op.missing)
        return _changed(forward, op, node, _optional(missing))
    missing_text = None if op.missing is None else str(op.missing)
    require_texts([missing_text])
    y = forward.new()
    forward.call(op, x.variable, literal(missing_text), y)
    return Value(y, x.shape, x.folded)


def _map_numbers(forward: Forward, op: ops.MapNumbers, node: Node) -> Value:
    return _changed(
        forward, op, node, doubles(forward, op.keys, "keys"),
        doubles(forward, op.values, "values"), shape(op.counts),
        *_of_unknown(forward, op),
    )  # fmt: skip


def _map_texts(forward: Forward, op: ops.MapTexts, node: Node) -> Value:
    x = forward.only(node)
    y = forward.new()
    forward.call(
        op, x.variable, _vocabulary(forward, op.words), doubles(forward, op.values, "values"),
        shape(map(len, op.words)), *_of_unknown(forward, op), y,
    )  # fmt: skip
    return Value(y, x.shape, x.folded)


def _string_lookup(forward: Forward, op: ops.StringLookup, node: Node) -> Value:
    x = forward.only(node)
    words = _vocabulary(forward, (op.words,))
    places = doubles(forward, op.places, "places")
    default = Sql("null") if op.default is None else number(float(op.default))
    y = room(forward, node)
    forward.call(op, x.variable, words, places, default, y)
    return finished(forward, node, Value(y, x.shape, x.folded))


def _indicate(forward: Forward, op: ops.Indicate, node: Node) -> Value:
    return _made(forward, op, node, op.size, forward.only(node).shape[0], op.size)


def _discretize(forward: Forward, op: ops.Discretize, node: Node) -> Value:
    edges = doubles(forward, op.edges, "edges")
    return _changed(forward, op, node, edges, shape(op.counts), boolean(op.slack))


def _normalize_row(forward: Forward, op: ops.NormalizeRow, node: Node) -> Value:
    width = forward.only(node).shape[0]
    return _changed(forward, op, node, width, literal(op.norm), number(float(op.tiny)))


def _power(forward: Forward, op: ops.PowerTransform | ops.PowerInverse, node: Node) -> Value:
    lambdas = doubles(forward, op.lambdas, "lambdas")
    return _changed(forward, op, node, literal(op.method), lambdas)


def _quantile_transform(forward: Forward, op: ops.QuantileTransform, node: Node) -> Value:
    quantiles = doubles(forward, op.quantiles, "quantiles", op.quantiles.T)
    references = doubles(forward, op.references, "references")
    return _changed(forward, op, node, quantiles, references, boolean(op.is_normal))


def _products(forward: Forward, op: ops.Products, node: Node) -> Value:
    degree = len(op.places[0])
    places = shape(place + 1 for item in op.places for place in item)
    width = forward.only(node).shape[0]
    return _made(forward, op, node, len(op.places), width, degree, places)


def _ufunc(forward: Forward, op: ops.Ufunc, node: Node) -> Value:
    return _changed(forward, op, node, literal(op.function))


def _splines(forward: Forward, op: ops.Splines, node: Node) -> Value:
    columns = op.knots.shape[1]
    return _made(
        forward, op, node, columns * op.splines, columns,
        doubles(forward, op.knots, "knots", op.knots.T), op.degree, literal(op.outside),
        boolean(op.has_last),
    )  # fmt: skip


def _interpolate(forward: Forward, op: ops.Interpolate, node: Node) -> Value:
    points = doubles(forward, op.points, "points")
    values = doubles(forward, op.values, "values")
    return _changed(forward, op, node, points, values, literal(op.outside))


def _squared_distances(forward: Forward, op: ops.SquaredDistances, node: Node) -> Value:
    count, width = op.points.shape
    return _made(forward, op, node, count, width, doubles(forward, op.points, "points"))


def _pair_votes(forward: Forward, op: ops.PairVotes | ops.CouplePairs, node: Node) -> Value:
    return _made(forward, op, node, op.classes, op.classes)


def _weighted_median(forward: Forward, op: ops.WeightedMedian, node: Node) -> Value:
    return _made(forward, op, node, 1, doubles(forward, op.weights, "weights"))


def _decide(forward: Forward, op: ops.Decide, node: Node) -> Value:
    return _made(forward, op, node, 1, forward.only(node).shape[0])


TABULAR: Writers = {
    ops.CouplePairs: _pair_votes,
    ops.Decide: _decide,
    ops.Discretize: _discretize,
    ops.Impute: _impute,
    ops.ImputeTexts: _impute_texts,
    ops.Indicate: _indicate,
    ops.Interpolate: _interpolate,
    ops.IsMissing: _is_missing,
    ops.MapNumbers: _map_numbers,
    ops.MapTexts: _map_texts,
    ops.NormalizeRow: _normalize_row,
    ops.PairVotes: _pair_votes,
    ops.PowerInverse: _power,
    ops.PowerTransform: _power,
    ops.Products: _products,
    ops.QuantileTransform: _quantile_transform,
    ops.Select: _select,
    ops.Splines: _splines,
    ops.SquaredDistances: _squared_distances,
    ops.StringLookup: _string_lookup,
    ops.Trees: write_trees,
    ops.Ufunc: _ufunc,
    ops.WeightedMedian: _weighted_median,
}


# Calls.


def _changed(forward: Forward, op: ops.Op, node: Node, *arguments: Argument) -> Value:
    """The call of a routine that changes its numbers in place."""
    if forward.graph.dtypes[node.value] == "float64":
        return forward.in_place(op, node, *arguments)
    x = forward.only(node)
    y = given(forward, node)
    forward.call(op, y, *arguments)
    return finished(forward, node, Value(y, x.shape, x.folded))


def _made(forward: Forward, op: ops.Op, node: Node, width: int, *arguments: Argument) -> Value:
    """The call of a routine that makes rows of width numbers of those of its inputs."""
    xs = [given(forward, node, place) for place in range(len(node.inputs))]
    y = room(forward, node)
    forward.call(op, *xs, *arguments, y)
    return finished(forward, node, Value(y, (width,), forward.operands(node)[0].folded))


# Arguments.


def _texts(words: Sequence[str]) -> Sql:
    """A t_texts."""
    parts = [literal(word) for word in words]
    return Sql("{}({})").format(in_runtime("t_texts", TABLES), write_items(parts, 8))


def _vocabulary(forward: Forward, columns: Sequence[Sequence[str]]) -> Sql:
    """The variable of the words of columns."""
    words = [word for column in columns for word in column]
    require_texts(words)
    if len(words) > MAX_ITEMS:
        raise CannotCall(f"it has {len(words):,} words, a package takes {MAX_ITEMS:,}", INSTEAD)
    made = Sql("{}({}, {})").format(
        in_runtime("vocabulary", TABLES), _texts(words), shape(map(len, columns))
    )
    return forward.weights.words(made, len(words))


def require_texts(words: Iterable[str | None]) -> None:
    """Raise CannotCall for an empty text among the words, or one that is too long."""
    words = list(words)
    longest = max((len(word.encode()) for word in words if word), default=0)
    if longest > MAX_WORD:
        raise CannotCall(
            f"it has a word of {longest:,} bytes, and PL/SQL looks up {MAX_WORD:,}", INSTEAD
        )
    if "" in words:
        raise CannotCall(
            "it has an empty text among its words, which Oracle cannot tell from a missing one",
            f"Give missing texts (None) to what is fitted in the place of empty ones. {INSTEAD}",
        )


def _of_unknown(forward: Forward, op: ops.MapNumbers | ops.MapTexts) -> tuple[Sql, ...]:
    """Defaults, absent, and for each column whether it is strict and whether complete."""
    return (
        doubles(forward, op.defaults, "defaults"),
        doubles(forward, op.absent, "absent"),
        shape(place in op.strict for place in range(op.width)),
        shape(place in op.complete for place in range(op.width)),
    )


def _optional(value: float | None) -> Sql | None:
    return None if value is None else number(float(value))
