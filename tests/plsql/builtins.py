"""Functions of package STANDARD and of the packages of Oracle that belong to the subset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plsql import nla
from plsql import syntax as s
from plsql.expressions import E, plain
from plsql.types import (
    BOOLEAN,
    CLOB,
    DATE,
    DOUBLE,
    FLOAT,
    NULL,
    NUMBER,
    PLS,
    RAW,
    TIMESTAMP,
    TIMESTAMP_TZ,
    VARCHAR,
    Param,
    Scalar,
    Sub,
)  # fmt: skip

Handler = Callable[[Any, tuple[s.Argument, ...], Any], E]
_BINARY_TRAP = (
    "{0} of a BINARY_FLOAT: {0} exists for NUMBER and BINARY_DOUBLE only, the NUMBER version may "
    "be taken (slow, ORA-01426): write {1}(to_binary_double(...))"
)


def _positional(
    compiler: Any, arguments: tuple[s.Argument, ...], node: Any, name: str, low: int,
    high: int | None = None,
) -> list[E]:  # fmt: skip
    """The arguments of a function that has no parameter names."""
    if any(argument.name for argument in arguments):
        raise compiler.refuse(f"PLS-00306: {name} with named arguments", node)
    if len(arguments) < low or (high is not None and len(arguments) > high):
        raise compiler.refuse(f"PLS-00306: {name} with {len(arguments)} arguments", node)
    return [compiler.expr(argument.value) for argument in arguments]


def _numeric_argument(compiler: Any, e: E, name: str, node: Any) -> None:
    if not e.type.is_numeric:
        raise compiler.refuse(f"PLS-00306: {name} of a {e.type}", node)


def _through(function: str, e: E, type_: Any) -> E:
    """function(e), NULL for NULL."""
    return E(f"{function}({e.fast})", f"_nn({function}, {e.slow})", type_, nonnull=e.nonnull)


def _transcendental(name: str, count: int = 1) -> Handler:
    """EXP, LN, TANH, POWER and their like: NUMBER and BINARY_DOUBLE only."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, count, count)
        for item in items:
            _numeric_argument(compiler, item, name, node)
        if any(item.type.kind == "FLOAT" for item in items):
            raise compiler.refuse(_BINARY_TRAP.format(name, name.lower()), node)
        double = any(item.type.kind == "DOUBLE" for item in items)
        type_ = DOUBLE if double else NUMBER
        items = [compiler.convert(item, type_, node) for item in items]
        function = f"_{name.lower()}_{'d' if double else 'n'}"
        nonnull = all(item.nonnull for item in items)
        fast = f"{function}({', '.join(item.fast for item in items)})"
        slow = f"_nn({function}, {', '.join(item.slow for item in items)})"
        return E(fast, slow, type_, nonnull=nonnull)

    return write


