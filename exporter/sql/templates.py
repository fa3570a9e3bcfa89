"""The Jinja2 environment: one statement a file, strict about names and about quoting."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from exporter.resources import folder
from exporter.sql import oracle, text
from exporter.sql.text import Sql

FILTERS = (
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
ORACLE_FILTERS = (
    oracle.ident,
    oracle.literal,
    oracle.program,
    oracle.number,
    oracle.single,
    oracle.singles,
    oracle.comma,
    oracle.remark,
)


@cache
def environment(*targets: str) -> jinja2.Environment:
    """Templates of a target; those of earlier targets override those of later ones.

    Those of Oracle quote as Oracle reads it.
    """
    root = folder("sql_templates")
    result = jinja2.Environment(
        loader=jinja2.FileSystemLoader([root / target for target in targets]),
        undefined=jinja2.StrictUndefined,
        finalize=text.require_sql,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    filters = ORACLE_FILTERS if "oracle" in targets else FILTERS
    result.filters.update({function.__name__: function for function in filters})
    return result


def render(targets: tuple[str, ...], name: str, variables: dict[str, Any]) -> Sql:
    """One statement from sql_templates/<target>/<name>.sql.

    Raises: jinja2.UndefinedError, when a variable is missing; SqlTextError, when one is unquoted.
    """
    template = environment(*targets).get_template(f"{name}.sql")
    return Sql(template.render(variables).strip())
