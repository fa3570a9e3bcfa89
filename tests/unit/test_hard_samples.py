"""Sample rows of models of columns: they reach what the model says of itself, and faults show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from exporter.engines.reference import evaluate
from exporter.errors import VerificationError
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import (
    Activation,
    Cast,
    Compare,
    Concatenate,
    Constant,
    Dense,
    Discretize,
    Impute,
    IsMissing,
    MapTexts,
    Op,
    Select,
    Standardize,
    Trees,
    Ufunc,
    Where,
    as_tensor,
)
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.samples import Samples, draw_inputs, make_samples, measure, scaled_difference
from exporter.samples.aims import cross, find_aims

SECONDS = 1.6e9
WORDS = tuple(f"wört {n}" for n in range(500))
NUMBERS = np.random.default_rng(7)


def doubles(values: Any) -> Any:
    """A tensor of float64."""
    return as_tensor(np.asarray(values, np.float64), dtype="float64")


def build(*steps: tuple[Op, tuple[int, ...]], columns: tuple[Column, ...]) -> Graph:
    """A graph of one input of these columns; the last step is the score."""
    dtype = "text" if columns[0].is_text else "float64"
    port = Port("x", 0, (len(columns),), dtype, columns=columns)  # type: ignore[arg-type]
    shapes: dict[int, Any] = {0: port.shape}
    nodes = []
    for value, (op, inputs) in enumerate(steps, 1):
        shapes[value] = op.output_shape(*(shapes[n] for n in inputs))
        nodes.append(Node(op, inputs, value, shapes[value], f"step {value}"))
    output = Port("score", len(steps), shapes[len(steps)], "float64")
    return Graph("m", (port,), tuple(nodes), (output,), Source("sklearn", "1", "m", "0"), 0)


def numbers(count: int, nulls: Any = "null") -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(Column(f"c{n}", nulls=nulls, place=n) for n in range(count))


def prove(graph: Graph, rows: int) -> Samples:
    """Samples with expected outputs of the graph."""
    return make_samples(graph, plan_graph(graph, sign(graph, "m")), draw_inputs(graph, rows))


def is_caught(fault: Graph, samples: Samples) -> bool:
    """Whether a model with a fault fails on the samples of the right one."""
    plan = plan_graph(fault, sign(fault, "m"))
    found = evaluate(plan, list(samples.inputs), "float32")
    pairs = zip(found, samples.outputs, strict=True)
    return max(scaled_difference(a, b) for a, b in pairs) > samples.tolerance


def change(graph: Graph, place: int, op: Op) -> Graph:
    """The graph with another op in one place."""
    nodes = list(graph.nodes)
    nodes[place] = replace(nodes[place], op=op)
    return replace(graph, nodes=tuple(nodes))


def scaled() -> Graph:
    """A column of seconds since 1970 and one beside it, scaled, in front of a logistic model."""
    scaler = Standardize(doubles([SECONDS, 2.0]), doubles([5e4, 3.0]))
    dense = Dense(doubles([[0.7], [-0.4]]), doubles([0.1]))
    return build((scaler, (0,)), (dense, (1,)), (Activation("sigmoid"), (2,)), columns=numbers(2))


def worded() -> Graph:
    """A vocabulary of 500 words, each with a number of its own."""
    op = MapTexts((WORDS,), doubles(NUMBERS.random(500)), doubles([9.0]), doubles([7.0]), (), ())
    return build((op, (0,)), columns=(Column("w", "text", "missing"),))


def forest(trees: int = 3, compare: Any = "float32") -> Graph:
    """Trees of three questions each over two columns."""
    bound = NUMBERS.normal(0, 1, (trees, 3)).astype(np.float32)
    left = np.array([1, 3, 5, -1, -2, -3, -4])
    lefts = np.concatenate([np.where(left > 0, left + 7 * t, left - 4 * t) for t in range(trees)])
    column = np.tile([0, 1, 1, 0, 0, 0, 0], trees)
    bounds = np.concatenate([np.append(b, [0, 0, 0, 0]) for b in bound])
    if compare == "float64":
        bounds = bounds + 1e-9
    op = Trees(
        as_tensor(np.array([[0, 1, 0, 0], [1, 1, 0, 0]]), dtype="int32"),
        as_tensor(np.zeros(0), dtype="int32"), as_tensor(np.arange(trees) * 7, dtype="int32"),
        as_tensor(column, dtype="int32"), as_tensor(bounds, dtype=compare),
        as_tensor(lefts, dtype="int32"), doubles(NUMBERS.random((4 * trees, 1))),
        doubles([0.0]), None, compare, "float64", 1,
    )  # fmt: skip
    return build((op, (0,)), columns=numbers(2, "missing"))


def imputed() -> Graph:
    """Missing numbers replaced, -1 counting as missing, and indicators beside them."""
    return build(
        (Impute(doubles([5.0, 6.0]), -1.0), (0,)),
        (Impute(doubles([3.0, 4.0])), (1,)),
        (IsMissing(), (0,)),
        (Concatenate(0), (2, 3)),
        (Dense(doubles([[1.0], [2.0], [30.0], [40.0]])), (4,)),
        columns=numbers(2, "missing"),
    )


def binned() -> Graph:
    """Bins of the logarithm of what a scaler makes of the column."""
    scaler = Standardize(doubles([SECONDS]), doubles([1e5]))
    return build(
        (Select((1,)), (0,)),
        (scaler, (1,)),
        (Ufunc("exp"), (2,)),
        (Discretize(doubles([0.5, 1.0, 2.5]), (3,)), (3,)),
        columns=numbers(2),
    )


def compared() -> Graph:
    """A Binarizer with threshold 0.3."""
    return build((Constant(doubles([0.3])), ()), (Compare("greater"), (0, 1)), columns=numbers(1))


def test_numbers_of_a_scaler_lie_around_its_mean() -> None:
    (x,) = draw_inputs(scaled(), 40)
    near = np.abs(x[:, 0] - SECONDS) < 4 * 5e4
    assert near.sum() > 30
    assert (x[near, 0] != x[near, 0].astype(np.float32)).sum() > 20
    assert SECONDS in x[:, 0]


def test_numbers_behind_an_imputer_lie_around_the_scaler_s_mean() -> None:
    """Else all rows but those of missing values score 0 or 1, whatever the weights are."""
    graph = build(
        (Impute(doubles([SECONDS, 2.0])), (0,)),
        (Standardize(doubles([SECONDS, 2.0]), doubles([5e4, 3.0])), (1,)),
        (Dense(doubles([[0.7], [-0.4]]), doubles([0.1])), (2,)),
        (Activation("sigmoid"), (3,)),
        columns=numbers(2, "missing"),
    )
    assert measure(graph, draw_inputs(graph, 8)).counts() == {
        "columns in their usual range": (2, 2), "columns with something missing": (2, 2),
    }  # fmt: skip


def test_a_column_far_from_its_mean_is_told() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 2))
    ordinary = measure(scaled(), (rows,))
    assert str(ordinary) == "50 sample rows reach 1 of 2 columns in their usual range"
    assert measure(scaled(), draw_inputs(scaled(), 8)).counts() == {
        "columns in their usual range": (2, 2)
    }


def test_a_vocabulary_is_reached_word_by_word() -> None:
    graph = worded()
    (x,) = draw_inputs(graph, 8)
    assert measure(graph, (x,)).counts() == {
        "categories": (7, 500), "columns with something missing": (1, 1),
    }  # fmt: skip
    (x,) = draw_inputs(graph, 600)
    texts = set(x[:, 0].tolist())
    assert texts >= {*WORDS, None, "", "größer"}
    assert "categories" in str(measure(graph, (x,)))


def test_words_that_would_be_errors_are_not_drawn() -> None:
    op = MapTexts((WORDS[:3],), doubles([1, 2, 3]), doubles([0]), doubles([0]), (0,), ())
    graph = build((op, (0,)), columns=(Column("w", "text"),))
    (x,) = draw_inputs(graph, 20)
    assert set(x[:, 0].tolist()) == set(WORDS[:3])


def test_nothing_is_missing_where_null_gives_null() -> None:
    (x,) = draw_inputs(scaled(), 200)
    assert not np.isnan(x).any()


def test_zeros_of_both_signs_are_drawn() -> None:
    graph = build((Dense(doubles([[1.0]])), (0,)), columns=numbers(1))
    (x,) = draw_inputs(graph, 100)
    zeros = x[x == 0]
    assert np.signbit(zeros).any()
    assert not np.signbit(zeros).all()


@pytest.mark.parametrize("compare", ["float32", "float64"])
def test_a_small_forest_is_reached_whole(compare: str) -> None:
    graph = forest(compare=compare)
    (x,) = draw_inputs(graph, 60)
    counts = measure(graph, (x,)).counts()
    assert counts["columns with something missing"] == (2, 2)
    assert counts["leaves"][0] >= 11
    assert counts["sides of thresholds"] == (18, 18)


def test_thresholds_are_reached_beside_what_hides_its_column() -> None:
    """As trees' features are beside numbers of words, and zeros that count as missing."""
    op: Any = forest().nodes[0].op
    columns = as_tensor(op.columns + np.array([[1, 0, 0, 0]]), dtype="int32")
    graph = build(
        (Dense(doubles([[0.5], [0.5]])), (0,)),
        (Concatenate(0), (1, 0)),
        (Constant(doubles(np.zeros(3))), ()),
        (Compare("equal"), (2, 3)),
        (Constant(doubles(np.full(3, np.nan))), ()),
        (Where(), (4, 5, 2)),
        (replace(op, columns=columns), (6,)),
        columns=numbers(2, "missing"),
    )
    counts = measure(graph, draw_inputs(graph, 60)).counts()
    assert counts["sides of thresholds"] == (18, 18)


