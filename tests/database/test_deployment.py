"""Deploying: through a connection or psql, again, over another version, and with every fault."""

from __future__ import annotations

import re
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import h5py
import numpy as np
import psycopg2
import pytest
from budgets import is_thorough
from databases import Database
from footprints import footprint_of
from private_server import private_server

import exporter
from database.networks import (
    compile_model,
    deploy_model,
    query,
    write_sequential,
    write_two_by_two,
)
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError, ExportError, SignatureError, SqlTextError
from exporter.sql.script import Script, Statement
from exporter.sql.text import Sql


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file of a 3-2 softmax."""
    return write_sequential(tmp_path / "small.h5", [3, 4, 2], ["relu", "softmax"])


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 2.5 MB of weights: three chunks."""
    return write_sequential(tmp_path / "large.h5", [800, 800, 2], ["relu", "softmax"])


def dump(database: Database) -> str:
    """Everything in a database as text, without the times of rows, pg_dump's random keys, and how
    far a sequence is, which no transaction takes back."""
    command = [str(database.server.bindir / "pg_dump"), "--dbname", database.dsn]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.M)
    text = re.sub(r"^(SELECT pg_catalog\.setval\('.*'), .*$", r"\1", text, flags=re.M)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.?\d*\+\d\d", "TIME", text)


