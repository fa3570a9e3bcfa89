"""Windows over rows in the runtime, against windows that are cut out one by one."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import send

from exporter.engines.plpython.runtime import runtime

WIDTH = 2
MASK = -5.0


def window_model(
    length: int, step: int = 1, padding: list[Any] | None = None, is_flat: bool = True
) -> Any:
    """A window's score is its own numbers, so that nothing in it can be mistaken."""
    shape = [length * WIDTH] if is_flat else [None, WIDTH]
    window = {"length": length, "step": step} | ({"padding": padding} if padding else {})
    plan = {
        "model": "m",
        "inputs": [{"name": "x", "shape": shape}],
        "outputs": [{"name": "y", "shape": [length * WIDTH], "value": 1}],
        "labels": [], "threshold": None, "batch_rows": 7, "window": window,
        "steps": [{"kernel": "reshape", "inputs": [0], "output": 1,
                   "parameters": {"shape": [length * WIDTH]}, "tensors": {}}],
        "tensors": [],
    }  # fmt: skip
    text = json.dumps(plan)
    return runtime().load(hashlib.sha256(text.encode()).hexdigest(), text, b"")


def packed(rows: list[list[float | None]]) -> bytes:
    """Rows as pack_row packs them."""
    return b"".join(send(row) for row in rows)


def numbers(text: str | None) -> list[float] | None:
    """A score of several numbers."""
    return None if text is None else [float(n) for n in text.strip('{}"').split(",")]


def oracle(
    rows: list[list[float | None]],
    starts: list[int],
    length: int,
    step: int,
    side: str | None,
    stored: dict[int, int],
) -> dict[int, list[float] | None]:
    """The windows by the place of their last row, cut out one by one."""
    bounds = sorted({0, *starts, len(rows)})
    found: dict[int, list[float] | None] = {}
    for first, end in pairwise(bounds):
        first_end = first if side else first + length - 1
        known = stored.get(first)
        if known is not None:
            first_end = known + step
            while not side and first_end < first + length - 1:
                first_end += step
        for last in range(first_end, end, step):
            cut = rows[max(first, last + 1 - length) : last + 1]
            pads = [[MASK] * WIDTH] * (length - len(cut))
            cut = [*pads, *cut] if side == "before" else [*cut, *pads]
            flat = [number for row in cut for number in row]
            found[last] = None if None in flat else [float(n or 0) for n in flat]
    return found


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A series with runs of all lengths, rows with NULLs, and how it is cut into calls."""
    count = draw(st.integers(1, 60))
    places = st.integers(0, count - 1)
    starts = sorted(draw(st.sets(places, max_size=6)) | {0})
    nulls = draw(st.sets(places, max_size=4))
    stored: dict[int, int] = {}
    for place in draw(st.sets(places, max_size=2)):
        first = max(start for start in starts if start <= place)
        stored[first] = place
    return {
        "rows": [[None, 1.0] if n in nulls else [float(n), n / 64] for n in range(count)],
        "starts": starts,
        "stored": stored,
        "cuts": sorted(draw(st.sets(places, max_size=5)) | {0}),
        "length": draw(st.integers(1, 9)),
        "step": draw(st.integers(1, 7)),
        "side": draw(st.sampled_from([None, None, "before", "after"])),
        "is_flat": draw(st.booleans()),
    }


@given(cases())
@settings(max_examples=300, deadline=None)
def test_windows_are_the_same_however_rows_come(case: dict[str, Any]) -> None:
    padding = [case["side"], MASK] if case["side"] else None
    model = window_model(case["length"], case["step"], padding, case["is_flat"])
    rows, state = case["rows"], b""
    found: dict[int, list[float] | None] = {}
    cuts = [*case["cuts"], len(rows)]
    for first, end in pairwise(cuts):
        here = range(first, end)
        starts = [n - first for n in case["starts"] if n in here]
        stored = [n - first for n in case["stored"].values() if n in here]
        part = rows[first:end]
        scores, labels, ends, state = model.windows.score(
            packed(part), len(part), "score", starts, stored, None, state
        )
        assert labels is None
        places = [n for n in range(len(part)) if ends is None or ends[n] == "t"]
        found |= {first + n: numbers(s) for n, s in zip(places, scores, strict=True)}
    wanted = oracle(
        rows, case["starts"], case["length"], case["step"], case["side"], case["stored"]
    )
    assert found.keys().isdisjoint(case["stored"].values())
    # Whether a window before a stored one comes depends on the cuts: only what follows it counts.
    runs = sorted(case["starts"])

    def is_old(place: int) -> bool:
        first = max(start for start in runs if start <= place)
        return first in case["stored"] and place <= case["stored"][first]

    assert {k: v for k, v in found.items() if not is_old(k)} == wanted


def test_a_step_of_the_call_comes_before_the_models_own() -> None:
    model = window_model(2, step=3)
    rows = packed([[n, n] for n in range(8)])
    for step in (None, 1, 5):
        _, _, ends, _ = model.windows.score(rows, 8, "score", [0], [], step, b"")
        assert [n for n in range(8) if ends[n] == "t"] == list(range(1, 8, step or 3))


@pytest.mark.parametrize(
    "state", [b"x", b"\xff" * 24, b"\0" * 24 + b"x", (10).to_bytes(8, "little") * 3]
)
def test_a_state_of_somebody_else_is_refused(state: bytes) -> None:
    model = window_model(3)
    with pytest.raises(runtime().RowError, match="none that this version left behind"):
        model.windows.score(packed([[1, 2]]), 1, "score", [], [], None, state)


def test_a_batch_without_a_whole_row_has_windows_without_scores() -> None:
    model = window_model(2)
    scores, _, ends, state = model.windows.score(
        packed([[None, 1]] * 3), 3, "score", [0], [], None, b""
    )
    assert (scores, ends) == ([None, None], ["f", "t", "t"])
    scores, _, ends, _ = model.windows.score(
        packed([[1, 2], [3, 4]]), 2, "score", [], [], None, state
    )
    assert [numbers(text) for text in scores] == [None, [1, 2, 3, 4]]
    assert ends is None


def test_a_window_by_itself_may_come_row_by_row() -> None:
    model = window_model(3)
    wanted = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    for dims in ([6], [3, 2]):
        assert model.score(send(wanted, dims)) == wanted
    with pytest.raises(ValueError, match="takes 6 numbers, got 2x3"):
        model.score(send(wanted, [2, 3]))


def test_errors_name_the_row() -> None:
    model = window_model(2)
    message = packed([[1, 2]]) + send([1.0, 2.0, 3.0])
    answer = model.answer_windows(message, 2, "score", [0], [], None, b"")
    assert answer[4:] == (1, 'model "m": input "x" takes 2 numbers, got 3')


def test_fewer_rows_than_none_are_refused() -> None:
    answer = window_model(2).answer_windows(b"", -1, "score", [], [], None, b"")
    assert answer[4:] == (0, "-1 rows cannot be scored")


def test_more_steps_than_one_call_should_take_are_refused() -> None:
    """Before memory is asked for: everybody who may score can call the function of a version."""
    model = window_model(2)
    answer = model.answer_forecast(packed([[1, 2]] * 2), [2], 2**31 - 1, b"", 0)
    assert answer == (None, 0, "1 series and 2147483647 steps are too many at once")
