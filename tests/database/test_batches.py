"""Whole tables: every form scores what score() gives row by row; faults leave nothing behind."""

from __future__ import annotations

import math
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import messages
import numpy as np
import psycopg2
import pytest
from databases import Database, make_database
from private_server import private_server

from database.networks import (
    compile_model,
    deploy_model,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)
from exporter.deploy import deploy

ROWS = 5000
ABC = ["a", "b", "c"]
NEAR = {"rtol": 1e-5, "atol": 1e-6}  # a batch multiplies matrices in another order than one row

ANALYST = "do $$ begin create role analyst login; exception when duplicate_object then end $$"
# Waits for whoever holds advisory lock 4, on the row that is passed.
GATE = """
create function gate(is_here boolean) returns boolean language plpgsql volatile as $$
begin
  if is_here then perform pg_advisory_lock_shared(4); perform pg_advisory_unlock_shared(4); end if;
  return true;
end $$;
"""


def deploy_all(dsn: str, folder: Path) -> None:
    """A model for each shape of input and output."""
    fraud = write_sequential(folder / "fraud.h5", [3, 4, 1], ["relu", "sigmoid"])
    deploy_model(dsn, fraud, "fraud", features=ABC, labels=["good", "bad"])
    soft = write_sequential(folder / "soft.h5", [3, 5, 3], ["tanh", "softmax"])
    deploy_model(dsn, soft, "soft", features=ABC, labels=["x", 'y"\\,', "{z}"])
    deploy_model(dsn, write_sequential(folder / "arr.h5", [4, 3, 1], ["tanh", "linear"]), "arr")
    deploy_model(dsn, write_two_by_two(folder / "two.h5"), "two")
    deploy_model(dsn, write_words(folder / "words.h5", ["ja", "größer"], 2), "words")