def run_psql(database: Database, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as the README says."""
    command = [str(database.server.bindir / "psql"), database.dsn, "-v", "ON_ERROR_STOP=1"]
    return subprocess.run([*command, "-f", str(path)], capture_output=True, text=True, check=False)


def test_connection_and_psql_reach_the_same_state(
    database: Database, other_database: Database, large: Path, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"labels": ["a'b", "c\\d"]}
    script, _ = compile_model(large, "fraud", **options)
    deploy(script, database.dsn)
    path = tmp_path / "fraud.sql"
    path.write_text(str(script), encoding="utf-8")
    for _ in range(2):  # the second run changes nothing
        done = run_psql(other_database, path)
        assert (done.returncode, done.stderr) == (0, "")
        assert dump(database) == dump(other_database)
    assert "TIME" in dump(database)
    assert verify(other_database.dsn, "fraud").is_ok


def test_script_of_several_outputs_runs_in_psql(database: Database, tmp_path: Path) -> None:
    script, _ = compile_model(write_two_by_two(tmp_path / "m.h5"), "two")
    (tmp_path / "two.sql").write_text(str(script), encoding="utf-8")
    done = run_psql(database, tmp_path / "two.sql")
    assert (done.returncode, done.stderr) == (0, "")
    report = verify(database.dsn, "two")
    assert report.is_ok
    assert report.samples == 3


def test_registry_holds_the_weights_in_chunks(database: Database, large: Path) -> None:
    plan = deploy_model(database.dsn, large, "big")
    rows = query(
        database.dsn,
        "select chunk, bytes, octet_length(data), sha256 = encode(sha256(data), 'hex'), data"
        " from export_model.chunks order by chunk",
    )
    assert [row[1] for row in rows] == [2**20, 2**20, len(plan.block) - 2**21]
    assert all(row[1] == row[2] and row[3] for row in rows)
    assert b"".join(bytes(row[4]) for row in rows) == plan.block
    tensors = query(
        database.dsn, "select name, shape, first_number, numbers, sha256 from export_model.tensors"
    )
    assert [(t.name, list(t.shape), t.offset, t.sha256) for t in plan.tensors] == [
        (name, shape, first, digest) for name, shape, first, _, digest in tensors
    ]
    ((overview,),) = query(
        database.dsn, "select to_json(o)::jsonb - 'deployed_at' from export_model.overview o"
    )
    assert overview["model"] == "big"
    assert overview["is_current"] is True
    assert overview["source_file"] == "large.h5"
    assert (overview["format"], overview["format_version"]) == ("keras", "2.2.4")
    assert (overview["database"], overview["engine"]) == (databases.TARGET, "plpython")
    assert overview["parameters"] == 800 * 800 + 800 + 1602
    assert [(overview["deployed_by"],)] == query(database.dsn, "select session_user::text")
    assert overview["expected_by"] == "export-model, float64"


def test_deploying_again_is_a_no_op(database: Database, small: Path) -> None:
    script, _ = compile_model(small, "m")
    assert deploy(script, database.dsn).was_there is False
    before = query(database.dsn, "select xmin::text, ctid::text from pg_proc order by oid")
    assert deploy(script, database.dsn).was_there is True
    assert query(database.dsn, "select xmin::text, ctid::text from pg_proc order by oid") == before


def test_views_survive_a_new_version_and_the_old_one_can_come_back(
    database: Database, tmp_path: Path
) -> None:
    files = [
        write_sequential(tmp_path / f"{seed}.h5", [2, 1], ["sigmoid"], seed=seed) for seed in (1, 2)
    ]
    deploy_model(database.dsn, files[0], "m", features=["a", "b"])
    query(database.dsn, "create view v as select m.score(1, 2) as score")
    first = query(database.dsn, "select score from v")
    deploy_model(database.dsn, files[1], "m", features=["a", "b"])
    second = query(database.dsn, "select score from v")
    assert first != second
    assert [e.is_current for e in list_versions(database.dsn)].count(True) == 1
    deploy_model(database.dsn, files[0], "m", features=["a", "b"])
    assert query(database.dsn, "select score from v") == first
    assert len(list_versions(database.dsn)) == 2


def test_a_new_signature_replaces_the_old_functions(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Which the log says before, with both signatures, what labels mean and what to do."""
    two = write_sequential(tmp_path / "two.h5", [2, 1], ["sigmoid"])
    three = write_sequential(tmp_path / "three.h5", [3, 2], ["softmax"])
    deploy_model(database.dsn, two, "m", features=["a", "b"], labels=["no", "yes"])
    assert not caplog.messages
    script, _ = compile_model(three, "m", features=["c", "b", "a"], labels=["bad", "good"])
    told: list[int] = []
    done = deploy(script, database.dsn, lambda name: told.append(len(caplog.messages)))
    assert told[0] == 1, "before the first statement"
    (warning,) = caplog.messages
    assert "  - m.score(a double precision, b double precision) returns real\n" in warning
    come = "+ m.score(c double precision, b double precision, a double precision) returns real[]"
    assert come in warning and come in done.changes
    assert "  - labels no, yes\n  + labels bad, good\n" in warning
    assert "--no-promote" in warning and "export-model rollback --name m" in warning
    arguments = query(
        database.dsn,
        "select pg_get_function_arguments(oid) || ' ' || pg_get_function_result(oid) from pg_proc"
        " where pronamespace = 'm'::regnamespace and proname = 'score' order by 1",
    )
    assert arguments == [
        ("c double precision, b double precision, a double precision real[]",),
        ("dense_input real[] real[]",),
    ]


def test_a_view_on_a_signature_that_goes_stops_the_deployment(
    database: Database, tmp_path: Path
) -> None:
    two = write_sequential(tmp_path / "two.h5", [2, 1], ["sigmoid"])
    three = write_sequential(tmp_path / "three.h5", [3, 2], ["softmax"])
    deploy_model(database.dsn, two, "m")
    query(database.dsn, "create view v as select m.score('{1,2}') as score")
    before = footprint_of(database)
    statements: list[str] = []
    script, _ = compile_model(three, "m")
    with pytest.raises(DatabaseError, match=r"view public.v needs m.score\(") as caught:
        deploy(script, database.dsn, statements.append)
    assert not statements, "it is said before anything is sent"
    assert "--no-promote" in str(caught.value)
    assert "CASCADE" not in str(caught.value), "it would take the view"
    assert footprint_of(database) == before


def test_the_runtime_is_made_once(database: Database, small: Path) -> None:
    """Made again, it would be compiled again in every session that scores."""
    made = "select xmin::text, oid from pg_proc where proname like 'runtime\\_%'"
    deploy_model(database.dsn, small, "m")
    first = query(database.dsn, made)
    deploy_model(database.dsn, small, "other")
    assert query(database.dsn, made) == first
    assert len(first) == 1


def test_every_statement_may_fail_and_nothing_changes(
    database: Database, small: Path, tmp_path: Path
) -> None:
    deploy_model(database.dsn, write_sequential(tmp_path / "old.h5", [3, 2], ["softmax"]), "m")
    before = footprint_of(database)
    script, _ = compile_model(small, "m")
    session = psycopg2.connect(database.dsn)  # one of ours costs the server a start of Python each
    last = len(script.statements) - 1
    for position, statement in enumerate(script.statements):
        is_last = position == last
        if position % 4 and not is_last and not is_thorough():
            continue
        broken = _replace(script, position, "select 1 / 0")
        with pytest.raises(DatabaseError, match="division by zero") as caught:
            deploy(broken, database.dsn if is_last else session)
        session.rollback()
        assert statement.name in str(caught.value)
    session.close()
    assert footprint_of(database) == before
    assert verify(database.dsn, "m").is_ok


@pytest.mark.parametrize(
    ("errcode", "message"),
    [("53100", "could not extend file: No space left on device"), ("57014", "statement timeout")],
)
def test_disk_full_and_timeouts_are_told(
    database: Database, small: Path, errcode: str, message: str
) -> None:
    script, _ = compile_model(small, "m")
    position = [s.name for s in script.statements].index("weights: chunk 1 of 1")
    sql = f"do $$ begin raise exception '{message}' using errcode = '{errcode}'; end $$"
    before = footprint_of(database)
    with pytest.raises(DatabaseError, match=message):
        deploy(_replace(script, position, sql), database.dsn)
    assert footprint_of(database) == before


def test_a_real_statement_timeout(database: Database, small: Path) -> None:
    script, _ = compile_model(small, "m")
    with pytest.raises(DatabaseError, match="statement timeout"):
        slow = _replace(script, 10, "select pg_sleep(10)")
        deploy(slow, database.dsn + "?options=-c%20statement_timeout%3D200ms")


def test_a_connection_killed_in_the_upload_changes_nothing(database: Database, large: Path) -> None:
    script, _ = compile_model(large, "big")
    before = footprint_of(database)

    def kill(name: str) -> None:
        if name == "weights: chunk 2 of 3":
            query(
                database.server.dsn("postgres"),
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
                " and application_name like 'export-model%%'",
                (database.name,),
            )

    with pytest.raises(DatabaseError, match="weights: chunk 2 of 3"):
        deploy(script, database.dsn, kill)
    assert footprint_of(database) == before
    deploy(script, database.dsn)
    assert verify(database.dsn, "big").is_ok


def test_wrong_scores_end_the_deployment(database: Database, small: Path) -> None:
    script, _ = compile_model(small, "m")
    position = [s.name for s in script.statements].index("sample 1 of 3")
    right = script.statements[position].sql
    expected = re.compile(r"(\(true, 0, '[^']+', '\{)([^}]*)")
    ((_, found),) = expected.findall(right)
    near = ",".join(str(float(score) + 5e-5) for score in found.split(","))
    before = footprint_of(database)
    for wrong, said in (("0.25,0.75", "Please report"), (near, "rounding that the network")):
        sql = expected.sub(rf"\g<1>{wrong}", right)
        with pytest.raises(DatabaseError, match="the database scores") as caught:
            deploy(_replace(script, position, sql), database.dsn)
        assert "tolerance" in str(caught.value)
        assert said in str(caught.value)
        assert footprint_of(database) == before


@pytest.mark.parametrize(("size", "factor"), [(1, 1.0), (1000, 1000.0)])
def test_a_score_may_be_off_by_the_fifth_digit_of_its_size(
    database: Database, tmp_path: Path, size: float, factor: float
) -> None:
    """Of its size, or of 1 where that is less."""
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["linear"])
    with h5py.File(path, "r+") as file:
        file["model_weights/dense_0/dense_0/kernel:0"][...] = 0
        file["model_weights/dense_0/dense_0/bias:0"][...] = [size / 2, size]
    deploy_model(database.dsn, path, "m")
    for difference, is_ok in ((0.9e-5, True), (1.2e-5, False), (-0.9e-5, True), (-1.2e-5, False)):
        query(
            database.dsn,
            "update export_model.samples set numbers[2] = %s where is_output",
            (size + difference * factor,),
        )
        assert verify(database.dsn, "m").is_ok is is_ok, difference


