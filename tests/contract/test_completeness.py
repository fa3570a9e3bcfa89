"""Whatever is missing between the layers, ops, kernels and tests is named here."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import formulas_index
import pytest
from syntax_trees import tree_of
from zoo import ACTIVATIONS, ONLY_IN_OLD_FILES, SAID_TWICE, ZOO

import exporter
from exporter.engines.plpython.runtime import runtime
from exporter.formats import FORMATS
from exporter.formats.keras.layers import LAYERS
from exporter.formats.keras.layers.activations import ACTIVATION_NAMES, ALONG_AXIS, PLAIN
from exporter.ir import ops
from exporter.ir.ops import Columnwise, Elementwise, Merge, Op, Product, Recurrent, WordLookup

EXPORTER = Path(inspect.getfile(exporter)).parent
CONTRIBUTING = EXPORTER.parent / "CONTRIBUTING.md"
ABSTRACT = {Columnwise, Op, Elementwise, Merge, Product, Recurrent, WordLookup}
OF_NO_LAYER = {"Cast"}  # it joins parts that compute in different types
FRAMEWORKS = {"keras", "tensorflow", "tf_keras", "torch", "jax"}


def op_classes() -> dict[str, type[Op]]:
    """Every op by its kernel's name."""
    found = {}
    stack = list(Op.__subclasses__())
    while stack:
        item = stack.pop()
        stack += item.__subclasses__()
        if item not in ABSTRACT:
            found[item.kernel_name.fget(item.__new__(item))] = item  # type: ignore[attr-defined]
    return found


def test_every_layer_has_a_model_in_the_zoo_and_vice_versa() -> None:
    always = [case for name, case in ZOO.items() if not SAID_TWICE.fullmatch(name)]
    covered = {name for case in always for name in case.covers} | set(ONLY_IN_OLD_FILES)
    assert sorted(set(LAYERS) - covered) == [], "layers without a model in tests/zoo.py"
    assert sorted(covered - set(LAYERS)) == [], "models of layers that are not in LAYERS"


def test_what_only_the_thorough_profile_tries_has_each_class_elsewhere_in_its_format() -> None:
    tried: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    for name, case in ZOO.items():
        is_said_twice = SAID_TWICE.fullmatch(name) is not None
        tried[is_said_twice] |= {(kind, s) for kind in case.covers for s in case.suffixes}
    assert len(tried[True]) > 50
    assert sorted(tried[True] - tried[False]) == []
    count = sum(SAID_TWICE.fullmatch(name) is None for name in ZOO)
    assert f"| {count} | {len(ZOO)} |" in CONTRIBUTING.read_text(encoding="utf-8")


def test_every_op_has_a_kernel_and_vice_versa() -> None:
    classes, kernels = set(op_classes()), set(runtime().KERNELS)
    assert sorted(classes - kernels) == [], "ops without a kernel in plpython/"
    assert sorted(kernels - classes) == [], "kernels without an op in exporter/ir/ops"


def test_every_op_or_its_family_says_its_traits() -> None:
    """A default would let a new op pass for plain, and passes and samples treat it as such."""
    silent = {
        item.__name__
        for item in op_classes().values()
        if not any("traits" in vars(kind) for kind in item.__mro__ if kind is not Elementwise)
    }
    assert sorted(silent) == []
    assert "traits" not in {*vars(Op), *vars(Elementwise)}


def test_what_needs_whole_numbers_says_below_which() -> None:
    for item in op_classes().values():
        says = item.vocabulary is not Op.vocabulary  # type: ignore[comparison-overlap]
        assert says == item.traits.needs_whole, item.__name__


def test_no_op_of_texts_is_taken_for_one_of_numbers() -> None:
    of_texts = {item for item in op_classes().values() if issubclass(item, WordLookup)}
    assert all(item.traits.takes == "texts" for item in of_texts)


