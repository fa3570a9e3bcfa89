"""PL/SQL as one record. The modules that write packages are imported by the functions that need
them: they quote as Oracle does, and the databases import this record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.engines.engine import Engine, no_problems
from exporter.engines.plsql.limits import UNSUPPORTED

if TYPE_CHECKING:
    from exporter.engines.plsql.package import Made
    from exporter.ir.graph import Graph
    from exporter.ir.plan import Plan, Signature
    from exporter.manifest import Manifest
    from exporter.samples import Samples
    from exporter.sql.script import Call


@dataclass(frozen=True)
class Packages:
    """How an engine runs in Oracle: a version's own package, the packages of the runtime that it
    calls, and the weights that it loads, for an oldest version of Oracle; again the same of a
    version whose weights are not at hand, by how many samples it has. refuse raises what package
    would, before there are samples; calls are the functions of a version that users call.
    """

    package: Callable[[Manifest, bytes, Samples, str], Made]
    again: Callable[[Manifest, int, str], Made]
    refuse: Callable[[Graph, Signature, Plan, str], None]
    calls: Callable[[Manifest, str], tuple[Call, ...]]


def package(manifest: Manifest, block: bytes, samples: Samples, oracle_version: str) -> Made:
    """See plsql.package.make_package, which refuses what the engine lacks with all else."""
    from exporter.engines.plsql.package import make_package

    return make_package(manifest, block, samples, oracle_version, UNSUPPORTED)


def again(manifest: Manifest, samples: int, oracle_version: str) -> Made:
    """See plsql.package.make_again."""
    from exporter.engines.plsql.package import make_again

    return make_again(manifest, samples, oracle_version, UNSUPPORTED)


def refuse(graph: Graph, signature: Signature, plan: Plan, oracle_version: str) -> None:
    """See plsql.lowering.lower."""
    from exporter.engines.plsql.lowering import lower

    lower(graph, signature, plan, plan.version, oracle_version, UNSUPPORTED)


def calls(manifest: Manifest, oracle_version: str) -> tuple[Call, ...]:
    """See plsql.package.list_calls."""
    from exporter.engines.plsql.package import list_calls

    return list_calls(manifest, oracle_version)


PLSQL = Engine(
    name="plsql",
    title="PL/SQL",
    lacks=UNSUPPORTED,
    problems=no_problems,
    rights=(
        "EXECUTE on SYS.UTL_NLA, and where it takes columns on SYS.UTL_RAW and SYS.DBMS_UTILITY,",
        "where it takes windows on SYS.UTL_RAW,",
        "which PUBLIC has unless a DBA took them away.",
    ),
    needs=(),
    making=Packages(package, again, refuse, calls),
)