@pytest.fixture(scope="module")
def shared(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database for tests that leave models and tables as they are."""
    with make_database(server, "test_batches", template):
        database = Database(server, "test_batches")
        deploy_all(database.dsn, tmp_path_factory.mktemp("batches"))
        query(
            database.dsn,
            "create table rows as select g as id, sin(g)::real as a, case when g % 97 = 0 then null"
            " when g % 89 = 0 then 'NaN' else cos(g) * 3 end::real as b, (g % 7)::real as c"
            f" from generate_series(1, {ROWS}) g;"
            "analyze rows",
        )
        yield database


@pytest.fixture
def own(database: Database, tmp_path: Path) -> Database:
    """A database with the model fraud and a wide table of many blocks, four rows in each."""
    path = write_sequential(tmp_path / "fraud.h5", [3, 4, 1], ["relu", "sigmoid"])
    deploy_model(database.dsn, path, "fraud", features=ABC, labels=["good", "bad"])
    with session(database.dsn) as cursor:
        cursor.execute("create table rows (id int primary key, a real, b real, c real, pad text)")
        cursor.execute("alter table rows alter pad set storage plain")
        cursor.execute(
            "insert into rows select g, sin(g), nullif(cos(g), cos(50)), g % 7, repeat('x', 1900)"
            " from generate_series(1, 12000) g"
        )
        cursor.execute(GATE)
        cursor.execute("vacuum analyze rows")
    return database


@contextmanager
def session(dsn: str, autocommit: bool = True) -> Iterator[Any]:
    """A cursor of a connection of its own."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = autocommit
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def fetch(cursor: Any, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """All rows."""
    cursor.execute(sql, values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def numbers_of(score: Any) -> list[float]:
    """A score as a list; a composite's text too."""
    if isinstance(score, str):
        return [float(n) for n in score.translate(str.maketrans('(){}"', "     ")).split(",")]
    return list(score) if isinstance(score, list) else [score]


def check_same(found: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]]) -> None:
    """The same keys in any order, each as often, with scores equal but for rounding."""
    found = sorted(found, key=lambda row: (str(row[0]), str(row[1])))
    wanted = sorted(wanted, key=lambda row: (str(row[0]), str(row[1])))
    assert [str(row[0]) for row in found] == [str(row[0]) for row in wanted]
    assert [row[1] is None for row in found] == [row[1] is None for row in wanted]
    ours = [numbers_of(row[1]) for row in found if row[1] is not None]
    theirs = [numbers_of(row[1]) for row in wanted if row[1] is not None]
    np.testing.assert_allclose(np.array(ours), np.array(theirs), **NEAR)


def wait_until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """Poll; fails when it never becomes true."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)


def waits(cursor: Any) -> bool:
    """Does a session of this database wait at the gate?"""
    return bool(
        fetch(
            cursor,
            "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = 4"
            " and database = (select oid from pg_database where datname = current_database())",
        )[0][0]
    )


class Background(threading.Thread):
    """Runs statements in a session of its own; result() waits, and raises what they raised."""

    def __init__(self, dsn: str, *statements: str) -> None:
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.statements = statements
        self.rows: list[tuple[Any, ...]] = []
        self.error: psycopg2.Error | None = None
        self.start()

    def run(self) -> None:
        """As Thread wants it."""
        try:
            with self.connection.cursor() as cursor:
                for sql in self.statements:
                    cursor.execute(sql)
                if cursor.description:
                    self.rows = cursor.fetchall()
        except psycopg2.Error as error:
            self.error = error

    def result(self) -> list[tuple[Any, ...]]:
        """Rows of the last statement."""
        self.join(60)
        assert not self.is_alive()
        if not self.connection.closed:
            self.connection.close()
        if self.error is not None:
            raise self.error
        return self.rows


# The bytes that everything rests on.


@pytest.mark.parametrize("sql_type", ["numeric", "real", "double precision", "smallint", "bigint"])
def test_arrays_in_the_server_are_what_the_tests_build(shared: Database, sql_type: str) -> None:
    """tests/messages.py writes the bytes that the runtime's tests decode."""
    kind = {"real": "float4", "double precision": "float8", "smallint": "int2", "bigint": "int8"}
    texts = ["0", "1", "-1", "9999", "-32768", "12", None, "77"]
    if sql_type == "numeric":
        texts += [
            "NaN", "Infinity", "-Infinity", "0.0000", "10000", "0.0001", "-123456789.987654321",
            "1e-300", "1e300", "-1e300", "1e-63", "1e-64", "0.00010001", "1e251", "1e252", "1e256",
            "1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567",
            "-98765432109876543210.0123456789", "1e-256", "1e-257", "100000000", "1e400",
        ]  # fmt: skip
    with session(shared.dsn) as cursor:
        for given in (texts, [t for t in texts if t is not None], texts[:1], [None], []):
            values = [None if t is None else Decimal(t) for t in given]
            sql = f"select export_model.array_bytes(%s::text[]::{sql_type}[])"
            ((found,),) = fetch(cursor, sql, (given,))
            name = kind.get(sql_type, sql_type)
            plain: list[Any] = values
            if name != "numeric":
                plain = [None if v is None else float(v) for v in values]
            assert bytes(found) == messages.send(plain, kind=name), given


def test_bounds_dimensions_and_bitmaps_in_the_server(shared: Database) -> None:
    with session(shared.dsn) as cursor:
        sql = "select export_model.array_bytes('[-5:-4]={1,2}'::real[])"
        assert bytes(fetch(cursor, sql)[0][0]) == messages.send([1, 2], lower=-5)
        sql = "select export_model.array_bytes('{{1,2,3},{4,5,6}}'::numeric[])"
        found = bytes(fetch(cursor, sql)[0][0])
        assert found == messages.send([1, 2, 3, 4, 5, 6], [2, 3], "numeric")
        cursor.execute("create temp table held as select '{null,2,3}'::real[] as x")
        cursor.execute("update held set x[1] = 1")
        found = bytes(fetch(cursor, "select export_model.array_bytes(x) from held")[0][0])
        assert found == messages.send([1, 2, 3], has_bitmap=True)
        cursor.execute("create temp table packed (x real[])")
        cursor.execute("insert into packed select array_fill(1::real, array[5000])")  # compressed
        found = bytes(fetch(cursor, "select export_model.array_bytes(x) from packed")[0][0])
        assert found == messages.send([1] * 5000)


# Sources of score_table and label_table.

NUMERIC_ROWS = "select id, a::float8::numeric as a, b::numeric as b, c::numeric as c from rows"
SOURCES: dict[str, tuple[str, str]] = {
    "real": ("", "rows"),
    "schema": ("", "public.rows"),
    "numeric": (f"create table n as {NUMERIC_ROWS}", "n"),
    "integer": (
        "create table i as select id, (a * 100)::integer as a, nullif(b, 'NaN')::bigint as b,"
        " c::smallint as c from rows",
        "i",
    ),
    "double precision": ("create table f as select id, a::float8, b::float8, c::float8 from rows", "f"),
    "mixed": ("create table x as select id, a, b::numeric as b, c::integer as c from rows", "x"),
    "smallint and real": ("create table s as select id, a, b, c::smallint as c from rows", "s"),
    "integer and numeric": (
        "create table y as select id, a::numeric as a, b::numeric as b, c::integer as c from rows",
        "y",
    ),
    "domains": (
        "create domain amount as numeric(20, 4); create domain weight as real check (value > -100);"
        "create table d as select id, a::amount as a, b::weight as b, c::weight as c from rows",
        "d",
    ),
    "view": ("create view v as select c, b, a, id from rows where id % 3 = 0", "v"),
    "materialized view": ("create materialized view mv as select * from rows", "mv"),
    "partitions": (
        "create table p (id integer, a real, b real, c real) partition by range (id);"
        "create table p1 (c real, gone text, id integer, b real, a real);"
        "alter table p1 drop gone; alter table p attach partition p1 for values from (0) to (999);"
        "create table p2 partition of p for values from (999) to (4000) partition by list (c);"
        "create table p21 partition of p2 for values in (0, 1, 2);"
        "create table p22 partition of p2 default; create table p3 partition of p default;"
        "insert into p select id, a, b, c from rows",
        "p",
    ),
    "no partitions": ("create table np (id int, a real, b real, c real) partition by list (id)", "np"),
    "dropped columns": (
        "create table dc (x text, id int, y text, c real, a real, b real);"
        "insert into dc select 'x', id, 'y', c, a, b from rows; alter table dc drop x, drop y",
        "dc",
    ),
    "inheritance": (
        "create table parent (id integer, a real, b real, c real);"
        "create table child (d text) inherits (parent);"
        "insert into parent select id, a, b, c from rows where id < 1000;"
        "insert into child select id, a, b, c, 'd' from rows where id >= 900",
        "parent",
    ),
    "query": ("", "select id, b as c, c as b, a * 2 as a from rows where id between 7 and 4200"),
    "query with comment": ("", "select * from rows -- all of them"),
    "with": ("", "with w as (select * from rows limit 77) select a, b, c, id from w"),
    "table": ("", "table rows"),
    "quoted": (
        'create schema "s S"; create table "s S"."ta""b.l%e; --" as select * from rows',
        '"s S"."ta""b.l%e; --"',
    ),
    "selection": ("create table selection as select * from rows limit 5", "selection"),
    "empty": ("create table e (id integer, a real, b real, c real)", "e"),
    "one row": ("create table o as select * from rows where id = 5", "o"),
    "duplicate keys": ("create table k as select id % 10 as id, a, b, c from rows", "k"),
    "NULL keys": ("create table nk as select nullif(id, 3) as id, a, b, c from rows", "nk"),
    "all NULL": ("create table an as select id, null::real as a, b, c from rows", "an"),
    "after deletes": (
        "create table ad as select * from rows; delete from ad where id not in (1, 2500, 5000)",
        "ad",
    ),
    "foreign": ("foreign", "ft"),
    "unlogged": ("create unlogged table ul as select * from rows", "ul"),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_a_table_scores_like_its_rows(shared: Database, name: str) -> None:
    setup, source = SOURCES[name]
    if setup == "foreign":
        if not query(shared.dsn, "select from pg_available_extensions where name = 'file_fdw'"):
            pytest.skip("file_fdw is not installed")
        ((folder,),) = query(shared.dsn, "select current_setting('data_directory')")
        setup = (
            f"copy rows to '{folder}/rows.csv' (format csv); create extension file_fdw;"
            "create server files foreign data wrapper file_fdw;"
            "create foreign table ft (id int, a real, b real, c real)"
            f" server files options (filename '{folder}/rows.csv', format 'csv')"
        )
    if setup:
        query(shared.dsn, setup)
    is_query = source.lower().startswith(("select ", "with ", "table "))
    item = f"({source}\n)" if is_query else source
    arguments = "a::float8, b::float8, c::float8"
    with session(shared.dsn) as cursor:
        for model, method in (("fraud", "score"), ("soft", "score")):
            found = fetch(cursor, f"select * from {model}.{method}_table(%s, 'id')", (source,))
            wanted = fetch(cursor, f"select id::text, {model}.{method}({arguments}) from {item} s")
            check_same(found, wanted)
            assert name in ("empty", "no partitions") or found
        for model in ("fraud", "soft"):
            found = fetch(cursor, f"select * from {model}.label_table(%s, 'id')", (source,))
            wanted = fetch(cursor, f"select id::text, {model}.label({arguments}) from {item} s")
            assert sorted(map(str, found)) == sorted(map(str, wanted))


def test_a_temporary_table_hides_another(shared: Database) -> None:
    with session(shared.dsn) as cursor:
        cursor.execute("create temp table rows as select 9 as id, 1.5 as a, 2 as b, 1e0 as c")
        found = fetch(cursor, "select * from soft.score_table('rows', 'id')")
        check_same(found, fetch(cursor, "select '9', soft.score(1.5, 2, 1)"))


def test_names_of_any_kind(database: Database, tmp_path: Path) -> None:
    features = ['a "b"', "Größe", "%s;--"]
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    deploy_model(database.dsn, path, 'mo"del', features=features, labels=["'", "--"])
    query(
        database.dsn,
        'create table "T 1" ("k""ey" integer primary key, "%%s;--" real, "a ""b""" numeric,'
        ' "Größe" integer); insert into "T 1" select g, g, g / 7.0, -g from generate_series(1, 9) g',
        (),
    )
    with session(database.dsn) as cursor:
        score = '"mo""del".score("a ""b""", "Größe", "%s;--")'
        wanted = fetch(cursor, f'select "k""ey", {score} from "T 1"')
        found = fetch(cursor, """select * from "mo""del".score_table('"T 1"', 'k"ey')""")
        check_same(found, wanted)
        cursor.execute("""call "mo""del".score_into('"T 1"', 'k"ey', '"out ""put"')""")
        check_same(fetch(cursor, 'select key, score from "out ""put"'), wanted)


ARRAYS = """
create table arrays (id integer primary key, dense_0_input {0});
insert into arrays select g, array[g, g % 3, -g, 1]::{0} from generate_series(1, 300) g;
update arrays set dense_0_input[2] = null where id % 10 = 0;
update arrays set dense_0_input[2] = 5 where id % 20 = 0;
update arrays set dense_0_input = null where id = 7;
update arrays set dense_0_input = ('[3:6]={{4,5,6,7}}')::{0} where id = 8;
"""


@pytest.mark.parametrize(
    "kind", ["real", "double precision", "integer", "bigint", "smallint", "numeric"]
)
def test_array_columns_of_any_type(shared: Database, kind: str) -> None:
    with session(shared.dsn, autocommit=False) as cursor:
        cursor.execute(ARRAYS.format(f"{kind}[]"))
        wanted = fetch(cursor, "select id, arr.score(dense_0_input::real[]) from arrays")
        assert sum(row[1] is None for row in wanted) == 16
        check_same(fetch(cursor, "select * from arr.score_table('arrays', 'id')"), wanted)
        found = fetch(cursor, "select * from arr.score_table('select * from arrays', 'id')")
        check_same(found, wanted)


def test_two_inputs_and_two_outputs(shared: Database) -> None:
    with session(shared.dsn) as cursor:
        cursor.execute(
            "create temp table pairs as select g as id, array[g, 1, -g]::real[] as a,"
            " case when g % 5 = 0 then array[[g, 2], [3, 4]] end::numeric[] as b,"
            " null::int as c from generate_series(1, 50) g"
        )
        cursor.execute("update pairs set b = array[1.5, 2, 3, id] where id % 3 = 0")
        wanted = fetch(cursor, "select id, two.score(a, b::real[])::text from pairs")
        assert {row[1] is None for row in wanted} == {True, False}
        found = fetch(cursor, "select key, score::text from two.score_table('pairs', 'id')")
        check_same(found, wanted)
        sql = "select key, (score).two from two.score_table('pairs', 'id')"
        wanted = fetch(cursor, "select id, (two.score(a, b::real[])).two from pairs")
        check_same(fetch(cursor, sql), wanted)
        sql = (
            "select s.key, s.score::text from (select array_agg(id) as keys,"
            " string_agg(two.pack(a, b::real[]), '') as rows from pairs) as g,"
            " lateral two.score_batch(g.keys, g.rows) s"
        )
        wanted = fetch(cursor, "select id, two.score(a, b::real[])::text from pairs")
        check_same(fetch(cursor, sql), wanted)
        cursor.execute("call two.score_into('pairs', 'id', 'pg_temp.two_scores')")
        check_same(fetch(cursor, "select key, score::text from two_scores"), wanted)
        cursor.execute("call two.score_into('pairs', 'id', 'pg_temp.two_scores')")
        assert fetch(cursor, "select count(*) from two_scores") == [(50,)]


def test_texts(shared: Database) -> None:
    with session(shared.dsn) as cursor:
        cursor.execute(
            "create temp table texts as select g as id, case when g % 9 = 0 then null"
            " when g % 2 = 0 then array['ja', null] else array['größer', chr(g) || '\"\\'] end as words"
            " from generate_series(1, 200) g"
        )
        wanted = fetch(cursor, "select id, words.score(words) from texts")
        assert {row[1] is None for row in wanted} == {True, False}
        check_same(fetch(cursor, "select * from words.score_table('texts', 'id')"), wanted)
        sql = "select (words.score_batch(array_agg(id), string_agg(words.pack(words), ''))).* from texts"
        check_same(fetch(cursor, sql), wanted)


# The aggregate form.

KEYS = {
    "integer": "id",
    "bigint": "(id::bigint << 33)",
    "uuid": "md5(id::text)::uuid",
    "text": "'k\"{},\\' || id",
    "NULL sometimes": "nullif(id, 17)",
    "date": "date '2020-01-01' + id",
}
GROUPS = {
    "all": "",
    "blocks": "group by id / 512",
    "by value": "group by c",
    "one each": "where id < 60 group by id",
    "filter": "where b > 0",
}


@pytest.mark.parametrize(
    ("kind", "group"),
    [*((kind, "blocks") for kind in KEYS), *(("integer", group) for group in GROUPS)],
)
def test_the_aggregate_keeps_keys_of_any_type(shared: Database, kind: str, group: str) -> None:
    key = KEYS[kind]
    condition = GROUPS[group].split("group by")[0]
    with session(shared.dsn) as cursor:
        for model, pack in (
            ("fraud", "pack(a, b, c)"),
            ("soft", "pack(array[a, b, c])"),
            ("soft", "pack(a => a, b => b, c => c)"),
        ):
            gathered = f"select array_agg({key}) as keys, string_agg({model}.{pack}, '') as rows"
            sql = (
                f"select s.* from ({gathered} from rows {GROUPS[group]}) g,"
                f" lateral {model}.score_batch(g.keys, g.rows) s"
            )
            wanted = fetch(cursor, f"select {key}, {model}.score(a, b, c) from rows {condition}")
            found = fetch(cursor, sql)
            check_same(found, wanted)
            assert {type(row[0]) for row in found} == {type(row[0]) for row in wanted}
            labels = fetch(cursor, sql.replace("score_batch", "label_batch"))
            wanted = fetch(cursor, f"select {key}, {model}.label(a, b, c) from rows {condition}")
            assert sorted(map(str, labels)) == sorted(map(str, wanted))


def test_the_aggregate_of_nothing_is_nothing(shared: Database) -> None:
    sql = (
        "select * from (select array_agg(id) as keys, string_agg(fraud.pack(a, b, c), '') as rows"
        " from rows where false) g, lateral fraud.score_batch(g.keys, g.rows) s"
    )
    assert query(shared.dsn, sql) == []


@pytest.mark.parametrize(
    ("keys", "rows", "message"),
    [
        ("array[1, 2]", "fraud.pack(1, 2, 3)", "key 2: the message ends"),
        ("array[1]", "fraud.pack(1, 2, 3) || fraud.pack(1, 2, 3)", "key 1: more rows were packed"),
        ("array[[1, 2], [3, 4]]", "fraud.pack(1, 2, 3)", "keys have 2 dimensions"),
        ("array[7, 8]", "fraud.pack(1, 2, 3) || fraud.pack(array[1]::real[])", "key 8: model"),
        (
            "'[5:6]={7,8}'::int[]",
            "fraud.pack(1, 2, 3) || fraud.pack(array[1]::real[])",
            "key 8: mo",
        ),
        ("array[1]", "'\\xdeadbeef00'::bytea", "key 1: the message"),
        ("array[null::int]", "'\\x00'::bytea", "key NULL: "),
    ],
)
def test_what_was_gathered_wrong_is_told(
    shared: Database, keys: str, rows: str, message: str
) -> None:
    with session(shared.dsn) as cursor:
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute(f"select * from fraud.score_batch({keys}, {rows})")
        assert message in str(caught.value)
        assert caught.value.pgcode in ("22023", "2202E")
        assert fetch(cursor, "select fraud.score(1, 2, 3) is not null") == [(True,)]


# Faults.


@pytest.mark.parametrize("kind", ["real", "numeric"])
def test_a_wrong_length_names_its_key(shared: Database, kind: str) -> None:
    with session(shared.dsn) as cursor:
        cursor.execute(
            f"create temp table w as select 'k' || g as id, array[g, 1, 2, 3]::{kind}[] as"
            " dense_0_input from generate_series(1, 9000) g"
        )
        cursor.execute("update w set dense_0_input = '{1,2,3}' where id = 'k8765'")
        for call in (
            "select * from arr.score_table('w', 'id')",
            "select * from arr.score_table('select * from w', 'id')",
            "select (arr.score_batch(array_agg(id), string_agg(arr.pack(dense_0_input::real[]), '')))"
            ".* from w",
            "call arr.score_into('w', 'id', 'pg_temp.w_scores')",
        ):
            with pytest.raises(psycopg2.Error) as caught:
                fetch(cursor, call)
            text = 'key k8765: model "arr": input "dense_0_input" takes 4 numbers, got 3'
            assert text in str(caught.value)
            assert caught.value.pgcode == "22023"


@pytest.mark.parametrize(
    ("source", "key", "code", "message"),
    [
        ("nothing", "id", "42P01", 'there is no table "nothing"'),
        ("rows; drop table rows", "id", "42602", "invalid name syntax"),
        ("rows", "nokey", "42703", "rows has no column nokey"),
        ("rows", "ID", "42703", "rows has no column ID"),
        ("select id, a, 1 as x from rows", "k", "42703", "the query has no column k, b, c"),
        ("select id, a, b, 'x'::text as c from rows", "id", "42804", 'column "c" is text'),
        ("select id, a, b, array[c] as c from rows", "id", "42804", 'column "c" is real[]'),
        ("  VALUES (1, 2, 3, 4)", "id", "42703", "the query has no column id, a, b, c"),
        ("select 1; drop table rows", "id", "42601", "syntax error"),
        ("select id, a, b, 1 / 0 as c from rows", "id", "22012", "division by zero"),
        (None, "id", "22004", "must not be NULL"),
        ("rows", None, "22004", "must not be NULL"),
    ],
)
def test_sources_that_cannot_be_scored(
    shared: Database, source: str | None, key: str | None, code: str, message: str
) -> None:
    with session(shared.dsn) as cursor:
        for call in (
            "select * from fraud.score_table(%s, %s)",
            "select * from fraud.label_table(%s, %s)",
            "call fraud.score_into(%s, %s, 'never')",
        ):
            with pytest.raises(psycopg2.Error) as caught:
                fetch(cursor, call, (source, key))
            assert message in str(caught.value), str(caught.value)
            assert caught.value.pgcode == code
        assert fetch(cursor, "select to_regclass('never')") == [(None,)]
        assert fetch(cursor, f"select count(*) = {ROWS} from rows") == [(True,)]


def test_a_table_is_one_snapshot(own: Database) -> None:
    """A policy holds the run up in the middle, while another session changes all rows."""
    query(own.dsn, ANALYST)
    query(own.dsn, "grant usage on schema fraud to analyst; grant select on rows to analyst")
    query(own.dsn, "alter table rows enable row level security")
    query(own.dsn, "create policy p on rows to analyst using (gate(id = 6000))")
    with session(own.dsn) as cursor:
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn_of("analyst"), "select * from fraud.score_table('rows', 'id')")
        wait_until(lambda: waits(cursor))
        cursor.execute("update rows set a = a + 1")
        cursor.execute("delete from rows where id % 3 = 0")
        cursor.execute("insert into rows values (99999, 1, 1, 1)")
        cursor.execute("select pg_advisory_unlock(4)")
        check_same(run.result(), wanted)
        changed = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        assert len(changed) == 8001
        check_same(fetch(cursor, "select * from fraud.score_table('rows', 'id')"), changed)


def test_a_cursor_over_a_table_keeps_its_snapshot(own: Database) -> None:
    with session(own.dsn) as other:
        wanted = fetch(other, "select id, fraud.score(a, b, c) from rows")
        connection = psycopg2.connect(own.dsn)
        with connection.cursor("server_side") as cursor:
            cursor.itersize = 500
            cursor.execute("select * from fraud.score_table('rows', 'id')")
            found = [cursor.fetchone()]
            other.execute("update rows set a = -a; ")
            other.execute("delete from rows where id > 100")
            found += cursor.fetchall()
        connection.close()
        check_same(found, wanted)


@pytest.mark.parametrize("how", ["timeout", "cancel"])
@pytest.mark.parametrize(
    "call",
    [
        "select * from fraud.score_table('gated', 'id')",
        "call fraud.score_into('gated', 'id', 'scores')",
        "call fraud.score_into('rows', 'id', 'gated_scores')",
    ],
)
def test_a_cancelled_run_leaves_the_session_usable(own: Database, how: str, call: str) -> None:
    query(own.dsn, "create view gated as select * from rows where gate(id = 11000)")
    make_gated_target(own.dsn, 11000)
    with session(own.dsn) as holder, session(own.dsn) as cursor:
        wanted = fetch(holder, "select id, fraud.score(a, b, c) from rows")
        holder.execute("select pg_advisory_lock(4)")
        if how == "timeout":
            cursor.execute("set statement_timeout = '2s'")
        else:
            pid = cursor.connection.get_backend_pid()

            def cancel() -> None:
                with session(own.dsn) as third:
                    wait_until(lambda: waits(third))
                    third.execute("select pg_cancel_backend(%s)", (pid,))

            threading.Thread(target=cancel).start()
        with pytest.raises(psycopg2.errors.QueryCanceled):
            fetch(cursor, call)
        holder.execute("select pg_advisory_unlock(4)")
        cursor.execute("set statement_timeout = 0")
        check_same(fetch(cursor, "select * from fraud.score_table('rows', 'id')"), wanted)
        for target in ("scores", "gated_scores"):
            source = "gated" if target == "scores" else "rows"
            cursor.execute(f"call fraud.score_into('{source}', 'id', '{target}')")
            check_same(fetch(cursor, f"select key, score from {target}"), wanted)


# Rights.


@pytest.fixture
def analyst(own: Database) -> Iterator[str]:
    """A role with a schema of its own, USAGE on the model's and SELECT on rows; its dsn."""
    query(own.dsn, ANALYST)
    query(own.dsn, "revoke create on schema public from public")
    query(own.dsn, "grant usage on schema fraud to analyst; grant select on rows to analyst")
    query(own.dsn, "create schema desk authorization analyst; create table closed as table rows")
    yield own.dsn_of("analyst")
    query(own.dsn, "drop owned by analyst cascade")


def test_a_scoring_role_uses_every_form(own: Database, analyst: str) -> None:
    with session(own.dsn) as owner:
        wanted = fetch(owner, "select id, fraud.score(a, b, c) from rows")
    batch = (
        "select s.* from (select array_agg(id) as keys, string_agg(fraud.pack(a, b, c), '') as rows"
        " from rows group by id / 4096) g, lateral fraud.score_batch(g.keys, g.rows) s"
    )
    for sql in (
        "select * from fraud.score_table('rows', 'id')",
        "select * from fraud.score_table('select * from rows', 'id')",
        batch,
    ):
        with session(analyst) as cursor:  # cold: the weights are loaded by this call
            check_same(fetch(cursor, sql), wanted)
    with session(analyst) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'desk.scores')")
        check_same(fetch(cursor, "select key, score from desk.scores"), wanted)
        cursor.execute("call fraud.score_into('table rows', 'id', 'desk.more')")
        check_same(fetch(cursor, "select key, score from desk.more"), wanted)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from fraud.score_table('closed', 'id')",
        "select * from fraud.score_table('select * from closed', 'id')",
        "select * from fraud.score_table('export_model.chunks', 'chunk')",
        "call fraud.score_into('closed', 'id', 'desk.scores')",
        "call fraud.score_into('rows', 'id', 'public.scores')",
        "call fraud.score_into('rows', 'id', 'taken')",
        "call fraud.score_into('rows', 'id', 'export_model.mine')",
        "call fraud.score_into('rows', 'id', 'given')",
        "select * from export_model.chunks",
        "select export_model.load('x')",
        "select run.* from fraud.scorer() as s (j), lateral export_model.loaded(j ->> 'version') run",
    ],
)
def test_a_scoring_role_gets_no_further(own: Database, analyst: str, sql: str) -> None:
    query(
        own.dsn,
        "create table given (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version));"
        "create table taken (like given including all); grant select on taken to analyst",
    )
    with session(analyst) as cursor:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            fetch(cursor, sql)
        assert fetch(cursor, "select to_regclass('desk.scores')") == [(None,)]


