"""The call of nn_trees.trees: an ensemble's arrays as the routine takes them."""

from __future__ import annotations

import numpy as np

from exporter.databases.oracle.registry import MAX_ARRAY
from exporter.databases.oracle.text import number
from exporter.engines.plsql.calls.arguments import doubles, finished, given, room
from exporter.engines.plsql.forward import Forward, Value
from exporter.engines.plsql.layout import write_call
from exporter.engines.plsql.lengths import boolean, number_of
from exporter.engines.plsql.limits import INSTEAD
from exporter.engines.plsql.runtime import DOUBLE, TREES, in_runtime
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.samples import Array
from exporter.sql.text import Sql

PLAIN, IS_NUMBER = 0, 7  # kinds of columns: a NaN is less than any bound; 0 for a NaN, else 1


def write_trees(forward: Forward, op: ops.Trees, node: Node) -> Value:
    """Write the call.

    Raises: CannotCall, for trees of more nodes or leaves than an array holds.
    """
    check_size(op)
    x = forward.only(node)
    columns, column, bound = _reach_all(op)
    left = np.where(op.left >= 0, op.left + 1, op.left)
    given_x = given(forward, node)
    y = room(forward, node)
    arguments = [
        given_x,
        number_of(x.shape[0]),
        boolean(op.compare == "float32"),
        _places(forward, op.columns, "columns", columns),
        doubles(forward, op.members, "members"),
        _places(forward, op.starts, "starts", op.starts + 1),
        _places(forward, op.column, "column", column),
        doubles(forward, op.bound, "bound", bound, "bound"),
        _places(forward, op.left, "left", left),
        doubles(forward, op.leaves, "leaves"),
        doubles(forward, op.base, "base"),
        Sql("null") if op.target is None else _places(forward, op.target, "target", op.target + 1),
        number(op.divisor),
        boolean(op.total == "float32"),
        y,
    ]
    forward.lines.append(write_call(in_runtime("trees", TREES), arguments))
    return finished(forward, node, Value(y, (len(op.base),), x.folded))


def check_size(op: ops.Trees) -> None:
    """Raise CannotCall for trees of more nodes or leaves than an array holds."""
    for count, what in ((op.left.size, "nodes"), (op.leaves.size, "numbers in their leaves")):
        if count > MAX_ARRAY:
            raise CannotCall(
                f"its trees have {count:,} {what}, a UTL_NLA array holds {MAX_ARRAY:,}",
                f"Train fewer or shallower trees. {INSTEAD}",
            )


def _reach_all(op: ops.Trees) -> tuple[Array, Array, Array]:
    """Columns, each node's column and its bound, counted from 1.

    In Oracle a NaN cannot be less than minus infinity: whoever asks for at least that asks for a
    number.
    """
    columns, column, bound = (np.array(item) for item in (op.columns, op.column, op.bound))
    plain = np.flatnonzero(columns[:, 1] == PLAIN)
    asks = (op.left >= 0) & np.isneginf(bound) & np.isin(column, plain)
    for place in np.unique(column[asks]):
        column[asks & (column == place)] = len(columns)
        columns = np.concatenate([columns, [[columns[place, 0], IS_NUMBER, 0, 0]]])
    bound[asks] = 0.5
    columns[:, 0] += 1
    return columns, column + 1, bound


def _places(forward: Forward, tensor: ops.Tensor, name: str, array: Array) -> Sql:
    """The variable of places counted from 1; what holds nothing is not stored."""
    if not array.size:
        return Sql("{}()").format(in_runtime("t_shape", DOUBLE))
    return forward.weights.places(tensor, name, array)
