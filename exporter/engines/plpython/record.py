"""PL/Python as one record: numpy in the server's own Python, one runtime for all models."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exporter.engines.engine import Engine, no_problems
from exporter.engines.plpython.columns import row_message
from exporter.engines.plpython.runtime import runtime_text
from exporter.engines.statements import (
    REGISTRY,
    SHORT,
    Function,
    Runtime,
    Statements,
    Step,
    Version,
)
from exporter.ir.graph import Port
from exporter.sql.text import Sql, comma, ident, number

if TYPE_CHECKING:
    from exporter.databases.results import Check


def make_runtime() -> Runtime:
    """The function that loads a model into a session. Its body is the runtime and its name tells
    which, so that those of several programs stand side by side."""
    text = runtime_text()
    name = f"runtime_{hashlib.sha256(text.encode()).hexdigest()[:SHORT]}"
    function = Function(
        "runtime",
        "runtime",
        {
            "runtime": name,
            "runtime_text": text,
            "function": f"{REGISTRY}.{name}(text, text, bytea)",
            "schemas": [REGISTRY],
        },
        identity=Sql("export_model.{}(text, text, bytea)").format(ident(name)),
        returns="void",
        is_open=False,
    )
    return Runtime(name, function)


def make_functions(version: Version) -> tuple[Function, ...]:
    """For each method, and for batches, the function in Python and the one that calls it, which
    loads the model where it is not in the session's memory."""
    functions = []
    for method, returns in version.methods:
        for count in version.messages:
            arguments = [Sql("p{}").format(number(n)) for n in range(1, count + 1)]
            types = comma(Sql("bytea") for _ in arguments)
            of_method = {"arguments": arguments, "returns": returns}
            functions += _pair(version, method, ("run", "versioned"), types, returns, of_method)
    batch_types = Sql("bytea, integer, text")
    functions += _pair(version, "batch", ("run_batch", "batch"), batch_types, "record", {})
    if version.has_windows:
        types = Sql("bytea, integer, text, integer[], integer[], integer, bytea")
        functions += _pair(version, "windows", ("run_windows", "windows"), types, "record", {})
    if version.forecasts:
        types = Sql("bytea, integer[], integer, bytea, integer")
        functions += _pair(
            version, "forecasts", ("run_forecasts", "forecasts"), types, "record", {}
        )
    return tuple(functions)


def _pair(
    version: Version,
    method: str,
    templates: tuple[str, str],
    types: Sql,
    returns: str,
    variables: dict[str, Any],
) -> list[Function]:
    """The function in Python, for the owner alone, and the one that calls it for all."""
    run, function = version.name(f"run_{method}"), version.name(method)
    shared = {"model": version.schema, "version": version.plan.version, **variables}
    in_python, loading = templates
    return [
        Function(
            f"{method}: in Python",
            in_python,
            {**shared, "function": run, "method": method},
            identity=version.identity(run, types),
            returns=str(returns),
            is_open=False,
        ),
        Function(
            f"{method}: this version",
            loading,
            {**shared, "function": function, "run": run},
            identity=version.identity(function, types),
            returns=str(returns),
            is_open=True,
        ),
    ]


def message(array: Sql, port: Port) -> Sql:
    """SQL that makes bytes of an array, as the runtime decodes them.

    Texts go as JSON in UTF-8, whatever the server's encoding is.
    """
    if port.is_text:
        json = Sql("pg_catalog.array_to_json({})::pg_catalog.text").format(array)
        return Sql("pg_catalog.convert_to({}, 'UTF8')").format(json)
    return Sql("export_model.array_bytes({})").format(array)


def examine(connection: Any, is_cluster: bool) -> list[Check]:
    """See plpython.doctor, which imports a driver."""
    from exporter.engines.plpython import doctor

    return doctor.examine(connection, is_cluster)


PLPYTHON = Engine(
    name="plpython",
    title="PL/Python",
    lacks=MappingProxyType({}),
    problems=no_problems,
    rights=(
        "Rights: a superuser's, because it makes PL/Python functions; plpython3u must be in",
        "the database, and numpy in the Python of the server.",
    ),
    making=Statements(
        checks=(
            Step("check PL/Python", "check_language"),
            Step("check numpy in the server", "check_numpy"),
        ),
        runtime=make_runtime,
        owner_helpers=MappingProxyType(
            {
                "loaded": Sql("export_model.loaded(text)"),
                "cache_limit": Sql("export_model.cache_limit()"),
                "evict": Sql("export_model.evict(bigint, bigint, double precision, text[])"),
                "collect": Sql("export_model.collect(bytea, bigint, bigint)"),
                "load": Sql("export_model.load(text)"),
            }
        ),
        helpers=MappingProxyType(
            {
                "array_bytes": Sql("export_model.array_bytes(anyarray)"),
                "record_bytes": Sql("export_model.record_bytes(record)"),
                "forget": Sql("export_model.forget()"),
            }
        ),
        functions=make_functions,
        message=message,
        row_message=row_message,
        packs_rows=True,
        packer=None,
        examine=examine,
    ),
)
