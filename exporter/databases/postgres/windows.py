"""Windows over rows in SQL: what their functions take, and the rows of windows that are samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from exporter.ir.columns import Column, Kind
from exporter.ir.graph import Port, count_numbers
from exporter.ir.windows import Window
from exporter.sql.text import Sql, comma, ident, literal, number

WINDOW_TYPES = ("text", "text", "text", "text", "anyelement", "integer")
"""The types of what score_windows takes."""

INTO_TYPES = ("text", "text", "text", "text", "text", "anyelement", "integer", "text[]")
"""The same of score_windows_into."""

FORECAST_TYPES = ("text", "text", "text", "integer", "text", "integer")
"""The same of forecast."""

FAR = 1e8  # offsets beyond so many scales leave too few digits of a score

VALUES: Mapping[Kind, Sql] = MappingProxyType(
    {
        "number": Sql("{}"),
        "text": Sql("{}"),
        "boolean": Sql("({} <> 0)"),
        "date": Sql("(date '1970-01-01' + {}::integer)"),
        "timestamp": Sql("(timestamp '1970-01-01' + {} * interval '1 s')"),
    }
)
"""SQL of a column's value, from the number that the model makes of it."""


@dataclass(frozen=True)
class SampleRows:
    """A query that gives the rows of the samples' windows, and the names of its columns.

    key is the sample's number in the last row of its window, series the sample, place that of a row
    in the window.
    """

    query: Sql
    key: str
    series: str
    place: str


def window_parameters(method: Sql, returns: Sql) -> tuple[Sql, ...]:
    """What score_windows takes and gives; key is the column's name first, and then a row's."""
    return (
        Sql("source text"),
        Sql("inout key text"),
        Sql("partition_by text"),
        Sql("order_by text"),
        Sql("max_gap anyelement default null::pg_catalog.interval"),
        Sql("step integer default null"),
        Sql("out {} {}").format(ident(method), returns),
    )


def into_parameters() -> tuple[Sql, ...]:
    """What score_windows_into takes."""
    return (
        Sql("source text"),
        Sql("key text"),
        Sql("partition_by text"),
        Sql("order_by text"),
        Sql("target text"),
        Sql("max_gap anyelement default null::pg_catalog.interval"),
        Sql("step integer default null"),
        Sql("columns text[] default null"),
    )


def with_text_gap(items: Sequence[Sql]) -> tuple[Sql, ...]:
    """The same parameters, or their types, of a function whose gap is a text: '5 minutes' without
    its type is one to the server."""
    gap = "max_gap anyelement default null::pg_catalog.interval"
    others = {gap: Sql("max_gap text"), "anyelement": Sql("text")}
    return tuple(others.get(item, item) for item in items)


def forecast_parameters() -> tuple[Sql, ...]:
    """What forecast takes."""
    return (
        Sql("source text"),
        Sql("partition_by text"),
        Sql("order_by text"),
        Sql("steps integer"),
        Sql("ahead text default null"),
        Sql("fed integer default null"),
    )


def count_outputs(ports: Sequence[Port]) -> int:
    """How many numbers a model gives for a window."""
    return sum(count_numbers(port.shape) or 0 for port in ports)


def describe_windows(window: Window) -> dict[str, int]:
    """What helpers need to know of windows: their length, their step where a caller gives none, and
    how many rows a run needs before it has one."""
    needed = window.length if window.padding is None else 1
    return {"length": window.length, "own_step": window.step, "needed": needed}


def describe_forecasts(window: Window, outputs: Sequence[Port]) -> dict[str, Any]:
    """What helpers need to know of a model that forecasts: how many numbers it gives, whether it
    fills windows that are too short at their beginning, and the columns that it does not give."""
    if not window.targets:
        return {}
    taken = {target.place for target in window.targets}
    others = [column for column in window.columns if column.place not in taken]
    pads = window.padding is not None and window.padding.side == "before"
    facts: dict[str, Any] = {"numbers": count_outputs(outputs), "pads": pads}
    return facts | ({"ahead": _describe(others)} if others else {})


