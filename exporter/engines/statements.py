"""What an engine has a database of PostgreSQL's kind make, as data: the database's compiler renders
the statements, sets who may call the functions and remembers what was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Port
from exporter.ir.plan import Plan, Signature
from exporter.sql.text import Sql, ident

if TYPE_CHECKING:  # the databases import the engines
    from exporter.databases.results import Check, Difference

REGISTRY = "export_model"  # the schema of what all models share
SHORT = 12  # hex digits of a version in names


@dataclass(frozen=True)
class Step:
    """One statement: its name, its template, and the template's variables; is_once, whether it is
    asked for the registry's functions alone, and not for each model."""

    name: str
    template: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_once: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Function(Step):
    """One that makes a function: which, with its argument types, what it returns, and whether all
    who may use its schema may call it."""

    identity: Sql = field(kw_only=True)
    returns: str = field(kw_only=True)
    is_open: bool = field(kw_only=True)

    @property
    def bare_name(self) -> str:
        """Its name without schema and types."""
        return self.identity.partition("(")[0].rpartition(".")[2].strip('"')


@dataclass(frozen=True)
class Runtime:
    """The function of the registry that an engine's versions need, by the name that is in their
    rows; the registry drops it with the last of them."""

    name: str
    function: Function


@dataclass(frozen=True)
class Version:
    """The version whose functions are made: its plan with the weights, graph, which reads the
    network of it, how it is called, the schema they are in, the inputs, and "score" with the type
    of its result, then "label" where there are labels. messages are how many a row may come in: one
    for each input, or one for all columns; has_windows, whether it is a model of windows over rows,
    and forecasts, whether it gives columns of the next; is_kept, whether statements keep a version
    while another is made the champion, see Statements.keeps."""

    plan: Plan
    graph: Callable[[], Graph]
    signature: Signature
    schema: str
    inputs: tuple[Port, ...]
    methods: tuple[tuple[Sql, Sql], ...]
    messages: tuple[int, ...]
    has_windows: bool = False
    forecasts: bool = False
    is_kept: bool = False

    def name(self, function: str) -> str:
        """The name of a function of this version alone."""
        return f"{function}_{self.plan.version[:SHORT]}"

    def identity(self, name: str, types: Sql) -> Sql:
        """A function in the version's schema, with its argument types."""
        return Sql("{}.{}({})").format(ident(self.schema), ident(name), types)


@dataclass(frozen=True)
class Statements:
    """How an engine runs in PostgreSQL.

    checks fail where the server lacks something, before anything is made. owner_helpers and helpers
    are functions of the registry beside the runtime, for its owner and for those who score: by the
    name of a template without variables, the function with its argument types. shared are
    more of the registry's, which versions of all models call with their owners' rights.
    closed_helpers are for no deployer either: only helpers that run with the registry's owner's
    rights call them.

    functions makes a version's own. Each method is version.name(method), takes an argument for each
    input, as message(array, port) hands it over, and gives NULL for a row that holds one; where a
    row may come as columns, it also takes one argument, as row_message(columns, values, whether
    the server is Greenplum, which writes lengths another way round) hands all of them over.
    row_message is None for an engine that takes arrays alone. An engine
    that packs_rows also makes version.name("batch"), of (rows bytea, count integer, wanted text),
    with which whole tables are scored: rows as pack() packs them, one after another; "score",
    "label" or "both" -> scores and labels as the text of an array (for "numbers" scores alone,
    which may also be the text of bytes, four for each float32, where each row has one), or the
    place and problem of a row that is not what the model takes. Of a model of windows it makes
    version.name("windows"), too, of
    (rows, count, wanted, starts integer[], stored integer[], step integer, state bytea):
    the same of all windows that end in the rows, where runs of rows begin at the places starts, and
    also which rows end one, as the text of an array or NULL for all, and the state for the next
    call; and of one that forecasts version.name("forecasts"), of (rows, counts integer[], steps,
    ahead bytea, fed integer); see plpython/windows.py.
    packer names a function of the version that packs a row, of the arguments of score; it is None
    where what message() and row_message() give are packed as they are, one input after another. Of
    a model of windows version.name(packer + "_row") packs one row, an array of its numbers.

    keeps says that, for a version that is_kept, it also makes version.name(method + "_kept"), with
    one argument more, a text: which version a statement keeps, as export_model.kept gives it.

    examine is what doctor shows of the engine, by an open connection and whether it is a cluster;
    what takes longer to find out is not looked at before it is asked for. find_lost is what of the
    server functions of a model need and is gone, by an open connection and the model's name.
    """

    checks: tuple[Step, ...]
    runtime: Callable[[], Runtime]
    owner_helpers: Mapping[str, Sql]
    helpers: Mapping[str, Sql]
    closed_helpers: Mapping[str, Sql]
    shared: Callable[[], tuple[Function, ...]]
    functions: Callable[[Version], tuple[Function, ...]]
    message: Callable[[Sql, Port], Sql]
    row_message: Callable[[Sequence[Column], Sequence[Sql], bool], Sql] | None
    packs_rows: bool
    packer: str | None
    examine: Callable[[Any, bool], Iterable[Check]]
    find_lost: Callable[[Any, str], Iterable[Difference]]
    keeps: bool

    def helper_names(self) -> list[str]:
        """Names of all that a registry holds for it beside the runtime."""
        shared = [function.bare_name for function in self.shared()]
        own = [*self.owner_helpers, *self.helpers, *self.closed_helpers]
        return [*own, *dict.fromkeys(shared)]

    def identities(self) -> list[Sql]:
        """All functions that a registry holds for it, with their argument types."""
        return [
            self.runtime().function.identity,
            *self.owner_helpers.values(),
            *self.helpers.values(),
            *self.closed_helpers.values(),
            *(function.identity for function in self.shared()),
        ]
