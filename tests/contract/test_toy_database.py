"""A database that only this file knows goes the whole way, from a model file to `drop`.

It holds models in a dictionary and scores them by the reference evaluation of the deployed plan. If
anything outside of exporter/databases asked which database it is, or a record lacked a field, this
would fail.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from commands import write_sigmoid
from syntax_trees import tree_of

from exporter import api, cli, databases
from exporter.databases import DATABASES
from exporter.databases.database import (
    Database,
    Holding,
    Naming,
    Option,
    nothing_open,
    refuse_later,
)
from exporter.databases.installation import no_installation
from exporter.databases.life import no_life
from exporter.databases.results import Check, Deployment, Dropped, Entry, Report, Scoring
from exporter.dsn import find_dsn, holds_password
from exporter.engines.engine import Engine, no_problems
from exporter.engines.reference import evaluate
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.plan import Plan
from exporter.manifest import Manifest
from exporter.samples import Samples, scaled_difference
from exporter.sql.script import Script, Statement
from exporter.sql.text import Sql

DSN = "toy://memory"
EXPORTER = Path(api.__file__).parent
NAMES = re.compile("postgres|greenplum|oracle", re.IGNORECASE)


@dataclass(frozen=True)
class ToyScript(Script):
    """A script whose one statement comes with what it stands for."""

    plan: Plan
    samples: Samples


class Toy:
    """The database: its models, and the verbs."""

    def __init__(self) -> None:
        self.models: dict[str, ToyScript] = {}
        self.altered = 0.0

    def compile(
        self, manifest: Manifest, block: bytes, samples: Samples, toy_size: int = 1
    ) -> Script:
        statement = Statement(f"store, size {toy_size}", Sql("store the model"))
        plan = manifest.restore_plan(block)
        return ToyScript(
            manifest.name,
            plan.version,
            (statement,),
            plan=plan,
            samples=samples,
        )

    def deploy(self, script: Script, place: Any, steps: Callable[[str], None]) -> Deployment:
        assert isinstance(script, ToyScript)
        for statement in script.statements:
            steps(statement.name)
        known = self.models.get(script.model)
        self.models[script.model] = script
        was_there = known is not None and known.version == script.version
        return Deployment(script.model, script.version, was_there)

    def verify(self, place: Any, model: str) -> Report:
        script = self._model(model)
        samples = script.samples
        outputs = evaluate(script.plan, list(samples.inputs), "float32")
        pairs = zip(outputs, samples.outputs, strict=True)
        worst = max(scaled_difference(a + self.altered, b) for a, b in pairs)
        failed = int(worst > samples.tolerance)
        return Report(model, len(samples), failed, worst, samples.tolerance, samples.expected_by)

    def list_versions(self, place: Any) -> list[Entry]:
        when = datetime(2026, 1, 1, tzinfo=timezone.utc)
        return [
            Entry(
                s.model,
                s.version[:12],
                True,
                "x",
                "y",
                4,
                "m.h5",
                "keras",
                "2.2.4",
                when,
                "me",
                "ok",
            )
            for s in self.models.values()
        ]

    def drop(self, place: Any, model: str, force: bool) -> Dropped:
        self._model(model)
        del self.models[model]
        return Dropped(model)

    def score(
        self, place: Any, model: str, table: str, key: str, into: str, jobs: int, rows: Any
    ) -> Scoring:
        script = self._model(model)
        outputs = evaluate(script.plan, [np.ones((5, 3), np.float32)], "float32")
        rows(len(outputs[0]), 1.0)
        return Scoring(into, len(outputs[0]), 0.1, False)

    def compare(self, *arguments: Any) -> Any:
        raise DatabaseError("this database compares no versions")

    def score_windows(self, *arguments: Any) -> Scoring:
        raise DatabaseError("the toy scores no windows")

    def _model(self, name: str) -> ToyScript:
        if name not in self.models:
            raise DatabaseError(f'the toy has no model "{name}"')
        return self.models[name]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    """An empty toy, with its record in the table."""
    server = Toy()
    monkeypatch.setitem(DATABASES, "toy", make_record(server))
    return server


def make_record(server: Toy) -> Database:
    """All that the program is told of the toy."""
    return Database(
        name="toy",
        title="Toy",
        naming=Naming(
            title="Toy",
            forms=DSN,
            example=DSN,
            schemes=("toy",),
            has_form=lambda dsn: dsn == "toy",
            drivers=("toys",),
            variables=("TOYHOST",),
            library="libtoy",
            password="toy-secret",
            password_place="a drawer",
        ),
        is_here=lambda place: True,
        options=(Option("toy_size", (1, 2), 1, "how large it is."),),
        most_features=3,
        engine=Engine("toy", "Toy", {}, no_problems, (), (), None),
        holding=Holding("boolean", False, lambda name, *_: name, lambda *_: ""),
        usage="model.h5 --target toy",
        compile=server.compile,
        example=lambda manifest: f"play {manifest.name}",
        columns=lambda place, table: (None, dict.fromkeys("abc", "number")),
        rows=lambda place, table, names, most: [(0.5,) * len(names)] * most,
        deploy=server.deploy,
        verify=server.verify,
        list_versions=server.list_versions,
        drop=server.drop,
        score=server.score,
        score_windows=server.score_windows,
        compare=server.compare,
        examine=lambda place: [Check("toy", "ok", f"{len(server.models)} models")],
        revoke=lambda place: "revoke toys",
        life=no_life("Toy"),
        installation=no_installation("Toy", "deploy."),
        wait_for_signals=lambda: None,
        settle=nothing_open,
        refuse=refuse_later,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A model of three numbers."""
    return write_sigmoid(tmp_path / "fraud.h5")


