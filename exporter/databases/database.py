"""What a database is to the rest of the program: one record, made in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.comparison.result import Comparison
from exporter.databases.installation import Installation
from exporter.databases.life import Life
from exporter.databases.results import Check, Deployment, Dropped, Entry, Report, Scoring, Series
from exporter.engines.engine import Engine
from exporter.ir.columns import Kind
from exporter.ir.graph import Graph
from exporter.ir.ops import Op
from exporter.ir.plan import Plan, Signature
from exporter.manifest import Manifest
from exporter.places import Place
from exporter.progress import Rows, Steps
from exporter.sql.script import Script

Compile: TypeAlias = Callable[..., Script]
"""(Manifest, weights, Samples), then the database's own options by name, and release where
something is said about the version (release.py) -> Script."""

Columns: TypeAlias = tuple[tuple[str, str] | None, dict[str, Kind | None]]
"""(schema, table) where a function can take a row of it, and what each of its columns holds, in
order: None for what no model takes."""


@dataclass(frozen=True)
class Naming:
    """How a DSN, a connection or the environment says that it is this kind of server.

    forms is how a DSN is written, in one sentence for messages, example one of them; schemes are
    those of URLs, has_form tells a DSN without a scheme. drivers are modules whose connections can
    be given. variables of the environment, which library reads, name a database where the DSN is
    empty. password is a regular expression that finds one in a DSN of its own form, and
    password_place where to keep it instead.

    Databases that are reached by the same driver and DSN share one Naming; is_here of each then
    asks the server which of them it is.
    """

    title: str
    forms: str
    example: str
    schemes: tuple[str, ...]
    has_form: Callable[[str], bool]
    drivers: tuple[str, ...]
    variables: tuple[str, ...]
    library: str
    password: str
    password_place: str


@dataclass(frozen=True)
class Option:
    """What one database alone can be told: keyword of its Compile, choices, default and help."""

    name: str
    choices: tuple[Any, ...]
    default: Any
    help: str

    @property
    def flag(self) -> str:
        """As the command line spells it."""
        return f"--{self.name.replace('_', '-')}"


def nothing_open(
    place: Place, manifest: Manifest, options: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    """settle of a database that leaves nothing to its server."""
    return options, ""


Refuse: TypeAlias = Callable[[Place | None, Graph, Signature, Plan, dict[str, Any]], None]
"""(place or None, graph, how it is called, its plan, options) -> None."""


def refuse_later(
    place: Place | None, graph: Graph, signature: Signature, plan: Plan, options: dict[str, Any]
) -> None:
    """refuse of a database whose compile is where all is refused."""


@dataclass(frozen=True)
class Holding:
    """How tables hold the columns of models.

    booleans is the kind of the columns that hold them. empty_is_null: an empty text is a NULL.
    cast: (column, the kind that it holds, None for one that models do not take, the kind that is
    wanted) -> what a view selects in its place, with its name. ask_unit: the same arguments -> how
    to cast between a moment and a number, unit by unit, since nobody but the user knows what the
    number counts; empty where cast knows. Every field has to be given.
    """

    booleans: Kind
    empty_is_null: bool
    cast: Callable[[str, Kind | None, Kind], str]
    ask_unit: Callable[[str, Kind | None, Kind], str]


@dataclass(frozen=True)
class Database:
    """A database that models can be deployed to, and everything that is done with one.

    name is what --target takes, title what people call it. is_here(place) asks a server that
    naming fits whether it is this one. most_features is how many arguments a function can have;
    engine is what runs a plan there, holding how tables hold columns. usage is an example of the
    command line.

    refuse: Refuse, before the framework scores sample rows, which can take minutes: raises what
    compile is known to raise. The place is only connected to where that depends on the server.
    compile: (Manifest, weights as the plan's block, Samples, options by name) -> Script; nothing is
    connected to.
    settle: (place, Manifest, options) -> the options with what was left open in them chosen by
    asking the server, and a sentence that says what and why, empty where nothing was. What compile
    would refuse for any choice is refused before a connection is opened.
    example: a query with the model's own names, short enough to read.
    columns: (place, table) -> Columns.
    rows: (place, table, columns, most) -> at most so many rows of these columns.
    deploy: (Script, place, steps) in one transaction, or so that it can be run again.
    verify, drop (by model, with force), list_versions, examine (what doctor shows): by place.
    score: (place, model, table, key, into, jobs, rows) -> Scoring; score_windows the same of
    windows: (place, model, table, key, into, series, jobs, rows).
    compare: (place, model, table, key, both versions as they are named, the column of actual values
    or None, tolerance, rows) -> Comparison.
    revoke: the statements that take away rights which would open the weights, as a script.
    life: what is done with the versions of a model.
    installation: how what all models share is installed once, for others to deploy.
    wait_for_signals: let signals end the wait for a server, called once in a process.

    All of them raise DatabaseError, saying what to do next. Every field has to be given: what a
    database does not have is a function that says so.
    """

    name: str
    title: str
    naming: Naming
    is_here: Callable[[Place], bool]
    options: tuple[Option, ...]
    most_features: int
    engine: Engine[Any]
    holding: Holding
    usage: str
    refuse: Refuse
    compile: Compile
    settle: Callable[[Place, Manifest, dict[str, Any]], tuple[dict[str, Any], str]]
    example: Callable[[Manifest], str]
    columns: Callable[[Place, str], Columns]
    rows: Callable[[Place, str, Sequence[str], int], list[tuple[Any, ...]]]
    deploy: Callable[[Script, Place, Steps], Deployment]
    verify: Callable[[Place, str], Report]
    list_versions: Callable[[Place], list[Entry]]
    drop: Callable[[Place, str, bool], Dropped]
    score: Callable[[Place, str, str, str, str, int, Rows], Scoring]
    score_windows: Callable[[Place, str, str, str, str, Series, int, Rows], Scoring]
    compare: Callable[[Place, str, str, str, tuple[str, str], str | None, float, Rows], Comparison]
    examine: Callable[[Place], list[Check]]
    revoke: Callable[[Place], str]
    life: Life
    installation: Installation
    wait_for_signals: Callable[[], None]

    @property
    def lacks(self) -> tuple[type[Op], ...]:
        """The ops that cannot be scored there."""
        return tuple(self.engine.lacks)
