"""A model of columns of every kind, made by hand, and rows of a table for it."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import (
    Affine,
    Concatenate,
    Dense,
    Encode,
    Op,
    Reshape,
    Select,
    Softmax,
    StringLookup,
    as_tensor,
)

JOBS = ("nurse", "größer", "a'b\\c", "", "x" * 3000)
CITIES = ("Bonn", "Köln")
NUMBERS = (
    Column("age", place=0),
    Column("since", "date", "missing", 2),
    Column("member", "boolean", place=3),
    Column("seen", "timestamp", "missing", 5),
    Column("income", "number", "missing", 6),
)
TEXTS = (Column("job", "text", "missing", 1), Column("city", "text", "null", 4))
TABLE = (
    "create table customers (id integer primary key, age smallint, job text, since date,"
    " member boolean, city varchar(20), seen timestamp, income numeric)"
)
# id, then the columns; ages, members and cities must not be missing.
ROWS: list[tuple[Any, ...]] = [
    (1, 41, "nurse", "2024-02-01", True, "Bonn", "2024-02-01 12:30:00.25", "1234.5"),
    (2, 30, "größer", "1969-12-31", False, "Köln", "1950-01-01", "-0.001"),
    (3, 30, None, None, False, "Köln", None, None),
    (4, None, "nurse", "2024-02-01", True, "Bonn", "2024-02-01", "1"),
    (5, 20, "nurse", "2024-02-01", None, "Bonn", "2024-02-01", "1"),
    (6, 20, "nurse", "2024-02-01", True, None, "2024-02-01", "1"),
    (7, 19, "x" * 3000, "2024-02-02", True, "nowhere", "2024-02-01", "12e20"),
    (8, 18, "x" * 2999, "2024-02-02", True, "", "2024-02-01", "0"),
    (9, 17, "", "2024-02-02", True, "Bonn", "2024-02-01", "NaN"),
]  # fmt: skip


def as_double(values: Any) -> Any:
    """Weights of a model in float64."""
    return as_tensor(np.asarray(values), dtype="float64")


def mixed_graph() -> Graph:
    """Numbers scaled, words one-hot, a softmax of two; a NaN among the numbers stays one."""
    nodes: list[Node] = []

    def add(op: Op, sources: tuple[int, ...], shape: tuple[int, ...]) -> int:
        value = len(nodes) + 2
        nodes.append(Node(op, sources, value, shape, f"layer_{value}"))
        return value

    encoded = []
    for place, words in enumerate((JOBS, CITIES)):
        depth = len(words) + 1
        text = add(Select((place,)), (1,), (1,))
        lookup = StringLookup(words, as_double(np.arange(1, depth)), 0.0)
        number = add(lookup, (text,), (1,))
        hot = add(Encode(depth, "one_hot"), (number,), (1, depth))
        encoded.append(add(Reshape((depth,)), (hot,), (depth,)))
    scale = as_double([0.05, 1e-4, 0.5, 1e-9, 1e-4])
    scaled = add(Affine(scale, as_double([-1, -1, 0, -1, 0])), (0,), (5,))
    width = 5 + len(JOBS) + len(CITIES) + 2
    joined = add(Concatenate(0), (scaled, *encoded), (width,))
    kernel = np.random.default_rng(4).normal(size=(width, 2))
    dense = add(Dense(as_double(kernel), as_double([0.1, -0.2])), (joined,), (2,))
    output = add(Softmax(0), (dense,), (2,))
    ports = (
        Port("numbers", 0, (5,), "float64", columns=NUMBERS),
        Port("texts", 1, (2,), "text", columns=TEXTS),
    )
    source = Source("keras", "2.0", "mixed.h5", "0" * 64)
    return Graph(
        "mixed", ports, tuple(nodes), (Port("y", output, (2,), "float64"),), source, kernel.size + 2
    )


def arrays(rows: list[tuple[Any, ...]]) -> list[np.ndarray[Any, Any]]:
    """What reaches the model of rows of ROWS."""
    numbers = [
        [number(age), days(since), number(member), seconds(seen), number(income)]
        for _, age, _, since, member, _, seen, income in rows
    ]
    texts = [[row[2], row[5]] for row in rows]
    return [np.array(numbers, np.float64), np.array(texts, object)]


def number(value: Any) -> float:
    """A number, or what is missing."""
    return np.nan if value is None else float(value)


def days(text: str | None) -> float:
    """From 1970-01-01 to a date."""
    if text is None:
        return np.nan
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def seconds(text: str | None) -> float:
    """From 1970-01-01 to a moment."""
    if text is None:
        return np.nan
    since = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)
    return since.total_seconds()
