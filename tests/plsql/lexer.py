"""Tokens of PL/SQL and SQL text: PL/SQL Language Reference 19c, 2.2 Lexical Units."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from plsql.values import SyntaxRefused

MAX_STRING_BYTES = 32767
# Runs of float literals (weights) become one token: a parser over each of them takes minutes.
_FLOAT = r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<floats>\(\s*{_FLOAT}(?:\s*,\s*{_FLOAT}){{7,}}\s*\))
  | (?P<quoted>[qQ]'(?P<delimiter>[^\s]).*?)
  | (?P<string>'(?:[^']|'')*')
  | (?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)
  | (?P<id>[A-Za-z\u0080-\uffff][A-Za-z0-9_$#\u0080-\uffff]*)
  | (?P<qid>"[^"\n]+")
  | (?P<bind>:[A-Za-z0-9_]+)
  | (?P<op>:=|=>|\|\||\*\*|<>|!=|<=|>=|\.\.|<<|>>|[-+*/=<>().,;%@:])
    """,
    re.VERBOSE | re.DOTALL,
)
_TOKEN_ALONE = re.compile(r"\(")
_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}


@dataclass(frozen=True, slots=True)
class Token:
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
    newlines = [match.start() for match in re.finditer("\n", text)]
    tokens: list[Token] = []
    position, length = 0, len(text)
    while position < length:
        match = _TOKEN.match(text, position)
        line = first_line + bisect_right(newlines, position - 1)
        if match is None:
            raise SyntaxRefused(f"character {text[position]!r} is not PL/SQL", line)
        kind, stop = str(match.lastgroup), match.end()
        if kind == "floats" and not _after_name(tokens):
            match = _TOKEN_ALONE.match(text, position)
            assert match is not None
            kind, stop = "op", match.end()
        if kind in ("delimiter", "quoted") or match.group("quoted"):
            kind = "string"
            value, stop = _q_string(text, match, line)
        elif kind != "space":
            value = _value(kind, match.group(), line, identifier_bytes)
        if kind != "space":
            tokens.append(Token(kind, value, line, position, stop))
        position = stop
    tokens.append(Token("end", None, first_line + len(newlines), length, length))
    return tokens


def _after_name(tokens: list[Token]) -> bool:
    """Whether a parenthesis follows the name of a constructor or function."""
    return bool(tokens) and (
        tokens[-1].kind == "qid"
        or (tokens[-1].kind == "id" and tokens[-1].value not in ("VALUES", "IN"))
    )


def _q_string(text: str, match: re.Match[str], line: int) -> tuple[str, int]:
    opening = match.group("delimiter")
    closing = _CLOSING.get(opening, opening) + "'"
    start = match.start() + 3
    stop = text.find(closing, start)
    if stop < 0:
        raise SyntaxRefused("a q'...' literal has no end", line)
    return _checked_string(text[start:stop], line), stop + 2


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
    return raw
