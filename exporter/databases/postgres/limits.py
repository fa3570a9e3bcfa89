"""What PostgreSQL does not take of a model: names, and more arguments than a function has."""

from __future__ import annotations

from exporter.databases.postgres.columns import check_columns, typed_columns
from exporter.engines.statements import REGISTRY
from exporter.errors import SignatureError
from exporter.manifest import Manifest
from exporter.sql.text import ident

MAX_ARGUMENTS = 100  # FUNC_MAX_ARGS of an unmodified server
RESERVED_NAMES = ("information_schema", "public")


def check_names(manifest: Manifest) -> None:
    """Refuse what would fail, or mean something else, inside the server."""
    name, features = manifest.name, manifest.signature.features
    ident(name)
    check_columns(typed_columns(manifest))
    if name == REGISTRY:
        raise SignatureError(
            f'the schema "{REGISTRY}" holds the registry of all models; choose another name for'
            f" this one with --name."
        )
    if name in RESERVED_NAMES or name.startswith("pg_"):
        raise SignatureError(
            f'the name "{name}" belongs to PostgreSQL; choose another with --name.'
        )
    if len(manifest.inputs) > MAX_ARGUMENTS:
        raise SignatureError(
            f"the model has {len(manifest.inputs)} inputs, a function takes {MAX_ARGUMENTS}"
            " arguments."
        )
    for port in (*manifest.inputs, *manifest.outputs):
        ident(port.name)
    for feature in features:
        ident(feature)
