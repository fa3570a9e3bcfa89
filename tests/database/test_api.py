"""The Python API against a server: a DSN, connections of others, engines, and what each leaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import databases
import psycopg
import psycopg2
import psycopg2.extras
import pytest
from databases import Database

from database.networks import query, write_sequential
from exporter import api
from exporter.errors import DatabaseError, ExportError

ABC = ["a", "b", "c"]
DEPLOYED = "select count(*) from pg_namespace where nspname in ('fraud', 'export_model')"


@pytest.fixture
def model(tmp_path: Path) -> api.Model:
    """A 3-4-1 sigmoid."""
    return api.read(write_sequential(tmp_path / "fraud.h5", [3, 4, 1], ["relu", "sigmoid"]))


@contextmanager
def connect2(dsn: str, **options: Any) -> Iterator[Any]:
    """A connection of psycopg2."""
    connection = psycopg2.connect(dsn, **options)
    yield connection
    connection.close()


@contextmanager
def connect3(dsn: str, **options: Any) -> Iterator[Any]:
    """A connection of psycopg 3."""
    connection = psycopg.connect(dsn, **options)
    yield connection
    connection.close()


@contextmanager
def connect_alchemy(dsn: str, driver: str = "psycopg2") -> Iterator[Any]:
    """A connection of SQLAlchemy."""
    with engine_of(dsn, driver) as engine, engine.connect() as connection:
        yield connection


@contextmanager
def engine_of(dsn: str, driver: str = "psycopg2") -> Iterator[Any]:
    """An engine of SQLAlchemy."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    connect = {"psycopg2": psycopg2.connect, "psycopg": psycopg.connect}[driver]
    engine = sqlalchemy.create_engine(f"postgresql+{driver}://", creator=lambda: connect(dsn))
    yield engine
    engine.dispose()


CONNECTIONS = {
    "psycopg2": connect2,
    "psycopg2, dictionaries": lambda dsn: connect2(
        dsn, cursor_factory=psycopg2.extras.RealDictCursor
    ),
    "psycopg 3": connect3,
    "psycopg 3, dictionaries": lambda dsn: connect3(dsn, row_factory=psycopg.rows.dict_row),
    "SQLAlchemy": connect_alchemy,
    "SQLAlchemy, psycopg 3": lambda dsn: connect_alchemy(dsn, "psycopg"),
}
each_connection = pytest.mark.parametrize("kind", CONNECTIONS)


def raw(connection: Any) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection if hasattr(connection, "dialect") else connection


def rows(connection: Any, sql: str) -> list[Any]:
    """Rows of a query in the connection's own transaction, as lists."""
    cursor = raw(connection).cursor()
    cursor.execute(sql)
    found = cursor.fetchall()
    return [list(row.values()) if isinstance(row, dict) else list(row) for row in found]


def run(connection: Any, sql: str) -> None:
    """A statement in the connection's own transaction."""
    raw(connection).cursor().execute(sql)


def test_a_life_by_dsn(database: Database, model: api.Model) -> None:
    steps: list[str] = []
    deployed = api.deploy(
        model, database.dsn, features=ABC, labels=["good", "bad"], progress=steps.append
    )
    assert str(deployed).splitlines()[0].endswith(": deployed")  # of pgvector: which engine, too
    assert steps[-1] == "commit"
    assert deployed.example == "SELECT fraud.score(a, b, c) FROM your_table;"
    assert deployed.verify().is_ok
    assert api.verify(database.dsn, "fraud").samples == 8
    assert api.deploy(model, database.dsn, features=ABC, labels=["good", "bad"]).was_there
    query(
        database.dsn,
        "create table cards as select g id, 1 a, 2 b, g c from generate_series(1, 500) g",
    )
    scoring = deployed.score_table("cards", key="id", into="scores")
    assert (scoring.rows, scoring.was_stopped) == (500, False)
    assert query(database.dsn, "select count(*) from scores") == [(500,)]
    (entry,) = api.models(database.dsn)
    assert (entry.model, entry.is_current, entry.source_file) == ("fraud", True, "fraud.h5")
    assert all(check.level != "fail" for check in api.doctor(database.dsn))
    deployed.drop()
    assert query(database.dsn, DEPLOYED) == [(0,)]


