"""Arguments and results of the routines that compute in BINARY_DOUBLE, whatever the graph does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exporter.databases.oracle.text import number
from exporter.engines.plsql.forward import Forward, Value
from exporter.engines.plsql.layout import write_items
from exporter.engines.plsql.limits import INSTEAD
from exporter.engines.plsql.runtime import DOUBLE, RUNTIME, in_runtime
from exporter.engines.plsql.weights import CannotCall
from exporter.ir import ops
from exporter.ir.graph import Node
from exporter.samples import Array
from exporter.sql.text import Sql

MAX_ITEMS = 10_000  # of a list in a package: PL/SQL compiles each as a part of its text


def given(forward: Forward, node: Node, place: int = 0) -> Sql:
    """The variable of an input, in BINARY_DOUBLE."""
    x = forward.operands(node)[place]
    if forward.graph.dtypes[node.inputs[place]] != "float32":
        return x.variable
    y = forward.temporary("float64")
    cast = in_runtime("cast_", DOUBLE)
    forward.lines.append(Sql("{} := {}({});").format(y, cast, x.variable))
    return y


def room(forward: Forward, node: Node) -> Sql:
    """A variable for a result in BINARY_DOUBLE."""
    is_single = forward.graph.dtypes[node.value] == "float32"
    return forward.temporary("float64") if is_single else forward.new()


def finished(forward: Forward, node: Node, y: Value) -> Value:
    """The result in the type that the graph says."""
    if forward.graph.dtypes[node.value] != "float32":
        return y
    single = forward.new()
    cast = in_runtime("cast_", RUNTIME)
    forward.lines.append(Sql("{} := {}({});").format(single, cast, y.variable))
    return Value(single, y.shape, y.folded)


def doubles(
    forward: Forward, tensor: ops.Tensor, name: str, array: Array | None = None, how: Any = None
) -> Sql:
    """The variable of weights in BINARY_DOUBLE; what holds nothing is not stored."""
    if not tensor.size:
        return Sql("utl_nla_array_dbl()")
    return forward.weights.vector(tensor, name, array, how, "float64")


def shape(items: Iterable[int]) -> Sql:
    """A t_shape of numbers.

    Raises: CannotCall, for more than a package should spell out.
    """
    parts = [number(int(item)) for item in items]
    if len(parts) > MAX_ITEMS:
        raise CannotCall(
            f"it has a list of {len(parts):,} places, a package takes {MAX_ITEMS:,}", INSTEAD
        )
    return Sql("{}({})").format(in_runtime("t_shape", DOUBLE), write_items(parts, 8))
