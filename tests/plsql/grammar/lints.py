"""Rules for whole scripts, which neither a grammar nor an execution sees.

Those for packages are in tests/oracle/lints.py. Each function gives what breaks its rule, as
"line: text".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from plsql.grammar.checker import split_script

MAX_LINE_BYTES = 2499  # SQL*Plus cuts longer lines
MAX_ARRAY = 1_000_000


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines."""
    yield from enumerate(text.split("\n"), 1)


def not_ascii(text: str) -> list[str]:
    """SQL*Plus reads a file in the encoding of NLS_LANG, whatever that is."""
    return [f"{n}: {line[:80]}" for n, line in lines_of(text) if re.search(r"[^\x20-\x7e]", line)]


def long_lines(text: str) -> list[str]:
    """SQL*Plus reads at most 2,499 characters of a line."""
    return [f"{n}: {len(line)}" for n, line in lines_of(text) if len(line) > MAX_LINE_BYTES]


def ampersands(text: str) -> list[str]:
    """An ampersand asks for a variable where DEFINE is on, as in other tools."""
    return [f"{n}: {line[:80]}" for n, line in lines_of(text) if "&" in line]


def continued_lines(text: str) -> list[str]:
    """A hyphen at a line's end continues it, a # at its beginning is a command."""
    pattern = re.compile(r"-\s*$|^\s*[#@!]")
    return [f"{n}: {line[:80]}" for n, line in lines_of(text) if pattern.search(line)]


def unfinished_statements(text: str) -> list[str]:
    """Each statement is ended by a line with a slash, and each is one statement."""
    try:
        statements = split_script(text)
    except ValueError as error:
        return [str(error)]
    unit = re.compile(r"^create (?:or replace )?package", re.M)
    return [s[:80] for s in statements if len(unit.findall(s)) > 1 or s.count("\n/\n") != 1]


def blank_lines_in_sql(text: str) -> list[str]:
    """A blank line ends a statement that is not PL/SQL, where SQLBLANKLINES is off."""
    is_plsql = re.compile(r"(declare|begin|create (or replace )?package)\b")
    return [
        statement[:80]
        for statement in split_script(text)
        if not is_plsql.match(statement) and re.search(r"\n\s*\n", statement)
    ]


def inexact_weights(text: str) -> list[str]:
    """Numbers of an array of BINARY_FLOAT end in f and have at most nine digits."""
    found = []
    for match in re.finditer(r"utl_nla_array_flt\(([^()]*)\)", text):
        for item in filter(None, (part.strip().lstrip("-") for part in match[1].split(","))):
            if not re.match(r"\d", item):
                continue
            digits = re.sub(r"e.*|\D", "", item).lstrip("0")
            if not item.endswith("f") or len(digits) > 9:
                found.append(f"{text.count(chr(10), 0, match.start()) + 1}: {item}")
    return found


def large_arrays(text: str) -> list[str]:
    """No array has more than a million elements."""
    sizes = re.findall(r"\.extend\(\s*(\d+)", text)
    for row in re.finditer(
        r"insert into export_model_weights\s*\([^)]*\)\s*values \([^,]*,\s*\d+,\s*\d+,\s*-?\d+,"
        r"\s*(\d+),",
        text,
    ):
        sizes.append(row[1])
    return [size for size in sizes if int(size) > MAX_ARRAY]


def quoted_numbers(text: str) -> list[str]:
    """How a quoted number is read depends on NLS_NUMERIC_CHARACTERS."""
    pattern = re.compile(r"to_(number|binary_float|binary_double)\(\s*'", re.I)
    return [f"{n}: {line.strip()[:80]}" for n, line in lines_of(text) if pattern.search(line)]


LINTS: tuple[Callable[[str], list[str]], ...] = (
    not_ascii,
    long_lines,
    ampersands,
    continued_lines,
    unfinished_statements,
    blank_lines_in_sql,
    inexact_weights,
    large_arrays,
    quoted_numbers,
)
