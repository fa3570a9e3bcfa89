"""The functions in PL/Python that all models share, and those of a version, which call them."""

from __future__ import annotations

from typing import Any

from exporter.engines.statements import Function, Version
from exporter.sql.text import Sql, comma, ident, literal, number

ONE = (Sql("bytea"), Sql("p1 bytea"), Sql("p1"))
SEVERAL = (Sql("bytea[]"), Sql("messages bytea[]"), Sql("*messages"))
FORMS = (ONE, SEVERAL)
"""How a row comes: the type, the parameter, and what the runtime's method is given of it. An array
of one message takes longer than the message itself."""

RUNS = {
    Sql("real"): "run_real",
    Sql("double precision"): "run_double",
    Sql("real[]"): "run_reals",
    Sql("double precision[]"): "run_doubles",
}
"""What scores a row, by the type of its result; several outputs come as the text of a row, because
a function's type is fixed, and a record of any takes longer."""
TEXTS = ("run_text", Sql("text"), Sql("score_text"))
LABELS = ("run_label", Sql("text"), Sql("label"))


def shared_functions() -> tuple[Function, ...]:
    """The functions of the registry that apply a model in the session's memory."""
    kinds = [(name, returns, Sql("score")) for returns, name in RUNS.items()]
    functions = [
        _shared(
            name,
            "run",
            Sql("text, {}").format(type_),
            returns,
            {
                "function": name,
                "method": method,
                "parameter": parameter,
                "argument": argument,
                "returns": returns,
            },
        )
        for name, returns, method in (*kinds, TEXTS, LABELS)
        for type_, parameter, argument in FORMS
    ]
    batch = Sql("text, bytea, integer, text")
    windows = Sql("text, bytea, integer, text, integer[], integer[], integer, bytea")
    forecasts = Sql("text, bytea, integer[], integer, bytea, integer")
    return (
        _shared("holds", "holds", Sql("text"), "boolean", {}),
        *functions,
        _shared("run_batch", "run_batch", batch, "record", {}),
        _shared("run_windows", "run_windows", windows, "record", {}),
        _shared("run_forecasts", "run_forecasts", forecasts, "record", {}),
    )


def make_functions(version: Version) -> tuple[Function, ...]:
    """For each method, and for batches, the function that calls the shared one in Python, and
    loads the model where it is not in the session's memory."""
    functions = []
    for method, returns in version.methods:
        for count in version.messages:
            arguments = [Sql("p{}").format(number(n)) for n in range(1, count + 1)]
            types = comma(Sql("bytea") for _ in arguments)
            variables = {
                "method": method,
                "arguments": arguments,
                "returns": returns,
                "call": _call(version, method, returns, arguments),
                "is_kept": False,
            }
            functions.append(_own(version, method, "versioned", types, returns, variables))
            if version.is_kept:
                types = Sql("{}, text").format(types)
                kept, variables = f"{method}_kept", variables | {"is_kept": True}
                functions.append(_own(version, kept, "versioned", types, returns, variables))
    types = Sql("bytea, integer, text")
    functions.append(_own(version, "batch", "batch", types, "record", {}))
    if version.has_windows:
        types = Sql("bytea, integer, text, integer[], integer[], integer, bytea")
        functions.append(_own(version, "windows", "windows", types, "record", {}))
    if version.forecasts:
        types = Sql("bytea, integer[], integer, bytea, integer")
        functions.append(_own(version, "forecasts", "forecasts", types, "record", {}))
    return tuple(functions)


def _call(version: Version, method: str, returns: Sql, arguments: list[Sql]) -> Sql:
    """SQL that scores or labels one row by the shared function."""
    name = LABELS[0] if method == "label" else RUNS.get(returns, TEXTS[0])
    row = arguments[0] if len(arguments) == 1 else Sql("array[{}]").format(comma(arguments))
    call = Sql("export_model.{}({}, {})").format(ident(name), literal(version.plan.version), row)
    return Sql("{}::{}").format(call, returns) if name == TEXTS[0] else call


def _shared(
    name: str, template: str, types: Sql, returns: str, variables: dict[str, Any]
) -> Function:
    identity = Sql("export_model.{}({})").format(ident(name), types)
    title = f"registry: {name}"
    return Function(title, template, variables, identity=identity, returns=returns, is_open=False)


def _own(
    version: Version,
    method: str,
    template: str,
    types: Sql,
    returns: str,
    variables: dict[str, Any],
) -> Function:
    name = version.name(method)
    shared = {"model": version.schema, "version": version.plan.version, "function": name}
    return Function(
        f"{method}: this version",
        template,
        {**shared, **variables},
        identity=version.identity(name, types),
        returns=str(returns),
        is_open=True,
    )
