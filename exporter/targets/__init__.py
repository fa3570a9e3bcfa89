"""The databases that a model can be exported to: one module each, and this table."""

from __future__ import annotations

from collections.abc import Callable

from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
from exporter.payload import Samples
from exporter.sql.script import Script
from exporter.targets import greenplum, postgres

Compile = Callable[[Graph, Plan, Signature, Samples], Script]

TARGETS: dict[str, Compile] = {
    "greenplum": greenplum.compile_script,
    "postgres": postgres.compile_script,
}
