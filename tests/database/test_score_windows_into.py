"""Scores of windows in a table: what a run writes, once, whatever happened before and meanwhile."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from databases import Database, make_database
from hypothesis import given, settings
from hypothesis import strategies as st

import exporter
from database.networks import query, write_sequential
from database.tables import (
    CLERK,
    GATE,
    Background,
    check_same,
    fetch,
    make_gated_target,
    session,
    wait_until,
    waits,
    waits_for_another,
)
from exporter.errors import DatabaseError, counted

ABC = ["a", "b", "c"]
LENGTH = 4
COUNT = 4500  # rows, which are fetched by 4,096
EVERY = "select s.key::int, s.score from m.score_windows('rows', 'id', 'series', 'place'{}) s"
CALL = "call m.score_windows_into('rows', 'id', 'series', 'place', '{}'{})"


@pytest.fixture(scope="module")
def rolling(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with a model of windows of 4 rows of 3 columns."""
    with make_database(server, "test_windows_into", template):
        database = Database(server, "test_windows_into")
        path = write_sequential(
            tmp_path_factory.mktemp("into") / "m.h5", [LENGTH * 3, 5, 1], ["tanh", "sigmoid"]
        )
        exporter.deploy(
            exporter.read(path), database.dsn, name="m", features=ABC, window=LENGTH,
            labels=["good", "bad"],
        )  # fmt: skip
        query(database.dsn, GATE)
        yield database


@pytest.fixture
def cursor(rolling: Database) -> Iterator[Any]:
    """A session with a table of three series of 3,000 rows each, and an index on them."""
    with session(rolling.dsn) as cursor:
        cursor.execute(
            "drop table if exists rows, scores, gated_scores cascade;"
            "drop function if exists hold cascade;"
            "create table rows (id integer primary key, series text, place integer, a real, b real,"
            " c real)"
        )
        add(cursor, 1, COUNT)
        cursor.execute("create index on rows (series, place); analyze rows")
        yield cursor


def add(cursor: Any, first: int, last: int) -> None:
    """Rows of three series by turns."""
    cursor.execute(
        "insert into rows select g, chr(65 + mod(g, 3)), g, sin(g), cos(g), mod(g, 7)"
        " from generate_series(%s, %s) g",
        (first, last),
    )


def check(cursor: Any, target: str = "scores", options: str = "") -> None:
    """The target holds each window once, with the score that score_windows gives."""
    found = fetch(cursor, f"select key, score from {target}")
    check_same(found, fetch(cursor, EVERY.format(options)))


@pytest.mark.parametrize("index", ["rows_series_place_idx", ""])
@pytest.mark.parametrize("step", ["", ", step => 5"])
def test_a_run_computes_new_windows_alone(cursor: Any, index: str, step: str) -> None:
    if not index:
        cursor.execute("drop index rows_series_place_idx")
    call = CALL.format("scores", step)
    cursor.execute(call)
    first = len(fetch(cursor, EVERY.format(step)))
    assert f"{first} windows scored into public.scores" in cursor.connection.notices[-1]
    check(cursor, options=step)
    old = fetch(cursor, "select *, xmin::text from scores")
    cursor.execute(call)
    assert "0 windows scored" in cursor.connection.notices[-1]
    add(cursor, COUNT + 1, COUNT + 20)
    # A series that begins now, one that is too short, and one that had no window yet.
    cursor.execute(
        "insert into rows select 20000 + g, 'new', g, 1, 2, g from generate_series(1, 6) g"
    )
    cursor.execute(
        "insert into rows select 30000 + g, 'short', g, 1, 2, 3 from generate_series(1, 3) g"
    )
    cursor.execute(call)
    check(cursor, options=step)
    cursor.execute("insert into rows values (30004, 'short', 4, 1, 2, 3)")
    cursor.execute(call)
    check(cursor, options=step)
    assert set(old) <= set(fetch(cursor, "select *, xmin::text from scores"))
    labels = set(fetch(cursor, "select key, label from scores"))
    every = EVERY.format(step).replace("score", "label")
    assert labels == set(fetch(cursor, every))


