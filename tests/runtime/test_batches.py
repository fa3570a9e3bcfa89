"""Batches of packed rows: what a batch scores is what its rows score one by one."""

from __future__ import annotations

import json
import math
import struct
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from messages import (
    NULL_ROW,
    OIDS,
    activation,
    is_nan,
    model,
    nearest_float32,
    numeric,
    pack,
    send,
    step,
    texts_of,
)

from exporter.engines.plpython.runtime import part, runtime

RowError = runtime().RowError

SPECIAL = [Decimal(text) for text in (
    "NaN", "Infinity", "-Infinity", "0", "-0", "0.0000", "1", "-1", "10000", "9999", "99990000",
    "1e-300", "-1e-300", "1e300", "-1e300", "1e400", "1e-400", "3.4028235e38", "3.5e38", "1e-46",
    "1234567890123456789012345678901234567890", "-0.1234567890123456789012345678901234567890",
    "98765432109876543210.0123456789012345678", "0.5", "1e-63", "1e-64", "1e251", "1e252", "1e256",
    "0.00010001", "170000000001.0001", "1" + "0" * 60, "0." + "0" * 62 + "1",
)]  # fmt: skip
decimals = st.one_of(
    st.sampled_from(SPECIAL),
    st.decimals(allow_nan=True, allow_infinity=True, places=None),
    st.decimals(-(10**6), 10**6, places=4),
    st.builds(
        lambda digits, exponent: Decimal(digits).scaleb(exponent),
        st.integers(-(10**40), 10**40),
        st.integers(-320, 300),
    ),
)
NUMBERS: dict[str, st.SearchStrategy[Any]] = {
    "float4": st.floats(width=32),
    "float8": st.floats(),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "numeric": decimals,
}


def as_decimal(value: Any) -> Decimal:
    """As numeric_in() reads it: NaN has neither sign nor payload."""
    number = value if isinstance(value, Decimal) else Decimal(value)
    return Decimal("NaN") if number.is_nan() else number


@st.composite
def arrays(draw: st.DrawFn, sizes: list[int]) -> bytes | None:
    """The message of an array of numbers of any type; None for NULL."""
    if draw(st.integers(0, 12)) == 0:
        return None
    kind = draw(st.sampled_from(sorted(OIDS)))
    size = draw(st.sampled_from(sizes))
    values: list[Any] = draw(st.lists(NUMBERS[kind], min_size=size, max_size=size))
    if kind == "numeric":
        values = [as_decimal(value) for value in values]
    if draw(st.integers(0, 5)) == 0:
        values[draw(st.integers(0, size - 1))] = None
    return send(
        values,
        kind=kind,
        has_bitmap=draw(st.integers(0, 4)) == 0,
        lower=draw(st.sampled_from([1, 1, 1, 0, -7])),
    )


@st.composite
def batches(draw: st.DrawFn, inputs: list[list[int]]) -> list[list[bytes | None]]:
    """Rows of messages, drawn from a few so that equal headers stand side by side."""
    row = st.tuples(*[arrays(sizes) for sizes in inputs])
    few = draw(st.lists(row, min_size=1, max_size=4))
    picks = draw(st.lists(st.sampled_from(few), min_size=1, max_size=12))
    return [list(messages) for messages in picks]


def score_each(loaded: Any, rows: list[list[bytes | None]]) -> list[str | None]:
    """What a batch should say, by score()."""
    texts: list[str | None] = []
    for messages in rows:
        scores = None if None in messages else loaded.score(*messages)
        texts.append(None if scores is None else texts_of(scores))
    return texts


