"""Ratios between ways to score the card-fraud table in PostgreSQL, by wall clock and by CPU time.

    python benchmarks/ratios.py [--rows N] [--runs N] [--larger N] [--without-avx512]

Starts a private PostgreSQL. All take turns, and the ratio is that of medians. CPU time is that
of all processes together: the server's, ours, and those of clients. --larger also measures what
writes a table of N times the rows, for what a run costs once. --without-avx512 tells numpy
and OpenBLAS, in the server and in clients, to do as on an older processor.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import recipes
from forms import HERE, Task, limit_environment, open_forms
from names import CLIENT_TENSORFLOW, COMMAND, RECIPE, TABLE_FUNCTION
from networks import NETWORKS, Network, save
from server import deploy_network, examine, find_postmaster, make_table, pin, run_all, session
from workers import Worker, own_cores

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

NO_AVX512 = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL",
    "OPENBLAS_CORETYPE": "Haswell",
}
SETTINGS_OF_BLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES")
IN_PLACE, WIDE = "numpy in place", Network("wide", (28, 1024, 1024, 1), 20_000, columns=True)
FORMS_OF: dict[str, dict[int, tuple[str, ...]]] = {
    "fraud": {
        1: (IN_PLACE, TABLE_FUNCTION, COMMAND, RECIPE),
        2: (IN_PLACE, COMMAND, CLIENT_TENSORFLOW),
    },
    "wide": {1: (IN_PLACE, TABLE_FUNCTION), 2: ()},
    "larger": {1: (COMMAND, RECIPE), 2: (COMMAND, CLIENT_TENSORFLOW)},
}
"""What is measured of each network, by how many cores."""
TICK = os.sysconf("SC_CLK_TCK")
Name = tuple[str, str, int]
"""A network, a form, and on how many cores."""
GOALS: tuple[tuple[Name, Name, float | None, bool], ...] = (
    (("fraud", TABLE_FUNCTION, 1), ("fraud", IN_PLACE, 1), 1.35, True),
    (("wide", TABLE_FUNCTION, 1), ("wide", IN_PLACE, 1), 1.1, True),
    (("fraud", IN_PLACE, 1), ("fraud", IN_PLACE, 2), None, False),
    (("fraud", COMMAND, 1), ("fraud", COMMAND, 2), 1.8, False),
    (("fraud", RECIPE, 1), ("fraud", COMMAND, 2), 4.5, False),
    (("fraud", CLIENT_TENSORFLOW, 2), ("fraud", COMMAND, 2), 4.5, False),
    (("larger", COMMAND, 1), ("larger", COMMAND, 2), 1.8, False),
    (("larger", RECIPE, 1), ("larger", COMMAND, 2), 4.5, False),
    (("larger", CLIENT_TENSORFLOW, 2), ("larger", COMMAND, 2), 4.5, False),
)
"""What is divided by what, the limit, and whether the ratio is to be at most that. Those with a
network's command are promises about its time, the others about cost: see main(). Without a limit:
what two processes gain on this machine that share nothing but its memory."""


class Clock:
    """Seconds of CPU time of a server's processes, ours and our children."""

    def __init__(self, postmaster: int) -> None:
        self.roots = (postmaster, os.getpid())

    def read(self) -> float:
        """So far; of children that have ended too."""
        ticks = 0
        for root in self.roots:
            ticks += sum(_ticks(root))
            for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
                try:
                    ticks += sum(_ticks(int(child))[:2])
                except FileNotFoundError:
                    continue  # it has just ended: its parent has its time now, or will
        return ticks / TICK


