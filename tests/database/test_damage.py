"""A registry out of step with the catalog: noticed, named, mended, and no obstacle to dropping."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import pytest
from budgets import is_thorough
from databases import Database, keep, make_database

import exporter
from database.networks import compile_model, deploy_model, query, write_sequential, write_two_by_two
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.inspection import inspect
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError
from exporter.sql.script import Script
from exporter.sql.templates import render
from exporter.sql.text import Sql

DAMAGES = {
    "a function dropped": "drop function m.score(real[], real[])",
    "a function renamed": "alter function m.score(real[], real[]) rename to old_score",
    "a function moved": "alter function m.score_table(text, text) set schema public",
    "a function replaced": "create or replace function m.score(a real[], b real[]) returns {type}"
    " language sql as 'select null::{type}'",
    "a function made anew": "drop function m.score(real[], real[]); create function"
    " m.score(real[], real[]) returns text language sql as 'select ''x''::text'",
    "a function with other options": "alter function m.score(real[], real[]) volatile",
    "rights of the definer lost": "alter function m.score_{short}(bytea, bytea) security invoker",
    "the version's function dropped": "drop function m.score_{short}(bytea, bytea)",
    "the batch's function dropped": "drop function m.batch_{short}(bytea, integer, text)",
    "the right to call it revoked": "revoke all on function m.score_{short}(bytea, bytea)"
    " from public",
    "pack dropped": "drop function m.pack(real[], real[])",
    "verify dropped": "drop function m.verify()",
    "the procedure dropped": "drop procedure m.score_into(text, text, text)",
    "the model's schema dropped": "drop schema m cascade",
    "the model's schema renamed": "alter schema m rename to m2",
    "the type dropped": "drop type {type} cascade",
    "the registry dropped": "drop schema export_model cascade",
    "the registry renamed": "alter schema export_model rename to registry",
    "the overview dropped": "drop view export_model.overview",
    "a table dropped": "drop table export_model.samples",
    "the loader dropped": "drop function export_model.load(text)",
    "the loader replaced": "create or replace function export_model.load(p_version text) returns"
    " void language plpgsql as 'begin end'",
    "a helper dropped": "drop function export_model.array_bytes",
    "a helper for tables dropped": "drop function export_model.gather_query",
    "drop_model dropped": "drop function export_model.drop_model",
    "the runtime dropped": "do $$ begin execute (select 'drop function ' || oid::regprocedure"
    " from pg_proc where proname like 'runtime\\_%'); end $$",
    "the runtime replaced": "do $$ begin execute (select format('create or replace function"
    " export_model.%I(version text, plan text, weights bytea default null) returns void language"
    " plpython3u as %L', proname, 'pass') from pg_proc where proname like 'runtime\\_%'); end $$",
    "models emptied": "truncate export_model.models",
    "versions emptied": "truncate export_model.versions",
    "objects emptied": "truncate export_model.objects",
    "chunks emptied": "truncate export_model.chunks",
    "chunks altered": "update export_model.chunks set data = set_byte(data, 0, 77)",
    "tensors emptied": "truncate export_model.tensors",
    "samples emptied": "truncate export_model.samples",
    "some samples lost": "delete from export_model.samples where sample = 1 and is_output",
    "samples altered": "update export_model.samples set numbers = '{{7}}' where is_output"
    " and port = 0",
    "the plan altered": "update export_model.versions set plan = '{{}}'",
    "the plan altered to another": "update export_model.versions"
    """ set plan = replace(plan, '"name":"', '"name":"x')""",
    "what a version's row says altered": "update export_model.versions set tolerance = 1,"
    " labels = '{{x,y}}', features = '{{z}}', engine = 'other', format = 'onnx'",
    "the plan nested too deeply": "update export_model.versions set plan = repeat('[', 5000)",
    "the manifest nested too deeply": "update export_model.versions"
    " set manifest = repeat('[', 5000)",
    "another version is current": "update export_model.models set current_version = 'x'",
    "usage of the registry revoked": "revoke usage on schema export_model from public",
}


NEEDS_THE_FILE = {
    "the registry dropped", "a table dropped", "versions emptied", "chunks emptied",
    "chunks altered", "samples emptied", "some samples lost", "samples altered", "the plan altered",
    "the plan altered to another", "the plan nested too deeply", "the manifest nested too deeply",
}  # fmt: skip
"""What the registry alone does not mend."""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """Two inputs, two outputs: a model with a type of its own."""
    return compile_model(write_two_by_two(tmp_path_factory.mktemp("files") / "m.h5"), "m")[0]


@pytest.fixture(scope="module")
def whole(server: Any, template: str, script: Script) -> Iterator[str]:
    """The name of a database with that model, to be cloned."""
    with make_database(server, "whole", template):
        dsn = server.dsn("whole")
        deploy(script, dsn)
        assert [check for check in examine(dsn) if check.level in ("fail", "old")] == []
        assert list_versions(dsn)[0].state == "ok"
        yield "whole"


@pytest.fixture
def deployed(server: Any, whole: str) -> Iterator[Database]:
    """A clone of it, to be damaged."""
    with make_database(server, "damaged", whole):
        yield Database(server, "damaged")


@pytest.fixture(params=DAMAGES)
def damaged(server: Any, whole: str, script: Script, request: Any) -> Iterator[tuple[Any, str]]:
    """A session in a transaction that damages that database, and the name of the damage; what it
    does is undone at the end. Nothing is loaded in it but numpy."""
    session = keep(server.dsn(whole))
    with session.cursor() as cursor:
        if databases.ENGINE == "plpython":
            cursor.execute("do language plpython3u 'GD.clear()'")
        kind = "select to_regtype('m.' || relname)::text from pg_class where relname ~ '^outputs_'"
        cursor.execute(kind)
        type_name = cursor.fetchall()[0][0]
        sql = DAMAGES[request.param].format(short=script.version[:12], type=type_name)
        cursor.execute(sql)
    yield session, request.param
    session.rollback()


LEFT = (
    "select 'schema', nspname from pg_namespace where nspname in"
    " ('m', 'm2', 'export_model', 'registry') union all"
    " select 'function', p.proname from pg_proc p join pg_description d on d.objoid = p.oid"
    " where d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'"
)


def leftovers(session: Any) -> list[tuple[str, ...]]:
    with session.cursor() as cursor:
        cursor.execute(LEFT)
        found: list[tuple[str, ...]] = cursor.fetchall()
    return found


def assert_refreshed(done: Any) -> None:
    assert "refreshed" in str(done) or not done.was_there


def test_damage_is_noticed_named_and_mended(damaged: tuple[Any, str], script: Script) -> None:
    session, name = damaged
    try:
        report = verify(session, "m")
    except DatabaseError as error:
        assert "export-model" in str(error)
    else:
        assert not report.is_ok
    found = [check for check in examine(session) if check.level == "fail"]
    if name != "samples altered":  # nothing but scoring tells
        assert found
        assert all(check.advice for check in found)
    if name in NEEDS_THE_FILE:
        with pytest.raises(DatabaseError, match=r"[Dd]eploy"):
            exporter.repair(session, "m")
        assert_refreshed(deploy(script, session))
    else:
        assert_refreshed(exporter.repair(session, "m"))
    assert deploy(script, session).differences == ()  # inspects as doctor does, and scores
    if is_thorough():
        assert verify(session, "m").is_ok
        assert [check for check in examine(session) if check.level == "fail"] == []
        drop(session, "m")
        assert leftovers(session) == []


def test_a_damaged_model_is_dropped_with_nothing_left(damaged: tuple[Any, str]) -> None:
    session, _ = damaged
    drop(session, "m")
    assert leftovers(session) == []


def test_what_was_dropped_is_not_there(deployed: Database) -> None:
    drop(deployed.dsn, "m")
    with pytest.raises(DatabaseError, match="there is no model"):
        drop(deployed.dsn, "m")


def test_what_depends_on_a_model_goes_by_force_only(database: Database, script: Script) -> None:
    deploy(script, database.dsn)
    query(
        database.dsn,
        "create view v as select m.score('{1,2,3}', '{1,2,3,4}');"
        ' create materialized view "On it" as select * from v; create index on "On it" (score);'
        " create table with_default (a int, b boolean default (m.score('{1}', '{2}') is null));"
        " create table checked (c real[] check (m.score(c, c) is not null));"
        " create table m.notes (n int primary key); create view m.of_notes as select 1;"
        " create view of_registry as select * from export_model.overview",
    )
    with pytest.raises(DatabaseError, match="--force") as caught:
        drop(database.dsn, "m")
    assert "CASCADE" not in str(caught.value)
    assert all(line.startswith("  ") for line in str(caught.value).splitlines()[1:])
    functions = "select count(*) from pg_proc where pronamespace = 'm'::regnamespace"
    ((count,),) = query(database.dsn, functions)
    dropped = drop(database.dsn, "m", force=True)
    assert dropped.others == (
        "default value for public.with_default.b",
        'materialized view public."On it"',
        "table constraint checked_c_check on public.checked",
        "view public.of_registry",
        "view public.v",
    )
    assert dropped.left == ("table m.notes", "view m.of_notes")
    assert len([name for name in dropped.own if "type m.outputs_" not in name]) == count
    assert dropped.is_last
    shown = str(dropped).splitlines()
    assert shown[0].startswith("m: dropped, with ") and "1 type" in shown[0]
    assert "    view public.v" in shown and "    table m.notes" in shown
    assert query(database.dsn, LEFT) == [("schema", "m")]


ANSWER = "return model.answer(rows, count, wanted)"


def with_wrong_batches(script: Script) -> Script:
    """A fault that only batches have."""
    statements = [
        replace(
            s,
            sql=Sql(
                s.sql.replace(
                    ANSWER,
                    "scores, labels, place, problem = model.answer(rows, count, wanted)\n"
                    "return scores and scores.replace('0.', '0.9'), labels, place, problem",
                )
            ),
        )
        for s in script.statements
    ]
    assert [s.sql for s in statements] != [s.sql for s in script.statements]
    return replace(script, statements=tuple(statements))


def test_a_fault_only_in_batches_ends_the_deployment(database: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 4, 2], ["relu", "softmax"])
    script, _ = compile_model(path, "m", features=["a", "b", "c"])
    with pytest.raises(DatabaseError, match="the database scores"):
        deploy(with_wrong_batches(script), database.dsn)
    deploy(script, database.dsn)
    forms = {form for (form,) in query(database.dsn, "select distinct form from m.verify()")}
    assert forms == {
        *("label_batch", "label of columns", "label_table"),
        *("score_batch", "score of a row", "score of columns", "score_table"),
    }


def test_an_upgrade_of_the_program_reaches_the_database(
    database: Database, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older program made is named, then refreshed in place; the version stays."""
    older = [
        replace(s, sql=Sql(s.sql.replace("model_version", "model_version /* older */")))
        for s in script.statements
    ]
    digests = [replace(made, digest="0" * 12) for made in script.made]
    sql = [
        replace(s, sql=Sql(_with_digests(s.sql, script))) if s.name == "sign what was made" else s
        for s in older
    ]
    deploy(replace(script, statements=tuple(sql), made=tuple(digests)), database.dsn)
    assert verify(database.dsn, "m").is_ok
    for module in ("inspection", "inspected_functions", "inspected_shared"):
        name = f"exporter.databases.postgres.{module}.program_digest"
        monkeypatch.setattr(name, lambda: "f" * 12)
    assert list_versions(database.dsn)[0].state == "ok, made by another export-model"
    assert {check.level for check in examine(database.dsn)} == {"ok", "old"}
    monkeypatch.undo()
    before = query(database.dsn, "select current_version from export_model.models")
    done = deploy(script, database.dsn)
    assert str(done).startswith(f"m, version {script.version[:12]}: refreshed, ")
    assert len(done.differences) == len(script.made)
    assert query(database.dsn, "select current_version from export_model.models") == before
    assert query(database.dsn, "select 1 from pg_proc where prosrc ~ ' older .*/'") == []
    assert deploy(script, database.dsn).differences == ()