def test_a_target_of_another_is_filled_with_insert_and_select(own: Database, analyst: str) -> None:
    """CREATE on the target's schema is needed for nothing but making it."""
    query(
        own.dsn,
        "create table given (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version));"
        "grant select, insert on given to analyst",
    )
    query(analyst, "select 1")
    with session(analyst) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'given')")
        assert fetch(cursor, "select count(*) from given") == [(12000,)]


@pytest.mark.parametrize("kind", ["table", "partitioned"])
def test_row_level_security_holds(own: Database, analyst: str, kind: str) -> None:
    name = "rows"
    if kind == "partitioned":
        name = "parts"
        query(
            own.dsn,
            "create table parts (id int primary key, a real, b real, c real) partition by range (id);"
            "create table p1 partition of parts for values from (0) to (5000);"
            "create table p2 partition of parts default;"
            "insert into parts select id, a, b, c from rows; grant select on parts to analyst",
        )
    query(own.dsn, f"alter table {name} enable row level security")
    query(own.dsn, f"create policy even on {name} to analyst using (id % 2 = 0)")
    with session(analyst) as cursor:
        wanted = fetch(cursor, f"select id, fraud.score(a, b, c) from {name}")
        assert len(wanted) == 6000
        check_same(fetch(cursor, f"select * from fraud.score_table('{name}', 'id')"), wanted)
        cursor.execute(f"call fraud.score_into('{name}', 'id', 'desk.scores')")
        check_same(fetch(cursor, "select key, score from desk.scores"), wanted)


