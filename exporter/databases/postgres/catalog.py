"""What the registry says is deployed, against what the database's catalog holds.

The only module that knows both: whether all of it is ours (require_own), and whether it is what
it was made as (compare_script with the model's file at hand, inspect without).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from exporter.databases.installation import DEPLOYERS, LANGUAGES, name_servers
from exporter.databases.postgres.connection import (
    Connection,
    execute,
    is_greenplum,
    is_greenplum_6,
)
from exporter.databases.postgres.rows import ROW, SHORT_TEXTS, digest_row
from exporter.databases.postgres.script import (
    FORMS,
    NEW_TABLES,
    REGISTRY_FORMAT,
    TABLES,
    acting_role,
    program_digest,
)
from exporter.databases.results import UNLISTED, Difference
from exporter.engines.pgvector.tables import inspect_tables
from exporter.engines.statements import REGISTRY
from exporter.errors import DatabaseError
from exporter.manifest import MAX_TEXT, UNREADABLE, Manifest, parse_stored
from exporter.sql.script import Script
from exporter.sql.templates import render
from exporter.sql.text import Sql, ident, literal

NEWER_MEND = "Use that version of export-model: pip install --upgrade export-model"
HAS_SHA256 = 110000  # the first server with sha256()
MAX_SHOWN = 100_000  # characters of a text that is shown
HAS_POLICIES = 90500  # the first with row level security


@dataclass(frozen=True)
class Function:
    """A function that is there. signed and statement are None where export-model did not make it:
    digests of its state when it was made, and of the statement that made it."""

    schema: str
    key: str
    program: str | None
    statement: str | None
    signed: str | None
    state: str

    @property
    def is_altered(self) -> bool:
        """Is it another than the one that was made?"""
        return self.signed != self.state


def readable(time: str) -> str:
    """SQL of a point in time that Python has, too: who deploys may write another into his rows."""
    return f"greatest(least({time}, '9999-12-30'), '0001-01-02')"


def shown(column: str) -> str:
    """SQL of as much of a text as is shown: who deploys may write a gigabyte into each."""
    return f"pg_catalog.left({column}, {MAX_SHOWN})"


def find_strangers(
    connection: Connection, *models: str, also: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """(what belongs to others or can be changed by them, the statement that mends it). also are
    roles beside superusers and the connected one to whom it may belong.

    Reads the system's own catalog and nothing else: a view or trigger of somebody else's would
    run with the rights of who looks.
    """
    schemas = list(models) if also else [REGISTRY, *models]  # the registry is never theirs
    variables = {
        "schemas": schemas,
        "also": list(also),
        "acting_role": acting_role(),
        "has_policies": connection.server_version >= HAS_POLICIES,
    }
    sql = render(("postgres",), "owners", variables)
    return [(finding, f"{mend};") for finding, mend in execute(connection, sql)]


def require_own(connection: Connection, *models: str) -> None:
    """Raise DatabaseError where the registry or a model is in the hands of others."""
    for model in models:
        refuse_owned(connection, model)
    strangers = find_strangers(connection, *models)
    if not strangers or not find_strangers(connection):  # else the registry is not read
        _refuse_deployers(connection, *models)
    _refuse_strangers(connection, strangers)
    _require_readable(connection)


def refuse_owned(connection: Connection, model: str) -> None:
    """Raise DatabaseError where a model is another role's as a whole, schema and functions: to a
    role that is no superuser that is somebody else's model, and nothing to mend. One that may not
    read the registry is told that instead."""
    if is_superuser(connection) or find_unread(connection):
        return
    rows = execute(
        connection,
        "select pg_get_userbyid(n.nspowner) from pg_namespace n where n.nspname = %s"
        " and not pg_has_role(n.nspowner, 'usage')"
        " and obj_description(n.oid, 'pg_namespace') like 'export-model: %%'"
        " and not exists (select from pg_proc p where p.pronamespace = n.oid"
        " and p.proowner <> n.nspowner)",
        (model,),
    )
    if rows:
        raise DatabaseError(
            f'model "{model}" belongs to role "{rows[0][0]}": nothing of it was run.'
            "\n  Connect as that role, or, to deploy another, choose another name with --name."
            " Scoring in SQL takes: grant usage on schema ... to ..."
        )


def _refuse_deployers(connection: Connection, *models: str) -> None:
    for model in models:
        deployer = find_deployer(connection, model)
        if deployer is not None:
            raise DatabaseError(
                f'model "{model}" belongs to role "{deployer}", whose functions would run with your'
                " rights.\n  Connect as that role; list, versions, doctor and drop work as a"
                " superuser. To take it over, drop it and deploy it anew."
            )


def require_removable(connection: Connection, model: str) -> None:
    """The same before a model is removed, of which nothing is run then: a superuser may remove what
    belongs, schema and all, to the role that deployed it."""
    _refuse_strangers(connection, find_strangers(connection))
    _require_readable(connection)
    deployer = find_deployer(connection, model)
    if deployer is None:
        require_own(connection, model)
        return
    owner = execute(
        connection,
        "select pg_get_userbyid(nspowner) from pg_namespace where nspname = %s",
        (model,),
    )
    if owner and owner[0][0] != deployer:
        raise DatabaseError(
            f'the registry lists a model "{model}" of role "{deployer}", but the schema belongs to'
            f' role "{owner[0][0]}": nothing of it was removed.'
            "\n  Remove the row: delete from export_model.models where name = ..."
        )
    _refuse_strangers(connection, find_strangers(connection, model, also=[deployer]))


def find_deployer(connection: Connection, model: str) -> str | None:
    """Who deployed a model, where that is another, plain role, and this one sees all rows. One
    whose schema was given away is whose that is."""
    if not has_owners(connection):
        return None
    rows = execute(
        connection,
        Sql(
            "select m.owner from export_model.models m join pg_roles r on r.rolname = m.owner"
            " where m.name = %s and not r.rolsuper and r.rolname <> {}"
            " and not exists (select from pg_namespace n where n.nspname = m.name"
            " and pg_get_userbyid(n.nspowner) <> m.owner"
            " and obj_description(n.oid, 'pg_namespace') like 'export-model: %%')"
        ).format(acting_role()),
        (model,),
    )
    return str(rows[0][0]) if rows else None


def _require_readable(connection: Connection) -> None:
    """Raise DatabaseError where the registry cannot be read or understood."""
    unread = find_unread(connection)
    if unread:
        raise DatabaseError(f"{unread}.\n  {unread_mend(connection)}")
    number = read_format(connection)
    if number is not None and number > REGISTRY_FORMAT:
        raise DatabaseError(f"{newer_registry(number)}.\n  {NEWER_MEND}")


def has_owners(connection: Connection) -> bool:
    """Does the registry hold who deployed models, since format 3, and may this role read it?"""
    found = execute(
        connection,
        "select 1 from pg_attribute where attrelid = to_regclass(%s) and attname = 'owner'"
        " and has_table_privilege(attrelid, 'select')",
        (f"{REGISTRY}.models",),
    )
    return bool(found)


def _refuse_strangers(connection: Connection, strangers: list[tuple[str, str]]) -> None:
    if strangers:
        role, acts_as = execute(connection, Sql("select {}, current_user").format(acting_role()))[0]
        lines = [
            "the registry or the model is in the hands of others than role"
            f' "{role}" and superusers; nothing of it was run:'
        ]
        for finding, mend in strangers:
            lines += [f"  {finding}", f"    mend it: {mend}"]
        if role != acts_as:
            lines.append(
                f'  You logged in as superuser "{role}", whose rights a function of "{acts_as}"'
                f' could take back. Log in as "{acts_as}" for what belongs to it, or run:'
                " set role none; (alter database ... reset role; where the database sets it)"
            )
        lines.append(
            "  Look at each. What export-model made, deploying makes again. A model that was given"
            " to a role as a whole is handled as that role."
        )
        raise DatabaseError("\n".join(lines))


def read_format(connection: Connection) -> int | None:
    """The number of the registry's format; None without a registry, or where it does not say."""
    rows = execute(
        connection,
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s",
        (REGISTRY,),
    )
    found = rows and re.fullmatch(r"export-model registry, format (\d{1,6})", rows[0][0] or "")
    return int(found[1]) if found else None


