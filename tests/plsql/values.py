"""Errors and values: what Oracle's datatypes hold, as Python values.

NULL is None, PLS_INTEGER an int, NUMBER a Decimal of 38 digits, BINARY_FLOAT a float that
float32 holds exactly, BINARY_DOUBLE a float, VARCHAR2 and CLOB a str (never empty: '' is NULL),
RAW bytes, BOOLEAN a bool, DATE and TIMESTAMP a datetime.
"""

from __future__ import annotations

import decimal
import math
import struct
from array import array
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

PLS_MIN, PLS_MAX = -(2**31), 2**31 - 1
MESSAGES = {
    100: "ORA-01403: no data found",
    -1: "ORA-00001: unique constraint violated",
    -54: "ORA-00054: resource busy and acquire with NOWAIT specified or timeout expired",
    -1001: "ORA-01001: invalid cursor",
    -1403: "ORA-01403: no data found",
    -1007: "ORA-01007: variable not in select list",
    -1422: "ORA-01422: exact fetch returns more than requested number of rows",
    -1426: "ORA-01426: numeric overflow",
    -1428: "ORA-01428: argument is out of range",
    -1476: "ORA-01476: divisor is equal to zero",
    -1722: "ORA-01722: invalid number",
    -4068: "ORA-04068: existing state of packages has been discarded",
    -6502: "ORA-06502: PL/SQL: numeric or value error",
    -6503: "ORA-06503: PL/SQL: Function returned without value",
    -6504: "ORA-06504: PL/SQL: Return types of Result Set variables or query do not match",
    -6511: "ORA-06511: PL/SQL: cursor already open",
    -6531: "ORA-06531: Reference to uninitialized collection",
    -6532: "ORA-06532: Subscript outside of limit",
    -6533: "ORA-06533: Subscript beyond count",
    -6548: "ORA-06548: no more rows needed",
    -6592: "ORA-06592: CASE not found while executing CASE statement",
}


class Refused(Exception):
    """The text or the run leaves the subset, or Oracle's manual leaves the behaviour open.

    No exception handler of PL/SQL sees it: it is a fault of the text, not a condition in it.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message if line is None else f"line {line}: {message}")


class SyntaxRefused(Refused):
    """The parser does not accept the text."""


class CheckRefused(Refused):
    """The static checker does not accept the text."""


class PlsqlError(Exception):
    """An exception of PL/SQL or SQL: code is negative as in SQLCODE, identity a declaration."""

    def __init__(self, code: int, message: str | None = None, identity: Any = None) -> None:
        self.code = code
        self.identity = identity
        self.text = message if message is not None else MESSAGES.get(code, f"ORA-{-code:05d}")
        super().__init__(self.text)

    @property
    def message(self) -> str:
        return self.text


def error(code: int, detail: str = "") -> PlsqlError:
    """The predefined exception of a code, with detail after its text."""
    return PlsqlError(code, MESSAGES.get(code, f"ORA-{-code:05d}") + (detail and f": {detail}"))


def fail(code: int, detail: str = "") -> Any:
    """Raise inside an expression."""
    raise error(code, detail)


def null() -> Any:
    """Leave the fast path: the slow path knows what NULL gives."""
    raise TypeError("null")


# Numbers

CONTEXT = decimal.Context(
    prec=38, rounding=decimal.ROUND_HALF_UP, Emin=-130, Emax=125,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)  # fmt: skip
_pack, _unpack = struct.Struct("f").pack, struct.Struct("f").unpack


def f32(value: float) -> float:
    """value as BINARY_FLOAT holds it: nearest even, infinity beyond the range."""
    try:
        return float(_unpack(_pack(value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def pls(value: int) -> int:
    """value, when PLS_INTEGER holds it."""
    if PLS_MIN <= value <= PLS_MAX:
        return value
    raise error(-1426)


def number(value: Any) -> Decimal:
    """NUMBER of an int, float or Decimal."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise error(-1426)
        # Oracle documents no more than that the decimal is near the binary number: 17 digits
        # tell every double apart.
        value = Decimal(repr(value))
    try:
        return CONTEXT.plus(Decimal(value))
    except decimal.Overflow:  # beyond 1e126
        raise error(-1426) from None