def run(*arguments: object) -> Result:
    """The command line, in this process, which knows the toy."""
    return CliRunner().invoke(cli.command, [str(item) for item in arguments])


def done(*arguments: object) -> str:
    """What it printed, when all went well."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.stdout


def test_the_api_takes_a_model_the_whole_way(toy: Toy, path: Path) -> None:
    model = api.read(path)
    deployed = api.deploy(model, DSN, expected_by="float64", features_from="t", toy_size=2)
    assert (deployed.model, deployed.was_there, deployed.example) == ("fraud", False, "play fraud")
    assert toy.models["fraud"].target == "toy"
    assert toy.models["fraud"].statements[0].name == "store, size 2"
    assert deployed.verify().is_ok
    toy.altered = 0.5
    assert not deployed.verify().is_ok
    assert deployed.score_table("t", key="id", into="s").rows == 5
    assert [entry.model for entry in api.models(DSN)] == ["fraud"]
    assert [str(check) for check in api.doctor(DSN)] == ["ok    toy: 1 models"]
    assert api.deploy(model, DSN, target="toy", expected_by="float64").was_there is False
    chosen = replace(toy.models["fraud"], choice="who may connect can read the weights")
    told = api.run(chosen, DSN)
    assert "fraud: who may connect can read the weights" in str(told) and told.choice in repr(told)
    deployed.drop()
    assert toy.models == {}


def test_the_command_line_takes_a_model_the_whole_way(toy: Toy, path: Path) -> None:
    export = ("export", path, "--target", "toy", "--dsn", DSN, "--expected-by", "float64")
    text = done(*export, "--name", "m", "--toy-size", "2")
    assert "m, version" in text and "verified" in text and "Try: play m" in text
    assert toy.models["m"].statements[0].name == "store, size 2"
    assert "verified" in done("verify", "--dsn", DSN, "--name", "m")
    listed = json.loads(done("list", "--dsn", DSN, "--json"))
    assert [entry["model"] for entry in listed] == ["m"]
    assert "5 rows" in done(
        "score", "--dsn", DSN, "--name", "m", "--table", "t", "--key", "id", "--into", "s"
    )
    assert "1 models" in done("doctor", "--dsn", "toy")
    assert done("doctor", "--dsn", DSN, "--revoke") == "revoke toys\n"
    done("drop", "--dsn", DSN, "--name", "m")
    assert toy.models == {}
    assert isinstance(run("verify", "--dsn", DSN, "--name", "m").exception, DatabaseError)
    toy.altered = 0.5
    assert run(*export).exit_code == 1


def test_a_script_is_written_for_it(toy: Toy, path: Path, tmp_path: Path) -> None:
    place = tmp_path / "fraud.sql"
    done("export", path, "--target", "toy", "--output", place, "--expected-by", "float64")
    assert "store the model" in place.read_text()
    assert toy.models == {}


def test_help_and_messages_know_it(toy: Toy, path: Path, monkeypatch: Any) -> None:
    text = " ".join(done("export", "--help").split())
    assert "toy" in text and "--toy-size" in text and "how large it is. [default: 1]" in text
    for variables in (["EXPORT_MODEL_DSN", "DATABASE_URL"], databases.namings()[0].variables):
        for name in variables:
            monkeypatch.delenv(name, raising=False)
    assert "libtoy, as TOYHOST" in run("list").output
    monkeypatch.setenv("TOYHOST", "here")
    assert find_dsn() == ("", "the variable TOYHOST of libtoy")
    assert holds_password("toy-secret")


@pytest.mark.parametrize("other", [name for name in DATABASES if name != "toy"])
def test_target_and_dsn_that_contradict_each_other(toy: Toy, path: Path, other: str) -> None:
    """Refused before anything is compiled or sent, both ways, and for a script made before."""
    model = api.read(path)
    with pytest.raises(DatabaseError, match=f"--target {other} needs a DSN of"):
        api.deploy(model, DSN, target=other)
    with pytest.raises(DatabaseError, match="--target toy needs a DSN of Toy"):
        api.deploy(model, DATABASES[other].naming.example, target="toy")
    made = api.script(model, target="toy", expected_by="float64")
    with pytest.raises(DatabaseError, match="--target toy needs a DSN of Toy"):
        api.run(made, DATABASES[other].naming.example)
    result = run("export", path, "--target", other, "--dsn", DSN)
    assert f"--target {other} needs a DSN of" in str(result.exception)
    assert toy.models == {}


def test_its_limits_and_options_are_its_own(toy: Toy, path: Path) -> None:
    model = api.read(path)
    with pytest.raises(SignatureError, match="toy_size is for target toy"):
        api.script(model, target="postgres", toy_size=1)
    with pytest.raises(SignatureError, match="toy_size is 3; choose one of"):
        api.script(model, target="toy", toy_size=3)
    assert (
        "--toy-size is for --target toy"
        in run("export", path, "--target", "postgres", "--toy-size", "1").output
    )
    DATABASES["toy"] = replace(DATABASES["toy"], most_features=2)
    with pytest.raises(SignatureError, match="at most 2 arguments"):
        api.script(model, target="toy", features=["a", "b", "c"])


def test_every_field_of_a_record_has_to_be_given() -> None:
    for kind, record in ((Database, make_record(Toy())), (Naming, make_record(Toy()).naming)):
        given = {item.name: getattr(record, item.name) for item in fields(kind)}
        for item in fields(kind):
            assert item.default is MISSING and item.default_factory is MISSING, item.name
            with pytest.raises(TypeError, match=item.name):
                kind(**{name: value for name, value in given.items() if name != item.name})


def test_databases_that_share_a_naming_share_what_is_done_by_place() -> None:
    """Their server is asked for a deployment only; see exporter.databases.database_of."""
    by_place = ("columns", "verify", "list_versions", "drop", "score", "examine", "revoke")
    for record in DATABASES.values():
        first = next(item for item in DATABASES.values() if item.naming is record.naming)
        for name in by_place:
            assert getattr(record, name) is getattr(first, name), (record.name, name)


def test_no_database_is_named_outside_of_its_folder() -> None:
    """Names in code and in texts; a docstring may give an example."""
    found = []
    for path in sorted(EXPORTER.rglob("*.py")):
        inside = path.relative_to(EXPORTER).as_posix()
        # An engine's doctor, and who looks at its tables, ask the servers that it runs in.
        doctors = ("engines/plpython/doctor.py", "engines/pgvector/doctor.py")
        asking = (*doctors, "engines/pgvector/tables.py")
        if inside.startswith(("databases/", "engines/plsql/", *asking)):
            continue
        for line, text in names_and_texts(tree_of(path)):
            if NAMES.search(text):
                found.append(f"{inside}:{line}: {text[:80]}")
    assert found == []


def names_and_texts(tree: ast.Module) -> list[tuple[int, str]]:
    """Identifiers, imported modules and texts of a module, but no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr):
            docstrings.add(node.body[0].value)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node not in docstrings:
                found.append((node.lineno, node.value))
        elif isinstance(node, ast.Name):
            found.append((node.lineno, node.id))
        elif isinstance(node, ast.Attribute):
            found.append((node.lineno, node.attr))
        elif isinstance(node, (ast.ImportFrom, ast.Import)):
            module = getattr(node, "module", None) or ""
            found.append((node.lineno, " ".join([module, *(a.name for a in node.names)])))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append((node.lineno, node.name))
            if isinstance(node, ast.FunctionDef):
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                found += [(argument.lineno, argument.arg) for argument in every]
    return found
