"""`compare` in Oracle: both packages score the rows there, what they gave is measured here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import oracledb
import pytest
from database.networks import write_sequential
from plsql.connection import connector
from plsql.machine import Database
from sklearn import metrics

import exporter
from exporter.errors import DatabaseError, SignatureError
from oracle.schemas import Schema
from oracle.test_versions import database, deploy, script

ROWS = 40
KINDS: dict[str, tuple[list[int], str, dict[str, Any]]] = {
    "fraud": ([3, 2, 1], "sigmoid", {}),
    "pair": ([3, 2, 2], "softmax", {"labels": ["0", "1"]}),
    "flower": ([3, 4, 3], "softmax", {"labels": ["x", "y", "z"]}),
    "price": ([3, 2, 1], "linear", {"labels": []}),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[exporter.Script]:
    """Two versions of each."""
    folder = tmp_path_factory.mktemp("compare")
    return [
        script(
            write_sequential(folder / f"{name}{seed}.h5", sizes, ["relu", last], seed=seed),
            name=name,
            **options,
        )
        for name, (sizes, last, options) in KINDS.items()
        for seed in (1, 2)
    ]


def fill(schema: Schema, scripts: list[exporter.Script]) -> Schema:
    """These deployed, and a table."""
    for item in scripts:
        deploy(schema, item)
    schema.run(
        "create table cases (id number(9), a binary_double, b number, c binary_float,"
        " is_fraud number(1), species varchar2(10), price binary_double, day date, twice number)"
    )
    session = database(schema).session()
    rows = np.random.default_rng(0).normal(size=(ROWS, 3)).round(1).tolist()
    for n, (a, b, c) in enumerate(rows):
        session.execute(
            "insert into cases (id, a, b, c, is_fraud, species, price, twice)"
            " values (:1, :2, :3, :4, :5, :6, :7, :8)",
            [n, None if n == 3 else a, b, c, None if n == 5 else n % 2, "?" if n == 7 else
             "xyz"[n % 3], a + b, n // 2],
        )  # fmt: skip
    session.commit()
    return schema


@pytest.fixture(scope="module")
def filled(made: list[exporter.Script]) -> Schema:
    """A schema with all of them, which tests only read."""
    held = Database(strict_compile=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oracledb, "connect", connector(held))
        return fill(Schema("owner/secret@interpreter", held), made)


@pytest.fixture
def cases(filled: Schema, monkeypatch: pytest.MonkeyPatch) -> Schema:
    """The same, which oracledb.connect reaches."""
    assert filled.database is not None
    monkeypatch.setattr(oracledb, "connect", connector(filled.database))
    return filled


@pytest.fixture
def own(interpreter: Schema, made: list[exporter.Script]) -> Schema:
    """One of a test's own, with the first model alone."""
    return fill(interpreter, made[:2])


def rows_of(schema: Schema, name: str, version: int, actual: str) -> list[tuple[Any, ...]]:
    """(score, label, actual) of a version, by its own package, where there is a score."""
    entry = next(e for e in exporter.versions(schema.dsn, name) if e.number == version)
    package = f"{name}_{entry.version[:8]}"
    label = "null" if name == "price" else f"{package}.label(a, b, c)"
    rows = schema.run(f"select {package}.score(a, b, c), {label}, {actual} from cases order by id")
    return [row for row in rows if row[0] is not None]


def compare(schema: Schema, name: str, **options: Any) -> Any:
    """The first version against the champion."""
    return exporter.compare(
        schema.dsn, name, "cases", key="id", versions=[1, "champion"], **options
    )


def check_metrics(comparison: Any, expected: list[dict[str, float]]) -> None:
    """Fail unless both versions have these."""
    for metric in comparison.metrics:
        for value, wanted in zip((metric.first, metric.second), expected, strict=True):
            assert value == pytest.approx(wanted[metric.name], abs=1e-6), metric.name


def test_two_classes(cases: Schema) -> None:
    """A number for the second of two, named otherwise than the values of the table."""
    seen: list[tuple[int, float | None]] = []
    comparison = compare(
        cases, "fraud", actual="is_fraud", progress=lambda rows, done: seen.append((rows, done))
    )
    assert seen == [(ROWS, 1.0)]
    assert (comparison.task, comparison.meaning) == ("binary", "0 = good, 1 = bad")
    assert (comparison.rows.read, comparison.rows.compared) == (ROWS, ROWS - 1)
    assert (comparison.rows.nulls, comparison.rows.judged) == ((1, 1), ROWS - 2)
    both = [rows_of(cases, "fraud", version, "is_fraud") for version in (1, 2)]
    scores = [np.array([row[0] for row in rows]) for rows in both]
    same = [one[1] == two[1] for one, two in zip(*both, strict=True)]
    assert comparison.equal_labels == pytest.approx(np.mean(same))
    assert comparison.change.mean == pytest.approx((scores[1] - scores[0]).mean())
    gaps = np.abs(scores[1] - scores[0])
    assert [abs(item.change) for item in comparison.largest] == pytest.approx(
        sorted(gaps.tolist(), reverse=True)[:10]
    )
    keys = [n for n in range(ROWS) if n != 3]
    assert int(comparison.largest[0].key) == keys[int(gaps.argmax())]
    expected = []
    for rows in both:
        known = [row for row in rows if row[2] is not None]
        truth = [int(row[2]) for row in known]
        score, label = [row[0] for row in known], [int(row[1] == "bad") for row in known]
        expected.append({
            "AUC": metrics.roc_auc_score(truth, score),
            "log loss": metrics.log_loss(truth, score),
            "accuracy": metrics.accuracy_score(truth, label),
            "F1 of bad": metrics.f1_score(truth, label, zero_division=0),
        })  # fmt: skip
        matrix = metrics.confusion_matrix(truth, label)
        assert np.array_equal(comparison.confusion[len(expected) - 1], matrix)
    check_metrics(comparison, expected)
    assert "AUC" in str(comparison)
    assert comparison.to_html().count("<svg") >= 3