def test_a_late_row_is_not_scored_but_is_in_later_windows(cursor: Any) -> None:
    cursor.execute(CALL.format("scores", ""))
    old = set(fetch(cursor, "select key, score from scores"))
    late, new = (-1, "A", COUNT - 1, 5, 5, 5), (COUNT + 3, "A", COUNT + 3, 1, 1, 1)
    cursor.execute("insert into rows values %s, %s", (late, new))
    cursor.execute(CALL.format("scores", ""))
    found = set(fetch(cursor, "select key, score from scores"))
    assert {key for key, _ in found - old} == {COUNT + 3}
    every = dict(fetch(cursor, EVERY.format("")))
    assert dict(found)[COUNT + 3] == pytest.approx(every[COUNT + 3], abs=1e-5), (
        "the late row is among the rows before it"
    )


def test_a_killed_run_is_resumed_without_doubles_or_gaps(rolling: Database, cursor: Any) -> None:
    make_gated_target(rolling.dsn, COUNT - 100)
    call = CALL.format("gated_scores", "")
    cursor.execute("select pg_advisory_lock(4)")
    run = Background(rolling.dsn, call)
    wait_until(lambda: waits(cursor))
    cursor.execute("select pg_terminate_backend(%s)", (run.connection.get_backend_pid(),))
    with pytest.raises(psycopg2.Error):
        run.result()
    cursor.execute("select pg_advisory_unlock(4)")
    before = fetch(cursor, "select *, xmin::text from gated_scores")
    assert 0 < len(before) < COUNT - 9, "steps before the end were committed"
    cursor.execute(call)
    check(cursor, "gated_scores")
    assert set(before) <= set(fetch(cursor, "select *, xmin::text from gated_scores"))


def test_rows_that_come_meanwhile_are_for_the_next_run(rolling: Database, cursor: Any) -> None:
    make_gated_target(rolling.dsn, COUNT - 100)
    cursor.execute("select pg_advisory_lock(4)")
    run = Background(rolling.dsn, CALL.format("gated_scores", ""))
    wait_until(lambda: waits(cursor))
    add(cursor, COUNT + 1, COUNT + 20)
    with session(rolling.dsn) as other, pytest.raises(psycopg2.Error, match="another run is wri"):
        other.execute(CALL.format("gated_scores", ""))
    cursor.execute("select pg_advisory_unlock(4)")
    run.result()
    assert fetch(cursor, "select max(key) from gated_scores") == [(COUNT,)]
    cursor.execute(CALL.format("gated_scores", ""))
    assert "20 windows scored" in cursor.connection.notices[-1]
    check(cursor, "gated_scores")


def test_two_runs_that_make_one_target_at_once(rolling: Database, cursor: Any) -> None:
    """The second waits for the first one's transaction, and finds its table."""
    job = (
        "select export_model.open_windows(m.scorer(), 'rows', 'id', 'series', 'place', 'scores',"
        " null, null, 'interval', null)"
    )
    with session(rolling.dsn, autocommit=False) as first:
        first.execute(job)
        run = Background(rolling.dsn, CALL.format("scores", ""))
        wait_until(lambda: waits_for_another(cursor))
        first.connection.commit()
        run.result()
    check(cursor)


def test_a_cursor_that_was_left_behind_is_in_nobodys_way(cursor: Any) -> None:
    """A run that is cancelled while it commits cannot close its cursor."""
    cursor.execute("declare export_model_rows cursor with hold for select 1")
    cursor.execute(CALL.format("scores", ""))
    check(cursor)


