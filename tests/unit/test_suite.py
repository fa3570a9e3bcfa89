"""The suite runs alike whatever the environment it is started from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent


def in_tests(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python code that can import conftest, in a process that ignores SIGINT."""
    path = os.pathsep.join(map(str, (TESTS, TESTS.parent / "examples", TESTS.parent)))
    return subprocess.run(
        ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize(
    ("configured", "status"),
    [("", 0), ("conftest.pytest_configure(SimpleNamespace(getoption=print))", -signal.SIGINT)],
)
def test_programs_can_be_interrupted_where_sigint_is_ignored(configured: str, status: int) -> None:
    """A program stops by the signal that its parent's parent ignores; by itself it would not."""
    code = f"""if True:
        import conftest, subprocess
        from types import SimpleNamespace
        {configured}
        print("status", subprocess.call(["sh", "-c", "kill -INT $$"]))
    """
    assert f"status {status}\n" in in_tests(code).stdout


def test_onednn_is_on_whatever_the_environment_says() -> None:
    code = "import os, conftest; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    assert in_tests(code, TF_ENABLE_ONEDNN_OPTS="0").stdout == "1\n"


@pytest.mark.slow
def test_what_make_quick_leaves_out_is_told_by_fixtures() -> None:
    """Nothing with a server or Keras among its fixtures is left in."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider"]
    folders = [
        str(TESTS / name)
        for name in (
            "runtime/test_casts.py",
            "parity/test_stored.py",
            "parity/test_zoo.py",
            "database/test_forms.py",
        )
    ]
    done = subprocess.run(
        [*command, "-m", "not database and not framework", *folders],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "runtime/" in done.stdout
    assert "test_stored.py" in done.stdout
    assert "test_forms.py" not in done.stdout
    assert "test_zoo.py" not in done.stdout
