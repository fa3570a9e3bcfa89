"""The independent grammar reads every generated file."""

from __future__ import annotations

import re

import pytest

from exporter.databases.oracle.installation import compile_installation
from exporter.databases.oracle.registry import uninstall
from exporter.databases.oracle.sqlplus import Unit
from exporter.engines.plsql.runtime import TABLES, TREES, runtime_units
from plsql.grammar.checker import Missing, find_errors, install, split_script
from plsql.grammar.scripts import MODELS, deployment


@pytest.fixture(scope="module", autouse=True)
def grammar() -> None:
    """Skip, with the reason, where the grammar cannot be had."""
    try:
        install()
    except Missing as error:
        pytest.skip(f"the independent grammar is not checked here: {error}")


def test_every_generated_statement_is_accepted() -> None:
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
    for package in (TABLES, TREES):  # nn_double is the text of nn_runtime
        for part in ("spec", "body"):
            names[str(getattr(runtime_units(package), part))] = f"{package}, {part}"
    errors = find_errors({name: text for text, name in names.items()})
    assert len(errors) == len(names) > 200
    assert {name: found[:3] for name, found in errors.items() if found} == {}
