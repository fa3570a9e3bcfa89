"""A network as a straight list of calls of nn_runtime.

Every method of Forward named as an op, after an underscore, writes the call of that op. A shape
here leaves out the rows; a length is a number, or the name of a PL/SQL variable where it is known
only when a row is scored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np

from exporter.databases.oracle.registry import MAX_ARRAY
from exporter.databases.oracle.text import ident, literal, number, remark, single
from exporter.engines.plsql.kinds import kind_of
from exporter.engines.plsql.limits import INSTEAD, ROUGH, is_rough
from exporter.engines.plsql.runtime import TABLES, in_runtime
from exporter.engines.plsql.weights import CannotCall, Weights
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, format_shape
from exporter.samples import Array
from exporter.sql.text import Sql

Length: TypeAlias = int | Sql
Lengths: TypeAlias = tuple[Length, ...]
Argument: TypeAlias = Length | None
Gate: TypeAlias = tuple[str, Sequence[tuple[str, float | bool]]]

ROWS = Sql("p_rows")
ONE = Sql("1")
FOREVER = 10**9  # an output is needed after the last node
LINE_WIDTH = 98
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

    writers are those of ops of tables (tabular.py); others are methods here.
    """

    def __init__(self, graph: Graph, weights: Weights, writers: Writers) -> None:
        self.graph = graph
        self.weights = weights
        self.writers = writers
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
        self._measure([n for n in port.shape if n is not None])
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
            length = self._length(Sql("{}.count / {}").format(argument, quotient))
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
        writer = self.writers.get(type(node.op)) or getattr(type(self), f"_{node.op.kernel_name}")
        if not node.op.traits.stays and not isinstance(node.op, ops.Constant):
            name = node.op.kernel_name
            facts = (remark(text) for text in (node.layer, name, format_shape(node.shape)))
            self.lines.append(Sql("-- {}: {} {}").format(*facts))
        result: Value = writer(self, node.op, node)
        if result.variable:
            self._measure((*result.folded, *result.shape))
            self.values[node.value] = result
            self._held.setdefault(result.variable, set()).add(node.value)
        self._release(node)
        self._position += 1

    def finish(self, value: int) -> Sql:
        """The variable of an output."""
        if value in self.constants:
            self._dtype = self.graph.dtypes[value]
            self.values[value] = self._materialize(value, NOTHING)
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

    def temporary(self, dtype: ops.Dtype | None = None) -> Sql:
        """A variable for the duration of this node."""
        variable = self.new(dtype)
        self._temporary.append(variable)
        return variable

    def _change(self, x: Value, node: Node, *others: Value) -> Sql:
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

    def _length(self, expression: Sql) -> Sql:
        """A variable for a length that is known only when a row is scored."""
        self.lengths += 1
        variable = ident(f"l_length_{self.lengths}")
        self.lines.append(Sql("{} := {};").format(variable, expression))
        return variable

    def _measure(self, shape: Sequence[Length]) -> None:
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
        name = self._routine(op) if isinstance(op, str) else self._routine_of(op)
        parts = [Sql("null") if item is None else number_of(item) for item in arguments]
        for key, value in named.items():
            if value is not None:
                parts.append(Sql("{} => {}").format(ident(f"p_{key}"), number_of(value)))
        self.lines.append(write_call(name, parts))

    def _routine(self, name: str) -> Sql:
        """A routine or type of the package that has the node's result."""
        return in_runtime(name, kind_of(self._dtype).package)

    def _routine_of(self, op: ops.Op) -> Sql:
        """What computes an op: in nn_tables where it is one of tables."""
        name = routine_name(op)
        return in_runtime(name, TABLES) if type(op) in self.writers else self._routine(name)

    def numeral(self, value: float) -> Sql:
        """A literal of the type that the node computes in."""
        return number(float(value)) if self._dtype == "float64" else single(value)

    def _shape(self, lengths: Sequence[Length]) -> Sql:
        """A t_shape."""
        return Sql("{}({})").format(
            self._routine("t_shape"), Sql(", ").join(map(number_of, lengths))
        )

    def _rows_and(self, x: Value, shape: Lengths | None = None) -> Sql:
        """A t_shape of a value's rows and a shape, its own unless given."""
        return self._shape((x.rows, *(x.shape if shape is None else shape)))

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
        return self._operand(value)

    def _operand(self, value: int, like: Value | None = None) -> Value:
        if value in self.constants:
            return self._materialize(value, like or NOTHING)
        return self.values[value]

    def _materialize(self, value: int, like: Value, shape: Lengths | None = None) -> Value:
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

    # One method an op, named as its kernel.

    def _dense(self, op: ops.Dense, node: Node) -> Value:
        x = self.only(node)
        inputs, units = op.kernel.shape
        y = self.new()
        kernel = self.blocks(op.kernel, "kernel")
        self.call(
            op, x.variable, x.count(*x.shape[:-1]), inputs, units, kernel,
            self._bias(op.bias), y,
        )  # fmt: skip
        return Value(y, (*x.shape[:-1], units), x.folded)

    def _activation(self, op: ops.Activation, node: Node) -> Value:
        return self.in_place(op, node, self._gate((op.function, op.options), True))

    def _softmax(self, op: ops.Softmax, node: Node) -> Value:
        x = self.only(node)
        length, inner = along(x.shape, (op.axis,))
        return self.in_place(op, node, length, None if inner == "1" else inner)

    _log_softmax = _sparsemax = _softmax

    def _glu(self, op: ops.Glu, node: Node) -> Value:
        x = self.only(node)
        length, inner = along(x.shape, (op.axis,))
        half = x.shape[op.axis]
        half = half // 2 if isinstance(half, int) else self._length(Sql("{} / 2").format(half))
        y = self.new()
        self.call(op, x.variable, length, inner, y)
        return Value(y, replaced(x.shape, op.axis, half), x.folded)

    def _affine(self, op: ops.Affine, node: Node) -> Value:
        return self._weighted(op, node, scale=op.scale, offset=op.offset)

    def _standardize(self, op: ops.Standardize, node: Node) -> Value:
        return self._weighted(op, node, mean=op.mean, deviation=op.deviation)

    def _prelu(self, op: ops.Prelu, node: Node) -> Value:
        return self._weighted(op, node, alpha=op.alpha)

    def _concatenate(self, op: ops.Concatenate, node: Node) -> Value:
        xs = self.operands(node)
        lengths = [x.shape[op.axis] for x in xs]
        total: Length = (
            sum(n for n in lengths if isinstance(n, int))
            if all(isinstance(n, int) for n in lengths)
            else self._length(Sql(" + ").join(map(number_of, lengths)))
        )
        inner = xs[0].shape[op.axis + 1 :]
        y = self.new()
        offset: Length = 0
        for x, length in zip(xs, lengths, strict=True):
            before = Sql("0") if offset == 0 else times(offset, *inner)
            width, whole = times(length, *inner), times(total, *inner)
            self.call(op, x.variable, width, whole, before, y)
            offset = (
                offset + length
                if isinstance(offset, int) and isinstance(length, int)
                else Sql("({} + {})").format(number_of(offset), number_of(length))
            )
        return Value(y, replaced(xs[0].shape, op.axis, total), xs[0].folded)

    def _add(self, op: ops.Merge, node: Node) -> Value:
        return self._merge(op, node)

    _multiply = _subtract = _divide = _modulo = _power = _maximum = _minimum = _add

    def _compare(self, op: ops.Compare, node: Node) -> Value:
        return self._merge(op, node, literal(op.function))

    def _average(self, op: ops.Average, node: Node) -> Value:
        result = self._merge(ops.Add(), node)
        self.call(op, result.variable, len(node.inputs))
        return result

    def _reshape(self, op: ops.Reshape, node: Node) -> Value:
        x = self.only(node)
        shape: list[Length] = list(op.shape)
        if -1 in op.shape:
            known = math.prod(n for n in op.shape if n != -1)
            size = times(*x.shape)
            place = op.shape.index(-1)
            fixed = node.shape[place]
            if fixed is None and known == 1:
                shape[place] = size if "*" not in size else self._length(size)
            else:
                shape[place] = fixed or self._length(Sql("{} / {}").format(size, number(known)))
        return Value(x.variable, tuple(shape), x.folded)

    def _transpose(self, op: ops.Transpose, node: Node) -> Value:
        x = self.only(node)
        y = self.new()
        axes = self._shape((1, *(axis + 2 for axis in op.axes)))
        self.call(op, x.variable, self._rows_and(x), axes, y)
        return Value(y, tuple(x.shape[axis] for axis in op.axes), x.folded)

    def _conv(self, op: ops.Conv, node: Node) -> Value:
        x = self.only(node)
        *size, depth, filters = op.kernel.shape
        window = math.prod(size) * depth
        if op.groups > 1:
            require_one_array(op.kernel)
        else:
            require_small_windows(window)
        y = self.new()
        self.call(
            op, x.variable, x.rows, self._shape(x.shape[:-1]), number_of(x.shape[-1]),
            self._shape(size), self._shape(op.strides), self._shape(op.dilation),
            literal(op.padding), op.groups, filters, self.blocks(op.kernel, "kernel"),
            self._bias(op.bias), y,
        )  # fmt: skip
        counts = self._windows(x.shape[:-1], node, size, op.strides, op.dilation, op.padding)
        return Value(y, (*counts, filters), x.folded)

    def _conv_transpose(self, op: ops.ConvTranspose, node: Node) -> Value:
        x = self.only(node)
        *size, filters, _ = op.kernel.shape
        require_one_array(op.kernel)
        y = self.new()
        self.call(
            op, x.variable, x.rows, self._shape(x.shape[:-1]), number_of(x.shape[-1]),
            self._shape(size), self._shape(op.strides), self._shape(op.dilation),
            self._shape(op.before), self._shape(op.after), filters,
            self.blocks(op.kernel, "kernel"), self._bias(op.bias), y,
        )  # fmt: skip
        lengths: list[Length] = []
        for axis, fixed in enumerate(node.shape[:-1]):
            more = (size[axis] - 1) * op.dilation[axis] + 1 - op.before[axis] - op.after[axis]
            free = Sql("({} - 1) * {} + {}").format(
                number_of(x.shape[axis]), number(op.strides[axis]), number(more)
            )
            lengths.append(self._length(free) if fixed is None else fixed)
        return Value(y, (*lengths, filters), x.folded)

    def _locally_connected(self, op: ops.LocallyConnected, node: Node) -> Value:
        x = self.only(node)
        rank = len(op.strides)
        counts, size = op.kernel.shape[:rank], op.kernel.shape[rank : 2 * rank]
        filters = op.kernel.shape[-1]
        y = self.new()
        self.call(
            op, x.variable, x.rows, self._shape(x.shape[:-1]), number_of(x.shape[-1]),
            self._shape(size), self._shape(op.strides), filters,
            self.vector(op.kernel, "kernel"), self._bias(op.bias), y,
        )  # fmt: skip
        return Value(y, (*counts, filters), x.folded)

    def _pool(self, op: ops.Pool, node: Node) -> Value:
        x = self.only(node)
        y = self.new()
        self.call(
            op, x.variable, x.rows, self._shape(x.shape[:-1]), number_of(x.shape[-1]),
            literal(op.mode), self._shape(op.size), self._shape(op.strides), literal(op.padding), y,
        )  # fmt: skip
        ones = (1,) * len(op.size)
        counts = self._windows(x.shape[:-1], node, op.size, op.strides, ones, op.padding)
        return Value(y, (*counts, x.shape[-1]), x.folded)

    def _reduce(self, op: ops.Reduce, node: Node) -> Value:
        """Axes side by side at once, others one group after the other, from behind."""
        x = self.only(node)
        lengths: list[Length | None] = list(x.shape)
        source = x.variable
        y = source
        for axes in reversed(runs(op.axes)):
            shape = tuple(n for n in lengths if n is not None)
            length, inner = along(shape, axes)
            y = self.new()
            self.call(op, source, literal(op.function), length, inner, y)
            if source != x.variable:
                self._temporary.append(source)
            source = y
            lengths = [
                (1 if op.keepdims else None) if axis in axes else n
                for axis, n in enumerate(lengths)
            ]
        if y == x.variable:
            return x
        return Value(y, tuple(n for n in lengths if n is not None), x.folded)

    def _find_extreme(self, op: ops.FindExtreme, node: Node) -> Value:
        x = self.only(node)
        length, inner = along(x.shape, (op.axis,))
        y = self.new()
        self.call(op, x.variable, literal(op.function), length, inner, y)
        return Value(y, (*x.shape[: op.axis], *x.shape[op.axis + 1 :]), x.folded)

    def _cumulate(self, op: ops.Cumulate, node: Node) -> Value:
        length, inner = along(self.only(node).shape, (op.axis,))
        return self.in_place(op, node, literal(op.function), length, inner)

    def _unary(self, op: ops.Unary, node: Node) -> Value:
        return self.in_place(op, node, literal(op.function))

    def _clip(self, op: ops.Clip, node: Node) -> Value:
        return self.in_place(op, node, self.numeral(op.low), self.numeral(op.high))

    def _constant(self, op: ops.Constant, node: Node) -> Value:
        """Nothing yet: who takes it decides for how many rows."""
        self.constants[node.value] = op
        return NOTHING

    def _matmul(self, op: ops.Matmul, node: Node) -> Value:
        a, b = self.operands(node)
        leading = self._joined(a.shape[:-2], b.shape[:-2])
        a = self._broadcast(a, (*leading, *a.shape[-2:]))
        b = self._broadcast(b, (*leading, *b.shape[-2:]))
        y = self.new()
        m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
        count = a.count(*leading)
        self.call(op, a.variable, b.variable, count, m, k, n, y)
        return Value(y, (*leading, m, n), a.folded)

    def _bucketize(self, op: ops.Bucketize, node: Node) -> Value:
        if not op.boundaries.size:
            return self.in_place(ops.Fill(0.0), node, self.numeral(0))
        return self.in_place(op, node, self.vector(op.boundaries, "boundaries"))

    def _lookup(self, op: ops.Lookup, node: Node) -> Value:
        if not op.keys.size:
            return self.in_place(ops.Fill(op.default), node, self.numeral(op.default))
        keys = self.vector(op.keys, "keys")
        values = self.vector(op.values, "values")
        return self.in_place(op, node, keys, values, self.numeral(op.default))

    def _encode(self, op: ops.Encode, node: Node) -> Value:
        x = self.only(node)
        y = self.new()
        length = number_of(x.shape[-1]) if x.shape else Sql("1")
        self.call(op, x.variable, length, op.depth, literal(op.mode), y)
        kept = x.shape if op.mode == "one_hot" else x.shape[:-1]
        return Value(y, (*kept, op.depth), x.folded)

    def _pad(self, op: ops.Pad, node: Node) -> Value:
        x = self.only(node)
        y = self.new()
        before = self._shape((0, *(first for first, _ in op.widths)))
        after = self._shape((0, *(last for _, last in op.widths)))
        self.call(op, x.variable, self._rows_and(x), before, after, self.numeral(op.value), y)
        lengths = (
            n + first + last
            if isinstance(n, int)
            else self._length(Sql("{} + {}").format(n, number(first + last)))
            for n, (first, last) in zip(x.shape, op.widths, strict=True)
        )
        return Value(y, tuple(lengths), x.folded)

    def _cut(self, op: ops.Cut, node: Node) -> Value:
        x = self.only(node)
        starts, steps, lengths = [], [], []
        for n, item, fixed in zip(x.shape, op.slices, node.shape, strict=True):
            start, step, length = self._slice(n, item, fixed)
            starts.append(start)
            steps.append(step)
            lengths.append(length)
        y = self.new()
        self.call(
            op, x.variable, self._rows_and(x), self._shape((0, *starts)), self._shape((1, *steps)),
            self._rows_and(x, tuple(lengths)), y,
        )  # fmt: skip
        return Value(y, tuple(lengths), x.folded)

    def _repeat(self, op: ops.Repeat, node: Node) -> Value:
        x = self.only(node)
        n = x.shape[op.axis]
        y = self.new()
        self.call(op, x.variable, op.times, times(*x.shape[op.axis + 1 :]), y)
        length = n * op.times if isinstance(n, int) else self._length(times(n, op.times))
        return Value(y, replaced(x.shape, op.axis, length), x.folded)

    def _not_equal(self, op: ops.NotEqual, node: Node) -> Value:
        return self.in_place(op, node, self.numeral(op.value))

    def _where(self, op: ops.Where, node: Node) -> Value:
        xs = self.operands(node)
        shape: Lengths = ()
        for x in xs:
            shape = self._joined(shape, x.shape) if shape else x.shape
        condition, x, other = (self._broadcast(x, shape) for x in xs)
        y = self._change(x, node, condition, other)
        self.call(op, y, condition.variable, other.variable)
        return Value(y, shape, x.folded)

    def _cast(self, op: ops.Cast, node: Node) -> Value:
        x = self.only(node)
        y = self.new()
        self.lines.append(Sql("{} := {}({});").format(y, self._routine("cast_"), x.variable))
        return Value(y, x.shape, x.folded)

    def _fill(self, op: ops.Fill, node: Node) -> Value:
        return self.in_place(op, node, self.numeral(op.value))

    def _embedding(self, op: ops.Embedding, node: Node) -> Value:
        x = self.only(node)
        vocabulary, width = op.table.shape
        y = self.new()
        table = self.blocks(op.table, "table")
        self.call(op, x.variable, vocabulary, width, table, y)
        return Value(y, (*x.shape, width), x.folded)

    def _fold_time(self, op: ops.FoldTime, node: Node) -> Value:
        x = self.only(node)
        return Value(x.variable, x.shape[1:], (*x.folded, x.shape[0]))

    def _unfold_time(self, op: ops.UnfoldTime, node: Node) -> Value:
        x, folded = (self._operand(value) for value in node.inputs)
        return Value(x.variable, (folded.shape[0], *x.shape), folded.folded)

    def _masked_mean(self, op: ops.MaskedMean, node: Node) -> Value:
        x, mask = self.operands(node)
        length, inner = along(x.shape, (op.axis,))
        y = self.new()
        self.call(op, x.variable, mask.variable, x.rows, length, inner, y)
        return Value(y, (*x.shape[: op.axis], *x.shape[op.axis + 1 :]), x.folded)

    def _simple_rnn(self, op: ops.SimpleRnn, node: Node) -> Value:
        return self._recurrent(op, node, op.kernel, op.recurrent_kernel, op.bias)

    def _lstm(self, op: ops.Lstm, node: Node) -> Value:
        return self._recurrent(
            op, node, op.kernel, op.recurrent_kernel, op.bias, op.recurrent_activation
        )

    def _conv_lstm(self, op: ops.ConvLstm, node: Node) -> Value:
        x, *others = self.operands(node)
        mask = others.pop(0).variable if op.is_masked else None
        *size, filters, columns = op.recurrent_kernel.shape
        require_small_windows(math.prod(size) * filters)
        steps, *lengths, _ = x.shape
        y = self.new()
        states = dict(zip(("hidden", "cell"), (state.variable for state in others), strict=False))
        self._measure((*x.folded, *lengths, columns))
        self.call(
            op, x.variable, x.rows, number_of(steps), self._shape(lengths), self._shape(size),
            filters, self.blocks(op.recurrent_kernel, "recurrent"),
            self._gate(op.activation), self._gate(op.recurrent_activation), literal(op.result), y,
            mask=mask, zeroes_masked=boolean(True) if op.zeroes_masked else None, **states,
        )  # fmt: skip
        state = (*lengths, filters)
        return Value(y, (steps, *state) if op.result == "sequence" else state, x.folded)

    def _gru(self, op: ops.Gru, node: Node) -> Value:
        units = op.recurrent_kernel.shape[0]
        bias: Array | None = op.bias
        late: Array | None = None
        if op.recurrent_bias is not None and bias is not None:
            early = op.recurrent_bias.copy()
            early[2 * units :] = 0
            bias, late = bias + early, op.recurrent_bias[2 * units :]
        return self._recurrent(
            op, node, op.kernel, op.recurrent_kernel[:, : 2 * units], bias,
            op.recurrent_activation, (op.recurrent_kernel[:, 2 * units :], late),
        )  # fmt: skip

    def _layer_normalization(self, op: ops.LayerNormalization, node: Node) -> Value:
        x = self.only(node)
        given = [tensor for tensor in (op.gamma, op.beta) if tensor is not None]
        if not given:
            return self._normalize(op, node, number(op.epsilon))
        gamma = np.ones_like(given[0]) if op.gamma is None else op.gamma
        beta = np.zeros_like(given[0]) if op.beta is None else op.beta
        gamma, beta, behind = self._laid_out(x.shape, gamma, beta)
        names = [
            self.vector(given[0] if own is None else own, name, array, (name, x.shape))
            for name, own, array in (("gamma", op.gamma, gamma), ("beta", op.beta, beta))
        ]
        last = None if behind == "1" else behind
        return self._normalize(op, node, number(op.epsilon), *names, last)

    def _unit_normalization(self, op: ops.UnitNormalization, node: Node) -> Value:
        return self._normalize(op, node, number(op.epsilon))

    def _attention(self, op: ops.Attention, node: Node) -> Value:
        query, key, value, mask = self._attended(op.is_masked, node)
        y = self.new()
        self.call(
            op, query.variable, key.variable, value.variable, query.rows,
            number_of(query.shape[0]), number_of(key.shape[0]), op.heads,
            number_of(query.shape[1]), number_of(value.shape[1]), number(float(op.scale)),
            boolean(op.is_causal), y, mask=mask,
            zeroes_masked=boolean(True) if op.zeroes_masked else None,
        )  # fmt: skip
        return Value(y, (query.shape[0], value.shape[1]), query.folded)

    def _additive_attention(self, op: ops.AdditiveAttention, node: Node) -> Value:
        query, key, value, mask = self._attended(op.is_masked, node)
        y = self.new()
        self.call(
            op, query.variable, key.variable, value.variable, query.rows,
            number_of(query.shape[0]), number_of(key.shape[0]), number_of(query.shape[1]),
            number_of(value.shape[1]), self.vector(op.scale, "scale"),
            boolean(op.is_causal), y, mask=mask,
        )  # fmt: skip
        return Value(y, (query.shape[0], value.shape[1]), query.folded)

    # What several ops share.

    def _bias(self, bias: ops.Tensor | None) -> Sql | None:
        return None if bias is None else self.vector(bias, "bias")

    def in_place(self, op: ops.Op, node: Node, *arguments: Argument) -> Value:
        """Write the call of an op that changes its only input, of the result's type."""
        x = self.only(node)
        y = self._change(x, node)
        while arguments and arguments[-1] is None:
            arguments = arguments[:-1]
        self.call(op, y, *arguments)
        return Value(y, x.shape, x.folded)

    def _gate(self, gate: Gate, is_short: bool = False) -> Sql:
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
        return Sql("{}({})").format(self._routine("gate"), Sql(", ").join(parts))

    def operands(self, node: Node) -> list[Value]:
        """All inputs; constants get as many rows as the others have."""
        like = next((self.values[v] for v in node.inputs if v not in self.constants), None)
        return [self._operand(value, like) for value in node.inputs]

    def _merge(self, op: ops.Merge, node: Node, *arguments: Sql) -> Value:
        like = next((self.values[v] for v in node.inputs if v not in self.constants), None)
        shape: Lengths | None = None
        for value in node.inputs:
            own = (
                cast(Lengths, tuple(self.constants[value].value.shape))
                if value in self.constants
                else self.values[value].shape
            )
            shape = own if shape is None else self._joined(shape, own)
        shape = shape or ()
        first, *others = (
            self._broadcast(
                self._materialize(value, like or NOTHING, shape)
                if value in self.constants
                else self.values[value],
                shape,
            )
            for value in node.inputs
        )
        y = self._change(first, node, *others)
        for other in others:
            self.call(op, y, other.variable, *arguments)
        return Value(y, shape, first.folded)

    def _joined(self, a: Lengths, b: Lengths) -> Lengths:
        """The shape of a + b; of two lengths that a row decides, the first: they agree."""
        return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))

    def _broadcast(self, x: Value, shape: Lengths) -> Value:
        if x.shape == shape or all(m == n or m != 1 for m, n in zip(x.shape, shape, strict=True)):
            return x
        y = self.temporary()
        self._measure((*x.folded, *shape))
        self.call("broadcast", x.variable, self._rows_and(x), self._rows_and(x, shape), y)
        return Value(y, shape, x.folded)

    def _laid_out(self, shape: Lengths, *tensors: Array) -> tuple[Any, ...]:
        """Tensors in the least room from which they repeat over shape, and p_inner."""
        rank = len(shape)
        padded = [t.reshape((1,) * (rank - t.ndim) + t.shape) for t in tensors]
        varied = [axis for axis in range(rank) if any(t.shape[axis] != 1 for t in padded)]
        if not varied:
            return (*(t.ravel() for t in padded), Sql("1"))
        first, last = varied[0], varied[-1]
        room = [max(t.shape[axis] for t in padded) for axis in range(first, last + 1)]
        for place, axis in enumerate(range(first, last + 1)):
            length = shape[axis]
            if room[place] == 1 and length != 1:
                if not isinstance(length, int):
                    raise CannotCall(
                        "its weights repeat along an axis of free length between others",
                        "Save the model with an input of fixed shape.",
                    )
                room[place] = length
        arrays = [
            np.broadcast_to(t.reshape(t.shape[first : last + 1]), room).ravel() for t in padded
        ]
        return (*arrays, times(*shape[last + 1 :]))

    def _weighted(self, op: ops.Op, node: Node, **tensors: ops.Tensor) -> Value:
        x = self.only(node)
        *arrays, inner = self._laid_out(x.shape, *tensors.values())
        names = [
            self.vector(tensor, name, array, array.shape)
            for (name, tensor), array in zip(tensors.items(), arrays, strict=True)
        ]
        return self.in_place(op, node, *names, None if inner == "1" else inner)

    def _windows(
        self,
        lengths: Lengths,
        node: Node,
        size: Sequence[int],
        strides: Sequence[int],
        dilation: Sequence[int],
        padding: str,
    ) -> Lengths:
        counts: list[Length] = []
        for axis, fixed in enumerate(node.shape[:-1]):
            free = Sql("{}({}, {}, {}, {}, {})").format(
                self._routine("count_windows"), number_of(lengths[axis]), number(size[axis]),
                number(strides[axis]), number(dilation[axis]), literal(padding),
            )  # fmt: skip
            counts.append(self._length(free) if fixed is None else fixed)
        return tuple(counts)

    def _slice(
        self, n: Length, item: tuple[int | None, int | None, int | None], fixed: int | None
    ) -> tuple[Length, int, Length]:
        """Start, step and count of a slice as Python counts."""
        start, stop, step = item[0], item[1], item[2] or 1
        if isinstance(n, int):
            places = range(n)[slice(*item)]
            return places.start, step, len(places)
        if step < 0 and (start, stop) != (None, None):
            raise CannotCall(
                "it cuts an axis of free length backwards, from within",
                "Save the model with an input of fixed shape.",
            )
        if step < 0:
            first = Sql("{} - 1").format(n)
            count = Sql("floor(({} - 1) / {}) + 1").format(n, number(-step))
        else:
            first = place_of(n, start or 0)
            end = n
            if stop is not None:
                at = place_of(n, stop)
                end = at if stop < 0 else Sql("least({}, {})").format(n, at)
            count = Sql("{} - ({})").format(end, first)
            if step > 1:
                count = Sql("floor(({} - 1) / {}) + 1").format(count, number(step))
        return first, step, self._length(count) if fixed is None else fixed

    def _normalize(
        self,
        op: ops.LayerNormalization | ops.UnitNormalization,
        node: Node,
        epsilon: Sql,
        *weights: Argument,
    ) -> Value:
        """Along axes that lie side by side at once; others are brought together and back."""
        x = self.only(node)
        groups = runs(op.axes)
        if len(groups) == 1:
            return self.in_place(op, node, *along(x.shape, groups[0]), epsilon, *weights)
        kept = [axis for axis in range(len(x.shape)) if axis not in op.axes]
        order = [*kept, *sorted(op.axes)]
        moved = tuple(x.shape[axis] for axis in order)
        together, y = self.temporary(), self.new()
        axes = self._shape((1, *(axis + 2 for axis in order)))
        back = self._shape((1, *(order.index(axis) + 2 for axis in range(len(order)))))
        self.call("transpose", x.variable, self._rows_and(x), axes, together)
        length, _ = along(moved, range(len(kept), len(order)))
        self.call(op, together, length, ONE, epsilon)
        self.call("transpose", together, self._rows_and(x, moved), back, y)
        if weights:
            self.call("affine", y, *(item for item in weights if item is not None))
        return Value(y, x.shape, x.folded)

    def _recurrent(
        self,
        op: ops.Recurrent,
        node: Node,
        kernel: Array,
        recurrent_kernel: Array,
        bias: Array | None,
        recurrent_activation: Gate | None = None,
        new: tuple[Array, Array | None] | None = None,
    ) -> Value:
        x, *others = self.operands(node)
        mask = others.pop(0).variable if op.is_masked else None
        steps, inputs = x.shape
        units = op.recurrent_kernel.shape[0]
        how = op.kernel_name
        arguments: list[Argument] = [
            x.variable, x.rows, number_of(steps), number_of(inputs), units,
            self.blocks(op.kernel, "kernel", kernel, how),
            self.blocks(op.recurrent_kernel, "recurrent", recurrent_kernel, how),
        ]  # fmt: skip
        if new is not None:
            arguments.append(self.blocks(op.recurrent_kernel, "new", new[0], how))
        arguments.append(None if op.bias is None else self.vector(op.bias, "bias", bias, how))
        if isinstance(op, ops.Gru) and new is not None:
            late = op.recurrent_bias
            arguments.append(None if late is None else self.vector(late, "new_bias", new[1], how))
        arguments.append(self._gate(op.activation))
        if recurrent_activation is not None:
            arguments.append(self._gate(recurrent_activation))
        if isinstance(op, ops.Gru):
            arguments.append(boolean(op.reset_after))
        y = self.new()
        states = dict(zip(("hidden", "cell"), (state.variable for state in others), strict=False))
        self._measure((*x.folded, op.gates * units))
        self.call(
            op, *arguments, literal(op.result), y, mask=mask,
            zeroes_masked=boolean(True) if op.zeroes_masked else None, **states,
        )  # fmt: skip
        shape: Lengths = (steps, units) if op.result == "sequence" else (units,)
        return Value(y, shape, x.folded)

    def _attended(self, is_masked: bool, node: Node) -> tuple[Value, Value, Value, Sql | None]:
        query, key, value, *masks = self.operands(node)
        pairs = (query.shape[0], key.shape[0])
        self._measure(pairs)
        mask = self._broadcast(masks[0], pairs).variable if is_masked else None
        return query, key, value, mask


