"""How much of the program could be wrong without a test noticing.

    pip install cosmic-ray
    python benchmarks/mutation.py [--sample 300] [--seed 0] [--jobs 2] [--output FILE] [MODULE ...]

Small changes are made to modules one at a time, in a copy of the tree, and the tests that need no
server and no Keras run against each. A change that none of them notices survives and is printed:
either a test is missing, or the change makes no difference.

The changes are those of cosmic-ray's operators, drawn at random, and each number of the constants
in exporter/ a thousand times larger and smaller, all of them: cosmic-ray adds or subtracts one,
which nobody would notice of a megabyte. mutmut changes the inside of functions alone, and would put
its own code into the text that is shipped into servers.

cosmic-ray's own runner starts one command for every change. Here the tests are run in a process
that is forked from one that has loaded their libraries, which takes a quarter of the time.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
MODULES = (
    "exporter/ir/*.py",
    "exporter/ir/ops/*.py",
    "exporter/samples/*.py",
    "exporter/databases/*/script.py",
    "plpython/*.py",
)
TESTS = ("tests/runtime", "tests/unit")
FAST = (  # of tests/unit, where MODULES are tested most directly
    *(
        "central_numbers",
        "columns",
        "dtypes",
        "folding",
        "history",
        "index_samples",
        "manifest",
        "old_conv_lstm",
    ),
    *("old_images", "old_sequences", "ops", "oracle_text", "passes_and_plan", "payload"),
    *("signature", "text_inputs", "tree_models"),
)
HEAVY = {  # tests of seconds, only for those whose tests they are
    "tests/runtime/test_batches.py": ("plan", "load", "model", "rows", "steps"),
    "tests/runtime/test_trees.py": ("trees",),
    "tests/runtime/test_server_text.py": (),
}
FIRST = ("_numbers", "_passes_", "_ops", "_samples", "_signature", "_kernels", "_payload")
FEW = 3  # numbers; longer lists are drawn from, and one number more or less is nothing to notice
TIMEOUT_S = 180
# Alternatives of types in annotations, which are never evaluated, caches; and what fails itself.
IGNORED = ("ReplaceBinaryOperator_BitOr", "RemoveDecorator", "Variable", "ExceptionReplacer")
LIBRARIES = ("click", "h5py", "hypothesis", "jinja2", "numpy", "psycopg2", "pytest_postgresql")


@dataclass(frozen=True)
class Mutant:
    """A changed module: which change, the line it is in, and that line before and after."""

    module: str
    change: str
    line: int
    before: str
    after: str
    text: str


def make_mutant(path: Path, change: str, text: str) -> Mutant:
    """A module's new text, with the first line that differs."""
    source = path.read_text(encoding="utf-8")
    lines = zip(source.splitlines(), text.splitlines(), strict=False)
    number, (before, after) = next(
        (number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]
    )
    name = path.relative_to(ROOT).as_posix()
    return Mutant(name, change, number, before.strip(), after.strip(), text)


def _constants(source: str) -> Iterator[tuple[str, str]]:
    """Each number of the module's constants, a thousand times larger and smaller."""
    lines = source.splitlines(keepends=True)
    for statement in ast.parse(source).body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            continue
        many = [
            item
            for node in ast.walk(statement.value)
            if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > FEW
            for item in ast.walk(node)
        ]
        for node in ast.walk(statement.value):
            if node in many:
                continue
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                line = lines[node.lineno - 1].encode()
                for change in ("* 1000", "// 1000" if type(node.value) is int else "/ 1000"):
                    new = f"({node.value!r} {change})".encode()
                    changed = line[: node.col_offset] + new + line[node.end_col_offset :]
                    text = "".join(
                        [*lines[: node.lineno - 1], changed.decode(), *lines[node.lineno :]]
                    )
                    yield f"constant {change}", text


def _places(source: str) -> Iterator[tuple[str, int]]:
    """Where cosmic-ray's operators apply: an operator's name, and which of its places."""
    nodes = list(ast_nodes(get_ast(source)))
    for name in sorted(operator_names()):
        if not name.removeprefix("core/").startswith(IGNORED):
            operator = get_operator(name)()
            count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
            yield from ((name, number) for number in range(count))


