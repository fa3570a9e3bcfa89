"""Sessions, tables and models for tests of whole tables."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import databases
import numpy as np
import psycopg2
from databases import keep, log_in

from database.networks import (
    deploy_model,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)

ROWS = 5000
ABC = ["a", "b", "c"]
NEAR = {"rtol": 1e-5, "atol": 1e-6}  # a batch multiplies matrices in another order than one row

CLERK = "do $$ begin create role clerk login; exception when duplicate_object then end $$"
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
    if databases.ENGINE == "plpython":  # the other one refuses arrays of texts
        deploy_model(dsn, write_words(folder / "words.h5", ["ja", "größer"], 2), "words")


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


@contextmanager
def session(dsn: str, autocommit: bool = True) -> Iterator[Any]:
    """A cursor of a connection of its own, which may be one that was left as a new one."""
    connection = log_in(dsn)
    connection.autocommit = autocommit
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def warm_session(dsn: str) -> Iterator[Any]:
    """The same of the session that is kept for its database, where Python and models are loaded
    already; what is set or made for a session is discarded at the end."""
    connection = keep(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        with connection.cursor() as cursor:
            cursor.execute("discard all")
        connection.autocommit = False


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


def wait_until(condition: Callable[[], bool], timeout_s: float = 120) -> None:
    """Poll; fails when it never becomes true, also where a dozen others use the processors."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)


def waits(cursor: Any) -> bool:
    """Does a session of this database wait at the gate?"""
    found = fetch(
        cursor,
        "select count(*) from pg_locks where locktype = 'advisory' and objid = 4 and not granted"
        " and database = (select oid from pg_database where datname = current_database())",
    )
    return found != [(0,)]


def waits_for_another(cursor: Any) -> bool:
    """Does a session of this database wait for another one's transaction?"""
    found = fetch(
        cursor,
        "select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid"
        " where l.locktype = 'transactionid' and not l.granted and a.datname = current_database()",
    )
    return found != [(0,)]


class Background(threading.Thread):
    """Runs statements in a session of its own; result() waits, and raises what they raised."""

    def __init__(self, dsn: str, *statements: str) -> None:
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.statements = statements
        self.rows: list[tuple[Any, ...]] = []
        self.notices: list[str] = []
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
        self.notices = list(self.connection.notices)
        if not self.connection.closed:
            self.connection.close()
        if self.error is not None:
            raise self.error
        return self.rows
