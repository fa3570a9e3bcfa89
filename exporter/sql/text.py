"""The only code that quotes. Text enters SQL as Sql, and only these functions make it of values."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from exporter.errors import SqlTextError

MAX_SHOWN = 400  # characters of a literal that are printed
QUOTED = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)
MAX_IDENTIFIER_BYTES = 63  # PostgreSQL cuts longer names and only prints a notice


# PostgreSQL 17, appendix C, and Greenplum 7's pg_get_keywords(): words that cannot be a schema's,
# function's or column's name unquoted.
RESERVED_WORDS = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user dec decimal default deferrable desc distinct do else end except
    exists extract false fetch float for foreign freeze from full grant greatest group grouping
    having ilike in initially inner inout int integer intersect interval into is isnull join lateral
    leading least left like limit localtime localtimestamp national natural nchar none normalize not
    notnull null nullif numeric offset on only or order out outer overlaps overlay placing position
    precision primary real references returning right row select session_user setof similar
    smallint some substring symmetric system_user table tablesample then time timestamp to trailing
    treat trim true union unique user using values varchar variadic verbose when where window with
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable json_array json_arrayagg json_exists json_object json_objectagg json_query
    json_scalar json_serialize json_table json_value merge_action
    ao_aux_only decode distributed exclude following partition preceding scatter unbounded
    group_id median
    """.split()  # noqa: SIM905  (a list would be a hundred lines)
)


class Sql(str):
    """Text that may stand in SQL as it is: Sql("...") of a literal in the program, what functions
    here quote, or what format and join compose of such. Psycopg's sql.SQL is the model."""

    __slots__ = ()

    def format(self, *parts: Sql, **named: Sql) -> Sql:  # type: ignore[override]
        """A template, itself a literal in the program, with parts in the place of {} and {name}.

        Raises: SqlTextError, when a part is not Sql.
        """
        for part in parts:
            if not isinstance(part, Sql):
                _refuse(part)
        for part in named.values():
            if not isinstance(part, Sql):
                _refuse(part)
        return Sql(str.format(self, *parts, **named))

    def join(self, parts: Iterable[str]) -> Sql:
        """Parts with this between them.

        Raises: SqlTextError, when a part is not Sql.
        """
        items = list(parts)
        for part in items:
            if not isinstance(part, Sql):
                _refuse(part)
        return Sql(str.join(self, items))


def as_is(text: str) -> Sql:
    """Text that was quoted already, here or by a database, or ships with the program."""
    return Sql(text)


def _refuse(part: object) -> NoReturn:
    raise SqlTextError(f"{part!r} was not quoted before it was put into SQL.")


def shorten(sql: str, most: int = MAX_SHOWN) -> str:
    """A statement for the eye, without what a long literal or body holds, and not too long."""

    def cut(found: re.Match[str]) -> str:
        text = found[0]
        return text if len(text) <= most else f"'... {len(text):,} characters ...'"

    text = QUOTED.sub(cut, sql)
    rest = len(text) - 10 * most
    return text if rest <= 0 else f"{text[: 10 * most]}\n... {rest:,} characters more"


def ident(name: str, limit_bytes: int = MAX_IDENTIFIER_BYTES) -> Sql:
    """A quoted identifier.

    Raises: SqlTextError, for an empty name, one over limit_bytes, or one with a NUL.
    """
    size = len(check_text(name, "name"))
    if not name:
        raise SqlTextError("a name is empty; give it at least one character.")
    if size > limit_bytes:
        raise SqlTextError(
            f'the name "{name[:40]}..." has {size} bytes, the database allows {limit_bytes};'
            f" choose a shorter one."
        )
    return as_is('"' + name.replace('"', '""') + '"')


def show_ident(name: str) -> str:
    """An identifier as a person would write it, quoted only where it must be; for messages."""
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in RESERVED_WORDS:
        return name
    return ident(name)


def literal(value: str | None) -> Sql:
    """A string literal that reads the same under either standard_conforming_strings, or null.

    Raises: SqlTextError, for text with a NUL.
    """
    if value is None:
        return Sql("null")
    check_text(value, "text")
    quoted = value.replace("'", "''")
    if "\\" in quoted:
        return as_is("E'" + quoted.replace("\\", "\\\\") + "'")
    return as_is("'" + quoted + "'")


def number(value: int | float) -> Sql:
    """A number, exact to its last bit; NaN and infinities as double precision."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SqlTextError(f"{value!r} is not a number.")
    if isinstance(value, float) and not math.isfinite(value):
        return Sql("{}::double precision").format(literal(_float_text(value)))
    return as_is(repr(float(value)) if isinstance(value, float) else repr(value))  # numpy's too


def boolean(value: bool) -> Sql:
    """true or false."""
    return Sql("true") if value else Sql("false")


def reals(array: np.ndarray[Any, Any]) -> Sql:
    """A real[] literal with the array's own dimensions; nine digits are exact for float32."""
    return Sql("{}::real[]").format(literal(_array_text(np.asarray(array, np.float32), 9)))


def written(array: np.ndarray[Any, Any]) -> Sql:
    """A text[] literal of numbers with the array's own dimensions, exact for float64."""
    return Sql("{}::pg_catalog.text[]").format(literal(_array_text(array, 17)))


def texts(values: Iterable[str]) -> Sql:
    """A text[] value; whoever calls a function may have a type of that name."""
    return Sql("array[{}]::pg_catalog.text[]").format(comma(literal(value) for value in values))


def binary(data: bytes | memoryview) -> Sql:
    """A bytea value; base64 is shorter than hexadecimal."""
    return as_is("pg_catalog.decode('" + base64.b64encode(data).decode() + "', 'base64')")


def body(text: str) -> Sql:
    """Dollar-quoted text, for function bodies, under a tag that does not occur in it."""
    check_text(text, "function body")
    tag = "$function$"
    serial = 0
    while tag in text:
        serial += 1
        tag = f"$function{serial}$"
    return as_is(tag + text + tag)


def comma(items: Iterable[str]) -> Sql:
    """Items that are Sql already, joined by commas.

    Raises: SqlTextError, when one of them is not.
    """
    return Sql(", ").join(items)


def remark(text: str) -> Sql:
    """Text for one line of a comment: printable ASCII, nothing that could end it."""
    return as_is(re.sub(r"[^ -~]|\*/|\$", "?", text)[:200])


def require_sql(value: Any) -> Any:
    """The templates' last gate: anything but Sql is an error, never printed."""
    if isinstance(value, Sql):
        return value
    raise SqlTextError(f"{value!r} reached a template without being quoted.")


def check_text(text: str, what: str) -> bytes:
    """The text's UTF-8.

    Raises: SqlTextError, when no database can hold it.
    """
    if "\x00" in text:
        raise SqlTextError(f"a {what} holds a NUL character, which no database text can.")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SqlTextError(f"a {what} holds characters that are not Unicode text.") from error


def _array_text(array: np.ndarray[Any, Any], digits: int) -> str:
    if array.ndim > 1:
        return "{" + ",".join(_array_text(part, digits) for part in array) + "}"
    return "{" + ",".join(_float_text(value, digits) for value in array.ravel().tolist()) + "}"


def _float_text(value: float, digits: int = 17) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.{digits}g}"
