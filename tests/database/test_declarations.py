"""Volatility, strictness and parallel safety: declared, and true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from databases import Database, make_database

from database.networks import deploy_model, query, write_sequential
from exporter.engines.plpython.runtime import runtime_text

PARALLEL = """
set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
"""


@pytest.fixture(scope="module")
def deployed(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with a model and a table of 20,000 rows, to be copied."""
    with make_database(server, "declared", template):
        dsn = server.dsn("declared")
        path = tmp_path_factory.mktemp("declared") / "fraud.h5"
        write_sequential(path, [3, 4, 1], ["relu", "sigmoid"])
        deploy_model(dsn, path, "fraud", features=["a", "b", "c"])
        query(
            dsn,
            "create table rows as"
            " select g as id, sin(g)::real as a, cos(g)::real as b, (g % 7)::real as c"
            " from generate_series(1, 20000) g; analyze rows",
        )
        yield "declared"


@pytest.fixture
def fraud(server: Any, deployed: str) -> Iterator[str]:
    """The DSN of a copy."""
    with make_database(server, "fraud", deployed):
        yield server.dsn("fraud")


def test_catalog_says_what_is_true(fraud: str) -> None:
    rows = query(
        fraud,
        "select regexp_replace(p.proname, '_[0-9a-f]{12}$', ''), p.pronargs, p.provolatile::text,"
        " p.proisstrict, p.proparallel::text, p.prosecdef, l.lanname"
        " from pg_proc p join pg_language l on l.oid = p.prolang"
        " where p.pronamespace = 'fraud'::regnamespace order by 1, 2",
    )
    assert sorted(rows) == [
        ("batch", 3, "i", True, "s", True, "plpgsql"),
        ("label", 1, "i", True, "s", True, "plpgsql"),
        ("label", 1, "s", False, "s", False, "sql"),
        ("label", 3, "s", False, "s", False, "sql"),
        ("label_batch", 2, "s", False, "s", False, "sql"),
        ("label_batch", 3, "s", True, "s", False, "plpgsql"),
        ("label_kept", 2, "s", True, "s", True, "plpgsql"),
        ("label_table", 2, "s", False, "u", False, "sql"),
        ("label_table", 3, "s", False, "u", False, "sql"),
        ("pack", 1, "s", False, "s", False, "sql"),
        ("pack", 3, "s", False, "s", False, "sql"),
        ("score", 1, "i", True, "s", True, "plpgsql"),
        ("score", 1, "s", False, "s", False, "sql"),
        ("score", 3, "s", False, "s", False, "sql"),
        ("score_batch", 2, "s", False, "s", False, "sql"),
        ("score_batch", 3, "s", True, "s", False, "plpgsql"),
        ("score_into", 3, "v", False, "u", False, "plpgsql"),
        ("score_into", 4, "v", False, "u", False, "plpgsql"),
        ("score_kept", 2, "s", True, "s", True, "plpgsql"),
        ("score_table", 2, "s", False, "u", False, "sql"),
        ("score_table", 3, "s", False, "u", False, "sql"),
        ("scorer", 0, "s", False, "s", False, "sql"),
        ("verify", 0, "s", False, "u", False, "plpgsql"),
    ]


def test_queries_forced_into_workers_load_the_model_where_it_is_called(fraud: str) -> None:
    """A worker has a memory of its own, and what it loads is gone with it: scores were NULL."""
    connection = psycopg2.connect(fraud)
    name = "debug_parallel_query" if connection.server_version >= 160000 else "force_parallel_mode"
    with connection.cursor() as cursor:
        cursor.execute("create table forced (id integer, score real)")
        cursor.execute(f"set local {name} = on")
        cursor.execute("insert into forced select id, fraud.score(a, b, c) from rows limit 9")
        cursor.execute("select count(*), count(score) from forced")
        assert cursor.fetchall() == [(9, 9)]
    connection.close()
    connection = psycopg2.connect(fraud)
    with connection.cursor() as cursor:
        cursor.execute(f"set local {name} = on")
        cursor.execute("select count(score) from fraud.score_table('rows', 'id')")
        assert cursor.fetchall() == [(20000,)]
    connection.close()


