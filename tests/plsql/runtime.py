"""The functions that generated code calls; NAMES is the globals of every unit."""

from __future__ import annotations

import datetime
import decimal
import functools
import hashlib
import math
import re
import struct
import sys
from decimal import Decimal
from typing import Any

from plsql import nla, values
from plsql.types import Exc, Scalar, initial
from plsql.values import (
    CONTEXT,
    Associative,
    PlsqlError,
    Record,
    Refused,
    arithmetic,
    divide_float,
    error,
    f32,
    pls,
)  # fmt: skip

_single = struct.Struct("f")
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "(default)"})()


def nn(function: Any, *arguments: Any) -> Any:
    """function(*arguments), NULL when one is."""
    for argument in arguments:
        if argument is None:
            return None
    return function(*arguments)


def arith_n(op: str, left: Any, right: Any) -> Any:
    return arithmetic(op, left, right)


def arith_d(op: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    return left * right if op == "*" else divide_float(left, right)


def arith_f(op: str, left: float | None, right: float | None) -> float | None:
    # Rounding a double result once more is exact for these four: 53 >= 2 * 24 + 2 bits.
    result = arith_d(op, left, right)
    return None if result is None else f32(result)


def absolute_int(value: int) -> int:
    return pls(abs(value))


def number_pls(value: Decimal) -> int:
    return pls(values.round_half_up(value))


def float_pls(value: float) -> int:
    if not math.isfinite(value):
        raise error(-1426)
    if abs(value % 1.0) == 0.5:
        raise Refused(f"which way {value} is rounded to PLS_INTEGER is not documented: use FLOOR")
    return pls(round(value))


def float_number(value: float) -> Decimal:
    if not math.isfinite(value):
        raise error(-1426)
    return CONTEXT.plus(Decimal(f"{value:.9g}"))


def fit_number(value: Decimal | None, size: int, scale: int) -> Decimal | None:
    """value rounded to NUMBER(size, scale)."""
    if value is None:
        return None
    rounded = value.quantize(Decimal(1).scaleb(-scale), decimal.ROUND_HALF_UP,
                             decimal.Context(prec=200))  # fmt: skip
    if abs(rounded) >= Decimal(10) ** (size - scale):
        raise error(-6502, "number precision too large")
    return rounded


def fit_text(value: str | None, size: int, in_characters: bool) -> str | None:
    if value is not None:
        length = len(value) if in_characters else len(value.encode())
        if length > size:
            raise error(-6502, "character string buffer too small")
    return value


def in_sql(function: Any, code: int, text: str) -> Any:
    """A check whose failure has another number in SQL."""

    def check(value: Any, *limits: Any) -> Any:
        try:
            return function(value, *limits)
        except PlsqlError:
            raise PlsqlError(code, f"ORA-{-code:05d}: {text}") from None

    return check


def coerce(value: Any, type_: Any) -> Any:
    """A value of SQL as a PL/SQL datatype: FETCH and EXECUTE IMMEDIATE know it only now."""
    if value is None:
        return None
    if not isinstance(type_, Scalar):
        if getattr(value, "type", None) is type_:
            return value.copy()
        raise Refused(f"{value!r:.60} where a {type_} is needed")
    if type_.is_numeric and isinstance(value, (int, float, Decimal)):
        return _coerced_number(value, type_)
    if type_.is_text and isinstance(value, (Decimal, bytes)):
        # FETCH converts a number or RAW key as TO_CHAR does.
        value = values.to_char(value)
    if type_.is_text and isinstance(value, str):
        return value if type_.size is None else fit_text(value, type_.size, type_.unit == "CHAR")
    if type_.kind in ("RAW", "BLOB") and isinstance(value, bytes):
        return value if type_.size is None else fit_raw(value, type_.size)
    if type_.kind in ("DATE", "TIMESTAMP") and isinstance(value, datetime.datetime):
        return value
    if type_.kind == "BOOLEAN" and isinstance(value, bool):
        return value
    raise PlsqlError(-932, f"ORA-00932: inconsistent datatypes: {value!r:.60} for {type_}")


def _coerced_number(value: Any, type_: Scalar) -> Any:
    if type_.kind in ("FLOAT", "DOUBLE"):
        return f32(float(value)) if type_.kind == "FLOAT" else float(value)
    exact = values.number(value)
    if type_.kind == "PLS":
        return number_pls(exact)
    return exact if type_.size is None else fit_number(exact, type_.size, type_.scale or 0)


def cursor_of(cursor: Any) -> Any:
    if cursor is None:
        raise error(-1001)
    return cursor


def bulk(type_: Any, items: list[Any]) -> Any:
    """The collection that BULK COLLECT makes."""
    if type_.key is not None:
        return Associative(type_, dict(enumerate(items, 1)))
    if type_.limit is not None and len(items) > type_.limit:
        raise error(-22165)
    return type_.make(items)


def members(collection: Any) -> Any:
    return iter(values.elements(collection)) if collection is not None else iter(())


def scalar(rows: Any) -> Any:
    """The value of a scalar subquery."""
    found = [row[0] for row, _ in zip(rows, range(2), strict=False)]
    if len(found) > 1:
        raise PlsqlError(-1427, "ORA-01427: single-row subquery returns more than one row")
    return found[0] if found else None


def aggregate(function: str, distinct: bool, items: list[Any]) -> Any:
    """An aggregate of the values that are not NULL."""
    items = [item for item in items if item is not None]
    if distinct:
        items = list(dict.fromkeys(items))
    if function == "COUNT":
        return Decimal(len(items))
    if not items:
        return None
    if function in ("MIN", "MAX"):
        return least(*items) if function == "MIN" else greatest(*items)
    total: Any = items[0]
    for item in items[1:]:
        total = total + item
    if function == "SUM":
        return total
    return CONTEXT.divide(total, Decimal(len(items))) if isinstance(total, Decimal) else (
        total / len(items))  # fmt: skip


class _Key:
    """A sort key in Oracle's order: NaN after all numbers."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Key) -> bool:
        return bool(values.less(self.value, other.value))


def in_order(rows: list[Any], directions: list[Any], distinct: bool) -> Any:
    """ORDER BY: NULLS LAST for ASC and FIRST for DESC where nothing else is said."""
    for place in range(len(directions) - 1, -1, -1):
        descending, nulls = directions[place]
        nulls_first = descending if nulls is None else nulls == "FIRST"
        null = [row for row in rows if row[0][place] is None]
        rest = [row for row in rows if row[0][place] is not None]
        rest.sort(key=lambda row: _Key(row[0][place]), reverse=descending)
        rows = null + rest if nulls_first else rest + null
    found = [row for _, row in rows]
    return list(dict.fromkeys(found)) if distinct else found


def fit_raw(value: bytes | None, size: int) -> bytes | None:
    if value is not None and len(value) > size:
        raise error(-6502, "raw variable length too long")
    return value


def at_least(value: int | None, low: int, not_null: bool) -> int | None:
    if value is None and not not_null:
        return None
    if value is None or value < low:
        raise error(-6502)
    return value


def notnull(value: Any) -> Any:
    if value is None:
        raise error(-6502)
    return value


def taken_over(old: Any, new: Any) -> Any:
    """Assignment to a NOCOPY parameter: seen by the caller at once."""
    if old is not None and new is not None:
        old.replace(new)
        return old
    return new


def record_at(collection: Any, key: Any) -> Any:
    """The record of an associative array, made where there is none."""
    if collection is None:
        raise error(-6531)
    if isinstance(collection, Associative) and key is not None and key not in collection.d:
        collection.d[key] = collection.type.element.make()
    return collection.get(key)


def first(collection: Any) -> Any:
    if isinstance(collection, Associative):
        return min(collection.d, default=None)
    return 1 if len(values.initialized(collection)) else None


def last(collection: Any) -> Any:
    if isinstance(collection, Associative):
        return max(collection.d, default=None)
    return len(values.initialized(collection)) or None


def following(collection: Any, key: Any) -> Any:
    if isinstance(collection, Associative):
        return min((k for k in collection.d if k > key), default=None)
    return key + 1 if 0 <= key < len(values.initialized(collection)) else None


def previous(collection: Any, key: Any) -> Any:
    if isinstance(collection, Associative):
        return max((k for k in collection.d if k < key), default=None)
    return key - 1 if 1 < key <= len(values.initialized(collection)) + 1 else None


def exists(collection: Any, key: Any) -> bool:
    # EXISTS is the one method that a NULL collection takes: 5.8.
    return False if collection is None else bool(collection.exists(key))


def bound(value: int | None) -> int:
    if value is None:
        raise error(-6502)
    return value


# Exceptions


def raise_declared(exception: Exc) -> None:
    """RAISE name."""
    if exception.code is None:
        raise PlsqlError(1, "User-Defined Exception", exception)
    if exception.code in values.MESSAGES:
        raise error(exception.code)
    raise PlsqlError(exception.code, f"ORA-{-exception.code:05d}: ")


def application_error(code: int | None, text: str | None) -> None:
    if code is None or not -20999 <= code <= -20000:
        raise PlsqlError(-21000, "ORA-21000: error number argument to raise_application_error "
                         f"of {code} is out of range")  # fmt: skip
    shown = (text or "").encode()[:2048].decode(errors="ignore")
    raise PlsqlError(code, f"ORA-{-code:05d}: {shown}")


def sqlcode(exception: PlsqlError) -> int:
    return 100 if exception.code == -1403 else exception.code


def sqlerrm(exception: PlsqlError) -> str:
    return exception.text.encode()[:512].decode(errors="ignore")


# Functions of STANDARD


def exp_d(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def ln_d(value: float) -> float:
    if value != value or value == math.inf:
        return value
    if value <= 0:
        # SQL Language Reference 19c, LN: "where n is greater than 0".
        raise Refused(f"LN of {value}: the manual leaves open what it is")
    return math.log(value)


def trigonometric(function: Any) -> Any:
    def of(value: float) -> float:
        return math.nan if math.isinf(value) else float(function(value))

    return of


def hyperbolic(function: Any) -> Any:
    def of(value: float) -> float:
        try:
            return float(function(value))
        except OverflowError:
            return math.inf if value > 0 or function is math.cosh else -math.inf

    return of


def power_d(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.copysign(math.inf, left) if right % 2 == 1 else math.inf
    except ValueError:
        # SQL Language Reference 19c, POWER: a negative number has whole exponents only.
        raise Refused(f"POWER of {left} and {right}: the manual leaves open what it is") from None


def numeric(function: Any) -> Any:
    """A function of NUMBER, with Oracle's exceptions."""

    def of(*arguments: Decimal) -> Decimal:
        try:
            return CONTEXT.plus(function(*arguments))
        except decimal.Overflow:
            raise error(-1426) from None
        except (decimal.InvalidOperation, decimal.DivisionByZero):
            raise error(-1428) from None

    return of


def tanh_n(value: Decimal) -> Decimal:
    if abs(value) > 60:
        return Decimal(1).copy_sign(value)
    up, down = CONTEXT.exp(value), CONTEXT.exp(-value)
    return CONTEXT.divide(up - down, up + down)


def ln_n(value: Decimal) -> Decimal:
    if value <= 0:
        raise error(-1428)
    return CONTEXT.ln(value)


def refused_number(name: str) -> Any:
    def of(value: Any) -> Any:
        raise Refused(f"{name} of a NUMBER: use to_binary_double")

    return of


def sqrt_n(value: Decimal) -> Decimal:
    if value < 0:
        raise error(-1428)
    return CONTEXT.sqrt(value)


def sqrt_d(value: float) -> float:
    return math.nan if value < 0 or value != value else math.sqrt(value)


def sqrt_f(value: float) -> float:
    return f32(sqrt_d(value))


def whole(function: Any) -> Any:
    """FLOOR or CEIL of a binary float."""

    def of(value: float) -> float:
        return float(function(value)) if math.isfinite(value) else value

    return of


def round_n(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP,
                          decimal.Context(prec=200))  # fmt: skip


def trunc_n(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), decimal.ROUND_DOWN,
                          decimal.Context(prec=200))  # fmt: skip


