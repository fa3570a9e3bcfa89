"""Each segment scores its own rows of a table; all other sources move to batches as before."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg2
import pytest
from greenplum_server import run

from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.score import score
from exporter.errors import DatabaseError
from greenplum.conftest import Cluster
from greenplum.test_batches import ask, session
from greenplum.test_shapes import all_pairs

SPREAD = ("hashed", "random", "ao_row", "ao_column", "blocked", "partitioned")
LEFT = (
    "select (select count(*) from pg_proc where proname ~ '^export_model_(rows|scores|batches)$')"
    " + (select count(*) from pg_class where relname = 'export_model_batches')"
)
TABLE = "select key::integer, score from fraud.score_table('{}', 'id')"
OWN = """
select export_model.own_query(
  format('export_model.answer_batch(%L, ''score'', ''real''::regtype,', j.job ->> 'batch'),
  j.job, {},
  '(a).keys, (a).numbers, (a).texts', 'keys text[], scores real[], labels text[]')
from (select fraud.scorer() || row_to_json(s)::jsonb as job
      from export_model.source('{}', 'id', fraud.scorer() -> 'inputs') s) j
"""


def own_query(connection: Any, table: str, where: str = "'true'") -> str | None:
    """The query by which segments score their own rows, None where they do not."""
    ((sql,),) = ask(connection, OWN.format(where, table))
    return sql if sql is None else str(sql)


@pytest.fixture
def connection(cluster: Cluster) -> Any:
    """A session in a transaction, which nothing of stays."""
    connection = psycopg2.connect(cluster.dsn)
    yield connection
    connection.close()


@pytest.mark.parametrize("table", SPREAD)
def test_nothing_moves_but_keys_and_scores(connection: Any, cluster: Cluster, table: str) -> None:
    sql = own_query(connection, table)
    assert sql is not None
    lines = [line for (line,) in ask(connection, f"explain {sql}")]
    assert "Gather Motion" in lines[0]
    assert "Function Scan on export_model_scores" in lines[1]
    assert not [line for line in lines[2:] if "Motion" in line], lines
    for _ in ("cold", "warm"):
        all_pairs(ask(connection, TABLE.format(table)), cluster.scores)
    assert ask(connection, LEFT) == [(0,)]


@pytest.mark.parametrize("source", ["hashed", "viewed"])
@pytest.mark.parametrize("form", ["table", "into"])
def test_the_processes_of_the_session_score(cluster: Cluster, source: str, form: str) -> None:
    """Those that a cursor gets, or an INSERT beside those that write, load the model again at each
    call, for the next statement that makes something ends them."""
    connection = session(cluster)
    ((version,),) = ask(connection, "select version from export_model.versions")
    holds = f"select export_model.holds('{version}') from gp_dist_random('gp_id')"
    assert {found for (found,) in ask(connection, holds)} == {False}
    if form == "table":
        all_pairs(ask(connection, TABLE.format(source)), cluster.scores)
    else:
        connection.cursor().execute(f"call fraud.score_into('{source}', 'id', 'pg_temp.own')")
        all_pairs(ask(connection, "select key, score from own"), cluster.scores)
    found = {found for (found,) in ask(connection, holds)}
    assert found == {True} if source == "hashed" else True in found  # few batches
    assert ask(connection, LEFT) == [(0,)]
    connection.close()


@pytest.mark.parametrize("source", ["replicated", "viewed", "select * from hashed where id > 0"])
def test_what_segments_do_not_hold_in_parts_moves(
    connection: Any, cluster: Cluster, source: str
) -> None:
    assert own_query(connection, source) is None
    all_pairs(ask(connection, TABLE.format(source)), cluster.scores)


def test_rows_of_the_own_transaction(connection: Any, cluster: Cluster) -> None:
    """Also in a temporary table, and after a column was dropped."""
    cursor = connection.cursor()
    cursor.execute(
        "create temporary table mine as select 0 as gone, * from hashed distributed by (id)"
    )
    cursor.execute("alter table mine drop column gone; delete from mine where id > 100")
    assert own_query(connection, "mine") is not None
    kept = {key: score for key, score in cluster.scores.items() if key <= 100}
    all_pairs(ask(connection, TABLE.format("mine")), kept)


def test_parts_are_all_rows_once(connection: Any, cluster: Cluster) -> None:
    sql = "select export_model.open_scoring(fraud.scorer(), 'hashed', 'id', 'public.in_parts')"
    ((job,),) = ask(connection, sql)
    cursor = connection.cursor()
    parts = []
    for part in range(3):
        cursor.execute("select export_model.score_part(%s, %s, 3)", (json.dumps(job), part))
        parts += cursor.fetchone()
    assert min(parts) > 0
    assert sum(parts) == len(cluster.scores)
    all_pairs(ask(connection, "select key, score from in_parts"), cluster.scores)


def test_scores_lie_beside_the_rows_that_they_are_of(cluster: Cluster) -> None:
    """A join by key moves neither; and a key that is none ends a run with all that it made."""
    connection = session(cluster)
    connection.cursor().execute("call fraud.score_into('hashed', 'id', 'public.beside')")
    joined = "select t.id, s.score from hashed t join beside s on s.key = t.id"
    lines = [line for (line,) in ask(connection, f"explain {joined}")]
    assert [line for line in lines if "Motion" in line] == lines[:1]
    all_pairs(ask(connection, joined), cluster.scores)
    for source, found in (
        ("select id % 100 as id, a, b, c from hashed", "30 row"),
        ("blocked", "100 row"),
        ("select nullif(id, 5) as id, a, b, c from hashed", "1 row"),
    ):
        column = "block" if source == "blocked" else "id"
        with pytest.raises(psycopg2.errors.UniqueViolation, match=f'"{column}" is no key') as error:
            connection.cursor().execute(
                "call fraud.score_into(%s, %s, 'public.never')", (source, column)
            )
        assert found in str(error.value)
        assert ask(connection, "select to_regclass('public.never')") == [(None,)]
        assert ask(connection, LEFT) == [(0,)]
    with pytest.raises(DatabaseError, match='"block" is no key'):
        score(cluster.dsn, "fraud", "blocked", "block", "public.never")
    assert ask(connection, "select to_regclass('public.never')") == [(None,)]
    ask(connection, "drop table beside; select 1")
    connection.close()


def test_a_reader_that_is_no_longer_put_in_place_moves_rows_again(connection: Any) -> None:
    """As a stricter Greenplum would have it: two statements are not inlined."""
    assert own_query(connection, "hashed", "'true; select 1, null::bytea from hashed'") is None
    assert ask(connection, "select count(*) from pg_proc where proname = 'export_model_rows'") == [
        (0,)
    ]


def test_a_transaction_that_only_reads(connection: Any, cluster: Cluster) -> None:
    connection.set_session(readonly=True)
    assert own_query(connection, "hashed") is None
    all_pairs(ask(connection, TABLE.format("hashed")), cluster.scores)


ROLE = "export_model_own_rows"


@pytest.fixture
def role(cluster: Cluster) -> Any:
    """A role that may score, and no table of anybody's."""
    run(cluster.dsn, f"create role {ROLE} login; grant usage on schema fraud to {ROLE}")
    yield psycopg2.connect(cluster.server.dsn(cluster.name, ROLE))
    run(cluster.dsn, f"drop owned by {ROLE}; drop role {ROLE}")


