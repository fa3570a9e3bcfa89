"""The databases that a model can be exported to: one module each, and this table."""

from __future__ import annotations

from collections.abc import Callable

from exporter.sql.script import Script
from exporter.targets import oracle, postgres

# (Graph, Plan, Signature, Samples), and for Oracle the keyword oracle_version.
Compile = Callable[..., Script]

TARGETS: dict[str, Compile] = {
    "oracle": oracle.compile_script,
    "postgres": postgres.compile_script,
}
