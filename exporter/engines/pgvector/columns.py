"""A row of typed columns as two arguments: its numbers and its texts, each as an array."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.ir.columns import Column, Kind
from exporter.sql.text import Sql, comma

KINDS: dict[Kind, Sql] = {
    "number": Sql("{}::double precision"),
    "boolean": Sql("{}::boolean::integer::double precision"),
    "date": Sql(
        "(pg_catalog.date_part('epoch', {}::pg_catalog.date) operator(pg_catalog./) 86400)"
        "::double precision"
    ),
    "timestamp": Sql("pg_catalog.date_part('epoch', {})::double precision"),
    "text": Sql("{}::pg_catalog.text"),
}


def row_message(columns: Sequence[Column], values: Sequence[Sql], is_network: bool) -> Sql:
    """SQL of both, in the order of the columns."""
    pairs = list(zip(columns, values, strict=True))
    numbers = comma(KINDS[c.kind].format(value) for c, value in pairs if not c.is_text)
    texts = comma(KINDS[c.kind].format(value) for c, value in pairs if c.is_text)
    return Sql("array[{}]::double precision[], array[{}]::pg_catalog.text[]").format(numbers, texts)
