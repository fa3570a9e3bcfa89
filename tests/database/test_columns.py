"""Typed columns in a real server: every form of score, every type, NULLs and long texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import joblib
import numpy as np
import pandas
import psycopg2
import pytest
from databases import Database
from sklearn.linear_model import LinearRegression

import exporter
from database.mixed import ROWS, TABLE, arrays, as_double, mixed_graph
from database.networks import ask, compile_graph, deploy_graph, expected, write_h5
from database.tables import session
from exporter.databases.postgres.columns import ask_unit, cast_column
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.verify import verify
from exporter.engines.reference import evaluate
from exporter.errors import SignatureError
from exporter.ir.columns import Column
from exporter.ir.passes import simplify

COLUMNS = "age, job, since, member, city, seen, income"
NAMED = ", ".join(f"{name} => {name}" for name in reversed(COLUMNS.split(", ")))
NO_SCORE = {4, 5, 6}  # rows with a NULL that must not be
LABELS = ["stays", "leaves"]


@pytest.fixture(scope="module")
def customers(mixed_database: Database) -> Any:
    """A table, and a model of its columns."""
    dsn = mixed_database.dsn
    fill(dsn)
    plan = deploy_graph(
        dsn, mixed_graph(), "churn", samples=9, labels=LABELS,
        feature_table=("public", "customers"),
    )  # fmt: skip
    return dsn, plan


@pytest.fixture(scope="module")
def mixed_database(server: Any, template: str) -> Iterator[Database]:
    """A database for tests that leave it as it is."""
    from databases import make_database

    with make_database(server, "test_columns", template):
        yield Database(server, "test_columns")


def fill(dsn: str) -> None:
    """Make the table of customers."""
    ask(dsn, TABLE)
    for row in ROWS:
        ask(dsn, f"insert into customers values ({', '.join(['%s'] * len(row))})", row)


def wanted_scores(plan: Any, rows: Any = ROWS) -> dict[int, Any]:
    """Scores by id; None where a NULL must not be."""
    (scores,) = evaluate(plan, arrays(rows))
    return {
        row[0]: None if row[0] in NO_SCORE else score
        for row, score in zip(rows, scores, strict=True)
    }


def check(found: list[tuple[Any, ...]], wanted: dict[int, Any]) -> None:
    """Compare (id, score) with what is wanted."""
    assert sorted(int(key) for key, _ in found) == sorted(wanted)
    for key, score in found:
        if wanted[int(key)] is None:
            assert score is None
        else:
            np.testing.assert_allclose(score, wanted[int(key)], rtol=1e-5, atol=1e-6)


FORMS = [
    f"select id, churn.score({COLUMNS}) from customers",
    f"select id, churn.score({NAMED}) from customers",
    "select id, churn.score(c) from customers c",
    f"select b.* from (select array_agg(id) k, string_agg(churn.pack({COLUMNS}), '') p"
    " from customers) g, churn.score_batch(k, p) b",
    "select b.* from (select array_agg(id) k, string_agg(churn.pack(c), '') p"
    " from customers c) g, churn.score_batch(k, p) b",
    "select * from churn.score_table('customers', 'id')",
    "select * from churn.score_table('select * from customers where id > 0', 'id')",
]


@pytest.mark.parametrize("sql", FORMS)
def test_every_form_gives_the_scores_of_the_model(customers: Any, sql: str) -> None:
    dsn, plan = customers
    wanted = wanted_scores(plan)
    assert sum(score is not None and not np.isnan(score).any() for score in wanted.values()) == 4
    check(ask(dsn, sql), wanted)


def test_labels_and_verify(customers: Any) -> None:
    dsn, plan = customers
    wanted = wanted_scores(plan)
    for form in ("churn.label(c)", f"churn.label({COLUMNS})"):
        for key, label in ask(dsn, f"select id, {form} from customers c"):
            score = wanted[key]
            known = score is not None and not np.isnan(score).any()
            assert label == (LABELS[int(np.argmax(score))] if known else None)
    report = verify(dsn, "churn")
    assert report.is_ok
    if databases.TARGET == "postgres":
        forms = {row[0] for row in ask(dsn, "select distinct form from churn.verify()")}
        assert forms == {
            "score of columns", "score_batch", "score_table", "label_batch", "label_table",
        }  # fmt: skip


def test_samples_are_stored_with_their_nulls(customers: Any) -> None:
    dsn, _ = customers
    (rows,) = ask(
        dsn,
        "select count(*), count(*) filter (where array_position(texts, null) is not null)"
        " from export_model.samples where not is_output and name = 'columns'",
    )
    assert rows == (9, 4)


def test_an_altered_sample_is_noticed(database: Database) -> None:
    deploy_graph(database.dsn, mixed_graph(), "churn", samples=4)
    ask(
        database.dsn,
        "update export_model.samples set texts[1] = '77' where not is_output and sample = 3",
    )
    report = verify(database.dsn, "churn")
    assert not report.is_ok


def test_single_values_by_name(customers: Any) -> None:
    dsn, plan = customers
    row = (1, 41, "nurse", "2024-02-01", True, "Bonn", None, None)
    sql = (
        "select 1, churn.score(age => 41, job => 'nurse', since => date '2024-02-01',"
        " member => true, city => 'Bonn', seen => NULL, income => NULL)"
    )
    check(ask(dsn, sql), wanted_scores(plan, [row]))


def test_score_into_and_the_command(customers: Any) -> None:
    dsn, plan = customers
    with session(dsn) as cursor:
        cursor.execute("call churn.score_into('customers', 'id', 'into_sql')")
    check(ask(dsn, "select key, score from into_sql"), wanted_scores(plan))
    exporter.score_table(
        dsn, "churn", "customers", key="id", into="into_command", jobs=databases.JOBS
    )
    check(ask(dsn, "select key, score from into_command"), wanted_scores(plan))


TYPES = {
    "age": ["integer", "bigint", "real", "double precision", "numeric", "years"],
    "job": ["varchar(4000)", "char(3000)", "name_of_job", "job"],
    "member": ["yes_or_no"],
    "since": ["day"],
    "seen": ["timestamptz", "moment"],
    "income": ["real", "double precision", "numeric(30, 4)"],
}


@pytest.fixture(scope="module")
def typed(customers: Any) -> Any:
    """Domains and an enum to give columns."""
    dsn, plan = customers
    jobs = ", ".join("'" + str(row[2]).replace("'", "''") + "'" for row in ROWS[:2])
    ask(
        dsn,
        # An enum is given as it is written: a cast is a function that runs for the caller.
        f"create type job as enum ({jobs});"
        "create function no_words(job) returns text language sql as $$ select 'none'::text $$;"
        "create cast (job as text) with function no_words(job) as implicit;"
        "create domain years as smallint check (value < 200);"
        "create domain yes_or_no as boolean; create domain day as date;"
        "create domain moment as timestamp; create domain name_of_job as varchar(4000)",
    )
    return dsn, plan


@pytest.mark.parametrize(("column", "type_"), [(c, t) for c, types in TYPES.items() for t in types])
def test_columns_of_other_types_mean_the_same(typed: Any, column: str, type_: str) -> None:
    dsn, plan = typed
    rows = [row for row in ROWS if type_ != "job" or row[2] in (None, "nurse", "größer")]
    ids = ", ".join(str(row[0]) for row in rows)
    others = COLUMNS.replace(column, f"{column}::{type_} as {column}")
    source = f"select id, {others} from customers where id in ({ids})".replace("'", "''")
    found = ask(
        dsn,
        "set local timezone to 'UTC';"
        f"select * from churn.score_table('{source}', 'id')",
    )  # fmt: skip
    check(found, wanted_scores(plan, rows))


def test_a_moment_with_a_time_zone_is_one_in_every_session(typed: Any) -> None:
    dsn, _ = typed
    moments = "select 1 as id, 30 as age, 'nurse' as job, date '2024-02-01' as since, true as"
    rest = " member, 'Bonn' as city, {} as seen, 5 as income"
    scores = {
        str(ask(
            dsn,
            f"set local timezone to '{zone}'; select score from churn.score_table("
            f"$q${moments}{rest.format(seen)}$q$, 'id')",
        )[0][0])
        for zone in ("UTC", "Asia/Tokyo")
        for seen in ("timestamptz '2024-02-01 12:00+00'", "timestamp '2024-02-01 12:00'")
    }  # fmt: skip
    assert len(scores) == 1


@pytest.mark.parametrize(
    ("column", "value", "cast"),
    [
        ("age", "'41'::text", "age::text::double precision"),
        ("age", "to_json(41)", "age::text::double precision"),
        ("job", "3", "job::text"),
        ("job", "true", "job::text"),
        ("since", "now()", "since::date"),
        ("since", "true", "null::date"),
        ("member", "current_date", "null::boolean"),
        ("member", "1", "member <> 0"),
        ("member", "0.5", "member <> 0"),
        ("income", "'{1}'::real[]", "income[1]"),
        ("job", "'{a}'::text[]", "job::text"),
    ],
)
def test_what_is_not_plain_is_refused_with_a_cast_that_works(
    customers: Any, column: str, value: str, cast: str
) -> None:
    dsn, _ = customers
    others = ", ".join(f"{value} as {n}" if n == column else n for n in COLUMNS.split(", "))
    source = f"select id, {others} from customers"
    with pytest.raises(psycopg2.Error) as caught:
        ask(dsn, "select * from churn.score_table(%s, 'id')", (source,))
    assert f'column "{column}" is' in str(caught.value)
    hint = caught.value.diag.message_hint.removeprefix("A query can cast: select ")
    assert hint == f"{cast} as {column}, ..."
    rest = ", ".join(name for name in COLUMNS.split(", ") if name != column)
    source = f"select id, {hint.removesuffix(', ...')}, {rest} from ({source}) x"
    assert ask(dsn, "select count(*) from churn.score_table(%s, 'id')", (source,)) == [(len(ROWS),)]


FROM_MOMENT = [
    "extract(epoch from {0}) / 86400",
    "extract(epoch from {0})",
    "extract(epoch from {0}) * 1e6",
    "extract(epoch from {0}) * 1e9",
]
MOMENT = "timestamp '2021-03-04 12:00'"
OF_MOMENT = [18690.5, 1614859200.0, 1614859200e6, 1614859200e9]


@pytest.mark.parametrize(
    ("column", "value", "item", "casts"),
    [
        ("age", "current_date", "age", FROM_MOMENT),
        ("age", MOMENT, "age", FROM_MOMENT),
        ("age", "array[current_date]", "age[1]", FROM_MOMENT),
        ("since", "19700.0", "since", ["date '1970-01-01' + since::integer",
            "(to_timestamp(since) at time zone 'UTC')::date"]),
        ("seen", "17", "seen", ["to_timestamp(seen) at time zone 'UTC'",
            "to_timestamp(seen / 1000.0) at time zone 'UTC'"]),
    ],
)  # fmt: skip
def test_no_unit_of_a_moment_is_taken_for_known(
    customers: Any, column: str, value: str, item: str, casts: list[str]
) -> None:
    dsn, _ = customers
    others = ", ".join(f"{value} as {n}" if n == column else n for n in COLUMNS.split(", "))
    source = f"select id, {others} from customers"
    with pytest.raises(psycopg2.Error) as caught:
        ask(dsn, "select * from churn.score_table(%s, 'id')", (source,))
    hint = caught.value.diag.message_hint
    assert hint.startswith(f"A query can cast {item} to ")
    assert "select" not in hint
    rest = ", ".join(name for name in COLUMNS.split(", ") if name != column)
    for cast in (text.format(item) for text in casts):
        assert cast in hint
        given = f"select id, {cast} as {column}, {rest} from ({source}) x"
        found = ask(dsn, "select count(*) from churn.score_table(%s, 'id')", (given,))
        assert found == [(len(ROWS),)]


def test_units_are_asked_beside_casts(customers: Any) -> None:
    dsn, _ = customers
    others = COLUMNS.replace("age", "seen as age", 1).replace("member", "age as member")
    with pytest.raises(psycopg2.Error) as caught:
        ask(dsn, f"select * from churn.score_table('select id, {others} from customers', 'id')")
    assert re.fullmatch(
        r"A query can cast: select member <> 0 as member, \.\.\. A query can cast age to the number"
        r" .*\.",
        caught.value.diag.message_hint,
    )


VALUES = {
    "number": "1.5::real",
    "boolean": "true",
    "date": "current_date",
    "timestamp": "now()",
    "text": "case '{}' when 'boolean' then 'on' when 'number' then '1' else '2024-01-01' end",
    None: "to_json(1)",
}


# What a sentence of ask_unit gives for each unit.
UNIT = (
    r"((?:extract|\(?to_timestamp)\([^)]*\)(?: at time zone 'UTC'\)?(?:::date)?| [*/] \w+)?"
    r"|date '1970-01-01' \+ [^,]*)"
)


@pytest.mark.parametrize("wanted", ["number", "boolean", "date", "timestamp", "text"])
def test_the_cast_that_a_view_is_to_have_works(customers: Any, wanted: Any) -> None:
    dsn, _ = customers
    for held, value in VALUES.items():
        if held == wanted or (held is None and wanted in ("date", "timestamp")):
            continue
        given = f'select {value.format(wanted)} as "a ""b"""'
        by_unit = ask_unit('a "b"', held, wanted)
        units = re.findall(UNIT, by_unit)
        assert bool(units) == bool(by_unit)
        for cast in (
            (f'{unit} as "a ""b"""' for unit in units)
            if units
            else (cast_column('a "b"', held, wanted),)
        ):
            found = ask(
                dsn,
                f'select export_model.column_letter(pg_typeof(v."a ""b"""), %s)'
                f" from (select {cast} from ({given}) x) v",
                (wanted,),
            )
            assert found[0][0], (held, cast)