def arithmetic(op: str, left: Any, right: Any) -> Any:
    """left op right on NUMBER, None when one is."""
    if left is None or right is None:
        return None
    try:
        if op == "+":
            return CONTEXT.add(left, right)
        if op == "-":
            return CONTEXT.subtract(left, right)
        if op == "*":
            return CONTEXT.multiply(left, right)
        if right == 0:
            raise error(-1476)
        return CONTEXT.divide(left, right)
    except decimal.Overflow:
        raise error(-1426) from None


def divide_float(left: float, right: float) -> float:
    """left / right as IEEE 754 gives it; nothing is raised."""
    try:
        return left / right
    except ZeroDivisionError:
        # Oracle has no -0 (SQL Language Reference, floating-point numbers): the zero is +0.
        if left != left or left == 0:
            return math.nan
        return math.copysign(math.inf, left)


def round_half_up(value: Decimal) -> int:
    """The integer that PL/SQL makes of a NUMBER."""
    return int(value.to_integral_value(rounding=decimal.ROUND_HALF_UP))


def equal(left: Any, right: Any) -> bool | None:
    """left = right in three-valued logic; NaN = NaN is true."""
    if left is None or right is None:
        return None
    return bool(left == right or (left != left and right != right))


def less(left: Any, right: Any) -> bool | None:
    """left < right in three-valued logic; NaN is greater than all."""
    if left is None or right is None:
        return None
    return bool(left < right or (right != right and left == left))


def unordered_equal(left: Any, right: Any) -> bool | None:
    """left = right as IEEE 754 compares: of NaN never."""
    return None if left is None or right is None else bool(left == right)


def unordered_less(left: Any, right: Any) -> bool | None:
    """left < right so."""
    return None if left is None or right is None else bool(left < right)


def negate(value: bool | None) -> bool | None:
    """NOT in three-valued logic."""
    return None if value is None else not value


def both(left: bool | None, right: bool | None) -> bool | None:
    """AND in three-valued logic."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: bool | None, right: bool | None) -> bool | None:
    """OR in three-valued logic."""
    if left or right:
        return True
    return None if left is None or right is None else False


def to_char(value: Any) -> str | None:
    """TO_CHAR without a format, as the session default en-US writes numbers."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise Refused("BOOLEAN has no TO_CHAR before 23")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return _number_text(value)
    if isinstance(value, float):
        return float_text(value, 17)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex().upper() or None
    if isinstance(value, str):
        return value or None
    raise Refused(f"TO_CHAR of {type(value).__name__} depends on NLS settings: give a format")


def _number_text(value: Decimal) -> str:
    if value == 0:
        return "0"
    text = format(CONTEXT.plus(value).normalize(CONTEXT), "f")
    if len(text.lstrip("-")) > 40:
        mantissa, exponent = f"{value:.33E}".split("E")
        return f"{mantissa}E{int(exponent):+03d}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def float_text(value: float, digits: int) -> str:
    """A binary float as TO_CHAR writes it: 9 digits of a BINARY_FLOAT, 17 of a BINARY_DOUBLE."""
    if value != value:
        return "Nan"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    value += 0.0  # -0 is stored as +0
    mantissa, exponent = f"{value:.{digits - 1}E}".split("E")
    whole, _, rest = mantissa.partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}E{int(exponent):+04d}"


# Collections


