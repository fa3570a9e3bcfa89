"""Functions and types of a model, and those of the registry: are they what they were?"""

from __future__ import annotations

from collections.abc import Iterable

from exporter.databases.postgres.catalog import (
    Function,
    list_functions,
    schema_exists,
    shown,
)
from exporter.databases.postgres.connection import (
    Connection,
    execute,
)
from exporter.databases.postgres.inspected_shared import find_missing
from exporter.databases.postgres.shared import (
    program_digest,
)
from exporter.databases.results import UNLISTED, Difference
from exporter.engines.statements import REGISTRY
from exporter.errors import counted
from exporter.sql.templates import render
from exporter.sql.text import Sql


def inspect_objects(connection: Connection, model: str) -> Iterable[Difference]:
    """Functions and types, those of the registry too."""
    functions = {function.key: function for function in list_functions(connection, model)}
    has_schema = schema_exists(connection, model)  # where it is missing, that says it all
    rows = execute(
        connection,
        f"select {shown('kind')}, identity from {REGISTRY}.objects where model = %s",
        (model,),
    )
    listed = set()
    for kind, identity in rows:
        key = identity.replace('"', "")
        listed.add(key)
        if not has_schema and key.startswith(f"{model}."):
            continue
        is_function = kind == "function" or kind.split(" ")[0] == "alias"
        if is_function and key not in functions:
            yield Difference(f"function {identity} is missing")
        if kind == "type" and not _type_exists(connection, key):
            yield Difference(f"type {identity} is missing")
        if kind == "wrapper" and not execute(
            connection, "select 1 from pg_foreign_data_wrapper where fdwname = %s", (key,)
        ):
            yield Difference(f"foreign data wrapper {identity} is missing")
    program = program_digest()
    # A deployment makes all of the registry's functions: beside them, others are left from before.
    is_refreshed = any(f.schema == REGISTRY and f.program == program for f in functions.values())
    old = 0
    signed = [function for function in functions.values() if function.signed is not None]
    signed_schemas = {function.schema for function in signed}
    # What an earlier program made beside them stays for models that call it.
    signed_names = {_name(function) for function in signed if function.schema == REGISTRY}
    runtime = _runtime(connection, model)
    opened = find_opened(connection, model, functions.values())
    for function in functions.values():
        if _name(function) == f"{REGISTRY}.runtime" and not function.key.startswith(f"{runtime}("):
            continue  # of an earlier program, for models that another deployment brings up to date
        is_ours = function.schema == model or function.key.startswith(f"{REGISTRY}.")
        is_known = function.schema == REGISTRY or function.key in listed
        if function.signed is None and is_known and function.schema not in signed_schemas:
            old += 1  # of a program that signed nothing
        elif function.signed is None and is_known and _name(function) not in signed_names:
            yield Difference(f"function {function.key} was made anew by somebody")
        elif function.signed is not None and function.is_altered:
            yield Difference(f"function {function.key} {opened.get(function.key, 'was altered')}")
        elif (
            function.signed is not None and function.schema == model and function.key not in listed
        ):
            yield Difference(f"{UNLISTED}function {function.key}")
        elif is_ours and function.program not in (None, program):
            old += not (is_refreshed and function.schema == REGISTRY)
    yield from find_missing(connection, model, functions)
    if old:
        were = "was" if old == 1 else "were"
        text = f"{counted(old, 'function')} {were} made by another version of export-model"
        yield Difference(text, is_old=True)


def find_opened(
    connection: Connection, model: str, functions: Iterable[Function]
) -> dict[str, str]:
    """How functions differ by key, of which nothing but the rights of PUBLIC is another: a restore
    fails to take them away together with grants to roles that are missing."""
    if not any(function.signed is not None and function.is_altered for function in functions):
        return {}
    flipped = {"schemas": [REGISTRY, model], "is_flipped": True}
    sql = Sql(
        "select f.function, has_function_privilege('public', f.id, 'execute') from ({}) f"
        " where f.state = f.signed"
    ).format(render(("postgres",), "functions", flipped))
    return {
        key: "may be called by PUBLIC, as after a restore where roles of its grants were missing"
        if is_open
        else "may not be called by PUBLIC any more"
        for key, is_open in execute(connection, sql)
    }


def _runtime(connection: Connection, model: str) -> str:
    """The runtime of a model's current version."""
    rows = execute(
        connection,
        f"select v.runtime from {REGISTRY}.versions v join {REGISTRY}.models m"
        " on m.current_version = v.version where m.name = %s",
        (model,),
    )
    return f"{REGISTRY}.{rows[0][0]}" if rows else ""


def _name(function: Function) -> str:
    """Without argument types; all runtimes are one."""
    name = function.key.split("(")[0]
    is_runtime = name.startswith(f"{REGISTRY}.runtime_")
    return f"{REGISTRY}.runtime" if is_runtime else name


def _type_exists(connection: Connection, key: str) -> bool:
    sql = (
        "select 1 from pg_type t join pg_namespace n on n.oid = t.typnamespace"
        """ where replace(n.nspname || '.' || t.typname, '"', '') = %s"""
    )
    return bool(execute(connection, sql, (key,)))
