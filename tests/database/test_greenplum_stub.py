"""What a deployment for Greenplum does that needs no segments, on PostgreSQL.

The database gets what Greenplum has and PostgreSQL has not, in pg_catalog: one segment, which is
the server itself. DISTRIBUTED clauses are taken off the script here, not by the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import numpy as np
import psycopg2
import pytest
from databases import Database

from database.networks import (
    compile_model,
    expected,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)
from database.test_damage import with_wrong_batches
from exporter.databases.greenplum import segments
from exporter.databases.greenplum.script import compile_registry
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.installation import install, uninstall
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.score import score
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.plan import Plan
from exporter.sql.script import Script
from exporter.sql.text import Sql, literal

STUB = """
set allow_system_table_mods = on;
create table pg_catalog.gp_segment_configuration (
  content smallint, role "char", status "char", hostname text, port integer);
insert into pg_catalog.gp_segment_configuration
  values (-1, 'p', 'u', 'here', 1), (0, 'p', 'u', 'here', 2);
create table pg_catalog.gp_id (gp_segment_id integer);
insert into pg_catalog.gp_id values (0);
create table pg_catalog.gp_distribution_policy (
  localoid oid, policytype "char", numsegments integer);
create function pg_catalog.gp_dist_random(text) returns setof pg_catalog.gp_id language sql
  as 'select * from pg_catalog.gp_id';
create function pg_catalog.gp_execution_segment() returns integer language sql as 'select 0';
grant select on pg_catalog.gp_segment_configuration, pg_catalog.gp_id,
  pg_catalog.gp_distribution_policy to public;
"""
LACKING = re.compile(
    r"\ndistributed replicated$| distributed (randomly|by \((key|%I)\))|set optimizer = off"
)


@pytest.fixture
def stub(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that looks like Greenplum's coordinator, whose catalogs stand for segments'."""
    monkeypatch.setattr(segments, "NODES", ("{}",))
    if databases.TARGET == "greenplum":
        pytest.skip("a stub is no use on a real one")
    query(database.dsn, STUB)
    return database


def compile_greenplum(path: Path, name: str, **options: Any) -> tuple[Script, Plan]:
    """The script for Greenplum, without what PostgreSQL's grammar and settings lack."""
    script, plan = compile_model(path, name, target="greenplum", **options)
    return for_postgres(script), plan


def for_postgres(script: Script) -> Script:
    """A script for Greenplum without what PostgreSQL lacks."""
    statements = [
        replace(s, sql=Sql(LACKING.sub("", s.sql)))
        for s in script.statements
        if s.name != "prove it: segments read their own rows"
    ]
    return replace(script, statements=tuple(statements))


def deploy_greenplum(dsn: str, path: Path, name: str, **options: Any) -> Plan:
    script, plan = compile_greenplum(path, name, **options)
    deploy(script, dsn)
    return plan


