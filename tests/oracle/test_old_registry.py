"""Registries of earlier formats in Oracle: verbs read them, a deployment moves them, or upgrade,
also in two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from database.networks import compile_model, write_sequential
from plsql.values import Collection

import exporter
from exporter.databases import database_of
from exporter.databases.oracle.registry import REGISTRY_COMMENTS
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.databases.results import Check
from exporter.errors import DatabaseError
from exporter.manifest import Manifest
from oracle.schemas import Schema

STORED = Path(__file__).parents[1] / "data"
SCORE = "select fraud.score(1, -2, 0.5), fraud.score(0, 3, 1) from dual"
COMMENT = "select comments from user_tab_comments where table_name = 'EXPORT_MODEL_VERSIONS'"
KEPT = "version, model, package_name, runtime_name, graph_digest, source_sha256, deployed_at"
MOVE = "registry: bring it to this format"


def stored(interpreter: Schema, number: int) -> Schema:
    """A registry of this format, by the stored script, run as SQL*Plus does."""
    assert interpreter.database is not None
    text = (STORED / f"registry_{number}_oracle.sql").read_text(encoding="utf-8")
    interpreter.database.session().run_script(text)
    return interpreter


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages of earlier programs trim arrays by no element, which the manual leaves open."""
    monkeypatch.setattr(Collection, "takes_zero", True)


@pytest.fixture
def old(interpreter: Schema) -> Schema:
    """A registry of format 1."""
    return stored(interpreter, 1)


def script_of(tmp_path: Path, name: str, seed: int = 1) -> SqlPlusScript:
    """fraud of seed 1 is the stored model."""
    path = write_sequential(tmp_path / f"{name}.h5", [3, 2, 1], ["relu", "sigmoid"], seed=seed)
    script, _ = compile_model(path, name, target="oracle", features=["a", "b", "c"])
    assert isinstance(script, SqlPlusScript)
    return script


def deploy(schema: Schema, script: SqlPlusScript) -> Any:
    """Deploy through a connection."""
    return database_of(schema.dsn).deploy(script, schema.dsn, lambda name: None)


def kept(schema: Schema) -> list[Any]:
    """What of the stored version may not change."""
    return schema.run(f"select {KEPT} from export_model_versions where model = 'fraud'")


def registry_check(schema: Schema) -> Check:
    """What doctor says of the registry."""
    checks = database_of(schema.dsn).examine(schema.dsn)
    return next(check for check in checks if check.name == "registry")


def check_manifest(schema: Schema, model: str) -> None:
    """Fail unless the version's manifest can be read."""
    ((text, plan, version, tolerance, file),) = schema.run(
        "select manifest, plan, version, tolerance, source_file from export_model_versions"
        " where model = :1",
        model,
    )
    manifest = Manifest.from_json(str(text), str(plan))
    assert (manifest.version, manifest.tolerance) == (version, float(tolerance))
    assert (manifest.name, manifest.source.file_name) == (model, file)
    assert (manifest.source.format, manifest.source.format_version) == ("keras", "2.2.4")
    assert manifest.weight_bytes == 4 * (3 * 2 + 2 + 2 + 1)
    assert (manifest.layers is None) is (model == "fraud")


def test_what_reads_works_before_anything_is_deployed(old: Schema) -> None:
    server = database_of(old.dsn)
    (entry,) = server.list_versions(old.dsn)
    assert (entry.model, entry.format, entry.format_version) == ("fraud", "keras", "2.2.4")
    assert server.verify(old.dsn, "fraud").is_ok
    assert registry_check(old).level == "old"
    assert old.run(COMMENT) == [(REGISTRY_COMMENTS[0],)]
    server.drop(old.dsn, "fraud", False)
    assert server.list_versions(old.dsn) == []


