"""Real rows of a table or file as sample rows, with the NULLs in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import databases
import pytest
from commands import run
from databases import Database

from database.tables import session
from exporter import api
from exporter.errors import SignatureError

MODEL = Path(__file__).parents[1] / "data" / "trees" / "binary_logistic_shallow.ubj"


@pytest.fixture
def rows(database: Database) -> Database:
    """A table of the model's columns in another order, and one more; every second row has NULLs."""
    names = [column.name for column in api.read(MODEL).graph.columns]
    with session(database.dsn) as cursor:
        columns = ", ".join(f'"{name}" numeric' for name in reversed(names))
        cursor.execute(f"create table real_rows (id int, {columns})")
        for number in range(6):
            values: list[Any] = [number * 0.25 - place for place in range(len(names))]
            values[0] = None if number % 2 else values[0]
            marks = ", ".join(["%s"] * (len(names) + 1))
            cursor.execute(f"insert into real_rows values ({marks})", [number, *values])
    return database


def test_rows_of_a_table_are_stored_with_their_nulls_and_verified(rows: Database) -> None:
    deployed = api.deploy(api.read(MODEL), rows.dsn, name="m", samples=4, samples_from="real_rows")
    assert deployed.reach.startswith("4 sample rows reach 1 of 8 columns with something missing")
    assert deployed.reach in str(deployed)
    report = deployed.verify()
    assert report.is_ok
    assert report.samples == 4
    with session(rows.dsn) as cursor:
        cursor.execute(
            "select count(*) filter (where array_position(texts, null) is not null), count(*)"
            " from export_model.samples where not is_output"
        )
        assert cursor.fetchone() == (2, 4)


@pytest.mark.framework
def test_the_command_takes_a_table_or_a_file(rows: Database, tmp_path: Path) -> None:
    source = ["--samples-from", "public.real_rows"]
    done = run(
        MODEL,
        "--target",
        databases.TARGET,
        "--dsn",
        rows.dsn,
        "--name",
        "m",
        *source,
        "--json",
        cwd=tmp_path,
    )
    assert json.loads(done.stdout)["reach"].startswith("6 sample rows reach")
    names = [column.name for column in api.read(MODEL).graph.columns]
    path = tmp_path / "rows.csv"
    path.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    made = api.script(api.read(MODEL), target="postgres", samples_from=path)
    assert made.reach.startswith("1 sample row reach")


def test_a_table_that_is_not_there_or_lacks_a_column_is_refused(rows: Database) -> None:
    for table, reason in (("nothing", "there is no table"), ("pg_class", "has no column")):
        with pytest.raises(SignatureError, match=reason):
            api.deploy(api.read(MODEL), rows.dsn, samples_from=table)
    with pytest.raises(SignatureError, match="database are given together"):
        api.script(api.read(MODEL), target="postgres", samples_from="real_rows")