def _with_digests(sql: str, script: Script) -> str:
    for made in script.made:
        sql = sql.replace(f"'{made.digest}'", f"'{'0' * 12}'")
    return sql


def test_a_script_begins_with_what_it_makes(script: Script) -> None:
    head = str(script).split("\\set")[0]
    for text in ('schema "m"', "KB of weights", "superuser", "drop_model('m')", "grant usage"):
        assert text in head, text


def test_doctor_where_plpython_is_trusted(database: Database) -> None:
    """A plain role may then make PL/Python functions, but not the helper in language internal."""
    query(database.server.dsn("postgres"), "drop role if exists plain_trusted")
    query(database.server.dsn("postgres"), "create role plain_trusted login")
    query(database.dsn, "update pg_language set lanpltrusted = true where lanname = 'plpython3u'")
    query(database.dsn, "grant usage on language plpython3u to public")
    query(database.dsn, f'grant create on database "{database.name}" to plain_trusted')
    (check,) = [
        check for check in examine(database.dsn_of("plain_trusted")) if check.name == "PL/Python"
    ]
    assert check.level == "fail"
    assert "language internal" in check.finding


def test_a_program_that_signed_nothing_is_an_older_one(database: Database, script: Script) -> None:
    """Nobody altered its functions, and what it did not have yet is not missing."""
    deploy(script, database.dsn)
    query(
        database.dsn,
        "do $$ declare f regprocedure; begin for f in select p.oid from pg_proc p where"
        " p.pronamespace in ('m'::regnamespace, 'export_model'::regnamespace) loop"
        " execute format('comment on routine %s is null', f); end loop; end $$",
    )
    query(database.dsn, "drop function export_model.check_settings")
    done = deploy(script, database.dsn)
    assert str(done).endswith(": refreshed, it was made by another version of export-model")
    assert all(difference.is_old for difference in done.differences)
    assert not [d for d in done.differences if "altered" in d.what or "missing" in d.what]
    assert deploy(script, database.dsn).differences == ()


