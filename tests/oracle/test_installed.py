"""The runtime installed once in Oracle: users deploy with it, nobody else's takes its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from database.networks import compile_model, write_sequential
from plsql.machine import Database, Session
from plsql.values import PlsqlError

import exporter
from exporter.cli import command
from exporter.databases import database_of
from exporter.databases.oracle.installation import compile_installation
from exporter.databases.oracle.sqlplus import SqlPlusScript, Unit
from exporter.databases.results import Check
from exporter.engines.plsql.runtime import PACKAGES, runtime_units
from exporter.errors import DatabaseError
from oracle.schemas import Schema

ROW = np.array([0.5, -1.0, 2.0], np.float32)
KEYS = tuple(runtime_units(package).name.upper() for package in PACKAGES)
DEPLOYER = frozenset(("CREATE SESSION", "CREATE TABLE", "CREATE PROCEDURE", "CREATE SYNONYM"))
OLD = "0ld0ld00"


def dsn_of(user: str) -> str:
    """How a user logs into the interpreter."""
    return f"{user}/secret@interpreter"


@pytest.fixture
def database(interpreter: Schema) -> Database:
    """With an administrator, a schema for the runtime, and two plain users."""
    found = interpreter.database
    assert found is not None
    found.dba("dba")
    for name in ("runtime", "ada", "bob"):
        found.user(name)
        found.catalog.system_privileges[name.upper()] = DEPLOYER
    return found


@pytest.fixture(scope="module")
def fraud(tmp_path_factory: pytest.TempPathFactory) -> SqlPlusScript:
    """A model of numbers, which calls nn_runtime alone."""
    folder = tmp_path_factory.mktemp("installed")
    path = write_sequential(folder / "fraud.h5", [3, 2, 1], ["relu", "sigmoid"], seed=1)
    script, _ = compile_model(path, "fraud", target="oracle", features=["a", "b", "c"], samples=1)
    assert isinstance(script, SqlPlusScript)
    return script


def install(deployers: str = "ada, bob", schema: str = "runtime") -> None:
    """As the administrator."""
    exporter.install(dsn_of("dba"), deployers=deployers, schema=schema)


def deploy(user: str, script: SqlPlusScript) -> Any:
    """Through a connection of his."""
    return database_of(dsn_of(user)).deploy(script, dsn_of(user), lambda name: None)


def packages(database: Database, user: str) -> set[str]:
    """Those in a schema."""
    items = database.catalog.schemas[user.upper()].items()
    return {name for name, item in items if item.kind == "PACKAGE"}


def public(database: Database) -> dict[str, str]:
    """Public synonyms, and whose packages they stand for."""
    items = database.catalog.schemas["PUBLIC"].items()
    return {name: item.target[0] for name, item in items}


def score(session: Session, name: str = "fraud") -> float:
    """What a model gives for ROW."""
    return float(session.call(f"{name}.score", ROW))


def runtime_check(user: str) -> Check:
    """What doctor says of the runtime."""
    checks = exporter.doctor(dsn_of(user))
    return next(check for check in checks if check.name == "runtime")


def test_plain_users_deploy_with_what_was_installed(
    database: Database, fraud: SqlPlusScript
) -> None:
    assert "not installed" in runtime_check("ada").finding
    install()
    assert packages(database, "runtime") == set(KEYS)
    assert public(database) == dict.fromkeys(KEYS, "RUNTIME")
    for user in ("ada", "bob"):
        assert runtime_check(user).finding == "installed in schema RUNTIME, and used from there"
        assert deploy(user, fraud).was_there is False
        assert packages(database, user) == {f"FRAUD_{fraud.version[:8].upper()}"}
        assert database_of(dsn_of(user)).verify(dsn_of(user), "fraud").is_ok
    alone = Database().session()
    alone.run_script(str(fraud))
    ada = database.session("ada")
    assert score(ada) == score(alone)
    analyst = database.session("analyst")  # who needs no right to the runtime
    ada.execute("grant execute on fraud to analyst")
    assert score(analyst, "ada.fraud") == score(ada)
    for user in ("ada", "bob"):
        database_of(dsn_of(user)).drop(dsn_of(user), "fraud", False)
        assert packages(database, user) == set()
    assert packages(database, "runtime") == set(KEYS)
    exporter.uninstall(dsn_of("dba"))
    assert packages(database, "runtime") == set()
    assert public(database) == {}
    with pytest.raises(DatabaseError, match="nothing is installed"):
        exporter.uninstall(dsn_of("dba"))


def test_a_right_through_a_role_does_not_do(database: Database, fraud: SqlPlusScript) -> None:
    """Roles are off in stored packages: such a user's deployment brings the runtime along."""
    install("ada")
    database.role("deployers")
    database.user("bob", ["deployers"])
    for key in KEYS:
        database.session("runtime").execute(f"grant execute on {key} to deployers")
    session = database.session("bob")
    with pytest.raises(PlsqlError, match=r"ORA-20901.*--deployers BOB"):
        session.run_script(str(fraud.without_shared()))
    assert database.catalog.schemas["BOB"] == {}
    check = runtime_check("bob")
    assert (check.level, check.advice[-32:]) == ("slow", "--schema RUNTIME --deployers BOB")
    deploy("bob", fraud)
    assert packages(database, "bob") == {KEYS[0], f"FRAUD_{fraud.version[:8].upper()}"}


