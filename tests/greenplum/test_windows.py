"""Windows over rows on the segments: those that numpy cuts, wherever rows lie, and once each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from database.networks import compile_model, deploy_model, expected, write_sequential
from database.tables import check_same, fetch, session
from database.windows import ABC, LENGTH, check, fill, windows_of
from greenplum_server import GreenplumServer, run

import exporter

STORAGE = {
    "by series": "distributed by (series)",
    "by key": "distributed by (id)",
    "random": "distributed randomly",
    "replicated": "distributed replicated",
    "ao_row": "with (appendoptimized = true) distributed by (series)",
    "ao_column": "with (appendoptimized = true, orientation = column) distributed by (series)",
    "partitioned": "distributed by (series) partition by range (place)"
    " (start (0) end (3000) every (500))",
}
QUERY = """
select export_model.window_groups_query(
  m.scorer() || export_model.window_source(m.scorer(), %s, 'id', 'series', 'place', {gap})
    || '{{"order": "place"}}', 'score', {step}, {rows}, 0, 1)
"""
GAPS = {None: "null, null", 6.5: "'6.5', 'numeric'"}
CASES = [
    (1, None, 1, "stored"),
    (1, 6.5, 1, "select * from stored"),
    (2, 6.5, 17, "stored"),
    (2, None, 17, "stored"),
    (60, None, 4096, "stored"),
    (5, 6.5, 4096, "stored"),
]  # step, gap, rows of a chunk, source
EVERY = "select s.key::int, s.score from m.score_windows('{}', 'id', 'series', 'place'{}) s"


@dataclass(frozen=True)
class Rolling:
    """A database with a model of windows of 4 rows, and its plan."""

    dsn: str
    server: GreenplumServer
    name: str
    plan: Any


@pytest.fixture(scope="module")
def rolling(greenplum: GreenplumServer, tmp_path_factory: Any) -> Iterator[Rolling]:
    name = f"export_model_windows_{os.getpid()}"
    with greenplum.database(name):
        dsn = greenplum.dsn(name)
        run(dsn, "create extension if not exists plpython3u")
        path = tmp_path_factory.mktemp("windows") / "m.h5"
        write_sequential(path, [LENGTH * 3, 5, 1], ["tanh", "sigmoid"])
        model = exporter.read(path)
        deployed = exporter.deploy(
            model, dsn, name="m", features=ABC, window=LENGTH, labels=["good", "bad"]
        )
        assert deployed.verify().is_ok
        yield Rolling(dsn, greenplum, name, compile_model(path, "plain")[1])


@pytest.fixture
def cursor(rolling: Rolling) -> Iterator[Any]:
    with session(rolling.dsn) as cursor:
        yield cursor


def some_rows(seed: int, series: int = 5, most: int = 300) -> list[tuple[Any, ...]]:
    """Rows of series of all lengths, with gaps and NULLs, in no order."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for n in range(series):
        for place in np.cumsum(rng.integers(1, 9, rng.integers(0, most))).tolist():
            cells = [
                None if rng.random() < 0.02 else round(float(x), 3) for x in rng.normal(size=3)
            ]
            rows.append((len(rows), f"größer {n}", place, *cells))
    rng.shuffle(rows)  # type: ignore[arg-type]
    return rows


def store(cursor: Any, rows: list[tuple[Any, ...]], storage: str, name: str = "stored") -> None:
    """Rows in a table of this kind."""
    fill(cursor, rows, "filled")
    cursor.execute(f"drop table if exists {name} cascade")
    # A partitioned table cannot be made by a query.
    cursor.execute(f"create table {name} (like filled) {STORAGE[storage]}")
    cursor.execute(f"insert into {name} select * from filled; analyze {name}")


@pytest.mark.parametrize("storage", STORAGE)
def test_windows_are_those_that_numpy_cuts(rolling: Rolling, cursor: Any, storage: str) -> None:
    """Over all ends of chunks: those of the query are small, and come together in no order."""
    number = list(STORAGE).index(storage)
    rows = some_rows(number)
    store(cursor, rows, storage)
    for step, gap, chunk, source in CASES[number % 2 :: 2]:
        sql = QUERY.format(step=step, rows=chunk, gap=GAPS[gap])
        ((query,),) = fetch(cursor, sql, (source,))
        found = [(k, None if s is None else float(s)) for k, s, _ in fetch(cursor, query)]
        check(found, windows_of(rows, step, gap), rolling.plan)
    options = ", max_gap => 6.5, step => 2"
    scores = fetch(cursor, EVERY.format("stored", options))
    check([(str(key), score) for key, score in scores], windows_of(rows, 2, 6.5), rolling.plan)
    labels = dict(fetch(cursor, EVERY.format("stored", options).replace("score", "label")))
    names = {True: "bad", False: "good"}
    assert labels == {key: s if s is None else names[s > 0.5] for key, s in scores}


