"""A PostgreSQL server of one's own, for the demo, the tests and the benchmarks.

The cluster lies in a temporary directory and is gone, with that directory, when the block ends:

    with private_server(work_mem="64MB") as server:
        connection = psycopg2.connect(server.dsn())
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import port_for
from pytest_postgresql.executors import PostgreSQLExecutor

APT_LINE = (
    "apt-get install postgresql-15 postgresql-plpython3-15 python3-numpy libopenblas0-pthread"
)
"""The command that puts a server, PL/Python, numpy and a fast BLAS on a Debian 12 machine."""

SERVER_USER = "postgres"
"""The operating system's user that runs the server when we are root, and the superuser's name."""

OTHER_USER = "nobody"
"""Who runs it for root where that one does not exist, because nothing is installed."""

MIN_VERSION: int = PostgreSQLExecutor.MIN_SUPPORTED_VERSION.major
"""The oldest major version of PostgreSQL that pytest-postgresql starts."""

START_TIMEOUT_S = 60
"""Seconds that initdb, the start and the stop may each take."""

# A superuser of PL/Python runs code as the server's user, so nobody else on the machine may come
# in: the socket lies in a directory that only its owner (and root) can enter, and TCP wants a
# password, which the superuser does not have.
HBA = """\
local all all              trust
host  all all 127.0.0.1/32 scram-sha-256
"""

QUICK: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Settings of every private server: its data need not outlive a crash."""


class ServerError(RuntimeError):
    """No private server can be had; the message says why and what mends it."""


@dataclass(frozen=True)
class Server:
    """A running private server."""

    executor: PostgreSQLExecutor
    bindir: Path
    """The directory of pg_ctl, psql and pg_dump of the server's version."""

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, which is also in the socket's name."""
        return int(self.executor.port)

    @property
    def socket_dir(self) -> Path:
        """The directory of the Unix socket; only the invoking user can enter it."""
        return Path(self.executor.unixsocketdir)

    @property
    def log_path(self) -> Path:
        """The server's log; gone when the server is."""
        return Path(self.executor.logfile)

    def dsn(self, dbname: str = "postgres", user: str = SERVER_USER) -> str:
        """Return a postgresql:// URL through the socket, where any role may log in unasked."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(user, safe='')}@{host}:{self.port}/{quote(dbname, safe='')}"


@contextmanager
def private_server(
    environment: Mapping[str, str] | None = None,
    parent: str = "/tmp",
    bindir: Path | None = None,
    **settings: object,
) -> Iterator[Server]:
    """Start a cluster, lend it, then stop it and remove its directory.

    environment: variables for the server's processes, such as OPENBLAS_NUM_THREADS; they see
    nothing of ours. parent: where its directory is made; a short path, for a socket's ends at 107
    bytes. bindir: where pg_ctl lies, which find_bindir() tells else. settings: parameters of
    postgresql.conf, such as work_mem="64MB".

    The end is orderly too after Ctrl-C, SIGTERM and SIGHUP, when called in the main thread.

    Raises: ServerError, when PostgreSQL is missing or does not start (with the end of its log).
    """
    bindir = bindir or find_bindir()
    with _Signals() as signals:
        home: Path | None = None
        executor: PostgreSQLExecutor | None = None
        try:
            with signals.held():
                home = _make_home(parent)
                executor = _prepare(home, bindir, environment or {}, settings)
                _start(executor)
            yield Server(executor, bindir)
        finally:
            with signals.held():
                try:
                    if executor is not None:
                        _stop(executor)
                finally:
                    if home is not None:
                        shutil.rmtree(home, ignore_errors=True)


def find_bindir() -> Path:
    """Return the directory of pg_ctl: the newest version, those with PL/Python first.

    Raises: ServerError, when there is none of at least MIN_VERSION.
    """
    candidates = set(Path("/usr/lib/postgresql").glob("*/bin"))
    for program in ("pg_config", "pg_ctl"):
        if found := shutil.which(program):
            candidates.add(Path(found).resolve().parent)
    if found := shutil.which("pg_config"):
        candidates.add(Path(_output(found, "--bindir")))
    ranked = sorted(
        ((_has_plpython(bindir), _major_version(bindir), bindir) for bindir in candidates),
        reverse=True,
    )
    for _, version, bindir in ranked:
        if version >= MIN_VERSION:
            return bindir
    raise ServerError(f"no PostgreSQL {MIN_VERSION} or newer (pg_ctl) here; run: {APT_LINE}")


def find_wheel() -> Path:
    """Return the directory of pg_ctl of the package pgserver, which pip installs: a PostgreSQL with
    pgvector and without PL/Python, as managed ones are.

    Raises: ServerError, when it is not there.
    """
    found = importlib.util.find_spec("pgserver")
    for folder in (found.submodule_search_locations or ()) if found else ():
        bindir = Path(folder) / "pginstall" / "bin"
        if (bindir / "pg_ctl").exists():
            return bindir
    raise ServerError("the package pgserver is not installed; run: pip install pgserver")


def _output(*command: str | Path) -> str:
    """Return what a command prints, or nothing when it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _major_version(bindir: Path) -> int:
    # "pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
    words = _output(bindir / "pg_ctl", "--version").split()
    digits = words[2].split(".")[0] if len(words) > 2 else ""
    return int(digits) if digits.isdigit() else 0


