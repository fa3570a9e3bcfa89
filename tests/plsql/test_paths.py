"""The two forms of generated code, fast and slow, always agree: random programs run with both."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from plsql.lexer import tokenize
from plsql.machine import Database
from plsql.values import PlsqlError, Refused

DECLARATIONS = """
  i pls_integer := {0}; j pls_integer := {1}; n number := {2}; m number := {3};
  f binary_float := {4}; g binary_float := {5}; d binary_double := {6}; e binary_double := {7};
  t varchar2(20) := {8}; u varchar2(20) := {9}; a boolean := {10}; b boolean := {11};
  v utl_nla_array_flt := {12}; w utl_nla_array_dbl := {13};
  k k_numbers := k_numbers(4, null, 2);
"""
CHOICES = {
    "i": ("null", "0", "1", "-3", "2147483647", "-2147483647"),
    "n": ("null", "0", "1.5", "-7", "1e100", "3"),
    "f": ("null", "0f", "1.5f", "-3f", "binary_float_nan", "binary_float_infinity", "3e38f"),
    "d": ("null", "0d", "0.1d", "-3d", "binary_double_nan", "-binary_double_infinity", "1e308d"),
    "t": ("null", "''", "'a'", "'abc'", "'B'"),
    "a": ("null", "true", "false"),
    "v": ("null", "utl_nla_array_flt()", "utl_nla_array_flt(1f, null, -2f)"),
    "w": ("null", "utl_nla_array_dbl()", "utl_nla_array_dbl(1d, null, -2d)"),
}
KINDS = ("i", "i", "n", "n", "f", "f", "d", "d", "t", "t", "a", "a", "v", "w")


class Programs:
    """Random expressions of each kind."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def integer(self, depth: int) -> str:
        if depth <= 0:
            return self.one("i", "j", "2", "-1", "3", "v.count", "k.count")
        x, y = self.integer(depth - 1), self.integer(depth - 2)
        return self.one(
            f"({x} {self.one('+', '-', '*')} {y})", f"mod({x}, {y})", f"(-({x}))", f"abs({x})",
            f"greatest({x}, {y})", f"nvl({x}, {y})",
            f"case when {self.boolean(depth - 1)} then {x} else {y} end",
            f"instr(t, {self.text(0)})",
        )  # fmt: skip

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.one("n", "m", "0.25", "i", "k(1)", "k(2)")
        x, y = self.number(depth - 1), self.number(depth - 2)
        return self.one(
            f"({x} {self.one('+', '-', '*', '/')} {y})", f"round({x}, 2)", f"floor({x})",
            f"k({self.integer(depth - 1)})", f"coalesce({x}, {y})", f"least({x}, {y})",
        )  # fmt: skip

    def single(self, depth: int) -> str:
        if depth <= 0:
            return self.one("f", "g", "0.5f", "v(1)", "v(2)")
        x, y = self.single(depth - 1), self.single(depth - 2)
        return self.one(
            f"({x} {self.one('+', '-', '*', '/')} {y})", f"v({self.integer(depth - 1)})",
            f"abs({x})", f"greatest({x}, {y})", f"least({x}, {y})", f"nanvl({x}, {y})",
            f"to_binary_float({self.integer(depth - 1)})", f"sqrt({x})",
        )  # fmt: skip

    def double(self, depth: int) -> str:
        if depth <= 0:
            return self.one("d", "e", "2d", "w(1)", "w(3)")
        x, y = self.double(depth - 1), self.double(depth - 2)
        return self.one(
            f"({x} {self.one('+', '-', '*', '/')} {y})", f"exp({x})", f"tanh({x})",
            f"ln(1d + abs({x}))",
            f"power(1d + abs({x}), {y})", f"to_binary_double({self.single(depth - 1)})", f"(-{x})",
            f"case when {self.boolean(depth - 1)} then {x} else {y} end",
        )  # fmt: skip

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.one("t", "u", "'b'", "to_char(i)")
        x, y = self.text(depth - 1), self.text(depth - 2)
        return self.one(f"{x} || {y}", f"substr({x}, {self.integer(0)})", f"upper({x})",
                        f"nvl({x}, {y})")  # fmt: skip

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.one("a", "b", "true", "i > 1", "v is null", "f > 0f", "v.exists(2)")
        x, y = self.boolean(depth - 1), self.boolean(depth - 2)
        op = self.one("=", "<>", "<", ">", "<=", ">=")
        make = self.one("integer", "number", "single", "double", "text")
        p = getattr(self, make)(depth - 1)
        q, r = (getattr(self, make)(depth - 2) for _ in range(2))
        return self.one(
            f"({x} and {y})", f"({x} or {y})", f"not {x}", f"({p} {op} {q})",
            f"({p} between {q} and {r})", f"({p} in ({q}, {r}))", f"({p}) is null",
            f"({p}) is not null", f"({self.double(depth - 1)} is nan)",
        )  # fmt: skip

    def program(self) -> str:
        values = [self.one(*CHOICES[kind]) for kind in KINDS]
        lines = []
        for _ in range(4):
            target, make = self.one("i integer", "n number", "f single", "d double", "t text",
                                    "a boolean", "v(2) single", "k(2) number").split()  # fmt: skip
            value = getattr(self, make)(3)
            lines.append(f"begin {target} := {value}; exception when others then p(sqlcode); end;")
            condition = self.boolean(3)
            lines.append(f"begin if {condition} then p('yes'); else p('no'); end if; exception"
                         " when others then p(sqlcode); end;")  # fmt: skip
        shown = "show(i); show(n); show(d); show(to_binary_double(f)); p(t); show(a); show(k(2));"
        return (
            "declare procedure p(x varchar2) is begin dbms_output.put_line(x); end p;"
            " procedure p(x pls_integer) is begin dbms_output.put_line(to_char(x)); end p;"
            " procedure show(x number) is begin p(to_char(x)); end show;"
            " procedure show(x binary_double) is begin p(to_char(x)); end show;"
            " procedure show(x boolean) is begin p(case when x then 't' when not x then 'f' end);"
            " end show; begin declare type k_numbers is table of number;"
            f"{DECLARATIONS.format(*values)} begin {' '.join(lines)} {shown} end; end;"
        )