def test_a_moment_is_a_number_in_each_unit(customers: Any) -> None:
    dsn, _ = customers
    units = re.findall(UNIT, ask_unit("t", "timestamp", "number"))
    assert units == [text.format('"t"') for text in FROM_MOMENT]
    found = ask(dsn, f"select array[{', '.join(units)}]::float8[] from (select {MOMENT} as t) x")
    assert found == [(OF_MOMENT,)]


def test_all_that_is_wrong_is_said_at_once(customers: Any) -> None:
    dsn, _ = customers
    others = COLUMNS.replace("age", "job as age", 1).replace("member", "age as member")
    with pytest.raises(psycopg2.Error, match=r'"age" is text.*"member" is smallint'):
        ask(dsn, f"select * from churn.score_table('select id, {others} from customers', 'id')")


@pytest.mark.parametrize("storage", ["extended", "external", "main", "plain"])
def test_long_texts_are_read_however_they_are_stored(database: Database, storage: str) -> None:
    dsn = database.dsn
    fill(dsn)
    ask(
        dsn,
        f"create table stored (like customers); alter table stored alter job set storage {storage}",
    )
    ask(dsn, "insert into stored select * from customers")
    plan = deploy_graph(dsn, mixed_graph(), "churn", feature_table=("public", "stored"))
    wanted = wanted_scores(plan)
    check(ask(dsn, "select * from churn.score_table('stored', 'id')"), wanted)
    check(ask(dsn, "select id, churn.score(s) from stored s"), wanted)
    assert not np.allclose(wanted[7], wanted[8])


