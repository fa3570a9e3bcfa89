"""What happens to sessions: faults, several models, new versions while queries run, lost slices."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from database.networks import compile_model, deploy_model, expected, query, write_sequential
from database.test_damage import ANSWER
from greenplum_server import run, with_options

from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError
from exporter.sql.text import Sql
from greenplum.conftest import Cluster
from greenplum.test_shapes import F, all_pairs

SLOW = f"select count({F}) from hashed, generate_series(1, 50)"


def ask(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query in an open session."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def wait_until_running(cluster: Cluster, pid: int, seconds: float = 20) -> int:
    """The session number of a coordinator's process, once segments work for it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ((number,),) = query(
            cluster.dsn, "select sess_id from pg_stat_activity where pid = %s", (pid,)
        )
        if query(
            cluster.dsn,
            "select 1 from activity() where session = %s and state = 'active'",
            (number,),
        ):
            time.sleep(0.3)
            return int(number)
        time.sleep(0.05)
    raise AssertionError("the query never reached the segments")


def in_background(connection: Any, sql: str) -> tuple[threading.Thread, list[Any]]:
    """Run a query in a thread; its rows or its error is appended to the list."""
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(ask(connection, sql))
        except psycopg2.Error as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, outcome


def test_a_killed_process_of_a_segment_is_an_error_and_the_next_query_is_right(
    cluster: Cluster,
) -> None:
    connection = psycopg2.connect(cluster.dsn)
    connection.autocommit = True
    thread, outcome = in_background(connection, SLOW)
    number = wait_until_running(cluster, connection.info.backend_pid)
    assert query(cluster.dsn, "select * from kill(1, %s)", (number,)) == [(True,)]
    thread.join(60)
    assert isinstance(outcome[0], psycopg2.Error), outcome
    all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    connection.close()


def test_a_cancelled_query_leaves_the_session_scoring(cluster: Cluster) -> None:
    connection = psycopg2.connect(cluster.dsn)
    connection.autocommit = True
    all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    for _ in range(3):
        thread, outcome = in_background(connection, SLOW)
        wait_until_running(cluster, connection.info.backend_pid)
        connection.cancel()
        thread.join(60)
        assert isinstance(outcome[0], psycopg2.errors.QueryCanceled), outcome
        all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    connection.close()


def test_a_cancel_that_comes_again_ends_one_statement(cluster: Cluster) -> None:
    """Each signal put a KeyboardInterrupt into Python's queue; those that were left there ended the
    session's next calls, and one in the midst of numpy's import left the process without it."""
    batch = "fraud.score_batch(array_agg(b.id), string_agg(fraud.pack(b.a, b.b, b.c), ''))"
    slow = f"select ({batch}).* from blocked b, generate_series(1, 20) group by block"
    run(
        cluster.dsn,
        "create function cancel_again(session integer) returns setof boolean language sql volatile"
        " execute on all segments as $$ select pg_cancel_backend(pid) from pg_stat_activity,"
        " generate_series(1, 8) where sess_id = $1 $$",
    )
    for cold in (None, 0.05, 0.1, 0.2, 0.3):
        connection = psycopg2.connect(cluster.dsn)
        connection.autocommit = True
        ((number,),) = ask(connection, "show gp_session_id")
        if cold is None:
            all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
        thread, outcome = in_background(connection, slow)
        if cold is None:
            wait_until_running(cluster, connection.info.backend_pid)
        else:
            time.sleep(cold)
        query(cluster.dsn, f"select cancel_again({number})")
        thread.join(60)
        assert cold or isinstance(outcome[0], psycopg2.Error), outcome
        for _ in range(2):
            all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
        connection.close()


def test_little_memory_for_a_statement(cluster: Cluster, planner: str) -> None:
    dsn = with_options(cluster.dsn, optimizer=planner, statement_mem="1MB")
    connection = psycopg2.connect(dsn)
    all_pairs(ask(connection, f"select id, {F} from hashed"), cluster.scores)
    connection.close()


def test_slices_that_went_idle_load_again(cluster: Cluster) -> None:
    dsn = with_options(cluster.dsn, gp_vmem_idle_resource_timeout="1s")
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    both = (
        f"select x.id, y.s from (select id, {F} as s from hashed) x"
        f" join (select id, {F} as s from random) y on x.id = y.id and x.s = y.s"
    )
    number = ask(connection, "show gp_session_id")[0][0]
    alive = f"select count(*) from activity() where session = {number}"
    all_pairs(ask(connection, both), cluster.scores)
    before = query(cluster.dsn, alive)[0][0]
    time.sleep(3)
    after = query(cluster.dsn, alive)[0][0]
    assert after < before
    all_pairs(ask(connection, both), cluster.scores)
    connection.close()


