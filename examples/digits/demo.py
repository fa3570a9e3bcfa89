"""Export the digits network into a private PostgreSQL, score every row there, compare.

    python examples/digits/demo.py         # or: make demo
    KEEP=1 python examples/digits/demo.py  # or: make demo KEEP=1; opens psql at the end
    ENGINE=pgvector python examples/digits/demo.py  # or: make demo ENGINE=pgvector

With ENGINE=pgvector the server is the one of the Python package pgserver, which has pgvector and no
PL/Python: nothing of the system is needed, and no root.

Exit status: 0; 1 when the database differs from the framework by more than MAX_DIFFERENCE or
something fails; 130 after Ctrl-C.
"""

from __future__ import annotations

import csv
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from private_server import Server, ServerError, find_wheel, private_server  # noqa: E402

PIXELS = ",".join(f"p{i}" for i in range(64))
DIGITS = ",".join(str(i) for i in range(10))
EXTENSIONS = {"plpython": "plpython3u", "pgvector": "vector"}
MAX_DIFFERENCE = 1e-5
"""The largest allowed difference of a probability to the framework's, absolute."""

TABLE = f"""
CREATE TABLE digits (
    id integer PRIMARY KEY,
    {", ".join(f"{pixel} real" for pixel in PIXELS.split(","))},
    label integer,
    is_test boolean
)"""

# psql replaces :pixels by p0,...,p63; the demo sets that variable.
TO_TRY = """\
  SELECT id, label AS truth, digits.label(:pixels) AS guess FROM digits LIMIT 5;
  SELECT label AS truth, digits.label(:pixels) AS guess, count(*)
    FROM digits WHERE is_test GROUP BY 1, 2 ORDER BY 3 DESC;
  SELECT id, label, (SELECT max(p) FROM unnest(digits.score(:pixels)) AS p) AS certainty
    FROM digits ORDER BY certainty LIMIT 5;
  SELECT digits.verify();"""


class DemoError(RuntimeError):
    """A step of the demo failed; the message says which."""


def main() -> int:
    """Run the demo and return the exit status."""
    keep = os.environ.get("KEEP", "") not in ("", "0")
    engine = os.environ.get("ENGINE", "") or "plpython"
    if engine not in EXTENSIONS:
        print(f"ENGINE is {engine}; give {' or '.join(EXTENSIONS)}", file=sys.stderr)
        return 1
    try:
        with private_server(bindir=find_wheel() if engine == "pgvector" else None) as server:
            print(f"PostgreSQL runs, private to this demo: {server.bindir}, port {server.port}")
            connection = psycopg2.connect(server.dsn())
            load(connection, EXTENSIONS[engine])
            export(server.dsn())
            difference = compare(connection)
            connection.close()
            print(f"\nSQL to try next{'' if keep else ' (make demo KEEP=1 opens psql)'}:\n{TO_TRY}")
            if keep:
                open_psql(server)
    except (DemoError, ServerError, psycopg2.Error) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if not difference <= MAX_DIFFERENCE:
        print(f"The database differs by more than {MAX_DIFFERENCE:g}.", file=sys.stderr)
        return 1
    return 0


def load(connection: Any, extension: str) -> None:
    """Create the table digits from digits.csv, and what the functions to come are made of."""
    with connection, connection.cursor() as cursor, (HERE / "digits.csv").open() as file:
        cursor.execute(f"CREATE EXTENSION {extension}")
        cursor.execute(TABLE)
        cursor.copy_expert("COPY digits FROM STDIN (FORMAT csv, HEADER)", file)
        print(f"Table digits: {cursor.rowcount} handwritten digits of 8 x 8 pixels\n")


def export(dsn: str) -> None:
    """Run the real command line, after showing it.

    Raises: DemoError, when it exits with another status than 0.
    """
    # The program of the same virtual environment, whether that one is active or not.
    program = Path(sys.executable).with_name("export-model")
    arguments = [HERE / "digits.h5", "--target", "postgres", "--dsn", dsn, "--name", "digits"]
    signature = ["--features", PIXELS, "--labels", DIGITS]
    command = [str(word) for word in (program, *arguments, *signature)]
    shown = shlex.join([program.name, "examples/digits/digits.h5", *command[2:]])
    print(f"$ {shown.replace(PIXELS, 'p0,...,p63')}", flush=True)
    start = time.perf_counter()
    status = subprocess.run(command, check=False).returncode
    if status != 0:
        raise DemoError(f"export-model ended with status {status}")
    print(f"({time.perf_counter() - start:.1f} s)\n")


def compare(connection: Any) -> float:
    """Score all rows in SQL, print how good and how fast, return the largest difference."""
    with (HERE / "expected.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        expected = {int(row[0]): [float(value) for value in row[1:]] for row in rows}
    with connection, connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(f"SELECT id, digits.score({PIXELS}) FROM digits")
        scores = dict(cursor.fetchall())
        seconds = time.perf_counter() - start
        cursor.execute(
            f"SELECT avg((digits.label({PIXELS}) = label::text)::int), count(*) "
            "FROM digits WHERE is_test"
        )
        accuracy, tested = cursor.fetchone()
    if scores.keys() != expected.keys():
        raise DemoError(f"{len(scores)} rows scored, {len(expected)} expected")
    difference: float = max(
        abs(got - wanted)
        for row, values in expected.items()
        for got, wanted in zip(scores[row], values, strict=True)
    )
    print(f"Rows scored in SQL          {len(scores)} in {seconds:.2f} s")
    print(f"Accuracy on {tested} test rows   {accuracy:.2%}")
    print(f"Largest difference          {difference:.1e} (to Keras, of a probability)")
    return difference


def open_psql(server: Server) -> None:
    """Hand the terminal to psql on the demo's database until it is left."""
    print("\nLeave psql with \\q; the server goes with it.", flush=True)
    # Ctrl-C shall end a query in psql, not the demo. A handler, unlike SIG_IGN, is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run(
            [server.bindir / "psql", "-v", f"pixels={PIXELS}", server.dsn()], check=False
        )
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
