"""The Python API with Oracle: a DSN, and a connection that the caller opened."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from database.networks import write_sequential
from plsql.connection import Connection

from exporter import api
from exporter.errors import DatabaseError
from oracle.schemas import Schema

ABC = ["a", "b", "c"]


class LentConnection(Connection):
    """As python-oracledb's own, which says whether a transaction is in progress."""

    __module__ = "oracledb.connection"

    @property
    def transaction_in_progress(self) -> bool:
        """Is anything changed and not committed?"""
        return bool(self.session.undo)

    def close(self) -> None:
        """Nobody but its owner may do that."""
        raise AssertionError("a connection of the caller's was closed")


@pytest.fixture
def model(tmp_path: Path) -> api.Model:
    """A 3-2 softmax."""
    return api.read(write_sequential(tmp_path / "fraud.h5", [3, 2], ["softmax"]))


@pytest.fixture
def lent(interpreter: Schema) -> LentConnection:
    """A connection to the interpreter."""
    assert interpreter.database is not None
    return LentConnection(interpreter.database.session("owner"))


def test_a_life_by_dsn(interpreter: Schema, model: api.Model) -> None:
    deployed = api.deploy(model, interpreter.dsn, features=ABC)  # the DSN tells the target
    assert deployed.verify().is_ok
    assert [entry.model for entry in api.models(interpreter.dsn)] == [deployed.model]
    deployed.drop()
    assert interpreter.objects == []


def test_a_connection_of_the_callers_stays_open(lent: LentConnection, model: api.Model) -> None:
    deployed = api.deploy(model, lent, features=ABC, expected_by="float64")
    assert deployed.verify().is_ok
    assert len(api.models(lent)) == 1
    with pytest.raises(DatabaseError, match="use a DSN or an engine"):
        deployed.score_table("t", key="id", into="s")
    api.drop(lent, "fraud")
    assert api.models(lent) == ()


def test_the_callers_transaction_is_not_committed_by_ddl(
    lent: LentConnection, model: api.Model
) -> None:
    lent.session.execute("create table mine (n number)")
    lent.session.execute("insert into mine (n) values (1)")
    with pytest.raises(DatabaseError, match="in the midst of a transaction"):
        api.deploy(model, lent, features=ABC, expected_by="float64")
    assert lent.transaction_in_progress
    lent.rollback()
    assert lent.session.query("select count(*) from mine") == [(0,)]
    assert api.deploy(model, lent, features=ABC, expected_by="float64").verify().is_ok


def test_the_log_has_names_and_statements(
    interpreter: Schema, model: api.Model, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "exporter.sql"):
        api.deploy(model, interpreter.dsn, features=ABC, expected_by="float64").verify()
    text = "\n".join(caplog.messages)
    assert "-- switch to this version" in text
    assert ".verify(:samples, :failed, :difference)" in text
    assert "secret" not in text
