"""Arrays as they lie in the server's memory, and rows scored and labelled from them."""

from __future__ import annotations

import hashlib
import math
import struct
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from messages import OIDS, model, numeric, send

from exporter.engines.plpython.runtime import runtime


@pytest.mark.parametrize("kind", OIDS)
def test_decode_types(kind: str) -> None:
    dims, values = runtime().decode_array(send([1, -2, 3], kind=kind))
    assert dims == (3,)
    assert values.tolist() == [1, -2, 3]


def test_decode_dimensions() -> None:
    dims, values = runtime().decode_array(send(list(range(24)), [2, 3, 4], "float8"))
    assert dims == (2, 3, 4)
    assert values.tolist() == list(range(24))


def test_decode_empty() -> None:
    dims, values = runtime().decode_array(send([]))
    assert dims == ()
    assert values.size == 0


@pytest.mark.parametrize("kind", OIDS)
@pytest.mark.parametrize("values", [[None], [None, 1], [1, None], [1, None, 2], [None, None]])
def test_decode_nulls(values: list[Any], kind: str) -> None:
    assert runtime().decode_array(send(values, kind=kind)) is None


@pytest.mark.parametrize("kind", OIDS)
@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 32, 33])
def test_decode_bitmap_without_nulls(kind: str, count: int) -> None:
    """An array that once held a NULL keeps its bitmap."""
    dims, values = runtime().decode_array(send(range(count), kind=kind, has_bitmap=True))
    assert dims == (count,)
    assert values.tolist() == list(range(count))


@pytest.mark.parametrize("kind", OIDS)
def test_decode_lower_bounds_do_not_matter(kind: str) -> None:
    dims, values = runtime().decode_array(send([1, 2], kind=kind, lower=-5))
    assert dims == (2,)
    assert values.tolist() == [1, 2]


@pytest.mark.parametrize("oid", [25, 1231, 16, 1043])
def test_decode_refuses_other_types(oid: int) -> None:
    message = struct.pack("=iiIiif", 1, 0, oid, 1, 1, 1.0)
    with pytest.raises(ValueError, match=f"oid {oid}"):
        runtime().decode_array(message)


def test_score_one_number_many_and_several_outputs() -> None:
    assert model([[1]]).score(send([2.5])) == 2.5
    assert model([[3]]).score(send([1, 2, 3])) == [1.0, 2.0, 3.0]
    assert model([[2, 2]]).score(send([1, 2, 3, 4])) == [1.0, 2.0, 3.0, 4.0]
    assert model([[1], [2]]).score(send([1]), send([2, 3])) == (1.0, [2.0, 3.0])
    assert model([[]]).score(send([7])) == 7.0


@pytest.mark.parametrize("kind", OIDS)
def test_score_takes_every_numeric_type(kind: str) -> None:
    assert model([[2]]).score(send([3, -4], kind=kind)) == [3.0, -4.0]


def test_score_null_gives_null() -> None:
    assert model([[2]]).score(send([1, None])) is None
    assert model([[1], [2]]).score(send([1]), send([None, 3])) is None


def test_score_nan_and_infinity_pass_through() -> None:
    scores = model([[3]]).score(send([math.nan, math.inf, -math.inf]))
    assert math.isnan(scores[0])
    assert scores[1:] == [math.inf, -math.inf]


def test_score_double_beyond_float32_is_infinity() -> None:
    assert model([[1]]).score(send([1e300], kind="float8")) == math.inf


@pytest.mark.parametrize(
    ("shape", "values", "dims", "message"),
    [
        ([3], [1, 2], None, 'model "m": input "x0" takes 3 numbers, got 2'),
        ([1], [1, 2], None, 'model "m": input "x0" takes 1 number, got 2'),
        ([3], [], None, 'model "m": input "x0" takes 3 numbers, got 0'),
        ([2, 3], [1, 2, 3, 4, 5, 6], [3, 2], 'takes 6 (2x3) numbers, got 3x2'),
        ([2, 3], [1, 2, 3, 4, 5], None, 'takes 6 (2x3) numbers, got 5'),
        ([6], [1, 2, 3, 4, 5, 6], [2, 3], "takes 6 numbers, got 2x3"),
        ([None, 3], [1, 2, 3, 4], None, "takes ?x3 numbers, got 4"),
        ([None, 3], [1, 2, 3, 4], [2, 2], "takes ?x3 numbers, got 2x2"),
        ([None, 3], [], None, "takes ?x3 numbers, got 0"),
        ([4], [1, None, 3], None, "takes 4 numbers, got 3"),
        ([None, 3], [1, 2, None, 4], None, "takes ?x3 numbers, got 4"),
        ([None, None], [1, 2, 3, 4], None, "takes ?x? numbers, got 4"),
    ],
)  # fmt: skip
def test_score_wrong_length(
    shape: list[int | None], values: list[float], dims: list[int] | None, message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        model([shape]).score(send(values, dims))
    assert message in str(caught.value)


def test_no_input_hides_the_wrong_length_of_another() -> None:
    with pytest.raises(ValueError, match='input "x1" takes 3 numbers, got 1'):
        model([[2], [3]]).score(send([None, 1]), send([1]))


def test_score_free_lengths() -> None:
    free = model([[None, 3]])
    assert free.score(send([1, 2, 3, 4, 5, 6])) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert free.score(send([1, 2, 3], [1, 3])) == [1.0, 2.0, 3.0]
    assert model([[None, None]]).score(send([1, 2, 3, 4], [2, 2])) == [1.0, 2.0, 3.0, 4.0]
    assert model([[None]]).score(send([5])) == [5.0]


def test_label_by_largest_score() -> None:
    classes = model([[3]], labels=["a", "b", "c"])
    assert classes.label(send([0.1, 0.7, 0.2])) == "b"
    assert classes.label(send([0.5, 0.5, 0.1])) == "a", "the first of equals, as argmax"
    assert classes.label(send([0.1, math.inf, 0.2])) == "b"
    assert classes.label(send([0.1, math.nan, 0.2])) is None
    assert classes.label(send([0.1, None, 0.2])) is None


def test_label_by_threshold() -> None:
    binary = model([[1]], labels=["no", "yes"], threshold=0.5)
    assert [binary.label(send([x])) for x in (0.2, 0.5, 0.6)] == ["no", "no", "yes"]
    assert binary.label(send([math.nan])) is None
    assert binary.label(send([None])) is None


def test_label_of_a_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="takes 3 numbers, got 1"):
        model([[3]], labels=["a", "b", "c"]).label(send([1]))