def outcome(text: str, slow_only: bool) -> object:
    """What a program printed, or how it ended."""
    database = Database()
    database.catalog.slow_only = slow_only
    session = database.session()
    try:
        session.execute(text)
    except (PlsqlError, Refused) as problem:
        return type(problem), str(problem), session.output
    return session.output


@pytest.mark.parametrize("seed", range(250))
def test_fast_and_slow_agree(seed: int) -> None:
    text = Programs(seed).program()
    assert outcome(text, False) == outcome(text, True), text


def test_the_programs_reach_both_results_and_errors() -> None:
    printed: list[str] = []
    for seed in range(60):
        result = outcome(Programs(seed).program(), False)
        printed += result if isinstance(result, list) else result[2]  # type: ignore[index]
    for wanted in ("yes", "no", "-6502", "-6531", "-6532", "-6533", "-1426", "-1476"):
        assert wanted in printed, wanted


def test_broken_texts_are_refused_and_never_crash() -> None:
    script = Path(__file__).with_name("test_other_style.py").read_text("utf-8")
    start = script.index("CREATE OR REPLACE PACKAGE BODY")
    body = script[start : script.index("\n/\nBEGIN")]
    tokens = tokenize(body)[:-1]
    source = random.Random(5)
    refused = 0
    for _ in range(150):
        place = source.randrange(len(tokens) - 1)
        one, other = tokens[place], source.choice(tokens)
        instead = source.choice(["", body[other.start : other.stop]])
        database = Database(explicit_numbers=False)
        session = database.session()
        for text in script[script.index("CREATE TABLE") :].split("\n/\n")[:2]:
            session.execute(text)
        try:
            session.execute(body[: one.start] + instead + body[one.stop :])
        except (PlsqlError, Refused):
            refused += 1
    # Some changes are right texts: another literal, a comma for a comma.
    assert refused > 125
