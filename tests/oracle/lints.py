"""What must hold for every line of PL/SQL that is generated, seen from its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE_CHARACTERS = 2499  # SQL*Plus
MAX_ARRAY = 1_000_000
DECIMAL_SOFTWARE = ("exp", "ln", "tanh", "power", "sin", "cos", "tan", "atan", "sinh", "cosh")
SIZES = {"dense": (2, 3, 4)}  # which arguments, from 1, are sizes


def code(text: str) -> str:
    """The text without comments, literals emptied."""
    text = re.sub(r"'(?:[^']|'')*'", "''", text)
    return re.sub(r"--[^\n]*", "", text)


def check_text(text: str) -> None:
    """Fail for what no client or no Oracle reads."""
    assert text.isascii(), "a character beyond ASCII"
    assert "&" not in text, "SQL*Plus would ask for a variable"
    assert "\t" not in text and " \n" not in text, "white space that nobody sees"
    assert max(map(len, text.split("\n"))) <= LINE_CHARACTERS
    assert not re.search(r"\n\s*\n\s*\n", text), "two empty lines"
    name = re.match(r'create or replace package (?:body )?(\w+|"[^"]+")', text)
    assert name is not None and text.endswith(f"end {name[1]};")


def check_numbers(text: str) -> None:
    """Fail for a fraction that Oracle would read as NUMBER, or a float32 that is not exact."""
    for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?[fd]?", code(text)):
        is_whole = number.isdigit()
        assert is_whole or number[-1] in "fd", f"{number} is a NUMBER"
        if number[-1] == "f":
            digits = re.sub(r"e.*|\D", "", number[:-1].split("e")[0]).strip("0")
            assert len(digits) <= 9, f"{number} has more digits than a float32"


def check_lengths(text: str) -> None:
    """Fail for a parameter or result with a length, which is PLS-00103."""
    for parameters in re.findall(
        r"(?:function|procedure) [^(;]+\(([^;]*?)\)\s*(?:is|return|;)", text
    ):
        assert not re.search(r"(?:varchar2|raw|number)\s*\(", parameters), parameters
    assert not re.search(r"\breturn\s+(?:varchar2|raw|number)\s*\(", code(text))


def calls(text: str, name: str) -> Iterator[list[str]]:
    """The arguments of every call of a function."""
    for match in re.finditer(rf"(?<![\w.]){name}\(", text):
        depth, start, arguments = 1, match.end(), []
        for place in range(match.end(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if depth == 0 or (depth == 1 and text[place] == ","):
                arguments.append(text[start:place].strip())
                start = place + 1
            if depth == 0:
                break
        yield arguments


def check_functions(text: str) -> None:
    """Fail where a function gets anything but BINARY_DOUBLE: it might be that of NUMBER."""
    for routine in re.split(r"\n(?=  (?:function|procedure) )", code(text)):
        doubles = set(re.findall(r"(\w+)\s+(?:in )?binary_double\b", routine))
        for name in DECIMAL_SOFTWARE:
            for arguments in calls(routine, name):
                for argument in arguments:
                    assert is_double(argument, doubles), f"{name}({argument})"


def is_double(argument: str, doubles: set[str]) -> bool:
    """Whether every variable in an argument is BINARY_DOUBLE or made so."""
    argument = re.sub(r"to_binary_double\([^()]*(?:\([^()]*\)[^()]*)*\)", "1d", argument)
    argument = re.sub(r"\b(?:abs|softplus|nvl)\(", "(", argument)
    argument = re.sub(r"\b[\d.]+(?:e[+-]?\d+)?d\b", "", argument)
    return set(re.findall(r"[a-z_]\w*", argument)) <= doubles


def check_sizes(text: str) -> None:
    """Fail for a size of zero, which is not POSITIVEN, in any call of the network."""
    for arguments in calls(
        text, r"nn_runtime_\w+\.(?:dense|softmax|reduce|embedding|simple_rnn|lstm|gru)"
    ):
        assert "0" not in arguments, arguments
    for arguments in calls(text, r"nn_runtime_\w+\.(?:conv|pool)"):
        for lengths in re.findall(r"t_shape\(([^()]*)\)", ", ".join(arguments)):
            assert "0" not in lengths.split(", "), lengths


def check_unit(text: str) -> None:
    """All lints."""
    check_text(text)
    check_numbers(text)
    check_lengths(text)
    check_functions(text)
    check_sizes(text)
