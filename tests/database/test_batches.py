"""Whole tables: every form scores what score() gives row by row; faults leave nothing behind."""

from __future__ import annotations

import struct
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import messages
import psycopg2
import pytest
from budgets import is_thorough
from databases import Database
from private_server import private_server

from database.networks import compile_model, deploy_model, query, write_sequential
from database.tables import (
    CLERK,
    ROWS,
    Background,
    check_same,
    fetch,
    make_gated_target,
    session,
    wait_until,
    waits,
    warm_session,
)
from exporter.databases.postgres.deployment import deploy

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
    with warm_session(shared.dsn) as cursor:
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
    with warm_session(shared.dsn) as cursor:
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


@pytest.mark.parametrize(
    ("function", "oid", "code", "width"), [("real", 700, "f", 4), ("double", 701, "d", 8)]
)
def test_bytes_become_an_array_of_numbers_and_nothing_else(
    shared: Database, function: str, oid: int, code: str, width: int
) -> None:
    """Also those that are the header of an array, which is a crash where they are taken for one."""
    numbers = [0.5, -0.0, float("inf"), 1e-45, 3.4e38, -1.25]
    hostile = messages.send([1.0] * 4, [2, 2]) + messages.send([None, 1], has_bitmap=True)
    hostile = hostile[: -(len(hostile) % width) or None]
    with warm_session(shared.dsn) as cursor:
        sql = f"select r, export_model.array_bytes(r) from export_model.{function}_array(%s) r"
        for given in (struct.pack(f"=6{code}", *numbers), hostile, b"\xff" * 4096):
            ((found, lies),) = fetch(cursor, sql, (given,))
            assert len(found) == len(given) // width
            assert bytes(lies) == struct.pack("=iiIii", 1, 0, oid, len(found), 1) + given
        for odd in (b"", b"abc", b"1234" * 3 + b"5"):
            with pytest.raises(psycopg2.DataError, match=f"are no numbers of {width}"):
                fetch(cursor, f"select export_model.{function}_array(%s)", (odd,))


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
    "double precision": (
        "create table f as select id, a::float8, b::float8, c::float8 from rows",
        "f",
    ),
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
    "no partitions": (
        "create table np (id int, a real, b real, c real) partition by list (id)",
        "np",
    ),
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
        if not query(shared.dsn, "select 1 from pg_available_extensions where name = 'file_fdw'"):
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
    models = ("fraud", "soft") if list(SOURCES).index(name) % 2 else ("soft", "fraud")
    scored, labelled = ((model,) for model in models)
    if is_thorough():  # usually, each source scores with one and labels with the other
        scored = labelled = models
    with warm_session(shared.dsn) as cursor:
        for model in scored:
            found = fetch(cursor, f"select * from {model}.score_table(%s, 'id')", (source,))
            wanted = fetch(cursor, f"select id::text, {model}.score({arguments}) from {item} s")
            check_same(found, wanted)
            assert name in ("empty", "no partitions") or found
        for model in labelled:
            found = fetch(cursor, f"select * from {model}.label_table(%s, 'id')", (source,))
            wanted = fetch(cursor, f"select id::text, {model}.label({arguments}) from {item} s")
            assert sorted(map(str, found)) == sorted(map(str, wanted))


def test_a_temporary_table_hides_another(shared: Database) -> None:
    with warm_session(shared.dsn) as cursor:
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
        ' "Größe" integer); insert into "T 1" select g, g, g / 7.0, -g'
        " from generate_series(1, 9) g",
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
    with warm_session(shared.dsn) as cursor:
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
    with warm_session(shared.dsn) as cursor:
        cursor.execute(
            "create temp table texts as select g as id, case when g % 9 = 0 then null"
            " when g % 2 = 0 then array['ja', null]"
            " else array['größer', chr(g) || '\"\\'] end as words"
            " from generate_series(1, 200) g"
        )
        wanted = fetch(cursor, "select id, words.score(words) from texts")
        assert {row[1] is None for row in wanted} == {True, False}
        check_same(fetch(cursor, "select * from words.score_table('texts', 'id')"), wanted)
        sql = "select (words.score_batch(array_agg(id), string_agg(words.pack(words), ''))).*"
        sql += " from texts"
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
    [
        *((kind, "blocks") for kind in KEYS),
        *(("integer", group) for group in GROUPS if group != "blocks"),
    ],
)
def test_the_aggregate_keeps_keys_of_any_type(shared: Database, kind: str, group: str) -> None:
    key = KEYS[kind]
    condition = GROUPS[group].split("group by")[0]
    packs = [
        ("fraud", "pack(a, b, c)"),
        ("soft", "pack(array[a, b, c])"),
        ("soft", "pack(a => a, b => b, c => c)"),
    ]
    if not is_thorough():  # each kind and each group by one of them, each of them by three at least
        packs = packs[(list(KEYS).index(kind) + list(GROUPS).index(group)) % 3 :][:1]
    with warm_session(shared.dsn) as cursor:
        for model, pack in packs:
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
        ("array[1, 2]", "fraud.pack(1, 2, 3)", "key 2: "),
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
    with warm_session(shared.dsn) as cursor:
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute(f"select * from fraud.score_batch({keys}, {rows})")
        assert message in str(caught.value)
        assert caught.value.pgcode in ("22023", "2202E")
        assert fetch(cursor, "select fraud.score(1, 2, 3) is not null") == [(True,)]


