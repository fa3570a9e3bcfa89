"""export-model score: several sessions, one table of scores, and what an early end leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from budgets import is_thorough
from databases import Database

from database.networks import deploy_model, query, write_sequential
from database.tables import check_same, fetch, make_gated_target, session, wait_until, waits
from exporter.databases.postgres.registry import drop
from exporter.databases.postgres.score import score
from exporter.errors import DatabaseError

ROOT = Path(__file__).parents[2]
ALL = "select id, fraud.score(a, b, c) from rows"


def command(dsn: str, *options: str) -> list[str]:
    """Arguments of a process that scores rows into gated_scores."""
    program = "from exporter.cli import main; main()"
    fixed = ["--dsn", dsn, "--name", "fraud", "--table", "rows", "--key", "id"]
    return [sys.executable, "-c", program, "score", *fixed, "--into", "gated_scores", *options]


@pytest.mark.parametrize(
    ("source", "jobs"),
    [
        ("rows", 1), ("rows", 3), ("a_view", 3), ("select * from rows where id <= 3000", 1),
        *([("a_view", 1), ("select * from rows where id <= 3000", 3)] if is_thorough() else []),
    ],
)  # fmt: skip
def test_all_rows_are_scored_once(own: Database, source: str, jobs: int) -> None:
    query(own.dsn, "create view a_view as select * from rows")
    steps = []
    scoring = score(
        own.dsn,
        "fraud",
        source,
        "id",
        "scores",
        jobs,
        lambda rows, done: steps.append((rows, done)),
    )
    with session(own.dsn) as cursor:
        wanted = [row for row in fetch(cursor, ALL) if "3000" not in source or row[0] <= 3000]
        check_same(fetch(cursor, "select key, score from scores"), wanted)
    assert scoring.rows == len(wanted) == sum(rows for rows, _ in steps)
    assert not scoring.was_stopped
    parts = [done for _, done in steps]
    if source == "rows":
        assert max(part for part in parts if part is not None) == 1.0
        assert len(steps) >= jobs
    else:
        assert set(parts) == {None}
    assert score(own.dsn, "fraud", source, "id", "scores", jobs).rows == 0


def test_jobs_work_side_by_side(own: Database) -> None:
    """While one session waits before key 1, the other scores all that it does not hold."""
    make_gated_target(own.dsn, 1)
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = subprocess.Popen(command(own.dsn, "--jobs", "2"), stdout=subprocess.PIPE, cwd=ROOT)
        wait_until(lambda: waits(cursor))
        wait_until(lambda: fetch(cursor, "select max(key) from gated_scores") == [(12000,)])
        assert run.poll() is None
        cursor.execute("select pg_advisory_unlock(4)")
        assert b"12,000 rows scored into gated_scores" in run.communicate()[0]
        assert run.returncode == 0
        check_same(fetch(cursor, "select key, score from gated_scores"), fetch(cursor, ALL))


def test_ctrl_c_leaves_whole_steps_and_the_next_call_goes_on(own: Database) -> None:
    make_gated_target(own.dsn, 10500)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = subprocess.Popen(
            command(own.dsn, "--jobs", "2"), stdout=subprocess.PIPE, env=environment, cwd=ROOT
        )
        wait_until(lambda: waits(cursor))
        run.send_signal(signal.SIGINT)
        out = run.communicate(timeout=120)[0].decode()
        assert run.returncode == 130
        assert "stopped before the end" in out
        cursor.execute("select pg_advisory_unlock(4)")
        before = fetch(cursor, "select key, score, scored_at from gated_scores")
        assert 0 < len(before) < 12000
        assert f"{len(before):,} rows scored" in out
        again = subprocess.run(
            command(own.dsn), capture_output=True, text=True, env=environment, cwd=ROOT, check=True
        )
        assert f"{12000 - len(before):,} rows scored" in again.stdout
        check_same(fetch(cursor, "select key, score from gated_scores"), fetch(cursor, ALL))
        assert set(before) <= set(fetch(cursor, "select key, score, scored_at from gated_scores"))


def test_a_lost_session_is_an_error_that_says_what_is_there(own: Database) -> None:
    make_gated_target(own.dsn, 10500)
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = subprocess.Popen(
            command(own.dsn, "--jobs", "2"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        wait_until(lambda: waits(cursor))
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_locks"
            " where locktype = 'advisory' and not granted and objid = 4"
        )
        error = run.communicate(timeout=120)[1].decode()
        assert run.returncode == 1
        cursor.execute("select pg_advisory_unlock(4)")
        count = fetch(cursor, "select count(*) from gated_scores")[0][0]
    assert f"{count:,} rows scored and committed before" in error
    assert score(own.dsn, "fraud", "rows", "id", "gated_scores").rows == 12000 - count


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "nope"}, 'there is no model "nope" in this database'),
        ({"source": "nope"}, 'there is no table "nope"'),
        ({"key": "nope"}, "rows has no column nope"),
        ({"key": "c"}, 'column "c" is no key'),
        ({"target": "rows"}, "has other columns than scores need"),
        ({"source": "select id, a from rows"}, "the query has no columns b, c"),
        ({"source": "select id, A, x from rows"}, 'cannot be read: column "x" does not exist'),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    own: Database, options: dict[str, str], message: str
) -> None:
    chosen = {"model": "fraud", "source": "rows", "key": "id", "target": "scores", **options}
    before = query(own.dsn, "select count(*) from pg_class")
    with pytest.raises(DatabaseError, match=message):
        score(own.dsn, **chosen, jobs=2)
    assert query(own.dsn, "select count(*) from pg_class") == before


def test_one_run_at_a_time_writes_to_a_target(own: Database) -> None:
    make_gated_target(own.dsn, 10500)
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        run = subprocess.Popen(command(own.dsn), stdout=subprocess.PIPE, cwd=ROOT)
        wait_until(lambda: waits(cursor))
        with pytest.raises(DatabaseError, match="another run is writing scores"):
            score(own.dsn, "fraud", "rows", "id", "gated_scores")
        with (
            session(own.dsn) as other,  # not query(), whose transaction block is refused first
            pytest.raises(psycopg2.Error, match="another run is writing scores"),
        ):
            other.execute("call fraud.score_into('rows', 'id', 'gated_scores')")
        cursor.execute("select pg_advisory_unlock(4)")
        run.communicate(timeout=120)
    assert run.returncode == 0


@pytest.mark.parametrize("name", ["50%s", "%", "%(x)s"])
def test_a_percent_sign_in_a_model_s_name_is_no_place_for_a_value(
    database: Database, tmp_path: Path, name: str
) -> None:
    path = write_sequential(tmp_path / "m.h5", [2, 1], ["sigmoid"])
    deploy_model(database.dsn, path, name, features=[name, "z"])
    quoted = f'"{name}"'
    columns = f"{quoted} real, z real, id integer primary key"
    query(database.dsn, f"create table {quoted} ({columns})")
    query(database.dsn, f"insert into {quoted} select g, g, g from generate_series(1, 9) g")
    assert score(database.dsn, name, quoted, "id", "scores").rows == 9
    drop(database.dsn, name)


def test_a_model_of_another_program_is_to_be_deployed_again(own: Database) -> None:
    """A helper with other parameters: the server would advise a type cast."""
    query(own.dsn, "drop function export_model.open_scoring")
    with pytest.raises(DatabaseError) as caught:
        score(own.dsn, "fraud", "rows", "id", "scores")
    assert "deploy it again" in str(caught.value)
    assert "type cast" not in str(caught.value)


def test_a_schema_that_takes_no_tables_says_which_right_makes_them(clerk: str) -> None:
    """USAGE of it is there, and the server does not say which of both rights lacks."""
    with pytest.raises(
        DatabaseError, match="make tables in it: grant create on schema public to clerk;"
    ):
        score(clerk, "fraud", "rows", "id", "public.scores", 1, lambda rows, part: None)
