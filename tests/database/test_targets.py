"""Targets of runs: which are refused before anything happens, and what a run leaves behind."""

from __future__ import annotations

import json
from typing import Any

import psycopg2
import pytest
from databases import Database

from database.networks import query
from database.tables import fetch, session
from exporter.databases.postgres.score import score
from exporter.errors import DatabaseError

SHAPE = "key integer, score real, label text, model_version text, scored_at timestamptz not null"
KEY = "primary key (key, model_version)"
INTO = "call fraud.score_into('rows', 'id', '{}')"
MARK = "do $$ begin execute format('comment on {} is %L', export_model.key_mark()); end $$"
# What says by its comment that its key is to come, and is no table that a run left.
FORGED = {
    "another table": (
        "table t",
        "create table t (id integer, name text)",
        "table t has other columns than scores need",
    ),
    "another key": (
        "table t",
        f"create table t ({SHAPE.replace('key integer', 'key jsonb')})",
        "table t has other columns than scores need",
    ),
    "a rounded key": (
        "table t",
        f"create table t ({SHAPE.replace('key integer', 'key numeric(3)')})",
        "table t has other columns than scores need",
    ),
    "a view": (
        "view t",
        f"create table x ({SHAPE}); create view t as table x",
        "t is no table, and scores are written to one",
    ),
    "an index": ("index t", f"create table x ({SHAPE}, constraint t {KEY})", "t is no table"),
    "another primary key": (
        "table t",
        f"create table t ({SHAPE}, primary key (key))",
        r"table t has no unique index on \(key, model_version\)",
    ),
    "a row without a key": (
        "table t",
        f"create table t ({SHAPE}); insert into t values (null, 1, '', 'v', now())",
        'table public.t can have no primary key: key "NULL" or its model_version is NULL',
    ),
    "a key that is too long": (
        "table t",
        f"create table t ({SHAPE.replace('key integer', 'key text')});"
        "insert into t values ((select string_agg(md5(g::text), '') from generate_series(1, 99) g),"
        " 1, '', 'v', now())",
        'can have no primary key: key "c4ca4238.*" is of 3168 bytes',
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_comment_makes_no_target_of_what_is_none(own: Database, name: str) -> None:
    kind, sql, words = FORGED[name]
    query(own.dsn, f"{sql}; {MARK.format(kind)}")
    key = {"a key that is too long": "text", "a rounded key": "numeric"}.get(name, "integer")
    what = f"select id::{key} as id, a, b, c from rows"
    with session(own.dsn) as cursor, pytest.raises(psycopg2.Error) as caught:
        cursor.execute("call fraud.score_into(%s, 'id', 't')", (what,))
    assert caught.match(words.replace("table t", r"table (public\.)?t"))
    assert "export_model.check_target" in str(caught.value) or "key" in words


SPY = """
create schema if not exists desk authorization clerk;
set role clerk;
create function desk.spy() returns boolean language plpgsql as
  $$ begin reset role; alter role clerk superuser; return true; end $$;
create function desk.spies() returns trigger language plpgsql as
  $$ begin perform desk.spy(); return new; end $$;
"""
TARGET = f"create table desk.s ({SHAPE}, {KEY})"
CODE = {
    "trigger s on": f"{TARGET}; create trigger s before insert on desk.s for each row"
    " execute function desk.spies()",
    "trigger s on desk.s of role clerk": f"{TARGET}; create trigger s before insert on desk.s"
    " for each row execute function suppress_redundant_updates_trigger()",
    "rule s on desk.s": f"{TARGET}; create rule s as on insert to desk.s do also select desk.spy()",
    "constraint s on desk.s": f"{TARGET}; alter table desk.s add constraint s check (desk.spy())",
    "index desk.i": f"{TARGET}; create function desk.f(real) returns real immutable language"
    " plpgsql as $$ begin perform desk.spy(); return $1; end $$;"
    " create index i on desk.s (desk.f(score))",
    "partitions of desk.s": f"{TARGET} partition by range (key);"
    " create table desk.p partition of desk.s default;"
    "create trigger t before insert on desk.p for each row execute function desk.spies()",
    "on desk.r of role clerk": f"{TARGET}; create table desk.r (key integer, version text,"
    " foreign key (key, version) references desk.s on delete cascade)",
    "trigger t on": f"create table desk.s ({SHAPE}, {KEY}); grant all on desk.s to clerk;"
    " set role clerk; create trigger t after insert on desk.s"
    " for each row execute function desk.spies()",
}
SUPER = "select rolsuper from pg_roles where rolname = 'clerk'"


@pytest.mark.parametrize("name", CODE)
def test_a_superuser_runs_no_code_of_a_target_s_owner(own: Database, clerk: str, name: str) -> None:
    reset = "reset role;" if name == "trigger t on" else ""
    query(own.dsn, f"{SPY} {reset} {CODE[name]}; reset role")
    with session(own.dsn) as cursor:
        for role in ("none", "clerk"):  # whoever said "set role" can take it back
            cursor.execute(f"set role {role}")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege) as caught:
                cursor.execute(INTO.format("desk.s"))
            assert name in str(caught.value)
            assert "or connect as role clerk" in str(caught.value)
        cursor.execute("reset role")
        with pytest.raises(DatabaseError, match="would run code of others with the rights of a"):
            score(own.dsn, "fraud", "rows", "id", "desk.s")
        assert fetch(cursor, f"{SUPER} union all select exists (select from desk.s)") == [
            (False,),
            (False,),
        ]


SPIED = CODE["trigger s on"]
POLICY = f"{TARGET}; alter table desk.s enable row level security, force row level security;"
POLICY += " create policy p on desk.s with check (desk.spy())"
ALICE = "grant usage on schema desk, fraud to alice; grant insert, select on desk.s, rows to alice"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (POLICY, "set role clerk"),
        (POLICY, "set session authorization clerk"),
        (SPIED, "set session authorization clerk"),
        (SPIED, "set default_transaction_isolation = 'repeatable read'"),
    ],
)
def test_whoever_can_be_a_superuser_again_is_one(
    own: Database, clerk: str, code: str, how: str
) -> None:
    query(own.dsn, f"{SPY} {code}; reset role; grant usage on schema fraud to clerk")
    query(own.dsn, "grant select on rows to clerk")
    with session(own.dsn) as cursor:
        cursor.execute(how)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=r"superuser|would run"):
            cursor.execute(INTO.format("desk.s"))
    assert query(own.dsn, SUPER) == [(False,)]


