"""PostgreSQL as one record. Its driver is imported by the functions that need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from exporter.databases.database import Columns, Database, Holding, Option
from exporter.databases.installation import DEPLOYERS, Installation
from exporter.databases.life import Life, Repaired
from exporter.databases.postgres.columns import ask_unit, cast_column
from exporter.databases.postgres.example import example_query
from exporter.databases.postgres.limits import MAX_ARGUMENTS, check_names
from exporter.databases.postgres.naming import NAMING
from exporter.databases.postgres.ports import say_counted
from exporter.databases.postgres.script import NOTHING_SAID, compile_script
from exporter.databases.postgres.shared import ENGINES, compile_registry
from exporter.databases.results import Deployment, Scoring, Series
from exporter.engines.pgvector.record import PGVECTOR, PGVECTOR_TABLE
from exporter.engines.plpython.record import PLPYTHON
from exporter.errors import DatabaseError, SignatureError, UnsupportedError
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
from exporter.late import Late
from exporter.manifest import Manifest, Stored
from exporter.places import Place
from exporter.progress import Rows, Steps
from exporter.release import Release
from exporter.samples import Samples
from exporter.sql.script import Script

if TYPE_CHECKING:
    from exporter.databases.postgres import (
        compare,
        deployment,
        doctor,
        installation,
        keeping,
        registry,
        score,
        switching,
        upgrading,
        verify,
    )
else:
    compare = Late("exporter.databases.postgres.compare")
    deployment = Late("exporter.databases.postgres.deployment")
    doctor = Late("exporter.databases.postgres.doctor")
    installation = Late("exporter.databases.postgres.installation")
    keeping = Late("exporter.databases.postgres.keeping")
    registry = Late("exporter.databases.postgres.registry")
    score = Late("exporter.databases.postgres.score")
    switching = Late("exporter.databases.postgres.switching")
    upgrading = Late("exporter.databases.postgres.upgrading")
    verify = Late("exporter.databases.postgres.verify")


NO_NUMPY = "the server's Python cannot import numpy"  # see check_numpy.sql


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


def refuse(
    place: Place | None, graph: Graph, signature: Signature, plan: Plan, options: dict[str, Any]
) -> None:
    """Refuse what the engine that is named cannot compute; where none is, and pgvector could not,
    what the server would choose."""
    engine, weights = (options.get(option, "auto") for option in ("engine", "weights"))
    graph = replace(graph, name=signature.name)
    if engine == PGVECTOR.name:
        (PGVECTOR_TABLE if weights == "table" else PGVECTOR).require_ops(graph)
    elif engine == "auto" and place is not None:
        try:
            PGVECTOR.require_ops(graph)
        except UnsupportedError:
            from exporter.databases.postgres.choice import choose_engine

            if is_here(place) and choose_engine(place, signature.name)[0] == PGVECTOR.name:
                raise


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
    counted = say_counted(manifest.outputs)
    if engine != "auto" and weights != "auto":
        return options, "\n".join(filter(None, (_said_of(engine, weights), counted)))
    if engine == PLPYTHON.name:
        return options, counted
    check_names(manifest)
    from exporter.databases.postgres.choice import choose_engine, choose_form

    reason = ""
    if engine == "auto":
        engine, reason = choose_engine(place, manifest.name)
    if engine == PGVECTOR.name and weights == "auto":
        weights = choose_form(place, manifest.name)
    reasons = filter(None, (reason, _said_of(engine, weights), counted))
    return {**options, "engine": engine, "weights": weights}, "\n".join(reasons)


def _said_of(engine: str, weights: str) -> str:
    """What a deployment says of who can read the weights: where it is everybody."""
    if engine != PGVECTOR.name or weights != "function":
        return ""
    return (
        "the weights stand in the text of functions, which all who may connect can read;"
        " --weights table, for networks of dense layers, keeps them from others"
    )


def deploy(script: Script, place: Place, progress: Steps) -> Deployment:
    """See postgres.deployment.deploy; where the server's Python has no numpy, which is not asked
    before, what another engine would need is told as well."""
    try:
        return deployment.deploy(script, place, progress)
    except DatabaseError as problem:
        if NO_NUMPY not in str(problem):
            raise
        from exporter.databases.postgres.choice import name_others

        others = name_others(place, PLPYTHON.name)
        raise DatabaseError(f"{problem}\n{others}") from problem.__cause__


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


def repair(
    place: Place, model: str, options: dict[str, Any], deploy: Callable[[Stored], Deployment]
) -> Repaired:
    """See postgres.repairing.repair."""
    from exporter.databases.postgres import repairing

    return repairing.repair(place, model, deploy)


def advise_deployers(group: str) -> tuple[str, ...]:
    """What makes members of the group deployers."""
    return (
        f"deployers are the members of {group}:",
        f"  grant {group} to ...; grant create on database ... to {group};",
    )


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


def revoke(place: Place) -> str:
    """See greenplum.segments.revoke_script, which refuses a PostgreSQL."""
    from exporter.databases.greenplum.segments import revoke_script

    return revoke_script(place)


def wait_for_signals() -> None:
    """See postgres.connection.interrupt_waiting."""
    from exporter.databases.postgres.connection import interrupt_waiting

    interrupt_waiting()


LIFE = Life(
    is_kept=True,
    versions=keeping.versions,
    journal=keeping.journal,
    promote=switching.promote,
    rollback=switching.rollback,
    set_alias=switching.set_alias,
    remove_alias=switching.remove_alias,
    drop_version=keeping.drop_version,
    prune=keeping.prune,
    grant=keeping.grant,
    revoke=keeping.revoke,
    repair=repair,
    upgrade=upgrading.upgrade,
)

POSTGRES = Database(
    name="postgres",
    title="PostgreSQL",
    naming=NAMING,
    is_here=is_here,
    options=(ENGINE, WEIGHTS),
    most_features=MAX_ARGUMENTS,
    engine=PLPYTHON,
    holding=Holding(booleans="boolean", empty_is_null=False, cast=cast_column, ask_unit=ask_unit),
    usage="model.h5 --target postgres --dsn postgresql://localhost/bank --name fraud",
    refuse=refuse,
    compile=compile,
    settle=settle,
    example=example_query,
    columns=columns,
    rows=rows,
    deploy=deploy,
    verify=verify.verify,
    list_versions=registry.list_versions,
    drop=registry.drop,
    score=score.score,
    score_windows=score_windows,
    compare=compare.compare,
    examine=doctor.examine,
    revoke=revoke,
    life=LIFE,
    installation=Installation(
        deployers=DEPLOYERS,
        makes="functions",
        takes_schema=False,
        compile=compile_registry,
        known=installation.known_deployers,
        advice=advise_deployers,
        install=installation.install,
        uninstall=installation.uninstall,
    ),
    wait_for_signals=wait_for_signals,
)
