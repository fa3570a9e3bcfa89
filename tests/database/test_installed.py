"""Installed once by a superuser, deployed by plain roles: who may do what, and what nobody can."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import databases
import psycopg2
import pytest
from databases import Database, make_database

import exporter
from database.networks import query, write_sequential, write_two_by_two
from database.tables import session
from exporter import api
from exporter.databases.postgres import deployment, shared
from exporter.engines.plpython import record
from exporter.errors import DatabaseError

ROLES = ("ada", "bob", "eve", "sue", "sam")
"""ada and bob deploy, a model each; eve may use the schema of ada's; sue is nobody."""
GROUP = "test_deployers"
ROW = "'{1,2,3}'::real[]"


@pytest.fixture(scope="module")
def server_roles(server: Any) -> Iterator[None]:
    """The roles, which all databases of a server share."""
    with closing(psycopg2.connect(server.dsn("postgres"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        for role in (*ROLES, GROUP):
            cursor.execute(f"drop role if exists {role}")
        for role in ROLES:
            cursor.execute(f"create role {role} login {'superuser' if role == 'sam' else ''}")
        yield
        for role in (*ROLES, GROUP):
            cursor.execute(f"drop role if exists {role}")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models of one output, of another, and of two inputs and two outputs."""
    folder = tmp_path_factory.mktemp("installed")
    return {
        "first": write_sequential(folder / "first.h5", [3, 4, 1], ["relu", "sigmoid"], seed=1),
        "second": write_sequential(folder / "second.h5", [3, 4, 1], ["relu", "sigmoid"], seed=2),
        "two": write_two_by_two(folder / "two.h5"),
    }


@pytest.fixture(scope="module")
def installed(
    server: Any, template: str, server_roles: None, files: dict[str, Path]
) -> Iterator[Database]:
    """A database where ada and bob deployed a model each, and sam, a superuser, another."""
    with make_database(server, "test_installed", template):
        database = Database(server, "test_installed")
        exporter.install(database.dsn, deployers=GROUP)
        query(
            database.dsn,
            f"grant {GROUP} to ada, bob; grant create on database test_installed to ada, bob",
        )
        for role, model in (("ada", "hers"), ("bob", "his"), ("sam", "theirs")):
            deploy(database.dsn_of(role), files["first"], model)
        query(database.dsn_of("ada"), "grant usage on schema hers to eve")
        yield database
        query(database.dsn, "; ".join(f"drop owned by {r} cascade" for r in (*ROLES[:4], GROUP)))


def deploy(dsn: str, file: Path, model: str) -> Any:
    """Deploy for PostgreSQL as whoever the DSN names."""
    return api.deploy(api.read(file), dsn, target=databases.TARGET, name=model)


def version_of(database: Database, model: str) -> str:
    """The digest of a model's current version."""
    sql = "select current_version from export_model.models where name = %s"
    return str(query(database.dsn, sql, (model,))[0][0])


HERS = frozenset({"ada", "sam"})
NOTHING: frozenset[str] = frozenset()
# What is tried on ada's model, or around it: SQL, and who succeeds; the others are refused, or get
# no row and change none. {v} is her version, {b} bob's.
ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "score": (f"select hers.score({ROW})", frozenset({"ada", "eve", "sam"})),
    "score a batch": (
        f"select hers.score_batch(array[1], hers.pack({ROW}))",
        frozenset({"ada", "eve", "sam"}),
    ),
    "replay samples": ("select * from hers.verify()", HERS),
    "read weights": ("select data from export_model.chunks where version = '{v}'", HERS),
    "read samples": ("select * from export_model.samples where version = '{v}'", HERS),
    "read tensors": ("select * from export_model.tensors where version = '{v}'", HERS),
    "read the plan": ("select plan from export_model.versions where version = '{v}'", HERS),
    "read its row": ("select * from export_model.models where name = 'hers'", HERS),
    "read the journal": ("select * from export_model.journal where model = 'hers'", HERS),
    "read what was made": ("select * from export_model.objects where model = 'hers'", HERS),
    "read all by the view": (
        "select * from export_model.overview where model = 'hers'",
        frozenset({"sam"}),
    ),
    "read weights past a filter": (
        "select data from export_model.chunks where version = '{v}' and"
        " pg_catalog.length(pg_catalog.set_config('test.leak', pg_catalog.md5(data), false)) > 0",
        HERS,
    ),
    "read weights by a text": (
        "select 1 where query_to_xml('select 1 from export_model.chunks where version = ''{v}''',"
        " true, true, '')::text like '%row%'",
        HERS,
    ),
    "change weights": (
        "update export_model.chunks set data = data where version = '{v}' returning 1",
        HERS,
    ),
    "change the plan": (
        "update export_model.versions set plan = plan where version = '{v}' returning 1",
        HERS,
    ),
    "switch by hand": (
        "update export_model.models set current_version = current_version where name = 'hers'"
        " returning 1",
        HERS,
    ),
    "delete its row": ("delete from export_model.models where name = 'hers' returning 1", HERS),
    "delete its weights": (
        "delete from export_model.chunks where version = '{v}' returning 1",
        HERS,
    ),
    "give it away": (
        "update export_model.models set owner = 'sue' where name = 'hers' returning 1",
        frozenset({"sam"}),
    ),
    "take it": (
        "update export_model.models set owner = current_user where name = 'hers' returning 1",
        HERS,
    ),
    "add a version to it": (
        'insert into export_model.versions select (jsonb_populate_record(v, \'{"version": "x",'
        " \"number\": 77}')).* from export_model.versions v where v.version = '{v}' returning 1",
        HERS,
    ),
    "add weights to it": (
        "insert into export_model.chunks values ('{v}', 9, 1, 'x', 'x') returning 1",
        HERS,
    ),
    "add an alias to it": (
        "insert into export_model.aliases values ('hers', 'other', '{v}') returning 1",
        HERS,
    ),
    "let somebody score it": (
        "insert into export_model.grants values ('hers', 'sue') returning 1",
        HERS,
    ),
    "rewrite the journal": (
        "update export_model.journal set because = 'x' where model = 'hers' returning 1",
        frozenset({"sam"}),
    ),
    "add to the journal": (
        "insert into export_model.journal (model, action) values ('hers', 'x')",
        HERS,
    ),
    "forge who did it": (
        "insert into export_model.journal (model, owner, by, action) values"
        " ('hers', 'ada', 'ada', 'x')",
        frozenset({"sam"}),
    ),
    "forge when it was done": (
        "insert into export_model.journal (model, at, action) values ('hers', '2020-01-01', 'x')",
        frozenset({"sam"}),
    ),
    "take its name": (
        "insert into export_model.models (name, current_version, owner) values"
        " ('hers', 'x', current_user) returning 1",
        NOTHING,
    ),
    "own a model as somebody": (
        "insert into export_model.models (name, current_version, owner) values"
        " ('new', 'x', 'ada') returning 1",
        HERS,
    ),
    "empty a table": ("truncate export_model.chunks", frozenset({"sam"})),
    "drop it": ("drop schema hers cascade", HERS),
    "drop by the registry": ("select export_model.drop_model('hers') is null", HERS),
    "replace its function": (
        "create or replace function hers.score(dense_input real[]) returns real language sql"
        " as 'select 1::real'",
        HERS,
    ),
    "make a function beside it": (
        "create function hers.extra() returns integer language sql as 'select 1'",
        HERS,
    ),
    "make a function in the registry": (
        "create function export_model.extra() returns integer language sql as 'select 1'",
        frozenset({"sam"}),
    ),
    "replace a helper": (
        "create or replace function export_model.owns(p_owner text) returns boolean language sql"
        " as 'select true'",
        frozenset({"sam"}),
    ),
    "drop a policy": ("drop policy own_rows on export_model.chunks", frozenset({"sam"})),
    "turn policies off": (
        "alter table export_model.chunks disable row level security",
        frozenset({"sam"}),
    ),
    "make a trigger": (
        "create trigger t before update on export_model.models for each row execute function"
        " suppress_redundant_updates_trigger()",
        frozenset({"sam"}),
    ),
    "make a function in Python": (
        "create function pg_temp.f() returns integer language plpython3u as 'return 1'",
        frozenset({"sam"}),
    ),
    "load it by hand": ("select export_model.load('{v}') is null", HERS),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_do_what(installed: Database, action: str) -> None:
    """The matrix role x action, each in a transaction that is rolled back."""
    sql, allowed = ACTIONS[action]
    sql = sql.replace("{v}", version_of(installed, "hers"))
    done = {role for role in ROLES if try_as(installed.dsn_of(role), sql)}
    assert done == allowed


def try_as(dsn: str, sql: str) -> bool:
    """Does a statement succeed, and give or change something? A refusal must be one of rights."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(sql)
            return cursor.rowcount != 0
        except psycopg2.Error as error:
            expected = ("42501", "23505", "P0001")  # rights; a row that is not seen; our own words
            assert error.pgcode in expected, str(error)
            return False


def one(cursor: Any, sql: str, *values: Any) -> Any:
    """The first value of the first row."""
    cursor.execute(sql, values or None)
    return cursor.fetchone()[0]


def test_memory_is_kept_by_role(installed: Database) -> None:
    """In a session of a pool, which changes roles: forged versions, models that were put there, and
    functions with their owner's rights reach nobody else's model."""
    hers, his = version_of(installed, "hers"), version_of(installed, "his")
    run = "select export_model.run_real(%s, export_model.array_bytes('{1,2,3}'::real[]))"
    holds = "select export_model.holds(%s)"
    with closing(psycopg2.connect(installed.dsn_of("sam"))) as connection:
        cursor = connection.cursor()
        cursor.execute("set role ada")
        score = one(cursor, f"select hers.score({ROW})")
        assert one(cursor, run, hers) == score
        cursor.execute("set role bob")
        assert one(cursor, run, hers) is None
        assert one(cursor, holds, hers) is False
        assert one(cursor, f"select his.score({ROW})") is not None
        runtime, plan, weights = find_parts(cursor, his)
        put = f"select export_model.{runtime}(%s, %s, %s)"
        cursor.execute("savepoint s")
        with pytest.raises(psycopg2.Error, match="were altered"):  # his model by her name
            cursor.execute(put, (hers, plan, weights))
        cursor.execute("rollback to s")
        cursor.execute(
            "create function his.chain(text) returns real language sql security definer as"
            " $$ select export_model.run_real($1, export_model.array_bytes('{1,2,3}'::real[])) $$"
        )
        cursor.execute("create view his.seen as select data from export_model.chunks")
        cursor.execute("grant usage on schema his to ada; grant select on his.seen to ada")
        cursor.execute("set role ada")
        assert one(cursor, run, his) is None
        assert one(cursor, "select his.chain(%s)", hers) is None  # which runs as bob
        assert one(cursor, "select count(*) from his.seen") == 1  # his own row
        assert one(cursor, holds, hers) is True
        assert one(cursor, f"select hers.score({ROW})") == score
        cursor.execute("set role eve")
        assert one(cursor, f"select hers.score({ROW})") == score


def find_parts(cursor: Any, version: str) -> tuple[str, str, bytes]:
    """The runtime, plan and weights of a version."""
    sql = (
        "select v.runtime, v.plan, c.data from export_model.versions v"
        " join export_model.chunks c on c.version = v.version where v.version = %s"
    )
    cursor.execute(sql, (version,))
    runtime, plan, weights = cursor.fetchone()
    return runtime, plan, bytes(weights)


@pytest.mark.parametrize("setting", ["row_security=off", "default_transaction_read_only=on"])
def test_settings_that_stop_a_command_are_named(installed: Database, setting: str) -> None:
    with pytest.raises(DatabaseError, match=setting.partition("=")[0]):
        exporter.grant(
            installed.dsn_of("ada", "-c%20" + setting.replace("=", "%3D")), "hers", ["eve"]
        )


def test_settings_and_objects_of_who_scores_change_nothing(installed: Database) -> None:
    score = query(installed.dsn_of("ada"), f"select hers.score({ROW})")
    with closing(psycopg2.connect(installed.dsn_of("eve"))) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "set row_security = off; create domain pg_temp.text as integer;"
            "create domain pg_temp.bytea as integer;"
            "create function pg_temp.holds(pg_catalog.text) returns boolean language sql as"
            " 'select true'; set search_path = pg_temp, pg_catalog"
        )
        assert one(cursor, f"select hers.score({ROW})") == score[0][0]


WRONG = {
    "text": "'junk'", "jsonb": "'[1]'", "text[]": "array['x', null]", "bytea": r"'\\x00'",
    "anyelement": "1", "anyarray": "array[1, null]", "anynonarray": "1", "refcursor": "'nope'",
    "regclass": "'pg_class'", "regtype": "'int4'", "boolean": "true", "name[]": "array['x']",
    "bytea[]": r"array['\\x00'::bytea, null]", "oid[]": "array[1]", "regtype[]": "array['int4']",
}  # fmt: skip
"""Of each type a value that means nothing; numbers and arrays of them are made of -1 and NULL."""


def _wrong(kind: str) -> str:
    fallback = "array[-1, null]" if kind.endswith("[]") else "-1"
    value = WRONG.get(kind, fallback)
    return value if kind.startswith("any") else f"{value}::{kind}"


def _null(kind: str) -> str:
    polymorphic = {"anyarray": "integer[]"}
    return f"null::{polymorphic.get(kind, 'integer') if kind.startswith('any') else kind}"


@pytest.mark.parametrize("value", [_null, _wrong], ids=["null", "wrong"])
def test_no_function_answers_with_an_error_of_its_own_body(
    installed: Database, value: Callable[[str], str]
) -> None:
    """Whatever a deployer gives to any function that he may call: what is refused is refused in
    words, and never as Python tells its own errors."""
    functions = query(
        installed.dsn,
        "select p.oid::regproc::text, p.prokind, array(select format_type(t, -1)"
        " from unnest(p.proargtypes) t) from pg_proc p where p.pronamespace = any("
        "array['export_model', 'hers']::regnamespace[]) and p.pronargs > 0"
        " and has_function_privilege('ada', p.oid, 'execute') order by 1",
    )
    assert len(functions) > 100
    raw = []
    with session(installed.dsn_of("ada")) as cursor:
        for name, kind, types in functions:
            call = f"{name}({', '.join(map(value, types))})"
            try:
                cursor.execute(f"call {call}" if kind == "p" else f"select * from {call}")
            except psycopg2.Error as error:
                if error.pgcode == "38000" or "Error: " in str(error).replace("plpy.Error: ", ""):
                    raw.append(f"{call}: {error}")
    assert not raw


def test_who_may_not_verify_is_told_so_in_a_line(installed: Database) -> None:
    """Without the query of all forms behind it."""
    refused = pytest.raises(psycopg2.errors.InsufficientPrivilege)
    with session(installed.dsn_of("eve")) as cursor, refused as caught:
        cursor.execute("select * from hers.verify()")
    assert 'role "eve" may not read the sample rows of model "hers"' in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 4


@pytest.fixture
def place(server: Any, template: str, server_roles: None) -> Iterator[Database]:
    """A database of a test's own, in which nothing is installed."""
    with make_database(server, "test_place", template):
        database = Database(server, "test_place")
        query(database.dsn, "grant create on database test_place to ada, bob, sue")
        yield database
        # What they own and may do here goes with the database: DROP OWNED takes rights on others.
        query(
            database.dsn,
            f"do $$ begin if exists (select from pg_roles where rolname = '{GROUP}') then"
            f" revoke {GROUP} from sue; end if; end $$",
        )


def test_what_is_missing_is_told_with_the_line_that_mends_it(
    place: Database, files: dict[str, Path]
) -> None:
    sue = place.dsn_of("sue")
    with pytest.raises(DatabaseError, match='no model "hers" in this database'):
        exporter.compare(sue, "hers", "t", key="id", versions=[1, 2])
    with pytest.raises(DatabaseError, match="export-model install --dsn"):
        deploy(sue, files["first"], "hers")
    (language,) = (check for check in exporter.doctor(sue) if check.name == "PL/Python")
    assert language.level == "fail"
    assert "export-model install --dsn ..., then: grant export_model_deployer" in language.advice
    with pytest.raises(DatabaseError, match="may not create PL/Python functions"):
        exporter.install(sue)
    exporter.install(place.dsn, deployers=GROUP)
    with pytest.raises(DatabaseError, match=f"grant {GROUP} to sue"):
        deploy(sue, files["first"], "hers")
    (language,) = (check for check in exporter.doctor(sue) if check.name == "PL/Python")
    assert f"grant {GROUP} to sue" in language.advice
    query(place.dsn, f"grant {GROUP} to sue; revoke create on database test_place from sue")
    with pytest.raises(DatabaseError, match="grant create on database test_place to sue"):
        deploy(sue, files["first"], "hers")
    query(place.dsn, "grant create on database test_place to sue")
    assert all(check.level != "fail" for check in exporter.doctor(sue) if check.name != "pgvector")


def test_the_role_that_is_there_stays_and_whose_it_is_is_told(place: Database) -> None:
    """Without --deployers no second role; what an earlier install gave away is taken back; a role
    that was there may be somebody else's to give."""
    sam = place.dsn_of("sam")
    for name, words in (("", "nobody"), ("sam", "a superuser"), ("pg_monitor", "PostgreSQL's own")):
        with pytest.raises(DatabaseError, match=words):
            exporter.install(sam, deployers=name)
    exporter.install(sam, deployers=GROUP)
    query(place.dsn, f"grant insert on export_model.journal to {GROUP}; grant {GROUP} to eve")
    query(place.dsn, f"grant {GROUP} to sue with admin option")
    exporter.upgrade(sam)
    by_whom = "select has_table_privilege(%s, 'export_model.journal', 'insert')"
    assert query(place.dsn, by_whom, (GROUP,)) == [(False,)]
    exporter.install(sam)
    (check,) = (check for check in exporter.doctor(sam) if check.name == "deployers")
    assert check.level == "open"
    members, adding = check.finding.removeprefix(f"members of {GROUP}: ").split("; ")
    assert {"eve", "sue"} <= set(members.split(", ")) <= {"ada", "bob", "eve", "sue"}
    assert adding == "no superusers, and may add others: sue"
    query(place.dsn, check.advice)
    (check,) = (check for check in exporter.doctor(sam) if check.name == "deployers")
    assert (check.level, check.finding) == ("ok", f"members of {GROUP}: {members}")
    assert not [
        check for check in exporter.doctor(place.dsn_of("sue")) if check.name == "deployers"
    ]
    query(place.dsn, f"revoke {GROUP} from eve, sue")


def test_a_life_without_a_superuser(
    place: Database, files: dict[str, Path], tmp_path: Path
) -> None:
    """Deploy, replace, promote, read, drop; a script without the registry's part too."""
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada, bob")
    ada, bob = place.dsn_of("ada"), place.dsn_of("bob")
    for file in ("first", "second"):
        assert deploy(ada, files[file], "hers").verify().is_ok
    names: list[str] = []
    script = api.script(api.read(files["two"]), target=databases.TARGET, name="two")
    exporter.run(script, ada, progress=names.append)
    assert names
    assert not [name for name in names if name.startswith("registry")]
    arrays = "array[1,2,3]::real[], array[1,2,3,4]::real[]"
    assert query(ada, f"select (two.score({arrays})).two is not null") == [(True,)]
    assert exporter.promote(ada, "hers", 1).to_number == 1
    assert exporter.alias(ada, "hers", "other", 2).to_number == 2
    assert {entry.model for entry in exporter.models(ada)} == {"hers", "two"}
    assert list(exporter.models(bob)) == []
    with pytest.raises(DatabaseError, match='schema "hers" belongs to role "ada"'):
        deploy(bob, files["first"], "hers")
    for verb in (exporter.drop, exporter.repair, exporter.rollback, exporter.verify):
        with pytest.raises(DatabaseError, match='model "hers" belongs to role "ada"') as caught:
            verb(bob, "hers")
        assert "drop function" not in str(caught.value)
    path, whole = tmp_path / "own.sql", tmp_path / "whole.sql"
    script = api.script(api.read(files["first"]), target=databases.TARGET, name="own")
    script.write(whole)
    refused = run_script(place, whole, "ada")
    assert "may not create PL/Python functions" in refused.stderr
    assert "--without-registry" in refused.stderr
    script.without_shared().write(path)
    done = run_script(place, path, "ada")
    assert done.returncode == 0, done.stderr
    assert exporter.verify(ada, "own").is_ok
    for model in ("hers", "two", "own"):
        exporter.drop(ada, model)
    exporter.uninstall(place.dsn)
    failed = run_script(place, path, "ada")
    assert failed.returncode != 0
    assert "export-model install --dsn" in failed.stderr


def test_a_lost_language_is_mended_in_the_order_that_is_told(
    place: Database, files: dict[str, Path]
) -> None:
    """Language and functions are a superuser's, the model is its deployer's."""
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada")
    ada = place.dsn_of("ada")
    deploy(ada, files["first"], "hers")
    install, repair = "export-model install --dsn ...", "export-model repair --name hers --dsn ..."
    query(place.dsn, "drop extension plpython3u cascade")

    steps = f"As a superuser run: create extension plpython3u; and: {install}; then"
    assert f"{steps}: {repair}" in _advice(ada)
    assert f'{steps}, as role "ada": {repair}' in _advice(place.dsn)
    found = {check.name: check for check in exporter.doctor(place.dsn)}
    assert f'{steps}, as role "ada": {repair}' in found["model hers"].advice
    advice = f"create extension plpython3u; then: {install}"
    for dsn in (ada, place.dsn):
        language = next(check for check in exporter.doctor(dsn) if check.name == "PL/Python")
        assert advice in language.advice or language.level == "ok"  # pgvector can run models
        assert "grant" not in language.advice

    query(place.dsn, "create extension plpython3u")
    assert f'As a superuser run: {install}; then, as role "ada": {repair}' in _advice(place.dsn)
    assert f"As a superuser run: {install}; then: {repair}" in _advice(ada)
    (language,) = (check for check in exporter.doctor(ada) if check.name == "PL/Python")
    assert language.finding.startswith("there, but without ")
    assert "grant" not in language.advice

    exporter.install(place.dsn)
    exporter.repair(ada, "hers")
    assert exporter.verify(ada, "hers").is_ok
    (language,) = (check for check in exporter.doctor(ada) if check.name == "PL/Python")
    assert "installed for all models" in language.finding

    query(ada, "drop function hers.verify() cascade")
    assert _advice(place.dsn).startswith(f'as role "ada": {repair}')
    assert _advice(ada).startswith(repair)
    query(place.dsn, f"revoke execute on function export_model.load(text) from {GROUP}")
    advice = {c.advice for c in exporter.doctor(place.dsn) if "may not deploy" in c.finding}
    assert advice == {f"As a superuser run: {install}"}


def _advice(dsn: str) -> str:
    (entry,) = exporter.models(dsn)
    return entry.advice


@pytest.fixture
def passing(server: Any) -> Iterator[tuple[str, ...]]:
    """Roles that a restored dump lacks: one that deploys, its group, and one that scores."""
    roles = ("test_mover", "test_movers", "test_reader")
    admin = server.dsn("postgres")
    for role in roles:
        query(admin, f"create role {role} login")
    yield roles
    for role in roles:
        query(admin, f"drop role if exists was_{role}, {role}")


def test_roles_that_a_restored_dump_lacks_are_named(
    server: Any, template: str, passing: tuple[str, ...], files: dict[str, Path], tmp_path: Path
) -> None:
    """pg_restore takes rights of PUBLIC away in one statement with grants to others: where those
    roles are missing, that fails, and each function looked altered."""
    mover, movers, reader = passing
    path, tools = str(tmp_path / "dump"), server.bindir
    with make_database(server, "test_left", template):
        left = Database(server, "test_left")
        exporter.install(left.dsn, deployers=movers)
        query(left.dsn, f"grant {movers} to {mover}; grant create on database test_left to {mover}")
        deploy(left.dsn_of(mover), files["first"], "hers")
        deploy(left.dsn, files["first"], "theirs")
        exporter.grant(left.dsn, "theirs", [reader])
        subprocess.run([tools / "pg_dump", "-Fc", "-f", path, left.dsn], check=True)
    for role in passing:
        query(server.dsn("postgres"), f"alter role {role} rename to was_{role}")
    with make_database(server, "test_restored", template):
        dsn = server.dsn("test_restored")
        command = [tools / "pg_restore", "-d", dsn, path]
        subprocess.run(command, capture_output=True, check=False)
        assert all("may be called by PUBLIC" in entry.state for entry in exporter.models(dsn))
        findings = str(exporter.doctor(dsn))
        assert f'model theirs: role "{reader}", to which it is granted, is missing' in findings
        assert f'model hers: role "{mover}", that deployed it, is missing' in findings
        mend = f"create role {reader}; then: export-model repair --name theirs --dsn"
        assert mend in findings
        assert findings.count("may be called by PUBLIC") == 2
        assert "altered" not in findings
        exporter.repair(dsn, "hers")
        assert f'role "{reader}", to which it is gr' in exporter.repair(dsn, "theirs").outcome
        states = {entry.model: entry.state for entry in exporter.models(dsn)}
        assert states["hers"] == "ok"
        assert states["theirs"].startswith(f'ok; role "{reader}"')
        query(dsn, f"create role {reader}")
        assert "usage on schema" in exporter.repair(dsn, "theirs").outcome
        assert [entry.state for entry in exporter.models(dsn)] == ["ok", "ok"]
        query(dsn, f"drop owned by {reader}")


def run_script(database: Database, path: Path, role: str) -> subprocess.CompletedProcess[str]:
    """Run a file with psql as a role."""
    psql = str(database.server.bindir / "psql")
    command = [psql, database.dsn_of(role), "-v", "ON_ERROR_STOP=1", "-f", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


TRAP = " language plpgsql as $$ begin execute 'alter role ada superuser'; {} end $$"


def test_who_comes_second_is_told_whose_the_name_is(
    installed: Database, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada takes it while bob waits for other deployments."""
    ada, bob = installed.dsn_of("ada"), installed.dsn_of("bob")

    def meanwhile(connection: Any) -> None:
        query(ada, "create schema raced")

    monkeypatch.setattr(deployment, "require_languages", meanwhile)
    with pytest.raises(DatabaseError, match=r'^schema "raced" belongs to role "ada"'):
        deploy(bob, files["first"], "raced")
    query(ada, "drop schema raced")


def test_a_superuser_runs_nothing_of_a_deployers(place: Database, files: dict[str, Path]) -> None:
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada")
    ada, sam = place.dsn_of("ada"), place.dsn_of("sam")
    deploy(ada, files["first"], "hers")
    query(
        ada,
        "drop function hers.verify(); drop function hers.scorer();"
        "create function hers.verify() returns table (sample integer, ok boolean,"
        " difference double precision, tolerance double precision)"
        + TRAP.format("return;")
        + "; create function hers.scorer() returns jsonb"
        + TRAP.format("return null;")
        + "; create or replace function hers.score(dense_input real[]) returns real"
        + TRAP.format("return 1;")
        + "; update export_model.versions set runtime = 'drop_model', source_file = 'x'",
    )
    assert [entry.model for entry in exporter.models(sam)] == ["hers"]
    assert exporter.versions(sam, "hers")[0].source_file == "x"
    exporter.doctor(sam)
    exporter.journal(sam)
    for attempt in (
        lambda: exporter.verify(sam, "hers"),
        lambda: deploy(sam, files["first"], "hers"),
        lambda: exporter.promote(sam, "hers", 1),
        lambda: exporter.repair(sam, "hers"),
        lambda: exporter.score_table(sam, "hers", "pg_class", key="oid", into="out"),
    ):
        with pytest.raises(DatabaseError, match='belongs to role "ada"'):
            attempt()
    # A row of hers, named like a schema of a superuser's, makes nothing there hers or removable.
    query(
        place.dsn,
        "create schema reports;create function reports.f() returns int language sql as 'select 1'",
    )
    query(
        ada,
        "insert into export_model.models values ('reports', 'x');"
        "insert into export_model.objects values ('reports', 'function', 'reports.f()', '')",
    )
    with pytest.raises(DatabaseError, match=r'schema belongs to role "(postgres|gpadmin)"'):
        exporter.drop(sam, "reports")
    with pytest.raises(DatabaseError, match='model "reports" belongs to role "ada"'):
        deploy(sam, files["first"], "reports")
    assert query(place.dsn, "select reports.f()") == [(1,)]
    with pytest.raises(DatabaseError, match="there are models: hers, reports"):
        exporter.uninstall(sam)
    query(place.dsn, "delete from export_model.models where name = 'reports'")
    exporter.drop(sam, "hers")
    left = "select to_regnamespace('hers'), rolsuper from pg_roles where rolname = 'ada'"
    assert query(place.dsn, left) == [(None, False)]


def test_a_name_that_another_left_brings_nothing_of_his(
    place: Database, files: dict[str, Path]
) -> None:
    """Rights, versions and functions that bob wrote under a name which ada then takes."""
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada, bob")
    ada, bob = place.dsn_of("ada"), place.dsn_of("bob")
    query(bob, "insert into export_model.models (name, current_version) values ('hers', 'x')")
    query(bob, f"{of_version('0' * 64, 'hers')}; {of_version('1' * 64, 'hers', 7)}")
    digest = api.script(api.read(files["first"]), target="postgres", name="hers").version
    query(bob, of_version(digest, "hers", 2))
    data = "'{}', 0, 4, encode(sha256('abcd'), 'hex'), 'abcd'".format
    query(bob, f"insert into export_model.chunks values ({data(digest)})")
    query(bob, f"insert into export_model.tensors values ('{digest}', 0, 'x', '{{1}}', 0, 1, 'x')")
    query(
        bob,
        "insert into export_model.grants values ('hers', 'bob'), ('hers', 'public');"
        "insert into export_model.aliases values ('hers', 'other', 'x');"
        "insert into export_model.objects values ('hers', 'alias', 'hers.f()', '');"
        "delete from export_model.models",
    )
    deploy(ada, files["first"], "hers")
    assert exporter.verify(ada, "hers").is_ok
    names = "select name from export_model.tensors where version = %s"
    assert ("x",) not in query(place.dsn, names, (digest,))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(bob, f"select hers.score({ROW})")
    assert [entry.number for entry in exporter.versions(ada, "hers")] == [1]
    left = "select model from export_model.grants union select model from export_model.aliases"
    assert query(place.dsn, left) == []

    second = api.script(api.read(files["second"]), target="postgres", name="hers").version
    query(bob, "insert into export_model.models (name, current_version) values ('his', 'x')")
    query(bob, of_version(second, "his"))
    with pytest.raises(DatabaseError, match="under a model of another role") as caught:
        deploy(ada, files["second"], "hers")
    query(place.dsn, str(caught.value).rsplit(": ", 1)[1])  # the line for a superuser
    assert deploy(ada, files["second"], "hers").verify().is_ok


def test_what_a_role_collected_is_not_anothers(installed: Database) -> None:
    """Weights that a failed load left behind in a session of a pool: their digest tells who can
    write all of them but four bytes what these are."""
    hers = version_of(installed, "hers")
    with closing(psycopg2.connect(installed.dsn_of("sam"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        runtime, _, weights = find_parts(cursor, hers)
        collect = "select export_model.collect(%s, %s, %s)"
        cursor.execute("set role ada")
        cursor.execute(collect, (weights, 0, len(weights)))
        cursor.execute("set role bob")
        with pytest.raises(psycopg2.Error, match="are none of"):
            cursor.execute(collect, (b"x", 1, len(weights)))
        with pytest.raises(psycopg2.Error, match=hashlib.sha256(b"P").hexdigest()[:12]):
            cursor.execute(f"select export_model.{runtime}('x', 'P', null)")
        cursor.execute("set role ada")
        cursor.execute(f"select hers.score({ROW})")


def of_version(version: str, model: str, number: int = 1, **fields: str) -> str:
    """SQL of a row of export_model.versions that holds nothing, but for these fields."""
    texts = (
        "database", "engine", "graph_digest", "source_file", "source_sha256", "format",
        "format_version", "inputs", "outputs", "plan", "manifest", "runtime", "expected_by",
        "exporter_version",
    )  # fmt: skip
    row = dict.fromkeys(texts, "x")
    row |= {"version": version, "model": model, "number": str(number), "features": "{}"}
    row |= {"labels": "{}", **dict.fromkeys(("parameters", "weight_bytes", "chunks"), "1")}
    row |= {"tolerance": "0.1", **fields}
    values = ", ".join("'{}'".format(value.replace("'", "''")) for value in row.values())
    return f"insert into export_model.versions ({', '.join(row)}) values ({values})"


def test_rows_of_a_deployer_do_not_reach_a_superusers_model(
    place: Database, files: dict[str, Path]
) -> None:
    """Removing a model takes no other's schema for its own, renamed; the journal of others steers
    no rollback."""
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada")
    ada, sam = place.dsn_of("ada"), place.dsn_of("sam")
    for name in ("first", "second"):
        deploy(sam, files[name], "theirs")
    short = version_of(place, "theirs")[:12]
    for version in ("%", short, short + "0" * 52):
        query(ada, "insert into export_model.models (name, current_version) values ('gone', 'x')")
        query(ada, of_version(version, "gone"))
        exporter.drop(sam, "gone")
        query(place.dsn, f"select theirs.score({ROW})")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(ada, "insert into export_model.journal (model, action) values ('theirs', 'deploy')")
    assert exporter.rollback(sam, "theirs").to_number == 1


def test_rows_of_a_deployer_steer_no_command_of_a_superuser(
    installed: Database, files: dict[str, Path]
) -> None:
    """They say what they like of their database and engine, a gigabyte if they like."""
    bob, sam = installed.dsn_of("bob"), installed.dsn_of("sam")
    query(bob, "insert into export_model.models (name, current_version) values ('odd', 'x')")
    query(bob, of_version("x", "odd", database="oracle", engine="pgvector"))
    try:
        long = ", ".join(
            f"{c} = repeat('x', 3000000)" for c in ("source_file", "inputs", "because")
        )
        query(bob, f"update export_model.versions set {long} where version = 'x'")
        query(
            bob,
            "insert into export_model.journal (model, action, because)"
            " values ('odd', 'x', repeat('x', 3000000))",
        )
        exporter.install(sam, deployers=GROUP)
        exporter.upgrade(sam)
        assert deploy(sam, files["second"], "theirs").verify().is_ok
        exporter.rollback(sam, "theirs")
        assert max(len(str(entry.facts())) for entry in exporter.models(sam)) < 300_000
        for entries in (exporter.versions(sam, "odd"), exporter.journal(sam, "odd")):
            assert max(len(str(entry.facts())) for entry in entries) < 300_000
    finally:
        query(bob, "delete from export_model.versions where model = 'odd'")
        query(bob, "delete from export_model.models where name = 'odd'")


@pytest.mark.parametrize(
    "fields",
    [
        {"deployed_at": "290000-01-01"},
        {"deployed_at": "4000-01-01 BC"},
        {"deployed_at": "infinity"},
        {"metrics": "[1]"},
        {"metrics": "1e400"},
        {"metrics": "[" * 5000 + "]" * 5000},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_odd_rows_of_a_deployer_hide_no_others(installed: Database, fields: dict[str, str]) -> None:
    """A superuser's view of all models, whatever one of them says of itself."""
    bob, name = installed.dsn_of("bob"), "x" * 100
    insert = "insert into export_model.models (name, current_version) values (%s, 'x')"
    query(bob, insert, (name,))
    query(bob, of_version("x", name, **fields))
    try:
        owners = {entry.model: entry.owner for entry in exporter.models(installed.dsn)}
        assert (owners["hers"], owners[name]) == ("ada", "bob")
        assert exporter.versions(installed.dsn, name)[0].metrics == {}
    finally:
        query(bob, f"delete from export_model.versions where model = '{name}'")
        query(bob, f"delete from export_model.models where name = '{name}'")


def test_two_runtimes_side_by_side(
    place: Database, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer program is installed; what was deployed goes on, and its runtime stays as long."""
    exporter.install(place.dsn, deployers=GROUP)
    query(place.dsn, f"grant {GROUP} to ada")
    ada = place.dsn_of("ada")
    deploy(ada, files["first"], "hers")
    score = query(ada, f"select hers.score({ROW})")
    newer = f"{record.runtime_text()}\n# of a newer program\n"
    monkeypatch.setattr(record, "runtime_text", lambda: newer)
    shared.program_digest.cache_clear()
    try:
        with pytest.raises(DatabaseError, match="is not there as this export-model makes it"):
            deploy(ada, files["second"], "new")
        exporter.install(place.dsn, deployers=GROUP)
        deploy(ada, files["second"], "new")
        runtimes = r"select count(*) from pg_proc where proname like 'runtime\_%'"
        assert query(place.dsn, runtimes) == [(2,)]
        both = f"select hers.score({ROW}), new.score({ROW}) is not null"
        assert query(ada, both) == [(score[0][0], True)]
        exporter.drop(ada, "hers")
        exporter.install(place.dsn, deployers=GROUP)
        assert query(place.dsn, runtimes) == [(1,)]
        assert query(ada, f"select new.score({ROW}) is not null") == [(True,)]
    finally:
        monkeypatch.undo()
        shared.program_digest.cache_clear()


def test_a_plain_role_has_all_verbs_of_versions(
    installed: Database, files: dict[str, Path]
) -> None:
    """Nothing of it makes a function in PL/Python, or needs a superuser."""
    ada, sam = installed.dsn_of("ada"), installed.dsn_of("sam")
    for name in ("first", "second"):
        deploy(ada, files[name], "lives")
    assert exporter.rollback(ada, "lives").to_number == 1
    assert exporter.alias(ada, "lives", "next", 2).to_number == 2
    assert exporter.grant(ada, "lives", ["eve"]).grantees == ("eve",)
    query(installed.dsn_of("eve"), f"select lives.score({ROW}), lives.score_next({ROW})")
    own = version_of(installed, "lives")[:12]
    query(ada, f"drop function lives.score_{own}(bytea); drop function lives.score_next(real[])")
    assert "were missing" in str(exporter.repair(ada, "lives"))
    query(installed.dsn_of("eve"), f"select lives.score({ROW}), lives.score_next({ROW})")
    assert exporter.revoke(ada, "lives", ["eve"]).still_able == ()
    with pytest.raises(DatabaseError, match='model "lives" belongs to role "ada"'):
        exporter.versions(installed.dsn_of("bob"), "lives")
    exporter.unalias(ada, "lives", "next")
    deploy(ada, files["second"], "lives")
    assert exporter.drop_version(sam, "lives", 1).kept == (2,)
    assert exporter.verify(ada, "lives").is_ok
    with pytest.raises(DatabaseError, match="superuser"):
        exporter.upgrade(ada)
    assert len(exporter.journal(ada, "lives")) > 5
    exporter.drop(ada, "lives")
