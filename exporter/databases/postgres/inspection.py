"""What the registry says is deployed, against what the database's catalog holds.

Whether all of it is what it was made as: compare_script with the model's file at hand, inspect
without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import psycopg2

from exporter.databases.installation import name_servers
from exporter.databases.postgres.catalog import (
    Function,
    has_manifests,
    has_owners,
    has_relation,
    known_tables,
    list_functions,
    schema_exists,
    server_target,
    shown,
)
from exporter.databases.postgres.connection import (
    Connection,
    execute,
    is_greenplum,
    is_greenplum_6,
)
from exporter.databases.postgres.rows import ROW, SHORT_TEXTS, digest_row
from exporter.databases.postgres.shared import (
    FORMS,
    program_digest,
)
from exporter.databases.results import UNLISTED, Difference
from exporter.engines.pgvector.tables import inspect_tables
from exporter.engines.statements import REGISTRY
from exporter.errors import DatabaseError, counted
from exporter.manifest import MAX_TEXT, UNREADABLE, Manifest, parse_stored
from exporter.sql.script import Script
from exporter.sql.templates import render
from exporter.sql.text import Sql, ident

HAS_SHA256 = 110000  # the first server with sha256()


def compare_script(connection: Connection, script: Script) -> list[Difference]:
    """What deploying this version again would change; it must be the current one."""
    there = {function.key: function for function in list_functions(connection, script.model)}
    signed_schemas = {f.schema for f in there.values() if f.signed is not None}
    is_old_registry = any(
        f.schema == REGISTRY and f.program != program_digest() for f in there.values()
    )
    has_schema = schema_exists(connection, script.model)
    found = []
    opened = _find_opened(connection, script.model, there.values())
    for made in script.made:
        function = there.get(made.key)
        is_helper = made.key.startswith(f"{REGISTRY}.")
        if function is None and is_helper and is_old_registry:
            text = f"function {made.identity} is new in this version of export-model"
            found.append(Difference(text, is_old=True))
        elif function is None:
            if is_helper or has_schema:  # else inspect says it in one line
                found.append(Difference(f"function {made.identity} is missing"))
        elif function.signed is not None and function.is_altered:
            how = opened.get(made.key, "was altered")
            found.append(Difference(f"function {made.identity} {how}"))
        elif function.signed is None and function.schema in signed_schemas:
            found.append(Difference(f"function {made.identity} was made anew by somebody"))
        elif (function.statement, function.program) != (made.digest, program_digest()):
            text = f"function {made.identity} was made by another version of export-model"
            found.append(Difference(text, is_old=True))
    known = {_plain(difference.what) for difference in found}
    found += [
        d for d in inspect(connection, script.model) if not d.is_old and _plain(d.what) not in known
    ]
    return found or _scores(connection, script.model)


def _plain(text: str) -> str:
    """Without the quotes and spaces that tell two ways to write a function apart."""
    return text.replace('"', "").replace(", ", ",").replace("pg_catalog.", "")


def inspect(connection: Connection, model: str) -> list[Difference]:
    """What of a model is not as it was made, by the registry and the catalog alone."""
    missing = [
        Difference(f"table {REGISTRY}.{table} is missing")
        for table in known_tables(connection)
        if not has_relation(connection, f"{REGISTRY}.{table}")
    ]
    if missing:
        return missing
    found = list(_inspect_registry(connection))
    if not schema_exists(connection, model):
        found.append(Difference(f'schema "{model}" is missing'))
    version = _current(connection, model)
    if version is None:
        return [*found, Difference(f'the registry has no current version of model "{model}"')]
    rows = list(_inspect_rows(connection, version))
    found += rows or _inspect_row(connection, model, version)
    found += _inspect_objects(connection, model)
    found += _inspect_table(connection, model, version)
    found += _inspect_grants(connection, model)
    if has_manifests(connection):  # earlier ones know no engine that has tables of its own
        found += inspect_tables(connection, model)
    return found


def _current(connection: Connection, model: str) -> str | None:
    rows = execute(
        connection, f"select current_version from {REGISTRY}.models where name = %s", (model,)
    )
    return str(rows[0][0]) if rows else None


def _inspect_registry(connection: Connection) -> Iterable[Difference]:
    """What all models share."""
    if not has_relation(connection, f"{REGISTRY}.overview"):
        yield Difference(f"view {REGISTRY}.overview is missing")
    if not execute(connection, "select has_schema_privilege('public', %s, 'usage')", (REGISTRY,))[
        0
    ][0]:
        yield Difference(f"usage on schema {REGISTRY} was revoked from public")


def _inspect_row(connection: Connection, model: str, version: str) -> list[Difference]:
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


def _inspect_table(connection: Connection, model: str, version: str) -> Iterable[Difference]:
    """Columns of the table whose rows score(TABLE) takes, which somebody may drop or rename."""
    rows = execute(
        connection,
        "select distinct t.typrelid::regclass::text, f.name"
        f" from pg_proc p join pg_type t on t.oid = p.proargtypes[0],"
        f" (select unnest(features) as name from {REGISTRY}.versions where version = %s) f"
        " where p.pronamespace = (select oid from pg_namespace where nspname = %s)"
        " and p.proname = 'score' and p.pronargs = 1 and t.typtype = 'c' and not exists"
        " (select from pg_attribute a where a.attrelid = t.typrelid and a.attname = f.name"
        " and a.attnum > 0 and not a.attisdropped) order by 1, 2",
        (version, model),
    )
    for table, column in rows:
        yield Difference(f'table {table} has no column "{column}", which score({table}) takes')


def _inspect_rows(connection: Connection, version: str) -> Iterable[Difference]:
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


def _inspect_objects(connection: Connection, model: str) -> Iterable[Difference]:
    """Functions and types, those of the registry too."""
    functions = {function.key: function for function in list_functions(connection, model)}
    has_schema = schema_exists(connection, model)  # where it is missing, that says it all
    rows = execute(
        connection,
        f"select {shown('kind')}, identity from {REGISTRY}.objects where model = %s",
        (model,),
    )
    listed = set()
    for kind, identity in rows:
        key = identity.replace('"', "")
        listed.add(key)
        if not has_schema and key.startswith(f"{model}."):
            continue
        is_function = kind == "function" or kind.split(" ")[0] == "alias"
        if is_function and key not in functions:
            yield Difference(f"function {identity} is missing")
        if kind == "type" and not _type_exists(connection, key):
            yield Difference(f"type {identity} is missing")
        if kind == "wrapper" and not execute(
            connection, "select 1 from pg_foreign_data_wrapper where fdwname = %s", (key,)
        ):
            yield Difference(f"foreign data wrapper {identity} is missing")
    program = program_digest()
    # A deployment makes all of the registry's functions: beside them, others are left from before.
    is_refreshed = any(f.schema == REGISTRY and f.program == program for f in functions.values())
    old = 0
    signed = [function for function in functions.values() if function.signed is not None]
    signed_schemas = {function.schema for function in signed}
    # What an earlier program made beside them stays for models that call it.
    signed_names = {_name(function) for function in signed if function.schema == REGISTRY}
    runtime = _runtime(connection, model)
    opened = _find_opened(connection, model, functions.values())
    for function in functions.values():
        if _name(function) == f"{REGISTRY}.runtime" and not function.key.startswith(f"{runtime}("):
            continue  # of an earlier program, for models that another deployment brings up to date
        is_ours = function.schema == model or function.key.startswith(f"{REGISTRY}.")
        is_known = function.schema == REGISTRY or function.key in listed
        if function.signed is None and is_known and function.schema not in signed_schemas:
            old += 1  # of a program that signed nothing
        elif function.signed is None and is_known and _name(function) not in signed_names:
            yield Difference(f"function {function.key} was made anew by somebody")
        elif function.signed is not None and function.is_altered:
            yield Difference(f"function {function.key} {opened.get(function.key, 'was altered')}")
        elif (
            function.signed is not None and function.schema == model and function.key not in listed
        ):
            yield Difference(f"{UNLISTED}function {function.key}")
        elif is_ours and function.program not in (None, program):
            old += not (is_refreshed and function.schema == REGISTRY)
    yield from _missing_helpers(connection, model, functions)
    if old:
        were = "was" if old == 1 else "were"
        text = f"{counted(old, 'function')} {were} made by another version of export-model"
        yield Difference(text, is_old=True)


def _find_opened(
    connection: Connection, model: str, functions: Iterable[Function]
) -> dict[str, str]:
    """How functions differ by key, of which nothing but the rights of PUBLIC is another: a restore
    fails to take them away together with grants to roles that are missing."""
    if not any(function.signed is not None and function.is_altered for function in functions):
        return {}
    flipped = {"schemas": [REGISTRY, model], "is_flipped": True}
    sql = Sql(
        "select f.function, has_function_privilege('public', f.id, 'execute') from ({}) f"
        " where f.state = f.signed"
    ).format(render(("postgres",), "functions", flipped))
    return {
        key: "may be called by PUBLIC, as after a restore where roles of its grants were missing"
        if is_open
        else "may not be called by PUBLIC any more"
        for key, is_open in execute(connection, sql)
    }


def find_missing_roles(connection: Connection, model: str) -> dict[str, str]:
    """Roles which a model needs and that are not on this server, each with that in words: it was
    restored without them."""
    if not has_owners(connection) or "grants" not in known_tables(connection):
        return {}
    rows = execute(
        connection,
        "select f.role, f.what from (select 1, m.owner, 'that deployed it'"
        " from export_model.models m where m.name = %s union all"
        " select 2, g.grantee, 'to which it is granted' from export_model.grants g"
        " where g.model = %s and g.grantee <> 'public') f (place, role, what)"
        " where not exists (select from pg_roles r where r.rolname = f.role) order by f.place, 1",
        (model, model),
    )
    found: dict[str, list[str]] = {}
    for role, what in rows:
        found.setdefault(role, []).append(what)
    return {
        role: f'role "{role}", {" and ".join(whats)}, is missing on this server'
        for role, whats in found.items()
    }


def _inspect_grants(connection: Connection, model: str) -> Iterable[Difference]:
    """Roles that it is granted to and that may not use its schema."""
    if "grants" not in known_tables(connection):
        return
    rows = execute(
        connection,
        "select r.rolname from export_model.grants g join pg_roles r on r.rolname = g.grantee"
        " join pg_namespace n on n.nspname = g.model where g.model = %s"
        " and not has_schema_privilege(r.oid, n.oid, 'usage') order by 1",
        (model,),
    )
    for (role,) in rows:
        text = f'usage on schema "{model}" was taken from role "{role}", to which it is granted'
        yield Difference(text)


def _runtime(connection: Connection, model: str) -> str:
    """The runtime of a model's current version."""
    rows = execute(
        connection,
        f"select v.runtime from {REGISTRY}.versions v join {REGISTRY}.models m"
        " on m.current_version = v.version where m.name = %s",
        (model,),
    )
    return f"{REGISTRY}.{rows[0][0]}" if rows else ""


