"""Plans that somebody altered: each way to break a node of a plan's JSON, or its weights."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hostile_plans import GRU, TO_ONE, chain, kernel, long_row

from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign

DATA = Path(__file__).parent / "data"

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 7, 255, 2**31, 2**63, -(2**63), 10**12, 1e300, -0.5, 1e-320, "",
    "x", "__class__", "softmax", "conv", "trees", "f8", "O", "a" * 1000, "\ud800", [], [0], [-1],
    [10**9], [1, 2, 3], [[0]], [[]], {}, {"x": 1}, {"__class__": []}, [None], ["x"], [1e9], [2**40],
]  # fmt: skip


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each value of a document is; of long lists the first and the last."""
    found = [path]
    if isinstance(node, dict):
        items: list[tuple[Any, Any]] = list(node.items())
    elif isinstance(node, list):
        places = range(len(node)) if len(node) < 12 else [0, 1, len(node) - 1]
        items = [(place, node[place]) for place in places]
    else:
        return found
    for key, item in items:
        found += paths(item, (*path, key))
    return found


def mutate(document: Any, where: tuple[Any, ...], kind: str, chooser: random.Random) -> Any:
    """The document with another value in one place."""
    if not where:
        return chooser.choice(VALUES)
    changed = copy.deepcopy(document)
    parent = changed
    for key in where[:-1]:
        parent = parent[key]
    last = where[-1]
    value = parent[last]
    if kind == "delete":
        del parent[last]
    elif kind == "duplicate" and isinstance(parent, list):
        parent.insert(last, copy.deepcopy(value))
    elif kind == "grow" and isinstance(value, (int, float)) and not isinstance(value, bool):
        parent[last] = chooser.choice(
            [value + 1, value - 1, -value, value * 10, value * 1000, value * 10**6, value * 10**9]
        )
    elif kind == "nudge":
        parent[last] = value + chooser.choice([1, 1, -1, 2, value, 0.5])
    elif kind == "grow" and isinstance(value, list) and value:
        parent[last] = value * chooser.choice([2, 100])
    elif kind == "swap":
        others = [path for path in paths(changed) if path]
        other: Any = changed
        for key in chooser.choice(others):
            other = other[key]
        parent[last] = copy.deepcopy(other)
    else:
        parent[last] = copy.deepcopy(chooser.choice(VALUES))
    return changed


def is_number(document: Any, where: tuple[Any, ...]) -> bool:
    """Whether there is a number in a place."""
    for key in where:
        document = document[key]
    return isinstance(document, (int, float)) and not isinstance(document, bool)


KINDS = ("replace", "delete", "duplicate", "grow", "swap", "key")


def altered(text: str, block: bytes, chooser: random.Random) -> tuple[str, bytes]:
    """A plan and its weights, one or a few values of either of which are others."""
    document = json.loads(text)
    for _ in range(chooser.choice([1, 1, 1, 2, 3])):
        if not isinstance(document, dict):
            break
        everywhere = paths(document)
        kind = chooser.choice(KINDS)
        if chooser.random() < 0.6:  # near to what is taken, so that some of it is
            kind = "nudge"
            everywhere = [path for path in everywhere if is_number(document, path)]
        where = chooser.choice(everywhere or [()])
        document = mutate(document, where, kind, chooser)
    plan = json.dumps(document)
    if chooser.random() < 0.1:
        cut = chooser.randrange(len(plan))
        plan = plan[:cut] + chooser.choice(["", "}", "[", '"', "NaN", "1" * 50]) + plan[cut + 1 :]
    if chooser.random() < 0.4 and block:
        block = alter_weights(block, chooser)
    return plan, block


def alter_weights(block: bytes, chooser: random.Random) -> bytes:
    """Weights that are cut, longer, or hold other numbers."""
    kind = chooser.choice(["cut", "extend", "bytes", "large", "nan"])
    if kind == "cut":
        return block[: chooser.randrange(len(block))]
    if kind == "extend":
        return block + bytes(chooser.randrange(1, 100))
    place = 4 * chooser.randrange(max(1, len(block) // 4))
    new = {
        "bytes": chooser.randbytes(4),
        "large": b"\xff\xff\xff\x7f",
        "nan": b"\x00\x00\xc0\x7f",
    }[kind]
    return (block[:place] + new + block[place + 4 :])[: len(block)]


def plan_of(name: str) -> tuple[str, bytes]:
    """The plan of a file of the tests, and its weights."""
    graph = simplify(read(DATA / name))
    made = plan_graph(graph, sign(graph, "m"))
    return made.text, made.block


def from_file(name: str) -> Callable[[], tuple[str, bytes]]:
    """plan_of(), later."""
    return lambda: plan_of(name)


def sequence() -> tuple[str, bytes]:
    """Windows and a recurrence over a row of two numbers."""
    conv = kernel("conv", "kernel", "bias", strides=[1], dilation=[1], padding="same")
    gru = kernel("gru", **{**GRU, "result": "sequence"})
    gru["tensors"] = {"kernel": 2, "recurrent_kernel": 3}
    pool = kernel("pool", mode="max", size=[2], strides=[2], padding="valid")
    return chain(
        *long_row(5), conv, pool, gru, *TO_ONE,
        tensors=(np.ones((3, 2, 4)), np.ones(4), np.ones((4, 6)), np.ones((2, 6))),
    )  # fmt: skip


SEEDS = {
    "two inputs": from_file("shared_model.h5"),
    "two outputs": from_file("several_outputs.h5"),
    "softmax": from_file("particle.h5"),
    "bins": from_file("sklearn/KBinsDiscretizer_kmeans_onehot-1.5.2.pkl"),
    "words": from_file("sklearn/OneHotEncoder_infrequent-1.5.2.joblib"),
    "texts": from_file("sklearn/TfidfVectorizer-1.5.2.joblib"),
    "columns": from_file("sklearn/mixed-1.5.2.pkl"),
    "splines": from_file("sklearn/SplineTransformer_linear_3-1.5.2.pkl"),
    "quantiles": from_file("sklearn/QuantileTransformer_normal-1.5.2.pkl"),
    "trees": from_file("trees/Logloss_Lossguide_Min.json"),
    "categories": from_file("trees/categories_binary.json"),
    "sequences": sequence,
}