def test_all_tables_of_the_registry_are_replicated(tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    script, _ = compile_model(path, "m", target="greenplum")
    made = [s.sql for s in script.statements if re.match(r"create table", s.sql)]
    assert len(made) == 9
    assert all(sql.endswith("\ndistributed replicated") for sql in made)
    for sql in made:
        for word in ("references", "foreign key", "trigger", "on delete"):
            assert word not in sql.lower()


def test_what_runs_on_segments_reads_no_table(stub: Database, tmp_path: Path) -> None:
    """Every function that a score calls names relations of pg_catalog only."""
    deploy_greenplum(stub.dsn, write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"]), "m")
    rows = query(
        stub.dsn,
        "select p.proname, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('m', 'export_model') and (p.proname ~ '^(score|label|run|batch|pack)'"
        " or p.proname in ('load', 'loaded', 'score_rows', 'score_group', 'array_bytes'))"
        " and p.proname !~"
        " '^(runtime|pack_|scorer_|score_(into|table|source|part|series|window_part))'",
    )
    assert {"load", "score_group", "score_batch", "pack"} <= {name for name, _ in rows}
    for name, source in rows:
        for relation in re.findall(r"\b(?:from|join)\s+([a-z_.\"]+)\s*(\(?)", source.lower()):
            allowed = ("rows", "pg_catalog.", '"m".')
            assert relation[1] == "(" or relation[0].startswith(allowed), name
        assert "plpy.execute" not in source


def test_what_runs_text_for_callers_refuses_to_on_segments(stub: Database, tmp_path: Path) -> None:
    """Segments check no rights: a function that runs what it is given would show all tables."""
    deploy_greenplum(stub.dsn, write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"]), "m")
    rows = query(
        stub.dsn,
        "select p.proname, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('m', 'export_model') and p.prosrc ~* '\\mexecute\\s'"
        " and has_function_privilege('public', p.oid, 'execute')",
    )
    guarded = {name for name, source in rows if "perform export_model.check_place();" in source}
    assert {"source", "check_key", "group_query", "score_source", "count_parts"} <= guarded
    by_name = {
        "score_rows": "batch",
        "score_window_rows": "windows",
        "answer_forecasts": "forecasts",
    }
    assert {name for name, _ in rows} - guarded == set(by_name)
    for name, given in by_name.items():
        assert f"p_{given}::regproc)" in dict(rows)[name]


@pytest.mark.parametrize("kind", ["sequential", "two_by_two", "words"])
def test_the_whole_life_of_a_model(stub: Database, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "m.h5"
    if kind == "sequential":
        write_sequential(path, [3, 600, 600, 2], ["relu", "relu", "softmax"])
    elif kind == "two_by_two":
        write_two_by_two(path)
    else:
        write_words(path, ["a", "b"], 2)
    before = query(stub.dsn, "select count(*) from pg_proc"), query(stub.dsn, SERVERS)
    script, _ = compile_greenplum(path, "m")
    assert deploy(script, stub.dsn).was_there is False
    assert deploy(script, stub.dsn).was_there is True
    report = verify(stub.dsn, "m")
    assert report.is_ok
    rows = query(stub.dsn, "select segment, count(distinct sample) from m.verify() group by 1")
    assert sorted(rows) == [(-1, 3), (0, 3)]
    assert [entry.model for entry in list_versions(stub.dsn)] == ["m"]
    drop(stub.dsn, "m")
    assert (query(stub.dsn, "select count(*) from pg_proc"), query(stub.dsn, SERVERS)) == before


SERVERS = (
    "select (select count(*) from pg_foreign_server) + (select count(*) from pg_user_mapping)"
    " + (select count(*) from pg_foreign_data_wrapper)"
)


def test_functions_load_from_the_catalog_not_the_tables(stub: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 600, 600, 2], ["relu", "relu", "softmax"])
    plan = deploy_greenplum(stub.dsn, path, "m")
    query(stub.dsn, "truncate export_model.chunks, export_model.versions")
    wanted = expected(plan, np.array([[1, 2, 3]]))[0].ravel()
    ((score,),) = query(stub.dsn, "select m.score('{1,2,3}')")
    assert score == pytest.approx(wanted.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("drop server {0}_1 cascade", "1 of 2 chunks of weights are there"),
        ("drop user mapping for public server {0}_0", "1 of 2 chunks of weights are there"),
        ("drop server {0}_plan cascade", "cannot be seen by this transaction"),
        ("alter user mapping for public server {0}_1 options (set data 'AAAA')", "were altered"),
    ],
)
def test_damaged_weights_are_an_error(
    stub: Database, tmp_path: Path, damage: str, message: str
) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 600, 600, 2], ["relu", "relu", "softmax"])
    plan = deploy_greenplum(stub.dsn, path, "m")
    query(stub.dsn, damage.format(f"export_model_{plan.version[:32]}"))
    with pytest.raises(psycopg2.Error, match=message):
        query(stub.dsn, "select m.score('{1,2,3}')")
    if damage.startswith("drop server"):
        assert "of 3 foreign servers with weights" in next(
            entry.state for entry in list_versions(stub.dsn)
        )
    deploy_greenplum(stub.dsn, path, "m")
    assert query(stub.dsn, "select m.score('{1,2,3}') is not null") == [(True,)]


@pytest.fixture
def roles(stub: Database) -> Iterator[tuple[str, str]]:
    """Two roles of the group that may deploy after an installation, which is made."""
    made = ("gp_test_ada", "gp_test_bob", "gp_test_group")
    of_all = ", ".join(made)
    query(stub.dsn, "; ".join(f"create role {role} login" for role in made[:2]))
    install(for_postgres(compile_registry(made[2])), stub.dsn)
    query(
        stub.dsn,
        f"grant {made[2]} to {made[0]}, {made[1]};"
        f"grant create on database {stub.name} to {made[2]}",
    )
    yield made[:2]
    query(stub.dsn, f"drop owned by {of_all} cascade; drop role {of_all}")


