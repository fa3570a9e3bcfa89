"""What doctor shows of PL/Python: the language, the server's Python, numpy and its BLAS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg2

from exporter.databases.installation import DEPLOYERS, LANGUAGES, WRAPPER
from exporter.databases.postgres.connection import Connection, execute, is_greenplum_6
from exporter.databases.results import Check, Difference
from exporter.errors import counted
from exporter.resources import read_text
from exporter.sql.text import Sql, body

CREATE = "As a superuser run: create extension plpython3u;"
INSTALL = "export-model install --dsn ..."


def examine(connection: Connection, is_cluster: bool) -> Iterator[Check]:
    """The language, then what is found in it where it can be used: on every segment, if any."""
    language = _check_language(connection, is_cluster)
    if language.level == "ok" and is_cluster:
        language = _check_keeping(connection) or language
    yield language
    if language.level == "ok" and _may_create(connection):
        yield from _check_segments(connection) if is_cluster else _check_python(connection)


def find_lost(connection: Connection, model: str) -> Iterator[Difference]:
    """The language, which takes functions of the registry along when it goes."""
    if not execute(connection, "select 1 from pg_language where lanname = 'plpython3u'"):
        lost = f'the language plpython3u is missing, in which model "{model}" runs'
        yield Difference(lost, first=CREATE)


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
            _creating(connection, is_super or is_cluster),
        )
    is_installed = not (is_cluster and is_greenplum_6(connection))
    if not is_super and is_installed and _may_insert(connection):
        missing = _count_missing(connection)
        if missing:
            lacks = f"{counted(missing, 'function')} that `install` makes for all models"
            finding = f"there, but without {lacks}"
            return Check("PL/Python", "fail", finding, _installing(connection))
        if _may_call(connection):
            finding = "there, with the functions that were installed for all models"
            return Check("PL/Python", "ok", f"{finding}; this role may use them")
    advice = (
        _installing(connection)
        if is_installed
        else "Deploy as a superuser; scoring needs no such right."
    )
    if not is_allowed:
        return Check(
            "PL/Python", "fail", "there, but only superusers may create functions in it", advice
        )
    if not is_super:
        return Check(
            "PL/Python",
            "fail",
            "there and marked as trusted, but a helper needs language internal, a superuser's",
            advice,
        )
    return Check("PL/Python", "ok", "there, and this role may create functions in it")


def _creating(connection: Connection, is_all: bool) -> str:
    """What a superuser has to run where the language is missing: install again, too, where the
    functions went along with it; for a plain role, what lets it deploy then, too."""
    if not is_all:
        return _installing(connection).replace("As a superuser run:", f"{CREATE} then:", 1)
    group, _ = _find_group(connection)
    return f"{CREATE} then: {INSTALL}" if group else CREATE


def _may_create(connection: Connection) -> bool:
    sql = "select rolsuper from pg_roles where rolname = current_user"
    return bool(execute(connection, sql)[0][0])


def _installing(connection: Connection) -> str:
    """What a superuser has to run so that this role can deploy."""
    role = execute(connection, "select quote_ident(current_user)")[0][0]
    group, is_member = _find_group(connection)
    steps = [] if group and not _count_missing(connection) else [INSTALL]
    if not is_member:
        steps.append(f"grant {group or DEPLOYERS} to {role}")
    run = ", then: ".join(steps or [INSTALL])
    return f"As a superuser run: {run}; or deploy as one. Scoring needs no such right."


def _find_group(connection: Connection) -> tuple[str | None, bool]:
    """The role whose members deploy, where there is one, and whether this one is a member."""
    rows = execute(
        connection,
        "select quote_ident(r.rolname), pg_has_role(r.oid, 'usage') from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a, pg_roles r"
        " where n.nspname = 'export_model' and c.relname = 'models' and r.oid = a.grantee"
        " and a.privilege_type = 'INSERT' and a.grantee <> c.relowner order by 2 desc, 1 limit 1",
    )
    return rows[0] if rows else (None, False)


def _count_missing(connection: Connection) -> int:
    """How many functions of this engine the registry lacks, unless another program made them: what
    that one makes is not known here, and a deployment tells what it needs."""
    from exporter.engines.plpython.record import PLPYTHON  # which imports this module

    runtime, *others = (str(identity) for identity in PLPYTHON.making.identities())
    rows = execute(
        connection,
        "select to_regprocedure(%s) is not null, exists (select from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'export_model' and p.proname like 'runtime\\_%%'),"
        " (select count(*) from unnest(%s::text[]) f (f) where to_regprocedure(f) is null)",
        (runtime, others),
    )
    has_own, has_any, missing = rows[0]
    if has_any and not has_own:
        return 0
    return int(missing) + (not has_own)


def _may_insert(connection: Connection) -> bool:
    """May this role add models to a registry that others own?"""
    sql = "select coalesce(has_table_privilege(to_regclass(%s)::oid, 'insert'), false)"
    return bool(execute(connection, sql, ("export_model.models",))[0][0])


def _may_call(connection: Connection) -> bool:
    """May this role use functions in Python that were installed before?"""
    load = "export_model.load(text)"
    sql = (
        "select coalesce(has_function_privilege(p.oid, 'execute')"
        " and has_table_privilege(c.oid, 'insert'), false)"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " join pg_class c on c.relnamespace = n.oid and c.relname = 'models'"
        " where p.oid = to_regprocedure(%s)"
    )
    rows = execute(connection, sql, (load,))
    return bool(rows and rows[0][0])


def _check_keeping(connection: Connection) -> Check | None:
    """On Greenplum, what a role that deploys lacks to make functions, and what holds weights."""
    rows = execute(
        connection,
        "select case when w.oid is null then not r.rolsuper"
        " else not has_foreign_data_wrapper_privilege(w.oid, 'usage') end,"
        " array(select l.name from unnest(%s::text[]) l (name)"
        " where not has_language_privilege(l.name, 'usage')), quote_ident(current_user)"
        " from pg_roles r left join pg_foreign_data_wrapper w on w.fdwname = %s"
        " where r.rolname = current_user",
        (list(LANGUAGES), WRAPPER),
    )
    lacks_wrapper, languages, role = rows[0]
    grants = [f"grant usage on language {', '.join(languages)} to {role};"] if languages else []
    if lacks_wrapper:
        grants.append(f"grant usage on foreign data wrapper {WRAPPER} to {role};")
    if not grants:
        return None
    finding = "there, but this role may not make the functions and foreign servers of a model"
    advice = f"As a superuser run: export-model install --dsn ..., or: {' '.join(grants)}"
    return Check("PL/Python", "fail", finding, advice)


PROBE = Sql("pg_temp.export_model_probe()")


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
    everywhere = f"coordinator and {counted(len(contents), 'segment')}"
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
        Sql("create function {} returns text language plpython3u volatile as {}").format(
            PROBE, body(text)
        ),
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
