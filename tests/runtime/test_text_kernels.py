"""Texts as the server sends them, looked up in a vocabulary."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from exporter.reference import runtime

WORDS = ["ja", "größer", "模型 x"]
X = np.array([["größer", "nein"], ["模型 x", "ja"]], object)

CASES: tuple[tuple[str, dict[str, Any], np.ndarray, np.ndarray], ...] = (
    ("string_lookup", {"words": WORDS, "places": np.array([1.0, 2, 3]), "default": 0.0}, X,
     np.array([[2.0, 0], [3, 1]])),
    ("string_lookup", {"words": [*WORDS, "nein"], "places": np.arange(4.0)}, X,
     np.array([[1.0, 3], [2, 0]])),
    ("string_lookup", {"words": [], "places": np.zeros(0), "default": 1.0}, X, np.ones((2, 2))),
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "texts", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str, parameters: dict[str, Any], texts: np.ndarray, expected: np.ndarray, dtype: str
) -> None:
    given = parameters | {"places": parameters["places"].astype(dtype)}
    actual = runtime().KERNELS[name](**given)(texts)
    assert actual.dtype == dtype
    np.testing.assert_array_equal(actual, expected)


def test_an_unknown_word_is_named_where_there_is_no_place_for_it() -> None:
    call = runtime().KERNELS["string_lookup"](words=WORDS, places=np.arange(3.0))
    with pytest.raises(ValueError, match="'nein' is not in the vocabulary of 3 words"):
        call(X)


@pytest.mark.parametrize(
    ("given", "dims", "flat"),
    [
        (["a", "", "größer", 'a"b\\c\n'], (4,), ["a", "", "größer", 'a"b\\c\n']),
        ([], (), []),
        ([["a", "b"], ["c", "d"], ["e", "f"]], (3, 2), list("abcdef")),
        ([[["a"]], [["b"]]], (2, 1, 1), ["a", "b"]),
    ],
)
@pytest.mark.parametrize("is_ascii", [False, True])
def test_decode_texts(given: Any, dims: tuple[int, ...], flat: list[str], is_ascii: bool) -> None:
    found, texts = runtime().decode_texts(json.dumps(given, ensure_ascii=is_ascii).encode())
    assert (found, texts.tolist(), texts.dtype) == (dims, flat, object)


def lookup_model(shape: list[int | None]) -> Any:
    """A loaded model that gives the places of a row's words."""
    step = {"kernel": "string_lookup", "inputs": [0], "output": 1,
            "parameters": {"words": WORDS, "default": 0.0}, "tensors": {"places": 0}}  # fmt: skip
    plan = {
        "format": 1, "model": "m", "inputs": [{"name": "x", "shape": shape, "dtype": "text"}],
        "outputs": [{"name": "y", "shape": shape, "value": 1}], "labels": [], "threshold": None,
        "batch_rows": 1024, "steps": [step], "tensors": [["places", 0, [3]]],
    }  # fmt: skip
    text, block = json.dumps(plan), np.arange(1, 4, dtype="<f4").tobytes()
    return runtime().load(hashlib.sha256(text.encode() + block).hexdigest(), text, block)


def send(value: Any) -> bytes:
    """What convert_to(array_to_json(...)::text, 'UTF8') gives."""
    return json.dumps(value, ensure_ascii=False).encode()


def test_rows_of_texts_are_scored() -> None:
    model = lookup_model([2, 2])
    assert model.score(send(["ja", "nein", "größer", "模型 x"])) == [1, 0, 2, 3]
    assert model.score(send([["ja", "nein"], ["größer", "模型 x"]])) == [1, 0, 2, 3]
    assert model.score(send(["ja", None, "größer", "x"])) is None
    assert model.score(send([["ja", "nein"], ["größer", None]])) is None
    assert lookup_model([None]).score(send(["ja", "x", "ja"])) == [1, 0, 1]
    assert lookup_model([]).score(send(["größer"])) == 2


@pytest.mark.parametrize(("given", "got"), [([], "0"), (["a"], "1"), ([["a"], ["b"]], "2x1")])
def test_a_wrong_length_is_named(given: Any, got: str) -> None:
    with pytest.raises(ValueError, match=f'model "m": input "x" takes 2 texts, got {got}'):
        lookup_model([2]).score(send(given))
