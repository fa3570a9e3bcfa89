"""Every key of a layer's configuration, and argument of its call, is read or changes no score.

A layer's function reads a key where the text of its module, or of those that it shares with
others, names it; what is known to change nothing stands in tests/settings.py with its reason.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache, partial
from types import ModuleType
from typing import Any

import pytest
import settings
from zoo import ZOO, build

from exporter.formats.keras import legacy, model
from exporter.formats.keras.layers import LAYERS, activations, core, inputs, spatial

PACKAGE = "exporter.formats.keras.layers."
SHARED = (model, legacy, inputs, spatial, activations)


@cache
def texts_of(module: ModuleType) -> frozenset[str]:
    """Every text that a module's code holds, docstrings aside."""
    tree = ast.parse(inspect.getsource(module))
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value
    )


def read_keys(class_name: str) -> frozenset[str]:
    """The keys that the function of a class can read."""
    function: Any = LAYERS[class_name].lower
    while isinstance(function, partial):
        function = function.func
    module = inspect.getmodule(function)
    if module is None or (module is core and function is not core.dense):
        return frozenset().union(*(texts_of(item) for item in SHARED))
    places = {getattr(item, "__module__", "") for item in vars(module).values()}
    helpers = [sys.modules[place] for place in places if place.startswith(PACKAGE)]
    return frozenset().union(*(texts_of(item) for item in (module, *SHARED, *helpers)))


def configurations(keras: ModuleType) -> dict[str, set[str]]:
    """The keys that Keras writes for each class that the zoo builds once."""
    found: dict[str, set[str]] = {}
    for name, case in ZOO.items():
        wanted = set(case.covers) - set(found)
        if wanted:
            for layer in build(name, keras)._flatten_layers(include_self=False):
                kind = type(layer).__name__
                if kind in LAYERS:
                    found.setdefault(kind, set()).update(layer.get_config())
    return found


def test_every_key_of_a_layer_is_read_or_changes_nothing(keras: ModuleType) -> None:
    found = configurations(keras)
    assert len(found) > 60
    unknown = [
        f"{name}({key})"
        for name, keys in sorted(found.items())
        for key in sorted(keys - read_keys(name))
        if settings.reason(name, key) is None
    ]
    assert not unknown, f"not read, and not explained in tests/settings.py: {', '.join(unknown)}"


def test_what_is_said_to_change_nothing_is_a_layer_of_the_table() -> None:
    assert sorted(set(settings.UNUSED) - set(LAYERS)) == []


@pytest.mark.parametrize(
    ("class_name", "key"), [("Dense", "temperature"), ("UpSampling2D", "align_corners")]
)
def test_a_new_key_would_be_missed(class_name: str, key: str) -> None:
    assert key not in read_keys(class_name)
    assert settings.reason(class_name, key) is None


def test_every_argument_of_a_call_is_known(keras: ModuleType) -> None:
    """A tensor, in the first place or under a keyword of the table, or an option."""
    unknown = []
    for name, entry in LAYERS.items():
        kind = getattr(keras.layers, name, None)
        if kind is not None:
            _, _, *arguments = inspect.signature(kind.call).parameters
            known = {*entry.keywords, *model.OPTIONS}
            unknown += [f"{name}.call({key})" for key in arguments if key not in known]
    assert not unknown, ", ".join(unknown)