def test_a_run_that_loses_its_lock_closes_its_cursor(rolling: Database, cursor: Any) -> None:
    make_gated_target(rolling.dsn, COUNT - 100)
    cursor.execute("select pg_advisory_lock(4)")
    run = Background(rolling.dsn, CALL.format("gated_scores", ""))
    wait_until(lambda: waits(cursor))
    lock = "(7307497::bigint << 32) + 'gated_scores'::regclass::oid::bigint"
    thief = Background(rolling.dsn, f"select pg_advisory_lock({lock})")
    queue = "select from pg_locks where locktype = 'advisory' and classid = 7307497 and not granted"
    wait_until(lambda: bool(fetch(cursor, queue)))
    cursor.execute("select pg_advisory_unlock(4)")
    run.join(60)
    assert "another run is writing scores" in str(run.error)
    with run.connection.cursor() as own:
        assert fetch(own, "select name from pg_cursors") == []
    run.connection.close()
    thief.result()


@pytest.mark.parametrize("index", ["rows_series_place_idx", ""])
def test_rows_up_to_the_newest_score_are_marked_as_stored(cursor: Any, index: str) -> None:
    """Also those before a gap, where windows that are filled up would else begin anew."""
    cursor.execute("delete from rows where series <> 'A' or place > 40")
    cursor.execute(CALL.format("scores", ""))
    cursor.execute("delete from rows where id = 36; insert into rows values (50, 'A', 50, 1, 1, 1)")
    if not index:
        cursor.execute("drop index rows_series_place_idx")
    (query_of_rows,) = fetch(
        cursor,
        "select export_model.window_rows_query(export_model.open_windows(m.scorer(), 'rows', 'id',"
        " 'series', 'place', 'scores', null, '4', 'integer', null), 0, 1)",
    )[0]
    found = fetch(cursor, f"select key, mark from ({query_of_rows}) q")
    assert found == [(27, 3), (30, 2), (33, 2), (39, 3), (50, 1)]


def test_old_rows_cost_nothing(cursor: Any) -> None:
    """By the plan: no table is read as a whole, so that twenty new rows cost the same on ten
    million old ones."""
    cursor.execute(CALL.format("scores", ""))
    cursor.execute("analyze scores; analyze rows")
    add(cursor, COUNT + 1, COUNT + 20)
    (query_of_rows,) = fetch(
        cursor,
        "select export_model.window_rows_query(export_model.open_windows(m.scorer(), 'rows', 'id',"
        " 'series', 'place', 'scores', null, null, 'interval', null), 0, 1)",
    )[0]
    plan = "\n".join(row[0] for row in fetch(cursor, f"explain analyze {query_of_rows}"))
    assert "Seq Scan" not in plan, plan
    assert len(fetch(cursor, query_of_rows)) == 20 + 3 * LENGTH
    cursor.execute("drop index rows_series_place_idx")
    cursor.execute(CALL.format("scores", ""))
    assert "20 windows scored" in cursor.connection.notices[-1]


SHOWN = "select id, series as kind, place as at, a + 1 as a, b, c from rows where id <> 7"
SOURCES = {
    "view": ("viewed", "'kind', 'at'", True),
    "query": (SHOWN, "'kind', 'at'", True),
    "one series": ("select * from rows where series = ''A''", "null, 'place'", True),
    "view without order": ("viewed", "null, 'at'", False),
    "view of other order": ("viewed", "'kind', 'id'", False),
    "sorted": (SHOWN + " order by id limit 9000", "'kind', 'at'", False),
}


