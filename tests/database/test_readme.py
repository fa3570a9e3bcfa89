"""The README: every command in it runs, and its generated parts are what the code says."""

from __future__ import annotations

import importlib.util
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from databases import Database

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The blocks of the section on Oracle run in tests/oracle/test_readme.py.
FOR_POSTGRES = re.sub(r"^## Oracle\n.*?(?=^## )", "", README, flags=re.S | re.M)
BLOCKS = re.findall(r"^```(sh|sql)\n(.*?)^```", FOR_POSTGRES, flags=re.S | re.M)


def test_generated_parts_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("docs_update", ROOT / "docs" / "update.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.update(README) == README, "run: python docs/update.py"


def test_every_verb_and_option_is_in_the_reference() -> None:
    from exporter.cli import command

    for name, verb in command.commands.items():
        if name != "export":
            assert f"export-model {name}" in README
        for parameter in verb.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert option in README, f"{name} {option}"


def test_the_commands_run_in_order(database: Database, tmp_path: Path) -> None:
    """All sh and sql blocks but `make demo` and `pip install`, which have tests of their own."""
    subprocess.run(["ln", "-s", ROOT / "examples", tmp_path / "examples"], check=True)
    environment = _environment(tmp_path, database)
    ran = 0
    try:
        for language, text in BLOCKS:
            if text.startswith(("make ", "pip ")):
                continue
            command = ["bash", "-eus"]
            if language == "sql":  # from its input, as a person types: a procedure may commit
                command = ["psql", database.dsn, "-v", "ON_ERROR_STOP=1", "-q"]
            done = subprocess.run(
                command,
                input=text,
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            ran += 1
    finally:
        cleanup = "drop owned by analyst; drop role analyst"
        subprocess.run(["psql", database.dsn, "-qc", cleanup], env=environment, check=False)
    assert ran == 11


def test_pip_install_gives_a_complete_program(tmp_path: Path) -> None:
    """What `pip install .` installs has the templates and the runtime, and needs no checkout."""
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--target", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    program = "from exporter.cli import main; main()"
    options = ["--target", "postgres", "--expected-by", "float64"]
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "examples/digits/digits.h5"), *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "def softmax" in (tmp_path / "digits.sql").read_text()
    assert (target / "exporter" / "py.typed").exists()
    assert (target / "exporter" / "sql_templates" / "postgres" / "alias.sql").exists()


@pytest.mark.skipif(
    not (ROOT / ".venv" / "demo.stamp").exists(), reason="make demo would install packages"
)
def test_make_demo_proves_itself() -> None:
    done = subprocess.run(["make", "demo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"Accuracy on 359 test rows\s+([\d.]+)%", done.stdout)
    assert accuracy is not None
    assert float(accuracy[1]) > 95


def _environment(tmp_path: Path, database: Database) -> dict[str, str]:
    """PATH with an export-model of this very checkout, and psql of the server's version."""
    program = tmp_path / "bin" / "export-model"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom exporter.cli import main\nmain()\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{program.parent}:{database.server.bindir}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "DSN": database.dsn, "PYTHONPATH": str(ROOT)}
