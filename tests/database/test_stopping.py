"""Ctrl-C and SIGTERM while a server works, or does not answer: one line, nothing left behind."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import POSTGRES, PROGRAM, environment, run, write_sigmoid
from databases import Database

from database.networks import query
from database.tables import wait_until

SLEEPING = (
    "select count(*) from pg_stat_activity where state = 'active' and datname = current_database()"
    " and application_name like 'export-model%'"
)


@contextlib.contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """export-model, running; SIGINT reaches it also where this process ignores it."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)], env=environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, previous)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_deployment_that_is_stopped_leaves_nothing(
    database: Database, tmp_path: Path, number: int, status: int
) -> None:
    model = write_sigmoid(tmp_path / "m.h5")
    query(
        database.dsn,
        "create function hold() returns event_trigger language plpgsql as"
        " $$begin perform pg_sleep(60); end$$;"
        " create event trigger hold on ddl_command_end when tag in ('CREATE TABLE')"
        " execute function hold()",
    )
    with started(model, *POSTGRES, "--dsn", database.dsn) as running:
        wait_until(lambda: query(database.dsn, SLEEPING) == [(1,)])
        running.send_signal(number)
        output, errors = running.communicate(timeout=120)
    assert (running.returncode, output) == (status, "")
    word = "stopped" if number == signal.SIGINT else "terminated"
    assert errors == f"export-model: {word}\n"
    wait_until(lambda: query(database.dsn, SLEEPING) == [(0,)])
    schemas = "select count(*) from pg_namespace where nspname in ('m', 'export_model')"
    assert query(database.dsn, schemas) == [(0,)]


@pytest.mark.parametrize("verb", ["list", "doctor"])
def test_a_server_that_does_not_answer(verb: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        dsn = f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/d?sslmode=disable"
        with started(verb, "--dsn", dsn) as running:
            silent.settimeout(120)
            connection, _ = silent.accept()
            assert connection.recv(1)  # it has asked, and waits
            running.send_signal(signal.SIGINT)
            output, errors = running.communicate(timeout=120)
            connection.close()
    assert (running.returncode, output, errors) == (130, "", "export-model: stopped\n")


def test_names_of_tables_as_people_write_them(database: Database, tmp_path: Path) -> None:
    model = write_sigmoid(tmp_path / "m.h5")
    query(database.dsn, 'create table "My cards" (a real, "B b" real, "c,d" real)')
    arguments = [model, *POSTGRES, "--dsn", database.dsn, "--output", "-", "--features-from"]
    for name in ("My cards", "a.b.c.d", '"My cards', "", ".", "a..b"):
        refused = run(*arguments, name, cwd=tmp_path)
        assert refused.returncode == (1 if name else 2)
        assert "double quotes" in refused.stderr or not name, refused.stderr
    assert """'"My cards"'""" in run(*arguments, "My cards", cwd=tmp_path).stderr
    done = run(*arguments, '"My cards"', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Nothing was deployed" in done.stderr
    chosen = run(*arguments, '"My cards"', "--features", 'a,B b,"c,d"', cwd=tmp_path)
    assert chosen.returncode == 0, chosen.stderr
    wrong = run(*arguments, '"My cards"', "--features", "a,b b,d", cwd=tmp_path)
    assert "has no numeric columns b b, d; it has a, B b, c,d." in wrong.stderr


def test_a_script_is_only_written_though_the_environment_has_a_dsn(
    database: Database, tmp_path: Path
) -> None:
    model = write_sigmoid(tmp_path / "m.h5")
    arguments = [model, *POSTGRES, "--output", "m.sql"]
    done = run(*arguments, cwd=tmp_path, EXPORT_MODEL_DSN=database.dsn)
    assert done.returncode == 0, done.stderr
    assert "Nothing was deployed: --output only writes the script." in done.stderr
    listed = run("list", "--dsn", database.dsn, cwd=tmp_path)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert listed.stderr == "No model that you may see is deployed in this database.\n"


def test_a_wrong_password_is_not_repeated(tmp_path: Path) -> None:
    dsn = "postgresql://nobody:verysecret@127.0.0.1:1/d"
    done = run("list", "--dsn", dsn, cwd=tmp_path)
    assert done.returncode == 1
    assert "cannot connect" in done.stderr
    assert "verysecret" not in done.stderr + done.stdout