def _ticks(pid: int) -> list[int]:
    """User and system time, and those of children that were waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


def prepare(dsn: str, network: Network, home: Path) -> tuple[Task, Path]:
    """The model, its table, its weights in a file, and rows of the same kind in another."""
    make_table(dsn, f"{network.name}_real", network, "real", network.rows)
    # As tables have one: without it the command looks first whether the key tells rows apart.
    run_all(dsn, [f"alter table {network.name}_real add primary key (id)"])
    deploy_network(dsn, network, network.name)
    weights = save(network, home / f"{network.name}.npz")
    rows = home / f"{network.name}.npy"
    generator = np.random.default_rng(1)
    np.save(rows, generator.uniform(-1, 1, (network.rows, network.width)).astype(np.float32))
    for path in (weights, rows):
        path.chmod(0o644)
    return Task(dsn, network, network.name, weights, f"{network.name}_real", "real"), rows


def share(workers: Sequence[Worker]) -> float:
    """Seconds in which workers that run at once have scored as many rows as one of them holds."""
    start = time.perf_counter()
    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(Worker.ask, workers))
    return (time.perf_counter() - start) / len(workers)


def measure(
    forms: dict[Name, Callable[[], float]], clock: Clock, runs: int
) -> dict[Name, tuple[list[float], list[float]]]:
    """(wall, CPU) seconds of each form, in turns; the first turn does not count."""
    found: dict[Name, tuple[list[float], list[float]]] = {name: ([], []) for name in forms}
    for number in range(runs + 1):
        print(f"  run {number} of {runs}", file=sys.stderr, flush=True)
        for name, form in forms.items():
            before = clock.read()
            seconds = form()
            time.sleep(0.05)  # for sessions that end after their client
            if number:
                found[name][0].append(seconds)
                found[name][1].append(clock.read() - before)
    return found


def show(found: dict[Name, tuple[list[float], list[float]]], rows: dict[str, int]) -> None:
    """Medians, and the ratios beside what they should be."""
    print(f"\n{'us a row':<32}{'wall':>8}{'CPU':>8}")
    middle = {name: [statistics.median(times) for times in both] for name, both in found.items()}
    for (network, form, cores), (wall, cpu) in middle.items():
        per = 1e6 / rows[network]
        print(f"{f'{network}, {form}, {cores}':<32}{wall * per:>8.2f}{cpu * per:>8.2f}")
    print(f"\n{'ratio':<62}{'goal':>8}{'wall':>8}{'CPU':>8}")
    for above, below, limit, is_most in GOALS:
        if above in middle and below in middle:
            text = " / ".join(f"{network} {form} {n}" for network, form, n in (above, below))
            wall, cpu = (a / b for a, b in zip(middle[above], middle[below], strict=True))
            goal = "" if limit is None else f"{'<=' if is_most else '>='} {limit:g}"
            print(f"{text:<62}{goal:>8}{wall:>8.2f}{cpu:>8.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all. Of the goals those that are at most are held by CPU time on one core, which
    others on the machine disturb least; the others by wall clock, for jobs share no CPU time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=NETWORKS[0].rows, help="of the fraud table")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--larger", type=int, metavar="N", help="also N times the rows")
    parser.add_argument("--without-avx512", action="store_true")
    options = parser.parse_args(arguments)
    environment = NO_AVX512 if options.without_avx512 else {}
    for name in SETTINGS_OF_BLAS:
        os.environ.pop(name, None)
    os.environ.update(environment)
    networks = [replace(NETWORKS[0], rows=options.rows), WIDE]
    if options.larger:
        rows = options.rows * options.larger
        networks.append(replace(NETWORKS[0], name="larger", rows=rows))
    cores = own_cores()
    load = os.getloadavg()[0]
    with (
        private_server(environment=environment) as server,
        TemporaryDirectory() as folder,
        ExitStack() as stack,
    ):
        home = Path(folder)
        home.chmod(0o755)
        dsn = server.dsn()
        run_all(dsn, ["create extension plpython3u", *recipes.install()])
        facts = examine(dsn)
        with session(dsn):
            clock = Clock(find_postmaster(dsn))
        forms: dict[Name, Callable[[], float]] = {}
        for network in networks:
            task, values = prepare(dsn, network, home)
            for count, wanted in FORMS_OF[network.name].items():
                if count > len(cores):
                    continue
                if IN_PLACE in wanted:
                    command = [facts["interpreter"], HERE / "in_place.py", task.weights, values]
                    words = [str(word) for word in command]
                    workers = [
                        stack.enter_context(Worker(words, [core], limit_environment(facts)))
                        for core in cores[:count]
                    ]
                    forms[network.name, IN_PLACE, count] = partial(share, workers)
                if wanted:
                    opened = open_forms([task], values, cores[:count], facts, wanted)
                    (measures,) = stack.enter_context(opened)
                    forms |= {(network.name, form, count): run for form, run in measures.items()}
        found = measure(forms, clock, options.runs)
        pin(facts["postmaster"], cores)
    show(found, {network.name: network.rows for network in networks})
    after = os.getloadavg()[0]
    print(f"\nload of the machine {load:.1f} before, {after:.1f} after; {len(cores)} cores")


if __name__ == "__main__":
    main()