def test_every_kernel_is_tested_against_a_formula() -> None:
    missing = set(runtime().KERNELS) - formulas_index.tested_kernels()
    assert sorted(missing) == [], "kernels without a case in tests/runtime"


def test_every_op_of_the_layer_table_exists_and_is_used() -> None:
    names = {item.__name__ for item in op_classes().values()}
    layers = [entry for item in FORMATS.values() for entry in item.layers.values()]
    used = {name for entry in layers for name in entry.ops}
    assert sorted(used - names) == [], "ops that a format names and exporter/ir/ops does not have"
    assert sorted(names - used - OF_NO_LAYER) == [], "ops that no layer of a format lowers to"


def test_every_op_is_found_in_the_package_of_ops() -> None:
    for item in op_classes().values():
        assert getattr(ops, item.__name__) is item
        assert item.__name__ in ops.__all__


def test_every_activation_has_a_function_and_a_parity_case() -> None:
    functions = set(runtime().ACTIVATIONS)
    assert sorted(set(PLAIN) - functions) == [], "activations without a function in plpython/"
    assert sorted(set(ALONG_AXIS) - set(runtime().KERNELS)) == []
    in_old_files = {"softmax_v2", "log_softmax_v2"}
    assert sorted(set(ACTIVATION_NAMES) - set(ACTIVATIONS) - in_old_files) == []
    assert sorted(set(ACTIVATIONS) - set(ACTIVATION_NAMES)) == []
    # threshold_relu is a layer, hard_sigmoid takes the slope of its Keras version.
    assert functions - set(PLAIN) == {"threshold_relu", "hard_sigmoid"}


VALUES = ("exporter.facts", "exporter.output")  # how values show and write themselves
ERRORS = ("exporter.errors",)
GUARDS = ("exporter.formats.json_text",)  # against hostile files, for every format