def test_questions_about_categories_are_no_thresholds() -> None:
    graph = forest()
    op: Any = graph.nodes[0].op
    columns = as_tensor(np.array([[0, 8, 0, 2], [1, 1, 0, 0]]), dtype="int32")
    members = as_tensor(np.array([3, 5]), dtype="int32")
    bound = as_tensor(np.where(op.column == 0, 1, op.bound), dtype="float32")
    graph = change(graph, 0, replace(op, columns=columns, members=members, bound=bound))
    counts = measure(graph, draw_inputs(graph, 60)).counts()
    assert counts["sides of thresholds"] == (12, 12)
    assert counts["categories"] == (3, 3)


def test_a_few_rows_reach_more_than_the_first_that_were_drawn() -> None:
    graph = forest(40)
    chosen = measure(graph, draw_inputs(graph, 8)).counts()["leaves"][0]
    many = draw_inputs(graph, 400)[0]
    ordinary = [measure(graph, (many[n : n + 8],)).counts()["leaves"][0] for n in range(80, 400, 8)]
    assert chosen > 1.2 * np.median(ordinary)


def test_edges_are_found_through_steps_of_the_way() -> None:
    graph = binned()
    (aim,) = [aim for (_, place), aim in find_aims(graph).items() if place == 1]
    (sides,) = aim.counted
    assert len(sides) == 6
    plan = plan_graph(graph, sign(graph, "m"))
    bins = evaluate(plan, [np.column_stack([sides * 0, sides])])[0][:, 0]
    assert bins.tolist() == [0, 1, 1, 2, 2, 3]
    assert (np.diff(sides)[::2] > np.spacing(sides[::2])).all()  # a function is on the way
    assert (np.diff(sides)[::2] < 1e-6 * sides[::2]).all()
    (x,) = draw_inputs(graph, 8)
    assert measure(graph, (x,)).counts()["sides of edges"] == (6, 6)


