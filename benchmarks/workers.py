"""Processes that do one thing again and again when asked, and say how many seconds it took."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any


class WorkerError(RuntimeError):
    """A process ended before it answered; the message holds the end of what it wrote."""


class Worker:
    """A child that first prints a line of facts as JSON, then seconds for each line it gets.

    It lives for as long as the block, so that imports and the first call are not part of a time.
    """

    def __init__(
        self, command: Sequence[str], cores: Iterable[int], environment: Mapping[str, str]
    ) -> None:
        # A pipe that nobody reads would fill up; closed at the block's end.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            # Pinned before it becomes the program, so that all its threads are.
            ["taskset", "-c", ",".join(map(str, cores)), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=dict(environment),
            cwd="/",
        )
        self.facts: dict[str, Any] = json.loads(self._read())

    def ask(self, text: str = "go") -> float:
        """Seconds of one pass."""
        print(text, file=self._process.stdin, flush=True)
        return float(self._read())

    def _read(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self._errors.seek(0)
            raise WorkerError(f"{self._process.args!r} ended:\n{self._errors.read()[-2000:]}")
        return line

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()


def own_cores() -> list[int]:
    """The processor's cores that we may use, the last first: the first also serves interrupts."""
    return sorted(os.sched_getaffinity(0), reverse=True)
