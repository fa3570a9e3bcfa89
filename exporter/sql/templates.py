"""The Jinja2 environment: one statement a file, strict about names and about quoting."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import jinja2

from exporter.resources import folder
from exporter.sql import text
from exporter.sql.text import Sql

Filters: TypeAlias = tuple[Callable[..., Sql], ...]
"""Functions that quote, by their names; a database that reads text otherwise brings its own."""

Spelling: TypeAlias = tuple[tuple[str, str], ...]
"""Words of the templates, and what a server that does not know them has instead."""

FILTERS: Filters = (
    text.ident,
    text.literal,
    text.number,
    text.boolean,
    text.reals,
    text.written,
    text.texts,
    text.binary,
    text.body,
    text.comma,
    text.remark,
)


class _Spelled(jinja2.FileSystemLoader):
    """Files of templates, spelled for a server; what is put into them later stays as it is."""

    def __init__(self, folders: list[Path], spelling: Spelling) -> None:
        super().__init__(folders)
        self.spelling = spelling

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """A template in the spelling of the server."""
        source, path, is_fresh = super().get_source(environment, template)
        for words, others in self.spelling:
            source = source.replace(words, others)
        return source, path, is_fresh


@cache
def environment(
    folders: tuple[str, ...], filters: Filters = FILTERS, spelling: Spelling = ()
) -> jinja2.Environment:
    """Templates of some folders; those of earlier folders override those of later ones."""
    root = folder("sql_templates")
    result = jinja2.Environment(
        loader=_Spelled([root / name for name in folders], spelling),
        undefined=jinja2.StrictUndefined,
        finalize=text.require_sql,
        autoescape=False,
        auto_reload=False,  # else every rendering asks the file system whether its files changed
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    result.filters.update({function.__name__: function for function in filters})
    return result


def render(
    folders: tuple[str, ...],
    name: str,
    variables: dict[str, Any],
    filters: Filters = FILTERS,
    spelling: Spelling = (),
) -> Sql:
    """One statement from sql_templates/<folder>/<name>.sql.

    Raises: jinja2.UndefinedError, when a variable is missing; SqlTextError, when one is unquoted.
    """
    template = environment(folders, filters, spelling).get_template(f"{name}.sql")
    return text.as_is(template.render(variables).strip())


@cache
def describe(folders: tuple[str, ...], name: str) -> str:
    """What the comment at the beginning of a template says, but for its variables."""
    loaded = environment(folders)
    assert loaded.loader is not None
    source, _, _ = loaded.loader.get_source(loaded, f"{name}.sql")
    found = re.match(r"\{#(.*?)\bvariables:", source, re.S)
    return " ".join(found[1].split()) if found else ""