def test_what_another_user_puts_there_is_not_used(database: Database, fraud: SqlPlusScript) -> None:
    """The same packages in the schema of a user who is no administrator, open to everybody."""
    mallory = database.session("mallory")
    for package in PACKAGES:
        units = runtime_units(package)
        mallory.execute(units.spec)
        mallory.execute(units.body)
        mallory.execute(f"grant execute on {units.name} to public")
    deploy("ada", fraud)
    assert KEYS[0] in packages(database, "ada")
    with pytest.raises(PlsqlError, match="ORA-01031"):
        mallory.execute(f"create public synonym {KEYS[0]} for mallory.{KEYS[0]}")


def test_scripts_install_and_deploy_as_connections_do(
    database: Database, fraud: SqlPlusScript
) -> None:
    made = exporter.installation(target="oracle", deployers="ada,bob", schema="runtime")
    for _ in range(2):  # all of it can be run again
        assert not database.session("dba").run_script(str(made), stop=False).failed
    grants = dict(database.catalog.grants)
    assert public(database) == dict.fromkeys(KEYS, "RUNTIME")
    assert {frozenset(held) for held in grants.values()} == {frozenset(("ADA", "BOB"))}
    install()
    assert database.catalog.grants == grants
    session = database.session("ada")
    session.run_script(str(fraud.without_shared()))
    assert packages(database, "ada") == {f"FRAUD_{fraud.version[:8].upper()}"}
    assert "nothing to do" in "".join(
        str(error) for error in session.run_script(str(fraud.without_shared()), stop=False).errors
    )
    assert deploy("ada", fraud).was_there


def test_what_was_made_is_called_by_its_name(tmp_path: Path) -> None:
    for target, made in (("oracle", "packages"), ("postgres", "functions")):
        output = tmp_path / f"{target}.sql"
        arguments = ["install", "--target", target, "--output", str(output), "--json"]
        facts = json.loads(CliRunner().invoke(command, arguments).stdout)
        assert facts[made] > 0
        assert {"packages", "functions"} & set(facts) == {made}


class Stopped(Exception):
    """A run that a test ends."""


def test_an_installation_that_ends_half_way_continues(database: Database) -> None:
    """Before each of its statements in turn."""
    made = exporter.installation(target="oracle", deployers="ada", schema="runtime")
    steps = [statement.name for statement in made.statements]

    def stop(name: str) -> None:
        if name == step:
            raise Stopped

    for step in steps:
        with pytest.raises(Stopped):
            database_of(dsn_of("dba")).installation.install(made, dsn_of("dba"), stop)
        is_published = steps.index(step) > steps.index("public synonyms")
        assert bool(public(database)) is is_published
    install("ada")
    assert packages(database, "runtime") == set(KEYS)
    assert public(database) == dict.fromkeys(KEYS, "RUNTIME")


