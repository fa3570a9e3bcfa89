"""What a terminal is shown of texts that anybody wrote: text, and nothing that it acts on."""

from __future__ import annotations

import pytest

from exporter.facts import MOST_SHOWN, plain, text_table

ODD = ["\x1b[2J", "\x1b]0;title\x07", "\r", "\x9b31m", "\u202e", "\b\b\b", "\x00", "\u2028"]


@pytest.mark.parametrize("odd", ODD)
def test_what_a_terminal_would_act_on_is_shown_as_a_mark(odd: str) -> None:
    shown = plain(f"file{odd}.h5\n\tnext")
    assert shown.endswith(".h5\n\tnext")
    assert all(c.isprintable() for c in shown.replace("\n", "").replace("\t", ""))


def test_a_cell_is_one_line_and_not_endless() -> None:
    table = text_table(["file", "state"], [["a.h5\nb  ok", "ok"], ["x" * 10**6, "ok"]])
    assert len(table.splitlines()) == 3
    assert len(max(table.splitlines(), key=len)) < MOST_SHOWN + 20


def test_ordinary_texts_stay_as_they_are() -> None:
    assert plain("größer 模型 é — “x” 😀") == "größer 模型 é — “x” 😀"
