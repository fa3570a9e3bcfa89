"""docs/commands.md names every verb and option that there is, and every exit status."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click

from exporter import cli
from exporter.cli.statuses import NO_READER, STOPPED, TERMINATED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S))


def parameters_of(verb: click.Command) -> list[click.Parameter]:
    """Those of the databases' records too, without --help."""
    context = click.Context(verb)
    return [p for p in verb.get_params(context) if "--help" not in p.opts]


def test_every_verb_has_its_section_in_the_order_of_help() -> None:
    assert [name for name in SECTIONS if name in cli.command.commands] == list(cli.command.commands)
    others = set(SECTIONS) - set(cli.command.commands)
    assert others == {"Exit statuses", "Which database"}


def test_every_option_is_in_the_table_of_its_verb_and_nothing_else_is() -> None:
    for name, verb in cli.command.commands.items():
        rows = re.findall(r"^\| (`-.+?`) \|", SECTIONS[name], re.M)
        described = {option for row in rows for option in re.findall(r"`(-.+?)`", row)}
        options = [p for p in parameters_of(verb) if isinstance(p, click.Option)]
        assert described == {word for option in options for word in option.opts}, name


def test_choices_and_defaults_are_as_in_the_program() -> None:
    for name, verb in cli.command.commands.items():
        for option in parameters_of(verb):
            row = re.search(rf"^\| `{option.opts[0]}`.*", SECTIONS[name], re.M)
            if isinstance(option.type, click.Choice) and row and "version" not in option.opts[0]:
                assert all(f"`{choice}`" in row[0] for choice in option.type.choices), row[0]
            if isinstance(option.default, int) and row and not isinstance(option.default, bool):
                assert f"{option.default} by default" in row[0], row[0]


def test_every_exit_status_is_in_the_table() -> None:
    statuses = re.findall(r"^\| (\d+) \|", SECTIONS["Exit statuses"], re.M)
    expected = [0, 1, click.UsageError.exit_code, STOPPED, NO_READER, TERMINATED]
    assert statuses == [str(number) for number in expected]


def advised_names() -> Iterator[tuple[str, str]]:
    """(where, the expression) of every value behind `--name` in a message of the program; one that
    has a name stands for what is given it."""
    for path in sorted((ROOT / "exporter").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            ast.unparse(node.targets[0]): ast.unparse(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                for before, value in pairwise(node.values):
                    text = before.value if isinstance(before, ast.Constant) else ""
                    if str(text).endswith("--name ") and isinstance(value, ast.FormattedValue):
                        expression = ast.unparse(value.value)
                        yield f"{path.name}:{value.lineno}", named.get(expression, expression)


def test_names_in_advised_commands_are_quoted_for_the_shell() -> None:
    """A model may be called `my model`, and its command is copied into a shell."""
    found = dict(advised_names())
    assert len(found) >= 9
    for where, expression in found.items():
        assert expression.startswith("shlex.quote("), where
