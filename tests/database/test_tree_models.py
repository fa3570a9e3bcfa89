"""Models of trees in a real server: their library's scores, row by row, in batches, in a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import databases
import numpy as np
import pytest
from databases import Database

from database.networks import query
from exporter import api
from exporter.errors import SignatureError

STORED = Path(__file__).parents[1] / "data" / "trees"
MODELS = (
    "binary_logistic_shallow.ubj",
    "multi_softmax_shallow.json",
    "reg_tweedie_sets.json",
    "vector.ubj",
    "count_poisson_linear.ubj",
    "stump.json",
    "multiclass_gbdt_zero.txt",
    "squares.txt",
    "MultiClass_SymmetricTree_Max.json",
    "RandomForest_two_shallow.pkl",
    "hist_sets.pkl",
    "xgb_pipeline.pkl",
)
AS_CASES = ("reg_tweedie_sets.json", "multiclass_gbdt_zero.txt", "RandomForest_two_shallow.pkl")


def make_table(dsn: str, x: np.ndarray, features: list[str]) -> None:
    """The rows as a table; a missing number is NULL in even rows, NaN in odd ones."""
    columns = ", ".join(f'"{name}" double precision' for name in features)
    query(dsn, f"create table rows (id integer primary key, {columns})")
    for start in range(0, len(x), 50):
        rows = []
        for number, row in enumerate(x[start : start + 50], start):
            missing = "null" if number % 2 == 0 else "'NaN'"
            cells = [missing if np.isnan(value) else repr(float(value)) for value in row]
            rows.append(f"({number}, {', '.join(cells)})")
        query(dsn, f"insert into rows values {', '.join(rows)}")


def close(found: Any, wanted: np.ndarray) -> bool:
    """Float32 as text has nine digits; float64 all of them."""
    given = np.atleast_1d(np.array(found, np.float64))
    return bool((np.abs(given - wanted) <= 2e-6 * np.maximum(1, np.abs(wanted))).all())


CASES = [
    *(("plpython", name) for name in MODELS),
    *(("pgvector", name) for name in MODELS if name in AS_CASES),
]


@pytest.mark.parametrize(("server", "name"), CASES, indirect=["server"])
def test_a_model_scores_as_its_library(database: Database, name: str) -> None:
    with np.load(STORED / f"{name}.npz", allow_pickle=False) as file:
        x, y = file["x"], file["y"]
    model = api.read(STORED / name)
    features = [f"F{place} x" for place in range(x.shape[1])]
    make_table(database.dsn, x, features)
    api.deploy(
        model,
        database.dsn,
        target=databases.TARGET,
        name="scored",
        features=features,
        expected_by="float64",
    )
    columns = ", ".join(f'"{feature}"' for feature in features)
    by_row = query(database.dsn, f"select id, scored.score({columns}) from rows order by id")
    api.score_table(database.dsn, "scored", "rows", key="id", into="scores")
    in_table = query(database.dsn, "select key, score from scores")
    assert len(by_row) == len(in_table) == len(x)
    for found in (by_row, in_table):
        for key, score in found:
            number = int(key)
            assert close(score, y[number]), (number, score, y[number], x[number].tolist())
    api.verify(database.dsn, "scored")


# In each engine a model of real, one of double precision, and their types.
REAL_AND_DOUBLE = {
    "plpython": ("binary_logistic_shallow.ubj", "squares.txt"),
    "pgvector": ("reg_tweedie_sets.json", "RandomForest_two_shallow.pkl"),
}


def test_a_model_may_turn_from_real_to_double_precision(database: Database) -> None:
    """Each function whose result changes its type is dropped first, verify too."""
    real, double = REAL_AND_DOUBLE[databases.ENGINE]
    for name, wanted in ((real, "real"), (double, "double precision"), (real, "real")):
        made = api.script(
            api.read(STORED / name),
            target=databases.TARGET,
            engine=databases.ENGINE,
            name="scored",
            expected_by="float64",
        )
        api.run(made, database.dsn)
        kinds = query(
            database.dsn,
            "select distinct pg_get_function_result(oid) from pg_proc"
            " where pronamespace = 'scored'::regnamespace and proname = 'score'",
        )
        assert [kind.removesuffix("[]") for (kind,) in kinds] == [wanted]
        api.verify(database.dsn, "scored")


def make_table_of_categories(dsn: str, numbers: np.ndarray, texts: np.ndarray) -> None:
    """Rows by column; the categories that are whole numbers are whole numbers."""
    query(
        dsn,
        "create table rows (id integer primary key, few text, u double precision, many text,"
        " number bigint, v double precision, w double precision, two varchar(500))",
    )
    cells = []
    for number, ((u, v, w), (few, many, whole, two)) in enumerate(
        zip(numbers.tolist(), texts.tolist(), strict=True)
    ):
        values = [number, few, u, many, int(whole), v, w, two]
        cells.append([None if value != value else value for value in values])
    document = json.dumps(
        [dict(zip(("id", *COLUMNS), row, strict=True)) for row in cells], allow_nan=False
    )
    quoted = document.replace("'", "''")
    query(dsn, f"insert into rows select * from json_populate_recordset(null::rows, '{quoted}')")


COLUMNS = ("few", "u", "many", "number", "v", "w", "two")
AS_TEXT = "few, u, many, number::text, v, w, two"


def test_categories_of_catboost_are_the_table_s_texts(database: Database) -> None:
    """Words that were never seen, long ones, empty ones; a NULL among them has no score, as
    CatBoost takes none."""
    path = STORED / "categories_binary.json"
    with np.load(f"{path}.npz", allow_pickle=False) as file:
        numbers, texts, y = file["numbers"], file["texts"], file["y"]
    make_table_of_categories(database.dsn, numbers, texts)
    with pytest.raises(SignatureError, match=r'select "number"::text as "number"'):
        api.script(
            api.read(path),
            target=databases.TARGET,
            name="scored",
            features_from="rows",
            database=database.dsn,
        )
    query(database.dsn, f"create view taken as select id, {AS_TEXT} from rows")
    api.deploy(api.read(path), database.dsn, target=databases.TARGET, name="scored")
    by_row = query(database.dsn, f"select id, scored.score({AS_TEXT}) from rows order by id")
    api.score_table(database.dsn, "scored", "taken", key="id", into="scores")
    in_table = query(database.dsn, "select key, score from scores")
    assert len(by_row) == len(in_table) == len(y)
    for found in (by_row, in_table):
        for key, value in found:
            assert abs(value - y[int(key), 0]) <= 1e-12, (key, value, y[int(key)])
    api.verify(database.dsn, "scored")
    for null in ("few", "many", "number", "two"):
        given = AS_TEXT.replace("number::text", "number").replace(null, "null")
        given = given.replace("number", "number::text") if null != "number" else given
        ((value,),) = query(database.dsn, f"select scored.score({given}) from rows where id = 0")
        assert value is None
    ((value,),) = query(
        database.dsn, "select scored.score('red', null, 'x', '5', null, 1, 'never') is not null"
    )
    assert value
