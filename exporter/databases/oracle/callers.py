"""What callers of a model see change when another version takes its place, by what the registry
keeps of both."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.databases.changes import Meaning, find_come, find_gone, tell_functions, tell_meanings
from exporter.databases.oracle.connection import (
    Connection,
    current_package,
    execute,
    has_column,
    has_registry,
)
from exporter.databases.oracle.registry import manifest_of
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.engines.plsql.limits import DEFAULT_VERSION
from exporter.engines.plsql.record import PLSQL
from exporter.errors import DatabaseError
from exporter.manifest import Manifest
from exporter.sql.script import Call


def find_changes(connection: Connection, script: SqlPlusScript) -> tuple[str, ...]:
    """What callers of the version that a script replaces see change, in lines; a line that says so
    where its rows cannot be read, which the deployment mends."""
    if not script.calls or not has_registry(connection) or not has_column(connection, "MANIFEST"):
        return ()
    package = current_package(connection, script.model)
    if package is None:
        return ()
    rows = execute(
        connection,
        "select version, manifest, plan from export_model_versions"
        " where package_name = :1 and version <> :2 and manifest is not null",
        package,
        script.version,
    )
    if not rows:
        return ()
    ((version, manifest, plan),) = rows
    try:
        before = manifest_of(manifest, plan)
        after = Meaning(script.labels, script.threshold)
        return _tell(before, script.calls, after, script.oracle_version)
    except DatabaseError as error:
        return (f"? of version {str(version)[:12]} nothing can be told: {error}",)


def compare_versions(connection: Connection, before: str, after: str) -> tuple[str, ...]:
    """The same of two versions of the registry.

    Raises: DatabaseError, when the rows of one cannot be read.
    """
    manifest = _read(connection, after)
    signature = manifest.signature
    calls = PLSQL.making.calls(manifest, DEFAULT_VERSION)
    meaning = Meaning(signature.labels, signature.threshold)
    return _tell(_read(connection, before), calls, meaning, DEFAULT_VERSION)


def _tell(
    before: Manifest, calls: Sequence[Call], after: Meaning, oracle_version: str
) -> tuple[str, ...]:
    signature = before.signature
    there = {call.identity: call.header for call in PLSQL.making.calls(before, oracle_version)}
    functions = tell_functions(find_gone(there, calls), find_come(there, calls))
    return (*functions, *tell_meanings(Meaning(signature.labels, signature.threshold), after))


def _read(connection: Connection, version: str) -> Manifest:
    ((manifest, plan),) = execute(
        connection, "select manifest, plan from export_model_versions where version = :1", version
    )
    return manifest_of(manifest, plan)
