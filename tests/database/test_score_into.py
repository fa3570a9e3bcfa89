"""score_into: what is written, once, whatever happens meanwhile."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest
from databases import Database

from database.networks import deploy_model, query, write_sequential
from database.tables import (
    ABC,
    Background,
    check_same,
    fetch,
    make_gated_target,
    session,
    wait_until,
    waits,
    waits_for_another,
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


def test_rows_that_have_a_score_are_not_even_packed(own: Database) -> None:
    with session(own.dsn) as cursor:
        cursor.execute("call fraud.score_into('select * from rows where id < 9', 'id', 'scores')")
        source = "select id, a, b, 1 / (id - 5) as c from rows"
        cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
        assert fetch(cursor, "select count(*) from scores") == [(12000,)]


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
        assert set(old) <= set(new)
        version = old[0][2]
        wanted = fetch(cursor, "select id, fraud.score(a, b, c) from rows")
        check_same([row[:2] for row in new if row[2] != version], wanted)
        before, after = {row[0]: row[1] for row in old}, dict(wanted)
        assert before[1] != after[1]


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
        (f"{RIGHT.replace('key integer', 'key integer[]')}, {UNIQUE}", "42804"),
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
        shape = "select a::text from pg_attribute a where attrelid = 'target'::regclass order by 1"
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


def test_two_runs_that_make_one_target_at_once(own: Database) -> None:
    """The second waits for the first one's transaction, and finds its table."""
    job = "select export_model.open_scoring(fraud.scorer(), 'rows', 'id', 'scores')"
    with session(own.dsn, autocommit=False) as first, session(own.dsn) as cursor:
        first.execute(job)
        run = Background(own.dsn, "call fraud.score_into('rows', 'id', 'scores')")
        wait_until(lambda: waits_for_another(cursor))
        first.connection.commit()
        run.result()
        assert fetch(cursor, "select count(*) from scores") == [(12000,)]


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
            # As of a run that was cancelled while it committed.
            cursor.execute("declare export_model_rows cursor with hold for select 1")
            cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
            assert fetch(cursor, "select count(*) from pg_cursors where name like 'exp%'") == [(0,)]
            assert fetch(cursor, "select count(*) from pg_locks where locktype = 'advisory'") == [
                (0,)
            ]


def test_a_session_that_ends_at_its_first_error_is_kept(own: Database) -> None:
    """An error that is handled ends it too, and the procedure handles some; the setting stays."""
    with session(own.dsn) as cursor:
        cursor.execute("set exit_on_error = on")
        cursor.execute("call fraud.score_into('select * from rows where id < 9', 'id', 'scores')")
        assert fetch(cursor, "select count(*) from scores") == [(8,)]
        assert fetch(cursor, "show exit_on_error") == [("on",)]


def test_runs_that_make_one_target_at_once_find_it(own: Database) -> None:
    """However often others are ahead: the server then says that a row of its catalog, or a type, is
    there already."""
    query(
        own.dsn,
        "create sequence tries; create function ahead() returns event_trigger language plpgsql as"
        " $$ begin case nextval('tries') when 1 then raise sqlstate '23505'; when 2 then"
        " raise sqlstate '42710'; when 3 then raise sqlstate '42P07'; else null; end case; end $$;"
        " create event trigger ahead on ddl_command_start when tag in ('CREATE TABLE')"
        " execute function ahead()",
    )
    facts = """'{"key_type": "integer", "score_type": "real"}'"""
    columns = f"export_model.target_columns(null, {facts})"
    made = query(own.dsn, f"select export_model.prepare_target('made', {columns})::text")
    assert made == [("made",)]
