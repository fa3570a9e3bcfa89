"""What is sent to Oracle in which order, and what is said when it fails; a stub answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracledb
import pytest

from exporter import api
from exporter.databases import database_of
from exporter.databases.oracle.sqlplus import ArrayStatement, SqlPlusScript, Unit
from exporter.databases.oracle.switches import SWITCH
from exporter.errors import DatabaseError
from exporter.sql.script import Script, Statement
from exporter.sql.text import Sql

DSN = "scott/secret@db.example:1521/bank"
LOST = "DPY-4011: the database or network closed the connection"


class Stub:
    """A connection that remembers what it was sent, and fails where it is told."""

    def __init__(
        self, failures: dict[str, str], is_valid: bool = False, is_done: bool = False
    ) -> None:
        self.failures = failures
        self.is_valid = is_valid
        self.is_done = is_done
        self.sent: list[tuple[str, Any]] = []
        self.description: Any = None
        self.committed = self.closed = False

    def cursor(self) -> Stub:
        return self

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def execute(self, sql: str, values: Any) -> None:
        self.description = None
        if "from all_objects" in sql and "unit" not in sql:
            self.description = [("count",)]
            return
        self.sent.append((sql, values))
        if sql in self.failures:
            raise oracledb.DatabaseError(self.failures[sql])

    def var(self, kind: Any) -> Stub:
        return self

    def getvalue(self) -> int:
        return 0 if self.is_done else 1

    def fetchall(self) -> list[tuple[int]]:
        return [(int(self.is_valid),)]

    def gettype(self, name: str) -> Stub:
        assert name == "SYS.UTL_NLA_ARRAY_FLT"
        return self

    def newobject(self, values: list[float]) -> tuple[str, list[float]]:
        return ("array", values)

    def commit(self) -> None:
        self.committed = True

    def close(self) -> None:
        self.closed = True


SCRIPT = SqlPlusScript(
    "m",
    "0" * 64,
    (
        Statement("check", Sql("preflight")),
        ArrayStatement(
            "weights", Sql("insert :numbers"), np.array([0.1, 2], np.float32), lambda _: iter(())
        ),
        Unit("runtime", Sql("unit runtime"), "NN_RUNTIME_1", "PACKAGE"),
        Unit("model", Sql("unit model"), "M_1", "PACKAGE"),
        Statement(SWITCH, Sql("replace synonym")),
        Statement("revoke", Sql("revoke")),
    ),
    guard=Statement("done?", Sql("guard")),
    stop=Statement("stop", Sql("stop")),
    purpose="deploy",
)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let oracledb.connect give a stub."""

    def use(stub: Stub) -> Stub:
        monkeypatch.setattr(oracledb, "connect", lambda **_: stub)
        return stub

    return use


def deploy(script: Script = SCRIPT, dsn: str = DSN) -> Any:
    """Deploy as the command does."""
    return database_of(dsn).deploy(script, dsn, lambda name: None)


def test_statements_go_in_order_and_arrays_are_bound(connect: Any) -> None:
    stub = connect(Stub({}))
    assert deploy().was_there is False
    texts = [sql for sql, _ in stub.sent]
    assert texts == ["guard", *(item.sql for item in SCRIPT.statements)]
    array = np.array([0.1, 2], np.float32).tolist()
    assert stub.sent[2][1] == {"numbers": ("array", array)}
    assert stub.committed and stub.closed


def test_a_unit_that_is_there_is_not_compiled_again(connect: Any) -> None:
    stub = connect(Stub({}, is_valid=True))
    deploy()
    texts = [sql for sql, _ in stub.sent]
    assert not [text for text in texts if text.startswith("unit")]


def test_what_is_deployed_already_is_left_alone(connect: Any) -> None:
    stub = connect(Stub({}, is_done=True))
    assert deploy().was_there is True
    assert [sql for sql, _ in stub.sent] == ["guard"]
    assert stub.closed


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("guard", "ORA-00600: internal error", ["reported an error", "ORA-00600"]),
        ("preflight", "ORA-20901: user SCOTT lacks", ['at "check"', "ORA-20901", "continues"]),
        ("insert :numbers", LOST, ['at "weights"', "DPY-4011", "What scored before still does"]),
        ("insert :numbers", "ORA-01536: space quota exceeded", ["quota unlimited", "continues"]),
        ("replace synonym", LOST, ["during the switch", "export-model list"]),
        ("revoke", LOST, ['at "revoke"', "continues"]),
        ("replace synonym", "ORA-01031: insufficient privileges", [f'at "{SWITCH}"', "continues"]),
    ],
)
def test_a_failure_says_where_why_and_what_next(
    connect: Any, sql: str, error: str, words: list[str]
) -> None:
    stub = connect(Stub({sql: error}))
    with pytest.raises(DatabaseError) as caught:
        deploy()
    for word in words:
        assert word in str(caught.value)
    assert "secret" not in str(caught.value)
    assert stub.sent[-1][0] == sql
    assert not stub.committed and stub.closed


def test_a_connection_that_cannot_be_closed_hides_nothing(connect: Any) -> None:
    class Gone(Stub):
        def close(self) -> None:
            raise oracledb.InterfaceError("DPY-1001: not connected to database")

    connect(Gone({"preflight": LOST}))
    with pytest.raises(DatabaseError, match="DPY-4011"):
        deploy()


def test_a_script_goes_to_its_own_database_only() -> None:
    with pytest.raises(DatabaseError, match="--target oracle"):
        deploy(Script("m", "0", ()))
    with pytest.raises(DatabaseError, match="needs a DSN of Oracle"):
        api.run(replace(SCRIPT, target="oracle"), "postgresql://host/bank")
