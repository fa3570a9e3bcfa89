"""What models share in PostgreSQL: installed by a superuser, removed when no model is left."""

from __future__ import annotations

import psycopg2

from exporter.databases.postgres.catalog import list_deployers
from exporter.databases.postgres.connection import (
    commit,
    connect,
    execute,
    explain,
    has_registry,
    is_greenplum_6,
)
from exporter.databases.postgres.deployment import run
from exporter.databases.postgres.owners import require_registry
from exporter.databases.postgres.turns import take_turn
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Script
from exporter.sql.templates import render


def install(script: Script, place: Place, progress: Steps = lambda name: None) -> None:
    """Make the registry's tables and functions, or bring them up to date, and the role whose
    members may deploy; models that are there go on.

    Raises: DatabaseError, when this role may not, or something of it is in the hands of others.
    """
    with connect(place) as connection:
        if is_greenplum_6(connection):
            raise DatabaseError(
                "in Greenplum 6 nothing is installed on its own: it has no row security, which"
                " keeps deployers apart. A superuser deploys there, and brings it along; Greenplum"
                " 7 has it."
            )
        take_turn(connection)
        require_registry(connection)
        run(connection, script.statements, "installing", progress)
        commit(connection)


def known_deployers(place: Place) -> tuple[str, ...]:
    """The roles whose members may deploy here, as SQL names them."""
    with connect(place) as connection:
        return tuple(list_deployers(connection))


def uninstall(place: Place) -> None:
    """Remove the registry; the role whose members deploy stays, it may have rights elsewhere.

    Raises: DatabaseError, when there are models, which are named, or nothing is installed.
    """
    with connect(place) as connection:
        take_turn(connection)
        require_registry(connection)
        if not has_registry(connection):
            raise DatabaseError("nothing is installed in this database.")
        try:
            for name in ("settings", "uninstall"):
                execute(connection, render(("postgres",), name, {}))
            commit(connection)
        except psycopg2.Error as error:
            raise explain(error, "nothing was uninstalled") from error
