"""CatBoost's hashes of texts and its statistics of categories, against recorded hashes and a plain
formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels import check_rule

from exporter.engines.plpython.runtime import runtime

# Texts of 0 to 129 bytes, and the lower 32 bits of their hashes as CatBoost 1.2.10 wrote them into
# features_info.cat_features_hash of a model that was saved with its pool.
RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "trees" / "city_hashes.json").read_text("utf-8")
)
JOIN, U64 = 0x4906BA494954CB65, 2**64 - 1
# Of one category: its hash joined as CalcHash does, and whether another number is above 0.5.
ONE = {
    "columns": np.array([0, 1], np.int32), "kinds": np.array([0, 1], np.int32),
    "operands": np.array([0, 0.5]), "counts": [2], "sizes": [1], "widths": [2],
    "keys": np.array([[JOIN * (JOIN * JOIN * 3 + JOIN) & U64]], "<u8").view("<i4"),
    "values": np.array([1, 2, 3, 4], np.float32),
}  # fmt: skip
CASES: tuple[tuple[str, dict[str, Any], np.ndarray, Any], ...] = (
    ("city_hash", {}, np.array([["1", "x"]], object), [[1121341681.0, 3510494104 - 2**32]]),
    ("category_statistics", ONE, np.array([[3.0, 1], [3, 0.5], [4, 1]]), [[1, 2], [3, 4], [3, 4]]),
)


@pytest.mark.parametrize(("name", "parameters", "x", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str, parameters: dict[str, Any], x: np.ndarray, expected: Any
) -> None:
    y = runtime().KERNELS[name](**parameters)(x)
    np.testing.assert_array_equal(y, expected)
    check_rule(name, parameters, [x], y)


def signed(number: int) -> int:
    """32 bits as a number with a sign."""
    return number - 2**32 if number >= 2**31 else number


def as_texts(words: list[str]) -> Any:
    """The words as they lie in a message."""
    raw = [word.encode() for word in words]
    starts = np.cumsum([0, *map(len, raw)])[:-1] + 3
    message = b"abc" + b"".join(raw) + bytes(runtime().SPARE)
    lengths = np.array(list(map(len, raw)), np.int64)
    return runtime().Texts(message, starts[:, None], lengths[:, None])


def test_hashes_are_those_of_catboost() -> None:
    words = [word for word, _ in RECORDED]
    wanted = np.array([[signed(number)] for _, number in RECORDED], np.float64)
    assert sorted({len(word.encode()) for word in words}) == list(range(130))
    kernel = runtime().KERNELS["city_hash"]()
    x = np.array(words, object)[:, None]
    for given_ in (x, as_texts(words)):
        y = kernel(given_)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(y, wanted)
    check_rule("city_hash", {}, [x], kernel(x))
    one_by_one = [kernel(x[row : row + 1])[0, 0] for row in range(len(x))]
    np.testing.assert_array_equal(one_by_one, wanted[:, 0])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), min_size=16))
def test_many_texts_have_the_hashes_of_each(words: list[str]) -> None:
    kernel = runtime().KERNELS["city_hash"]()
    wanted = [signed(runtime().city_hash_of(word.encode()) & 0xFFFFFFFF) for word in words]
    assert kernel(np.array([*words, None], object)[:-1, None])[:, 0].tolist() == wanted
    assert kernel(as_texts(words))[:, 0].tolist() == wanted


def test_a_text_that_is_missing_or_endless_has_no_hash() -> None:
    kernel = runtime().KERNELS["city_hash"]()
    with pytest.raises(ValueError, match="a category is missing"):
        kernel(np.array([["a"], [None]], object))
    with pytest.raises(ValueError, match="too long to be hashed"):
        kernel(np.array([["a" * 2**20 + "b"]], object))


def join(parts: list[int]) -> int:
    """CatBoost's CalcHash of a combination."""
    joined = 0
    for part in parts:
        joined = JOIN * (joined + JOIN * (part & U64)) & U64
    return joined


PARTS = (
    [(0, 0, 0.0)],
    [(0, 0, 0.0), (2, 1, 0.5), (2, 2, 0.25)],
    [(1, 0, 0.0)],
    [(0, 0, 0.0), (1, 0, 0.0), (1, 3, -7.0)],
)
WIDTHS = (2, 1, 3, 1)


def ask(part: tuple[int, int, float], row: list[float]) -> int:
    """One part of a row's combination."""
    column, kind, operand = part
    x = row[column]
    if kind == 0:
        return int(x)
    if kind == 3:
        return int(x == operand)
    return int(np.float32(x) > np.float32(operand) or (kind == 2 and x != x))


