"""Oracle as one record. Its driver is imported by the functions that need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter.comparison.result import Comparison
from exporter.databases.database import Columns, Database, Holding, Naming, Option, nothing_open
from exporter.databases.installation import EVERYBODY, Installation
from exporter.databases.life import (
    Granted,
    JournalEntry,
    Life,
    Removal,
    Repaired,
    Said,
    Switch,
    Upgrade,
    VersionEntry,
)
from exporter.databases.oracle.connection import (
    DRIVERS,
    DSN_FORMS,
    PASSWORD_VARIABLE,
    is_oracle,
)
from exporter.databases.oracle.example import example_query
from exporter.databases.oracle.registry import IDENTIFIER_BYTES, NOTHING_SAID
from exporter.databases.oracle.text import ident
from exporter.databases.results import (
    Check,
    Deployment,
    Entry,
    Report,
    Scoring,
    Series,
)
from exporter.engines.plsql.limits import DEFAULT_VERSION, MAX_FEATURES
from exporter.engines.plsql.record import PLSQL
from exporter.errors import DatabaseError
from exporter.ir.columns import Kind
from exporter.manifest import Manifest, Stored
from exporter.places import Place
from exporter.progress import Rows, Steps
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
    """See oracle.script.compile_script; the engine's modules are imported here, because they import
    this package."""
    from exporter.databases.oracle import script

    return script.compile_script(manifest, block, samples, oracle_version, release)


def is_here(place: Place) -> bool:
    """Nothing else is reached by its driver."""
    return True


def columns(place: Place, table: str) -> Columns:
    """Names only: a function in Oracle takes no row of a table."""
    from exporter.databases.oracle.connection import connect, read_columns

    with connect(place) as connection:
        return None, read_columns(connection, table)


def rows(place: Place, table: str, names: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    """Not read: Oracle's types would have to be read as models take them.

    Raises: DatabaseError, always.
    """
    raise DatabaseError(
        "sample rows are not read from a table in Oracle; write them to a CSV file with a header,"
        " and name that."
    )


def cast_column(name: str, held: Kind | None, wanted: Kind) -> str:
    """Of texts, what CHAR pads is no part of them; a moment with a time zone is one of UTC."""
    column = ident(name)
    expressions: dict[Kind, str] = {
        "number": f"to_binary_double({column})",
        "boolean": f"to_binary_double({column})",
        "timestamp": f"sys_extract_utc({column})",
        "date": f"trunc(cast({column} as date))",
        "text": f"rtrim({column})" if held is None else f"to_char({column})",
    }
    return f"{expressions[wanted]} as {column}"


def deploy(script: Script, place: Place, steps: Steps) -> Deployment:
    """See oracle.deployment.deploy."""
    from exporter.databases.oracle import deployment

    return deployment.deploy(deployment.require_oracle_script(script), place, steps)


def verify(place: Place, model: str) -> Report:
    """See oracle.models.verify."""
    from exporter.databases.oracle import models

    return models.verify(place, model)


def list_versions(place: Place) -> list[Entry]:
    """See oracle.models.list_versions."""
    from exporter.databases.oracle import models

    return models.list_versions(place)


def drop(place: Place, model: str, force: bool) -> None:
    """Oracle drops what others depend on, and marks those objects invalid."""
    from exporter.databases.oracle import models

    if force:
        raise DatabaseError("--force is for PostgreSQL; nothing stops a drop in Oracle.")
    models.drop(place, model)


def score(
    place: Place, model: str, table: str, key: str, into: str, jobs: int, rows: Rows
) -> Scoring:
    """See oracle.score.score."""
    from exporter.databases.oracle import score as scoring

    return scoring.score(place, model, table, key, into, jobs, rows)


def score_windows(
    place: Place,
    model: str,
    table: str,
    key: str,
    into: str,
    series: Series,
    jobs: int,
    rows: Rows,
) -> Scoring:
    """Never done: Oracle has score_windows over a cursor, and no run that goes on."""
    raise DatabaseError(
        "Oracle does not keep scores of windows: leave --order-by out, and store what"
        " NAME.score_windows(CURSOR(...)) gives by INSERT (docs/windows.md)."
    )


def compare(
    place: Place,
    model: str,
    table: str,
    key: str,
    versions: tuple[str, str],
    actual: str | None,
    tolerance: float,
    rows: Rows,
) -> Comparison:
    """See oracle.compare.compare."""
    from exporter.databases.oracle import compare as comparing

    return comparing.compare(place, model, table, key, versions, actual, tolerance, rows)


def examine(place: Place) -> list[Check]:
    """See oracle.doctor.examine."""
    from exporter.databases.oracle import doctor

    return doctor.examine(place)


def revoke(place: Place) -> str:
    """Nothing has to be taken away here.

    Raises: DatabaseError, always.
    """
    raise DatabaseError(
        "there is nothing to revoke: Oracle checks rights wherever a query runs, and only the"
        " owner of a model reads its weights."
    )


def compile_installation(deployers: str | None, schema: str = "") -> Script:
    """See oracle.installation.compile_installation."""
    from exporter.databases.oracle import installation

    return installation.compile_installation(deployers or EVERYBODY, schema)


def everybody(place: Place) -> tuple[str, ...]:
    """Who may deploy where none were named."""
    return (EVERYBODY,)


def advise_deployers(deployers: str) -> tuple[str, ...]:
    """See oracle.installation.advise."""
    from exporter.databases.oracle import installation

    return installation.advise(deployers)


def install(script: Script, place: Place, steps: Steps) -> None:
    """See oracle.installation.install."""
    from exporter.databases.oracle import installation

    installation.install(script, place, steps)


def uninstall(place: Place) -> None:
    """See oracle.installation.uninstall."""
    from exporter.databases.oracle import installation

    installation.uninstall(place)


def wait_for_signals() -> None:
    """The driver is Python, where signals end a wait by themselves."""


def versions(place: Place, model: str) -> list[VersionEntry]:
    """See oracle.keeping.versions."""
    from exporter.databases.oracle import keeping

    return keeping.versions(place, model)


def journal(place: Place, model: str | None) -> list[JournalEntry]:
    """See oracle.journal.journal."""
    from exporter.databases.oracle import journal as of_schema

    return of_schema.journal(place, model)


def promote(
    place: Place, model: str, version: str | int, because: str | None, said: Said
) -> Switch:
    """See oracle.switching.promote."""
    from exporter.databases.oracle import switching

    return switching.promote(place, model, version, because, said)


def rollback(place: Place, model: str, because: str | None, said: Said) -> Switch:
    """See oracle.switching.rollback."""
    from exporter.databases.oracle import switching

    return switching.rollback(place, model, because, said)


def set_alias(
    place: Place, model: str, alias: str, version: str | int, because: str | None, said: Said
) -> Switch:
    """See oracle.switching.set_alias."""
    from exporter.databases.oracle import switching

    return switching.set_alias(place, model, alias, version, because, said)


def remove_alias(place: Place, model: str, alias: str, because: str | None) -> Switch:
    """See oracle.switching.remove_alias."""
    from exporter.databases.oracle import switching

    return switching.remove_alias(place, model, alias, because)


def drop_version(
    place: Place, model: str, version: str | int, because: str | None, force: bool
) -> Removal:
    """See oracle.keeping.drop_version."""
    from exporter.databases.oracle import keeping

    return keeping.drop_version(place, model, version, because, force)


def prune(place: Place, model: str, keep: int, because: str | None) -> Removal:
    """See oracle.keeping.prune."""
    from exporter.databases.oracle import keeping

    return keeping.prune(place, model, keep, because)


def grant(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """See oracle.keeping.grant."""
    from exporter.databases.oracle import keeping

    return keeping.grant(place, model, roles)


def take_back(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """See oracle.keeping.revoke."""
    from exporter.databases.oracle import keeping

    return keeping.revoke(place, model, roles)


def repair(
    place: Place, model: str, options: dict[str, Any], deploy: Callable[[Stored], Deployment]
) -> Repaired:
    """See oracle.repairing.repair."""
    from exporter.databases.oracle import repairing

    return repairing.repair(place, model, options, deploy)


def upgrade(place: Place) -> Upgrade:
    """See oracle.switching.upgrade."""
    from exporter.databases.oracle import switching

    return switching.upgrade(place)


LIFE = Life(
    is_kept=True,
    versions=versions,
    journal=journal,
    promote=promote,
    rollback=rollback,
    set_alias=set_alias,
    remove_alias=remove_alias,
    drop_version=drop_version,
    prune=prune,
    grant=grant,
    revoke=take_back,
    repair=repair,
    upgrade=upgrade,
)

ORACLE = Database(
    name="oracle",
    title="Oracle",
    naming=Naming(
        title="Oracle",
        forms=DSN_FORMS,
        example=DSN_FORMS,
        schemes=("oracle",),
        has_form=is_oracle,
        drivers=DRIVERS,
        variables=(),
        library="python-oracledb",
        password=r"^[^\s/@:=]+/[^@]+@",  # user/password@
        password_place=PASSWORD_VARIABLE,
    ),
    is_here=is_here,
    options=(
        Option(
            "oracle_version",
            tuple(IDENTIFIER_BYTES),
            DEFAULT_VERSION,
            "the oldest to run on; before 12.2 names have 30 bytes.",
        ),
    ),
    most_features=MAX_FEATURES,
    engine=PLSQL,
    settle=nothing_open,
    holding=Holding(booleans="number", empty_is_null=True, cast=cast_column),
    usage="model.keras --target oracle --output fraud.sql",
    compile=compile_script,
    example=example_query,
    columns=columns,
    rows=rows,
    deploy=deploy,
    verify=verify,
    list_versions=list_versions,
    drop=drop,
    score=score,
    score_windows=score_windows,
    compare=compare,
    examine=examine,
    revoke=revoke,
    life=LIFE,
    installation=Installation(
        deployers=EVERYBODY,
        makes="packages",
        takes_schema=True,
        compile=compile_installation,
        known=everybody,
        advice=advise_deployers,
        install=install,
        uninstall=uninstall,
    ),
    wait_for_signals=wait_for_signals,
)
