"""What doctor shows of this engine: the extension, its version, or whether it may be made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exporter.databases.postgres.connection import Connection, execute
from exporter.databases.results import Check, Difference
from exporter.engines.pgvector.limits import OLDEST

NAME = "pgvector"
END_OF_TEXT = "$function"  # see check_extension.sql
DECLARES_VECTORS = r"\n  h\d+ [^\n]*\.vector;|::[^:;()]*\.vector::real\[\]"
"""What the text of a function that computes with vectors has; one of trees has none."""


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


def find_lost(connection: Connection, model: str) -> Iterator[Difference]:
    """The extension, or its schema, where the text of a model's functions names its type."""
    schemas = execute(
        connection,
        "select quote_ident(n.nspname) from pg_extension e"
        " join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'",
    )
    schema = schemas[0][0] if schemas else None
    rows = execute(
        connection,
        "select p.oid::regprocedure::text from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace where n.nspname = %s"
        " and case when strpos(p.prosrc, '.vector') > 0 then p.prosrc ~ %s end"
        " and (%s is null or strpos(p.prosrc, %s || '.vector') = 0) order by 1",
        (model, DECLARES_VECTORS, schema, schema),
    )
    if schema is None and (rows or _keeps_vectors(connection, model)):
        yield Difference(
            f'the extension vector is missing, with which model "{model}" computes',
            first="As a superuser, or the server's administrator, run: create extension vector;",
        )
    elif schema is not None:
        for (function,) in rows:
            where = f"seeks the extension vector elsewhere than in schema {schema}"
            yield Difference(f"function {function} {where}")


def _keeps_vectors(connection: Connection, model: str) -> bool:
    """Has a version weights in a table of vectors? What reads them went with the extension."""
    return bool(
        execute(
            connection,
            "select 1 from export_model.versions where model = %s and engine = 'pgvector-table'"
            " limit 1",
            (model,),
        )
    )


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
