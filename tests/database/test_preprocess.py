"""Columns, a transformer of scikit-learn and a network as one model in a real server."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from databases import Database

import exporter
from database.networks import query, write_sequential

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: E402

ROWS = 10_000
JOBS = ["nurse", "größer", "o'hara", ""]
TABLE = (
    "create table people (id integer primary key, since double precision, age smallint,"
    " weight numeric, job text)"
)
COLUMNS = ["since", "age", "weight", "job"]
CLASSES = ["stays", "leaves", "returns"]


def draw(rows: int, missing: float) -> Any:
    """People: a column of seconds since 1970, small whole numbers, texts, some of them missing."""
    rng = np.random.default_rng(12)
    frame = pd.DataFrame(
        {
            "since": 1.6e9 + rng.integers(0, 10**6, rows) / 8,
            "age": rng.integers(18, 90, rows).astype(float),
            "weight": rng.integers(400, 1200, rows) / 8,
            "job": rng.choice(JOBS, rows).astype(object),
        }
    )
    for name in ("age", "job"):
        frame.loc[rng.random(rows) < missing, name] = None if name == "job" else np.nan
    return frame


def fitted() -> Any:
    """Imputer and scaler, a scaler alone, and one-hot."""
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age"]),
        (StandardScaler(), ["since", "weight"]),
        (OneHotEncoder(handle_unknown="ignore"), ["job"]),
    ).fit(draw(500, 0.1))


def fill(dsn: str, frame: Any) -> None:
    """The rows as a table; ids from 1 on."""
    query(dsn, TABLE)
    values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    query(
        dsn,
        "insert into people select n, s, a, w, j from unnest(%s::float8[], %s::int2[],"
        " %s::numeric[], %s::text[]) with ordinality as x (s, a, w, j, n)",
        [list(column) for column in zip(*values, strict=True)],
    )


def scored(dsn: str, sql: str) -> Any:
    """Scores in the order of ids."""
    return np.array([score for _, score in sorted(query(dsn, sql))], float)


@pytest.mark.framework
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
def test_scores_are_those_of_keras_on_transformed_rows(database: Database) -> None:
    keras = pytest.importorskip("keras")
    dense = keras.layers.Dense
    transformer = fitted()
    rows = draw(ROWS, 0.1)
    rows.loc[rows.index % 50 == 7, "job"] = "never seen"
    x = np.asarray(transformer.transform(rows))
    network = keras.Sequential(
        [keras.Input((x.shape[1],)), dense(16, "relu"), dense(3, "softmax")], name="people_net"
    )
    deployed = exporter.deploy([transformer, network], database.dsn, name="churn", labels=CLASSES)
    assert deployed.verify().is_ok
    fill(database.dsn, rows)
    wanted = network.predict(x, verbose=0)
    for sql in (
        "select key::int, score from churn.score_table('people', 'id')",
        f"select id, churn.score({', '.join(COLUMNS)}) from people",
    ):
        differences = np.abs(scored(database.dsn, sql) - wanted)
        assert differences.max() < 1e-5, (differences > 1e-5).any(axis=1).sum()
    labels = query(database.dsn, f"select id, churn.label({', '.join(COLUMNS)}) from people")
    places = [CLASSES.index(label) for _, label in sorted(labels)]
    clear = np.diff(np.sort(wanted, axis=1))[:, -1] > 1e-5
    np.testing.assert_array_equal(np.array(places)[clear], wanted.argmax(axis=1)[clear])


def test_nulls_files_and_the_registry(database: Database, tmp_path: Path) -> None:
    """A NULL that is filled in gives a score, one that would reach the network gives NULL."""
    scaler = tmp_path / "scaler.pkl"
    scaler.write_bytes(pickle.dumps(fitted()))
    path = write_sequential(tmp_path / "net.h5", [8, 4, 1], ["tanh", "sigmoid"])
    exporter.deploy([scaler, path], database.dsn, name="churn")
    call = "select churn.score(since => %s, age => %s, weight => %s, job => %s)"
    full = [1.6e9, 40, 70.5, "nurse"]
    results = {}
    for place, name in enumerate(["since", "age", "weight", "job"]):
        row = [None if n == place else value for n, value in enumerate(full)]
        results[name] = query(database.dsn, call, row)[0][0]
    assert {name for name, score in results.items() if score is None} == {"since", "weight"}
    (found,) = query(
        database.dsn,
        "select source_file, manifest::jsonb #>> '{source,preprocessing,0,file_name}',"
        " length(manifest::jsonb #>> '{source,preprocessing,0,sha256}'), expected_by"
        " from export_model.versions",
    )
    assert found[:3] == ("net.h5", "scaler.pkl", 64)
    assert exporter.repair(database.dsn, "churn").verify().is_ok
    comment = "select obj_description('churn'::regnamespace, 'pg_namespace')"
    assert "scaler.pkl before net.h5" in query(database.dsn, comment)[0][0]
