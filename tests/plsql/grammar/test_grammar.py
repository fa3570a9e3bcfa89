"""The independent grammar reads every generated file."""

from __future__ import annotations

import re
from typing import Any

import pytest

from exporter.databases.oracle.installation import compile_installation
from exporter.databases.oracle.registry import uninstall
from exporter.databases.oracle.shared import count_installed
from exporter.databases.oracle.sqlplus import Unit
from exporter.databases.oracle.switches import Standing, remove_alias_of, switch_alias
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import ident
from exporter.engines.plsql.runtime import TABLES, TREES, runtime_units
from plsql.grammar.checker import Missing, find_errors, split_script
from plsql.grammar.scripts import MODELS, deployment


def life_statements() -> list[tuple[str, str]]:
    """What is sent for the versions of a model, beside deployments."""
    to = Standing("0" * 64, "FRAUD_00000000")
    alias = ("next", "FRAUD_NEXT")
    made = [
        *switch_alias("fraud", alias, to, ("FRAUD", to.package), "it's better"),
        *remove_alias_of("fraud", alias, to.package, None),
    ]
    templates: dict[str, dict[str, Any]] = {
        "write_journal": {"model": "fraud", "action": "grant", "version": None, "because": ["x"]},
        "drop_version": {"version": to.version, "package": to.package},
        "grant_model": {"synonym": ident("fraud"), "grantees": [ident("ada")]},
        "revoke_model": {"model": "fraud", "grantees": ["ADA", "PUBLIC"]},
        "release_version": {"version": to.version, "metrics": ["{}"]},
        "require_champion": {"model": "fraud", "synonym": "FRAUD", "code": -20901},
        "require_runtime": {
            "packages": ["NN_X"],
            "installed": count_installed(["NN_X"]),
            "code": 1,
        },
        "remove_runtimes": {"kept": "", "is_asked": True, "missing": -20901},
    }
    texts = [(f"{n}: {statement.name}", str(statement.sql)) for n, statement in enumerate(made)]
    return texts + [(name, str(render(name, given))) for name, given in templates.items()]


def generated() -> dict[str, str]:
    """Every statement that is sent, by the name of the first that sends it."""
    names: dict[str, str] = {}
    for name in MODELS:
        for number, text in enumerate(split_script(str(deployment(name)))):
            if re.match(r"create package (body )?nn_double_", text):
                continue  # nn_runtime with other types: the same to a grammar, and a minute
            names.setdefault(text, f"{name}, statement {number}")  # the runtime is in all of them
    for number, text in enumerate(split_script(str(uninstall("fraud")))):
        names.setdefault(text, f"uninstall, statement {number}")
    installation = compile_installation("ada", "runtime")
    for statement in installation.statements:
        if not isinstance(statement, Unit):
            names.setdefault(str(statement.sql), f"install, {statement.name}")
    for name, statement in life_statements():
        names.setdefault(statement, name)
    for package in (TABLES, TREES):  # nn_double is the text of nn_runtime
        for part in ("spec", "body"):
            names[str(getattr(runtime_units(package), part))] = f"{package}, {part}"
    return {name: text for text, name in names.items()}


def test_every_generated_statement_is_accepted() -> None:
    texts = generated()
    try:
        errors = find_errors(texts)
    except Missing as error:
        pytest.skip(f"the independent grammar is not checked here: {error}")
    assert len(errors) == len(texts) > 200
    assert {name: found[:3] for name, found in errors.items() if found} == {}
