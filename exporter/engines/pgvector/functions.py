"""A version's own functions: the network as the body of a function in PL/pgSQL."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from exporter.engines.pgvector.lowering import LOWERINGS
from exporter.engines.pgvector.lowering.rows import lower
from exporter.engines.pgvector.runtime import runtime_name
from exporter.engines.pgvector.scalars import (
    as_single,
    call,
    choose,
    compare,
    constant,
    is_nan,
)
from exporter.engines.pgvector.values import (
    DOUBLES,
    MAX_VALUE,
    MOST,
    ORDINARY,
    SCHEMA,
    Body,
    Step,
    Store,
    Value,
    elements,
    within_limits,
)
from exporter.engines.statements import Function, Version
from exporter.errors import SignatureError
from exporter.ir import ops
from exporter.ir.graph import Graph, Port, count_numbers
from exporter.ir.passes import count_uses, needed_values
from exporter.ir.windows import Window
from exporter.sql.text import Sql, binary, comma, ident, literal, number, texts

EITHER = Sql("anyarray")
"""The type of a row that comes as real[] or as double precision[], whatever the caller has: to cast
an array of many numbers costs as much as a layer. In a session it is compiled for each."""

REFUSE_PRINTS = Sql(
    "if pg_catalog.current_setting('debug_print_plan') operator(pg_catalog.=) 'on' then\n"
    "  raise exception 'debug_print_plan is on, which would print weights'\n"
    "    using errcode = 'insufficient_privilege',"
    " hint = 'Run: set debug_print_plan = off;';\nend if;"
)
"""Comes first: weights that are not in the text are in plans, which anybody can have printed."""


MANY = 16  # numbers of an output that are looked at together before each is rounded by itself
BY_VECTORS = (ops.Dense, ops.Conv, ops.Recurrent)
"""Ops that multiply by vectors, which do not hold all numbers."""


@dataclass(frozen=True)
class Given:
    """How a row comes: the parameters' types, those of the careful functions, and each input of the
    network as a value."""

    types: tuple[Sql, ...]
    careful_types: tuple[Sql, ...]
    values: tuple[Value, ...]

    @property
    def arguments(self) -> tuple[Sql, ...]:
        """p1, p2, ..."""
        return tuple(Sql("p{}").format(number(n)) for n in range(1, len(self.types) + 1))

    def parameters(self, is_careful: bool = False) -> Sql:
        """Each with its type."""
        types = self.careful_types if is_careful else self.types
        pairs = zip(self.arguments, types, strict=True)
        return comma(Sql("{} {}").format(name, type_) for name, type_ in pairs)


def make_functions(version: Version, is_stored: bool = False) -> tuple[Function, ...]:
    """score, its careful twin where vectors are used, label, what packs and unpacks batches, and
    what scores windows over rows; is_stored, whether the weights lie in a table, and not in the
    functions' text.

    Raises: SignatureError, for windows of others than numbers, and forecasts.
    """
    if version.forecasts:
        raise SignatureError(
            "the engine pgvector has no forecasts: leave --forecast out, or give --engine plpython."
        )
    window = version.signature.window
    if window is not None and not takes_rows(window):
        raise SignatureError(
            "the engine pgvector takes windows of numbers that are never missing alone; with"
            " --engine plpython the columns of a row may be others."
        )
    if window is not None and window.padding is not None and version.graph().rows:
        raise SignatureError(
            "the engine pgvector does not fill windows whose rows are preprocessed one by one, for"
            " what it fills in would be preprocessed too: leave --pad out, or give --engine"
            " plpython."
        )
    return tuple(_Maker(version, is_stored).make())


def takes_rows(window: Window) -> bool:
    """Whether the columns of a row are numbers, and a window with a NULL has none."""
    return all(column.kind == "number" and column.nulls == "null" for column in window.columns)


class _Maker:
    """Makes the functions of one version."""

    def __init__(self, version: Version, is_stored: bool) -> None:
        self.version = version
        self.store = None
        if is_stored:
            self.store = Store(self._qualified("weights"), self._qualified("kernels"))
        self.graph = version.graph()
        self.has_careful = any(
            isinstance(node.op, BY_VECTORS) and self.graph.dtypes[node.value] == "float32"
            for node in self.graph.nodes
        )
        self.given = _given(self.graph, self.has_careful)
        self.types = comma(self.given.types)
        self.returns = version.methods[0][1]

    def make(self) -> list[Function]:
        """All of them, in the order in which they are made."""
        functions = []
        if self.has_careful:
            functions.append(self._score("careful", is_careful=True))
        functions.append(self._score("score", is_careful=False))
        if len(self.version.methods) > 1:
            if self.has_careful and self.graph.choice is not None:
                functions.append(self._chosen_label("careful_label", is_careful=True))
            functions.append(self._label())
        functions += [self._pack(is_exact=True), self._pack(is_exact=False), self._batch()]
        if self._takes_columns_too():
            functions += self._spread()
        if self.version.signature.window is not None:
            functions += self._windows(self.version.signature.window)
        return functions if self.store is None else [*self._readers(self.store), *functions]

    def _readers(self, store: Store) -> list[Function]:
        """The table of weights, and what reads it."""
        place, count = self._qualified("weights"), Sql("integer")
        type_ = Sql("{}.vector").format(SCHEMA)
        held = {"place": place, "vectors": store.vectors, "pieces": store.pieces}
        table = self.version.name("weights")
        vectors = self._function(
            "weights", "stored_vectors", count, type_, False, table=table, **held
        )
        data = Sql("pg_catalog.bytea")
        pieces = self._function("kernels", "stored_bytes", count, data, False, place=place)
        return [replace(vectors, returns="vector"), pieces]  # its schema is not known here

    def _function(
        self, method: str, template: str, types: Sql, returns: Sql, is_open: bool, **variables: Any
    ) -> Function:
        name = self.version.name(method)
        shared = {"model": self.version.schema, "function": name, "returns": returns}
        return Function(
            f"{method}: this version",
            template,
            {**shared, "schema_of_vector": str(SCHEMA), **variables},
            identity=self.version.identity(name, types),
            returns=str(returns),
            is_open=is_open,
        )

    def _qualified(self, method: str) -> Sql:
        """The name of something of the version's own, with its schema."""
        schema, name = self.version.schema, self.version.name(method)
        return Sql("{}.{}").format(ident(schema), ident(name))

    def _call(self, method: str) -> Sql:
        """A call of another function with the same arguments."""
        return Sql("{}({})").format(self._qualified(method), comma(self.given.arguments))

    def _careful_call(self, method: str) -> Sql:
        """A call of a careful function, with the arguments in its types."""
        pairs = zip(self.given.arguments, self.given.careful_types, strict=True)
        arguments = comma(Sql("{}::{}").format(name, type_) for name, type_ in pairs)
        return Sql("{}({})").format(self._qualified(method), arguments)

    def _score(self, method: str, is_careful: bool) -> Function:
        retreat = Sql("return {};").format(self._careful_call("careful"))
        body = Body(is_careful, runtime_name(), retreat, self.store)
        results = self._compile(body, [port.value for port in self.graph.outputs])
        pairs = zip(results, self.graph.outputs, strict=True)
        items = [_result(body, value, port) for value, port in pairs]
        result = items[0] if len(items) == 1 else Sql("row({})").format(comma(items))
        body.run(
            Sql("return {}{};"),
            result,
            Sql("") if len(items) == 1 else Sql("::{}").format(self.returns),
        )
        return self._body_function(method, body, self.returns, is_open=not is_careful)

    def _body_function(self, method: str, body: Body, returns: Sql, is_open: bool) -> Function:
        first = [] if self.store is None else [REFUSE_PRINTS]
        if body.weights:
            whole = b"".join(body.weights)
            if self.store is None:
                form = Sql("weights constant pg_catalog.bytea := {};")
                body.declarations.append(form.format(binary(whole)))
            else:  # a declared value is planned before the first statement
                body.declarations.append(Sql("weights pg_catalog.bytea;"))
                first.append(Sql("weights := {};").format(self.store.piece(whole)))
        return self._function(
            method,
            "network",
            comma(self.given.careful_types) if body.is_careful else self.types,
            returns,
            is_open,
            parameters=self.given.parameters(body.is_careful),
            declarations=Sql("\n  ").join(body.declarations),
            statements=Sql("\n").join([*first, *body.statements]),
        )

    def _compile(self, body: Body, wanted: Sequence[int]) -> list[Value]:
        """The statements that compute values of the network, and these values."""
        graph, uses = self.graph, count_uses(self.graph)
        self._refuse_types(body)
        needed = needed_values(graph, wanted)
        values: dict[int, Value] = {}
        for port, value in zip(graph.inputs, self.given.values, strict=True):
            values[port.value] = self._enter(body, port, value)
        self._refuse_missing(body)
        for port in graph.inputs:
            values[port.value] = self._round(body, port, values[port.value])
        for node in graph.nodes:
            if node.value not in needed:
                continue
            inputs = tuple(values[value] for value in node.inputs)
            shape = tuple(n or 0 for n in node.shape)
            step = Step(node.op, inputs, shape, graph.dtypes[node.value])
            value = lower(body, step, LOWERINGS[type(node.op)])
            if uses[node.value] > 1 and not value.is_kept and not value.is_text:
                value = body.kept(value)
            values[node.value] = value
        return [values[value] for value in wanted]

    def _refuse_types(self, body: Body) -> None:
        """Before anything else: of an array of a caller's own type, operators and casts would be
        his, and run as the owner."""
        if EITHER in self.given.types and not body.is_careful:
            body.run(
                Sql(
                    "if pg_catalog.pg_typeof(p1) operator(pg_catalog.<>) all"
                    " ('{{real[],double precision[]}}'::pg_catalog.regtype[]) then\n"
                    "  raise exception '% is neither real[] nor double precision[]',"
                    " pg_catalog.pg_typeof(p1) using errcode = 'datatype_mismatch';\nend if;"
                )
            )

    def _enter(self, body: Body, port: Port, value: Value) -> Value:
        """Check an array's length; one of other dimensions or bounds is laid out flat."""
        if not port.columns:
            body.run(
                Sql("if {} then\n  {} := export_model.vector_row({});\nend if;"),
                _is_other(value),
                value.name or Sql("null"),
                self._lengths(port, value),
            )
        return value

    def _lengths(self, port: Port, value: Value) -> Sql:
        """What vector_row and vector_problem are asked: the array, a row's lengths, and which."""
        count = len(value.items)
        shape = "x".join(map(str, port.shape)) or "1"
        takes = str(count) if len(port.shape) == 1 else f"{count} ({shape})"
        numbers = "number" if count == 1 else "numbers"
        text = f'model "{self.version.schema}": input "{port.name}" takes {takes} {numbers}'
        return Sql("{}, array[{}]::integer[], {}").format(
            value.name or Sql("null"), comma(number(n or 0) for n in port.shape), literal(text)
        )

    def _refuse_missing(self, body: Body) -> None:
        """A NULL score for a row that holds a NULL where none may be."""
        if any(port.columns for port in self.graph.inputs):
            tests = [
                Sql("{} is null").format(item)
                for port, value in zip(self.graph.inputs, self.given.values, strict=True)
                for item, column in zip(value.items, port.columns, strict=True)
                if column.nulls == "null"
            ]
        elif self.has_careful and not body.is_careful:
            return  # comparing with the largest number that is taken finds a NULL too
        else:
            tests = [
                Sql("pg_catalog.array_position({}, null) is not null").format(name)
                for name in self.given.arguments
            ]
        if tests:
            body.run(Sql("if {} then\n  return null;\nend if;"), Sql(" or ").join(tests))

    def _round(self, body: Body, port: Port, value: Value) -> Value:
        """Numbers in the type that the network takes, and of a size that it can compute with."""
        if port.is_text:
            return value
        items = list(value.items)
        for place, column in enumerate(port.columns):
            if column.nulls == "missing":
                items[place] = Sql("coalesce({}, 'NaN'::double precision)").format(items[place])
        if port.dtype == "float64":
            name, kept = body.keep(items)
            return Value(kept, value.shape, math.inf, is_kept=True, name=name)
        if body.is_careful or not self.has_careful or port.columns:
            if port.columns:
                items = list(body.keep(items)[1])
            name, kept = body.keep([as_single(item) for item in items])
            return Value(kept, value.shape, math.inf, is_kept=True, name=name)
        value = body.checked(value, ORDINARY)
        if all(
            isinstance(node.op, (ops.Dense, ops.Conv))
            for node in self.graph.nodes
            if port.value in node.inputs
        ):
            return value
        name = body.variable(Sql("v"), DOUBLES)
        body.run(
            Sql("{} := {}::{}.vector::real[]::double precision[];"),
            name,
            value.name or Sql("null"),
            SCHEMA,
        )
        return replace(value, items=elements(name, len(value.items)), name=name)

    def _label(self) -> Function:
        labels = texts(self.version.signature.labels)
        if self.graph.choice is not None:
            return self._chosen_label("label", is_careful=False)
        return self._function(
            "label",
            "label_of_score",
            self.types,
            Sql("pg_catalog.text"),
            True,
            parameters=self.given.parameters(),
            score=self._call("score"),
            score_type=self.returns,
            place=self._label_place(),
            labels=labels,
        )

    def _chosen_label(self, method: str, is_careful: bool) -> Function:
        """Of a model that says itself which label a row has."""
        retreat = Sql("return {};").format(self._careful_call("careful_label"))
        body = Body(is_careful, runtime_name(), retreat, self.store)
        (choice,) = self._compile(body, [self.graph.choice or 0])
        (place,) = body.kept(choice).items
        labels = texts(self.version.signature.labels)
        chosen = Sql("({})[{}::integer operator(pg_catalog.+) 1]").format(labels, place)
        body.run(Sql("return {};"), choose(is_nan(place), Sql("null"), chosen))
        return self._body_function(method, body, Sql("text"), is_open=not is_careful)

    def _label_place(self) -> Sql:
        """The place of the label of the score s, from 1; NULL where it is not a number."""
        port = self.graph.outputs[0]
        count = count_numbers(port.shape) or 0
        result = Sql("l_score")
        if len(self.graph.outputs) > 1:
            result = Sql("(l_score).{}").format(ident(port.name))
        threshold = self.version.signature.threshold
        if threshold is not None:
            score = result if count == 1 else Sql("({})[1]").format(result)
            score = Sql("{}::double precision").format(score)
            above = compare(score, Sql(">"), constant(threshold))
            return choose(is_nan(score), Sql("null"), choose(above, Sql("2"), Sql("1")))
        if count == 1:
            return choose(is_nan(Sql("{}::double precision").format(result)), Sql("null"), Sql("1"))
        every = [Sql("({})[{}]").format(result, number(n)) for n in range(1, count + 1)]
        most = Sql("greatest({})").format(comma(every))
        place = call(Sql("array_position"), result, most)
        return choose(is_nan(Sql("{}::double precision").format(most)), Sql("null"), place)

    def _pack(self, is_exact: bool) -> Function:
        """A row of a batch is its score and label already, as texts; with all digits under any
        setting of the caller's."""
        return self._function(
            "pack_exact" if is_exact else "pack",
            "packed_score",
            self.types,
            Sql("bytea"),
            True,
            parameters=self.given.parameters(),
            is_exact=is_exact,
            inputs=[
                {"is_other": _is_other(value), "arguments": self._lengths(port, value)}
                for port, value in zip(self.graph.inputs, self.given.values, strict=True)
                if not port.columns
            ],
            exact=self._call("pack_exact"),
            score=self._call("score"),
            score_type=self.returns,
            label=self._packed_label(),
        )

    def _packed_label(self) -> Sql:
        """The label of a row whose score is known; one that a model chooses itself is not in it."""
        if len(self.version.methods) == 1:
            return Sql("null::pg_catalog.text")
        if self.graph.choice is not None:
            return self._call("label")
        labels = texts(self.version.signature.labels)
        label = Sql("({})[{}]").format(labels, self._label_place())
        return choose(Sql("l_score is null"), Sql("null"), label)

    def _batch(self) -> Function:
        return self._function(
            "batch",
            "unpack_batch",
            Sql("bytea, integer, text"),
            Sql("record"),
            True,
            has_labels=len(self.version.methods) > 1,
        )

    def _windows(self, window: Window) -> list[Function]:
        """What packs a row, and what scores the windows that end in such."""
        (port,) = self.graph.inputs
        width = (count_numbers(port.shape) or 0) // window.length
        model, numbers = self.version.schema, "number" if width == 1 else "numbers"
        given, method = Sql("l_given"), self._qualified("score")
        label = None
        if len(self.version.methods) > 1:
            label = self._packed_label()
            if self.graph.choice is not None:
                label = Sql("{}({})").format(self._qualified("label"), given)
        padding = window.padding
        types = Sql("bytea, integer, text, integer[], integer[], integer, bytea")
        return [
            self._function("pack_row", "window_row", DOUBLES, Sql("bytea"), True),
            self._function(
                "windows",
                "windows",
                types,
                Sql("record"),
                True,
                length=window.length,
                own_step=window.step,
                needed=window.length if padding is None else 1,
                width=width,
                wrong=f'model "{model}": a row of a window has {width} {numbers}, got ',
                pad=None if padding is None else padding.value,
                is_before=padding is not None and padding.side == "before",
                score=Sql("{}({})").format(method, given),
                score_type=self.returns,
                label=label,
            ),
        ]

    def _takes_columns_too(self) -> bool:
        """Whether a row of several inputs may also come as columns of a table."""
        counts = self.version.messages
        return (
            not any(port.columns for port in self.graph.inputs) and 1 in counts and len(counts) > 1
        )

    def _spread(self) -> list[Function]:
        """score, label and pack of columns, for a network of several inputs of numbers."""
        ranges, first = [], 1
        for port in self.graph.inputs:
            count = count_numbers(port.shape) or 0
            last = first + count - 1
            ranges.append(Sql("p1[{}:{}]").format(number(first), number(last)))
            first += count
        made = []
        methods = [*self.version.methods, (Sql("pack"), Sql("bytea"))]
        for method, returns in methods:
            target = Sql("{}.{}({})").format(
                ident(self.version.schema), ident(self.version.name(method)), comma(ranges)
            )
            made.append(
                self._function(
                    method,
                    "from_columns",
                    Sql("double precision[], text[]"),
                    returns,
                    True,
                    target=target,
                )
            )
        return made


