"""The runtime installed once, in a schema of its own, for users who deploy models into theirs."""

from __future__ import annotations

from exporter.databases.installation import EVERYBODY
from exporter.databases.oracle.connection import Connection, connect, execute, is_missing
from exporter.databases.oracle.deployment import run
from exporter.databases.oracle.shared import MISSING, NAME_TAKEN, count_installed, make_runtime
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, ident
from exporter.engines.plsql.runtime import PACKAGES, RUNTIME, runtime_units
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Made, Script, Statement

SUMMARY = (
    "Public synonyms lead deployments to the packages that all models call. A deployer may execute",
    "them by a right of his own or of PUBLIC; one through a role does not do: roles are off in",
    "stored packages.",
)
MAX_SHOWN = 10


def compile_installation(deployers: str, schema: str = "") -> Script:
    """The script that installs: deployers are users by commas, or public; schema is where, the
    user's own where it is empty.

    Raises: SqlTextError, for names that Oracle cannot have; DatabaseError, where none is given.
    """
    grantees = [_name_user(name) for name in deployers.split(",")]
    owner = catalog_name(schema) if schema else ""
    if owner:
        ident(schema)
    runtime = [runtime_units(package, schema) for package in PACKAGES]
    keys = [catalog_name(units.name) for units in runtime]
    of_all = {"owner": owner, "packages": keys}
    preflight = {**of_all, "grantees": grantees, "missing": MISSING, "taken": NAME_TAKEN}
    kept = {"kept": keys[0], "is_asked": False, "missing": MISSING}
    statements = (
        _statement("check what installing needs", "preflight_install", **preflight),
        *make_runtime(runtime, owner),
        _statement("who may call it", "grant_runtime", **of_all, grantees=grantees),
        # The one that deployments ask for first is published last.
        _statement("public synonyms", "publish_runtime", owner=owner, packages=keys[::-1]),
        _statement("remove runtimes that no model needs", "remove_runtimes", **kept),
    )
    return SqlPlusScript(
        "",
        "",
        statements,
        guard=None,
        stop=None,
        purpose="install what all models share",
        runtime=tuple(keys),
        summary=SUMMARY,
        target="oracle",
        made=tuple(Made(f"{schema}.{units.name}".lstrip("."), "") for units in runtime),
    )


def advise(deployers: str) -> tuple[str, ...]:
    """What makes a user a deployer."""
    who = "every user" if deployers.lower() == EVERYBODY else deployers
    return (
        f"deployers are {who}, with rights of their own:",
        "  grant create table, create procedure, create synonym to ...;",
        "  alter user ... quota unlimited on users;",
    )


def install(script: Script, place: Place, progress: Steps = lambda name: None) -> None:
    """Make the runtime's packages, grants and public synonyms; those of earlier programs stay while
    a package of a model refers to them.

    Raises: DatabaseError, when this user may not; what was made stays, and is found again.
    """
    assert isinstance(script, SqlPlusScript)
    with connect(place) as connection:
        run(connection, script.statements, "installing", progress)


def uninstall(place: Place) -> None:
    """Remove all installed runtimes.

    Raises: DatabaseError, when packages of models refer to one, which are named, or nothing is
    installed.
    """
    with connect(place) as connection:
        owners = _list_owners(connection)
        if not owners:
            raise DatabaseError("nothing is installed in this database.")
        needing = sorted({name for owner in owners for name in _list_needing(connection, owner)})
        if needing:
            more = len(needing) - MAX_SHOWN
            shown = ", ".join(needing[:MAX_SHOWN]) + (f" and {more} more" if more > 0 else "")
            raise DatabaseError(
                f"packages of models need what is installed: {shown}. Drop those models first:"
                " export-model drop --name ... as their users."
            )
        asked = {"kept": "", "is_asked": True, "missing": MISSING}
        removal = _statement("remove the runtime", "remove_runtimes", **asked)
        run(connection, [removal], "uninstalling")


def find_runtime(connection: Connection) -> tuple[str, bool]:
    """The schema in which this program's runtime is installed, empty for none, and whether this
    user's packages may call it."""
    keys = [catalog_name(runtime_units(package).name) for package in PACKAGES]
    rows = execute(
        connection,
        "select table_owner from all_synonyms where owner = 'PUBLIC' and synonym_name = :1"
        " and table_name = synonym_name",
        keys[0],
    )
    ((installed,),) = execute(connection, count_installed(keys))
    return (str(rows[0][0]) if rows else ""), bool(installed == len(keys))


def _list_owners(connection: Connection) -> list[str]:
    """Schemas that public synonyms of a runtime stand for."""
    rows = execute(
        connection,
        "select distinct table_owner from all_synonyms where owner = 'PUBLIC'"
        " and table_name = synonym_name and length(synonym_name) = 19"
        f" and substr(synonym_name, 1, 11) = '{RUNTIME.upper()}_'",
    )
    return [str(owner) for (owner,) in rows]


def _list_needing(connection: Connection, owner: str) -> list[str]:
    """Packages of models that refer to a runtime there."""
    import oracledb

    prefixes = tuple(f"{package.upper()}_" for package in PACKAGES)
    try:
        rows = execute(
            connection,
            "select distinct d.owner, d.name, d.referenced_name from sys.dba_dependencies d"
            " where d.referenced_owner = :1 and d.\"TYPE\" <> 'SYNONYM'",
            owner,
        )
    except oracledb.Error as error:
        if not is_missing(error):
            raise
        raise DatabaseError(
            "this user may not see which packages need the runtime (sys.dba_dependencies): let a"
            " DBA uninstall."
        ) from error
    return [
        f"{user}.{name}"
        for user, name, needed in rows
        if needed.startswith(prefixes) and not (user == owner and name.startswith(prefixes))
    ]


def _name_user(name: str) -> str:
    """How the dictionary spells a user.

    Raises: SqlTextError, DatabaseError.
    """
    stripped = name.strip()
    if not stripped:
        raise DatabaseError(f"deployers: name users by commas, or {EVERYBODY}.")
    if stripped.lower() == EVERYBODY:
        return EVERYBODY.upper()
    ident(stripped)
    return catalog_name(stripped)


def _statement(name: str, template: str, **variables: object) -> Statement:
    return Statement(name, render(template, variables))
