"""Batches on segments: where rows move and where they stay, by the plan, and the right scores."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from database.networks import query
from greenplum_server import with_options

from exporter.databases.postgres.score import score
from greenplum.conftest import Cluster
from greenplum.test_shapes import F, all_pairs, pairs

BATCH = "(fraud.score_batch(array_agg(id), string_agg(fraud.pack(a, b, c), ''))).*"
MOVES = f"select {BATCH} from hashed group by id / 250"
STAYS = f"select {BATCH} from blocked group by block"
FORMS = {
    "rows move": MOVES,
    "rows stay": STAYS,
    "as in the recipe": f"select {BATCH} from hashed group by gp_segment_id",
    "as in the recipe, bounded": f"select {BATCH} from hashed group by gp_segment_id, id / 1000",
    "stack_rows": "select (fraud.score_stack(fraud.stack_rows((id, array[a, b, c]::real[])))).*"
    " from hashed group by gp_segment_id",
    "stack_rows, bounded": "select (fraud.score_stack(fraud.stack_rows("
    "(id, array[a, b, c]::real[])))).* from hashed group by gp_segment_id, id / 1000",
    "random": f"select {BATCH} from random group by id / 250",
    "replicated": f"select {BATCH} from replicated group by id / 250",
    "columns": f"select {BATCH} from ao_column group by id / 250",
    "partitioned": f"select {BATCH} from partitioned group by id / 250",
    "one batch": f"select {BATCH} from hashed",
    "lateral": "select s.key, s.score from (select array_agg(id) as k,"
    " string_agg(fraud.pack(a, b, c), '') as p from hashed group by id / 250) g,"
    " lateral fraud.score_batch(g.k, g.p) s",
    "score_table": "select key::integer, score from fraud.score_table('hashed', 'id')",
    "score_table of a query": "select key::integer, score"
    " from fraud.score_table('select * from viewed where id > 0', 'id')",
}


def session(cluster: Cluster, planner: str | None = None) -> Any:
    """A fresh session of a planner, or of the server's own choice."""
    dsn = with_options(cluster.dsn, optimizer=planner) if planner else cluster.dsn
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection


def ask(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def plan_of(connection: Any, sql: str) -> list[str]:
    """Lines of a plan, the top one first."""
    return [line for (line,) in ask(connection, f"explain (costs off) {sql}")]


@pytest.mark.parametrize("form", FORMS)
def test_scores_of_batches_cold_and_warm(cluster: Cluster, form: str, planner: str) -> None:
    connection = session(cluster, planner)
    for _ in ("cold", "warm"):
        all_pairs(ask(connection, FORMS[form]), cluster.scores)
    all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        f"select id, {F} from hashed",
        f"select id, {F} from random",
        f"insert into kept select id, {F} from hashed",
        f"select sum({F}) from hashed",
        STAYS,
    ],
)
def test_no_row_moves_between_segments(cluster: Cluster, planner: str, sql: str) -> None:
    connection = session(cluster, planner)
    ask(connection, "create temporary table kept (id integer, s real) distributed by (id);select 1")
    lines = plan_of(connection, sql)
    assert not [line for line in lines if "Redistribute" in line or "Broadcast" in line], lines
    connection.close()


@pytest.mark.parametrize("sql", [MOVES, STAYS, FORMS["as in the recipe"]])
def test_batches_are_scored_on_segments(cluster: Cluster, planner: str, sql: str) -> None:
    """The set of scores (ProjectSet) stands below the motion that gathers them."""
    connection = session(cluster, planner)
    lines = plan_of(connection, sql)
    places = {
        name: next(n for n, line in enumerate(lines) if name in line)
        for name in ("Gather Motion", "ProjectSet", "Seq Scan")
    }
    assert places["Gather Motion"] < places["ProjectSet"] < places["Seq Scan"]
    moved = [n for n, line in enumerate(lines) if "Redistribute" in line]
    assert len(moved) == (0 if sql == STAYS else 1)
    connection.close()


def test_limit_over_batches_in_cold_sessions(cluster: Cluster, planner: str) -> None:
    for _ in range(10):
        connection = session(cluster, planner)
        pairs(ask(connection, f"{STAYS} limit 1"), cluster.scores)
        all_pairs(ask(connection, STAYS), cluster.scores)
        connection.close()


