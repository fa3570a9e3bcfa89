"""A run that scores a table: threads that write scores step by step, and what comes of them."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

from exporter.databases.results import Scoring
from exporter.errors import DatabaseError, counted
from exporter.progress import Rows

POLL_S = 0.1
Results: TypeAlias = "Iterator[tuple[int, float | None]]"
"""Rows written in a step, and which part of the source is done, None where that is unknown."""


class Run(Protocol):
    """What scores: error is the first failure, stop ends what still runs and counts its rows."""

    error: DatabaseError | None

    def stop(self) -> int:
        """End what is still running; rows that were written meanwhile."""


def follow(
    run: Run,
    begin: Callable[[], Results],
    target: str,
    progress: Rows,
    *,
    start: float,
    kept: str = "and committed",
) -> Scoring:
    """Go through the steps that begin() gives to the end, an error or Ctrl-C; start is when all
    began, kept says in messages where the rows of earlier steps are.

    Raises: DatabaseError, when a step failed.
    """
    rows = 0
    was_stopped = False
    try:
        for written, done in begin():
            rows += written
            progress(written, done)
    except KeyboardInterrupt:
        was_stopped = True
    finally:
        rows += run.stop()
    if run.error is not None:
        raise DatabaseError(
            f"{run.error}\n  {counted(rows, 'row')} scored {kept} before;"
            " the same command goes on from there."
        ) from run.error
    return Scoring(target, rows, time.perf_counter() - start, was_stopped)


class Workers(ABC):
    """Threads that score pieces of one source, each over a connection of its own."""

    def __init__(self, count: int) -> None:
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.error: DatabaseError | None = None
        self.written: queue.Queue[int | None] = queue.Queue()
        self.connections: list[Any] = []
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(count)]

    @abstractmethod
    def work(self, number: int) -> Iterator[int]:
        """What one of them does: rows that it wrote, step by step.

        Raises: DatabaseError, which ends the work of all.
        """

    @abstractmethod
    def cancel(self, connection: Any) -> None:
        """End what a connection does at the moment; called from another thread."""

    def start(self) -> None:
        """Let them begin."""
        for thread in self.threads:
            thread.start()

    def steps(self) -> Iterator[int]:
        """Rows written, after each step of any of them, until all have ended."""
        working = len(self.threads)
        while working:
            try:
                written = self.written.get(timeout=POLL_S)  # a wait without end would ignore Ctrl-C
            except queue.Empty:
                continue
            if written is None:
                working -= 1
            else:
                yield written

    def stop(self) -> int:
        """End what is still running; rows that were written meanwhile."""
        self.stopped.set()
        with self.lock:
            for connection in self.connections:
                self.cancel(connection)
        for thread in self.threads:
            if thread.ident is not None:  # it was started
                thread.join()
        rows = 0
        while not self.written.empty():
            rows += self.written.get() or 0
        return rows

    def _run(self, number: int) -> None:
        try:
            for rows in self.work(number):
                self.written.put(rows)
        except DatabaseError as error:
            if self.error is None and not self.stopped.is_set():
                self.error = error
            self.stopped.set()
        finally:
            self.written.put(None)
