"""The text of the packages: what a client reads, how numbers are written, how large arrays are."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from exporter.databases.oracle.doctor import PROBE
from exporter.engines.plsql.limits import UNSUPPORTED
from exporter.engines.plsql.package import make_package
from exporter.engines.plsql.rendering import MAX_BATCH
from exporter.engines.plsql.runtime import runtime_units
from exporter.errors import Problem, SignatureError, SqlTextError, UnsupportedError
from exporter.ir.graph import Graph
from exporter.ir.ops import (
    Activation,
    Conv,
    ConvTranspose,
    Dense,
    Embedding,
    Gru,
    Reshape,
    Softmax,
    as_tensor,
)
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.resources import folder
from exporter.samples import Samples
from oracle import lints
from oracle.networks import FIXED, chain, dense, draw, mlp, random_convolutions, random_mlps
from oracle.packages import compiled

MAX_ARRAY = 1_000_000


def batch_of(body: str) -> int:
    """Rows that a package scores at once."""
    found = re.search(r"gc_batch constant pls_integer := (\d+);", body)
    assert found is not None
    return int(found[1])


def check_arrays(graph: Graph, body: str) -> None:
    """Fail where a value of a whole batch does not fit into an array."""
    rows = batch_of(body)
    assert 1 <= rows <= MAX_BATCH
    for shape in graph.shapes.values():
        assert rows * math.prod(n or 1 for n in shape) <= MAX_ARRAY


@pytest.mark.parametrize("text", ["spec", "body"])
def test_the_runtime(text: str) -> None:
    lints.check_unit(getattr(runtime_units(), text))


@pytest.mark.parametrize("name", FIXED)
def test_packages(name: str) -> None:
    graph = FIXED[name]
    _, _, units, parts = compiled(graph)
    lints.check_unit(units.spec)
    lints.check_unit(units.body)
    check_arrays(graph, units.body)
    assert all(1 <= part.array.size <= MAX_ARRAY for part in parts)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(graph=random_mlps() | random_convolutions())
def test_packages_of_random_networks(graph: Graph) -> None:
    _, _, units, _ = compiled(graph)
    lints.check_unit(units.body)
    check_arrays(graph, units.body)


@pytest.mark.parametrize(
    ("lint", "text"),
    [
        (lints.check_text, "create or replace package m is\nx := chr(38) || '&';\nend m;"),
        (lints.check_text, "create or replace package m is\n\u00e9\nend m;"),
        (lints.check_text, "create or replace package m is\nend n;"),
        (lints.check_numbers, "x := 1.5;"),
        (lints.check_numbers, "x := 1e-5;"),
        (lints.check_numbers, "x := 0.12345678901f;"),
        (lints.check_lengths, "procedure p(p_x in varchar2(30)) is"),
        (lints.check_lengths, "function p(p_x in number) return number(3) is"),
        (lints.check_functions, "\n  function f(p_x in binary_float) is x := exp(-p_x);"),
        (lints.check_functions, "\n  function f(p_x in binary_double) is x := ln(p_y(i));"),
        (lints.check_sizes, "nn_runtime_1.dense(p_x, p_rows, 0, 3, g, null, l_1);"),
        (lints.check_sizes, "nn_runtime_1.pool(p_x, p_rows, nn_runtime_1.t_shape(4, 0), 1);"),
    ],
)
def test_a_lint_finds_its_fault(lint: object, text: str) -> None:
    with pytest.raises(AssertionError):
        lint(text)  # type: ignore[operator]


def test_one_routine_of_utl_nla_is_called_by_position_and_probed() -> None:
    """BLAS_GEMM is the same, place by place, in the manual and in what Oracle ships."""
    units = runtime_units()
    texts = [units.spec, units.body, PROBE]
    texts += [path.read_text() for path in folder("sql_templates").rglob("oracle/*.sql")]
    for text in texts:
        assert set(re.findall(r"utl_nla\.(\w+)", lints.code(text))) <= {"blas_gemm"}
        assert not any("=>" in argument for call in lints.calls(text, r"utl_nla\.blas_gemm")
                       for argument in call)  # fmt: skip
    forms = {tuple(call[:2]) for call in lints.calls(units.body, r"utl_nla\.blas_gemm")}
    assert forms == {tuple(call[:2]) for call in lints.calls(PROBE, r"utl_nla\.blas_gemm")}


def test_a_wide_layer_makes_the_batch_smaller() -> None:
    _, _, units, _ = compiled(mlp(3, 4000, 1))
    assert batch_of(units.body) == 250
    _, _, units, _ = compiled(mlp(3, 4, 1))
    assert batch_of(units.body) == 500


def test_rows_of_free_length_are_batches_of_their_own() -> None:
    _, _, units, _ = compiled(FIXED["free_sequence"])
    assert batch_of(units.body) == 1


def test_a_kernel_over_the_limit_comes_in_blocks_of_whole_rows() -> None:
    _, _, units, parts = compiled(FIXED["one_dense_in_blocks"])
    first = [part for part in parts if part.tensor == 0]
    assert [part.array.size for part in first] == [1_000_000, 100_000]
    assert [part.first_number for part in first] == [0, 1_000_000]
    assert "g_kernel_1(2) := l_parts(1);" in units.body


def test_a_layer_is_called_once_for_a_batch() -> None:
    _, _, units, _ = compiled(mlp(28, 16, 8, 1))
    forward = units.body[units.body.index("procedure forward") : units.body.index("end forward")]
    assert len(re.findall(r"\.dense\(", forward)) == 3
    assert " loop" not in forward


def test_shared_weights_are_loaded_once() -> None:
    layer = dense(4, 4)
    _, _, _, parts = compiled(chain((4,), layer, Activation("tanh"), layer))
    assert len(parts) == 2


def test_a_bias_that_is_absent_is_null() -> None:
    _, _, units, _ = compiled(chain((4,), Dense(draw(4, 2))))
    assert "4, 2, g_kernel_1, null, l_1);" in units.body


def problems_of(graph: Graph) -> tuple[Problem, ...]:
    """Why a network is refused."""
    plan = plan_graph(graph, Signature("m"))
    samples = Samples((), (), "", 0.0)
    manifest = make_manifest(graph, plan, samples)
    with pytest.raises(UnsupportedError) as caught:
        make_package(manifest, plan.block, samples, "19", UNSUPPORTED)
    return caught.value.problems


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (chain((4,), Embedding(draw(2, 1_000_001))), "4,000,004 numbers a row"),
        (chain((1_000_001,), Activation("tanh")), "1,000,001 numbers a row"),
        (chain((None, None), Activation("tanh")), "2 lengths that a row decides"),
        (
            chain((300, 4000), Conv(draw(251, 4000, 1), None, (1,), (1,), "valid")),
            "1,200,000 numbers a row",
        ),
        (
            chain((2, 4000), Conv(draw(251, 4000, 1), None, (1,), (1,), "same")),
            "a window of it holds 1,004,000 numbers",
        ),
        (
            chain((2, 1000), ConvTranspose(draw(2, 501, 1000), None, (1,), (1,), (0,), (0,))),
            "its kernel has 1,002,000 numbers",
        ),
    ],
)
def test_what_does_not_fit_is_refused(graph: Graph, reason: str) -> None:
    problem = problems_of(graph)[0]
    assert reason in problem.reason and problem.advice


def test_all_that_does_not_fit_is_refused_at_once() -> None:
    wide = Embedding(draw(2, 1_000_001))
    graph = chain((None, None, 1), wide, Reshape((-1, 1)), Embedding(draw(2, 1_000_002)))
    assert [problem.layer for problem in problems_of(graph)] == ["x", "layer_1", "layer_3"]


def signature(*features: str, name: str = "fraud", labels: tuple[str, ...] = ()) -> Signature:
    """A signature of features."""
    return Signature(name, features, None, labels, 0.5 if len(labels) == 2 else None)


def test_parameters_are_named_like_features() -> None:
    given = signature("v1", "Amount", "size", "two words", "score")
    _, _, units, _ = compiled(mlp(5, 1), given)
    for parameter in ("v1", "amount", '"size"', '"two words"', "score"):
        assert f"    {parameter} in binary_double" in units.spec
    assert "1, amount" not in units.spec
    assert 'v1, amount, "size", "two words", score' in units.body


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        (("a", "A"), SignatureError, "are one name in Oracle"),
        (('a"b', "c"), SignatureError, "holds a character"),
        (("caf\u00e9", "c"), SignatureError, "holds a character"),
        (("utl_nla_array_flt", "c"), (SignatureError, SqlTextError), ""),
        (("x" * 129, "c"), SignatureError, "129 bytes"),
    ],
)
def test_features_that_oracle_cannot_name_are_refused(
    features: tuple[str, ...], error: type[Exception], message: str
) -> None:
    if features[0] == "utl_nla_array_flt":
        # Quoted, it is no longer the name that would be hidden.
        _, _, units, _ = compiled(mlp(2, 1), signature(*features))
        assert '"utl_nla_array_flt" in binary_double' in units.spec
        return
    with pytest.raises(error, match=message):
        compiled(mlp(2, 1), signature(*features))


def test_names_of_our_own_fit_into_12_1() -> None:
    graph = FIXED["ports"]
    _, _, package, _ = compiled(graph, oracle_version="12.1")
    runtime = runtime_units()
    for text in (package.spec, package.body, runtime.spec, runtime.body):
        longest = max(re.findall(r"[a-z]\w*", lints.code(text)), key=len)
        assert len(longest) <= 30, longest


def test_as_many_features_as_a_cursor_has_columns() -> None:
    names = tuple(f"v{n}" for n in range(1000))
    _, _, units, _ = compiled(mlp(999, 1), signature(*names[:999]))
    lints.check_unit(units.body)
    assert "v998 in binary_double" in units.spec
    with pytest.raises(SignatureError, match="a cursor takes 999"):
        compiled(mlp(1000, 1), signature(*names))


def test_identifiers_have_30_bytes_before_12_2() -> None:
    given = signature("x" * 31, "y")
    compiled(mlp(2, 1), given, "12.2")
    with pytest.raises(SignatureError, match="31 bytes, the database allows 30"):
        compiled(mlp(2, 1), given, "12.1")
    with pytest.raises(SqlTextError, match="the database allows 21"):
        compiled(mlp(2, 1), Signature("a" * 22), "12.1")


def test_a_label_that_is_named_as_the_runtime_stays_as_it_is() -> None:
    """The runtime's name is put into the templates, not into what they made."""
    labels = ("nn_runtime", "nn_runtime.other")
    _, _, units, _ = compiled(mlp(2, 1), signature("a", "b", labels=labels))
    assert "'nn_runtime', 'nn_runtime.other'" in units.body
    assert "nn_runtime." not in units.body.replace("'nn_runtime.other'", "")
    assert f"{runtime_units().name}.t_labels(" in units.body