def _given(graph: Graph, has_careful: bool) -> Given:
    """An array for each input; or the numbers and the texts of all columns, each as an array."""
    if not any(port.columns for port in graph.inputs):
        types = tuple(DOUBLES for _ in graph.inputs)
        is_either = has_careful and [port.dtype for port in graph.inputs] == ["float32"]
        values = []
        for place, port in enumerate(graph.inputs, 1):
            name = Sql("p{}").format(number(place))
            count = count_numbers(port.shape) or 0
            shape = tuple(n or 0 for n in port.shape)
            values.append(Value(elements(name, count), shape, math.inf, is_kept=True, name=name))
        return Given((EITHER,) if is_either else types, types, tuple(values))
    places: dict[int, Sql] = {}
    for is_text, name in ((False, Sql("p1")), (True, Sql("p2"))):
        own = [column.place for column in graph.columns if column.is_text == is_text]
        places |= dict(zip(own, elements(name, len(own)), strict=True))
    values = [
        Value(
            tuple(places[column.place] for column in port.columns),
            tuple(n or 0 for n in port.shape),
            math.inf,
            is_kept=True,
            is_text=port.is_text,
        )
        for port in graph.inputs
    ]
    types = (DOUBLES, Sql("text[]"))
    return Given(types, types, tuple(values))


