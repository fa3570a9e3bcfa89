"""PL/SQL as one record. The modules that write packages are imported by the functions that need
them: they quote as Oracle does, and the databases import this record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.engines.engine import Engine, no_problems
from exporter.engines.plsql.limits import UNSUPPORTED

if TYPE_CHECKING:
    from exporter.databases.oracle.registry import Part, Units
    from exporter.manifest import Manifest
    from exporter.samples import Samples


@dataclass(frozen=True)
class Packages:
    """How an engine runs in Oracle: the package that all versions call, and a version's own with
    the weights that it loads, for an oldest version of Oracle.
    """

    runtime: Callable[[], Units]
    package: Callable[[Manifest, bytes, Samples, str], tuple[Units, list[Part]]]


def runtime() -> Units:
    """See plsql.runtime.runtime_units."""
    from exporter.engines.plsql.runtime import runtime_units

    return runtime_units()


def package(
    manifest: Manifest, block: bytes, samples: Samples, oracle_version: str
) -> tuple[Units, list[Part]]:
    """See plsql.package.make_package, which refuses what the engine lacks with all else."""
    from exporter.engines.plsql.package import make_package

    return make_package(manifest, block, samples, oracle_version, UNSUPPORTED)


PLSQL = Engine(
    name="plsql",
    title="PL/SQL",
    lacks=UNSUPPORTED,
    problems=no_problems,
    rights=("EXECUTE on SYS.UTL_NLA, which PUBLIC has unless a DBA took it away.",),
    making=Packages(runtime, package),
)
