"""Databases with models and tables to score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from databases import Database, make_database
from lent_databases import lend_database

from database.networks import deploy_model, query, write_sequential
from database.tables import ABC, CLERK, GATE, ROWS, deploy_all, session


@pytest.fixture(scope="module")
def shared(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database for tests that leave models and tables as they are."""
    with make_database(server, "test_batches", template):
        database = Database(server, "test_batches")
        deploy_all(database.dsn, tmp_path_factory.mktemp("batches"))
        query(
            database.dsn,
            "create table rows as select g as id, sin(g)::real as a, case when g % 97 = 0 then null"
            " when g % 89 = 0 then 'NaN' else cos(g) * 3 end::real as b, (g % 7)::real as c"
            f" from generate_series(1, {ROWS}) g;"
            "analyze rows",
        )
        yield database


@pytest.fixture(scope="session")
def fraud_template(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What `own` is copied from, which takes less time than to deploy and to fill a table anew."""
    name = "template_fraud"
    with make_database(server, name, template):
        path = tmp_path_factory.mktemp("fraud") / "fraud.h5"
        write_sequential(path, [3, 4, 1], ["relu", "sigmoid"])
        dsn = server.dsn(name)
        deploy_model(dsn, path, "fraud", features=ABC, labels=["good", "bad"])
        with session(dsn) as cursor:
            cursor.execute(
                "create table rows (id int primary key, a real, b real, c real, pad text)"
            )
            cursor.execute("alter table rows alter pad set storage plain")
            cursor.execute(
                "insert into rows select g, sin(g), nullif(cos(g), cos(50)), g % 7,"
                " repeat('x', 1900) from generate_series(1, 12000) g"
            )
            cursor.execute(GATE)
            cursor.execute("vacuum analyze rows")
        yield name


@pytest.fixture
def own(server: Any, fraud_template: str) -> Iterator[Database]:
    """A database with the model fraud and a wide table of many blocks, four rows in each."""
    with lend_database(server, fraud_template) as name:
        yield Database(server, name)


@pytest.fixture
def clerk(own: Database) -> Iterator[str]:
    """A role with a schema of its own, USAGE on the model's and SELECT on rows; its dsn."""
    query(own.dsn, CLERK)
    query(own.dsn, "revoke create on schema public from public")
    query(own.dsn, "grant usage on schema fraud to clerk; grant select on rows to clerk")
    query(own.dsn, "create schema desk authorization clerk; create table closed as table rows")
    yield own.dsn_of("clerk")
    query(own.dsn, "drop owned by clerk cascade")