def test_rights_are_those_of_the_caller(cluster: Cluster, role: Any) -> None:
    """Segments do not check them: without SELECT there is an error, and with it on some columns,
    or where rows are hidden, or without a language to make a function in, rows move."""
    role.autocommit = True
    ask_table = TABLE.format("hashed")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="hashed"):
        ask(role, ask_table)
    run(cluster.dsn, f"grant select (id, a, b, c) on hashed to {ROLE}")
    assert own_query(role, "hashed") is None
    all_pairs(ask(role, ask_table), cluster.scores)
    run(cluster.dsn, f"grant select on hashed to {ROLE}")
    assert own_query(role, "hashed") is not None
    all_pairs(ask(role, ask_table), cluster.scores)
    run(cluster.dsn, "create table hidden as select * from hashed distributed by (id)")
    run(cluster.dsn, "alter table hidden enable row level security")
    run(cluster.dsn, f"create policy few on hidden to {ROLE} using (id <= 50)")
    run(cluster.dsn, f"grant select on hidden to {ROLE}")
    assert own_query(role, "hidden") is None
    few = {key: score for key, score in cluster.scores.items() if key <= 50}
    all_pairs(ask(role, TABLE.format("hidden")), few)
    run(cluster.dsn, "revoke usage on language plpgsql from public")
    try:
        assert own_query(role, "hashed") is None
        all_pairs(ask(role, ask_table), cluster.scores)
    finally:
        run(cluster.dsn, "grant usage on language plpgsql to public; drop table hidden")
        role.close()


def test_a_row_of_one_segment_that_is_not_right(cluster: Cluster) -> None:
    run(
        cluster.dsn,
        "create table lists as select id, array[a, b, c]::real[] as x from hashed"
        " distributed by (id); update lists set x = x[1:2] where id = 77",
    )
    scorer = (
        'fraud.scorer() || \'{"inputs": [{"columns": ["x"], "is_array": true, "is_text": false}]}\''
    )
    sql = f"select * from export_model.score_source({scorer}, 'score', 'lists', 'id', null::real)"
    connection = session(cluster)
    with pytest.raises(psycopg2.Error, match=r"key 77: .*takes 3 numbers, got 2"):
        ask(connection, sql)
    ask(connection, "delete from lists where id = 77; select 1")
    rows = [(int(key), score) for key, score in ask(connection, sql)]
    all_pairs(rows, {key: score for key, score in cluster.scores.items() if key != 77})
    connection.close()


def test_cancelled_limited_and_changed_meanwhile(cluster: Cluster) -> None:
    connection = session(cluster)
    ask(connection, "create table many as select g as id, h.a, h.b, h.c, h.id as of from hashed h,"
        " generate_series(1, 100) g distributed by (id); select 1")  # fmt: skip
    all_pairs(ask(connection, TABLE.format("hashed")), cluster.scores)  # the model is loaded
    timer = threading.Timer(0.5, connection.cancel)
    timer.start()
    with pytest.raises(psycopg2.errors.QueryCanceled):
        for _ in range(50):
            ask(connection, TABLE.format("many"))
    timer.join()
    assert len(ask(connection, TABLE.format("hashed") + " limit 3")) == 3
    connection.autocommit = False
    all_pairs(ask(connection, TABLE.format("hashed")), cluster.scores)
    other = session(cluster)
    other.cursor().execute("set lock_timeout = '200ms'")
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        ask(other, "alter table hashed drop column c; select 1")
    other.close()
    connection.close()


def test_doctor_says_how_rows_are_read(cluster: Cluster) -> None:
    found = {check.name: check for check in examine(cluster.dsn)}
    assert str(found["rows on segments"]).endswith(
        "scored where they lie by score_table and score_into"
    )