def test_run_frees_what_is_not_needed() -> None:
    steps = [
        {"kernel": "add", "inputs": [0, 0], "output": 1, "parameters": {}, "tensors": {}},
        {"kernel": "multiply", "inputs": [1, 0], "output": 2, "parameters": {}, "tensors": {}},
        {"kernel": "add", "inputs": [2, 2], "output": 3, "parameters": {}, "tensors": {}},
    ]
    loaded = model([[1]], steps, [("y", [1], 3), ("x", [1], 0), ("y", [1], 3)])
    assert loaded.score(send([3])) == (36.0, 3.0, 36.0)
    assert [step[3] for step in loaded.steps] == [[], [1], [2]]


def test_a_list_read_before_changes_nothing_for_other_rows() -> None:
    loaded = model([[2]], [], [("y", [2], 0)])
    for _ in range(2):
        assert loaded.score(send([1.5, 2])) == [1.5, 2.0]
        assert loaded.score(send([1.5, 2], kind="float8", lower=0)) == [1.5, 2.0]
        assert loaded.score(send([3, 4], kind="int8")) == [3.0, 4.0]
        assert loaded.score(send([5, 6], kind="numeric")) == [5.0, 6.0]
        assert loaded.score(send([7, 8], has_bitmap=True)) == [7.0, 8.0]
        assert loaded.score(send([1.5, None])) is None
        assert loaded.score(send([1e300, 0], kind="float8")) == [math.inf, 0.0]
        with pytest.raises(ValueError, match="ends before the array does"):
            loaded.score(send([1.5, 2])[:-4])
        with pytest.raises(ValueError, match="takes 2 numbers, got 3"):
            loaded.score(send([1, 2, 3]))


def test_scores_do_not_wait_for_what_chooses_the_label() -> None:
    steps = [
        {"kernel": "add", "inputs": [0, 0], "output": 1, "parameters": {}, "tensors": {}},
        {"kernel": "add", "inputs": [1, 0], "output": 2, "parameters": {}, "tensors": {}},
        {"kernel": "multiply", "inputs": [1, 0], "output": 3, "parameters": {}, "tensors": {}},
    ]
    loaded = model([[1]], steps, [("y", [1], 3)], labels=["one"], choice=2)
    assert [step[2] for step in loaded.steps] == [1, 2, 3]
    assert [step[2] for step in loaded.score_steps] == [1, 3]
    assert loaded.score(send([3])) == 18.0


def test_load_refuses_altered_plan_or_weights() -> None:
    text = '{"steps": []}'
    weights = np.ones(4, "<f4").tobytes()
    version = hashlib.sha256(text.encode() + weights).hexdigest()
    for plan, block in ((text + " ", weights), (text, weights[:-1] + b"\1"), (text, weights[:-4])):
        with pytest.raises(ValueError, match=r"version \w{12} were altered.*deploy its file again"):
            runtime().load(version, plan, block)


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("is_exact", [False, True])
def test_a_numeric_ends_with_its_last_digit(is_long: bool, is_exact: bool) -> None:
    """What lies behind it is the next one; and it is rounded once, where that is asked for."""
    texts = ["1", "7.25", "-12345678.9", "0.0001", "9007199254740993.0001", "3"]
    message = send([], [len(texts)], kind="numeric")
    message += b"".join(numeric(Decimal(text), is_long) for text in texts)
    _, found = runtime().decode_array(message, is_exact)
    wanted = [float(Decimal(text)) for text in texts]
    if is_exact:
        assert found.tolist() == wanted
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-15)