# score_into.


def make_gated_target(dsn: str, key: int) -> None:
    """A table of scores that waits at the gate before it takes this key."""
    query(
        dsn,
        "create table gated_scores (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version));"
        "create function hold() returns trigger language plpgsql as"
        " 'begin perform public.gate(true); return new; end';"
        "create trigger held before insert on gated_scores for each row"
        f" when (new.key = {key}) execute function hold()",
    )


def test_scores_are_written_and_not_again(own: Database) -> None:
    with session(own.dsn) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'scores')")
        assert "12000 rows scored into public.scores" in cursor.connection.notices[-1]
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        check_same(fetch(cursor, "select key, score from scores"), wanted)
        labels = fetch(cursor, "select key, label from scores")
        assert sorted(labels) == sorted(fetch(cursor, "select id, fraud.label(a, b, c) from rows"))
        assert {row[1] for row in labels} == {"good", "bad", None}
        ((version, times),) = fetch(
            cursor,
            "select min(model_version), bool_and(scored_at > now() - interval '1 h') from scores",
        )
        assert times
        short = (
            "select substr(current_version, 1, 12) from export_model.models where name = 'fraud'"
        )
        assert fetch(cursor, short) == [(version,)]
        columns = fetch(
            cursor,
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'scores'::regclass and attnum > 0 order by attnum",
        )
        assert columns == [
            ("key", "integer"),
            ("score", "real"),
            ("label", "text"),
            ("model_version", "text"),
            ("scored_at", "timestamp with time zone"),
        ]
        cursor.execute("delete from scores where key in (5, 6000)")
        cursor.execute("insert into rows values (20000, 1, 2, 3)")
        old = fetch(cursor, "select key, scored_at, xmin::text from scores")
        cursor.execute("call fraud.score_into('rows', 'id', 'scores')")
        assert "3 rows scored" in cursor.connection.notices[-1]
        new = fetch(cursor, "select key, scored_at, xmin::text from scores")
        assert {row[0] for row in set(new) - set(old)} == {5, 6000, 20000}
        assert set(old) <= set(new)


