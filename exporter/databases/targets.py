"""The databases that a model can be exported to: one module each, and this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exporter.databases.greenplum import script as greenplum
from exporter.databases.oracle import script as oracle
from exporter.databases.oracle.registry import IDENTIFIER_BYTES
from exporter.databases.postgres import script as postgres
from exporter.sql.script import Script

Compile = Callable[..., Script]
"""(Graph, Plan, Signature, Samples), then the target's own options by name -> Script."""

TARGETS: dict[str, Compile] = {
    "greenplum": greenplum.compile_script,
    "oracle": oracle.compile_script,
    "postgres": postgres.compile_script,
}


@dataclass(frozen=True)
class Option:
    """What one target alone can be told: the keyword of its Compile, and the values it takes."""

    target: str
    keyword: str
    choices: tuple[Any, ...]


OPTIONS = {
    "greenplum_version": Option("greenplum", "generation", greenplum.GENERATIONS),
    "oracle_version": Option("oracle", "oracle_version", tuple(IDENTIFIER_BYTES)),
}