def _has_plpython(bindir: Path) -> bool:
    sharedir = _output(bindir / "pg_config", "--sharedir")
    return bool(sharedir) and (Path(sharedir) / "extension" / "plpython3u.control").exists()


def _make_home(parent: str) -> Path:
    """Make the cluster's directory, owned by whoever runs the server.

    TMPDIR has no say: its path may be long, and when we are root the server's user must be able to
    enter it.
    """
    home = Path(tempfile.mkdtemp(prefix="private_server_", dir=parent))
    (home / "socket").mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(server_account())
        for directory in (home, home / "socket"):
            os.chown(directory, account.pw_uid, account.pw_gid)
    return home


def server_account() -> str:
    """Return the operating system's user that runs the server for root, which PostgreSQL refuses to
    be."""
    known = {item.pw_name for item in pwd.getpwall()}
    return SERVER_USER if SERVER_USER in known else OTHER_USER


def _prepare(
    home: Path, bindir: Path, environment: Mapping[str, str], settings: Mapping[str, object]
) -> PostgreSQLExecutor:
    """Run initdb and write the two configuration files."""
    pg_ctl = _write_pg_ctl(home, bindir, environment)
    executor = PostgreSQLExecutor(
        executable=str(pg_ctl),
        host="127.0.0.1",
        port=port_for.select_random(),
        datadir=str(home / "data"),
        unixsocketdir=str(home / "socket"),
        logfile=str(home / "server.log"),
        startparams="-w",
        dbname="postgres",
        user=SERVER_USER,
        timeout=START_TIMEOUT_S,
    )
    try:
        executor.init_directory()
    except subprocess.CalledProcessError as error:
        raise ServerError(f"initdb failed with status {error.returncode}") from error
    data = home / "data"
    (data / "pg_hba.conf").write_text(HBA)
    with (data / "postgresql.conf").open("a") as file:
        for name, value in {**QUICK, **settings}.items():
            quoted = str(value).replace("'", "''")
            file.write(f"{name} = '{quoted}'\n")
    return executor


def _write_pg_ctl(home: Path, bindir: Path, environment: Mapping[str, str]) -> Path:
    """Write a pg_ctl that runs as the right user in an environment like a system service's.

    PL/Python looks for its python3 along PATH. With an active virtual environment in front it
    would take that one's numpy for the server's, so nothing of our environment gets through.
    """
    variables = {
        "PATH": f"{bindir}:/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        **environment,
    }
    command = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    command.append(f"{bindir}/pg_ctl")
    if os.geteuid() == 0:
        command = ["runuser", "-u", server_account(), "--", *command]
    script = home / "pg_ctl"
    # The caller's directory may be one that the server's user cannot enter, such as /root.
    script.write_text(f'#!/bin/sh\ncd / && exec {shlex.join(command)} "$@"\n')
    script.chmod(0o755)
    return script


def _start(executor: PostgreSQLExecutor) -> None:
    try:
        executor.start()
        # The port answers while pg_ctl still waits; only its end says that roles can log in.
        launcher = executor.process
        if launcher is not None and launcher.wait(START_TIMEOUT_S) != 0:
            raise ChildProcessError("pg_ctl start failed")
    except Exception as error:
        log = Path(executor.logfile)
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"
        raise ServerError(f"PostgreSQL did not start: {error}\n{tail}") from error


def _stop(executor: PostgreSQLExecutor) -> None:
    """Stop the server in seconds, by force where it must be."""
    try:
        if executor.running():
            executor.stop()
    except Exception:
        subprocess.run(
            [executor.executable, "stop", "-D", executor.datadir, "-m", "immediate"],
            capture_output=True,
            check=False,
        )
    finally:
        executor.kill()


class _Signals:
    """Turns the signals that end a program into KeyboardInterrupt, but never while `held`.

    Python's own answer to SIGTERM skips every `finally`, and a second Ctrl-C would cut the
    clean-up short. A signal that comes while held is raised when the hold ends.
    """

    HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self._before: dict[signal.Signals, object] = {}
        self._depth = 0
        self._pending: int | None = None

    def __enter__(self) -> _Signals:
        if threading.current_thread() is threading.main_thread():
            for number in self.HANDLED:
                before = signal.getsignal(number)
                # nohup and its like set SIG_IGN on purpose; None is a handler set by C code.
                if before not in (signal.SIG_IGN, None):
                    self._before[number] = before
                    signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep signals waiting until the block has ended."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._pending is not None and not self._depth:
                number, self._pending = self._pending, None
                self._raise(number)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._depth:
            self._pending = number
        else:
            self._raise(number)

    @staticmethod
    def _raise(number: int) -> None:
        # Not SystemExit: pytest would take that for one test's failure and go on to the next.
        raise KeyboardInterrupt(signal.Signals(number).name)
