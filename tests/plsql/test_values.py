"""Arithmetic of binary floats against numpy, of NUMBER against exact fractions."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from plsql.machine import Database
from plsql.values import PlsqlError, Refused

SPECIAL = [0.0, 1.0, -1.0, 1.5e-45, 3.4e38, -3.4e38, 1 / 3, np.inf, -np.inf, np.nan, 16777217.0]


def numbers(seed: int, count: int) -> list[float]:
    source = random.Random(seed)
    return SPECIAL + [source.gauss(0, 1) * 10 ** source.randint(-40, 38) for _ in range(count)]


@pytest.mark.parametrize(("kind", "letter"), [("flt", "f"), ("dbl", "d")])
@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
def test_binary_arithmetic_is_that_of_ieee_754(kind: str, letter: str, op: str) -> None:
    dtype = {"f": np.float32, "d": np.float64}[letter]
    with np.errstate(all="ignore"):
        left = np.array(numbers(1, 200), dtype)
        right = np.roll(np.array(numbers(2, 200), dtype), 7) + dtype(0)
        expected = {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op]
    session = Database().session()
    binds = {
        "x": session.variable(f"utl_nla_array_{kind}", left),
        "y": session.variable(f"utl_nla_array_{kind}", right),
        "z": session.variable(f"utl_nla_array_{kind}"),
    }
    session.execute(
        f"declare a utl_nla_array_{kind} := :x; b utl_nla_array_{kind} := :y; begin"
        f" for i in 1 .. a.count loop a(i) := a(i) {op} b(i); end loop; :z := a; end;",
        binds,
    )
    np.testing.assert_array_equal(np.array(binds["z"].value.a, dtype), expected)


@pytest.mark.parametrize("name", ["exp", "ln", "tanh", "sqrt", "sin", "abs", "floor", "ceil"])
def test_functions_of_binary_double(name: str) -> None:
    given = np.array(numbers(3, 100))
    given = given[~(given <= 0)] if name == "ln" else given
    with np.errstate(all="ignore"):
        expected = {"ln": np.log, "abs": np.abs}.get(name, getattr(np, name, None))(given)  # type: ignore[misc]
    session = Database().session()
    binds = {"x": session.variable("utl_nla_array_dbl", given)}
    session.execute(
        "declare a utl_nla_array_dbl := :x; begin"
        f" for i in 1 .. a.count loop a(i) := {name}(a(i)); end loop; :x := a; end;",
        binds,
    )
    np.testing.assert_allclose(np.array(binds["x"].value.a), expected, rtol=1e-15)


@pytest.mark.parametrize("call", ["ln(0d)", "ln(-1d)", "power(-8d, 0.5d)", "power(0d, -1d)"])
def test_what_the_manual_leaves_open_is_refused(call: str) -> None:
    with pytest.raises(Refused, match="the manual leaves open"):
        Database().session().execute(f"declare a binary_double; begin a := {call}; end;")


def test_a_number_ends_before_a_binary_double() -> None:
    with pytest.raises(PlsqlError, match="ORA-01426"):
        Database().session().execute("declare a number; begin a := to_number(1e200d); end;")


def test_number_keeps_38_digits() -> None:
    session = Database().session()
    source = random.Random(4)
    for _ in range(200):
        left, right = (
            Decimal(source.randint(-(10**18), 10**18)).scaleb(source.randint(-9, 9)) for _ in "ab"
        )
        got = session.query("select :a + :b, :a * :b, :a - :b from dual", {"a": left, "b": right})
        exact = Fraction(left), Fraction(right)
        for value, wanted in zip(
            got[0], (exact[0] + exact[1], exact[0] * exact[1], exact[0] - exact[1]), strict=True
        ):
            assert abs(Fraction(value) - wanted) <= abs(wanted) * Fraction(1, 10**37)
