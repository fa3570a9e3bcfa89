"""Statements from sql_templates/oracle, quoted as Oracle reads text."""

from __future__ import annotations

from typing import Any

from exporter.databases.oracle import text
from exporter.sql import templates
from exporter.sql.templates import Filters, Spelling
from exporter.sql.text import Sql

FILTERS: Filters = (
    text.ident,
    text.literal,
    text.program,
    text.number,
    text.single,
    text.comma,
    text.remark,
)
FOLDERS = ("oracle",)


def render(name: str, variables: dict[str, Any], spelling: Spelling = ()) -> Sql:
    """One statement from sql_templates/oracle/<name>.sql, in a spelling of its own.

    Raises: as exporter.sql.templates.render.
    """
    return templates.render(FOLDERS, name, variables, FILTERS, spelling)
