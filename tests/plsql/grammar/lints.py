"""Rules for generated text that neither a grammar nor an execution sees.

Each function takes a whole script and gives what breaks its rule, as "line: text".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from plsql.grammar.checker import split_script

MAX_LINE_BYTES = 2499  # SQL*Plus cuts longer lines
MAX_ARRAY = 1_000_000
NAME = re.compile(r"\b[a-z]_\w+")
TYPES = "binary_double|binary_float|pls_integer|number|utl_nla_array_flt"
NOT_FOR_FLOAT = re.compile(r"\b(?<!\.)(exp|ln|tanh|power|sin|cos|tan|atan|log)\s*\(", re.I)


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
    unit = re.compile(r"^create or replace package", re.M)
    return [s[:80] for s in statements if len(unit.findall(s)) > 1 or s.count("\n/\n") != 1]


def blank_lines_in_sql(text: str) -> list[str]:
    """A blank line ends a statement that is not PL/SQL, where SQLBLANKLINES is off."""
    is_plsql = re.compile(r"(declare|begin|create or replace package)\b")
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


def functions_of_floats(text: str) -> list[str]:
    """EXP, LN, TANH and POWER of a BINARY_FLOAT are those of NUMBER: slow, and they overflow."""
    code = re.sub(r"'[^']*'|--.*", lambda match: " " * len(match[0]), text)
    found = []
    for match in NOT_FOR_FLOAT.finditer(code):
        argument = _up_to_closing(code[match.end() :])
        plain = re.sub(r"to_binary_double\((?:[^()]|\([^()]*\))*\)", "", argument)
        types = {_type_of(name, code[: match.start()]) for name in NAME.findall(plain)}
        if types - {"binary_double", ""}:
            line = code.count("\n", 0, match.start()) + 1
            found.append(f"{line}: {match[0]}{argument}")
    return found


def lengths_of_parameters(text: str) -> list[str]:
    """Parameters and results have types without lengths: PLS-00103."""
    pattern = re.compile(
        r"\b(?:p_\w+\s+)?(?:in|out|nocopy|return|p_\w+)\s+(?:varchar2|number|raw|char)\s*\(", re.I
    )
    return [f"{n}: {line.strip()[:80]}" for n, line in lines_of(text) if pattern.search(line)]


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


def zero_dimensions(text: str) -> list[str]:
    """Dimensions and increments of UTL_NLA are POSITIVEN: 0 raises ORA-06502."""
    found = []
    for match in re.finditer(r"utl_nla\.blas_\w+\(([^;]*)\);", text):
        arguments = [part.strip() for part in match[1].split(",")]
        if "0" in arguments or "null" in arguments:
            found.append(" ".join(match[0].split())[:120])
    return found


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
    functions_of_floats,
    lengths_of_parameters,
    large_arrays,
    zero_dimensions,
    quoted_numbers,
)


def _type_of(name: str, before: str) -> str:
    """The type in the last declaration of a name; empty where there is none."""
    found = re.findall(rf"\b{name}(?: constant)?(?: in)?(?: out)?(?: nocopy)? ({TYPES})\b", before)
    return found[-1] if found else ""


def _up_to_closing(text: str) -> str:
    """What stands before the parenthesis that closes an opened one."""
    depth = 1
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[:place]
    return text
