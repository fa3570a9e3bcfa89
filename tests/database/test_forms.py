"""Every form of scoring, from deployment to drop: what `make versions` asks of each server."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import databases
import numpy as np
import pytest
from databases import BOTH_ENGINES, Database

from database.networks import (
    compile_model,
    deploy_model,
    expected,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)
from database.tables import ABC, NEAR, session
from database.test_commands import run

ROWS = 3000
MISSING = 7  # every so many rows one column is NULL
FORMS = {
    "columns": "select id, fraud.score(a, b, c) from rows",
    "array": "select id, fraud.score(array[a, b, c]::real[]) from rows",
    "named": "select id, fraud.score(c => c, a => a, b => b) from rows",
    "row": "select id, fraud.score(r) from rows r",
    "score_table": "select key::integer, score from fraud.score_table('rows', 'id')",
    "of a query": "select key::integer, score from fraud.score_table"
    "('select id, a, b, c from rows', 'id')",
    "score_batch": "select s.key, s.score from (select array_agg(id) as keys,"
    " string_agg(fraud.pack(a, b, c), '') as rows from rows group by id % 3) as g,"
    " lateral fraud.score_batch(g.keys, g.rows) as s",
    "score_into": "select key, score from by_procedure",
    "score command": "select key, score from by_command",
}
LABELS = {
    "label": "select id, fraud.label(a, b, c) from rows",
    "label_table": "select key::integer, label from fraud.label_table('rows', 'id')",
    "label_batch": "select s.key, s.label from (select array_agg(id) as keys,"
    " string_agg(fraud.pack(a, b, c), '') as rows from rows group by id % 3) as g,"
    " lateral fraud.label_batch(g.keys, g.rows) as s",
    "score_into": "select key, label from by_procedure",
    "score command": "select key, label from by_command",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of a 3-4-1 sigmoid."""
    return write_sequential(tmp_path / "fraud.h5", [3, 4, 1], ["relu", "sigmoid"])


def scores_of(path: Path, dsn: str) -> dict[int, float | None]:
    """What the network computes in float64 from the table's rows, None for a NULL among them."""
    _, plan = compile_model(path, "fraud", features=ABC, target="postgres")
    rows = query(dsn, "select id, a, b, c from rows")
    numbers = np.array([row[1:] for row in rows], np.float64)  # None becomes NaN
    (scores,) = expected(plan, numbers)
    return {
        row[0]: None if None in row else score
        for row, score in zip(rows, scores.ravel().tolist(), strict=True)
    }


def check(found: list[tuple[Any, ...]], wanted: dict[int, float | None], form: str) -> None:
    """Fail unless each row has its score, once."""
    assert len(found) == len(wanted), form
    scores = dict(found)
    assert {key for key in scores if scores[key] is None} == {
        key for key in wanted if wanted[key] is None
    }, form
    keys = [key for key in wanted if wanted[key] is not None]
    np.testing.assert_allclose(
        [scores[key] for key in keys], [wanted[key] for key in keys], **NEAR, err_msg=form
    )


def succeed(*arguments: str | Path) -> str:
    """What a command prints; it must succeed."""
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def schemas(dsn: str) -> list[tuple[Any, ...]]:
    """All schemas of a database."""
    return query(dsn, "select nspname from pg_namespace where nspname !~ '^pg_' order by 1")


@BOTH_ENGINES
def test_every_form_scores_alike_from_deployment_to_drop(database: Database, path: Path) -> None:
    dsn = database.dsn
    before = schemas(dsn)
    query(
        dsn,
        "create table rows as select g as id, sin(g)::real as a,"
        f" case when g % {MISSING} > 0 then cos(g) * 3 end::real as b, (g % 5)::real as c"
        f" from generate_series(1, {ROWS}) as g; create unique index on rows (id)",
    )
    wanted = scores_of(path, dsn)
    named = ("--dsn", dsn, "--name", "fraud")
    inputs = ("--features", "a,b,c", "--features-from", "rows", "--labels", "good,bad")
    succeed(path, "--target", "postgres", *named, *inputs)
    to = ("--table", "rows", "--key", "id", "--into")
    assert f"{ROWS:,} rows scored" in succeed("score", *named, *to, "by_command", "--jobs", "2")
    with session(dsn) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'by_procedure')")
    for form, sql in FORMS.items():
        check(query(dsn, sql), wanted, form)
    for form, sql in LABELS.items():
        assert dict(query(dsn, sql)) == {
            key: None if score is None else ("good", "bad")[score > 0.5]
            for key, score in wanted.items()
        }, form
    assert "verified" in succeed("verify", *named)
    assert "fraud" in succeed("list", "--dsn", dsn)
    succeed("doctor", "--dsn", dsn)
    assert succeed("drop", *named).startswith("fraud: dropped, with ")
    assert schemas(dsn) == before


def test_a_new_version_comes_as_a_script(database: Database, path: Path, tmp_path: Path) -> None:
    """Each version is kept, and score is switched to the last one."""
    psql = [str(database.server.bindir / "psql"), database.dsn, "-qv", "ON_ERROR_STOP=1", "-f"]
    scores = []
    for seed in (0, 1):
        write_sequential(path, [3, 4, 1], ["relu", "sigmoid"], seed)
        script = tmp_path / f"{seed}.sql"
        engine = ["--engine", databases.ENGINE]
        succeed(path, "--target", "postgres", *engine, "--name", "fraud", "--output", script)
        subprocess.run([*psql, script], check=True, capture_output=True)
        scores += query(database.dsn, "select fraud.score(array[1, 2, 3]::real[])")
    assert scores[0] != scores[1]
    assert query(database.dsn, "select count(*) from export_model.versions") == [(2,)]
    assert "verified" in succeed("verify", "--dsn", database.dsn, "--name", "fraud")


def test_several_inputs_and_outputs_score_too(database: Database, tmp_path: Path) -> None:
    plan = deploy_model(database.dsn, write_two_by_two(tmp_path / "two.h5"), "two")
    (row,) = query(
        database.dsn,
        "select (s.r).* from (select two.score(array[1, 2, 3]::real[],"
        " array[[1, 2], [3, 4]]::real[]) as r) as s",
    )
    one, two = expected(plan, [[1, 2, 3]], [[[1, 2], [3, 4]]])
    np.testing.assert_allclose(row[0], one.item(), **NEAR)
    np.testing.assert_allclose(row[1], two[0], **NEAR)


def test_an_array_of_texts_scores_too(database: Database, tmp_path: Path) -> None:
    deploy_model(database.dsn, write_words(tmp_path / "words.h5", ["ja", "größer"], 2), "words")
    ((known, unknown),) = query(
        database.dsn, "select words.score(array['ja', 'größer']), words.score(array['ja', 'ß'])"
    )
    assert len(known) == len(unknown) == 3
    assert known != unknown