def mod(left: Any, right: Any) -> Any:
    """MOD has the sign of its first argument; MOD(x, 0) is x."""
    if right == 0:
        return left
    if isinstance(left, int) and isinstance(right, int):
        result = abs(left) % abs(right)
        return -result if left < 0 else result
    return CONTEXT.remainder(Decimal(left), Decimal(right))


def greatest(*items: Any) -> Any:
    if None in items:
        raise TypeError("null")
    best = items[0]
    for item in items[1:]:
        if values.less(best, item):
            best = item
    return best


def least(*items: Any) -> Any:
    if None in items:
        raise TypeError("null")
    best = items[0]
    for item in items[1:]:
        if values.less(item, best):
            best = item
    return best


def unordered_greatest(*items: Any) -> Any:
    """GREATEST by comparisons of which none holds for NaN."""
    if None in items:
        raise TypeError("null")
    return functools.reduce(lambda best, item: best if best >= item else item, items)


def unordered_least(*items: Any) -> Any:
    """LEAST so."""
    if None in items:
        raise TypeError("null")
    return functools.reduce(lambda best, item: best if best <= item else item, items)


def nanvl(value: float, otherwise: float) -> float:
    if value is None or otherwise is None:
        raise TypeError("null")
    return otherwise if value != value else value


def to_number(text: str) -> Decimal:
    if not re.fullmatch(r"\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*", text):
        raise error(-1722)
    return CONTEXT.plus(Decimal(text.strip()))


