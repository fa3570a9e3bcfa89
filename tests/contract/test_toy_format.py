"""A format that only this file knows is exported to a real script, expected outputs and all.

A file of it is JSON: the coefficients of a linear model. Its "framework" is the formula itself. If
anything outside of exporter/formats asked which format a file is, this would fail.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from commands import write_sigmoid

from exporter import api, cli
from exporter.errors import ArchiveError, VerificationError
from exporter.formats import FORMATS, recognise
from exporter.formats.format import Format
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Dense, as_tensor
from exporter.samples import Answer


class Linear:
    """A model in memory, as the toy's framework has it."""

    def __init__(self, coefficients: list[float]) -> None:
        self.coefficients = coefficients


def looks_like_one(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith(b'{"linear"')


def read(path: Path) -> Graph:
    content = path.read_bytes()
    facts = json.loads(content)
    numbers = np.array(facts["linear"], np.float32)
    op = Dense(as_tensor(numbers[:, None]), as_tensor(np.zeros(1)))
    return Graph(
        "linear",
        (Port("x", 0, (len(numbers),)),),
        (Node(op, (0,), 1, (1,), "sum"),),
        (Port("y", 1, (1,)),),
        Source("linear", facts["version"], path.name, hashlib.sha256(content).hexdigest()),
        len(numbers),
    )


def expect(path: Path, inputs: tuple[Any, ...]) -> Answer:
    numbers = np.array(json.loads(path.read_bytes())["linear"], np.float32)
    return Answer(((inputs[0] @ numbers)[:, None],), "the formula 7")


def expect_wrong(path: Path, inputs: tuple[Any, ...]) -> Answer:
    answer = expect(path, inputs)
    assert answer.outputs is not None
    return Answer((answer.outputs[0] + 1,), answer.who)


def save(model: Any, folder: Path) -> Path | None:
    return write(folder / "saved.any", model.coefficients) if isinstance(model, Linear) else None


def write(path: Path, coefficients: list[float]) -> Path:
    path.write_text(json.dumps({"linear": coefficients, "version": "7.1"}))
    return path


TOY = Format("linear", "Linear models", looks_like_one, read, expect, save, {})


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy's record in the table."""
    monkeypatch.setitem(FORMATS, "linear", TOY)


def test_a_file_becomes_a_script_with_outputs_by_its_own_framework(tmp_path: Path) -> None:
    model = api.read(write(tmp_path / "cards.h5", [1.0, 2.0, -1.0]))  # the suffix decides nothing
    assert "saved by Linear models 7.1" in str(model)
    facts = model.facts()
    assert (facts["format"], facts["format_version"]) == ("linear", "7.1")
    script = api.script(model, target="postgres", features=["a", "b", "c"])
    assert script.expected_by == "the formula 7"
    text = str(script)
    assert "'cards.h5'" in text and "'7.1'" in text and "the formula 7" in text


def test_its_framework_is_held_against_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "linear", replace(TOY, expect=expect_wrong))
    model = api.read(write(tmp_path / "m.json", [1.0, 2.0]))
    with pytest.raises(VerificationError, match="the formula 7 and this program differ"):
        api.script(model, target="postgres")
    own = api.script(model, target="postgres", expected_by="float64")
    assert own.expected_by == "export-model, float64"


def test_the_command_line_exports_and_describes_it(tmp_path: Path) -> None:
    path = write(tmp_path / "cards", [0.5, 1.5])
    runner = CliRunner()
    done = runner.invoke(cli.command, ["describe", str(path)])
    assert done.exit_code == 0 and "saved by Linear models 7.1" in done.output
    output = tmp_path / "cards.sql"
    arguments = ["export", str(path), "--target", "postgres", "--output", str(output)]
    done = runner.invoke(cli.command, arguments)
    assert done.exit_code == 0, done.output + repr(done.exception)
    assert "the formula 7" in output.read_text()


def test_a_model_in_memory_is_saved_by_its_format() -> None:
    model = api.read(Linear([1.0, 2.0]))
    assert model.graph.source.format == "linear"
    assert model.path.name == "saved.any"
    with pytest.raises(ArchiveError, match="no model that can be read"):
        api.read(object())


def test_formats_are_told_apart_by_content(tmp_path: Path) -> None:
    """The other format's suffix on each, and none."""
    for name in ("m.json", "m"):
        assert recognise(write_sigmoid(tmp_path / name)).name == "keras"
    for name in ("a.h5", "a.keras", "a"):
        assert recognise(write(tmp_path / name, [1.0])).name == "linear"
    (tmp_path / "text.json").write_text("[1, 2]")
    with pytest.raises(ArchiveError):
        api.read(tmp_path / "text.json")


def test_every_field_of_a_record_has_to_be_given() -> None:
    given = {item.name: getattr(TOY, item.name) for item in fields(Format)}
    for item in fields(Format):
        assert item.default is MISSING and item.default_factory is MISSING, item.name
        with pytest.raises(TypeError, match=item.name):
            Format(**{name: value for name, value in given.items() if name != item.name})
