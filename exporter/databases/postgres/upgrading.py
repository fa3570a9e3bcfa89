"""A registry of an earlier program brought to the format of this one, without a deployment."""

from __future__ import annotations

from exporter.databases.greenplum.script import compile_registry as compile_greenplum
from exporter.databases.life import Upgrade
from exporter.databases.postgres.catalog import has_manifests, list_models, read_format
from exporter.databases.postgres.connection import (
    Connection,
    commit,
    connect,
    execute,
    has_registry,
    is_greenplum,
    is_greenplum_6,
)
from exporter.databases.postgres.deployment import run
from exporter.databases.postgres.inspection import inspect
from exporter.databases.postgres.owners import require_registry
from exporter.databases.postgres.shared import (
    ENGINES,
    FORMS,
    INSTALLED_BEFORE,
    REGISTRY_FORMAT,
    compile_registry,
)
from exporter.databases.postgres.turns import take_turn
from exporter.engines.engine import Engine
from exporter.engines.statements import REGISTRY, Statements
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.sql.script import Script
from exporter.sql.templates import render


def upgrade(place: Place) -> Upgrade:
    """Move the registry's tables to this program's format and make its functions anew, in one
    transaction; models go on as they are, with the numbers that they gave.

    Raises: DatabaseError, when there is no registry, or this role may not.
    """
    with connect(place) as connection:
        take_turn(connection)
        require_registry(connection)
        if not has_registry(connection):
            raise DatabaseError(
                "nothing is deployed or installed in this database, so there is nothing to upgrade."
            )
        if is_greenplum_6(connection):
            raise DatabaseError(
                "in Greenplum 6 the next deployment of any model moves the registry; upgrade is for"
                " Greenplum 7."
            )
        before = read_format(connection)
        if not execute(connection, render(("postgres",), "may_install", {}))[0][1]:
            raise DatabaseError(f"this role may not upgrade the registry. {INSTALLED_BEFORE}")
        for script in _scripts(connection):
            run(connection, script.statements, "upgrading")
        models = list_models(connection)
        older = tuple(m for m in models if any(d.is_old for d in inspect(connection, m)))
        commit(connection)
    return Upgrade(before, REGISTRY_FORMAT, older)


def _scripts(connection: Connection) -> list[Script]:
    """What makes the shared part, for each engine that versions are for."""
    if is_greenplum(connection):
        return [compile_greenplum("")]
    return [compile_registry("", engine) for engine in _engines(connection)]


def _engines(connection: Connection) -> list[Engine[Statements]]:
    """Those whose functions are there, whatever who deploys writes into his rows, and of their
    forms those that rows name; the first, where there is none."""
    rows = execute(
        connection,
        "select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = %s",
        (REGISTRY,),
    )
    there = {name for (name,) in rows}
    named = {engine.name for engine in ENGINES}
    if has_manifests(connection):
        rows = execute(connection, "select distinct engine from export_model.versions")
        named |= {name for (name,) in rows}
    used = [
        engine
        for engine in FORMS
        if engine.name in named and there.intersection(engine.making.helper_names())
    ]
    return used or [FORMS[0]]