def choose(modules: list[str], sample: int, seed: int) -> list[Mutant]:
    """All changed constants, and a sample of all other changes."""
    paths = [path for pattern in modules for path in sorted(ROOT.glob(pattern))]
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    central = [
        make_mutant(path, change, text)
        for path, source in sources.items()
        if path.is_relative_to(ROOT / "exporter")  # those of kernels are coefficients
        for change, text in _constants(source)
    ]
    places = [(path, *place) for path, source in sources.items() for place in _places(source)]
    others = [
        make_mutant(path, name.removeprefix("core/"), text)
        for path, name, number in random.Random(seed).sample(places, min(sample, len(places)))
        if (text := mutate_code(sources[path], get_operator(name)(), number))
    ]
    print(
        f"{len(central)} constants; {len(others)} of {len(places)} others, drawn with seed {seed}"
    )
    sys.stdout.flush()
    return central + others


def copy_tree(folder: Path) -> None:
    """The files that git knows, without what is compiled."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)


def tests_of(tree: Path, module: str) -> tuple[list[str], list[str]]:
    """Test files of a tree: those that are likely to notice, then the others."""
    stem = Path(module).stem
    groups: tuple[list[str], list[str]] = ([], [])
    for path in sorted(path for folder in TESTS for path in (tree / folder).glob("test_*.py")):
        name = path.relative_to(tree).as_posix()
        is_fast = name.startswith("tests/runtime/") or path.stem.removeprefix("test_") in FAST
        if is_fast and stem in HEAVY.get(name, (stem,)):
            is_near = stem in name or any(part in name for part in FIRST)
            groups[not is_near].append(name)
    return groups


def is_noticed(tree: Path, mutant: Mutant | None) -> bool:
    """Do tests fail, or not come to an end?"""
    module = mutant.module if mutant else "README.md"
    place = tree / module
    original = place.read_bytes()
    if mutant:
        place.write_text(mutant.text, encoding="utf-8")
        # A file of the same length and second would be taken for the compiled one's.
        for compiled in place.parent.glob(f"__pycache__/{place.stem}.*"):
            compiled.unlink()
    try:
        return any(_fail(tree, tests) for tests in tests_of(tree, module))
    finally:
        place.write_bytes(original)


def _fail(tree: Path, tests: list[str]) -> bool:
    """Run tests in a forked process."""
    process = os.fork()
    if process == 0:
        _run_tests(tree, tests)
    end = time.monotonic() + TIMEOUT_S
    done, status = 0, 1
    while not done and time.monotonic() < end:
        time.sleep(0.05)
        done, status = os.waitpid(process, os.WNOHANG)
    if not done:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return not done or status != 0


def _run_tests(tree: Path, tests: list[str]) -> None:
    """In a process of its own, which ends here."""
    os.setsid()
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    out = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(out, number)
    import pytest

    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plugins are loaded already
    status = 1
    try:
        status = int(pytest.main([*options, "-m", "not database and not framework", *tests]))
    finally:
        os._exit(status)


def work(mutants: list[Mutant], results: Path) -> None:
    """Try mutants in a copy of the tree; a line of JSON for each."""
    for library in LIBRARIES:
        __import__(library)
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        tree = Path(name).resolve()
        copy_tree(tree)
        if is_noticed(tree, None):
            raise SystemExit("the tests fail without any change")
        for mutant in mutants:
            facts = {**asdict(mutant), "is_noticed": is_noticed(tree, mutant)}
            del facts["text"]
            with results.open("a") as file:
                file.write(json.dumps(facts) + "\n")


def report(lines: list[str]) -> None:
    """The score by module, then what survived."""
    results = [json.loads(line) for line in lines]
    modules = sorted({result["module"] for result in results})
    for module in [*modules, None]:
        mine = [result for result in results if module in (None, result["module"])]
        noticed = sum(result["is_noticed"] for result in mine)
        print(f"{module or 'all':50} {noticed:5} of {len(mine):5} noticed")
    for result in results:
        if not result["is_noticed"]:
            print(f"\n{result['module']}:{result['line']} survived {result['change']}")
            print(f"  - {result['before']}\n  + {result['after']}")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="paths or patterns (default: the core)")
    parser.add_argument("--sample", type=int, default=300, help="how many changes by operators")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", type=Path, help="lines of JSON are added here")
    options = parser.parse_args()
    mutants = choose(options.modules or list(MODULES), options.sample, options.seed)
    random.Random(options.seed).shuffle(mutants)
    with tempfile.TemporaryDirectory() as folder:
        results = options.output or Path(folder) / "results"
        processes = []
        for number in range(options.jobs):
            process = os.fork()
            if process == 0:
                work(mutants[number :: options.jobs], results)
                os._exit(0)
            processes.append(process)
        for process in processes:
            os.waitpid(process, 0)
        report(results.read_text().splitlines())


if __name__ == "__main__":
    main()
