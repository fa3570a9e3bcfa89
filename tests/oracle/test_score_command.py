"""export-model score in Oracle: ranges of rows over several sessions, into a table of scores."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database.networks import write_sequential
from plsql.grammar.scripts import compile_file

from exporter.databases import database_of
from exporter.databases.oracle import score as oracle_score
from exporter.databases.oracle.script import compile_script
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs
from oracle.schemas import Schema
from oracle.test_columns import NAMES, ROW, expected_of, graph_of

ROWS = 57
LONG = "scores_of_all_our_cards"


@pytest.fixture
def cards(schema: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A table of rows, a model of them, and steps of ten rows."""
    monkeypatch.setattr(oracle_score, "ROWS_A_STEP", 10)
    path = write_sequential(tmp_path / "m.h5", [3, 4, 2], ["relu", "softmax"])
    script = compile_file(path, "fraud", features=["a", "b", "c"], labels=["no", "yes"])
    database_of(schema.dsn).deploy(script, schema.dsn, lambda name: None)
    schema.run("create table cards (id number(9), a binary_double, b number, c binary_float)")
    for n, row in enumerate(np.random.default_rng(0).normal(size=(ROWS, 3)).tolist()):
        a = None if n == 5 else row[0]
        schema.run(
            "insert into cards (id, a, b, c) values (:1, :2, :3, :4)", 3 * n, a, n % 7, row[2]
        )
    yield schema
    for table in ("cards", "scores"):
        if schema.run(f"select 1 from user_tables where table_name = '{table.upper()}'"):
            schema.run(f"drop table {table} purge")


def run(schema: Schema, **options: Any) -> Any:
    """Score as the command does."""
    arguments = {"table": "cards", "key": "id", "into": "scores", "jobs": 2, **options}
    seen: list[tuple[int, float | None]] = []
    scoring = database_of(schema.dsn).score(
        schema.dsn,
        "fraud",
        arguments["table"],
        arguments["key"],
        arguments["into"],
        arguments["jobs"],
        lambda rows, done: seen.append((rows, done)),
    )
    assert sum(rows for rows, _ in seen) == scoring.rows
    return scoring