def test_a_lost_schema_is_one_finding(database: Database, script: Script) -> None:
    deploy(script, database.dsn)
    query(database.dsn, "drop schema m cascade")
    (check,) = [check for check in examine(database.dsn) if check.level == "fail"]
    assert check.finding == 'schema "m" is missing'
    assert str(verify(database.dsn, "m")).count("missing") == 1
    done = deploy(script, database.dsn)
    assert str(done).endswith('refreshed, 1 difference mended: schema "m" is missing')


def test_advice_can_be_pasted_into_a_shell(database: Database, tmp_path: Path) -> None:
    name = "it's two words"
    script = compile_model(write_two_by_two(tmp_path / "m.h5"), name)[0]
    deploy(script, database.dsn)
    query(database.dsn, "truncate export_model.models cascade")
    (check,) = [check for check in examine(database.dsn) if check.level == "fail"]
    with pytest.raises(DatabaseError) as caught:
        verify(database.dsn, name)
    for advice in (check.advice, str(caught.value)):
        assert advice.count(f"--name {shlex.quote(name)}") == 2


def test_a_role_that_may_not_read_the_registry_is_told_so(
    database: Database, script: Script
) -> None:
    deploy(script, database.dsn)
    query(database.server.dsn("postgres"), "drop role if exists plain_reader")
    query(database.server.dsn("postgres"), "create role plain_reader login")
    dsn = database.dsn_of("plain_reader")
    with pytest.raises(DatabaseError, match=r'role "plain_reader" may not read.*\n.*superuser'):
        list_versions(dsn)
    with pytest.raises(DatabaseError, match=r'model "m" belongs to role "\w+", whose rights role'):
        deploy(script, dsn)
    (check,) = [check for check in examine(dsn) if check.name == "models"]
    assert check.level == "fail"
    assert "plain_reader" in check.finding
    assert "superuser" in check.advice
    query(database.server.dsn("postgres"), "drop role plain_reader")


