"""What is deployed in a database, and how it is removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg2

from exporter.database import connect, execute, explain, has_registry
from exporter.verify import require_model


@dataclass(frozen=True)
class Entry:
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


def list_versions(dsn: str) -> list[Entry]:
    """All versions in the database, newest first within each model.

    Raises: DatabaseError, when it cannot be read.
    """
    with connect(dsn) as connection:
        if not has_registry(connection):
            return []
        rows = execute(
            connection,
            "select model, version, is_current, inputs, outputs, parameters, source_file,"
            " keras_version, deployed_at, deployed_by from export_model.overview",
        )
    return [Entry(*row) for row in rows]


def drop(dsn: str, model: str) -> None:
    """Remove a model and all its versions; see export_model.drop_model.

    Raises: DatabaseError, when it is not there or other objects depend on it.
    """
    with connect(dsn) as connection:
        require_model(connection, model)
        try:
            execute(connection, "select export_model.drop_model(%s)", (model,))
            connection.commit()
        except psycopg2.Error as error:
            raise explain(error, f'dropping "{model}" failed, nothing was removed') from error
