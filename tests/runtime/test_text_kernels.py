"""Texts as the server sends them, looked up in a vocabulary."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from exporter.engines.plpython.runtime import runtime

WORDS = ["ja", "größer", "模型 x"]
X = np.array([["größer", "nein"], ["模型 x", "ja"]], object)
HASHED = np.array([["", "abc"], ["größer", "8 bytes!"], ["x" * 17, "模型" * 9],
                   ["y" * 64, "z" * 65], ["w" * 129, "a longer text " * 20]], object)  # fmt: skip
# By TensorFlow 2.21: to_hash_bucket_fast, to_hash_bucket_strong under [7, 2**40], cross_hashed.
FARM = [[263.0, 385], [380, 472], [581, 168], [424, 517], [875, 490]]
SIP = [[257.0, 735], [615, 156], [746, 323], [516, 961], [680, 191]]
DECIMALS = [[569.0, 971]]
CROSSED = [[7.0], [599], [353], [818], [630]]

CASES: tuple[tuple[str, dict[str, Any], Any, np.ndarray], ...] = (
    ("string_lookup", {"words": WORDS, "places": np.array([1.0, 2, 3]), "default": 0.0}, X,
     np.array([[2.0, 0], [3, 1]])),
    ("string_lookup", {"words": [*WORDS, "nein"], "places": np.arange(4.0)}, X,
     np.array([[1.0, 3], [2, 0]])),
    ("string_lookup", {"words": [], "places": np.zeros(0), "default": 1.0}, X, np.ones((2, 2))),
    ("count_words", {"words": ["a", "b c"], "weights": np.array([1, 2.0, 3, 4]), "standardize":
                     "lower_and_strip_punctuation", "split": "whitespace", "ngrams": [1, 2],
                     "is_binary": False},
     np.array([["A, b! c? \tA"], [" ..."]], object), np.array([[4.0, 4, 3, 0], [0, 0, 0, 0]])),
    ("count_words", {"words": ["a"], "weights": np.ones(2), "standardize": "", "split": "character",
                     "ngrams": [], "is_binary": True},
     np.array([["aab"], ["bb"]], object), np.array([[1.0, 1], [1, 0]])),
    ("tokenize", {"standardize": "lower", "split": "whitespace", "ngrams": [2, 1], "length": 4},
     np.array([["Ä B\u00a0 c"], [""]], object),
     np.array([["Ä b\u00a0", "b\u00a0 c", "Ä", "b\u00a0"], [""] * 4], object)),
    ("tokenize", {"standardize": "", "split": "", "ngrams": [], "length": 3}, X,
     np.array([["größer", "nein", ""], ["模型 x", "ja", ""]], object)),
    ("hash_bucket", {"bins": 1000, "first": np.zeros(1)}, HASHED, np.array(FARM)),
    ("hash_bucket", {"bins": 1000, "first": np.array([1.0]), "key": [7, 2**40], "mask": "abc"},
     HASHED, np.where(HASHED == "abc", 0.0, np.array(SIP) + 1)),
    ("hash_bucket", {"bins": 1000, "first": np.zeros(1)}, np.array([[-12.0, 5.75]]),
     np.array(DECIMALS)),
    ("cross_bucket", {"bins": 1000, "first": np.zeros(1)}, (HASHED[:, :1], HASHED[:, 1:]),
     np.array(CROSSED)),
    ("cross_bucket", {"bins": 1000, "first": np.zeros(1)},
     (np.array([[-3.0]]), np.array([[5.0]])), np.array([[148.0]])),
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "texts", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str, parameters: dict[str, Any], texts: Any, expected: np.ndarray, dtype: str
) -> None:
    given = {
        key: value.astype(dtype) if isinstance(value, np.ndarray) else value
        for key, value in parameters.items()
    }
    inputs = texts if isinstance(texts, tuple) else (texts,)
    actual = runtime().KERNELS[name](**given)(*inputs)
    assert actual.dtype == (object if name == "tokenize" else dtype)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("number", [2.0**24 + 2, -(2.0**30), float("nan"), float("inf")])
def test_numbers_that_float32_cannot_tell_apart_are_not_hashed(number: float) -> None:
    for name in ("hash_bucket", "cross_bucket"):
        call = runtime().KERNELS[name](bins=9, first=np.zeros(1))
        x = np.array([[number]])
        with pytest.raises(ValueError, match="cannot be hashed"):
            call(*[x] * (1 + (name == "cross_bucket")))


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


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'["ja", "\xff"]', "holds a text that is not UTF-8"),
        (b'["ja", "\xed\xa0\x80"]', "holds a text that is not UTF-8"),
        (b'["ja", "\xc3', "holds a text that is not UTF-8"),
        (rb'["ja", "\ud800"]', "holds no array of texts"),
        (b'["ja", "x"', "holds no array of texts"),
        (b'["ja", "x"] []', "holds no array of texts"),
        (b"", "holds no array of texts"),
        (b'["ja", 1]', "holds no array of texts"),
        (b'{"ja": "x"}', "holds no array of texts"),
        (b"[" * 10**5, "holds no array of texts"),
    ],
)
def test_a_message_that_holds_no_texts_is_refused(message: bytes, reason: str) -> None:
    """In the runtime's own words, by a row and by a batch, which names the row."""
    model = lookup_model([2])
    with pytest.raises(ValueError, match=f"^the message {reason}$") as caught:
        model.score(message)
    assert caught.type is ValueError
    with pytest.raises(runtime().RowError, match=f"^the message {reason}$") as caught:
        model.score_batch(send(["ja", "nein"]) + b"\0" + message + b"\0", 2)
    assert caught.value.place == 1


def test_escaped_pairs_are_texts() -> None:
    _, texts = runtime().decode_texts(rb'["\ud83d\ude00", "a\u00e4"]')
    assert texts.tolist() == ["\U0001f600", "aä"]


@pytest.mark.parametrize(("given", "got"), [([], "0"), (["a"], "1"), ([["a"], ["b"]], "2x1")])
def test_a_wrong_length_is_named(given: Any, got: str) -> None:
    with pytest.raises(ValueError, match=f'model "m": input "x" takes 2 texts, got {got}'):
        lookup_model([2]).score(send(given))
