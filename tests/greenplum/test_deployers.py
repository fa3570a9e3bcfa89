"""Members of the group that deploys, on a real cluster: what segments show them, and what not.

Who may do what otherwise is in tests/database/test_installed.py, which runs here as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from database.networks import query, write_sequential
from greenplum_server import GreenplumServer, run

import exporter
from exporter.databases.greenplum.segments import revoke_script
from exporter.errors import DatabaseError

GROUP = f"test_deployers_{os.getpid()}"
ADA, BOB = f"test_ada_{os.getpid()}", f"test_bob_{os.getpid()}"
ON_SEGMENTS = "from gp_dist_random('gp_id')"


@dataclass(frozen=True)
class Installed:
    """A database where ada deployed a model, and bob may."""

    server: GreenplumServer
    name: str
    file: Path

    def dsn(self, role: str | None = None) -> str:
        return self.server.dsn(self.name, role)

    def deploy(self, role: str, model: str) -> None:
        model_file = exporter.read(self.file)
        exporter.deploy(
            model_file, self.dsn(role), target="greenplum", name=model, features=["a", "b", "c"]
        )


@pytest.fixture(scope="module")
def installed(
    greenplum: GreenplumServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    name = f"export_model_deployers_{os.getpid()}"
    file = tmp_path_factory.mktemp("files") / "m.h5"
    write_sequential(file, [3, 8, 1], ["relu", "sigmoid"])
    with greenplum.database(name):
        database = Installed(greenplum, name, file)
        dsn = database.dsn()
        run(dsn, "create extension if not exists plpython3u")
        for role in (ADA, BOB):
            run(dsn, f"create role {role} login")
        try:
            exporter.install(dsn, deployers=GROUP)
            run(dsn, f"grant {GROUP} to {ADA}, {BOB}")
            run(dsn, f'grant create on database "{name}" to {GROUP}')
            database.deploy(ADA, "hers")
            yield database
        finally:
            for role in (ADA, BOB, GROUP):
                run(dsn, f"drop owned by {role} cascade")
                run(dsn, f"drop role {role}")


def read_on_segments(database: Installed, sql: str, first: str = "null") -> list[object]:
    """What a function of bob's finds where no right is checked, once for each segment."""
    dsn = database.dsn(BOB)
    run(dsn, "create schema if not exists bobs")
    run(
        dsn,
        "create or replace function bobs.read() returns bigint language plpgsql as"
        f" $$ begin {first}; return ({sql}); end $$",
    )
    return [value for (value,) in query(dsn, f"select bobs.read() {ON_SEGMENTS}")]


def test_rows_of_others_are_hidden_on_segments_too(installed: Installed) -> None:
    """Row security is put into a query on whatever node plans it; rights are not asked there."""
    for table in ("models", "versions", "chunks", "tensors", "samples", "objects", "journal"):
        assert query(installed.dsn(), f"select count(*) > 0 from export_model.{table}")[0][0]
        count = f"select count(*) from export_model.{table}"
        assert set(read_on_segments(installed, count)) == {0}, table
        assert query(
            installed.dsn(BOB), f"select count(*) from gp_dist_random('export_model.{table}')"
        ) == [(0,)]
    with pytest.raises(psycopg2.Error, match="row-level security"):
        read_on_segments(
            installed, count, "perform pg_catalog.set_config('row_security', 'off', true)"
        )


def test_what_no_row_security_filters_is_read_there_as_documented(installed: Installed) -> None:
    """docs/greenplum.md says so to who gives the role; on the coordinator nobody else reads it."""
    count = "select count(*) from {} where umoptions is not null"
    assert all(read_on_segments(installed, count.format("pg_user_mapping")))
    assert query(installed.dsn(BOB), count.format("pg_user_mappings")) == [(0,)]
    assert query(installed.dsn(ADA), count.format("pg_user_mappings")) != [(0,)]


def test_segments_let_nobody_write_or_become_another(installed: Installed) -> None:
    for sql, message in (
        ("update export_model.models set owner = current_user", "non-SELECT|system catalog"),
        ("create or replace function export_model.owns(p_owner text) returns boolean language sql"
         " as 'select true'", "non-SELECT"),
        (f"set role {ADA}", "non-SELECT|permission denied"),
        (f"select set_config('role', '{ADA}', true)", "permission denied"),
        ("select set_config('session_authorization', 'gpadmin', true)", "permission denied"),
    ):  # fmt: skip
        run(installed.dsn(BOB), "create schema if not exists bobs")
        run(
            installed.dsn(BOB),
            "create or replace function bobs.write() returns setof integer language plpgsql"
            f" execute on all segments as $f$ begin execute $${sql}$$; return next 1; end $f$",
        )
        with pytest.raises(psycopg2.Error, match=message):
            query(installed.dsn(BOB), "select * from bobs.write()")


def test_models_are_kept_by_role_on_segments(installed: Installed) -> None:
    """In one session that changes roles, whose processes stay."""
    hers = str(query(installed.dsn(), "select current_version from export_model.models")[0][0])
    held = f"select export_model.holds('{hers}') {ON_SEGMENTS}"
    connection = psycopg2.connect(installed.dsn())
    try:
        cursor = connection.cursor()
        cursor.execute(f"set role {ADA}")
        # of constants alone it would be computed on the coordinator
        cursor.execute(f"select hers.score(gp_segment_id * 0 + 1, 2, 3) {ON_SEGMENTS}")
        (score,) = set(cursor.fetchall())
        cursor.execute(held)
        assert {value for (value,) in cursor.fetchall()} == {True}
        cursor.execute(f"reset role; set role {BOB}")
        cursor.execute(held)
        assert {value for (value,) in cursor.fetchall()} == {False}
        run_it = (
            f"select export_model.run_real('{hers}', export_model.array_bytes('{{1,2,3}}'::real[]))"
        )
        cursor.execute(f"{run_it} {ON_SEGMENTS}")
        assert {value for (value,) in cursor.fetchall()} == {None}
        cursor.execute(f"reset role; set role {ADA}")
        cursor.execute(f"{run_it} {ON_SEGMENTS}")
        assert set(cursor.fetchall()) == {score}
    finally:
        connection.close()


def test_languages_that_public_lost_are_given_by_install(installed: Installed) -> None:
    run(installed.dsn(), revoke_script(installed.dsn()))
    (check,) = [c for c in exporter.doctor(installed.dsn(BOB)) if c.name == "PL/Python"]
    assert check.level == "fail"
    assert f"grant usage on language plpgsql, sql to {BOB};" in check.advice
    with pytest.raises(DatabaseError, match=f"grant usage on language plpgsql, sql to {GROUP}"):
        installed.deploy(BOB, "his")
    exporter.install(installed.dsn(), deployers=GROUP)
    installed.deploy(BOB, "his")
    assert exporter.verify(installed.dsn(BOB), "his").is_ok
    assert exporter.verify(installed.dsn(ADA), "hers").is_ok
