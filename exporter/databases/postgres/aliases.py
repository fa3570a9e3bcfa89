"""The functions that users call: a deployment makes them for the version that it brings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from exporter.databases.postgres.interface import Interface
from exporter.databases.postgres.scorer import describe_scorer
from exporter.databases.postgres.windows import (
    FORECAST_TYPES,
    INTO_TYPES,
    WINDOW_TYPES,
    count_outputs,
    describe_forecasts,
    describe_rows,
    describe_windows,
    forecast_parameters,
    into_parameters,
    window_parameters,
)
from exporter.sql.text import Sql, comma, ident


@dataclass(frozen=True)
class Alias:
    """A function that users call; a deployment replaces it by one for its version.

    variables are what its template takes beyond the model's name.
    """

    function: str
    parameters: tuple[Sql, ...]
    types: tuple[Sql, ...]
    returns: Sql
    template: str
    variables: dict[str, Any]

    def identity(self, model: str) -> Sql:
        """As drop function takes it."""
        types = comma(self.types)
        return Sql("{}.{}({})").format(ident(model), ident(self.function), types)

    @property
    def header(self) -> Sql:
        """Parameters and result; a function whose header changes must be dropped first."""
        return Sql("({}) returns {}").format(comma(self.parameters), self.returns)


def row_aliases(interface: Interface) -> list[Alias]:
    """score and label of one row, and pack for batches, for each way to hand a row over."""
    calls = interface.calls()
    aliases = [
        Alias(
            method,
            call.parameters,
            call.types,
            returns,
            "alias",
            {
                "function": method,
                "target": interface.version.name(method),
                "parameters": call.parameters,
                "messages": call.messages,
                "returns": returns,
            },
        )
        for method, returns in interface.version.methods
        for call in calls
    ]
    if not interface.engine.packs_rows:
        return aliases
    for call in calls:
        variables = {"parameters": call.parameters, "messages": call.packed}
        returns = Sql("bytea")
        aliases.append(Alias("pack", call.parameters, call.types, returns, "pack", variables))
    return aliases


def batch_aliases(interface: Interface) -> list[Alias]:
    """Functions that score what was gathered, or a whole table, where the engine can."""
    if not interface.engine.packs_rows:
        return []
    aliases = [_scorer_alias(interface)]
    for method, returns in interface.version.methods:
        is_number = returns in ("real", "double precision", "pg_catalog.text")
        shared = {"column": method, "returns": returns}
        of_batch = shared | {
            "function": f"{method}_batch",
            "target": interface.version.name("batch"),
            "texts": Sql("{}s").format(method),
            "element": returns if is_number else Sql("pg_catalog.text"),
        }
        aliases.append(
            Alias(
                f"{method}_batch",
                (Sql("keys anyarray"), Sql("rows bytea")),
                (Sql("anyarray"), Sql("bytea")),
                Sql("table (key anyelement, {} {})").format(ident(method), returns),
                "score_batch",
                of_batch,
            )
        )
        aliases.append(
            Alias(
                f"{method}_table",
                (Sql("source text"), Sql("key_column text")),
                (Sql("text"), Sql("text")),
                Sql("table (key text, {} {})").format(ident(method), returns),
                "score_table",
                shared | {"function": f"{method}_table"},
            )
        )
    parameters = (Sql("source text"), Sql("key_column text"), Sql("target text"))
    types = (Sql("text"), Sql("text"), Sql("text"))
    aliases.append(Alias("score_into", parameters, types, Sql("nothing"), "score_into", {}))
    return [*aliases, *_window_aliases(interface)]


def _window_aliases(interface: Interface) -> list[Alias]:
    """Functions that score windows over the rows of a source, for a model that takes such. The
    key is one parameter for the column's name and for what comes back."""
    if interface.signature.window is None:
        return []
    kind, types = Sql("setof record"), tuple(map(Sql, WINDOW_TYPES))
    aliases = []
    for method, returns in interface.version.methods:
        parameters = window_parameters(method, returns)
        variables = {"column": method, "returns": returns, "parameters": parameters}
        name = f"{method}_windows"
        of_method = variables | {"function": name}
        aliases.append(Alias(name, parameters, types, kind, "score_windows", of_method))
    parameters, types = into_parameters(), tuple(map(Sql, INTO_TYPES))
    name = "score_windows_into"
    variables = {"parameters": parameters}
    aliases.append(Alias(name, parameters, types, Sql("nothing"), name, variables))
    if interface.signature.window.targets:
        aliases.append(_forecast_alias(interface))
    return aliases


def _forecast_alias(interface: Interface) -> Alias:
    """Forecasts of all series, in double precision: they are numbers of the table again."""
    is_number = count_outputs(interface.manifest.outputs) == 1
    returns = Sql("double precision") if is_number else Sql("double precision[]")
    variables = {"parameters": forecast_parameters(), "returns": returns}
    kind = Sql("table (series text, step integer, forecast {})").format(returns)
    types = tuple(map(Sql, FORECAST_TYPES))
    return Alias("forecast", forecast_parameters(), types, kind, "forecast", variables)


def _scorer_alias(interface: Interface) -> Alias:
    """Tells what reads whole tables which columns to take and what to call."""
    scorer = describe_scorer(interface.manifest, interface.engine)
    if interface.signature.window is not None:
        windows = Sql("{}.{}").format(
            ident(interface.model), ident(interface.version.name("windows"))
        )
        scorer |= {
            "model": interface.model,
            "windows": windows,
            **describe_windows(interface.signature.window),
            **describe_forecasts(interface.signature.window, interface.manifest.outputs),
            "rows": describe_rows(interface.manifest.inputs, interface.signature.window),
        }
        if interface.signature.window.targets:
            forecasts = interface.version.name("forecasts")
            scorer["forecasts"] = Sql("{}.{}").format(ident(interface.model), ident(forecasts))
    variables = {"scorer": json.dumps(scorer)}
    return Alias("scorer", (), (), Sql("jsonb"), "scorer", variables)
