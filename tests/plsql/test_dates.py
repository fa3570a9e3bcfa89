"""Dates, time zones, CHAR and comparisons by language, as far as generated PL/SQL needs them."""

from __future__ import annotations

import datetime as dt

import pytest

from plsql.machine import Database
from plsql.values import CheckRefused, PlsqlError


def value_of(expression: str, *binds: object, database: Database | None = None) -> object:
    """What SQL makes of an expression."""
    session = (database or Database()).session()
    ((value,),) = session.query(f"select {expression} from dual", list(binds))
    return value


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("to_char(:1, 'J')", dt.datetime(1970, 1, 1), "2440588"),
        ("to_char(:1, 'J')", dt.datetime(1969, 12, 31, 23, 59), "2440587"),
        ("to_char(:1, 'SSSSS')", dt.datetime(2024, 2, 1, 1, 0, 5), "03605"),
        ("to_char(:1, 'FF6')", dt.datetime(2024, 2, 1, 1, 0, 5, 250), "000250"),
    ],
)
def test_digits_of_a_date(expression: str, moment: dt.datetime, expected: str) -> None:
    assert value_of(expression, moment) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("to_date('2440588', 'J')", dt.datetime(1970, 1, 1)),
        (
            "to_timestamp('2440589 03605 000250', 'J SSSSS FF6')",
            dt.datetime(1970, 1, 2, 1, 0, 5, 250),
        ),
    ],
)
def test_a_date_of_digits(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("to_date('0', 'J')", -1854),
        ("to_timestamp('1 86400', 'J SSSSS')", -1853),
        ("to_date('x', 'J')", -1861),
    ],
)
def test_digits_of_no_date(expression: str, code: int) -> None:
    with pytest.raises(PlsqlError) as caught:
        value_of(expression)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("to_date('2024-02-01')", "TO_DATE with 1 arguments"),
        ("to_date('1 000001', 'J FF6')", "ORA-01821"),
        ("to_char(sysdate, 'FF6')", "ORA-01821"),
        ("sys_extract_utc(sysdate)", "asks for the session's zone"),
        ("cast(systimestamp as timestamp)", "time zone"),
    ],
)
def test_what_settings_would_decide_is_refused(expression: str, message: str) -> None:
    with pytest.raises((CheckRefused, PlsqlError), match=message):
        value_of(expression)


def test_a_moment_with_a_time_zone_in_utc() -> None:
    moment = dt.datetime(2024, 2, 1, 1, 30)
    found = value_of("sys_extract_utc(from_tz(cast(:1 as timestamp), '+02:30'))", moment)
    assert found == dt.datetime(2024, 1, 31, 23)


def test_char_is_padded_and_not_compared() -> None:
    session = Database().session()
    session.execute("create table t (c char(4))")
    session.execute("insert into t (c) values (:1)", ["é"])
    assert session.query("select c from t") == [("é  ",)]
    assert session.query("select rtrim(c) from t") == [("é",)]
    with pytest.raises(CheckRefused, match="a CHAR is compared"):
        session.query("select 1 from t where c = 'é'")


@pytest.mark.parametrize("is_linguistic", [False, True])
def test_texts_are_compared_by_language_where_a_session_says_so(is_linguistic: bool) -> None:
    """What is compared as RAW is not."""
    database = Database(is_linguistic=is_linguistic)
    raw = "utl_raw.compare(utl_raw.cast_to_raw('A'), utl_raw.cast_to_raw('a'))"
    assert value_of("case when 'A' = 'a' then 1 else 0 end", database=database) == is_linguistic
    assert value_of(f"case when {raw} = 0 then 1 else 0 end", database=database) == 0