def renamed(script: SqlPlusScript, digest: str) -> str:
    """A script as a program of another runtime would have made it."""
    own = runtime_units().name.removeprefix("nn_runtime_")
    return str(script).replace(own, digest).replace(own.upper(), digest.upper())


def test_two_runtimes_live_until_no_version_needs_the_old(
    database: Database, fraud: SqlPlusScript
) -> None:
    earlier = compile_installation("ada", "runtime")
    assert isinstance(earlier, SqlPlusScript)
    database.session("dba").run_script(renamed(earlier, OLD))
    ada = database.session("ada")
    ada.run_script(renamed(fraud.without_shared(), OLD))
    before = score(ada)
    install("ada")
    old = {key[:-8] + OLD.upper() for key in KEYS}
    assert packages(database, "runtime") == {*KEYS, *old}
    assert score(ada) == before
    with pytest.raises(DatabaseError, match=r"packages of models need.*ADA\.FRAUD_"):
        exporter.uninstall(dsn_of("dba"))
    assert packages(database, "runtime") == {*KEYS, *old}
    database_of(dsn_of("ada")).drop(dsn_of("ada"), "fraud", False)
    install("ada")
    assert packages(database, "runtime") == set(KEYS)
    assert set(public(database)) == set(KEYS)


def test_what_the_owner_of_the_runtime_drops_leaves_it(
    database: Database, fraud: SqlPlusScript
) -> None:
    database.catalog.system_privileges["RUNTIME"] = DEPLOYER | {"CREATE PUBLIC SYNONYM"}
    exporter.install(dsn_of("runtime"), deployers="ada")
    deploy("runtime", fraud)
    database_of(dsn_of("runtime")).drop(dsn_of("runtime"), "fraud", False)
    assert packages(database, "runtime") == set(KEYS)
    deploy("ada", fraud)
    with pytest.raises(DatabaseError, match="let a DBA uninstall"):
        exporter.uninstall(dsn_of("runtime"))
    assert packages(database, "runtime") == set(KEYS)


@pytest.mark.parametrize(
    ("user", "deployers", "schema", "message"),
    [
        ("ada", "public", None, "grant create public synonym to ADA"),
        ("ada", "public", "runtime", "grant create any procedure to ADA"),
        ("dba", "some_role", None, "SOME_ROLE is no user; name users with --deployers"),
        ("dba", "public", "nowhere", "let a DBA run: create user NOWHERE no authentication"),
        ("dba", "ada,", None, "name users by commas"),
        ("dba", "ada; drop user", "runtime", "ada; drop user is no user"),
    ],
)
def test_what_cannot_be_installed_is_refused_before_anything_is_made(
    database: Database, user: str, deployers: str, schema: str | None, message: str
) -> None:
    database.role("some_role")
    with pytest.raises(DatabaseError, match=message):
        exporter.install(dsn_of(user), deployers=deployers, schema=schema)
    assert packages(database, user) == packages(database, "runtime") == set()
    assert public(database) == {}


def test_a_second_schema_is_refused(database: Database) -> None:
    install()
    with pytest.raises(DatabaseError, match="install with --schema RUNTIME"):
        exporter.install(dsn_of("dba"))
    assert packages(database, "dba") == set()


def test_a_package_that_does_not_compile_is_told(database: Database) -> None:
    database.catalog.system_packages.discard("UTL_NLA")
    with pytest.raises(DatabaseError, match="does not compile here"):
        install()
    assert public(database) == {}
    database.catalog.system_packages.add("UTL_NLA")
    install()
    assert set(public(database)) == set(KEYS)


def test_other_databases_take_no_schema() -> None:
    with pytest.raises(DatabaseError, match="PostgreSQL takes no schema"):
        exporter.installation(schema="runtime")


def test_text_of_names_stays_text() -> None:
    """A schema whose name needs quotes."""
    made = compile_installation("ada", "it's mine")
    units = [item.sql for item in made.statements if isinstance(item, Unit)]
    assert len(units) == 8
    for text in units:
        assert re.match(r'create or replace package (body )?"it\'s mine"\.nn_\w+ ', text)
    others = "".join(item.sql for item in made.statements if not isinstance(item, Unit))
    assert "'it''s mine'" in others
    assert "'it's" not in others
