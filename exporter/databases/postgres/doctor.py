"""Check that a server can hold and score models; each failure with the command that mends it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Any

import psycopg2

from exporter.databases.greenplum.segments import find_open_rights
from exporter.databases.postgres.catalog import (
    NEWER_MEND,
    UNREAD_MEND,
    find_orphans,
    find_strangers,
    find_unread,
    inspect,
    list_models,
    newer_registry,
    read_format,
)
from exporter.databases.postgres.connection import Connection, connect, execute, is_greenplum
from exporter.databases.postgres.script import REGISTRY_FORMAT
from exporter.databases.results import Check, mend
from exporter.places import Place
from exporter.resources import read_text
from exporter.sql.text import body

MIN_SERVER = 120000


def examine(dsn: Place) -> list[Check]:
    """All checks in order; those that need PL/Python are left out where it is missing.

    Raises: DatabaseError, when the server cannot be reached.
    """
    with connect(dsn) as connection:
        is_cluster = is_greenplum(connection)
        check_server = _check_cluster if is_cluster else _check_server
        checks = [check_server(connection), _check_role(connection)]
        if execute(connection, "select pg_is_in_recovery()")[0][0]:
            finding = "this is one: it scores what is deployed on its primary; deploy there"
            checks = [checks[0], Check("standby", "ok", finding), *_check_models(connection)]
            return checks
        language = _check_language(connection, is_cluster)
        checks.append(language)
        if language.level == "ok":
            checks += _check_segments(connection) if is_cluster else _check_python(connection)
        checks.append(_check_registry(connection))
        checks += _check_models(connection)
        if is_cluster:
            checks += _check_rights(connection)
        connection.rollback()
    return checks


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
    return Check("server", "ok", f"{name}, {len(rows)} segments, all up")


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


def _check_language(connection: Connection, is_cluster: bool) -> Check:
    row = execute(
        connection,
        "select l.lanname is not null, coalesce(r.rolsuper or l.lanpltrusted, false), e.name,"
        " r.rolsuper"
        " from pg_roles r left join pg_language l on l.lanname = 'plpython3u'"
        " left join pg_available_extensions e on e.name = 'plpython3u'"
        " where r.rolname = current_user",
    )[0]
    is_there, is_allowed, available, is_super = row
    major = connection.server_version // 10000
    if not is_there and available is None:
        install = (
            "Install Greenplum's package of PL/Python for Python 3 on every host"
            if is_cluster
            else f"apt-get install postgresql-plpython3-{major} (Red Hat: postgresql-plpython3)"
        )
        return Check(
            "PL/Python",
            "fail",
            "not installed on the server",
            f"{install}; then: create extension plpython3u;",
        )
    if not is_there:
        return Check(
            "PL/Python",
            "fail",
            "not created in this database",
            "As a superuser run: create extension plpython3u;",
        )
    if not is_allowed:
        return Check(
            "PL/Python",
            "fail",
            "there, but only superusers may create functions in it",
            "Deploy as a superuser; scoring needs no such right.",
        )
    if not is_super:
        return Check(
            "PL/Python",
            "fail",
            "there and marked as trusted, but a helper needs language internal, a superuser's",
            "Deploy as a superuser; scoring needs no such right.",
        )
    return Check("PL/Python", "ok", "there, and this role may create functions in it")


PROBE = "pg_temp.export_model_probe()"


def _check_python(connection: Connection) -> list[Check]:
    major = connection.server_version // 10000
    advice = f"apt-get install --reinstall postgresql-plpython3-{major}"
    return _check_place(connection, f"select {PROBE}", advice)


def _check_segments(connection: Connection) -> list[Check]:
    """The checks of Python on the coordinator and on each segment; one line for all that agree."""
    contents = execute(
        connection,
        "select content from gp_segment_configuration where role = 'p' and content >= 0 order by 1",
    )
    places = {"coordinator": f"select {PROBE}"} | {
        f"segment {content}": f"select {PROBE} from gp_dist_random('gp_id')"
        f" where gp_segment_id = {content}"
        for (content,) in contents
    }
    found: dict[Check, list[str]] = {}
    for place, sql in places.items():
        for check in _check_place(connection, sql, "Install the same PL/Python on every host."):
            found.setdefault(check, []).append(place)
    everywhere = f"coordinator and {len(contents)} segments"
    return [
        replace(
            check,
            name=f"{check.name} on {everywhere if len(at) == len(places) else ', '.join(at)}",
        )
        for check, at in found.items()
    ]


def _check_place(connection: Connection, sql: str, advice: str) -> list[Check]:
    """What the probe says where sql runs it; nothing of it stays."""
    execute(connection, "savepoint probe")
    try:
        _create_probe(connection)
        facts = json.loads(execute(connection, sql)[0][0])
    except psycopg2.Error as error:
        finding = str(error).strip().splitlines()[0]
        return [Check("Python", "fail", finding, advice)]
    finally:
        execute(connection, "rollback to savepoint probe")
    return [
        Check("Python", "ok", f"{facts['python']} under {facts['prefix']}"),
        *_check_numpy(facts),
    ]


def _create_probe(connection: Connection) -> None:
    text = "\n" + read_text("plpython/probe.py") + "\nreturn report\n"
    execute(
        connection,
        f"create function {PROBE} returns text language plpython3u volatile as {body(text)}",
    )


def _check_numpy(facts: dict[str, Any]) -> list[Check]:
    if facts["numpy"] is None or facts["numpy_error"]:
        return [
            Check(
                "numpy",
                "fail",
                f"{facts['numpy_error']}; searched {', '.join(facts['path'])}",
                "apt-get install python3-numpy libopenblas0-pthread (for the Python above)",
            )
        ]
    numpy = Check("numpy", "ok", f"{facts['numpy']} in {facts['numpy_file']}")
    names = " ".join(facts["blas"])
    is_fast = any(word in names for word in ("openblas", "mkl", "blis", "atlas"))
    if not is_fast:
        found = (
            f"reference BLAS ({names})," if names else "no fast BLAS was seen, without it numpy is"
        )
        advice = "apt-get install libopenblas0-pthread"
        return [numpy, Check("BLAS", "slow", f"{found} many times slower", advice)]
    threads = facts["blas_threads"]
    finding = f"{names}, {threads or 'unknown'} threads before a model is loaded, 1 after"
    return [numpy, Check("BLAS", "ok", finding)]


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


def _check_rights(connection: Connection) -> list[Check]:
    """What lets every role read all tables on segments."""
    name = "rights on segments"
    checks = [
        Check(name, "open", right.finding, f"{right.statement};")
        for right in find_open_rights(connection)
    ]
    finding = "no function known to read tables there is open to every role, and no language"
    return checks or [Check(name, "ok", finding)]


def _check_models(connection: Connection) -> list[Check]:
    """The registry and each model against the catalog, where nothing of them belongs to others."""
    models: list[str] = []
    strangers = find_strangers(connection)
    unread = find_unread(connection)
    if unread:
        return [Check("models", "fail", unread, UNREAD_MEND)]
    if (read_format(connection) or 0) > REGISTRY_FORMAT:  # _check_registry says so
        return []
    if not strangers:
        models = list_models(connection)
        strangers = find_strangers(connection, *models)
    if strangers:
        return [Check("owners", "fail", finding, advice) for finding, advice in strangers]
    checks = []
    for model in models:
        for difference in inspect(connection, model):
            level = "old" if difference.is_old else "fail"
            checks.append(
                Check(f"model {model}", level, str(difference), mend(model, [difference]))
            )
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


def _sql(connection: Connection, template: str, *names: str) -> str:
    return str(execute(connection, "select format(%s, variadic %s)", (template, list(names)))[0][0])