def test_labels_are_ascii_in_the_script() -> None:
    labels = ("it's", "caf\u00e9 & \U0001f600")
    _, _, units, _ = compiled(mlp(2, 1), signature("a", "b", labels=labels))
    lints.check_unit(units.body)
    assert "'it''s'" in units.body
    assert "\\00e9" in units.body and "\\d83d\\de00" in units.body


def test_an_empty_label_is_refused() -> None:
    with pytest.raises(SignatureError, match="a label is empty"):
        compiled(mlp(2, 1), signature("a", "b", labels=("", "b")))


def test_a_network_named_like_nothing_good_is_quoted() -> None:
    _, _, units, _ = compiled(mlp(2, 1), Signature("my 'model'; drop"))
    assert units.spec.startswith("create or replace package \"my 'model'; drop_")


def test_the_text_is_the_same_for_the_same_network() -> None:
    assert compiled(FIXED["images"])[2] == compiled(FIXED["images"])[2]


def test_outputs_of_any_name_have_a_function() -> None:
    graph = FIXED["ports"]
    _, _, units, _ = compiled(graph)
    assert "function score_kind(" in units.spec and "function score_size(" in units.spec


@pytest.mark.parametrize(
    "names", [("table", "size"), ("Kind", "kind"), ("caf\u00e9", "b"), ("x" * 123, "b"), ('"', "b")]
)
def test_outputs_that_oracle_cannot_tell_apart_are_numbered(names: tuple[str, str]) -> None:
    graph = FIXED["ports"]
    ports = tuple(replace(port, name=name) for port, name in zip(graph.outputs, names, strict=True))
    _, _, units, _ = compiled(replace(graph, outputs=ports))
    lints.check_unit(units.spec)
    for place in (1, 2):
        assert f"function score_{place}(" in units.spec


