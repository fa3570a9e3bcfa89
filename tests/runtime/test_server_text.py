"""The runtime as the server compiles it: the body of a PL/Python function."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
import traceback
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
        names |= {"GD": session, "plpy": Plpy(), "args": [version, plan, weights]}
        names.setdefault("SD", {})  # one function's, as long as the session lasts
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
    assert "Parts" in names


def test_syntax_of_python_3_9() -> None:
    ast.parse(TEXT, feature_version=(3, 9))
    for part in PARTS:
        ast.parse(read_text(f"plpython/{part}.py"), feature_version=(3, 9))


def test_imports_nothing_but_the_library_and_numpy() -> None:
    imported = set()
    for text in [TEXT, *(read_text(f"plpython/{part}.py") for part in PARTS)]:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported <= SERVER_MODULES | {"plpython"}
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
    given = {"plpy = globals", "plpy=globals"}
    assert asked == given | {"plpy.log", 'plpy"].error'}, "it never talks to the database"


def imports(part: str) -> list[ast.ImportFrom]:
    """The statements by which a part imports from other parts."""
    nodes = [
        node
        for node in ast.walk(ast.parse(read_text(f"plpython/{part}.py")))
        if isinstance(node, ast.ImportFrom) and node.module != "plpython.head"
    ]
    return [node for node in nodes if (node.module or "").startswith("plpython.")]


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
    """But the two between which they stand, and the probe, a function that nothing keeps."""
    files = {path.stem for path in folder("plpython").glob("*.py")}
    assert files - {"head", "tail", "probe"} == set(PARTS)
    assert len(set(PARTS)) == len(PARTS)


def test_a_part_imports_from_parts_before_it_but_in_functions() -> None:
    """Else two would wait for each other."""
    for place, part in enumerate(PARTS):
        for node in imports(part):
            found = (node.module or "").removeprefix("plpython.")
            assert found in (PARTS if node.col_offset else PARTS[:place]), part


def test_no_name_is_defined_by_two_parts() -> None:
    """So that a name in a traceback or a test says which it is."""
    seen: dict[str, str] = {}
    for part in PARTS:
        for name in top_names(part):
            assert seen.setdefault(name, part) == part, f"{name} in {seen[name]} and {part}"


def test_the_text_holds_the_files_as_they_are() -> None:
    entered = dict(re.findall(r"""^part\("(\w+)", r'''(.*?)'''""", TEXT, re.DOTALL | re.MULTILINE))
    assert list(entered) == list(PARTS)
    for part in PARTS:
        assert entered[part] == read_text(f"plpython/{part}.py")
    assert TEXT.startswith(read_text("plpython/head.py"))
    assert TEXT.endswith(read_text("plpython/tail.py").split("\n\n", 2)[2])


def test_a_kernel_is_found_in_the_part_that_enters_it() -> None:
    module = runtime()
    for table in (module.KERNELS, module.RULES):
        assert set(table) == set(table.parts)
        for name, entry in table.items():
            function = getattr(entry, "give", entry)
            assert function.__module__ == f"plpython.{table.parts[name]}", name


def compiled(names: dict[str, Any]) -> set[str]:
    """The parts that a session has compiled."""
    return set(names["SD"]["parts"].modules)


def test_a_session_compiles_what_its_model_needs() -> None:
    session: dict[str, Any] = {"export_model role": lambda: 10}
    version, plan, weights = a_plan()
    load, names = compile_body(TEXT, "load")
    names |= {"GD": session, "SD": {}, "plpy": Plpy()}
    names |= {"version": version, "plan": plan, "weights": weights}
    load()
    model = session["export_model models"][10, version]
    at_first = compiled(names)
    later = {"rows", "records", "windows", "vectors", "halves", "trees", "recurrent"}
    assert at_first & later == set()
    model.score(send([1, 2]))
    assert compiled(names) - at_first == {"vectors", "halves"}
    model.score_batch(send([1, 2]), 1)
    assert "rows" in compiled(names)
    size = sum(len(read_text(f"plpython/{part}.py")) for part in compiled(names))
    assert size < len(TEXT) / 2
    assert not [name for name in sys.modules if name.startswith("plpython")], "runtimes would meet"


def test_a_part_that_ended_in_the_middle_is_compiled_again() -> None:
    """Memory may be short once, or the statement cancelled: what was entered then lacks names."""
    names: dict[str, Any] = {"__name__": "plain"}
    exec(compile(TEXT, "runtime", "exec"), names)
    parts = names["Parts"]()
    kernels = parts.module("tables").KERNELS
    line, text = names["TEXTS"]["dense"]
    names["TEXTS"]["dense"] = line, text + "raise KeyboardInterrupt\n"
    with pytest.raises(KeyboardInterrupt):
        kernels["dense"]
    names["TEXTS"]["dense"] = line, text
    assert vars(parts.module("dense"))["dense"] is kernels["dense"]


def test_an_error_in_the_runtime_shows_its_line() -> None:
    with pytest.raises(ValueError, match="altered") as caught:
        runtime().load("0" * 64, "{}", b"")
    assert "raise ValueError(" in str(caught.traceback[-1].statement)


def test_a_line_in_the_server_is_that_of_the_function() -> None:
    """Behind the line that PL/Python puts before it, which it counts off again."""
    load, names = compile_body(TEXT, "load")
    names |= {"GD": {}, "SD": {}, "plpy": Plpy(), "version": "0", "plan": "{}", "weights": b""}
    with pytest.raises(Plpy.Error) as caught:
        load()
    error = caught.value.__context__
    assert error is not None
    frames = traceback.extract_tb(error.__traceback__)
    assert {frame.filename for frame in frames} == {"load"}
    line = frames[-1].lineno
    assert line is not None
    assert TEXT.splitlines()[line - 2].strip() == "raise ValueError("


def test_names_of_all_parts_are_read_alone() -> None:
    """A test that changed them here would change nothing."""
    with pytest.raises(AttributeError, match="changed in the part"):
        runtime().FEW_ROWS = 1