def test_two_deployments_of_one_name_at_the_same_moment(database: Database, tmp_path: Path) -> None:
    scripts = [
        compile_model(
            write_sequential(tmp_path / f"{seed}.h5", [3, 2], ["softmax"], seed=seed), "m"
        )[0]
        for seed in range(4)
    ]
    errors: list[BaseException] = []

    def run(script: Script) -> None:
        try:
            deploy(script, database.dsn)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(script,)) for script in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(list_versions(database.dsn)) == 4
    assert verify(database.dsn, "m").is_ok


def test_a_foreign_schema_is_refused_and_left_untouched(database: Database, small: Path) -> None:
    query(database.dsn, "create schema fraud; create table fraud.mine (id integer)")
    before = footprint_of(database)
    with pytest.raises(DatabaseError, match="was not made by export-model"):
        deploy_model(database.dsn, small, "fraud")
    assert footprint_of(database) == before


def test_a_registry_that_is_not_ours_is_refused(database: Database, small: Path) -> None:
    query(database.dsn, "create schema export_model")
    with pytest.raises(DatabaseError, match='schema "export_model" exists'):
        deploy_model(database.dsn, small, "m")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", SqlTextError),
        ("x" * 64, SqlTextError),
        ("x" * 200, SqlTextError),
        ("ü" * 32, SqlTextError),
        ("nul\x00", SqlTextError),
        ("\ud800", SignatureError),
        ("pg_model", SignatureError),
        ("public", SignatureError),
        ("export_model", SignatureError),
        ("information_schema", SignatureError),
    ],
)
def test_impossible_names_are_refused_before_connecting(
    small: Path, name: str, error: type[ExportError]
) -> None:
    with pytest.raises(error):
        compile_model(small, name)