def test_a_server_in_another_encoding(database: Database) -> None:
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("create database latin encoding 'LATIN1' locale 'C' template template0")
        dsn = database.server.dsn("latin")
        ask(dsn, f"create extension {databases.EXTENSIONS[databases.ENGINE]}")
        fill(dsn)
        script, plan = compile_graph(mixed_graph(), "churn", feature_table=("public", "customers"))
        deploy(script, dsn)  # in a session of its own: guests of another encoding are refused
        for sql in FORMS:
            check(ask(dsn, sql), wanted_scores(plan))
        assert verify(dsn, "churn").is_ok
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop database if exists latin (force)")
        connection.close()


def test_many_rows_in_batches(database: Database) -> None:
    """More than a batch, a third with something missing."""
    dsn = database.dsn
    ask(
        dsn,
        TABLE + "; insert into customers select g, g % 90, case when g % 7 > 0 then 'nurse' end,"
        " case when g % 5 > 0 then date '2020-01-01' + g % 1000 end, g % 2 = 0,"
        " case g % 3 when 0 then 'Bonn' when 1 then 'Köln' else 'nowhere' end,"
        " timestamp '2021-01-01' + g * interval '7 minutes',"
        " case when g % 11 > 0 then g / 7.0 end from generate_series(1, 20000) g",
    )
    deploy_graph(dsn, mixed_graph(), "churn", feature_table=("public", "customers"))
    (row,) = ask(
        dsn,
        "select count(*), count(*) filter (where t.score is not distinct from r.score),"
        " max(abs(t.score[1] - r.score[1])) filter (where t.score[1] <> 'NaN')"
        " from churn.score_table('customers', 'id') t join"
        " (select id, churn.score(c) from customers c) r on r.id = t.key::integer",
    )
    assert row[0] == 20000
    assert row[1] > 5000
    assert row[2] < 1e-5