def pack_rows(rows: list[list[bytes | None]]) -> bytes:
    """The message of a batch."""
    return b"".join(NULL_ROW if None in row else pack(*row) for row in rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shapes", "sizes"),
    [
        ([[3]], [[3]]),
        ([[1]], [[1]]),
        ([[2], [3]], [[2], [3]]),
        ([[None]], [[1, 2, 5]]),
        ([[None, 2]], [[2, 4, 6]]),
        ([[2], [None]], [[2], [1, 3]]),
    ],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_batch_scores_like_its_rows(
    shapes: list[list[int | None]], sizes: list[list[int]], data: st.DataObject
) -> None:
    rows = data.draw(batches(sizes))
    loaded = model(shapes, batch_rows=data.draw(st.sampled_from([1, 2, 1024])))
    scores, labels = loaded.score_batch(pack_rows(rows), len(rows))
    assert scores == score_each(loaded, rows)
    assert labels is None


@settings(max_examples=200, deadline=None)
@given(values=st.lists(decimals, min_size=1, max_size=6), is_long=st.booleans())
def test_numeric_is_decoded_to_the_nearest_float32(values: list[Decimal], is_long: bool) -> None:
    given_values = [as_decimal(value) for value in values]
    message = send([], [len(values)], kind="numeric")
    message += b"".join(numeric(value, is_long) for value in given_values)
    dims, found = runtime().decode_array(message)
    assert dims == (len(values),)
    for value, decoded in zip(given_values, found.tolist(), strict=True):
        wanted = float(value)
        if math.isfinite(wanted) and 1e-280 < abs(wanted) < 1e300:
            assert abs(decoded - wanted) <= 8 * math.ulp(wanted), value
        with np.errstate(all="ignore"):
            single = float(np.float32(decoded))
        nearest = nearest_float32(value)
        if math.isfinite(nearest):
            assert single == pytest.approx(nearest, rel=2**-23, abs=1.5e-45), value
        else:
            assert single == nearest or (math.isnan(single) and math.isnan(nearest)), value


@settings(max_examples=300, deadline=None)
@given(values=st.lists(decimals, min_size=1, max_size=6), is_long=st.booleans())
@example([Decimal("9007199254740993.0000000000000000000000000001"), Decimal("0.3")], False)
@example([Decimal("0.1"), Decimal("12345678901234567890.123")], False)
def test_a_float64_model_gets_the_nearest_float64(values: list[Decimal], is_long: bool) -> None:
    """What is compared with a threshold must be the number that Python reads."""
    given_values = [as_decimal(value) for value in values]
    message = send([], [len(values)], kind="numeric")
    message += b"".join(numeric(value, is_long) for value in given_values)
    dims, found = runtime().decode_array(message, True)
    assert dims == (len(values),)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [float(value) for value in given_values])


def test_float64_reaches_a_model_without_a_detour() -> None:
    rows = [
        [0.1, 1.7e9 + 1 / 3],
        [Decimal("0.1"), Decimal("12345678901234567.125")],
        [3, 2**40 + 1],
    ]
    kinds = ["float8", "numeric", "int8"]
    loaded = model([[2]], is_double=True)
    for row, kind in zip(rows, kinds, strict=True):
        wanted = [float(value) for value in row]
        assert loaded.score(send(row, kind=kind)) == wanted
        scores, _ = loaded.score_batch(send(row, kind=kind) * 2, 2)
        found = [[float(part) for part in text.strip('"{}').split(",")] for text in scores]
        assert found == [wanted] * 2


def test_a_header_inside_a_number_is_no_row() -> None:
    """Digits of base 10,000 can spell the header of the next row; the chain of ends tells."""
    head = send([Decimal(1)] * 2, kind="numeric")[:20]
    digits = np.frombuffer(head, np.uint16)
    assert (digits < 10000).all()
    # 24 digits, so that the false row could even be decoded; a 1 in front keeps leading zeros.
    text = "1" + "".join(f"{digit:04d}" for digit in [*digits, *digits[:12]])
    trap = Decimal(text)
    rows = [[Decimal(n), trap] for n in range(1, 6)] + [[trap, Decimal(7)], [Decimal(8)] * 2]
    message = b"".join(send(row, kind="numeric") for row in rows)
    assert message.count(head) > len(rows), "the trap is set"
    loaded = model([[2]])
    scores, _ = loaded.score_batch(message, len(rows))
    assert scores == [texts_of(loaded.score(send(row, kind="numeric"))) for row in rows]


