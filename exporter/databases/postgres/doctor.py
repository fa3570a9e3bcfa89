"""Check that a server can hold and score models; each failure with the command that mends it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import psycopg2

from exporter.databases.greenplum.segments import find_open_rights
from exporter.databases.installation import DEPLOYERS
from exporter.databases.postgres.catalog import (
    NEWER_MEND,
    find_orphans,
    is_superuser,
    list_deployers,
    list_models,
    newer_registry,
    read_format,
)
from exporter.databases.postgres.connection import (
    Connection,
    begin_again,
    execute,
    explain,
    is_greenplum,
)
from exporter.databases.postgres.inspected_shared import INSTALL
from exporter.databases.postgres.inspection import find_missing_roles, inspect
from exporter.databases.postgres.owners import (
    find_deployer,
    find_strangers,
    find_unread,
    unread_mend,
)
from exporter.databases.postgres.shared import ENGINES, REGISTRY_FORMAT
from exporter.databases.postgres.turns import read_settled
from exporter.databases.results import Check, gather, mend
from exporter.engines.statements import REGISTRY
from exporter.errors import counted
from exporter.places import Place

MIN_SERVER = 120000


def examine(dsn: Place) -> list[Check]:
    """All checks in order, those of the engines among them.

    Raises: DatabaseError, when the server cannot be reached.
    """
    return read_settled(dsn, _examine, _has_whole_models)


def _has_whole_models(checks: list[Check]) -> bool:
    return not any(check.level == "fail" and check.name.startswith("model ") for check in checks)


def _examine(connection: Connection) -> list[Check]:
    is_cluster = is_greenplum(connection)
    check_server = _check_cluster if is_cluster else _check_server
    checks = [check_server(connection), _check_role(connection)]
    if execute(connection, "select pg_is_in_recovery()")[0][0]:
        finding = "this is one: it scores what is deployed on its primary; deploy there"
        return [checks[0], Check("standby", "ok", finding), *_check_models(connection)]
    checks += _check_engines(connection, is_cluster)
    checks += [_check_registry(connection), *_check_deployers(connection)]
    checks += _check_models(connection)
    if is_cluster:
        checks += [*_check_own_rows(connection), *_check_rights(connection)]
    return checks


def _check_engines(connection: Connection, is_cluster: bool) -> list[Check]:
    """What each engine needs; one is enough, so that what others lack is no failure then."""
    found = [(engine, list(engine.making.examine(connection, is_cluster))) for engine in ENGINES]
    useful = [
        engine
        for engine, checks in found
        if checks and all(check.level != "fail" for check in checks)
    ]
    checks = [check for _, of_engine in found for check in of_engine]
    if not useful:
        lacking = [engine for engine, of_engine in found if of_engine]
        if len(lacking) == 1:
            return checks
        names = " or ".join(f"--engine {engine.name}" for engine in lacking)
        enough = f" ({names}: one is enough)"
        return [
            replace(check, finding=check.finding + enough) if check.level == "fail" else check
            for check in checks
        ]
    why = f"; not needed, {useful[0].title} can run models here"
    return [
        replace(check, level="ok", finding=check.finding + why, advice="")
        if check.level == "fail"
        else check
        for check in checks
    ]


def _check_server(connection: Connection) -> Check:
    number = connection.server_version
    text = execute(connection, "show server_version")[0][0]
    if number < MIN_SERVER:
        return Check("server", "fail", f"PostgreSQL {text}", "Upgrade to PostgreSQL 12 or later.")
    return Check("server", "ok", f"PostgreSQL {text}")


def _check_cluster(connection: Connection) -> Check:
    """Greenplum's version, and its segments: all of them must be up."""
    text = execute(connection, "select version()")[0][0]
    found = re.search(r"\((?!PostgreSQL)[^()]*\)", text)
    name = found[0].strip("()") if found else text
    rows = execute(
        connection,
        "select content, hostname, port, status from gp_segment_configuration"
        " where role = 'p' and content >= 0 order by content",
    )
    down = [f"{content} ({host}:{port})" for content, host, port, status in rows if status != "u"]
    if down:
        finding = f"{name}; segments down: {', '.join(down)}"
        return Check("server", "fail", finding, "gprecoverseg")
    return Check("server", "ok", f"{name}, {counted(len(rows), 'segment')}, all up")


def _check_role(connection: Connection) -> Check:
    role, database, may_create = execute(
        connection,
        "select current_user, current_database(),"
        " has_database_privilege(current_database(), 'create')",
    )[0]
    if not may_create:
        return Check(
            "role",
            "fail",
            f'"{role}" may not create schemas in "{database}"',
            _sql(connection, "grant create on database %I to %I;", database, role),
        )
    return Check("role", "ok", f'"{role}" may create schemas in "{database}"')


def _check_registry(connection: Connection) -> Check:
    found = execute(
        connection,
        "select obj_description(oid, 'pg_namespace') from pg_namespace"
        " where nspname = 'export_model'",
    )
    if not found:
        return Check("registry", "ok", "none yet; the first deployment makes it")
    number = read_format(connection)
    if number is not None and number > REGISTRY_FORMAT:
        return Check("registry", "fail", newer_registry(number), NEWER_MEND)
    if number is not None and number < REGISTRY_FORMAT:
        finding = f"it has format {number}, which an earlier export-model made; all works"
        advice = f"the next deployment of any model moves it to format {REGISTRY_FORMAT}"
        return Check("registry", "old", finding, advice)
    if number is None:
        return Check(
            "registry",
            "fail",
            'a schema "export_model" exists that is not a registry of this format',
            "alter schema export_model rename to another_name;",
        )
    return Check("registry", "ok", "there")


