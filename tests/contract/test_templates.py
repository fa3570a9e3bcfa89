"""Templates: a header that names each variable, one statement, nothing unquoted."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from exporter.databases.oracle import templates as oracle
from exporter.errors import SqlTextError
from exporter.sql.templates import FILTERS, environment, render
from exporter.sql.text import require_sql

ROOT = Path(__file__).parents[2] / "sql_templates"
TEMPLATES = sorted(ROOT.glob("*/*.sql"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_header_names_every_variable(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    header = re.match(r"\{#(.*?)#\}", source, flags=re.S)
    assert header is not None, "a template begins with a comment that says what it does"
    _, _, described = header[1].partition("variables:")
    used = meta.find_undeclared_variables(_environment(path).parse(source))
    if described.strip() == "none":
        assert used == set()
    for name in used:
        assert re.search(rf"\b{name}\b", described), f"{name} is not in the header"


def _environment(path: Path) -> jinja2.Environment:
    """As the template's database renders it."""
    filters = oracle.FILTERS if path.parent.name == "oracle" else FILTERS
    return environment((path.parent.name,), filters)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_template_is_one_statement_without_macros(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    source = re.sub(r"\{% set source %\}.*?\{% endset %\}", "", source, flags=re.S)
    if not is_program_unit(source):
        assert ";" not in source
    for word in ("macro", "include", "import", "| safe", "extends"):
        assert word not in source


def is_program_unit(source: str) -> bool:
    """PL/SQL has semicolons inside; it is one statement when nothing follows its end."""
    unit = r"\s*(declare|begin|create or replace package)\b.*\bend( \S.*)?;\s*"
    return re.fullmatch(unit, source, flags=re.S) is not None


def test_text_that_was_not_quoted_never_gets_through() -> None:
    for value in ("fraud", 1, None, ["a"], jinja2.Undefined()):
        with pytest.raises(SqlTextError, match="without being quoted"):
            require_sql(value)
    template = environment(("postgres",)).from_string("select {{ name }}")
    with pytest.raises(SqlTextError):
        template.render(name="x; drop table y")


def test_a_missing_variable_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render(("postgres",), "schema", {})