@pytest.mark.parametrize("gap", [1, 2, 10])
def test_rows_with_null_among_numeric_cost_no_second_reading(
    monkeypatch: pytest.MonkeyPatch, gap: int
) -> None:
    """Each run of equal headers used to decode all that followed it: quadratic in the rows."""
    decode, read = runtime().decode_decimals, []

    def count(message: bytes, starts: np.ndarray, *others: Any) -> Any:
        read.append(len(starts))
        return decode(message, starts, *others)

    monkeypatch.setattr(part("rows"), "decode_decimals", count)
    rows = [[Decimal(n), None if n % (gap + 1) == gap else Decimal(2)] for n in range(2000)]
    message = b"".join(send(row, kind="numeric") for row in rows)
    scores, _ = model([[2]]).score_batch(message, len(rows))
    assert [score is None for score in scores] == [None in row for row in rows]
    assert sum(read) < 5 * len(rows)


@pytest.mark.parametrize("kind", OIDS)
def test_nan_and_infinity_stay_in_their_row(kind: str) -> None:
    values = [[1, 2], [3, 4], [5, 6]]
    if kind.startswith(("float", "numeric")):
        values[1] = [math.nan, -math.inf]  # type: ignore[list-item]
    message = b"".join(send(row, kind=kind) for row in values)
    scores, _ = model([[2]]).score_batch(message, 3)
    assert scores[0] == '"{1,2}"'
    assert scores[2] == '"{5,6}"'
    assert scores[1] == ('"{nan,-inf}"' if values[1][0] != 3 else '"{3,4}"')


def test_labels_of_a_batch() -> None:
    labels = ["a", 'b"\\', "c,{}"]
    loaded = model([[3]], labels=labels)
    rows = [[0.1, 0.7, 0.2], [0.5, 0.5, 0.1], [0.1, math.nan, 0.2], [0, 1, None], [0, 0, 1]]
    message = b"".join(map(send, rows)) + NULL_ROW
    scores, names = loaded.score_batch(message, 6)
    alone = [loaded.label(send(row)) for row in rows]
    assert alone == ['b"\\', "a", None, None, "c,{}"]
    assert names == ['"b\\"\\\\"', '"a"', None, None, '"c,{}"', None]
    assert [score is None for score in scores] == [False, False, False, True, False, True]
    assert loaded.score_batch(message, 6, "label") == (None, names)
    assert loaded.score_batch(message, 6, "score") == (scores, None)


def test_labels_by_threshold() -> None:
    loaded = model([[1]], labels=["no", "yes"], threshold=0.5)
    values = [0.2, 0.5, 0.6, math.nan, math.inf, -math.inf]
    _, names = loaded.score_batch(b"".join(send([v]) for v in values), len(values), "label")
    assert names == ['"no"', '"no"', '"yes"', None, '"yes"', '"no"']


def test_a_threshold_between_two_floats_divides_rows_and_batches_alike() -> None:
    """float32(0.1) is a little more than 0.1; the threshold must not be rounded to it."""
    loaded = model([[1]], labels=["no", "yes"], threshold=0.1)
    assert loaded.label(send([0.1])) == "yes"
    assert loaded.score_batch(send([0.1]), 1, "label") == (None, ['"yes"'])


def test_several_outputs_are_one_composite() -> None:
    loaded = model([[1], [2]])
    scores, _ = loaded.score_batch(pack(send([1]), send([2, 3])) * 2, 2)
    assert scores == ['"(1,\\"{2,3}\\")"'] * 2


def lookup() -> Any:
    """A model of texts and numbers: places of the words, and the numbers."""
    words = step("string_lookup", [0], 2, words=["ja", "größer"], default=0.0,
                 tensors={"places": 0})  # fmt: skip
    outputs = [("places", [2], 2), ("x", [2], 1)]
    return model([[2], [2]], [words], outputs, [np.array([1.0, 2.0])], texts=[0])


LOOKUP = lookup()

