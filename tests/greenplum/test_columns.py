"""Typed columns on segments, where lengths in memory are written another way round."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from database.mixed import ROWS, TABLE, mixed_graph
from database.networks import compile_graph, deploy_graph, query
from database.test_columns import FORMS, check, wanted_scores
from greenplum_server import GreenplumServer, run

from exporter.databases.postgres.verify import verify
from exporter.errors import SignatureError


@pytest.fixture(scope="module")
def customers(greenplum: GreenplumServer) -> Iterator[Any]:
    """A table over the segments, and a model of its columns."""
    name = f"export_model_columns_{os.getpid()}"
    with greenplum.database(name):
        dsn = greenplum.dsn(name)
        run(dsn, "create extension if not exists plpython3u")
        run(dsn, TABLE + " distributed by (id)")
        for row in ROWS:
            query(dsn, f"insert into customers values ({', '.join(['%s'] * len(row))})", row)
        table = {"feature_table": ("public", "customers")}
        plan = deploy_graph(dsn, mixed_graph(), "churn", target="greenplum", samples=9, **table)
        yield dsn, plan


@pytest.mark.parametrize("sql", FORMS)
def test_every_form_gives_the_scores_of_the_model(customers: Any, sql: str) -> None:
    dsn, plan = customers
    check(query(dsn, sql), wanted_scores(plan))


def test_every_segment_proves_it(customers: Any) -> None:
    dsn, _ = customers
    report = verify(dsn, "churn")
    assert report.is_ok
    assert report.samples >= 9


def test_many_rows_with_something_missing(customers: Any) -> None:
    dsn, _ = customers
    run(
        dsn,
        "create table many (like customers) distributed by (id);"
        "insert into many select g, g % 90, case when g % 7 > 0 then 'nurse' end,"
        " case when g % 5 > 0 then date '2020-01-01' + g % 1000 end, g % 2 = 0,"
        " case g % 3 when 0 then 'Bonn' when 1 then 'Köln' else 'nowhere' end,"
        " timestamp '2021-01-01' + g * interval '7 minutes',"
        " case when g % 11 > 0 then g / 7.0 end from generate_series(1, 5000) g",
    )
    names = "age, job, since, member, city, seen, income"
    rows = dict(query(dsn, f"select id, churn.score({names}) from many"))
    batch = {int(k): s for k, s in query(dsn, "select * from churn.score_table('many', 'id')")}
    assert len(rows) == len(batch) == 5000
    for key, score in rows.items():
        assert batch[key] == pytest.approx(score, abs=1e-9, nan_ok=True)


def test_greenplum_6_takes_arrays_alone() -> None:
    words = r"Greenplum 6 scores arrays alone: age, job, .* Greenplum 7 takes them"
    with pytest.raises(SignatureError, match=words):
        compile_graph(mixed_graph(), "churn", target="greenplum", generation=6)
