"""A query to try a deployed model with in Oracle, short enough to read."""

from __future__ import annotations

from exporter.databases.oracle import text as oracle
from exporter.ir.graph import format_shape
from exporter.manifest import Manifest

MAX_SHOWN = 6  # columns


def example_query(manifest: Manifest) -> str:
    """A query with the model's own names; several outputs are columns of score_table."""
    signature = manifest.signature
    package = oracle.ident(manifest.name)
    arguments = [str(oracle.ident(name)) for name in signature.features]
    if len(arguments) > MAX_SHOWN:
        arguments = [*arguments[:2], "...", arguments[-1]]
    if not arguments:
        arguments = [
            f"utl_nla_array_flt(...) /* {format_shape(p.shape)} */" for p in manifest.inputs
        ]
    if len(manifest.outputs) == 1:
        source = "your_table" if signature.features else "dual"
        return f"SELECT {package}.score({', '.join(arguments)}) FROM {source};"
    return (
        f"SELECT * FROM TABLE({package}.score_table("
        f"CURSOR(SELECT id, {', '.join(arguments)} FROM your_table)));"
    )
