"""Pipelines of scikit-learn in a real PostgreSQL: the columns as they are, against the library."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from budgets import is_thorough  # noqa: E402
from commands import run  # noqa: E402
from databases import BOTH_ENGINES, Database, keep, make_database  # noqa: E402
from estimators import lower  # noqa: E402
from psycopg2.extras import execute_values  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn_fits import build  # noqa: E402
from sklearn_scores import answers, differences  # noqa: E402
from zoo_sklearn import (  # noqa: E402
    CASES,
    DEPLOYED,
    NUMBERS,
    TEXTS,
    VERSION,
    Case,
    hard_rows,
    mixed,
    table,
    targets,
)  # fmt: skip

from database.networks import ask  # noqa: E402
from database.tables import session  # noqa: E402
from exporter import api  # noqa: E402
from exporter.errors import UnsupportedError  # noqa: E402

pytestmark = pytest.mark.framework
KINDS = {"a": "double precision", "b": "double precision", "c": "double precision",
         "job": "text", "town": "text", "flag": "boolean", "note": "text"}  # fmt: skip


@pytest.fixture(scope="module")
def place(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One database for the models of this module."""
    with make_database(server, "test_sklearn", template):
        yield Database(server, "test_sklearn")


def store(dsn: str, frame: Any, name: str, kinds: dict[str, str] | None = None) -> None:
    """A table of a DataFrame; NaN and None are NULL, for that is what they were made of."""
    kinds = KINDS | (kinds or {})
    with session(dsn) as cursor:
        columns = ", ".join(f"{column} {kinds[column]}" for column in frame)
        cursor.execute(f"drop table if exists {name}; create table {name} (id int, {columns})")
        values = frame.astype(object).where(frame.notna(), None)
        rows = [
            (n, *[v.item() if isinstance(v, np.generic) else v for v in row])
            for n, row in enumerate(values.itertuples(index=False, name=None))
        ]
        execute_values(cursor, f"insert into {name} values %s", rows)


def as_rows(found: list[Any], width: int) -> np.ndarray:
    """Scores as an array; a NULL as NaN."""
    rows = [np.atleast_1d(np.full(width, np.nan) if v is None else v) for (v,) in found]
    return np.array(rows, np.float64)


def deploy(
    model: Any, place: Database, folder: Path, name: str, features_from: str | None = None
) -> None:
    """From a pickle, as a user does; skip what the engine of --engine refuses by name."""
    path = folder / f"{name}.pkl"
    path.write_bytes(pickle.dumps(model))
    try:
        with keep(place.dsn) as connection:
            api.deploy(api.read(path), connection, name=name, features_from=features_from)
    except UnsupportedError as error:
        reasons = str(error).splitlines()[1:]
        if not all("the engine pgvector has no " in reason for reason in reasons):
            raise
        pytest.skip(f"PL/Python only: {reasons[0].strip()}")


def check(model: Any, frame: Any, place: Database, folder: Path, name: str) -> None:
    """Scores of all rows one by one and in batches are scikit-learn's; a row for which it raises an
    error is NULL or an error here."""
    wanted, is_answered = answers(model, frame)
    known = frame[is_answered]
    rows = f"rows_{name}"
    numbers = {c.name for c in lower(model).columns if c.kind == "number"} - {"flag"}
    store(place.dsn, known, rows, dict.fromkeys(numbers, "double precision"))
    deploy(model, place, folder, name, rows)
    width = wanted.shape[1]
    single = as_rows(ask(place.dsn, f"select {name}.score(r) from {rows} r order by id"), width)
    batch = as_rows(
        ask(place.dsn, f"select score from {name}.score_table('{rows}', 'id') order by key::int"),
        width,
    )
    theirs = wanted[is_answered]
    overflows = np.isinf(theirs).any(axis=1) | (
        np.isinf(single).any(axis=1) & np.isnan(theirs).any(axis=1)
    )
    for found in (single, batch):
        worst = np.where(overflows, 0.0, differences(found, theirs).max(axis=1))
        assert worst.max() <= 1e-9, known.iloc[worst.argmax()]