def newer_registry(number: int) -> str:
    """That only a newer program understands the registry, in words."""
    return (
        f"the registry has format {number}, which a newer export-model made; this one knows"
        f" {REGISTRY_FORMAT} and older"
    )


def server_target(connection: Connection) -> str:
    """What --target calls the database that this server is."""
    return "greenplum" if is_greenplum(connection) else "postgres"


def has_manifests(connection: Connection) -> bool:
    """Does the registry hold manifests? One of format 1 does not, until something is deployed."""
    found = execute(
        connection,
        "select 1 from pg_attribute where attrelid = to_regclass(%s) and attname = 'manifest'",
        (f"{REGISTRY}.versions",),
    )
    return bool(found)


def _tables(connection: Connection) -> list[str]:
    """Those that a registry of its format has."""
    is_old = (read_format(connection) or REGISTRY_FORMAT) < REGISTRY_FORMAT
    return [table for table in TABLES if not (is_old and table in NEW_TABLES)]


def find_unread(connection: Connection) -> str:
    """That this role may not read the registry, in words, or nothing."""
    rows = execute(
        connection,
        "select current_user::text, pg_get_userbyid(c.relowner)::text from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relname = any(%s) and not coalesce("
        "has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false)",
        (REGISTRY, list(TABLES)),
    )
    if not rows:
        return ""
    role, owner = rows[0]
    return f'role "{role}" may not read the registry, which belongs to role "{owner}"'