def test_without_plpython_nothing_is_made(bare_database: Database, small: Path) -> None:
    before = footprint_of(bare_database)
    with pytest.raises(DatabaseError, match="create extension plpython3u"):
        deploy_model(bare_database.dsn, small, "m")
    assert footprint_of(bare_database) == before


def test_a_server_without_numpy_says_which_python(small: Path, tmp_path_factory: Any) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "numpy.py").write_text("raise ImportError('No module named numpy')")
        with private_server(environment={"PYTHONPATH": name}) as server:
            query(server.dsn(), "create extension plpython3u")
            with pytest.raises(DatabaseError, match="cannot import numpy") as caught:
                exporter.deploy(exporter.read(small), server.dsn(), name="m", expected_by="float64")
    assert "apt-get install python3-numpy" in str(caught.value)
    assert "Python 3" in str(caught.value)
    assert "Or --engine pgvector (PL/pgSQL and pgvector)" in str(caught.value)


def test_a_role_without_rights_is_told_what_it_lacks(database: Database, small: Path) -> None:
    query(database.server.dsn("postgres"), "drop role if exists plain")
    query(database.server.dsn("postgres"), "create role plain login")
    with pytest.raises(DatabaseError, match="may not create PL/Python functions"):
        deploy_model(database.dsn_of("plain"), small, "m")


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("postgresql://nobody@127.0.0.1:1/x", "cannot connect"),
        ("postgres//user:secret@host", "cannot be read"),
        ("host=/nonexistent", "cannot connect"),
    ],
)
def test_a_wrong_dsn_is_told_without_the_password(small: Path, dsn: str, message: str) -> None:
    with pytest.raises(DatabaseError, match=message) as caught:
        deploy(compile_model(small, "m")[0], dsn)
    assert "secret" not in str(caught.value)