@pytest.mark.parametrize("name", ["fresh", "fraud"])
def test_a_deployment_moves_it(old: Schema, tmp_path: Path, name: str) -> None:
    """Of another model, and of the very version that is there."""
    server = database_of(old.dsn)
    rows, scored = kept(old), old.run(SCORE)
    deploy(old, script_of(tmp_path, name))
    assert old.run(COMMENT) == [(REGISTRY_COMMENTS[-1],)]
    assert kept(old) == rows
    assert old.run(SCORE) == scored
    for model in {"fraud", name}:
        assert server.verify(old.dsn, model).is_ok
        check_manifest(old, model)
    assert registry_check(old).level == "ok"
    found = "select distinct database, engine, format from export_model_versions"
    assert old.run(found) == [("oracle", "plsql", "keras")]
    assert deploy(old, script_of(tmp_path, name)).was_there
    for model in {"fraud", name}:
        server.drop(old.dsn, model, False)
    assert old.objects == []


def test_a_move_that_ended_half_way_continues(old: Schema, tmp_path: Path) -> None:
    server = database_of(old.dsn)
    rows, scored = kept(old), old.run(SCORE)
    old.run(  # the first of its steps: DDL commits
        "alter table export_model_versions add (database varchar2(30) default 'oracle' not null,"
        " engine varchar2(30) default 'plsql' not null,"
        " format varchar2(100) default 'keras' not null, manifest clob)"
    )
    assert [entry.format_version for entry in server.list_versions(old.dsn)] == ["2.2.4"]
    assert server.verify(old.dsn, "fraud").is_ok
    deploy(old, script_of(tmp_path, "fresh"))
    assert old.run(COMMENT) == [(REGISTRY_COMMENTS[-1],)]
    assert (kept(old), old.run(SCORE)) == (rows, scored)
    check_manifest(old, "fraud")


@pytest.mark.parametrize("number", [1, 2])
def test_upgrade_moves_it_and_versions_get_numbers(interpreter: Schema, number: int) -> None:
    """Also after a run that ended before each of its statements."""
    old = stored(interpreter, number)
    assert old.database is not None
    rows, scored = kept(old), old.run(SCORE)
    with pytest.raises(DatabaseError, match="export-model upgrade"):
        exporter.promote(old.dsn, "fraud", 1)
    for fault in range(4, 16, 2):  # the first statements ask what it is
        old.database.fail_statement(fault)
        with pytest.raises(DatabaseError, match="Run the same command again"):
            exporter.upgrade(old.dsn)
        assert (kept(old), old.run(SCORE)) == (rows, scored)
    done = exporter.upgrade(old.dsn)
    assert (done.before, done.now) == (number, 3)
    assert (kept(old), old.run(SCORE)) == (rows, scored)
    (entry,) = exporter.versions(old.dsn, "fraud")
    assert (entry.number, entry.aliases) == (1, ("champion",))
    assert list(exporter.journal(old.dsn)) == []
    assert exporter.upgrade(old.dsn).before == 3
    assert not exporter.promote(old.dsn, "fraud", 1).is_changed
    assert registry_check(old).level == "ok"
    exporter.drop(old.dsn, "fraud")
    assert old.objects == []


def test_a_new_registry_and_a_moved_one_have_the_same_columns(old: Schema, tmp_path: Path) -> None:
    deploy(old, script_of(tmp_path, "fresh"))
    columns = (
        "select column_name, data_type from user_tab_columns"
        " where table_name like 'EXPORT_MODEL_%' order by table_name, column_name"
    )
    moved = old.run(columns)
    server = database_of(old.dsn)
    for model in ("fraud", "fresh"):
        server.drop(old.dsn, model, False)
    deploy(old, script_of(tmp_path, "fresh"))
    assert old.run(columns) == moved


def test_what_a_newer_program_made_is_left_alone(old: Schema, tmp_path: Path) -> None:
    old.run("comment on table export_model_versions is 'export-model registry, format 4'")
    server = database_of(old.dsn)
    rows, objects = kept(old), old.objects
    script = script_of(tmp_path, "fresh")
    for call in (
        lambda: deploy(old, script),
        lambda: server.list_versions(old.dsn),
        lambda: server.verify(old.dsn, "fraud"),
        lambda: server.drop(old.dsn, "fraud", False),
    ):
        with pytest.raises(DatabaseError, match="newer export-model") as caught:
            call()
        assert "pip install --upgrade export-model" in str(caught.value)
    assert registry_check(old).level == "fail"
    assert (kept(old), old.objects) == (rows, objects)