# Faults.


@pytest.mark.parametrize(
    ("kind", "given"), [("real", "{1,2,3}"), ("real", "{1,NULL,3}"), ("numeric", "{1,2,3}")]
)
def test_a_wrong_length_names_its_key(shared: Database, kind: str, given: str) -> None:
    with warm_session(shared.dsn) as cursor:
        cursor.execute(
            f"create temp table w as select 'k' || g as id, array[g, 1, 2, 3]::{kind}[] as"
            " dense_0_input from generate_series(1, 9000) g"
        )
        cursor.execute("update w set dense_0_input = %s where id = 'k8765'", (given,))
        for call in (
            "select * from arr.score_table('w', 'id')",
            "select * from arr.score_table('select * from w', 'id')",
            "select (arr.score_batch(array_agg(id),"
            " string_agg(arr.pack(dense_0_input::real[]), ''))).* from w",
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
        # Since PostgreSQL 16 it is a table that is not there.
        ("rows; drop table rows", "id", ("42602", "42P01"), "invalid name|no table"),
        ("rows", "nokey", "42703", "rows has no column nokey"),
        ("rows", "ID", "42703", "rows has no column ID"),
        ("select id, a, 1 as x from rows", "k", "42703", "the query has no columns k, b, c"),
        ("select id, a, b, 'x'::text as c from rows", "id", "42804", 'column "c" is text'),
        ("select id, a, b, array[c] as c from rows", "id", "42804", 'column "c" is real[]'),
        ("  VALUES (1, 2, 3, 4)", "id", "42703", "the query has no columns id, a, b, c"),
        ("select 1; drop table rows", "id", "42601", "syntax error"),
        ("select id, a, b, 1 / 0 as c from rows", "id", "22012", "division by zero"),
        (None, "id", "22004", "must not be NULL"),
        ("rows", None, "22004", "must not be NULL"),
    ],
)
def test_sources_that_cannot_be_scored(
    shared: Database, source: str | None, key: str | None, code: Any, message: str
) -> None:
    with warm_session(shared.dsn) as cursor:
        for call in (
            "select * from fraud.score_table(%s, %s)",
            "select * from fraud.label_table(%s, %s)",
            "call fraud.score_into(%s, %s, 'never')",
        ):
            with pytest.raises(psycopg2.Error) as caught:
                fetch(cursor, call, (source, key))
            assert any(said in str(caught.value) for said in message.split("|")), str(caught.value)
            assert caught.value.pgcode in code
        assert fetch(cursor, "select to_regclass('never')") == [(None,)]
        assert fetch(cursor, f"select count(*) = {ROWS} from rows") == [(True,)]


def test_a_table_is_one_snapshot(own: Database) -> None:
    """A policy holds the run up in the middle, while another session changes all rows."""
    query(own.dsn, CLERK)
    query(own.dsn, "grant usage on schema fraud to clerk; grant select on rows to clerk")
    query(own.dsn, "alter table rows enable row level security")
    query(own.dsn, "create policy p on rows to clerk using (gate(id = 6000))")
    with session(own.dsn) as cursor:
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn_of("clerk"), "select * from fraud.score_table('rows', 'id')")
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
        interrupted = "gated_scores" if "gated_scores" in call else "scores"
        for target in ("scores", "gated_scores") if is_thorough() else (interrupted,):
            source = "gated" if target == "scores" else "rows"
            cursor.execute(f"call fraud.score_into('{source}', 'id', '{target}')")
            check_same(fetch(cursor, f"select key, score from {target}"), wanted)


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
def test_a_scored_query_leaves_its_table_to_the_transaction(shared: Database) -> None:
    connection = psycopg2.connect(shared.dsn)
    with connection.cursor() as cursor:
        scored = "select count(*) from fraud.score_table('select * from rows limit 5', 'id')"
        cursor.execute(scored)
        assert cursor.fetchall() == [(5,)]
        cursor.execute("alter table rows add more integer")
    connection.close()


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
                with closing(psycopg2.connect(dsn)) as connection:
                    connection.autocommit, cursor = True, connection.cursor()
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
