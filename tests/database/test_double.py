"""Models of float64 in a real server: every form of score has the digits of numpy."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg2.extras
import pytest
from databases import Database, make_database
from networks64 import KERNEL, ROWS, SOURCE, classes, expected_scores, scaled_regression

from database.networks import ask, deploy_graph
from database.tables import session
from exporter.databases.postgres.verify import verify
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Dense, as_tensor

DIGITS = 1e-12
COLUMNS = ["since", "amount", "age"]
OPTIONS: dict[str, Any] = {
    "features": COLUMNS, "feature_table": ("public", "cards"), "labels": ["no", "yes"],
}  # fmt: skip


@pytest.fixture(scope="module")
def dsn(server: Any, template: str) -> Iterator[str]:
    """A database with a table, and models of it: one number, several, and one of float32."""
    with make_database(server, "test_double", template):
        database = Database(server, "test_double")
        fill(database.dsn)
        deploy_graph(database.dsn, scaled_regression(), "one", samples=8, **OPTIONS)
        deploy_graph(database.dsn, classes(), "many", samples=8, features=COLUMNS)
        yield database.dsn


def fill(dsn: str) -> None:
    """The rows as double precision, as numeric and as whole numbers."""
    ask(
        dsn,
        "create table cards (id integer primary key, since double precision,"
        " amount double precision, age smallint);"
        "create table exact (id integer primary key, since numeric, amount numeric, age numeric)",
    )
    with session(dsn) as cursor:
        for table, kind in (("cards", float), ("exact", lambda v: Decimal(repr(v)))):
            rows = [(n, *map(kind, row)) for n, row in enumerate(ROWS.tolist())]
            sql = f"insert into {table} values %s"
            psycopg2.extras.execute_values(cursor, sql, rows)


def check(found: list[tuple[Any, ...]], wanted: np.ndarray) -> None:
    """Fail unless (key, score) are those that numpy computes, to the last digits."""
    scores = {int(key): score for key, score in found}
    assert sorted(scores) == list(range(len(ROWS)))
    actual = np.array([scores[n] for n in range(len(ROWS))]).reshape(wanted.shape)
    np.testing.assert_allclose(actual, wanted, rtol=DIGITS, atol=0)


FORMS = [
    "select id, {}.score(array[since, amount, age]) from {table}",
    "select id, {}.score(since, amount, age) from {table}",
    "select id, {}.score(age => age, since => since, amount => amount) from {table}",
    "select b.* from (select array_agg(id) k, string_agg({}.pack(since, amount, age), '') p"
    " from {table}) g, {}.score_batch(k, p) b",
    "select * from {}.score_table('{table}', 'id')",
    "select * from {}.score_table('select * from {table} where id >= 0', 'id')",
]


@pytest.mark.parametrize("table", ["cards", "exact"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_digits_of_numpy(dsn: str, form: str, table: str) -> None:
    cast = "::double precision" if table == "exact" and "score(" in form else ""
    for model, wanted in (("one", expected_scores(ROWS)), ("many", classes_of(ROWS))):
        sql = form.replace("{table}", table).replace("{}", model)
        if cast:
            sql = sql.replace("since,", f"since{cast},").replace("amount,", f"amount{cast},")
            sql = sql.replace("age]", f"age{cast}]").replace("age)", f"age{cast})")
        check(ask(dsn, sql), wanted)


def classes_of(rows: np.ndarray) -> np.ndarray:
    """What classes() computes."""
    logits = expected_logits(rows) * np.array([1.0, -0.5, 0.25])
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def expected_logits(rows: np.ndarray) -> np.ndarray:
    """Of the regression."""
    p = expected_scores(rows)
    return np.log(p / (1 - p))


def test_rows_of_a_table_and_labels(dsn: str) -> None:
    check(ask(dsn, "select id, one.score(c) from cards c"), expected_scores(ROWS))
    found = dict(ask(dsn, "select id, one.label(c) from cards c"))
    wanted = expected_scores(ROWS)[:, 0] > 0.5
    assert [found[n] == "yes" for n in range(len(ROWS))] == wanted.tolist()
    assert 0 < wanted.sum() < len(ROWS)


def test_types_of_scores(dsn: str) -> None:
    (types,) = ask(
        dsn,
        "select pg_typeof(one.score(1, 2, 3))::text, pg_typeof(many.score(1, 2, 3))::text,"
        " (select pg_typeof(score)::text from one.score_table('cards', 'id') limit 1),"
        " (select pg_typeof(score)::text from many.score_table('cards', 'id') limit 1)",
    )
    assert types == ("double precision", "double precision[]") * 2


def test_scores_into_a_table(dsn: str) -> None:
    for model, wanted in (("one", expected_scores(ROWS)), ("many", classes_of(ROWS))):
        with session(dsn) as cursor:
            cursor.execute(f"call {model}.score_into('cards', 'id', 'scored_{model}')")
        check(ask(dsn, f"select key, score from scored_{model}"), wanted)
        (kind,) = ask(dsn, f"select pg_typeof(score)::text from scored_{model} limit 1")
        assert kind == ("double precision" if model == "one" else "double precision[]",)


def test_verify_compares_in_float64(dsn: str) -> None:
    report = verify(dsn, "one")
    assert report.is_ok
    assert report.tolerance == 1e-9
    assert report.difference < DIGITS
    rows = ask(dsn, "select pg_typeof(expected)::text, pg_typeof(actual)::text from one.verify()")
    assert set(rows) == {("double precision[]", "double precision[]")}
    (stored,) = ask(
        dsn,
        "select count(*), count(numbers), count(texts) from export_model.samples s"
        " join export_model.versions v on v.version = s.version where v.model = 'one'",
    )
    assert stored == (16, 0, 16)


def test_an_error_in_the_ninth_digit_is_noticed(database: Database) -> None:
    deploy_graph(database.dsn, scaled_regression(), "one", samples=4)
    ask(
        database.dsn,
        "update export_model.samples set texts[1] = (texts[1]::double precision + 2e-9)::text"
        " where is_output and sample = 2",
    )
    report = verify(database.dsn, "one")
    assert not report.is_ok
    assert report.difference == pytest.approx(2e-9, rel=1e-3)


def test_float32_beside_float64_in_one_model(database: Database) -> None:
    """Two outputs: the one that a cast made real, and the one before it."""
    from exporter.ir.ops import Cast

    kernel = as_tensor(KERNEL, dtype="float64")
    nodes = (Node(Dense(kernel), (0,), 1, (1,), "dense"), Node(Cast("float32"), (1,), 2, (1,), "c"))
    outputs = (Port("whole", 1, (1,), "float64"), Port("rounded", 2, (1,)))
    graph = Graph("m", (Port("x", 0, (3,), "float64"),), nodes, outputs, SOURCE, 3)
    deploy_graph(database.dsn, graph, "pair", samples=4)
    row = ROWS[0]
    ((whole, rounded),) = ask(
        database.dsn, "select (s).whole, (s).rounded from (select pair.score(%s) as s) x",
        (row.tolist(),),
    )  # fmt: skip
    (wanted,) = row @ KERNEL
    assert whole == pytest.approx(wanted, rel=1e-15)
    assert rounded == pytest.approx(float(np.float32(wanted)), rel=1e-6)
    assert whole != rounded
    assert verify(database.dsn, "pair").is_ok


def test_a_model_of_float32_is_what_it_was(database: Database) -> None:
    kernel = as_tensor(KERNEL)
    nodes = (Node(Dense(kernel), (0,), 1, (1,), "dense"),)
    graph = Graph("m", (Port("x", 0, (3,)),), nodes, (Port("y", 1, (1,)),), SOURCE, 3)
    deploy_graph(database.dsn, graph, "single", samples=4)
    (types,) = ask(
        database.dsn,
        "select pg_typeof(single.score(array[1, 2, 3]::real[]))::text,"
        " (select pg_typeof(expected)::text from single.verify() limit 1)",
    )
    assert types == ("real", "real[]")