@pytest.mark.parametrize("name", SOURCES)
def test_views_and_queries_over_an_index(cursor: Any, name: str) -> None:
    """Old rows cost nothing where the plan looks series and place up in the index below, and
    nowhere else is the answer another."""
    source, series, is_indexed = SOURCES[name]
    cursor.execute(f"drop view if exists viewed; create view viewed as {SHOWN}")
    call = f"call m.score_windows_into('{source}', 'id', {series}, 'scores')"
    every = f"select s.key::int, s.score from m.score_windows('{source}', 'id', {series}) s"
    cursor.execute(call)
    check_same(fetch(cursor, "select key, score from scores"), fetch(cursor, every))
    add(cursor, COUNT + 1, COUNT + 20)
    cursor.execute("analyze rows; analyze scores")
    job = fetch(
        cursor,
        f"select export_model.open_windows(m.scorer(), '{source}', 'id', {series}, 'scores', null,"
        " null, 'interval', null)",
    )[0][0]
    assert job["has_index"] is is_indexed
    cursor.execute(call)
    check_same(fetch(cursor, "select key, score from scores"), fetch(cursor, every))
    if is_indexed:
        cursor.execute("select export_model.window_rows_query(%s, 0, 1)", (json.dumps(job),))
        plan = "\n".join(r[0] for r in fetch(cursor, f"explain {cursor.fetchone()[0]}"))
        assert "Seq Scan" not in plan


def test_the_columns_of_the_target(cursor: Any) -> None:
    named = ", columns => '{key,prediction=score,ts=scored_at,model_name,version=model_version}'"
    call = CALL.format("scores", named)
    for wanted in (COUNT - 9, 0):
        cursor.execute(call)
        assert f"{wanted} windows" in cursor.connection.notices[-1]
    ((key, prediction, ts, model, version),) = fetch(cursor, "select * from scores where key = 900")
    assert (key, model) == (900, "m")
    assert isinstance(prediction, float)
    assert isinstance(ts, datetime.datetime)
    assert fetch(cursor, "select m.scorer() ->> 'version'") == [(version,)]
    refused = {
        "": "table public.scores has other columns than scores need",
        ", columns => '{key,score}'": "are key, model_version, and score or label",
        ", columns => '{key,model_version}'": "are key, model_version, and score or label",
        ", columns => '{key,score,label,model_version,x=y}'": 'column "x=y" holds nothing',
        ", columns => '{key,x=score=y,model_version}'": 'column "x=score=y" holds nothing',
        ", columns => '{key,score,key=label,model_version}'": "each once",
    }
    for options, words in refused.items():
        with pytest.raises(psycopg2.Error, match=words):
            cursor.execute(CALL.format("scores", options))


def test_order_and_series_of_a_window_are_kept_in_their_own_types(cursor: Any) -> None:
    """As a table of predictions with the time of each has them; also in one that was there, in
    another order of columns, and with one dropped."""
    cursor.execute(
        "set datestyle = 'SQL, DMY'; delete from rows where id > 100; drop table if exists timed;"
        "create table timed as"
        " select *, timestamptz '2024-05-04 00:00+00' + id * interval '90 s' as at from rows;"
        "create index on timed (series, at);"
        "create table scores (gone integer, ts timestamptz, prediction real, machine text,"
        " model_name text, key integer, version text, unique (version, key));"
        "alter table scores drop gone"
    )
    call = (
        "call m.score_windows_into('timed', 'id', 'series', 'at', 'scores', columns => '{key,"
        "prediction=score,ts=order_by,machine=partition_by,model_name,version=model_version}')"
    )
    wanted = (
        "select round(s.score::numeric, 4), t.at::text, t.series, t.id, 'm'"
        " from timed t join m.score_windows('timed', 'id', 'series', 'at') s"
        " on s.key::integer = t.id"
    )
    for count in (91, 1, 0):
        cursor.execute(call)
        assert counted(count, "window") in cursor.connection.notices[-1]
        found = fetch(
            cursor,
            "select round(prediction::numeric, 4), ts::text, machine, key, model_name from scores",
        )
        assert set(found) == set(fetch(cursor, wanted))
        if count == 91:
            cursor.execute(
                "insert into timed values (101, 'A', 1, 1, 2, 3, '2024-06-01 12:00:01.5+2')"
            )
    cursor.execute("insert into timed select 102, series, 1, 1, 2, 3, at from timed where id = 101")
    with pytest.raises(psycopg2.Error, match=r"the row with key 10[12] has the same at as another"):
        cursor.execute(call)
    cursor.execute(
        "drop table if exists short;"
        "create table short (key varchar(2), score real, at timestamptz, model_version text,"
        " unique (key, model_version))"
    )
    texts = "select id::text::varchar as id, series, at, a, b, c from timed"
    refused = {
        "'timed', 'id', null, 'at', 'other', columns => '{key,p=partition_by}'": "p=partition_by",
        f"'{texts}', 'id', 'series', 'at', 'short', columns => '{{key,score,at=order_by,"
        "model_version}'": r"than scores need: \(key character varying\(2\), ",
    }
    for options, words in refused.items():
        with pytest.raises(psycopg2.Error, match=words):
            cursor.execute(f"call m.score_windows_into({options})")


