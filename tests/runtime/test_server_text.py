"""The runtime as the server compiles it: the body of a PL/Python function."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from typing import Any

import numpy as np
import pytest
from messages import send

from exporter.engines.plpython.runtime import PARTS, runtime, runtime_text
from exporter.resources import folder, read_text

TEXT = runtime_text()
SERVER_MODULES = {"numpy"} | set(sys.stdlib_module_names)


def compile_body(text: str, arguments: str) -> tuple[Any, dict[str, Any]]:
    """A function as PL/Python makes it: the text indented by a tab after each newline.

    Arguments are globals of the function, as is GD; each function has its own globals.
    Source: PostgreSQL, src/pl/plpython/plpy_procedure.c, PLy_procedure_munge_source.
    """
    source = "def __plpython_procedure():\n\t" + text.replace("\r", "").replace("\n", "\n\t")
    names: dict[str, Any] = {}
    exec(compile(source + "\n\n", arguments, "exec"), names)
    return names["__plpython_procedure"], names


class Plpy:
    """What the runtime uses of PL/Python's module: errors with a state."""

    class Error(Exception):
        """Ends the statement."""

    def error(self, text: str, sqlstate: str) -> None:
        """Raise it."""
        raise self.Error(f"{text} {sqlstate}")


def a_plan() -> tuple[str, str, bytes]:
    """version, plan and weights of y = [x0, x1] @ [2, 3] + 1."""
    step = {"kernel": "dense", "inputs": [0], "output": 1, "parameters": {},
            "tensors": {"kernel": 0, "bias": 1}}  # fmt: skip
    plan = json.dumps(
        {
            "format": 1, "model": "m", "inputs": [{"name": "x", "shape": [2]}],
            "outputs": [{"name": "y", "shape": [1], "value": 1}], "features": [],
            "feature_table": [], "labels": ["low", "high"], "threshold": 10.0, "batch_rows": 1024,
            "steps": [step],
            "tensors": [["d/kernel", 0, [2, 1]], ["d/bias", 2, [1]]],
        }
    )  # fmt: skip
    weights = np.array([2, 3, 1], "<f4").tobytes()
    return hashlib.sha256(plan.encode() + weights).hexdigest(), plan, weights


def test_runs_as_a_function_body_again_and_again() -> None:
    load, names = compile_body(TEXT, "load")
    session: dict[str, Any] = {"export_model role": lambda: 10}  # else the server is asked
    version, plan, weights = a_plan()
    for _ in range(3):
        names |= {"GD": session, "SD": {}, "plpy": Plpy(), "args": [version, plan, weights]}
        names |= {"version": version, "plan": plan, "weights": weights}
        load()
        for argument in ("version", "plan", "weights", "args"):  # PL/Python deletes them
            del names[argument]
    assert list(session["export_model models"]) == [(10, version)]
    loaded = session["export_model models"][10, version]
    assert loaded.score(send([1, 2])) == 9.0
    assert loaded.label(send([1, 2])) == "low"
    assert loaded.label(send([1, 3])) == "high"


def test_refuses_altered_weights_in_the_server() -> None:
    load, names = compile_body(TEXT, "load")
    version, plan, weights = a_plan()
    names |= {
        "GD": {},
        "SD": {},
        "plpy": Plpy(),
        "version": version,
        "plan": plan,
        "weights": weights[::-1],
    }
    with pytest.raises(Plpy.Error, match=r"altered.* 22023"):
        load()
    assert names["GD"] == {}


def test_an_import_outside_a_server_runs_nothing() -> None:
    names: dict[str, Any] = {"__name__": "plain"}
    exec(compile(TEXT, "runtime", "exec"), names)
    assert "load" in names


def test_syntax_of_python_3_9() -> None:
    ast.parse(TEXT, feature_version=(3, 9))


def test_imports_nothing_but_the_library_and_numpy() -> None:
    imported = set()
    for node in ast.walk(ast.parse(TEXT)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= SERVER_MODULES
    assert "__future__" not in imported


def test_never_assigns_to_an_argument() -> None:
    """That would make it a local of the function's body, and fail on the second call."""
    assigned = set()
    body = ast.parse("def f():\n" + "\n".join("    " + line for line in TEXT.splitlines())).body[0]
    stack: list[ast.AST] = list(ast.iter_child_nodes(body))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            assigned.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned.add(node.id)
        if isinstance(node, ast.alias):
            assigned.add((node.asname or node.name).split(".")[0])
        stack.extend(ast.iter_child_nodes(node))
    assert not assigned & {"version", "plan", "weights", "GD", "SD", "args", "TD"}


def test_text_is_plain() -> None:
    assert "$" not in TEXT, "a dollar quote could end the body"
    assert TEXT.isascii()
    assert "\t" not in TEXT
    assert "\r" not in TEXT
    asked = set(re.findall(r"plpy(?!thon)\W{0,3}\w+", TEXT))
    assert asked == {"plpy = globals", "plpy.log", 'plpy"].error'}, "it never talks to the database"


def part_imports(part: str) -> set[str]:
    """The parts that a part imports from."""
    tree = ast.parse(read_text(f"plpython/{part}.py"))
    nodes = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {(node.module or "").removeprefix("plpython.") for node in nodes}


def top_names(part: str) -> list[str]:
    """What a part defines, without what it imports."""
    names: list[str] = []
    for node in ast.parse(read_text(f"plpython/{part}.py")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            names += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)
                      and isinstance(n.ctx, ast.Store)]  # fmt: skip
    return names


def test_every_file_is_a_part() -> None:
    """The probe is a function of its own, which nothing keeps."""
    files = {path.stem for path in folder("plpython").glob("*.py")}
    assert files - {"probe"} == set(PARTS)
    assert len(set(PARTS)) == len(PARTS)


def test_a_part_imports_from_parts_before_it() -> None:
    for place, part in enumerate(PARTS):
        assert part_imports(part) <= set(PARTS[:place]), part


def test_no_name_is_defined_by_two_parts() -> None:
    """In the joined text the later one would take the place of the earlier one."""
    seen: dict[str, str] = {}
    for part in PARTS:
        for name in top_names(part):
            assert seen.setdefault(name, part) == part, f"{name} in {seen[name]} and {part}"


def test_parts_import_each_other_by_name_and_in_lines_of_their_own() -> None:
    """Only such lines are left out of the joined text."""
    for part in PARTS:
        for node in ast.walk(ast.parse(read_text(f"plpython/{part}.py"))):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").startswith("plpython."), part
                assert node.col_offset == 0, part
                assert all(alias.asname is None and alias.name != "*" for alias in node.names), part
            elif isinstance(node, ast.Import):
                assert all(not alias.name.startswith("plpython") for alias in node.names), part


def test_the_joined_text_is_every_other_line_of_the_parts_in_order() -> None:
    kept = []
    for part in PARTS:
        text = read_text(f"plpython/{part}.py")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom):
                assert node.end_lineno is not None
                span = slice(node.lineno - 1, node.end_lineno)
                lines[span] = [""] * len(lines[span])
        kept += [line for line in lines if line]
    assert [line for line in TEXT.splitlines() if line] == kept


def test_an_error_in_the_runtime_shows_its_line() -> None:
    with pytest.raises(ValueError, match="altered") as caught:
        runtime().load("0" * 64, "{}", b"")
    assert "raise ValueError(" in str(caught.traceback[-1].statement)
