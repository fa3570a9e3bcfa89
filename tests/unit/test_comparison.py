"""What can be compared, and what is made of counts, without a database."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from exporter.comparison.measures import psi
from exporter.comparison.result import share
from exporter.comparison.task import settle_task
from exporter.errors import DatabaseError, printable
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.plan import Signature, plan_graph
from exporter.ir.windows import Window
from exporter.manifest import Manifest, make_manifest
from exporter.samples import Samples


def manifest_of(outputs: int, scale: float = 1.0, ports: int = 1, **options: Any) -> Manifest:
    """A version that gives so many numbers a row."""
    op = ops.Dense(ops.as_tensor(np.full((3, outputs), scale)), None)
    source = Source("keras", "3.0", "m.h5", "0" * 64)
    out = tuple(Port(f"y{n}", 1, (outputs,)) for n in range(ports))
    node = Node(op, (0,), 1, (outputs,), "dense")
    graph = Graph("m", (Port("x", 0, (3,)),), (node,), out, source, 0)
    plan = plan_graph(graph, Signature("m", **options))
    return make_manifest(graph, plan, Samples((), (), "somebody", 1e-5))


NUMBER = manifest_of(1)
YES = manifest_of(1, labels=("no", "yes"), threshold=0.5)
SOFT = manifest_of(2, labels=("no", "yes"))
NO = manifest_of(1, labels=("yes", "no"), threshold=0.5)
ABC = manifest_of(3, labels=("a", "b", "c"))
CBD = manifest_of(3, labels=("c", "b", "d"))
XYZ = manifest_of(3, labels=("x", "y", "z"))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (NUMBER, NUMBER, "are the same version"),
        (NUMBER, YES, "they answer different questions"),
        (YES, ABC, "they answer different questions"),
        (YES, NO, "whether their scores mean the same is not known"),
        (ABC, XYZ, "no label is one of both"),
        (
            NUMBER,
            manifest_of(3),
            "second (",
        ),
        (manifest_of(3), NUMBER, "gives 3 numbers a row and no labels"),
        (NUMBER, manifest_of(1, ports=2), "has 2 outputs (y0, y1)"),
        (manifest_of(3, window=Window(1, 1)), NUMBER, "scores windows of rows"),
        (
            manifest_of(101, labels=tuple(map(str, range(101)))),
            manifest_of(101, 2.0, labels=tuple(map(str, range(101)))),
            "tell 101 classes apart",
        ),
    ],
)
def test_versions_that_cannot_be_compared_are_refused(
    first: Manifest, second: Manifest, message: str
) -> None:
    with pytest.raises(DatabaseError) as caught:
        settle_task(("first", "second"), (first, second))
    assert message in str(caught.value)


def test_what_versions_have_in_common() -> None:
    numbers = settle_task(("a", "b"), (NUMBER, manifest_of(1, 2.0)))
    assert (numbers.kind, numbers.classes) == ("numbers", ())
    binary = settle_task(("a", "b"), (YES, SOFT))
    assert (binary.kind, [side.place for side in binary.sides]) == ("binary", [None, 1])
    classes = settle_task(("a", "b"), (ABC, CBD))
    assert (classes.kind, classes.classes) == ("classes", ("a", "b", "c", "d"))


def test_versions_are_told_by_what_they_were_named() -> None:
    first, second = settle_task(("champion", "3"), (YES, SOFT)).sides
    assert first.title == f"champion ({YES.version[:12]})"
    assert second.title == f"version 3 ({SOFT.version[:12]})"
    (digest, _) = settle_task((YES.version, "3"), (YES, SOFT)).sides
    assert digest.title == YES.version[:12]


@pytest.mark.parametrize("seed", range(5))
def test_psi_is_that_of_shares(seed: int) -> None:
    generator = np.random.default_rng(seed)
    first, second = generator.integers(0, 50, (2, 10))
    p, q = (np.maximum(counts / counts.sum(), 1e-4) for counts in (first, second))
    wanted = ((q - p) * np.log(q / p)).sum()
    assert psi(first.tolist(), second.tolist()) == pytest.approx(wanted, abs=1e-12)
    assert psi(first.tolist(), (3 * first).tolist()) == pytest.approx(0, abs=1e-12)
    assert psi([0], [0]) == 0
    assert math.isfinite(psi([5, 0], [0, 5]))


def test_a_share_is_whole_only_where_all_are() -> None:
    assert [share(1), share(0.999999), share(0.5), share(0)] == [
        "100 %", "99.99 %", "50.00 %", "0.00 %",
    ]  # fmt: skip


def test_what_a_terminal_obeys_is_spelled() -> None:
    assert printable("a\x1b[2J\u202eb\nc") == "a\\x1b[2J\\u202eb\\nc"
    assert printable("ä ö", 2) == "ä ..."