def test_altered_weights_are_noticed(database: Database, small: Path) -> None:
    deploy_model(database.dsn, small, "m")
    query(database.dsn, "update export_model.chunks set data = set_byte(data, 0, 77)")
    with pytest.raises(psycopg2.Error, match="were altered"):
        query(database.dsn, "select m.score('{1,2,3}')")
    query(database.dsn, "delete from export_model.chunks")
    with pytest.raises(psycopg2.Error, match="0 of 1 chunks"):
        query(database.dsn, "select m.score('{1,2,3}')")
    assert "0 of 1 chunks" in str(verify(database.dsn, "m"))


def test_drop_removes_all_of_it_and_nothing_else(
    database: Database, small: Path, large: Path, tmp_path: Path
) -> None:
    query(database.dsn, "create table keep (id integer)")
    before = footprint_of(database)
    deploy_model(database.dsn, small, "m")
    one = dump(database)
    deploy_model(database.dsn, write_two_by_two(tmp_path / "t.h5"), "two")
    drop(database.dsn, "two")
    gone = query(
        database.dsn, "delete from export_model.journal where model = 'two' returning action"
    )
    assert gone == [("deploy",), ("drop",)]  # the journal tells of it
    assert dump(database) == one
    deploy_model(database.dsn, large, "m")
    drop(database.dsn, "m")
    assert footprint_of(database) == before
    with pytest.raises(DatabaseError, match="there is no model") as caught:
        drop(database.dsn, "m")
    assert "See: export-model list" in str(caught.value)  # who deploys may not read the overview


def test_drop_keeps_what_others_put_into_the_schema(database: Database, small: Path) -> None:
    deploy_model(database.dsn, small, "m")
    query(database.dsn, "create table m.mine (id integer)")
    drop(database.dsn, "m")
    assert query(database.dsn, "select count(*) from m.mine") == [(0,)]
    assert list_versions(database.dsn) == []
    with pytest.raises(DatabaseError, match="was not made by export-model"):
        deploy_model(database.dsn, small, "m")


def test_drop_is_stopped_by_a_view_and_removes_nothing(database: Database, small: Path) -> None:
    deploy_model(database.dsn, small, "m")
    query(database.dsn, "create view v as select m.score('{1,2,3}')")
    before = footprint_of(database)
    with pytest.raises(DatabaseError, match="depend"):
        drop(database.dsn, "m")
    assert footprint_of(database) == before


def _replace(script: Script, position: int, sql: str) -> Script:
    statements = list(script.statements)
    statements[position] = Statement(statements[position].name, Sql(sql))
    return replace(script, statements=tuple(statements))


def test_a_dump_restored_elsewhere_scores_the_same(
    database: Database, bare_database: Database, tmp_path: Path
) -> None:
    """Everything a model needs is in the database: nothing outside of it is referred to."""
    for name, path in (
        ("m", write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])),
        ("two", write_two_by_two(tmp_path / "two.h5")),
    ):
        deploy_model(database.dsn, path, name)
    pg_dump = [str(database.server.bindir / "pg_dump"), "--dbname", database.dsn]
    subprocess.run([*pg_dump, "--file", str(tmp_path / "dump.sql")], check=True)
    done = run_psql(bare_database, tmp_path / "dump.sql")
    assert done.returncode == 0, done.stderr
    sql = "select m.score('{1,2,3}'), m.label('{1,2,3}'), two.score('{1,2,3}', '{1,2,3,4}')::text"
    assert query(bare_database.dsn, sql) == query(database.dsn, sql)
    assert verify(bare_database.dsn, "two").is_ok
    drop(bare_database.dsn, "m")
    drop(bare_database.dsn, "two")
    assert list_versions(bare_database.dsn) == []


def test_rows_whose_score_is_no_number_have_no_label_in_any_form(
    database: Database, tmp_path: Path
) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 1], ["sigmoid"])
    with h5py.File(path, "r+") as file:
        biases: list[h5py.Dataset] = []
        file.visititems(lambda name, item: biases.append(item) if "bias" in name else None)
        biases[-1][...] = np.nan
    deploy_model(database.dsn, path, "m", labels=["no", "yes"])
    assert query(database.dsn, "select m.label(array[1, 2, 3]::real[])") == [(None,)]
    assert query(database.dsn, "select bool_and(ok), count(*) > 8 from m.verify()") == [
        (True, True)
    ]