def last_uses(graph: Graph) -> dict[int, int]:
    """The position of the last node that takes each value; outputs are needed for ever."""
    uses = {value: at for at, node in enumerate(graph.nodes) for value in node.inputs}
    return uses | dict.fromkeys(graph.results, FOREVER)


def routine_name(op: ops.Op) -> str:
    """The routine of the runtime that computes an op: the kernel's name, but for RENAMED."""
    return RENAMED.get(op.kernel_name, op.kernel_name)


def times(*factors: Length) -> Sql:
    """A product: numbers first multiplied, then names."""
    known = math.prod(n for n in factors if isinstance(n, int))
    names = [n for n in factors if isinstance(n, Sql)]
    if names and known == 1:
        return Sql(" * ").join(names)
    return Sql(" * ").join([*names, number(known)])


def along(shape: Lengths, axes: Sequence[int]) -> tuple[Sql, Sql]:
    """p_length and p_inner of axes that lie side by side."""
    return times(*shape[axes[0] : axes[-1] + 1]), times(*shape[axes[-1] + 1 :])


def runs(axes: Sequence[int]) -> list[tuple[int, ...]]:
    """Axes in groups that lie side by side."""
    groups: list[tuple[int, ...]] = []
    for axis in sorted(set(axes)):
        if groups and groups[-1][-1] == axis - 1:
            groups[-1] = (*groups[-1], axis)
        else:
            groups.append((axis,))
    return groups


