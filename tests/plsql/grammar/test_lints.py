"""The lints: generated scripts keep every rule, and each lint sees what breaks its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exporter.databases.oracle.registry import uninstall
from plsql.grammar import lints
from plsql.grammar.scripts import MODELS, deployment

BROKEN = [
    (lints.not_ascii, "prompt café\n"),
    (lints.long_lines, "x" * 2500),
    (lints.ampersands, "-- salt & pepper"),
    (lints.continued_lines, "  -- a rule ----"),
    (lints.continued_lines, "#begin"),
    (lints.unfinished_statements, "begin\n  null;\nend;\n"),
    (
        lints.unfinished_statements,
        "create or replace package a is\nend;\ncreate or replace package b is\nend;\n/\n",
    ),
    (lints.blank_lines_in_sql, "comment on table t\n\nis 'x'\n/\n"),
    (lints.inexact_weights, "append(utl_nla_array_flt(0.5f, 0.25));"),
    (lints.inexact_weights, "append(utl_nla_array_flt(0.1234567891f));"),
    (lints.inexact_weights, "append(utl_nla_array_flt(0.5d));"),
    (lints.large_arrays, "l_data.extend(1000001);"),
    (
        lints.large_arrays,
        "insert into export_model_weights\n (version, part, tensor, first_number, numbers, sum_1)"
        "\n values ('ab', 0, 0,\n 0, 1000001, 1d,",
    ),
    (lints.quoted_numbers, "l_x := to_binary_double('1.5');"),
]


@pytest.mark.parametrize("name", [*MODELS, "uninstall"])
def test_generated_scripts_keep_every_rule(name: str) -> None:
    text = str(uninstall("fraud") if name == "uninstall" else deployment(name))
    broken = {lint.__name__: lint(text)[:5] for lint in lints.LINTS if lint(text)}
    assert broken == {}


@pytest.mark.parametrize(("lint", "text"), BROKEN)
def test_each_lint_sees_what_breaks_its_rule(lint: Callable[[str], list[str]], text: str) -> None:
    assert lint(text)


def test_every_lint_has_a_broken_text() -> None:
    assert {lint for lint, _ in BROKEN} == set(lints.LINTS)