@pytest.mark.parametrize("source", ["rows", "a_view", "select * from rows order by id"])
def test_a_killed_run_is_resumed_without_doubles_or_gaps(own: Database, source: str) -> None:
    make_gated_target(own.dsn, 10500)
    query(own.dsn, "create view a_view as select * from rows")
    call = f"call fraud.score_into('{source}', 'id', 'gated_scores')"
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn, call)
        wait_until(lambda: waits(cursor))
        pid = run.connection.get_backend_pid()
        cursor.execute("select pg_terminate_backend(%s)", (pid,))
        with pytest.raises(psycopg2.Error):
            run.result()
        cursor.execute("select pg_advisory_unlock(4)")
        gone = "select count(*) from pg_stat_activity where pid = %s"
        wait_until(lambda: fetch(cursor, gone, (pid,)) == [(0,)])
        before = fetch(cursor, "select key, score, scored_at, xmin::text from gated_scores")
        assert 0 < len(before) < 12000, "steps before the end were committed"
        cursor.execute(call)
        assert f"{12000 - len(before)} rows scored" in cursor.connection.notices[-1]
        after = fetch(cursor, "select key, score, scored_at, xmin::text from gated_scores")
        assert set(before) <= set(after)
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        check_same([row[:2] for row in after], wanted)