@pytest.mark.parametrize("call", ["fraud.score(a, b, c)", "fraud.score(array[a, b, c])"])
def test_parallel_workers_score_like_the_leader(fraud: str, call: str) -> None:
    connection = psycopg2.connect(fraud)
    with connection.cursor() as cursor:
        sql = f"select id, {call} from rows order by id"
        cursor.execute("set max_parallel_workers_per_gather = 0")
        cursor.execute(sql)
        serial = cursor.fetchall()
    connection.close()
    connection = psycopg2.connect(fraud)  # cold: every process has to load the model itself
    with connection.cursor() as cursor:
        cursor.execute(PARALLEL)
        cursor.execute("set parallel_leader_participation = off")
        cursor.execute(f"explain (analyze, format json) {sql}")
        plan = cursor.fetchone()
        assert plan is not None
        assert _launched(plan[0][0]["Plan"]) == 2
        cursor.execute(sql)
        assert cursor.fetchall() == serial
        cursor.execute(f"select count(*), sum({call}) from rows")
        count = cursor.fetchone()
        assert count is not None
        assert count[0] == 20000
    connection.close()


def test_the_alias_is_inlined(fraud: str) -> None:
    lines = query(fraud, "explain (verbose) select fraud.score(a, b, c) from rows")
    text = "\n".join(line[0] for line in lines)
    assert "fraud.score_" in text
    assert "fraud.score(" not in text
    assert len(text) < 2000  # and the plan holds no weights


def test_a_version_can_be_indexed_because_it_is_immutable(fraud: str) -> None:
    ((function,),) = query(
        fraud,
        "select p.oid::regproc::text from pg_proc p where p.pronamespace = 'fraud'::regnamespace"
        " and p.provolatile = 'i' and p.proname like 'score%'",
    )
    with pytest.raises(psycopg2.Error, match="must be marked IMMUTABLE"):
        query(fraud, "create index on rows (fraud.score(a, b, c))")
    query(fraud, "alter table rows add message bytea")
    query(
        fraud, "update rows set message = export_model.array_bytes(array[a, b, c]) where id <= 10"
    )
    query(fraud, f"create index on rows ({function}(message)) where id <= 10")


def test_scores_of_a_version_can_be_indexed_through_an_immutable_function(fraud: str) -> None:
    """array_bytes is STABLE, or score could be indexed and keep scores of a version before."""
    ((function,),) = query(
        fraud,
        "select p.oid::regproc::text from pg_proc p where p.pronamespace = 'fraud'::regnamespace"
        " and p.provolatile = 'i' and p.proname ~ '^score_[0-9a-f]+$'",
    )
    direct = f"{function}(export_model.array_bytes(array[a, b, c]::real[]))"
    with pytest.raises(psycopg2.Error, match="must be marked IMMUTABLE"):
        query(fraud, f"create index on rows (({direct}))")
    query(
        fraud,
        "create function frozen(a double precision, b double precision, c double precision)"
        f" returns real language sql immutable as $$ select {direct} $$",
    )
    query(fraud, "create index frozen_scores on rows (frozen(a, b, c))")
    query(fraud, "analyze rows")
    found = "from rows where frozen(a, b, c) > 0.5 and frozen(a, b, c) < 0.51"
    plan = "\n".join(line for (line,) in query(fraud, f"explain select * {found}"))
    assert "frozen_scores" in plan
    assert query(fraud, f"select id {found} order by id") == query(
        fraud,
        "select id from rows where fraud.score(a, b, c) > 0.5 and fraud.score(a, b, c) < 0.51"
        " order by id",
    )