def test_the_key_of_a_row_that_cannot_be_scored_is_named(database: Database) -> None:
    if databases.ENGINE == "pgvector":
        pytest.skip("errors of rows of columns name no key there")
    graph = mixed_graph()
    lookup = replace(graph.nodes[1], op=replace(graph.nodes[1].op, default=None))
    strict = replace(graph, nodes=(graph.nodes[0], lookup, *graph.nodes[2:]))
    dsn = database.dsn
    fill(dsn)
    ask(dsn, "update customers set job = 'nurse' where job is null")
    deploy_graph(dsn, strict_texts(strict), "churn", feature_table=("public", "customers"))
    with pytest.raises(psycopg2.Error, match=r"key 8: 'xxx.*is not in the vocabulary"):
        ask(dsn, "select * from churn.score_table('customers', 'id')")


def strict_texts(graph: Any) -> Any:
    """The same with jobs that are never missing, so that samples have words only."""
    numbers, texts = graph.inputs
    job, city = texts.columns
    return replace(
        graph, inputs=(numbers, replace(texts, columns=(replace(job, nulls="null"), city)))
    )


# How columns are named


def test_other_names_for_the_columns(database: Database) -> None:
    names = ["a", "b", "c", "d", "e", "f", "g h"]
    plan = deploy_graph(database.dsn, mixed_graph(), "churn", features=names)
    row = ROWS[0][1:]
    found = ask(
        database.dsn,
        'select 1, churn.score("g h" => %s, a => %s, b => %s, c => %s::date, d => %s, e => %s,'
        " f => %s::timestamp)",
        (row[6], *row[:6]),
    )
    check(found, wanted_scores(plan, ROWS[:1]))