def check(schema: Schema, rows: int = ROWS) -> None:
    """Every row is there once, with the label and the scores of the functions."""
    stored = schema.run("select key, score, label, model_version from scores order by key")
    direct = schema.run(
        "select id, fraud.score(a, b, c), fraud.label(a, b, c) from cards order by id"
    )
    assert len(stored) == rows == len(direct)
    for (key, score, label, version), (id_, expected, name) in zip(stored, direct, strict=True):
        assert (key, label, len(version)) == (id_, name, 64)
        if expected is None:
            assert score is None
        else:
            np.testing.assert_allclose(score, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_table_is_scored_once(cards: Schema, jobs: int) -> None:
    assert run(cards, jobs=jobs).rows == ROWS
    check(cards)
    assert run(cards, jobs=jobs).rows == 0  # nothing is left to do
    cards.run("insert into cards (id, a, b, c) values (1, 1, 2, 3)")
    cards.run("insert into cards (id, a, b, c) values (1000, 1, 2, 3)")
    cards.run("delete from scores where key between 30 and 60")
    assert run(cards).rows == 2 + 11
    check(cards, ROWS + 2)


def test_targets_whose_names_begin_alike(cards: Schema) -> None:
    """Arrays of scores lie in a segment, which has a name of its own in the schema."""
    for into in (f"{LONG}_1", f"{LONG}_2"):
        assert run(cards, into=into).rows == ROWS
        cards.run(f"drop table {into} purge" if into.endswith("2") else "select 1 from dual")
    cards.run(f"drop table {LONG}_1 purge")


def test_a_new_version_adds_its_scores(cards: Schema, tmp_path: Path) -> None:
    run(cards)
    path = write_sequential(tmp_path / "n.h5", [3, 4, 2], ["relu", "softmax"], seed=1)
    script = compile_file(path, "fraud", features=["a", "b", "c"], labels=["no", "yes"])
    database_of(cards.dsn).deploy(script, cards.dsn, lambda name: None)
    assert run(cards).rows == ROWS
    found = cards.run("select model_version, count(*) from scores group by model_version")
    assert sorted(count for _, count in found) == [ROWS, ROWS]


@pytest.mark.parametrize(
    ("type_name", "values", "data_type"),
    [
        ("number", [Decimal("0.1"), 10**30, -3, 10**37 + 1], "NUMBER"),
        ("number(12, 3)", [Decimal("0.125"), Decimal("-1.5"), 7], "NUMBER"),
        ("varchar2(20 char)", ["a", "B", "it's", "a b ", "10", "9"], "VARCHAR2"),
        ("raw(4)", [b"\x00", b"\xff\x01"], "RAW"),
    ],
)
def test_keys_keep_their_type(
    cards: Schema, type_name: str, values: list[Any], data_type: str
) -> None:
    cards.run("drop table cards purge")
    cards.run(f"create table cards (id {type_name}, a number, b number, c number)")
    for n, value in enumerate(values):
        cards.run("insert into cards (id, a, b, c) values (:1, :2, 1, 2)", value, n)
    run(cards)
    check(cards, len(values))
    ((stored,),) = cards.run(
        "select data_type from user_tab_columns where table_name = 'SCORES' and column_name = 'KEY'"
    )
    assert stored == data_type


def test_a_view_is_a_source(cards: Schema) -> None:
    cards.run("create view some_cards as select id, a, b, c from cards where id < 30")
    try:
        assert run(cards, table="some_cards").rows == 10
    finally:
        cards.run("drop view some_cards")


def test_a_failed_step_keeps_the_ones_before(cards: Schema) -> None:
    database = cards.database
    if database is None:
        pytest.skip("only the interpreter fails on demand")
    database.fail_statement(15)  # the third of six ranges
    with pytest.raises(DatabaseError, match="goes on from there"):
        run(cards, jobs=1)
    ((count,),) = cards.run("select count(*) from scores")
    assert 0 < count < ROWS
    assert run(cards).rows == ROWS - count
    check(cards)


def test_columns_whose_names_packages_quote(cards: Schema, tmp_path: Path) -> None:
    """COUNT and TIMESTAMP are plain names of columns, and no names that PL/SQL may hide."""
    path = write_sequential(tmp_path / "m.h5", [3, 4, 2], ["relu", "softmax"])
    script = compile_file(path, "fraud", features=["count", "timestamp", "Mod"])
    assert 'timestamp" in binary_double' in str(script)
    database_of(cards.dsn).deploy(script, cards.dsn, lambda name: None)
    cards.run("create view words as select id power, a count, b timestamp, c mod from cards")
    assert run(cards, table="words", key="power").rows == ROWS
    direct = cards.run("select id, fraud.score(a, b, c) from cards where id = 3")
    stored = cards.run("select key, score from scores where key = 3")
    np.testing.assert_allclose(stored[0][1], direct[0][1], rtol=1e-6)


def test_ctrl_c_ends_after_what_is_committed(cards: Schema) -> None:
    def stop(rows: int, done: float | None) -> None:
        raise KeyboardInterrupt

    scoring = database_of(cards.dsn).score(cards.dsn, "fraud", "cards", "id", "scores", 1, stop)
    assert scoring.was_stopped
    ((count,),) = cards.run("select count(*) from scores")
    assert 0 < count <= ROWS
    run(cards)
    check(cards)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ("insert into cards (id) values (null)", {}, DatabaseError, '1 row without "id"'),
        ("insert into cards (id) values (3)", {}, DatabaseError, "identify every row once"),
        (None, {"key": "a"}, SignatureError, "cannot identify rows"),
        (None, {"key": "nothing"}, SignatureError, 'no column "nothing"'),
        (None, {"table": "nowhere"}, SignatureError, "Make a view"),
        (None, {"into": "cards"}, SignatureError, "no table of scores"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    cards: Schema, change: str | None, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    if change:
        cards.run(change)
    with pytest.raises(error, match=message):
        run(cards, **options)


@pytest.mark.parametrize(
    "plan", ["{", "[]", '{"inputs": 1}', "[" * 20_000, '{"outputs": [' + "9" * 60 + "]}"]
)
def test_an_altered_plan_is_told(cards: Schema, plan: str) -> None:
    cards.run("update export_model_versions set plan = :1", plan)
    with pytest.raises(DatabaseError, match="plan in the registry cannot be read"):
        run(cards)


def test_a_model_that_is_not_there(cards: Schema) -> None:
    server = database_of(cards.dsn)
    with pytest.raises(DatabaseError, match='no model "other"'):
        server.score(cards.dsn, "other", "cards", "id", "scores", 1, lambda rows, done: None)


def test_columns_of_all_kinds(schema: Schema) -> None:
    """Texts lose what CHAR pads, moments with a time zone become those of UTC."""
    graph, names = graph_of(), NAMES
    plan = plan_graph(graph, Signature("mixed", names))
    samples = expect_outputs(plan, draw_inputs(graph, 4))
    script = compile_script(make_manifest(graph, plan, samples), plan.block, samples)
    server = database_of(schema.dsn)
    server.deploy(script, schema.dsn, lambda name: None)
    columns = "age number, job char(9), paid number(1), since date, town varchar2(20)"
    schema.run(f"create table people (id number, {columns}, seen timestamp with time zone)")
    try:
        for key, changed in enumerate(({}, {"age": None}, {"job": None}, {"seen": None})):
            row = ROW | {"job": "nurse    "} | changed
            schema.run(
                "insert into people (id, age, job, paid, since, seen, town)"
                " values (:1, :2, :3, :4, :5, from_tz(cast(:6 as timestamp), '+02:00'), :7)",
                key,
                *row.values(),
            )
        scoring = server.score(schema.dsn, "mixed", "people", "id", "scores", 1, lambda n, d: None)
        assert scoring.rows == 4
        found = dict(schema.run("select key, score from scores"))
        utc = expected_of(ROW | {"seen": ROW["seen"] - dt.timedelta(hours=2)})
        assert found[0] == found[2] == pytest.approx(utc, rel=1e-15)
        assert found[1] is None
        assert np.isnan(found[3])
        schema.run(
            "create view wrong as select id, job age, job, paid, since, seen, town from people"
        )
        with pytest.raises(SignatureError, match=r"AGE.*has type CHAR, the model takes NUMBER or"):
            server.score(schema.dsn, "mixed", "wrong", "id", "scores", 1, lambda n, d: None)
    finally:
        for kind, name in (("view", "wrong"), ("table", "people"), ("table", "scores")):
            found = f"select 1 from user_objects where object_name = '{name.upper()}'"
            if schema.run(found):
                schema.run(f"drop {kind} {name}" + " purge" * (kind == "table"))


def test_a_target_that_another_run_makes_meanwhile_is_used(
    cards: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks, finds nothing, and then the name is taken."""
    look, asked = oracle_score._is_there, []

    def is_there(connection: Any, target: str) -> bool:
        asked.append(target)
        return len(asked) > 2 and look(connection, target)

    run(cards)
    cards.run("delete from scores")
    monkeypatch.setattr(oracle_score, "_is_there", is_there)
    asked.append("the first run")
    assert run(cards).rows == ROWS
    check(cards)
