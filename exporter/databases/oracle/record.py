"""Oracle as one record. Its driver is imported by the functions that need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exporter.databases.database import (
    Columns,
    Database,
    Holding,
    Naming,
    Option,
    nothing_open,
)
from exporter.databases.installation import EVERYBODY, Installation
from exporter.databases.life import Life
from exporter.databases.oracle.connection import (
    DRIVERS,
    DSN_FORMS,
    PASSWORD_VARIABLE,
    is_oracle,
)
from exporter.databases.oracle.example import example_query
from exporter.databases.oracle.registry import IDENTIFIER_BYTES
from exporter.databases.oracle.text import ident
from exporter.databases.results import Scoring, Series
from exporter.engines.plsql.limits import DEFAULT_VERSION, MAX_FEATURES
from exporter.engines.plsql.record import PLSQL
from exporter.errors import DatabaseError
from exporter.ir.columns import Kind
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
from exporter.late import Late
from exporter.places import Place
from exporter.progress import Rows
from exporter.sql.script import Script

if TYPE_CHECKING:
    from exporter.databases.oracle import (
        compare,
        deployment,
        doctor,
        installation,
        journal,
        keeping,
        models,
        repairing,
        score,
        script,
        switching,
    )
else:
    compare = Late("exporter.databases.oracle.compare")
    deployment = Late("exporter.databases.oracle.deployment")
    doctor = Late("exporter.databases.oracle.doctor")
    installation = Late("exporter.databases.oracle.installation")
    journal = Late("exporter.databases.oracle.journal")
    keeping = Late("exporter.databases.oracle.keeping")
    models = Late("exporter.databases.oracle.models")
    repairing = Late("exporter.databases.oracle.repairing")
    score = Late("exporter.databases.oracle.score")
    script = Late("exporter.databases.oracle.script")
    switching = Late("exporter.databases.oracle.switching")


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


def ask_unit(name: str, held: Kind | None, wanted: Kind) -> str:
    """What to cast a column to, unit by unit, where its number counts days, seconds or others;
    empty where it counts nothing, and cast_column knows the cast."""
    column, first = ident(name), "date '1970-01-01'"
    if wanted == "number" and held in ("date", "timestamp"):
        days = f"(cast({column} as date) - {first})"
        return (
            f"{column} to the number that the model was trained on: days since 1970 are {days},"
            f" seconds {days} * 86400, microseconds, as datetime64[us] of pandas holds them,"
            f" {days} * 86400e6, nanoseconds, as datetime64[ns] does, {days} * 86400e9"
        )
    if held == "number" and wanted in ("date", "timestamp"):
        return (
            f"{column} to a {wanted} by what it counts: days since 1970 are {first} + {column},"
            f" seconds {first} + {column} / 86400, milliseconds {first} + {column} / 86400e3"
        )
    return ""


def refuse(
    place: Place | None, graph: Graph, signature: Signature, plan: Plan, options: dict[str, Any]
) -> None:
    """See plsql.package.refuse; nobody has to be asked."""
    oracle_version = options.get("oracle_version", DEFAULT_VERSION)
    PLSQL.making.refuse(graph, signature, plan, oracle_version)


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


def wait_for_signals() -> None:
    """The driver is Python, where signals end a wait by themselves."""


LIFE = Life(
    is_kept=True,
    versions=keeping.versions,
    journal=journal.journal,
    promote=switching.promote,
    rollback=switching.rollback,
    set_alias=switching.set_alias,
    remove_alias=switching.remove_alias,
    drop_version=keeping.drop_version,
    prune=keeping.prune,
    grant=keeping.grant,
    revoke=keeping.revoke,
    repair=repairing.repair,
    upgrade=switching.upgrade,
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
    refuse=refuse,
    holding=Holding(booleans="number", empty_is_null=True, cast=cast_column, ask_unit=ask_unit),
    usage="model.keras --target oracle --output fraud.sql",
    compile=script.compile_script,
    example=example_query,
    columns=columns,
    rows=rows,
    deploy=deployment.deploy,
    verify=models.verify,
    list_versions=models.list_versions,
    drop=models.drop,
    score=score.score,
    score_windows=score_windows,
    compare=compare.compare,
    examine=doctor.examine,
    revoke=revoke,
    life=LIFE,
    installation=Installation(
        deployers=EVERYBODY,
        makes="packages",
        takes_schema=True,
        compile=compile_installation,
        known=everybody,
        advice=installation.advise,
        install=installation.install,
        uninstall=installation.uninstall,
    ),
    wait_for_signals=wait_for_signals,
)
