"""PostgreSQL as one record. Its driver is imported by the functions that need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter.comparison.result import Comparison
from exporter.databases.database import Columns, Database, Holding, Option
from exporter.databases.installation import DEPLOYERS, Installation
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
from exporter.databases.postgres.columns import cast_column
from exporter.databases.postgres.example import example_query
from exporter.databases.postgres.limits import MAX_ARGUMENTS, check_names
from exporter.databases.postgres.naming import NAMING
from exporter.databases.postgres.script import (
    ENGINES,
    NOTHING_SAID,
    compile_registry,
    compile_script,
)
from exporter.databases.results import Check, Deployment, Entry, Report, Scoring, Series
from exporter.engines.pgvector.record import PGVECTOR, PGVECTOR_TABLE
from exporter.engines.plpython.record import PLPYTHON
from exporter.errors import SignatureError
from exporter.manifest import Manifest, Stored
from exporter.places import Place
from exporter.progress import Rows, Steps
from exporter.release import Release
from exporter.samples import Samples
from exporter.sql.script import Script


def is_here(place: Place) -> bool:
    """Is the server PostgreSQL itself, and not Greenplum?"""
    from exporter.databases.postgres.connection import connect, is_greenplum

    with connect(place) as connection:
        return not is_greenplum(connection)


ENGINE = Option(
    "engine",
    ("auto", *(engine.name for engine in ENGINES)),
    "auto",
    "what runs the model: PL/Python, or PL/pgSQL with the extension pgvector, which needs no"
    " superuser; auto takes the first that the server has for this role.",
)


WEIGHTS = Option(
    "weights",
    ("auto", "function", "table"),
    "auto",
    "where the engine pgvector has weights: in the text of functions, which all who may connect can"
    " read, or in a table that its owner alone reads; auto leaves a model's where they are, and"
    " begins with functions.",
)


def compile(
    manifest: Manifest,
    block: bytes,
    samples: Samples,
    *,
    engine: str = "auto",
    weights: str = "auto",
    release: Release = NOTHING_SAID,
) -> Script:
    """See postgres.script.compile_script; without a server to ask, auto is PL/Python.

    Raises: SignatureError, when an engine is told where to have weights that cannot be.
    """
    chosen = next((item for item in ENGINES if item.name == engine), PLPYTHON)
    if weights != "auto" and chosen is not PGVECTOR:
        raise SignatureError(
            f"weights is {weights!r}, which is for the engine pgvector; {chosen.name} has them in"
            " tables that their owner alone reads. Leave it out, or name the engine."
        )
    if weights == "table":
        chosen = PGVECTOR_TABLE
    return compile_script(manifest, block, samples, engine=chosen, release=release)


def settle(place: Place, manifest: Manifest, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """See postgres.choice.choose_engine, and choose_form for where the weights are."""
    engine, weights = (options.get(name, "auto") for name in ("engine", "weights"))
    if engine != "auto" and weights != "auto":
        return options, _said_of(engine, weights)
    if engine == PLPYTHON.name:
        return options, ""
    check_names(manifest)
    from exporter.databases.postgres.choice import choose_engine, choose_form

    reason = ""
    if engine == "auto":
        engine, reason = choose_engine(place, manifest.name)
    if engine == PGVECTOR.name and weights == "auto":
        weights = choose_form(place, manifest.name)
    reasons = filter(None, (reason, _said_of(engine, weights)))
    return {**options, "engine": engine, "weights": weights}, "\n".join(reasons)


def _said_of(engine: str, weights: str) -> str:
    """What a deployment says of who can read the weights: where it is everybody."""
    if engine != PGVECTOR.name or weights != "function":
        return ""
    return (
        "the weights stand in the text of functions, which all who may connect can read;"
        " --weights table, for networks of dense layers, keeps them from others"
    )


def columns(place: Place, table: str) -> Columns:
    """See postgres.connection.read_columns."""
    from exporter.databases.postgres.connection import connect, read_columns

    with connect(place) as connection:
        return read_columns(connection, table)


def rows(place: Place, table: str, names: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    """See postgres.connection.read_rows."""
    from exporter.databases.postgres.connection import connect, read_rows

    with connect(place) as connection:
        return read_rows(connection, table, names, most)


def deploy(script: Script, place: Place, steps: Steps) -> Deployment:
    """See postgres.deployment.deploy."""
    from exporter.databases.postgres import deployment

    return deployment.deploy(script, place, steps)


def repair(
    place: Place, model: str, options: dict[str, Any], deploy: Callable[[Stored], Deployment]
) -> Repaired:
    """See postgres.repairing.repair."""
    from exporter.databases.postgres import repairing

    return repairing.repair(place, model, deploy)


def verify(place: Place, model: str) -> Report:
    """See postgres.verify.verify."""
    from exporter.databases.postgres import verify as verification

    return verification.verify(place, model)


def list_versions(place: Place) -> list[Entry]:
    """See postgres.registry.list_versions."""
    from exporter.databases.postgres import registry

    return registry.list_versions(place)


def drop(place: Place, model: str, force: bool) -> None:
    """See postgres.registry.drop."""
    from exporter.databases.postgres import registry

    registry.drop(place, model, force)


def advise_deployers(group: str) -> tuple[str, ...]:
    """What makes members of the group deployers."""
    return (
        f"deployers are the members of {group}:",
        f"  grant {group} to ...; grant create on database ... to {group};",
    )


def known_deployers(place: Place) -> tuple[str, ...]:
    """See postgres.installation.known_deployers."""
    from exporter.databases.postgres import installation

    return installation.known_deployers(place)


def install(script: Script, place: Place, steps: Steps) -> None:
    """See postgres.installation.install."""
    from exporter.databases.postgres import installation

    installation.install(script, place, steps)


def uninstall(place: Place) -> None:
    """See postgres.installation.uninstall."""
    from exporter.databases.postgres import installation

    installation.uninstall(place)


def score(
    place: Place, model: str, table: str, key: str, into: str, jobs: int, rows: Rows
) -> Scoring:
    """See postgres.score.score."""
    from exporter.databases.postgres import score as scoring

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
    """See postgres.score.score."""
    from exporter.databases.postgres import score as scoring

    return scoring.score(place, model, table, key, into, jobs, rows, series)


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
    """See postgres.compare.compare."""
    from exporter.databases.postgres import compare as comparing

    return comparing.compare(place, model, table, key, versions, actual, tolerance, rows)


def examine(place: Place) -> list[Check]:
    """See postgres.doctor.examine."""
    from exporter.databases.postgres import doctor

    return doctor.examine(place)


def revoke(place: Place) -> str:
    """See greenplum.segments.revoke_script, which refuses a PostgreSQL."""
    from exporter.databases.greenplum.segments import revoke_script

    return revoke_script(place)


def wait_for_signals() -> None:
    """See postgres.connection.interrupt_waiting."""
    from exporter.databases.postgres.connection import interrupt_waiting

    interrupt_waiting()


def promote(
    place: Place, model: str, version: str | int, because: str | None, said: Said
) -> Switch:
    """See postgres.switching.promote."""
    from exporter.databases.postgres import switching

    return switching.promote(place, model, version, because, said)


def rollback(place: Place, model: str, because: str | None, said: Said) -> Switch:
    """See postgres.switching.rollback."""
    from exporter.databases.postgres import switching

    return switching.rollback(place, model, because, said)


def set_alias(
    place: Place, model: str, alias: str, version: str | int, because: str | None, said: Said
) -> Switch:
    """See postgres.switching.set_alias."""
    from exporter.databases.postgres import switching

    return switching.set_alias(place, model, alias, version, because, said)


def remove_alias(place: Place, model: str, alias: str, because: str | None) -> Switch:
    """See postgres.switching.remove_alias."""
    from exporter.databases.postgres import switching

    return switching.remove_alias(place, model, alias, because)


def versions(place: Place, model: str) -> list[VersionEntry]:
    """See postgres.keeping.versions."""
    from exporter.databases.postgres import keeping

    return keeping.versions(place, model)


def journal(place: Place, model: str | None) -> list[JournalEntry]:
    """See postgres.keeping.journal."""
    from exporter.databases.postgres import keeping

    return keeping.journal(place, model)


def drop_version(
    place: Place, model: str, version: str | int, because: str | None, force: bool
) -> Removal:
    """See postgres.keeping.drop_version."""
    from exporter.databases.postgres import keeping

    return keeping.drop_version(place, model, version, because, force)


def prune(place: Place, model: str, keep: int, because: str | None) -> Removal:
    """See postgres.keeping.prune."""
    from exporter.databases.postgres import keeping

    return keeping.prune(place, model, keep, because)


def grant(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """See postgres.keeping.grant."""
    from exporter.databases.postgres import keeping

    return keeping.grant(place, model, roles)


def take_back(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """See postgres.keeping.revoke."""
    from exporter.databases.postgres import keeping

    return keeping.revoke(place, model, roles)


def upgrade(place: Place) -> Upgrade:
    """See postgres.upgrading.upgrade."""
    from exporter.databases.postgres import upgrading

    return upgrading.upgrade(place)


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

POSTGRES = Database(
    name="postgres",
    title="PostgreSQL",
    naming=NAMING,
    is_here=is_here,
    options=(ENGINE, WEIGHTS),
    most_features=MAX_ARGUMENTS,
    engine=PLPYTHON,
    holding=Holding(booleans="boolean", empty_is_null=False, cast=cast_column),
    usage="model.h5 --target postgres --dsn postgresql://localhost/bank --name fraud",
    compile=compile,
    settle=settle,
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
        deployers=DEPLOYERS,
        makes="functions",
        takes_schema=False,
        compile=compile_registry,
        known=known_deployers,
        advice=advise_deployers,
        install=install,
        uninstall=uninstall,
    ),
    wait_for_signals=wait_for_signals,
)