def test_a_plain_role_deploys_where_it_was_installed(
    stub: Database, roles: tuple[str, str], tmp_path: Path
) -> None:
    """Weights lie in servers of its own; who squats on their names stops it, and is named."""
    ada, bob = (stub.dsn_of(role) for role in roles)
    path = write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"])
    script, plan = compile_greenplum(path, "m")
    server = f"export_model_{plan.version[:32]}_0"
    query(bob, f"create server {server} foreign data wrapper export_model_weights")
    said = f'foreign server "{server}", where weights .* belongs to role "{roles[1]}"'
    for dsn in (ada, stub.dsn):
        with pytest.raises(DatabaseError, match=rf"{said}\n.*drop server {server} cascade;"):
            deploy(script, dsn)
    query(stub.dsn, f"drop server {server} cascade")
    deploy(script, ada)
    assert verify(ada, "m").is_ok
    owners = "select distinct srvowner::regrole::text, srvoptions from pg_foreign_server"
    assert query(stub.dsn, owners) == [(roles[0], ["model=m"])]
    # Under a name of hers that holds nothing, it is in nobody's way.
    query(bob, f"create server {server[:-1]}9 foreign data wrapper export_model_weights")
    deploy_greenplum(bob, path, "his")
    assert [entry.model for entry in list_versions(stub.dsn)] == ["his", "m"]
    drop(stub.dsn, "his")
    drop(ada, "m")
    with pytest.raises(DatabaseError, match="other objects depend on it"):
        uninstall(stub.dsn)
    query(bob, f"drop server {server[:-1]}9")
    uninstall(stub.dsn)
    assert query(stub.dsn, SERVERS) == [(0,)]


def test_what_a_deployer_lacks_is_named(
    stub: Database, roles: tuple[str, str], tmp_path: Path
) -> None:
    ada, group = stub.dsn_of(roles[0]), "gp_test_group"
    script, _ = compile_greenplum(
        write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"]), "m"
    )
    for right, finding in (
        ("foreign data wrapper export_model_weights", f"rights of {group}"),
        ("language plpgsql", f"As a superuser run: grant usage on language plpgsql to {group};"),
    ):
        query(stub.dsn, f"revoke usage on {right} from {group}, public")
        (check,) = [check for check in examine(ada) if check.name == "PL/Python"]
        assert check.level == "fail"
        assert f"grant usage on {right} to {roles[0]};" in check.advice
        with pytest.raises(DatabaseError, match=finding):
            deploy(script, ada)
        install(for_postgres(compile_registry(group)), stub.dsn)
    assert [check.level for check in examine(ada) if check.name == "PL/Python"] == ["ok"]
    query(stub.dsn, "grant usage on language plpgsql to public")


