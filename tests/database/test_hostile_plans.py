"""A plan is data: whoever may write one into the registry gets errors, never a server that runs
code, crashes, hangs or fills its memory."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from databases import Database, keep, make_database
from hostile_plans import COSTLY, HOSTILE, TWO
from messages import send

from database.networks import deploy_model, write_sequential

SOONER = 2.0  # seconds of the backend's own time until a timeout takes effect


@pytest.fixture(scope="module")
def deployed(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a database with a model, and so with a registry and a runtime."""
    path = tmp_path_factory.mktemp("hostile") / "m.h5"
    write_sequential(path, [2, 1], ["linear"])
    with make_database(server, "test_hostile", template):
        database = Database(server, "test_hostile")
        deploy_model(database.dsn, path, "m")
        yield database.dsn


def load(cursor: Any, text: str, block: bytes) -> str:
    """Let the runtime load a plan under its own digest, which is given back."""
    version = hashlib.sha256(text.encode() + block).hexdigest()
    cursor.execute("select runtime from export_model.versions")
    (name,) = cursor.fetchone()
    cursor.execute(f"select export_model.{name}(%s, %s, %s)", (version, text, block))
    return version


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_plan_is_refused(what: str, deployed: str) -> None:
    content, words = HOSTILE[what]
    text = content if isinstance(content, str) else json.dumps(content)
    with keep(deployed) as connection, connection.cursor() as cursor:
        before = connection.get_backend_pid()
        with pytest.raises(psycopg2.Error) as caught:
            load(cursor, text, TWO)
        assert caught.value.pgcode == "22023"
        assert words in str(caught.value)
        connection.rollback()
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() == (before,)


@pytest.mark.parametrize(
    "arguments",
    ["'', 0, 1000000000000", "'', 0, -1", "'x', 7, 8", "'xx', 0, 1", "'x', -1, 1", "'x', 0, 0"],
)
def test_weights_that_are_none_are_not_collected(arguments: str, deployed: str) -> None:
    with keep(deployed) as connection, connection.cursor() as cursor:
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute(f"select export_model.collect({arguments})")
        assert caught.value.pgcode == "22023"
        connection.rollback()


@pytest.mark.parametrize("what", COSTLY)
@pytest.mark.parametrize("count", [1, 3000])
def test_a_timeout_takes_effect(what: str, count: int, deployed: str) -> None:
    """In a plan that costs nearly as much as one may, in a row and in a batch."""
    text, block = COSTLY[what]()
    with keep(deployed) as connection, connection.cursor() as cursor:
        version = load(cursor, text, block)
        cursor.execute("set local statement_timeout = '500ms'")
        before = process_time(connection.get_backend_pid())
        with pytest.raises(psycopg2.errors.QueryCanceled, match="statement timeout"):
            cursor.execute(
                "select (export_model.run_batch(%s, %s, %s, 'score')).scores",
                (version, send([1.0, 2.0]) * count, count),
            )
        assert process_time(connection.get_backend_pid()) - before < 0.5 + SOONER
        connection.rollback()
        cursor.execute("select export_model.forget()")


def process_time(pid: int) -> float:
    """Seconds of a processor that a process has had: what a busy machine does not change."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