def test_a_new_version_adds_its_own_rows(own: Database, tmp_path: Path) -> None:
    with session(own.dsn) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'scores')")
        old = fetch(cursor, "select key, score, model_version, scored_at from scores")
        other = write_sequential(tmp_path / "new.h5", [3, 4, 1], ["relu", "sigmoid"], seed=9)
        deploy_model(own.dsn, other, "fraud", features=ABC, labels=["good", "bad"])
        for expected_rows in ("12000 rows", "0 rows"):
            cursor.execute("call fraud.score_into('rows', 'id', 'scores')")
            assert expected_rows in cursor.connection.notices[-1]
        new = fetch(cursor, "select key, score, model_version, scored_at from scores")
        assert len(new) == 24000
        assert set(old) - set(new) == {row for row in old if is_nan(row[1])} - set(new)
        version = old[0][2]
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        check_same([row[:2] for row in new if row[2] != version], wanted)
        assert sum(a != b for a, b in zip(sorted(old)[:50], sorted(wanted)[:50], strict=True)) == 50


def is_nan(value: Any) -> bool:
    """NaN is not equal to itself."""
    return isinstance(value, float) and math.isnan(value)


RIGHT = "key integer, score real, label text, model_version text, scored_at timestamptz not null"
UNIQUE = "primary key (key, model_version)"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ("id integer, name text", "42804"),
        (f"{RIGHT}, more integer, {UNIQUE}", "42804"),
        (f"{RIGHT.replace('key integer', 'key bigint')}, {UNIQUE}", "42804"),
        (f"{RIGHT.replace('score real', 'score real[]')}, {UNIQUE}", "42804"),
        (f"{RIGHT.replace('label text', 'labels text')}, {UNIQUE}", "42804"),
        ("score real, key integer, label text, model_version text, scored_at timestamptz", "42804"),
        (RIGHT, "42P16"),
        (f"{RIGHT}, primary key (key)", "42P16"),
        (f"{RIGHT}, unique (key, label)", "42P16"),
        (f"{RIGHT}, unique (key, model_version, label)", "42P16"),
    ],
)
def test_a_target_that_looks_different_is_refused_and_left(
    own: Database, columns: str, code: str
) -> None:
    query(own.dsn, f"create table target ({columns})")
    with session(own.dsn) as cursor:
        shape = (
            "select pg_get_tabledef from (select string_agg(a::text, ',') as pg_get_tabledef from"
        )
        shape += " pg_attribute a where attrelid = 'target'::regclass) t"
        before = fetch(cursor, shape)
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute("call fraud.score_into('rows', 'id', 'target')")
        assert caught.value.pgcode == code, str(caught.value)
        assert "target" in str(caught.value)
        assert fetch(cursor, shape) == before
        assert fetch(cursor, "select count(*) from target") == [(0,)]


