"""Every argument of every function of keras.ops is followed or refused, as the signatures say."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from arguments import ARGUMENTS, NOT_IN_MODELS, Call
from scoring import score_file
from tolerances import PARITY, check_close
from zoo_models import framework_scores, save

from exporter.errors import UnsupportedError
from exporter.formats.keras.layers.operations import OPERATIONS, _snake_case

ROWS = 16
TENSORS = {
    "x",
    "x1",
    "xs",
    "variable",
    "condition",
    "operands",
    "kwargs",
}  # the names of what is not an argument here


def operation_classes() -> dict[str, type]:
    """The classes that a file names for operations, by the function's name."""
    package = importlib.import_module("keras.src.ops")
    base = importlib.import_module("keras.src.ops.operation").Operation
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.endswith("_test"):
            continue
        for name, item in vars(importlib.import_module(f"keras.src.ops.{module.name}")).items():
            if inspect.isclass(item) and issubclass(item, base) and item is not base:
                found[_snake_case(name)] = item
    return found


def arguments_of(keras: ModuleType, name: str) -> set[str]:
    """What a function, and the class that a file names for it, can be given besides a tensor."""
    kind = operation_classes().get(name)
    functions = [getattr(keras.ops, name, None)]
    functions += [] if kind is None else [kind.__init__, kind.call]
    names: set[str] = set()
    for function in functions:
        names |= set(inspect.signature(function).parameters) if function else set()
    return names - TENSORS - {"self", "name"}


def test_every_argument_of_keras_ops_has_a_call(keras: ModuleType) -> None:
    known = [name for name in OPERATIONS if hasattr(keras.ops, name)]
    assert sorted(set(known) - set(ARGUMENTS) - set(NOT_IN_MODELS)) == []
    missing = []
    for name in sorted(set(known) - set(NOT_IN_MODELS)):
        tried = {key for item in ARGUMENTS[name] for key in item.arguments}
        wanted = arguments_of(keras, name)
        missing += [f"{name}({key})" for key in sorted(wanted - tried - {"x2"})]
    assert missing == [], "arguments of keras.ops without a call in tests/arguments.py"


@pytest.mark.parametrize(
    ("name", "item"),
    [pytest.param(n, c, id=f"{n}-{i}") for n in ARGUMENTS for i, c in enumerate(ARGUMENTS[n])],
)
def test_a_call_scores_as_in_keras_or_is_refused(
    name: str, item: Call, keras: ModuleType, tmp_path: Path
) -> None:
    inputs = [keras.Input(shape, name=f"x{n}") for n, shape in enumerate(item.shapes)]
    given: tuple[Any, ...] = ([*inputs],) if item.listed else tuple(inputs)
    arguments = dict(item.arguments)
    first = [arguments.pop("subscripts")] if "subscripts" in arguments else []
    results = getattr(keras.ops, name)(*first, *given, **arguments)
    results = results if isinstance(results, (list, tuple)) else [results]
    model = keras.Model(inputs, [keras.layers.Activation("linear")(y) for y in results])
    path = save(model, tmp_path / "m.keras")
    rng = np.random.default_rng(5)
    rows = [rng.normal(0, 2, (ROWS, *shape)).astype("float32") for shape in item.shapes]
    rows = [np.abs(x) + 0.25 if item.positive else x for x in rows]
    if item.is_refused:
        with pytest.raises(UnsupportedError):
            score_file(path, rows)
        return
    expected = framework_scores(model, rows)
    for actual, wanted in zip(score_file(path, rows), expected, strict=True):
        check_close(actual, wanted.astype(np.float64), PARITY, name)
