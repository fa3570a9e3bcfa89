"""What the registry and the database's catalog hold, asked without running anything of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exporter.databases.postgres.connection import (
    Connection,
    execute,
    is_greenplum,
)
from exporter.databases.postgres.shared import (
    NEW_TABLES,
    REGISTRY_FORMAT,
    TABLES,
)
from exporter.engines.statements import REGISTRY
from exporter.sql.templates import render
from exporter.sql.text import Sql, literal

NEWER_MEND = "Use that version of export-model: pip install --upgrade export-model"
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


def has_owners(connection: Connection) -> bool:
    """Does the registry hold who deployed models, since format 3, and may this role read it?"""
    found = execute(
        connection,
        "select 1 from pg_attribute where attrelid = to_regclass(%s) and attname = 'owner'"
        " and has_table_privilege(attrelid, 'select')",
        (f"{REGISTRY}.models",),
    )
    return bool(found)


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


def known_tables(connection: Connection) -> list[str]:
    """Those that a registry of its format has."""
    is_old = (read_format(connection) or REGISTRY_FORMAT) < REGISTRY_FORMAT
    return [table for table in TABLES if not (is_old and table in NEW_TABLES)]


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


def is_superuser(connection: Connection) -> bool:
    """May this session do anything, or can it after "reset role"?"""
    sql = "select bool_or(rolsuper) from pg_roles where rolname in (current_user, session_user)"
    return bool(execute(connection, sql)[0][0])


def find_orphans(connection: Connection) -> list[str]:
    """Schemas that hold what export-model made and are no model's: renamed, or without registry."""
    known = "array[]::text[]"
    if has_relation(connection, f"{REGISTRY}.models"):
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
    if not has_relation(connection, f"{REGISTRY}.models"):
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


def schema_exists(connection: Connection, model: str) -> bool:
    """Is there a schema of that name?"""
    return bool(execute(connection, "select 1 from pg_namespace where nspname = %s", (model,)))


def has_relation(connection: Connection, relation: str) -> bool:
    """Is there a table or view of that name?"""
    return bool(execute(connection, "select to_regclass(%s) is not null", (relation,))[0][0])