def test_what_an_earlier_program_left_in_the_registry_is_no_reason_to_deploy(
    database: Database, tmp_path: Path
) -> None:
    """A helper whose parameters changed stays for models that call it; all others are new."""
    deploy_model(database.dsn, write_two_by_two(tmp_path / "m.h5"), "m")
    query(
        database.dsn,
        "create function export_model.lock_target(regclass, boolean) returns void"
        " language sql as 'select'",
    )
    functions = render(("postgres",), "functions", {"schemas": ["export_model"]})
    (state,) = query(
        database.dsn,
        f"select state from ({functions}) f where function like '%lock_target(regclass, boolean)'",
    )[0]
    comment = f"export-model {'f' * 12} {'0' * 12} {state} m"
    query(
        database.dsn,
        f"comment on function export_model.lock_target(regclass, boolean) is '{comment}'",
    )
    assert [entry.state for entry in list_versions(database.dsn)] == ["ok"]


def test_an_older_runtime_left_open_is_closed_and_no_reason_to_deploy(
    database: Database, tmp_path: Path
) -> None:
    """It is of another program, for a model that is there with it."""
    dsn = database.dsn
    deploy_model(dsn, write_two_by_two(tmp_path / "m.h5"), "m")
    other = "export_model.runtime_0123456789ab(text, text, bytea)"
    query(dsn, f"create function {other} returns void language sql as 'select'")
    query(dsn, f"revoke all on function {other} from public")
    functions = render(("postgres",), "functions", {"schemas": ["export_model"]})
    find = f"select state from ({functions}) f where function = '{other}'"
    comment = f"export-model {'f' * 12} {'0' * 12} {query(dsn, find)[0][0]} "
    query(dsn, f"comment on function {other} is '{comment}'")
    query(dsn, f"grant execute on function {other} to public")
    assert [entry.state for entry in list_versions(dsn)] == ["ok"]
    query(dsn, "drop function m.verify()")
    script = compile_model(tmp_path / "m.h5", "m")[0]
    assert [str(d) for d in deploy(script, dsn).differences] == [
        'function "m"."verify"() is missing'
    ]
    assert query(dsn, f"select has_function_privilege('public', '{other}', 'execute')") == [
        (False,)
    ]
    assert deploy(script, dsn).differences == ()


