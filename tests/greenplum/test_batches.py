"""Batches on segments: where rows move and where they stay, by the plan, and the right scores."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from database.networks import query
from greenplum_server import with_options

from exporter.score import score
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


def session(cluster: Cluster, planner: str) -> Any:
    connection = psycopg2.connect(with_options(cluster.dsn, optimizer=planner))
    connection.autocommit = True
    return connection


def ask(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def plan_of(connection: Any, sql: str) -> list[str]:
    """Lines of a plan, the top one first."""
    return [line for (line,) in ask(connection, f"explain (costs off) {sql}")]


@pytest.mark.parametrize("planner", ["on", "off"])
@pytest.mark.parametrize("form", FORMS)
def test_scores_of_batches_cold_and_warm(cluster: Cluster, form: str, planner: str) -> None:
    connection = session(cluster, planner)
    for _ in ("cold", "warm"):
        all_pairs(ask(connection, FORMS[form]), cluster.scores)
    all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    connection.close()


@pytest.mark.parametrize("planner", ["on", "off"])
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


@pytest.mark.parametrize("planner", ["on", "off"])
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


@pytest.mark.parametrize("planner", ["on", "off"])
def test_limit_over_batches_in_cold_sessions(cluster: Cluster, planner: str) -> None:
    for _ in range(10):
        connection = session(cluster, planner)
        pairs(ask(connection, f"{STAYS} limit 1"), cluster.scores)
        all_pairs(ask(connection, STAYS), cluster.scores)
        connection.close()


def test_a_row_that_is_not_right_is_named(cluster: Cluster) -> None:
    connection = session(cluster, "on")
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
    connection = session(cluster, "on")
    for setting in ("on", "off"):
        connection.cursor().execute(f"set enable_hashagg = {setting}")
        rows = ask(connection, f"select {BATCH} from hashed group by id % 1000")
        all_pairs(rows, cluster.scores)
    connection.close()


def test_labels_of_stacks(cluster: Cluster) -> None:
    connection = session(cluster, "on")
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
    connection = session(cluster, "on")
    connection.cursor().execute("call fraud.score_into('hashed', 'id', 'public.kept_scores')")
    assert "100 rows scored" in connection.notices[-1]
    all_pairs(ask(connection, "select key, score from kept_scores"), cluster.scores)
    connection.close()