def replaced(shape: Lengths, axis: int, length: Length) -> Lengths:
    """The shape with another length along axis."""
    return (*shape[:axis], length, *shape[axis + 1 :])


def number_of(length: Length) -> Sql:
    """A length as an argument."""
    return length if isinstance(length, Sql) else number(int(length))


def place_of(n: Sql, place: int) -> Sql:
    """A place in n as Python counts: from behind where it is negative."""
    return number(place) if place >= 0 else Sql("{} - {}").format(n, number(-place))


def boolean(value: bool) -> Sql:
    """true or false."""
    return Sql("true") if value else Sql("false")


def require_small_windows(numbers: int) -> None:
    """Raise CannotCall for windows of a convolution that do not fit into one array."""
    if numbers > MAX_ARRAY:
        raise CannotCall(
            f"a window of it holds {numbers:,} numbers, a UTL_NLA array {MAX_ARRAY:,}",
            "Make the layer smaller.",
        )


def require_one_array(kernel: Array) -> None:
    """Raise CannotCall for a kernel that does not fit into one array."""
    if kernel.size > MAX_ARRAY:
        raise CannotCall(
            f"its kernel has {kernel.size:,} numbers, and only those of dense, recurrent and"
            f" ungrouped convolutional layers may have more than {MAX_ARRAY:,}",
            "Make the layer smaller.",
        )


