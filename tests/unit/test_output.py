"""Scripts are written whole or not at all, and never over others without leave."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import POSTGRES, PROGRAM, environment, run, write_sigmoid

from exporter.errors import ExportError
from exporter.formats import read
from exporter.output import file_name, write_files

ORACLE = ["--target", "oracle", "--expected-by", "float64"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file, alone in its folder."""
    return write_sigmoid(tmp_path / "m.h5")


def test_another_script_is_not_replaced_without_force(model: Path) -> None:
    folder = model.parent
    arguments = [model, *POSTGRES]
    assert run(*arguments, cwd=folder).returncode == 0
    first = (folder / "m.sql").read_bytes()
    assert run(*arguments, cwd=folder).returncode == 0  # the same content
    refused = run(*arguments, "--samples", "3", cwd=folder)
    assert refused.returncode == 1
    assert "m.sql: there already, with another content. Nothing was written." in refused.stderr
    assert "--force" in refused.stderr
    assert (folder / "m.sql").read_bytes() == first
    assert run(*arguments, "--samples", "3", "-f", cwd=folder).returncode == 0
    assert (folder / "m.sql").read_bytes() != first
    assert sorted(path.name for path in folder.iterdir()) == ["m.h5", "m.sql"]


def test_the_script_that_removes_a_model_is_not_replaced_either(model: Path) -> None:
    folder = model.parent
    (folder / "m_uninstall.sql").write_text("mine")
    refused = run(model, *ORACLE, cwd=folder)
    assert refused.returncode == 1
    assert "m_uninstall.sql: there already" in refused.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["m.h5", "m_uninstall.sql"]
    assert (folder / "m_uninstall.sql").read_text() == "mine"
    assert run(model, *ORACLE, "--force", cwd=folder).returncode == 0
    assert (folder / "m_uninstall.sql").read_text() != "mine"


@pytest.mark.parametrize("error", [ExportError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_a_failure_half_way_leaves_the_old_files(tmp_path: Path, error: BaseException) -> None:
    def half() -> Iterator[str]:
        yield "half"
        raise error

    old, new = tmp_path / "old.sql", tmp_path / "new.sql"
    old.write_text("old")
    with pytest.raises((type(error), ExportError)):
        write_files({new: ["new"], old: half()}, may_replace=True)
    assert old.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["old.sql"]


def test_links_and_rights_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.sql", tmp_path / "link.sql"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_files({link: ["new"]}, may_replace=True)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        write_files({tmp_path / "made.sql": ["new"]}, may_replace=False)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "made.sql").stat().st_mode) == 0o640


def test_streams_are_written_to_and_stay(model: Path) -> None:
    done = run(model, *POSTGRES, "--output", "-", cwd=model.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("commit;\n")
    assert done.stderr.startswith("standard output: model m, version ")
    oracle = run(model, *ORACLE, "--output", "/dev/null", cwd=model.parent)
    assert oracle.returncode == 0, oracle.stderr
    assert "is written beside a file only" in oracle.stderr
    assert Path("/dev/null").is_char_device()
    assert [path.name for path in model.parent.iterdir()] == ["m.h5"]


def test_a_directory_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="it is a directory"):
        write_files({tmp_path: ["text"]}, may_replace=True)


@pytest.mark.parametrize(
    ("name", "file"),
    [("fraud", "fraud"), ("a/b", "a_b"), ("..", "_.."), ("-x", "_-x"), ("My Model", "My Model"),
     ("a\nb", "a_b")],
)  # fmt: skip
def test_names_of_files(name: str, file: str) -> None:
    assert file_name(name) == file


def test_a_name_that_leads_elsewhere_stays_in_this_directory(model: Path) -> None:
    folder = model.parent / "work"
    folder.mkdir()
    done = run(model, *POSTGRES, "--name", "../up and away", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "psql -v ON_ERROR_STOP=1 -f '_.._up and away.sql'" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["_.._up and away.sql"]


SLOW = """
import sys, time
import exporter.cli as cli
from exporter.sql.script import Script
def lines(self):
    yield "half of it\\n"
    print("writing", flush=True)
    time.sleep(60)
Script.lines = lines
sys.argv[0] = "export-model"
cli.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_writing_leaves_nothing(model: Path, number: int, status: int) -> None:
    folder = model.parent
    (folder / "m.sql").write_text("old")
    arguments = [model, *POSTGRES, "--force"]
    # A shell without job control, as in CI, starts its children with SIGINT ignored.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = subprocess.Popen(
            [sys.executable, "-c", SLOW, *map(str, arguments)], cwd=folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(),
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, previous)
    assert running.stdout is not None
    assert running.stdout.readline() == "writing\n"
    time.sleep(0.2)
    running.send_signal(number)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == status
    assert errors.count("\n") == 1
    assert errors.startswith("export-model: ")
    assert sorted(path.name for path in folder.iterdir()) == ["m.h5", "m.sql"]
    assert (folder / "m.sql").read_text() == "old"


STOPPED_IMPORT = """
import sys
class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
from exporter.cli import main
main()
"""


@pytest.mark.parametrize("module", ["exporter.cli.program", "click", "exporter.databases"])
def test_a_program_that_is_stopped_while_it_is_imported(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_IMPORT, module], capture_output=True, text=True, check=False,
        env=environment(),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "export-model: stopped\n")


def test_a_reader_that_goes_away_is_no_error_to_talk_about() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, "layers"],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
        env=environment(),
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables", [{"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}]
)
def test_names_that_the_terminal_cannot_show(model: Path, variables: dict[str, str]) -> None:
    done = run(model, *POSTGRES, "--name", "名前", cwd=model.parent, **variables)
    assert done.returncode == 0, done.stderr
    assert "\\u540d\\u524d.sql" in done.stdout or "名前.sql" in done.stdout
    assert (model.parent / "名前.sql").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [["layers"], ["--version"]])
def test_a_full_disk_behind_standard_output(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env=environment(),
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
def test_files_and_folders_of_others(model: Path) -> None:
    """As nobody, who may neither read this model nor write here."""
    for folder in model.parents[:3]:
        folder.chmod(0o755)
    model.chmod(0o600)
    os.seteuid(65534)
    try:
        with pytest.raises(ExportError, match=r"m\.h5 cannot be read: Permission denied"):
            read(model)
        with pytest.raises(ExportError, match=r"m\.sql cannot be written: Permission denied"):
            write_files({model.with_name("m.sql"): ["text"]}, may_replace=True)
    finally:
        os.seteuid(0)
