"""Windows over the rows of a table in a real server: which there are, and their scores."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import databases
import numpy as np
import psycopg2
import pytest
from databases import Database, make_database
from hypothesis import HealthCheck, given, settings

import exporter
from database.networks import deploy_model, query, write_sequential
from database.tables import CLERK, fetch, session
from database.windows import ABC, LENGTH, check, fill, tables, windows_of
from exporter.errors import SignatureError


@pytest.fixture(scope="module")
def rolling(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Any]]:
    """A database with a model of windows of 4 rows of 3 columns, and its plan."""
    with make_database(server, "test_windows", template):
        database = Database(server, "test_windows")
        folder = tmp_path_factory.mktemp("windows")
        path = write_sequential(folder / "m.h5", [LENGTH * 3, 5, 1], ["tanh", "sigmoid"])
        model = exporter.read(path)
        deployed = exporter.deploy(model, database.dsn, name="m", features=ABC, window=LENGTH)
        assert deployed.verify().is_ok
        forms = {form for (form,) in query(database.dsn, "select form from m.verify()")}
        assert forms >= {"score_windows", "label_windows"}
        plain = deploy_model(database.dsn, path, "plain")
        yield database, plain


def test_the_list_of_models_tells_the_window(rolling: tuple[Database, Any]) -> None:
    dsn = rolling[0].dsn
    windows = {entry.model: entry.facts()["window"] for entry in exporter.models(dsn)}
    facts = {"length": LENGTH, "step": 1, "padding": None, "columns": ABC, "forecast": []}
    assert windows == {"m": facts, "plain": None}
    done = subprocess.run(
        [sys.executable, "-c", "from exporter.cli import main; main()", "list", "--dsn", dsn],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert "windows of 4 rows\n" in done.stdout


@given(tables())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_windows_are_those_that_numpy_cuts(
    rolling: tuple[Database, Any], one_session: Any, table: dict[str, Any]
) -> None:
    _, plan = rolling
    cursor = one_session
    fill(cursor, table["rows"])
    given_as = "select * from rows" if table["is_query"] else "rows"
    gap = "" if table["max_gap"] is None else f", max_gap => {table['max_gap']}"
    step = "" if table["step"] is None else f", step => {table['step']}"
    found = fetch(
        cursor,
        f"select * from m.score_windows(%s, key => 'id', partition_by => 'series',"
        f" order_by => 'place'{gap}{step})",
        (given_as,),
    )
    check(found, windows_of(table["rows"], table["step"] or 1, table["max_gap"]), plan)


@pytest.fixture(scope="module")
def one_session(rolling: tuple[Database, Any]) -> Iterator[Any]:
    """A cursor of a session that all tests here share."""
    with session(rolling[0].dsn) as cursor:
        yield cursor


def test_many_chunks_of_rows_with_and_without_an_index(
    rolling: tuple[Database, Any], one_session: Any
) -> None:
    """4,096 rows are fetched at once: windows go over their ends, runs begin anywhere."""
    _, plan = rolling
    rng = np.random.default_rng(4)
    count = 9500
    numbers = rng.normal(size=(count, 3)).round(3).tolist()
    rows = [(n, "xyz"[n % 3], n, *numbers[n]) for n in range(count)]
    fill(one_session, rows)
    call = "select * from m.score_windows('rows', 'id', 'series', 'place', step => 3)"
    check(fetch(one_session, call), windows_of(rows, 3), plan)
    one_session.execute("create index on rows (series, place); analyze rows")
    check(fetch(one_session, call), windows_of(rows, 3), plan)
    labels = dict(fetch(one_session, call.replace("score_windows", "label_windows")))
    scores = dict(fetch(one_session, call))
    assert labels == {key: str(int(score > 0.5)) for key, score in scores.items()}


def test_one_series_and_times(rolling: tuple[Database, Any], one_session: Any) -> None:
    """Without partition_by all rows are one series; a gap of times is an interval."""
    source = (
        "select n as id, timestamptz '2024-01-01' + (n + 10 * (n / 6)) * interval '1 minute' as ts,"
        + ", ".join('sin(n) as "' + c.replace('"', '""') + '"' for c in ABC)
        + " from generate_series(0, 17) n"
    )
    call = "select key from m.score_windows(%s, 'id', null, 'ts'{})"
    every = [str(n) for n in range(3, 18)]
    assert [k for (k,) in fetch(one_session, call.format(""), (source,))] == every
    gap = ", max_gap => interval '5 minutes'"
    for given_as in (source, source.replace("timestamptz '2024", "timestamp '2024")):
        found = [k for (k,) in fetch(one_session, call.format(gap), (given_as,))]
        assert found == [k for k in every if int(k) % 6 >= 3]
        as_text = call.format(gap.replace("interval ", ""))
        assert [k for (k,) in fetch(one_session, as_text, (given_as,))] == found
    days = source.replace("(n + 10 * (n / 6)) * interval '1 minute'", "(n + 10 * (n / 6))")
    days = days.replace("timestamptz '2024-01-01'", "date '2024-01-01'")
    found = [
        k for (k,) in fetch(one_session, call.format(", max_gap => interval '5 days'"), (days,))
    ]
    assert found == [k for k in every if int(k) % 6 >= 3]


@pytest.mark.parametrize(
    ("column", "values", "gap"),
    [
        ("smallint", "-32768 32764 32765 32766 32767", "70000"),
        ("integer", "-2147483648 2147483644 2147483645 2147483646 2147483647", "5e9"),
        ("bigint", "-9223372036854775808 0 1 2 9223372036854775807", "1e20"),
        ("timestamptz", "-infinity 2024-01-01 2024-01-02 2024-01-03 2024-01-04 infinity",
         "interval '1 day'"),
        ("date", "-infinity 2024-01-01 2024-01-02 2024-01-03 2024-01-04", "interval '1 day'"),
        ("real", "-Infinity 1 2 3 4 Infinity NaN", "1"),
    ],
)  # fmt: skip
def test_gaps_as_wide_as_a_type_can_be(
    one_session: Any, column: str, values: str, gap: str
) -> None:
    """Distances that do not fit into the type are distances, and one without end is a gap."""
    rows = " union all ".join(
        f"select {n} as id, '{value}'::{column} as at" for n, value in enumerate(values.split())
    )
    cells = ", ".join('1 as "' + name.replace('"', '""') + '"' for name in ABC)
    call = f"select key from m.score_windows(%s, 'id', null, 'at', max_gap => {gap})"
    found = fetch(one_session, call, (f"select *, {cells} from ({rows}) r",))
    assert found == [("3",), ("4",)] if "int" in column else [("4",)]


ROW = (1, "a", 1, 0.5, 0.5, 0.5)
BAD: dict[str, tuple[list[tuple[Any, ...]], str, str]] = {
    "tie": ([ROW, (2, "a", 1, 1, 1, 1)], "'id', 'series', 'place'", "has the same place as anoth"),
    "no order": ([(7, "a", None, 1, 1, 1)], "'id', 'series', 'place'", "with key 7 has no place"),
    "no series": ([(7, None, 1, 1, 1, 1)], "'id', 'series', 'place'", "with key 7 has no place"),
    "order": ([ROW], "'id', 'series', 'nothing'", "rows has no column nothing"),
    "partition": ([ROW], "'id', 'Series', 'place'", "rows has no column Series"),
    "null": ([ROW], "'id', 'series', null", "order_by must not be NULL"),
    "key": ([ROW], "'ids', 'series', 'place'", "rows has no column ids"),
    "gap": ([ROW], "'id', 'series', 'place', interval '1 h'", "max_gap is interval, and column"),
    "gap as text": ([ROW], "'id', 'series', 'place', '5 minutes'", 'type numeric: "5 minutes"'),
    "no gap": ([ROW], "'id', 'series', 'place', 0", "max_gap is 0; give more than nothing"),
    "step": ([ROW], "'id', 'series', 'place', step => 0", "^step is 0; give 1 or more"),
    "step of nothing": ([], "'id', 'series', 'place', step => 0", "^step is 0; give 1 or more"),
    "gap of texts": ([ROW], "'id', 'place', 'series', 5",
                     'max_gap cannot be told between values of column "series", which is text'),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(rolling: tuple[Database, Any], one_session: Any, name: str) -> None:
    rows, arguments, words = BAD[name]
    fill(one_session, rows)
    with pytest.raises(psycopg2.Error, match=words):
        one_session.execute(f"select * from m.score_windows('rows', {arguments})")


def test_the_callers_rights_and_hostile_names(
    rolling: tuple[Database, Any], one_session: Any
) -> None:
    """The source is read as the caller, however its columns and his search_path are called."""
    database, plan = rolling
    rows = [(n, "s", n, n / 9, n / 8, n / 7) for n in range(9)]
    fill(one_session, rows)
    one_session.execute(CLERK)
    one_session.execute(
        "grant usage on schema m to clerk; create schema trap;"
        'alter table rows rename series to "x\'); drop table rows; --";'
        'alter table rows rename place to "o""r der";'
        "create function trap.minus(integer, integer) returns integer language sql"
        " as 'select 1/0';"
        "create operator trap.- (function = trap.minus, leftarg = integer, rightarg = integer);"
        "grant usage on schema trap to clerk"
    )
    call = (
        "select * from m.score_windows('rows', 'id', 'x''); drop table rows; --', 'o\"r der',"
        " max_gap => 100)"
    )
    with session(database.dsn_of("clerk")) as cursor:
        cursor.execute("set search_path = trap, public, pg_catalog")
        with pytest.raises(psycopg2.Error, match="permission denied for table rows"):
            cursor.execute(call)
        one_session.execute("grant select on rows to clerk")
        check(fetch(cursor, call), windows_of(rows), plan)
        with pytest.raises(psycopg2.Error, match="permission denied"):
            cursor.execute("select * from export_model.versions")
    one_session.execute("drop owned by clerk; drop schema trap cascade")


@pytest.mark.framework
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
def test_parity_with_keras_behind_a_scaler_of_scikit_learn(database: Database) -> None:
    """The scaler is applied to rows, Keras to windows of them; Masking fills what is not there."""
    keras = pytest.importorskip("keras")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rng = np.random.default_rng(6)
    x = rng.normal(size=(300, 2)) * [1, 1000]
    scaler = preprocessing.MinMaxScaler().fit(x)
    network = keras.Sequential(
        [
            keras.Input((5, 2)),
            keras.layers.Masking(-1.0),
            keras.layers.GRU(3),
            keras.layers.Dense(2),
        ]
    )
    names = ["u", "v"]
    if databases.ENGINE == "pgvector":
        with pytest.raises(SignatureError, match=r"does not fill windows .* --engine plpython"):
            exporter.deploy(
                [scaler, network], database.dsn, name="net", features=names, window=5, pad="before"
            )
        return
    deployed = exporter.deploy(
        [scaler, network], database.dsn, name="net", features=names, window=5, pad="before"
    )
    assert deployed.verify().is_ok
    query(database.dsn, "create table t (id integer primary key, u real, v double precision)")
    u = x[:, 0].astype(np.float32).astype(float)
    query(
        database.dsn,
        "insert into t select n, u, v from unnest(%s::real[], %s::float8[]) with ordinality"
        " as x (u, v, n)",
        [u.tolist(), x[:, 1].tolist()],
    )
    found = query(database.dsn, "select key::int, score from net.score_windows('t','id',null,'id')")
    scaled = scaler.transform(np.stack([u, x[:, 1]], axis=1)).astype(np.float32)
    padded = np.concatenate([np.full((4, 2), -1, np.float32), scaled])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=0).transpose(0, 2, 1)
    wanted = network.predict(np.ascontiguousarray(windows), verbose=0)
    assert [key for key, _ in found] == list(range(1, 301))
    np.testing.assert_allclose([score for _, score in found], wanted, rtol=1e-5, atol=1e-5)
    alone = (
        "select net.score(array(select n from t, unnest(array[u, v]) n where id between 6 and 10))"
    )
    np.testing.assert_allclose(query(database.dsn, alone)[0][0], wanted[9], rtol=1e-5, atol=1e-5)

    # A network over (length, columns) alone, whose windows need no --window; two series of it.
    layers = [keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)]
    plain = keras.Sequential(layers)
    plain_model = exporter.read(plain)
    deployed = exporter.deploy(
        plain_model, database.dsn, name="lstm", features=names, expected_by="float64"
    )
    assert deployed.verify().is_ok
    source = "select id, id > 150 as late, u, (v / 1000)::real as v from t"
    call = "select key::int, score from lstm.score_windows(%s, 'id', 'late', 'id') order by 1"
    found = query(database.dsn, call, [source])
    rows = np.stack([u, x[:, 1] / 1000], axis=1).astype(np.float32)
    keys, windows = [], []
    for first in (0, 150):
        view = np.lib.stride_tricks.sliding_window_view(rows[first : first + 150], 6, axis=0)
        windows.append(view.transpose(0, 2, 1))
        keys += range(first + 6, first + 151)
    wanted = plain.predict(np.concatenate(windows), verbose=0)[:, 0]
    assert [key for key, _ in found] == keys
    np.testing.assert_allclose([score for _, score in found], wanted, rtol=1e-5, atol=1e-5)


def test_an_estimator_over_windows_and_rows_that_miss_something(
    database: Database, tmp_path: Path
) -> None:
    """scikit-learn on flat windows behind an imputer, a one-hot and a scaler for each row."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"t": rng.normal(size=90), "word": rng.choice(["on", "off"], 90)})
    frame.loc[::7, "t"] = np.nan
    rows = make_column_transformer(
        (SimpleImputer(), ["t"]), (OneHotEncoder(sparse_output=False), ["word"])
    ).fit(frame)
    flat = np.lib.stride_tricks.sliding_window_view(rows.transform(frame), 3, axis=0)
    flat = flat.transpose(0, 2, 1).reshape(-1, 9)
    forest = RandomForestClassifier(5, random_state=0).fit(flat, rng.integers(0, 2, len(flat)))
    files = []
    for name, model in (("rows", rows), ("forest", forest)):
        files.append(tmp_path / f"{name}.pkl")
        files[-1].write_bytes(pickle.dumps(model))
    deployed = exporter.deploy(files, database.dsn, name="forest", window=3)
    assert deployed.verify().is_ok
    query(database.dsn, "create table t (id integer, t double precision, word text)")
    cells = frame.astype(object).where(frame.notna(), None)
    query(
        database.dsn,
        "insert into t select n, t, w from unnest(%s::float8[], %s::text[]) with ordinality"
        " as x (t, w, n)",
        [cells["t"].tolist(), cells["word"].tolist()],
    )
    call = "select key::int, score from forest.score_windows('t', 'id', null, 'id')"
    found = dict(query(database.dsn, call))
    np.testing.assert_allclose(
        [found[n] for n in range(3, 91)], forest.predict_proba(flat)[:, 1], rtol=0, atol=1e-12
    )