_DATE_WORDS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}


# SQL Language Reference 19c, "Datetime Format Models", table 2-15: J is the number of days since
# January 1, 4712 BC, SSSSS seconds past midnight, FF6 six digits of fractional seconds. Before
# 1582-10-15 Oracle counts the days of the Julian calendar: the day is the same, its name another.
_EPOCH = datetime.datetime(1970, 1, 1)
_JULIAN_EPOCH = 2_440_588


def _counted(value: Any, pattern: str) -> str | None:
    """A date as a number that stands alone."""
    since = value - _EPOCH
    return {
        "J": f"{since.days + _JULIAN_EPOCH:07d}",
        "SSSSS": f"{since.seconds:05d}",
        "FF6": f"{since.microseconds:06d}",
    }.get(pattern.upper())


def date_of(text: str, pattern: str) -> Any:
    """TO_DATE and TO_TIMESTAMP, of the formats that our packages use."""
    words = {"J": r"(\d{1,7})", "SSSSS": r"(\d{1,5})", "FF6": r"(\d{1,6})"}
    names = pattern.upper().split(" ")
    if not set(names) <= set(words) or names[0] != "J":
        raise Refused(f"date format {pattern!r} is outside the subset")
    found = re.fullmatch(" ".join(words[name] for name in names), text)
    if found is None:
        raise PlsqlError(-1861, "ORA-01861: literal does not match format string")
    given = dict(zip(names, found.groups(), strict=True))
    day, second = int(given["J"]), int(given.get("SSSSS", 0))
    if not 1 <= day <= 5_373_484:
        raise PlsqlError(-1854, "ORA-01854: julian date must be between 1 and 5373484")
    if second > 86_399:
        raise PlsqlError(-1853, "ORA-01853: seconds in day must be between 0 and 86399")
    fraction = int(given.get("FF6", "0").ljust(6, "0"))
    return _EPOCH + datetime.timedelta(day - _JULIAN_EPOCH, second, fraction)


