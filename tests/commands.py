"""export-model as a user starts it, and the smallest model to start it with."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from files import dense, sequential, write_h5
from fork_server import CLIENT, ForkServer
from fork_server import PROGRAM as NAME

from exporter.formats import child
from exporter.formats.child import run_module

ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-c", "from exporter.cli import main; main()"]
ALONE = "import sys; sys.modules.update(keras=None, tensorflow=None)"
"""Code that hides Keras, whose import takes more time than all else; that it is asked for expected
outputs where it is installed is proved in tests/parity/test_framework.py and by make demo."""
LOADS = {
    "exporter.formats.sklearn.framework": "libraries",
    "exporter.formats.trees.framework": "libraries",
    "exporter.formats.keras.framework": "keras",
    "exporter.formats.keras.savedmodel": "keras",
}
"""What a module that export-model starts needs first; see fork_server.py."""
STARTED_AS = sys.executable, os.environ.get("PYTHONPATH")
POSTGRES = ["--target", "postgres", "--expected-by", "float64"]


def write_sigmoid(path: Path) -> Path:
    """A file of a 3-1 sigmoid."""
    weights = {"d": [("d/kernel:0", [[1.0]] * 3), ("d/bias:0", [0.0])]}
    return write_h5(
        path, sequential(dense("d", 1, "sigmoid", batch_input_shape=[None, 3])), weights
    )


def environment(**more: str) -> dict[str, str]:
    """Variables for a process that runs this very checkout, without a database of the caller's."""
    kept = {key: value for key, value in os.environ.items() if key != "EXPORT_MODEL_DSN"}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """export-model in a process of its own; more are variables of its environment.

    It is forked, but where it depends on what Python reads when it starts.
    """
    words = [str(word) for word in arguments]
    if any(name.startswith(("PYTHON", "LC_", "LANG")) for name in more):
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=cwd,
            env=environment(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    return fork_server("program").run([NAME, *words], cwd, environment(**more))


@cache
def fork_server(loads: str) -> ForkServer:
    """The process that all commands are forked from, or all runs of libraries."""
    return ForkServer(loads, environment())


def install_program(folder: Path) -> Path:
    """Put an export-model into a folder, and return that, for PATH: what a shell calls is forked
    too, and Keras is hidden from it."""
    folder.mkdir(exist_ok=True)
    program = folder / NAME
    program.write_text(
        CLIENT.format(python=sys.executable, path=str(_door()), name="lone_program"),
        encoding="utf-8",
    )
    program.chmod(0o755)
    return folder


@cache
def _door() -> Path:
    """The socket of a process that programs in a shell are forked from."""
    folder = tempfile.mkdtemp(prefix="export_model_")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "door"
    ForkServer("program", environment(), str(path))
    return path


def run_library(
    module: str,
    *arguments: str | Path,
    variables: Mapping[str, str] | None = None,
    timeout_s: float = child.TIMEOUT_S,
) -> None:
    """What exporter.formats.child.run_module does, with scikit-learn or Keras loaded before.

    Where a test has changed which Python is started or what that reads then, or asks for another
    module, that runs in a process of its own indeed.
    """
    if module not in LOADS or (sys.executable, os.environ.get("PYTHONPATH")) != STARTED_AS:
        run_module(module, *arguments, variables=variables, timeout_s=timeout_s)
        return
    words = [module, *map(str, arguments)]
    done = fork_server(LOADS[module]).run(words, Path.cwd(), environment(**(variables or {})))
    if done.returncode != 0:
        raise child.ChildError(done.stderr.strip().splitlines()[-1][:200])
