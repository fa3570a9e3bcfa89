"""Columns of inputs: what they are in a graph and a plan, and how features name them."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import numpy as np
import pytest

from exporter.databases.postgres.columns import sample_texts
from exporter.description import Description
from exporter.errors import SignatureError
from exporter.ir.columns import Column, as_list
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import Concatenate, Dense, Op, Standardize, StringLookup, as_tensor
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.ir.signature import sign
from exporter.samples import draw_inputs

DENSE = Dense(as_tensor(np.arange(36).reshape(6, 6) / 7), as_tensor(np.arange(6)))
LOOKUP = StringLookup(("a", "ß"), as_tensor([1, 2]), 0.0)
SOURCE = Source("keras", "2.2.4", "m.h5", "0" * 64)


def single(port: Port, op: Op) -> Graph:
    """One op on one input of six elements."""
    node = Node(op, (0,), 1, (6,), "layer")
    return Graph("m", (port,), (node,), (Port("y", 1, (6,)),), SOURCE, 42)


NUMBERS = single(Port("x", 0, (6,)), DENSE)
TEXTS = single(Port("w", 0, (6,), "text"), LOOKUP)
JOB = Column("job", "text", "missing", 1)
COLUMNS = (
    Column("age", place=0),
    Column("since", "date", "missing", 2),
    Column("p", "boolean", place=3),
)


def mixed(numbers: tuple[Column, ...] = COLUMNS, texts: tuple[Column, ...] = (JOB,)) -> Graph:
    """Numbers and texts side by side; as many as there are columns, or 3 and 1."""
    ports = (
        Port("numbers", 0, (len(numbers) or 3,), "float64", columns=numbers),
        Port("texts", 1, (len(texts) or 1,), "text", columns=texts),
    )
    places = as_tensor(LOOKUP.places, dtype="float64")
    nodes = (
        Node(replace(LOOKUP, places=places), (1,), 2, ports[1].shape, "lookup"),
        Node(Concatenate(0), (0, 2), 3, (4,), "joined"),
    )
    return Graph("m", ports, nodes, (Port("y", 3, (4,), "float64"),), SOURCE, 0)


PLAIN_INPUTS = {
    "numbers": '[{"name":"x","shape":[6]}]',
    "texts": '[{"name":"w","shape":[6],"dtype":"text"}]',
}


@pytest.mark.parametrize(
    ("graph", "inputs", "digest", "version"),
    [
        (
            NUMBERS,
            PLAIN_INPUTS["numbers"],
            "48f9aec792d07d72336232fb9f3d978033c1114ebebd0ea1db5f391c10f9d26d",
            "84408734c83fafbce36c1ce19d3f71bc41de28999a5f2f59a2de0b49fad13498",
        ),
        (
            TEXTS,
            PLAIN_INPUTS["texts"],
            "074c07da59f692aff9b09138f5255a30c3fed6e71e5e06d138317bbdaac3a5e1",
            "119d7e8b5c671632e82c3a9edd35c39cf525935861b64d0309aaf475fbc93e06",
        ),
    ],
)
def test_graphs_without_columns_keep_the_digest_that_they_always_had(
    graph: Graph, inputs: str, digest: str, version: str
) -> None:
    plan = plan_graph(graph, Signature("m", ("a", "b", "c", "d", "e", "f")))
    assert f'"inputs":{inputs},"outputs"' in plan.text
    assert (graph.digest, plan.version) == (digest, version)


def plan(graph: Graph, *features: str) -> Plan:
    """The plan under the features that are given, or the columns' own names."""
    return plan_graph(graph, sign(graph, "m", features))


def test_columns_are_in_the_order_of_their_places() -> None:
    assert [column.name for column in mixed().columns] == ["age", "job", "since", "p"]
    assert NUMBERS.columns == ()
    assert sign(mixed(), "m").features == ("age", "job", "since", "p")


def test_a_plan_holds_columns_under_the_names_of_their_caller() -> None:
    inputs = json.loads(plan(mixed(), "a", "b", "c", "d").text)["inputs"]
    assert [entry["dtype"] for entry in inputs] == ["float64", "text"]
    assert inputs[0]["columns"] == [
        ["a", "number", "null", 0],
        ["c", "date", "missing", 2],
        ["d", "boolean", "null", 3],
    ]
    assert inputs[1]["columns"] == [["b", "text", "missing", 1]]
    assert as_list((JOB,)) == [["job", "text", "missing", 1]]


