"""What the registry holds of a version: its row, its tensors and its samples."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from exporter.databases.postgres.columns import has_own_columns, sample_texts
from exporter.databases.postgres.ports import describe_ports
from exporter.engines.statements import SHORT
from exporter.ir.graph import Port
from exporter.ir.plan import Plan
from exporter.manifest import Manifest
from exporter.samples import Array, Samples

ROW = (
    "version", "model", "database", "engine", "graph_digest", "source_file", "source_sha256",
    "format", "format_version", "parameters", "inputs", "outputs", "features", "labels",
    "threshold", "plan", "manifest", "weight_bytes", "chunks", "expected_by", "tolerance",
    "exporter_version",
)  # fmt: skip
"""Columns of export_model.versions that stay as they were made; source_uri is in the manifest."""

SHORT_TEXTS = (
    "graph_digest", "source_file", "source_sha256", "format", "format_version", "inputs", "outputs",
    "expected_by", "exporter_version",
)  # fmt: skip
"""Texts among them that are short, but for those that somebody writes by hand."""


def digest_row(row: Mapping[str, Any]) -> str:
    """A digest of the columns ROW of a version's row, which stands beside it in the comment of the
    model's schema."""
    text = json.dumps([row[column] for column in ROW])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT]


def version_row(
    manifest: Manifest, plan: Plan, *, database: str, engine: str, chunks: int
) -> dict[str, Any]:
    """What the registry holds of the version in one row, but for what a later program may
    change, and who deployed it when."""
    source, signature = manifest.source, manifest.signature
    return {
        "version": plan.version,
        "model": manifest.name,
        "database": database,
        "engine": engine,
        "graph_digest": manifest.graph_digest,
        "source_file": source.file_name,
        "source_sha256": source.sha256,
        "format": source.format,
        "format_version": source.format_version,
        "parameters": manifest.parameters,
        "inputs": describe_ports(manifest.inputs),
        "outputs": describe_ports(manifest.outputs),
        "features": list(signature.features),
        "labels": list(signature.labels),
        "threshold": signature.threshold,
        "plan": plan.text,
        "manifest": manifest.to_json(),
        "weight_bytes": len(plan.block),
        "chunks": chunks,
        "expected_by": manifest.expected_by,
        "tolerance": manifest.tolerance,
        "exporter_version": manifest.exporter,
        "source_uri": source.origin or None,
    }


def tensor_rows(plan: Plan) -> list[dict[str, Any]]:
    """Where each tensor lies in the block of weights."""
    rows = []
    for entry in plan.tensors:
        shape = "{" + ",".join(map(str, entry.shape)) + "}"
        rows.append(
            {
                "name": entry.name,
                "shape": shape,
                "offset": entry.offset,
                "size": math.prod(entry.shape),
                "sha256": entry.sha256,
            }
        )
    return rows


def sample_ports(manifest: Manifest, samples: Samples, row: int) -> list[dict[str, Any]]:
    """The inputs and outputs of a sample row.

    Inputs keep their dimensions only where a length is free and a flat array ambiguous.
    """
    inputs = manifest.inputs
    ports: list[dict[str, Any]] = []
    if has_own_columns(inputs):
        texts = sample_texts(inputs, samples.inputs, row)
        none = {"numbers": None, "doubles": None}
        ports = [{"is_output": False, "number": 0, "name": "columns", "texts": texts} | none]
        inputs = ()
    for place, (port, array) in enumerate(zip(inputs, samples.inputs, strict=False)):
        values = array[row] if None in port.shape and not port.is_text else array[row].ravel()
        ports.append({"is_output": False, "number": place} | _sample(port, values))
    for place, (port, array) in enumerate(zip(manifest.outputs, samples.outputs, strict=True)):
        ports.append({"is_output": True, "number": place} | _sample(port, array[row].ravel()))
    return ports


def _sample(port: Port, values: Array) -> dict[str, Any]:
    """What is stored of an input or output: one of numbers, doubles and texts."""
    return {
        "name": port.name,
        "numbers": values if port.dtype == "float32" else None,
        "doubles": values if port.dtype == "float64" else None,
        "texts": values.tolist() if port.is_text else None,
    }
