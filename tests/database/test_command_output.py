"""What verbs print of a database: JSON, nothing, or the statements too; and how they find it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psycopg2.extensions
import pytest
from commands import POSTGRES, run, write_sigmoid
from databases import Database

from database.networks import query

FEATURES = ["--features", "a,b,c"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A 3-1 sigmoid."""
    return write_sigmoid(tmp_path / "fraud.h5")


def test_the_facts_of_a_life_as_json(database: Database, model: Path) -> None:
    def facts(*arguments: str | Path) -> Any:
        done = run(*arguments, "--json", "--dsn", database.dsn, cwd=model.parent)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    query(
        database.dsn, "create table t as select g id, 1 a, 2 b, g c from generate_series(1, 50) g"
    )
    deployed = facts(model, *POSTGRES, *FEATURES)
    assert deployed["model"] == "fraud"
    assert deployed["example"] == "SELECT fraud.score(a, b, c) FROM your_table;"
    assert (deployed["was_there"], deployed["verified"]["is_ok"]) == (False, True)
    report = facts("verify", "--name", "fraud")
    assert (report["samples"], report["failed"], report["is_ok"]) == (8, 0, True)
    (entry,) = facts("list")
    assert entry["source_file"] == "fraud.h5"
    assert entry["is_current"] is True
    options = ["--name", "fraud", "--table", "t", "--key", "id", "--into", "s"]
    scoring = facts("score", *options)
    assert (scoring["rows"], scoring["was_stopped"]) == (50, False)
    checks = {check["name"]: check["level"] for check in facts("doctor")}
    assert checks["PL/Python"] == "ok"
    dropped = facts("drop", "--name", "fraud")
    assert (dropped["model"], dropped["dropped"], dropped["is_last"]) == ("fraud", True, True)
    assert "function fraud.verify()" in dropped["own"] and dropped["others"] == []
    assert facts("list") == []


def test_quiet_and_the_status(database: Database, model: Path) -> None:
    def status(*arguments: str | Path) -> int:
        done = run(*arguments, "-q", "--dsn", database.dsn, cwd=model.parent)
        assert done.stdout == ""
        return done.returncode

    assert status(model, *POSTGRES, *FEATURES) == 0
    assert status("verify", "--name", "fraud") == 0
    assert status("list") == 0
    query(database.dsn, "update export_model.samples set numbers = '{0.1}' where is_output")
    assert status("verify", "--name", "fraud") == 1
    assert status("drop", "--name", "fraud") == 0
    assert status("drop", "--name", "fraud") == 1


def test_verbose_shows_statements_but_no_weights(database: Database, model: Path) -> None:
    with h5py.File(model, "r+") as file:
        file["model_weights/d/d/kernel:0"][...] = [[0.123], [4.567], [-7.89]]
    kernel = np.array([0.123, 4.567, -7.89], "<f4").tobytes()
    done = run(model, *POSTGRES, *FEATURES, "-v", "--dsn", database.dsn, cwd=model.parent)
    assert done.returncode == 0, done.stderr
    assert "-- weights: chunk 1 of 1:" in done.stderr
    assert "-- switch to this version" in done.stderr
    assert "create table if not exists export_model.chunks" in done.stderr
    assert 'from "fraud".verify()' in done.stderr
    for text in (kernel.hex(), base64.b64encode(kernel)[:12].decode(), "4.567", "-7.89"):
        assert text not in done.stderr, text
    listed = run("list", "-v", "--json", "--dsn", database.dsn, cwd=model.parent)
    assert "select" in listed.stderr
    assert json.loads(listed.stdout)[0]["model"] == "fraud"


def test_a_database_of_the_environment(database: Database, model: Path) -> None:
    parts = psycopg2.extensions.parse_dsn(database.dsn)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    for variables in (
        {names[name]: str(value) for name, value in parts.items() if name in names},
        {"DATABASE_URL": database.dsn},
    ):
        script = run(model, *POSTGRES, cwd=model.parent, **variables)
        assert script.returncode == 0, script.stderr
        assert run("list", "--json", cwd=model.parent, **variables).stdout == "[]\n"
        deployed = run(model, *POSTGRES, "--deploy", cwd=model.parent, **variables)
        assert "fraud: verified" in deployed.stdout, deployed.stderr
        assert run("drop", "--name", "fraud", cwd=model.parent, **variables).returncode == 0
