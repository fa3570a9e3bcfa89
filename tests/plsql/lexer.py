"""Tokens of PL/SQL and SQL text: PL/SQL Language Reference 19c, 2.2 Lexical Units."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from plsql.values import SyntaxRefused

MAX_STRING_BYTES = 32767
# Runs of float literals (weights) become one token: a parser over each of them takes minutes.
_FLOAT = r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]"
_TOKEN = re.compile(
    rf"""
    (?P<floats>\(\s*{_FLOAT}(?:\s*,\s*{_FLOAT}){{7,}}\s*\))
  | (?P<quoted>[qQ]'[^\s])
  | (?P<string>'(?:[^']|'')*')
  | (?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)
  | (?P<id>[A-Za-z\u0080-\uffff][A-Za-z0-9_$#\u0080-\uffff]*)
  | (?P<qid>"[^"\n]+")
  | (?P<bind>:[A-Za-z0-9_]+)
  | (?P<op>:=|=>|\|\||\*\*|<>|!=|<=|>=|\.\.|<<|>>|[-+*/=<>().,;%@:])
  | (?P<end>\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
_OF_SEVERAL_LINES = ("string", "floats")
_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}


class Token(NamedTuple):
    """One lexical unit; value is upper case for an unquoted identifier."""

    kind: str  # id, qid, number, string, floats, bind, op, end
    value: Any
    line: int
    start: int
    stop: int


def tokenize(text: str, first_line: int = 1, identifier_bytes: int = 128) -> list[Token]:
    """All tokens of text, ended by one of kind end.

    Raises: SyntaxRefused, on a character or literal that Oracle would not take.
    """
    tokens: list[Token] = []
    line, position, kind = first_line, 0, ""
    while kind != "end":
        start = _SPACE.match(text, position).end()  # type: ignore[union-attr]  # or is empty
        line += text.count("\n", position, start)
        match = _TOKEN.match(text, start)
        if match is None:
            raise SyntaxRefused(f"character {text[start]!r} is not PL/SQL", line)
        kind, stop = str(match.lastgroup), match.end()
        if kind == "floats" and not _after_name(tokens):
            kind, stop = "op", start + 1
        value: Any = text[start:stop]
        if kind == "quoted":
            kind = "string"
            value, stop = _q_string(text, start, line)
        elif kind != "op":
            value = _value(kind, value, line, identifier_bytes)
        tokens.append(Token(kind, value, line, start, stop))
        if kind in _OF_SEVERAL_LINES:
            line += text.count("\n", start, stop)
        position = stop
    return tokens


def _after_name(tokens: list[Token]) -> bool:
    """Whether a parenthesis follows the name of a constructor or function."""
    return bool(tokens) and (
        tokens[-1].kind == "qid"
        or (tokens[-1].kind == "id" and tokens[-1].value not in ("VALUES", "IN"))
    )


def _q_string(text: str, start: int, line: int) -> tuple[str, int]:
    opening = text[start + 2]
    closing = _CLOSING.get(opening, opening) + "'"
    stop = text.find(closing, start + 3)
    if stop < 0:
        raise SyntaxRefused("a q'...' literal has no end", line)
    return _checked_string(text[start + 3 : stop], line), stop + 2


def _checked_string(value: str, line: int) -> str:
    if len(value.encode()) > MAX_STRING_BYTES:
        raise SyntaxRefused("PLS-00172: string literal too long", line)
    return value


def _value(kind: str, raw: str, line: int, identifier_bytes: int) -> Any:
    if kind == "string":
        return _checked_string(raw[1:-1].replace("''", "'"), line)
    if kind == "floats":
        items = raw[1:-1].split(",")
        suffixes = {item.strip()[-1].lower() for item in items}
        if len(suffixes) > 1:
            raise SyntaxRefused("a list mixes float and double literals", line)
        return suffixes.pop(), [float(item.strip()[:-1]) for item in items]
    if kind in ("id", "qid"):
        name = raw.upper() if kind == "id" else raw[1:-1]
        if len(name.encode()) > identifier_bytes:
            raise SyntaxRefused(
                f"PLS-00114: identifier {name!r} is longer than {identifier_bytes} bytes", line
            )
        if kind == "id" and not name.isascii():
            raise SyntaxRefused(f"identifier {name!r} is not ASCII: quote it", line)
        return name
    if kind == "bind":
        return raw[1:].upper()
    return raw if kind == "number" else None
