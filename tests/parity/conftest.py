"""Keras, where it is installed; without it the tests of this folder skip, but for stored files."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import ModuleType

import pytest
from zoo_models import Zoo, digest, remove_others


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """The keras module, version 3."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own imports use what Python deprecates
        pytest.importorskip("tensorflow")
        module = pytest.importorskip("keras", minversion="3")
        import keras.src.legacy.layers  # noqa: F401
    module.config.disable_interactive_logging()
    return module


@pytest.fixture(scope="session")
def zoo(
    keras: ModuleType, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Zoo:
    """The models of the zoo, kept in pytest's cache (`pytest --cache-clear` empties it)."""
    cache = getattr(request.config, "cache", None)
    if cache is None:  # -p no:cacheprovider
        return Zoo(keras, tmp_path_factory.mktemp("zoo"))
    folder = cache.mkdir(f"zoo-{digest()}")
    remove_others(folder)
    return Zoo(keras, folder)


KERAS_WARNINGS = (
    # It tells where a mask is lost; that it is lost here too is what is tested.
    "ignore:Layer .* was passed an input with a mask attached to it:UserWarning",
    # Keras's variables implement __array__ as before numpy 2.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    "ignore:You are saving your model as an HDF5 file:UserWarning",
    # Random networks do what nobody would.
    r"ignore:[\s\S]*You are using a softmax over axis:UserWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Keras warn of what it does itself, in this folder only."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            for text in KERAS_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(text))
