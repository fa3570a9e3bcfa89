"""Versions by their names: which one is meant, and which of them are in use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exporter.databases.known import Known, refuse_used
from exporter.errors import DatabaseError, counted

FIRST = Known(1, "a" * 64, ("champion", "old"))
SECOND = Known(2, "b" * 64, ("next",))
THIRD = Known(3, "c" * 64, ())


@pytest.mark.parametrize(
    ("version", "known", "advice", "other"),
    [
        (FIRST, (FIRST, SECOND), "promote --name 'my model' --version 2 --dsn", "drop --name"),
        (FIRST, (FIRST, SECOND), "alias old --remove --name 'my model' --dsn", "alias champion"),
        (FIRST, (FIRST, SECOND, THIRD), "promote --name 'my model' --version ... --dsn", "prune"),
        (FIRST, (FIRST,), "export-model drop --name 'my model' --dsn", "promote"),
        (SECOND, (FIRST, SECOND), "alias next --remove --name 'my model' --dsn", "promote"),
    ],
)
def test_what_frees_a_version_is_said(
    version: Known, known: tuple[Known, ...], advice: str, other: str
) -> None:
    """A champion is freed by promoting another, an alias by removing it, not one by the other."""
    with pytest.raises(DatabaseError, match="is in use: ") as caught:
        refuse_used("my model", version, known)
    assert advice in str(caught.value)
    assert other not in str(caught.value)


def test_what_has_no_name_is_free() -> None:
    """It may be removed."""
    refuse_used("m", THIRD, (FIRST, THIRD))


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [(1, "row", "1 row"), (0, "row", "0 rows"), (1200, "class", "1,200 classes")],
)
def test_what_is_counted_has_its_form(count: int, noun: str, text: str) -> None:
    """One is one, and everything else is many."""
    assert counted(count, noun) == text


def test_no_message_leaves_the_form_open() -> None:
    """As row(s) did."""
    root = Path(__file__).parents[2]
    for folder in ("exporter", "sql_templates", "plpython", "plsql"):
        for path in (root / folder).rglob("*.[ps]*"):
            if path.suffix in (".py", ".sql", ".pkb", ".pks"):
                open_forms = re.findall(r"[a-z]\w{2,}\(s\)[ .,:]", path.read_text(encoding="utf-8"))
                assert set(open_forms) <= {"use_hash(s) "}, path
