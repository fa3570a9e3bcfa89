"""Numbers that decide what is accepted and what it costs, each by what it does to a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any

import numpy as np
import pytest

from exporter.engines.reference import evaluate
from exporter.errors import ShapeError, SignatureError, VerificationError
from exporter.formats.format import Answer
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.ir.signature import sign
from exporter.manifest import parse_stored
from exporter.samples import (
    Samples,
    draw_inputs,
    expect_outputs,
    make_samples,
    split_block,
)
from exporter.samples.drawn import EDGES

EXACT = 1e-5  # what a float32 score may be off, of its size or of 1
LARGE = 1e5


def graph_of(op: ops.Op, width: int, dtype: str = "float32") -> Graph:
    """One op on one input."""
    shape = op.output_shape((width,))
    ports = Port("x", 0, (width,), dtype), Port("y", 1, shape, dtype)
    source = Source("keras", "3.0", "m.h5", "0" * 64)
    return Graph("m", ports[:1], (Node(op, (0,), 1, shape, "op"),), ports[1:], source, 0)


def scale(factor: float, width: int = 3) -> Graph:
    """A dense layer that sums its inputs, times a factor."""
    return graph_of(ops.Dense(ops.as_tensor(np.full((width, 1), factor)), None), width)


def plan_of(graph: Graph) -> Plan:
    """Its plan."""
    return plan_graph(graph, Signature("m"))


@pytest.mark.parametrize(
    ("width", "dtype", "rows"),
    [
        (1, "float32", 1024),  # no more: a batch of narrow rows is bounded by their number
        (2048, "float32", 1024),
        (2049, "float32", 1023),  # beyond 8 MiB for one value of a batch
        (2**20, "float32", 2),
        (2**21, "float32", 1),
        (2**21 + 1, "float32", 1),
        (1024, "float64", 1024),
        (1025, "float64", 1023),
    ],
)
def test_a_batch_holds_eight_megabytes_or_a_thousand_rows(
    width: int, dtype: str, rows: int
) -> None:
    graph = graph_of(ops.Reshape((width,)), width, dtype)
    assert json.loads(plan_of(graph).text)["batch_rows"] == rows


@pytest.mark.parametrize(
    ("taps", "depth", "filters", "dtype"),
    [
        (1, 1, 128, "float32"),  # many outputs of few numbers
        (3, 1, 512, "float32"),
        (3, 4, 1000, "float32"),
        (3, 16, 2047, "float64"),  # many products of each number
    ],
)
def test_many_filters_of_small_windows_are_computed(
    taps: int, depth: int, filters: int, dtype: str
) -> None:
    """Batches are cut by the time that they take: a plan is refused only for that of one row."""
    kernel = ops.as_tensor(np.ones((taps, depth, filters)), dtype=dtype)
    op = ops.Conv(kernel, None, (1,), (1,), "valid", 1)
    ports = Port("x", 0, (8, depth), dtype), Port("y", 1, (9 - taps, filters), dtype)
    source = Source("keras", "3.0", "m.h5", "0" * 64)
    nodes = (Node(op, (0,), 1, (9 - taps, filters), "op"),)
    plan = plan_of(Graph("m", ports[:1], nodes, ports[1:], source, 0))
    samples = expect_outputs(plan, (np.ones((2, 8, depth), dtype),))
    assert (samples.outputs[0] == taps * depth).all()


def samples_of(graph: Graph, *rows: list[float]) -> Samples:
    """Samples of these rows, by this program."""
    return expect_outputs(plan_of(graph), (np.array(rows, np.float32),))


def test_scores_that_round_nothing_are_held_to_five_digits() -> None:
    assert samples_of(scale(1), [1, 2, 3], [4, 5, 6]).tolerance == EXACT


def test_what_rounding_costs_the_network_is_allowed_four_times() -> None:
    """Large numbers cancel in every row, and leave what float32 rounds."""
    graph = scale(0.1)
    samples = samples_of(graph, *([LARGE + n / 3, -LARGE, n / 7] for n in range(1, 9)))
    inputs = list(samples.inputs)
    single, double = (evaluate(plan_of(graph), inputs, t)[0] for t in ("float32", "float64"))
    rounding = float((np.abs(single - double) / np.maximum(1, np.abs(double))).max())
    assert samples.tolerance == pytest.approx(4 * rounding, rel=1e-3)
    assert samples.tolerance > 2 * EXACT


def test_a_row_that_cancels_is_left_out_and_raises_no_tolerance() -> None:
    good = [[0.5, 0.25, n / 8] for n in range(7)]
    samples = samples_of(scale(0.1), *good, [16777215.0, -16777213.0, 0.3])
    assert len(samples) == 7
    assert samples.tolerance == EXACT


def test_a_row_that_is_far_worse_than_the_others_is_left_out() -> None:
    others = [[LARGE + n / 3, -LARGE, n / 7] for n in range(1, 9)]
    worse = [[100 * LARGE + 1, -100 * LARGE, 1 / 7]]
    samples = samples_of(scale(0.1), *others, *worse)
    assert len(samples) == len(samples_of(scale(0.1), *others)) >= 6
    assert np.abs(samples.inputs[0]).max() < 2 * LARGE


@pytest.mark.parametrize("times", [0.5, 9.0])
def test_a_framework_may_differ_by_rounding(times: float) -> None:
    graph = scale(1)
    difference = times * EXACT
    samples = make_samples(graph, plan_of(graph), draw_inputs(graph, 4), off_by(graph, difference))
    assert samples.expected_by == "another"
    assert samples.tolerance == pytest.approx(max(EXACT, 2 * difference), rel=0.1)


@pytest.mark.parametrize("times", [11.0, 100.0])
def test_a_framework_that_differs_by_more_ends_the_export(times: float) -> None:
    graph = scale(1)
    with pytest.raises(VerificationError, match="another and this program differ by"):
        make_samples(graph, plan_of(graph), draw_inputs(graph, 4), off_by(graph, times * EXACT))


@pytest.mark.parametrize(
    ("times", "told"),
    [(20.0, "the model is ill-conditioned: another and this"), (1e4, "one of them is wrong")],
)
def test_a_model_whose_scores_are_rounding_is_called_so(times: float, told: str) -> None:
    """Beyond what rounding can be, one of both is wrong all the same."""
    graph = scale(0.1)
    rows = np.array([[LARGE * 300 + n, -LARGE * 300, n / 7] for n in range(1, 9)], np.float32)
    tolerance = expect_outputs(plan_of(graph), (rows,)).tolerance
    assert tolerance > 10 * EXACT
    with pytest.raises(VerificationError, match=told):
        make_samples(graph, plan_of(graph), (rows,), off_by(graph, times * tolerance))


def off_by(graph: Graph, difference: float) -> Callable[[tuple[np.ndarray[Any, Any], ...]], Answer]:
    """A framework whose scores differ by this much of their size."""

    def ask(inputs: tuple[np.ndarray[Any, Any], ...]) -> Answer:
        (own,) = expect_outputs(plan_of(graph), inputs).outputs
        wrong = own.astype(np.float64) + difference * np.maximum(1, np.abs(own))
        return Answer((wrong.astype(np.float32),), "another")

    return ask


def test_chunks_of_weights_are_a_megabyte() -> None:
    assert [len(chunk.data) for chunk in split_block(bytes(2**20 + 1))] == [2**20, 1]


@pytest.mark.parametrize("width", [2**20, 2**20 + 1])
def test_windows_have_at_most_a_million_positions(width: int) -> None:
    """A kernel sees each of them on its own."""
    pool = ops.Pool("max", (width,), (1,), "valid")
    if width <= 2**20:
        assert pool.output_shape((width, 1)) == (1, 1)
    else:
        with pytest.raises(ShapeError, match="more than 1,048,576 positions"):
            pool.output_shape((width, 1))


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [("sigmoid", 0, 1), ("hard_sigmoid", 0, 1), ("tanh", -1, 1), ("softsign", -1, 1)],
)
def test_a_threshold_lies_among_the_scores(function: str, low: float, high: float) -> None:
    graph = graph_of(ops.Activation(function), 1)
    for threshold in (low, high):
        signed = sign(graph, "m", labels=["no", "yes"], threshold=threshold)
        assert signed.threshold == threshold
    for threshold in (low - 0.01, high + 0.01):
        with pytest.raises(SignatureError, match="outside of the scores"):
            sign(graph, "m", labels=["no", "yes"], threshold=threshold)


def test_a_threshold_is_half_unless_it_is_given() -> None:
    assert sign(graph_of(ops.Activation("sigmoid"), 1), "m").threshold == 0.5


def test_one_sample_in_eight_lies_where_functions_bend_and_two_are_wide() -> None:
    (rows,) = draw_inputs(scale(1, width=200), 9)
    assert not rows[0].any()
    assert set(rows[4].tolist()) <= set(EDGES.tolist())
    assert len(set(rows[4].tolist())) > 8
    sizes = rows.std(axis=1)
    assert 3 < sizes[2] < 5
    assert 20 < sizes[6] < 40
    assert (abs(sizes[[1, 3, 5, 7, 8]] - 1) < 0.3).all()


@pytest.mark.parametrize(
    ("character", "most"), [(",", 2**22), ("[", 2**22), ("{", 2**22), ("x", 2**26)]
)
def test_a_registrys_text_of_a_size_is_not_parsed(character: str, most: int) -> None:
    """What is no larger is, and is no JSON."""
    with pytest.raises((JSONDecodeError, RecursionError)):
        parse_stored(character * most)
    with pytest.raises(ValueError, match="larger than a plan or manifest can be"):
        parse_stored(character * (most + 1))


def test_whole_numbers_of_a_registrys_text_have_forty_digits() -> None:
    assert parse_stored("9" * 40) == 10**40 - 1
    with pytest.raises(ValueError, match="a number of 41 digits"):
        parse_stored("9" * 41)


def test_bounds_are_asked_of_numbers_and_categories_of_sets() -> None:
    """Columns of the kinds between hold 0 and 1, whatever the bound: nothing lies beside it."""
    kinds = (4, 5, 7, 8)
    count = len(kinds)
    nodes = np.arange(2 * count)
    op = ops.Trees(
        columns=ops.as_tensor(
            np.array([(n, kind, 0, 2) for n, kind in enumerate(kinds)]), dtype="int32"
        ),
        members=ops.as_tensor(np.array([3, 5]), dtype="int32"),
        starts=ops.as_tensor(np.array([0]), dtype="int32"),
        column=ops.as_tensor(nodes % count, dtype="int32"),
        bound=ops.as_tensor(np.full(2 * count, 0.5)),
        left=ops.as_tensor(np.where(nodes < count, nodes + 1, -1), dtype="int32"),
        leaves=ops.as_tensor(np.zeros((1, 1))),
        base=ops.as_tensor(np.zeros(1)),
        target=None,
        compare="float32",
        total="float32",
        divisor=1,
    )
    assert sorted(op.probes(count)) == [0, 3]
