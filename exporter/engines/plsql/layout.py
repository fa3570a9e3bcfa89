"""Calls and lists of items on lines of moderate length."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.sql.text import Sql

LINE_WIDTH = 98


def write_call(name: Sql, parts: Sequence[Sql], indent: int = 4) -> Sql:
    """A call on one line, or its arguments on lines of their own below."""
    line = Sql("{}({});").format(name, Sql(", ").join(parts))
    if indent + len(line) <= LINE_WIDTH:
        return line
    inner = write_lines(parts, indent + 2)
    return Sql("{}({}{}{});").format(name, _newline(indent + 2), inner, _newline(indent))


def write_items(parts: Sequence[Sql], indent: int) -> Sql:
    """Items by commas, on one line or on lines that begin below each other."""
    line = Sql(", ").join(parts)
    return line if indent + 1 + len(line) <= LINE_WIDTH else write_lines(parts, indent)


def write_lines(parts: Sequence[Sql], indent: int) -> Sql:
    """Items by commas on lines of moderate length."""
    lines: list[list[Sql]] = [[]]
    width = 0
    for place, part in enumerate(parts):
        more = len(part) + (place < len(parts) - 1)  # with its comma
        if lines[-1] and indent + 1 + width + more > LINE_WIDTH:
            lines.append([])
        width = width + 1 + more if lines[-1] else more
        lines[-1].append(part)
    joint = Sql(",{}").format(_newline(indent))
    return joint.join([Sql(", ").join(line) for line in lines])


def _newline(indent: int) -> Sql:
    return Sql("\n{}").format(Sql(" ").join([Sql("")] * (indent + 1)))
