"""The README and docs/functions.md: every command in them runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import install_program
from databases import Database

ROOT = Path(__file__).parents[2]
PAGES = {"README.md": 11, "docs/functions.md": 5}  # how many blocks of each run


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_in_order(page: str, database: Database, tmp_path: Path) -> None:
    """All sh and sql blocks but those of make and pip, which have tests of their own."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(sh|sql)\n(.*?)^```", text, flags=re.S | re.M)
    subprocess.run(["ln", "-s", ROOT / "examples", tmp_path / "examples"], check=True)
    environment = _environment(tmp_path, database)
    ran = 0
    try:
        for language, text in blocks:
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
    assert ran == PAGES[page]


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


@pytest.mark.parametrize(("engine", "stamp"), [("plpython", "demo"), ("pgvector", "wheel")])
def test_make_demo_proves_itself(engine: str, stamp: str) -> None:
    if not (ROOT / ".venv" / f"{stamp}.stamp").exists():
        pytest.skip("make demo would install packages")
    command = ["make", "demo", f"ENGINE={engine}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"Accuracy on 359 test rows\s+([\d.]+)%", done.stdout)
    assert accuracy is not None
    assert float(accuracy[1]) > 95


def _environment(tmp_path: Path, database: Database) -> dict[str, str]:
    """PATH with an export-model of this very checkout, and psql of the server's version."""
    programs = install_program(tmp_path / "bin")
    path = f"{programs}:{database.server.bindir}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "DSN": database.dsn, "PYTHONPATH": str(ROOT)}
