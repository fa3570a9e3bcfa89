"""A row of typed columns as one message: the record's own memory, see plpython/records.py."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.engines.plpython.runtime import part
from exporter.ir.columns import Column, Kind
from exporter.sql.text import Sql, binary, comma

# How a column of each kind lies in a record, by its letter, and what makes that of a value.
KINDS: dict[Kind, tuple[str, Sql]] = {
    "number": ("d", Sql("{}::pg_catalog.float8")),
    "boolean": ("b", Sql("{}::pg_catalog.bool")),
    "date": ("y", Sql("{}::pg_catalog.date")),
    "timestamp": ("d", Sql("pg_catalog.date_part('epoch', {})::pg_catalog.float8")),
    "text": ("t", Sql("pg_catalog.convert_to({}::pg_catalog.text, 'UTF8')")),
}


def row_message(columns: Sequence[Column], values: Sequence[Sql], is_network: bool) -> Sql:
    """SQL that makes bytes of one row of columns, as the runtime decodes them.

    Texts go in UTF-8, whatever the server's encoding is, and never compressed. is_network: the
    server writes lengths with the highest byte first, on any machine.
    """
    letters = "".join(KINDS[column.kind][0] for column in columns)
    layout = part("columns").Layout(letters.replace("t", "T") if is_network else letters)
    items = [
        KINDS[column.kind][1].format(value) for column, value in zip(columns, values, strict=True)
    ]
    row = comma(items[place] for place in layout.order)
    message = Sql("{} operator(pg_catalog.||) export_model.record_bytes(row({}))")
    return message.format(binary(layout.head), row)
