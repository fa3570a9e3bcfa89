"""Check that a server can hold and score models; each failure with the command that mends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg2

from exporter.database import Connection, connect, execute
from exporter.resources import read_text
from exporter.sql.text import body

MIN_SERVER = 120000


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; advice is the command that mends it, when it is not fine.

    level is "ok", "slow" (works, but slower than it could) or "fail".
    """

    name: str
    level: str
    finding: str
    advice: str = ""


def examine(dsn: str) -> list[Check]:
    """All checks in order; those that need PL/Python are left out where it is missing.

    Raises: DatabaseError, when the server cannot be reached.
    """
    with connect(dsn) as connection:
        checks = [_check_server(connection), _check_role(connection)]
        language = _check_language(connection)
        checks.append(language)
        if language.level == "ok":
            checks += _check_python(connection)
        checks.append(_check_registry(connection))
        connection.rollback()
    return checks


def _check_server(connection: Connection) -> Check:
    number = connection.server_version
    text = execute(connection, "show server_version")[0][0]
    if number < MIN_SERVER:
        return Check("server", "fail", f"PostgreSQL {text}", "Upgrade to PostgreSQL 12 or later.")
    return Check("server", "ok", f"PostgreSQL {text}")


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


def _check_language(connection: Connection) -> Check:
    row = execute(
        connection,
        "select l.lanname is not null, coalesce(r.rolsuper or l.lanpltrusted, false), e.name"
        " from pg_roles r left join pg_language l on l.lanname = 'plpython3u'"
        " left join pg_available_extensions e on e.name = 'plpython3u'"
        " where r.rolname = current_user",
    )[0]
    is_there, is_allowed, available = row
    major = connection.server_version // 10000
    if not is_there and available is None:
        return Check(
            "PL/Python",
            "fail",
            "not installed on the server",
            f"apt-get install postgresql-plpython3-{major}"
            " (Red Hat: postgresql-plpython3); then: create extension plpython3u;",
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
    return Check("PL/Python", "ok", "there, and this role may create functions in it")


def _check_python(connection: Connection) -> list[Check]:
    try:
        execute(
            connection,
            "create function pg_temp.export_model_probe() returns text language plpython3u as "
            + body("\n" + read_text("plpython/probe.py") + "\nreturn report\n"),
        )
        facts = json.loads(execute(connection, "select pg_temp.export_model_probe()")[0][0])
    except psycopg2.Error as error:
        connection.rollback()
        finding = str(error).strip().splitlines()[0]
        advice = (
            f"apt-get install --reinstall postgresql-plpython3-{connection.server_version // 10000}"
        )
        return [Check("Python", "fail", finding, advice)]
    checks = [Check("Python", "ok", f"{facts['python']} under {facts['prefix']}")]
    return checks + _check_numpy(facts)


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
        found = names or "none found"
        advice = "apt-get install libopenblas0-pthread"
        return [
            numpy,
            Check("BLAS", "slow", f"reference BLAS ({found}), many times slower", advice),
        ]
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
    if found[0][0] != "export-model registry, format 1":
        return Check(
            "registry",
            "fail",
            'a schema "export_model" exists that is not a registry of this format',
            "alter schema export_model rename to another_name;",
        )
    return Check("registry", "ok", "there")


def _sql(connection: Connection, template: str, *names: str) -> str:
    return str(execute(connection, "select format(%s, variadic %s)", (template, list(names)))[0][0])
