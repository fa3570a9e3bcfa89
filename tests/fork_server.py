"""Processes that need not start Python and load what they run: they are forked.

    server = ForkServer("program", environment)
    server.run(["export-model", "list", "--dsn", dsn], cwd, environment)

Run as a program, this file loads export-model, or the libraries that export-model asks for expected
outputs, and then forks a process for each request. What comes back is what a process started anew
gives: it has arguments, variables, a folder, streams and an exit status of its own. What Python
reads before it starts (PYTHONPATH, the locale) stays the server's.

With the path of a socket it forks for whoever connects there: for the small program CLIENT, which a
shell finds in the place of export-model, and whose streams the forked process has.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

PROGRAM = "export-model"
CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as door:
    door.connect({path!r})
    request = {{"arguments": [{name!r}, *sys.argv[1:]], "cwd": os.getcwd()}}
    text = json.dumps({{**request, "environment": dict(os.environ)}}).encode()
    socket.send_fds(door, [b"%8d" % len(text)], [0, 1, 2])
    door.sendall(text)
    sys.exit(int(door.recv(8)))
"""
TIMEOUT_S = 600  # where a dozen others use the processors, an example takes two minutes
MODEL = Path(__file__).parent / "data" / "particle.h5"
LIBRARIES = (  # of predictors and transformers, and what asks them
    "exporter.cli.program", "joblib", "lightgbm", "pandas", "sklearn.compose",
    "sklearn.decomposition", "sklearn.ensemble", "sklearn.feature_extraction.text",
    "sklearn.impute", "sklearn.linear_model", "sklearn.neural_network", "sklearn.pipeline",
    "sklearn.preprocessing", "sklearn.svm", "xgboost",
)  # fmt: skip


class ForkServer:
    """A process that has loaded the program or the libraries, and forks; it ends with this one at
    the latest. door is the path of a socket for CLIENT, in the place of run()."""

    def __init__(self, loads: str, environment: Mapping[str, str], door: str = "") -> None:
        # With one thread only: a fork takes no other thread along.
        self._process = subprocess.Popen(
            [sys.executable, __file__, loads, *([door] if door else [])],
            env={**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)
        if door:
            assert self._process.stdout is not None
            self._process.stdout.readline()  # it listens

    def run(
        self,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        timeout_s: float = TIMEOUT_S,
    ) -> subprocess.CompletedProcess[str]:
        """Run the program, or a module or file by name, to its end; its output is captured."""
        server = self._process
        assert server.stdin is not None and server.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder) / "stdout", Path(folder) / "stderr"]
            request = {
                "arguments": list(arguments),
                "cwd": str(cwd),
                "environment": dict(environment),
                "streams": [str(path) for path in streams],
            }
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            if not select.select([server.stdout], [], [], timeout_s)[0]:
                raise subprocess.TimeoutExpired(list(arguments), timeout_s)
            answer = server.stdout.readline()
            if not answer:
                raise RuntimeError("the server that forks has ended; its error stands above")
            stdout, stderr = (path.read_text(encoding="utf-8") for path in streams)
        return subprocess.CompletedProcess(list(arguments), int(answer), stdout, stderr)

    def close(self) -> None:
        """End the server."""
        atexit.unregister(self.close)
        with self._process:
            self._process.kill()


def _serve() -> None:
    """Fork for every request, and answer with the exit status."""
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            request = json.loads(line)
            made = [os.open(path, os.O_WRONLY | os.O_CREAT, 0o600) for path in request["streams"]]
            _become(request, [os.open(os.devnull, os.O_RDONLY), *made])
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _listen(path: str) -> None:
    """Fork for everyone who connects, several at once."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print(flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            caller, _ = door.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(caller)
            caller.close()


def _answer(caller: socket.socket) -> NoReturn:
    """Fork once more, wait, and answer with the exit status."""
    size, streams, *_ = socket.recv_fds(caller, 8, 3)
    text = b""
    while len(text) < int(size):
        text += caller.recv(int(size) - len(text))
    process = os.fork()
    if process == 0:
        caller.close()
        _become(json.loads(text), streams)
    _, status = os.waitpid(process, 0)
    caller.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def _become(request: Mapping[str, Any], streams: Sequence[int]) -> NoReturn:
    """Take over what a process is started with, run to the end and leave."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = list(request["arguments"])
    for number, opened in enumerate(streams):
        os.dup2(opened, number)
        if opened > 2:
            os.close(opened)
    # Those of the server know that theirs could be sought in, or not.
    sys.stdin = os.fdopen(0, encoding=sys.stdin.encoding, closefd=False)
    sys.stdout = _writing(1, sys.stdout)
    sys.stderr = _writing(2, sys.stderr)
    status = 0
    try:
        if sys.argv[0] == PROGRAM:
            main()
        elif sys.argv[0].endswith(".py"):
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            runpy.run_module(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Python's own end would visit every object, and so copy all the memory shared with the server.
    os._exit(status)


def _writing(number: int, like: Any) -> Any:
    """A stream to a descriptor, as Python opens it."""
    return os.fdopen(
        number, "w", 1 if number == 2 else -1, like.encoding, like.errors, closefd=False
    )


def _load_program() -> None:
    """Do beforehand what every export does again: have the templates compiled."""
    model = exporter.read(MODEL)
    for target in DATABASES:
        exporter.script(model, target=target, expected_by="float64")


def _load_libraries(names: Sequence[str]) -> None:
    """What takes seconds to import; a library that is not installed is not asked for."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


if __name__ == "__main__":
    import exporter
    import exporter.cli.program
    from exporter.cli import main
    from exporter.databases import DATABASES

    {
        "program": _load_program,
        "libraries": partial(_load_libraries, LIBRARIES),
        "keras": partial(_load_libraries, ("keras",)),  # which starts threads when it computes
    }[sys.argv[1]]()
    gc.freeze()  # a collection of garbage does not visit what is there now
    if len(sys.argv) > 2:
        _listen(sys.argv[2])
    else:
        _serve()
