"""A network as a straight list of calls of nn_runtime.

What writes the call of an op is in calls/, a module for each family of ops; Forward has the
variables, and what several of them share. A shape here leaves out the rows; a length is a number,
or the name of a PL/SQL variable where it is known only when a row is scored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np

from exporter.databases.oracle.registry import MAX_ARRAY
from exporter.databases.oracle.text import ident, literal, number, remark, single
from exporter.engines.plsql.kinds import kind_of
from exporter.engines.plsql.layout import write_call
from exporter.engines.plsql.lengths import Argument, Length, Lengths, boolean, number_of, times
from exporter.engines.plsql.limits import INSTEAD, ROUGH, is_rough
from exporter.engines.plsql.runtime import TABLES, in_runtime
from exporter.engines.plsql.weights import CannotCall, Weights
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, format_shape
from exporter.samples import Array
from exporter.sql.text import Sql

Gate: TypeAlias = tuple[str, Sequence[tuple[str, float | bool]]]

ROWS = Sql("p_rows")
ONE = Sql("1")
FOREVER = 10**9  # an output is needed after the last node
# A routine's name where the op's own is a word of PL/SQL, or hides a function that is needed.
RENAMED = {
    name: f"{name}_" for name in ("add", "cast", "constant", "power", "repeat", "select", "where")
}
# Options of activations by the name that gate() gives them.
OPTIONS = {"b": "alpha", "theta": "threshold", "offset": "intercept", "approximate": "approximate"}


@dataclass(frozen=True)
class Value:
    """A value of the graph: its variable, its shape, and steps that were folded into its rows.

    What it holds is what graph.dtypes says of it; kinds.py has the type of the variable.
    """

    variable: Sql
    shape: Lengths
    folded: Lengths = ()

    @property
    def rows(self) -> Sql:
        """How many rows it has."""
        return times(ROWS, *self.folded)

    def count(self, *axes: Length) -> Sql:
        """Rows times these lengths."""
        return times(ROWS, *self.folded, *axes)


Writers: TypeAlias = Mapping[type[ops.Op], Callable[["Forward", Any, Node], Value]]
NOTHING = Value(Sql(""), ())
"""In the place of a value that has no variable yet."""


class Forward:
    """Writes the statements of forward(), node after node.

    writers write the call of an op, which in_tables are in nn_tables, all others in the package for
    numbers of the node's type.
    """

    def __init__(
        self, graph: Graph, weights: Weights, writers: Writers, in_tables: Collection[type[ops.Op]]
    ) -> None:
        self.graph = graph
        self.weights = weights
        self.writers = writers
        self.in_tables = in_tables
        self.lines: list[Sql] = []
        self.values: dict[int, Value] = {}
        self.constants: dict[int, ops.Constant] = {}
        self.locals: dict[Sql, Sql] = {}  # variable: its type
        self.lengths = 0
        self.largest = 1
        self._dtype: ops.Dtype = "float32"
        self._free: list[Sql] = []
        self._temporary: list[Sql] = []
        self._held: dict[Sql, set[int]] = {}
        self._position = 0
        self._last_use = last_uses(graph)

    def start(self, port: Port, argument: Sql) -> None:
        """Bind an input of the network to a parameter; work out a length that its row decides."""
        self.assume(port.value, port.shape)
        self.measure([n for n in port.shape if n is not None])
        shape: list[Length] = [n if n is not None else 0 for n in port.shape]
        if port.shape.count(None) > 1:
            raise CannotCall(
                f"it has {port.shape.count(None)} lengths that a row decides, and an array of"
                " Oracle has one dimension",
                "Save the model with an input of fixed shape.",
            )
        if None in port.shape:
            divisor = times(ROWS, math.prod(n for n in port.shape if n is not None))
            quotient = Sql("({})").format(divisor) if "*" in divisor else divisor
            length = self.length(Sql("{}.count / {}").format(argument, quotient))
            shape[port.shape.index(None)] = length
        self.values[port.value] = Value(argument, tuple(shape))

    def assume(self, value: int, shape: ops.Shape) -> None:
        """Let what follows a value that cannot be computed be checked all the same."""
        lengths = tuple(Sql("l_length_0") if n is None else n for n in shape)
        self.values[value] = Value(Sql("l_0"), lengths)

    def write(self, node: Node) -> None:
        """Write the call of a node.

        Raises: CannotCall, when nn_runtime cannot compute it.
        """
        self._dtype = self.graph.dtypes[node.value]
        if self._dtype == "float64" and is_rough(node.op):
            raise CannotCall(ROUGH, INSTEAD)
        writer = self.writers[type(node.op)]
        if not node.op.traits.stays and not isinstance(node.op, ops.Constant):
            name = node.op.kernel_name
            facts = (remark(text) for text in (node.layer, name, format_shape(node.shape)))
            self.lines.append(Sql("-- {}: {} {}").format(*facts))
        result: Value = writer(self, node.op, node)
        if result.variable:
            self.measure((*result.folded, *result.shape))
            self.values[node.value] = result
            self._held.setdefault(result.variable, set()).add(node.value)
        self._release(node)
        self._position += 1

    def finish(self, value: int) -> Sql:
        """The variable of an output."""
        if value in self.constants:
            self._dtype = self.graph.dtypes[value]
            self.values[value] = self.materialize(value, NOTHING)
        return self.values[value].variable

    # Variables and lengths.

    def _release(self, node: Node) -> None:
        for value in (*node.inputs, node.value):
            if self._last_use.get(value, -1) <= self._position and value in self.values:
                self._let_go(self.values[value].variable, value)
        for variable in self._temporary:
            self._let_go(variable, None)
        self._temporary = []

    def _let_go(self, variable: Sql, value: int | None) -> None:
        holders = self._held.setdefault(variable, set())
        if value is not None:
            holders.discard(value)
        if not holders and variable in self.locals and variable not in self._free:
            self._free.append(variable)

    def new(self, dtype: ops.Dtype | None = None) -> Sql:
        """A variable that holds nothing needed any more, or a new one, for values of a type: that
        of the node's result unless it is given."""
        kind = kind_of(dtype or self._dtype)
        free = [name for name in self._free if self.locals[name] == kind.array]
        if free:
            found = min(free, key=lambda name: (len(name), name))
            self._free.remove(found)
            return found
        serial = 1 + sum(array == kind.array for array in self.locals.values())
        variable = ident(f"{kind.prefix}{serial}")
        self.locals[variable] = kind.array
        return variable

    def discard(self, variable: Sql) -> None:
        """Let a variable go after this node."""
        self._temporary.append(variable)

    def temporary(self, dtype: ops.Dtype | None = None) -> Sql:
        """A variable for the duration of this node."""
        variable = self.new(dtype)
        self._temporary.append(variable)
        return variable

    def changeable(self, x: Value, node: Node, *others: Value) -> Sql:
        """A variable with the numbers of x that may be changed."""
        holders = self._held.get(x.variable, set())
        is_last = all(self._last_use.get(value, -1) <= self._position for value in holders)
        is_own = x.variable in self.locals and all(x.variable != o.variable for o in others)
        if is_last and is_own:
            if x.variable in self._temporary:
                self._temporary.remove(x.variable)
            holders.clear()
            return x.variable
        variable = self.new()
        self.lines.append(Sql("{} := {};").format(variable, x.variable))
        return variable

    def length(self, expression: Sql) -> Sql:
        """A variable for a length that is known only when a row is scored."""
        self.lengths += 1
        variable = ident(f"l_length_{self.lengths}")
        self.lines.append(Sql("{} := {};").format(variable, expression))
        return variable

    def measure(self, shape: Sequence[Length]) -> None:
        """Note how many numbers of a row an array holds."""
        size = math.prod(n for n in shape if isinstance(n, int))
        if size > MAX_ARRAY:
            raise CannotCall(
                f"it gives {size:,} numbers a row, a UTL_NLA array holds {MAX_ARRAY:,}",
                "Make the layer, or the input, smaller.",
            )
        self.largest = max(self.largest, size)

    def call(self, op: ops.Op | str, *arguments: Argument, **named: Argument) -> None:
        """Write a call; arguments that are None at the end, or are named, are left out."""
        name = self.routine(op) if isinstance(op, str) else self._routine_of(op)
        parts = [Sql("null") if item is None else number_of(item) for item in arguments]
        for key, value in named.items():
            if value is not None:
                parts.append(Sql("{} => {}").format(ident(f"p_{key}"), number_of(value)))
        self.lines.append(write_call(name, parts))

    def routine(self, name: str) -> Sql:
        """A routine or type of the package that has the node's result."""
        return in_runtime(name, kind_of(self._dtype).package)

    def _routine_of(self, op: ops.Op) -> Sql:
        """What computes an op: in nn_tables where it is one of tables."""
        name = routine_name(op)
        return in_runtime(name, TABLES) if type(op) in self.in_tables else self.routine(name)

    def numeral(self, value: float) -> Sql:
        """A literal of the type that the node computes in."""
        return number(float(value)) if self._dtype == "float64" else single(value)

    def t_shape(self, lengths: Sequence[Length]) -> Sql:
        """A t_shape."""
        return Sql("{}({})").format(
            self.routine("t_shape"), Sql(", ").join(map(number_of, lengths))
        )

    def rows_and(self, x: Value, shape: Lengths | None = None) -> Sql:
        """A t_shape of a value's rows and a shape, its own unless given."""
        return self.t_shape((x.rows, *(x.shape if shape is None else shape)))

    def vector(
        self, tensor: ops.Tensor, name: str, array: Array | None = None, how: Any = None
    ) -> Sql:
        """See Weights.vector; in the type that the node computes in."""
        return self.weights.vector(tensor, name, array, how, self._dtype)

    def blocks(
        self, tensor: ops.Tensor, name: str, matrix: Array | None = None, how: Any = None
    ) -> Sql:
        """See Weights.blocks; in the type that the node computes in."""
        return self.weights.blocks(tensor, name, matrix, how, self._dtype)

    def only(self, node: Node) -> Value:
        """The only input of a node."""
        (value,) = node.inputs
        return self.operand(value)

    def operand(self, value: int, like: Value | None = None) -> Value:
        """An input of a node; a constant gets as many rows as like has."""
        if value in self.constants:
            return self.materialize(value, like or NOTHING)
        return self.values[value]

    def materialize(self, value: int, like: Value, shape: Lengths | None = None) -> Value:
        """A constant for as many rows as like has, broadcast to a shape."""
        tensor = self.constants[value].value
        array: Array = tensor
        own = cast(Lengths, tuple(tensor.shape))
        if shape is not None and all(isinstance(n, int) for n in shape):
            own = shape
            array = np.broadcast_to(tensor, cast(tuple[int, ...], shape))
        variable = self.temporary()
        weights = self.vector(tensor, "value", array, own)
        self.call("constant_", weights, like.rows, variable)
        return Value(variable, own, like.folded)

    # What several ops share.

    def bias(self, bias: ops.Tensor | None) -> Sql | None:
        """The variable of a bias, where there is one."""
        return None if bias is None else self.vector(bias, "bias")

    def in_place(self, op: ops.Op, node: Node, *arguments: Argument) -> Value:
        """Write the call of an op that changes its only input, of the result's type."""
        x = self.only(node)
        y = self.changeable(x, node)
        while arguments and arguments[-1] is None:
            arguments = arguments[:-1]
        self.call(op, y, *arguments)
        return Value(y, x.shape, x.folded)

    def gate(self, gate: Gate, is_short: bool = False) -> Sql:
        """The activation of a name and options; only its name, where that is all and enough."""
        name, options = gate
        if not options and is_short:
            return literal(name)
        parts = [literal(name)]
        for option, value in options:
            if value is None:
                continue
            if isinstance(value, bool):
                key, given = f"p_is_{OPTIONS.get(option, option)}", boolean(value)
            else:
                key, given = f"p_{OPTIONS.get(option, option)}", number(float(value))
            parts.append(Sql("{} => {}").format(ident(key), given))
        return Sql("{}({})").format(self.routine("gate"), Sql(", ").join(parts))

    def operands(self, node: Node) -> list[Value]:
        """All inputs; constants get as many rows as the others have."""
        like = next((self.values[v] for v in node.inputs if v not in self.constants), None)
        return [self.operand(value, like) for value in node.inputs]

    def broadcast(self, x: Value, shape: Lengths) -> Value:
        """A value repeated to a shape, itself where it has that."""
        if x.shape == shape or all(m == n or m != 1 for m, n in zip(x.shape, shape, strict=True)):
            return x
        y = self.temporary()
        self.measure((*x.folded, *shape))
        self.call("broadcast", x.variable, self.rows_and(x), self.rows_and(x, shape), y)
        return Value(y, shape, x.folded)


def last_uses(graph: Graph) -> dict[int, int]:
    """The position of the last node that takes each value; outputs are needed for ever."""
    uses = {value: at for at, node in enumerate(graph.nodes) for value in node.inputs}
    return uses | dict.fromkeys(graph.results, FOREVER)


def routine_name(op: ops.Op) -> str:
    """The routine of the runtime that computes an op: the kernel's name, but for RENAMED."""
    return RENAMED.get(op.kernel_name, op.kernel_name)
