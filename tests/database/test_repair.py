"""A model's functions made again from the registry alone: no file of the model is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import databases
import numpy as np
import psycopg2
import pytest
from databases import TARGET, Database, make_database

import exporter
from database.mixed import mixed_graph
from database.networks import (
    deploy_graph,
    deploy_model,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)
from database.test_columns import fill
from database.test_deployment import dump, run_psql
from exporter.databases import DATABASES
from exporter.databases.postgres.repairing import read_champion
from exporter.engines.reference import evaluate
from exporter.errors import DatabaseError

OPTIONS: dict[str, dict[str, Any]] = {
    "fraud": {
        "features": ["a", "b", "c"],
        "feature_table": ("public", "cards"),
        "labels": ["good", "bad"],
        "threshold": 0.4,
    },
    "words": {"features": ["one", "other"]},
}
SCORES = """
select id, fraud.score(a, b, c), fraud.label(cards),
  (two.score(array[a, b, c], array[a, b, c, a])).two,
  {words}plain.score(array[a, b]) from cards order by id
"""
HELPERS = {"plpython": "load, export_model.array_bytes", "pgvector": "vector_row"}


def models() -> tuple[str, ...]:
    """Those that are deployed; pgvector refuses arrays of texts."""
    every = ("fraud", "two", "words", "plain")
    return tuple(name for name in every if name != "words" or databases.ENGINE == "plpython")


def scores_of(dsn: str) -> list[tuple[Any, ...]]:
    """What all of them give."""
    words = "words.score('ja', 'größer'), " if "words" in models() else ""
    return query(dsn, SCORES.format(words=words))


ALTERED = "plan or weights of version .* are not what they were"


@pytest.fixture(scope="module")
def whole(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with models of several kinds, whose files are gone."""
    with make_database(server, "repair_whole", template):
        dsn = server.dsn("repair_whole")
        query(dsn, "create table cards (id integer, a real, b real, c real)")
        query(dsn, "insert into cards select g, sin(g), cos(g), g from generate_series(1, 5) g")
        folder = tmp_path_factory.mktemp("repair")
        files = {
            "fraud": write_sequential(folder / "f.h5", [3, 4, 1], ["relu", "sigmoid"]),
            "two": write_two_by_two(folder / "t.h5"),
            "words": write_words(folder / "w.h5", ["ja", "größer"], 2),
            "plain": write_sequential(folder / "p.h5", [2, 3], ["softmax"]),
        }
        for name in models():
            deploy_model(dsn, files[name], name, **OPTIONS.get(name, {}))
            files[name].unlink()
        yield "repair_whole"


@pytest.fixture
def deployed(server: Any, whole: str) -> Iterator[Database]:
    """A copy of it."""
    with make_database(server, "repaired", whole):
        yield Database(server, "repaired")


def rows_of(database: Database) -> list[str]:
    """Everything in it, in no order: samples are written anew."""
    return sorted(dump(database).splitlines())


def drop_functions(dsn: str, model: str) -> None:
    """All that users call of a model, and all that those functions call."""
    query(
        dsn,
        "do $$ declare f regprocedure; begin for f in select p.oid from pg_proc p"
        f" where p.pronamespace = '{model}'::regnamespace loop"
        " execute 'drop routine ' || f || ' cascade'; end loop; end $$",
    )


def test_dropped_functions_come_back_from_the_registry_alone(deployed: Database) -> None:
    dsn = deployed.dsn
    scores, before = scores_of(dsn), rows_of(deployed)
    for model in models():
        drop_functions(dsn, model)
        with pytest.raises(psycopg2.errors.UndefinedFunction):
            scores_of(dsn)
        assert not exporter.verify(dsn, model).is_ok
        repaired = exporter.repair(dsn, model)
        assert repaired.was_there
        assert repaired.differences
        assert exporter.verify(dsn, model).is_ok
    assert scores_of(dsn) == scores
    assert rows_of(deployed) == before
    assert exporter.repair(dsn, "fraud").differences == ()


def test_functions_that_were_renamed_or_moved_get_their_names_back(deployed: Database) -> None:
    """Views go with them, so that functions made anew beside them would be needed by nobody."""
    dsn = deployed.dsn
    query(
        dsn,
        "create view seen as select plain.score(array[a, b]), fraud.label(x) from cards x;"
        "alter function plain.score(real[]) rename to old_score; create schema attic;"
        "alter function fraud.label(cards) rename to old_label;"
        "alter function fraud.old_label(cards) set schema attic",
    )
    for model in ("plain", "fraud"):
        assert not exporter.verify(dsn, model).is_ok
        assert exporter.repair(dsn, model).differences
        assert exporter.verify(dsn, model).is_ok
    ((definition,),) = query(dsn, "select pg_get_viewdef('seen')")
    assert "plain.score(" in definition
    assert "fraud.label(" in definition
    query(dsn, "drop view seen; drop schema attic")


