"""The table of layers says of each op, not of a family, where it cannot be scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exporter import support
from exporter.databases import DATABASES
from exporter.formats import FORMATS
from exporter.formats.keras.layers import LAYERS


def test_only_the_ops_that_a_database_lacks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = replace(LAYERS["Hashing"], ops=("Encode", "HashBucket"), limits="of whole numbers")
    plain = replace(layer, ops=("Encode",), limits="")
    keras = replace(FORMATS["keras"], layers={"Mixed": layer, "Plain": plain})
    monkeypatch.setattr(support, "FORMATS", {"keras": keras})
    mixed, whole = support.layer_facts()
    assert mixed["limits"] == ["of whole numbers", "Oracle has no `HashBucket`"]
    assert mixed["lacks"] == {"oracle": ["HashBucket"]}
    assert (whole["limits"], whole["lacks"]) == ([], {})


def test_what_a_database_lacks_stands_in_the_table() -> None:
    table = support.layer_tables()
    for database in DATABASES.values():
        for op in database.lacks:
            named = [row for row in table.splitlines() if f"{database.title} has no" in row]
            assert any(f"`{op.__name__}`" in row.split("has no")[1] for row in named), op
