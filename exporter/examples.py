"""A query to try a deployed model with, short enough to read."""

from __future__ import annotations

from exporter.databases.oracle import text as oracle
from exporter.ir.graph import Graph, format_shape
from exporter.ir.plan import Signature
from exporter.sql.text import show_ident

MAX_SHOWN = 6  # columns


def example_query(target: str, graph: Graph, signature: Signature) -> str:
    """A query that scores with the model's own names where they are known."""
    return (_oracle_example if target == "oracle" else _sql_example)(graph, signature)


def _sql_example(graph: Graph, signature: Signature) -> str:
    """For PostgreSQL and Greenplum."""
    schema = show_ident(signature.name)
    if signature.feature_table is not None:
        table = ".".join(show_ident(part) for part in signature.feature_table)
        return f"SELECT {schema}.score(t) FROM {table} AS t;"
    if signature.features:
        names = [show_ident(name) for name in signature.features]
        if len(names) > MAX_SHOWN:
            names = [*names[:2], "...", names[-1]]
        return f"SELECT {schema}.score({', '.join(names)}) FROM your_table;"
    arrays = ", ".join(
        f"ARRAY[...]::{'text' if p.is_text else 'real'}[] /* {format_shape(p.shape)} */"
        for p in graph.inputs
    )
    return f"SELECT {schema}.score({arrays});"


def _oracle_example(graph: Graph, signature: Signature) -> str:
    """For Oracle, where several outputs are columns of score_table."""
    package = oracle.ident(signature.name)
    arguments = [str(oracle.ident(name)) for name in signature.features]
    if len(arguments) > MAX_SHOWN:
        arguments = [*arguments[:2], "...", arguments[-1]]
    if not arguments:
        arguments = [f"utl_nla_array_flt(...) /* {format_shape(p.shape)} */" for p in graph.inputs]
    if len(graph.outputs) == 1:
        source = "your_table" if signature.features else "dual"
        return f"SELECT {package}.score({', '.join(arguments)}) FROM {source};"
    return (
        f"SELECT * FROM TABLE({package}.score_table("
        f"CURSOR(SELECT id, {', '.join(arguments)} FROM your_table)));"
    )