def _describe(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Columns side by side, as helpers take them."""
    names = [column.name for column in columns]
    if any(c.kind != "number" or c.nulls == "missing" for c in columns):
        return [{"columns": names, "kinds": [column.kind for column in columns]}]
    return [{"columns": names, "is_array": False, "is_text": False}]


def describe_rows(ports: Sequence[Port], window: Window) -> list[dict[str, Any]]:
    """The columns of one row of a window, as helpers take them: numbers side by side in an array,
    others and those that may be missing as a record."""
    if window.columns:
        return _describe(window.columns)
    (port,) = ports
    return [{"columns": [port.name], "is_array": True, "is_text": False}]


@dataclass(frozen=True)
class SampleForecast:
    """The samples' forecasts of one step: a query of the columns that are known ahead, None where
    none are, and SQL of what score gives, from the forecast f.forecast."""

    ahead: Sql | None
    score: Sql


def sample_forecast(
    rows: SampleRows, window: Window, outputs: Sequence[Port], returns: Sql
) -> SampleForecast | None:
    """How the samples are forecast; None for a model that does not, and where the scale is so small
    beside the offset that the score cannot be told from the forecast any more."""
    if not window.targets or any(abs(t.offset) > FAR * abs(t.scale) for t in window.targets):
        return None
    count = count_outputs(outputs)
    targets = window.targets if len(window.targets) == count else window.targets * count
    numbers = [
        Sql("((f.forecast{} - {}) / {})").format(
            Sql("[{}]").format(number(n)) if count > 1 else Sql(""),
            number(target.offset),
            number(target.scale),
        )
        for n, target in enumerate(targets, 1)
    ]
    scores = []
    for port in outputs:
        size = count_numbers(port.shape) or 0
        own, numbers = numbers[:size], numbers[size:]
        scores.append(own[0] if size == 1 else Sql("array[{}]").format(comma(own)))
    form = Sql("{}::{}") if len(outputs) == 1 else Sql("row({})::{}")
    taken = {target.place for target in window.targets}
    others = [ident(c.name) for c in window.columns if c.place not in taken]
    ahead = Sql("select {series}, {place} + {length} as {place}, {others} from ({rows}) q").format(
        series=ident(rows.series),
        place=ident(rows.place),
        length=number(window.length),
        others=comma(others),
        rows=rows.query,
    )
    return SampleForecast(ahead if others else None, form.format(comma(scores), returns))


def sample_rows(
    version: str, ports: Sequence[Port], arrays: Sequence[Sql], window: Window
) -> SampleRows:
    """The rows of the samples of a version; arrays are the columns that hold each input's."""
    names = [column.name for column in window.columns] or [ports[0].name]
    key, series, place = free_names(["key", "sample", "place"], names)
    inputs = [
        Sql(
            "array(select unnest(i.{}) from export_model.samples i where i.version = {}"
            " and i.sample = s.sample and not i.is_output and i.port = {}) as v{}"
        ).format(array, literal(version), number(port), number(port))
        for port, array in enumerate(arrays)
    ]
    # offset 0 keeps the arrays from being made anew for each of their elements.
    values = zip(_row_values(ports, window), names, strict=True)
    query = Sql(
        "select case g.n when {} then x.sample else -1 end as {}, x.sample as {}, g.n as {}, {}"
        " from (select s.sample, {} from (select distinct y.sample from export_model.samples y"
        " where y.version = {}) s offset 0) x cross join generate_series(1, {}) g (n)"
    ).format(
        number(window.length),
        ident(key),
        ident(series),
        ident(place),
        comma(Sql("{} as {}").format(value, ident(name)) for value, name in values),
        comma(inputs),
        literal(version),
        number(window.length),
    )
    return SampleRows(query, key, series, place)


def _row_values(ports: Sequence[Port], window: Window) -> list[Sql]:
    """SQL of the columns of row g.n of a window; x.v0, x.v1, ... are its inputs as flat arrays."""
    if not window.columns:
        (port,) = ports
        rest = port.shape[1:]
        width = count_numbers(rest) if rest else (port.shape[0] or 0) // window.length
        return [
            Sql("x.v0[(g.n - 1) * {width} + 1 : g.n * {width}]").format(width=number(width or 0))
        ]
    values: dict[int, Sql] = {}
    for number_of, port in enumerate(ports):
        own = [c for c in window.columns if c.is_text == port.is_text]
        for n, column in enumerate(own, 1):
            element = Sql("x.v{}[(g.n - 1) * {} + {}]").format(
                number(number_of), number(len(own)), number(n)
            )
            values[column.place] = VALUES[column.kind].format(element)
    return [values[place] for place in sorted(values)]


def free_names(wanted: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The names, with as many _ behind them as it takes that no column is called so."""
    names = []
    for name in wanted:
        while name in taken:
            name += "_"
        names.append(name)
    return names
