"""SQL*Plus: splits a script into statements by its rules and runs them.

Source: SQL*Plus User's Guide and Reference 19c, "Running SQL, PL/SQL and SQL*Plus Commands".
What the program would take in another way than a reader expects is refused: an ampersand while
DEFINE is on, a line over 2,499 characters, a trailing hyphen, a blank line inside a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from plsql.values import PlsqlError, Refused

MAX_LINE = 2499
_UNIT = re.compile(
    r"^(declare|begin|create\s+(or\s+replace\s+)?(package|function|procedure|trigger|type))\b", re.I
)
_SQL = re.compile(
    r"^(select|insert|update|delete|merge|create|drop|grant|revoke|alter|comment|commit|rollback|"
    r"savepoint|truncate|with|lock|analyze)\b",
    re.I,
)
_SETTINGS = {
    "DEFINE": ("OFF", "ON"), "FEEDBACK": ("OFF", "ON"), "ECHO": ("OFF", "ON"),
    "SERVEROUTPUT": ("OFF", "ON", "ON SIZE UNLIMITED"), "VERIFY": ("OFF", "ON"),
    "SQLBLANKLINES": ("OFF", "ON"), "HEADING": ("OFF", "ON"), "TERMOUT": ("OFF", "ON"),
    "AUTOCOMMIT": ("OFF",), "TIMING": ("OFF", "ON"), "PAGESIZE": None, "LINESIZE": None,
    "LONG": None, "SCAN": ("OFF", "ON"),
}  # fmt: skip


@dataclass
class Command:
    """One command of a script."""

    kind: str  # sql, unit, set, whenever, prompt, exit, show, variable
    text: str
    line: int


@dataclass
class Outcome:
    """What a script did: printed lines, statements run, its exit status."""

    printed: list[str] = field(default_factory=list)
    statements: int = 0
    failed: bool = False
    errors: list[Exception] = field(default_factory=list)


def _refuse(message: str, line: int) -> Refused:
    return Refused(f"SQL*Plus: {message}", line)


def split(text: str) -> Iterator[Command]:
    """The commands of a script, in order."""
    lines = text.split("\n")
    number = 0
    define = True
    blank_lines = False
    while number < len(lines):
        line = lines[number]
        _check_line(line, number + 1, define)
        stripped = line.strip()
        word = stripped.split(None, 1)[0].rstrip(";").upper() if stripped else ""
        if not stripped or stripped.startswith("--") or word in ("REM", "REMARK"):
            number += 1
            continue
        if stripped.startswith("/*"):
            while "*/" not in lines[number]:
                number += 1
                if number >= len(lines):
                    raise _refuse("a comment has no end", len(lines))
            number += 1
            continue
        start = number
        if word in ("SET", "WHENEVER", "PROMPT", "EXIT", "QUIT", "SHOW", "VARIABLE"):
            command = Command("exit" if word == "QUIT" else word.lower(), stripped, start + 1)
            define, blank_lines = _settings(command, define, blank_lines)
            yield command
            number += 1
            continue
        if _UNIT.match(stripped):
            number, body = _unit(lines, number, define)
            yield Command("unit", body, start + 1)
            continue
        if _SQL.match(stripped):
            number, body = _statement(lines, number, define, blank_lines)
            yield Command("sql", body, start + 1)
            continue
        if stripped == "/":
            raise _refuse("a slash would run the statement before it once more", start + 1)
        raise _refuse(f"unknown command {stripped[:40]!r} (SP2-0734)", start + 1)


def _check_line(line: str, number: int, define: bool) -> None:
    if len(line.encode()) > MAX_LINE:
        raise _refuse(
            f"a line of {len(line.encode())} bytes; {MAX_LINE} are read (SP2-0027)", number
        )
    if not line.isascii():
        raise _refuse("a character outside ASCII depends on NLS_LANG", number)
    if "\r" in line or "\t" in line or "\0" in line:
        raise _refuse("a control character", number)
    if define and "&" in line:
        raise _refuse("an ampersand asks for a value: SET DEFINE OFF first", number)
    if line.rstrip().endswith("-") and not line.strip().startswith("--"):
        raise _refuse("a hyphen at the end of a line continues the command", number)


def _settings(command: Command, define: bool, blank_lines: bool) -> tuple[bool, bool]:
    """The two settings that decide how the rest is read."""
    text = command.text.rstrip(";").upper()
    if command.kind != "set":
        return define, blank_lines
    words = text.split(None, 2)
    if len(words) != 3 or words[1] not in _SETTINGS:
        raise _refuse(f"{command.text!r} is outside the subset", command.line)
    allowed = _SETTINGS[words[1]]
    if allowed is not None and words[2] not in allowed:
        raise _refuse(f"{command.text!r} is outside the subset", command.line)
    if words[1] in ("DEFINE", "SCAN"):
        define = words[2] == "ON"
    if words[1] == "SQLBLANKLINES":
        blank_lines = words[2] == "ON"
    return define, blank_lines


def _unit(lines: list[str], number: int, define: bool) -> tuple[int, str]:
    """A PL/SQL unit: up to a line with nothing but a slash."""
    start = number
    while number < len(lines):
        line = lines[number]
        _check_line(line, number + 1, define)
        if line.strip() == "/":
            if line != "/":
                raise _refuse("the slash stands alone in the first column", number + 1)
            return number + 1, "\n".join(lines[start:number])
        if line.strip() == ".":
            raise _refuse("a line with a full stop ends the unit unrun", number + 1)
        if line.startswith(("@", "#", "!")):
            raise _refuse(f"a line that begins with {line[0]} is a command of SQL*Plus", number + 1)
        number += 1
    raise _refuse("a unit is not ended by a line with a slash", start + 1)


def _statement(lines: list[str], number: int, define: bool, blank_lines: bool) -> tuple[int, str]:
    """A SQL statement: up to a line that ends in a semicolon, which does not belong to it."""
    start = number
    quoted = False
    while number < len(lines):
        line = lines[number]
        _check_line(line, number + 1, define)
        if not line.strip() and not blank_lines:
            raise _refuse("a blank line ends a statement unrun", number + 1)
        if line.strip() == "/":
            if line != "/":
                raise _refuse("the slash stands alone in the first column", number + 1)
            return number + 1, "\n".join(lines[start:number])
        was_quoted = quoted
        quoted = _quotes(line, quoted)
        if line.rstrip().endswith(";"):
            # SQL*Plus looks at no quotes and no comments here.
            if quoted or (was_quoted and line.count("'") == 0):
                raise _refuse("a semicolon at the end of a line ends the statement inside a string",
                              number + 1)  # fmt: skip
            if "--" in line and not re.search(r"'[^']*--[^']*'", line):
                raise _refuse("a comment that ends in a semicolon ends the statement", number + 1)
            return number + 1, "\n".join(lines[start : number + 1]).rstrip()[:-1]
        number += 1
    raise _refuse("a statement has no end", start + 1)


def _quotes(line: str, inside: bool) -> bool:
    """Whether a string literal is open at the end of a line."""
    place = 0
    while place < len(line):
        if line[place] == "'":
            inside = not inside
        elif not inside and line.startswith("--", place):
            break
        place += 1
    return inside


def run(session: Any, text: str, stop: bool = True) -> Outcome:
    """Run a script in a session.

    stop: raise the first error, but for one that WHENEVER SQLERROR CONTINUE or EXIT SUCCESS passes
    over. Otherwise do as SQL*Plus does: go on, or leave where WHENEVER
    SQLERROR EXIT is in force, with Outcome.failed set and the transaction ended as it says.
    """
    outcome = Outcome()
    leave: str | None = None
    status: bool | str = True
    variables: dict[str, Any] = {}
    for command in split(text):
        if command.kind == "whenever":
            leave, status = _whenever(command) or (leave, status)
        elif command.kind == "variable":
            variables[_variable(command)] = session.variable("number")
        elif command.kind == "prompt":
            outcome.printed.append(command.text[6:].strip())
        elif command.kind == "exit":
            session.commit()
            return outcome
        elif command.kind in ("sql", "unit"):
            try:
                _run_one(session, command, outcome, variables)
            except PlsqlError as problem:
                outcome.errors.append(problem)
                is_failure = variables[status].value != 0 if isinstance(status, str) else status
                if leave is not None:
                    session.rollback() if leave == "ROLLBACK" else session.commit()
                    outcome.failed = is_failure
                if stop and is_failure:
                    raise
                if leave is not None:
                    return outcome
    session.commit()
    return outcome


def _variable(command: Command) -> str:
    """The name in VARIABLE name NUMBER."""
    words = command.text.rstrip(";").upper().split()
    if len(words) != 3 or words[2] != "NUMBER":
        raise _refuse(f"{command.text!r} is outside the subset", command.line)
    return words[1]


def _run_one(session: Any, command: Command, outcome: Outcome, variables: dict[str, Any]) -> None:
    printed = len(session.output)
    # Bind variables keep their values where a block ends with an error.
    code = re.sub(r"'[^']*'|--[^\n]*", "", command.text)
    names = {name.upper() for name in re.findall(r":([a-z]\w*)", code, flags=re.I)}
    binds = {name: variable for name, variable in variables.items() if name in names}
    try:
        result = session.execute(command.text, binds or None, command.line)
        outcome.statements += 1
        if result is not None:
            for row in result.rows:
                outcome.printed.append(
                    " ".join("" if value is None else str(value) for value in row)
                )
    finally:
        outcome.printed += session.output[printed:]


def _whenever(command: Command) -> tuple[str | None, bool | str] | None:
    """What WHENEVER SQLERROR does: leave with COMMIT or ROLLBACK (None: go on), and whether the
    exit status then tells of a failure, or the variable that holds the status. None for WHENEVER
    OSERROR, which concerns files."""
    words = command.text.rstrip(";").upper().split()
    if words[:2] == ["WHENEVER", "OSERROR"] and len(words) > 2:
        return None
    if words[:2] == ["WHENEVER", "SQLERROR"] and words[2:3] == ["CONTINUE"]:
        return None, False
    if words[:3] != ["WHENEVER", "SQLERROR", "EXIT"]:
        raise _refuse(f"{command.text!r} is outside the subset", command.line)
    rest = words[3:]
    failure: bool | str = rest[:1] != ["SUCCESS"]
    if rest and rest[0].startswith(":"):
        failure = rest[0][1:]
        rest = rest[1:]
    elif rest and rest[0] in ("SUCCESS", "FAILURE", "WARNING", "SQL.SQLCODE", "1"):
        rest = rest[1:]
    if rest not in ([], ["ROLLBACK"], ["COMMIT"]):
        raise _refuse(f"{command.text!r} is outside the subset", command.line)
    # Without a word SQL*Plus commits what was done so far.
    return rest[0] if rest else "COMMIT", failure