def test_two_classes_of_two_numbers(cases: Schema) -> None:
    """The second number is compared; labels that are numbers are those of the column."""
    comparison = compare(cases, "pair", actual="is_fraud")
    assert (comparison.task, comparison.meaning) == ("binary", "")
    first, second = (rows_of(cases, "pair", version, "is_fraud") for version in (1, 2))
    gaps = [two[0][1] - one[0][1] for one, two in zip(first, second, strict=True)]
    assert comparison.change.mean == pytest.approx(np.mean(gaps))


def test_several_classes(cases: Schema) -> None:
    comparison = compare(cases, "flower", actual="species")
    assert comparison.rows.unknown == (("?", 1),)
    expected = []
    for version in (1, 2):
        rows = [row for row in rows_of(cases, "flower", version, "species") if row[2] in "xyz"]
        truth, label = [row[2] for row in rows], [row[1] for row in rows]
        scores = np.array([row[0] for row in rows])
        shares = scores / scores.sum(axis=1, keepdims=True)  # which scikit-learn insists on
        places = ["xyz".index(one) for one in truth]
        expected.append({
            "AUC, one against the rest": np.mean([
                metrics.roc_auc_score(np.array(truth) == one, scores[:, n])
                for n, one in enumerate("xyz")
            ]),
            "log loss": -np.log(scores[np.arange(len(scores)), places]).mean(),
            "accuracy": metrics.accuracy_score(truth, label),
            "F1, mean of the classes": metrics.f1_score(truth, label, average="macro"),
        })  # fmt: skip
        assert expected[-1]["log loss"] == pytest.approx(metrics.log_loss(truth, shares), abs=1e-6)
    check_metrics(comparison, expected)


def test_numbers(cases: Schema) -> None:
    comparison = compare(cases, "price", actual="price")
    expected = []
    for version in (1, 2):
        rows = [row for row in rows_of(cases, "price", version, "price") if row[2] is not None]
        truth, score = [row[2] for row in rows], [row[0] for row in rows]
        expected.append({
            "MAE": metrics.mean_absolute_error(truth, score),
            "RMSE": metrics.mean_squared_error(truth, score) ** 0.5,
            "R2": metrics.r2_score(truth, score),
        })  # fmt: skip
    check_metrics(comparison, expected)


def test_without_actual_values(cases: Schema) -> None:
    comparison = compare(cases, "fraud")
    assert (comparison.metrics, comparison.rows.judged) == ((), 0)
    assert comparison.rows.actual_nulls == ROWS


def test_the_transaction_writes_nothing(cases: Schema) -> None:
    before = len(database(cases).statements)
    compare(cases, "fraud")
    said = [text.split()[0] for text in database(cases).statements[before:]]
    assert "set transaction read only" in database(cases).statements[before:]
    assert set(said) == {"select", "set"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"versions": [2, "champion"]}, "are the same version"),
        ({"versions": [1, 9]}, 'no version "9"'),
        ({"table": "nowhere"}, 'no table or view "nowhere"'),
        ({"key": "nothing"}, 'has no column "nothing"'),
        ({"key": "a"}, "which cannot identify rows"),
        ({"key": "twice"}, '40 rows of "cases" have 20 different "twice"'),
        ({"actual": "truth"}, 'has no column "truth"'),
        ({"actual": "day"}, 'column "day" is date, and the labels are good, bad'),
        ({"name": "nobody"}, 'no model "nobody"'),
        ({"name": "price", "actual": "species"}, "takes a column of numbers"),
    ],
)
def test_what_cannot_be_compared(cases: Schema, options: dict[str, Any], message: str) -> None:
    given = {"name": "fraud", "table": "cases", "key": "id", "versions": [1, 2], **options}
    with pytest.raises((DatabaseError, SignatureError), match=message):
        exporter.compare(cases.dsn, **given)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda name: f"drop package {name}", "Make it again: export-model repair"),
        (lambda name: "update cases set id = null where id = 1", '"cases" has 1 row without "id"'),
        (lambda name: "delete from export_model_weights", "comparing the versions over"),
    ],
)
def test_what_fails_on_the_way(own: Schema, spoil: Callable[[str], str], message: str) -> None:
    first = exporter.versions(own.dsn, "fraud")[1]
    own.run(spoil(f"fraud_{first.version[:8]}"))
    with pytest.raises(DatabaseError, match=message):
        compare(own, "fraud")


def test_without_rows(own: Schema) -> None:
    own.run("delete from cases")
    comparison = compare(own, "fraud", actual="is_fraud")
    assert (comparison.rows.compared, comparison.metrics, comparison.plots) == (0, (), None)