def test_a_member_of_a_superuser_is_one(own: Database, clerk: str) -> None:
    query(own.dsn, "create role alice login noinherit in role postgres")
    try:
        query(own.dsn, f"{SPY} {SPIED}; reset role; {ALICE}")
        with (
            session(own.server.dsn(own.name, "alice")) as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege, match="would run code of others"),
        ):
            cursor.execute(INTO.format("desk.s"))
        assert query(own.dsn, SUPER) == [(False,)]
    finally:
        query(own.dsn, "drop owned by alice; drop role alice")


def test_the_type_of_a_key_runs_nothing_of_its_owner(own: Database, clerk: str) -> None:
    """Checks of a domain, and a cast to text, are functions of whose the type is."""
    query(
        own.dsn,
        f"""{SPY}
        create domain desk.d as integer;
        create table desk.n (id desk.d not null unique, a real, b real, c real);
        insert into desk.n select g, g, 1, 2 from generate_series(1, 20) g;
        alter domain desk.d add check (desk.spy()) not valid;
        create type desk.e as enum ('x', 'y');
        create function desk.words(desk.e) returns text language plpgsql as
          $$ begin perform desk.spy(); return 'z'; end $$;
        create cast (desk.e as text) with function desk.words(desk.e) as implicit;
        create table desk.w (id desk.e not null unique, a real, b real, c real);
        insert into desk.w values ('x', 1, 2, 3), ('y', 4, 5, 6)
        """,
    )
    with session(own.dsn) as cursor:
        cursor.execute("call fraud.score_into('desk.n', 'id', 'numbers')")
        assert fetch(cursor, "select count(*), min(pg_typeof(key)::text) from numbers") == [
            (20, "integer")
        ]
        keys = fetch(cursor, "select key from fraud.score_table('desk.w', 'id')")
        assert sorted(keys) == [("x",), ("y",)]
        cursor.execute("call fraud.score_into('desk.w', 'id', 'words')")
        assert fetch(cursor, "select count(*) from words") == [(2,)]
    assert score(own.dsn, "fraud", "desk.n", "id", "again").rows == 20
    assert query(own.dsn, SUPER) == [(False,)]


def test_code_that_comes_meanwhile_is_found_at_the_next_rows(own: Database, clerk: str) -> None:
    trigger = CODE["trigger s on"].removeprefix(f"{TARGET}; ")
    query(own.dsn, f"{SPY} {TARGET}; reset role")
    with session(own.dsn) as cursor, session(clerk) as other:
        ((job,),) = fetch(
            cursor, "select export_model.open_scoring(fraud.scorer(), 'rows', 'id', 'desk.s')"
        )
        write = "select written from export_model.score_blocks(%s, %s, %s, 8)"
        ((written,),) = fetch(cursor, write, (json.dumps(job), 0, 8))
        assert written > 0
        other.execute(trigger)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            fetch(cursor, write, (json.dumps(job), 8, 16))
        assert fetch(cursor, f"{SUPER} union all select false from desk.s limit 2") == [
            (False,),
            (False,),
        ]


def test_what_runs_nothing_of_others_is_written_to(own: Database, clerk: str) -> None:
    """A check of the system's own, a trigger that is off, and triggers of who scores."""
    trigger = CODE["trigger s on"].removeprefix(f"{TARGET}; ")
    query(
        own.dsn,
        f"{SPY} {TARGET}; alter table desk.s add check (score between 0 and 1); {trigger};"
        "alter table desk.s disable trigger s; reset role",
    )
    assert score(own.dsn, "fraud", "rows", "id", "desk.s").rows == 12000
    query(
        own.dsn,
        "delete from desk.s; alter table desk.s enable trigger s;"
        "create or replace function desk.spies() returns trigger language plpgsql as"
        " $$ begin new.label := 'mine'; return new; end $$;"
        "create function desk.asks() returns void language sql security definer as"
        " $$ select export_model.refuse_code('desk.s') $$;"
        "alter function desk.asks() owner to clerk",
    )
    assert score(clerk, "fraud", "public.rows", "id", "desk.s").rows == 12000
    query(own.dsn, "select desk.asks()")  # runs with the rights of clerk, and cannot leave them


