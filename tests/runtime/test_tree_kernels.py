"""Trees against a walk through what the file says, for random trees and hard rows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import trees_by_hand as by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.engines.plpython.runtime import runtime
from exporter.formats.json_text import parse_object
from exporter.formats.trees import catboost, lightgbm, xgboost
from exporter.formats.trees.ensemble import Ensemble, Kind, Tree, grow
from exporter.formats.trees.ubjson import parse_ubjson

Array = np.ndarray[Any, Any]
FORESTS = st.lists(by_hand.trees(), min_size=1, max_size=5)
NUMERIC = st.lists(by_hand.trees(sets=False), min_size=1, max_size=5)
WITH_ZEROS = st.lists(by_hand.trees(zeros=True), min_size=1, max_size=5)


def check_rows(body: object, x: Array, expected: list[float]) -> None:
    """Both layouts and few rows give the same."""
    assert isinstance(body, Ensemble)
    many = np.repeat(x, 2 * runtime().FEW_ROWS, axis=0)
    assert by_hand.sum_leaves(body, x).ravel().tolist() == expected
    y = by_hand.sum_leaves(body, many).ravel()
    assert y.tolist() == np.repeat(expected, 2 * runtime().FEW_ROWS).tolist()


@settings(max_examples=60, deadline=None)
@given(FORESTS, by_hand.rows("float32"))
def test_xgboost_files_score_as_they_say(forest: list[Any], x: Array) -> None:
    expected = [
        0.5 + sum(by_hand.walk(tree, by_hand.asked_by_xgboost(row)) for tree in forest) for row in x
    ]
    document = by_hand.xgboost_file(forest)
    for found in (
        parse_object(by_hand.as_json(document), "it", has_nan=True),
        parse_ubjson(by_hand.as_ubjson(document)),
    ):
        check_rows(xgboost.read_document(found).body, x, expected)


@settings(max_examples=60, deadline=None)
@given(WITH_ZEROS, by_hand.rows("float64"))
def test_lightgbm_files_score_as_they_say(forest: list[Any], x: Array) -> None:
    expected = [
        sum(by_hand.walk(tree, by_hand.asked_by_lightgbm(row)) for tree in forest) for row in x
    ]
    check_rows(lightgbm.read_text(by_hand.lightgbm_file(forest)).body, x, expected)


@settings(max_examples=60, deadline=None)
@given(NUMERIC, by_hand.rows("float32"))
def test_catboost_files_score_as_they_say(forest: list[Any], x: Array) -> None:
    expected = [
        sum(by_hand.walk(tree, by_hand.asked_by_catboost(row)) for tree in forest) for row in x
    ]
    model = catboost.read_document(by_hand.catboost_file(forest))
    assert model.offset is not None and model.offset.tolist() == [0.5]
    check_rows(model.body, x, expected)


def random_trees(count: int, depth: int, features: int, dtype: str, outputs: int = 1) -> Ensemble:
    """Complete trees of random questions."""
    random = np.random.default_rng(count * depth)
    nodes, inner = 2 ** (depth + 1) - 1, 2**depth - 1
    node = np.arange(nodes)
    is_leaf = node >= inner
    trees = [
        Tree(
            left=np.where(is_leaf, -1, 2 * node + 1),
            right=np.where(is_leaf, -1, 2 * node + 2),
            is_leaf=is_leaf,
            feature=random.integers(0, features, nodes),
            kind=np.where(random.random(nodes) < 0.5, Kind.PLAIN, Kind.RIGHT),
            bound=random.normal(size=nodes).astype(dtype),
            leaf=np.where(is_leaf, node - inner, 0),
            values=random.normal(size=(inner + 1, outputs)).astype(dtype),
        )
        for _ in range(count)
    ]
    return grow(trees, features, np.zeros(outputs), [0] * count, dtype, dtype)  # type: ignore[arg-type]


def sum_by_rows(ensemble: Ensemble, x: Array) -> Array:
    """The formula: each row through each tree, added in order."""
    y = np.repeat(ensemble.base[None], len(x), axis=0)
    for place, row in enumerate(x.astype(ensemble.compare)):
        for start in ensemble.starts:
            node = int(start)
            while ensemble.left[node] >= 0:
                feature, kind = ensemble.columns[ensemble.column[node], :2]
                value = np.inf if kind == Kind.RIGHT and np.isnan(row[feature]) else row[feature]
                node = ensemble.left[node] + int(value >= ensemble.bound[node])
            y[place] += ensemble.leaves[-1 - ensemble.left[node]]
    return y


# (kernel, type, outputs, depth)
CASES = (
    ("trees", "float32", 1, 0),
    ("trees", "float32", 1, 1),
    ("trees", "float64", 1, 2),
    ("trees", "float32", 1, 5),
    ("trees", "float64", 3, 5),
    ("trees", "float32", 1, 8),
    ("trees", "float32", 3, 8),
    ("trees", "float32", 1, 9),
    ("trees", "float64", 3, 9),
)


@pytest.mark.parametrize(("kernel", "dtype", "outputs", "depth"), CASES)
@pytest.mark.parametrize("rows", [1, 2, 47, 48, 64, 130])
def test_every_layout_adds_in_order(
    kernel: str, dtype: str, outputs: int, depth: int, rows: int
) -> None:
    """To the last bit, which sums in another order would not be."""
    assert kernel in runtime().KERNELS
    ensemble = random_trees(9, depth, 3, dtype, outputs)
    x = np.random.default_rng(5).normal(size=(rows, 3))
    x[np.random.default_rng(6).random(x.shape) < 0.2] = np.nan
    assert (by_hand.sum_leaves(ensemble, x) == sum_by_rows(ensemble, x)).all()


@pytest.mark.parametrize("depth", [3, 10])
def test_more_rows_than_are_scored_at_once(depth: int) -> None:
    ensemble = random_trees(3, depth, 3, "float32")
    x = np.random.default_rng(5).normal(size=(2 * runtime().SLICE_ROWS + 1, 3))
    some = np.linspace(0, len(x) - 1, 50).astype(int)
    y = by_hand.sum_leaves(ensemble, x)
    assert y.shape == (len(x), 1)
    assert (y[some] == sum_by_rows(ensemble, x[some])).all()
    assert by_hand.sum_leaves(ensemble, x[:0]).shape == (0, 1)


def test_shallow_trees_are_sliced_and_deep_ones_walked() -> None:
    module = runtime()
    cases = (
        (1, "float32", module.TreeSlices),
        (4, "float64", module.TreeSlices),
        (10, "float32", module.PackedWalk),
        (10, "float64", module.TreeWalk),
    )
    for depth, dtype, kind in cases:
        found = random_trees(30, depth, 10, dtype)
        nodes = module.TreeNodes(found.starts, found.column, found.bound, found.left, found.leaves)
        assert nodes.depth == depth
        few, many = module.choose_layouts(nodes)
        assert type(few) is module.TreeWalk
        assert type(many) is kind


def leafwise_trees(count: int, leaves: int, features: int, steps: int) -> Ensemble:
    """Trees that grow at any leaf, of bounds on a grid of so many steps: a column has many or few
    distinct ones."""
    random = np.random.default_rng(leaves)
    trees = []
    for _ in range(count):
        left, right = [-1], [-1]
        while len(left) < 2 * leaves - 1:
            node = random.choice([n for n, child in enumerate(left) if child < 0])
            left[node], right[node] = len(left), len(left) + 1
            left += [-1, -1]
            right += [-1, -1]
        is_leaf = np.array(left) < 0
        tree = Tree(
            left=np.array(left),
            right=np.array(right),
            is_leaf=is_leaf,
            feature=random.integers(0, features, len(left)),
            kind=np.where(random.random(len(left)) < 0.5, Kind.PLAIN, Kind.RIGHT),
            bound=random.integers(-steps, steps, len(left)) / steps,
            leaf=np.where(is_leaf, np.cumsum(is_leaf) - 1, 0),
            values=random.normal(size=(leaves, 1)),
        )
        trees.append(tree)
    return grow(trees, features, np.zeros(1), [0] * count, "float64", "float64")


@pytest.mark.parametrize(
    ("leaves", "steps"), [(2, 3), (31, 4), (31, 900), (255, 4), (256, 100_000), (257, 4)]
)
def test_trees_of_many_shapes_are_sliced(leaves: int, steps: int) -> None:
    """Leaves deep down beside others near the root, up to as many as a byte tells, and columns
    whose numbers are compared or ranked; rows that are no whole words, on bounds and beside."""
    module = runtime()
    ensemble = leafwise_trees(40, leaves, 3, steps)
    arrays = (ensemble.starts, ensemble.column, ensemble.bound, ensemble.left, ensemble.leaves)
    nodes = module.TreeNodes(*arrays)
    x = np.random.default_rng(5).choice(ensemble.bound, (100, 3))
    x[::3] = np.nextafter(x[::3], -np.inf)
    x[np.random.default_rng(6).random(x.shape) < 0.2] = np.nan
    assert (by_hand.sum_leaves(ensemble, x) == sum_by_rows(ensemble, x)).all()
    if leaves > module.MAX_SLICE_LEAVES:
        return
    questions = module.TreeQuestions(nodes)
    assert bool(questions.ranked) == (steps > 4)
    columns = module.TreeColumns(ensemble.columns, ensemble.members).make(x)
    sliced = [values for _, values in module.TreeSlices(nodes, questions).values(columns)]
    walked = [values for _, values in module.TreeWalk(nodes).values(columns)]
    assert (np.concatenate(sliced) == np.concatenate(walked)).all()


@pytest.mark.parametrize("leaves", [20, 300])
@pytest.mark.parametrize("used", [slice(0, 5), slice(3, None)])
def test_trees_that_do_not_count_are_not_looked_at(leaves: int, used: slice) -> None:
    """Where training stopped early, nodes behind the last tree stay."""
    ensemble = leafwise_trees(8, leaves, 3, 50)
    ensemble = Ensemble(**{**vars(ensemble), "starts": ensemble.starts[used]})
    x = np.random.default_rng(5).normal(size=(60, 3))
    assert (by_hand.sum_leaves(ensemble, x) == sum_by_rows(ensemble, x)).all()
    assert (by_hand.sum_leaves(ensemble, x[:1]) == sum_by_rows(ensemble, x[:1])).all()


def test_packed_nodes_order_numbers_as_floats_are() -> None:
    bits = np.random.default_rng(5).integers(0, 2**32, 2000, np.uint32).view(np.float32)
    hard = np.array([-np.inf, np.inf, -0.0, 0.0, 1e-45, -1e-45, np.nan, -np.nan], np.float32)
    x = np.concatenate([bits, hard])
    x[np.isnan(x)] = np.nan  # numpy warns of others than this one
    found = runtime()._in_order(x)
    assert (found[np.isnan(x)] == 0).all()
    known = np.sort(x[~np.isnan(x)])
    assert 0 < found[~np.isnan(x)].min() <= found.max() < 2**32
    same = runtime()._in_order(known)
    assert ((same[1:] > same[:-1]) == (known[1:] > known[:-1])).all()
    assert ((same[1:] == same[:-1]) == (known[1:] == known[:-1])).all()


def test_too_many_nodes_for_a_word_are_walked_plainly() -> None:
    found = random_trees(1, 1, 3, "float32")
    nodes = runtime().TreeNodes(found.starts, found.column, found.bound, found.left, found.leaves)
    assert runtime().PackedWalk.fits(nodes)
    nodes.column = nodes.column + 2**30
    assert not runtime().PackedWalk.fits(nodes)


def test_each_output_adds_its_own_trees_in_order() -> None:
    one = random_trees(6, 3, 3, "float32")
    several = Ensemble(
        **{
            **vars(one),
            "base": np.array([1, 2], np.float32),
            "target": np.array([0, 1, 1, 0, 1, 0], np.int32),
        }
    )
    x = np.random.default_rng(5).normal(size=(100, 3))
    expected = np.repeat(several.base[None], len(x), axis=0)
    assert several.target is not None
    for tree, output in enumerate(several.target):
        only = Ensemble(**{**vars(one), "starts": one.starts[tree : tree + 1]})
        expected[:, output] += sum_by_rows(only, x)[:, 0]
    assert (by_hand.sum_leaves(several, x) == expected).all()
    assert (by_hand.sum_leaves(several, x[:3]) == expected[:3]).all()


def test_what_a_session_builds_is_quick() -> None:
    """0.1 s for 300 trees, 0.5 s for a forest of a million nodes; here with room for slow
    machines."""
    small, large = random_trees(300, 6, 28, "float32"), random_trees(60, 13, 28, "float64")
    assert len(large.left) > 980_000
    for ensemble, most in ((small, 0.5), (large, 2.5)):
        start = time.process_time()
        by_hand.sum_leaves(ensemble, np.zeros((1, 28)))
        assert time.process_time() - start < most
