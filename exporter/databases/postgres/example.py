"""A query to try a deployed model with, short enough to read."""

from __future__ import annotations

from exporter.ir.graph import format_shape
from exporter.manifest import Manifest
from exporter.sql.text import show_ident

MAX_SHOWN = 6  # columns
ELEMENTS = {"float32": "real", "float64": "double precision", "text": "text"}


def example_query(manifest: Manifest) -> str:
    """A query that scores with the model's own names where they are known."""
    signature = manifest.signature
    schema = show_ident(manifest.name)
    if signature.window is not None:
        arguments = "'your_table', key => 'id', partition_by => 'series', order_by => 'time'"
        return f"SELECT * FROM {schema}.score_windows({arguments});"
    if signature.feature_table is not None:
        table = ".".join(show_ident(part) for part in signature.feature_table)
        return f"SELECT {schema}.score(t) FROM {table} AS t;"
    if signature.features:
        names = [show_ident(name) for name in signature.features]
        if len(names) > MAX_SHOWN:
            names = [*names[:2], "...", names[-1]]
        return f"SELECT {schema}.score({', '.join(names)}) FROM your_table;"
    arrays = ", ".join(
        f"ARRAY[...]::{ELEMENTS[p.dtype]}[] /* {format_shape(p.shape)} */" for p in manifest.inputs
    )
    return f"SELECT {schema}.score({arrays});"