def _name(function: Function) -> str:
    """Without argument types; all runtimes are one."""
    name = function.key.split("(")[0]
    is_runtime = name.startswith(f"{REGISTRY}.runtime_")
    return f"{REGISTRY}.runtime" if is_runtime else name


def _missing_helpers(
    connection: Connection, model: str, functions: dict[str, Function]
) -> Iterable[Difference]:
    """Helpers that functions of this model call by name."""
    names = {key.split("(")[0] for key in functions}
    called: set[str] = set()
    for (source,) in execute(
        connection,
        "select distinct m[1] from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass,"
        " regexp_matches(p.prosrc, 'export_model[.]([a-z_]+)[(]', 'g') m"
        " where d.description like 'export-model %%'"
        " and p.proname not like 'runtime%%' and n.nspname in (%s, %s)",
        (REGISTRY, model),
    ):
        called.add(f"{REGISTRY}.{source}")
    for name in sorted(
        (called | {f"{REGISTRY}.drop_model"}) - _of_other_engines(connection, model)
    ):
        if name not in names:
            yield Difference(f"function {name} is missing")


def _of_other_engines(connection: Connection, model: str) -> set[str]:
    """Helpers of engines that this model does not run in: what reads tables names those of all."""
    if not has_manifests(connection):
        return set()
    rows = execute(
        connection, f"select distinct engine from {REGISTRY}.versions where model = %s", (model,)
    )
    used = {name for (name,) in rows}
    needed: set[str] = set()
    others: set[str] = set()
    for engine in FORMS:
        names = engine.making.helper_names()
        (needed if engine.name in used else others).update(names)
    return {f"{REGISTRY}.{name}" for name in others - needed}


def _type_exists(connection: Connection, key: str) -> bool:
    sql = (
        "select 1 from pg_type t join pg_namespace n on n.oid = t.typnamespace"
        """ where replace(n.nspname || '.' || t.typname, '"', '') = %s"""
    )
    return bool(execute(connection, sql, (key,)))


def _scores(connection: Connection, model: str) -> list[Difference]:
    """Do the samples come out right? Asked last, when all that it needs is there."""
    execute(connection, "savepoint scores")
    try:
        rows: list[Any] = execute(
            connection,
            Sql("select count(*) filter (where not ok), count(*) from {}.verify()").format(
                ident(model)
            ),
        )
    except psycopg2.Error as error:
        execute(connection, "rollback to savepoint scores")
        return [Difference(f"the samples cannot be scored: {str(error).splitlines()[0]}")]
    wrong, count = rows[0]
    if wrong or not count:
        return [Difference(f"{wrong} of {count} outputs of the samples are wrong")]
    return []
