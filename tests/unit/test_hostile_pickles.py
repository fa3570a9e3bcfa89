"""No file of scikit-learn's formats runs anything, however it is made: each gives an inert value or
an ArchiveError, in bounded time and memory."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from budgets import is_thorough
from hostile_pickles import CANARY, MAKERS

ROOT = Path(__file__).parents[2]
MEMORY = 3 * 2**30
SECONDS = 20
# Runs in a process of its own: everything that could be imported is, then the hook listens.
CHILD = """
import json, resource, sys, time
sys.path[:0] = [{tests!r}, {root!r}]
from hostile_pickles import MAKERS
from exporter.errors import ArchiveError
from exporter.formats.sklearn import inert, pickle
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.model import read_content
QUIET = ("object.__getattr__", "sys._getframe", "cpython.run_interactivehook")
read_content(MAKERS["skops: a function"]())  # what a codec of the library imports, once
events = []
listening = False
def hook(event, args):
    if listening and event not in QUIET:
        events.append(event)
sys.addaudithook(hook)
pickle.MAX_STEPS //= {part}
inert.Budget.__init__.__defaults__ = (inert.MAX_BYTES // {part},)
limit = {memory}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for name in {names!r}:
    content = MAKERS[name]()
    events.clear()
    start = time.process_time()
    try:
        listening = True
        value = read_content(content)
        outcome = "value " + type(value).__name__
    except ArchiveError as error:
        outcome = "refused " + str(error)
    finally:
        listening = False
    del content
    value = None
    print(json.dumps([name, outcome, sorted(set(events)), time.process_time() - start]))
"""


# Those that need seconds until a limit is reached: the limits are lower, but for `thorough`.
SLOW = (
    "a set made of one list again and again",
    "joblib: zlib bomb",
    "objects by the million from one list",
)
OTHERS = tuple(name for name in MAKERS if name not in SLOW)


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """Outcome, audit events and seconds of each payload."""
    return read_in_child(OTHERS)


def read_in_child(names: tuple[str, ...], part: int = 1) -> dict[str, Any]:
    """The same of these, read one after the other in one process, with a part of what may be made
    of a file at most."""
    Path(CANARY).unlink(missing_ok=True)
    folders = {"tests": str(ROOT / "tests"), "root": str(ROOT)}
    text = CHILD.format(**folders, memory=MEMORY, names=names, part=part)
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_runs(name: str, results: dict[str, Any]) -> None:
    check(*results[name])


@pytest.mark.slow
def test_nothing_runs_for_long() -> None:
    for result in read_in_child(SLOW, 1 if is_thorough() else 16).values():
        assert result[0].startswith("refused ")
        check(*result)


def check(outcome: str, events: list[str], seconds: float) -> None:
    """An inert value or a refusal, in time, and nothing else happened."""
    assert events == []
    assert outcome.startswith(("value ", "refused ")), outcome
    assert seconds < SECONDS
    assert len(outcome) < 500
    assert not Path(CANARY).exists()


def test_there_are_enough_of_them_and_some_are_refused(results: dict[str, Any]) -> None:
    assert len(MAKERS) >= 100
    assert sum(outcome.startswith("refused") for outcome, *_ in results.values()) > 60


def test_they_would_run_where_a_pickle_is_loaded() -> None:
    """Else the canary would prove nothing; Python's own reader loads these in a child."""
    for name in ("os.system", "builtins.eval", "INST", "OBJ", "getattr chain"):
        Path(CANARY).unlink(missing_ok=True)
        child = "import sys, pickle; pickle.loads(sys.stdin.buffer.read())"
        subprocess.run([sys.executable, "-c", child], input=MAKERS[name](), capture_output=True)
        for _ in range(50):
            if Path(CANARY).exists():
                break
            subprocess.run(["sleep", "0.1"])
        assert Path(CANARY).exists(), name
        Path(CANARY).unlink()


def test_a_harmless_pickle_is_what_python_reads() -> None:
    """All protocols, and values of every kind that pickles have opcodes for."""
    from exporter.formats.sklearn.model import read_content

    shared = ["x", 1]
    values = [
        None, True, False, 0, -1, 255, 65535, -(2**31), 2**40, -(2**100), 1.5, float("inf"), "",
        "größer", "a" * 300, b"", b"bytes", b"\xff" * 300, bytearray(b"ab"), (), (1,), (1, 2),
        (1, 2, 3), (1, 2, 3, 4), [], [1, [2]], {}, {"a": {"b": 1}, 1: 2, (1, "x"): 3}, {1, 2},
        frozenset([3]), shared, shared, "line\nbreak \\ 'quote'",
    ]  # fmt: skip
    for protocol in range(6):
        found = read_content(pickle.dumps(values, protocol))
        if protocol == 5:
            assert found[18] == b"ab"  # a bytearray becomes bytes
        found[18] = values[18]
        assert found == values
        assert found[30] is found[31]
    cycle: list[Any] = []
    cycle.append({"self": cycle})
    found = read_content(pickle.dumps(cycle, 4))
    assert found[0]["self"] is found
