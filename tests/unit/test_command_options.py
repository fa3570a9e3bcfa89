"""--json, -q, -v, --deploy, and where the database comes from; nothing listens where these go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from commands import POSTGRES, run, write_sigmoid

from exporter import cli

URL = "postgresql://nobody:secret@localhost:1/none"
NO_DATABASE = {"DATABASE_URL": "", "PGHOST": "", "PGDATABASE": "", "PGSERVICE": "", "PGPORT": ""}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file, alone in its folder."""
    return write_sigmoid(tmp_path / "m.h5")


def test_every_verb_has_json_and_those_of_databases_the_same_options() -> None:
    for name, verb in cli.command.commands.items():
        options = {word for option in verb.params for word in option.opts}
        assert "--json" in options, name
        wanted = {"-q", "--quiet", "-v", "--verbose"} if "--dsn" in options else set()
        assert wanted <= options, name


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"EXPORT_MODEL_DSN": URL, "DATABASE_URL": "postgresql://b"}, "variable EXPORT_MODEL_DSN"),
        ({"DATABASE_URL": URL, "PGHOST": "b"}, "the one that the variable DATABASE_URL names"),
        ({"DATABASE_URL": "mysql://u:secret@h/d"}, "the one that the variable DATABASE_URL names"),
        ({"PGHOST": "localhost", "PGPORT": "1"}, "the variables PGHOST, PGPORT of libpq"),
        ({"PGSERVICE": "nobodys"}, "the variable PGSERVICE of libpq"),
    ],
)
@pytest.mark.parametrize("verb", [["list"], ["install"], ["m.h5", *POSTGRES, "--deploy"]])
def test_a_message_says_which_variable_named_the_database(
    model: Path, variables: dict[str, str], words: str, verb: list[str]
) -> None:
    done = run(*verb, cwd=model.parent, **{**NO_DATABASE, **variables})
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "secret" not in done.stderr


def test_install_tells_the_same_keys_for_a_script(tmp_path: Path) -> None:
    words = ["install", "--json", "--deployers", "ml", "--output", "i.sql"]
    done = run(*words, cwd=tmp_path, EXPORT_MODEL_DSN=URL)  # which is for other commands
    facts = json.loads(done.stdout)
    assert facts.pop("functions") > 50
    assert facts == {
        "database": "postgres", "installed": False, "script": "i.sql", "deployers": ["ml"]
    }  # fmt: skip


def test_the_option_comes_first_and_needs_no_mention(tmp_path: Path) -> None:
    done = run("list", "--dsn", "postgresql://localhost:1/x", cwd=tmp_path, DATABASE_URL=URL)
    assert done.returncode == 1
    assert "DATABASE_URL" not in done.stderr


@pytest.mark.parametrize("variables", [{"DATABASE_URL": URL}, {"PGHOST": "localhost"}])
def test_variables_of_others_do_not_turn_a_script_into_a_deployment(
    model: Path, variables: dict[str, str]
) -> None:
    done = run("m.h5", *POSTGRES, cwd=model.parent, **{**NO_DATABASE, **variables})
    assert (done.returncode, done.stderr) == (0, "")
    assert (model.parent / "m.sql").exists()
    assert "secret" not in (model.parent / "m.sql").read_text() + done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["m.h5", *POSTGRES, "--deploy"], "DATABASE_URL or those of libpq"),
        (["m.h5", *POSTGRES, "--deploy", "--output", "m.sql"], "give one of them"),
        (["m.h5", *POSTGRES, "--json", "--output", "-"], "--output prints it there"),
        (["install", "--json", "--output", "-"], "--output prints it there"),
        (["describe", "m.h5", "-q", "--quiet"], "is given twice"),
        (["list", "-q", "-v", "--dsn", URL], "contradict each other"),
        (["doctor", "--revoke", "--json", "--dsn", URL], "--revoke prints a script"),
    ],
)
def test_wrong_usage(model: Path, arguments: list[str], words: str) -> None:
    done = run(*arguments, cwd=model.parent, **NO_DATABASE)
    assert done.returncode == click.UsageError.exit_code
    assert words in done.stderr
    assert "secret" not in done.stderr
    assert [path.name for path in model.parent.iterdir()] == ["m.h5"]


def facts(*arguments: str, cwd: Path) -> Any:
    """What a command prints with --json, and nothing besides."""
    done = run(*arguments, "--json", cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_json(model: Path) -> None:
    folder = model.parent
    assert facts("describe", "m.h5", cwd=folder)["parameters"] == 4
    dense = next(item for item in facts("layers", cwd=folder) if item["layer"] == "Dense")
    assert "Dense" in dense["becomes"]
    script = facts("m.h5", *POSTGRES, cwd=folder)
    assert (script["model"], script["script"], script["removal"]) == ("m", "m.sql", None)
    assert len(script["version"]) == 64
    oracle = facts("m.h5", "--target", "oracle", "--output", "o.sql", cwd=folder)
    assert oracle["removal"] == "o_uninstall.sql"


def test_quiet(model: Path) -> None:
    done = run("m.h5", *POSTGRES, "-q", cwd=model.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (model.parent / "m.sql").exists()
    assert run("describe", "m.h5", "-q", cwd=model.parent).stdout == ""
    failed = run("describe", "none.h5", "-q", cwd=model.parent)
    assert failed.returncode == 1
    assert "none.h5" in failed.stderr


@pytest.mark.parametrize(
    "dsn", [URL, "host=localhost port=1 password=secret", "oracle://u:secret@localhost:1/s"]
)
def test_a_password_behind_the_option_is_advised_against_and_not_repeated(
    tmp_path: Path, dsn: str
) -> None:
    done = run("list", "--dsn", dsn, cwd=tmp_path)
    advised = "EXPORT_MODEL_PASSWORD" if dsn.startswith("oracle") else "PGPASSFILE"
    assert f"Leave it to {advised}" in done.stderr.replace("~/.pgpass or ", "")
    assert "secret" not in done.stderr
    quiet = run("list", "-q", "--dsn", dsn, cwd=tmp_path)
    assert advised not in quiet.stderr
    variable = run("list", cwd=tmp_path, EXPORT_MODEL_DSN=dsn)
    assert advised not in variable.stderr
