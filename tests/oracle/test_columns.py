"""Typed columns: numbers, booleans, dates, timestamps and texts as parameters and in cursors."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from plsql.values import PlsqlError

from exporter.databases.oracle.assembly import stored_sample
from exporter.errors import SignatureError, UnsupportedError
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Dense, StringLookup, as_tensor
from exporter.ir.plan import Signature
from exporter.samples import without_empty_texts
from oracle.networks import SOURCE
from oracle.packages import compiled
from oracle.server import Oracle

# Texts stand between numbers, as in a table.
NUMBERS = (
    Column("age", place=0),
    Column("paid", "boolean", place=2),
    Column("since", "date", place=3),
    Column("seen", "timestamp", "missing", place=4),
)
TEXTS = (Column("job", "text", "missing", place=1), Column("town", "text", place=5))
NAMES = ("age", "job", "paid", "since", "seen", "town")
WEIGHTS = np.array([[1.0], [10.0], [0.5], [1e-3]])
ROW: dict[str, Any] = {
    "age": 41.0,
    "job": "nurse",
    "paid": 1,
    "since": dt.datetime(2024, 2, 1),
    "seen": dt.datetime(2024, 2, 1, 12, 30, 15, 250_000),
    "town": "Köln",
}


def graph_of() -> Graph:
    """A weighted sum of the numbers; the texts are taken and not used."""
    kernel = as_tensor(WEIGHTS, dtype="float64")
    inputs = (
        Port("numbers", 0, (4,), "float64", columns=NUMBERS),
        Port("texts", 1, (2,), "text", columns=TEXTS),
    )
    nodes = (Node(Dense(kernel), (0,), 2, (1,), "sum"),)
    return Graph("g", inputs, nodes, (Port("y", 2, (1,), "float64"),), SOURCE, 4)


def expected_of(row: dict[str, Any]) -> float:
    """The same in Python."""
    epoch = dt.datetime(1970, 1, 1)
    since = (row["since"] - epoch).days
    seen = math.nan if row["seen"] is None else (row["seen"] - epoch) / dt.timedelta(seconds=1)
    return float(np.array([row["age"], row["paid"], since, seen]) @ WEIGHTS[:, 0])


@pytest.fixture(scope="module")
def model(oracle: Oracle) -> Any:
    with oracle.deploy(graph_of(), Signature("m", NAMES)) as deployed:
        yield deployed


CASES: dict[str, dict[str, Any]] = {
    "all": {},
    "false": {"paid": 0},
    "before 1970": {"since": dt.datetime(1931, 7, 4), "seen": dt.datetime(1931, 7, 4, 3, 2, 1)},
    "a microsecond": {"seen": dt.datetime(2024, 2, 1, 0, 0, 0, 1)},
    "the time of a date is left out": {"since": dt.datetime(2024, 2, 1, 23, 59, 59)},
    "a missing timestamp": {"seen": None},
    "a missing text": {"job": None},
}


@pytest.mark.parametrize("name", CASES)
def test_rows(model: Any, name: str) -> None:
    row = ROW | CASES[name]
    expected = expected_of(row)
    alone = model.call("score", **row)
    ((_, batched),) = model.table("score_table", [[list(row.values())]])
    assert alone == batched or (math.isnan(alone) and math.isnan(batched))
    assert alone == pytest.approx(expected, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("column", ["age", "paid", "since", "town"])
def test_a_null_gives_null_where_it_is_not_missing(model: Any, column: str) -> None:
    row = ROW | {column: None}
    assert model.call("score", **row) is None
    rows = [[list(row.values())], [list(ROW.values())], [list(row.values())]]
    assert [score for _, score in model.table("score_table", rows)] == [
        None,
        pytest.approx(expected_of(ROW), rel=1e-15),
        None,
    ]


def test_an_empty_text_is_null(model: Any) -> None:
    assert model.call("score", **ROW | {"town": ""}) is None
    assert model.call("score", **ROW | {"job": ""}) == pytest.approx(expected_of(ROW))


def test_nan_is_a_number_that_is_missing(model: Any) -> None:
    assert math.isnan(model.call("score", **ROW | {"age": math.nan}))


@pytest.mark.parametrize("value", [2, -1, 0.5])
def test_a_boolean_is_0_or_1(model: Any, value: float) -> None:
    with pytest.raises(PlsqlError, match='column "paid" is 0 or 1, for false or true, got'):
        model.call("score", **ROW | {"paid": value})


def test_the_stored_samples_are_scored(model: Any) -> None:
    samples, failed, difference = model.verify()
    assert (samples, failed) == (len(model.samples), 0)
    assert difference <= 1e-12


def test_a_spoiled_sample_fails(oracle: Oracle) -> None:
    """Verification reads all kinds of columns: another date is another score."""
    with oracle.deploy(graph_of(), Signature("spoiled", NAMES)) as deployed:
        session = deployed.new_session()
        (sample, *_) = np.flatnonzero(np.isfinite(deployed.samples.outputs[0][:, 0])).tolist()
        numbers = deployed.samples.inputs[0][sample].copy()
        numbers[2] += 1e4
        session.execute(
            "update export_model_samples_double set numbers = :numbers where version = :version"
            " and sample = :sample and is_output = 0",
            {"numbers": numbers, "version": deployed.plan.version, "sample": sample},
        )
        session.commit()
        assert deployed.verify()[1] == 1


def test_texts_need_names(oracle: Oracle) -> None:
    graph = graph_of()
    inputs = (Port("numbers", 0, (4,), "float64"), Port("words", 1, (2,), "text"))
    plain = Graph("g", inputs, graph.nodes, graph.outputs, SOURCE, 4)
    with pytest.raises(SignatureError, match="--features"):
        oracle.package(plain)


def test_an_empty_word_is_refused(oracle: Oracle) -> None:
    """Whether '' is that word or a missing one, Oracle cannot tell."""
    lookup = StringLookup(("", "nurse"), as_tensor(np.array([1.0, 2.0])), 0.0)
    inputs = (Port("job", 0, (1,), "text"),)
    nodes = (Node(lookup, (0,), 1, (1,), "lookup"),)
    graph = Graph("g", inputs, nodes, (Port("y", 1, (1,)),), SOURCE, 0)
    with pytest.raises(UnsupportedError, match=r"lookup.*an empty text among its words"):
        oracle.package(graph, Signature("m", ("job",)))


def test_sample_rows_have_no_empty_texts() -> None:
    """Missing where the model takes missing ones; a row that has no score is left out."""
    texts = np.array([["a", "b"], ["", "b"], ["a", ""], [None, "b"]], object)
    numbers = np.arange(4.0)[:, None]
    ports = (Port("n", 0, (1,), "float64"), Port("t", 1, (2,), "text", columns=TEXTS))
    kept_numbers, kept = without_empty_texts(ports, (numbers, texts))
    assert kept.tolist() == [["a", "b"], [None, "b"], [None, "b"]]
    assert kept_numbers[:, 0].tolist() == [0.0, 1.0, 3.0]
    assert texts[1, 0] == ""
    with pytest.raises(SignatureError, match="every sample row holds an empty text"):
        without_empty_texts(ports, (numbers[2:3], texts[2:3]))


def test_a_sample_text_that_the_registry_cannot_keep_is_refused() -> None:
    port = Port("t", 0, (1,), "text")
    assert stored_sample(np.array(["ü" * 2000], object), port)[1] == "export_model_samples_text"
    with pytest.raises(SignatureError, match="a text of 4,002 bytes, the registry keeps 4,000"):
        stored_sample(np.array(["ü" * 2001], object), port)


def test_names_with_accents_are_refused_all_at_once() -> None:
    names = ("âge", *NAMES[1:4], "größe", "x" * 129)
    with pytest.raises(SignatureError, match=r"'âge'.*So do .*größe.*x.*with --features, in the"):
        compiled(graph_of(), Signature("m", names))
