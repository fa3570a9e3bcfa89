"""Which engine runs a model, where that was left to the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from exporter.databases.postgres.catalog import has_manifests
from exporter.databases.postgres.connection import Connection, connect, execute, has_registry
from exporter.databases.postgres.owners import find_strangers, find_unread
from exporter.databases.postgres.shared import ENGINES, FORMS
from exporter.databases.postgres.turns import read_settled
from exporter.databases.results import Check
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR_TABLE
from exporter.engines.statements import Statements
from exporter.errors import DatabaseError
from exporter.places import Place


def choose_engine(place: Place, model: str) -> tuple[str, str]:
    """The engine that the model runs in already, else the first that the server has for this role,
    in the order of ENGINES.

    The first is asked last, and only where another could run the model is all of it looked at: that
    takes a Python that has imported numpy, whose absence the deployment tells as well.
    Raises: DatabaseError, when the server cannot be reached, or has none, with what each lacks.
    """
    return read_settled(place, partial(_choose_engine, model))


def _choose_engine(model: str, connection: Connection) -> tuple[str, str]:
    first, *others = ENGINES
    known = _deployed_engine(model, connection)
    if known is not None:
        return known.folder, ""
    lacks = [(engine, failure(engine, connection)) for engine in others]
    other = next((engine for engine, check in lacks if check is None), None)
    if other is None:
        language = next(iter(first.making.examine(connection, False)))
        if language.level == "fail":
            raise DatabaseError(_nothing([(first, language), *lacks]))
        return first.name, ""
    problem = failure(first, connection)
    if problem is None:
        return first.name, ""
    return other.name, f"engine {other.name} ({other.title}); {first.title}: {problem.finding}"


def name_others(place: Place, engine: str) -> str:
    """What each engine but this one lacks in the server, a line for each.

    Raises: DatabaseError, when the server cannot be reached.
    """
    with connect(place) as connection:
        found = [(other, failure(other, connection)) for other in ENGINES if other.name != engine]
    return "\n".join(
        f"  Or --engine {other.name} ({other.title}), which this server has for this role."
        if check is None
        else f"  Or --engine {other.name} ({other.title}): {check.finding}. {check.advice}"
        for other, check in found
    )


def choose_form(place: Place, model: str) -> str:
    """Where the engine pgvector is to have a model's weights: where it has them, else in functions.

    Raises: DatabaseError, when the server cannot be reached.
    """
    known = read_settled(place, partial(_deployed_engine, model))
    return "table" if known is PGVECTOR_TABLE else "function"


def _nothing(lacks: Sequence[tuple[Engine[Statements], Check | None]]) -> str:
    """What each engine lacks, and what to do about it."""
    lines = [
        f"  - --engine {engine.name} ({engine.title}): {check.finding}. {check.advice}"
        for engine, check in lacks
        if check is not None
    ]
    return "\n".join(
        ["this server can run no model for this role; one of these is enough:", *lines]
    )


def failure(engine: Engine[Statements], connection: Connection) -> Check | None:
    """The first thing that an engine lacks in this server, or for this role."""
    checks = engine.making.examine(connection, False)
    return next((check for check in checks if check.level == "fail"), None)


def _deployed_engine(model: str, connection: Connection) -> Engine[Statements] | None:
    if not has_registry(connection) or not has_manifests(connection):
        return None
    if find_strangers(connection) or find_unread(connection):  # the deployment says so
        return None
    rows = execute(
        connection,
        "select v.engine from export_model.versions v join export_model.models m"
        " on m.current_version = v.version where m.name = %s",
        (model,),
    )
    return next((engine for engine in FORMS if rows and engine.name == rows[0][0]), None)
