"""A version as the registry and the dictionary hold it, enough to make its package again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.databases.known import Known
from exporter.databases.oracle.connection import Connection, execute
from exporter.databases.oracle.registry import (
    SAMPLE_TABLES,
    manifest_of,
    sample_table,
)
from exporter.databases.oracle.text import catalog_name
from exporter.databases.oracle.units import (
    KINDS,
    read_text,
)
from exporter.engines.plsql.record import PLSQL
from exporter.errors import DatabaseError, counted
from exporter.manifest import Manifest

if TYPE_CHECKING:
    from exporter.engines.plsql.package import Made


SAMPLES = re.compile(r"p_samples := (\d+);")  # of a package's body: how many there are
AGAIN = "Deploy the model's file again."
COLUMNS = "version, package_name, runtime_name, manifest, plan"


@dataclass(frozen=True)
class StoredVersion:
    """A version as its row has it, and its package as this program makes it."""

    known: Known
    package: str
    runtime: str
    manifest: Manifest
    made: Made

    @property
    def is_of_this_program(self) -> bool:
        """Does it call the runtime that this program brings? Only then its text can be told."""
        return self.runtime == catalog_name(self.made.runtime[0].name)

    @property
    def title(self) -> str:
        """For messages."""
        return f"version {self.known.number}"


def read_stored(connection: Connection, known: Known, oracle_version: str) -> StoredVersion:
    """A version from its rows.

    Raises: DatabaseError, when some are missing, or it cannot be read.
    """
    rows = execute(
        connection,
        f"select {COLUMNS} from export_model_versions where version = :1",
        known.version,
    )
    _, package, runtime, manifest_text, plan = rows[0]
    manifest = manifest_of(manifest_text, plan)
    samples = _count_samples(connection, manifest)
    body = read_text(connection, str(package), KINDS[1])
    told = SAMPLES.search(body)
    if told is not None and int(told[1]) != samples:
        raise _lost(f"{counted(int(told[1]) - samples, 'sample row')} of version {known.number}")
    made = PLSQL.making.again(manifest, samples, oracle_version)
    return StoredVersion(known, str(package), str(runtime), manifest, made)


def _count_samples(connection: Connection, manifest: Manifest) -> int:
    """How many samples a version has.

    Raises: DatabaseError, when one of its arrays is missing.
    """
    there: set[tuple[str, int, int, int]] = set()
    for table in SAMPLE_TABLES.values():
        rows = execute(
            connection,
            f"select sample, is_output, port from {table} where version = :1",
            manifest.version,
        )
        there |= {(table, int(sample), int(side), int(port)) for sample, side, port in rows}
    count = 1 + max((sample for _, sample, _, _ in there), default=-1)
    wanted = {
        (sample_table(port), sample, is_output, place)
        for is_output, ports in enumerate((manifest.inputs, manifest.outputs))
        for place, port in enumerate(ports)
        for sample in range(count)
    }
    if not count or wanted - there:
        raise _lost(f"sample rows of version {manifest.version[:12]}")
    return count


def require_weights(connection: Connection, version: StoredVersion) -> None:
    """Raise DatabaseError where parts of the weights are missing, or are not those that the package
    of this program reads."""
    wanted = {(part.array.dtype.name, part.number, part.tensor) for part in version.made.parts}
    there = set()
    for name, table in (
        ("float32", "export_model_weights"),
        ("float64", "export_model_weights_double"),
    ):
        rows = execute(
            connection,
            f"select part, tensor from {table} where version = :1",
            version.known.version,
        )
        there |= {(name, int(part), int(tensor)) for part, tensor in rows}
    if wanted - there:
        raise _lost(f"{counted(len(wanted - there), 'part')} of the weights of {version.title}")
    if there - wanted:
        raise DatabaseError(
            f"the weights of {version.title} lie as another version of export-model reads them."
            f" Repair it with that one ({version.manifest.exporter}), or: {AGAIN}"
        )


def _lost(what: str) -> DatabaseError:
    return DatabaseError(
        f"{what} are missing in the registry, and only the file holds them. {AGAIN}"
    )
