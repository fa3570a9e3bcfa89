"""Scoring through pgbouncer in transaction pooling, where no session is anybody's for long."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from databases import Database
from private_server import SERVER_USER, Server

from database.networks import query
from database.tables import check_same, make_gated_target, session, wait_until, waits
from exporter.databases.postgres.registry import list_versions
from exporter.databases.postgres.score import score
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError

pytestmark = pytest.mark.usefixtures("own_sessions")
PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
LOCKS = "select count(*) from pg_locks where locktype = 'advisory'"
CURSORS = "select count(*) from pg_cursors where name like 'export%'"
ALL = "select id, fraud.score(a, b, c) from rows"


@pytest.fixture
def pooled(own: Database) -> Iterator[str]:
    """The dsn of own through a pool of three server sessions that change hands."""
    if not Path(PGBOUNCER).exists() or not isinstance(own.server, Server):
        pytest.skip("pgbouncer is not installed, or the server is not private")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(tempfile.mkdtemp())
    (home / "users").write_text('"postgres" ""\n')
    (home / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={own.server.socket_dir} port={own.server.port}\n[pgbouncer]\n"
        f"listen_addr =\nunix_socket_dir = {home}\nlisten_port = {port}\nauth_type = trust\n"
        f"auth_file = {home}/users\npool_mode = transaction\ndefault_pool_size = 5\n"
        "server_round_robin = 1\n"
    )
    user = SERVER_USER if os.geteuid() == 0 else None
    if user is not None:
        for path in (home, *home.iterdir()):
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
    with (home / "log").open("w") as log:
        process = subprocess.Popen([PGBOUNCER, home / "pgbouncer.ini"], stderr=log, user=user)
    try:
        wait_until(lambda: (home / f".s.PGSQL.{port}").exists())
        yield f"host={home} port={port} dbname={own.name} user=postgres"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(home)


def await_no_locks(own: Database) -> None:
    """A server answers to a commit before it lets go of the locks."""
    wait_until(lambda: bool(query(own.dsn, LOCKS) == [(0,)]))


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("source", ["rows", "select * from rows where id <= 9000"])
def test_a_run_through_a_pool_leaves_nothing_behind(
    own: Database, pooled: str, source: str, jobs: int
) -> None:
    wanted = [row for row in query(own.dsn, ALL) if source == "rows" or row[0] <= 9000]
    assert score(pooled, "fraud", source, "id", "scores", jobs).rows == len(wanted)
    check_same(query(own.dsn, "select key, score from scores"), wanted)
    for _ in range(6):  # each server session of the pool
        assert query(pooled, CURSORS) == [(0,)]
    await_no_locks(own)
    query(own.dsn, "delete from scores where key < 100")
    assert score(pooled, "fraud", source, "id", "scores", jobs).rows == 99
    await_no_locks(own)


def test_one_run_at_a_time_through_a_pool(own: Database, pooled: str) -> None:
    make_gated_target(own.dsn, 10500)
    with session(own.dsn) as cursor:
        cursor.execute("select pg_advisory_lock(4)")
        command = (
            "from exporter.databases.postgres.score import score; import sys; score(*sys.argv[1:])"
        )
        values = (pooled, "fraud", "rows", "id", "gated_scores")

        root = Path(__file__).parents[2]
        run = subprocess.Popen([sys.executable, "-c", command, *values], cwd=root)
        wait_until(lambda: waits(cursor))
        idle = "select count(*) from pg_stat_activity where state like 'idle in%' and"
        cursor.execute(f"{idle} backend_xmin is not null")
        assert cursor.fetchall() == [(0,)], "the lock holds no snapshot, so vacuum goes on"
        for dsn in (pooled, own.dsn):
            with pytest.raises(DatabaseError, match="another run is writing scores"):
                score(dsn, "fraud", "rows", "id", "gated_scores")
        cursor.execute("select pg_advisory_unlock(4)")
        assert run.wait(60) == 0
    await_no_locks(own)
    assert query(own.dsn, "select count(*) from gated_scores") == [(12000,)]


def test_procedures_and_commands_through_a_pool(own: Database, pooled: str) -> None:
    with session(pooled) as cursor:
        for source in ("rows", "select * from rows"):
            cursor.execute("drop table if exists scores")
            cursor.execute("call fraud.score_into(%s, 'id', 'scores')", (source,))
            check_same(query(own.dsn, "select key, score from scores"), query(own.dsn, ALL))
            with pytest.raises(psycopg2.errors.DivisionByZero):
                cursor.execute(
                    "call fraud.score_into('select id, a, b, 1 / (id - 1) as c from rows',"
                    " 'id', 'more')"
                )
    for _ in range(6):
        assert query(pooled, CURSORS) == [(0,)]
    await_no_locks(own)
    assert verify(pooled, "fraud").is_ok
    assert [entry.model for entry in list_versions(pooled)] == ["fraud"]


def test_an_error_closes_the_cursor_that_outlives_transactions(own: Database) -> None:
    """The gate of a target's key ends the run in a later transaction than the cursor's."""
    make_gated_target(own.dsn, 10500)
    query(
        own.dsn,
        "create or replace function hold() returns trigger language plpgsql as"
        " 'begin raise exception ''no more''; end'",
    )
    with session(own.dsn) as cursor:
        with pytest.raises(psycopg2.errors.RaiseException, match="no more"):
            cursor.execute("call fraud.score_into('select * from rows', 'id', 'gated_scores')")
        cursor.execute(f"select ({CURSORS}), ({LOCKS}), (select count(*) from gated_scores)")
        assert cursor.fetchall() == [(0, 0, 8192)]
