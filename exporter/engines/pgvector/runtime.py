"""The function of the registry that all versions of this engine call."""

from __future__ import annotations

import hashlib
from functools import cache

from exporter.engines.statements import REGISTRY, SHORT, Function, Runtime
from exporter.resources import folder
from exporter.sql.text import Sql, ident

TYPES = Sql("double precision[], bytea, integer, integer, integer")


@cache
def runtime_name() -> str:
    """Its name, which tells what it does, so that those of several programs stand side by side."""
    digest = hashlib.sha256()
    for path in sorted(folder("sql_templates").glob("pgvector/*/runtime.sql")):
        digest.update(path.read_bytes())
    return f"runtime_{digest.hexdigest()[:SHORT]}"


def make_runtime() -> Runtime:
    """Products in double precision, for rows that hold what no vector takes."""
    name = runtime_name()
    function = Function(
        "runtime",
        "runtime",
        {"runtime": name},
        identity=Sql("{}.{}({})").format(ident(REGISTRY), ident(name), TYPES),
        returns="double precision[]",
        is_open=False,
    )
    return Runtime(name, function)
