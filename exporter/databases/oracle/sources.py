"""A table or view of this user as rows to score: its columns, keys, and what a model takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from exporter.databases.oracle.connection import NUMERIC_TYPES, Connection, execute, text_of
from exporter.databases.oracle.text import catalog_name, catalog_names, ident, number
from exporter.engines.plsql.columns import elements_of
from exporter.errors import DatabaseError, SignatureError, counted
from exporter.ir.columns import Kind
from exporter.ir.graph import Port
from exporter.ir.plan import Signature
from exporter.ir.restore import restore_inputs, restore_outputs, restore_signature
from exporter.manifest import parse_stored, refuse_altered
from exporter.sql.text import Sql, as_is

ARRAYS = {"float32": "UTL_NLA_ARRAY_FLT", "float64": "UTL_NLA_ARRAY_DBL"}
TARGET = "column_name, data_type, data_length, data_precision, data_scale, char_length, char_used"
VIEW = "Make a view of this user on it, and give the view's name."
TM9 = Sql("to_char({}, 'TM9', 'nls_numeric_characters=''.,''')")
# A key as text, exact and the same in every session; {} is the column.
TEXT_OF = {
    "NUMBER": TM9,
    "FLOAT": TM9,
    "VARCHAR2": Sql("{}"),
    "CHAR": Sql("{}"),
    "RAW": Sql("rawtohex({})"),
    "DATE": Sql("to_char({}, 'SYYYYMMDDHH24MISS')"),
    "TIMESTAMP": Sql("to_char({}, 'SYYYYMMDDHH24MISSFF9')"),
}
# What is scored of a column, by what the model takes and the type of the column: texts without what
# CHAR pads, moments in UTC.
ITSELF = Sql("{}")
SCORED: dict[Kind, dict[str, Sql]] = {
    "number": dict.fromkeys(NUMERIC_TYPES, ITSELF),
    "boolean": dict.fromkeys(NUMERIC_TYPES, ITSELF),
    "text": {"VARCHAR2": ITSELF, "CHAR": Sql("rtrim({})")},
    "date": {"DATE": ITSELF},
    "timestamp": {
        "TIMESTAMP": ITSELF,
        "DATE": Sql("cast({} as timestamp)"),
        "TIMESTAMP WITH TIME ZONE": Sql("sys_extract_utc({})"),
        "TIMESTAMP WITH LOCAL TIME ZONE": Sql("sys_extract_utc({})"),
    },
}


@dataclass(frozen=True)
class Column:
    """A column of the source: its name and type in SQL, and its type as the dictionary names it."""

    name: str
    kind: str
    type_name: Sql


@dataclass(frozen=True)
class Called:
    """How a version is called: its digest, its signature and ports."""

    version: str
    signature: Signature
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def read_called(connection: Connection, package: str) -> Called:
    """How the version of a package is called.

    Raises: DatabaseError, when somebody altered the plan.
    """
    ((version, text),) = execute(
        connection,
        "select version, plan from export_model_versions where package_name = :1",
        package,
    )
    with refuse_altered("plan"):
        plan = parse_stored(text_of(text) or "")
        inputs, outputs = restore_inputs(plan), restore_outputs(plan)
        return Called(str(version), restore_signature(plan), inputs, outputs)


def read_columns(connection: Connection, table: str) -> dict[str, Column]:
    """The columns of a table or view of this user, by the names of the dictionary.

    Raises: SignatureError, when there is none.
    """
    rows = execute(
        connection,
        f"select {TARGET} from user_tab_columns where table_name = :1 order by column_id",
        catalog_name(table),
    )
    if not rows:
        raise SignatureError(f'this user has no table or view "{table}". {VIEW}')
    return {row[0]: _make_column(*row) for row in rows}


def _make_column(
    name: str, kind: str, length: Any, precision: Any, scale: Any, characters: Any, used: str | None
) -> Column:
    """A column with its type as CREATE TABLE takes it."""
    if kind == "NUMBER" and precision is not None:
        text = Sql("number({}, {})").format(number(int(precision)), number(int(scale or 0)))
    elif kind == "NUMBER" and scale is not None:
        text = Sql("number(*, {})").format(number(int(scale)))
    elif kind == "FLOAT":
        text = Sql("float({})").format(number(int(precision or 126)))
    elif kind in ("VARCHAR2", "CHAR"):
        semantics = Sql("char") if used == "C" else Sql("byte")
        text = Sql("{}({} {})").format(as_is(kind.lower()), number(int(characters)), semantics)
    elif kind == "RAW":
        text = Sql("raw({})").format(number(int(length)))
    else:
        text = as_is(kind.lower())
    return Column(name, re.sub(r"\(\d\)", "", kind), text)


def find_column(columns: dict[str, Column], name: str, source: str) -> Column:
    """The column that a name stands for.

    Raises: SignatureError, when there is none.
    """
    found = next((columns[n] for n in catalog_names(name) if n in columns), None)
    if found is None:
        raise SignatureError(
            f'"{source}" has no column "{name}". The model takes its features, or its inputs as'
            " arrays, from columns of their names: make a view that has them."
        )
    return found


def choose_columns(columns: dict[str, Column], called: Called, source: str) -> list[Sql]:
    """What is scored of the columns: the model's features, or an array for each input.

    Raises: SignatureError, when one is not there or has another type.
    """
    ports = called.inputs
    features = elements_of(ports, called.signature.features)
    if features:
        wanted = [(item.column.name, SCORED[item.column.kind]) for item in features]
    else:
        wanted = [(port.name, {ARRAYS[port.dtype]: ITSELF}) for port in ports]
    arrays = [column for column in columns.values() if column.kind in ARRAYS.values()]
    if not features and len(ports) == len(arrays) == 1:
        # There is no other that could be meant, whatever its name.
        wanted = [(arrays[0].name, wanted[0][1])]
    scored = []
    for name, forms in wanted:
        column = find_column(columns, name, source)
        if column.kind not in forms:
            raise SignatureError(
                f'column "{column.name}" of "{source}" has type {column.kind}, the model takes'
                f" {' or '.join(forms)}. Make a view that has it so, and score the view."
            )
        scored.append(forms[column.kind].format(Sql("c.{}").format(ident(column.name))))
    return scored


def require_keys(connection: Connection, quoted: dict[str, Sql], source: str, key: str) -> None:
    """Raise DatabaseError for rows without a key, which would be left out in silence."""
    sql = f"select count(*) from {quoted['source']} where {quoted['key']} is null"
    ((count,),) = execute(connection, sql)
    if count:
        raise DatabaseError(
            f'"{source}" has {counted(int(count), "row")} without "{key}": give --key a column that'
            " identifies every row."
        )
