"""docs/api.md: every example runs, one after the other, in one program."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest
from commands import environment, fork_server
from databases import Database
from psycopg2.extensions import parse_dsn

import exporter

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.S | re.M)
OPTIONAL = ("keras", "sqlalchemy")
# Keras scores the samples of eight models here, in this process, which imports it once.
KERAS_HERE = """
from exporter.formats import child
from lone_program import ask_here
child.run_module = ask_here
"""


def test_every_function_is_in_the_table_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(\w+)\(", TEXT, re.M)
    assert sorted(rows) == sorted(name for name in exporter.__all__ if name.islower())


def test_every_error_is_named() -> None:
    errors = [name for name in exporter.__all__ if name.endswith("Error")]
    assert [name for name in errors if name not in TEXT] == []


@pytest.mark.parametrize(
    "kind",
    [
        exporter.Deployment,
        exporter.Report,
        exporter.Scoring,
        exporter.Entry,
        exporter.VersionEntry,
        exporter.JournalEntry,
        exporter.Switch,
        exporter.Removal,
        exporter.Dropped,
        exporter.Granted,
        exporter.Upgrade,
        exporter.Check,
        exporter.Script,
    ],
)
def test_every_fact_is_named(kind: type) -> None:
    row = re.search(rf"^\| `{kind.__name__}` \| (.*) \|$", TEXT, re.M)
    assert row is not None
    shown = [field.name for field in fields(kind) if field.repr]
    assert re.findall(r"`(\w+)`", row[1]) == shown + ["is_ok"] * hasattr(kind, "is_ok")


@pytest.mark.framework
def test_the_examples_run(database: Database, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    ran = [block for block in BLOCKS if _missing(block) is None]
    text = "\n".join(ran).replace("postgresql://localhost/bank", database.dsn)
    parts = parse_dsn(database.dsn)
    url = "postgresql+psycopg2://{user}@/{dbname}?host={host}&port={port}".format(**parts)
    text = text.replace("postgresql+psycopg2://localhost/bank", url)
    program = tmp_path / "program.py"
    program.write_text(KERAS_HERE + text, encoding="utf-8")
    done = fork_server("keras").run([str(program)], tmp_path, environment())
    assert done.returncode == 0, done.stderr
    assert "deployed" in done.stdout
    assert "reader: verified; 8 samples" in done.stdout
    assert 'there is no model "nobody"' in done.stdout
    assert "1000 False" in done.stdout
    assert (tmp_path / "reader.sql").exists()
    if len(ran) < len(BLOCKS):
        pytest.skip(f"without {', '.join({_missing(b) for b in BLOCKS} - {None})} the rest ran")


def _missing(block: str) -> str | None:
    """What a block imports and is not installed."""
    names = [name for name in OPTIONAL if re.search(rf"^(from|import) {name}\b", block, re.M)]
    return next((name for name in names if importlib.util.find_spec(name) is None), None)