def test_a_column_that_score_of_a_table_takes_is_missed(database: Database, tmp_path: Path) -> None:
    dsn = database.dsn
    path = write_sequential(tmp_path / "m.h5", (2, 1), ("sigmoid",))
    query(dsn, 'create table people (a real, "B c" real)')
    deploy_model(dsn, path, "m", features=("a", "B c"), feature_table=("public", "people"))
    assert verify(dsn, "m").is_ok
    query(dsn, 'alter table people rename "B c" to d; alter table people drop a')
    wanted = [
        'table public.people has no column "B c", which score(public.people) takes',
        'table public.people has no column "a", which score(public.people) takes',
    ]
    assert [str(d) for d in verify(dsn, "m").damages] == wanted
    assert list_versions(dsn)[0].state == f"damaged: {wanted[0]}; and 1 more"
    query(dsn, 'alter table people rename d to "B c"; alter table people add a real')
    assert verify(dsn, "m").is_ok


def test_quoting_of_a_session_is_no_damage(deployed: Database) -> None:
    """The catalog's texts of functions depend on quote_all_identifiers."""
    quoting = "&options=-c%20quote_all_identifiers%3Don"
    dsn = deployed.dsn + (quoting if "?" in deployed.dsn else "?" + quoting[1:])
    assert query(dsn, "show quote_all_identifiers") == [("on",)]
    assert verify(dsn, "m").damages == ()
    states = [[entry.state for entry in list_versions(item)] for item in (dsn, deployed.dsn)]
    assert states[0] == states[1]


FUNCTIONS = """select p.oid::regprocedure::text,
  replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '')
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('m', 'export_model') order by 2"""


@pytest.mark.parametrize("half", [0, 1])
def test_each_function_that_is_dropped_by_hand_is_named(
    server: Any, whole: str, script: Script, half: int
) -> None:
    """Of the model and of the registry, overloads among them; one half of all at a time."""
    session = keep(server.dsn(whole))
    try:
        with session.cursor() as cursor:
            cursor.execute(FUNCTIONS)
            all_of_them = cursor.fetchall()
            for signature, _ in all_of_them[half::2]:
                cursor.execute(f"drop routine if exists {signature} cascade")
            cursor.execute(FUNCTIONS)
            left = {key for _, key in cursor.fetchall()}
        gone = {key for _, key in all_of_them} - left
        assert len(gone) >= len(all_of_them) // 2
        found = [d.what.replace('"', "") for d in inspect(session, "m")]
        assert {f"function {key} is missing" for key in gone} == set(found)
        assert len(found) == len(gone)
        exporter.repair(session, "m")
        assert inspect(session, "m") == []
    finally:
        session.rollback()


