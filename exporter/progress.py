"""How far long work is: a bar on a terminal, tqdm's in a notebook that has it, else lines."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Steps = Callable[[str], None]
"""Called with the name of the step that begins."""
Rows = Callable[[int, float | None], None]
"""Called with rows written since the last call, and which part of all is done, if it is known."""

Bytes = Callable[[int, int], None]
"""Called with the bytes that came since the last call, and how many there will be, 0 if that is not
known."""

LENGTH = 1000  # of a bar over rows or bytes
LINE_S = 5.0  # where there is no bar, a line at most this often


@contextmanager
def show_steps(progress: bool | Steps, steps: int) -> Iterator[Steps]:
    """What is to be called at each of these steps; progress is whether, or what the caller has."""
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda name: None
    else:
        with _bar(steps) as advance:
            yield lambda name: advance(1, name)


@contextmanager
def show_rows(progress: bool | Rows) -> Iterator[Rows]:
    """The same for rows, with how many they are and how fast they come."""
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda rows, done: None
    else:
        with _bar(LENGTH) as advance:
            yield _Speed(advance).advance


@contextmanager
def show_bytes(progress: bool | Bytes) -> Iterator[Bytes]:
    """The same for what is downloaded."""
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda size, whole: None
    else:
        with _bar(LENGTH) as advance:
            yield _Download(advance).advance


class _Download:
    """Turns bytes into the places of a bar, and a text."""

    def __init__(self, advance: Callable[[int, str], None]) -> None:
        self.advance_bar = advance
        self.size = 0
        self.place = 0

    def advance(self, size: int, whole: int) -> None:
        """So many bytes came, of a file of so many."""
        self.size += size
        place = self.size * LENGTH // whole if whole else self.place
        self.advance_bar(place - self.place, f"{self.size / 1e6:,.1f} MB")
        self.place = place


class _Speed:
    """Turns rows into the places of a bar, and a text."""

    def __init__(self, advance: Callable[[int, str], None]) -> None:
        self.advance_bar = advance
        self.rows = 0
        self.place = 0
        self.start = time.perf_counter()

    def advance(self, rows: int, done: float | None) -> None:
        """Rows were written; done is the part of all that is behind, if it is known."""
        self.rows += rows
        place = self.place if done is None else int(done * LENGTH)
        speed = self.rows / max(time.perf_counter() - self.start, 1e-9)
        self.advance_bar(place - self.place, f"{self.rows:,} rows, {speed:,.0f} rows/s")
        self.place = place


@contextmanager
def _bar(length: int) -> Iterator[Callable[[int, str], None]]:
    """(places to go on, text behind the bar) -> None."""
    if sys.stderr.isatty():
        import click

        texts = [""]
        options: dict[str, Any] = {"item_show_func": lambda _: texts[0], "file": sys.stderr}
        with click.progressbar(length=length, **options) as bar:

            def advance(places: int, text: str) -> None:
                texts[0] = text
                bar.update(places)

            yield advance
    elif "ipykernel" in sys.modules and importlib.util.find_spec("tqdm") is not None:
        from tqdm.auto import tqdm

        with tqdm(total=length, bar_format="{percentage:3.0f}%|{bar}| {desc}") as bar:

            def advance(places: int, text: str) -> None:
                bar.set_description_str(text, refresh=False)
                bar.update(places)

            yield advance
    else:
        yield _Lines(length).advance


class _Lines:
    """Progress as lines on standard error, the first and last and not too many in between."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.place = 0
        self.next_s = 0.0

    def advance(self, places: int, text: str) -> None:
        """Some places further, with a text; a line at most every LINE_S."""
        self.place += places
        now = time.monotonic()
        if now >= self.next_s or self.place >= self.length:
            self.next_s = now + LINE_S
            print(f"{self.place / self.length:4.0%} {text}", file=sys.stderr, flush=True)
