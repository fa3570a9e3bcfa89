"""What is said of a version that callers see change: pure comparisons of functions and labels."""

from __future__ import annotations

import pytest

from exporter.databases.changes import (
    Meaning,
    find_come,
    find_gone,
    tell_functions,
    tell_meanings,
    warn,
)
from exporter.sql.script import Call

SCORE = '"m"."score"(double precision)'
STAYS = Call(
    SCORE, '("a" double precision) returns real', r"^\(.* double precision\) returns real$"
)


@pytest.mark.parametrize("header", [STAYS.header, '("x" double precision) returns real'])
def test_what_stays_is_no_change(header: str) -> None:
    """Also a function whose parameter has another name, which views do not see."""
    there = {SCORE: header}
    assert not find_gone(there, [STAYS]) and not find_come(there, [STAYS])


def test_a_function_that_goes_and_one_that_comes() -> None:
    """Both with their parameters and results; names without quotes where they need none."""
    there = {SCORE: '("a" double precision) returns real[]', '"m"."label"(text)': "() returns text"}
    gone, come = find_gone(there, [STAYS]), find_come(there, [STAYS])
    assert tell_functions(gone, come) == (
        "- m.label() returns text",
        "- m.score(a double precision) returns real[]",
        "+ m.score(a double precision) returns real",
    )


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (Meaning(["a", "b"], 0.5), Meaning(("a", "b"), 0.5), ()),
        (Meaning(["a", "b"]), Meaning(["b", "a"]), ("- labels a, b", "+ labels b, a")),
        (Meaning([], None), Meaning(["b", "a"]), ()),
        (Meaning("ab", 0.5), Meaning("ab", 0.75), ("- threshold 0.5", "+ threshold 0.75")),
        (
            Meaning("ab"),
            Meaning(["a\n  + b", "\x1b[31m"]),
            ("- labels a, b", r"+ labels a\n  + b, \x1b[31m"),
        ),
        (Meaning("ab", 0.5), Meaning("abc", None), ("- labels a, b", "+ labels a, b, c")),
    ],
)
def test_what_labels_mean(before: Meaning, after: Meaning, lines: tuple[str, ...]) -> None:
    """Order counts: the function gives other texts for the same scores."""
    assert tell_meanings(before, after) == lines


def test_a_warning_says_what_to_do() -> None:
    """To keep both, and to go back."""
    text = warn("my model", ["- m.score()"])
    assert "\n  - m.score()\n" in text
    assert "--no-promote" in text and "rollback --name 'my model'" in text
