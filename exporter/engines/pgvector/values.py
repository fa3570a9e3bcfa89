"""The body of a function in the making: values of a network as expressions and variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from exporter.engines.pgvector.scalars import add, constant, multiply
from exporter.ir.ops import Dtype
from exporter.sql.text import Sql, comma, ident, literal, number

if TYPE_CHECKING:  # it is made of values
    from exporter.engines.pgvector.lowering.rows import Rows

Array = np.ndarray[Any, np.dtype[Any]]

SCHEMA = ident("the schema of vector")
"""Stands where the schema of the extension is put, which only the server knows."""

DOUBLES = Sql("double precision[]")
EMPTY = Sql("'{}'")
VECTOR = Sql("{}.vector").format(SCHEMA)
MOST = 1e37  # sums of products stay below it, where a real ends at 3.4e38
MAX_VALUE = 16_000  # numbers of any value: each is an expression
ORDINARY = 1e15  # rows with larger numbers are scored the careful way


@dataclass(frozen=True, eq=False)
class Value:
    """The numbers of a value of the network, or its texts, row-major.

    items are expressions, each cheap to write again where is_kept; name is the variable that holds
    them all, where there is one. The numbers are items * scale + offset. products is what the items
    are made from where they are products with weights, not written yet; rows is the loop that gives
    them, where it is not written yet: then there are no items. usual is how most rows have them for
    less. bound is the largest size that a number can have; a finite one also says that none is NaN.
    """

    items: tuple[Sql, ...]
    shape: tuple[int, ...]
    bound: float
    is_kept: bool = False
    name: Sql | None = None
    scale: float = 1.0
    offset: float = 0.0
    products: Products | None = None
    rows: Rows | None = None
    usual: Usual | None = None
    is_text: bool = False

    def numbers(self) -> tuple[Sql, ...]:
        """Each number as an expression."""
        if self.products is not None:
            return self.products.items(1.0)
        if (self.scale, self.offset) == (1.0, 0.0):
            return self.items
        return tuple(
            add(multiply(item, constant(self.scale)), constant(self.offset)) for item in self.items
        )

    def scaled(self, factor: float) -> tuple[Sql, ...]:
        """Each number times a factor, which weights take in."""
        if self.products is not None:
            return self.products.items(factor)
        if factor == 1.0:
            return self.numbers()
        return tuple(multiply(item, constant(factor)) for item in self.numbers())


@dataclass(frozen=True, eq=False)
class Usual:
    """The same numbers by shorter expressions, which raise no error where a condition holds."""

    condition: Sql
    items: tuple[Sql, ...]


@dataclass(frozen=True, eq=False)
class Products:
    """Inner products of vectors, each in a variable, with the columns of weights (n, m), which
    write makes expressions of."""

    vectors: tuple[Sql, ...]
    weights: Array
    write: Callable[[Array], Sql]

    def items(self, factor: float) -> tuple[Sql, ...]:
        """The products times a factor. The operator gives the negative one."""
        columns = [self.write(column) for column in (self.weights * -factor).T]
        form = Sql("({} operator({}.<#>) {})")
        return tuple(
            form.format(name, SCHEMA, column) for name in self.vectors for column in columns
        )


def vector_text(values: Array) -> str:
    """The numbers as the type vector reads them, exact for float32."""
    return "[" + ",".join(np.asarray(values, np.float32).astype("U16").tolist()) + "]"


def vector(values: Array) -> Sql:
    """A constant of type vector."""
    return Sql("{}::{}.vector").format(literal(vector_text(values)), SCHEMA)


@dataclass
class Store:
    """Weights that lie in a table of the version's own, each at a place, from 1 on.

    What reads them is immutable, so that the planner asks it once a session for each place, and
    what it gives is a constant from then on: read_vector and read_bytes are the names of these
    functions.
    """

    read_vector: Sql
    read_bytes: Sql
    vectors: list[str] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    def vector(self, values: Array) -> Sql:
        """A call that gives a vector."""
        self.vectors.append(vector_text(values))
        return Sql("{}({})").format(self.read_vector, number(len(self.vectors)))

    def piece(self, data: bytes) -> Sql:
        """A call that gives bytes."""
        self.pieces.append(data)
        return Sql("{}({})").format(self.read_bytes, number(len(self.pieces)))


def array(items: Iterable[Sql]) -> Sql:
    """An array of double precision."""
    return Sql("array[{}]::{}").format(comma(items), DOUBLES)


@dataclass(frozen=True, eq=False)
class Step:
    """An op with its inputs, and the type of numbers that it computes in."""

    op: Any
    inputs: tuple[Value, ...]
    shape: tuple[int, ...]
    dtype: Dtype

    @property
    def x(self) -> Value:
        """The first input."""
        return self.inputs[0]

    def spread(self, tensor: Any, shape: tuple[int, ...] | None = None) -> list[Sql]:
        """A weight that is broadcast to the first input, as a constant for each number."""
        broadcast = np.broadcast_to(np.asarray(tensor, np.float64), shape or self.x.shape)
        return [constant(value) for value in broadcast.ravel().tolist()]


def made(step: Step, items: Sequence[Sql], bound: float = math.inf) -> Value:
    """What a step gives, by its items."""
    return Value(tuple(items), step.shape, bound)


@dataclass
class Body:
    """Statements and variables of one function, collected.

    is_careful: products are computed in double precision by the function runtime of the registry,
    for rows that hold numbers that no vector takes; weights are then the bytes of all kernels, in
    order. retreat is the statement that leaves such a row to the careful function. store is where
    weights go that may not stand in the text.
    """

    is_careful: bool
    runtime: str
    retreat: Sql
    store: Store | None = None
    declarations: list[Sql] = field(default_factory=list)
    statements: list[Sql] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)
    counters: list[Sql] = field(default_factory=list)

    def write(self, values: Array) -> Sql:
        """A vector of weights as an expression."""
        return vector(values) if self.store is None else self.store.vector(values)

    def variable(self, letter: Sql, type_: Sql) -> Sql:
        """A new variable."""
        name = Sql("{}{}").format(letter, number(len(self.declarations) + 1))
        self.declarations.append(Sql("{} {};").format(name, type_))
        return name

    def doubles(self, values: Array) -> Sql:
        """A new constant of weights in double precision: those of reals, to the last bit."""
        name = Sql("w{}").format(number(len(self.declarations) + 1))
        text = "{" + ",".join(np.asarray(values, np.float32).astype("U16").tolist()) + "}"
        form = Sql("{} constant {} := {}::real[]::{};")
        self.declarations.append(form.format(name, DOUBLES, literal(text), DOUBLES))
        return name

    def inner(self) -> Body:
        """What stands in a loop or a branch of this body: more statements, the same variables."""
        return replace(self, statements=[])

    def counter(self) -> Sql:
        """The name of a loop's variable, which the loop declares."""
        self.counters.append(Sql("n{}").format(number(len(self.counters) + 1)))
        return self.counters[-1]

    def loop(self, counter: Sql, last: Sql, inner: Body) -> None:
        """Statements for a counter from 0 to last."""
        self.run(
            Sql("for {counter} in 0 .. {last} loop\n{statements}\nend loop;"),
            counter=counter,
            last=last,
            statements=Sql("\n").join(inner.statements),
        )

    def choose(self, condition: Sql, yes: Body, no: Body | None = None) -> None:
        """Statements where a condition holds, and those where not."""
        parts = [Sql("\n").join(body.statements) for body in (yes, no) if body is not None]
        if no is None:
            self.run(Sql("if {} then\n{}\nend if;"), condition, *parts)
        else:
            self.run(Sql("if {} then\n{}\nelse\n{}\nend if;"), condition, *parts)

    def run(self, form: Sql, *parts: Sql, **named: Sql) -> None:
        """Add a statement: a template with parts in their places."""
        self.statements.append(form.format(*parts, **named))

    def keep(self, items: Sequence[Sql], type_: Sql = DOUBLES) -> tuple[Sql, tuple[Sql, ...]]:
        """Put expressions into a new variable; its name, and an expression for each element."""
        name = self.variable(Sql("v"), type_)
        self.put(name, type_, items)
        return name, elements(name, len(items))

    def put(self, name: Sql, type_: Sql, items: Sequence[Sql], usual: Usual | None = None) -> None:
        """Gather expressions in a variable, in the way that the row allows."""
        form = Sql("{} := array[{}]::{};")
        put = form.format(name, Sql(",\n").join(items), type_)
        if usual is None:
            self.statements.append(put)
            return
        self.run(
            Sql("if {condition} then\n  {usual}\nelse\n  {put}\nend if;"),
            condition=usual.condition,
            usual=form.format(name, Sql(",\n").join(usual.items), type_),
            put=put,
        )

    def kept(self, value: Value) -> Value:
        """The same with each number cheap to write again, and all of them in a variable."""
        if value.rows is not None:
            return value.rows.written(self, value.shape)
        if value.is_kept and value.name is not None:
            return value
        name = self.variable(Sql("v"), DOUBLES)
        self.put(name, DOUBLES, value.numbers(), value.usual)
        items = elements(name, len(value.numbers()))
        return Value(items, value.shape, value.bound, is_kept=True, name=name)

    def checked(self, value: Value, most: float) -> Value:
        """The same, none of whose numbers is NaN or larger than a vector takes: else retreat."""
        if value.bound <= most:
            return value
        value = self.kept(value)
        bound = min(most, ORDINARY)
        self.run(
            Sql("if {} is not true then\n  {}\nend if;"),
            within_limits(value.name or Sql("null"), bound),
            self.retreat,
        )
        return replace(value, bound=bound)


def within_limits(name: Sql, most: float) -> Sql:
    """Whether no number of an array is larger, in size; NULL where one is."""
    return Sql(
        "({most} operator(pg_catalog.>=) all ({name})"
        " and {least} operator(pg_catalog.<=) all ({name}))"
    ).format(
        most=Sql("{}::double precision").format(number(most)),
        least=Sql("({})::double precision").format(number(-most)),
        name=name,
    )


def elements(name: Sql, count: int) -> tuple[Sql, ...]:
    """The elements of an array in a variable."""
    return tuple(Sql("{}[{}]").format(name, number(place)) for place in range(1, count + 1))


Lowering = Callable[[Body, Step], Value]
"""How an op becomes statements of a body, and the value that it gives."""
