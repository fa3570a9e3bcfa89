"""Which engine a deployment takes where it may choose."""

from __future__ import annotations

import logging

import pytest
from databases import Database

from database.networks import query
from exporter.databases.postgres.choice import choose_engine
from exporter.errors import DatabaseError


def test_python_is_not_started_where_it_could_change_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """To start Python and import numpy would cost a deployment a third of its time."""
    if query(database.dsn, "select from pg_available_extensions where name = 'vector'"):
        pytest.skip("this server has another engine, so PL/Python is asked")
    with caplog.at_level(logging.DEBUG, logger="exporter.sql"):
        assert choose_engine(database.dsn, "m") == ("plpython", "")
    assert "pg_available_extensions" in caplog.text
    assert "export_model_probe" not in caplog.text


def test_what_each_engine_lacks_is_told_where_none_can_be_used(bare_database: Database) -> None:
    """To a role that may create neither extension."""
    role = f"plain_{bare_database.name}"
    query(bare_database.dsn, f"create role {role} login")
    try:
        with pytest.raises(DatabaseError) as caught:
            choose_engine(bare_database.dsn_of(role), "m")
    finally:
        query(bare_database.dsn, f"drop role {role}")
    python, vector = str(caught.value).splitlines()[1:]
    assert python.startswith("  - --engine plpython (PL/Python): not ")
    assert "create extension plpython3u" in python
    assert vector.startswith("  - --engine pgvector (PL/pgSQL and pgvector): ")
    assert "pgvector; managed servers have it" in vector or "create extension vector;" in vector
