"""What the registry says is deployed, against what the database's catalog holds.

Whether all of it is what it was made as: compare_script with the model's file at hand, inspect
without.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg2

from exporter.databases.postgres.catalog import (
    has_manifests,
    has_owners,
    has_relation,
    known_tables,
    list_functions,
    schema_exists,
)
from exporter.databases.postgres.connection import (
    Connection,
    execute,
)
from exporter.databases.postgres.inspected_functions import find_opened, inspect_objects
from exporter.databases.postgres.inspected_rows import inspect_row, inspect_rows
from exporter.databases.postgres.inspected_shared import find_lost, tell_installing
from exporter.databases.postgres.shared import (
    program_digest,
)
from exporter.databases.results import Difference
from exporter.engines.pgvector.tables import inspect_tables
from exporter.engines.statements import REGISTRY
from exporter.sql.script import Script
from exporter.sql.text import Sql, ident


def compare_script(connection: Connection, script: Script) -> list[Difference]:
    """What deploying this version again would change; it must be the current one."""
    there = {function.key: function for function in list_functions(connection, script.model)}
    signed_schemas = {f.schema for f in there.values() if f.signed is not None}
    is_old_registry = any(
        f.schema == REGISTRY and f.program != program_digest() for f in there.values()
    )
    has_schema = schema_exists(connection, script.model)
    found = []
    opened = find_opened(connection, script.model, there.values())
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
    found += find_lost(connection, model)
    rows = list(inspect_rows(connection, version))
    found += rows or inspect_row(connection, model, version)
    found += inspect_objects(connection, model)
    found += _inspect_table(connection, model, version)
    found += _inspect_grants(connection, model)
    if has_manifests(connection):  # earlier ones know no engine that has tables of its own
        found += inspect_tables(connection, model)
    return tell_installing(connection, model, _once(found))


def _once(found: list[Difference]) -> list[Difference]:
    """Without functions by their name alone that are told with their argument types as well."""
    told = {difference.what.split("(")[0] for difference in found if "(" in difference.what}
    return [d for d in found if d.what.removesuffix(" is missing") not in told]


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