@st.composite
def arrivals(draw: st.DrawFn) -> dict[str, Any]:
    """Rows that come in the order of their series, between runs; and what all runs are given."""
    gaps = st.lists(st.integers(1, 6), max_size=14)
    series = {name: draw(gaps) for name in draw(st.sets(st.sampled_from("ABC"), min_size=1))}
    rows = [(name, sum(g[: n + 1])) for name, g in series.items() for n in range(len(g))]
    runs = [draw(st.integers(0, 3)) for _ in rows]
    latest: dict[str, int] = {}
    for n, (name, _) in enumerate(rows):
        runs[n] = latest[name] = max(runs[n], latest.get(name, 0))
    return {
        "runs": [[row for row, m in zip(rows, runs, strict=True) if m == run] for run in range(4)],
        "step": draw(st.sampled_from([1, 2, 3, 9])),
        "max_gap": draw(st.sampled_from([None, 4])),
        "has_index": draw(st.booleans()),
    }


@given(arrivals())
@settings(max_examples=12, deadline=None)
def test_several_runs_write_what_one_would(rolling: Database, table: dict[str, Any]) -> None:
    gap = "" if table["max_gap"] is None else f", max_gap => {table['max_gap']}"
    options = f", step => {table['step']}{gap}"
    with session(rolling.dsn) as cursor:
        cursor.execute(
            "drop table if exists rows, scores cascade; create table rows (id serial primary key,"
            " series text, place integer, a real, b real, c real)"
        )
        if table["has_index"]:
            cursor.execute("create index on rows (series, place)")
        for run in table["runs"]:
            for series, place in run:
                cursor.execute(
                    "insert into rows (series, place, a, b, c)"
                    " select %s, n, sin(n), n / 9.0, 1 from cast(%s as integer) n",
                    (series, place),
                )
            cursor.execute(CALL.format("scores", options))
        check(cursor, options=options)


BAD = {
    "tie": (
        "insert into rows values (-1, 'B', 5000), (-2, 'B', 5000)",
        "same place(?s:.*)name the column that",
    ),
    "no order": ("insert into rows values (-1, 'B', null, 1, 1, 1)", "key -1 has no place"),
    "no series": ("insert into rows values (-1, null, 1, 1, 1, 1)", "key -1 has no place"),
}  # fmt: skip


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("name", BAD)
def test_rows_without_a_place_end_every_run(cursor: Any, name: str, is_first: bool) -> None:
    insert, words = BAD[name]
    if not is_first:
        cursor.execute(CALL.format("scores", ""))
    cursor.execute(insert)
    with pytest.raises(psycopg2.Error, match=words):
        cursor.execute(CALL.format("scores", ""))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_writes_nothing_leaves_no_target(
    rolling: Database, cursor: Any, jobs: int
) -> None:
    cursor.execute("delete from rows where id > 90; update rows set series = null")
    options: dict[str, Any] = {"key": "id", "order_by": "place", "partition_by": "series"}
    for _ in range(2):
        with pytest.raises(DatabaseError, match=r"has no place(?s:.*)\n  0 rows scored"):
            exporter.score_table(rolling.dsn, "m", "rows", into="scores", jobs=jobs, **options)
        with pytest.raises(psycopg2.Error, match="has no place"):
            cursor.execute(CALL.format("scores", ""))
        assert fetch(cursor, "select to_regclass('scores')") == [(None,)]
    with pytest.raises(DatabaseError, match="is a temporary table"):
        exporter.score_table(rolling.dsn, "m", "rows", into="pg_temp.x", jobs=jobs, **options)