LONG = "(select string_agg(md5(i::text), '') from generate_series(id, id + {}) i)"
TEXTS = (
    "create table texts as select id, a, b, c, case when id = 7 then {} else id::text end as name"
    " from rows where id < 50"
)


@pytest.mark.parametrize(("pieces", "is_refused"), [(80, False), (81, True), (2000, True)])
@pytest.mark.parametrize("is_key", [True, False])
def test_a_key_that_is_too_long_is_told_before_anything_is_written(
    own: Database, pieces: int, is_refused: bool, is_key: bool
) -> None:
    """81 digests are 2,592 bytes, and fit; with the version another one is too much."""
    query(own.dsn, TEXTS.format(LONG.format(pieces)))
    if is_key and pieces < 2000:  # which no index takes
        query(own.dsn, "alter table texts add primary key (name)")
    if not is_refused:
        assert score(own.dsn, "fraud", "texts", "name", "scores").rows == 49
        return
    words = f'key "8f14e45f.*" is too long: it has {32 * pieces + 32} bytes'
    for source in ("texts", "select * from texts"):
        with pytest.raises(DatabaseError, match=words) as caught:
            score(own.dsn, "fraud", source, "name", "scores")
        assert "select md5(name::text) as name, ..." in str(caught.value)
        with (
            session(own.dsn) as cursor,
            pytest.raises(psycopg2.errors.ProgramLimitExceeded, match=words),
        ):
            cursor.execute("call fraud.score_into(%s, 'name', 'scores')", (source,))
    assert query(own.dsn, "select to_regclass('scores') is null") == [(True,)]


def test_a_long_key_that_comes_meanwhile_is_told_at_its_row(own: Database) -> None:
    query(own.dsn, f"{TEXTS.format('id::text')}; create table kept as table texts")
    with session(own.dsn) as cursor:
        ((job,),) = fetch(
            cursor, "select export_model.open_scoring(fraud.scorer(), 'texts', 'name', 'scores')"
        )
        cursor.execute(f"update texts set name = {LONG.format(99)} where id = 7")
        with pytest.raises(psycopg2.Error, match=r'key "8f14e45f.*" is too long: it has 3200'):
            fetch(cursor, "select export_model.score_blocks(%s, 0, 99, 8)", (json.dumps(job),))


@pytest.mark.parametrize("source", ["rows", "select * from rows"])
def test_a_temporary_target_is_refused_by_what_opens_sessions(own: Database, source: str) -> None:
    with pytest.raises(DatabaseError, match="is a temporary table") as caught:
        score(own.dsn, "fraud", source, "id", "pg_temp.x", 2)
    assert 'call "fraud".score_into(...)' in str(caught.value)
    connection = psycopg2.connect(own.dsn)
    try:
        assert score(connection, "fraud", source, "id", "pg_temp.x").rows == 12000
    finally:
        connection.close()


BAD = "select id, a, b, (1 / (id - 5000))::real as c from rows"
DEPENDS = """
create function looked() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.scores')
  then create view looks as table public.scores; end if;
end $$;
create event trigger looked on ddl_command_end when tag in ('CREATE TABLE')
  execute function looked()
"""


@pytest.mark.parametrize("is_lent", [False, True])
def test_a_run_that_writes_nothing_leaves_no_target(own: Database, is_lent: bool) -> None:
    """Nor does one that was stopped; but what somebody uses by now stays, and has its key."""
    query(own.dsn, f"create view bad as {BAD}; create view all_bad as {BAD} where id = 5000")
    connection = psycopg2.connect(own.dsn)
    place: Any = connection if is_lent else own.dsn
    there = "select to_regclass('scores') is not null"
    try:
        for source in ("all_bad", BAD + " where id = 5000"):
            with pytest.raises(DatabaseError, match=r"division by zero(?s:.*)\n  0 rows scored"):
                score(place, "fraud", source, "id", "scores")
            connection.commit()
            assert query(own.dsn, there) == [(False,)]
            with session(own.dsn) as cursor, pytest.raises(psycopg2.Error, match="division"):
                cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
            assert query(own.dsn, there) == [(False,)]
        query(own.dsn, DEPENDS)
        with pytest.raises(DatabaseError, match="division by zero"):
            score(place, "fraud", "all_bad", "id", "scores")
        connection.commit()
        key = "select contype from pg_constraint where conrelid = to_regclass('scores')"
        assert query(own.dsn, key) == [("p",)]
        assert score(own.dsn, "fraud", "rows", "id", "scores").rows == 12000
    finally:
        connection.close()
        query(own.dsn, "drop event trigger if exists looked")
