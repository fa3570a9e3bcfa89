"""A format that only this file knows is exported to a real script, expected outputs and all.

A file of it is JSON: the coefficients of a linear model. Its "framework" is the formula itself. If
anything outside of exporter/formats asked which format a file is, this would fail.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner
from commands import write_sigmoid
from database.networks import query
from databases import Database

from exporter import api, cli
from exporter.errors import ArchiveError, Problem, UnsupportedError, VerificationError
from exporter.formats import FORMATS, recognise
from exporter.formats.format import Answer, Format, Framework
from exporter.formats.json_text import parse_object
from exporter.formats.opening import ModelFile, opened
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Dense, as_tensor
from exporter.support import layer_table, layer_tables


class Linear:
    """A model in memory, as the toy's framework has it."""

    def __init__(self, coefficients: list[float]) -> None:
        self.coefficients = coefficients


class Term(NamedTuple):
    """What a part of such a model becomes."""

    ops: tuple[str, ...]
    limits: str


def looks_like_one(file: ModelFile) -> bool:
    return file.head.startswith(b'{"linear"')


def read(file: ModelFile) -> Graph:
    facts = parse_object(file.read(MAX_BYTES), "its content")
    numbers = np.array(facts["linear"], np.float32)
    op = Dense(as_tensor(numbers[:, None]), as_tensor(np.zeros(1)))
    return Graph(
        "linear",
        (Port("x", 0, (len(numbers),)),),
        (Node(op, (0,), 1, (1,), "sum"),),
        (Port("y", 1, (1,)),),
        Source("linear", facts["version"], file.name, file.sha256),
        len(numbers),
    )


def expect(file: ModelFile, inputs: tuple[Any, ...]) -> Answer:
    numbers = np.array(json.loads(file.start().read())["linear"], np.float32)
    return Answer(((inputs[0] @ numbers)[:, None],), "the formula 7")


def expect_wrong(file: ModelFile, inputs: tuple[Any, ...]) -> Answer:
    answer = expect(file, inputs)
    assert answer.outputs is not None
    return Answer((answer.outputs[0] + 1,), answer.who)


def save(model: Any, folder: Path) -> Path | None:
    return write(folder / "saved.any", model.coefficients) if isinstance(model, Linear) else None


def write(path: Path, coefficients: list[float]) -> Path:
    path.write_text(json.dumps({"linear": coefficients, "version": "7.1"}))
    return path


MAX_BYTES = 1000
FORMULA = Framework("the formula", expect, executes=False)
TOY = Format(
    name="linear",
    title="Linear models",
    suffixes=(".any",),
    saved_by="a pencil",
    part="term",
    recognise=looks_like_one,
    read=read,
    framework=FORMULA,
    save=save,
    layers={"Coefficient": Term(("Dense",), "finite")},
)


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
    wrong = replace(TOY, framework=replace(FORMULA, expect=expect_wrong))
    monkeypatch.setitem(FORMATS, "linear", wrong)
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
        assert format_of(write_sigmoid(tmp_path / name)) == "keras"
    for name in ("a.h5", "a.keras", "a"):
        assert format_of(write(tmp_path / name, [1.0])) == "linear"
    (tmp_path / "text.json").write_text("[1, 2]")
    with pytest.raises(ArchiveError, match=r"is JSON.*; Linear models, saved by a pencil\."):
        api.read(tmp_path / "text.json")


def format_of(path: Path) -> str:
    with opened(path) as file:
        return recognise(file).name


def test_what_opening_guards_against_holds_for_it(tmp_path: Path) -> None:
    twice = tmp_path / "m"
    twice.write_text('{"linear": [1.0], "linear": [2.0], "version": "7.1"}')
    with pytest.raises(ArchiveError, match="the key 'linear' stands twice"):
        api.read(twice)
    with pytest.raises(ArchiveError, match=r"m has 5,0\d\d bytes, the limit is 1,000"):
        api.read(write(twice, [1.0] * 1000))


def test_a_server_scores_it_and_names_it(tmp_path: Path, database: Database) -> None:
    """Deployed, verified, scored and listed: expected outputs are those of its own framework."""
    path = write(tmp_path / "cards.any", [1.0, 2.0, -1.0])
    query(
        database.dsn,
        "create table cards as select g as id, g / 8.0::float8 as a, cos(g) as b, 1.0::real as c"
        " from generate_series(1, 100) g",
    )
    deployed = api.deploy(
        api.read(path), database.dsn, features=["a", "b", "c"], expected_by="framework"
    )
    report = deployed.verify()
    assert report.is_ok and report.samples >= 8 and report.expected_by == "the formula 7"
    assert deployed.score_table("cards", key="id", into="scores").rows == 100
    (worst,) = query(
        database.dsn,
        "select max(abs(s.score - (a + 2 * b - c))) from cards join scores s on s.key = id",
    )[0]
    assert worst < 1e-5
    (entry,) = api.models(database.dsn)
    assert (entry.model, entry.source_file, entry.state) == ("cards", "cards.any", "ok")
    assert (entry.format, entry.format_version) == ("linear", "7.1")
    done = CliRunner().invoke(cli.command, ["list", "--dsn", database.dsn])
    assert "linear 7.1" in done.output


def test_what_cannot_be_exported_is_called_as_it_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [Problem(name, "Infinite", "it is too large", "Make it smaller.", TOY.part)
                for name in ("a", "b")]  # fmt: skip

    def refuse(file: ModelFile) -> Graph:
        raise UnsupportedError(problems[: len(file.read(MAX_BYTES)) // 40])

    monkeypatch.setitem(FORMATS, "linear", replace(TOY, read=refuse))
    with pytest.raises(UnsupportedError, match=r"^1 term cannot .*\n  - term \"a\" \(Infinite\)"):
        api.read(write(tmp_path / "m", [1.0, 2.0, 3.0, 4.0]))
    done = CliRunner().invoke(cli.command, ["describe", str(write(tmp_path / "m", [1.0] * 20))])
    assert "m cannot be exported because of 2 terms" in done.output
    assert "layer" not in done.output


def test_its_parts_have_a_table_of_their_own() -> None:
    table = layer_table("linear")
    assert table.startswith("| Linear models term | becomes |")
    assert table.endswith("\n| Coefficient | `Dense` | finite |")
    assert layer_tables().endswith(table) and layer_tables().startswith("| Keras layer |")


def test_every_field_of_a_record_has_to_be_given() -> None:
    given = {item.name: getattr(TOY, item.name) for item in fields(Format)}
    for item in fields(Format):
        assert item.default is MISSING and item.default_factory is MISSING, item.name
        with pytest.raises(TypeError, match=item.name):
            Format(**{name: value for name, value in given.items() if name != item.name})
