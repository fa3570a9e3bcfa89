"""How a model's package is called: the names and types of its functions' parameters and results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporter.databases.oracle.registry import model_key
from exporter.databases.oracle.text import catalog_name, ident, number
from exporter.engines.plsql.columns import Element, elements_of, may_miss
from exporter.engines.plsql.kinds import Kind, kind_of, other_kind
from exporter.ir.graph import Port, count_numbers
from exporter.ir.plan import Signature
from exporter.sql.script import Call
from exporter.sql.text import Sql


@dataclass(frozen=True)
class Input:
    """An input: its parameter, how many numbers a row of it holds, and for columns which of them
    may be missing, 1 or 0 for each."""

    port: Port
    parameter: Sql
    numbers: int
    kind: Kind
    may_miss: list[int] | None

    @property
    def name(self) -> str:
        """Its name in the model."""
        return self.port.name

    @property
    def is_free(self) -> bool:
        """Does a row decide a length of it?"""
        return None in self.port.shape


@dataclass(frozen=True)
class Output:
    """An output as SQL sees it: the function of its score, and its column in score_table."""

    port: Port
    function: Sql
    suffix: Sql
    kind: Kind

    @property
    def is_number(self) -> bool:
        """Is a row of it one number?"""
        return count_numbers(self.port.shape) == 1

    @property
    def returns(self) -> Sql:
        """Its type in SQL."""
        return Sql("binary_double") if self.is_number else self.kind.array

    @property
    def numbers(self) -> Sql:
        """How many numbers a row of it holds; a batch of free length is one row."""
        count = count_numbers(self.port.shape)
        return Sql("l_y{}.count").format(self.suffix) if count is None else number(count)


@dataclass(frozen=True)
class Interface:
    """The inputs and outputs of a package; elements are the columns that its functions take by
    name, features their parameters, where there are any."""

    signature: Signature
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    elements: tuple[Element, ...]
    features: tuple[Sql, ...]

    @property
    def array_types(self) -> list[list[Sql]]:
        """The types of arrays that the functions take for the inputs; the first are the inputs'
        own."""
        own = [item.kind.array for item in self.inputs]
        others = [other_kind(item.kind).array for item in self.inputs]
        return [own] if own == others else [own, others]

    @property
    def parameters(self) -> list[Sql]:
        """Features with their types, as functions declare them."""
        return [
            Sql("{} in {}").format(feature, element.type_name)
            for feature, element in zip(self.features, self.elements, strict=True)
        ]

    def calls(self) -> tuple[Call, ...]:
        """The functions that users call, as they know them."""
        results = [(output.function, output.returns) for output in self.outputs]
        labels = [(Sql("label"), Sql("varchar2"))] if self.signature.labels else []
        rows = self._row_calls([*results, *labels])
        return (*rows, *self._table_calls(results, labels))

    def _row_calls(self, functions: Sequence[tuple[Sql, Sql]]) -> Iterator[Call]:
        """Functions of a row, in every form."""
        types = [element.type_name for element in self.elements]
        forms = [([*self.features], types)] if self.features else []
        if not any(item.port.is_text for item in self.inputs):  # SQL has no arrays of texts
            names = [item.parameter for item in self.inputs]
            forms += [(names, types) for types in self.array_types]
        for function, returns in functions:
            for names, kinds in forms:
                declared = [f"{name} {kind}" for name, kind in zip(names, kinds, strict=True)]
                yield self._call(function, ", ".join(kinds), ", ".join(declared), returns)

    def _table_calls(
        self, results: Sequence[tuple[Sql, Sql]], labels: Sequence[tuple[Sql, Sql]]
    ) -> Iterator[Call]:
        """Functions of a cursor's rows, which go by their order."""
        given = self.features or [item.kind.array for item in self.inputs]
        cursor = f"cursor(id, {', '.join(given)})"
        tables = [("score_table", cursor, [*results, *labels])]
        if labels:
            tables.append(("label_table", cursor, [*labels]))
        window = self.signature.window
        if window is not None:
            columns = (column.name for column in sorted(window.columns, key=lambda c: c.place))
            cursor = f"cursor(id, series, place, {', '.join(columns)})"
            tables.append(("score_windows", cursor, [*results, *labels]))
        for name, taken, row in tables:
            columns_of_row = ", ".join(f"{column} {kind}" for column, kind in row)
            yield self._call(name, "cursor", taken, f"rows (id varchar2, {columns_of_row})")

    def _call(self, function: str, types: str, declared: str, returns: str) -> Call:
        model = ident(model_key(self.signature.name))
        return Call(f"{model}.{function}({types})", f"({declared}) return {returns}")


def make_interface(
    signature: Signature, inputs: Sequence[Port], outputs: Sequence[Port], limit_bytes: int
) -> Interface:
    """The interface of a model whose names Oracle can have: see refusals.py."""
    elements = elements_of(inputs, signature.features)
    return Interface(
        signature,
        tuple(_name_inputs(inputs)),
        tuple(_name_outputs(outputs, signature, limit_bytes)),
        tuple(elements),
        tuple(ident(feature, limit_bytes) for feature in signature.features),
    )


def name_parameters(inputs: Sequence[Port]) -> list[Sql]:
    """The parameters of functions that take arrays."""
    if len(inputs) == 1:
        return [Sql("p_x")]
    return [ident(f"p_x{place}") for place in range(1, len(inputs) + 1)]


def _name_inputs(ports: Sequence[Port]) -> Iterator[Input]:
    for port, parameter in zip(ports, name_parameters(ports), strict=True):
        known = count_numbers(tuple(1 if n is None else n for n in port.shape)) or 1
        yield Input(port, parameter, known, kind_of(port.dtype), may_miss(port))


def _name_outputs(
    ports: Sequence[Port], signature: Signature, limit_bytes: int
) -> Iterator[Output]:
    """One output is the score; several are score_ and the output's name, or its number."""
    names = ["score"] if len(ports) == 1 else [f"score_{port.name}" for port in ports]
    usable = all(re.fullmatch(r"[\x20-\x7e]+", name) for name in names)
    usable = usable and not any(set(name) & set('"&') for name in names)
    usable = usable and all(len(name) <= limit_bytes for name in names)
    taken = {"SCORE_TABLE", *(["SCORE_WINDOWS"] if signature.window else [])}
    found = {catalog_name(name) for name in names}
    if not usable or len(found) < len(ports) or found & taken:
        names = [f"score_{place}" for place in range(1, len(ports) + 1)]
    for place, (name, port) in enumerate(zip(names, ports, strict=True), 1):
        suffix = number(place) if len(ports) > 1 else Sql("")
        yield Output(port, ident(name, limit_bytes), suffix, kind_of(port.dtype))
