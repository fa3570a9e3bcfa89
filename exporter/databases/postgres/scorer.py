"""What reads whole tables needs to know of a version: which columns to take, what to call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.databases.postgres.columns import typed_columns
from exporter.databases.postgres.ports import score_type
from exporter.engines.statements import SHORT, Statements
from exporter.ir.columns import Column
from exporter.manifest import Manifest
from exporter.sql.text import Sql, ident


def describe_scorer(manifest: Manifest, engine: Statements) -> dict[str, Any]:
    """The scorer of a version that takes rows, from its manifest alone: the function for batches,
    the beginning of the digest, the type of a score, and the columns of each input."""
    columns = typed_columns(manifest) if engine.row_message is not None else ()
    return {
        "batch": str(_function(manifest, "batch")),
        "version": manifest.version[:SHORT],
        "score_type": str(score_type(manifest.outputs, manifest.name)),
        "inputs": _describe_inputs(manifest, engine, columns),
    }


def _describe_inputs(
    manifest: Manifest, engine: Statements, columns: Sequence[Column]
) -> list[dict[str, Any]]:
    features = manifest.signature.features
    inputs: list[dict[str, Any]] = [
        {
            "columns": list(features) or [port.name],
            "is_array": not features,
            "is_text": port.is_text,
        }
        for port in manifest.inputs
    ]
    if columns:
        inputs = [{"columns": list(features), "kinds": [column.kind for column in columns]}]
    if manifest.signature.window is not None:  # said to who gives rows in place of windows
        inputs[0]["of_windows"] = True
    if engine.packer is not None:
        inputs[0]["packer"] = str(_function(manifest, engine.packer))
    return inputs


def _function(manifest: Manifest, name: str) -> Sql:
    """A function of the version, as SQL calls it."""
    own = f"{name}_{manifest.version[:SHORT]}"
    return Sql("{}.{}").format(ident(manifest.name), ident(own))
