"""Whose the registry and its models are: what belongs to others is neither run nor reused."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from exporter.databases.installation import DEPLOYERS, LANGUAGES
from exporter.databases.postgres.catalog import (
    HAS_POLICIES,
    NEWER_MEND,
    has_owners,
    is_superuser,
    list_deployers,
    newer_registry,
    read_format,
)
from exporter.databases.postgres.connection import (
    Connection,
    execute,
)
from exporter.databases.postgres.shared import (
    REGISTRY_FORMAT,
    TABLES,
    acting_role,
)
from exporter.engines.statements import REGISTRY
from exporter.errors import DatabaseError
from exporter.sql.templates import render
from exporter.sql.text import Sql, literal


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
    """Raise DatabaseError where the registry or a model is in the hands of others. A role without
    rights there is told which it lacks: that is no damage."""
    for model in models:
        refuse_owned(connection, model)
    _refuse_unread(connection)
    strangers = find_strangers(connection, *models)
    if not strangers or not find_strangers(connection):  # else the registry is not read
        _refuse_deployers(connection, *models)
    _refuse_strangers(connection, strangers)
    _refuse_newer(connection)


def require_registry(connection: Connection) -> None:
    """The same for who changes the registry itself, where there is one: its owner or a superuser.
    Nobody else may, whatever rights he has there."""
    rows = execute(
        connection,
        Sql(
            "select pg_get_userbyid(n.nspowner), quote_ident(current_user), r.rolsuper, {}"
            " from pg_namespace n join pg_roles r on r.oid = n.nspowner"
            " where n.nspname = {} and not pg_has_role(n.nspowner, 'usage')"
        ).format(render(("postgres",), "as_role", {}), literal(REGISTRY)),
    )
    if rows and not is_superuser(connection):
        owner, role, is_of_superuser, connecting = rows[0]
        connect = f"connect as role {owner} or another superuser" if is_of_superuser else connecting
        raise DatabaseError(
            f'the registry belongs to role "{owner}", and role {role} may not change it.'
            f"\n  {connect[0].upper()}{connect[1:]}."
        )
    require_own(connection)


def refuse_owned(connection: Connection, model: str) -> None:
    """Raise DatabaseError where a model is another role's as a whole, schema and functions: to a
    role that is no superuser that is somebody else's model, and nothing to mend."""
    if is_superuser(connection):
        return
    rows = execute(
        connection,
        Sql(
            "select pg_get_userbyid(n.nspowner), current_user::text, quote_ident(current_user),"
            " r.rolsuper, {}, has_schema_privilege(n.oid, 'usage')"
            " from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = {}"
            " and not pg_has_role(n.nspowner, 'usage')"
            " and obj_description(n.oid, 'pg_namespace') like 'export-model: %'"
            " and not exists (select from pg_proc p where p.pronamespace = n.oid"
            " and p.proowner <> n.nspowner)"
        ).format(render(("postgres",), "as_role", {}), literal(model)),
    )
    if not rows:
        return
    owner, name, role, is_of_superuser, connect, may_score = rows[0]
    if is_of_superuser:
        connect = f"connect as role {owner} or another superuser"
    scoring = (
        f"To score it, role {role} has what it takes: usage on its schema."
        if may_score
        else f"To score it, role {role} lacks usage on its schema. Let its owner run: export-model"
        f" grant {shlex.quote(name)} --name {shlex.quote(model)} --dsn ..."
    )
    raise DatabaseError(
        f'model "{model}" belongs to role "{owner}", whose rights role {role} lacks: nothing of it'
        f" was run.\n  {connect[0].upper()}{connect[1:]}; or, to deploy another model, choose"
        f" another name with --name.\n  {scoring}"
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
    refuse_owned(connection, model)
    _refuse_unread(connection)
    strangers = find_strangers(connection, model)
    if strangers:  # where the registry is among them, it is not read
        _refuse_strangers(connection, find_strangers(connection))
    _refuse_newer(connection)
    deployer = find_deployer(connection, model)
    if deployer is None:
        _refuse_strangers(connection, strangers)
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


def _refuse_unread(connection: Connection) -> None:
    """Raise DatabaseError where this role may not read the registry."""
    unread = find_unread(connection)
    if unread:
        raise DatabaseError(f"{unread}.\n  {unread_mend(connection)}")


def _refuse_newer(connection: Connection) -> None:
    """Raise DatabaseError where only a newer program understands the registry."""
    number = read_format(connection)
    if number is not None and number > REGISTRY_FORMAT:
        raise DatabaseError(f"{newer_registry(number)}.\n  {NEWER_MEND}")


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
        connect = rows[0][0]
        return f"To work with models, {connect}. Scoring in SQL needs no such right."
    role = execute(connection, "select quote_ident(current_user)")[0][0]
    install = "" if groups else "export-model install --dsn ..., then: "
    return (
        "To work with a model, connect as the role that deployed it, or as a superuser; scoring in"
        " SQL needs no such right. To deploy models of your own, let a superuser run:"
        f" {install}grant {groups[0] if groups else DEPLOYERS} to {role};"
    )


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