def test_a_dump_may_sort_options(stub: Database, tmp_path: Path) -> None:
    plan = deploy_greenplum(stub.dsn, write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"]), "m")
    server = f"export_model_{plan.version[:32]}_plan"
    ((options,),) = query(
        stub.dsn, "select umoptions from pg_user_mappings where srvname = %s", (server,)
    )
    query(stub.dsn, f"drop user mapping for public server {server}")
    sorted_options = ", ".join(
        "{} '{}'".format(name, value.replace("'", "''"))
        for name, _, value in (option.partition("=") for option in sorted(options))
    )
    assert not sorted_options.startswith("runtime")
    query(stub.dsn, f"create user mapping for public server {server} options ({sorted_options})")
    assert query(stub.dsn, "select m.score('{1,2,3}') is not null") == [(True,)]


def test_wrong_scores_end_the_deployment_and_name_the_place(stub: Database, tmp_path: Path) -> None:
    script, _ = compile_greenplum(write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"]), "m")
    wrong = r"(true, 0, '[^']*', )'[^']*'", r"\1'{0.25,0.75}'"
    statements = [replace(s, sql=Sql(re.sub(*wrong, s.sql))) for s in script.statements]
    assert statements != list(script.statements)
    with pytest.raises(DatabaseError, match=r"(segment 0|the coordinator) scores"):
        deploy(replace(script, statements=tuple(statements)), stub.dsn)
    assert query(stub.dsn, SERVERS) == [(0,)]


def test_a_fault_only_in_batches_ends_the_deployment(stub: Database, tmp_path: Path) -> None:
    script, _ = compile_greenplum(write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"]), "m")
    with pytest.raises(DatabaseError, match="the coordinator scores"):
        deploy(with_wrong_batches(script), stub.dsn)


def test_a_segment_that_scores_nothing_ends_the_deployment(stub: Database, tmp_path: Path) -> None:
    query(stub.dsn, "insert into gp_segment_configuration values (1, 'p', 'u', 'here', 3)")
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    with pytest.raises(DatabaseError, match="could be scored on segment 1"):
        deploy_greenplum(stub.dsn, path, "m")


def test_a_segment_that_is_down_ends_the_deployment(stub: Database, tmp_path: Path) -> None:
    query(stub.dsn, "update gp_segment_configuration set status = 'd' where content = 0")
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    with pytest.raises(DatabaseError, match=r"segments are down: 0 \(here:2\)"):
        deploy_greenplum(stub.dsn, path, "m")
    (check,) = [check for check in examine(stub.dsn) if check.name == "server"]
    assert check.level == "fail"
    assert "segments down: 0 (here:2)" in check.finding


def test_the_wrong_kind_of_server_is_told(database: Database, tmp_path: Path) -> None:
    if databases.TARGET == "greenplum":
        pytest.skip("needs a PostgreSQL")
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    with pytest.raises(DatabaseError, match="not Greenplum"):
        deploy_greenplum(database.dsn, path, "m")
    query(database.dsn, STUB)
    postgres, _ = compile_model(path, "m", target="postgres")
    with pytest.raises(DatabaseError, match="this server is Greenplum"):
        deploy(postgres, database.dsn)
    with pytest.raises(DatabaseError, match="this script is for Greenplum 6"):
        deploy_greenplum(database.dsn, path, "m", generation=6)


def test_a_script_for_greenplum_6_works_where_it_can_be_run(stub: Database, tmp_path: Path) -> None:
    """There is no Greenplum 6 here: its templates run on PostgreSQL 15, in its spelling of 9.4."""
    path = write_sequential(tmp_path / "m.h5", [3, 600, 600, 1], ["relu", "relu", "sigmoid"])
    script, plan = compile_greenplum(path, "m", features=["a", "b", "c"], generation=6)
    text = "".join(statement.sql for statement in script.statements).lower()
    for word in ("parallel safe", "routine", "create procedure", "on conflict", "user mapping"):
        assert word not in text, word
    statements = tuple(s for s in script.statements if s.name != "check the server")
    before = query(stub.dsn, "select count(*) from pg_proc")
    deploy(replace(script, statements=statements), stub.dsn)
    query(stub.dsn, "truncate export_model.chunks, export_model.versions")
    wanted = expected(plan, np.array([[1, 2, 3]]))[0].ravel()
    assert query(stub.dsn, "select m.score(1, 2, 3)") == [(pytest.approx(wanted[0], abs=1e-6),)]
    sql = "select (m.score_batch(array[7], m.pack(1, 2, 3))).*"
    assert query(stub.dsn, sql) == [(7, pytest.approx(wanted[0], abs=1e-6))]
    query(stub.dsn, f"drop function m.weights_{plan.version[:12]}_1()")
    with pytest.raises(psycopg2.Error, match="1 of 2 chunks of weights are there"):
        query(stub.dsn, "select m.score(1, 2, 3)")
    drop(stub.dsn, "m")
    deploy(replace(script, statements=statements), stub.dsn)
    assert query(stub.dsn, "select m.score(1, 2, 3) is not null") == [(True,)]
    drop(stub.dsn, "m")
    assert query(stub.dsn, "select count(*) from pg_proc") == before


@pytest.mark.parametrize("generation", [6, 7])
def test_words_that_a_server_spells_otherwise_stay_as_they_are_in_what_users_say(
    tmp_path: Path, generation: int
) -> None:
    labels = ["no", "is parallel safe now", "'drop routine x"]
    path = write_sequential(tmp_path / "m.h5", [3, 3], ["softmax"])
    script, plan = compile_greenplum(path, "m", labels=labels, generation=generation)
    text = str(script)
    assert "is parallel safe now" in plan.text
    assert literal(plan.text) in text


def test_names_that_belong_to_greenplum_are_refused(tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    with pytest.raises(SignatureError, match="belongs to Greenplum"):
        compile_greenplum(path, "gp_model")


def test_batches_tables_and_scores_that_are_kept(stub: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"])
    plan = deploy_greenplum(stub.dsn, path, "m", features=["a", "b", "c"])
    query(
        stub.dsn,
        "create table t as select g as id, sin(g) as a, g % 7 as b, (g % 5)::numeric as c"
        " from generate_series(1, 5000) g",
    )
    rows = query(stub.dsn, "select id, a, b, c from t order by id")
    wanted = expected(plan, np.array([row[1:] for row in rows], float))[0].ravel().tolist()
    forms = (
        "select (m.score_batch(array_agg(id), string_agg(m.pack(a, b, c), ''))).*"
        " from t group by id / 700",
        "select (m.score_stack(m.stack_rows((id, array[a, b, c]::real[])))).* from t"
        " group by id / 700",
        "select key::integer, score from m.score_table('t', 'id')",
        "select key::integer, score from m.score_table('select * from public.t', 'id')",
    )
    for sql in forms:
        got = dict(query(stub.dsn, sql))
        assert [got[row[0]] for row in rows] == pytest.approx(wanted, abs=1e-6)
        assert len(got) == len(rows)
    with pytest.raises(DatabaseError, match="segments at once, in one statement; 2 jobs"):
        score(stub.dsn, "m", "t", "id", "kept", jobs=2)
    assert score(stub.dsn, "m", "t", "id", "kept").rows == 5000
    assert score(stub.dsn, "m", "t", "id", "kept").rows == 0
    query(stub.dsn, "delete from kept where key <= 30")
    connection = psycopg2.connect(stub.dsn)
    connection.autocommit = True
    connection.cursor().execute("call m.score_into('t', 'id', 'kept')")
    assert "30 rows scored" in connection.notices[-1]
    connection.close()
    kept = query(stub.dsn, "select score from kept order by key")
    assert [row[0] for row in kept] == pytest.approx(wanted, abs=1e-6)


DOUBLES = "select 7 as id, g as a, 1 as b, 2 as c from generate_series(1, 2) g"
NULLS = "select nullif(g, 2) as id, g as a, 1 as b, 2 as c from generate_series(1, 3) g"


@pytest.mark.parametrize(
    ("source", "found"), [(DOUBLES, "2 rows where it is 7"), (NULLS, "1 row where it is NULL")]
)
def test_a_target_proves_the_key_and_nothing_is_left_of_a_run_that_it_ends(
    stub: Database, tmp_path: Path, source: str, found: str
) -> None:
    """Else all keys are read beforehand: for a target that takes NULL, holds scores of the version,
    or is filled in several transactions."""
    path = write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"])
    deploy_greenplum(stub.dsn, path, "m", features=["a", "b", "c"])
    query(
        stub.dsn,
        "create table loose (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, unique (key, model_version))",
    )
    connection = psycopg2.connect(stub.dsn)
    connection.autocommit = True

    def runs(source: str, target: str) -> None:
        connection.cursor().execute("call m.score_into(%s, 'id', %s)", (source, target))

    def fails(target: str, inserts: bool) -> None:
        with pytest.raises(psycopg2.Error, match=f'column "id" is no key.*{found}') as caught:
            runs(source, target)
        assert ("score_part" in str(caught.value)) == inserts

    fails("made", True)
    with pytest.raises(DatabaseError, match=f'column "id" is no key.*{found}'):
        score(stub.dsn, "m", source, "id", "made")
    assert query(stub.dsn, "select to_regclass('made')") == [(None,)]
    fails("loose", False)
    runs("select 1 as id, 1 as a, 1 as b, 1 as c", "made")
    fails("made", False)
    query(stub.dsn, "truncate made")
    fails("made", True)
    query(
        stub.dsn,
        "create or replace function export_model.count_parts(p_job jsonb) returns integer"
        " language sql as 'select 2'",
    )
    fails("made", False)
    assert query(stub.dsn, "select key from made union all select key from loose") == []
    connection.close()


def test_targets_are_refused_as_in_postgresql(stub: Database, tmp_path: Path) -> None:
    """A key that is too long at its row, code of others, what goes with a session."""
    path = write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"])
    deploy_greenplum(stub.dsn, path, "m", features=["a", "b", "c"])
    query(
        stub.dsn,
        "do $$ begin create role clerk login; exception when duplicate_object then end $$;"
        "create schema desk authorization clerk; set role clerk; create table desk.scores"
        " (key text, score real, label text, model_version text, scored_at timestamptz not null,"
        " primary key (key, model_version)); create rule r as on insert to desk.scores do also"
        " select 1; reset role",
    )
    abc = "1 as a, 1 as b, 1 as c"
    long = f"select string_agg(md5(g::text), '') as id, {abc} from generate_series(1, 90) g"
    for source, target, words in [
        (long, "kept", r'the key "c4ca4238.*" is too long: it has 2880 bytes'),
        (f"select '1'::text as id, {abc}", "desk.scores", "rule r on desk.scores"),
        (f"select 1 as id, {abc}", "pg_temp.x", "is a temporary table"),
    ]:
        with pytest.raises(DatabaseError, match=words):
            score(stub.dsn, "m", source, "id", target)
    assert query(stub.dsn, "select to_regclass('kept')") == [(None,)]
    query(stub.dsn, "drop owned by clerk cascade")


def test_doctor_names_the_places(stub: Database) -> None:
    names = [check.name for check in examine(stub.dsn)]
    assert "Python on coordinator and 1 segment" in names
    assert "numpy on coordinator and 1 segment" in names
