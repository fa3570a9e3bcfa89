"""Every shape of query under both planners and both protocols, cold and warm: the right scores.

Cold is where functions that read tables crash the coordinator or score with half a model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import psycopg2
import pytest
from greenplum_server import with_options

from greenplum.conftest import STORAGE, Cluster

F = "fraud.score(a, b, c)"
Check = Callable[[list[tuple[Any, ...]], dict[int, float]], None]


def pairs(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    """Rows of (id, score)."""
    assert rows
    for key, score in rows:
        assert score == pytest.approx(scores[key], abs=1e-5), key


def all_pairs(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    """(id, score) of the whole table."""
    pairs(rows, scores)
    assert {key for key, _ in rows} == set(scores)
    assert len(rows) == len(scores)


def one_sum(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    """The sum of all scores."""
    assert rows[0][0] == pytest.approx(sum(scores.values()), rel=1e-4)


def set_of_first(count: int) -> Check:
    """One array of the scores of ids 1 ... count, in any order."""

    def check(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
        value = rows[0][0]
        found = sorted(map(float, json.loads(value) if isinstance(value, str) else value))
        assert found == pytest.approx(sorted(scores[i] for i in range(1, count + 1)), abs=1e-5)

    return check


def above(limit: float) -> Check:
    """The ids whose scores exceed a limit; those within rounding of it may go either way."""

    def check(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
        found = {key for (key,) in rows}
        assert found >= {key for key, score in scores.items() if score > limit + 1e-5}
        assert found <= {key for key, score in scores.items() if score > limit - 1e-5}

    return check


def largest(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    pairs(rows, scores)
    best = sorted(scores.values(), reverse=True)[: len(rows)]
    assert [score for _, score in rows] == pytest.approx(best, abs=1e-5)


def by_kind(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    for kind, total in rows:
        wanted = sum(score for key, score in scores.items() if key % 7 == kind)
        assert total == pytest.approx(wanted, rel=1e-4)
    assert len(rows) == 7


def median(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
    ordered = sorted(scores.values())
    middle = len(ordered) // 2
    assert rows[0][0] == pytest.approx((ordered[middle - 1] + ordered[middle]) / 2, abs=1e-5)


def single(key: int) -> Check:
    """One score of a known row."""

    def check(rows: list[tuple[Any, ...]], scores: dict[int, float]) -> None:
        assert rows == [(pytest.approx(scores[key], abs=1e-5),)]

    return check


SHAPES: dict[str, tuple[str, Check]] = {
    "plain": (f"select id, {F} from hashed", all_pairs),
    "one row": (f"select id, {F} from hashed where id = 77", pairs),
    "limit": (f"select id, {F} from hashed limit 3", pairs),
    "where": (f"select id from hashed where {F} > 0.5", above(0.5)),
    "order by limit": (f"select id, {F} as s from hashed order by s desc limit 5", largest),
    "group by": (
        f"select id % 7, sum({F}) from hashed group by 1", by_kind),
    "sum": (f"select sum({F}) from hashed", one_sum),
    "join": (
        f"select o.kind, sum({F}) from hashed h join other o on o.id = h.id group by 1", by_kind),
    "join with scores on both sides": (
        f"select x.id, y.s from (select id, {F} as s from hashed) x"
        f" join (select id, {F} as s from random) y on x.id = y.id and x.s = y.s", all_pairs),
    "subquery with limit": (
        f"select id, {F} from (select * from hashed order by id limit 7) s", pairs),
    "cte with limit": (
        f"with s as (select * from hashed order by id limit 7) select id, {F} from s", pairs),
    "over an aggregate": (
        "select fraud.score(max(a), max(b), max(c)) from hashed where id = 5", single(5)),
    "over array_agg": (
        "select fraud.score(array_agg(v::real order by n)) from (select 1 as n, a as v from hashed"
        " where id = 5 union all select 2, b from hashed where id = 5"
        " union all select 3, c from hashed where id = 5) s", single(5)),
    "over a window function": (
        "select id, fraud.score(a, b, max(c) over (partition by id)) from hashed", all_pairs),
    "over a window of all": (
        "select fraud.score(x, y, z) from (select id, first_value(a) over (order by id) as x,"
        " first_value(b) over (order by id) as y, first_value(c) over (order by id) as z"
        " from hashed) s where id = 9", single(1)),
    "json_agg": (f"select json_agg({F})::text from hashed where id <= 20", set_of_first(20)),
    "string_agg": (
        f"select '[' || string_agg({F}::text, ',') || ']' from hashed where id <= 20",
        set_of_first(20)),
    "array_agg": (f"select array_agg({F}) from hashed where id <= 20", set_of_first(20)),
    "array_agg order by": (
        f"select array_agg({F} order by id) from hashed where id <= 20", set_of_first(20)),
    "percentile_cont": (
        f"select percentile_cont(0.5) within group (order by {F}) from hashed", median),
    "lateral": (
        "select h.id, l.s from hashed h,"
        " lateral (select fraud.score(h.a, h.b, h.c) as s) l", all_pairs),
    "scalar subquery": (
        f"select (select {F} from hashed where id = 5)", single(5)),
    "correlated subquery": (
        "select o.id, (select fraud.score(h.a, h.b, h.c) from hashed h where h.id = o.id)"
        " from other o", all_pairs),
    "exists": (
        "select o.id from other o where exists (select 1 from hashed h where h.id = o.id"
        f" and {F} > 0.5)", above(0.5)),
    "distinct": (
        f"select count(distinct {F}) > 1 from hashed having sum({F}) > 0",
        lambda rows, scores: _equal(rows, [(True,)])),
    "union": (
        f"select id, {F} from hashed where id <= 1500 union all"
        f" select id, {F} from random where id > 1500", all_pairs),
    "case": (
        f"select id, case when id % 2 = 0 then {F} else {F} end from hashed", all_pairs),
    "in from": ("select 1, s from fraud.score(0.4375, -0.625, 1) as s", pairs),
    "in from, lateral": (
        "select h.id, s from hashed h, fraud.score(h.a, h.b, h.c) as s", all_pairs),
    "no table": ("select fraud.score(0.4375, -0.625, 1)", single(1)),
    "generate_series": (
        "select g, fraud.score(((g * 7) % 64 / 16.0)::real, (g * 11) % 32 / 8.0 - 2, g % 13)"
        " from generate_series(1, 50) g", pairs),
    **{f"from {table}": (f"select id, {F} from {table}", all_pairs)
       for table in (*STORAGE, "partitioned", "viewed")},
}  # fmt: skip

WRITES = {
    "insert select": "insert into made select id, {F} from hashed",
    "insert select from a limit":
        "insert into made select id, {F} from (select * from hashed order by id limit 3000) s",
    "ctas": "create temporary table made2 as select id, {F} as s from hashed distributed by (id);"
            " insert into made select * from made2",
    "update":
        "insert into made select id from hashed;"
        " update made set s = fraud.score(a, b, c) from hashed h where h.id = made.id",
    "insert into replicated": "insert into copied select id, {F} from hashed;"
                              " insert into made select * from copied",
    "delete":
        "insert into made select id, {F} from hashed union all select id, {F} from hashed"
        " where {F} < -1; delete from made where s is null",
}  # fmt: skip


def _equal(found: object, wanted: object) -> None:
    assert found == wanted


@contextmanager
def session(cluster: Cluster, planner: str | None, protocol: str) -> Iterator[Callable[[str], Any]]:
    """A fresh session, of the server's own planner when none is named; what it yields runs a query
    and returns its rows."""
    dsn = with_options(cluster.dsn, optimizer=planner) if planner else cluster.dsn
    if protocol == "simple":
        old = psycopg2.connect(dsn)
        old.autocommit = True
        try:
            yield lambda sql: _fetch(old.cursor(), sql)
        finally:
            old.close()
    else:
        with psycopg.connect(dsn, autocommit=True) as new:
            yield lambda sql: [tuple(row) for row in new.execute(sql, prepare=True).fetchall()]


def _fetch(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("protocol", ["simple", "extended"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_cold_and_warm(
    cluster: Cluster, shape: str, planner: str, protocol: str
) -> None:
    sql, check = SHAPES[shape]
    with session(cluster, planner, protocol) as ask:
        for _ in ("cold", "warm"):
            check(ask(sql), cluster.scores)
        # The next call of a session is where a coordinator that was misled has crashed.
        all_pairs(ask(f"select id, {F} from hashed"), cluster.scores)


@pytest.mark.parametrize("shape", WRITES)
def test_writing_scores(cluster: Cluster, shape: str, planner: str) -> None:
    connection = psycopg2.connect(with_options(cluster.dsn, optimizer=planner))
    with connection.cursor() as cursor:
        cursor.execute("create temporary table made (id integer, s real) distributed by (id)")
        cursor.execute("create temporary table copied (id integer, s real) distributed replicated")
        cursor.execute(WRITES[shape].replace("{F}", F))
        cursor.execute("select id, s from made")
        all_pairs(cursor.fetchall(), cluster.scores)
    connection.close()


def test_a_cursor_that_is_left_halfway(cluster: Cluster, planner: str) -> None:
    connection = psycopg2.connect(with_options(cluster.dsn, optimizer=planner))
    with connection.cursor("some") as cursor:
        cursor.execute(f"select id, {F} from hashed")
        pairs(cursor.fetchmany(5), cluster.scores)
    with connection.cursor() as cursor:
        cursor.execute(f"select id, {F} from hashed")
        all_pairs(cursor.fetchall(), cluster.scores)
    connection.close()


def test_limit_in_cold_sessions_never_leaves_half_a_model(
    cluster: Cluster, planner: str, request: pytest.FixtureRequest
) -> None:
    """Segments are told to stop while they load; what they loaded must be right or nothing."""
    for _ in range(request.config.getoption("--greenplum-sessions")):
        with session(cluster, planner, "simple") as ask:
            pairs(ask(f"select id, {F} from hashed limit 1"), cluster.scores)
            all_pairs(ask(f"select id, {F} from hashed"), cluster.scores)


def test_external_tables(cluster: Cluster) -> None:
    """Rows that a program on every segment writes."""
    with session(cluster, None, "simple") as ask:
        ask(
            "create readable external web table given (id integer, a real, b float8, c numeric)"
            " execute $e$seq $((GP_SEGMENT_ID + 1)) $GP_SEGMENT_COUNT 3000 | awk '{g = $1;"
            ' printf "%d|%g|%g|%d\\n", g, (g * 7) % 64 / 16, (g * 11) % 32 / 8 - 2, g % 13}\'$e$'
            " on all format 'text' (delimiter '|')"
        )
        for _ in ("cold", "warm"):
            all_pairs(ask(f"select id, {F} from given"), cluster.scores)
        assert not math.isnan(ask(f"select sum({F}) from given")[0][0])