def unread_mend(connection: Connection) -> str:
    """What a role can do that may not read the registry: nobody is let into one of a plain role,
    whose models are its own."""
    rows = execute(
        connection,
        Sql(
            "select {} from pg_namespace n join pg_roles r on r.oid = n.nspowner"
            " where n.nspname = {} and not r.rolsuper"
        ).format(render(("postgres",), "as_role", {}), literal(REGISTRY)),
    )
    groups = list_deployers(connection)
    if rows and not groups:
        return f"To deploy, {rows[0][0]}. Scoring in SQL needs no such right."
    role = execute(connection, "select quote_ident(current_user)")[0][0]
    install = "" if groups else "export-model install --dsn ..., then: "
    return (
        f"To deploy, let a superuser run: {install}grant {groups[0] if groups else DEPLOYERS} to"
        f" {role}; or connect as the registry's owner. Scoring in SQL needs no such right."
    )


def list_deployers(connection: Connection) -> list[str]:
    """The roles whose members may deploy, as SQL names them."""
    if connection.server_version < HAS_POLICIES:
        return []
    of_deployers = render(("postgres",), "deployers", {})
    rows = execute(
        connection,
        Sql("select quote_ident(r.rolname) from pg_roles r where r.oid in ({}) order by 1").format(
            of_deployers
        ),
    )
    return [name for (name,) in rows]


def require_place(connection: Connection, model: str) -> None:
    """Raise DatabaseError where the model's schema is that of a role whose rights we lack."""
    rows = execute(
        connection,
        "select pg_get_userbyid(nspowner) from pg_namespace"
        " where nspname = %s and not pg_has_role(nspowner, 'usage')",
        (model,),
    )
    if rows:
        raise DatabaseError(
            f'schema "{model}" belongs to role "{rows[0][0]}".'
            "\n  Choose another name with --name, or connect as that role."
        )


def require_languages(connection: Connection) -> None:
    """Raise DatabaseError where this role may not make a model's functions: PUBLIC may have lost
    the languages."""
    rows = execute(
        connection,
        "select quote_ident(current_user), string_agg(l.name, ', ' order by l.name)"
        " from unnest(%s::text[]) l (name) where not has_language_privilege(l.name, 'usage')",
        (list(LANGUAGES),),
    )
    role, lacking = rows[0]
    if lacking is not None:
        raise DatabaseError(
            f"role {role} may not make functions in {lacking}, as those of a model are.\n  As a"
            f" superuser run: grant usage on language {lacking} to"
            f" {(*list_deployers(connection), role)[0]};"
        )


def is_superuser(connection: Connection) -> bool:
    """May this session do anything, or can it after "reset role"?"""
    sql = "select bool_or(rolsuper) from pg_roles where rolname in (current_user, session_user)"
    return bool(execute(connection, sql)[0][0])


