"""Forecasts: what a model of windows gives becomes the next row, for all series at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database

import exporter
from database.networks import compile_model, expected, query, write_sequential
from database.tables import fetch, session
from exporter.errors import SignatureError

LENGTH, STEPS = 4, 5
Step = Callable[[Any, int], Any]


def series(count: int, width: int) -> Any:
    """Rows of so many series, more than a window has."""
    return np.random.default_rng(7).normal(size=(count, 9, width)).round(3)


def go_on(rows: Any, plan: Any, make_row: Step, steps: int = STEPS) -> Any:
    """What the plan gives, step by step; make_row makes the next row of it."""
    window, found = rows[-LENGTH:].copy(), []
    for step in range(steps):
        (y,) = expected(plan, window.reshape(1, -1).astype(np.float32))
        found.append(y[0].astype(np.float64))
        window = np.vstack([window[1:], make_row(y[0], step)])
    return np.array(found)


def insert(cursor: Any, table: str, rows: Any, names: list[str], first: int = 0) -> None:
    """Series as rows of (coin, day, ...)."""
    columns = ", ".join(f"{name} double precision" for name in names)
    cursor.execute(
        f"drop table if exists {table}; create table {table} (coin text, day integer, {columns})"
    )
    values = [
        (f"coin {n}", first + day, *numbers)
        for n, item in enumerate(rows)
        for day, numbers in enumerate(item.tolist())
    ]
    marks = ", ".join("%s" for _ in values)
    cursor.execute(f"insert into {table} values {marks}", values)


def check_verified(database: Database, model: str) -> None:
    """Each sample is forecast by verify, too, and notices when a forecast is another number."""
    count = f"select count(*), bool_and(ok) from {model}.verify() where form = 'forecast'"
    samples = "select count(distinct sample) from export_model.samples"
    assert query(database.dsn, count) == [(query(database.dsn, samples)[0][0], True)]
    with session(database.dsn) as cursor:
        cursor.execute("begin")
        ((definition,),) = fetch(
            cursor, "select pg_get_functiondef(%s::regproc)", (f"{model}.forecast",)
        )
        other = definition.replace("f.forecast::double precision", "null::double precision")
        assert other != definition
        cursor.execute(other)
        assert fetch(cursor, count)[0][1] is False
        cursor.execute("rollback")


def test_prices_behind_a_scaler(database: Database, tmp_path: Path) -> None:
    """The scaler is undone for what is given back, and done again for what goes in."""
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    prices = 1500 + 100 * series(30, 1)
    scaler = preprocessing.MinMaxScaler().fit(prices.reshape(-1, 1))
    path = write_sequential(tmp_path / "m.h5", [LENGTH, 6, 1], ["tanh", "linear"])
    file = tmp_path / "scaler.pkl"
    file.write_bytes(pickle.dumps(scaler))
    exporter.deploy(
        [file, path], database.dsn, name="m", features=["price"], forecast=["price"], window=LENGTH
    )
    check_verified(database, "m")
    plan = compile_model(path, "plain")[1]
    with session(database.dsn) as cursor:
        insert(cursor, "prices", prices, ["price"])
        cursor.execute("insert into prices values ('short', 1, 1)")
        call = "select * from m.forecast('prices', 'coin', 'day', %s)"
        found = fetch(cursor, call, (STEPS,))
        assert len(found) == 30 * STEPS
        for n in range(30):
            scaled = scaler.transform(prices[n])
            wanted = scaler.inverse_transform(go_on(scaled, plan, lambda y, _: y))[:, 0]
            ours = [(step, value) for name, step, value in found if name == f"coin {n}"]
            assert [step for step, _ in ours] == list(range(1, STEPS + 1))
            np.testing.assert_allclose([value for _, value in ours], wanted, rtol=1e-6)
        far = (
            "select count(*), count(distinct series) from m.forecast('prices', 'coin', 'day', 2200)"
        )
        assert fetch(cursor, far) == [(66000, 30)], "some series at a time"
        assert fetch(
            cursor,
            "select count(forecast) from m.forecast(%s, null, 'day', 10000)",
            ("select * from prices where coin = 'coin 3'",),
        ) == [(10000,)]
        check_indexed(cursor)
        cursor.execute("update prices set price = null where coin = 'coin 3' and day = 8")
        missing = [row for row in fetch(cursor, call, (STEPS,)) if row[2] is None]
        assert missing == [("coin 3", step, None) for step in range(1, STEPS + 1)]
        for wrong, words in {
            "('prices', 'coin', 'day', 0)": "steps is 0; give 1 to",
            "('prices', 'coin', 'day', 10001)": "steps is 10001; give 1 to 10000",
            "('prices', 'coin', 'day', 2, 'prices')": "ahead is of no use",
            "('prices', 'coin', 'day', 2, fed => 2)": "fed is 2; numbers that the model gives: 1",
            "('prices', null, 'day', 2)": "two of the last rows of series t",
            "('select coin, null::int as day, price from prices', 'coin', 'day', 2)": "no place",
        }.items():
            with pytest.raises(psycopg2.Error, match=words):
                cursor.execute(f"select * from m.forecast{wrong}")


def check_indexed(cursor: Any) -> None:
    """Looked up in an index, series have the same forecasts, rows without a place are errors, and
    no table is read as a whole; so it is with a row that comes before the window and has the place
    of its first."""
    call = "select * from m.forecast('prices', 'coin', 'day', 3)"
    before = fetch(cursor, call)
    cursor.execute(
        "create index on prices (coin, day); begin; set local enable_seqscan = off;"
        "set local enable_bitmapscan = off; analyze prices"
    )
    assert fetch(cursor, call) == before
    assert fetch(cursor, call.replace("'prices'", "'select * from prices'")) == before
    cursor.execute("rollback")
    place = 9 - LENGTH
    for row, words in (
        ("null, 1, 1", "series NULL has no place"),
        ("'coin 2', null, 1", "series coin 2 has no place"),
        (f"'coin 2', {place}, 1", "two of the last rows of series coin 2"),
    ):
        cursor.execute(f"begin; insert into prices values ({row})")
        for source in ("'prices'", "'select * from prices offset 0'"):
            cursor.execute("savepoint s")
            with pytest.raises(psycopg2.Error, match=words):
                cursor.execute(call.replace("'prices'", source))
            cursor.execute("rollback to s")
        cursor.execute("rollback")


def test_quantiles_beside_columns_that_are_known(database: Database, tmp_path: Path) -> None:
    """Of three quantiles the middle one is fed back, or another; promo and day of the week are
    given by a second source."""
    path = write_sequential(tmp_path / "m.h5", [LENGTH * 3, 6, 3], ["tanh", "linear"])
    names = ["promo", "sales", "weekday"]
    exporter.deploy(
        exporter.read(path), database.dsn, name="m", features=names, forecast=["sales"],
        window=LENGTH,
    )  # fmt: skip
    check_verified(database, "m")
    plan = compile_model(path, "plain")[1]
    rows, ahead = series(3, 3), series(3, 3)[:, ::-1]
    with session(database.dsn) as cursor:
        insert(cursor, "sales", rows, names)
        insert(cursor, "plans", ahead, names, first=9)
        cursor.execute("alter table plans drop sales; insert into plans values ('coin 1', 3, 7, 7)")
        call = "select * from m.forecast('sales', 'coin', 'day', {}, 'plans'{})"
        for fed, place in (("", 1), (", fed => 3", 2)):
            found = fetch(cursor, call.format(STEPS, fed))
            for n in range(3):

                def next_row(y: Any, step: int, n: int = n, place: int = place) -> Any:
                    return [ahead[n, step, 0], y[place], ahead[n, step, 2]]

                ours = [value for name, _, value in found if name == f"coin {n}"]
                np.testing.assert_allclose(ours, go_on(rows[n], plan, next_row), atol=1e-5)
        with pytest.raises(psycopg2.Error, match="ahead of series coin 0: 9 are given"):
            cursor.execute(call.format(10, ""))
        with pytest.raises(psycopg2.Error, match=r"the others have to be known: \[.promo., .week"):
            cursor.execute("select * from m.forecast('sales', 'coin', 'day', 2)")


def test_all_columns_of_a_row(database: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [LENGTH * 2, 6, 2], ["tanh", "linear"])
    exporter.deploy(
        exporter.read(path), database.dsn, name="m", features=["u", "v"], forecast=["v", "u"],
        window=LENGTH,
    )  # fmt: skip
    check_verified(database, "m")
    rows = series(1, 2)
    with session(database.dsn) as cursor:
        insert(cursor, "t", rows, ["u", "v"])
        found = fetch(cursor, "select forecast from m.forecast('t', null, 'day', 5)")
    wanted = go_on(rows[0], compile_model(path, "plain")[1], lambda y, _: y[::-1])
    np.testing.assert_allclose([value for (value,) in found], wanted, atol=1e-5)
    assert (
        query(
            database.dsn, "select * from m.forecast('select * from t where false', null, 'day', 5)"
        )
        == []
    )


def test_what_cannot_be_forecast_is_refused(tmp_path: Path) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    path = write_sequential(tmp_path / "m.h5", [LENGTH, 6, 1], ["tanh", "linear"])
    scaler = preprocessing.PowerTransformer().fit(np.random.default_rng(0).normal(size=(50, 1)) + 9)
    classes = write_sequential(tmp_path / "c.h5", [LENGTH, 6, 2], ["tanh", "softmax"])
    of_two = {"features": ["a", "b"], "forecast": ["a", "b"], "window": 2}
    for model, options, words in (
        ([scaler, path], {"features": ["x"], "forecast": ["x"]}, "cannot be undone for a forecast"),
        (path, {"features": ["x"], "forecast": ["y"]}, "has no column y to forecast; it has x"),
        (path, {"forecast": ["y"]}, "none by name: give features"),
        (path, {"forecast": ["y"], "window": None}, "give window too"),
        (path, of_two, "2 columns are to be forecast, and the model gives 1 number:"),
        (classes, {"features": ["x"], "forecast": ["x"]}, "gives the scores of classes"),
    ):
        given = {"window": LENGTH, **options}
        source = model if isinstance(model, list) else exporter.read(model)
        with pytest.raises(SignatureError, match=words):
            exporter.script(source, target="postgres", name="m", **given)
