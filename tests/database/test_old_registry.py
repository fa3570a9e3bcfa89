"""Registries of formats 1 and 2, as earlier programs left them: all verbs read them, deployments
move them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from data.make_registry import EXPECTED, OPTIONS, write_models
from databases import Database, log_in, make_database
from footprints import footprint_of

import exporter
from database.networks import ask, compile_model, deploy_model, query, write_sequential
from database.test_deployment import run_psql
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.shared import MOVED, REGISTRY_COMMENT
from exporter.databases.postgres.verify import verify
from exporter.databases.results import Check
from exporter.errors import DatabaseError
from exporter.manifest import Manifest
from exporter.sql.script import Script, Statement
from exporter.sql.text import Sql

STORED = Path(__file__).parents[1] / "data"
MODELS = ("fraud", "plain", "two", "words")
FORMAT = "select obj_description('export_model'::regnamespace, 'pg_namespace')"
VERSIONS = "select version, model, plan, graph_digest, deployed_at from export_model.versions"


NUMBERS = (
    "select model, number, version = current_version, owner = current_user, last_number"
    " from export_model.versions join export_model.models on name = model order by 1, 2"
)


@pytest.fixture
def old(server: Any, restored: dict[int, str]) -> Iterator[Database]:
    """The stored registry of format 1 in a database of its own."""
    with make_database(server, "old", restored[1]):
        yield Database(server, "old")


@pytest.fixture
def newer(server: Any, restored: dict[int, str]) -> Iterator[Database]:
    """That of format 2."""
    with make_database(server, "newer", restored[2]):
        yield Database(server, "newer")


@pytest.fixture(params=[1, 2])
def each(
    server: Any, restored: dict[int, str], request: pytest.FixtureRequest
) -> Iterator[Database]:
    """That of each format."""
    with make_database(server, "old", restored[request.param]):
        yield Database(server, "old")


@pytest.fixture(scope="module")
def restored(server: Any, template: str) -> Iterator[dict[int, str]]:
    """Databases with the stored registry of each format, to be copied."""
    with (
        make_database(server, "restored_1", template),
        make_database(server, "restored_2", template),
    ):
        for number in (1, 2):
            database = Database(server, f"restored_{number}")
            query(
                database.dsn,
                "do $$ begin create role clerk login; exception when duplicate_object then end $$",
            )
            done = run_psql(database, STORED / f"registry_{number}.sql")
            assert done.returncode == 0, done.stderr
        yield {1: "restored_1", 2: "restored_2"}


def are_ok(dsn: str, *more: str) -> bool:
    """Whether the stored models, and more, are verified, in one session."""
    with closing(log_in(dsn)) as session:
        return all(verify(session, model).is_ok for model in (*MODELS, *more))


def drop_all(dsn: str, *more: str) -> None:
    """Drop them in one session."""
    with closing(log_in(dsn)) as session:
        for model in (*MODELS, *more):
            drop(session, model)
        session.commit()


def numbers(dsn: str, sql: str = "table expected") -> list[tuple[Any, ...]]:
    """Rows with all floats as they are shown; a new session scores the same, says verify."""
    return sorted(ask(dsn, sql), key=lambda row: row[0])


def registry_check(dsn: str) -> Check:
    """What doctor says of the registry as a whole."""
    return next(check for check in examine(dsn) if check.name == "registry")


def write_new(tmp_path: Path) -> Path:
    """A model that the stored registry does not hold."""
    return write_sequential(tmp_path / "new.h5", [3, 1], ["sigmoid"], seed=9)


def test_everything_that_reads_works_before_anything_is_deployed(each: Database) -> None:
    old = each
    before = footprint_of(old)
    entries = list_versions(old.dsn)
    assert {entry.model for entry in entries} == set(MODELS)
    assert {(entry.format, entry.format_version) for entry in entries} == {
        ("keras", "2.2.4"),
        ("keras", "2.4.0"),
    }
    assert len(entries) == len(MODELS) + 1  # two versions of fraud
    assert {e.state for e in entries if e.is_current} == {"ok, made by another export-model"}
    assert are_ok(old.dsn)
    assert numbers(old.dsn, EXPECTED) == numbers(old.dsn) == numbers(old.dsn, "table watched")
    assert exporter.score_table(old.dsn, "fraud", "cards", key="id", into="scores").rows == 0
    check = registry_check(old.dsn)
    assert check.level == "old"
    assert "the next deployment of any model moves it to format 3" in check.advice
    assert not [check for check in examine(old.dsn) if check.level == "fail"]
    assert footprint_of(old) == before


def test_repairing_says_what_to_do_first(old: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"format 1, which holds no manifests\. Deploy any"):
        exporter.repair(old.dsn, "two")
    deploy_model(old.dsn, write_new(tmp_path), "fresh")
    query(old.dsn, "drop view watched; drop function two.score(real[], real[])")
    exporter.repair(old.dsn, "two")
    assert verify(old.dsn, "two").is_ok
    assert numbers(old.dsn, EXPECTED) == numbers(old.dsn)


def test_models_can_be_dropped_from_it(each: Database) -> None:
    old = each
    query(old.dsn, "drop view watched")
    drop_all(old.dsn)
    assert query(old.dsn, "select 1 from pg_namespace where nspname = 'export_model'") == []


def test_a_deployment_moves_it_and_its_models_stay_what_they_are(
    each: Database, tmp_path: Path
) -> None:
    old = each
    view = "create view mine as select model, %s from export_model.overview"
    has_manifests = query(old.dsn, FORMAT) != [("export-model registry, format 1",)]
    query(old.dsn, view % ("format_version" if has_manifests else "keras_version"))
    rows, mine = numbers(old.dsn, VERSIONS), query(old.dsn, "table mine")
    scored = numbers(old.dsn, "table scores")
    functions = (
        "select oid, prosrc, proacl::text from pg_proc where pronamespace = %s::regnamespace"
        " order by oid"
    )
    there = {model: query(old.dsn, functions, (model,)) for model in MODELS}
    deploy_model(old.dsn, write_new(tmp_path), "fresh")

    assert query(old.dsn, FORMAT) == [(REGISTRY_COMMENT,)]
    assert [row for row in numbers(old.dsn, VERSIONS) if row[1] != "fresh"] == rows
    assert {model: query(old.dsn, functions, (model,)) for model in MODELS} == there
    assert sorted(query(old.dsn, "table mine")) == sorted([("fresh", "2.2.4"), *mine])
    assert numbers(old.dsn, EXPECTED) == numbers(old.dsn) == numbers(old.dsn, "table watched")
    assert are_ok(old.dsn, "fresh")
    assert exporter.score_table(old.dsn, "fraud", "cards", key="id", into="scores").rows == 0
    assert numbers(old.dsn, "table scores") == scored
    of_clerk = query(old.dsn_of("clerk"), "select fraud.label(cards) from cards order by id")
    assert of_clerk == query(old.dsn, "select label from expected order by id")
    assert registry_check(old.dsn).level == "ok"
    found = {(e.format, e.is_current) for e in list_versions(old.dsn)}
    assert found == {("keras", True), ("keras", False)}
    overview = "select distinct database, engine, format from export_model.overview"
    assert query(old.dsn, overview) == [("postgres", "plpython", "keras")]
    assert query(old.dsn, NUMBERS) == [
        ("fraud", 1, False, True, 2),
        ("fraud", 2, True, True, 2),
        *((model, 1, True, True, 1) for model in ("fresh", "plain", "two", "words")),
    ]

    query(old.dsn, "drop view watched, mine")
    drop_all(old.dsn, "fresh")
    assert query(old.dsn, "select 1 from pg_namespace where nspname = 'export_model'") == []


def test_upgrade_moves_it_without_a_deployment(each: Database) -> None:
    before = numbers(each.dsn)
    number = int(query(each.dsn, FORMAT)[0][0][-1])
    done = exporter.upgrade(each.dsn)
    assert (done.before, exporter.upgrade(each.dsn).before) == (number, 3)
    states = [entry.state for entry in list_versions(each.dsn) if entry.is_current]
    assert states == ["ok, made by another export-model"] * len(MODELS)
    assert done.older == MODELS
    assert str(done).count("export-model repair --name") == len(MODELS)
    assert query(each.dsn, FORMAT) == [(REGISTRY_COMMENT,)]
    assert registry_check(each.dsn).level == "ok"
    assert numbers(each.dsn, EXPECTED) == numbers(each.dsn) == before
    assert are_ok(each.dsn)
    assert [entry.number for entry in exporter.versions(each.dsn, "fraud")] == [2, 1]
    entries = exporter.journal(each.dsn, "fraud")
    assert [(e.action, e.from_number, e.to_number) for e in entries] == [
        ("deploy", None, 1), ("deploy", 1, 2),
    ]  # fmt: skip
    assert all(e.because == MOVED for e in exporter.journal(each.dsn))
    exporter.repair(each.dsn, "plain")
    assert exporter.upgrade(each.dsn).older == ("fraud", "two", "words")
    assert exporter.rollback(each.dsn, "fraud").to_number == 1
    assert exporter.promote(each.dsn, "fraud", 2).to_number == 2
    assert numbers(each.dsn, EXPECTED) == before


def test_the_journal_of_a_moved_registry_ends_with_its_champion(newer: Database) -> None:
    """An earlier program switched back by deploying the older file again, and noted nothing."""
    dsn = newer.dsn
    query(
        dsn,
        "update export_model.models m set current_version = (select v.version from"
        " export_model.versions v where v.model = m.name order by v.deployed_at limit 1)",
    )
    exporter.upgrade(dsn)
    entries = exporter.journal(dsn, "fraud")
    assert [(e.from_number, e.to_number) for e in entries] == [(None, 1), (1, 2), (2, 1)]
    assert exporter.rollback(dsn, "fraud").to_number == 2


def test_manifests_of_moved_versions_are_enough_for_their_weights(
    old: Database, tmp_path: Path
) -> None:
    deploy_model(old.dsn, write_new(tmp_path), "fresh")
    rows = query(
        old.dsn,
        "select v.manifest, v.plan, v.version, v.source_file, v.tolerance, (select"
        " coalesce(string_agg(c.data, ''::bytea order by c.chunk), '') from export_model.chunks c"
        " where c.version = v.version) from export_model.versions v",
    )
    assert len(rows) == len(MODELS) + 2
    for text, plan, version, source, tolerance, block in rows:
        manifest = Manifest.from_json(text, plan)
        assert manifest.restore_plan(bytes(block)).version == version
        assert manifest.restore_graph(bytes(block)).digest == manifest.graph_digest
        assert (manifest.version, manifest.source.file_name) == (version, source)
        assert manifest.tolerance == tolerance
        assert (manifest.layers is None) is (manifest.name != "fresh")


def test_the_same_file_gives_the_same_version_and_completes_the_manifest(
    old: Database, tmp_path: Path
) -> None:
    rows = numbers(old.dsn, VERSIONS)
    files = write_models(tmp_path)
    for model in MODELS:
        script, _ = compile_model(files[model], model, **OPTIONS.get(model, {}))
        assert deploy(script, old.dsn).was_there
        ((text,),) = query(
            old.dsn,
            "select manifest from export_model.versions v"
            " join export_model.models m on m.current_version = v.version where m.name = %s",
            (model,),
        )
        assert json.loads(text)["layers"]
    assert numbers(old.dsn, VERSIONS) == rows  # times of deployment too
    assert numbers(old.dsn, EXPECTED) == numbers(old.dsn)
    states = {e.model: e.state for e in list_versions(old.dsn) if e.is_current}
    assert {states[model] for model in MODELS if model != "fraud"} == {"ok"}
    assert states["fraud"] == "ok, made by another export-model"  # its version before is


def test_names_that_an_earlier_program_gave_stay_with_the_views_on_them(
    newer: Database, tmp_path: Path
) -> None:
    """dense_0_input was the name in functions of plain, which the view watched needs; now it would
    be dense_input, and PostgreSQL gives a function that is there no other names."""
    dsn = newer.dsn
    names = (
        "select distinct proname::text, pg_get_function_arguments(oid) from pg_proc"
        " where pronamespace = %s::regnamespace and proname in ('score', 'pack') order by 1"
    )
    there = [("pack", "dense_0_input real[]"), ("score", "dense_0_input real[]")]
    assert query(dsn, names, ("plain",)) == there
    before = numbers(dsn)
    sizes, kinds = [2, 3, 1], ["tanh", "linear"]
    again = write_sequential(tmp_path / "again.h5", sizes, kinds, seed=8, first=7)
    for model in ("plain", "fresh"):
        deploy_model(dsn, again, model)
    assert query(dsn, names, ("plain",)) == there
    assert {arguments for _, arguments in query(dsn, names, ("fresh",))} == {"dense_input real[]"}
    assert numbers(dsn, EXPECTED) == numbers(dsn, "table watched") != before
    assert exporter.promote(dsn, "plain", 1).changes == ()
    assert exporter.alias(dsn, "plain", "other", 2).changes == ()
    assert numbers(dsn, EXPECTED) == numbers(dsn, "table watched") == before
    other = write_sequential(tmp_path / "other.h5", [2, 2], ["softmax"], seed=8)
    with pytest.raises(DatabaseError, match="view public"):
        deploy_model(dsn, other, "plain")


def with_statement(script: Script, after: str, name: str, sql: str) -> Script:
    """The script with one more statement behind another."""
    statements = list(script.statements)
    place = [statement.name for statement in statements].index(after)
    statements.insert(place + 1, Statement(name, Sql(sql)))
    return replace(script, statements=tuple(statements))


def test_a_move_that_fails_half_way_leaves_it_as_it_was(each: Database, tmp_path: Path) -> None:
    old = each
    before = footprint_of(old)
    script, _ = compile_model(write_new(tmp_path), "fresh")
    names = [statement.name for statement in script.statements]
    for name in ("registry: bring it to this format", names[-1]):
        broken = with_statement(script, name, "fail", "select 1 / 0")
        with pytest.raises(DatabaseError, match="division by zero"):
            deploy(broken, old.dsn)
        assert footprint_of(old) == before
    deploy(script, old.dsn)
    assert query(old.dsn, FORMAT) == [(REGISTRY_COMMENT,)]


def test_two_deployments_at_once_move_it_once(old: Database, tmp_path: Path) -> None:
    scripts = [
        compile_model(write_sequential(tmp_path / f"{n}.h5", [3, 1], ["sigmoid"], seed=n), f"m{n}")
        for n in (1, 2, 3)
    ]
    failures: list[Exception] = []

    def run(script: Script) -> None:
        try:
            deploy(script, old.dsn)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(script,)) for script, _ in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert query(old.dsn, FORMAT) == [(REGISTRY_COMMENT,)]
    assert are_ok(old.dsn, "m1", "m2", "m3")


def test_sessions_that_score_are_waited_for_and_named(old: Database, tmp_path: Path) -> None:
    script, _ = compile_model(write_new(tmp_path), "fresh")
    impatient = replace(
        script,
        statements=tuple(
            Statement(s.name, Sql(s.sql.replace("'15s'", "'200ms'"))) for s in script.statements
        ),
    )
    before = footprint_of(old)
    connection = psycopg2.connect(old.dsn)
    connection.cursor().execute("select fraud.score(1, 2, 3)")
    with pytest.raises(DatabaseError, match=r"sessions are using it\s+Deploy again when"):
        deploy(impatient, old.dsn)
    assert footprint_of(old) == before
    connection.close()
    deploy(impatient, old.dsn)


def test_a_damaged_one_is_moved_and_mended(old: Database, tmp_path: Path) -> None:
    """What is missing is made in the new form; what is there is moved."""
    query(old.dsn, "drop view export_model.overview; drop table export_model.objects")
    deploy_model(old.dsn, write_new(tmp_path), "fresh")
    assert query(old.dsn, FORMAT) == [(REGISTRY_COMMENT,)]
    assert verify(old.dsn, "fresh").is_ok
    query(old.dsn, "drop table export_model.versions cascade")
    query(old.dsn, "comment on schema export_model is 'export-model registry, format 1'")
    deploy_model(old.dsn, write_new(tmp_path), "fresh")
    assert query(old.dsn, FORMAT) == [(REGISTRY_COMMENT,)]
    assert verify(old.dsn, "fresh").is_ok


NEWER = "the registry has format 4, which a newer export-model made; this one knows 3"


def test_what_a_newer_program_made_is_left_alone(old: Database, tmp_path: Path) -> None:
    query(old.dsn, "comment on schema export_model is 'export-model registry, format 4'")
    before = footprint_of(old)
    script, _ = compile_model(write_new(tmp_path), "fresh")
    for call in (
        lambda: deploy(script, old.dsn),
        lambda: list_versions(old.dsn),
        lambda: verify(old.dsn, "fraud"),
        lambda: drop(old.dsn, "fraud"),
        lambda: exporter.score_table(old.dsn, "fraud", "cards", key="id", into="scores"),
    ):
        with pytest.raises(DatabaseError, match=NEWER) as caught:
            call()
        assert "pip install --upgrade export-model" in str(caught.value)
    check = registry_check(old.dsn)
    assert (check.level, "pip install" in check.advice) == ("fail", True)
    assert NEWER in check.finding
    path = tmp_path / "fresh.sql"
    path.write_text(str(script), encoding="utf-8")
    done = run_psql(old, path)
    assert done.returncode != 0
    assert NEWER in done.stderr
    assert "pip install --upgrade export-model" in done.stderr
    assert footprint_of(old) == before
