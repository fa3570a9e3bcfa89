"""docs/oracle.md: its blocks run, in order, in the interpreter; and the README's promise."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from plsql.grammar.checker import split_script

from exporter.cli import command
from exporter.databases.oracle.connection import connect
from oracle.schemas import Schema

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "docs/oracle.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """(language, text) of the blocks of commands and of SQL."""
    return re.findall(r"^```(sh|sql)\n(.*?)^```", DOCUMENT, flags=re.S | re.M)


def run_command(line: str, schema: Schema) -> str:
    """Run export-model in this process, or a script as SQL*Plus would."""
    words = [schema.dsn if word == "$ORACLE_DSN" else word for word in shlex.split(line)]
    if words[0] == "export-model":
        done = CliRunner().invoke(command, words[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
        return done.output
    assert words[:2] == ["sqlplus", schema.dsn], line
    text = Path(words[2].removeprefix("@")).read_text(encoding="ascii")
    if schema.database is not None:
        outcome = schema.database.session("owner").run_script(text, stop=False)
        assert not outcome.failed, outcome.errors
        return "\n".join(outcome.printed)
    pytest.skip("no SQL*Plus is known to run the script on the server")


def run_sql(text: str, schema: Schema) -> list[list[tuple[object, ...]]]:
    """Run the statements of a block; the rows of each query."""
    found = []
    with connect(schema.dsn) as connection, connection.cursor() as cursor:
        is_block = text.startswith("BEGIN")
        for statement in (
            [text.removesuffix("/\n")] if is_block else re.findall(r"[^;]+(?=;)", text)
        ):
            cursor.execute(statement.strip())
            if cursor.description:
                found.append(cursor.fetchall())
        connection.commit()
    return found


def test_the_blocks_run_in_order(
    interpreter: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    assert interpreter.database is not None
    interpreter.database.user("analyst")
    # An earlier version of the model that the blocks deploy.
    run_command(
        "export-model examples/digits/digits.h5 --target oracle --dsn $ORACLE_DSN --name reader",
        interpreter,
    )
    ran = 0
    for language, text in blocks():
        if language == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                run_command(line, interpreter)
        else:
            rows = run_sql(text, interpreter)
            if len(rows) == 1:
                assert sum(count for _, count in rows[0]) == 8
            elif rows:
                direct, piped = rows
                assert len(direct) == len(piped) == 8
                assert sorted(label for _, label in direct) == sorted(label for _, label in piped)
        ran += 1
    assert ran == 9
    assert interpreter.objects == [("PICTURES", "TABLE"), ("PICTURE_SCORES", "TABLE")]


def test_the_commands_say_what_they_did(
    interpreter: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = str(ROOT / "examples/digits/digits.h5")
    script = run_command(f"export-model {model} --target oracle --name d", interpreter)
    assert "Run it with: sqlplus USER@//HOST:PORT/SERVICE @d.sql" in script
    assert "d_uninstall.sql: removes it again" in script
    assert len(split_script((tmp_path / "d.sql").read_text())) > 20
    features = ",".join(f"p{n}" for n in range(64))
    deployed = run_command(
        f"export-model {model} --target oracle --dsn $ORACLE_DSN --name d --features {features}",
        interpreter,
    )
    assert re.search(r"^d, version [0-9a-f]{12}: deployed$", deployed, flags=re.M)
    assert re.search(r"^d: verified; 8 samples, largest difference .* \(tol", deployed, flags=re.M)
    assert "Try: SELECT d.score(p0, p1, ..., p63) FROM your_table;" in deployed
    listed = run_command("export-model list --dsn $ORACLE_DSN", interpreter)
    assert re.search(r"^d +[0-9a-f]{12} +yes ", listed, flags=re.M)
    assert "d: dropped" in run_command("export-model drop --dsn $ORACLE_DSN --name d", interpreter)
    assert interpreter.objects == []


def test_what_was_run_on_oracle_is_said_plainly() -> None:
    row = re.search(r"^\| run on \|.*\|(.*)\|$", README, flags=re.M)
    assert row is not None
    assert "nothing yet" in row[1]
    assert "(docs/oracle.md)" in README
    assert "nothing yet" in DOCUMENT
    assert "gvenzl/oracle-free" in DOCUMENT
    assert "--oracle-dsn" in DOCUMENT
