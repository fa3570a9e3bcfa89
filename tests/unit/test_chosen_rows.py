"""Rows that reach the most of a model, against choosing them by its definition."""

from __future__ import annotations

import numpy as np

from exporter.samples.reach import Part, Reach, choose_rows


def draw_reach(seed: int, rows: int) -> Reach:
    """Three parts of two kinds; one pair in ten comes twice."""
    generator = np.random.default_rng(seed)
    parts = []
    for what, total in (("leaves", 40), ("leaves", 7), ("categories", 13)):
        held = generator.integers(rows, size=3 * rows), generator.integers(total, size=3 * rows)
        twice = [np.append(item, item[: len(item) // 10]) for item in held]
        parts.append(Part(what, total, *twice))
    return Reach(rows, tuple(parts))


def choose_slowly(reach: Reach, wanted: int) -> list[int]:
    """Each row anew: what it reaches that none before it does, as shares of each kind."""
    totals = {"leaves": 47, "categories": 13}
    reached: set[tuple[int, int]] = set()
    chosen: list[int] = []
    for _ in range(wanted):
        gains = []
        for row in range(reach.rows):
            added = dict.fromkeys(totals, 0)
            for number, part in enumerate(reach.parts):
                for thing in part.found[part.rows == row].tolist():
                    added[part.what] += (number, thing) not in reached
            gain = sum(added[what] / total for what, total in totals.items())
            gains.append(-1.0 if row in chosen else gain)
        best = int(np.argmax(gains))
        chosen.append(best)
        for number, part in enumerate(reach.parts):
            reached |= {(number, thing) for thing in part.found[part.rows == best].tolist()}
    return chosen


def test_each_row_adds_the_most_to_those_before_it() -> None:
    for seed in range(8):
        reach = draw_reach(seed, 30)
        assert choose_rows(reach, 30) == choose_slowly(reach, 30)


def test_no_more_rows_than_there_are_and_none_twice() -> None:
    reach = draw_reach(0, 12)
    assert sorted(choose_rows(reach, 50)) == list(range(12))
    assert choose_rows(Reach(3, ()), 2) == [0, 1]
