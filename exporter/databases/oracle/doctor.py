"""Check that an Oracle can hold and score models; each failure with the command that mends it."""

from __future__ import annotations

from exporter.databases.oracle.connection import Connection, connect, execute, has_registry, tell
from exporter.databases.oracle.installation import find_runtime
from exporter.databases.oracle.models import NEWER_MEND, is_newer, read_comment
from exporter.databases.oracle.registry import REGISTRY_COMMENT, REGISTRY_COMMENTS
from exporter.databases.results import Check
from exporter.places import Place

SUPPLIED = {
    "UTL_NLA": "all models",
    "UTL_RAW": "models of texts or windows",
    "DBMS_UTILITY": "models of texts",
    "DBMS_SESSION": "switching versions",
}
"""Packages of SYS that are called, and what for."""
OLDEST = (12, 1)
PRIVILEGES = ("CREATE TABLE", "CREATE PROCEDURE", "CREATE SYNONYM")
# The one routine that the packages call, in its two forms and for both types of numbers:
# (1, 2) . (3, 4) by rows and by columns.
PROBE = """declare
  l_result utl_nla_array_flt := utl_nla_array_flt(0f);
  l_double utl_nla_array_dbl := utl_nla_array_dbl(0d);
begin
  utl_nla.blas_gemm('N', 'N', 1, 1, 2, 1f, utl_nla_array_flt(1f, 2f), 1,
    utl_nla_array_flt(3f, 4f), 2, 0f, l_result, 1);
  utl_nla.blas_gemm('T', 'N', 1, 1, 2, 1f, utl_nla_array_flt(1f, 2f), 2,
    utl_nla_array_flt(3f, 4f), 2, 1f, l_result, 1);
  utl_nla.blas_gemm('N', 'N', 1, 1, 2, 1d, utl_nla_array_dbl(1d, 2d), 1,
    utl_nla_array_dbl(3d, 4d), 2, 0d, l_double, 1);
  utl_nla.blas_gemm('T', 'N', 1, 1, 2, 1d, utl_nla_array_dbl(1d, 2d), 2,
    utl_nla_array_dbl(3d, 4d), 2, 1d, l_double, 1);
  if l_result(1) <> 22f or l_double(1) <> 22d then
    raise_application_error(-20904, 'utl_nla.blas_gemm gives ' || to_char(l_result(1))
      || ' and ' || to_char(l_double(1)));
  end if;
end;"""


# A BOOLEAN is no value of SQL before 23.
IS_ALIVE = """begin
  :alive := case when dbms_session.is_session_alive(:session_id) then 1 else 0 end;
end;"""


def examine(dsn: Place) -> list[Check]:
    """All checks in order.

    Raises: DatabaseError, when the server cannot be reached.
    """
    with connect(dsn) as connection:
        return [
            _check_server(connection),
            _check_privileges(connection),
            _check_space(connection),
            _check_algebra(connection),
            _check_supplied(connection),
            _check_runtime(connection),
            _check_registry(connection),
            *_check_switches(connection),
        ]


def _check_server(connection: Connection) -> Check:
    version = str(connection.version)
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST:
        return Check("server", "fail", f"Oracle {version}", "Upgrade to Oracle 12.1 or later.")
    return Check("server", "ok", f"Oracle {version}")


def _check_privileges(connection: Connection) -> Check:
    ((user,),) = execute(connection, "select user from dual")
    held = {row[0] for row in execute(connection, "select privilege from session_privs")}
    missing = [privilege.lower() for privilege in PRIVILEGES if privilege not in held]
    if missing:
        advice = f"As a DBA run: grant {', '.join(missing)} to {user};"
        return Check("user", "fail", f"{user} lacks {', '.join(missing)}", advice)
    return Check("user", "ok", f"{user} may create tables, packages and synonyms")


def _check_space(connection: Connection) -> Check:
    ((tablespace,),) = execute(connection, "select default_tablespace from user_users")
    unlimited = execute(
        connection, "select count(*) from session_privs where privilege = 'UNLIMITED TABLESPACE'"
    )
    quota = execute(
        connection,
        "select max_bytes from user_ts_quotas where tablespace_name = :1",
        tablespace,
    )
    if unlimited[0][0] or (quota and quota[0][0]):
        return Check("space", "ok", f"tables may be stored in tablespace {tablespace}")
    ((user,),) = execute(connection, "select user from dual")
    advice = f"As a DBA run: alter user {user} quota unlimited on {tablespace};"
    return Check("space", "fail", f"no quota on tablespace {tablespace}", advice)