texts = st.lists(
    st.one_of(
        st.sampled_from(["ja", "größer", "", "[]", '"', "\\", "\x01"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    min_size=2,
    max_size=2,
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_rows_of_texts_and_numbers(data: st.DataObject) -> None:
    loaded = LOOKUP
    message, wanted = b"", []
    for _ in range(data.draw(st.integers(1, 6))):
        words: list[Any] = data.draw(texts)
        numbers = data.draw(arrays([2]))
        if data.draw(st.integers(0, 5)) == 0:
            words = [*words[:1], None]
        if numbers is None:
            message += NULL_ROW
            wanted.append(None)
            continue
        # JSON writes control characters as escapes, so that a zero byte ends it for certain.
        row = json.dumps(words, ensure_ascii=False).encode()
        assert b"\0" not in row
        message += row + b"\0" + numbers
        scores = loaded.score(row, numbers)
        wanted.append(None if scores is None else texts_of(scores))
    assert loaded.score_batch(message, len(wanted))[0] == wanted


@pytest.mark.parametrize("kind", OIDS)
@pytest.mark.parametrize("place", [0, 1, 4])
@pytest.mark.parametrize("wrong", [[], [1], [1, 2, 3]])
def test_an_error_names_the_place_of_its_row(kind: str, place: int, wrong: list[int]) -> None:
    rows = [[1, 2]] * 5
    rows[place] = wrong
    message = b"".join(send(row, kind=kind) for row in rows)
    with pytest.raises(RowError) as caught:
        model([[2]]).score_batch(message, 5)
    assert caught.value.place == place
    assert f'input "x0" takes 2 numbers, got {len(wrong)}' in str(caught.value)
    answer = model([[2]]).answer(message, 5, "both")
    assert answer == (None, None, place, str(caught.value))


def test_a_row_that_a_kernel_refuses_is_named() -> None:
    words = step("string_lookup", [0], 1, words=["ja"], tensors={"places": 0})
    loaded = model([[1]], [words], [("y", [1], 1)], [np.array([1.0])], texts=[0], batch_rows=2)
    rows = [["ja"], ["ja"], [None], ["ja"], ["nein"], ["ja"]]
    message = b"".join(pack(row) for row in rows)
    with pytest.raises(RowError, match="'nein' is not in the vocabulary") as caught:
        loaded.score_batch(message, len(rows))
    assert caught.value.place == 4


def test_rows_are_run_in_parts_of_batch_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = model([[2]], batch_rows=3)
    run, sizes = loaded.run, []
    monkeypatch.setattr(loaded, "run", lambda xs: sizes.append(len(xs[0])) or run(xs))
    message = b"".join(send([n, None if n == 4 else n]) for n in range(9))
    scores, _ = loaded.score_batch(message, 9)
    assert sizes == [3, 3, 2]
    assert scores == [None if n == 4 else f'"{{{n},{n}}}"' for n in range(9)]


def test_long_rows_of_a_free_length_are_run_in_smaller_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = model([[None]], batch_rows=100)
    run, sizes = loaded.run, []
    monkeypatch.setattr(loaded, "run", lambda xs: sizes.append(xs[0].shape) or run(xs))
    loaded.score_batch(send(range(50)) * 5 + send([1, 2]) * 60, 65)
    assert sizes == [(2, 50), (2, 50), (1, 50), (50, 2), (10, 2)]


@pytest.mark.parametrize("count", [2, 4])
def test_as_many_rows_as_keys(count: int) -> None:
    with pytest.raises(RowError):
        model([[1]]).score_batch(send([1]) * 3, count)


@pytest.mark.parametrize("wanted", ["both", "numbers", "stored"])
@pytest.mark.parametrize("message", [b"", send([1])])
def test_fewer_rows_than_none_are_refused(message: bytes, wanted: str) -> None:
    """Everybody who may score can call a version's function for batches."""
    answer = model([[1]]).answer(message, -1, wanted)
    assert answer == (None, None, 0, "-1 rows cannot be scored")


MESSAGES = [
    send([1, 2]),
    send([1, 2], kind="float8"),
    send([1, None]),
    send([Decimal("1.5"), Decimal("1e40")], kind="numeric"),
    send([Decimal(1), None], kind="numeric"),
    NULL_ROW,
]


MODELS = [model(shapes) for shapes in ([[2]], [[None]], [[1], [1]], [[None, None]])]


def check_refused(loaded: Any, message: bytes, count: int) -> None:
    """A RowError, or scores; nothing else, and nothing large."""
    try:
        scores, _ = loaded.score_batch(message, count)
    except RowError as error:
        assert 0 <= error.place < max(1, count)
    else:
        assert len(scores) == count


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=5), data=st.data())
def test_truncated_rows_are_refused(parts: list[bytes], data: st.DataObject) -> None:
    message = b"".join(parts)
    cut = data.draw(st.integers(1, len(message) - 1))
    with pytest.raises(RowError):
        model([[2]]).score_batch(message[:cut], len(parts))


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=5),
    changes=st.lists(
        st.tuples(
            st.integers(0, 10**6),
            st.sampled_from([b"\0", b"\1", b"\x7f", b"\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80"]),
        ),
        max_size=6,
    ),
)
def test_altered_rows_are_refused_or_scored(
    parts: list[bytes], changes: list[tuple[int, bytes]]
) -> None:
    message = bytearray(b"".join(parts))
    for place, change in changes:
        at = place % len(message)
        message[at : at + len(change)] = change
    for loaded in MODELS:
        check_refused(loaded, bytes(message), len(parts))


