"""Score the stored samples in the database again, and tell how far they are off."""

from __future__ import annotations

from functools import partial

import psycopg2

from exporter.databases.postgres.catalog import find_orphans, list_models
from exporter.databases.postgres.connection import (
    Connection,
    execute,
    explain,
    has_registry,
)
from exporter.databases.postgres.inspection import inspect
from exporter.databases.postgres.owners import refuse_owned, require_own
from exporter.databases.postgres.turns import read_settled
from exporter.databases.results import Difference, Report, mend
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.spelling import tell_nearest
from exporter.sql.text import Sql, ident


def verify(dsn: Place, model: str) -> Report:
    """Score the samples of the deployed version.

    Raises: DatabaseError, when there is no such model or it cannot be scored at all.
    """
    return read_settled(dsn, partial(_verify, model), lambda report: report.is_ok)


def _verify(model: str, connection: Connection) -> Report:
    require_own(connection, model)
    require_model(connection, model)
    damages = tuple(d for d in inspect(connection, model) if not d.is_old)
    if damages:
        return Report(model, 0, 0, 0.0, 0.0, "", damages)
    try:
        rows = execute(
            connection,
            Sql(
                "select count(distinct sample), count(*) filter (where not ok),"
                " max(difference), max(tolerance) from {}.verify()"
            ).format(ident(model)),
        )
        who = execute(
            connection,
            "select v.expected_by from export_model.versions v join export_model.models m"
            " on m.current_version = v.version where m.name = %s",
            (model,),
        )
    except psycopg2.Error as error:
        raise explain(error, f'verifying "{model}" failed') from error
    samples, failed, difference, tolerance = rows[0]
    return Report(model, samples, failed, difference or 0.0, tolerance or 0.0, who[0][0])


def require_model(connection: Connection, model: str) -> None:
    """Raise DatabaseError unless the model is deployed here."""
    found = has_registry(connection) and execute(
        connection, "select 1 from export_model.models where name = %s", (model,)
    )
    if not found and model in find_orphans(connection):
        raise DatabaseError(
            f'schema "{model}" holds a model, but the registry does not know it: '
            + mend(model, [Difference("the registry is missing")])
        )
    if not found:
        refuse_owned(connection, model)  # whose rows this role does not see
        meant = guess_model(connection, model) or "See: export-model list --dsn ..."
        raise DatabaseError(f'there is no model "{model}" in this database. {meant}')


def guess_model(connection: Connection, model: str) -> str:
    """The question whether a model of another name was meant, in a transaction of its own or at the
    end of one; empty where none is near, or this role may not read which there are."""
    try:
        names = list_models(connection) if has_registry(connection) else []
    except psycopg2.errors.InsufficientPrivilege:
        connection.rollback()
        return ""
    return tell_nearest(model, [name for name in names if name != model])