def _is_other(value: Value) -> Sql:
    """Whether an array is laid out in another way than a row is."""
    return Sql(
        "(pg_catalog.array_ndims({name}) operator(pg_catalog.=) 1"
        " and pg_catalog.array_lower({name}, 1) operator(pg_catalog.=) 1"
        " and pg_catalog.array_upper({name}, 1) operator(pg_catalog.=) {count}) is not true"
    ).format(name=value.name or Sql("null"), count=number(len(value.items)))


def _result(body: Body, value: Value, port: Port) -> Sql:
    """An output in the type that callers get."""
    count = count_numbers(port.shape)
    value = value if value.rows is None else body.kept(value)
    if port.dtype == "float64":
        items = value.numbers()
        return items[0] if count == 1 else Sql("array[{}]::double precision[]").format(comma(items))
    if value.bound < MOST and count != 1 and len(value.numbers()) <= MAX_VALUE:
        if value.is_kept and value.name is not None:
            return _as_reals(value.name)
        numbers = Sql(",\n").join(value.numbers())
        return _as_reals(Sql("array[{}]::double precision[]").format(numbers))
    kept = body.kept(value)
    items = tuple(Sql("{}::real").format(as_single(item)) for item in kept.items)
    if count == 1:
        return items[0]
    each = Sql("array[{}]::real[]").format(comma(items))
    if not MANY <= len(items) <= MAX_VALUE or kept.name is None:
        return each
    return choose(within_limits(kept.name, MOST), _as_reals(kept.name), each)


def _as_reals(doubles: Sql) -> Sql:
    """An array of numbers that a vector holds: to round each by itself takes longer."""
    return Sql("{}::{}.vector::real[]").format(doubles, SCHEMA)