def test_several_models_and_versions_in_one_session(cluster: Cluster, tmp_path: Path) -> None:
    plans = []
    for seed in (1, 2):
        file = write_sequential(tmp_path / f"{seed}.h5", [3, 4, 1], ["relu", "sigmoid"], seed=seed)
        plans.append(deploy_model(cluster.dsn, file, "several", features=["a", "b", "c"]))
    versions = [f"several.score_{plan.version[:12]}" for plan in plans]
    connection = psycopg2.connect(cluster.dsn)
    for _ in range(2):
        rows = ask(
            connection,
            f"select a, b, c, {F}, several.score(a, b, c)"
            f", {versions[0]}(export_model.array_bytes(array[a, b, c]))"
            f", {versions[1]}(export_model.array_bytes(array[a, b, c])) from hashed where id <= 50",
        )
        old = expected(plans[0], [row[:3] for row in rows])[0].ravel()
        new = expected(plans[1], [row[:3] for row in rows])[0].ravel()
        assert [row[4] for row in rows] == pytest.approx(new.tolist(), abs=1e-5)
        assert [row[5] for row in rows] == pytest.approx(old.tolist(), abs=1e-5)
        assert [row[6] for row in rows] == pytest.approx(new.tolist(), abs=1e-5)
        by_features = {row[:3]: row[3] for row in rows}
        for (key,) in ask(connection, "select id from hashed where id <= 50"):
            features = ask(connection, f"select a, b, c from hashed where id = {key}")[0]
            assert by_features[features] == pytest.approx(cluster.scores[key], abs=1e-5)
    connection.close()
    drop(cluster.dsn, "several")