def imports_of(path: Path) -> set[str]:
    """Full names of all modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = node.module == "exporter"
            found |= {f"exporter.{a.name}" for a in node.names} if whole else {node.module or ""}
    return found


@pytest.mark.parametrize(
    ("stage", "allowed"),
    [
        ("formats/keras/layers", ("exporter.formats.keras", *GUARDS, "exporter.ir", *ERRORS)),
        ("ir", ("exporter.ir", "exporter.errors")),
        ("sql", ("exporter.sql", "exporter.ir", "exporter.errors", "exporter.resources", *VALUES)),
    ],
)
def test_a_stage_imports_its_own_package_ir_and_errors(
    stage: str, allowed: tuple[str, ...]
) -> None:
    for path in sorted((EXPORTER / stage).rglob("*.py")):
        for name in imports_of(path):
            if name.split(".")[0] == "exporter":
                fits = any(name == item or name.startswith(item + ".") for item in allowed)
                assert fits, f"{path.relative_to(EXPORTER)} imports {name}"


def test_nothing_is_known_by_its_place_in_memory() -> None:
    """id() of what was thrown away is soon that of something else."""
    for path in sorted(EXPORTER.rglob("*.py")):
        tree = ast.walk(tree_of(path))
        assert "id" not in {node.id for node in tree if isinstance(node, ast.Name)}, path


HOMES = ("exporter.databases.*", "exporter.engines.*", "exporter.formats.*")  # folders in rooms
LINE = ("exporter.api", "exporter.cli")  # what calls all others
# What an engine shares with the database it runs in: how it quotes, how a server is asked.
SHARED = (
    "exporter.databases.installation",
    "exporter.databases.oracle",
    "exporter.databases.postgres.connection",
    "exporter.databases.results",
)


@pytest.mark.parametrize(
    ("room", "forbidden", "allowed"),
    [
        ("cli", HOMES, ()),
        ("api.py", HOMES, ()),
        ("reading.py", (*HOMES, "exporter.databases", *LINE), ()),
        ("features.py", (*HOMES, *LINE), ()),
        ("preparing.py", (*HOMES, *LINE), ()),
        ("description.py", HOMES, ()),
        ("support.py", HOMES, ()),
        ("dsn.py", HOMES, ()),
        ("manifest.py", HOMES, ()),
        ("samples", HOMES, ()),
        ("comparison", ("exporter.databases", "exporter.engines", "exporter.formats", *LINE), ()),
        ("sources", ("exporter.databases", "exporter.engines", "exporter.ir", *HOMES, *LINE), ()),
        ("databases", ("exporter.formats", *LINE), ()),
        ("formats", ("exporter.databases", "exporter.engines", "exporter.sql", *LINE), ()),
        ("engines", ("exporter.databases", "exporter.formats", *LINE), SHARED),
        ("sql", ("exporter.databases", "exporter.formats", "exporter.engines"), ()),
        ("ir", ("exporter.databases", "exporter.formats", "exporter.engines"), ()),
    ],
)
def test_a_room_does_not_know_what_is_in_others(
    room: str, forbidden: tuple[str, ...], allowed: tuple[str, ...]
) -> None:
    """exporter.formats.* stands for the folders in it, each the home of one format."""
    place = EXPORTER / room
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        for name in imports_of(path):
            known = any(is_below(name, item) for item in forbidden)
            fits = not known or any(is_below(name, item) for item in allowed)
            assert fits, f"{path.relative_to(EXPORTER)} imports {name}"


def is_below(name: str, room: str) -> bool:
    """Is it that module, or one in it? For `room.*`: is it in a folder of the room?"""
    whole = room.removesuffix(".*")
    if not f"{name}.".startswith(f"{whole}."):
        return False
    first = name.removeprefix(whole).removeprefix(".").partition(".")[0]
    folder = EXPORTER.parent.joinpath(*whole.split("."), first)
    return whole == room or (bool(first) and folder.is_dir())


def test_homes_are_told_from_what_all_of_them_share() -> None:
    assert is_below("exporter.formats.keras.record", "exporter.formats.*")
    assert is_below("exporter.databases.oracle", "exporter.databases.*")
    assert not is_below("exporter.formats.opening", "exporter.formats.*")
    assert not is_below("exporter.formats", "exporter.formats.*")
    assert is_below("exporter.formats", "exporter.formats")
    assert not is_below("exporter.apis", "exporter.api")


def test_the_reader_never_imports_a_framework() -> None:
    """framework.py may, to judge our scores, and savedmodel.py, to read checkpoints."""
    for path in sorted(EXPORTER.rglob("*.py")):
        if path.name not in ("framework.py", "savedmodel.py"):
            frameworks = {name.split(".")[0] for name in imports_of(path)} & FRAMEWORKS
            assert not frameworks, f"{path.relative_to(EXPORTER)} imports {frameworks}"


def test_nothing_that_runs_code_from_a_file_is_used_in_the_reader() -> None:
    forbidden = {"pickle", "marshal", "importlib", "subprocess", "dill", "cloudpickle", "shelve"}
    for path in sorted((EXPORTER / "formats").rglob("*.py")):
        if path.name in ("child.py", "framework.py", "savedmodel.py"):  # they start processes
            continue
        assert not imports_of(path) & forbidden, path
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), path


def test_every_module_and_public_name_has_a_docstring() -> None:
    missing = []
    folder = EXPORTER.parent
    for path in [*EXPORTER.rglob("*.py"), *(folder / "plpython").glob("*.py")]:
        tree = tree_of(path)
        if ast.get_docstring(tree) is None:
            missing.append(str(path))
        kinds = (ast.FunctionDef, ast.ClassDef)
        named = [node for node in tree.body if isinstance(node, kinds)]
        for item in [node for node in named if isinstance(node, ast.ClassDef)]:
            named += [node for node in item.body if isinstance(node, kinds)]
        for node in named:
            if not node.name.startswith("_") and ast.get_docstring(node) is None:
                missing.append(f"{path.name}: {node.name}")
    assert missing == []