def test_partial_and_expression_indexes_are_no_key_of_a_target(own: Database) -> None:
    query(own.dsn, f"create table target ({RIGHT})")
    query(own.dsn, "create unique index on target (key, model_version) where key > 0")
    query(own.dsn, "create unique index on target (key, lower(model_version))")
    with session(own.dsn) as cursor:
        with pytest.raises(psycopg2.Error, match="has no unique index"):
            cursor.execute("call fraud.score_into('rows', 'id', 'target')")
        cursor.execute("create unique index on target (model_version, key)")
        cursor.execute("call fraud.score_into('rows', 'id', 'target')")
        assert fetch(cursor, "select count(*) from target") == [(12000,)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("select id % 100 as id, a, b, c from rows", "120 row"),
        ("select nullif(id, 5) as id, a, b, c from rows", "1 row"),
        ("doubles", "2 row"),
        ("parents", "2 row"),
        ("nulls", "1 row"),
    ],
)
def test_a_key_that_tells_no_rows_apart_is_refused(own: Database, source: str, found: str) -> None:
    query(
        own.dsn,
        "create table doubles as select id, a, b, c from rows union all"
        " select id, a, b, c from rows where id = 7;"
        "create table nulls (id integer unique, a real, b real, c real);"
        "insert into nulls values (1, 1, 1, 1), (null, 1, 1, 1);"
        "create table parents (id integer primary key, a real, b real, c real);"
        "create table children () inherits (parents);"
        "insert into parents values (1, 1, 1, 1); insert into children values (1, 1, 1, 1)",
    )
    with session(own.dsn) as cursor:
        with pytest.raises(psycopg2.errors.UniqueViolation, match='"id" is no key') as caught:
            cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
        assert found in str(caught.value)
        assert fetch(cursor, "select to_regclass('scores')") == [(None,)]


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("character(8)", "'k' || g"),
        ("character varying(8)", "'k ' || g"),
        ("numeric(9,2)", "g / 4.0"),
        ("uuid", "md5(g::text)::uuid"),
        ("bigint", "g::bigint << 40"),
        ("date", "date '2020-01-01' + g"),
        ("timestamp(3) without time zone", "timestamp '2020-01-01' + g * interval '1 s'"),
        ("bit(12)", "g::bit(12)"),
        ("mood", "(array['low', 'high'])[g]::mood"),
        ("whole", "g"),
    ],
)
def test_keys_of_any_type_are_kept_whole(own: Database, kind: str, sql: str) -> None:
    last = 2 if kind == "mood" else 30
    with session(own.dsn) as cursor:
        cursor.execute("create type mood as enum ('low', 'high'); create domain whole as integer")
        cursor.execute(f"create table keyed (id {kind} primary key, a real, b real, c real)")
        cursor.execute(f"insert into keyed select {sql}, g, 1, 2 from generate_series(1, {last}) g")
        for source, target in (("keyed", "s1"), ("select * from keyed", "s2")):
            for count in (last, 0):
                cursor.execute(f"call fraud.score_into('{source}', 'id', '{target}')")
                assert f"{count} rows" in cursor.connection.notices[-1]
            joined = f"select count(*) from keyed k join {target} s on s.key = k.id"
            assert fetch(cursor, joined) == [(last,)]
            wanted = fetch(cursor, "select id::text, fraud.score(a, b, c) from keyed")
            check_same(fetch(cursor, f"select key::text, score from {target}"), wanted)


def test_one_run_at_a_time(own: Database) -> None:
    make_gated_target(own.dsn, 9000)
    call = "call fraud.score_into('rows', 'id', 'gated_scores')"
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn, call)
        wait_until(lambda: waits(cursor))
        for source in ("rows", "select * from rows"):
            with pytest.raises(psycopg2.errors.LockNotAvailable, match="another run is writing"):
                cursor.execute(f"call fraud.score_into('{source}', 'id', 'gated_scores')")
        cursor.execute("call fraud.score_into('rows', 'id', 'elsewhere')")  # another target may be
        cursor.execute("select pg_advisory_unlock(4)")
        run.result()
        cursor.execute(call)
        check_same(
            fetch(cursor, "select key, score from gated_scores"),
            fetch(cursor, "select key, score from elsewhere"),
        )


