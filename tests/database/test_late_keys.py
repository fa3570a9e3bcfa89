"""A target that a run makes: its primary key is made behind the rows, whatever happens."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import Any

import psycopg2
import pytest
from databases import Database

from database.networks import query
from database.tables import Background, check_same, fetch, session, wait_until, waits
from database.test_score_command import ALL, ROOT, command
from exporter.databases.postgres.score import score
from exporter.errors import DatabaseError

KEYS = "select conname from pg_constraint where conrelid = 'gated_scores'::regclass"
SAID = "select obj_description('gated_scores'::regclass, 'pg_class')"
INTO = "call fraud.score_into('rows', 'id', 'gated_scores')"
SCORES = "select key, score from gated_scores"
# A table that a run makes waits at the gate before it takes this key.
HOLD = """
create function hold() returns trigger language plpgsql as
  'begin perform public.gate(true); return new; end';
create function hold_new() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_ddl_commands() c
      where c.command_tag = 'COMMENT' and c.object_identity = 'public.gated_scores') then
    create or replace trigger held before insert on public.gated_scores for each row
      when (new.key = 10500) execute function public.hold();
  end if;
end $$;
create event trigger held on ddl_command_end execute function hold_new();
"""


def begin(cursor: Any) -> str:
    """Open a run as the command does, its key left for later; the job."""
    (job,) = fetch(
        cursor, "select export_model.open_scoring(fraud.scorer(), 'rows', 'id', 'gated_scores')"
    )[0]
    text = json.dumps(job)
    assert fetch(cursor, "select export_model.postpone_key(%s, 'id')", (text,)) == [(True,)]
    assert fetch(cursor, KEYS) == []
    return text


def write(cursor: Any, job: str, blocks: str) -> None:
    """Write the scores of all rows, or of those in the first blocks."""
    fetch(cursor, f"select export_model.score_blocks(%s, 0, {blocks}, 8)", (job,))


def check_whole(cursor: Any) -> None:
    """Every row is there once, and the key, and nothing says that it is still to come."""
    check_same(fetch(cursor, SCORES), fetch(cursor, ALL))
    assert fetch(cursor, KEYS) == [("gated_scores_pkey",)]
    assert fetch(cursor, SAID) == [(None,)]


def test_the_next_run_makes_the_key_that_a_killed_one_left(own: Database) -> None:
    query(own.dsn, HOLD)
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = subprocess.Popen(command(own.dsn, "--jobs", "2"), cwd=ROOT)
        wait_until(lambda: waits(cursor))
        wait_until(lambda: fetch(cursor, "select count(*) > 0 from gated_scores") == [(True,)])
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL
        cursor.execute("select pg_advisory_unlock(4)")
        idle = (
            "select count(*) from pg_stat_activity where application_name = 'export-model'"
            " and datname = current_database()"
        )
        wait_until(lambda: fetch(cursor, idle) == [(0,)])
        before = fetch(cursor, "select key, score, scored_at from gated_scores")
        assert 0 < len(before) < 12000
        assert fetch(cursor, KEYS) == []
        assert "give its command again" in fetch(cursor, SAID)[0][0]
        scoring = score(own.dsn, "fraud", "rows", "id", "gated_scores")
        assert scoring.rows == 12000 - len(before)
        check_whole(cursor)
        assert set(before) <= set(fetch(cursor, "select key, score, scored_at from gated_scores"))


@pytest.mark.parametrize("is_lent", [False, True])
def test_ctrl_c_leaves_a_table_with_its_key(own: Database, is_lent: bool) -> None:
    def stop(rows: int, done: float | None) -> None:
        raise KeyboardInterrupt

    connection = psycopg2.connect(own.dsn)
    place = connection if is_lent else own.dsn
    try:
        scoring = score(place, "fraud", "rows", "id", "gated_scores", progress=stop)
        assert scoring.was_stopped
        with connection.cursor() as cursor:
            assert fetch(cursor, "select count(*) from gated_scores") == [(scoring.rows,)]
            assert 0 < scoring.rows < 12000
            assert fetch(cursor, KEYS) == [("gated_scores_pkey",)]
            assert fetch(cursor, SAID) == [(None,)]
    finally:
        connection.close()


def test_a_row_that_was_read_twice_is_there_once(own: Database) -> None:
    """As one that moved is; its first score stays, also where deletions are published."""
    query(own.dsn, "create publication everything for all tables")
    with session(own.dsn) as cursor, session(own.dsn, autocommit=False) as other:
        job = begin(other)
        write(other, job, "8")
        other.connection.commit()
        first = fetch(cursor, "select key, scored_at from gated_scores")
        assert len(first) > 0
        write(other, job, json.loads(job)["blocks"])
        fetch(other, "select export_model.make_key('gated_scores')")
        other.connection.commit()
        check_whole(cursor)
        assert set(first) <= set(fetch(cursor, "select key, scored_at from gated_scores"))


def test_rows_of_a_child_stay_where_others_have_the_same_place(own: Database) -> None:
    with session(own.dsn, autocommit=False) as cursor:
        job = begin(cursor)
        cursor.execute(
            "create table child () inherits (gated_scores);"
            "insert into child select g, 0, '', 'other', now() from generate_series(1, 12000) g"
        )
        write(cursor, job, "8")
        write(cursor, job, "8")
        fetch(cursor, "select export_model.make_key('gated_scores')")
        assert fetch(cursor, "select count(*) from child") == [(12000,)]
        assert fetch(cursor, KEYS) == [("gated_scores_pkey",)]


def test_where_nothing_may_be_dropped_the_key_stays(own: Database) -> None:
    query(
        own.dsn,
        "create function refuse() returns event_trigger language plpgsql as"
        " $$begin raise 'nothing is dropped here'; end$$;"
        "create event trigger refused on sql_drop execute function refuse()",
    )
    assert score(own.dsn, "fraud", "rows", "id", "gated_scores").rows == 12000
    with session(own.dsn) as cursor:
        check_whole(cursor)
        cursor.execute("drop event trigger refused")


def test_another_run_makes_the_key_between_two_steps(own: Database) -> None:
    """What is written by the first one afterwards is there already, and no error."""
    with session(own.dsn) as cursor, session(own.dsn, autocommit=False) as other:
        job = begin(other)
        write(other, job, "8")
        other.connection.commit()
        cursor.execute("call fraud.score_into('rows', 'id', 'gated_scores')")
        check_whole(cursor)
        write(other, job, json.loads(job)["blocks"])
        fetch(other, "select export_model.make_key('gated_scores')")
        other.connection.commit()
        check_whole(cursor)


def test_who_may_not_make_the_key_is_told_who_may(own: Database, clerk: str) -> None:
    with session(own.dsn, autocommit=False) as cursor:
        begin(cursor)
        cursor.execute("grant select, insert on gated_scores to clerk")
        cursor.connection.commit()
        with pytest.raises(DatabaseError, match="give the command of that run again") as caught:
            score(clerk, "fraud", "rows", "id", "gated_scores")
        assert 'a run of role "postgres" ended before' in str(caught.value)
        cursor.execute("alter table gated_scores add primary key (key, model_version)")
        cursor.connection.commit()
        assert score(clerk, "fraud", "rows", "id", "gated_scores").rows == 12000
        assert "give its command again" in fetch(cursor, SAID)[0][0]  # a clerk cannot take it away
        cursor.connection.commit()
        assert score(own.dsn, "fraud", "rows", "id", "gated_scores").rows == 0
        check_whole(cursor)


def test_a_run_beside_one_whose_key_is_to_come_is_refused(own: Database) -> None:
    with session(own.dsn) as cursor, session(own.dsn, autocommit=False) as other:
        job = begin(other)
        other.connection.commit()
        fetch(other, "select export_model.lock_target('gated_scores')")
        with pytest.raises(psycopg2.errors.LockNotAvailable, match="another run is writing"):
            cursor.execute("call fraud.score_into('rows', 'id', 'gated_scores')")
        write(other, job, json.loads(job)["blocks"])
        fetch(other, "select export_model.make_key('gated_scores')")
        other.connection.commit()
        check_whole(cursor)


def test_readers_of_the_target_are_waited_for(own: Database) -> None:
    with session(own.dsn) as cursor, session(own.dsn, autocommit=False) as reader:
        query(own.dsn, HOLD)
        cursor.execute("select pg_advisory_lock(4)")
        run = Background(own.dsn, "call fraud.score_into('rows', 'id', 'gated_scores')")
        wait_until(lambda: waits(cursor))
        fetch(reader, "select count(*) from gated_scores")
        cursor.execute("select pg_advisory_unlock(4)")
        held = (
            "select count(*) from pg_locks where relation = 'gated_scores'::regclass"
            " and mode in ('ShareLock', 'AccessExclusiveLock') and not granted"
        )
        wait_until(lambda: fetch(cursor, held) == [(1,)])
        reader.connection.commit()
        run.result()
        check_whole(cursor)


def test_the_key_waits_only_where_it_surely_fits_and_the_table_is_ours(own: Database) -> None:
    query(
        own.dsn,
        "create table words as select id::text as id, a, b, c from rows limit 9;"
        "create view of_words as select * from words;"
        "create table named (id text primary key, a real, b real, c real);"
        "create table there (key text, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version))",
    )
    opened = (
        "select export_model.postpone_key(j, 'id') from"
        " export_model.open_scoring(fraud.scorer(), %s, 'id', %s) j"
    )
    with session(own.dsn, autocommit=False) as cursor:
        for source, target, waits_for_rows in [
            ("rows", "s1", True),
            ("select * from rows", "s2", True),
            ("words", "s3", False),
            ("of_words", "s4", False),
            ("named", "s5", True),
            ("named", "there", False),
        ]:
            assert fetch(cursor, opened, (source, target)) == [(waits_for_rows,)], target
            has_key = f"select count(*) from pg_index where indrelid = '{target}'::regclass"
            assert fetch(cursor, has_key) == [(int(not waits_for_rows),)], target


def test_a_lent_connection_has_the_key_in_its_own_transaction(own: Database) -> None:
    query(own.dsn, "create view a_view as select * from rows")
    connection = psycopg2.connect(own.dsn)
    try:
        with connection.cursor() as cursor:
            for source in ("rows", "a_view"):
                score(connection, "fraud", source, "id", "gated_scores")
                check_whole(cursor)
                connection.rollback()
                assert fetch(cursor, "select to_regclass('gated_scores')") == [(None,)]
    finally:
        connection.close()


@pytest.mark.parametrize("is_command", [True, False])
def test_rows_that_the_key_found_twice_are_counted_once(own: Database, is_command: bool) -> None:
    """Those that were scored and then moved to where the run had not been."""
    query(own.dsn, HOLD.replace("10500", "6000"))
    with session(own.dsn) as cursor:
        cursor.execute("delete from rows where id between 11000 and 11400")
        cursor.execute("vacuum rows")  # whose space updated rows take
        cursor.execute("select pg_advisory_lock(4)")
        call = Background(own.dsn, "select" if is_command else INTO)
        run = subprocess.Popen(
            command(own.dsn) if is_command else ["true"], stdout=subprocess.PIPE, cwd=ROOT
        )
        wait_until(lambda: waits(cursor))
        cursor.execute("update rows set a = a + 5 where id <= 100")
        places = "select min((ctid::text::point)[0])::int from rows where id <= 100"
        assert fetch(cursor, places)[0][0] > 2700, "they moved to where the run has not been"
        cursor.execute("select pg_advisory_unlock(4)")
        call.result()
        said = run.communicate(timeout=120)[0].decode() + "".join(call.notices)
        assert fetch(cursor, "select count(*) from gated_scores") == [(11599,)]
        assert ("11,599 rows scored" if is_command else "11599 rows scored") in said
        assert fetch(cursor, KEYS) == [("gated_scores_pkey",)]
