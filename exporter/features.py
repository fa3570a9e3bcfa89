"""Which columns of a table a model takes, when the table is asked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from exporter import databases
from exporter.databases.database import Holding
from exporter.errors import SignatureError, list_names, name_all
from exporter.ir.columns import Column, Kind
from exporter.ir.graph import Graph, count_numbers
from exporter.ir.windows import Window, row_columns
from exporter.places import Place

MOST_OWN = 20  # names of a model's columns in a message


def choose_columns(
    database: Place | None,
    features: Sequence[str],
    table: str | None,
    graph: Graph,
    window: Window | None = None,
) -> tuple[tuple[str, str] | None, Sequence[str], Graph]:
    """(table, column names, graph), of one row of the window where there is one; with both, those
    columns of that table. The graph's columns are what the table says: a number that it holds as a
    boolean is one.

    Raises: SignatureError, when the table lacks one, or it holds something else.
    """
    if table is None:
        return None, features, graph
    server = databases.database_of(database)
    holding = server.holding
    if window is None:
        wanted, own = _wanted_kinds(graph), [column.name for column in graph.columns]
    else:
        row = row_columns(graph, window.length)
        wanted, own = [column.kind for column in row], [c.name for c in row if c.name]
    found, kinds = server.columns(database, table)
    names = features or own
    if window is None and graph.columns:
        graph = _with_booleans(graph, names, kinds)
        wanted = _wanted_kinds(graph)
    wanted = [holding.booleans if kind == "boolean" else kind for kind in wanted]
    if not names:
        if len(set(wanted)) > 1:
            raise SignatureError(
                "the model takes numbers and texts; say which columns they are with --features, in"
                f" the order of its inputs: {list_names(wanted)}."
            )
        names = [name for name, kind in kinds.items() if kind in wanted]
        if not names:
            raise SignatureError(f'table "{table}" has no {_adjective(wanted[0])} columns.')
    missing = [name for name in names if name not in kinds]
    wrong = [
        (name, kind)
        for name, kind in zip(names, wanted, strict=False)
        if name in kinds and not _fits(kinds[name], kind)
    ]
    if len({*wanted}) == 1:
        missing, wrong = [*missing, *(name for name, _ in wrong)], []
    if missing:
        kind = wanted[0] if len({*wanted}) == 1 else None
        there = [name for name in kinds if kind is None or _fits(kinds[name], kind)]
        what = f"{_adjective(kind)} column" if kind else "column"
        renaming = (
            ""
            if features
            else " These are the model's own names: give those of the table with --features, in the"
            f" order of {list_names(own, MOST_OWN)}."
        )
        raise SignatureError(
            f'table "{table}" has no {name_all(what, missing)}; it has {list_names(there)}.'
            f"{renaming}"
        )
    if wrong:
        problems = [
            f'column "{name}" of table "{table}" is no {kind}, which the model takes there'
            for name, kind in wrong
        ]
        raise SignatureError(f"{'; '.join(problems)}. {_tell_casts(holding, kinds, wrong)}")
    return found, names, graph


def _tell_casts(
    holding: Holding, kinds: Mapping[str, Kind | None], wrong: Sequence[tuple[str, Kind]]
) -> str:
    """What a view has to make of columns that are of another kind than the model takes."""
    casts, units = [], []
    for name, kind in wrong:
        by_unit = holding.ask_unit(name, kinds[name], kind)
        if by_unit:
            units.append(by_unit)
        else:
            casts.append(holding.cast(name, kinds[name], kind))
    said = [f"Cast it in a view, and name that: select {', '.join(casts)}, ..."] if casts else []
    return " ".join([*said, *(f"In a view, to be named instead, cast {unit}." for unit in units)])


def _with_booleans(graph: Graph, names: Sequence[str], kinds: Mapping[str, Kind | None]) -> Graph:
    """The graph with booleans in place of numbers where a table holds them so; names are those of
    its columns there. What was fitted on truth values often says no more than that it took numbers.
    """

    def ask_table(column: Column) -> Column:
        held = kinds.get(names[column.place]) if column.place < len(names) else None
        is_boolean = column.kind == "number" and held == "boolean"
        return replace(column, kind="boolean") if is_boolean else column

    ports = (replace(p, columns=tuple(map(ask_table, p.columns))) for p in graph.inputs)
    return replace(graph, inputs=tuple(ports))


def _wanted_kinds(graph: Graph) -> list[Kind]:
    """What each element of the inputs is, in the order in which features name them."""
    if graph.columns:
        return [column.kind for column in graph.columns]
    return [
        "text" if port.is_text else "number"
        for port in graph.inputs
        for _ in range(count_numbers(port.shape) or 1)
    ]


def _fits(held: Kind | None, wanted: Kind) -> bool:
    """Whether a column can be given for another: a date is a timestamp at midnight."""
    return held == wanted or (wanted == "timestamp" and held == "date")


def _adjective(kind: Kind) -> str:
    return "numeric" if kind == "number" else kind
