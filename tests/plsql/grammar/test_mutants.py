"""Broken variants of a script are refused: by a grammar, by the checker, or by scoring."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from database.networks import write_sequential

from plsql.grammar.checker import Missing, find_errors, split_script
from plsql.grammar.mutants import CHECK, MUTANTS, SYNTAX, VALUE, Mutant
from plsql.grammar.scripts import compile_file
from plsql.machine import Database
from plsql.values import PlsqlError, Refused

# What an execution says of a fault: the model's own checks, or those of UTL_NLA and collections.
SAID_BY_VALUES = ("ORA-20103", "ORA-20104", "ORA-20107", "ORA-065", "UTL_NLA", "ORA-01403")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of a 3-4-2 network with features and labels."""
    return small_script(tmp_path_factory.mktemp("mutants"))


def small_script(folder: Path) -> str:
    """The same, of a file in a folder."""
    path = folder / "fraud.h5"
    write_sequential(path, [3, 4, 2], ["relu", "softmax"])
    return str(compile_file(path, "fraud", features=["a", "b", "c"], labels=["no", "yes"]))


def refusal(text: str) -> str:
    """What the interpreter says against a script, nothing when it runs to its end."""
    try:
        Database().session().run_script(text)
    except (Refused, PlsqlError) as error:
        return str(error)
    return ""


def test_the_list_is_long_enough() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40
    assert Counter(mutant.kind for mutant in MUTANTS)[VALUE] >= 15


def test_the_script_itself_is_not_refused(script: str) -> None:
    assert refusal(script) == ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_script_is_refused(script: str, mutant: Mutant) -> None:
    said = refusal(mutant.apply(script))
    assert said, f"{mutant.name}: the broken script runs to its end"
    if mutant.kind == VALUE:
        assert any(part in said for part in SAID_BY_VALUES), said
    else:
        assert not any(code in said for code in ("ORA-20103", "ORA-20104", "ORA-20107")), said


def broken_statements(script: str) -> dict[str, str]:
    """What the faults of syntax make of a script's statements, by the faults' names."""
    whole = set(split_script(script))
    texts = {}
    for mutant in MUTANTS:
        if mutant.kind == SYNTAX:
            changed = [part for part in split_script(mutant.apply(script)) if part not in whole]
            texts[mutant.name] = "".join(changed)
    return texts


def test_the_independent_grammar_refuses_what_breaks_syntax(script: str) -> None:
    texts = broken_statements(script)
    try:
        errors = find_errors(texts)
    except Missing as error:
        pytest.skip(f"the independent grammar is not checked here: {error}")
    assert [name for name in texts if not errors[name]] == []
    assert len(texts) > 20


def test_kinds_are_told_apart() -> None:
    assert {mutant.kind for mutant in MUTANTS} == {SYNTAX, CHECK, VALUE}
