"""Quoting for Oracle, as text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.databases.oracle import text as oracle
from exporter.errors import SqlTextError
from exporter.sql.text import Sql


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (oracle.ident, "fraud", "fraud"),
        (oracle.ident, "Fraud_2", "fraud_2"),
        (oracle.ident, "_fraud", '"_fraud"'),
        (oracle.ident, "2fraud", '"2fraud"'),
        (oracle.ident, "date", '"date"'),
        (oracle.ident, "Select", '"Select"'),
        (oracle.ident, "utl_nla_array_flt", '"utl_nla_array_flt"'),
        (oracle.ident, "a b", '"a b"'),
        (oracle.ident, "x'; drop table t; --", "\"x'; drop table t; --\""),
        (oracle.ident, "x" * 128, "x" * 128),
        (oracle.catalog_name, "Fraud_2", "FRAUD_2"),
        (oracle.catalog_name, "date", "date"),
        (oracle.literal, None, "null"),
        (oracle.literal, "", "''"),
        (oracle.literal, "it's", "'it''s'"),
        (oracle.literal, "a&b", "'a'\n    || unistr('\\0026')\n    || 'b'"),
        (oracle.literal, "\\", "'\\'"),
        (oracle.literal, "é\n", "unistr('\\00e9\\000a')"),
        (oracle.literal, "😀", "unistr('\\d83d\\de00')"),
        (oracle.number, 3, "3"),
        (oracle.number, 0.1, "0.10000000000000001d"),
        (oracle.number, float("-inf"), "-binary_double_infinity"),
        (oracle.number, float("nan"), "binary_double_nan"),
        (oracle.single, 0.1, "0.100000001f"),
        (oracle.single, 1.0, "1f"),
        (oracle.single, 1e-45, "1.40129846e-45f"),
        (oracle.single, -0.0, "0f"),
        (oracle.array_of, np.zeros(0, np.float32), "utl_nla_array_flt()"),
        (
            oracle.array_of,
            np.array([1.5, np.nan], np.float32),
            "utl_nla_array_flt(1.5f, binary_float_nan)",
        ),
        (oracle.array_of, np.array([0.1]), "utl_nla_array_dbl(0.10000000000000001d)"),
        (
            oracle.array_of,
            np.array(["it's", None], object),
            "sys.odcivarchar2list('it''s', null)",
        ),
        (oracle.program, "a 'b'\nc", "'a ''b''\nc'"),
        (oracle.comma, [Sql("a"), Sql("b")], "a, b"),
        (oracle.comma, [], ""),
        (oracle.remark, "50 & 60; é --", "50 ? 60? ?"),
    ],
)  # fmt: skip
def test_quoting(function: object, value: object, expected: str) -> None:
    assert function(value) == expected  # type: ignore[operator]


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (oracle.ident, ""),
        (oracle.ident, "x" * 129),
        (oracle.ident, 'a"b'),
        (oracle.ident, "a&b"),
        (oracle.ident, "naïve"),
        (oracle.ident, "a\nb"),
        (oracle.ident, "a\x00"),
        (oracle.literal, "a\x00"),
        (oracle.literal, "\udc80"),
        (oracle.program, "a & b"),
        (oracle.program, "é"),
        (oracle.program, "x" * 5000),
        (oracle.number, True),
        (oracle.number, "1"),
        (oracle.comma, ["a"]),
    ],
)
def test_what_cannot_be_written_is_refused(function: object, value: object) -> None:
    with pytest.raises(SqlTextError):
        function(value)  # type: ignore[operator]


def test_names_before_12_2_have_30_bytes() -> None:
    assert oracle.ident("x" * 30, 30) == "x" * 30
    with pytest.raises(SqlTextError, match="30"):
        oracle.ident("x" * 31, 30)


def read_literal(text: str) -> str:
    """The value of a literal as Oracle reads it: pieces joined by ||, unistr with UTF-16."""
    result = b""
    for escaped, piece in re.findall(r"(unistr\()?'((?:[^']|'')*)'", text):
        plain = piece.replace("''", "'")
        if escaped:
            result += bytes.fromhex(plain.replace("\\", ""))
        else:
            result += plain.encode("utf-16-be")
    return result.decode("utf-16-be")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=900))
def test_any_text_becomes_short_lines_of_ascii_that_mean_the_same(value: str) -> None:
    written = oracle.literal(value)
    assert read_literal(written) == value
    assert re.fullmatch(r"[ -%'-~\n]*", written)
    assert max(len(line) for line in written.splitlines()) < 500


def test_long_texts_are_continued() -> None:
    value = "'" * 5000 + "é" * 5000
    written = oracle.literal(value)
    assert read_literal(written) == value
    assert max(len(line) for line in written.splitlines()) < 500


def test_nine_digits_are_exact_for_float32_on_short_lines() -> None:
    values = np.random.default_rng(0).integers(0, 2**32, 20000, np.uint32).view(np.float32)
    values = values[np.isfinite(values)]
    text = oracle.array_of(values)
    numbers = text.removeprefix("utl_nla_array_flt(").removesuffix(")").split(",")
    assert all(item.strip().endswith("f") for item in numbers)
    read = np.array([float(item.strip()[:-1]) for item in numbers]).astype(np.float32)
    np.testing.assert_array_equal(read, values)
    assert max(len(line) for line in text.splitlines()) < 150
