"""Two who change one model at once: the second waits, is told for whom, and finds what is so."""

from __future__ import annotations

import logging
import select
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import databases
import psycopg2
import pytest
from databases import Database, log_in, make_database

import exporter
from database.networks import query, write_sequential
from exporter.databases.postgres import inspected_functions, repairing, turns
from exporter.databases.postgres import verify as verifying
from exporter.databases.postgres.connection import connect, execute
from exporter.errors import DatabaseError

ABC = ["a", "b", "c"]


def write(folder: Path, seed: int) -> Path:
    """A network of its own for each seed."""
    return write_sequential(folder / f"v{seed}.h5", [3, 4, 1], ["relu", "sigmoid"], seed=seed)


def deploy(place: Any, path: Path, **options: Any) -> exporter.Deployment:
    """fraud, of three features."""
    given = {"features": ABC, "name": "fraud", "target": "postgres"} | options
    return exporter.deploy(exporter.read(path), place, **given)


@pytest.fixture(scope="module")
def made(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with versions 1 to 3, the third the champion, and an alias of 2."""
    with make_database(server, "template_turns", template):
        with closing(log_in(server.dsn("template_turns"))) as session:
            for seed in (1, 2, 3):
                deploy(session, write(tmp_path_factory.mktemp("turns"), seed))
            exporter.alias(session, "fraud", "other", 2)
            session.commit()
        yield "template_turns"


@pytest.fixture
def three(server: Any, made: str) -> Iterator[Database]:
    """A copy of it."""
    with make_database(server, "turns", made):
        yield Database(server, "turns")


@pytest.fixture
def verbs(tmp_path: Path) -> dict[str, Callable[[Any], Any]]:
    """What two may do at once."""
    fourth = write(tmp_path, 4)
    return {
        "deploy": lambda place: deploy(place, fourth),
        "promote": lambda place: exporter.promote(place, "fraud", 1),
        "rollback": lambda place: exporter.rollback(place, "fraud"),
        "drop 1": lambda place: exporter.drop_version(place, "fraud", 1),
        "prune": lambda place: exporter.prune(place, "fraud", keep=1),
        "alias 1": lambda place: exporter.alias(place, "fraud", "other", 1),
        "repair": lambda place: exporter.repair(place, "fraud"),
        "drop": lambda place: exporter.drop(place, "fraud"),
    }


WAITING = "datname = %s and wait_event_type = 'Lock'"
GONE = "there is no model"
PAIRS: list[tuple[str, str, bool, str, dict[int, tuple[str, ...]]]] = [
    # Who comes first, second, whether the first keeps what it did, what the second says, and what
    # is there in the end.
    ("deploy", "promote", True, "", {4: (), 3: (), 2: ("other",), 1: ("champion",)}),
    ("promote", "deploy", True, "", {4: ("champion",), 3: (), 2: ("other",), 1: ()}),
    ("promote", "drop 1", True, "in use: champion", {3: (), 2: ("other",), 1: ("champion",)}),
    ("promote", "drop 1", False, "", {3: ("champion",), 2: ("other",)}),
    ("drop 1", "promote", True, 'no version "1"', {3: ("champion",), 2: ("other",)}),
    ("rollback", "prune", True, "", {3: (), 2: ("champion", "other")}),
    ("prune", "rollback", True, "", {3: (), 2: ("champion", "other")}),
    ("alias 1", "drop 1", True, "in use: other", {3: ("champion",), 2: (), 1: ("other",)}),
    ("drop 1", "alias 1", True, 'no version "1"', {3: ("champion",), 2: ("other",)}),
    ("promote", "repair", True, "Repair it again", {3: (), 2: ("other",), 1: ("champion",)}),
    ("drop", "deploy", True, "", {1: ("champion",)}),
    ("deploy", "drop", True, "", {}),
    ("drop", "promote", True, GONE, {}),
    ("drop", "drop", True, GONE, {}),
]


@pytest.mark.parametrize(
    ("first", "second", "keeps", "says", "there"), PAIRS, ids=lambda value: str(value)[:12]
)
def test_the_second_waits_and_finds_what_the_first_left(
    three: Database, verbs: dict[str, Callable[[Any], Any]], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    first: str, second: str, keeps: bool, says: str, there: dict[int, tuple[str, ...]],
) -> None:  # fmt: skip
    monkeypatch.setattr(turns, "QUIET_S", 0.0)
    told = threading.Event()
    caplog.set_level(logging.WARNING, "exporter")
    monkeypatch.setattr(turns.log, "warning", lambda *given: told.set())
    problems: list[str] = []

    def run() -> None:
        try:
            verbs[second](three.dsn)
        except DatabaseError as error:
            problems.append(str(error))

    with closing(log_in(three.dsn)) as session:
        verbs[first](session)
        other = threading.Thread(target=run)
        other.start()
        waits = f"select 1 from pg_stat_activity where {WAITING}"
        while not (told.wait(0.1) or query(three.dsn, waits, (three.name,))):
            assert other.is_alive(), problems
        session.commit() if keeps else session.rollback()
        other.join(60)
    assert not other.is_alive()
    if says:
        assert says in problems[0]
    else:
        assert not problems
    entries = exporter.models(three.dsn)
    assert {entry.state for entry in entries if entry.is_current} <= {"ok"}
    if entries:
        known = exporter.versions(three.dsn, "fraud")
        assert {entry.number: entry.aliases for entry in known} == there
        assert exporter.verify(three.dsn, "fraud").is_ok
    else:
        assert there == {}


def test_who_is_waited_for_is_said(
    three: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch, verbs: dict[str, Callable[[Any], Any]],
) -> None:  # fmt: skip
    """Anybody may hold that lock: also one who deploys nothing. In psql too."""
    monkeypatch.setattr(turns, "QUIET_S", 0.1)
    monkeypatch.setattr(turns, "PATIENCE_S", 0.5)
    path = tmp_path / "fraud.sql"
    model = exporter.read(write(tmp_path, 5))
    exporter.script(model, target="postgres", name="fraud", engine=databases.ENGINE).write(path)
    query(three.dsn, "drop role if exists squatter; create role squatter login")
    with closing(
        psycopg2.connect(three.dsn_of("squatter"), application_name="a report")
    ) as session:
        cursor = session.cursor()
        cursor.execute("select pg_advisory_xact_lock(7307497, 1), pg_backend_pid()")
        pid = cursor.fetchone()[1]
        who = f"role squatter, pid {pid}, a report, in a transaction since 2"
        for verb in ("promote", "drop", "deploy"):
            caplog.clear()
            with pytest.raises(DatabaseError, match=f"{who}.* nothing was changed here") as caught:
                verbs[verb](three.dsn)
            assert "pg_terminate_backend" in str(caught.value)
            assert f"waiting for {who}" in caplog.text
        dsn = three.dsn_of("postgres", "-c%20statement_timeout%3D100s")
        command = [three.server.bindir / "psql", dsn, "-v", "ON_ERROR_STOP=1", "-f", path]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as waiting:
            assert waiting.stderr is not None
            told = ""
            while f"waiting for {who}" not in told and (line := waiting.stderr.readline()):
                told += line
            session.rollback()
            told += waiting.stderr.read()
    assert waiting.returncode == 0, told
    assert f"waiting for {who}" in told
    query(three.dsn, "drop role squatter")


def test_what_others_change_meanwhile_is_no_damage(
    three: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alias is made between two questions of verify and of list: its functions are in the
    registry, and were not among those that were there."""
    whole, listed = inspected_functions.list_functions, []

    def list_functions(connection: Any, model: str) -> Any:
        found = whole(connection, model)
        if model not in listed:
            listed.append(model)
            exporter.alias(three.dsn, model, "more", 1)
        return found

    monkeypatch.setattr(inspected_functions, "list_functions", list_functions)
    for read in (
        lambda: exporter.verify(three.dsn, "fraud").is_ok,
        lambda: {e.state for e in exporter.models(three.dsn) if e.is_current} == {"ok"},
    ):
        listed.clear()
        assert read()
        assert listed == ["fraud"]
        exporter.unalias(three.dsn, "fraud", "more")


def test_what_the_server_cannot_look_up_meanwhile_is_asked_again(
    three: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that another session dropped stands in the rows that a statement sees, and nowhere
    else: the server's own error about that says nothing to anybody."""
    lost = (
        "do $$ begin raise 'cache lookup failed for function 4711' using errcode = 'XX000'; end $$"
    )
    asked = []

    def inspect(connection: Any, model: str) -> Any:
        asked.append(model)
        return execute(connection, lost) if len(asked) == 1 else []

    monkeypatch.setattr(verifying, "inspect", inspect)
    assert exporter.verify(three.dsn, "fraud").is_ok
    assert len(asked) == 2


def test_an_alias_that_was_moved_before_its_turn_stays_moved(
    three: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """repair asks which aliases there are, and waits for its turn with each: what was moved or
    removed by then is not put back."""
    known_versions = repairing.known_versions

    def meanwhile(connection: Any, model: str) -> Any:
        found = known_versions(connection, model)
        exporter.alias(three.dsn, model, "other", 1)
        exporter.unalias(three.dsn, model, "gone")
        return found

    exporter.alias(three.dsn, "fraud", "gone", 2)
    query(three.dsn, "drop function fraud.label_other(real[]) cascade")
    monkeypatch.setattr(repairing, "known_versions", meanwhile)
    exporter.repair(three.dsn, "fraud")
    known = {entry.number: entry.aliases for entry in exporter.versions(three.dsn, "fraud")}
    assert known == {1: ("other",), 2: (), 3: ("champion",)}
    assert exporter.verify(three.dsn, "fraud").is_ok


def test_what_another_session_holds_is_not_waited_for_without_an_end(three: Database) -> None:
    """Rows and functions too: who may hold them is said, and the deployment itself goes on."""
    query(three.dsn, f"alter database \"{three.name}\" set lock_timeout = '1s'")
    with closing(psycopg2.connect(three.dsn, application_name="hangs")) as session:
        for statement in (
            "update export_model.models set name = name",
            "grant execute on function fraud.score(real[]) to public",
        ):
            session.cursor().execute(statement)
            with pytest.raises(DatabaseError, match=r"open: role \w+, pid \d+, hangs") as caught:
                exporter.promote(three.dsn, "fraud", 1)
            assert "pg_terminate_backend" in str(caught.value)
            session.rollback()
    assert exporter.promote(three.dsn, "fraud", 1).to_number == 1


def wait_for_end(connection: Any) -> None:
    """Until the server has something to say that nobody asked for."""
    assert select.select([connection.fileno()], [], [], 10)[0]


def test_timeouts_of_a_database_stay_in_force_and_are_named(three: Database) -> None:
    """But for being idle, which we are while a model is compiled."""
    settings = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "2s"}
    for name, value in settings.items():
        query(three.dsn, f"alter database \"{three.name}\" set {name} = '{value}'")
    with connect(three.dsn) as connection:
        found = [execute(connection, f"show {name}")[0][0] for name in settings]
    assert found == ["5s", "1min"]
    with (
        pytest.raises(DatabaseError, match="-c idle_in_transaction_session_timeout=0"),
        connect(three.dsn) as connection,
    ):
        execute(connection, "set idle_in_transaction_session_timeout = '1ms'")
        wait_for_end(connection)
        execute(connection, "select 1")
    query(three.dsn, f"alter database \"{three.name}\" set statement_timeout = '1ms'")
    with pytest.raises(DatabaseError, match="PGOPTIONS='-c statement_timeout=0'"):
        exporter.promote(three.dsn, "fraud", 1)


def test_a_drop_asks_once_whose_all_is_before_and_after_names_come_back(
    three: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The question takes a server longer than most others."""
    caplog.set_level(logging.DEBUG, "exporter.sql")
    exporter.drop(three.dsn, "fraud")
    assert sum(message.startswith("with trusted") for message in caplog.messages) == 2
