"""The head of a script says what the file makes, and who may run it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from database.networks import write_sequential

from exporter import api
from exporter.sql.script import Script

BRINGS = "where it is not there yet"
WITHOUT = "--without-registry"


def _script(folder: Path, **options: Any) -> Script:
    return api.script(api.read(write_sequential(folder / "m.h5", [3, 1], ["linear"])), **options)


@pytest.mark.parametrize("engine", ["plpython", "pgvector"])
def test_heads_of_the_whole_and_of_the_part_of_a_model(tmp_path: Path, engine: str) -> None:
    script = _script(tmp_path, target="postgres", engine=engine)
    whole = " ".join(script.summary)
    own = " ".join(script.without_shared().summary)
    assert BRINGS in whole
    assert f"a role that deploys runs a file written with {WITHOUT} instead" in whole
    assert BRINGS not in own
    assert "superuser's, because" not in own
    assert f"it was written with {WITHOUT}, and makes nothing of what all models share" in own
    assert "a member of the role that deploys (export_model_deployer" in own
    needs = "numpy in the Python of the server" if engine == "plpython" else "pgvector 0.5 or later"
    assert needs in whole
    assert needs in own
    assert " ".join(script.without_shared().lines()).count("-- Rights: ") == 1


def test_greenplum_6_has_nothing_that_is_installed(tmp_path: Path) -> None:
    head = " ".join(_script(tmp_path, target="greenplum", greenplum_version=6).summary)
    assert BRINGS in head
    assert WITHOUT not in head


def test_the_head_for_oracle_names_the_packages_that_are_made(tmp_path: Path) -> None:
    script = _script(tmp_path, target="oracle", name="fraud")
    makes = f"It makes the packages FRAUD_{script.version[:8].upper()}, NN_RUNTIME_"
    assert any(line.startswith(makes) for line in script.summary)
    own = script.without_shared().summary
    assert f"It makes the package FRAUD_{script.version[:8].upper()}," in own
    assert any(WITHOUT in line for line in own)
