"""A DSN that cannot be read is repeated nowhere, because a password may stand in it."""

from __future__ import annotations

import traceback

import pytest

from exporter.databases.postgres.connection import connect
from exporter.errors import DatabaseError

SECRET = "qwPf7"


@pytest.mark.parametrize(
    "dsn",
    [f"postgresql://clerk:%{SECRET}@localhost:1/bank", f"clerk/{SECRET}", f"password={SECRET} x"],
)
def test_no_traceback_shows_a_password(dsn: str) -> None:
    """That of a notebook shows the errors behind an error, too."""
    with pytest.raises(DatabaseError, match="the DSN cannot be read") as caught, connect(dsn):
        pass
    assert SECRET not in "".join(traceback.format_exception(caught.value))