def padded(text: str, size: int) -> str:
    """CHAR(size): blanks up to its bytes; PL/SQL Language Reference 19c, "CHAR and VARCHAR2"."""
    return str(fit_text(text, size, False)) + " " * (size - len(text.encode()))


def from_tz(value: Any, zone: str) -> Any:
    """A moment with the time zone that it was written in."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", zone)
    if found is None:
        raise Refused(f"the time zone {zone!r} is outside the subset")
    offset = datetime.timedelta(hours=int(found[2]), minutes=int(found[3]))
    offset = -offset if found[1] == "-" else offset
    return value.replace(tzinfo=datetime.timezone(offset))


def in_utc(value: Any) -> Any:
    """A moment that was written without a zone is one of UTC, which is the interpreter's own."""
    zone = datetime.UTC
    return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)


def date_text(value: Any, pattern: str | None) -> str | None:
    if value is None or pattern is None:
        return None
    if (counted := _counted(value, pattern)) is not None:
        return counted

    # Letters in double quotes stand for themselves.
    def word(match: re.Match[str]) -> str:
        text = match.group()
        if text.startswith('"'):
            return text[1:-1].replace("%", "%%")
        if text.upper() in _DATE_WORDS:
            return _DATE_WORDS[text.upper()]
        if text.isalnum():
            raise Refused(f"date format {pattern!r} is outside the subset")
        return text

    return str(
        value.strftime(
            re.sub(r'"[^"]*"|HH24|[A-Za-z]+?(?=HH24|MI|SS|MM|DD|YYYY|[^A-Za-z]|$)|.', word, pattern)
        )
    )