def test_a_row_that_is_not_right_is_named(cluster: Cluster) -> None:
    connection = session(cluster)
    with pytest.raises(psycopg2.Error, match=r"key 77: .*takes 3 numbers, got 2"):
        ask(
            connection,
            "select (fraud.score_batch(array_agg(id), string_agg(case when id = 77"
            " then fraud.pack(array[a, b]::real[]) else fraud.pack(a, b, c) end, ''))).*"
            " from hashed group by id / 250",
        )
    all_pairs(ask(connection, MOVES), cluster.scores)
    connection.close()


def test_groups_of_one_segment_do_not_mix(cluster: Cluster) -> None:
    """The published recipe has one buffer for all groups that a process works on."""
    connection = session(cluster)
    for setting in ("on", "off"):
        connection.cursor().execute(f"set enable_hashagg = {setting}")
        rows = ask(connection, f"select {BATCH} from hashed group by id % 1000")
        all_pairs(rows, cluster.scores)
    connection.close()


def test_labels_of_stacks(cluster: Cluster) -> None:
    connection = session(cluster)
    rows = ask(
        connection,
        "select (fraud.label_stack(fraud.stack_rows((id, array[a, b, c]::real[])))).*"
        " from hashed group by gp_segment_id, id / 1000",
    )
    assert len(rows) == len(cluster.scores)
    for key, label in rows:
        if abs(cluster.scores[key] - 0.5) > 1e-5:
            assert label == ("bad" if cluster.scores[key] > 0.5 else "good")
    connection.close()


def test_scores_that_are_kept_and_gone_on_with(cluster: Cluster) -> None:
    done = score(cluster.dsn, "fraud", "hashed", "id", "public.kept_scores")
    assert done.rows == len(cluster.scores)
    assert score(cluster.dsn, "fraud", "hashed", "id", "public.kept_scores").rows == 0
    query(cluster.dsn, "delete from kept_scores where key <= 100")
    connection = session(cluster)
    connection.cursor().execute("call fraud.score_into('hashed', 'id', 'public.kept_scores')")
    assert "100 rows scored" in connection.notices[-1]
    all_pairs(ask(connection, "select key, score from kept_scores"), cluster.scores)
    connection.close()


TABLE = "fraud.score_table('hashed', 'id')"
ON_SEGMENTS = {
    "create table as": f"create temporary table s as select * from {TABLE} distributed by (key)",
    "insert": "create temporary table s (key text, score real) distributed by (key);"
    f" insert into s select * from {TABLE}",
    "join": f"select count(*) from hashed h join {TABLE} s on s.key::integer = h.id",
    "exists": "select count(*) from hashed h where exists"
    f" (select from {TABLE} s where s.key::integer = h.id)",
    "cte": f"with s as (select * from {TABLE}) select count(*) from hashed h"
    " join s on s.key::integer = h.id",
    "select list": "select fraud.score_table('hashed' || left(id::text, 0), 'id') from hashed",
}


@pytest.mark.parametrize("shape", ON_SEGMENTS)
def test_a_table_scored_inside_a_query_says_what_to_do(
    cluster: Cluster, shape: str, planner: str
) -> None:
    connection = session(cluster, planner)
    with pytest.raises(psycopg2.errors.FeatureNotSupported, match="runs on segments") as raised:
        ask(connection, ON_SEGMENTS[shape])
    assert "score_into('SOURCE', 'KEY', 'pg_temp.scores')" in raised.value.diag.message_hint
    connection.cursor().execute("call fraud.score_into('hashed', 'id', 'pg_temp.scores')")
    rows = ask(connection, "select h.id, s.score from hashed h join scores s on s.key = h.id")
    all_pairs(rows, cluster.scores)
    connection.close()


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        (f"select count(*) from (select * from {TABLE} order by score desc limit 3) s", 3),
        (f"select count(*) from hashed where (select max(score) from {TABLE}) is not null", 3000),
    ],
)
def test_a_table_scored_beside_a_query(
    cluster: Cluster, planner: str, sql: str, count: int
) -> None:
    """Where nothing else is read at the same time, or the scores are one value."""
    connection = session(cluster, planner)
    assert ask(connection, sql) == [(count,)]
    connection.close()
