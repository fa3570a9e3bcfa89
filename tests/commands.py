"""export-model as a user starts it, and the smallest model to start it with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from files import dense, sequential, write_h5

ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-c", "from exporter.cli import main; main()"]
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
    """export-model in a process of its own; more are variables of its environment."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