def _check_algebra(connection: Connection) -> Check:
    import oracledb

    try:
        execute(connection, PROBE)
    except oracledb.Error as error:
        advice = "As a DBA run: grant execute on sys.utl_nla to public;"
        return Check("UTL_NLA", "fail", str(error).splitlines()[0], advice)
    return Check("UTL_NLA", "ok", "multiplies")


def _check_supplied(connection: Connection) -> Check:
    """Rights to the packages of SYS that deployments and packages of models call. Stored code has
    none that came by a role."""
    ((user,),) = execute(connection, "select user from dual")
    rows = execute(
        connection,
        "select distinct table_name from all_tab_privs where table_schema = 'SYS'"
        " and privilege = 'EXECUTE' and grantee in (user, 'PUBLIC')",
    )
    held = {str(name) for (name,) in rows}
    missing = [name for name in SUPPLIED if name not in held]
    if not missing:
        return Check("supplied packages", "ok", f"{user} may execute {', '.join(SUPPLIED)}")
    lacking = "; ".join(f"{name}, for {SUPPLIED[name]}" for name in missing)
    grants = " ".join(f"grant execute on sys.{name.lower()} to {user};" for name in missing)
    finding = f"{user} may not execute {lacking} (a right that came by a role does not count)"
    return Check("supplied packages", "fail", finding, f"As a DBA run: {grants}")


def _check_runtime(connection: Connection) -> Check:
    """Which packages of the runtime the next deployment uses."""
    owner, is_usable = find_runtime(connection)
    if is_usable:
        return Check("runtime", "ok", f"installed in schema {owner}, and used from there")
    if not owner:
        finding = "not installed: deployments bring its packages into this schema"
        return Check("runtime", "ok", finding)
    ((user,),) = execute(connection, "select user from dual")
    finding = (
        f"installed in schema {owner}, but {user} may not execute all of it by a right of its own"
        " (one through a role does not count): deployments bring its packages into this schema"
    )
    advice = f"As a DBA run: export-model install --dsn ... --schema {owner} --deployers {user}"
    return Check("runtime", "slow", finding, advice)


def _check_registry(connection: Connection) -> Check:
    if not has_registry(connection):
        return Check("registry", "ok", "none yet; the first deployment makes it")
    comment = read_comment(connection)
    if is_newer(comment):
        finding = f'it says "{comment}", which a newer export-model made'
        return Check("registry", "fail", finding, NEWER_MEND)
    if comment not in (None, *REGISTRY_COMMENTS):
        return Check(
            "registry",
            "fail",
            "a table EXPORT_MODEL_VERSIONS exists that is not a registry of this format",
            "rename export_model_versions to another_name;",
        )
    staged = execute(
        connection, "select model from export_model_versions where state = 'staged' order by model"
    )
    if staged:
        names = ", ".join(str(row[0]) for row in staged)
        advice = "Deploy the same file again to continue; what scored before still does."
        return Check("registry", "slow", f"deployments that did not finish: {names}", advice)
    if comment in REGISTRY_COMMENTS[:-1]:
        finding = f'it says "{comment}", which an earlier export-model made; all works'
        advice = "the next deployment of any model moves it to the format of this one"
        return Check("registry", "old", finding, advice)
    return Check("registry", "ok", "there")


def _check_switches(connection: Connection) -> list[Check]:
    """Switches that were begun: one whose session is there keeps others from switching the model,
    for as long as it is there."""
    if not has_registry(connection) or read_comment(connection) != REGISTRY_COMMENT:
        return []
    rows = execute(
        connection,
        "select model, done_by, done_at, session_id from export_model_journal"
        " where state = 'begun' order by model, id",
    )
    return [
        Check(
            "switch",
            "slow",
            f'a session of {by} has been switching model "{model}" since {at:%Y-%m-%d %H:%M:%S},'
            " and nobody else can meanwhile",
            "where it hangs, as a DBA run: select sid, serial#, machine, program, logon_time from"
            f" v$session where username = '{by}'; then: alter system kill session 'SID,SERIAL#';",
        )
        for model, by, at, session in rows
        if _is_alive(connection, str(session))
    ]


def _is_alive(connection: Connection, session: str) -> bool:
    with connection.cursor() as cursor:
        alive = cursor.var(int)
        tell(IS_ALIVE)
        cursor.execute(IS_ALIVE, {"session_id": session, "alive": alive})
        return bool(alive.getvalue())
