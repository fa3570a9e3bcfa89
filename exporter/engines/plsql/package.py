"""A version's package for Oracle, the packages that it calls, and the weights that it loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.databases.oracle.registry import IDENTIFIER_BYTES, Part
from exporter.databases.oracle.shared import Units
from exporter.engines.plsql.calls.tabular import TABULAR
from exporter.engines.plsql.columns import is_plain
from exporter.engines.plsql.interface import make_interface
from exporter.engines.plsql.lowering import Refused, lower
from exporter.engines.plsql.rendering import render_package
from exporter.engines.plsql.runtime import PACKAGES, runtime_units
from exporter.ir.graph import Graph
from exporter.ir.ops import Op
from exporter.ir.plan import Plan
from exporter.ir.restore import restore_plan
from exporter.manifest import Manifest, refuse_altered
from exporter.samples import Samples
from exporter.sql.script import Call


@dataclass(frozen=True, eq=False)
class Made:
    """The package of a version, the packages of the runtime that it calls, in the order in which
    they are made, its weights in the parts that it loads, and the texts that it knows."""

    package: Units
    runtime: tuple[Units, ...]
    parts: list[Part]
    words: list[str]


def make_package(
    manifest: Manifest, block: bytes, samples: Samples, oracle_version: str, refused: Refused
) -> Made:
    """All that a version is in Oracle.

    refused are ops without a routine: the reason and what to do.

    Raises: as lowering.lower.
    """
    plan = manifest.restore_plan(block)
    return _make(manifest, plan, len(samples), oracle_version, refused)


def make_again(manifest: Manifest, samples: int, oracle_version: str, refused: Refused) -> Made:
    """The same of a version whose weights are not at hand in the plan's order, by how many samples
    it has. Its text does not depend on the numbers of its weights; the parts are of their sizes,
    and hold none of them.

    Raises: as make_package; DatabaseError, when the plan cannot be read.
    """
    with refuse_altered("plan"):
        block = bytes(manifest.weight_bytes)
        plan = restore_plan(manifest.plan, manifest.document, block)
    return _make(manifest, plan, samples, oracle_version, refused)


def list_calls(manifest: Manifest, oracle_version: str) -> tuple[Call, ...]:
    """The functions that users of a version call, which Oracle takes.

    Raises: DatabaseError, when the plan cannot be read.
    """
    limit_bytes = IDENTIFIER_BYTES[oracle_version]
    inputs, outputs = manifest.inputs, manifest.outputs
    with refuse_altered("plan"):
        return make_interface(manifest.signature, inputs, outputs, limit_bytes).calls()


def words_of(op: Op) -> Iterator[str]:
    """The texts that an op compares with, or gives."""
    pending = [getattr(op, "words", ()), getattr(op, "missing", None)]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, tuple):
            pending += item


def _make(
    manifest: Manifest, plan: Plan, samples: int, oracle_version: str, refused: Refused
) -> Made:
    graph, version = manifest.restore_graph(plan.block), manifest.version
    lowered = lower(graph, manifest.signature, plan, version, oracle_version, refused)
    package = render_package(lowered, manifest, samples)
    words = [word for node in graph.nodes for word in words_of(node.op)]
    return Made(package, _runtime(graph), lowered.forward.weights.parts, words)


def _runtime(graph: Graph) -> tuple[Units, ...]:
    """nn_runtime alone where all is numbers of BINARY_FLOAT."""
    is_single = set(graph.dtypes.values()) <= {"float32"}
    of_tables = any(type(node.op) in TABULAR for node in graph.nodes)
    alone = is_single and is_plain(graph.inputs) and not of_tables
    return tuple(runtime_units(package) for package in (PACKAGES[:1] if alone else PACKAGES))
