"""The connection is lost while a transaction is committed: nobody here knows whether it was."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg2
import pytest

import exporter
from exporter.databases.postgres import connection as connections
from exporter.errors import DatabaseError

POSTGRES = Path(exporter.__file__).parent / "databases" / "postgres"


class Lost:
    """A connection whose server answers no COMMIT; closed is what psycopg2 says of it then."""

    def __init__(self, closed: int) -> None:
        self.closed = closed

    def commit(self) -> None:
        """The answer does not come, or is an error."""
        raise psycopg2.OperationalError("server closed the connection unexpectedly")


def test_a_lost_commit_is_told_as_what_it_is() -> None:
    with pytest.raises(DatabaseError, match=r"as a whole, or not at all.*versions --journal"):
        connections.commit(Lost(2))  # type: ignore[arg-type]


def test_a_commit_that_the_server_refuses_is_its_error() -> None:
    with pytest.raises(psycopg2.OperationalError):
        connections.commit(Lost(0))  # type: ignore[arg-type]


def test_every_verb_commits_so() -> None:
    files = {path.name: path.read_text() for path in POSTGRES.glob("*.py")}
    direct = {name for name, text in files.items() if re.search(r"\.commit\(\)", text)}
    assert direct == {"connection.py", "guests.py"}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (
            "FATAL:  terminating connection due to idle-session timeout\n",
            "-c idle_session_timeout=0'.",
        ),
        (
            "FATAL:  terminating connection due to idle-in-transaction timeout\n",
            "-c idle_in_transaction_session_timeout=0'.",
        ),
        ("", "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0'"),
    ],
)
def test_the_setting_that_ended_an_idle_session_is_named(text: str, advice: str) -> None:
    """Where the server's own words came through; else both that may have."""
    lost = psycopg2.OperationalError(f"{text}server closed the connection unexpectedly\n")
    told = str(connections.explain(lost, "scoring failed"))
    assert advice in told
    assert ("server's log" in told) == (not text)
