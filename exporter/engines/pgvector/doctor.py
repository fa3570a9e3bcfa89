"""What doctor shows of this engine: the extension, its version, or whether it may be made."""

from __future__ import annotations

import re

from exporter.databases.postgres.connection import Connection, execute
from exporter.databases.results import Check
from exporter.engines.pgvector.limits import OLDEST

NAME = "pgvector"
END_OF_TEXT = "$function"  # see check_extension.sql


def examine(connection: Connection, is_cluster: bool) -> list[Check]:
    """The extension, where it is; on Greenplum the engine is not offered."""
    if is_cluster:
        return []
    found = execute(
        connection,
        "select e.extversion, n.nspname, has_schema_privilege(n.oid, 'usage'),"
        " format('grant usage on schema %I to %I;', n.nspname, current_user)"
        " from pg_extension e"
        " join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'",
    )
    if not found:
        return [_check_available(connection)]
    version, schema, may_use, grant = found[0]
    if _numbers(version) < OLDEST:
        finding = f"version {version}, and 0.5 is needed"
        return [Check(NAME, "fail", finding, "As its owner run: alter extension vector update;")]
    if not may_use:
        finding = f"in schema {schema}, which this role may not use"
        return [Check(NAME, "fail", finding, f"As its owner run: {grant}")]
    if END_OF_TEXT in schema:
        finding = f"in the schema {schema}, whose name would end a function's text"
        advice = "As its owner run: alter extension vector set schema public;"
        return [Check(NAME, "fail", finding, advice)]
    return [Check(NAME, "ok", f"the extension vector, version {version}, in schema {schema}")]


def _check_available(connection: Connection) -> Check:
    rows = execute(
        connection,
        "select v.version, r.rolsuper or v.trusted"
        " and has_database_privilege(current_database(), 'create')"
        " from pg_available_extensions e join pg_available_extension_versions v"
        " on v.name = e.name and v.version = e.default_version"
        " join pg_roles r on r.rolname = current_user where e.name = 'vector'"
        if connection.server_version >= 130000
        else "select e.default_version, r.rolsuper from pg_available_extensions e"
        " join pg_roles r on r.rolname = current_user where e.name = 'vector'",
    )
    if not rows:
        major = connection.server_version // 10000
        advice = f"apt-get install postgresql-{major}-pgvector; managed servers have it"
        return Check(NAME, "fail", "not installed on the server", advice)
    version, is_allowed = rows[0]
    if _numbers(version) < OLDEST:
        finding = f"the server has version {version}, and 0.5 is needed"
        return Check(NAME, "fail", finding, "Install pgvector 0.5 or later.")
    if not is_allowed:
        finding = "on the server, but not in this database, and this role may not create it"
        return Check(NAME, "fail", finding, "As a superuser run: create extension vector;")
    return Check(NAME, "ok", f"version {version}, which the first deployment creates")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
