"""The packages that all models share, the runtime: made beside a model, or once for all users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exporter.databases.oracle.sqlplus import Unit
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name
from exporter.sql.script import Statement
from exporter.sql.text import Sql

# Every error number of a deployment; those of scoring are in plsql/nn_runtime.pks.
NOTHING_TO_DO = -20900
MISSING = -20901
NAME_TAKEN = -20902
FOREIGN_REGISTRY = -20903
NOT_COMPILED = -20904
LOST_TEXT = -20905
BUSY = -20906


@dataclass(frozen=True)
class Units:
    """A package: its name, specification and body, each from `create or replace` to `end`."""

    name: str
    spec: Sql
    body: Sql


def make_runtime(runtime: Sequence[Units], owner: str = "") -> list[Statement]:
    """Statements that make its packages and stop where one does not compile; owner is the schema
    that their texts name, empty for the user's own."""
    made: list[Statement] = [
        unit for units in runtime for unit in make_units("runtime", units, owner)
    ]
    keys = [catalog_name(units.name) for units in runtime]
    made.append(check_compiled("were the packages of the runtime compiled?", keys, owner))
    return [replace(statement, is_shared=True) for statement in made]


def make_units(what: str, units: Units, owner: str = "", key: str = "") -> list[Unit]:
    """Statements that make a package; key is its name in the dictionary, where that is not the
    name's own."""
    return [
        Unit(
            f"{what}: {kind.lower()} {units.name}",
            text,
            key or catalog_name(units.name),
            kind,
            owner,
        )
        for kind, text in (("PACKAGE", units.spec), ("PACKAGE BODY", units.body))
    ]


def check_compiled(name: str, keys: Sequence[str], owner: str = "") -> Statement:
    """A statement that fails where one of these packages is not there or does not compile."""
    variables = {"owner": owner, "packages": list(keys), "code": NOT_COMPILED}
    return Statement(name, render("compiled", variables))


def check_runtime(runtime: Sequence[Units]) -> Statement:
    """A statement that fails where this user has no runtime, of his own or installed."""
    keys = [catalog_name(units.name) for units in runtime]
    variables = {"packages": keys, "installed": count_installed(keys), "code": MISSING}
    return Statement("is the runtime installed?", render("require_runtime", variables))


def count_installed(keys: Sequence[str]) -> Sql:
    """A query: how many of these packages are installed for this user."""
    return render("installed_runtime", {"packages": list(keys)})