@pytest.mark.parametrize(
    "change",
    [{"name": "work"}, {"nulls": "null"}, {"kind": "number"}],
)
def test_digests_tell_columns_apart(change: dict[str, str]) -> None:
    of_date = replace(COLUMNS[1], **change)  # type: ignore[arg-type]
    other = mixed((COLUMNS[0], of_date, COLUMNS[2]))
    assert other.digest != mixed().digest
    assert plan(other).version != plan(mixed()).version


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (mixed(COLUMNS, ()), "not for all"),
        (mixed(COLUMNS[:2], (replace(JOB, place=5),)), "places"),
        (mixed(COLUMNS[:2], (replace(JOB, place=0),)), "places"),
        (mixed(COLUMNS, (replace(JOB, kind="number"),)), "column of texts"),
    ],
)
def test_columns_that_do_not_fit_the_inputs_are_an_error(graph: Graph, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _ = graph.columns


def test_features_name_the_elements_of_several_inputs() -> None:
    graph = mixed((), ())
    assert sign(graph, "m", ["a", "b", "c", "d"]).features == ("a", "b", "c", "d")
    assert sign(graph, "m").features == ()
    assert "columns" not in plan(graph, "a", "b", "c", "d").text


@pytest.mark.parametrize(
    ("graph", "features", "message"),
    [
        (mixed(), ["a"], "1 feature was given, the model takes 4 columns: age, job, since, p."),
        (mixed((), ()), ["a"], 'input "numbers" takes 3 numbers, input "texts" takes 1 text.'),
        (replace(TEXTS, inputs=(Port("w", 0, (None,), "text"),)), ["a"], '"w" has a free length'),
        (mixed(), ["a", "a", "b", "c"], "named twice: a"),
    ],
)
def test_features_that_do_not_fit_are_refused(
    graph: Graph, features: list[str], message: str
) -> None:
    with pytest.raises(SignatureError) as caught:
        sign(graph, "m", features)
    assert message in str(caught.value)


def test_more_columns_than_arguments_are_refused_without_a_table() -> None:
    with pytest.raises(SignatureError, match=r"score\(TABLE\)"):
        sign(mixed(), "m", most_features=3)
    assert sign(mixed(), "m", feature_table=("s", "t"), most_features=3).features


def test_sample_rows_are_what_columns_can_hold() -> None:
    """Also where the model says which numbers are usual: they are in the columns' own units."""
    columns = (
        Column("since", "date"),
        Column("seen", "timestamp", "missing", 1),
        Column("member", "boolean", place=2),
    )
    port = Port("x", 0, (3,), "float64", columns=columns)
    mean, deviation = np.array([19000.0, 1.7e9, 0.5]), np.array([1.0, 0.1, 0.5])
    scaler = Standardize(as_tensor(mean, dtype="float64"), as_tensor(deviation, dtype="float64"))
    nodes = (Node(scaler, (0,), 1, (3,), "scaler"),)
    graph = Graph("m", (port,), nodes, (Port("y", 1, (3,), "float64"),), SOURCE, 0)
    (rows,) = draw_inputs(graph, 60)
    dates, moments, members = rows.T
    assert {18999, 19000, 19001} <= set(dates) and 0 in dates
    assert np.array_equal(dates, np.round(dates))
    assert set(members) == {0, 1}
    assert 0 < np.isnan(moments).sum() < 30
    texts = [sample_texts((port,), (rows,), row) for row in range(60)]
    assert {text[2] for text in texts} == {"true", "false"}
    for (date, moment, _), row in zip(texts, rows, strict=True):
        assert date is not None
        days = (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days
        assert days == row[0]
        if moment is None:
            assert np.isnan(row[1])
            continue
        since = datetime.datetime.fromisoformat(moment) - datetime.datetime(1970, 1, 1)
        assert since / datetime.timedelta(seconds=1) == row[1]


def test_a_description_names_the_classes() -> None:
    """Those of a classifier, which labels are by default; a network of numbers has none."""
    known = replace(NUMBERS, labels=("bad", "good"))
    assert "\nclasses bad, good" in str(Description(known, known))
    assert Description(known, known).facts()["labels"] == ("bad", "good")
    assert "classes" not in str(Description(NUMBERS, NUMBERS))


@pytest.mark.parametrize(
    ("shape", "labels", "told"),
    [
        ((1,), ("bad", "good"), "classes bad, good; a higher score speaks for good\n"),
        ((2,), ("bad", "good"), "classes bad, good\n"),
        ((1,), ("bad", "so", "good"), "classes bad, so, good\n"),
    ],
)
def test_a_description_says_for_which_class_a_score_speaks(
    shape: tuple[int, ...], labels: tuple[str, ...], told: str
) -> None:
    """Where a score is one number of two classes, and not one of each."""
    (output,) = NUMBERS.outputs
    known = replace(NUMBERS, labels=labels, outputs=(replace(output, shape=shape),))
    described = Description(known, known)
    object.__setattr__(described, "reach", "")
    assert told in str(described)
