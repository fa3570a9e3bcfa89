"""Quoting, as text; tests/database/test_quoting.py asks a server what it reads."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.errors import SqlTextError
from exporter.sql import text
from exporter.sql.text import Sql


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (text.ident, "a", '"a"'),
        (text.ident, 'a"b', '"a""b"'),
        (text.ident, "x" * 63, '"' + "x" * 63 + '"'),
        (text.show_ident, "fraud_2", "fraud_2"),
        (text.show_ident, "Fraud", '"Fraud"'),
        (text.show_ident, "select", '"select"'),
        (text.literal, None, "null"),
        (text.literal, "it's", "'it''s'"),
        (text.literal, "a\\b", "E'a\\\\b'"),
        (text.number, 3, "3"),
        (text.number, 0.1, "0.1"),
        (text.number, np.float64(0.1), "0.1"),
        (text.number, float("inf"), "'Infinity'::double precision"),
        (text.number, float("nan"), "'NaN'::double precision"),
        (text.boolean, True, "true"),
        (text.body, "x", "$function$x$function$"),
        (text.body, "$function$", "$function1$$function$$function1$"),
        (text.texts, ["a", "b'"], "array['a', 'b''']::pg_catalog.text[]"),
        (text.texts, [], "array[]::pg_catalog.text[]"),
        (text.binary, b"\x00\xff", "pg_catalog.decode('AP8=', 'base64')"),
        (text.reals, np.array([[1.5, np.nan]]), "'{{1.5,NaN}}'::real[]"),
        (text.reals, np.array([np.inf, -0.0]), "'{Infinity,-0}'::real[]"),
        (text.remark, "a\nb */ $x", "a?b ? ?x"),
        (text.comma, [Sql("a"), Sql("b")], "a, b"),
    ],
)  # fmt: skip
def test_quoting(function: object, value: object, expected: str) -> None:
    result = function(value)  # type: ignore[operator]
    assert result == expected
    assert isinstance(result, str)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (text.ident, ""),
        (text.ident, "x" * 64),
        (text.ident, "ü" * 32),
        (text.ident, "a\x00"),
        (text.literal, "a\x00"),
        (text.literal, "\udc80"),
        (text.body, "\x00"),
        (text.number, True),
        (text.number, "1"),
        (text.comma, ["a"]),
        (text.comma, [Sql("a"), "b"]),
    ],
)
def test_what_cannot_be_written_is_refused(function: object, value: object) -> None:
    with pytest.raises(SqlTextError):
        function(value)  # type: ignore[operator]


def test_nine_digits_are_exact_for_float32() -> None:
    values = np.random.default_rng(0).integers(0, 2**32, 20000, np.uint32).view(np.float32)
    values = values[np.isfinite(values)]
    written = str(text.reals(values))[2:-10].split(",")
    read = np.array([float(item) for item in written]).astype(np.float32)
    np.testing.assert_array_equal(read, values)
