"""Peak memory of a session's server process against the number of rows it scores."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server import session

SAMPLE_S = 0.01


@dataclass(frozen=True)
class Peak:
    """Megabytes above a session that has scored one row of the same table.

    total is what the system calls the high water mark; it holds the pages of PostgreSQL's shared
    cache that the session touched, which all sessions share. own leaves those out.
    """

    form: str
    rows: int
    idle_mb: float
    total_mb: float
    own_mb: float


def measure_peak(dsn: str, form: str, rows: int, warm: str, sql: str) -> Peak:
    """Run sql in a session of its own that has run warm."""
    with session(dsn, "max_parallel_workers_per_gather = 0") as cursor:
        cursor.execute(warm)
        cursor.execute("select pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/status")
        before = _read(status)
        own = _watch(cursor, sql, status)
        after = _read(status)
    total = after["VmHWM"] - before["VmRSS"]
    return Peak(form, rows, before["VmRSS"], total, max(0.0, own - before["RssAnon"]))


def _watch(cursor: Any, sql: str, status: Path) -> float:
    """Largest RssAnon while sql runs, in MB; the system keeps no high water mark of it."""
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(SAMPLE_S):
            peak = max(peak, _read(status)["RssAnon"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        cursor.execute(sql)
    finally:
        done.set()
        watcher.join()
    return max(peak, _read(status)["RssAnon"])


def _read(status: Path, names: Sequence[str] = ("VmHWM", "VmRSS", "RssAnon")) -> dict[str, float]:
    text = status.read_text()
    found = {name: re.search(rf"^{name}:\s+(\d+) kB$", text, re.M) for name in names}
    return {name: int(match[1]) / 1024 for name, match in found.items() if match}