def test_a_new_version_reaches_open_sessions_and_prepared_statements(
    database: Database, tmp_path: Path
) -> None:
    old = write_sequential(tmp_path / "old.h5", [2, 1], ["sigmoid"], seed=1)
    new = write_sequential(tmp_path / "new.h5", [2, 1], ["sigmoid"], seed=2)
    deploy_model(database.dsn, old, "m")
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("set plan_cache_mode = force_generic_plan")
        cursor.execute("prepare constant as select m.score('{1,2}')")
        cursor.execute("prepare given (real[]) as select m.score($1)")
        before = [_one(cursor, sql) for sql in ("execute constant", "execute given ('{1,2}')")]
        deploy_model(database.dsn, new, "m")
        after = [_one(cursor, sql) for sql in ("execute constant", "execute given ('{1,2}')")]
        deploy_model(database.dsn, old, "m")
        back = [_one(cursor, sql) for sql in ("execute constant", "execute given ('{1,2}')")]
    connection.close()
    assert len(set(before)) == len(set(after)) == 1
    assert before != after
    assert back == before


def test_a_transaction_older_than_the_version_gets_an_error_not_a_wrong_score(
    database: Database, tmp_path: Path
) -> None:
    old = write_sequential(tmp_path / "old.h5", [2, 1], ["sigmoid"], seed=1)
    new = write_sequential(tmp_path / "new.h5", [2, 1], ["sigmoid"], seed=2)
    deploy_model(database.dsn, old, "m")
    connection = psycopg2.connect(database.dsn)
    connection.set_session(isolation_level="REPEATABLE READ")
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        deploy_model(database.dsn, new, "m")
        with pytest.raises(psycopg2.Error, match="cannot be seen by this transaction"):
            cursor.execute("select m.score('{1,2}')")
        connection.rollback()
        cursor.execute("select m.score('{1,2}')")
    connection.close()


def test_the_runtime_in_the_catalog_is_the_joined_text(fraud: str) -> None:
    rows = query(fraud, "select prosrc from pg_proc where starts_with(proname, 'runtime_')")
    assert rows == [(runtime_text(),)]


def test_an_error_in_a_part_shows_the_line_of_the_function(fraud: str) -> None:
    """With a fault put into one line of it."""
    ((arguments, source),) = query(
        fraud,
        "select pg_get_function_arguments(oid), prosrc from pg_proc"
        " where starts_with(proname, 'runtime_')",
    )
    line = "    if len(text) > MOST_TEXT:\n"
    assert source.count(line) == 1
    source = source.replace(line, "    if len(text) > 1 // 0:\n")
    query(
        fraud,
        f"create function public.faulty({arguments}) returns void language plpython3u"
        f" as $faulty${source}$faulty$",
    )
    with pytest.raises(psycopg2.errors.ExternalRoutineException) as caught:
        query(fraud, "select public.faulty('x', '{}', null)")
    query(fraud, "drop function public.faulty")
    context = caught.value.diag.context or ""
    frames = re.findall(r"line (\d+), in (\w+)\n    (.*)", context)
    assert [function for _, function, _ in frames] == ["load_into", "load", "check_length"]
    for number, _, shown in frames:
        assert source.splitlines()[int(number) - 1].strip() == shown


def test_two_models_share_one_runtime(fraud: str, tmp_path: Path) -> None:
    deploy_model(fraud, write_sequential(tmp_path / "b.h5", [2, 2], ["softmax"]), "second")
    assert query(
        fraud,
        "select count(*) from pg_proc p where p.pronamespace = 'export_model'::regnamespace"
        " and starts_with(p.proname, 'runtime_')",
    ) == [(1,)]
    connection = psycopg2.connect(fraud)
    with connection.cursor() as cursor:
        for _ in range(2):
            assert _one(cursor, "select fraud.score(1, 2, 3)") is not None
            assert len(_one(cursor, "select second.score('{1,2}')")) == 2
    connection.close()


def _one(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]


def _launched(plan: dict[str, Any]) -> int:
    own = int(plan.get("Workers Launched", 0))
    return own + sum(_launched(child) for child in plan.get("Plans", []))