def tables(known: list[set[int]]) -> dict[str, Any]:
    """The kernel's parameters for some keys of each table; values count from 1 on."""
    flat = [part for parts in PARTS for part in parts]
    keys = np.array([key for own in known for key in sorted(own)], np.uint64)
    count = sum((len(own) + 1) * width for own, width in zip(known, WIDTHS, strict=True))
    return {
        "columns": np.array([part[0] for part in flat], np.int32),
        "kinds": np.array([part[1] for part in flat], np.int32),
        "operands": np.array([part[2] for part in flat], np.float64),
        "counts": list(map(len, PARTS)),
        "keys": keys.astype("<u8").view("<i4").reshape(-1, 2),
        "sizes": list(map(len, known)),
        "values": np.arange(1, count + 1, dtype=np.float32),
        "widths": list(WIDTHS),
    }


NUMBERS = st.sampled_from([-7.0, -1.0, 0.0, 5.0, 2.0**31 - 1, -(2.0**31)])
SINGLE = st.sampled_from([0.25, 0.5, 0.5 + 1e-9, np.nan, 1.0, -np.inf])


@given(st.data(), st.lists(st.tuples(NUMBERS, NUMBERS, SINGLE), min_size=1, max_size=60))
def test_statistics_stand_beside_the_hash_of_a_combination(data: Any, rows: list[Any]) -> None:
    hashes = [[join([ask(part, row) for part in parts]) for parts in PARTS] for row in rows]
    known = [
        data.draw(st.sets(st.sampled_from([own[table] for own in hashes])))
        for table in range(len(PARTS))
    ]
    given_ = tables(known)
    expected = []
    for row in hashes:
        start, found = 1, []
        for key, own, width in zip(row, known, WIDTHS, strict=True):
            place = sorted(own).index(key) if key in own else len(own)
            found += range(start + place * width, start + (place + 1) * width)
            start += (len(own) + 1) * width
        expected.append(found)
    x = np.array(rows, np.float64)
    y = runtime().KERNELS["category_statistics"](**given_)(x)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, expected)
    check_rule("category_statistics", given_, [x], y)
    times = 1 + 512 // len(rows)  # many are looked for in another way than a few
    many = runtime().KERNELS["category_statistics"](**given_)(np.tile(x, (times, 1)))
    np.testing.assert_array_equal(many, np.tile(expected, (times, 1)))


def test_the_same_key_in_two_tables_is_two_keys_and_in_one_an_error() -> None:
    build = runtime().KERNELS["category_statistics"]
    given_ = tables([{1, 2}, {1, 2}, {2**64 - 2}, set()])
    build(**given_)
    given_["keys"] = np.concatenate([given_["keys"][:1]] * 5)
    with pytest.raises(ValueError, match="a key comes twice"):
        build(**given_)


@pytest.mark.parametrize("spread", [1, 2**50 + 1])
def test_many_keys_are_found_whether_they_begin_alike_or_not(spread: int) -> None:
    keys = {spread * (number + 1) for number in range(1000)}
    known = np.array(sorted(keys), np.uint64)
    find = runtime()._make_search(known)
    np.testing.assert_array_equal(find(known), np.arange(1000))
    assert len(find(known - np.uint64(1))) == 1000


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("columns", np.array([0, 0, 2, 2, 1, 0, 1, 3], np.int32), "columns are not the input's"),
        ("columns", np.array([0, 0, 2, 2, 1, 0, 1, -1], np.int32), "columns are not the input's"),
        ("columns", np.zeros(7, np.int32), "parts do not fit"),
        ("kinds", np.full(8, 4, np.int32), "no known kind"),
        ("operands", np.zeros(9), "parts do not fit"),
        ("counts", [1, 3, 1, 0], "counts should be"),
        ("sizes", [2, 2, 1, 1], "keys do not fit"),
        ("sizes", [2, 2, 1], "not as many everywhere"),
        ("sizes", [2, 2, 2, -1], "sizes should be"),
        ("widths", [2, 1, 3, 2], "values do not fit"),
        ("widths", [2, 1, 3, 0], "widths should be"),
        ("values", np.zeros(3, np.float32), "values do not fit"),
        ("keys", np.zeros((5, 3), np.int32), "keys do not fit"),
    ],
)
def test_tables_that_point_elsewhere_are_refused(name: str, value: Any, message: str) -> None:
    given_ = tables([{1, 2}, {1, 2}, {2**64 - 2}, set()])
    x = np.zeros((1, 3))
    y = runtime().KERNELS["category_statistics"](**given_)(x)
    check_rule("category_statistics", given_, [x], y)
    with pytest.raises(ValueError, match=message):
        check_rule("category_statistics", given_ | {name: value}, [x], y)
