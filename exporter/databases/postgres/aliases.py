"""The functions that users call: a deployment makes them for the version that it brings."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
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
    with_text_gap,
)
from exporter.engines.statements import Function
from exporter.sql.script import Call
from exporter.sql.text import Sql, comma, ident


@dataclass(frozen=True)
class Alias:
    """A function that users call; a deployment replaces it by one for its version.

    variables are what its template takes beyond the model's name; same, where there is one, is a
    regular expression of parameters that are the same by other names.
    """

    function: str
    parameters: tuple[Sql, ...]
    types: tuple[Sql, ...]
    returns: Sql
    template: str
    variables: dict[str, Any]
    same: str = ""

    def identity(self, model: str) -> Sql:
        """As drop function takes it."""
        types = comma(self.types)
        return Sql("{}.{}({})").format(ident(model), ident(self.function), types)

    @property
    def header(self) -> Sql:
        """Parameters and result; a function whose header changes must be dropped first."""
        return Sql("({}) returns {}").format(comma(self.parameters), self.returns)

    def call(self, model: str) -> Call:
        """It as its callers know it."""
        same = f"^\\(({self.same})\\) returns {re.escape(self.returns)}$" if self.same else None
        return Call(self.identity(model), self.header, same)


def row_aliases(interface: Interface) -> list[Alias]:
    """score and label of one row, and pack for batches, for each way to hand a row over."""
    calls = interface.calls()
    kept = interface.kept() if interface.version.is_kept else None
    aliases = [
        Alias(
            interface.named(str(method)),
            call.parameters,
            call.types,
            returns,
            "alias",
            {
                "function": interface.named(str(method)),
                "target": interface.version.name(f"{method}_kept" if kept else method),
                "parameters": call.parameters,
                "messages": call.messages,
                "kept": kept,
                "returns": returns,
            },
            call.same,
        )
        for method, returns in interface.version.methods
        for call in calls
    ]
    if not interface.engine.packs_rows:
        return aliases
    for call in calls:
        name = interface.named("pack")
        variables = {"function": name, "parameters": call.parameters, "messages": call.packed}
        returns = Sql("bytea")
        aliases.append(
            Alias(name, call.parameters, call.types, returns, "pack", variables, call.same)
        )
    return aliases


def batch_aliases(interface: Interface) -> list[Alias]:
    """Functions that score what was gathered, or a whole table, where the engine can."""
    if not interface.engine.packs_rows:
        return []
    aliases = [_scorer_alias(interface)]
    scorer = interface.named("scorer")
    for method, returns in interface.version.methods:
        shared = {"column": method, "returns": returns}
        aliases.append(_batch_alias(interface, method, returns))
        aliases.append(
            Alias(
                interface.named(f"{method}_table"),
                (Sql("source text"), Sql("key_column text")),
                (Sql("text"), Sql("text")),
                Sql("table (key text, {} {})").format(ident(method), returns),
                "score_table",
                shared
                | {"function": interface.named(f"{method}_table"), "scorer": scorer}
                | {"results": _results(returns)},
            )
        )
    parameters = (Sql("source text"), Sql("key_column text"), Sql("target text"))
    types = (Sql("text"), Sql("text"), Sql("text"))
    name = interface.named("score_into")
    variables = {"function": name, "scorer": scorer}
    aliases.append(Alias(name, parameters, types, Sql("nothing"), "score_into", variables))
    return [*aliases, *_window_aliases(interface)]


def _results(returns: Sql) -> str:
    """The column of score_batches that holds results of a type."""
    return {"real": "numbers", "double precision": "doubles"}.get(str(returns), "texts")


GATHERED = (Sql("keys anyarray"), Sql("rows bytea"))
GATHERED_TYPES = (Sql("anyarray"), Sql("bytea"))


def _batch_alias(interface: Interface, method: Sql, returns: Sql) -> Alias:
    """score_batch, or label_batch."""
    name = interface.named(f"{method}_batch")
    variables = {"function": name, **_of_gathered(interface, method, returns)}
    kind = _keyed(method, returns)
    if not interface.keeps_version:
        variables["is_kept"] = False
        return Alias(name, GATHERED, GATHERED_TYPES, kind, "versioned_batch", variables)
    target = interface.version.name(f"{method}_batch")
    variables |= {"target": target, "kept": interface.kept()}
    return Alias(name, GATHERED, GATHERED_TYPES, kind, "score_batch", variables)


def kept_batches(interface: Interface) -> list[Function]:
    """What score_batch and label_batch call of a version, where statements keep one."""
    if not (interface.keeps_version and interface.engine.packs_rows):
        return []
    version, functions = interface.version, []
    for method, returns in version.methods:
        name = version.name(f"{method}_batch")
        of_it = {"function": name, "version": version.plan.version, "model": interface.model}
        of_gathered = _of_gathered(interface, method, returns) | {"is_kept": True}
        functions.append(
            Function(
                f"{method}_batch: this version",
                "versioned_batch",
                of_it | of_gathered,
                identity=version.identity(name, comma([*GATHERED_TYPES, Sql("text")])),
                returns=_keyed(method, returns),
                is_open=True,
            )
        )
    return functions


def _of_gathered(interface: Interface, method: Sql, returns: Sql) -> dict[str, Any]:
    texts = Sql("l_result.{}s").format(method)
    reader = {"numbers": "reals", "doubles": "doubles"}.get(_results(returns))
    return {
        "column": method,
        "target": interface.version.name("batch"),
        "returns": returns,
        "wanted": "numbers" if reader else method,
        "results": Sql("export_model.{}({})").format(ident(reader), texts)
        if reader
        else Sql("{}::pg_catalog.text[]").format(texts),
    }


def _keyed(method: Sql, returns: Sql) -> Sql:
    return Sql("table (key anyelement, {} {})").format(ident(method), returns)


def chosen_aliases(interface: Interface) -> list[Alias]:
    """Functions of a model that score whole tables by the version that their last argument names:
    what they return is what the champion does."""
    if not interface.engine.packs_rows or interface.alias:
        return []
    parameters = (Sql("source text"), Sql("key_column text"), Sql("version text"))
    types = (Sql("text"), Sql("text"), Sql("text"))
    aliases = []
    for method, returns in interface.version.methods:
        variables = {"function": f"{method}_table", "column": method, "returns": returns}
        variables["results"] = _results(returns)
        kind = Sql("table (key text, {} {})").format(ident(method), returns)
        name = f"{method}_table"
        aliases.append(Alias(name, parameters, types, kind, "score_table_by", variables))
    into = (*parameters[:2], Sql("target text"), parameters[2])
    into_types = (*types, Sql("text"))
    aliases.append(Alias("score_into", into, into_types, Sql("nothing"), "score_into_by", {}))
    return aliases


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
        variables["scorer"] = interface.named("scorer")
        name = interface.named(f"{method}_windows")
        of_method = variables | {"function": name}
        aliases.append(Alias(name, parameters, types, kind, "score_windows", of_method))
    parameters, types = into_parameters(), tuple(map(Sql, INTO_TYPES))
    name = interface.named("score_windows_into")
    into = {"function": name, "parameters": parameters, "scorer": interface.named("scorer")}
    aliases.append(Alias(name, parameters, types, Sql("nothing"), "score_windows_into", into))
    aliases += [_with_text_gap(item) for item in aliases]
    if interface.signature.window.targets:
        aliases.append(_forecast_alias(interface))
    return aliases


def _with_text_gap(item: Alias) -> Alias:
    parameters = with_text_gap(item.parameters)
    variables = item.variables | {"parameters": parameters}
    types = with_text_gap(item.types)
    return replace(item, parameters=parameters, types=types, variables=variables)


def _forecast_alias(interface: Interface) -> Alias:
    """Forecasts of all series, in double precision: they are numbers of the table again."""
    is_number = count_outputs(interface.manifest.outputs) == 1
    returns = Sql("double precision") if is_number else Sql("double precision[]")
    name = interface.named("forecast")
    variables = {"function": name, "parameters": forecast_parameters(), "returns": returns}
    variables["scorer"] = interface.named("scorer")
    kind = Sql("table (series text, step integer, forecast {})").format(returns)
    types = tuple(map(Sql, FORECAST_TYPES))
    return Alias(name, forecast_parameters(), types, kind, "forecast", variables)


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
        if interface.engine.packer is not None:
            scorer["rows"][0]["packer"] = interface.packer("_row")
        if interface.signature.window.targets:
            forecasts = interface.version.name("forecasts")
            scorer["forecasts"] = Sql("{}.{}").format(ident(interface.model), ident(forecasts))
    name = interface.named("scorer")
    variables = {"function": name, "scorer": interface.kept_text(json.dumps(scorer))}
    return Alias(name, (), (), Sql("jsonb"), "scorer", variables)