def test_more_columns_than_arguments(database: Database) -> None:
    """By table only; the samples are proved by the version's own function."""
    columns = tuple(Column(f"c{n}", place=n) for n in range(120))
    graph = wide_graph(columns)
    with pytest.raises(SignatureError, match="at most 100 arguments"):
        compile_graph(graph, "wide", most_features=100)
    ask(database.dsn, "create table wide_rows as select 1 as id, " + ", ".join(
        f"{n} / 7.0 as c{n}" for n in range(120)))  # fmt: skip
    plan = deploy_graph(
        database.dsn, graph, "wide", feature_table=("public", "wide_rows"), labels=LABELS
    )
    wanted = expected(plan, [[n / 7 for n in range(120)]])[0][0]
    for sql in ("select 1, wide.score(w) from wide_rows w",
                "select * from wide.score_table('wide_rows', 'id')"):  # fmt: skip
        check(ask(database.dsn, sql), {1: wanted})
    assert verify(database.dsn, "wide").is_ok


def wide_graph(columns: tuple[Column, ...]) -> Any:
    """A dense layer over columns of numbers."""
    from exporter.ir.graph import Graph, Node, Port, Source
    from exporter.ir.ops import Dense, Softmax

    kernel = np.random.default_rng(2).normal(size=(len(columns), 2)) / 10
    nodes = (
        Node(Dense(as_double(kernel), None), (0,), 1, (2,), "dense"),
        Node(Softmax(0), (1,), 2, (2,), "softmax"),
    )
    port = Port("x", 0, (len(columns),), "float64", columns=columns)
    source = Source("keras", "2.0", "wide.h5", "0" * 64)
    return Graph("wide", (port,), nodes, (Port("y", 2, (2,), "float64"),), source, kernel.size)


