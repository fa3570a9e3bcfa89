"""Quoting for Oracle: every line short, ASCII and free of ampersands, as SQL*Plus wants scripts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from exporter.errors import SqlTextError
from exporter.sql.text import Sql, as_is, check_text

MAX_IDENTIFIER_BYTES = 128  # since 12.2
PIECE_CHARACTERS = 200  # of a string literal, before it is continued on the next line
LINE_CHARACTERS = 100  # of numbers on a line; SQL*Plus reads at most 2,499
LONGEST_SQL_LITERAL = 4000  # bytes; PL/SQL reads 32,767

# What cannot be a name unquoted: SQL Language Reference 23ai, "Oracle SQL Reserved Words", and
# PL/SQL Language Reference 23ai, table D-1.
RESERVED_WORDS = frozenset(
    """access add all alter and any as asc at audit begin between by case char check cluster
    clusters colauth column column_value columns comment compress connect crash create current
    cursor date decimal declare default delete desc distinct drop else end exception exclusive
    exists fetch file float for from function goto grant group having identified if immediate in
    increment index indexes initial insert integer intersect into is level like lock long
    maxextents minus mlslabel mode modify nested_table_id noaudit nocompress not nowait null number
    of offline on online option or order overlaps pctfree prior procedure public raw rename resource
    revoke row rowid rownum rows select session set share size smallint sql start subtype
    successful synonym sysdate tabauth table then to trigger type uid union unique update user
    validate values varchar varchar2 view views when whenever where with
    """.split()  # noqa: SIM905  (a list would be a hundred lines)
)
# Names that the generated packages use: a parameter of that name, unquoted, would hide them.
USED_NAMES = frozenset(
    """abs binary_double binary_float binary_integer boolean ceil clob count exp false floor
    greatest least ln mod nan nanvl nn_runtime pls_integer power score_values sqlcode sqlerrm sqrt
    standard sys sys_refcursor tanh timestamp to_binary_double to_binary_float to_char true utl_nla
    utl_nla_array_dbl utl_nla_array_flt
    """.split()  # noqa: SIM905
)
# Character sets of databases, and their codecs: Globalization Support Guide 19c, appendix A.
CHARACTER_SETS = {
    "AL32UTF8": "utf-8", "UTF8": "utf-8", "US7ASCII": "ascii", "WE8ISO8859P1": "iso8859-1",
    "WE8ISO8859P15": "iso8859-15", "WE8ISO8859P9": "iso8859-9", "WE8MSWIN1252": "cp1252",
    "EE8ISO8859P2": "iso8859-2", "EE8MSWIN1250": "cp1250", "CL8ISO8859P5": "iso8859-5",
    "CL8MSWIN1251": "cp1251", "EL8ISO8859P7": "iso8859-7", "EL8MSWIN1253": "cp1253",
    "TR8MSWIN1254": "cp1254", "BLT8MSWIN1257": "cp1257",
}  # fmt: skip
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def ident(name: str, limit_bytes: int = MAX_IDENTIFIER_BYTES) -> Sql:
    """An identifier: lower case and unquoted where Oracle reads it so, else quoted as it is.

    Raises: SqlTextError, for a name that is empty, over limit_bytes, or cannot stand in a script.
    """
    check_text(name, "name")
    if not name:
        raise SqlTextError("a name is empty; give it at least one character.")
    if re.search(r'[^ -~]|["&]', name):
        raise SqlTextError(
            f"the name {name[:40]!r} holds a character that a name in a script for Oracle cannot:"
            f" choose one of letters without accents, digits and underscores."
        )
    if len(name) > limit_bytes:
        raise SqlTextError(
            f'the name "{name[:40]}..." has {len(name)} bytes, the database allows {limit_bytes};'
            f" choose a shorter one."
        )
    if is_plain(name):
        return as_is(name.lower())
    return as_is('"' + name + '"')


def is_plain(name: str) -> bool:
    """May the name stand unquoted? Oracle then reads it in capitals, however it is written."""
    return (
        PLAIN.fullmatch(name) is not None
        and name.lower() not in RESERVED_WORDS
        and name.lower() not in USED_NAMES
    )


def catalog_name(name: str) -> str:
    """The name as the data dictionary spells it."""
    return name.upper() if is_plain(name) else name


def catalog_names(name: str) -> tuple[str, ...]:
    """How the data dictionary may spell a column that the name stands for. A word that packages
    have to quote, as COUNT, may be a column's plain name."""
    capital = (name.upper(),) if PLAIN.fullmatch(name) else ()
    return tuple(dict.fromkeys((catalog_name(name), *capital)))


def character_sets_of(texts: Iterable[str]) -> list[str]:
    """The character sets of databases in which no character of the texts is lost."""
    joined = "".join(texts)
    return [name for name, codec in CHARACTER_SETS.items() if _holds(codec, joined)]


