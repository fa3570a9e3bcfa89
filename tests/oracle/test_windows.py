"""Windows over the rows of a cursor: those that numpy cuts, each with the score of its whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tolerances import PLSQL, check_close

from exporter.engines.plsql.refusals import check_windows
from exporter.errors import SignatureError
from exporter.ir.columns import Column
from exporter.ir.graph import Port
from exporter.ir.plan import Signature
from exporter.ir.windows import Padding, Target, Window
from oracle import lints
from oracle.networks import chain, dense, lstm, mlp
from oracle.server import Model, Oracle, OracleError

LENGTH = 4
ABC = tuple(Column(name, place=n) for n, name in enumerate(("a", "b", "c")))
WINDOW = Window(LENGTH, columns=ABC)
GRAPHS = {"flat": mlp(12, 5, 1), "steps": chain((LENGTH, 3), lstm(3, 4), dense(4, 2))}


@pytest.fixture(scope="module", params=GRAPHS)
def model(request: pytest.FixtureRequest, oracle: Oracle) -> Iterator[Model]:
    """A network over windows of 4 rows of 3 columns, as one array and as rows."""
    with oracle.deploy(GRAPHS[request.param], Signature("m", window=WINDOW)) as model:
        yield model


def rows_of(seed: int, series: int = 3, most: int = 400) -> list[list[Any]]:
    """(id, series, place, a, b, c) in the order of a cursor, with gaps and NULLs; some batches."""
    rng = np.random.default_rng(seed)
    rows: list[list[Any]] = []
    for n in range(series):
        for place in np.cumsum(rng.integers(1, 9, rng.integers(0, most))).tolist():
            cells = [None if rng.random() < 0.02 else float(x) for x in rng.normal(size=3)]
            rows.append([str(len(rows)), f"s {n}", float(place), *cells])
    return rows


def ask(model: Model, rows: Sequence[Sequence[Any]], **options: Any) -> list[tuple[Any, ...]]:
    """What score_windows gives."""
    name = f"{model.package}.score_windows"
    return [tuple(row) for row in model.session.select_table_function(name, rows, **options)]


def check(model: Model, rows: list[list[Any]], step: int, gap: float | None) -> None:
    """Fail unless each window is there once, in order, with its score."""
    keys: list[str] = []
    windows: list[list[Any]] = []
    run: list[list[Any]] = []
    for row in rows:
        if run and (row[1] != run[-1][1] or (gap is not None and row[2] - run[-1][2] > gap)):
            run = []
        run.append(row)
        if len(run) >= LENGTH and (len(run) - LENGTH) % step == 0:
            keys.append(row[0])
            windows.append([cell for r in run[-LENGTH:] for cell in r[3:]])
    found = ask(model, rows, p_step=step, p_max_gap=gap)
    assert [record[0] for record in found] == keys
    whole = [None not in window for window in windows]
    assert [record[1] is not None for record in found] == whole
    given = np.array([w for w, is_whole in zip(windows, whole, strict=True) if is_whole])
    shape = tuple(n or 0 for n in model.graph.inputs[0].shape)
    (wanted,) = model.expected([given.astype(np.float32).reshape(-1, *shape)])
    scores = [r[1] if np.isscalar(r[1]) else list(r[1].a) for r in found if r[1] is not None]
    check_close(np.array(scores).reshape(wanted.shape), wanted, PLSQL, "windows")


@pytest.mark.parametrize(("step", "gap"), [(1, None), (3, None), (1, 6.5), (60, 7.0)])
def test_windows_are_those_that_numpy_cuts(model: Model, step: int, gap: float | None) -> None:
    check(model, rows_of(step), step, gap)


def test_a_window_scores_as_its_array_does(model: Model) -> None:
    rows = [["1", "x", float(n), n / 7, n / 5, n / 3] for n in range(LENGTH)]
    ((_, found, *_),) = ask(model, rows)
    alone = model.score([cell for row in rows for cell in row[3:]])
    assert found == alone or list(found.a) == alone


def test_the_text_of_the_package(model: Model) -> None:
    lints.check_unit(model.units.spec)
    lints.check_unit(model.units.body)


def test_no_rows_and_short_series(model: Model) -> None:
    assert ask(model, []) == []
    assert ask(model, rows_of(0)[: LENGTH - 1]) == []


A, B = ["1", "a", 1.0, 1, 2, 3], ["2", "b", 1.0, 1, 2, 3]
BAD: dict[str, tuple[list[list[Any]], dict[str, Any], str]] = {
    "tie": ([A, ["9", *A[1:]]], {}, "row 9 has the same place as another of its series"),
    "back": ([A, ["9", "a", 0.5, 1, 2, 3]], {}, "row 9 comes before the one it follows"),
    "apart": ([A, B, ["9", "a", 2.0, 1, 2, 3]], {}, "rows of series a come apart"),
    "no series": ([["9", None, 1.0, 1, 2, 3]], {}, "row 9 has no place"),
    "no place": ([["9", "a", None, 1, 2, 3]], {}, "row 9 has no place"),
    "step": ([A], {"p_step": 0}, "p_step is 0; give 1 or more"),
    "gap": ([A], {"p_max_gap": 0.0}, "p_max_gap is .*; give more than nothing"),
    "no number": ([["9", "a", float("nan"), 1, 2, 3]], {}, "row 9 has no place.*or NaN"),
    "columns": ([[*A, 4]], {}, "must have 6 columns: an id, the series.*a, b, c"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_named(model: Model, name: str) -> None:
    rows, options, words = BAD[name]
    with pytest.raises(OracleError, match=words):
        ask(model, rows, **options)
    assert model.last_cursor_is_closed


def test_series_are_told_apart_by_their_bytes(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever NLS_COMP and NLS_SORT say: s and S are two series."""
    rows = [[str(n), "sS"[n // 6], n / 2, n / 7, n / 5, n / 3] for n in range(12)]
    monkeypatch.setattr(oracle.database.catalog, "is_linguistic", True)
    with oracle.deploy(GRAPHS["flat"], Signature("m", window=WINDOW)) as model:
        check(model, rows, 1, None)


def test_a_consumer_that_stops_and_labels(oracle: Oracle) -> None:
    signature = Signature("m", labels=("good", "bad"), threshold=0.5, window=WINDOW)
    with oracle.deploy(GRAPHS["flat"], signature) as model:
        found = ask(model, rows_of(1), stop_after=3)
        assert len(found) == 3
        assert model.last_cursor_is_closed
        found = [row for row in ask(model, rows_of(1)) if row[1] is not None]
        assert [label for _, _, label in found] == [("good", "bad")[y > 0.5] for _, y, _ in found]


def test_the_models_own_step(oracle: Oracle) -> None:
    with oracle.deploy(GRAPHS["flat"], Signature("m", window=replace(WINDOW, step=5))) as model:
        rows = rows_of(2)
        assert ask(model, rows) == ask(model, rows, p_step=5) != ask(model, rows, p_step=1)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (replace(WINDOW, targets=(Target(0),)), "--forecast is not for Oracle"),
        (replace(WINDOW, padding=Padding("before", -1.0)), "--pad is not for Oracle"),
        (replace(WINDOW, columns=()), "name the columns of one row"),
        (replace(WINDOW, columns=(replace(ABC[0], kind="text"), *ABC[1:])), "takes texts, dates"),
    ],
)
def test_what_is_not_done_is_refused_by_name(window: Window, words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        check_windows(window, (Port("x", 0, (12,)),))
    with pytest.raises(SignatureError, match="of any length"):
        check_windows(WINDOW, (Port("x", 0, (None, 3)),))
