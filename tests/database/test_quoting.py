"""Whatever text we quote, the server reads back the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.errors import SqlTextError
from exporter.sql import text

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def cursor(database: Database) -> Iterator[Any]:
    """A session that is reused by all examples of a test."""
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_literals(cursor: Any, conforming: str) -> None:
    cursor.execute(
        f"set standard_conforming_strings = {conforming}; set escape_string_warning = off"
    )

    @RELAXED
    @given(TEXT)
    def check(value: str) -> None:
        cursor.execute(f"select {text.literal(value)}")
        assert cursor.fetchone() == (value,)

    check()


def test_identifiers(cursor: Any) -> None:
    @RELAXED
    @given(TEXT)
    def check(name: str) -> None:
        try:
            quoted = text.ident(name)
        except SqlTextError:
            assert not name or len(name.encode()) > 63
            return
        for written in (quoted, text.show_ident(name)):
            cursor.execute(f"select 1 as {written}")
            assert cursor.description[0].name == name

    check()


def test_every_reserved_word_is_quoted_when_shown(cursor: Any) -> None:
    cursor.execute("select word from pg_get_keywords() where catcode <> 'U'")
    words = {word for (word,) in cursor.fetchall()}
    assert words <= text.RESERVED_WORDS


def test_bodies(cursor: Any) -> None:
    @RELAXED
    @given(TEXT, st.sampled_from(["", "$function$", "$$", "$function1$"]))
    def check(value: str, trap: str) -> None:
        cursor.execute(f"select {text.body(trap + value + trap)}")
        assert cursor.fetchone() == (trap + value + trap,)

    check()


def test_numbers_binary_and_arrays(cursor: Any) -> None:
    @RELAXED
    @given(st.floats(), st.binary(max_size=50), st.lists(st.floats(width=32), max_size=5))
    def check(number: float, data: bytes, values: list[float]) -> None:
        array = np.asarray(values, np.float32)
        cursor.execute(
            f"select ({text.number(number)})::float8 = %s, {text.binary(data)},"
            f" {text.reals(array)}",
            (number,),
        )
        same, stored, reals = cursor.fetchone()
        assert same
        assert bytes(stored) == data
        np.testing.assert_array_equal(np.asarray(reals, np.float32), array)

    check()
