"""Text inputs: what is read from a file, what is refused, and the sample rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import layer, sequential, write_h5
from scoring import score_graph

from exporter.errors import ArchiveError, SignatureError, UnsupportedError
from exporter.framework import make_samples
from exporter.ir.graph import Graph
from exporter.ir.plan import Signature, plan_graph
from exporter.payload import UNKNOWN_WORD, draw_inputs
from exporter.reader import read
from exporter.signature import sign

START = layer("InputLayer", "words", batch_input_shape=[None, 2], dtype="string")


def read_lookup(path: Path, *after: dict[str, Any], **config: Any) -> Graph:
    """A file of a StringLookup and what comes after it."""
    entries = START, layer("StringLookup", "lookup", **config), *after
    return read(
        write_h5(
            path, sequential(*entries), {item["config"]["name"]: [] for item in after}, "2.9.0"
        )
    )


def test_texts_are_an_input_of_another_type(tmp_path: Path) -> None:
    graph = read_lookup(tmp_path / "m.h5", vocabulary=["a", "ß"])
    assert [port.dtype for port in (*graph.inputs, *graph.outputs)] == ["text", "float32"]
    x = np.array([["ß", "a"], ["b", "[UNK]"]], object)
    np.testing.assert_array_equal(score_graph(graph, [x])[0], [[2, 1], [0, 0]])
    numbers = replace(graph, inputs=(replace(graph.inputs[0], dtype="float32"),))
    assert numbers.digest != graph.digest
    with pytest.raises(SignatureError, match='3 features were given, input "words" takes 2 texts'):
        sign(graph, "m", ["a", "b", "c"])


def test_a_sequential_may_begin_with_the_lookup(tmp_path: Path) -> None:
    first = layer("StringLookup", "lookup", vocabulary=["a"], batch_input_shape=[None, 1])
    graph = read(write_h5(tmp_path / "m.h5", sequential(first), {}, "2.9.0"))
    assert graph.inputs[0].is_text


@pytest.mark.parametrize("unknowns", [0, 1])
def test_sample_rows_are_words_and_keras_is_not_asked(tmp_path: Path, unknowns: int) -> None:
    path = tmp_path / "m.h5"
    graph = read_lookup(path, vocabulary=["a", "ß"], num_oov_indices=unknowns)
    (texts,) = inputs = draw_inputs(graph, 20)
    assert (texts.shape, texts.dtype) == ((20, 2), object)
    assert set(texts.ravel()) == {"a", "ß"} | ({UNKNOWN_WORD} if unknowns else set())
    samples = make_samples(graph, plan_graph(graph, Signature("m")), inputs, path)
    assert samples.expected_by == "export-model, float64"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "vocabulary is not in the file"),
        ({"vocabulary": "words.txt"}, "vocabulary is not in the file"),
        ({"vocabulary": ["a", "a"]}, "different texts"),
        ({"vocabulary": [1, 2]}, "different texts"),
        ({"vocabulary": ["\ud800"]}, "not Unicode"),
        ({"vocabulary": ["a"], "num_oov_indices": 3}, "hashed"),
        ({"vocabulary": ["a"], "invert": True}, "invert"),
        ({"vocabulary": ["a"], "encoding": "utf-16"}, "encoding"),
        ({"vocabulary": ["a"], "output_mode": "tf_idf"}, "tf_idf"),
        ({"vocabulary": ["a"], "mask_token": "", "output_mode": "count"}, "mask_token"),
    ],
)
def test_lookups_that_are_refused(config: dict[str, Any], reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        read_lookup(tmp_path / "m.h5", **config)


def test_nothing_else_computes_with_texts(tmp_path: Path) -> None:
    entries = START, layer("Activation", "act", activation="relu")
    with pytest.raises(UnsupportedError, match="computes with texts"):
        read(write_h5(tmp_path / "m.h5", sequential(*entries), {"act": []}, "2.9.0"))
    after = layer("StringLookup", "again", vocabulary=["a"])
    with pytest.raises(UnsupportedError, match="its input are numbers"):
        read_lookup(tmp_path / "n.h5", after, vocabulary=["a"])
    with pytest.raises(ArchiveError, match="text, not numbers"):
        read(
            write_h5(
                tmp_path / "o.h5", sequential(START, layer("Flatten", "f")), {"f": []}, "2.9.0"
            )
        )