def format_number(value: Any, pattern: str | None, nls: str | None = None) -> str | None:
    if value is None or pattern is None:
        return None
    upper = pattern.upper()
    if upper.strip("FM9") in ("", "0") and upper.replace("FM", "").strip("90") == "":
        shown = str(values.round_half_up(Decimal(value)))
        width = len(upper.replace("FM", ""))
        if len(shown.lstrip("-")) > width:
            return "#" * (width + 1)
        return shown if upper.startswith("FM") else shown.rjust(width + 1)
    if upper == "TM9" or upper == "TM":
        return values.to_char(value)
    if "EEEE" in upper and upper.startswith(("FM", "9", "0")):
        digits = upper.count("9") - 1
        mantissa, exponent = f"{float(value):.{digits}E}".split("E")
        return f"{mantissa}E{int(exponent):+03d}"
    raise Refused(f"number format {pattern!r} is outside the subset")


# Texts


def cat(left: str | None, right: str | None) -> str | None:
    return (left or "") + (right or "") or None


def substr(text: str, start: int, length: int | None = None) -> str | None:
    if length is not None and length < 1:
        return None
    if start == 0:
        start = 1
    begin = start - 1 if start > 0 else len(text) + start
    if begin < 0 or begin >= len(text):
        return None
    return text[begin:] if length is None else text[begin : begin + length]


def instr(text: str, part: str, start: int = 1, occurrence: int = 1) -> int:
    if start < 1 or occurrence < 1:
        raise Refused("INSTR from the end is outside the subset")
    place = start - 1
    for _ in range(occurrence):
        place = text.find(part, place)
        if place < 0:
            return 0
        place += 1
    return place


def lob_substr(text: str, amount: int = 32767, offset: int = 1) -> str | None:
    if amount > 32767 or amount < 1 or offset < 1:
        return None
    return text[offset - 1 : offset - 1 + amount] or None


def pad(text: str, length: int, fill: str, left: bool) -> str | None:
    if length <= len(text):
        return text[:length] or None
    more = (fill * length)[: length - len(text)]
    return more + text if left else text + more


def replaced(text: str | None, old: str | None, new: str | None = None) -> str | None:
    if text is None or old is None:
        return text
    return text.replace(old, new or "") or None