def test_models_of_typed_columns_come_back_with_their_samples(database: Database) -> None:
    """Their rows are kept as texts: numbers to the last bit, dates, moments, what is missing."""
    dsn = database.dsn
    fill(dsn)
    deploy_graph(
        dsn, mixed_graph(), "churn", samples=40, labels=["stays", "leaves"],
        feature_table=("public", "customers"),
    )  # fmt: skip
    scores = "select id, churn.score(c), churn.label(c) from customers c order by id"
    wanted, before = query(dsn, scores), rows_of(database)
    drop_functions(dsn, "churn")
    assert exporter.repair(dsn, "churn").differences
    assert exporter.verify(dsn, "churn").is_ok
    assert str(query(dsn, scores)) == str(wanted), "a NaN is not equal to itself"
    assert rows_of(database) == before


def test_the_registrys_helpers_come_back_too(deployed: Database) -> None:
    scores = scores_of(deployed.dsn)
    query(deployed.dsn, f"drop function export_model.{HELPERS[databases.ENGINE]} cascade")
    query(deployed.dsn, "delete from export_model.tensors")
    exporter.repair(deployed.dsn, "two")
    assert scores_of(deployed.dsn) == scores


def test_a_script_of_what_is_stored_is_the_script_of_the_file(
    deployed: Database, tmp_path: Path
) -> None:
    """Samples and all: what is read back is what was written."""
    target = DATABASES[TARGET]
    options = {"engine": databases.ENGINE} if TARGET == "postgres" else {}
    for model in models():
        stored = read_champion(deployed.dsn, model)
        path = tmp_path / "again.sql"
        path.write_text(
            str(target.compile(stored.manifest, stored.block, stored.samples, **options)),
            encoding="utf-8",
        )
        before = rows_of(deployed)
        done = run_psql(deployed, path)
        assert (done.returncode, done.stderr) == (0, "")
        assert rows_of(deployed) == before
        plan = stored.manifest.restore_plan(stored.block)
        outputs = evaluate(plan, list(stored.samples.inputs))
        for found, wanted in zip(outputs, stored.samples.outputs, strict=True):
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("delete from export_model.samples", "sample rows of model"),
        (
            "update export_model.chunks set data = set_byte(data, 3, get_byte(data, 3) # 1)",
            ALTERED,
        ),
        ("delete from export_model.chunks", ALTERED),
        (
            "update export_model.versions set manifest = '{}'",
            "a manifest in the registry cannot be",
        ),
        (
            "update export_model.versions set plan = replace(plan, 'relu', 'tanh')",
            ALTERED,
        ),
        ("update export_model.versions set database = 'other'", "was deployed for target other"),
        ("delete from export_model.versions", "has no current version"),
    ],
)
def test_a_damaged_registry_says_that_the_file_is_needed(
    deployed: Database, damage: str, message: str
) -> None:
    query(deployed.dsn, damage)
    before = rows_of(deployed)
    with pytest.raises(DatabaseError, match=message) as caught:
        exporter.repair(deployed.dsn, "fraud")
    assert "file again" in str(caught.value)
    assert rows_of(deployed) == before


def test_rows_of_another_target_are_refused_and_named(deployed: Database, tmp_path: Path) -> None:
    query(deployed.dsn, "update export_model.versions set database = 'other'")
    path = write_sequential(tmp_path / "new.h5", [3, 1], ["sigmoid"])
    with pytest.raises(DatabaseError, match="the registry holds models for target other"):
        deploy_model(deployed.dsn, path, "new")
    assert "was deployed for target other" in str(exporter.verify(deployed.dsn, "fraud"))


def test_an_unknown_model(deployed: Database) -> None:
    with pytest.raises(DatabaseError, match=r'there is no model "nobody" in this database. See: '):
        exporter.repair(deployed.dsn, "nobody")
    name = max(entry.model for entry in exporter.models(deployed.dsn))
    with pytest.raises(DatabaseError, match=f'Did you mean "{name}"\\?'):
        exporter.verify(deployed.dsn, f"{name}_")
    with pytest.raises(DatabaseError, match=f'Did you mean "{name}"\\?'):
        exporter.drop(deployed.dsn, f"{name}_")
    with pytest.raises(DatabaseError, match=f'Did you mean "{name}"\\?'):
        exporter.score_table(deployed.dsn, f"{name}_", "cards", key="id", into="scores")