class Collection:
    """A VARRAY or nested table: a holds the elements, an array('f'|'d') or a list with NULLs."""

    __slots__ = ("a", "type")

    def __init__(self, type_: Any, items: Any) -> None:
        self.type = type_
        self.a = items

    def __len__(self) -> int:
        return len(self.a)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.a)

    def __repr__(self) -> str:
        return f"{self.type}({list(self.a)})"

    def copy(self) -> Collection:
        element = self.type.element
        if element.is_composite:
            return Collection(self.type, [copied(item) for item in self.a])
        return Collection(self.type, self.a[:])

    def extend(self, count: int = 1) -> None:
        """EXTEND(count): NULL elements."""
        self._check_room(count)
        if not isinstance(self.a, list):
            self.a = self.a.tolist()
        self.a.extend([None] * count)

    def extend_with(self, count: int, index: int) -> None:
        """EXTEND(count, index): copies of one element."""
        self._check_room(count)
        value = self.get(index)
        if value is None and not isinstance(self.a, list):
            self.a = self.a.tolist()
        if self.type.element.is_composite:
            self.a.extend([copied(value) for _ in range(count)])
        else:
            self.a.extend([value] * count if isinstance(self.a, list) else
                          array(self.a.typecode, [value]) * count)  # fmt: skip

    def _check_room(self, count: int | None) -> None:
        if count is None or count < 0:
            raise error(-6502)
        limit = self.type.limit
        if limit is not None and len(self.a) + count > limit:
            raise error(-6532)

    def trim(self, count: int = 1) -> None:
        """TRIM(count)."""
        if count is None or count < 0:
            raise error(-6502)
        if count > len(self.a):
            raise error(-6533)
        if count:
            del self.a[len(self.a) - count :]

    def delete(self) -> None:
        """DELETE without arguments."""
        self.a = array(self.type.element.code) if self.type.element.code else []

    def exists(self, index: int | None) -> bool:
        """EXISTS(index)."""
        return index is not None and 1 <= index <= len(self.a)

    def check(self, index: int | None) -> int:
        """The place of element index."""
        if index is None:
            raise error(-6502, "NULL index table key value")
        limit = self.type.limit
        if index < 1 or (limit is not None and index > limit):
            raise error(-6532)
        if index > len(self.a):
            raise error(-6533)
        return index - 1

    def get(self, index: int | None) -> Any:
        return self.a[self.check(index)]

    def put(self, index: int | None, value: Any) -> None:
        place = self.check(index)
        if value is None and not isinstance(self.a, list):
            self.a = self.a.tolist()
        self.a[place] = value

    def replace(self, other: Collection) -> None:
        """Take over the elements of other: assignment to a NOCOPY parameter."""
        self.a = other.a

    def numbers(self, what: str) -> array[float]:
        """The elements as an array without NULL, which this collection keeps."""
        if isinstance(self.a, list):
            if None in self.a:
                raise error(-6502, f"{what} has a NULL element")
            self.a = array(self.type.element.code, self.a)
        return self.a


class Associative:
    """TABLE OF ... INDEX BY: d holds the elements by key."""

    __slots__ = ("d", "type")

    def __init__(self, type_: Any, items: dict[Any, Any] | None = None) -> None:
        self.type = type_
        self.d = {} if items is None else items

    def __len__(self) -> int:
        return len(self.d)

    def copy(self) -> Associative:
        if self.type.element.is_composite:
            return Associative(self.type, {key: copied(item) for key, item in self.d.items()})
        return Associative(self.type, dict(self.d))

    def get(self, key: Any) -> Any:
        if key is None:
            raise error(-6502, "NULL index table key value")
        if key not in self.d:
            raise error(-1403)
        return self.d[key]

    def put(self, key: Any, value: Any) -> None:
        if key is None:
            raise error(-6502, "NULL index table key value")
        self.d[key] = value

    def exists(self, key: Any) -> bool:
        return key is not None and key in self.d

    def delete(self, *keys: Any) -> None:
        """DELETE, DELETE(key) or DELETE(low, high)."""
        if not keys:
            self.d = {}
        elif len(keys) == 1:
            self.d.pop(keys[0], None)
        elif None not in keys:
            for key in [key for key in self.d if keys[0] <= key <= keys[1]]:
                del self.d[key]

    def replace(self, other: Associative) -> None:
        self.d = other.d


class Record:
    """A record: its fields are attributes f_<place>."""

    __slots__ = ("f", "type")

    def __init__(self, type_: Any, values: list[Any]) -> None:
        self.type = type_
        self.f = values

    def copy(self) -> Record:
        return Record(self.type, [copied(value) for value in self.f])

    def replace(self, other: Record) -> None:
        self.f = other.f

    def __repr__(self) -> str:
        names = (field.name.lower() for field in self.type.fields)
        return f"({', '.join(f'{n} => {v}' for n, v in zip(names, self.f, strict=True))})"


def copied(value: Any) -> Any:
    """value, or a copy of a collection or record."""
    return value.copy() if isinstance(value, (Collection, Associative, Record)) else value


def get(collection: Any, index: Any) -> Any:
    """collection(index), with Oracle's exceptions."""
    if collection is None:
        raise error(-6531)
    return collection.get(index)


def put(collection: Any, index: Any, value: Any) -> None:
    """collection(index) := value, with Oracle's exceptions."""
    if collection is None:
        raise error(-6531)
    collection.put(index, value)


def initialized(collection: Any) -> Any:
    """collection, unless it is atomically NULL."""
    if collection is None:
        raise error(-6531)
    return collection


def elements(collection: Any) -> Iterable[Any]:
    """The elements in order of their index."""
    if isinstance(collection, Associative):
        return [collection.d[key] for key in sorted(collection.d)]
    return list(collection.a)
