"""The SQL examples run as they stand, and their checks notice what they are there to notice."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import run
from budgets import is_thorough
from commands import ALONE, environment, fork_server
from databases import Database
from run import EXAMPLES, HERE, ExampleError, export, load, play, read_commands

from database.networks import query

PROGRAM = [sys.executable, "-c", f"{ALONE}; from exporter.cli import main; main()"]

# Wrong answers to what the network is for, then wrong numbers (the checks look at those first),
# each with a word of the error that must follow. Usually the last of them is done, and the check
# made again, where the example has ended; in the profile `thorough` each plays all of it again.
DAMAGES = {
    "adult": {
        "accuracy": "update people set income = '>50K' where id % 4 = 0",
        "scikit": "update expected set pipeline = pipeline + 1e-6 where id = 3000",
        "Keras": "update expected set network = network + 1e-4 where id = 3000",
    },
    "forecast": {
        "differ": "update prices set price = price + 1 where day = 200",
        "compared": "delete from expected where steps_ahead = 40",
    },
    "images": {
        "accuracy": "update digits set label = (label + 1) % 10 where id % 10 = 0",
        "differ": "update expected set probability3 = probability3 + 1e-4 where id = 1",
    },
    "machine": {
        "accuracy": "update readings set is_anomaly = true where hour between 100 and 105",
        "differ": "update expected set remembered[24] = remembered[24] + 1e-3 where hour = 600",
    },
    "particles": {
        "accuracy": "update events set truth = 'qcd' where event_id % 5 = 0",
        "differ": "update expected set inclusive[3] = inclusive[3] + 1e-4 where event_id = 60",
    },
    "particles-trees": {
        "areas": "update events set truth = 'qcd' where event_id = 1",
        "scikit": "update expected set forest[1] = forest[1] + 1e-9 where event_id = 300",
        "XGBoost": "update expected set xgboost[2] = xgboost[2] + 1e-4 where event_id = 300",
        "Keras": "update expected set network[3] = network[3] + 1e-4 where event_id = 300",
    },
    "pump": {
        "accuracy": "update failures set at = at + interval '3 hours' where machine < 4",
        "differ": "update expected set prediction = prediction + 1e-4 where id = 355",
    },
    "reviews": {
        "accuracy": "update reviews set truth = 'positive' where id % 5 = 0",
        "differ": "update expected set positive = positive + 1e-4 where id = 200",
    },
}


@pytest.fixture(autouse=True)
def checkout_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The export-model of this very checkout, whichever one is installed."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every export-model is forked from a process that has loaded scikit-learn and the like."""
    run_anew = run._run

    def fork(command: Sequence[str], name: str, what: str) -> None:
        if command[: len(PROGRAM)] != PROGRAM:
            run_anew(command, name, what)
            return
        words = ["lone_program", *command[len(PROGRAM) :]]
        done = fork_server("libraries").run(words, HERE / name, environment())
        if done.returncode != 0:
            raise ExampleError(f"{name}: {what} ended with status {done.returncode}: {done.stderr}")

    monkeypatch.setattr(run, "_run", fork)


@pytest.mark.framework
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_and_its_check_has_teeth(
    database: Database,
    name: str,
    forked: None,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    dsn, bindir = database.dsn, database.server.bindir
    load(name, dsn, bindir)
    export(name, dsn, PROGRAM)
    check = tmp_path / "check.sql"
    text = (HERE / name / "example.sql").read_text(encoding="utf-8")
    check.write_text(text[text.rindex("\ndo $$") :], encoding="utf-8")
    *others, (word, damage) = DAMAGES[name].items()
    with pytest.raises(ExampleError, match=r"example\.sql"):
        play(name, dsn, bindir, "-c", damage, "-f", str(check))
    printed, _, error = capfd.readouterr().err.partition("ERROR:")
    assert f"NOTICE:  {name}: " in printed
    assert word in error.splitlines()[0]
    for word, damage in others if is_thorough() else ():
        query(dsn, "drop schema public cascade; create schema public")
        load(name, dsn, bindir)  # without the damage before
        export(name, dsn, PROGRAM)
        assert query(dsn, f"with d as ({damage} returning 1) select count(*) from d")[0][0] > 0
        with pytest.raises(ExampleError, match=r"example\.sql"):
            play(name, dsn, bindir)
        error = capfd.readouterr().err.partition("ERROR:")[2]
        assert word in error.splitlines()[0]


@pytest.mark.parametrize("name", EXAMPLES)
def test_files_are_small_and_name_no_place_of_ours(name: str) -> None:
    for path in sorted((HERE / name).iterdir()):
        if path.is_file():
            assert path.stat().st_size < 320_000, path
            if path.suffix not in (".h5", ".keras", ".joblib"):
                assert not re.search(r"/(opt|work|home|tmp)/", path.read_text()), path


@pytest.mark.parametrize("name", EXAMPLES)
def test_commands_name_files_of_the_example(name: str) -> None:
    commands = read_commands(name)
    assert commands
    for command in commands:
        program, model, *_ = command.split()
        assert program == "export-model"
        assert (HERE / name / model).is_file()


def test_an_unknown_name_and_a_failing_step_are_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, HERE / "run.py", "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert ", ".join(EXAMPLES[:1]) in done.stderr
    with pytest.raises(ExampleError, match="ended with status 1"):
        export(EXAMPLES[0], "postgresql://nobody@127.0.0.1:1/none", PROGRAM)
