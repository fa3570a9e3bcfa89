"""A database in the interpreter, with the registry and the runtime, for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest
from parity.conftest import KERAS_WARNINGS, keras, zoo

from oracle.schemas import interpreter, schema
from oracle.server import Oracle

__all__ = ["interpreter", "keras", "oracle", "schema", "zoo"]


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """Tables and nn_runtime are made once; every test deploys a package of its own."""
    return Oracle()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Keras warn of what it does itself, in this folder only."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            for text in KERAS_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(text))