def compare_script(connection: Connection, script: Script) -> list[Difference]:
    """What deploying this version again would change; it must be the current one."""
    there = {function.key: function for function in list_functions(connection, script.model)}
    signed_schemas = {f.schema for f in there.values() if f.signed is not None}
    is_old_registry = any(
        f.schema == REGISTRY and f.program != program_digest() for f in there.values()
    )
    has_schema = _has_schema(connection, script.model)
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
        for table in _tables(connection)
        if not _exists(connection, f"{REGISTRY}.{table}")
    ]
    if missing:
        return missing
    found = list(_inspect_registry(connection))
    if not _has_schema(connection, model):
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


def find_orphans(connection: Connection) -> list[str]:
    """Schemas that hold what export-model made and are no model's: renamed, or without registry."""
    known = "array[]::text[]"
    if _exists(connection, f"{REGISTRY}.models"):
        known = f"array(select name from {REGISTRY}.models)"
    rows = execute(
        connection,
        "select n.nspname from pg_namespace n where obj_description(n.oid, 'pg_namespace')"
        f" like 'export-model: %' and n.nspname <> all ({known})"
        " and n.nspowner in (select oid from pg_roles where rolsuper or rolname = current_user)"
        " and pg_has_role(n.nspowner, 'usage')"
        " order by 1",
    )
    return [name for (name,) in rows]


def list_models(connection: Connection) -> list[str]:
    """Names in the registry."""
    if not _exists(connection, f"{REGISTRY}.models"):
        return []
    return [
        name for (name,) in execute(connection, f"select name from {REGISTRY}.models order by 1")
    ]


def list_functions(connection: Connection, model: str) -> list[Function]:
    """All that are in the registry and in a model's schema."""
    sql = render(("postgres",), "functions", {"schemas": [REGISTRY, model]})
    return [Function(*row[1:]) for row in execute(connection, sql)]


def list_own_functions(connection: Connection, model: str) -> list[Function]:
    """Those of a model's schema, and of the registry the runtimes and the one that tells which
    program made it: the state of each takes longer to find than all else of it."""
    sql = render(("postgres",), "functions", {"schemas": [REGISTRY, model]})
    own = Sql("select * from ({}) f where f.schema = {} or f.function ~ {}").format(
        sql, literal(model), literal(rf"^{REGISTRY}\.(drop_model\(|runtime)")
    )
    return [Function(*row[1:]) for row in execute(connection, own)]


def _has_schema(connection: Connection, model: str) -> bool:
    return bool(execute(connection, "select 1 from pg_namespace where nspname = %s", (model,)))


def _exists(connection: Connection, relation: str) -> bool:
    return bool(execute(connection, "select to_regclass(%s) is not null", (relation,))[0][0])


def _current(connection: Connection, model: str) -> str | None:
    rows = execute(
        connection, f"select current_version from {REGISTRY}.models where name = %s", (model,)
    )
    return str(rows[0][0]) if rows else None


def _inspect_registry(connection: Connection) -> Iterable[Difference]:
    """What all models share."""
    if not _exists(connection, f"{REGISTRY}.overview"):
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
        yield Difference(f"{wrong} chunks of weights of version {short} were altered")
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
    has_schema = _has_schema(connection, model)  # where it is missing, that says it all
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
        text = f"{old} functions were made by another version of export-model"
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


def find_missing_roles(connection: Connection, model: str) -> list[str]:
    """That roles which a model needs are not on this server, in words: it was restored without
    them."""
    if not has_owners(connection) or "grants" not in _tables(connection):
        return []
    rows = execute(
        connection,
        "select f.role, f.what from (select 1, m.owner, 'that deployed it'"
        " from export_model.models m where m.name = %s union all"
        " select 2, g.grantee, 'to which it is granted' from export_model.grants g"
        " where g.model = %s and g.grantee <> 'public') f (place, role, what)"
        " where not exists (select from pg_roles r where r.rolname = f.role) order by f.place, 1",
        (model, model),
    )
    return [f'role "{role}", {what}, is missing on this server' for role, what in rows]


def _inspect_grants(connection: Connection, model: str) -> Iterable[Difference]:
    """Roles that it is granted to and that may not use its schema."""
    if "grants" not in _tables(connection):
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
