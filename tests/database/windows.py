"""Tables of series, and their windows cut out by numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from database.networks import expected

ABC = ["a", 'b"; drop table x --', "c"]
LENGTH = 4


def fill(cursor: Any, rows: list[tuple[Any, ...]], name: str = "rows") -> None:
    """A table of (id, series, place, and the three columns)."""
    columns = ", ".join('"' + c.replace('"', '""') + '" double precision' for c in ABC)
    cursor.execute(f"drop table if exists {name} cascade")
    cursor.execute(
        f"create table {name} (id integer primary key, series text, place integer, {columns})"
    )
    if rows:
        marks = ", ".join("(%s, %s, %s, %s, %s, %s)" for _ in rows)
        cursor.execute(f"insert into {name} values {marks}", [cell for row in rows for cell in row])


def windows_of(
    rows: list[tuple[Any, ...]], step: int = 1, max_gap: float | None = None
) -> dict[str, Any]:
    """Windows cut out by numpy, by the key of the last row; None where one holds a NULL."""
    found: dict[str, Any] = {}
    for series in {row[1] for row in rows}:
        of_series = sorted((row for row in rows if row[1] == series), key=lambda row: row[2])
        runs: list[list[Any]] = []
        for row in of_series:
            if not runs or (max_gap is not None and row[2] - runs[-1][-1][2] > max_gap):
                runs.append([])
            runs[-1].append(row)
        for run in runs:
            for last in range(LENGTH - 1, len(run), step):
                cells = [c for row in run[last + 1 - LENGTH : last + 1] for c in row[3:]]
                found[str(run[last][0])] = None if None in cells else cells
    return found


def check(found: list[tuple[Any, ...]], wanted: dict[str, Any], plan: Any) -> None:
    """The same keys, each once, and the scores of these windows."""
    assert len(found) == len({key for key, _ in found})
    scores = dict(found)
    assert scores.keys() == wanted.keys()
    assert {k for k, s in scores.items() if s is None} == {k for k, w in wanted.items() if not w}
    keys = [key for key, window in wanted.items() if window]
    if keys:
        (y,) = expected(plan, np.array([wanted[key] for key in keys], np.float32))
        np.testing.assert_allclose([scores[key] for key in keys], y[:, 0], rtol=0, atol=1e-5)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Series of all lengths in a table without any order, with NULLs and gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows: list[tuple[Any, ...]] = []
    for series in draw(st.lists(st.sampled_from(["", "a", "B", "größer"]), unique=True)):
        places = np.cumsum(rng.integers(1, 9, rng.integers(0, 30)))
        for place in places.tolist():
            cells = [None if rng.random() < 0.02 else float(x) for x in rng.normal(size=3)]
            rows.append((len(rows), series, place, *cells))
    rng.shuffle(rows)  # type: ignore[arg-type]
    return {
        "rows": [(n, *row[1:]) for n, row in enumerate(rows)],
        "step": draw(st.sampled_from([None, 1, 2, 5, 60])),
        "max_gap": draw(st.sampled_from([None, 3, 6.5])),
        "is_query": draw(st.booleans()),
    }