@each_connection
def test_the_callers_transaction_holds_the_deployment(
    database: Database, model: api.Model, kind: str
) -> None:
    with CONNECTIONS[kind](database.dsn) as connection:
        deployed = api.deploy(model, connection, features=ABC)
        assert deployed.verify().is_ok
        assert [entry.model for entry in api.models(connection)] == ["fraud"]
        assert query(database.dsn, DEPLOYED) == [(0,)]
        connection.rollback()
        assert api.models(connection) == ()
        api.deploy(model, connection, features=ABC)
        connection.commit()
        assert query(database.dsn, DEPLOYED) == [(2,)]
        api.drop(connection, "fraud")
        assert query(database.dsn, DEPLOYED) == [(2,)]
        connection.commit()
    assert query(database.dsn, DEPLOYED) == [(0,)]


@each_connection
def test_what_the_caller_did_before_outlives_a_deployment_that_fails(
    database: Database, model: api.Model, kind: str
) -> None:
    query(database.dsn, "create schema fraud; create table fraud.mine (n integer)")
    with CONNECTIONS[kind](database.dsn) as connection:
        if hasattr(connection, "begin"):
            connection.begin()
        run(connection, "create table before (n integer)")
        with pytest.raises(DatabaseError, match="fraud"):
            api.deploy(model, connection)
        with pytest.raises(DatabaseError, match="no model"):
            api.verify(connection, "nope")
        run(connection, "insert into before values (7)")
        connection.commit()
    assert query(database.dsn, "select n from before") == [(7,)]
    assert query(database.dsn, "select to_regnamespace('export_model')") == [(None,)]


@each_connection
def test_settings_of_the_transaction_are_the_callers_afterwards(
    database: Database, model: api.Model, kind: str
) -> None:
    names = ("search_path", "client_min_messages", "datestyle", "quote_all_identifiers")
    settings = "select " + ", ".join(f"current_setting('{name}') as {name}" for name in names)
    with CONNECTIONS[kind](database.dsn) as connection:
        if hasattr(connection, "begin"):
            connection.begin()
        run(connection, "set local search_path = public, pg_catalog")
        run(connection, "set local client_min_messages = 'error'")
        run(connection, "set local datestyle = 'SQL, DMY'")
        run(connection, "set local quote_all_identifiers = on")
        before = rows(connection, settings)
        api.deploy(model, connection)
        assert rows(connection, settings) == before
        (entry,) = api.models(connection)
        assert abs(entry.deployed_at - datetime.now(timezone.utc)) < timedelta(hours=1)
        api.doctor(connection)
        assert rows(connection, settings) == before
        connection.rollback()


@pytest.mark.parametrize("connect", [connect2, connect3])
def test_in_autocommit_each_call_is_a_transaction(
    database: Database, model: api.Model, connect: Any
) -> None:
    with connect(database.dsn) as connection:
        connection.autocommit = True
        api.deploy(model, connection)
        assert query(database.dsn, DEPLOYED) == [(2,)]
        assert api.verify(connection, "fraud").is_ok
        assert connection.autocommit
        with pytest.raises(DatabaseError):
            api.drop(connection, "nope")
        run(connection, "create table mine (n integer)")
        api.drop(connection, "fraud")
        assert connection.autocommit
    assert query(database.dsn, DEPLOYED) == [(0,)]
    assert query(database.dsn, "select to_regclass('mine') is null") == [(False,)]


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_an_engine_is_as_good_as_a_dsn(database: Database, model: api.Model, driver: str) -> None:
    with engine_of(database.dsn, driver) as engine:
        deployed = api.deploy(model, engine, features=ABC)
        assert query(database.dsn, DEPLOYED) == [(2,)]
        assert deployed.verify().is_ok
        query(
            database.dsn,
            "create table cards as select g id, 1 a, 2 b, 3 c from generate_series(1, 9) g",
        )
        if driver == "psycopg2":
            assert (
                deployed.score_table("cards", key="id", into="scores", jobs=databases.JOBS).rows
                == 9
            )
        assert engine.pool.checkedout() == 0
        deployed.drop()
    assert query(database.dsn, DEPLOYED) == [(0,)]


