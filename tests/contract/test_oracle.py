"""Whatever is missing between the ops, the routines of nn_runtime and the calls of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plsql.parser import parse_statement
from plsql.syntax import Variable
from test_completeness import op_classes

from exporter.databases.oracle.script import compile_script
from exporter.engines.plpython.runtime import runtime
from exporter.engines.plsql.calls import WRITERS
from exporter.engines.plsql.calls.tabular import TABULAR
from exporter.engines.plsql.forward import RENAMED
from exporter.engines.plsql.limits import UNSUPPORTED
from exporter.engines.plsql.runtime import runtime_units
from exporter.errors import UnsupportedError
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Embedding, HashBucket, Op, as_tensor
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import Samples

PLSQL = Path(__file__).parents[2] / "plsql"
SPEC = (PLSQL / "nn_runtime.pks").read_text(encoding="utf-8")
BODY = (PLSQL / "nn_runtime.pkb").read_text(encoding="utf-8")
TABLES_SPEC = (PLSQL / "nn_tables.pks").read_text(encoding="utf-8")
TABLES_BODY = (PLSQL / "nn_tables.pkb").read_text(encoding="utf-8")
# What is no op: arrays in and out, labels, and what several ops need.
HELPERS = {
    "allocate", "is_complete", "put_row", "get_row", "check_part", "check_parts",
    "label_of", "label_at", "difference", "count_windows", "gate", "broadcast", "number_of",
}  # fmt: skip
TABLES_HELPERS = {
    "allocate", "days_of", "seconds_of", "boolean_of", "date_of", "timestamp_of", "number_of",
    "text_of", "texts_of", "put_columns", "vocabulary",
}  # fmt: skip
TREES_SPEC = (PLSQL / "nn_trees.pks").read_text(encoding="utf-8")
TREES_BODY = (PLSQL / "nn_trees.pkb").read_text(encoding="utf-8")
TREES_HELPERS = {"to_places"}


def routines(text: str) -> set[str]:
    """Names of the procedures and functions in a package."""
    return set(re.findall(r"^  (?:procedure|function) (\w+)", text, flags=re.M))


@pytest.mark.parametrize("kernel", sorted(op_classes()))
def test_every_op_is_a_routine_or_listed(kernel: str) -> None:
    op = op_classes()[kernel]
    routine = RENAMED.get(kernel, kernel)
    of_tables = op in TABULAR and routine in routines(TABLES_SPEC) | routines(TREES_SPEC)
    of_numbers = op not in TABULAR and routine in routines(SPEC)
    places = [of_numbers, of_tables, op in UNSUPPORTED, op.traits.stays]
    assert sum(places) == 1, f"{op.__name__}: routine, of tables, unsupported, none = {places}"
    assert (op in WRITERS) == (op not in UNSUPPORTED)


def test_every_routine_is_an_op_or_a_helper() -> None:
    names = {RENAMED.get(kernel, kernel) for kernel in op_classes()}
    specs = ((SPEC, HELPERS), (TABLES_SPEC, TABLES_HELPERS), (TREES_SPEC, TREES_HELPERS))
    for spec, helpers in specs:
        assert sorted(routines(spec) - names - helpers) == []
        assert sorted(helpers - routines(spec)) == []


def test_every_routine_of_the_specification_has_a_body() -> None:
    assert sorted(routines(SPEC) - routines(BODY)) == []
    assert sorted(routines(TABLES_SPEC) - routines(TABLES_BODY)) == []
    assert sorted(routines(TREES_SPEC) - routines(TREES_BODY)) == []


@pytest.mark.parametrize("function", sorted(runtime().ACTIVATIONS))
def test_every_activation_has_a_branch(function: str) -> None:
    text = BODY[BODY.index("  function smooth(") : BODY.index("  function to_even(")]
    assert f"'{function}'" in text


@pytest.mark.parametrize("function", sorted(runtime().FUNCTIONS))
def test_every_unary_function_has_a_branch(function: str) -> None:
    text = BODY[BODY.index("  function unary_of(") : BODY.index("  procedure unary(")]
    assert f"when '{function}' then" in text


def test_every_function_of_numpy_has_a_branch() -> None:
    body = TABLES_BODY[TABLES_BODY.index("  function ufunc_of(") :]
    text = body[: body.index("  end ufunc;")]
    text += "'rad2deg' 'degrees'"  # what is left
    assert sorted(name for name in runtime().UFUNCS if f"'{name}'" not in text) == []


def test_error_numbers_are_listed_once_and_each_has_its_exception() -> None:
    numbers = re.findall(r"gc_(\w+) constant pls_integer := (-20\d{3});", SPEC)
    caught = re.findall(r"pragma exception_init\(ex_(\w+), (-20\d{3})\);", SPEC)
    assert numbers == caught
    assert len({code for _, code in numbers}) == len(numbers)
    templates = (PLSQL.parent / "sql_templates" / "oracle").glob("package*.sql")
    others = [path.read_text(encoding="utf-8") for path in templates]
    for text in (BODY, TABLES_SPEC, TABLES_BODY, TREES_SPEC, TREES_BODY, *others):
        assert not re.search(r"-20\d{3}", text), "a number that is not in nn_runtime.pks"


def test_the_runtime_has_no_state() -> None:
    """Or its recompilation would end the sessions that score (ORA-04068)."""
    for text in (SPEC, BODY, TABLES_SPEC, TABLES_BODY, TREES_SPEC, TREES_BODY):
        declared = parse_statement(text).declarations
        variables = [item for item in declared if isinstance(item, Variable)]
        assert [item.name for item in variables if not item.constant] == []


def test_the_runtime_is_shipped_unchanged_but_for_its_name() -> None:
    units = runtime_units()
    assert re.fullmatch(r"nn_runtime_[0-9a-f]{8}", units.name)
    for shipped, text in ((units.spec, SPEC), (units.body, BODY)):
        assert shipped.replace(units.name, "nn_runtime") == text.strip()


def graph_of(ops: list[tuple[Op, str]], shape: tuple[int, ...], dtype: str) -> Graph:
    """A graph that applies ops to one input, one after the other."""
    nodes = []
    for value, (op, layer) in enumerate(ops, 1):
        shape = tuple(n or 1 for n in op.output_shape(shape))
        nodes.append(Node(op, (value - 1,), value, shape, layer))
    port = Port("x", 0, (4, 1), dtype)  # type: ignore[arg-type]
    out = Port("y", len(ops), shape)
    return Graph("g", (port,), tuple(nodes), (out,), Source("keras", "3", "f", "0" * 64), 0)


def test_all_that_cannot_be_scored_is_refused_at_once_before_anything_is_sent() -> None:
    hashes = HashBucket(3, as_tensor([0.0]))
    wide = Embedding(as_tensor([[0.0] * 300_000]))
    graph = graph_of([(hashes, "words"), (wide, "wide")], (4, 1), "float32")
    plan = plan_graph(graph, Signature("m"))
    samples = Samples((), (), "nobody", 1e-5)
    with pytest.raises(UnsupportedError) as caught:
        compile_script(make_manifest(graph, plan, samples), plan.block, samples)
    problems = caught.value.problems
    assert [problem.layer for problem in problems] == ["words", "wide"]
    assert [problem.class_name for problem in problems] == ["HashBucket", "Embedding"]
    assert all(problem.advice for problem in problems)


def test_the_lists_name_ops_only() -> None:
    assert all(issubclass(op, Op) for op in UNSUPPORTED)
