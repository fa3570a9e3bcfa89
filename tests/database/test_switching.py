"""A statement keeps the version that it began with, in whatever form it scores, while another is
made the champion; the next one has the new version."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from databases import Database, keep, make_database

import exporter
from database.networks import query, write_sequential
from database.tables import fetch, session

ABC = ["a", "b", "c"]
# Waits for whoever holds advisory lock 4, and opens a table then, upon which a session hears what
# others have committed: in the middle of a statement's rows, or of its planning.
MADE = """
create table rows as select g as id, 0.3::float8 as a, -1::float8 as b, 2::float8 as c
  from generate_series(1, 6) g;
create table news ();
create function hold(is_here boolean) returns boolean language plpgsql as $$
begin
  if is_here then
    perform pg_advisory_lock_shared(4);
    perform pg_advisory_unlock_shared(4);
    execute 'select from public.news';
  end if;
  return true;
end $$;
create function hold_planner() returns boolean language plpgsql immutable as
  'begin return public.hold(true); end';
alter function hold_planner parallel safe;
create function ask(float8, float8, float8) returns real language plpgsql as
  'begin return fraud.score($1, $2, $3); end';
create view answers as select fraud.score(a, b, c) as score from rows where hold(id = 3);
create view given as select * from rows where hold(id = 3);
"""
PLANNED = (
    "select fraud.score(a, b, c), hold_planner(), fraud.score(array[a, b, c]::real[]) from rows"
)
BATCHES = (
    "(select id, array_agg(id) as keys, string_agg(fraud.pack(a, b, c), '') as packed from rows"
    " group by id offset 0) as g"
)
TABLE = "format('select * from rows where hold(id = 3 and %s = 1)', n), 'id'"
ASK = "select ask(a, b, c) from rows where hold(id = 3)"
WORKERS = (
    "select set_config(case when current_setting('server_version_num')::int < 160000"
    " then 'force_parallel_mode' else 'debug_parallel_query' end, 'on', false)"
)
# What a session asked before, and what it is held in.
STATEMENTS = {
    "rows": ("", "select fraud.score(a, b, c) from rows where hold(id = 3)"),
    "a view": ("", "select score from answers"),
    "batches": (
        "",
        f"select s.score from {BATCHES}, lateral fraud.score_batch(g.keys, g.packed) s"
        " where hold(g.id = 3)",
    ),
    "batches in the list": (
        "",
        f"select (fraud.score_batch(g.keys, g.packed)).score from {BATCHES} where hold(g.id = 3)",
    ),
    "tables": ("", f"select s.score from generate_series(1, 3) n, fraud.score_table({TABLE}) s"),
    "tables by version": (
        "",
        f"select s.score from generate_series(1, 3) n, fraud.score_table({TABLE}, 'champion') s",
    ),
    "a function of somebody": ("", ASK),
    "a function of somebody that is planned": ("select ask(1, 2, 3)", ASK),
    "planned": ("", PLANNED),
    "planned in a block": ("begin; select fraud.score(a, b, c) from rows", PLANNED),
    "prepared": (f"prepare held as {PLANNED}", "execute held"),
    "planned for workers": (WORKERS, PLANNED),
    "an alias": ("", PLANNED.replace("score(", "score_next(")),
}
INTO = "call fraud.score_into('given', 'id', 'scores')"


@pytest.fixture(scope="module")
def two(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, list[float]]]:
    """A model of two versions, the alias next of the first, and what each gives for a row."""
    folder, scores = tmp_path_factory.mktemp("switching"), []
    with make_database(server, "test_switching", template):
        database = Database(server, "test_switching")
        lent = keep(database.dsn)
        for seed in (1, 2):
            path = write_sequential(
                folder / f"v{seed}.h5", [3, 4, 1], ["relu", "sigmoid"], seed=seed
            )
            options: dict[str, Any] = {"name": "fraud", "features": ABC, "target": "postgres"}
            exporter.deploy(exporter.read(path), lent, **options)
            with lent.cursor() as cursor:
                scores += [score for (score,) in fetch(cursor, "select fraud.score(0.3, -1, 2)")]
        lent.commit()
        query(database.dsn, MADE)
        yield database, scores


@pytest.fixture
def first(two: tuple[Database, list[float]]) -> Iterator[tuple[Database, list[float]]]:
    """The same with the first version as champion, and nobody at the gate."""
    _switch(two[0], 1)
    yield two


def _switch(database: Database, number: int) -> None:
    """Champion and alias both."""
    lent = keep(database.dsn)
    exporter.promote(lent, "fraud", number)
    exporter.alias(lent, "fraud", "next", number)
    lent.commit()


class Asking(threading.Thread):
    """A session that asks one statement twice; the versions whose scores came back, each time."""

    def __init__(self, dsn: str, before: str, statement: str, scores: list[float]) -> None:
        super().__init__()
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.scores = scores
        if before:
            self.cursor.execute(before)
        self.statement = statement
        self.held: set[int | None] = set()
        self.error: Exception | None = None

    def run(self) -> None:
        """The statement that is held."""
        try:
            self.held = self.ask()
        except psycopg2.Error as error:
            self.error = error

    def ask(self) -> set[int | None]:
        """Numbers of versions, None for a score of neither."""
        rows = fetch(self.cursor, self.statement)
        values = [value for row in rows for value in row if value is not True]
        return {self._number(value) for value in values}

    def _number(self, value: float) -> int | None:
        near = [n for n, score in enumerate(self.scores, 1) if abs(score - value) < 1e-5]
        return near[0] if near else None


def _wait_for(cursor: Any, count: int) -> None:
    """Until so many sessions are held."""
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    until = time.monotonic() + 60
    while fetch(cursor, waiting) != [(count,)]:
        assert time.monotonic() < until, "not all came to the gate"
        time.sleep(0.01)


def test_a_statement_keeps_its_version_in_every_form(
    first: tuple[Database, list[float]],
) -> None:
    database, scores = first
    asking = {
        name: Asking(database.dsn, before, statement, scores)
        for name, (before, statement) in STATEMENTS.items()
    }
    with session(database.dsn) as gate:
        gate.execute("select pg_advisory_lock(4)")
        for one in asking.values():
            one.start()
        _wait_for(gate, len(asking))
        _switch(database, 2)
        gate.execute("select pg_advisory_unlock(4)")
        for one in asking.values():
            one.join()
    assert {name: one.error for name, one in asking.items() if one.error} == {}
    assert {name: one.held for name, one in asking.items()} == {name: {1} for name in asking}
    assert {name: one.ask() for name, one in asking.items()} == {name: {2} for name in asking}
    for one in asking.values():
        one.connection.close()


def test_a_table_is_filled_by_one_version(first: tuple[Database, list[float]]) -> None:
    """Of a view, whose rows are read first and scored in transactions of their own."""
    database, scores = first
    with session(database.dsn) as gate, session(database.dsn) as filling:
        gate.execute("select pg_advisory_lock(4)")
        thread = threading.Thread(target=filling.execute, args=(INTO,))
        thread.start()
        _wait_for(gate, 1)
        _switch(database, 2)
        gate.execute("select pg_advisory_unlock(4)")
        thread.join()
        filled = fetch(gate, "select distinct score, model_version from scores")
    number = exporter.versions(database.dsn, "fraud")[-1]
    assert filled == [(pytest.approx(scores[0], abs=1e-5), number.version)]


def test_a_cursor_and_a_snapshot_keep_their_version(
    first: tuple[Database, list[float]],
) -> None:
    database, scores = first
    sql = "select fraud.score(a, b, c), fraud.score(array[a, b, c]::real[]) from rows"
    asking = Asking(database.dsn, "", "fetch 3 from c", scores)
    for statement in (
        f"prepare again as {sql}",
        "begin isolation level repeatable read",
        f"declare c cursor for {sql}",
    ):
        asking.cursor.execute(statement)
    assert asking.ask() == {1}
    _switch(database, 2)
    assert asking.ask() == {1}, "the cursor goes on"
    asking.statement = "execute again"
    asking.cursor.execute("select from news")  # hears of the switch
    assert asking.ask() == {1}, "a statement of the same snapshot"
    asking.cursor.execute("commit")
    assert asking.ask() == {2}, "a plan that was made under the old snapshot"
    asking.connection.close()


def test_functions_decide_where_versions_take_something_else(
    first: tuple[Database, list[float]],
) -> None:
    """A version of other columns, or one that is gone, cannot be kept."""
    kept = "select export_model.kept('fraud', '', %s)"
    with session(first[0].dsn) as cursor:
        rows = fetch(cursor, "select version from export_model.versions order by number")
        one, two = (version for (version,) in rows)
        assert fetch(cursor, kept, (one,)) == [("",)]
        assert fetch(cursor, kept, (two,))[0][0].startswith(f"{one} ")
        assert fetch(cursor, kept, ("0" * 64,)) == [("",)]
        assert fetch(cursor, "select export_model.kept('x', '', %s)", (two,)) == [("",)]
        for change in (
            "update export_model.versions set inputs = '[]' where number = 1",
            f"drop function fraud.batch_{one[:12]}",
        ):
            cursor.execute("begin")
            cursor.execute(change)
            assert fetch(cursor, kept, (two,)) == [("",)]
            cursor.execute("rollback")


def test_what_is_kept_is_the_name_of_a_function_of_the_model(
    first: tuple[Database, list[float]],
) -> None:
    """Whatever text a caller puts there, and of its owner, for it runs with his rights."""
    with session(first[0].dsn) as cursor:
        fetch(
            cursor,
            "create role guest; grant usage, create on schema fraud to guest; set role guest;"
            "create function fraud.score_planted_____(bytea) returns real"
            " language sql as 'select 7';"
            "create function fraud.score_covered_____(anyelement) returns real"
            " language sql as 'select 7';"
            "reset role; select 1",
        )
        ((name,),) = fetch(
            cursor,
            "select 'score_kept_' || left(version, 12) from export_model.versions where number = 2",
        )
        for text in ("evil", 'x"."y', "score(); --", "planted", "covered"):
            with pytest.raises(psycopg2.errors.UndefinedFunction, match="score_" + text[:1]):
                fetch(
                    cursor,
                    f"select fraud.{name}(''::bytea, rpad(replace(%s, ' ', '_'), 12, '_') || ' ' ||"
                    " (date_part('epoch', statement_timestamp()) * 1e6)::int8)",
                    (text,),
                )
        fetch(cursor, "drop owned by guest; drop role guest; select 1")
