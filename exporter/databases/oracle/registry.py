"""The registry: its format and its tables, what a model and its versions are called there, and the
script that removes a model with what it left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exporter.databases.oracle.connection import text_of
from exporter.databases.oracle.shared import NOTHING_TO_DO
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import (
    catalog_name,
    ident,
    is_plain,
)
from exporter.errors import SignatureError
from exporter.ir.graph import Port
from exporter.manifest import Manifest
from exporter.samples import Array
from exporter.sql.script import Statement
from exporter.sql.text import Sql

REGISTRY_FORMAT = 3  # what a deployment makes, and moves the others to
REGISTRY_COMMENTS = tuple(f"export-model registry, format {n + 1}" for n in range(REGISTRY_FORMAT))
REGISTRY_COMMENT = REGISTRY_COMMENTS[-1]
SHORT = 8  # hex digits of a version in names
MAX_ARRAY = 1_000_000  # elements of a UTL_NLA_ARRAY_FLT
MAX_TEXT = 900  # characters of lists of names and addresses: at most four bytes each, of 4,000
NAME_BYTES = 1000  # of a name in a table
RESERVED_PREFIXES = ("export_model_", "nn_runtime", "nn_double", "nn_tables", "nn_trees")
IDENTIFIER_BYTES = {"12.1": 30, "12.2": 128, "19": 128, "23": 128}
TABLES = (
    "models",
    "versions",
    "tensors",
    "weights",
    "weights_double",
    "samples",
    "samples_double",
    "samples_text",
    "aliases",
    "journal",
)
ARRAY_TABLES = {
    "weights": ("weights", Sql("utl_nla_array_flt"), "weights_data"),
    "weights_double": ("weights", Sql("utl_nla_array_dbl"), "weights_doubles"),
    "samples": ("samples", Sql("utl_nla_array_flt"), "samples_data"),
    "samples_double": ("samples", Sql("utl_nla_array_dbl"), "samples_doubles"),
    "samples_text": ("samples", Sql("sys.odcivarchar2list"), "samples_texts"),
}
"""Tables of arrays: their template, the type of an array, and the segment that holds them."""
SAMPLE_TABLES = {
    "float32": "export_model_samples",
    "float64": "export_model_samples_double",
    "text": "export_model_samples_text",
}
"""By the type of a port."""


@dataclass(frozen=True)
class Names:
    """What a model is called in SQL, and how the data dictionary spells it."""

    model: str
    short: str
    synonym: Sql
    package: Sql
    synonym_key: str
    package_key: str


@dataclass(frozen=True, eq=False)
class Part:
    """A row of the weights: one tensor, or a block of it, as the package multiplies it.

    number counts the parts of its type of numbers, float32 or float64, from 0. first_number counts
    from the tensor's first number in the order of the file; -1 where the order is another one.
    """

    number: int
    tensor: int
    first_number: int
    array: Array


def model_names(model: str, version: str, oracle_version: str) -> Names:
    """Names of a version's objects.

    Raises: SqlTextError or SignatureError, when they cannot be names in that Oracle.
    """
    limit = IDENTIFIER_BYTES[oracle_version]
    short = version[:SHORT]
    ident(model, limit - len(short) - 1)  # the package's name is the longer one
    if model.lower().startswith(RESERVED_PREFIXES):
        raise SignatureError(
            f'the name "{model}" begins like the registry\'s own; choose another with --name.'
        )
    package = f"{model}_{short}"
    return Names(
        model=model_key(model),
        short=short,
        synonym=ident(model, limit),
        package=ident(package, limit),
        synonym_key=catalog_name(model),
        package_key=catalog_name(package),
    )


def model_key(model: str) -> str:
    """The name in the registry: lower case where Oracle does not tell the two apart."""
    return model.lower() if is_plain(model) else model


def manifest_of(manifest: Any, plan: Any) -> Manifest:
    """A version's manifest, of the columns of that name and of its plan.

    Raises: DatabaseError, when it is damaged, or a newer program wrote it.
    """
    return Manifest.from_json(text_of(manifest) or "", text_of(plan) or "")


def uninstall(model: str) -> SqlPlusScript:
    """The script that removes a model, all its versions and, after the last one, the registry."""
    key = model_key(model)
    statements = [
        *_tables(),
        Statement(
            "registry: bring it to this format",
            _render("move_registry", manifests=_render("move_manifests")),
        ),
        Statement("stop scoring", _render("drop_synonym", model=key)),
        Statement("packages", _render("drop_packages", model=key)),
        Statement("rows", _render("delete_rows", model=key)),
        *(
            Statement(f"registry: {table}", _render("drop_table", table=table_key(table)))
            for table in reversed(TABLES)
        ),
    ]
    return SqlPlusScript(
        key,
        "",
        tuple(statements),
        guard=Statement("is it deployed?", _render("guard_dropped", model=key)),
        stop=stop_where(f"model {key} is not deployed here: nothing to remove"),
        purpose=f"remove model {key}",
        summary=(
            "It drops the model's synonym, all its packages and their rows. With the",
            "last model the tables EXPORT_MODEL_* go too. It needs no right beyond owning them.",
        ),
    )


def stop_where(reason: str) -> Statement:
    """What ends a file's run where nothing is left to do."""
    return Statement("is anything left to do?", _render("stop", reason=reason, code=NOTHING_TO_DO))


def sample_table(port: Port) -> str:
    """The table that holds a port's rows."""
    return SAMPLE_TABLES[port.dtype]


def make_registry() -> list[Statement]:
    """Statements that make the registry, or bring it to this format."""
    manifests = _render("move_manifests")
    return [
        *_tables(),
        Statement(
            "registry: bring it to this format", _render("move_registry", manifests=manifests)
        ),
        Statement("registry: numbers of versions", _render("number_versions")),
        Statement(
            "registry: format", _render("registry_comment", registry_comment=REGISTRY_COMMENT)
        ),
    ]


def _tables() -> list[Statement]:
    return [
        Statement(
            f"registry: {table}",
            _render("ensure_table", table=table_key(table), ddl=make_table(table)),
        )
        for table in TABLES
    ]


def make_table(table: str) -> Sql:
    """The statement that creates a table of the registry."""
    template, element, segment = ARRAY_TABLES.get(table, (table, Sql(""), ""))
    if not segment:
        return _render(f"registry_{template}")
    names = {"table": ident(f"export_model_{table}"), "segment": ident(f"export_model_{segment}")}
    return _render(f"registry_{template}", **names, type=element)


def table_key(table: str) -> str:
    """A table of the registry as the dictionary spells it."""
    return f"EXPORT_MODEL_{table.upper()}"


def _render(template: str, **variables: Any) -> Sql:
    return render(template, variables)