@BOTH_ENGINES
def test_a_pipeline_on_mixed_columns(place: Database, tmp_path: Path) -> None:
    frame = table(400, 1, 0.1)
    frame[TEXTS] = frame[TEXTS].where(frame[TEXTS].notna(), np.nan)
    classes = np.array(["no", "größer"])[targets(frame)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = mixed(LogisticRegression(max_iter=500)).fit(frame[NUMBERS + TEXTS], classes)
    rows = table(3000, 2, 0.1)
    rows[TEXTS] = rows[TEXTS].where(rows[TEXTS].notna(), np.nan)
    check(model, rows, place, tmp_path, "churn")
    labels = ask(place.dsn, "select churn.label(r) from rows_churn r order by id")
    assert [label for (label,) in labels] == model.predict(rows).tolist()
    one = ask(place.dsn, "select churn.score(a => 1, b => NULL, c => 2, job => 'x', town => NULL)")
    alone = pd.DataFrame({"a": [1.0], "b": [np.nan], "c": [2.0], "job": ["x"], "town": [np.nan]})
    np.testing.assert_allclose(one[0][0], model.predict_proba(alone)[0, 1], rtol=1e-12)


PREDICTORS = {
    "svc": "SVC(probability=True, random_state=0)",
    "votes": "VotingClassifier([('a', LogisticRegression()), ('b', GaussianNB())], voting='soft')",
    "stacked": "StackingClassifier([('a', LinearSVC()), ('b', GaussianNB())], passthrough=True)",
    "calibrated": "CalibratedClassifierCV(GaussianNB(), method='isotonic', cv=3)",
    "one_rest": "OneVsRestClassifier(LinearSVC())",
    "one_one": "OneVsOneClassifier(LinearSVC())",
    "quadratic": "QuadraticDiscriminantAnalysis()",
    "centroids": "NearestCentroid()",
    "threshold": "FixedThresholdClassifier(LogisticRegression(), threshold=0.3)",
}


@pytest.mark.parametrize("name", PREDICTORS)
@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
def test_a_predictor_labels_as_it_predicts(name: str, place: Database, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    frame = pd.DataFrame(generator.standard_normal((200, 3)), columns=NUMBERS)
    total = frame.sum(axis=1) + generator.standard_normal(200) / 2
    edges = [0.0] if name == "threshold" else [-1.0, 1.0]
    classes = np.array(["no", "größer", "so-so"])[np.digitize(total, edges)]
    model = build(PREDICTORS[name]).fit(frame, classes)
    rows = pd.DataFrame(generator.standard_normal((2000, 3)) * 2, columns=NUMBERS)
    check(model, rows, place, tmp_path, name)
    labels = ask(place.dsn, f"select {name}.label(r) from rows_{name} r order by id")
    assert [label for (label,) in labels] == model.predict(rows).tolist()


KNOWN = [name for name, case in CASES.items() if case.since <= VERSION]


@pytest.mark.parametrize("name", [n for n in KNOWN if n in DEPLOYED or is_thorough()])
def test_every_transformer(name: str, place: Database, tmp_path: Path) -> None:
    case: Case = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = case.fit()
    step = getattr(model, "named_transformers_", {}).get("step", model)
    ordinary = table(300, 5, 0.15 if case.missing else 0.0)
    rows = pd.concat([ordinary, hard_rows(step, case.missing)], ignore_index=True)
    check(model, rows, place, tmp_path, f"step_{list(CASES).index(name)}")


@BOTH_ENGINES
def test_truth_values_of_which_the_file_knows_nothing(place: Database, tmp_path: Path) -> None:
    """A column that is passed through may be a number or a boolean: tables say which."""
    frame = table(200, 6)[["a", "flag"]]
    model = Ridge().fit(frame, frame["a"] + frame["flag"])
    check(model, frame, place, tmp_path, "passed")
    deploy(model, place, tmp_path, "numbers")
    wanted = [(score,) for score in model.predict(frame)]
    found = ask(
        place.dsn, "select score from numbers.score_table('rows_passed', 'id') order by key::int"
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    found = ask(place.dsn, "select passed.score(a => a, flag => flag) from rows_passed order by id")
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_nulls_where_scikit_learn_takes_none(place: Database, tmp_path: Path) -> None:
    frame = table(300, 1)
    model = Ridge().fit(frame[NUMBERS], frame["a"])
    deploy(model, place, tmp_path, "ridge", None)
    store(place.dsn, table(50, 2, 0.4)[NUMBERS], "holes")
    found = ask(
        place.dsn,
        "select (a is null or b is null or c is null) = (ridge.score(a, b, c) is null) from holes",
    )
    assert found == [(True,)] * 50


def test_the_description_says_what_the_columns_are(tmp_path: Path) -> None:
    frame = table(300, 1, 0.1)
    model = mixed(Ridge()).fit(frame[NUMBERS + TEXTS], frame["a"].fillna(0))
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(model))
    done = run("describe", path, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["format"] == "sklearn"
    assert [(c["name"], c["kind"], c["nulls"]) for c in facts["columns"]] == [
        *[(name, "number", "missing") for name in NUMBERS],
        *[(name, "text", "missing") for name in TEXTS],
    ]
    shown = run("describe", path, cwd=tmp_path).stdout
    assert "column  job: text, NULL reaches the model as a missing value" in shown
