"""What is deployed in a database, and how it is removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg2

from exporter.catalog import require_own
from exporter.database import connect, execute, explain, has_registry
from exporter.facts import Shown
from exporter.places import Place
from exporter.verify import require_model


@dataclass(frozen=True)
class Entry(Shown):
    """One version as the registry's overview shows it; version is shortened."""

    model: str
    version: str
    is_current: bool
    inputs: str
    outputs: str
    parameters: int
    source_file: str
    keras_version: str
    deployed_at: datetime
    deployed_by: str


def list_versions(dsn: Place) -> list[Entry]:
    """All versions in the database, newest first within each model.

    Raises: DatabaseError, when it cannot be read.
    """
    with connect(dsn) as connection:
        require_own(connection)
        if not has_registry(connection):
            return []
        rows = execute(
            connection,
            "select v.model, substr(v.version, 1, 12), v.version = m.current_version, v.inputs,"
            " v.outputs, v.parameters, v.source_file, v.keras_version, v.deployed_at, v.deployed_by"
            " from export_model.versions v join export_model.models m on m.name = v.model"
            " order by v.model, v.deployed_at desc",
        )
    return [Entry(*row) for row in rows]


def drop(dsn: Place, model: str) -> None:
    """Remove a model and all its versions; see export_model.drop_model.

    Raises: DatabaseError, when it is not there or other objects depend on it.
    """
    with connect(dsn) as connection:
        require_own(connection, model)
        require_model(connection, model)
        try:
            execute(connection, "select export_model.drop_model(%s)", (model,))
            connection.commit()
        except psycopg2.Error as error:
            raise explain(error, f'dropping "{model}" failed, nothing was removed') from error
