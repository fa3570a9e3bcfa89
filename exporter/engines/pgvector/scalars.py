"""Expressions of double precision in SQL, every name qualified: functions are parsed under the
search_path of whoever calls them.

Nothing here raises an error in the server for NaN, an infinity, or a number too small: PostgreSQL's
own exp, ln and casts to real do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exporter.sql.text import Sql, comma, number

MOST_SINGLE = 3.4028235677973362e38  # beyond it a double is infinite as a real
LEAST_SINGLE = 7.006492321624087e-46  # below it a double is 0 as a real
MOST_EXPONENT = 88.7228390520683  # exp of more is infinite as a real
MOST_PRODUCT = 1e300  # far from where a product overflows
NOTHING = 1e-60  # what is far smaller is 0 beside it


def constant(value: float) -> Sql:
    """A number."""
    return number(float(value))


def add(a: Sql, b: Sql) -> Sql:
    """a + b."""
    return Sql("({} operator(pg_catalog.+) {})").format(a, b)


def subtract(a: Sql, b: Sql) -> Sql:
    """a - b."""
    return Sql("({} operator(pg_catalog.-) {})").format(a, b)


def multiply(a: Sql, b: Sql) -> Sql:
    """a * b."""
    return Sql("({} operator(pg_catalog.*) {})").format(a, b)


def divide(a: Sql, b: Sql) -> Sql:
    """a / b, where b is never 0."""
    return Sql("({} operator(pg_catalog./) {})").format(a, b)


def negate(a: Sql) -> Sql:
    """-a."""
    return Sql("(operator(pg_catalog.-) {})").format(a)


def compare(a: Sql, sign: Sql, b: Sql) -> Sql:
    """A comparison; NaN is larger than all other numbers, and equal to itself."""
    return Sql("({} operator(pg_catalog.{}) {})").format(a, sign, b)


def call(name: Sql, *arguments: Sql) -> Sql:
    """A function of pg_catalog."""
    return Sql("pg_catalog.{}({})").format(name, comma(arguments))


def choose(condition: Sql, yes: Sql, no: Sql) -> Sql:
    """yes where the condition holds, else no."""
    return Sql("case when {} then {} else {} end").format(condition, yes, no)


def total(items: Sequence[Sql]) -> Sql:
    """The sum, added in pairs: one long chain would be nested as deep as it is long."""
    return _in_pairs(items, add)


def product(items: Sequence[Sql], most: float) -> Sql:
    """The product of numbers that a network computes in float32, which stays below most. What is
    far smaller than any real number is 0, so that no product of these underflows in its turn."""
    if most < MOST_PRODUCT:
        return _in_pairs(items, lambda a, b: _settled(multiply(a, b)))
    return in_order(items)


def _settled(x: Sql) -> Sql:
    return subtract(add(x, constant(NOTHING)), constant(NOTHING))


def in_order(items: Sequence[Sql]) -> Sql:
    """The product of any doubles, from the left to the right."""
    result = items[0]
    for item in items[1:]:
        result = times(result, item)
    return result


def average(items: Sequence[Sql]) -> Sql:
    """The sum by how many there are."""
    return divide(total(items), constant(len(items)))


def _in_pairs(items: Sequence[Sql], combine: Callable[[Sql, Sql], Sql]) -> Sql:
    left = list(items)
    while len(left) > 1:
        pairs = [combine(a, b) for a, b in zip(left[::2], left[1::2], strict=False)]
        left = pairs + left[len(pairs) * 2 :]
    return left[0]


def largest(items: Sequence[Sql]) -> Sql:
    """The largest; NaN where one is NaN. PostgreSQL's greatest compares through the type's index
    function, which costs four times as much as what its max() calls."""
    return _in_pairs(items, lambda a, b: call(Sql("float8larger"), a, b))


def smallest(items: Sequence[Sql]) -> Sql:
    """The smallest; NaN where one is NaN, which SQL's least would pass over."""
    return negate(largest([negate(item) for item in items])) if len(items) > 1 else items[0]


def largest_number(items: Sequence[Sql], most: float) -> Sql:
    """The largest that is a number, at least -most: NaN is passed over, as in a pool's window.
    The smaller of NaN and a number is the number in PostgreSQL."""
    turned = [*(negate(item) for item in items), constant(most)]
    return negate(_in_pairs(turned, lambda a, b: call(Sql("float8smaller"), a, b)))


def clip(x: Sql, low: float, high: float) -> Sql:
    """min(max(x, low), high); NaN stays."""
    return smallest([largest([x, constant(low)]), constant(high)])


def is_nan(x: Sql) -> Sql:
    """Whether x is NaN."""
    return compare(x, Sql("="), constant(float("nan")))


def exp(x: Sql, least: float, most: float) -> Sql:
    """exp(x), exp(least) below that, and infinite above most; x stands three times."""
    safe = call(Sql("exp"), largest([x, constant(least)]))
    beyond = choose(is_nan(x), x, constant(float("inf")))
    return choose(compare(x, Sql("<="), constant(most)), safe, beyond)


def exp_of_negative(x: Sql, least: float) -> Sql:
    """exp(x) of what is at most 0, or NaN."""
    return call(Sql("exp"), largest([x, constant(least)]))


def within(x: Sql, least: float, most: float) -> Sql:
    """x, but infinite where it is larger than most, and 0 where it is smaller than least: what it
    is multiplied by then neither over- nor underflows, which are errors; x stands five times."""
    small = choose(compare(call(Sql("abs"), x), Sql("<"), constant(least)), constant(0.0), x)
    below = choose(compare(x, Sql("<"), constant(-most)), constant(float("-inf")), small)
    above = choose(is_nan(x), x, constant(float("inf")))
    return choose(compare(x, Sql(">"), constant(most)), above, below)


def times(a: Sql, b: Sql) -> Sql:
    """a * b of any doubles, by a function of the registry that never over- or underflows."""
    return Sql("export_model.vector_times({}, {})").format(a, b)


def over(a: Sql, b: Sql) -> Sql:
    """a / b in the same way; b may be 0."""
    return Sql("export_model.vector_over({}, {})").format(a, b)


def as_single(x: Sql) -> Sql:
    """x rounded to real, infinite where it is too large; x stands five times."""
    rounded = Sql("{}::real::double precision").format(x)
    small = choose(
        compare(call(Sql("abs"), x), Sql("<"), constant(LEAST_SINGLE)), constant(0.0), rounded
    )
    below = choose(compare(x, Sql("<"), constant(-MOST_SINGLE)), constant(float("-inf")), small)
    above = choose(is_nan(x), x, constant(float("inf")))
    return choose(compare(x, Sql(">"), constant(MOST_SINGLE)), above, below)