def _check_deployers(connection: Connection) -> list[Check]:
    """Who may deploy, to a superuser: the role may have been there before, with members of its own,
    and somebody else's to give."""
    if not is_superuser(connection):
        return []
    checks = []
    for group in list_deployers(connection):
        rows = execute(
            connection,
            "select quote_ident(m.rolname), a.admin_option and not m.rolsuper"
            " from pg_auth_members a join pg_roles g on g.oid = a.roleid"
            " join pg_roles m on m.oid = a.member where quote_ident(g.rolname) = %s order by 1",
            (group,),
        )
        members = ", ".join(dict.fromkeys(name for name, _ in rows)) or "nobody yet"
        finding = f"members of {group}: {members}"
        adding = [name for name, may_add in rows if may_add]
        if adding:
            finding += f"; no superusers, and may add others: {', '.join(adding)}"
        advice = "".join(f"revoke admin option for {group} from {name};" for name in adding)
        checks.append(Check("deployers", "open" if adding else "ok", finding, advice))
    return checks


def _check_rights(connection: Connection) -> list[Check]:
    """What lets every role read all tables on segments."""
    name = "rights on segments"
    checks = [
        Check(name, "open", right.finding, f"{right.statement};")
        for right in find_open_rights(connection)
    ]
    finding = "no function known to read tables there is open to every role, and no language"
    return checks or [Check(name, "ok", finding)]


def _check_own_rows(connection: Connection) -> list[Check]:
    """Does score_table read each segment's rows where they lie? Once a registry knows how."""
    name = "rows on segments"
    probe = "export_model.probe_own()"
    is_there = execute(connection, "select to_regprocedure(%s) is not null", (probe,))[0][0]
    if not is_there or find_strangers(connection):  # which _check_models tells
        return []
    try:
        problem = execute(connection, f"select {probe}")[0][0]
    except psycopg2.Error as error:
        begin_again(connection)
        return [Check(name, "fail", str(explain(error, "they cannot be scored there")))]
    if problem:
        finding = f"score_table and score_into move them first: {problem}"
        return [Check(name, "slow", finding)]
    return [Check(name, "ok", "scored where they lie by score_table and score_into")]


def _check_models(connection: Connection) -> list[Check]:
    """The registry and each model against the catalog, where nothing of them belongs to others."""
    models: list[str] = []
    strangers = find_strangers(connection)
    unread = find_unread(connection)
    if unread:
        return [Check("models", "fail", unread, unread_mend(connection))]
    if (read_format(connection) or 0) > REGISTRY_FORMAT:  # _check_registry says so
        return []
    deployers: dict[str, str | None] = {}
    if not strangers:
        models = list_models(connection)
        deployers = {model: find_deployer(connection, model) for model in models}
        for model, deployer in deployers.items():
            also = [deployer] if deployer else []
            strangers += find_strangers(connection, model, also=also)
    if strangers:
        found = dict.fromkeys(strangers)
        return [Check("owners", "fail", finding, advice) for finding, advice in found]
    checks = []
    for model in models:
        checks += _check_deployer(connection, model, deployers[model])
        damages = inspect(connection, model)
        lost = [difference for difference in damages if difference.first]
        for shown, differences in gather(damages):
            level = "old" if shown.is_old else "fail"
            advice = mend(model, [*lost, *differences])
            checks.append(Check(f"model {model}", level, str(shown), advice))
        for role, missing in find_missing_roles(connection, model).items():
            create = _sql(connection, "create role %I;", role)
            advice = f"{create} then: export-model repair --name {shlex.quote(model)} --dsn ..."
            checks.append(Check(f"model {model}", "fail", missing, advice))
    for schema in find_orphans(connection):
        name = shlex.quote(schema)
        finding = f'schema "{schema}" holds a model that the registry does not know'
        advice = (
            "if it was renamed: alter schema ... rename to its name; else deploy it again:"
            f" export-model MODEL --target ... --name {name}; or remove it:"
            f" export-model drop --name {name} --dsn ..."
        )
        checks.append(Check(f"schema {schema}", "fail", finding, advice))
    return checks


def _check_deployer(connection: Connection, model: str, deployer: str | None) -> list[Check]:
    """Whether a model's functions, which run with its deployer's rights, may still call those of
    the registry."""
    if deployer is None:
        return []
    load = f"{REGISTRY}.load(text)"
    may_call = "select has_function_privilege(%s, to_regprocedure(%s), 'execute')"
    rows = execute(connection, may_call, (deployer, load))
    if rows[0][0] is not False:
        return []
    groups = list_deployers(connection)
    finding = f'role "{deployer}", to whom it belongs, may not deploy any more: it cannot score'
    is_member = "select coalesce(bool_or(pg_has_role(%s, to_regrole(g)::oid, 'usage')), false)"
    is_member += " from unnest(%s::text[]) g"
    if execute(connection, is_member, (deployer, groups))[0][0]:
        advice = f"As a superuser run: {INSTALL}"
    else:
        group = groups[0] if groups else DEPLOYERS
        advice = _sql(connection, f"grant {group} to %I;", deployer)
    return [Check(f"model {model}", "fail", finding, advice)]


def _sql(connection: Connection, template: str, *names: str) -> str:
    return str(execute(connection, "select format(%s, variadic %s)", (template, list(names)))[0][0])