@pytest.mark.parametrize("function", ["log1p", "exp", "cbrt"])
@pytest.mark.parametrize("compare", ["float32", "float64"])
def test_no_row_hangs_on_the_last_digit_of_a_function(function: str, compare: Any) -> None:
    trees = forest(compare=compare).nodes[-1].op
    steps = [(Ufunc(function), (0,)), (trees, (1,))]
    graph = build(*steps, columns=numbers(2))
    (x,) = draw_inputs(graph, 64)
    plan = plan_graph(graph, sign(graph, "m"))
    ours = evaluate(plan, [x], "float32")
    with np.errstate(all="ignore"):
        y = getattr(np, function)(x)
    only = build((trees, (0,)), columns=numbers(2))
    for direction in (-np.inf, np.inf):  # another numpy's last digit
        others = evaluate(
            plan_graph(only, sign(only, "m")), [np.nextafter(y, direction)], "float32"
        )
        assert scaled_difference(others[0], ours[0]) == 0
    assert len(np.unique(ours[0])) > 4


def test_a_falling_way_is_crossed_too() -> None:
    sides = cross(lambda x: -x, np.array([1.5]))
    assert sides.tolist() == [-1.5, np.nextafter(-1.5, 0)]
    assert len(cross(lambda x: x * 0, np.array([1.5]))) == 0


