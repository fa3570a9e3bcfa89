"""The runtime: packages of plsql/ that all versions of all models call."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Literal, TypeAlias

from exporter.databases.oracle.shared import Units
from exporter.databases.oracle.text import ident
from exporter.resources import read_text
from exporter.sql.text import Sql, as_is

Package: TypeAlias = Literal["nn_runtime", "nn_double", "nn_tables", "nn_trees"]

RUNTIME: Package = "nn_runtime"  # numbers of BINARY_FLOAT
DOUBLE: Package = "nn_double"  # the same routines for BINARY_DOUBLE
TABLES: Package = "nn_tables"  # columns of tables: numbers of BINARY_DOUBLE, texts
TREES: Package = "nn_trees"  # ensembles of trees
PACKAGES: tuple[Package, ...] = (RUNTIME, DOUBLE, TABLES, TREES)  # each calls those before it only
SHORT = 8  # hex digits of the runtime's digest in its packages' names
# What is other where numbers are of BINARY_DOUBLE. The two types of arrays change places: a routine
# that makes one of the other makes the other of the one.
IN_DOUBLE = {
    "nn_runtime": "nn_double",
    "utl_nla_array_flt": "utl_nla_array_dbl",
    "utl_nla_array_dbl": "utl_nla_array_flt",
    "binary_float": "binary_double",
    "BINARY_FLOAT": "BINARY_DOUBLE",
    "to_binary_float": "to_binary_double",
    "binary_float_max_normal": "binary_double_max_normal",
}
SINGLE_LITERAL = re.compile(r"\b(\d+(?:\.\d+)?(?:e-?\d+)?)f\b")


@cache
def runtime_units(package: Package = RUNTIME, owner: str = "") -> Units:
    """A package of the runtime, under a name of its own for each version of the runtime; owner is
    the schema that it is made in, empty for the user's own.

    A version of a model goes on scoring with the runtime that it was verified with, and sessions
    that score with it never meet a recompiled package.
    """
    name = f"{package}_{_digest()}"
    words = "|".join(PACKAGES)
    spec, body = (
        re.sub(rf"\b({words})\b", lambda found: f"{found[1]}_{_digest()}", text)
        for text in _texts(package)
    )
    if owner:  # what the text names first is the package itself
        placed = Sql("{}.{}").format(ident(owner), ident(name))
        spec, body = (text.replace(name, placed, 1) for text in (spec, body))
    return Units(name, as_is(spec), as_is(body))


def spelling() -> tuple[tuple[str, str], ...]:
    """The packages' names in templates, and in this version of the runtime."""
    return tuple((package, runtime_units(package).name) for package in PACKAGES)


def in_runtime(name: str, package: Package = RUNTIME) -> Sql:
    """A routine or type of it."""
    return Sql("{}.{}").format(ident(runtime_units(package).name), ident(name))


def in_double(text: str) -> str:
    """The text of nn_runtime for BINARY_DOUBLE; PL/SQL has no generic routines."""
    words = "|".join(IN_DOUBLE)
    text = re.sub(rf"\b({words})\b", lambda found: IN_DOUBLE[found[1]], text)
    return SINGLE_LITERAL.sub(r"\1d", text)


@cache
def _texts(package: Package) -> tuple[str, str]:
    """Specification and body, as they are written."""
    file = RUNTIME if package == DOUBLE else package
    spec, body = (read_text(f"plsql/{file}.{suffix}").strip() for suffix in ("pks", "pkb"))
    return (in_double(spec), in_double(body)) if package == DOUBLE else (spec, body)


@cache
def _digest() -> str:
    texts = "".join("".join(_texts(package)) for package in (RUNTIME, TABLES, TREES))
    return hashlib.sha256(texts.encode()).hexdigest()[:SHORT]