def test_outputs_with_other_names_are_quoted() -> None:
    graph = FIXED["ports"]
    ports = tuple(replace(port, name=f"a {port.name}") for port in graph.outputs)
    _, _, units, _ = compiled(replace(graph, outputs=ports))
    assert 'function "score_a kind"(' in units.spec
    assert '    "score_a size" binary_double' in units.spec


def test_weights_are_exact() -> None:
    tiny = np.float32(1.1754944e-38) / 3
    layer = Dense(as_tensor([[tiny], [3.4028235e38]]), as_tensor([-0.0]))
    _, _, _, parts = compiled(chain((2,), layer, Softmax(0)))
    assert parts[0].array.tolist() == [float(tiny), float(np.float32(3.4028235e38))]


def test_a_gru_s_recurrent_kernel_is_stored_in_two_parts() -> None:
    rest = ("tanh", ()), "last", False, False, False, None, ("sigmoid", ()), False
    layer = Gru(draw(2, 9), draw(3, 9), draw(9), *rest)
    _, _, _, parts = compiled(chain((4, 2), layer))
    assert (parts[0].array.reshape(2, 9) == layer.kernel).all()
    assert (parts[1].array.reshape(3, 6) == layer.recurrent_kernel[:, :6]).all()
    assert [part.first_number for part in parts[:2]] == [0, -1]