@settings(max_examples=200, deadline=None)
@given(message=st.binary(max_size=80), count=st.integers(0, 5))
def test_random_bytes_are_refused(message: bytes, count: int) -> None:
    for loaded in (*MODELS, LOOKUP):
        check_refused(loaded, message, count)


@pytest.mark.parametrize("oid", [700, 1700])
@pytest.mark.parametrize("offset", [0, 1, 4, 40, 10**9, -(2**31), 2**31 - 1])
@pytest.mark.parametrize("dims", [[2**31 - 1], [2**31 - 1] * 6, [2**20, 2**20], [0], [-1], [5, 0]])
def test_headers_that_claim_much_allocate_nothing(oid: int, offset: int, dims: list[int]) -> None:
    """A length is believed only as far as the message goes."""
    import tracemalloc

    head = struct.pack("=iiI", len(dims), offset, oid) + struct.pack(f"={len(dims)}i", *dims)
    message = head + struct.pack("=i", 1) * len(dims) + bytes(64)
    tracemalloc.start()
    try:
        for loaded in (model([[2]]), model([[None]])):
            with pytest.raises(ValueError):
                loaded.score(message)
            with pytest.raises(RowError):
                loaded.score_batch(message, 1)
            with pytest.raises(RowError):
                loaded.score_batch(message * 20, 20)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_many_headers_of_many_numbers_allocate_little() -> None:
    """Rows times columns of garbage: a row cannot be shorter than its numbers."""
    import tracemalloc

    head = struct.pack("=iiIii", 1, 0, 1700, 2000, 1)
    tracemalloc.start()
    try:
        with pytest.raises(RowError):
            model([[2000]]).score_batch(head * 2000, 2000)
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "message",
    [
        b"null", b"1", b'"ab"', b"{}", b'{"a":"b"}', b"[1,2]", b"[[1],2]", b'[["a"],"bc"]',
        b'["a",["b"]]', b'[["a"],["b","c"]]', b"[" * 10**5, b"\xff\xfe", b'["a"', b"", b"[null",
        b'["a",{}]', b"[[],[]]", b'[["a"],null]',
    ],
)  # fmt: skip
def test_texts_that_are_none_are_refused(message: bytes) -> None:
    words = step("string_lookup", [0], 1, words=["a"], default=0, tensors={"places": 0})
    loaded = model([[2]], [words], [("y", [2], 1)], [np.array([1.0])], texts=[0])
    with pytest.raises(ValueError):
        loaded.score(message)
    with pytest.raises(RowError):
        loaded.score_batch(message + b"\0", 1)
    with pytest.raises(RowError):
        loaded.score_batch(message, 1)


