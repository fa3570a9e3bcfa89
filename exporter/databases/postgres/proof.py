"""The function verify of a model: it scores the stored samples in every way that there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.databases.postgres.aliases import Alias
from exporter.databases.postgres.columns import has_own_columns, sample_values
from exporter.databases.postgres.interface import Interface
from exporter.databases.postgres.limits import MAX_ARGUMENTS
from exporter.databases.postgres.ports import element_type, numbers_type, stored_column
from exporter.databases.postgres.windows import SampleRows, free_names, sample_forecast, sample_rows
from exporter.ir.graph import count_numbers
from exporter.sql.text import Sql, comma, ident, literal, number


def verify_alias(interface: Interface, has_tables: bool) -> Alias:
    """The function verify; has_tables, whether the server has functions for whole tables."""
    query, key = _samples_query(interface)
    rows, window = _sample_rows(interface), interface.signature.window
    forecast = None
    if rows is not None and window is not None:
        forecast = sample_forecast(rows, window, interface.manifest.outputs, interface.returns)
    name = interface.named("verify")
    variables = {
        "function": name,
        "ending": interface.named(""),
        "version": interface.version.plan.version,
        "target": interface.version.name("score"),
        "inputs": _verified_inputs(interface),
        "forms": _verified_forms(interface),
        "packed": _verified_pack(interface, Sql("g.input_{}")),
        "packed_given": _verified_pack(interface, Sql("l_given_{}")),
        "outputs": _verified_outputs(interface),
        "numbers_type": numbers_type(interface.manifest.outputs),
        "tolerance": interface.manifest.tolerance,
        "returns": interface.returns,
        "methods": [method for method, _ in interface.version.methods],
        "table_query": query,
        "key": key,
        "window_rows": rows,
        "forecast": forecast,
        "has_batches": interface.engine.packs_rows,
        "has_tables": has_tables and interface.engine.packs_rows,
    }
    # Registries know the table of real by this name.
    kind = Sql("table with form")
    if any(port.dtype == "float64" for port in interface.manifest.outputs):
        kind = Sql("table of {} with form").format(numbers_type(interface.manifest.outputs))
    return Alias(name, (), (), kind, "verify", variables)


def _verified_inputs(interface: Interface) -> list[dict[str, Any]]:
    """What is stored of a sample row: an array for each input, or the columns as texts."""
    ports = interface.manifest.inputs
    if has_own_columns(ports):
        message = interface.columns_message(sample_values(interface.columns, Sql("i.texts")))
        stored = [(Sql("text"), Sql("texts"), message)]
    else:
        columns = [stored_column(port) for port in ports]
        stored = [
            (
                element_type(port),
                column,
                interface.engine.message(Sql("i.{}").format(column), port),
            )
            for port, column in zip(ports, columns, strict=True)
        ]
    return [
        {
            "number": place,
            "argument": Sql("input_{}").format(number(place)),
            "type": type_,
            "column": column,
            "message": message,
        }
        for place, (type_, column, message) in enumerate(stored)
    ]


def _verified_outputs(interface: Interface) -> list[dict[str, Any]]:
    """For each output the SQL that makes an array of it, from scored.result."""
    single = len(interface.manifest.outputs) == 1
    outputs = []
    for place, port in enumerate(interface.manifest.outputs):
        value = Sql("scored.result")
        if not single:
            value = Sql("({}).{}").format(value, ident(port.name))
        is_number = count_numbers(port.shape) == 1
        form = Sql("array[{}]::{}") if is_number else Sql("{}::{}")
        numbers = form.format(value, numbers_type(interface.manifest.outputs))
        outputs.append({"number": place, "name": port.name, "numbers": numbers})
    return outputs


def _verified_forms(interface: Interface) -> list[dict[str, Any]]:
    """The ways to score a sample row g: the end of the function's name, and its arguments."""
    arrays = _given(interface, Sql("g.input_{}"))
    columns = _given_columns(interface, arrays)
    forms = []
    if not has_own_columns(interface.manifest.inputs):
        ending = interface.named("")
        forms.append({"name": "of a row", "suffix": ending, "arguments": arrays})
    if 0 < len(columns) <= MAX_ARGUMENTS:
        ending = interface.named("")
        forms.append({"name": "of columns", "suffix": ending, "arguments": columns})
    if not forms:
        message = interface.columns_message(columns)
        forms = [{"name": "of a row", "suffix": f"_{interface.short}", "arguments": [message]}]
    return forms


def _verified_pack(interface: Interface, argument: Sql) -> Sql:
    """SQL that packs a sample row; argument is what holds each stored array, by its number."""
    arrays = _given(interface, argument)
    if has_own_columns(interface.manifest.inputs):
        (packed,) = interface.pack([interface.columns_message(_given_columns(interface, arrays))])
        return packed
    pack = ident(interface.named("pack"))
    return Sql("{}.{}({})").format(ident(interface.model), pack, comma(arrays))


def _given_columns(interface: Interface, arrays: Sequence[Sql]) -> list[Sql]:
    """SQL of each column of a sample row, from the arrays that hold its inputs."""
    ports = interface.manifest.inputs
    if has_own_columns(ports):
        return sample_values(interface.columns, arrays[0])
    if not interface.signature.features:
        return []
    return [
        Sql("{}[{}]").format(array, number(n))
        for array, port in zip(arrays, ports, strict=True)
        for n in range(1, (count_numbers(port.shape) or 0) + 1)
    ]


def _given(interface: Interface, argument: Sql) -> list[Sql]:
    """What holds each array that is stored of a sample row."""
    count = 1 if has_own_columns(interface.manifest.inputs) else len(interface.manifest.inputs)
    return [argument.format(number(place)) for place in range(count)]


def _samples_query(interface: Interface) -> tuple[Sql, str]:
    """A query that gives the samples as a table of the model's own columns, and its key."""
    features = interface.signature.features
    names = list(features) or [port.name for port in interface.manifest.inputs]
    (key,) = free_names(["sample"], names)
    arrays = []
    for item in _verified_inputs(interface):
        array = Sql("s.{}").format(item["column"])
        if item["number"]:
            array = Sql(
                "(select i.{} from export_model.samples i where i.version = s.version"
                " and i.sample = s.sample and not i.is_output and i.port = {})"
            ).format(item["column"], number(item["number"]))
        arrays.append(array)
    values = _given_columns(interface, [Sql("({})").format(array) for array in arrays]) or arrays
    items = comma(
        Sql("{} as {}").format(value, ident(name))
        for value, name in zip(values, names, strict=True)
    )
    query = Sql(
        "select s.sample as {}, {} from export_model.samples s"
        " where s.version = {} and not s.is_output and s.port = 0"
    )
    return query.format(ident(key), items, literal(interface.version.plan.version)), key


def _sample_rows(interface: Interface) -> SampleRows | None:
    """The rows of the samples, where these are windows."""
    if interface.signature.window is None:
        return None
    arrays = [item["column"] for item in _verified_inputs(interface)]
    return sample_rows(
        interface.version.plan.version,
        interface.manifest.inputs,
        arrays,
        interface.signature.window,
    )