def test_rows_that_move_while_the_table_is_read_are_scored_once(own: Database) -> None:
    make_gated_target(own.dsn, 6000)
    with session(own.dsn) as cursor:
        cursor.execute("delete from rows where id between 11000 and 11400")
        cursor.execute("vacuum rows")  # whose space updated rows take
        old = fetch(cursor, "select id, fraud.score(a, b, c) from rows where id <= 100")
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn, "call fraud.score_into('rows', 'id', 'gated_scores')")
        wait_until(lambda: waits(cursor))
        cursor.execute("update rows set a = a + 5 where id <= 100")
        places = "select min((ctid::text::point)[0])::int from rows where id <= 100"
        assert fetch(cursor, places)[0][0] > 2048, "they moved to where the run has not been"
        cursor.execute("select pg_advisory_unlock(4)")
        run.result()
        found = fetch(cursor, "select key, score from gated_scores")
        assert sorted(row[0] for row in found) == sorted(
            row[0] for row in fetch(cursor, "select id from rows")
        )
        check_same([row for row in found if row[0] <= 100], old)


def test_a_transaction_block_is_refused_before_anything_is_done(own: Database) -> None:
    with session(own.dsn, autocommit=False) as cursor:
        cursor.execute("select 1")
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute("call fraud.score_into('rows', 'id', 'scores')")
        assert caught.value.pgcode == "25001", str(caught.value)
        assert "transaction block" in str(caught.value)
        cursor.connection.rollback()
        assert fetch(cursor, "select to_regclass('scores')") == [(None,)]
    with session(own.dsn) as cursor:  # a loop that commits is no transaction block
        cursor.execute(
            "do $$ begin for i in 1 .. 2 loop"
            " call fraud.score_into('rows', 'id', 'scores' || i); end loop; end $$"
        )
        assert fetch(cursor, "select count(*) from scores2") == [(12000,)]


def test_a_run_leaves_no_cursor_and_no_lock(own: Database) -> None:
    with session(own.dsn) as cursor:
        for source in ("rows", "select * from rows", "select * from rows where false"):
            cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
            assert fetch(cursor, "select count(*) from pg_cursors where name like 'exp%'") == [(0,)]
            assert fetch(cursor, "select count(*) from pg_locks where locktype = 'advisory'") == [
                (0,)
            ]


# Plans and memory.


def test_batches_in_parallel_workers(own: Database) -> None:
    """Parts of a UNION ALL go to workers whole: they gather, pack, load the model and score."""
    parts = " union all ".join(
        "select s.* from (select array_agg(id) as keys, string_agg(fraud.pack(a, b, c), '') as rows"
        f" from rows where ctid >= '({first},0)' and ctid < '({first + 750},0)') g,"
        " lateral fraud.score_batch(g.keys, g.rows) s"
        for first in range(0, 3000, 750)
    )
    with session(own.dsn) as cursor:
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        cursor.execute("set max_parallel_workers_per_gather = 0")
        serial = fetch(cursor, parts)
        check_same(serial, wanted)
    with session(own.dsn) as cursor:
        cursor.execute("set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0")
        cursor.execute("set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0")
        cursor.execute("set parallel_leader_participation = off")
        cursor.execute(f"explain (analyze, format json) {parts}")
        plan = cursor.fetchone()[0][0]["Plan"]
        assert launched(plan) == 2
        gather = str(plan)
        assert "score_batch" in gather[gather.index("Gather") :], "scored below the Gather"
        assert sorted(fetch(cursor, parts), key=str) == sorted(serial, key=str)


def launched(plan: dict[str, Any]) -> int:
    """Workers of a plan and all below it."""
    below = sum(launched(child) for child in plan.get("Plans", []))
    return int(plan.get("Workers Launched", 0)) + below


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """100 MB of arrays, a batch of 4 MiB, and twice the time to make it: below 64 MB more."""
    path = write_sequential(tmp_path / "wide.h5", [2500, 1], ["sigmoid"])
    with private_server(shared_buffers="4MB", work_mem="4MB") as server:
        dsn = server.dsn()
        query(dsn, "create extension plpython3u")
        deploy(compile_model(path, "wide")[0], dsn)
        query(
            dsn,
            "create table wide_rows (id integer primary key, dense_0_input real[]);"
            "alter table wide_rows alter dense_0_input set storage external;"
            "insert into wide_rows select g, array_fill((g / 1e4)::real, array[2500])"
            " from generate_series(1, 10000) g; create view wide_view as table wide_rows",
        )
        for call in (
            "select count(*), min(score), max(score) from wide.score_table('{}', 'id')",
            "call wide.score_into('{}', 'id', 'scores_of_{}')",
        ):
            for source in ("wide_rows", "wide_view"):
                with session(dsn) as cursor:
                    sql = "select wide.score(dense_0_input) from wide_rows where id = 1"
                    fetch(cursor, sql)
                    pid = cursor.connection.get_backend_pid()
                    before = peak_bytes(pid)
                    cursor.execute(call.format(source, source))
                    assert peak_bytes(pid) - before < 64 * 2**20, (call, source)
        wanted = query(
            dsn, "select id, wide.score(dense_0_input) from wide_rows where id % 100 = 0"
        )
        for source in ("wide_rows", "wide_view"):
            found = query(dsn, f"select key, score from scores_of_{source}")
            assert len(found) == 10000
            check_same([row for row in found if row[0] % 100 == 0], wanted)


def peak_bytes(pid: int) -> int:
    """The most memory a process ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM in /proc")


def test_headers_of_rows_are_in_the_machines_byte_order(shared: Database) -> None:
    ((found,),) = query(shared.dsn, "select fraud.pack(1, 2, 3)")
    assert struct.unpack_from("=iiI", bytes(found)) == (1, 0, 701)
    ((null,),) = query(shared.dsn, "select fraud.pack(null::real[])")
    assert bytes(null) == messages.NULL_ROW
