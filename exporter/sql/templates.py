"""The Jinja2 environment: one statement a file, strict about names and about quoting."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import jinja2

from exporter.resources import folder
from exporter.sql import text
from exporter.sql.text import Sql

Filters: TypeAlias = tuple[Callable[..., Sql], ...]
"""Functions that quote, by their names; a database that reads text otherwise brings its own."""

FILTERS: Filters = (
    text.ident,
    text.literal,
    text.number,
    text.boolean,
    text.reals,
    text.texts,
    text.binary,
    text.body,
    text.comma,
    text.remark,
)


@cache
def environment(folders: tuple[str, ...], filters: Filters = FILTERS) -> jinja2.Environment:
    """Templates of some folders; those of earlier folders override those of later ones."""
    root = folder("sql_templates")
    result = jinja2.Environment(
        loader=jinja2.FileSystemLoader([root / name for name in folders]),
        undefined=jinja2.StrictUndefined,
        finalize=text.require_sql,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    result.filters.update({function.__name__: function for function in filters})
    return result


def render(
    folders: tuple[str, ...], name: str, variables: dict[str, Any], filters: Filters = FILTERS
) -> Sql:
    """One statement from sql_templates/<folder>/<name>.sql.

    Raises: jinja2.UndefinedError, when a variable is missing; SqlTextError, when one is unquoted.
    """
    template = environment(folders, filters).get_template(f"{name}.sql")
    return Sql(template.render(variables).strip())