def literal(value: str | None) -> Sql:
    """A string literal of printable ASCII, continued over lines where it is long, or null.

    Raises: SqlTextError, for text with a NUL.
    """
    if value is None:
        return Sql("null")
    check_text(value, "text")
    return Sql("\n    || ").join(_literal_pieces(value)) or Sql("''")


def program(text: str) -> Sql:
    """A string literal of SQL to execute, over the same lines as the text.

    Raises: SqlTextError, where it is not ASCII or longer than a literal may be.
    """
    if re.search(r"[^ -~\n]|&", text) or len(text) > LONGEST_SQL_LITERAL:
        raise SqlTextError(f"{text[:40]!r}... cannot be a literal of one piece.")
    return _quoted(text)


def cut(text: str, most_bytes: int) -> str:
    """The beginning of a text that so many bytes of UTF-8 hold: VARCHAR2 counts those."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def number(value: int | float) -> Sql:
    """A whole number, or a BINARY_DOUBLE exact to its last bit."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SqlTextError(f"{value!r} is not a number.")
    if isinstance(value, int):
        return as_is(repr(value))
    return as_is(_number_text(value, 17, "d", "double"))


def single(value: float) -> Sql:
    """A BINARY_FLOAT exact to its last bit: nine digits are enough."""
    return as_is(_number_text(float(np.float32(value)), 9, "f", "float"))


def type_of(array: np.ndarray[Any, Any]) -> Sql:
    """The collection that holds a flat array of float32 or float64, or of texts."""
    if array.dtype.kind == "O":
        return Sql("sys.odcivarchar2list")
    return Sql("utl_nla_array_dbl") if array.dtype == np.float64 else Sql("utl_nla_array_flt")


def array_of(array: np.ndarray[Any, Any]) -> Sql:
    """A flat array as a collection, for PL/SQL: SQL takes only 999 arguments."""
    lines = [""]
    for value in array.tolist():
        text = f"{_element(value, array.dtype)}, "
        if len(lines[-1]) + len(text) > LINE_CHARACTERS:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += text
    inner = as_is("\n    ".join(lines).removesuffix(", "))
    return Sql("{}({})").format(type_of(array), inner)


def _element(value: Any, dtype: np.dtype[Any]) -> Sql:
    if dtype.kind == "O":
        return literal(value)
    return number(value) if dtype == np.float64 else single(value)


def comma(items: Iterable[str]) -> Sql:
    """Items that are Sql already, joined by commas, on lines of moderate length.

    Raises: SqlTextError, when one of them is not.
    """
    lines = [""]
    for item in items:
        if not isinstance(item, Sql):
            raise SqlTextError(f"{item!r} was not quoted before it was put into SQL.")
        if lines[-1] and len(lines[-1]) + len(item) > LINE_CHARACTERS:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += item + ", "
    return as_is("\n    ".join(lines).removesuffix(", "))


def remark(text: str) -> Sql:
    """Text for a line of a comment or PROMPT: printable ASCII, nothing that SQL*Plus acts on.

    An ampersand would ask for a variable, a hyphen at the end continue the command.
    """
    return as_is(re.sub(r"[^ -~]|\*/|[&;]", "?", text)[:200].rstrip(" -"))


def _holds(codec: str, text: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _literal_pieces(value: str) -> Iterator[Sql]:
    """Runs of plain and of escaped characters, none longer than PIECE_CHARACTERS."""
    for run in re.findall(r"[ -%'-~]+|[^ -%'-~]+", value):
        is_ascii = re.match(r"[ -%'-~]", run) is not None
        step = PIECE_CHARACTERS if is_ascii else PIECE_CHARACTERS // 10
        for start in range(0, len(run), step):
            piece = run[start : start + step]
            if is_ascii:
                yield _quoted(piece)
            else:
                escaped = "".join(_escape(character) for character in piece)
                yield Sql("unistr('{}')").format(as_is(escaped))


def _quoted(text: str) -> Sql:
    return as_is("'" + text.replace("'", "''") + "'")


def _escape(character: str) -> str:
    """UTF-16, as UNISTR reads it."""
    units = character.encode("utf-16-be").hex()
    return "".join("\\" + units[start : start + 4] for start in range(0, len(units), 4))


def _number_text(value: float, digits: int, suffix: str, kind: str) -> str:
    if math.isnan(value):
        return f"binary_{kind}_nan"
    if math.isinf(value):
        return f"{'' if value > 0 else '-'}binary_{kind}_infinity"
    return f"{value + 0.0:.{digits}g}{suffix}"  # Oracle has no negative zero; -0.0 + 0.0 is 0.0
