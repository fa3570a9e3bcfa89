"""Quoting for Oracle: names, texts and numbers as SQL and PL/SQL write them, in ASCII.

A script must read the same under every NLS_LANG of the client, hence no character beyond ASCII,
no ampersand (SQL*Plus would ask for its value) and no quoted number (a session decides how it is
read).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from exporter.errors import SqlTextError
from exporter.sql.text import Sql

IDENTIFIER_BYTES = {"12.1": 30, "12.2": 128, "19": 128, "23": 128}  # by version of Oracle
MAX_IDENTIFIER_BYTES = 128
LITERAL_CHARACTERS = 300  # a piece of a long text: lines stay short, even as \xxxx
LINE_WIDTH = 96

# Oracle Database 23ai: SQL Language Reference, appendix E; PL/SQL Language Reference, table D-1.
RESERVED_WORDS = frozenset(
    """access add all alter and any as asc at audit begin between by case char check cluster
    clusters colauth column column_value columns comment compress connect crash create current
    cursor date decimal declare default delete desc distinct drop else end exception exclusive
    exists fetch file float for from function goto grant group having identified if immediate
    in increment index indexes initial insert integer intersect into is level like lock long
    maxextents minus mlslabel mode modify nested_table_id noaudit nocompress not nowait null
    number of offline on online option or order overlaps pctfree prior procedure public raw
    rename resource revoke row rowid rownum rows select session set share size smallint sql
    start subtype successful synonym sysdate tabauth table then to trigger type uid union
    unique update user validate values varchar varchar2 view views when whenever where with
    """.split()  # noqa: SIM905  (a list would be a hundred lines)
)


def identifier_limit(oracle_version: str) -> int:
    """How many bytes an identifier may have.

    Raises: SqlTextError, for a version that is not in IDENTIFIER_BYTES.
    """
    if oracle_version not in IDENTIFIER_BYTES:
        known = ", ".join(IDENTIFIER_BYTES)
        raise SqlTextError(f"Oracle {oracle_version!r} is not one of {known}.")
    return IDENTIFIER_BYTES[oracle_version]


def ident(name: str, limit_bytes: int = MAX_IDENTIFIER_BYTES) -> Sql:
    """A name as a person would write it: lower case, quoted only where it must be.

    Raises: SqlTextError, for what no Oracle name can be, or no script in ASCII can write.
    """
    if not name:
        raise SqlTextError("a name is empty; give it at least one character.")
    if re.search(r"[^ -~]", name):
        raise SqlTextError(
            f"the name {name[:40]!a} has characters beyond printable ASCII, which a script for"
            f" SQL*Plus cannot write; choose another."
        )
    if '"' in name or "&" in name:
        raise SqlTextError(
            f"the name {name[:40]!r} has a double quote or an ampersand, which Oracle's names and"
            f" SQL*Plus do not allow; choose another."
        )
    if len(name) > limit_bytes:
        raise SqlTextError(
            f'the name "{name[:40]}..." has {len(name)} bytes, the database allows {limit_bytes};'
            f" choose a shorter one."
        )
    if _is_regular(name):
        return Sql(name.lower())
    return Sql(f'"{name}"')


def canonical(name: str) -> str:
    """The name that Oracle stores for ident(name): two names that give the same one collide."""
    return name.upper() if _is_regular(name) else name


def literal(text: str) -> Sql:
    """A text; what is not printable ASCII goes through unistr().

    Raises: SqlTextError, for text with a NUL, or of characters that are not Unicode text.
    """
    if "\0" in text:
        raise SqlTextError("a text holds a NUL character, which no database text can.")
    pieces = [
        text[start : start + LITERAL_CHARACTERS]
        for start in range(0, len(text), LITERAL_CHARACTERS)
    ]
    return Sql(" ||\n".join(_piece(piece) for piece in pieces or [""]))


def single(value: float) -> Sql:
    """A BINARY_FLOAT, exact: nine digits tell every float32 apart. Oracle has no -0."""
    number = float(np.float32(value))
    if math.isnan(number):
        return Sql("binary_float_nan")
    if math.isinf(number):
        return Sql("binary_float_infinity" if number > 0 else "-binary_float_infinity")
    return Sql(f"{number + 0.0:.9g}f")


def double(value: float) -> Sql:
    """A BINARY_DOUBLE, exact to its last bit."""
    number = float(value)
    if math.isnan(number):
        return Sql("binary_double_nan")
    if math.isinf(number):
        return Sql("binary_double_infinity" if number > 0 else "-binary_double_infinity")
    return Sql(f"{number + 0.0!r}d".replace(".0d", "d"))


def integer(value: int) -> Sql:
    """A PLS_INTEGER."""
    return Sql(str(int(value)))


def wrap(items: Iterable[str], indent: int) -> Sql:
    """Items that are Sql already, joined by commas, in lines of LINE_WIDTH characters.

    Raises: SqlTextError, when one of them is not Sql.
    """
    lines: list[str] = [""]
    parts: Sequence[str] = list(items)
    for number, part in enumerate(parts):
        if not isinstance(part, Sql):
            raise SqlTextError(f"{part!r} was not quoted before it was put into SQL.")
        text = part if number == len(parts) - 1 else f"{part},"
        if lines[-1] and indent + len(lines[-1]) + 1 + len(text) > LINE_WIDTH:
            lines.append("")
        lines[-1] += f" {text}" if lines[-1] else text
    return Sql(("\n" + " " * indent).join(lines))


def _is_regular(name: str) -> bool:
    """Whether a name needs no quotes: one case, no reserved word."""
    in_one_case = name in (name.lower(), name.upper())
    is_word = re.fullmatch(r"[A-Za-z][A-Za-z0-9_$#]*", name) is not None
    return in_one_case and is_word and name.lower() not in RESERVED_WORDS


def _piece(text: str) -> str:
    if re.fullmatch(r"[ -%'-~]*", text):
        return "'" + text.replace("'", "''") + "'"
    return "unistr('" + "".join(_escape(character) for character in text) + "')"


def _escape(character: str) -> str:
    """A character inside unistr('...'): UTF-16 code units for all that is not plain."""
    if character == "'":
        return "''"
    if re.fullmatch(r"[ -~]", character) and character not in "\\&":
        return character
    try:
        units = character.encode("utf-16-be").hex()
    except UnicodeEncodeError as error:
        raise SqlTextError("a text holds characters that are not Unicode text.") from error
    return "".join(f"\\{units[at : at + 4]}" for at in range(0, len(units), 4))