# Activations in place.

FUNCTIONS = ["relu", "sigmoid", "tanh", "exponential", "linear", "elu", "softsign"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[int], list[np.ndarray]]:
    """Steps over values of shape (rows, 3), slots of the outputs, tensors."""
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    tensors = [
        generator.standard_normal(shape).astype(np.float32)
        for shape in ((3, 3), (3,), (3, 3), (3,), (1, 3, 3))
    ]
    steps: list[dict[str, Any]] = []
    slots = [0, 1]
    for _ in range(draw(st.integers(1, 9))):
        target = len(slots)
        recent = st.sampled_from(slots[-3:]) | st.sampled_from(slots)
        source = draw(recent)
        kind = draw(st.sampled_from(
            ["dense", "activation", "activation", "add", "affine", "shift", "reshape", "cut"]
        ))  # fmt: skip
        if kind == "dense":
            number = draw(st.sampled_from([0, 2]))
            given_tensors = {"kernel": number}
            if draw(st.booleans()):
                given_tensors["bias"] = number + 1
            steps.append(step("dense", [source], target, tensors=given_tensors))
        elif kind == "activation":
            steps.append(activation(draw(st.sampled_from(FUNCTIONS)), source, target))
        elif kind == "add":
            steps.append(step("add", [source, draw(recent)], target))
        elif kind == "affine":
            steps.append(step("affine", [source], target, tensors={"scale": 1, "offset": 3}))
        elif kind == "shift":
            steps.append(step("maximum", [source, draw(recent)], target))
        elif kind == "reshape":
            steps.append(step("reshape", [source], target, shape=[3]))
        else:
            steps.append(step("average", [source, draw(recent)], target))
        slots.append(target)
    outputs = draw(st.lists(st.sampled_from(slots), min_size=1, max_size=3))
    return steps, [*outputs, slots[-1]], tensors


@settings(max_examples=300, deadline=None)
@given(graph=graphs(), rows=st.sampled_from([1, 2, 5]), dtype=st.sampled_from(["f4", "f8"]))
def test_activations_in_place_change_nothing_else(
    graph: tuple[list[dict[str, Any]], list[int], list[np.ndarray]], rows: int, dtype: str
) -> None:
    steps, outputs, tensors = graph
    named = [(f"y{n}", [3], slot) for n, slot in enumerate(outputs)]
    generator = np.random.default_rng(rows)
    inputs = [generator.standard_normal((rows, 3)).astype(dtype) for _ in range(2)]
    kept = [x.copy() for x in inputs]
    for x in inputs:
        x.flags.writeable = False
    loaded = model([[3], [3]], steps, named, tensors)
    before = [call_tensors.copy() for call_tensors in tensors]
    found = [loaded.run(inputs) for _ in range(2)]
    module = part("steps")
    fresh, module.FRESH = module.FRESH, ()
    try:
        plain = model([[3], [3]], steps, named, tensors).run(inputs)
    finally:
        module.FRESH = fresh
    for x, y in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(x, y)
    for tensor, copy in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(tensor, copy)
    for first, second, wanted in zip(*found, plain, strict=True):
        np.testing.assert_array_equal(first, wanted)
        np.testing.assert_array_equal(second, wanted, "the second run finds the weights changed")


