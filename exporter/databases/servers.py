"""Which database a DSN names, and what the verbs do there: the only place that decides it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from exporter.databases.oracle import connection as oracle_connection
from exporter.databases.oracle import deployment as oracle_deployment
from exporter.databases.oracle import doctor as oracle_doctor
from exporter.databases.oracle import models as oracle_models
from exporter.databases.oracle import score as oracle_score
from exporter.databases.oracle.connection import is_oracle
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.databases.postgres import deployment as deploy
from exporter.databases.postgres import doctor, registry, score, verify
from exporter.databases.postgres.connection import connect, is_greenplum, read_columns
from exporter.databases.postgres.deployment import Deployment, Progress
from exporter.databases.postgres.doctor import Check
from exporter.databases.postgres.registry import Entry
from exporter.databases.postgres.score import Scoring
from exporter.databases.postgres.verify import Report
from exporter.errors import DatabaseError
from exporter.places import Place, driver_of
from exporter.sql.script import Script

SCHEMES = ("postgresql://", "postgres://", "oracle://")
NAMES = ("postgresql", "postgres", "oracle", "greenplum")
DSN_FORMS = (
    "PostgreSQL and Greenplum: postgresql://user@host:port/name or 'host=... dbname=...';"
    " Oracle: oracle://user@host:port/service or user@host:port/service."
)

Columns = tuple[tuple[str, str] | None, list[str]]


@dataclass(frozen=True)
class Server:
    """The verbs of one kind of database; the DSN is the first argument, of deploy the second."""

    deploy: Callable[[Script, Place, Progress], Deployment]
    verify: Callable[[Place, str], Report]
    list_versions: Callable[[Place], list[Entry]]
    drop: Callable[[Place, str, bool], None]
    score: Callable[..., Scoring]
    examine: Callable[[Place], list[Check]]
    read_columns: Callable[[Place, str, bool], Columns]


def server_of(dsn: Place) -> Server:
    """The verbs for the database that a DSN names, or that a connection or engine is of.

    Raises: DatabaseError, for another kind of database.
    """
    if not isinstance(dsn, str):
        return ORACLE if driver_of(dsn) == "oracledb" else POSTGRES
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.:-]*):/", dsn)
    if scheme is not None and not dsn.startswith(SCHEMES):
        name = scheme[1].lower()
        meant = "oracle://" if "oracle" in name else "postgresql://"
        is_near = re.search("postgre|oracle", name) or get_close_matches(name, NAMES, cutoff=0.75)
        raise DatabaseError(
            f'the DSN begins with "{scheme[0]}", which is not known here.'
            + (f" Write {meant}user@host:port/..." if is_near else f" {DSN_FORMS}")
        )
    return ORACLE if is_oracle(dsn) else POSTGRES


def check_target(target: str, dsn: Place) -> None:
    """Refuse a DSN that names another kind of database than the target.

    Raises: DatabaseError.
    """
    is_other = (server_of(dsn) is ORACLE) != (target == "oracle")
    if is_other:
        kinds = ("PostgreSQL or Greenplum", "Oracle")
        forms = ("postgresql://user@host:port/name", oracle_connection.DSN_FORMS)
        wants_oracle = target == "oracle"
        raise DatabaseError(
            f"--target {target} needs a DSN of {kinds[wants_oracle]}, and --dsn (or the variable"
            f" EXPORT_MODEL_DSN) is one of {kinds[not wants_oracle]}."
            f" Write {forms[wants_oracle]}."
        )


def find_target(dsn: Place) -> str:
    """The target that a database is; a Greenplum is told from a PostgreSQL by asking it.

    Raises: DatabaseError.
    """
    if server_of(dsn) is ORACLE:
        return "oracle"
    with connect(dsn) as connection:
        return "greenplum" if is_greenplum(connection) else "postgres"


def _deploy_postgres(script: Script, dsn: Place, progress: Progress) -> Deployment:
    if isinstance(script, SqlPlusScript):
        raise DatabaseError(
            f"--dsn does not name an Oracle database; write {oracle_connection.DSN_FORMS}."
        )
    return deploy.deploy(script, dsn, progress)


def _deploy_oracle(script: Script, dsn: Place, progress: Progress) -> Deployment:
    return oracle_deployment.deploy(oracle_deployment.require_oracle_script(script), dsn, progress)


def _drop_oracle(dsn: Place, model: str, force: bool) -> None:
    """Oracle drops what others depend on, and marks those objects invalid."""
    if force:
        raise DatabaseError("--force is for PostgreSQL; nothing stops a drop in Oracle.")
    oracle_models.drop(dsn, model)


def _read_columns_postgres(dsn: Place, table: str, is_text: bool) -> Columns:
    with connect(dsn) as connection:
        return read_columns(connection, table, is_text)


def _read_columns_oracle(dsn: Place, table: str, is_text: bool) -> Columns:
    """Names only: a function in Oracle takes no row of a table."""
    with oracle_connection.connect(dsn) as connection:
        return None, oracle_connection.read_columns(connection, table)


POSTGRES = Server(
    deploy=_deploy_postgres,
    verify=verify.verify,
    list_versions=registry.list_versions,
    drop=registry.drop,
    score=score.score,
    examine=doctor.examine,
    read_columns=_read_columns_postgres,
)
ORACLE = Server(
    deploy=_deploy_oracle,
    verify=oracle_models.verify,
    list_versions=oracle_models.list_versions,
    drop=_drop_oracle,
    score=oracle_score.score,
    examine=oracle_doctor.examine,
    read_columns=_read_columns_oracle,
)
