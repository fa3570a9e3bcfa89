"""DSNs of Oracle, and its errors as people read them; no server is needed."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator

import oracledb
import pytest

from exporter.databases.oracle.connection import (
    code_of,
    connect,
    explain,
    is_lost,
    is_oracle,
    parse_dsn,
)
from exporter.errors import DatabaseError


@pytest.mark.parametrize(
    ("dsn", "user", "password", "target"),
    [
        ("oracle://scott:tiger@db.example:1522/pdb1", "scott", "tiger", "db.example:1522/pdb1"),
        ("oracle://scott:tiger@db.example/pdb1", "scott", "tiger", "db.example:1521/pdb1"),
        ("oracle://scott:p%40ss%2Fword@h/s", "scott", "p@ss/word", "h:1521/s"),
        ("scott/tiger@db.example:1521/pdb1", "scott", "tiger", "db.example:1521/pdb1"),
        ("scott/ti=g@er@//h:1521/s", "scott", "ti=g@er", "//h:1521/s"),
        ("scott/tiger@bank", "scott", "tiger", "bank"),
        ("scott@bank", "scott", "from the environment", "bank"),
        ("oracle://scott@h:1521/s", "scott", "from the environment", "h:1521/s"),
    ],
)
def test_dsn(
    dsn: str, user: str, password: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPORT_MODEL_PASSWORD", "from the environment")
    assert is_oracle(dsn)
    address = parse_dsn(dsn)
    assert (address.user, address.password, address.target) == (user, password, target)
    assert password not in repr(address)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://user:secret@host:5432/bank",
        "postgres://user@host/bank",
        "postgres//user:secret@host",
        "host=/tmp dbname=bank user=a@b",
        "host=db.example password=a/b@c",
        "dbname=bank",
        "bank",
        "service=bank",
        "",
    ],
)
def test_dsns_that_are_not_oracle(dsn: str) -> None:
    assert not is_oracle(dsn)


@pytest.mark.parametrize(
    "dsn", ["oracle://h:1521/s", "oracle://a:secret@/s", "oracle://a:secret@h", "oracle://a@h:x/s"]
)
def test_a_wrong_dsn_is_told_without_the_password(dsn: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be read") as caught:
        parse_dsn(dsn)
    assert "secret" not in str(caught.value)


def test_a_missing_password_is_told_where_to_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPORT_MODEL_PASSWORD", raising=False)
    with pytest.raises(DatabaseError, match="EXPORT_MODEL_PASSWORD"):
        parse_dsn("scott@h/s")


def test_a_server_that_is_not_there() -> None:
    with (
        pytest.raises(DatabaseError, match="cannot connect") as caught,
        connect("scott/secret@127.0.0.1:1/x"),
    ):
        raise AssertionError("connected to nothing")
    assert "Check host and port" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.fixture
def rude_server() -> Iterator[int]:
    """The port of a server that hangs up on everyone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def hang_up() -> None:
            try:
                listener.accept()[0].close()
            except OSError:
                return

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


# python-oracledb leaves the socket of a failed connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_hangs_up(rude_server: int) -> None:
    with (
        pytest.raises(DatabaseError, match="cannot connect") as caught,
        connect(f"scott/secret@127.0.0.1:{rude_server}/x"),
    ):
        raise AssertionError("connected to a server that hangs up")
    assert "secret" not in str(caught.value)
    gc.collect()


def test_explanations_leave_out_the_stack_and_say_what_to_do() -> None:
    error = oracledb.DatabaseError(
        "ORA-01950: no privileges on tablespace 'USERS'\n"
        'ORA-06512: at "SYS.X", line 1\nHelp: https://docs.oracle.com/error-help/db/ora-01950/'
    )
    text = str(explain(error, "deploying failed", "Run it again."))
    assert text.splitlines() == [
        "deploying failed: ORA-01950: no privileges on tablespace 'USERS'",
        "  Let a DBA run: alter user ... quota unlimited on the tablespace named above.",
        "  Run it again.",
    ]


@pytest.mark.parametrize(
    ("text", "code", "lost"),
    [
        ("DPY-4011: the database or network closed the connection", "DPY-4011", True),
        ("ORA-03113: end-of-file on communication channel", "ORA-03113", True),
        ("ORA-20900: deployed already", "ORA-20900", False),
        ("something else", "", False),
    ],
)
def test_codes(text: str, code: str, lost: bool) -> None:
    error = oracledb.DatabaseError(text)
    assert code_of(error) == code
    assert is_lost(error) is lost
