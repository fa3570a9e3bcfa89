"""Models that take texts: every form of score, words of any alphabet, unknown ones, NULL."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database, make_database

from database.networks import ask, compile_model, deploy_model, write_words
from database.test_deployment import dump, run_psql
from exporter.databases.postgres.verify import verify
from exporter.engines.reference import evaluate

WORDS = ["ja", "größer", "模型 x", "a'b\\c", '"{},\n']
ROWS = [
    ["ja", "größer"],
    ["模型 x", "nothing of it"],
    ["a'b\\c", '"{},\n'],
    ["", "NULL"],
]
OPTIONS: dict[str, Any] = {"features": ["a", "b"], "feature_table": ("public", "rows")}


def expected(plan: Any, rows: list[list[str]]) -> np.ndarray[Any, Any]:
    """Outputs of rows of texts in float64."""
    return evaluate(plan, [np.array(rows, object)])[0]


@pytest.fixture(scope="module")
def words(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    """A model of two columns of texts, and a table of them, for tests that change neither."""
    with make_database(server, "texts", template):
        dsn = server.dsn("texts")
        ask(dsn, "create table rows (id integer, a text, b varchar(20))")
        for number, row in enumerate(ROWS):
            ask(dsn, "insert into rows values (%s, %s, %s)", (number, *row))
        path = write_words(tmp_path_factory.mktemp("texts") / "w.h5", WORDS, 2)
        yield dsn, deploy_model(dsn, path, "w", **OPTIONS)


FORMS = ["w.{}(array[a, b])", "w.{}(a, b)", "w.{}(b => b, a => a)", "w.{}(rows)"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("client", ["UTF8", "LATIN1"])
def test_texts_are_scored_whatever_the_encoding_of_the_client(
    words: tuple[str, Any], form: str, client: str
) -> None:
    dsn, plan = words
    wanted = expected(plan, ROWS)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        connection.set_client_encoding(client)
        # Converting 模型 for a LATIN1 client would be an error already.
        cursor.execute(
            f"select {form.format('score')}, {form.format('label')} from rows order by id"
        )
        rows = cursor.fetchall()
    connection.close()
    np.testing.assert_allclose([row[0] for row in rows], wanted, rtol=1e-5)
    assert [row[1] for row in rows] == [str(n) for n in wanted.argmax(axis=1)]
    assert len({tuple(row[0]) for row in rows}) == len(ROWS)


@pytest.mark.parametrize(
    "given",
    ["array['ja', null]", "null::text[]", "null, 'ja'", "'ja', null", "null::rows",
     "row(1, 'ja', null)::rows"],
)  # fmt: skip
def test_null_gives_null(words: tuple[str, Any], given: str) -> None:
    assert ask(words[0], f"select w.score({given}), w.label({given})") == [(None, None)]


@pytest.mark.parametrize(("given", "got"), [("{}", 0), ("{ja}", 1), ("{ja,NULL,ja}", 3)])
def test_a_wrong_length_names_model_expected_and_given(
    words: tuple[str, Any], given: str, got: int
) -> None:
    with pytest.raises(psycopg2.Error) as caught:
        ask(words[0], "select w.score(%s::text[])", (given,))
    assert caught.value.pgcode == "22023"
    assert f'model "w": input "words" takes 2 texts, got {got}' in str(caught.value)


def test_an_unknown_word_is_an_error_where_there_is_no_place_for_it(
    database: Database, tmp_path: Path
) -> None:
    plan = deploy_model(database.dsn, write_words(tmp_path / "w.h5", WORDS, 1, 0), "w")
    ((score,),) = ask(database.dsn, "select w.score(array['größer'])")
    np.testing.assert_allclose(score, expected(plan, [["größer"]])[0], rtol=1e-5)
    with pytest.raises(psycopg2.Error, match="'grösser' is not in the vocabulary of 5") as caught:
        ask(database.dsn, "select w.score(array['grösser'])")
    assert caught.value.pgcode == "22023"
    assert verify(database.dsn, "w").is_ok


def test_connection_and_psql_reach_the_same_state(
    database: Database, other_database: Database, tmp_path: Path
) -> None:
    path = write_words(tmp_path / "w.h5", WORDS, 2)
    deploy_model(database.dsn, path, "w", features=["a", "b"])
    script, _ = compile_model(path, "w", features=["a", "b"])
    (tmp_path / "w.sql").write_text(str(script), encoding="utf-8")
    done: subprocess.CompletedProcess[str] = run_psql(other_database, tmp_path / "w.sql")
    assert (done.returncode, done.stderr) == (0, "")
    assert dump(database) == dump(other_database)
    assert verify(other_database.dsn, "w").is_ok
    texts = ask(
        other_database.dsn,
        "select texts, numbers from export_model.samples where not is_output order by sample",
    )
    assert texts[0] == (["no word of the vocabulary"] * 2, None)
    assert {word for row, _ in texts[1:] for word in row} & set(WORDS)
