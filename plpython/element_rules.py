"""The rules of what is done to each element, and to those of several inputs together."""

from plpython.data import a_number, one_of
from plpython.elementwise import COMPARISONS, FUNCTIONS
from plpython.values import (
    ANY,
    EXP,
    TOUCH,
    Value,
    _function_cost,
    broadcast,
    fit,
    need,
    numbers_of,
    rows_of,
    rule,
)


@rule("unary", function=one_of(*FUNCTIONS))
def _of_unary(x, function):
    kind = numbers_of(x)
    return x.like(kind=kind, work=_function_cost(function, kind, x.size), scratch=2 * x.bytes)


@rule("standardize", mean=ANY, deviation=ANY)
def _of_standardize(x, mean, deviation):
    fit(x, mean, deviation)
    return x.like(kind=numbers_of(x, mean, deviation), scratch=x.bytes)


@rule("clip", low=a_number, high=a_number)
@rule("not_equal", value=a_number)
@rule("fill", value=a_number)
def _of_elements(x, low=0, high=0, value=0):
    return x.like(kind=numbers_of(x), work=4 * TOUCH * x.size, scratch=2 * x.bytes)


@rule("cast", dtype=one_of("float32", "float64"))
def _of_cast(x, dtype):
    numbers_of(x)
    return x.like(kind="f8" if dtype == "float64" else "f4", scratch=x.bytes)


@rule("constant", inputs=0, value=ANY)
def _of_constant(value):
    made = Value(value.shape, numbers_of(value))
    made.is_constant = True
    return made


@rule("add", "multiply", "average", "maximum", "minimum", inputs=(1, 2**16))
@rule("subtract", "divide", "modulo", "power", inputs=2)
@rule("compare", inputs=2, function=one_of(*COMPARISONS))
@rule("where", inputs=3)
def _of_several(*xs, function=None):
    need(len({len(x.shape) for x in xs}) == 1, "its inputs differ in how many axes they have")
    made = Value(broadcast(*[x.shape for x in xs]), numbers_of(*xs), rows_of(xs))
    made.is_constant = all(x.is_constant for x in xs)
    return made.like(work=3 * EXP * made.size * len(xs), scratch=made.bytes)
