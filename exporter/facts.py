"""Values that tell themselves: as facts for programs, as a table in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from html import escape
from typing import Any, TypeVar

T = TypeVar("T", bound="Shown")


class Shown:
    """A frozen dataclass whose fields are what there is to say of it."""

    def facts(self) -> dict[str, Any]:
        """Names and values, of types that JSON has or str() tells."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.repr}  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        """A notebook calls this."""
        return html_table(("", ""), self.facts().items())


class Listing(tuple[T, ...]):
    """Values of one kind, shown as one table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """A notebook calls this."""
        rows = [item.facts() for item in self]
        return html_table(rows[0] if rows else ("nothing",), (row.values() for row in rows))

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def html_table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table whose texts, which may be anybody's, are nothing but text."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_text(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


MOST_SHOWN = 300  # characters of a cell


def plain(text: str) -> str:
    """A text without what a terminal would act on: escapes, and what changes the direction of
    writing. Lines stay lines."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def text_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Columns side by side, for a terminal; each cell is a line that is not too long, and nothing
    but text, whoever wrote it."""
    lines = [tuple(header), *(tuple(map(_cell, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(text: str) -> str:
    shown = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "..."
    return plain(shown.replace("\n", "\ufffd").replace("\t", "\ufffd"))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_text, value))
    return "" if value is None else str(value)
