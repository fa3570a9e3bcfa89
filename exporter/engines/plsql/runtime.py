"""The runtime: plsql/nn_runtime, a package that all versions of all models call."""

from __future__ import annotations

import hashlib
import re
from functools import cache

from exporter.databases.oracle.registry import Units
from exporter.databases.oracle.text import ident
from exporter.resources import read_text
from exporter.sql.text import Sql, as_is

RUNTIME = "nn_runtime"
SHORT = 8  # hex digits of the runtime's digest in its name


@cache
def runtime_units() -> Units:
    """It under a name of its own for each of its versions.

    A version of a model goes on scoring with the runtime that it was verified with, and sessions
    that score with it never meet a recompiled package.
    """
    spec, body = (read_text(f"plsql/{RUNTIME}.{suffix}").strip() for suffix in ("pks", "pkb"))
    name = f"{RUNTIME}_{hashlib.sha256((spec + body).encode()).hexdigest()[:SHORT]}"
    spec, body = (re.sub(rf"\b{RUNTIME}\b", name, text) for text in (spec, body))
    return Units(name, as_is(spec), as_is(body))


def in_runtime(name: str) -> Sql:
    """A routine or type of it."""
    return Sql("{}.{}").format(ident(runtime_units().name), ident(name))