@pytest.mark.parametrize("columns", ["", ", columns => '{key,score,model_version,place=order_by}'"])
def test_a_key_that_is_too_long_is_told_at_its_row(cursor: Any, columns: str) -> None:
    """Beforehand all keys would have to be read, where old rows are to cost nothing."""
    texts = (
        "select id::text || case when id = 77 then (select string_agg(md5(g::text), '')"
        " from generate_series(1, 90) g) else '' end as id, series, place, a, b, c from rows"
    )
    call = CALL.replace("'rows'", "%s").format("scores", columns.replace("%", "%%"))
    words = (
        r'the key "77c4ca4238.*" is too long: it has 2882 bytes, and an index is sure to take 2600'
    )
    with pytest.raises(psycopg2.errors.ProgramLimitExceeded, match=words) as caught:
        cursor.execute(call, (texts,))
    assert "select md5(id::text) as id, ..." in str(caught.value)
    assert fetch(cursor, "select to_regclass('scores')") == [(None,)]


def test_a_superuser_runs_no_code_of_a_target_s_owner(rolling: Database, cursor: Any) -> None:
    cursor.execute(CLERK)
    cursor.execute(
        "create schema if not exists desk authorization clerk; set role clerk;"
        "create table desk.scores (key integer, score real, label text, model_version text,"
        " scored_at timestamptz, primary key (key, model_version));"
        "create trigger t before insert on desk.scores for each row"
        " execute function suppress_redundant_updates_trigger(); reset role"
    )
    with pytest.raises(psycopg2.Error, match=r"trigger t on desk\.scores of role clerk"):
        cursor.execute(CALL.format("desk.scores", ""))
    cursor.execute("drop owned by clerk cascade")


def test_one_series_and_the_rights_of_the_caller(rolling: Database, cursor: Any) -> None:
    cursor.execute(CLERK)
    cursor.execute(
        "grant usage on schema m to clerk; create schema if not exists desk authorization clerk;"
        "delete from rows where id > 50; create index on rows (place)"
    )
    call = "call m.score_windows_into('public.rows', 'id', null, 'place', 'desk.scores')"
    with session(rolling.dsn_of("clerk")) as other:
        with pytest.raises(psycopg2.Error, match="permission denied for table rows"):
            other.execute(call)
        cursor.execute("grant select on rows to clerk")
        other.execute(call)
        cursor.execute("insert into rows values (60, 'A', 60, 1, 2, 3)")
        other.execute(call)
        assert "1 window scored" in other.connection.notices[-1]
        wanted = "select key::int, score from m.score_windows('rows', 'id', null, 'place')"
        check_same(fetch(other, "select key, score from desk.scores"), fetch(other, wanted))
    cursor.execute("drop owned by clerk cascade")


def test_rows_in_place_of_windows_are_told_what_is_missing(rolling: Database) -> None:
    with pytest.raises(DatabaseError, match=r'"m" takes windows of rows: give --order-by'):
        exporter.score_table(rolling.dsn, "m", "rows", key="id", into="never")
    with pytest.raises(psycopg2.Error, match=r"HINT: +The model takes windows of rows: score_win"):
        query(rolling.dsn, "select * from m.score_table('rows', 'id')")


