"""The databases that a model can be exported to: one module each, and this table."""

from __future__ import annotations

from collections.abc import Callable

from exporter.sql.script import Script
from exporter.targets import greenplum, oracle, postgres

Compile = Callable[..., Script]
"""(Graph, Plan, Signature, Samples), then the target's own options by name -> Script."""

TARGETS: dict[str, Compile] = {
    "greenplum": greenplum.compile_script,
    "oracle": oracle.compile_script,
    "postgres": postgres.compile_script,
}
