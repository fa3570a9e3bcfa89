"""An independent judge of generated PL/SQL: a grammar of the language that others wrote.

It is the npm package of package.json, in one node process for all texts, because its start and
the first of them take it longest. It sees syntax only: no undeclared names, types or arguments.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from budgets import is_thorough

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / "build" / "plsql-grammar"
KEPT = HERE / "verdicts.json"
FILES = ("package.json", "package-lock.json", "check.mjs")
# Short-lived objects of many megabytes, cleared by one thread: the tests run in two processes.
NODE_OPTIONS = ("--max-semi-space-size=128", "--single-threaded-gc")
COMMAND_OF_SQLPLUS = re.compile(r"(rem|set|whenever|prompt|show errors|variable)\b|\s*$")
INSTALL_TIMEOUT_S = 300
PARSE_TIMEOUT_S = 1800


class Missing(Exception):
    """The grammar cannot be used on this machine, and why."""


def split_script(text: str) -> list[str]:
    """The statements of a script for SQL*Plus, each with the line "/" that ends it."""
    statements = []
    lines: list[str] = []
    for line in text.splitlines():
        if not lines and COMMAND_OF_SQLPLUS.match(line):
            continue
        lines.append(line)
        if line == "/":
            statements.append("\n".join(lines) + "\n")
            lines = []
    if lines:
        raise ValueError(f"the last statement is not ended by a line /: {lines[0]}")
    return statements


def find_errors(units: Mapping[str, str]) -> dict[str, list[str]]:
    """What the grammar says of each text, by its name: "line:column message", or nothing.

    Reading all of them takes it half a minute, so what it said of a text is kept: in KEPT for those
    of this commit, in build/ for others. That is good as long as the text, the grammar's version
    and the program that asks it are the same; the profile `thorough` asks anew.

    Raises: Missing, where node or the grammar cannot be had.
    """
    texts = {name: _without_digests(text) for name, text in units.items()}
    places = {name: _verdict_path(text) for name, text in texts.items()}
    known = {} if is_thorough() else _known()
    found = {name: known[path.stem] for name, path in places.items() if path.stem in known}
    kept = {} if is_thorough() else {n: p for n, p in places.items() if p.exists()}
    found |= {
        name: json.loads(path.read_text()) for name, path in kept.items() if name not in found
    }
    if unread := {name: text for name, text in texts.items() if name not in found}:
        found |= _read(install(), unread)
        for name in unread:
            _write(places[name], json.dumps(found[name]))
    return {name: found[name] for name in units}


def keep(units: Iterable[Mapping[str, str]]) -> None:
    """Write KEPT: what the grammar says of these texts, which is asked where it is not known."""
    verdicts = {}
    for texts in units:
        errors = find_errors(texts)
        stems = {name: _verdict_path(_without_digests(text)).stem for name, text in texts.items()}
        verdicts |= {stem: errors[name] for name, stem in stems.items()}
    lines = [f"  {json.dumps(stem)}: {json.dumps(verdicts[stem])}" for stem in sorted(verdicts)]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@cache
def _known() -> dict[str, list[str]]:
    """What is in KEPT."""
    content: dict[str, list[str]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return content


def _without_digests(text: str) -> str:
    """The text with the same digest everywhere: names and literals have them, a grammar does not
    look into either."""
    return re.sub(
        r"(?<=[_'])[0-9a-fA-F]{8}(?:[0-9a-fA-F]{56})?(?=\W)", lambda m: "d" * len(m[0]), text
    )


def _read(folder: Path, units: Mapping[str, str]) -> dict[str, list[str]]:
    """The same by the grammar itself."""
    grammar = _start(folder)
    assert grammar.stdin is not None and grammar.stdout is not None
    request = [{"name": name, "text": text} for name, text in units.items()]
    grammar.stdin.write(json.dumps(request) + "\n")
    grammar.stdin.flush()
    if not select.select([grammar.stdout], [], [], PARSE_TIMEOUT_S)[0]:
        raise RuntimeError(f"the grammar did not answer within {PARSE_TIMEOUT_S} s")
    answer = grammar.stdout.readline()
    if not answer:
        raise RuntimeError("the grammar's process has ended; its error stands above")
    return {item["name"]: item["errors"] for item in json.loads(answer)}


@cache
def _start(folder: Path) -> subprocess.Popen[str]:
    """The process that reads, until this one ends: what a grammar learns of a language from the
    first texts takes most of its time."""
    grammar = subprocess.Popen(
        ["node", *NODE_OPTIONS, "check.mjs"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, grammar)
    return grammar


def _end(grammar: subprocess.Popen[str]) -> None:
    with grammar:
        grammar.kill()


def _verdict_path(text: str) -> Path:
    """Where it is kept what the grammar said of a text."""
    made_of = hashlib.sha256()
    for name in FILES:
        made_of.update((HERE / name).read_bytes() + b"\0")
    made_of.update(text.encode())
    return CACHE / "verdicts" / f"{made_of.hexdigest()[:24]}.json"


def _write(path: Path, text: str) -> None:
    """A file that is there whole or not at all: the tests run in two processes."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)


@cache
def install() -> Path:
    """The folder with the grammar's packages, outside of git; they are fetched once."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed (Debian: apt-get install nodejs npm)")
    CACHE.mkdir(parents=True, exist_ok=True)
    is_new = any(_differs(name) for name in FILES)
    for name in FILES:
        shutil.copyfile(HERE / name, CACHE / name)
    if is_new or not (CACHE / "node_modules" / "antlr4").is_dir():
        _install_packages()
    return CACHE


def _differs(name: str) -> bool:
    copy = CACHE / name
    return not copy.exists() or copy.read_bytes() != (HERE / name).read_bytes()


def _install_packages() -> None:
    # The grammar names an older antlr4 as its peer; the one pinned here reads it as well.
    command = ["npm", "ci", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            command,
            cwd=CACHE,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"npm did not finish within {INSTALL_TIMEOUT_S} s") from error
    if done.returncode:
        raise Missing(f"npm cannot install the grammar: {done.stderr.strip()[-300:]}")