def test_more_columns_than_a_table_has_are_refused() -> None:
    columns = tuple(Column(f"c{n}", place=n) for n in range(1601))
    with pytest.raises(SignatureError, match="at most 1600"):
        compile_graph(wide_graph(columns), "wide", feature_table=("s", "t"))


# Keras models of several inputs


def write_mixed_keras(path: Path) -> Path:
    """Two inputs of texts that are looked up and one of numbers, side by side."""

    def node(name: str, class_name: str, *sources: str, **config: Any) -> dict[str, Any]:
        inbound = [[[source, 0, 0, {}] for source in sources]] if sources else []
        config = {"name": name, **config}
        return {"class_name": class_name, "name": name, "config": config, "inbound_nodes": inbound}

    def lookup(name: str, words: list[str]) -> list[dict[str, Any]]:
        return [
            node(name, "InputLayer", batch_input_shape=[None, 1], dtype="string"),
            node(f"{name}_place", "StringLookup", name, vocabulary=words, num_oov_indices=1,
                 output_mode="multi_hot"),
        ]  # fmt: skip

    layers = [
        *lookup("job", ["nurse", "größer"]),
        node("numbers", "InputLayer", batch_input_shape=[None, 2]),
        *lookup("city", ["Bonn", "Köln", "a,b"]),
        node("all", "Concatenate", "job_place", "numbers", "city_place", axis=-1),
        node("dense", "Dense", "all", units=1, activation="sigmoid"),
    ]
    kernel = np.random.default_rng(8).standard_normal((3 + 2 + 4, 1))
    body = {
        "name": "mixed",
        "layers": layers,
        "input_layers": [["job", 0, 0], ["numbers", 0, 0], ["city", 0, 0]],
        "output_layers": [["dense", 0, 0]],
    }
    weights = {"dense": {"kernel": kernel, "bias": np.array([0.1])}}
    return write_h5(path, {"class_name": "Model", "config": body}, weights, version="2.12.0")


SHOP = [(1, "nurse", 1.5, 2, "Bonn"), (2, "größer", -1, 7, "a,b"), (3, "none", 0, 0, "Köln"),
        (4, None, 1, 1, "Bonn"), (5, "nurse", None, 1, "Bonn")]  # fmt: skip


