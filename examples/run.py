"""Run one of the SQL examples on a private PostgreSQL, which is gone afterwards.

    python examples/run.py particles
    python examples/run.py particles --keep  # opens psql at the end

A folder here with an example.sql is an example. Its files, in the order they are used:

    tables.sql   the tables, and the CSV files that fill them
    export.txt   the export-model commands, as they are typed in that folder
    example.sql  what a user does then, ending in a check that raises an exception

train.py made the network and the data; only maintainers run it, it needs TensorFlow.

Exit status: 0; 1 when a step fails, such as the check at the end of example.sql; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from private_server import ServerError, private_server  # noqa: E402

EXAMPLES = sorted(path.parent.name for path in HERE.glob("*/example.sql"))
"""The names of all examples."""

PROGRAM = (str(Path(sys.executable).with_name("export-model")),)
"""The export-model of the same virtual environment, whether that one is active or not."""


class ExampleError(RuntimeError):
    """A step of an example failed; the message says which."""


def main() -> int:
    """Run the example that the command line names and return the exit status."""
    parser = argparse.ArgumentParser(description="Run an example on a private PostgreSQL.")
    parser.add_argument("name", choices=EXAMPLES, metavar="NAME", help=", ".join(EXAMPLES))
    parser.add_argument("--keep", action="store_true", help="open psql at the end")
    arguments = parser.parse_args()
    try:
        with private_server() as server:
            dsn = server.dsn()
            load(arguments.name, dsn, server.bindir)
            export(arguments.name, dsn)
            play(arguments.name, dsn, server.bindir)
            if arguments.keep:
                open_psql(arguments.name, dsn, server.bindir)
    except (ExampleError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def load(name: str, dsn: str, bindir: Path) -> None:
    """Create PL/Python and the example's tables, and fill them."""
    _psql(name, dsn, bindir, "-c", "create extension if not exists plpython3u")
    _psql(name, dsn, bindir, "-f", "tables.sql")


def export(name: str, dsn: str, program: Sequence[str] = PROGRAM) -> None:
    """Run the commands of export.txt as they stand, after showing them.

    program: what to run as export-model.
    Raises: ExampleError, when one exits with another status than 0.
    """
    for line in read_commands(name):
        print(f"$ {line}", flush=True)
        words = [word.replace("$DSN", dsn) for word in shlex.split(line)]
        command = [*program, *words[1:]]
        _run(command, name, "export-model")
        print(flush=True)


def read_commands(name: str) -> list[str]:
    """The commands of export.txt, one line each; a backslash at a line's end continues it."""
    text = (HERE / name / "export.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def play(name: str, dsn: str, bindir: Path, *then: str) -> None:
    """Run example.sql and show what it prints.

    then: options of psql for what the same session does afterwards.
    Raises: ExampleError, when its check, or any statement before it, fails.
    """
    _psql(name, dsn, bindir, "-f", "example.sql", *then)


def open_psql(name: str, dsn: str, bindir: Path) -> None:
    """Hand the terminal to psql on the example's database until it is left."""
    print("\nLeave psql with \\q; the server goes with it.", flush=True)
    # Ctrl-C shall end a query in psql, not us. A handler, unlike SIG_IGN, is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run([bindir / "psql", dsn], cwd=HERE / name, check=False)
    finally:
        signal.signal(signal.SIGINT, before)


def _psql(name: str, dsn: str, bindir: Path, *arguments: str) -> None:
    options = ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-P", "pager=off"]
    _run([str(bindir / "psql"), dsn, *options, *arguments], name, f"psql {' '.join(arguments)}")


def _run(command: Sequence[str], name: str, what: str) -> None:
    # In the example's folder, because tables.sql and export.txt name their files relative to it.
    status = subprocess.run(command, cwd=HERE / name, check=False).returncode
    if status != 0:
        raise ExampleError(f"{name}: {what} ended with status {status}")


if __name__ == "__main__":
    sys.exit(main())
