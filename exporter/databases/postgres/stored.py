"""A version of a model, read back from the registry: manifest, weights and samples."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from exporter.databases.postgres.catalog import server_target
from exporter.databases.postgres.columns import has_own_columns, sample_arrays
from exporter.databases.postgres.connection import Connection, execute
from exporter.errors import DatabaseError
from exporter.ir.graph import Port
from exporter.manifest import MAX_TEXT, Manifest, Stored
from exporter.samples import Array, Samples


def read_version(connection: Connection, model: str, version: str) -> Stored:
    """A version of a model, by its digest.

    Raises: DatabaseError, when there is none, or its rows are not what they were.
    """
    execute(connection, "set local extra_float_digits = 3")
    manifest = _read_manifest(connection, model, version)
    chunks = execute(
        connection,
        "select data from export_model.chunks where version = %s order by chunk",
        (version,),
    )
    rows = execute(
        connection,
        "select is_output, port, numbers, texts from export_model.samples"
        " where version = %s order by sample",
        (version,),
    )
    block = b"".join(bytes(data) for (data,) in chunks)
    manifest.restore_plan(block)
    return Stored(manifest, block, _make_samples(manifest, rows))


def _read_manifest(connection: Connection, model: str, version: str) -> Manifest:
    rows = execute(
        connection,
        f"select case when length(v.manifest) <= {MAX_TEXT} then v.manifest else '' end,"
        f" case when length(v.plan) <= {MAX_TEXT} then v.plan else '' end, v.database"
        " from export_model.versions v where v.model = %s and v.version = %s",
        (model, version),
    )
    if not rows:
        raise DatabaseError(
            f'the registry has no row of version {version[:12]} of model "{model}". Deploy its file'
            " again."
        )
    text, plan, database = rows[0]
    if database != server_target(connection):
        raise DatabaseError(
            f'model "{model}" was deployed for target {database}, and the server is another.'
            " Deploy its file again here."
        )
    return Manifest.from_json(text, plan)


def _make_samples(manifest: Manifest, rows: list[Any]) -> Samples:
    """The rows of each port as one array.

    Raises: DatabaseError, when some are missing.
    """
    found: dict[tuple[bool, int], list[Any]] = defaultdict(list)
    for is_output, number, numbers, texts in rows:
        found[is_output, number].append(numbers if texts is None else texts)
    has_columns = has_own_columns(manifest.inputs)  # whose rows are kept as one array of texts
    kept = 1 if has_columns else len(manifest.inputs)
    inputs = [found[False, number] for number in range(kept)]
    outputs = [found[True, number] for number in range(len(manifest.outputs))]
    counts = {len(values) for values in [*inputs, *outputs]}
    if len(counts) != 1 or 0 in counts:
        raise DatabaseError(
            f'sample rows of model "{manifest.name}" are missing. Deploy its file again.'
        )
    return Samples(
        sample_arrays(manifest.inputs, inputs[0])
        if has_columns
        else tuple(map(_stack, manifest.inputs, inputs)),
        tuple(map(_stack, manifest.outputs, outputs)),
        manifest.expected_by,
        manifest.tolerance,
    )


def _stack(port: Port, values: list[Any]) -> Array:
    """(rows, ...): the registry keeps dimensions only where a length is free, and of inputs."""
    array = np.array(values, object if port.is_text else port.dtype)
    if port.shape.count(None) > 1:
        return array
    return array.reshape(len(values), *(-1 if n is None else n for n in port.shape))
