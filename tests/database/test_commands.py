"""The command line as a user types it: exit status, stdout for results, stderr for the rest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import commands
import databases
import h5py
import pytest
from databases import Database

from database.networks import query, write_sequential, write_two_by_two
from database.tables import CLERK
from exporter.databases.postgres.connection import connect, read_columns
from exporter.errors import SignatureError


def run(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run export-model in a process of its own; on a given Greenplum, for that target."""
    words = [databases.TARGET if word == "postgres" else word for word in arguments]
    return commands.run(*words, cwd=cwd or Path.cwd(), **environment)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file of a 3-2 softmax."""
    return write_sequential(tmp_path / "churn.h5", [3, 4, 2], ["relu", "softmax"])


def test_the_whole_life_of_a_model(database: Database, model: Path) -> None:
    dsn = database.dsn
    done = run(
        model, "--target", "postgres", "--dsn", dsn, "--features", "a,b,c", "--labels", "no,yes"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("churn, version ")
    assert lines[0].endswith(": deployed")
    assert "churn: verified; 8 samples" in lines[1]
    assert lines[2] == "Try: SELECT churn.score(a, b, c) FROM your_table;"
    assert query(dsn, "select churn.label(1, 2, 3) in ('no', 'yes')") == [(True,)]

    again = run(
        model, "--target", "postgres", "--dsn", dsn, "--features", "a,b,c", "--labels", "no,yes"
    )
    assert "was already deployed" in again.stdout

    assert run("verify", "--dsn", dsn, "--name", "churn").returncode == 0
    listed = run("list", "--dsn", dsn).stdout.splitlines()
    assert listed[0].split()[:3] == ["model", "version", "current"]
    assert listed[1].split()[0] == "churn"
    (entry,) = json.loads(run("list", "--dsn", dsn, "--json").stdout)
    assert entry["source_file"] == "churn.h5"
    dropped = run("drop", "--dsn", dsn, "--name", "churn")
    assert dropped.returncode == 0 and dropped.stdout.startswith("churn: dropped, with ")
    assert query(
        dsn, "select count(*) from pg_namespace where nspname in ('churn', 'export_model')"
    ) == [(0,)]


def test_verify_fails_loudly_when_the_database_scores_wrong(
    database: Database, model: Path
) -> None:
    run(model, "--target", "postgres", "--dsn", database.dsn, "--expected-by", "float64")
    query(database.dsn, "update export_model.samples set numbers = '{0.1,0.9}' where is_output")
    done = run("verify", "--dsn", database.dsn, "--name", "churn")
    assert done.returncode == 1
    failed = re.search(r"WRONG in (\d+) outputs", done.stdout)
    assert failed is not None
    assert int(failed[1]) % 8 == 0  # on Greenplum 8 at each place


def test_without_dsn_a_script_is_written(database: Database, model: Path, tmp_path: Path) -> None:
    done = run(model, "--target", "postgres", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "psql -v ON_ERROR_STOP=1 -f churn.sql" in done.stdout
    psql = [str(database.server.bindir / "psql"), database.dsn, "-v", "ON_ERROR_STOP=1", "-f"]
    loaded = subprocess.run(
        [*psql, tmp_path / "churn.sql"], capture_output=True, text=True, check=False
    )
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert run("verify", "--dsn", database.dsn, "--name", "churn").returncode == 0


def test_the_environment_variable_gives_the_dsn(database: Database, model: Path) -> None:
    done = run(model, "--target", "postgres", EXPORT_MODEL_DSN=database.dsn)
    assert done.returncode == 0, done.stderr
    assert "churn" in run("list", EXPORT_MODEL_DSN=database.dsn).stdout


def test_features_from_a_table(database: Database, model: Path) -> None:
    dsn = database.dsn
    query(dsn, 'create schema "My Data"')
    query(dsn, 'create table "My Data".t (name text, x real, y numeric, z integer, at timestamp)')
    query(dsn, """insert into "My Data".t values ('n', 1, 2, 3, now())""")
    arguments = [model, "--target", "postgres", "--dsn", dsn, "--features-from", '"My Data".t']
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert 'FROM "My Data".t AS t;' in done.stdout
    scores = query(dsn, 'select churn.score(t), churn.score(x, y, z) from "My Data".t t')[0]
    assert scores[0] == scores[1]
    query(dsn, "drop table if exists wide")
    query(dsn, "create table wide (id integer, x real, y real, z real, fraud integer)")
    refused = run(
        model, "--target", "postgres", "--dsn", dsn, "--name", "w", "--features-from", "wide"
    )
    assert refused.returncode == 1
    assert "5 features were given" in refused.stderr
    assert "id, x, y, z, fraud" in refused.stderr
    chosen = run(
        model, "--target", "postgres", "--dsn", dsn, "--name", "w", "--features-from", "wide",
        "--features", "x,y,z",
    )  # fmt: skip
    assert chosen.returncode == 0, chosen.stderr
    for bad, message in (("nowhere", "no table"), ("wide", "no numeric column q")):
        names = ["--features", "q,y,z"] if bad == "wide" else []
        refused = run(
            model,
            "--target",
            "postgres",
            "--dsn",
            dsn,
            "--name",
            "v",
            "--features-from",
            bad,
            *names,
        )
        assert refused.returncode == 1
        assert message in refused.stderr


def test_a_schema_that_may_not_be_looked_into_is_told_as_such(database: Database) -> None:
    query(database.dsn, f"{CLERK}; create schema shut; create table shut.t (x real)")
    with (
        connect(database.dsn_of("clerk")) as connection,
        pytest.raises(SignatureError, match="It takes USAGE on that schema"),
    ):
        read_columns(connection, "shut.t")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--features", "a,b"], "2 features were given"),
        (["--features", "a,b,a"], "named twice"),
        (["--labels", "x,y,z"], "3 labels were given, the model has 2 classes"),
        (["--labels", "x,x"], "given twice"),
        (["--threshold", "0.5"], "--threshold is for a model with one number"),
        (["--name", "pg_fraud"], "belongs to PostgreSQL"),
        (["--name", "n" * 200], "63"),
    ],
)
def test_refusals_exit_with_1_before_connecting(
    model: Path, arguments: list[str], message: str
) -> None:
    done = run(model, "--target", "postgres", "--dsn", "host=/nonexistent", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["model.h5"],
        ["model.h5", "--target", "mysql"],
        ["verify"],
        ["--nonsense"],
        ["model.h5", "--target", "postgres", "--samples", "0"],
        ["churn.h5", "--target", "postgres", "--features-from", "t"],
    ],
)
def test_wrong_usage_exits_with_2(model: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=model.parent)
    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


def test_describe_as_a_table_and_as_json(model: Path) -> None:
    text = run("describe", model).stdout
    assert "churn.h5: 26 parameters, saved by Keras 2.2.4" in text
    assert "dense_1  softmax  2" in text
    facts = json.loads(run("describe", model, "--json").stdout)
    assert facts["inputs"] == [{"name": "dense_0_input", "shape": [3], "dtype": "float32"}]
    assert [item["weights"] for item in facts["layers"]] == [16, 0, 10, 0]


def test_describe_lists_everything_that_is_unsupported(tmp_path: Path) -> None:
    path = write_two_by_two(tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][2]["class_name"] = "Lambda"
        config["config"]["layers"][4]["class_name"] = "Magic"
        file.attrs["model_config"] = json.dumps(config)
    done = run("describe", path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].split()[:3] == ["name", "class", "why"]
    assert "flat  Lambda  it holds Python code" in done.stdout
    assert "one   Magic   this class is not supported" in done.stdout
    refused = run(path, "--target", "postgres", "--dsn", "host=/nonexistent")
    assert refused.returncode == 1
    assert 'layer "flat" (Lambda): it holds Python code' in refused.stderr
    assert 'layer "one" (Magic)' in refused.stderr
    facts = json.loads(run("describe", path, "--json").stdout)
    assert [item["layer"] for item in facts["unsupported"]] == ["flat", "one"]


def test_doctor_on_a_good_and_a_bare_database(database: Database, bare_database: Database) -> None:
    good = run("doctor", "--dsn", database.dsn)
    assert good.returncode == 0, good.stdout
    levels = [line.split()[0] for line in good.stdout.splitlines() if not line.startswith(" ")]
    is_greenplum = databases.TARGET == "greenplum"  # which has one engine, and rights on segments
    assert levels == ["ok"] * (7 if is_greenplum else 8) + ["open"] * (2 if is_greenplum else 0)
    assert "numpy" in good.stdout
    assert "BLAS" in good.stdout
    bare = run("doctor", "--dsn", bare_database.dsn)
    assert bare.returncode == 1
    assert "fail  PL/Python: not created in this database" in bare.stdout
    assert "create extension plpython3u;" in bare.stdout
    if is_greenplum:
        return
    query(bare_database.dsn, "drop role if exists plain; create role plain login")
    try:
        plain = run("doctor", "--dsn", bare_database.dsn_of("plain"))
    finally:
        query(bare_database.dsn, "drop role plain")
    line = "create extension plpython3u; then: export-model install --dsn ..., then: grant "
    assert f"{line}export_model_deployer to plain;" in plain.stdout


def test_doctor_leaves_nothing_behind(database: Database) -> None:
    before = query(database.dsn, "select count(*) from pg_proc")
    run("doctor", "--dsn", database.dsn)
    assert query(database.dsn, "select count(*) from pg_proc") == before


def test_doctor_for_a_plain_role(database: Database) -> None:
    query(database.server.dsn("postgres"), "drop role if exists passerby")
    query(database.server.dsn("postgres"), "create role passerby login")
    done = run("doctor", "--dsn", database.dsn_of("passerby"))
    assert done.returncode == 1
    assert f"grant create on database {database.name} to passerby;" in done.stdout
    assert "only superusers may create functions in it" in done.stdout


def test_a_file_that_is_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    done = run(tmp_path / "m.h5", "--target", "postgres")
    assert done.returncode == 1
    assert "Git LFS pointer" in done.stderr
    assert "git lfs pull" in done.stderr
    assert run(tmp_path / "none.h5", "--target", "postgres").returncode == 1


def test_no_framework_is_imported(model: Path) -> None:
    code = (
        "import sys; from exporter.cli import command;"
        f"command(['describe', {str(model)!r}], standalone_mode=False);"
        "print([m for m in ('tensorflow', 'keras', 'psycopg', 'oracledb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
