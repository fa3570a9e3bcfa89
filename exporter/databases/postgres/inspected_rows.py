"""A version's rows in the registry, its weights and its samples: are they what they were?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from exporter.databases.installation import name_servers
from exporter.databases.postgres.catalog import (
    has_manifests,
    server_target,
)
from exporter.databases.postgres.connection import (
    Connection,
    execute,
    is_greenplum,
    is_greenplum_6,
)
from exporter.databases.postgres.rows import ROW, SHORT_TEXTS, digest_row
from exporter.databases.results import Difference
from exporter.engines.statements import REGISTRY
from exporter.errors import DatabaseError, counted
from exporter.manifest import MAX_TEXT, UNREADABLE, Manifest, parse_stored

HAS_SHA256 = 110000  # the first server with sha256()


def inspect_row(connection: Connection, model: str, version: str) -> list[Difference]:
    """The version's row against the digest of it in the comment of the model's schema. Who gave
    the schema another comment, or deployed with an earlier program, has none."""
    comment = execute(
        connection,
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s",
        (model,),
    )
    digest = comment and re.search(r", row ([0-9a-f]{12}), version \w+$", comment[0][0] or "")
    if not digest or not has_manifests(connection):
        return []
    execute(connection, "set local extra_float_digits = 3")
    columns = ", ".join(ROW)
    sizes = " + ".join(f"octet_length({column})" for column in SHORT_TEXTS)
    rows = execute(
        connection,
        f"select {columns} from {REGISTRY}.versions where version = %s and {sizes} <= %s"
        " and octet_length(array_to_string(features || labels, '')) <= %s",
        (version, MAX_TEXT, MAX_TEXT),
    )
    if rows and digest_row(dict(zip(ROW, rows[0], strict=True))) == digest[1]:
        return []
    return [Difference(f"the row of version {version[:12]} in {REGISTRY}.versions was altered")]


def inspect_rows(connection: Connection, version: str) -> Iterable[Difference]:
    """The version's row, weights, tensors and samples."""
    short = version[:12]
    columns = "null, null"
    if has_manifests(connection):  # neither is fetched where it is larger than it can be
        columns = f"case when length(manifest) <= {MAX_TEXT} then manifest else '' end, database"
    rows = execute(
        connection,
        f"select case when length(plan) <= {MAX_TEXT} then plan end, runtime, chunks, {columns}"
        f" from {REGISTRY}.versions where version = %s",
        (version,),
    )
    if not rows:
        yield Difference(f"the registry has no row of version {short}")
        return
    text, runtime, chunks, manifest, database = rows[0]
    try:
        plan = parse_stored(text)
        has_columns = any("columns" in item for item in plan["inputs"])
        ports = (1 if has_columns else len(plan["inputs"])) + len(plan["outputs"])
        tensors = len(plan["tensors"])
    except UNREADABLE:
        yield Difference(f"the plan of version {short} was altered")
        return
    if manifest is not None:
        yield from _inspect_manifest(version, manifest, text)
        if database != server_target(connection):
            yield Difference(f"version {short} was deployed for target {database}, not for this")
    if not execute(
        connection,
        "select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = %s and p.proname = %s",
        (REGISTRY, runtime),
    ):
        yield Difference(f"function {REGISTRY}.{runtime} is missing")
    has_sha256 = connection.server_version >= HAS_SHA256
    altered = (
        "encode(sha256(data), 'hex') <> sha256" if has_sha256 else "octet_length(data) <> bytes"
    )
    counts = execute(
        connection,
        f"select (select count(*) from {REGISTRY}.chunks where version = %s),"
        f" (select count(*) from {REGISTRY}.chunks where version = %s and {altered}),"
        f" (select count(*) from {REGISTRY}.tensors where version = %s),"
        f" (select count(*) from {REGISTRY}.samples where version = %s),"
        f" (select count(distinct sample) from {REGISTRY}.samples where version = %s)",
        (version,) * 5,
    )
    yield from _inspect_servers(connection, version, chunks)
    there, wrong, listed, values, samples = counts[0]
    if there != chunks:
        yield Difference(f"{there} of {chunks} chunks of weights of version {short} are there")
    if wrong:
        yield Difference(f"weights of version {short} were altered, {counted(wrong, 'chunk')}")
    if listed != tensors:
        yield Difference(f"{listed} of {tensors} tensors of version {short} are listed")
    if not samples or values != samples * ports:
        yield Difference(f"sample rows of version {short} are missing")


def _inspect_servers(connection: Connection, version: str, chunks: int) -> Iterable[Difference]:
    """Where functions read plan and weights in Greenplum 7: a foreign server for each."""
    if not is_greenplum(connection) or is_greenplum_6(connection):
        return
    names = [f"{name_servers(version)}{part}" for part in ("plan", *range(chunks))]
    sql = "select count(*) from pg_foreign_server where srvname = any (%s)"
    there = execute(connection, sql, (names,))[0][0]
    if there != len(names):
        yield Difference(
            f"{there} of {len(names)} foreign servers with weights of version {version[:12]} are"
            " there"
        )


def _inspect_manifest(version: str, text: str, plan: str) -> Iterable[Difference]:
    """Can a version be compiled from it again?"""
    try:
        is_ours = Manifest.from_json(text, plan).version == version
    except DatabaseError:
        is_ours = False
    if not is_ours:
        yield Difference(f"the manifest of version {version[:12]} was altered")