def ulp(tensor: Any, place: int, direction: float = np.inf) -> Any:
    """The weights with one number moved by one ulp."""
    moved = np.array(tensor)
    moved[place] = np.nextafter(moved[place], moved.dtype.type(direction))
    return as_tensor(moved, dtype=moved.dtype.name)


def test_every_threshold_moved_by_one_ulp_is_caught() -> None:
    for compare in ("float32", "float64"):
        graph = forest(compare=compare)
        samples = prove(graph, 60)
        op: Any = graph.nodes[0].op
        for place in np.flatnonzero(np.asarray(op.left) > 0):
            for direction in (-np.inf, np.inf):
                fault = change(graph, 0, replace(op, bound=ulp(op.bound, place, direction)))
                assert is_caught(fault, samples), (compare, place, direction)


def swap_words(graph: Graph) -> Graph:
    """Two categories change places."""
    op: Any = graph.nodes[0].op
    (words,) = op.words
    return change(graph, 0, replace(op, words=((words[1], words[0], *words[2:]),)))


def to_float32(graph: Graph) -> Graph:
    """The columns rounded to float32 at the door."""
    renumbered = [
        replace(n, inputs=tuple(i + 2 for i in n.inputs), value=n.value + 2) for n in graph.nodes
    ]
    shape = graph.inputs[0].shape
    casts = [
        Node(Cast("float32"), (0,), 1, shape, "door"), Node(Cast("float64"), (1,), 2, shape, "door")
    ]  # fmt: skip
    outputs = (replace(graph.outputs[0], value=graph.outputs[0].value + 2),)
    return replace(graph, nodes=(*casts, *renumbered), outputs=outputs)


def impute_other(graph: Graph) -> Graph:
    """Another value for what is missing."""
    return change(graph, 1, Impute(doubles([3.0, 4.001])))


def move_edge(graph: Graph) -> Graph:
    """A bin edge a little higher: behind a function, whose last digits no row tells apart."""
    op: Any = graph.nodes[3].op
    edges = np.array(op.edges)
    edges[1] += 1e-8
    return change(graph, 3, replace(op, edges=doubles(edges)))


def compare_other(graph: Graph) -> Graph:
    """At least the threshold instead of above it."""
    return change(graph, 1, Compare("greater_equal"))


FAULTS: list[tuple[Callable[[], Graph], Callable[[Graph], Graph], int]] = [
    (worded, swap_words, 600),
    (scaled, to_float32, 8),
    (binned, to_float32, 8),
    (imputed, impute_other, 8),
    (binned, move_edge, 8),
    (compared, compare_other, 8),
]


@pytest.mark.parametrize(
    ("make", "spoil", "rows"), FAULTS, ids=lambda item: getattr(item, "__name__", None)
)
def test_faults_are_caught(
    make: Callable[[], Graph], spoil: Callable[[Graph], Graph], rows: int
) -> None:
    graph = make()
    samples = prove(graph, rows)
    assert not is_caught(graph, samples)
    assert is_caught(spoil(graph), samples)


def test_rows_are_the_same_for_the_same_graph() -> None:
    for make in (scaled, worded, imputed):
        graph = make()
        for a, b in zip(draw_inputs(graph, 8), draw_inputs(graph, 8), strict=True):
            assert repr(a) == repr(b)


@pytest.mark.parametrize("kind", ["boolean", "date", "timestamp"])
def test_columns_hold_what_their_kind_can(kind: Any) -> None:
    op = Discretize(doubles([0.5, 100.25, 7e8]), (3,))
    graph = build((op, (0,)), columns=(Column("c", kind, "missing"),))
    (x,) = draw_inputs(graph, 100)
    known = x[~np.isnan(x)]
    unit = 10**6 if kind == "timestamp" else 1
    assert (np.round(known * unit) / unit == known).all()
    assert kind != "boolean" or set(known) == {0, 1}
    assert np.isnan(x).any()


def test_a_model_that_takes_no_row_that_was_found_is_refused() -> None:
    words = MapTexts((("a",),), doubles([1]), doubles([0]), doubles([0]), (0,), ())
    others = MapTexts((("b",),), doubles([1]), doubles([0]), doubles([0]), (0,), ())
    graph = build((words, (0,)), (others, (0,)), columns=(Column("w", "text"),))
    with pytest.raises(VerificationError, match="no sample row was found that the model takes"):
        draw_inputs(graph, 8)
