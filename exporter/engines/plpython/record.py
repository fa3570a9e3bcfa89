"""PL/Python as one record: numpy in the server's own Python, one runtime for all models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exporter.engines.engine import Engine, no_problems
from exporter.engines.plpython.columns import row_message
from exporter.engines.plpython.functions import make_functions, shared_functions
from exporter.engines.plpython.runtime import runtime_text
from exporter.engines.statements import (
    REGISTRY,
    SHORT,
    Function,
    Runtime,
    Statements,
    Step,
)
from exporter.ir.graph import Port
from exporter.sql.text import Sql, ident

if TYPE_CHECKING:
    from exporter.databases.results import Check, Difference


INSTALLING = (
    "Let a superuser install them once: export-model install --dsn ... Then members of the role"
    " export_model_deployer deploy, by a script only if it was written with --without-registry."
    " Scoring needs no such right."
)


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


def message(array: Sql, port: Port) -> Sql:
    """SQL that makes bytes of an array, as the runtime decodes them.

    Texts go as JSON in UTF-8, whatever the server's encoding is.
    """
    if port.is_text:
        json = Sql("pg_catalog.array_to_json({})::pg_catalog.text").format(array)
        return Sql("pg_catalog.convert_to({}, 'UTF8')").format(json)
    return Sql("export_model.array_bytes({})").format(array)


def examine(connection: Any, is_cluster: bool) -> Iterable[Check]:
    """See plpython.doctor, which imports a driver."""
    from exporter.engines.plpython import doctor

    return doctor.examine(connection, is_cluster)


def find_lost(connection: Any, model: str) -> Iterable[Difference]:
    """See plpython.doctor."""
    from exporter.engines.plpython import doctor

    return doctor.find_lost(connection, model)


PLPYTHON = Engine(
    name="plpython",
    title="PL/Python",
    lacks=MappingProxyType({}),
    problems=no_problems,
    rights=("Rights: a superuser's, because it makes PL/Python functions.",),
    needs=("plpython3u must be in the database, and numpy in the Python of the server.",),
    making=Statements(
        checks=(
            Step("check PL/Python", "check_language", {"advice": INSTALLING}, is_once=True),
            Step("check numpy in the server", "check_numpy", is_once=True),
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
                "real_array": Sql("export_model.real_array(bytea)"),
                "double_array": Sql("export_model.double_array(bytea)"),
                "record_bytes": Sql("export_model.record_bytes(record)"),
                "forget": Sql("export_model.forget()"),
            }
        ),
        closed_helpers=MappingProxyType(
            {
                "array_message": Sql("export_model.array_message(anyarray, bytea)"),
                "bytes_array": Sql("export_model.bytes_array(bytea)"),
                "bytes_doubles": Sql("export_model.bytes_doubles(bytea)"),
            }
        ),
        shared=shared_functions,
        functions=make_functions,
        message=message,
        row_message=row_message,
        packs_rows=True,
        keeps=True,
        packer=None,
        examine=examine,
        find_lost=find_lost,
    ),
)