def test_a_right_that_is_missing_is_told_with_what_to_do(rolling: Database, cursor: Any) -> None:
    cursor.execute(CLERK)
    cursor.execute("grant usage on schema m to clerk")
    with pytest.raises(DatabaseError, match='read "rows" and to make or write "never"'):
        exporter.score_table(
            rolling.dsn_of("clerk"), "m", "rows", key="id", into="never", order_by="place"
        )
    cursor.execute("drop owned by clerk cascade")


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_command_shares_series_among_jobs(rolling: Database, cursor: Any, jobs: int) -> None:
    program = "from exporter.cli import main; main()"
    options = ["--name", "m", "--table", "rows", "--key", "id", "--into", "scores"]
    options += ["--order-by", "place", "--partition-by", "series", "--jobs", str(jobs)]
    for wanted in (COUNT - 9, 0):
        done = subprocess.run(
            [sys.executable, "-c", program, "score", "--dsn", rolling.dsn, *options],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert f"{wanted:,} rows scored into scores" in done.stdout
    check(cursor)


def test_a_killed_command_goes_on(rolling: Database, cursor: Any) -> None:
    """Two jobs, of which one waits in the middle of a step when all of the program ends."""
    make_gated_target(rolling.dsn, COUNT - 100)
    cursor.execute("insert into rows select id + 10000, series || '2', place, a, b, c from rows")
    cursor.execute("select pg_advisory_lock(4)")
    program = "from exporter.cli import main; main()"
    options = ["--name", "m", "--table", "rows", "--key", "id", "--into", "gated_scores"]
    options += ["--order-by", "place", "--partition-by", "series", "--jobs", "2"]
    command = [sys.executable, "-c", program, "score", "--dsn", rolling.dsn, *options]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as run:
        try:
            wait_until(lambda: waits(cursor))
            wait_until(lambda: fetch(cursor, "select count(*) > 0 from gated_scores") == [(True,)])
        finally:  # it waits for this test's lock, and this test for its end
            run.kill()
    cursor.execute("select pg_advisory_unlock(4)")
    # What it had asked to be committed may be committed yet.
    left = "select count(*) from pg_stat_activity where application_name = 'export-model'"
    wait_until(lambda: fetch(cursor, f"{left} and datname = current_database()") == [(0,)])
    before = fetch(cursor, "select *, xmin::text from gated_scores")
    assert 0 < len(before) < 2 * COUNT - 18
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert f"{2 * COUNT - 18 - len(before):,} rows scored into gated_scores" in done.stdout
    check(cursor, "gated_scores")
    assert set(before) <= set(fetch(cursor, "select *, xmin::text from gated_scores"))


def test_from_python(rolling: Database, cursor: Any) -> None:
    """Also over an open connection, whose transaction holds the scores."""
    options: dict[str, Any] = {"key": "id", "into": "scores", "order_by": "place"}
    with psycopg2.connect(rolling.dsn) as own:
        scoring = exporter.score_table(
            own, "m", "rows", partition_by="series", step=2, max_gap=100, **options
        )
        assert fetch(cursor, "select to_regclass('scores')") == [(None,)]
    own.close()
    assert scoring.rows == len(fetch(cursor, EVERY.format(", step => 2")))
    check(cursor, options=", step => 2")
    columns = ("key", "prediction=score", "ts=order_by", "version=model_version")
    named = {**options, "into": "named", "partition_by": "series", "columns": columns}
    written = [exporter.score_table(rolling.dsn, "m", "rows", **named).rows for _ in range(2)]
    assert written == [COUNT - 9, 0]
    of_named = "from pg_constraint where conrelid = 'named'::regclass and contype = 'p'"
    key = fetch(cursor, f"select pg_get_constraintdef(oid) {of_named}")
    assert key == [("PRIMARY KEY (key, version)",)]
    with pytest.raises(DatabaseError, match="without --partition-by there is one"):
        exporter.score_table(rolling.dsn, "m", "rows", jobs=2, **options)
    with pytest.raises(DatabaseError, match="give order_by"):
        exporter.score_table(rolling.dsn, "m", "rows", key="id", into="scores", step=2)
    query(
        rolling.dsn, "create table days (id integer primary key, at date, a real, b real, c real)"
    )
    gap = datetime.timedelta(days=2)
    of_days = {**options, "order_by": "at", "into": "day_scores"}
    assert exporter.score_table(rolling.dsn, "m", "days", max_gap=gap, **of_days).rows == 0
