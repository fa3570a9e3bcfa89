"""docs/versions.md: every command runs, in order, and its SQL too."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner
from databases import Database

from database.networks import query, write_sequential
from exporter.cli.program import command

TEXT = (Path(__file__).parents[2] / "docs" / "versions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|sql)\n(.*?)^```", TEXT, re.S | re.M)


def test_every_command_runs(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPORT_MODEL_DSN", database.dsn)
    for name, seed in (("first", 1), ("second", 2)):
        write_sequential(tmp_path / f"{name}.h5", [3, 4, 1], ["relu", "sigmoid"], seed=seed)
    roles = ("analyst", "app")
    for role in roles:
        query(database.dsn, f"drop role if exists {role}; create role {role}")
    query(database.dsn, "create table cards as select 1 as id, 0.3 as a, -1.0 as b, 2.0 as c")
    said: dict[str, str] = {}
    for kind, text in BLOCKS:
        if kind == "sql":
            connection = psycopg2.connect(database.dsn)
            connection.autocommit = True
            connection.cursor().execute(text.split("\n")[0])
            connection.cursor().execute(text.split("\n")[1])
            connection.close()
            continue
        for line in text.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "export-model"
            done = CliRunner().invoke(command, arguments)
            assert done.exit_code == 0, (line, done.output, done.exception)
            said[line] = done.output
    table, journal = (text for line, text in said.items() if " versions " in line)
    assert re.search(r"^2 +\w{12} +second\.h5", table, re.M)
    assert re.search(r"^1 +\w{12} +champion +first\.h5 +f1=0\.72, auc=0\.91 ", table, re.M)
    assert re.search(r"rollback +2 \(\w+\) +1 \(\w+\) +alarms at night$", journal, re.M)
    assert query(database.dsn, "select count(*) from scores") == [(1,)]
    for role in roles:
        query(database.dsn, f"drop owned by {role}; drop role {role}")
