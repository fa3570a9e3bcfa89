"""What a promotion takes while sessions score, and whether one ever mixes two versions.

    python benchmarks/switching.py [--switches 200] [--bare 10000] [--sessions 8]

A private server holds two versions of a network of 0.2 MB. Sessions score rows, with score and
label in one statement, by literal arguments, by a prepared statement and over a table; one
connection promotes the one version and the other in turns. A statement that fails, or whose score
and label are not of one version, is counted. --bare switches as often by the statements of a
promotion alone, without what checks and proves it, which takes most of the time and changes nothing
that others see.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "tests")]
from database.networks import write_sequential  # noqa: E402
from private_server import private_server  # noqa: E402

import exporter  # noqa: E402
from exporter.databases.postgres.connection import connect, execute  # noqa: E402
from exporter.databases.postgres.stored import read_version  # noqa: E402
from exporter.databases.postgres.switching import make_compiler  # noqa: E402
from exporter.databases.postgres.versions import find_version  # noqa: E402
from exporter.release import Release  # noqa: E402

SIZES = [28, 190, 190, 50, 1]
COLUMNS = [f"c{n}" for n in range(SIZES[0])]
ROW = ", ".join(["0.1"] * SIZES[0])
STATEMENTS = (
    f"select m.score({ROW}), m.label({ROW})",
    "execute asked(0.1)",
    f"select m.score({', '.join(COLUMNS)}), m.label({', '.join(COLUMNS)}) from cards",
)
PREPARE = "prepare asked(double precision) as select m.score({0}), m.label({0})".format(
    ", ".join(["$1"] * SIZES[0])
)


def main() -> None:
    """Deploy twice, switch while others score, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--switches", type=int, default=200)
    parser.add_argument("--bare", type=int, default=10000)
    parser.add_argument("--sessions", type=int, default=8)
    arguments = parser.parse_args()
    with private_server() as server, tempfile.TemporaryDirectory() as folder:
        dsn = server.dsn()
        prepare(dsn, Path(folder))
        allowed = answers(dsn)
        counts: Counter[str] = Counter()
        stop = threading.Event()
        sessions = [
            threading.Thread(target=score, args=(dsn, STATEMENTS[n % 3], allowed, counts, stop))
            for n in range(arguments.sessions)
        ]
        for session in sessions:
            session.start()
        times, cpu = switch(dsn, arguments.switches)
        begin = time.perf_counter()
        switch_bare(dsn, arguments.bare)
        seconds = time.perf_counter() - begin
        fresh = [timed(dsn, 1 + n % 2) for n in range(10)]
        stop.set()
        for session in sessions:
            session.join()
        report("promote over an open connection", times)
        report("CPU time of it, in the server and here", cpu)
        report("promote with a connection of its own", fresh)
        done = ", ".join(f"{name}: {count:,}" for name, count in sorted(counts.items()))
        print(f"{arguments.bare:,} bare switches in {seconds:.0f} s")
        print(f"statements of {arguments.sessions} sessions meanwhile: {done}")
        if set(counts) - {"whole"}:
            sys.exit(1)


def prepare(dsn: str, folder: Path) -> None:
    """Two versions whose labels tell which one gave them, and a table of rows."""
    session = psycopg2.connect(dsn)
    session.autocommit = True
    cursor = session.cursor()
    cursor.execute("create extension plpython3u")
    columns = ", ".join(f"{name} double precision default 0.1" for name in COLUMNS)
    cursor.execute(f"create table cards (id int, {columns})")
    cursor.execute("insert into cards (id) select g from generate_series(1, 50) g")
    session.close()
    for number in (1, 2):
        path = folder / f"v{number}.h5"
        write_sequential(path, SIZES, ["relu"] * 3 + ["sigmoid"], seed=number)
        exporter.deploy(
            exporter.read(path),
            dsn,
            target="postgres",
            name="m",
            features=COLUMNS,
            labels=[f"no{number}", f"yes{number}"],
        )


def answers(dsn: str) -> set[tuple[float, str]]:
    """(score, label) of the row by each version."""
    found = set()
    for number in (1, 2):
        exporter.promote(dsn, "m", number)
        session = psycopg2.connect(dsn)
        with session.cursor() as cursor:
            cursor.execute(STATEMENTS[0])
            found.add(cursor.fetchone())
        session.close()
    return found


def score(
    dsn: str,
    statement: str,
    allowed: set[tuple[float, str]],
    counts: Counter[str],
    stop: threading.Event,
) -> None:
    """Ask until told to stop, and count whole answers, mixed ones and errors."""
    session = psycopg2.connect(dsn)
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute(PREPARE)
        while not stop.is_set():
            try:
                cursor.execute(statement)
                rows = set(cursor.fetchall())
            except psycopg2.Error as error:
                counts[str(error).splitlines()[0]] += 1
                continue
            is_whole = len(rows) == 1 and rows <= allowed
            counts["whole" if is_whole else "mixed"] += 1
    session.close()


def switch(dsn: str, switches: int) -> tuple[list[float], list[float]]:
    """Promote the one and the other in turns; seconds of each by the clock, and of processors."""
    session = psycopg2.connect(dsn)
    times, processors = [], []
    for number in range(switches):
        begin, used = time.perf_counter(), time.thread_time() + server_seconds(session)
        exporter.promote(session, "m", 1 + number % 2)
        session.commit()
        times.append(time.perf_counter() - begin)
        processors.append(time.thread_time() + server_seconds(session) - used)
    session.close()
    return times, processors


def switch_bare(dsn: str, switches: int) -> None:
    """Switch by the statements of a promotion that others see."""
    with connect(dsn) as connection:
        scripts = []
        for number in (1, 2):
            version = find_version(connection, "m", number).version
            stored = read_version(connection, "m", version)
            statements = make_compiler(connection, stored, Release()).switch(action="promote")
            scripts.append([s.sql for s in statements if not s.name.startswith(("prove", "sign"))])
        for number in range(switches):
            execute(connection, "set local search_path = pg_catalog, pg_temp")
            for sql in scripts[number % 2]:
                execute(connection, sql)
            connection.commit()


def server_seconds(session: Any) -> float:
    """CPU time of the server's process of a session; Linux tells."""
    stat = Path(f"/proc/{session.get_backend_pid()}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def timed(dsn: str, number: int) -> float:
    """Seconds of one promotion that connects and, in the new session, starts Python."""
    begin = time.perf_counter()
    exporter.promote(dsn, "m", number)
    return time.perf_counter() - begin


def report(what: str, times: list[float]) -> None:
    """Median, the 99th of 100, the longest."""
    ordered = sorted(times)
    late = ordered[int(len(ordered) * 0.99)]
    print(
        f"{what}: median {statistics.median(ordered) * 1000:.0f} ms,"
        f" 99 % below {late * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
