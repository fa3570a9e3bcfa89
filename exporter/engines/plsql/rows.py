"""How rows come into a package: as arguments, by a cursor, and as stored samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.databases.oracle.text import ident, literal, number
from exporter.engines.plsql.columns import Element
from exporter.engines.plsql.interface import Input, Interface
from exporter.engines.plsql.kinds import kind_of, other_kind, package_of
from exporter.engines.plsql.layout import write_items
from exporter.engines.plsql.lengths import boolean
from exporter.engines.plsql.runtime import TABLES, in_runtime
from exporter.ir.graph import format_shape
from exporter.sql.text import Sql


class Rows:
    """The names and calls with which a package's text takes the rows of its inputs."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        count = len(interface.features)
        self.columns = [ident(f"l_x{place}") for place in range(1, count + 1)]

    def variables(self) -> dict[str, Any]:
        """What the templates need to know of them."""
        interface, elements = self.interface, self.interface.elements
        types = interface.array_types
        return {
            "array_types": types,
            "has_other": len(types) > 1,
            "kinds": self._kinds(),
            "is_free": any(item.is_free for item in interface.inputs),
            "may_miss": any(1 in (item.may_miss or ()) for item in interface.inputs),
            "features": interface.parameters,
            "columns": [
                {"variable": column, "type": element.fetched_type}
                for column, element in zip(self.columns, elements, strict=True)
            ],
            "cursor_columns": 1 + (len(interface.features) or len(interface.inputs)),
            "column_list": write_items(self.columns, 6),
            "sample_values": write_items([self._sample_value(item) for item in elements], 10),
            "sample_columns": write_items([self._sample_column(item) for item in elements], 10),
            "inputs": [self._input(place, item) for place, item in enumerate(interface.inputs)],
        }

    def put(self, place: int, given: Sql, row: Sql) -> Sql:
        """The call that puts a row into the array of an input, and tells whether it has a score."""
        item = self.interface.inputs[place]
        into = self._array(place)
        if item.may_miss is None:
            parts = [given, row, number(item.numbers), literal(item.name), into]
            return Sql("{}.put_row({})").format(package_of(item.kind), Sql(", ").join(parts))
        parts = [given, row, literal(item.name), self._numbered("gc_may_miss", place), into]
        return Sql("{}({})").format(in_runtime("put_columns", TABLES), Sql(", ").join(parts))

    def _input(self, place: int, item: Input) -> dict[str, Any]:
        """An input, and the values of its elements."""
        row = self._numbered("l_row", place)
        arrays = self._numbered("l_arrays", place)
        given = row if self.interface.features else Sql("{}(i)").format(arrays)
        cast = Sql("{}.cast_({})").format(package_of(item.kind), item.parameter)
        of_row = [Sql("{}(i)").format(column) for column in self.columns]
        return {
            "name": item.name,
            "parameter": item.parameter,
            "numbers": item.numbers,
            "type": item.kind.array,
            "other_type": other_kind(item.kind).array,
            "cast": item.parameter if item.port.is_text else cast,
            "runtime": package_of(item.kind),
            "sample": item.kind.sample,
            "samples": item.kind.samples,
            "is_free": boolean(item.is_free),
            "shape": format_shape(item.port.shape),
            "array": self._array(place),
            "row": row,
            "arrays": arrays,
            "alone": item.parameter if item.may_miss is None else self._array(place),
            "put_alone": self.put(place, item.parameter, Sql("1")),
            "put_batched": self.put(place, given, Sql("l_count + 1")),
            "may_miss": None
            if item.may_miss is None
            else write_items([number(flag) for flag in item.may_miss], 4),
            "may_miss_name": self._numbered("gc_may_miss", place),
            "feature_values": write_items(self._taken(place, self.interface.features), 6),
            "column_values": write_items(self._taken(place, of_row), 8),
        }

    def _taken(self, place: int, values: Sequence[Sql]) -> list[Sql]:
        """The elements of an input, in its order, from values of all columns."""
        own = [
            (element, value)
            for element, value in zip(self.interface.elements, values, strict=True)
            if element.input == place
        ]
        return [element.taken(value) for element, value in sorted(own, key=lambda e: e[0].place)]

    def _sample_value(self, element: Element) -> Sql:
        """A column of a sample as the functions take it, from its array."""
        array = self._array(element.input)
        return element.given(Sql("{}({})").format(array, number(element.place)))

    def _sample_column(self, element: Element) -> Sql:
        """A column of a sample as SQL reads it from its table; NULL where it is missing."""
        item = self.interface.inputs[element.input]
        if item.kind == kind_of("text"):
            read = in_runtime("text_of", TABLES)
        else:
            can_miss = item.may_miss is not None
            read = in_runtime("number_of", TABLES if can_miss else item.kind.package)
        source = ident(f"s{element.input + 1}")
        value = Sql("{}({}.numbers, {})").format(read, source, number(element.place))
        has_type = element.column.kind in ("date", "timestamp")
        return element.given(value) if has_type else value

    def _kinds(self) -> list[dict[str, Any]]:
        """What samples hold: the functions that read them."""
        outputs = [item.kind for item in self.interface.outputs]
        kinds = [item.kind for item in self.interface.inputs] + outputs
        loaded = Sql("{}(l_numbers)").format(in_runtime("texts_of", TABLES))
        return [
            {
                "type": kind.array,
                "stored": kind.stored,
                "loaded": loaded if kind == kind_of("text") else Sql("l_numbers"),
                "is_compared": kind in outputs,
                "runtime": package_of(kind),
                "sample": kind.sample,
                "samples": kind.samples,
            }
            for kind in dict.fromkeys(kinds)
        ]

    def _numbered(self, name: str, place: int) -> Sql:
        """A name for something of an input, with its number where there are several."""
        return ident(f"{name}{place + 1}" if len(self.interface.inputs) > 1 else name)

    def _array(self, place: int) -> Sql:
        """The variable of an input's array; l_x1, ... are the columns where there are features."""
        has_both = self.interface.features and len(self.interface.inputs) > 1
        return self._numbered("l_array" if has_both else "l_x", place)