def unistr(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match.group() == "\\\\":
            return "\\"
        return chr(int(match.group()[1:], 16))

    if re.search(r"\\(?!\\|[0-9A-Fa-f]{4})", text.replace("\\\\", "")):
        raise PlsqlError(-30186, "ORA-30186: '\\' must be followed by four hexdecimal characters")
    shown = re.sub(r"\\\\|\\[0-9A-Fa-f]{4}", character, text)
    return shown.encode("utf-16", "surrogatepass").decode("utf-16")


def like(text: str | None, pattern: str | None, escape: str | None) -> bool | None:
    if text is None or pattern is None:
        return None
    parts, place = [], 0
    while place < len(pattern):
        char = pattern[place]
        if escape is not None and char == escape:
            place += 1
            if place >= len(pattern):
                raise PlsqlError(-1424, "ORA-01424: missing or illegal character following the "
                                 "escape character")  # fmt: skip
            parts.append(re.escape(pattern[place]))
        else:
            parts.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
        place += 1
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def within(value: Any, items: list[Any]) -> bool | None:
    """value IN (select)."""
    found: bool | None = False
    for item in items:
        found = values.either(found, values.equal(value, item))
    return found


def standard_hash(value: Any, method: str = "SHA1") -> bytes | None:
    if value is None:
        return hashlib.new(method.lower(), b"").digest()
    given = value.encode() if isinstance(value, str) else bytes(value)
    if len(given) > (4000 if isinstance(value, str) else 2000):
        raise Refused(f"STANDARD_HASH of {len(given)} bytes: SQL values are shorter")
    if method.upper() not in ("SHA1", "SHA256", "SHA384", "SHA512", "MD5"):
        raise PlsqlError(-904, "ORA-00904: invalid hash method")
    return hashlib.new(method.lower(), given).digest()


# RAW


def hextoraw(text: str) -> bytes:
    try:
        return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
    except ValueError:
        raise PlsqlError(-1465, "ORA-01465: invalid hex number") from None


def raw_concat(*items: bytes | None) -> bytes | None:
    return b"".join(item for item in items if item is not None) or None


def raw_substr(value: bytes, start: int, length: int | None = None) -> bytes:
    begin = start - 1 if start > 0 else len(value) + start
    stop = len(value) if length is None else begin + length
    if start == 0 or begin < 0 or begin >= len(value) or stop > len(value) or stop <= begin:
        raise error(-6502)
    return value[begin:stop]


def raw_compare(left: bytes | None, right: bytes | None) -> Decimal:
    left, right = left or b"", right or b""
    size = max(len(left), len(right))
    for place, pair in enumerate(
        zip(left.ljust(size, b"\0"), right.ljust(size, b"\0"), strict=True)
    ):
        if pair[0] != pair[1]:
            return Decimal(place + 1)
    return Decimal(0)


def hash_value(text: str, base: Decimal, size: Decimal) -> Decimal:
    """DBMS_UTILITY.GET_HASH_VALUE: the manual says in which range it is and no more, so that here
    many texts share one."""
    if size <= 0:
        raise error(-6502)
    return base + Decimal(sum(text.encode()) % 13) % size


def raw_xor(left: bytes, right: bytes) -> bytes:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    return bytes(a ^ b for a, b in zip(longer, shorter, strict=False)) + longer[len(shorter) :]


def _endian(endianess: int) -> str:
    # 3 is the machine's own order, which the subset takes to be x86.
    if endianess not in (1, 2, 3):
        raise error(-6502)
    return ">" if endianess == 1 else "<"


def raw_maker(code: str) -> Any:
    def make(value: Any, endianess: int = 1) -> bytes:
        value = value + 0  # -0 is stored as +0
        return struct.pack(_endian(endianess) + code, value)

    return make


def raw_reader(code: str) -> Any:
    size = struct.calcsize("<" + code)

    def read(value: bytes, endianess: int = 1) -> Any:
        if len(value) < size:
            raise error(-6502)
        if len(value) > size and code != "i":
            raise Refused(f"UTL_RAW.CAST_TO of {len(value)} bytes: {size} are needed")
        return struct.unpack(_endian(endianess) + code, value[:size])[0]

    return read


def enquote_name(name: str) -> str:
    if name.startswith('"') and name.endswith('"'):
        return name
    if '"' in name:
        raise error(-6502)
    return f'"{name.upper()}"'


def enquote_literal(text: str) -> str:
    if "'" in text:
        raise error(-6502)
    return f"'{text}'"


def attribute(cursor: Any, name: str) -> Any:
    if cursor is None:
        raise error(-1001)
    return cursor.attribute(name)


def put_line(session: Any, text: str | None) -> None:
    session.output.append(text or "")


def initial_value(type_: Any) -> Any:
    return initial(type_)


NAMES: dict[str, Any] = {
    "_NULLISH": (TypeError, AttributeError, IndexError, KeyError, ArithmeticError, struct.error),
    "_PlsqlError": PlsqlError,
    "_absent": ABSENT,
    "_pack": _single.pack,
    "_unpack": _single.unpack,
    "_null": values.null,
    "_fail": values.fail,
    "_nn": nn,
    "_Decimal": Decimal,
    "_float": float,
    "_f32": f32,
    "_number": values.number,
    "_number_pls": number_pls,
    "_number_f32": lambda value: f32(float(value)),
    "_float_number": float_number,
    "_float_pls": float_pls,
    "_fit_number": fit_number,
    "_fit_text": fit_text,
    "_fit_raw": fit_raw,
    "_fit_text_sql": in_sql(fit_text, -12899, "value too large for column"),
    "_fit_number_sql": in_sql(fit_number, -1438, "value larger than specified precision"),
    "_cursor": cursor_of,
    "_bulk": bulk,
    "_record": Record,
    "_members": members,
    "_fields": lambda rows: (row.f for row in rows),
    "_single_column": lambda rows: ((row,) for row in rows),
    "_scalar": scalar,
    "_any_row": lambda rows: next(iter(rows), None) is not None,
    "_aggregate": aggregate,
    "_in_order": in_order,
    "_at_least": at_least,
    "_notnull": notnull,
    "_arith_n": arith_n,
    "_arith_d": arith_d,
    "_arith_f": arith_f,
    "_int_add": lambda a, b: pls(a + b),
    "_int_sub": lambda a, b: pls(a - b),
    "_int_mul": lambda a, b: pls(a * b),
    "_neg_i": lambda a: pls(-a),
    "_neg": lambda a: -a,
    "_equal": values.equal,
    "_less": values.less,
    "_unordered_equal": values.unordered_equal,
    "_unordered_less": values.unordered_less,
    "_not": values.negate,
    "_both": values.both,
    "_either": values.either,
    "_in": within,
    "_like": like,
    "_same": lambda a, b: (a is None and b is None) or bool(values.equal(a, b)),
    "_cat": cat,
    "_to_char": values.to_char,
    "_to_char_f": lambda value: None if value is None else values.float_text(value, 9),
    "_isnan": math.isnan,
    "_isinf": math.isinf,
    "_get": values.get,
    "_put": values.put,
    "_initialized": values.initialized,
    "_initial": initial_value,
    "_copied": values.copied,
    "_taken_over": taken_over,
    "_record_at": record_at,
    "_first": first,
    "_last": last,
    "_next": following,
    "_prior": previous,
    "_exists": exists,
    "_limit": lambda collection: values.initialized(collection).type.limit,
    "_bound": bound,
    "_raise": raise_declared,
    "_application_error": application_error,
    "_sqlcode": sqlcode,
    "_sqlerrm": sqlerrm,
    "_attribute": attribute,
    "_nla": nla,
    "_put_line": put_line,
    "_ignored": lambda session, *arguments: None,
    "_exp_d": exp_d,
    "_ln_d": ln_d,
    "_tanh_d": math.tanh,
    "_sinh_d": hyperbolic(math.sinh),
    "_cosh_d": hyperbolic(math.cosh),
    "_sin_d": trigonometric(math.sin),
    "_cos_d": trigonometric(math.cos),
    "_tan_d": trigonometric(math.tan),
    "_atan_d": math.atan,
    "_tan_n": refused_number("TAN"),
    "_atan_n": refused_number("ATAN"),
    "_power_d": power_d,
    "_nan": math.nan,
    "_infinity": math.inf,
    "_max_float": 3.4028234663852886e38,
    "_max_double": sys.float_info.max,
    "_exp_n": numeric(CONTEXT.exp),
    "_ln_n": numeric(ln_n),
    "_tanh_n": numeric(tanh_n),
    "_sinh_n": refused_number("SINH"),
    "_cosh_n": refused_number("COSH"),
    "_sin_n": refused_number("SIN"),
    "_cos_n": refused_number("COS"),
    "_power_n": numeric(CONTEXT.power),
    "_abs_i": absolute_int,
    "_sqrt_n": sqrt_n,
    "_sqrt_d": sqrt_d,
    "_sqrt_f": sqrt_f,
    "_floor_d": whole(math.floor),
    "_ceil_d": whole(math.ceil),
    "_trunc_d": whole(math.trunc),
    "_floor_n": lambda value: value.to_integral_value(decimal.ROUND_FLOOR),
    "_ceil_n": lambda value: value.to_integral_value(decimal.ROUND_CEILING),
    "_round_n": round_n,
    "_trunc_n": trunc_n,
    "_sign": lambda value: (value > 0) - (value < 0),
    "_mod": mod,
    "_greatest": greatest,
    "_least": least,
    "_unordered_greatest": unordered_greatest,
    "_unordered_least": unordered_least,
    "_nanvl": nanvl,
    "_to_number": to_number,
    "_date_text": date_text,
    "_date_of": date_of,
    "_in_utc": in_utc,
    "_from_tz": from_tz,
    "_padded": padded,
    "_format_number": format_number,
    "_same_text": lambda text: text,
    "_substr": substr,
    "_instr": instr,
    "_length": len,
    "_lengthb": lambda text: len(text.encode()),
    "_upper": str.upper,
    "_lower": str.lower,
    "_trim": lambda text: text.strip(" ") or None,
    "_rtrim": lambda text, chars=" ": text.rstrip(chars) or None,
    "_ltrim": lambda text, chars=" ": text.lstrip(chars) or None,
    "_lpad": lambda text, length, fill=" ": pad(text, length, fill, True),
    "_rpad": lambda text, length, fill=" ": pad(text, length, fill, False),
    "_replace": replaced,
    "_chr": chr,
    "_ascii": lambda text: ord(text[0]),
    "_unistr": unistr,
    "_hextoraw": hextoraw,
    "_rawtohex": lambda value: value.hex().upper(),
    "_standard_hash": standard_hash,
    "_cast_to_raw": lambda text: text.encode(),
    "_raw_text": lambda value: value.decode(),
    "_raw_concat": raw_concat,
    "_raw_substr": raw_substr,
    "_raw_reverse": lambda value: value[::-1],
    "_raw_compare": raw_compare,
    "_hash_value": hash_value,
    "_raw_xor": raw_xor,
    "_raw_from_f": raw_maker("f"),
    "_raw_to_f": raw_reader("f"),
    "_raw_from_d": raw_maker("d"),
    "_raw_to_d": raw_reader("d"),
    "_raw_from_i": raw_maker("i"),
    "_raw_to_i": raw_reader("i"),
    "_lob_substr": lob_substr,
    "_enquote_name": enquote_name,
    "_enquote_literal": enquote_literal,
}
