"""What callers have of a model now, by the registry, and what of that objects of others need."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.databases.changes import Meaning, find_come, find_gone, tell_functions, tell_meanings
from exporter.databases.postgres.catalog import has_relation
from exporter.databases.postgres.connection import Connection, execute
from exporter.engines.statements import REGISTRY
from exporter.errors import DatabaseError
from exporter.sql.script import Script
from exporter.sql.templates import render

FIRST = "Drop those first, and make them again for the new functions"


def list_headers(connection: Connection, model: str, kind: str) -> dict[str, str]:
    """Functions of a kind that the registry lists: parameters and result."""
    rows = execute(
        connection,
        "select identity, header from export_model.objects where model = %s and kind = %s",
        (model, kind),
    )
    return dict(rows)


def read_meaning(connection: Connection, version: str) -> Meaning:
    """What a version's labels mean."""
    rows = execute(
        connection,
        "select labels, threshold from export_model.versions where version = %s",
        (version,),
    )
    return Meaning(*rows[0]) if rows else Meaning()


def find_changes(connection: Connection, script: Script, kind: str) -> tuple[str, ...]:
    """What callers of the version that a script replaces see change, in lines.

    Raises: DatabaseError, where objects of others need a function that would go.
    """
    known = ("models", "versions", "objects")  # all of them, or the deployment mends the registry
    if not script.calls or not all(has_relation(connection, f"{REGISTRY}.{t}") for t in known):
        return ()
    rows = execute(
        connection,
        "select current_version from export_model.models where name = %s",
        (script.model,),
    )
    there = list_headers(connection, script.model, kind)
    if not rows or not there:
        return ()
    gone, come = find_gone(there, script.calls), find_come(there, script.calls)
    instead = f"{FIRST}, or deploy beside the champion, which keeps its functions: --no-promote."
    refuse_needed(connection, script.model, gone, f'deploying "{script.model}"', instead)
    before = read_meaning(connection, rows[0][0])
    meanings = tell_meanings(before, Meaning(script.labels, script.threshold))
    return (*tell_functions(gone, come), *meanings)


def refuse_needed(
    connection: Connection, model: str, gone: Mapping[str, str], what: str, *advice: str
) -> None:
    """Raise DatabaseError where views, or other objects, need functions that would go. what is
    refused then, advice what to do."""
    if not gone:
        return
    rows = execute(connection, render(("postgres",), "needed_functions", {"model": model}))
    names = {identity.replace('"', "") for identity in gone}
    needed = [f"{needing} needs {name}" for name, needing in rows if name in names]
    if needed:
        lines = [f"{what} was refused, nothing was changed: functions would go that others need"]
        lines += [f"  {line}" for line in (*needed, *filter(None, advice))]
        raise DatabaseError("\n".join(lines))
