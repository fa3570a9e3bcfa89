"""What a database's models share, installed once by who administers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Script

DEPLOYERS = "export_model_deployer"
"""The role whose members deploy, unless another is named."""
EVERYBODY = "public"
"""Who deploys in Oracle, unless users are named: roles do not count in stored code."""
LANGUAGES = ("plpgsql", "sql")
"""Those in which the functions of a version are, where it is not the one that runs it."""
WRAPPER = "export_model_weights"
"""Greenplum's foreign data wrapper whose servers hold weights; before, each model had one."""
SERVER_DIGITS = 32  # hex digits of a version in the names of these servers


def name_servers(version: str) -> str:
    """How the names of Greenplum's servers begin that hold a version's plan and weights."""
    return f"export_model_{version[:SERVER_DIGITS]}_"


@dataclass(frozen=True)
class Installation:
    """How what models share is installed, beside the deployments that bring it along.

    deployers: who may deploy afterwards, unless others are named or may already. makes: what it
    consists of there, as people call it. takes_schema:
    whether it can be told where to install. compile: the deployers that were named, or None, and
    where it takes one and one was given the schema by name -> Script. known: who may deploy in a
    place, as it tells. advice: the deployers -> what to do next, in lines. install: a Script, place
    and steps; uninstall: a place without models. Every field has to be given.
    """

    deployers: str
    makes: str
    takes_schema: bool
    compile: Callable[..., Script]
    known: Callable[[Place], tuple[str, ...]]
    advice: Callable[[str], tuple[str, ...]]
    install: Callable[[Script, Place, Steps], None]
    uninstall: Callable[[Place], None]


def no_installation(title: str, advice: str) -> Installation:
    """That of a database where who deploys brings all of it along."""

    def refuse(*_: Any) -> NoReturn:
        raise DatabaseError(f"{title} has nothing to install on its own: {advice}")

    return Installation("", "", False, refuse, refuse, refuse, refuse, refuse)