def test_inputs_of_a_keras_model_side_by_side(database: Database, tmp_path: Path) -> None:
    if databases.ENGINE == "pgvector":
        pytest.skip("arrays of texts are refused there")
    dsn = database.dsn
    ask(dsn, "create table shop (id integer, job text, n1 real, n2 integer, city varchar(9))")
    for row in SHOP:
        ask(dsn, "insert into shop values (%s, %s, %s, %s, %s)", row)
    path = write_mixed_keras(tmp_path / "mixed.h5")
    names = ["job", "n1", "n2", "city"]
    model = exporter.read(path)
    exporter.deploy(model, dsn, name="shop_model", features=names, features_from="shop")
    (plan,) = ask(dsn, "select plan from export_model.versions")
    assert "columns" not in json.loads(plan[0])["inputs"][0]
    from exporter.ir.plan import plan_graph
    from exporter.ir.signature import sign

    graph = simplify(model.graph)
    made = plan_graph(graph, sign(graph, "shop_model", names, ("public", "shop")))
    whole = SHOP[:3]
    (scores,) = evaluate(
        made,
        [
            np.array([[row[1]] for row in whole], object),
            np.array([row[2:4] for row in whole], np.float64),
            np.array([[row[4]] for row in whole], object),
        ],
    )
    wanted = {row[0]: score for row, score in zip(whole, scores[:, 0], strict=True)}
    wanted |= {4: None, 5: None}
    for sql in (
        "select id, shop_model.score(job, n1, n2, city) from shop",
        "select id, shop_model.score(array[job], array[n1, n2]::real[], array[city]::text[])"
        " from shop",
        "select id, shop_model.score(s) from shop s",
        "select * from shop_model.score_table('shop', 'id')",
        "select b.* from (select array_agg(id) k, string_agg(shop_model.pack(s), '') p"
        " from shop s) g, shop_model.score_batch(k, p) b",
    ):
        check(ask(dsn, sql), wanted)
    report = verify(dsn, "shop_model")
    assert report.is_ok
    if databases.TARGET == "postgres":
        forms = {row[0] for row in ask(dsn, "select distinct form from shop_model.verify()")}
        assert forms >= {"score of a row", "score of columns", "score_table", "score_batch"}


def test_columns_of_mixed_inputs_must_be_named(database: Database, tmp_path: Path) -> None:
    ask(database.dsn, "create table shop (job text, n1 real, n2 integer, city boolean)")
    model = exporter.read(write_mixed_keras(tmp_path / "mixed.h5"))
    with pytest.raises(SignatureError, match="takes numbers and texts; say which"):
        exporter.deploy(model, database.dsn, name="m", features_from="shop")
    with pytest.raises(
        SignatureError, match=r'column "city" of table "shop" is no text.*"city"::text as'
    ):
        exporter.deploy(model, database.dsn, name="m", features_from="shop",
                        features=["job", "n1", "n2", "city"])  # fmt: skip
    ask(database.dsn, "create table dated (job text, n1 date, n2 integer, city boolean)")
    with pytest.raises(SignatureError) as caught:
        exporter.deploy(model, database.dsn, name="m", features_from="dated",
                        features=["job", "n1", "n2", "city"])  # fmt: skip
    assert 'column "n1" of table "dated" is no number' in str(caught.value)
    assert 'name that: select "city"::text as "city", ... In a view, to be' in str(caught.value)
    assert str(caught.value).endswith(f"cast {ask_unit('n1', 'date', 'number')}.")
    with pytest.raises(SignatureError, match=r"has no column nothing; it has job, n1[^.]*\.$"):
        exporter.deploy(model, database.dsn, name="m", features_from="shop",
                        features=["nothing", "n1", "n2", "city"])  # fmt: skip


def test_a_table_with_other_names_is_told_how_to_name_its_columns(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "line.joblib"
    frame = pandas.DataFrame({"age": [1.0, 2.0, 4.0], "paid": [0.0, 1.0, 1.0]})
    joblib.dump(LinearRegression().fit(frame, [1.0, 2.0, 3.0]), path)
    ask(database.dsn, "create table people (age real, has_paid real)")
    with pytest.raises(
        SignatureError, match=r"no numeric column paid; .* --features, in the order of age, paid\."
    ):
        exporter.deploy(exporter.read(path), database.dsn, name="m", features_from="people")
