"""SQL is composed of SQL: by Sql's own format and join, and in no other way."""

from __future__ import annotations

import pytest

from exporter.errors import SqlTextError
from exporter.sql.text import Sql


def test_a_template_of_sql_takes_nothing_but_sql() -> None:
    assert Sql("a {} {b}").format(Sql("x"), b=Sql("y")) == "a x y"
    assert isinstance(Sql("a {}").format(Sql("x")), Sql)
    assert isinstance(Sql(" and ").join([Sql("x"), Sql("y")]), Sql)
    for made in (
        lambda: Sql("{}").format("x"),  # type: ignore[arg-type]
        lambda: Sql("{a}").format(a=1),  # type: ignore[arg-type]
        lambda: Sql(", ").join([Sql("x"), "y"]),
    ):
        with pytest.raises(SqlTextError, match="was not quoted"):
            made()
