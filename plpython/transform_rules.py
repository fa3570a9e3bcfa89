"""The rules of what computes new numbers of columns."""

from plpython.data import a_flag, one_of, whole
from plpython.transforms import UFUNCS
from plpython.values import (
    CALL,
    ERF,
    EXP,
    TOUCH,
    _search,
    column_count,
    fit_exactly,
    need,
    numbers_of,
    rule,
    tensor,
)


@rule("ufunc", function=one_of(*UFUNCS))
def _of_ufunc(x, function):
    return x.like(kind=numbers_of(x), work=4 * EXP * x.size)


MOST_DEGREE = 32


@rule("power_transform", "power_inverse", method=one_of("yeo-johnson", "box-cox"),
      lambdas=tensor(1))  # fmt: skip
def _of_power(x, method, lambdas):
    fit_exactly(x, (column_count(x),), lambdas)
    return x.like(kind=numbers_of(x), work=8 * EXP * x.size, calls=10 * CALL * lambdas.size,
                  scratch=80 * x.rows)  # fmt: skip


@rule("quantile_transform", "quantile_inverse", quantiles=tensor(2), references=tensor(1),
      is_normal=a_flag)  # fmt: skip
def _of_quantiles(x, quantiles, references, is_normal):
    need(quantiles.size and column_count(x) == quantiles.shape[1], "its quantiles do not fit")
    fit_exactly(x, quantiles.shape[:1], references)
    own = 2 * _search(len(quantiles)) + (12 * EXP + 2 * ERF if is_normal else 4 * EXP)
    copies = 4 * quantiles.shape[0] * TOUCH  # of a column's quantiles, in each call
    calls = (60 * CALL + copies) * quantiles.shape[1]
    return x.like(
        kind=numbers_of(x),
        work=own * x.size,
        calls=calls,
        scratch=200 * x.rows + 40 * len(quantiles),
    )


def _lists_of_places(value):
    """The type of lists of lists of places, all as long as the first."""
    if type(value) is not list or not value or not all(type(item) is list for item in value):
        return "a list of lists of whole numbers"
    flat = [n for item in value for n in item]
    fine = len({len(item) for item in value}) == 1 and flat and set(map(type, flat)) == {int}
    return None if fine else "a list of lists of whole numbers, as many in each"


@rule("products", places=_lists_of_places)
def _of_products(x, places):
    columns = column_count(x)
    need(all(-1 <= n < columns for item in places for n in item), "its input lacks a column")
    count, most = len(places), len(places[0])
    work = most * 3 * TOUCH * count * x.rows + 2 * TOUCH * x.size
    scratch, copies = 16 * (count + columns) * x.rows, 8 * count * most
    return x.like(
        (count,), numbers_of(x), work=work, calls=most * CALL, scratch=scratch, copies=copies
    )


@rule("splines", knots=tensor(2), degree=whole(0, MOST_DEGREE), has_last=a_flag,
      outside=one_of("constant", "linear", "continue", "periodic", "error"))  # fmt: skip
def _of_splines(x, knots, degree, outside, has_last):
    columns = column_count(x)
    need(knots.shape[1] == columns and len(knots) >= 2 * degree + 2, "its knots do not fit")
    count = len(knots) - degree - 1
    splines = count - (degree if outside == "periodic" else 0) - (not has_last)
    need(splines > 0, "nothing is left of its splines")
    made = x.like((columns * splines,), numbers_of(x, knots))
    rounds = (degree + 1) * (degree + 1)
    work = columns * rounds * 24 * EXP * x.rows + 6 * TOUCH * made.size
    calls = columns * rounds * 24 * CALL
    return made.like(
        work=work, calls=calls, scratch=8 * (2 * count * columns + 4 * degree + 20) * x.rows
    )
