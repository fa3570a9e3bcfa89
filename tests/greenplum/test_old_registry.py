"""A registry of format 2, as an earlier program left it, on a real server: upgrade moves it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from database.networks import query
from greenplum_server import GreenplumServer, run

import exporter

STORED = Path(__file__).parents[1] / "data" / "registry_2_greenplum.sql"
SCORES = (
    "select gp_segment_id, fraud.score(0.25, -1, 2) from gp_dist_random('gp_id') union all"
    " select -1, fraud.score(0.25, -1, 2) order by 1"
)
LEFT = (
    "select fdwname from pg_foreign_data_wrapper where fdwname like 'export%'"
    " union all select srvname from pg_foreign_server where srvname like 'export%'"
    " union all select nspname from pg_namespace where nspname like 'export%'"
)


def test_upgrade_moves_a_registry_and_its_models_stay_what_they_are(
    greenplum: GreenplumServer,
) -> None:
    name = f"export_model_old_{os.getpid()}"
    with greenplum.database(name):
        dsn = greenplum.dsn(name)
        run(dsn, "create extension if not exists plpython3u")
        psql = [str(greenplum.bindir / "psql"), dsn, "-q", "-v", "ON_ERROR_STOP=1"]
        subprocess.run([*psql, "-f", str(STORED)], check=True, capture_output=True)
        before = query(dsn, SCORES)
        assert len(before) > 1
        for format_before in (2, 3):
            done = exporter.upgrade(dsn)
            assert (done.before, done.now) == (format_before, 3)
            assert query(dsn, SCORES) == before
        assert exporter.verify(dsn, "fraud").is_ok
        assert [entry.number for entry in exporter.versions(dsn, "fraud")] == [1]
        assert not [check for check in exporter.doctor(dsn) if check.level == "fail"]
        exporter.repair(dsn, "fraud")  # its functions become this program's, and its runtime
        assert query(dsn, SCORES) == before
        exporter.drop(dsn, "fraud")
        assert query(dsn, LEFT) == []