def write_call(name: Sql, parts: Sequence[Sql], indent: int = 4) -> Sql:
    """A call on one line, or its arguments on lines of their own below."""
    line = Sql("{}({});").format(name, Sql(", ").join(parts))
    if indent + len(line) <= LINE_WIDTH:
        return line
    inner = write_lines(parts, indent + 2)
    return Sql("{}({}{}{});").format(name, _newline(indent + 2), inner, _newline(indent))


def write_items(parts: Sequence[Sql], indent: int) -> Sql:
    """Items by commas, on one line or on lines that begin below each other."""
    line = Sql(", ").join(parts)
    return line if indent + 1 + len(line) <= LINE_WIDTH else write_lines(parts, indent)


def write_lines(parts: Sequence[Sql], indent: int) -> Sql:
    """Items by commas on lines of moderate length."""
    lines: list[list[Sql]] = [[]]
    width = 0
    for place, part in enumerate(parts):
        more = len(part) + (place < len(parts) - 1)  # with its comma
        if lines[-1] and indent + 1 + width + more > LINE_WIDTH:
            lines.append([])
        width = width + 1 + more if lines[-1] else more
        lines[-1].append(part)
    joint = Sql(",{}").format(_newline(indent))
    return joint.join([Sql(", ").join(line) for line in lines])


def _newline(indent: int) -> Sql:
    return Sql("\n{}").format(Sql(" ").join([Sql("")] * (indent + 1)))