def test_a_lost_language_is_named_with_what_to_do(server: Any, whole: str, script: Script) -> None:
    if databases.ENGINE != "plpython":
        pytest.skip("of PL/Python")
    session = keep(server.dsn(whole))
    try:
        with session.cursor() as cursor:
            cursor.execute("drop extension plpython3u cascade")
        lost = 'the language plpython3u is missing, in which model "m" runs'
        mend = "create extension plpython3u; then: export-model repair --name m --dsn ..."
        (entry,) = list_versions(session)
        assert entry.state.startswith(f"damaged: {lost}; and ") and mend in entry.advice
        checks = [check for check in examine(session) if check.name == "model m"]
        assert checks[0].finding == lost and len(checks) == 2
        assert "functions, export_model.runtime_" in checks[1].finding
        assert all(mend in check.advice for check in checks)
        assert lost in str(verify(session, "m")) and mend in str(verify(session, "m"))
        with session.cursor() as cursor:
            cursor.execute("create extension plpython3u")
        exporter.repair(session, "m")
        assert [entry.state for entry in list_versions(session)] == ["ok"]
    finally:
        session.rollback()


OF_A_MODEL: dict[str, Callable[[str], object]] = {
    "verify": lambda dsn: exporter.verify(dsn, "m"),
    "versions": lambda dsn: exporter.versions(dsn, "m"),
    "versions --journal": lambda dsn: exporter.journal(dsn, "m"),
    "promote": lambda dsn: exporter.promote(dsn, "m", 1),
    "rollback": lambda dsn: exporter.rollback(dsn, "m"),
    "alias": lambda dsn: exporter.alias(dsn, "m", "best", 1),
    "alias --remove": lambda dsn: exporter.unalias(dsn, "m", "best"),
    "grant": lambda dsn: exporter.grant(dsn, "m", ["public"]),
    "revoke": lambda dsn: exporter.revoke(dsn, "m", ["public"]),
    "prune": lambda dsn: exporter.prune(dsn, "m", keep=1),
    "repair": lambda dsn: exporter.repair(dsn, "m"),
    "drop": lambda dsn: exporter.drop(dsn, "m"),
    "drop --version": lambda dsn: exporter.drop_version(dsn, "m", 1),
}
OF_THE_REGISTRY: dict[str, Callable[[str], object]] = {
    "upgrade": exporter.upgrade,
    "install": lambda dsn: exporter.install(dsn),
    "uninstall": exporter.uninstall,
}


def test_every_verb_tells_who_lacks_rights_which_they_are(deployed: Database) -> None:
    """A role without any, one that may score, and one with EXECUTE besides: nothing is damaged."""
    query(
        deployed.dsn,
        "create role nobody_at_all login; create role analyst login; create role caller login;"
        " grant usage on schema m to analyst, caller;"
        " grant execute on all routines in schema m to caller",
    )
    try:
        for role in ("nobody_at_all", "analyst", "caller"):
            dsn = deployed.dsn_of(role)
            told = {}
            for verb, call in (OF_A_MODEL | OF_THE_REGISTRY).items():
                with pytest.raises(DatabaseError) as caught:
                    call(dsn)
                told[verb] = str(caught.value)
            scoring = "lacks usage on its schema. Let its owner run: export-model grant"
            for verb in OF_A_MODEL:
                assert told[verb].startswith('model "m" belongs to role "'), told[verb]
                assert f", whose rights role {role} lacks: nothing" in told[verb]
                assert "or another superuser; or, " in told[verb]
                assert (f"{scoring} {role} --name m" in told[verb]) == (role == "nobody_at_all")
            for verb in OF_THE_REGISTRY:
                assert f"and role {role} may not change it.\n  Connect as role" in told[verb]
        with pytest.raises(DatabaseError, match="grant usage on schema m to nobody_at_all;"):
            exporter.score_table(
                deployed.dsn_of("nobody_at_all"), "m", "select 1 as id", key="id", into="scores"
            )
    finally:
        query(deployed.dsn, "drop owned by nobody_at_all, analyst, caller")
        query(deployed.dsn, "drop role nobody_at_all, analyst, caller")
