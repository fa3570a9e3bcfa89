"""Rows of columns: records in the server's memory to arrays, by the row and by the batch."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from messages import send
from records import MARK, pack

from exporter.engines.plpython.runtime import part, runtime

LETTERS = "tdqbyshifnt"  # one column of each type, texts at both ends
CAPITALS = str.maketrans("nt", "NT")  # as Greenplum writes lengths
WORDS = ("", "a", "größer", "8 bytes!", "17 bytes, or more", "模型")


def columns_model(letters: str = LETTERS, nulls: str = "missing") -> Any:
    """Texts become their place among WORDS, numbers are what they are."""
    texts = [place for place, letter in enumerate(letters) if letter == "t"]
    numbers = [place for place, letter in enumerate(letters) if letter != "t"]
    plan = {
        "model": "m",
        "inputs": [
            {"name": "numbers", "shape": [len(numbers)],
             "columns": [[f"c{n}", "number", nulls, n] for n in numbers]},
            {"name": "texts", "shape": [len(texts)], "dtype": "text",
             "columns": [[f"c{n}", "text", nulls, n] for n in texts]},
        ],
        "outputs": [{"name": "numbers", "shape": [len(numbers)], "value": 0},
                    {"name": "places", "shape": [len(texts)], "value": 2}],
        "labels": [], "threshold": None, "batch_rows": 1000,
        "steps": [{"kernel": "string_lookup", "inputs": [1], "output": 2,
                   "parameters": {"words": list(WORDS), "default": -1.0},
                   "tensors": {"places": 0}}],
        "tensors": [["places", 0, [len(WORDS)]]],
    }  # fmt: skip
    text, block = json.dumps(plan), np.arange(len(WORDS), dtype="<f4").tobytes()
    version = hashlib.sha256(text.encode() + block).hexdigest()
    return runtime().load(version, text, block, "float64")


def random_value(letter: str, generator: np.random.Generator) -> Any:
    """A value as the server holds it."""
    if letter in "df":
        return float(np.float32(generator.normal()))
    if letter == "b":
        return int(generator.integers(2))
    if letter == "n":
        return f"{generator.integers(-(10**9), 10**9)}e{generator.integers(-12, 3)}"
    if letter == "t":
        return str(generator.choice([*WORDS, "unknown", "z" * 200]))
    bits = {"q": 50, "s": 50, "h": 15, "y": 20}.get(letter, 31)
    return int(generator.integers(-(2 ** (bits - 1)), 2 ** (bits - 1)))


def meant(letter: str, value: Any) -> float:
    """What the model gets to see of it."""
    if value is None:
        return -1.0 if letter == "t" else math.nan
    if letter == "t":
        return float(WORDS.index(value) if value in WORDS else -1)
    if letter == "y":
        return float(value + 10957)
    return (value + 946684800 * 10**6) / 10**6 if letter == "s" else float(value)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.6, 1.0])
@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("letters", [LETTERS, LETTERS.translate(CAPITALS)])
def test_every_type_with_and_without_nulls(share: float, is_long: bool, letters: str) -> None:
    generator = np.random.default_rng(int(10 * share))
    rows = [
        [None if generator.random() < share else random_value(c, generator) for c in LETTERS]
        for _ in range(300)
    ]
    model = columns_model()
    packed = [pack(letters, row, is_long) for row in rows]
    expected = [[meant(c, v) for c, v in zip(LETTERS, row, strict=True)] for row in rows]
    places = [n for n, letter in enumerate(LETTERS) if letter == "t"]
    others = [n for n in range(len(LETTERS)) if n not in places]
    groups = runtime().Rows(model, b"".join(packed), len(rows)).groups()
    ((found, arrays),) = groups
    assert found.tolist() == list(range(len(rows)))
    values, words = model.run(arrays)
    for n, row in enumerate(expected):
        np.testing.assert_allclose(values[n], [row[k] for k in others], rtol=1e-15)
        assert words[n].tolist() == [row[k] for k in places]
        single = model.score(packed[n])
        np.testing.assert_array_equal(single[0], values[n])
        assert single[1] == words[n].tolist()


@pytest.mark.parametrize("count", [7, 8, 9, 15, 16, 17])
def test_the_bits_of_nulls_take_as_many_bytes_as_they_need(count: int) -> None:
    rows = [[None if place == null else place + 0.5 for place in range(count)]
            for null in range(count)]  # fmt: skip
    model = columns_model("d" * count)
    packed = [pack("d" * count, row) for row in rows]
    expected = np.array(rows, np.float64)
    np.testing.assert_array_equal([model.score(message)[0] for message in packed], expected)
    ((_, (numbers, _)),) = runtime().Rows(model, b"".join(packed), count).groups()
    np.testing.assert_array_equal(numbers, expected)


def test_a_null_that_must_not_be_gives_no_score() -> None:
    model = columns_model("dt", nulls="null")
    rows = [(1.0, "a"), (None, "a"), (2.0, None), (3.0, "no word")]
    packed = [pack("dt", row) for row in rows]
    assert [model.score(message) for message in packed] == [
        (1.0, 1.0), None, None, (3.0, -1.0),
    ]  # fmt: skip
    texts, _ = model.score_batch(b"".join(packed), 4, "score")
    assert [text is None for text in texts] == [False, True, True, False]


@pytest.mark.parametrize("letters", ["fffff", "ddd", "fdfdf", "h", "ff"])
@pytest.mark.parametrize("nulls", [(), (0,), (70,), (199,), tuple(range(200))])
def test_rows_that_lie_evenly(letters: str, nulls: tuple[int, ...]) -> None:
    """As rows of numbers without NULLs do, up to a NULL; columns in their order and not."""
    generator = np.random.default_rng(len(letters))
    rows = [[random_value(letter, generator) for letter in letters] for _ in range(200)]
    for place in nulls:
        rows[place][-1] = None
    model = columns_model(letters)
    message = b"".join(pack(letters, row) for row in rows)
    expected = np.array([[meant("d", value) for value in row] for row in rows])
    ((found, (numbers, _)),) = runtime().Rows(model, message, len(rows)).groups()
    assert found.tolist() == list(range(len(rows)))
    np.testing.assert_array_equal(numbers, expected)
    layout = model.find_layout(message, 0)
    buffer = runtime().with_spare(message, len(letters))
    records = runtime().Records(layout, buffer, len(message), 0, len(rows))
    for places in ([*range(len(letters))][::-1], [0], [*range(1, len(letters))], []):
        np.testing.assert_array_equal(records.matrix(places), expected[:, places])


def test_numbers_keep_all_their_digits() -> None:
    model = columns_model("dq")
    values = [1_700_000_000.123456, 2**53 - 1]
    assert model.score(pack("dq", values))[0] == values


def test_infinite_dates_and_timestamps() -> None:
    model = columns_model("ys")
    for sign, of_date, of_time in ((1, 2**31 - 1, 2**63 - 1), (-1, -(2**31), -(2**63))):
        message = pack("ys", [of_date, of_time])
        assert model.score(message)[0] == [sign * math.inf] * 2
        ((_, arrays),) = runtime().Rows(model, message * 2, 2).groups()
        assert arrays[0].tolist() == [[sign * math.inf] * 2] * 2


def test_the_last_timestamps_do_not_overflow() -> None:
    model = columns_model("sd")
    last = 9223371331199999999  # 294276-12-31 23:59:59.999999
    assert model.score(pack("sd", [last, 0.0]))[0][0] == pytest.approx(9223371331200 + 946684800)


def test_types_may_change_from_row_to_row() -> None:
    model = columns_model("dt")
    others = [pack("it", (2, "a"), typmod=5), pack("nt", ("3.5", "")), bytes(runtime().NULL_ROW)]
    rows = [*[pack("dt", (1.0, "a"))] * 3, *others, pack("dt", (4.0, "8 bytes!"))]
    message = b"".join(rows)
    texts, _ = model.score_batch(message, 7, "score")
    assert texts == ['"(1,1)"'] * 3 + ['"(2,1)"', '"(3.5,0)"', None, '"(4,3)"']


@pytest.mark.parametrize("copies", [1, 40])
def test_numbers_that_look_like_the_beginning_of_a_row(copies: int) -> None:
    """Whoever fills a table can store any bytes as float8."""
    letters = "d" * 12
    plain = pack(letters, [1.0] * 12)
    head = plain[: len(MARK) + 13 + 16]
    fake = head + bytes(-len(head) % 8)
    values = [*struct.unpack(f"={len(fake) // 8}d", fake)]
    hostile = pack(letters, values + [2.0] * (12 - len(values)))
    assert hostile.count(head) == 2
    model = columns_model(letters)
    rows = [plain, hostile, hostile, plain] * copies
    ((_, arrays),) = runtime().Rows(model, b"".join(rows), len(rows)).groups()
    assert len(arrays[0]) == len(rows)
    np.testing.assert_array_equal(arrays[0][:, -1], [1, 2, 2, 1] * copies)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (MARK, "no row of columns"),
        (MARK + b"dt", "no row of columns"),
        (MARK + b"dt\0", "ends before the row|no row"),
        (pack("dt", (1.0, "a"))[:-1], "ends before the row"),
        (pack("dt", (1.0, "x" * 300))[:-250], "ends before the row"),
        (pack("dd", (1.0, 2.0)), "column 2 is of another type"),
        (pack("tt", ("a", "a")), "column 1 is of another type"),
        (pack("d", (1.0,)), "takes 2 columns, got 1"),
        (MARK + b"tT\0" + pack("dt", (1.0, "a"))[7:], "no row of columns"),
        (MARK + b"dz\0" + pack("dt", (1.0, "a"))[7:], "no row of columns"),
        (MARK + b"dt\0" + pack("d", (1.0,))[6:], "no row of columns"),
    ],
)
def test_what_is_no_row_is_refused(message: bytes, reason: str) -> None:
    model = columns_model("dt")
    with pytest.raises(ValueError, match=reason):
        model.score(message)
    with pytest.raises(runtime().RowError, match=reason):
        model.score_batch(message, 1)


def test_a_cut_batch_names_the_row() -> None:
    model = columns_model("dt")
    row = pack("dt", (1.0, "a"))
    with pytest.raises(runtime().RowError, match="ends before the row") as caught:
        model.score_batch(row * 3 + row[:-1], 4)
    assert caught.value.place == 3
    with pytest.raises(runtime().RowError, match="more rows were packed than keys"):
        model.score_batch(row * 3, 2)


@pytest.mark.parametrize("times", [1, 30])
def test_a_text_that_is_not_utf8_is_refused(times: int) -> None:
    """No server sends one; whoever may score can forge one. A batch names the row."""
    model = columns_model("dt")
    row = pack("dt", (1.0, "axb" * times))
    forged = row.replace(b"axb", b"a\xffb")
    with pytest.raises(ValueError, match=r"^the message holds a text that is not UTF-8$") as caught:
        model.score(forged)
    assert caught.type is ValueError
    with pytest.raises(runtime().RowError, match="holds a text that is not UTF-8") as caught:
        model.score_batch(row + forged, 2)
    assert caught.value.place == 1


def test_a_compressed_number_is_refused() -> None:
    """PostgreSQL may keep a numeric of thousands of digits compressed."""
    row = bytearray(pack("n", ("1e3",), is_long=True))
    place = row.index(struct.pack("=I", (4 + 4) << 2))
    row[place] |= 2
    with pytest.raises(ValueError, match="thousands of digits"):
        columns_model("n").score(bytes(row))
    with pytest.raises(runtime().RowError, match="thousands of digits"):
        columns_model("n").score_batch(bytes(row), 1)


def test_arrays_are_taken_beside_columns() -> None:
    """The array form of a model of several inputs, and its columns, are told apart."""
    model = columns_model("dt")
    assert model.score(send([1.5], kind="float8"), b'["a"]') == model.score(pack("dt", (1.5, "a")))


# Texts


def test_texts_are_an_array_of_objects_to_those_who_ask() -> None:
    texts = some_texts()
    words = np.array([["a", None], ["größer", ""]], object)
    assert np.array_equal(np.asarray(texts), words)
    assert texts.shape == words.shape and len(texts) == 2
    assert texts[1, 0] == "größer" and texts[:, 0].tolist() == ["a", "größer"]
    assert texts.reshape((4,)).tolist() == words.ravel().tolist() == texts.ravel().tolist()
    assert texts.take([1, 0], axis=1).tolist() == words.take([1, 0], axis=1).tolist()
    assert np.concatenate([texts, words]).shape == (4, 2)
    assert (texts == words).all() and not (texts != words).any()
    assert [row.tolist() for row in texts] == words.tolist()


def some_texts() -> Any:
    """Four texts, one NULL."""
    message = "agrößer".encode() + bytes(runtime().SPARE)
    starts = np.array([[0, 0], [1, 3]])
    return runtime().Texts(message, starts, np.array([[1, -1], [8, 0]]))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("größer",),
        ("a", "größer", ""),
        ("a" * 64, "a"),
        ("a" * 65, "größer"),
        ("größ", "größer!", "grö"),
        ("a\0", "a"),
        (*(f"word {n}" for n in range(5000)), "größer"),
    ],
)
def test_words_are_found_by_their_bytes(words: tuple[str, ...]) -> None:
    found = runtime().Vocabulary(words).find(some_texts())
    known = {word: place for place, word in enumerate(words)}
    expected = [["a", None], ["größer", ""]]
    assert found.tolist() == [[known.get(w, len(words)) for w in row] for row in expected]


@pytest.mark.parametrize("word", ["axb", "a" * 65])
@pytest.mark.parametrize("count", [1, 20])
def test_bytes_that_are_no_text_are_refused_where_they_lie(word: str, count: int) -> None:
    raw = (b"a" * 70 + b"\xc3") * count  # each by itself: the one behind it completes no letter
    texts = runtime().Texts(
        raw + bytes(runtime().SPARE), 71 * np.arange(count)[:, None], np.full((count, 1), 71)
    )
    for look in (runtime().Vocabulary([word]).find, runtime().KERNELS["city_hash"]()):
        with pytest.raises(ValueError, match="holds a text that is not UTF-8"):
            look(texts)


@pytest.mark.parametrize("strict", [[], [0], [0, 1]])
def test_a_word_of_each_column_is_found_by_its_bytes(strict: list[int]) -> None:
    call = runtime().KERNELS["map_texts"](
        words=[["a", "größer"], [""]],
        values=np.array([5.0, 6.0, 7.0]),
        defaults=np.array([-1.0, -2.0]),
        absent=np.array([0.0, 9.0]),
        strict=strict,
        complete=strict,
    )
    texts = some_texts()
    if 1 in strict:
        with pytest.raises(ValueError, match="none of the 1 categories"):
            call(texts)
        with pytest.raises(ValueError, match="none of the 1 categories"):
            call(texts.words())
        return
    assert call(texts).tolist() == call(texts.words()).tolist() == [[5.0, 9.0], [6.0, 7.0]]
    texts = some_texts()
    call(texts)
    assert texts.made is None, "no str was made"


@pytest.mark.parametrize("strict", [[], [1]])
@pytest.mark.parametrize("complete", [[], [1]])
def test_a_missing_word_is_an_error_in_complete_columns(
    strict: list[int], complete: list[int]
) -> None:
    call = runtime().KERNELS["map_texts"](
        words=[["a", "größer"], [""]],
        values=np.array([5.0, 6.0, 7.0]),
        defaults=np.array([-1.0, -2.0]),
        absent=np.array([0.0, 9.0]),
        strict=strict,
        complete=complete,
    )
    for texts in (some_texts(), some_texts().words()):
        if complete:
            with pytest.raises(ValueError, match="'None' is none of the 1 categories"):
                call(texts)
        else:
            assert call(texts).tolist() == [[5.0, 9.0], [6.0, 7.0]]


def test_words_with_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part("encoded"), "MIX", np.uint64(0))
    words = ("1234567812345678", "8765432112345678")
    vocabulary = runtime().Vocabulary(words)
    message = "".join(words).encode() + bytes(runtime().SPARE)
    texts = runtime().Texts(message, np.array([0, 16, 1]), np.array([16, 16, 16]))
    assert vocabulary.find(texts).tolist() == [0, 1, 2]