@pytest.mark.parametrize("connect", [connect2, connect3])
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("set transaction isolation level serializable", "are serializable"),
        ("set client_encoding to 'LATIN1'", "client_encoding is LATIN1"),
    ],
)
def test_a_connection_that_is_unfit_is_refused(
    database: Database, connect: Any, sql: str, words: str
) -> None:
    with connect(database.dsn) as connection:
        run(connection, sql)
        with pytest.raises(DatabaseError, match=words):
            api.models(connection)
        connection.rollback()


@pytest.mark.parametrize("connect", [connect2, connect3])
def test_a_failed_transaction_and_a_closed_connection(database: Database, connect: Any) -> None:
    with connect(database.dsn) as connection:
        with pytest.raises((psycopg.Error, psycopg2.Error)):
            run(connection, "select nothing")
        with pytest.raises(DatabaseError, match="call its rollback"):
            api.models(connection)
        connection.rollback()
        assert api.models(connection) == ()
        connection.close()
        with pytest.raises(DatabaseError, match="is closed"):
            api.models(connection)


def test_a_lost_connection_is_told_as_such(database: Database, model: api.Model) -> None:
    for connect in (connect2, connect3):
        with connect(database.dsn) as connection:
            ((number,),) = rows(connection, "select pg_backend_pid()")
            query(database.dsn, f"select pg_terminate_backend({number})")
            with pytest.raises(DatabaseError):
                api.deploy(model, connection)


def test_columns_of_a_table(database: Database, model: api.Model) -> None:
    query(database.dsn, "create table cards (a real, b real, c real, d text)")
    for place in (connect2, connect3):
        with place(database.dsn) as connection:
            deployed = api.deploy(model, connection, features_from="cards")
            assert deployed.example == "SELECT fraud.score(t) FROM public.cards AS t;"
            connection.rollback()


def test_file_objects_have_their_name(database: Database, model: api.Model) -> None:
    with model.path.open("rb") as file:
        again = api.read(file)
    assert again.path.name == "fraud.h5"
    assert api.deploy(again, database.dsn).model == "fraud"
    with pytest.raises(ExportError):
        api.read(io.BytesIO(b""))


@pytest.mark.parametrize(
    ("kind", "source"),
    list(zip(CONNECTIONS, ["cards", "select * from cards where id > 0"] * 3, strict=True)),
)
def test_the_callers_transaction_holds_scores(
    database: Database, model: api.Model, kind: str, source: str
) -> None:
    api.deploy(model, database.dsn, features=ABC)
    query(
        database.dsn,
        "create table cards as select g id, 1 a, 2 b, g c from generate_series(1, 5000) g",
    )
    with CONNECTIONS[kind](database.dsn) as connection:
        with pytest.raises(DatabaseError, match="2 jobs need 2 connections"):
            api.score_table(connection, "fraud", source, key="id", into="scores", jobs=2)
        for _ in range(2):  # what one call leaves open would be in the way of the next
            api.score_table(connection, "fraud", source, key="id", into="scores")
            assert query(database.dsn, "select to_regclass('scores')") == [(None,)]
            assert rows(connection, "select count(*) from scores") == [[5000]]
            assert rows(connection, "select count(*) from pg_cursors") <= [[1]]
            connection.rollback()
        assert api.score_table(connection, "fraud", source, key="id", into="scores").rows == 5000
        assert api.score_table(connection, "fraud", source, key="id", into="scores").rows == 0
        with pytest.raises(DatabaseError, match="nope"):
            api.score_table(connection, "fraud", "nope", key="id", into="scores")
        connection.commit()
        assert rows(connection, "select count(*) from pg_locks where locktype = 'advisory'") == [
            [0]
        ]
    found = query(
        database.dsn,
        "select count(*), max(abs(s.score - fraud.score(a, b, c))) < 1e-6"
        " from scores s join cards c on c.id = s.key",
    )
    assert found == [(5000, True)]


def test_scores_over_a_connection_in_autocommit_are_refused(
    database: Database, model: api.Model
) -> None:
    api.deploy(model, database.dsn, features=ABC)
    query(database.dsn, "create table cards as select 1 id, 1 a, 2 b, 3 c")
    with connect2(database.dsn) as connection:
        connection.autocommit = True
        with pytest.raises(DatabaseError, match="is in autocommit"):
            api.score_table(connection, "fraud", "cards", key="id", into="scores")
        assert connection.autocommit