@pytest.mark.parametrize("kernel", ["dense", "affine", "conv"])
@pytest.mark.parametrize("function", sorted(runtime().IN_PLACE))
def test_activations_do_run_in_place(kernel: str, function: str) -> None:
    """Or the property above compares a thing with itself."""
    tensors = {"dense": {"kernel": 0, "bias": 1}, "affine": {"scale": 1, "offset": 1},
               "conv": {"kernel": 2, "bias": 1}}[kernel]  # fmt: skip
    more = {"strides": [1], "dilation": [1], "padding": "valid"} if kernel == "conv" else {}
    shape = [4, 3] if kernel == "conv" else [3]
    steps = [step(kernel, [0], 1, tensors=tensors, **more), activation(function, 1, 2)]
    block = [np.eye(3), np.arange(3.0), np.ones((1, 3, 3))]
    loaded = model([shape], steps, [("y", shape, 2)], block)
    x = np.ones((2, *shape), np.float32)
    between = loaded.steps[0][0](x)
    result = loaded.steps[1][0](between)
    assert np.shares_memory(result, between)
    assert not np.shares_memory(result, x)


def test_a_value_that_is_an_output_is_not_overwritten() -> None:
    steps = [step("dense", [0], 1, tensors={"kernel": 0}), activation("sigmoid", 1, 2)]
    outputs = [("logits", [2], 1), ("scores", [2], 2)]
    loaded = model([[2]], steps, outputs, [np.eye(2)])
    logits, scores = loaded.score(send([1, -2]))
    assert logits == [1, -2]
    assert scores == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(2))], rel=1e-6)
    assert not is_nan(scores[0])


# Scores as numbers.


def unpacked(literal: str, dtype: type[np.floating[Any]] = np.float32) -> list[float]:
    """The numbers of a literal of bytes."""
    assert literal[:2] == "\\x"
    return np.frombuffer(bytes.fromhex(literal[2:]), dtype).tolist()


def test_scores_as_numbers_are_those_of_the_texts() -> None:
    loaded = model([[1]], labels=["no", "yes"], threshold=0.5)
    rows = [0.1, -0.0, 1e-45, 3.4e38, math.inf, -math.inf, 1 / 3]
    message = pack(*[send([x]) for x in rows], *[send([x], kind="float8") for x in rows])
    found, labels, place, problem = loaded.answer(message, 14, "numbers")
    assert unpacked(found) == [float(np.float32(x)) for x in rows] * 2
    assert (labels, place, problem) == (None, None, None)
    texts = loaded.answer(message, 14, "score")[0]
    assert [float(np.float32(t)) for t in texts[1:-1].split(",")] == unpacked(found)
    assert math.isnan(unpacked(loaded.answer(send([math.nan]), 1, "numbers")[0])[0])


def test_scores_of_float64_are_numbers_of_eight_bytes() -> None:
    loaded = model([[1]], is_double=True)
    rows = [1 / 3, -0.0, 5e-324, 1.7e308, math.inf]
    message = pack(*[send([x], kind="float8") for x in rows])
    found = loaded.answer(message, 5, "numbers")[0]
    assert unpacked(found, np.float64) == rows
    texts = loaded.answer(message, 5, "score")[0]
    assert [float(text) for text in texts[1:-1].split(",")] == rows


def test_what_is_stored_has_labels_beside_the_numbers() -> None:
    loaded = model([[1]], labels=["no", "yes"], threshold=0.5)
    message = pack(send([0.25]), send([0.75]))
    scores, labels, _, _ = loaded.answer(message, 2, "stored")
    assert (unpacked(scores), labels) == ([0.25, 0.75], '{"no","yes"}')
    with_null = loaded.answer(message + NULL_ROW, 3, "stored")
    assert with_null == loaded.answer(message + NULL_ROW, 3, "both")
    assert with_null[0] == "{0.25,0.75,NULL}"


@pytest.mark.parametrize(
    ("loaded", "message", "count"),
    [
        (model([[1]]), pack(send([1]), NULL_ROW, send([0.5], kind="float8")), 3),
        (model([[2]]), send([1, 2]), 1),
        (model([[1], [1]]), pack(send([1]), send([2])), 1),
        (model([[1]]), b"", 0),
    ],
    ids=["a row without a score", "a list", "two outputs", "no rows"],
)
def test_other_scores_stay_texts(loaded: Any, message: bytes, count: int) -> None:
    found = loaded.answer(message, count, "numbers")
    assert found == loaded.answer(message, count, "score")
    assert found[0][0] == "{"
