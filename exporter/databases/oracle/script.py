"""Oracle 12.1 and later, with nothing but PL/SQL and UTL_NLA: a manifest becomes a package.

12.1 is the first version with PRAGMA UDF; a database before 12.2 allows identifiers of 30 bytes
only, which oracle_version decides.
"""

from __future__ import annotations

from exporter.databases.oracle.assembly import NOTHING_SAID, assemble
from exporter.engines.plsql.limits import DEFAULT_VERSION
from exporter.engines.plsql.record import PLSQL
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.samples import Samples
from exporter.sql.script import Script


def compile_script(
    manifest: Manifest,
    block: bytes,
    samples: Samples,
    oracle_version: str = DEFAULT_VERSION,
    release: Release = NOTHING_SAID,
) -> Script:
    """All statements that deploy a version with its weights under its name.

    Raises: UnsupportedError, for ops that cannot be scored in Oracle, all at once; SqlTextError or
    SignatureError, when a name cannot be used there.
    """
    made = PLSQL.making.package(manifest, block, samples, oracle_version)
    return assemble(
        manifest,
        manifest.restore_plan(block),
        samples,
        oracle_version=oracle_version,
        parts=made.parts,
        runtime=made.runtime,
        package=made.package,
        words=made.words,
        release=release,
    )
