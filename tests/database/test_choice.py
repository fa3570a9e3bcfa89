"""Which engine a deployment takes where it may choose."""

from __future__ import annotations

import logging

import pytest
from databases import Database

from database.networks import query
from exporter.databases.postgres.choice import choose_engine


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
