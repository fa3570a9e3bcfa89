"""Whole tables for roles that may read a table and use a model, and no more."""

from __future__ import annotations

import psycopg2
import pytest
from databases import Database

from database.networks import query
from database.tables import check_same, fetch, session


def test_a_scoring_role_uses_every_form(own: Database, clerk: str) -> None:
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
        with session(clerk) as cursor:  # cold: the weights are loaded by this call
            check_same(fetch(cursor, sql), wanted)
    with session(clerk) as cursor:
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
        "select export_model.loaded(j ->> 'version') from fraud.scorer() as s (j)",
    ],
)
def test_a_scoring_role_gets_no_further(own: Database, clerk: str, sql: str) -> None:
    query(
        own.dsn,
        "create table given (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version));"
        "create table taken (like given including all); grant select on taken to clerk",
    )
    with session(clerk) as cursor:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            fetch(cursor, sql)
        assert fetch(cursor, "select to_regclass('desk.scores')") == [(None,)]


def test_a_target_of_another_is_filled_with_insert_and_select(own: Database, clerk: str) -> None:
    """CREATE on the target's schema is needed for nothing but making it."""
    query(
        own.dsn,
        "create table given (key integer, score real, label text, model_version text,"
        " scored_at timestamptz not null, primary key (key, model_version));"
        "grant select, insert on given to clerk",
    )
    query(clerk, "select 1")
    with session(clerk) as cursor:
        cursor.execute("call fraud.score_into('rows', 'id', 'given')")
        assert fetch(cursor, "select count(*) from given") == [(12000,)]


@pytest.mark.parametrize("kind", ["table", "partitioned"])
def test_row_level_security_holds(own: Database, clerk: str, kind: str) -> None:
    name = "rows"
    if kind == "partitioned":
        name = "parts"
        query(
            own.dsn,
            "create table parts (id int primary key, a real, b real, c real)"
            " partition by range (id);"
            "create table p1 partition of parts for values from (0) to (5000);"
            "create table p2 partition of parts default;"
            "insert into parts select id, a, b, c from rows; grant select on parts to clerk",
        )
    query(own.dsn, f"alter table {name} enable row level security")
    query(own.dsn, f"create policy even on {name} to clerk using (id % 2 = 0)")
    with session(clerk) as cursor:
        wanted = fetch(cursor, f"select id, fraud.score(a, b, c) from {name}")
        assert len(wanted) == 6000
        check_same(fetch(cursor, f"select * from fraud.score_table('{name}', 'id')"), wanted)
        cursor.execute(f"call fraud.score_into('{name}', 'id', 'desk.scores')")
        check_same(fetch(cursor, "select key, score from desk.scores"), wanted)