def test_a_new_version_while_queries_run(cluster: Cluster, tmp_path: Path) -> None:
    """Each query is scored by one version as a whole, whatever is deployed meanwhile."""
    files = [
        write_sequential(tmp_path / f"{seed}.h5", [3, 4, 1], ["relu", "sigmoid"], seed=seed)
        for seed in (1, 2)
    ]
    deploy_model(cluster.dsn, files[0], "moving", features=["a", "b", "c"])
    sql = "select sum(moving.score(a, b, c))::numeric(12, 2) from hashed"
    sums = {query(cluster.dsn, sql)[0][0]}
    deploy_model(cluster.dsn, files[1], "moving", features=["a", "b", "c"])
    sums.add(query(cluster.dsn, sql)[0][0])
    assert len(sums) == 2
    stop = threading.Event()
    seen: list[Any] = []

    def score() -> None:
        connection = psycopg2.connect(cluster.dsn)
        connection.autocommit = True
        while not stop.is_set():
            try:
                seen.append(ask(connection, sql)[0][0])
            except psycopg2.Error as error:
                seen.append(error)
        connection.close()

    threads = [threading.Thread(target=score) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        deploy_model(cluster.dsn, files[turn % 2], "moving", features=["a", "b", "c"])
    stop.set()
    for thread in threads:
        thread.join(60)
    assert seen
    assert set(seen) <= sums, [item for item in seen if item not in sums][:3]
    drop(cluster.dsn, "moving")


@pytest.fixture
def analyst(cluster: Cluster) -> Any:
    """A role that may connect and has what the README grants."""
    role = f"analyst_{cluster.name}"
    run(cluster.dsn, f"create role {role} login")
    run(cluster.dsn, f"grant usage on schema fraud to {role}; grant select on hashed to {role}")
    yield cluster.server.dsn(cluster.name, role)
    run(cluster.dsn, f"drop owned by {role}; drop role {role}")


@pytest.mark.parametrize(
    "sql",
    [
        "select data from export_model.chunks",
        "select umoptions from pg_user_mapping",
        "select * from fraud.verify()",
        "select export_model.load('x')",
        "create table fraud.mine (id integer) distributed by (id)",
    ],
)
def test_a_role_that_may_score_reads_no_weights(cluster: Cluster, analyst: str, sql: str) -> None:
    all_pairs(query(analyst, f"select id, {F} from hashed"), cluster.scores)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(analyst, sql)


def test_the_catalog_shows_no_weights(analyst: str) -> None:
    """What \\deu shows, and the text of functions."""
    options = query(
        analyst,
        "select distinct umoptions from pg_user_mappings where srvname like 'export_model%'",
    )
    assert options == [(None,)]
    longest = query(
        analyst,
        "select max(length(prosrc)) from pg_proc where pronamespace = 'fraud'::regnamespace",
    )
    assert longest[0][0] < 10000


def test_a_role_without_rights_cannot_score(cluster: Cluster) -> None:
    role = f"stranger_{cluster.name}"
    run(cluster.dsn, f"create role {role} login")
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(cluster.server.dsn(cluster.name, role), "select fraud.score(1, 2, 3)")
    finally:
        run(cluster.dsn, f"drop role {role}")


def test_missing_weights_are_an_error_everywhere(cluster: Cluster, tmp_path: Path) -> None:
    file = write_sequential(tmp_path / "m.h5", [3, 2, 1], ["relu", "sigmoid"])
    plan = deploy_model(cluster.dsn, file, "broken", features=["a", "b", "c"])
    run(cluster.dsn, f'drop server "export_model_{plan.version[:32]}_0" cascade')
    for sql in (
        "select broken.score(a, b, c) from hashed",
        "select broken.score(a, b, c) from (select * from hashed order by id limit 3) s",
    ):
        for planner in cluster.planners:
            with pytest.raises(psycopg2.Error, match="0 of 1 chunks of weights are there"):
                query(with_options(cluster.dsn, optimizer=planner), sql)
    drop(cluster.dsn, "broken")


def test_drop_removes_all_on_every_node(cluster: Cluster, tmp_path: Path) -> None:
    counted = (
        "select (select count(*) from {0}('pg_proc')) + (select count(*) from {0}('pg_class'))"
        " + (select count(*) from {0}('pg_namespace')) + (select count(*) from {0}('pg_type'))"
        " + (select count(*) from {0}('pg_user_mapping'))"
        " + (select count(*) from {0}('pg_foreign_server'))"
        " + (select count(*) from {0}('pg_foreign_data_wrapper'))"
    )
    everywhere = counted.format("gp_dist_random")
    here = counted.replace("{0}('", "").replace("')", "")
    before = query(cluster.dsn, everywhere), query(cluster.dsn, here)
    file = write_sequential(tmp_path / "gone.h5", [600, 600, 2], ["relu", "softmax"])
    deploy_model(cluster.dsn, file, "gone")
    assert query(cluster.dsn, here) != before[1]
    drop(cluster.dsn, "gone")
    assert (query(cluster.dsn, everywhere), query(cluster.dsn, here)) == before
    assert "gone" not in {entry.model for entry in list_versions(cluster.dsn)}


def test_verify_scores_on_every_segment_and_the_coordinator(cluster: Cluster) -> None:
    rows = query(
        cluster.dsn,
        "select segment, count(distinct sample), bool_and(ok) from fraud.verify() group by 1",
    )
    contents = query(cluster.dsn, "select content from gp_segment_configuration where role = 'p'")
    assert sorted(rows) == sorted((content, 3, True) for (content,) in contents)
    assert verify(cluster.dsn, "fraud").is_ok


def test_the_registry_is_the_same_on_every_segment(cluster: Cluster) -> None:
    for table in ("models", "versions", "tensors", "chunks", "samples", "objects"):
        rows = query(
            cluster.dsn,
            "select md5(string_agg(r::text, ',' order by r::text)) from"
            f" gp_dist_random('export_model.{table}') r group by gp_execution_segment()",
        )
        assert len(set(rows)) == 1, table
        policy = query(
            cluster.dsn,
            "select policytype::text from gp_distribution_policy"
            f" where localoid = 'export_model.{table}'::regclass",
        )
        assert policy == [("r",)], table


def test_doctor_finds_nothing_wrong_and_names_all_segments(cluster: Cluster) -> None:
    checks = examine(cluster.dsn)
    assert [check for check in checks if check.level == "fail"] == []
    assert any(check.name.startswith("numpy on coordinator and ") for check in checks)


ON_SEGMENT_1 = """
import ctypes
place = (ctypes.c_int * 2).in_dll(ctypes.CDLL(None), "GpIdentity")[1]
scores, labels, place_of, problem = model.answer(rows, count, wanted)
return scores and scores.replace("0.", "0.9" if place == 1 else "0."), labels, place_of, problem
"""


def test_batches_that_are_wrong_on_one_segment_end_the_deployment(
    cluster: Cluster, tmp_path: Any
) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 4, 2], ["relu", "softmax"])
    script, _ = compile_model(path, "wrong", features=["a", "b", "c"], target="greenplum")
    statements = [
        replace(s, sql=Sql(s.sql.replace(ANSWER, ON_SEGMENT_1.strip()))) for s in script.statements
    ]
    with pytest.raises(DatabaseError, match="segment 1 scores"):
        # missing: what models share is altered, so it has to be sent, though it is there
        deploy(replace(script, statements=tuple(statements), missing=None), cluster.dsn)
    assert query(cluster.dsn, "select to_regnamespace('wrong') is null") == [(True,)]
