"""Every option arrives where it is used: what a command calls is recorded, and nothing is run."""

from __future__ import annotations

import importlib
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from commands import write_sigmoid

from exporter import cli

D = "postgresql://localhost/d"
ANY = object()
"""A value that is made by the command itself."""

# A command line but for --dsn; the function that it calls; what that is given by place, by name.
CALLS: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("versions --name m", "life.versions", (D, "m"), {}),
    ("versions --name m --journal", "life.journal", (D, "m"), {}),
    (
        "promote --name m --version 2 --because why",
        "life.promote",
        (D, "m", "2"),
        {"because": "why", "said": ANY},
    ),
    (
        "rollback --name m --because why",
        "life.rollback",
        (D, "m"),
        {"because": "why", "said": ANY},
    ),
    (
        "alias next 2 --name m --because why",
        "life.alias",
        (D, "m", "next", "2"),
        {"because": "why", "said": ANY},
    ),
    (
        "alias next --remove --name m --because why",
        "life.unalias",
        (D, "m", "next"),
        {"because": "why"},
    ),
    ("grant a,b --name m", "life.grant", (D, "m", ["a", "b"]), {}),
    ("revoke a,b --name m", "life.revoke", (D, "m", ["a", "b"]), {}),
    ("prune --name m --keep 3 --because b", "life.prune", (D, "m"), {"keep": 3, "because": "b"}),
    ("repair --name m", "api.repair", (D, "m"), {"progress": ANY}),
    ("upgrade", "life.upgrade", (D,), {}),
    ("drop --name m", "api.drop", (D, "m"), {"force": False}),
    ("drop --name m --force", "api.drop", (D, "m"), {"force": True}),
    (
        "drop --name m --version 2 --because why --force",
        "life.drop_version",
        (D, "m", "2"),
        {"because": "why", "force": True},
    ),
    ("verify --name m", "api.verify", (D, "m"), {}),
    ("list", "api.models", (D,), {}),
    ("doctor", "api.doctor", (D,), {}),
    ("uninstall", "installing.uninstall", (D,), {}),
    (
        "install --deployers a --schema s",
        "installing.install",
        (D,),
        {"deployers": "a", "schema": "s", "progress": ANY},
    ),
    ("install", "installing.install", (D,), {"deployers": None, "schema": None, "progress": ANY}),
    (
        "compare --name m --versions 1,2 --table t --key k --actual a --tolerance 0.5",
        "api.compare",
        (D, "m", "t"),
        {"key": "k", "versions": ["1", "2"], "actual": "a", "tolerance": 0.5, "progress": ANY},
    ),
    (
        "score --name m --table t --key k --into s --order-by o --partition-by p --max-gap 5"
        " --step 2 --columns a=score --jobs 3",
        "api.score_table",
        (D, "m", "t"),
        {
            "key": "k", "into": "s", "order_by": "o", "partition_by": "p", "max_gap": 5.0,
            "step": 2, "columns": ["a=score"], "jobs": 3, "progress": ANY,
        },
    ),
]  # fmt: skip

EXPORT = (
    "export m.h5 --target postgres --engine plpython --output x.sql --name n --features a,b"
    " --labels no,yes --threshold 0.25 --samples 7 --samples-from s.csv --expected-by float64"
    " --no-promote --metrics auc=0.5 --because why --grant ann,bob --window 4 --step 2 --pad before"
    " --forecast a"
)
OF_EXPORT = {
    "target": "postgres", "engine": "plpython", "name": "n", "features": ["a", "b"],
    "labels": ["no", "yes"], "threshold": 0.25, "samples": 7, "samples_from": "s.csv",
    "expected_by": "float64", "promote": False, "metrics": {"auc": 0.5}, "because": "why",
    "grant": ["ann", "bob"], "window": 4, "step": 2, "pad": "before", "forecast": ["a"],
    "features_from": None, "allow_http": False, "database": None, "server": None,
}  # fmt: skip

ELSEWHERE = {
    "--dsn", "--deploy", "--output", "--force", "--json", "--html", "--revoke", "--preprocess",
    "--features-from", "--allow-http", "--without-registry", "--greenplum-version",
    "--oracle-version", "--target", "--weights",
    "--quiet", "--verbose",
}  # fmt: skip
"""Options that are no argument of one call; tests with a server, or of files, hold them."""


class Called(Exception):
    """Instead of what would have been done."""


def record(monkeypatch: pytest.MonkeyPatch, function: str) -> list[tuple[Any, Any]]:
    """What a function of the package is called with; it ends there."""
    calls: list[tuple[Any, Any]] = []

    def called(*arguments: Any, **named: Any) -> None:
        calls.append((arguments, named))
        raise Called

    module, name = function.split(".")
    monkeypatch.setattr(importlib.import_module(f"exporter.{module}"), name, called)
    return calls


def invoke(line: str) -> None:
    """A command as far as it gets."""
    with pytest.raises(Called):
        cli.command.main(shlex.split(line), standalone_mode=False)


@pytest.mark.parametrize(("line", "function", "arguments", "named"), CALLS)
def test_what_a_command_is_given_arrives(
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    function: str,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    calls = record(monkeypatch, function)
    invoke(f"{line} --dsn {D}")
    ((given, by_name),) = calls
    assert tuple(list(a) if isinstance(a, tuple) else a for a in given) == arguments
    assert by_name.keys() == named.keys()
    for name, value in named.items():
        found = list(by_name[name]) if isinstance(by_name[name], tuple) else by_name[name]
        assert value is ANY or found == value, name


def test_what_a_deployment_is_given_arrives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_sigmoid(tmp_path / "m.h5")
    (tmp_path / "s.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    calls = record(monkeypatch, "api.script")
    invoke(EXPORT)
    ((_, named),) = calls
    assert {n: list(v) if isinstance(v, tuple) else v for n, v in named.items()} == OF_EXPORT


def test_no_option_is_left_out() -> None:
    lines = [line.split() for line, *_ in CALLS] + [EXPORT.split()]
    for name, verb in cli.command.commands.items():
        given = {word for line in lines if line[0] == name for word in line}
        for option in verb.get_params(click.Context(verb)):
            if isinstance(option, click.Option) and name not in ("describe", "layers"):
                known = given | ELSEWHERE | {"--help"}
                assert known.intersection(option.opts), f"{name} {option.opts}"
