"""Text inputs: what is read from a file, what is refused, and the sample rows."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import layer, sequential, write_h5, write_keras
from scoring import ask_keras, score_graph

from exporter.errors import ArchiveError, SignatureError, UnsupportedError
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.plan import Signature, plan_graph
from exporter.ir.signature import sign
from exporter.samples import UNKNOWN_WORD, draw_inputs, make_samples

write = partial(write_h5, version="2.12.0")
START = layer("InputLayer", "words", batch_input_shape=[None, 2], dtype="string")


def read_lookup(path: Path, *after: dict[str, Any], **config: Any) -> Graph:
    """A file of a StringLookup and what comes after it."""
    entries = START, layer("StringLookup", "lookup", **config), *after
    return read(write(path, sequential(*entries), {item["config"]["name"]: [] for item in after}))


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
    graph = read(write(tmp_path / "m.h5", sequential(first), {}))
    assert graph.inputs[0].is_text


@pytest.mark.parametrize("unknowns", [0, 1])
def test_sample_rows_are_words_and_keras_is_not_asked(tmp_path: Path, unknowns: int) -> None:
    path = tmp_path / "m.h5"
    graph = read_lookup(path, vocabulary=["a", "ß"], num_oov_indices=unknowns)
    (texts,) = inputs = draw_inputs(graph, 20)
    assert (texts.shape, texts.dtype) == ((20, 2), object)
    assert set(texts.ravel()) == {"a", "ß"} | ({UNKNOWN_WORD} if unknowns else set())
    samples = make_samples(
        graph, plan_graph(graph, Signature("m")), inputs, lambda rows: ask_keras(path, rows)
    )
    assert samples.expected_by == "export-model, float64"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "vocabulary is not in the file"),
        ({"vocabulary": "words.txt"}, "vocabulary is not in the file"),
        ({"vocabulary": ["a", "a"]}, "different texts"),
        ({"vocabulary": [1, 2]}, "different texts"),
        ({"vocabulary": ["\ud800"]}, "not Unicode"),
        ({"vocabulary": ["a"], "num_oov_indices": -1}, "num_oov_indices"),
        ({"vocabulary": ["a"], "num_oov_indices": 3, "salt": [1, 2, 3]}, "salt"),
        ({"vocabulary": ["a"], "invert": True}, "invert"),
        ({"vocabulary": ["a"], "encoding": "utf-16"}, "encoding"),
        ({"vocabulary": ["a"], "output_mode": "tf_idf"}, "idf_weights are not in the file"),
        ({"vocabulary": ["a"], "mask_token": "", "output_mode": "count"}, "mask_token"),
    ],
)
def test_lookups_that_are_refused(config: dict[str, Any], reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        read_lookup(tmp_path / "m.h5", **config)


def test_nothing_else_computes_with_texts(tmp_path: Path) -> None:
    entries = START, layer("Activation", "act", activation="relu")
    with pytest.raises(UnsupportedError, match="computes with texts"):
        read(write(tmp_path / "m.h5", sequential(*entries), {"act": []}))
    after = layer("StringLookup", "again", vocabulary=["a"])
    with pytest.raises(UnsupportedError, match="its input are numbers"):
        read_lookup(tmp_path / "n.h5", after, vocabulary=["a"])
    with pytest.raises(ArchiveError, match="text, not numbers"):
        read(write(tmp_path / "o.h5", sequential(START, layer("Flatten", "f")), {"f": []}))


TEXT = layer("InputLayer", "texts", batch_input_shape=[None, 1], dtype="string")


@pytest.mark.parametrize(
    ("class_name", "config", "reason"),
    [
        ("TextVectorization", {}, "output_sequence_length is not set"),
        ("TextVectorization", {"output_sequence_length": 3}, "vocabulary is not in the file"),
        ("TextVectorization", {"output_mode": "count"}, "vocabulary is not in the file"),
        ("TextVectorization", {"standardize": {"class_name": "function"}}, "never run"),
        ("TextVectorization", {"split": "comma"}, "never run"),
        ("TextVectorization", {"ngrams": 0}, "ngrams"),
        ("TextVectorization", {"ragged": True}, "ragged"),
        ("TextVectorization", {"encoding": "latin-1"}, "encoding"),
        ("TextVectorization", {"output_mode": "one_hot"}, "output_mode"),
        ("TextVectorization", {"vocabulary": ["a"], "output_mode": "tf_idf"}, "idf_weights"),
        ("TextVectorization", {"vocabulary": ["a", "a"], "output_mode": "count"}, "different"),
        ("Hashing", {"num_bins": 0}, "num_bins"),
        ("Hashing", {"num_bins": 2**25}, "num_bins"),
        ("Hashing", {"num_bins": 3, "salt": -1}, "salt"),
        ("Hashing", {"num_bins": 3, "mask_value": [1]}, "mask_value"),
        ("Hashing", {"num_bins": 3, "sparse": True, "output_mode": "one_hot"}, "sparse"),
        ("HashedCrossing", {"num_bins": 3}, "crosses inputs"),
    ],
)
def test_texts_that_are_taken_apart_otherwise_are_refused(
    class_name: str, config: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    entries = TEXT, layer(class_name, "l", **config)
    with pytest.raises(UnsupportedError, match=reason):
        read(write(tmp_path / "m.h5", sequential(*entries), {"l": []}))


def adapted_file(path: Path, words: bytes, name: str = "string_lookup") -> Path:
    """A .keras file of a StringLookup whose vocabulary lies in assets."""
    start = layer("InputLayer", "words", batch_shape=[None, 2], dtype="string")
    config = sequential(start, layer("StringLookup", "lookup"))
    known = {f"layers/{name}": "lookup"} if name == "string_lookup" else None
    write_keras(path, config, {f"layers/{name}": []}, names=known)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"assets/layers/{name}/vocabulary.txt", words)
    return path


def test_an_adapted_vocabulary_is_read_from_the_assets(tmp_path: Path) -> None:
    graph = read(adapted_file(tmp_path / "m.keras", "[UNK]\nß\na\n\n".encode()))
    x = np.array([["a", "ß"], ["b", ""]], object)
    np.testing.assert_array_equal(score_graph(graph, [x])[0], [[2, 1], [0, 0]])


def test_an_adapted_vocabulary_that_keras_reads_back_otherwise_is_refused(tmp_path: Path) -> None:
    for letter in ("\u2028", "\r", "\x85", "\x0b"):
        path = adapted_file(tmp_path / "m.keras", f"[UNK]\na{letter}b".encode())
        with pytest.raises(UnsupportedError, match="line break"):
            read(path)


def test_a_vocabulary_beside_another_group_is_not_taken(tmp_path: Path) -> None:
    path = adapted_file(tmp_path / "m.keras", b"[UNK]\na", name="integer_lookup")
    with pytest.raises(UnsupportedError, match="not in the file"):
        read(path)
