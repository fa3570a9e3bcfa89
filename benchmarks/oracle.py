"""Count what scoring costs in Oracle: calls of UTL_NLA, numbers moved, PL/SQL iterations.

    python benchmarks/oracle.py

There is no Oracle here, so nothing is timed: the packages run in the interpreter of tests/plsql,
which counts. Prints one table, and what the counts mean under assumptions that it names.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from oracle.networks import FIXED, inputs_of, mlp
from oracle.server import Model, Oracle, flat_rows

from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Softmax, Trees, as_tensor

NETWORKS: dict[str, Graph] = {
    "iris 4-8-3": mlp(4, 8, 3, last=Softmax(0)),
    "fraud 28-256-128-64-32-1": mlp(28, 256, 128, 64, 32, 1),
    "mnist 784-100-10": mlp(784, 100, 10, last=Softmax(0)),
    "images 8x8, conv 3x3x4": FIXED["images"],
    "sequence 6x3, lstm 4": FIXED["sequence"],
}
ENSEMBLES = {"300 trees of depth 6": (300, 6), "100 trees of depth 10": (100, 10)}
FEATURES, TREE_ROWS = 28, 20
BATCH = 500
PUBLISHED = "mnist 784-100-10"
PUBLISHED_MS = 12.3  # a row, through SQL, one gemv a row and layer
# Assumptions, not measurements: compiled PL/SQL does 5 to 20 million simple iterations a second;
# a reference BLAS in one thread multiplies and adds about 1,000 million times a second.
ITERATION_US = 0.2
PRODUCTS_PER_US = 1000
# UTL_NLA moves every array into C at every call. The published row moved 80,394 numbers: if that
# had been all of its 12.3 ms, a number would take this long, so it is an upper bound.
MOVED_US = 0.15


@dataclass(frozen=True)
class Counts:
    """What scoring so many rows cost."""

    rows: int
    calls: int
    moved: int
    loops: int

    @property
    def line(self) -> str:
        """Columns of the table."""
        return (
            f"{self.rows:>5} {self.calls:>6} {self.calls / self.rows:>10.3f}"
            f" {self.moved / self.rows:>10,.0f} {self.loops / self.rows:>10,.0f}"
        )


def count(model: Model, rows: Sequence[list[list[float | None]]]) -> Counts:
    """Counts of a row by score(), of more by score_table(); the weights are loaded already."""
    session = model.session
    before = session.calls, session.nla_elements, session.loops
    if len(rows) == 1:
        model.score(*rows[0])
    else:
        model.score_table(rows)
    return Counts(
        len(rows),
        session.calls - before[0],
        session.nla_elements - before[1],
        session.loops - before[2],
    )


def forest(trees: int, depth: int) -> Graph:
    """Complete trees that ask random questions, as XGBoost would: float32, one sum."""
    generator = np.random.default_rng(0)
    inner, leaves = 2**depth - 1, 2**depth
    first = np.arange(trees)[:, None] * (inner + leaves)
    children = first + 2 * np.arange(inner) + 1
    ends = -1 - np.arange(trees * leaves).reshape(trees, leaves)
    nodes = trees * (inner + leaves)
    columns = np.zeros((FEATURES, 4))
    columns[:, 0] = np.arange(FEATURES)
    op = Trees(
        columns=as_tensor(columns, dtype="int32"),
        members=as_tensor(np.zeros(0), dtype="int32"),
        starts=as_tensor(first[:, 0], dtype="int32"),
        column=as_tensor(generator.integers(0, FEATURES, nodes), dtype="int32"),
        bound=as_tensor(generator.normal(size=nodes)),
        left=as_tensor(np.hstack([children, ends]).ravel(), dtype="int32"),
        leaves=as_tensor(generator.normal(size=(trees * leaves, 1))),
        base=as_tensor([0.5]),
        target=None,
        compare="float32",
        total="float32",
        divisor=1,
    )
    inputs = (Port("x", 0, (FEATURES,), "float64"),)
    source = Source("xgboost", "3", "forest.json", "0" * 64)
    nodes_ = (Node(op, (0,), 1, (1,), "trees"),)
    return Graph("forest", inputs, nodes_, (Port("y", 1, (1,)),), source, nodes)


def print_trees(oracle: Oracle) -> None:
    """What a row costs, and what a session costs before its first row."""
    heading = f"{'trees, of 28 numbers':<26} {'nodes':>8} {'questions/row':>14} {'loops/row':>10}"
    print(f"\n{heading} {'loops to load':>14}")
    for name, (trees, depth) in ENSEMBLES.items():
        graph = forest(trees, depth)
        rows = [[row] for row in np.random.default_rng(1).normal(size=(TREE_ROWS, FEATURES))]
        with oracle.deploy(graph) as model:
            before = model.session.loops
            model.score_table(rows[:1])
            first = model.session.loops - before
            loops = count(model, rows).loops / TREE_ROWS
        loaded = first - loops
        print(
            f"{name:<26} {graph.parameters:>8,} {trees * depth:>14,} {loops:>10,.0f}"
            f" {loaded:>14,.0f}"
        )


def multiplications(graph: Graph) -> int:
    """Products of numbers in the dense layers, a row."""
    return sum(node.op.tensors()["kernel"].size for node in graph.nodes if node.op.tensors())


def main() -> None:
    """Print the table."""
    oracle = Oracle()
    print(
        f"{'network':<26} {'rows':>5} {'calls':>6} {'calls/row':>10} {'moved/row':>10}"
        f" {'loops/row':>10}"
    )
    for name, graph in NETWORKS.items():
        with oracle.deploy(graph) as model:
            rows = flat_rows(inputs_of(graph, BATCH))
            model.score_table(rows[:1])
            results = [count(model, rows[:1]), count(model, rows)]
        for result in results:
            print(f"{name:<26} {result.line}")
        if name == PUBLISHED:
            published = results[1], multiplications(graph)
    counts, products = published
    loops_ms = counts.loops / counts.rows * ITERATION_US / 1000
    products_ms = products / PRODUCTS_PER_US / 1000
    moved_ms = counts.moved / counts.rows * MOVED_US / 1000
    print(f"\n{PUBLISHED}, on paper, a row in batches of {BATCH}:")
    print(f"  {loops_ms:.2f} ms  {counts.loops / counts.rows:,.0f} iterations of {ITERATION_US} us")
    print(f"  {products_ms:.2f} ms  {products:,} products at {PRODUCTS_PER_US:,} a us")
    print(
        f"  0 to {moved_ms:.2f} ms  {counts.moved / counts.rows:,.0f} numbers moved into C,"
        f" of at most {MOVED_US} us"
    )
    total_ms = loops_ms + products_ms
    print(
        f"  {total_ms:.2f} to {total_ms + moved_ms:.2f} ms  against {PUBLISHED_MS} ms published,"
        " row by row"
    )
    print_trees(oracle)
    print("Counted, not timed: the assumptions are in benchmarks/oracle.py.")


if __name__ == "__main__":
    main()