def _abs(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    (e,) = _positional(compiler, arguments, node, "ABS", 1, 1)
    _numeric_argument(compiler, e, "ABS", node)
    if e.type.kind == "PLS":
        return _through("_abs_i", e, PLS)
    return _through("abs", e, e.type)


def _sqrt(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    (e,) = _positional(compiler, arguments, node, "SQRT", 1, 1)
    _numeric_argument(compiler, e, "SQRT", node)
    if e.type.kind == "PLS":
        e = compiler.convert(e, NUMBER, node)
    return _through(
        {"FLOAT": "_sqrt_f", "DOUBLE": "_sqrt_d"}.get(e.type.kind, "_sqrt_n"), e, e.type
    )


def _rounding(name: str) -> Handler:
    """FLOOR and CEIL."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        (e,) = _positional(compiler, arguments, node, name, 1, 1)
        _numeric_argument(compiler, e, name, node)
        if e.type.kind == "PLS":
            e = compiler.convert(e, NUMBER, node)
        suffix = "d" if e.type.kind in ("FLOAT", "DOUBLE") else "n"
        return _through(f"_{name.lower()}_{suffix}", e, e.type)

    return write


def _round(name: str) -> Handler:
    """ROUND and TRUNC of numbers."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, 1, 2)
        _numeric_argument(compiler, items[0], name, node)
        e = items[0]
        if e.type.kind in ("FLOAT", "DOUBLE"):
            if len(items) == 2 or name == "ROUND":
                raise compiler.refuse(f"{name} of a {e.type} is outside the subset", node)
            return _through("_trunc_d", e, e.type)
        e = compiler.convert(e, NUMBER, node)
        digits = compiler.convert(items[1], PLS, node) if len(items) == 2 else plain("0", PLS)
        function = f"_{name.lower()}_n"
        return E(f"{function}({e.fast}, {digits.fast})",
                 f"_nn({function}, {e.slow}, {digits.slow})", NUMBER)  # fmt: skip

    return write


def _mod(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    left, right = _positional(compiler, arguments, node, "MOD", 2, 2)
    for e in (left, right):
        _numeric_argument(compiler, e, "MOD", node)
    kinds = {left.type.kind, right.type.kind}
    if kinds & {"FLOAT", "DOUBLE"}:
        raise compiler.refuse("MOD of binary floats is outside the subset", node)
    type_ = PLS if kinds == {"PLS"} else NUMBER
    left, right = compiler.convert(left, type_, node), compiler.convert(right, type_, node)
    low = high = None
    if left.low is not None and left.low >= 0 and right.low is not None and right.low > 0:
        low, high = 0, right.high
        if type_ == PLS:
            fast = f"({left.fast} % {right.fast})"
            slow = fast if left.is_plain and right.is_plain else (
                f"_nn(_mod, {left.slow}, {right.slow})")  # fmt: skip
            return E(fast, slow, PLS, nonnull=left.nonnull and right.nonnull, low=0, high=high)
    return E(f"_mod({left.fast}, {right.fast})", f"_nn(_mod, {left.slow}, {right.slow})", type_,
             nonnull=left.nonnull and right.nonnull, low=low, high=high)  # fmt: skip


def _extreme(name: str) -> Handler:
    """GREATEST and LEAST: NULL when one is NULL, NaN is greater than all."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, 2)
        type_ = compiler.common_type(items, node)
        if any(item.type == NULL for item in items):
            raise compiler.refuse(f"{name} with NULL is always NULL", node)
        items = [compiler.convert(item, type_, node) for item in items]
        nonnull = all(item.nonnull for item in items)
        low = high = None
        lows = [item.low for item in items if item.low is not None]
        highs = [item.high for item in items if item.high is not None]
        if type_.kind == "PLS" and len(lows) == len(highs) == len(items):
            low, high = (max(lows), max(highs)) if name == "GREATEST" else (min(lows), min(highs))
        function = f"_{'' if compiler.orders_nan(*items) else 'unordered_'}{name.lower()}"
        slow = f"_nn({function}, {', '.join(item.slow for item in items)})"
        fast = f"{function}({', '.join(item.fast for item in items)})"
        if len(items) == 2 and type_.is_numeric:
            a1, a = compiler._twice(items[0])
            b1, b = compiler._twice(items[1])
            test = compiler._fast_comparison(
                ">=" if name == "GREATEST" else "<=",
                plain(a, type_), plain(b, type_),
            )  # fmt: skip
            if a1 == a and b1 == b:
                fast = f"({a} if {test} else {b})"
        return E(fast, slow, type_, nonnull=nonnull, low=low, high=high)

    return write


def _nvl(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    return _coalesced(compiler, arguments, node, "NVL", 2, 2)


def _coalesce(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    return _coalesced(compiler, arguments, node, "COALESCE", 2, None)


def _coalesced(
    compiler: Any, arguments: tuple[s.Argument, ...], node: Any, name: str, low: int,
    high: int | None,
) -> E:  # fmt: skip
    items = _positional(compiler, arguments, node, name, low, high)
    type_ = compiler.common_type(items, node)
    items = [compiler.convert(item, type_, node) for item in items]
    codes = [compiler.settled(item) for item in items]
    code = codes[-1]
    for item in reversed(codes[:-1]):
        name = compiler.new("_c")
        code = f"({name} if ({name} := {item}) is not None else {code})"
    return plain(code, type_, nonnull=items[-1].nonnull)


def _nullif(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    left, right = _positional(compiler, arguments, node, "NULLIF", 2, 2)
    left = compiler.settle(left)
    same = compiler.settled(compiler.comparison("=", left, right, node))
    return plain(f"(None if {same} else {left.fast})", left.type)


def _nvl2(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    if compiler.sql is None:
        raise compiler.refuse("NVL2 exists in SQL only", node)
    e, then, other = _positional(compiler, arguments, node, "NVL2", 3, 3)
    type_ = compiler.common_type([then, other], node)
    then, other = compiler.convert(then, type_, node), compiler.convert(other, type_, node)
    codes = [compiler.settled(item) for item in (e, then, other)]
    return plain(f"({codes[1]} if {codes[0]} is not None else {codes[2]})", type_)


def _nanvl(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    items = _positional(compiler, arguments, node, "NANVL", 2, 2)
    type_ = compiler.common_type(items, node)
    if type_.kind not in ("FLOAT", "DOUBLE"):
        raise compiler.refuse(f"PLS-00306: NANVL of a {type_}", node)
    a, b = (compiler.convert(item, type_, node) for item in items)
    return E(f"_nanvl({a.fast}, {b.fast})", f"_nn(_nanvl, {a.slow}, {b.slow})", type_)


def _to(target: Any, name: str) -> Handler:
    """TO_BINARY_DOUBLE, TO_BINARY_FLOAT, TO_NUMBER."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, 1, 3)
        e = items[0]
        if e.type.is_text:
            is_digits = isinstance(e.constant, str) and e.constant.isdigit()
            if len(items) == 3 or (len(items) == 1 and is_digits):
                return compiler.convert(_through("_to_number", e, NUMBER), target, node)
            raise compiler.refuse(
                f"{name} of a text reads it as NLS_NUMERIC_CHARACTERS says: use a literal, or "
                "give a format and the NLS parameter", node
            )  # fmt: skip
        if len(items) != 1:
            raise compiler.refuse(f"{name} of a {e.type} with a format", node)
        return compiler.convert(e, target, node)  # type: ignore[no-any-return]

    return write


def _to_char(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    items = _positional(compiler, arguments, node, "TO_CHAR", 1, 3)
    e = items[0]
    if e.type.kind in ("DATE", "TIMESTAMP"):
        if len(items) != 2:
            raise compiler.refuse("TO_CHAR of a date needs a format", node)
        if e.type == DATE and "FF" in str(items[1].constant).upper():
            raise compiler.refuse("ORA-01821: a DATE has no fractional seconds", node)
        codes = ", ".join(compiler.settled(item) for item in items)
        return plain(f"_date_text({codes})", VARCHAR)
    if len(items) > 1:
        codes = ", ".join(compiler.settled(item) for item in items)
        return plain(f"_format_number({codes})", VARCHAR)
    return compiler.as_text(e, node)  # type: ignore[no-any-return]


def _plain_function(
    name: str, function: str, types: str, returns: Any, optional: int = 0, propagates: bool = True
) -> Handler:
    """A function of fixed types: t text, i integer, n number, r raw, f float, d double."""
    known = {"t": VARCHAR, "i": PLS, "n": NUMBER, "r": RAW, "f": FLOAT, "d": DOUBLE}

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, len(types) - optional, len(types))
        codes = []
        result = returns
        for item, kind in zip(items, types, strict=False):
            if kind == "t" and item.type.kind == "CLOB":
                result = CLOB if returns == VARCHAR else returns
            elif kind == "t":
                item = compiler.as_text(item, node)
            else:
                item = compiler.convert(item, known[kind], node, f"argument of {name}")
            codes.append(compiler.settled(item))
        if name == "SUBSTR" and result == CLOB and returns == VARCHAR and compiler.sql is None:
            result = CLOB
        call = f"_nn({function}, {', '.join(codes)})" if propagates else (
            f"{function}({', '.join(codes)})")  # fmt: skip
        return plain(call, result)

    return write


def _in_utc(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    """SYS_EXTRACT_UTC of a moment with a time zone; SQL Language Reference 19c."""
    (e,) = _positional(compiler, arguments, node, "SYS_EXTRACT_UTC", 1, 1)
    if e.type != TIMESTAMP_TZ:
        raise compiler.refuse(f"SYS_EXTRACT_UTC of a {e.type} asks for the session's zone", node)
    return plain(f"_nn(_in_utc, {compiler.settled(e)})", TIMESTAMP)


def _from_tz(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    """FROM_TZ of a timestamp and an offset as +HH:MM; SQL Language Reference 19c."""
    moment, zone = _positional(compiler, arguments, node, "FROM_TZ", 2, 2)
    if moment.type != TIMESTAMP or not zone.type.is_text:
        raise compiler.refuse(f"FROM_TZ of a {moment.type}", node)
    code = f"_nn(_from_tz, {compiler.settled(moment)}, {compiler.settled(zone)})"
    return plain(code, TIMESTAMP_TZ)


def _date_from(name: str, type_: Any) -> Handler:
    """TO_DATE and TO_TIMESTAMP: without a format NLS_DATE_FORMAT would decide."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        items = _positional(compiler, arguments, node, name, 2, 2)
        pattern = items[1].constant
        if not (items[0].type.is_text and isinstance(pattern, str)):
            raise compiler.refuse(f"{name} of a text and a literal format is needed", node)
        if type_ == DATE and "FF" in pattern.upper():
            raise compiler.refuse("ORA-01821: a DATE has no fractional seconds", node)
        codes = ", ".join(compiler.settled(item) for item in items)
        return plain(f"_nn(_date_of, {codes})", type_)

    return write


def _now(type_: Any) -> Handler:
    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        _positional(compiler, arguments, node, "SYSDATE", 0, 0)
        return plain("S.now()", type_, nonnull=True)

    return write


def _constant(code: str, type_: Any) -> Handler:
    """A constant of STANDARD: BINARY_FLOAT_NAN and its like."""

    def write(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
        _positional(compiler, arguments, node, "constant", 0, 0)
        return plain(code, type_, nonnull=True)

    return write


def _user(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    _positional(compiler, arguments, node, "USER", 0, 0)
    return plain("S.user", VARCHAR, nonnull=True)


def _sys_context(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    items = _positional(compiler, arguments, node, "SYS_CONTEXT", 2, 2)
    codes = ", ".join(compiler.settled(item) for item in items)
    return plain(f"S.sys_context({codes})", VARCHAR)


def _sqlcode(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    _positional(compiler, arguments, node, "SQLCODE", 0, 0)
    if compiler.sql is not None:
        raise compiler.refuse("PLS-00231: SQLCODE in SQL: assign it to a variable first", node)
    return plain(f"_sqlcode({compiler.handled(node, 'SQLCODE')})", PLS, nonnull=True)


def _sqlerrm(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    _positional(compiler, arguments, node, "SQLERRM", 0, 0)
    if compiler.sql is not None:
        raise compiler.refuse("PLS-00231: SQLERRM in SQL: assign it to a variable first", node)
    return plain(f"_sqlerrm({compiler.handled(node, 'SQLERRM')})", VARCHAR, nonnull=True)


def _standard_hash(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    if compiler.sql is None:
        raise compiler.refuse("PLS-00201: STANDARD_HASH exists in SQL only", node)
    items = _positional(compiler, arguments, node, "STANDARD_HASH", 1, 2)
    e = items[0]
    if not isinstance(e.type, Scalar) or e.type.kind in ("CLOB", "BLOB"):
        raise compiler.refuse(f"ORA-00902: STANDARD_HASH of a {e.type}", node)
    if not (e.type.is_text or e.type.kind == "RAW"):
        raise compiler.refuse(f"STANDARD_HASH of a {e.type} hashes its inner form", node)
    codes = ", ".join(compiler.settled(item) for item in items)
    return plain(f"_standard_hash({codes})", RAW)


def _decode(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    if compiler.sql is None:
        raise compiler.refuse("PLS-00204: DECODE exists in SQL only", node)
    items = _positional(compiler, arguments, node, "DECODE", 3)
    e, rest = items[0], items[1:]
    results = [*rest[1::2], *([rest[-1]] if len(rest) % 2 else [])]
    type_ = compiler.common_type(results, node)
    code = "None"
    if len(rest) % 2:
        code = compiler.settled(compiler.convert(rest[-1], type_, node))
        rest = rest[:-1]
    subject = compiler.settled(e)
    for place in range(len(rest) - 2, -1, -2):
        key = compiler.settled(rest[place])
        result = compiler.settled(compiler.convert(rest[place + 1], type_, node))
        code = f"({result} if _same({subject}, {key}) else {code})"
    return plain(code, type_)


def _trim(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    return _plain_function("TRIM", "_trim", "t", VARCHAR)(compiler, arguments, node)


def _lob_length(compiler: Any, arguments: tuple[s.Argument, ...], node: Any) -> E:
    items = _positional(compiler, arguments, node, "DBMS_LOB.GETLENGTH", 1, 1)
    return plain(f"_nn(_length, {compiler.settled(items[0])})", NUMBER)


FUNCTIONS: dict[str, Handler] = {
    "EXP": _transcendental("EXP"),
    "LN": _transcendental("LN"),
    "TANH": _transcendental("TANH"),
    "SINH": _transcendental("SINH"),
    "COSH": _transcendental("COSH"),
    "SIN": _transcendental("SIN"),
    "COS": _transcendental("COS"),
    "TAN": _transcendental("TAN"),
    "ATAN": _transcendental("ATAN"),
    "POWER": _transcendental("POWER", 2),
    "BINARY_FLOAT_NAN": _constant("_nan", FLOAT),
    "BINARY_FLOAT_INFINITY": _constant("_infinity", FLOAT),
    "BINARY_FLOAT_MAX_NORMAL": _constant("_max_float", FLOAT),
    "BINARY_DOUBLE_MAX_NORMAL": _constant("_max_double", DOUBLE),
    "BINARY_DOUBLE_NAN": _constant("_nan", DOUBLE),
    "BINARY_DOUBLE_INFINITY": _constant("_infinity", DOUBLE),
    "ABS": _abs,
    "SQRT": _sqrt,
    "FLOOR": _rounding("FLOOR"),
    "CEIL": _rounding("CEIL"),
    "ROUND": _round("ROUND"),
    "TRUNC": _round("TRUNC"),
    "MOD": _mod,
    "GREATEST": _extreme("GREATEST"),
    "LEAST": _extreme("LEAST"),
    "NVL": _nvl,
    "NVL2": _nvl2,
    "NULLIF": _nullif,
    "COALESCE": _coalesce,
    "NANVL": _nanvl,
    "SIGN": _plain_function("SIGN", "_sign", "n", PLS),
    "TO_BINARY_DOUBLE": _to(DOUBLE, "TO_BINARY_DOUBLE"),
    "TO_BINARY_FLOAT": _to(FLOAT, "TO_BINARY_FLOAT"),
    "TO_NUMBER": _to(NUMBER, "TO_NUMBER"),
    "TO_CHAR": _to_char,
    "TO_CLOB": _plain_function("TO_CLOB", "_same_text", "t", CLOB),
    "SUBSTR": _plain_function("SUBSTR", "_substr", "tii", VARCHAR, 1),
    "INSTR": _plain_function("INSTR", "_instr", "ttii", PLS, 2),
    "LENGTH": _plain_function("LENGTH", "_length", "t", PLS),
    "LENGTHB": _plain_function("LENGTHB", "_lengthb", "t", PLS),
    "UPPER": _plain_function("UPPER", "_upper", "t", VARCHAR),
    "LOWER": _plain_function("LOWER", "_lower", "t", VARCHAR),
    "TRIM": _trim,
    "RTRIM": _plain_function("RTRIM", "_rtrim", "tt", VARCHAR, 1),
    "LTRIM": _plain_function("LTRIM", "_ltrim", "tt", VARCHAR, 1),
    "LPAD": _plain_function("LPAD", "_lpad", "tit", VARCHAR, 1),
    "RPAD": _plain_function("RPAD", "_rpad", "tit", VARCHAR, 1),
    "REPLACE": _plain_function("REPLACE", "_replace", "ttt", VARCHAR, 1, propagates=False),
    "CHR": _plain_function("CHR", "_chr", "i", VARCHAR),
    "ASCII": _plain_function("ASCII", "_ascii", "t", PLS),
    "UNISTR": _plain_function("UNISTR", "_unistr", "t", VARCHAR),
    "HEXTORAW": _plain_function("HEXTORAW", "_hextoraw", "t", RAW),
    "RAWTOHEX": _plain_function("RAWTOHEX", "_rawtohex", "r", VARCHAR),
    "TO_DATE": _date_from("TO_DATE", DATE),
    "TO_TIMESTAMP": _date_from("TO_TIMESTAMP", TIMESTAMP),
    "SYSDATE": _now(DATE),
    "SYSTIMESTAMP": _now(TIMESTAMP_TZ),
    "CURRENT_TIMESTAMP": _now(TIMESTAMP_TZ),
    "SYS_EXTRACT_UTC": _in_utc,
    "FROM_TZ": _from_tz,
    "USER": _user,
    "SYS_CONTEXT": _sys_context,
    "SQLCODE": _sqlcode,
    "SQLERRM": _sqlerrm,
    "STANDARD_HASH": _standard_hash,
    "DECODE": _decode,
    "UTL_RAW.CAST_TO_RAW": _plain_function("CAST_TO_RAW", "_cast_to_raw", "t", RAW),
    "UTL_RAW.CAST_TO_VARCHAR2": _plain_function("CAST_TO_VARCHAR2", "_raw_text", "r", VARCHAR),
    "UTL_RAW.LENGTH": _plain_function("LENGTH", "len", "r", NUMBER),
    "UTL_RAW.CONCAT": _plain_function("CONCAT", "_raw_concat", "r" * 12, RAW, 11, propagates=False),
    "UTL_RAW.SUBSTR": _plain_function("SUBSTR", "_raw_substr", "rii", RAW, 1),
    "UTL_RAW.REVERSE": _plain_function("REVERSE", "_raw_reverse", "r", RAW),
    "UTL_RAW.COMPARE": _plain_function("COMPARE", "_raw_compare", "rr", NUMBER, propagates=False),
    "UTL_RAW.BIT_XOR": _plain_function("BIT_XOR", "_raw_xor", "rr", RAW),
    "UTL_RAW.CAST_FROM_BINARY_FLOAT": _plain_function(
        "CAST_FROM_BINARY_FLOAT", "_raw_from_f", "fi", RAW, 1
    ),
    "UTL_RAW.CAST_TO_BINARY_FLOAT": _plain_function(
        "CAST_TO_BINARY_FLOAT", "_raw_to_f", "ri", FLOAT, 1
    ),
    "UTL_RAW.CAST_FROM_BINARY_DOUBLE": _plain_function(
        "CAST_FROM_BINARY_DOUBLE", "_raw_from_d", "di", RAW, 1
    ),
    "UTL_RAW.CAST_TO_BINARY_DOUBLE": _plain_function(
        "CAST_TO_BINARY_DOUBLE", "_raw_to_d", "ri", DOUBLE, 1
    ),
    "UTL_RAW.CAST_FROM_BINARY_INTEGER": _plain_function(
        "CAST_FROM_BINARY_INTEGER", "_raw_from_i", "ii", RAW, 1
    ),
    "UTL_RAW.CAST_TO_BINARY_INTEGER": _plain_function(
        "CAST_TO_BINARY_INTEGER", "_raw_to_i", "ri", PLS, 1
    ),
    "DBMS_LOB.GETLENGTH": _lob_length,
    "DBMS_LOB.SUBSTR": _plain_function("DBMS_LOB.SUBSTR", "_lob_substr", "tii", VARCHAR, 2),
    "DBMS_UTILITY.FORMAT_ERROR_BACKTRACE": lambda c, a, n: plain("'(backtrace)'", VARCHAR),
    "DBMS_SESSION.UNIQUE_SESSION_ID": lambda c, a, n: plain("S.unique_id()", VARCHAR, nonnull=True),
    "DBMS_SESSION.IS_SESSION_ALIVE": _plain_function(
        "IS_SESSION_ALIVE", "S.is_alive", "t", BOOLEAN
    ),
    "DBMS_UTILITY.GET_TIME": lambda c, a, n: plain("S.hundredths()", NUMBER, nonnull=True),
    "DBMS_UTILITY.GET_HASH_VALUE": _plain_function("GET_HASH_VALUE", "_hash_value", "tnn", NUMBER),
    "DBMS_ASSERT.ENQUOTE_NAME": _plain_function("ENQUOTE_NAME", "_enquote_name", "t", VARCHAR),
    "DBMS_ASSERT.ENQUOTE_LITERAL": _plain_function(
        "ENQUOTE_LITERAL", "_enquote_literal", "t", VARCHAR
    ),
}


def _procedure(name: str, native: str, *params: tuple[str, Any]) -> list[Sub]:
    formal = tuple(Param(p, "IN", False, t, None, p.lower()) for p, t in params)
    return [Sub(name, formal, None, (), native, native=True, public=True, defined=True)]


PACKAGES: dict[str, dict[str, list[Sub]]] = {
    "UTL_NLA": nla.ROUTINES,
    "UTL_RAW": {},
    "DBMS_LOB": {},
    "DBMS_UTILITY": {},
    "DBMS_SESSION": {},
    "DBMS_ASSERT": {},
    "DBMS_OUTPUT": {
        "PUT_LINE": _procedure("PUT_LINE", "_put_line", ("A", VARCHAR)),
        "ENABLE": _procedure("ENABLE", "_ignored"),
    },
    "DBMS_APPLICATION_INFO": {
        "SET_MODULE": _procedure("SET_MODULE", "_ignored", ("MODULE_NAME", VARCHAR),
                                 ("ACTION_NAME", VARCHAR)),
        "SET_ACTION": _procedure("SET_ACTION", "_ignored", ("ACTION_NAME", VARCHAR)),
        "SET_CLIENT_INFO": _procedure("SET_CLIENT_INFO", "_ignored", ("CLIENT_INFO", VARCHAR)),
    },
}  # fmt: skip