def motions(cursor: Any, source: str, storage: str) -> list[str]:
    """What moves in the query of windows over some rows."""
    store(cursor, some_rows(1), storage)
    ((query,),) = fetch(cursor, QUERY.format(step=1, rows=4096, gap=GAPS[None]), (source,))
    cursor.execute("set optimizer = off")
    lines = [line for (line,) in fetch(cursor, f"explain {query}")]
    return [line.split("Motion")[0].strip(" ->") for line in lines if "Motion" in line]


@pytest.mark.parametrize("storage", STORAGE)
def test_series_stay_where_they_lie(rolling: Rolling, cursor: Any, storage: str) -> None:
    """Only keys and scores move where the table is distributed by the series, else rows once."""
    stays = {"random", "by key"}.isdisjoint({storage})
    wanted = ["Gather"] if stays else ["Gather", "Redistribute"]
    if storage == "replicated":
        assert "Broadcast" not in motions(cursor, "stored", storage)
    else:
        assert motions(cursor, "stored", storage) == wanted


ROW = (1, "a", 1, 0.5, 0.5, 0.5)
BAD: dict[str, tuple[list[tuple[Any, ...]], str, str]] = {
    "tie": ([ROW, (2, "a", 1, 1, 1, 1)], "'id', 'series', 'place'", "has the same place as anoth"),
    "no order": ([(7, "a", None, 1, 1, 1)], "'id', 'series', 'place'", "with key 7 has no place"),
    "no series": ([(7, None, 1, 1, 1, 1)], "'id', 'series', 'place'", "with key 7 has no place"),
    "order": ([ROW], "'id', 'series', 'nothing'", "stored has no column nothing"),
    "gap": ([ROW], "'id', 'place', 'series', 5", "max_gap cannot be told between values"),
    "step": ([ROW], "'id', 'series', 'place', step => 0", "^step is 0; give 1 or more"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(rolling: Rolling, cursor: Any, name: str) -> None:
    rows, arguments, words = BAD[name]
    store(cursor, rows, "by key")
    with pytest.raises(psycopg2.Error, match=words):
        cursor.execute(f"select * from m.score_windows('stored', {arguments})")
    with pytest.raises(psycopg2.Error, match="which no function can do inside a query that runs"):
        cursor.execute(
            "create table x as select w.key from stored s, m.score_windows('stored', 'id',"
            " 'series', 'place') w where w.key = s.id::text"
        )


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
def test_padded_windows_and_one_series(rolling: Rolling, tmp_path: Path) -> None:
    """The first rows of a run end windows, too, those of later chunks no other ones than before."""
    keras = pytest.importorskip("keras")
    layers = [keras.Input((5, 2)), keras.layers.Masking(-1.0), keras.layers.GRU(3)]
    network = keras.Sequential([*layers, keras.layers.Dense(1)])
    run(
        rolling.dsn,
        "create table t as select g as id, sin(g)::real as u, (g % 7)::real as v"
        " from generate_series(1, 300) g distributed by (id)",
    )
    rows = np.array([[np.sin(g), g % 7] for g in range(1, 301)], np.float32)
    for side in ("before", "after"):
        options: dict[str, Any] = {"features": ["u", "v"], "window": 5, "pad": side}
        assert (
            exporter.deploy(exporter.read(network), rolling.dsn, name="p", **options).verify().is_ok
        )
        for step in (1, 3):
            with session(rolling.dsn) as cursor:
                sql = QUERY.replace("m.", "p.").replace("'series', 'place'", "null, 'id'")
                sql = sql.format(step=step, rows=6, gap=GAPS[None])
                found = {
                    int(k): float(s) for k, s, _ in fetch(cursor, fetch(cursor, sql, ("t",))[0][0])
                }
            windows = []
            for last in range(0, 300, step):
                own = rows[max(0, last - 4) : last + 1]
                pad = np.full((5 - len(own), 2), -1, np.float32)
                windows.append(np.vstack([pad, own] if side == "before" else [own, pad]))
            wanted = network.predict(np.array(windows), verbose=0)[:, 0]
            assert sorted(found) == list(range(1, 301, step))
            np.testing.assert_allclose([found[k] for k in sorted(found)], wanted, rtol=0, atol=1e-5)


INTO = "call m.score_windows_into('{}', 'id', 'series', 'place', 'scores'{})"


@pytest.mark.parametrize("storage", ["by series", "by key", "ao_column"])
@pytest.mark.parametrize("options", ["", ", step => 3", ", max_gap => 6"])
def test_a_run_writes_new_windows_alone(
    rolling: Rolling, cursor: Any, storage: str, options: str
) -> None:
    """Rows that come between runs, in three parts of each series; scores are those of one run."""
    rows = sorted(some_rows(7), key=lambda row: row[2])
    cursor.execute("drop table if exists scores")
    written = 0
    for count in (len(rows) // 3, len(rows) - 20, len(rows), len(rows)):
        store(cursor, rows[:count], storage)
        cursor.execute(INTO.format("stored", options))
        every = fetch(cursor, EVERY.format("stored", options))
        check_same(fetch(cursor, "select key, score from scores"), every)
        assert f"{len(every) - written} windows scored" in cursor.connection.notices[-1]
        written = len(every)
    labels = set(fetch(cursor, "select key, label from scores"))
    assert labels == set(fetch(cursor, EVERY.format("stored", options).replace("score", "label")))


def test_parts_are_all_series_once_and_a_run_that_ends_early_goes_on(
    rolling: Rolling, cursor: Any
) -> None:
    store(cursor, some_rows(3, series=30, most=60), "by series")
    cursor.execute("drop table if exists scores")
    ((job,),) = fetch(
        cursor,
        "select export_model.open_windows(m.scorer(), 'stored', 'id', 'series', 'place', 'scores',"
        " null, null, 'interval', null)",
    )
    for part in (0, 2):
        sql = "select export_model.score_window_part(%s, %s, 3)"
        assert fetch(cursor, sql, (json.dumps(job), part))[0][0] > 0
    before = set(fetch(cursor, "select key, scored_at from scores"))
    cursor.execute(INTO.format("stored", ""))
    check_same(
        fetch(cursor, "select key, score from scores"), fetch(cursor, EVERY.format("stored", ""))
    )
    assert before < set(fetch(cursor, "select key, scored_at from scores"))


def test_columns_of_the_target(rolling: Rolling, cursor: Any) -> None:
    store(cursor, some_rows(4), "by series")
    cursor.execute("drop table if exists scores")
    columns = (
        "{key,prediction=score,ts=order_by,machine=partition_by,model_name,version=model_version}"
    )
    for _ in range(2):
        cursor.execute(INTO.format("stored", f", columns => '{columns}'"))
        found = fetch(cursor, "select key, ts, machine, model_name from scores")
        keys = {key for key, _ in fetch(cursor, EVERY.format("stored", ""))}
        own = fetch(cursor, "select id, place, series, 'm' from stored")
        assert set(found) == {row for row in own if row[0] in keys}
        assert len(found) == len(keys)


def test_the_command(rolling: Rolling, cursor: Any) -> None:
    store(cursor, some_rows(5), "random")
    cursor.execute("drop table if exists scores")
    program = "from exporter.cli import main; main()"
    options = ["--name", "m", "--table", "stored", "--key", "id", "--into", "scores"]
    options += ["--order-by", "place", "--partition-by", "series", "--max-gap", "6"]
    every = fetch(cursor, EVERY.format("stored", ", max_gap => 6"))
    for wanted in (len(every), 0):
        done = subprocess.run(
            [sys.executable, "-c", program, "score", "--dsn", rolling.dsn, *options],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert f"{wanted:,} rows scored into scores" in done.stdout
    check_same(fetch(cursor, "select key, score from scores"), every)


ROLE = "export_model_windows"


def test_rights_are_those_of_the_caller(rolling: Rolling, cursor: Any) -> None:
    """Also where rows are hidden."""
    rows = some_rows(6)
    store(cursor, rows, "by series")
    cursor.execute(f"create role {ROLE} login; grant usage on schema m to {ROLE}")
    try:
        with session(rolling.server.dsn(rolling.name, ROLE)) as other:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="stored"):
                other.execute(EVERY.format("stored", ""))
            cursor.execute(
                f"alter table stored enable row level security; grant select on stored to {ROLE};"
                f"create policy few on stored to {ROLE} using (place <= 50)"
            )
            found = [(str(key), score) for key, score in fetch(other, EVERY.format("stored", ""))]
            check(found, windows_of([row for row in rows if row[2] <= 50]), rolling.plan)
    finally:
        cursor.execute(f"drop owned by {ROLE}; drop role {ROLE}")


def test_forecasts(rolling: Rolling, cursor: Any, tmp_path: Path) -> None:
    """Of all series, wherever their last rows lie."""
    path = write_sequential(tmp_path / "f.h5", [LENGTH, 6, 1], ["tanh", "linear"])
    options: dict[str, Any] = {"features": ["a"], "forecast": ["a"], "window": LENGTH}
    deployed = exporter.deploy(exporter.read(path), rolling.dsn, name="f", **options)
    assert deployed.verify().is_ok
    plan = deploy_model(rolling.dsn, path, "plain")
    rows = [row for row in some_rows(8, series=40, most=30) if row[3] is not None]
    wanted = {}
    for series in {row[1] for row in rows}:
        own = sorted((row[2], row[3]) for row in rows if row[1] == series)
        if len(own) >= LENGTH:
            window = [value for _, value in own[-LENGTH:]]
            for step in range(1, 4):
                (y,) = expected(plan, np.array([window], np.float32))
                wanted[series, step] = float(y[0, 0])
                window = [*window[1:], wanted[series, step]]
    for storage in ("by series", "by key", "replicated"):
        store(cursor, rows, storage)
        found = fetch(cursor, "select * from f.forecast('stored', 'series', 'place', 3)")
        assert {(series, step) for series, step, _ in found} == set(wanted)
        np.testing.assert_allclose(
            [y for _, _, y in found], [wanted[s, n] for s, n, _ in found], rtol=0, atol=1e-5
        )
