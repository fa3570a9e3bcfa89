"""export-model compare: what SQL measures of two versions is what scikit-learn and numpy do."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import databases
import numpy as np
import psycopg2
import pytest
from click.testing import CliRunner
from commands import PROGRAM, environment
from commands import run as run_command
from databases import Database, keep, make_database
from sklearn import metrics

import exporter
from database.networks import ask, deploy_model, query, write_sequential
from database.tables import wait_until
from exporter.cli.program import command
from exporter.comparison.conclusion import Source, conclude
from exporter.comparison.scores import Batch, Scores
from exporter.comparison.task import Side, Task
from exporter.databases.postgres.catalog import REGISTRY
from exporter.databases.postgres.compare import settle_truth
from exporter.databases.postgres.scorer import describe_scorer
from exporter.databases.postgres.shared import ENGINES
from exporter.errors import DatabaseError
from exporter.manifest import Manifest
from exporter.sql.text import Sql, as_is

EXACT = 1e-9
ROWS = 6000
LABELS = ["<b>legit</b>", 'it\'s "fraud"']
SPECIES = ["x", "y", "z"]
TABLE = f"""
create table cases as
select g as id, round(sin(g) * 3)::real as a,
  case when g % 97 = 0 then null when g % 89 = 0 then 'NaN' else round(cos(g) * 3) end::real as b,
  (g % 7)::real as c, (g % 5)::real as d,
  case when g % 41 = 0 then null else g * 7919 % 13 < 4 end as is_fraud,
  case when g % 41 = 0 then null else (g * 7919 % 13 < 4)::integer end as is_fraud_number,
  case when g % 50 = 0 then null when g % 53 = 0 then 'unheard <i>of</i>'
    else (array['x', 'y', 'z'])[g * 31 % 3 + 1] end as species,
  case when g % 43 = 0 then null when g % 47 = 0 then 'NaN' when g % 59 = 0 then '-Infinity'
    else sin(g) * 2 + g % 5 end::double precision as price,
  date '2026-01-01' + g as day
from generate_series(1, {ROWS}) g
"""


@pytest.fixture(scope="module")
def compared(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Two versions each of a model of two classes, of three and of a number, and a table. The
    second of two classes takes another column."""
    folder = tmp_path_factory.mktemp("compare")
    with make_database(server, "test_compare", template):
        database = Database(server, "test_compare")
        for seed, columns in enumerate((["a", "b", "c"], ["a", "b", "c", "d"])):
            forms = {
                "fraud": ([len(columns), 4, 1], "sigmoid", {"labels": LABELS}, columns),
                "flower": ([3, 4, 3], "softmax", {"labels": SPECIES}, columns[:3]),
                "price": ([3, 4, 1], "linear", {}, columns[:3]),
            }
            for name, (sizes, last, options, features) in forms.items():
                path = write_sequential(folder / f"{name}{seed}.h5", sizes, ["relu", last], seed)
                deploy_model(database.dsn, path, name, features=features, **options)
        query(database.dsn, TABLE)
        query(database.dsn, "create view cases_view as select * from cases; analyze cases")
        yield database


def compare(database: Database, name: str, table: str = "cases", **options: Any) -> Any:
    """The second version against the first."""
    options = {"key": "id", "versions": ["champion", 1], **options}
    return exporter.compare(database.dsn, name, table, **options)


def scores_of(database: Database, name: str, number: int, what: str, table: str) -> dict[str, Any]:
    """Keys and scores, or labels, of a version by what scores whole tables."""
    ((text, plan, engine),) = query(
        database.dsn,
        f"select manifest, plan, engine from {REGISTRY}.versions where model = %s and number = %s",
        (name, number),
    )
    manifest = Manifest.from_json(text, plan)
    (making,) = (item.making for item in ENGINES if item.name == engine)
    scorer = describe_scorer(manifest, making)
    kind = "text" if what == "label" else scorer["score_type"]
    exact = kind.replace("real", "double precision")  # not the few digits that make a real again
    rows = ask(
        database.dsn,
        f"select key, result::{exact} from {REGISTRY}.score_source(%s, %s, %s, 'id', null::{kind})",
        (json.dumps(scorer), what, table),
    )
    return dict(rows)


def pairs_of(database: Database, name: str, actual: str, table: str) -> list[tuple[Any, ...]]:
    """(champion's score and label, version 1's, actual value) of all rows with finite scores."""
    found = [
        scores_of(database, name, number, what, table)
        for number in (2, 1)
        for what in (["score"] if name == "price" else ["score", "label"])
    ]
    rows = ask(database.dsn, f"select s.id::text, s.{actual} from ({table}) s")
    values = [(*(scores[key] for scores in found), truth) for key, truth in rows]
    return [
        row
        for row in values
        if all(value is not None for value in row[:-1])
        and all(np.isfinite(row[place]).all() for place in range(0, len(row) - 1, len(found) // 2))
    ]


def by_name(comparison: Any) -> dict[str, Any]:
    """Its metrics."""
    return {metric.name: metric for metric in comparison.metrics}


def numpy_psi(first: Any, second: Any, edges: Any) -> float:
    """By shares of at least 0.0001 between edges, each of which begins a bin."""
    edges = [-np.inf, *sorted(set(edges)), np.inf]
    p, q = (
        np.histogram(np.digitize(x, edges), range(1, len(edges) + 1))[0] for x in (first, second)
    )
    p, q = (np.maximum(x / x.sum(), 1e-4) for x in (p, q))
    return float(((q - p) * np.log(q / p)).sum())


@pytest.mark.parametrize("table", ["cases", "select * from cases_view"])
@pytest.mark.parametrize("actual", ["is_fraud", "is_fraud_number"])
def test_two_classes_are_measured_as_by_scikit_learn(
    compared: Database, table: str, actual: str
) -> None:
    """Rounded columns give many rows the same score, so ranks are shared."""
    comparison = compare(compared, "fraud", table, actual=actual)
    query_of = table if "select" in table else "select * from cases"
    rows = pairs_of(compared, "fraud", actual, query_of)
    assert comparison.task == "binary"
    assert comparison.rows.read == ROWS
    assert comparison.rows.compared == len(rows)
    assert comparison.equal_labels == pytest.approx(
        np.mean([row[1] == row[3] for row in rows]), abs=EXACT
    )
    first, second = (np.array([row[n] for row in rows], np.float64) for n in (0, 2))
    assert len(set(first.tolist())) < len(first) / 2
    change = comparison.change
    gaps = np.abs(second - first)
    assert change.within == pytest.approx(np.mean(gaps <= 0.01 * np.maximum(1, abs(first))))
    assert change.mean == pytest.approx((second - first).mean(), abs=EXACT)
    assert change.mean_absolute == pytest.approx(gaps.mean(), abs=EXACT)
    found = (change.median, change.p90, change.p99, change.largest)
    wanted = np.quantile(gaps, [0.5, 0.9, 0.99, 1], method="inverted_cdf")
    assert found == pytest.approx(wanted, abs=EXACT)
    edges = np.quantile(first, np.arange(1, 10) / 10, method="inverted_cdf")
    assert comparison.shifts[0].psi == pytest.approx(numpy_psi(first, second, edges), abs=EXACT)
    judged = [row for row in rows if row[-1] is not None]
    assert comparison.rows.judged == len(judged)
    truth = np.array([int(row[-1]) for row in judged])
    for side in (0, 1):
        score = np.array([row[2 * side] for row in judged], np.float64)
        label = np.array([LABELS.index(row[2 * side + 1]) for row in judged])
        expected = {
            "AUC": metrics.roc_auc_score(truth, score),
            "log loss": metrics.log_loss(truth, score),
            "accuracy": metrics.accuracy_score(truth, label),
            f"F1 of {LABELS[1]}": metrics.f1_score(truth, label, zero_division=0),
        }
        for name, value in expected.items():
            metric = by_name(comparison)[name]
            assert (metric.first, metric.second)[side] == pytest.approx(value, abs=EXACT), name
        matrix = metrics.confusion_matrix(truth, label, labels=[0, 1])
        assert np.array_equal(comparison.confusion[side], matrix)
        curve = comparison.plots.curves[side]
        fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
        assert {(round(x, 9), round(y, 9)) for x, y in curve} <= {
            (round(x, 9), round(y, 9)) for x, y in zip(fpr, tpr, strict=True)
        }
        assert curve[0] == (0, 0)
        assert curve[-1] == (1, 1)
    largest = [abs(item.change) for item in comparison.largest]
    assert largest == pytest.approx(sorted(gaps.tolist(), reverse=True)[:10], abs=EXACT)
    keys = {item.key: item for item in comparison.largest}
    scores = scores_of(compared, "fraud", 2, "score", query_of)
    assert all(item.first == pytest.approx(scores[key]) for key, item in keys.items())


def test_several_classes_are_measured_as_by_scikit_learn(compared: Database) -> None:
    comparison = compare(compared, "flower", actual="species")
    rows = pairs_of(compared, "flower", "species", "select * from cases")
    rows = [row for row in rows if row[-1] in SPECIES]
    assert comparison.rows.judged == len(rows)
    assert comparison.rows.unknown == (("unheard <i>of</i>", comparison.rows.actual_unknown),)
    truth = [row[-1] for row in rows]
    for side in (0, 1):
        scores = np.array([row[2 * side] for row in rows], np.float64)
        scores_of_one = scores / scores.sum(axis=1, keepdims=True)  # which scikit-learn insists on
        labels = [row[2 * side + 1] for row in rows]
        areas = [
            metrics.roc_auc_score(np.array(truth) == s, scores[:, n]) for n, s in enumerate(SPECIES)
        ]
        assert np.mean(areas) == pytest.approx(
            metrics.roc_auc_score(truth, scores_of_one, multi_class="ovr"), abs=1e-5
        )
        places = [SPECIES.index(label) for label in truth]
        expected = {
            "AUC, one against the rest": np.mean(areas),
            "log loss": -np.log(scores[np.arange(len(scores)), places]).mean(),
            "accuracy": metrics.accuracy_score(truth, labels),
            "F1, mean of the classes": metrics.f1_score(truth, labels, average="macro"),
        }
        assert expected["log loss"] == pytest.approx(
            metrics.log_loss(truth, scores_of_one), abs=1e-6
        )
        for name, value in expected.items():
            metric = by_name(comparison)[name]
            assert (metric.first, metric.second)[side] == pytest.approx(value, abs=EXACT), name
        matrix = metrics.confusion_matrix(truth, labels, labels=SPECIES)
        assert np.array_equal(comparison.confusion[side], matrix)
    gaps = [np.abs(np.subtract(row[2], row[0])).max() for row in rows]
    assert comparison.change.largest >= max(gaps) - EXACT
    assert comparison.change.mean is None  # of sizes, which mean_absolute is of
    text = str(comparison)
    assert "classes   x, y, z" in text and "within 0.01 in every class; a row's" in text
    by_label = text.split("Rows by their label\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in by_label] == ["class", *SPECIES]
    scored = [scores_of(compared, "flower", n, "score", "select * from cases") for n in (2, 1)]
    for item in comparison.largest:
        first, second = (np.array(scores[item.key]) for scores in scored)
        place = SPECIES.index(item.of_class)
        assert (item.first, item.second) == (first[place], second[place])
        assert item.change == pytest.approx(second[place] - first[place], abs=EXACT)
        assert abs(item.change) == pytest.approx(np.abs(second - first).max(), abs=EXACT)
    assert f"{comparison.largest[0].key:<2}  " in text.split("Largest differences\nid")[1]


def test_numbers_are_measured_as_by_scikit_learn(compared: Database) -> None:
    comparison = compare(compared, "price", actual="price")
    rows = pairs_of(compared, "price", "price", "select * from cases")
    rows = [row for row in rows if row[-1] is not None and np.isfinite(row[-1])]
    assert comparison.rows.judged == len(rows)
    assert {value for value, _ in comparison.rows.unknown} == {"NaN", "-Infinity"}
    truth = [row[-1] for row in rows]
    for side in (0, 1):
        score = [row[side] for row in rows]
        expected = {
            "MAE": metrics.mean_absolute_error(truth, score),
            "RMSE": metrics.mean_squared_error(truth, score) ** 0.5,
            "R2": metrics.r2_score(truth, score),
        }
        for name, value in expected.items():
            metric = by_name(comparison)[name]
            assert (metric.first, metric.second)[side] == pytest.approx(value, abs=EXACT), name


def test_rows_that_are_left_out_are_told(compared: Database) -> None:
    comparison = compare(compared, "fraud", actual="is_fraud")
    nulls, nans = ROWS // 97, ROWS // 89
    assert comparison.rows.nulls == (nulls, nulls)
    assert comparison.rows.not_finite == (nans, nans)
    assert comparison.rows.compared == ROWS - nulls - nans
    assert comparison.rows.actual_nulls == ROWS // 41
    text = str(comparison)
    assert f"{nulls} rows with the score NULL by champion" in text
    assert f'{ROWS // 41} rows with "is_fraud" NULL' in text
    assert 'false = <b>legit</b>, true = it\'s "fraud"' in text


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("select * from cases where false", {}),
        ("select * from cases where b is null", {}),
        (
            "select * from cases where is_fraud and id % 89 > 0",
            {"AUC": 'no actual value other than it\'s "fraud"'},
        ),
        (
            "select id, a, b, c, d, null::boolean as is_fraud from cases",
            {"AUC": "no actual value that is", "log loss": "no row has", "accuracy": "no row has"},
        ),
        ("select * from cases where id = 2", {"AUC": "no actual value that is it's"}),
    ],
)
def test_what_cannot_be_computed_is_told(
    compared: Database, source: str, reasons: dict[str, str]
) -> None:
    comparison = compare(compared, "fraud", source, actual="is_fraud")
    if not reasons:
        assert comparison.metrics == ()
        assert comparison.change is None
        assert "nothing can be compared" in str(comparison)
        assert "nothing can be compared" in comparison.to_html()
    for name, reason in reasons.items():
        metric = by_name(comparison)[name]
        assert (metric.first, metric.second) == (None, None)
        assert reason in metric.reason
        assert "cannot be computed" in str(comparison)
    json.dumps(comparison.facts(), allow_nan=False)


def test_numbers_that_do_not_vary_have_no_r2(compared: Database) -> None:
    for source, reason in (
        ("select id, a, b, c, 0.1::real as price from cases", "all actual values are the same"),
        ("select * from cases where id = 1", "there is one row only"),
    ):
        metric = by_name(compare(compared, "price", source, actual="price"))["R2"]
        assert metric.first is None
        assert reason in metric.reason
    source = "select id, a, b, c, 'NaN'::real as price from cases"
    metric = by_name(compare(compared, "price", source, actual="price"))["MAE"]
    assert metric.reason == "cannot be computed: no row has an actual value and both scores"


def test_scores_that_are_few_or_huge(compared: Database) -> None:
    """One score is a bin of its own, and others another; sizes that squares overflow are left out,
    and those below are not."""
    one = compare(compared, "fraud", "select id, 1 as a, 1 as b, 1 as c, 1 as d from cases")
    assert [bin.name for bin in one.shifts[0].bins][-1] == "others"
    assert [(bin.first, bin.second) for bin in one.shifts[0].bins] == [(ROWS, 0), (0, ROWS)]
    assert one.plots.histogram[0] == (ROWS, 0)
    p, q = np.array([1, 1e-4]), np.array([1e-4, 1])
    assert one.shifts[0].psi == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=EXACT)
    few = "select id, id % 3 as a, 1 as b, 1 as c, 1 as d from cases"
    assert len(compare(compared, "fraud", few).shifts[0].bins) == 4
    huge = "select id, a, b, c, 1e300::float8 * id as price from cases"
    told = compare(compared, "price", huge, actual="price")
    assert told.rows.actual_unknown == ROWS
    assert told.rows.judged == 0
    large = "select id, a, b, c, '1e139'::numeric as price from cases where b < 9"
    metric = by_name(compare(compared, "price", large, actual="price"))["RMSE"]
    assert metric.first == pytest.approx(1e139)


@pytest.mark.parametrize(
    ("name", "actual", "message"),
    [
        ("fraud", "day", 'column "day" is date, and the labels are <b>legit</b>'),
        ("flower", "id", "which is which is not known"),
        ("flower", "is_fraud", "which is which is not known"),
        ("price", "species", "takes a column of numbers"),
        ("price", "none", 'has no column "none"'),
        ("price", 'n"; drop table cases; --', "has no column"),
    ],
)
def test_actual_values_that_mean_nothing_are_refused(
    compared: Database, name: str, actual: str, message: str
) -> None:
    with pytest.raises(DatabaseError) as caught:
        compare(compared, name, actual=actual)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "column", "values", "places"),
    [
        (["5", "10"], "numeric", ["10.0", "5", "1", "NaN", None], [2, 1, None, None, None]),
        (["5", "10"], "real", ["10", "5", "0", "Infinity", None], [2, 1, None, None, None]),
        (["5", "10"], "text", ["10", "5", " 5", "", None], [2, 1, None, None, None]),
        (["1", "0"], "boolean", ["true", "false", None], [1, 2, None]),
        (["True", "False"], "boolean", ["true", "false", None], [1, 2, None]),
        (["good", "bad"], "boolean", ["true", "false", None], [2, 1, None]),
        (["good", "bad"], "bigint", ["1", "0", "2", None], [2, 1, None, None]),
        (["good", "bad"], "char(9)", ["bad", "good", "Bad", None], [2, 1, None, None]),
        (["a'b", "c\\d", "x"], "name", ["x", "a'b", "c\\d", "y"], [3, 1, 2, None]),
        (["3", "1", "2"], "smallint", ["1", "2", "3", "0"], [2, 3, 1, None]),
        (["red", "blue"], "colour", ["blue", "red", None], [2, 1, None]),
        (["red", "blue"], "coloured", ["blue", "red", None], [2, 1, None]),
    ],
)
def test_actual_values_stand_for_classes(
    compared: Database, labels: list[str], column: str, values: list[Any], places: list[Any]
) -> None:
    """What a column holds, as the place of a class: labels by value, whatever their order; of two
    classes that are named otherwise, 0 and 1, false and true."""
    query(
        compared.dsn,
        "do $$ begin create type colour as enum ('red', 'blue'); create domain coloured as colour;"
        " exception when duplicate_object then null; end $$",
    )
    sides = (Side("champion", "0" * 64, tuple(labels)), Side("1", "1" * 64, tuple(labels)))
    task = Task("binary" if len(labels) == 2 else "classes", tuple(labels), sides)
    source = as_is('(select unnest(%s::text[])::{} as "a""b")'.replace("{}", column))
    with keep(compared.dsn) as connection, connection.cursor() as cursor:
        item = as_is(cursor.mogrify(source, (values,)).decode())
        truth = settle_truth(connection, task, "t", item, 'a"b')
        cursor.execute(Sql("select {} from {} s").format(truth.value, item))
        assert [place for (place,) in cursor.fetchall()] == places


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"versions": ["champion", 2]}, "are the same version"),
        ({"versions": ["champion", 9]}, 'has no version "9"'),
        ({"versions": ["champion"]}, "give two"),
        ({"versions": "champion,1"}, "give two"),
        ({"key": "nothing"}, "no column nothing"),
        ({"table": "nowhere"}, 'there is no table "nowhere"'),
        ({"table": "select id, a, b, c from cases"}, "champion"),
        ({"table": "select 1; drop table cases"}, "cannot be read"),
        ({"tolerance": -1.0}, "not below 0"),
        ({"tolerance": float("nan")}, "not below 0"),
        ({"actual": ""}, "not empty"),
        ({"key": "a\x00b"}, "no database text can"),
        ({"table": "\ud800"}, "no database text can"),
        ({"name": "nobody"}, 'there is no model "nobody"'),
    ],
)
def test_what_cannot_be_compared_is_refused(
    compared: Database, options: dict[str, Any], message: str
) -> None:
    options = {"name": "fraud", **options}
    with pytest.raises(DatabaseError) as caught:
        compare(compared, options.pop("name"), **options)
    assert message in str(caught.value)
    assert query(compared.dsn, "select count(*) from cases") == [(ROWS,)]


BOOM = (
    "create function evil.boom({0}, {0}) returns boolean language plpgsql as"
    " $$ begin raise exception 'an operator of somebody else ran'; end $$"
)
OPERATORS = ("<", ">", "<=", ">=", "=", "<>", "+", "-", "*", "/", "||")
TYPES = (
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "text",
    "boolean",
    "oid",
    "tid",
)


def test_what_stands_in_the_search_path_of_the_caller_is_not_called(compared: Database) -> None:
    query(compared.dsn, "create schema evil")
    for kind in TYPES:
        query(compared.dsn, BOOM.format(kind))
        query(
            compared.dsn,
            ";".join(
                f"create operator evil.{sign} (leftarg = {kind}, rightarg = {kind},"
                " function = evil.boom)"
                for sign in OPERATORS
            ),
        )
    for name in ("count", "sum", "abs", "unnest", "left", "octet_length", "max", "avg"):
        query(
            compared.dsn,
            f"create function evil.{name}(double precision) returns double precision"
            " language plpgsql as $$ begin raise exception 'a function of another ran'; end $$",
        )
    query(compared.dsn, "create domain evil.float8 as text; create domain evil.text as integer")
    options = (
        "-csearch_path=evil,public,pg_catalog -cextra_float_digits=-15 -cDateStyle=SQL,DMY"
        " -cdefault_transaction_read_only=on -cquote_all_identifiers=on -carray_nulls=off"
        " -cstandard_conforming_strings=off -cwork_mem=64"
    )
    dsn = f"{compared.dsn}?options={quote(options)}"
    for name, table, actual in (
        ("fraud", "cases", "is_fraud"),
        ("flower", "cases_view", "species"),
        ("price", "cases", "price"),
    ):
        plain = compare(compared, name, table, actual=actual)
        told = exporter.compare(dsn, name, table, key="id", versions=["champion", 1], actual=actual)
        for ours, his in zip(told.metrics, plain.metrics, strict=True):
            # Segments add up in another order each time.
            assert (ours.first, ours.second) == pytest.approx((his.first, his.second), rel=1e-12)
        assert (told.rows, told.shifts) == (plain.rows, plain.shifts)


def test_greenplum_6_is_refused_by_name(
    compared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.databases.postgres.compare.is_greenplum_6", lambda _: True)
    with pytest.raises(DatabaseError, match="Greenplum 6 lacks what comparing versions needs"):
        compare(compared, "fraud")


def test_what_the_source_writes_is_refused(compared: Database) -> None:
    query(
        compared.dsn,
        "create table spied (id integer); create function spy(integer) returns integer language sql"
        " as 'insert into spied values ($1) returning id'",
    )
    with pytest.raises(DatabaseError, match=r"read-only transaction|\"spied\" does not"):
        compare(compared, "price", "select spy(id) as id, a, b, c from cases")
    assert query(compared.dsn, "select count(*) from spied") == [(0,)]


def test_in_the_transaction_of_somebody_else(compared: Database) -> None:
    """It sees his rows, and leaves no settings behind, nor a cursor."""
    connection = psycopg2.connect(compared.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("show work_mem")
            before = cursor.fetchall()
            cursor.execute("delete from cases where id > 100")
            told = exporter.compare(
                connection, "price", "cases", key="id", versions=["champion", 1]
            )
            assert told.rows.read == 100
            cursor.execute("select count(*) from pg_cursors")
            assert cursor.fetchall() == [(0,)]
            cursor.execute("show work_mem")
            assert cursor.fetchall() == before
            cursor.execute("insert into cases (id) values (-1)")
    finally:
        connection.rollback()
        connection.close()


def test_progress_and_steps(compared: Database) -> None:
    for table in ("cases", "cases_view"):
        steps: list[tuple[int, float | None]] = []
        compare(compared, "price", table, progress=lambda *step, to=steps: to.append(step))
        assert sum(rows for rows, _ in steps) == ROWS
        assert len(steps) > 1 or databases.TARGET == "greenplum"  # one statement for all rows
        assert [done for _, done in steps] == sorted(done for _, done in steps)
        assert steps[-1][1] == 1.0


def test_ctrl_c_ends_the_statement(compared: Database) -> None:
    sleeping = (
        "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"
        " and datname = current_database()"
        " and (query like 'fetch %' or query like '%pg_sleep(60)%')"
    )
    slow = "select c.* from cases c, (select pg_sleep(60)) s"
    words = ["compare", "--dsn", compared.dsn, "--name", "price", "--versions", "champion,1"]
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = subprocess.Popen(
            [*PROGRAM, *words, "--table", slow, "--key", "id"],
            env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, previous)
    wait_until(lambda: query(compared.dsn, sleeping) == [(1,)])
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate(timeout=120)
    assert (running.returncode, output, errors) == (130, "", "export-model: stopped\n")
    wait_until(lambda: query(compared.dsn, sleeping) == [(0,)])


def test_who_may_not_read_the_registry_is_told(compared: Database) -> None:
    query(compared.dsn, "create role reader login; grant usage on schema fraud to reader;"
          " grant select on cases to reader")  # fmt: skip
    try:
        with pytest.raises(DatabaseError, match="Connect as the role that deployed it"):
            exporter.compare(
                compared.dsn_of("reader"), "fraud", "cases", key="id", versions=["champion", 1]
            )
    finally:
        query(compared.dsn, "drop owned by reader; drop role reader")


class Seen(HTMLParser):
    """Elements and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_needs_nothing_else_and_texts_are_texts(
    compared: Database, tmp_path: Path
) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[2J"
    source = (
        "select id, a, b, c, d, is_fraud, '" + attack.replace("'", "''") + '\' || id as "k<ey>"'
        " from cases"
    )
    told = compare(compared, "fraud", source, key="k<ey>", actual="is_fraud")
    path = tmp_path / "page.html"
    told.write(path)
    page = path.read_text(encoding="utf-8")
    seen = Seen()
    seen.feed(page)
    assert not seen.elements & {"script", "img", "link", "iframe", "object", "b>", "i"}
    assert not [
        name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "href")
    ]
    assert "url(" not in page
    assert "@import" not in page
    assert "\u202e" not in page + str(told)
    assert "\x1b" not in page + str(told)
    assert any("<script>alert(1)</script>" in text for text in seen.texts)
    assert {"svg", "polyline", "rect", "table"} <= seen.elements
    assert "prefers-color-scheme:dark" in page
    assert "default-src 'none'" in page
    assert told._repr_html_() in page
    with pytest.raises(exporter.ExportError, match="--html, or replace with --force"):
        compare(compared, "price").write(path)
    compare(compared, "price").write(path, force=True)


def test_the_command_prints_text_json_and_a_page(compared: Database, tmp_path: Path) -> None:
    words = ["compare", "--dsn", compared.dsn, "--name", "fraud", "--versions", "champion,1"]
    words += ["--table", "cases", "--key", "id", "--actual", "is_fraud"]
    done = run_command(*words, "--json", "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    plain = compare(compared, "fraud", actual="is_fraud")
    assert told["metrics"][0]["first"] == plain.metrics[0].first
    assert told["rows"]["read"] == ROWS
    assert (tmp_path / "page.html").read_text() == plain.to_html()
    again = run_command(*words, "--html", "page.html", cwd=tmp_path)
    assert again.returncode == 1
    assert "Nothing was scored" in again.stderr
    page = run_command(*words, "--html", "-", cwd=tmp_path)
    assert page.stdout == plain.to_html()
    assert run_command(*words, cwd=tmp_path).stdout == f"{plain}\n"


def test_the_commands_of_the_page_run(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/compare.md, in order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPORT_MODEL_DSN", database.dsn)
    for name, columns in (("champion", 3), ("challenger", 4)):
        write_sequential(
            tmp_path / f"{name}.h5", [columns, 4, 1], ["relu", "sigmoid"], seed=columns
        )
    query(
        database.dsn,
        "create table cards as select g as id, sin(g) as amount, g % 24 as hour, g % 60 as age,"
        " g % 9 as country, g % 11 = 0 as is_fraud from generate_series(1, 500) g",
    )
    text = (Path(__file__).parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
    said = {}
    for line in "".join(re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "export-model"
        done = CliRunner().invoke(command, arguments)
        assert done.exit_code == 0, (line, done.output, done.exception)
        said[line] = done.output
    first, second, third = (text for line, text in said.items() if " compare " in line)
    assert "AUC " in first
    assert json.loads(second)["rows"]["read"] == 250
    assert "within 0.05" in third
    assert "<svg" in (tmp_path / "report.html").read_text(encoding="utf-8")


def nearly(value: Any) -> Any:
    """With numbers that are equal to another sum of the same."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-9, abs=1e-12)
    if isinstance(value, dict):
        return {name: nearly(item) for name, item in value.items()}
    return [nearly(item) for item in value] if isinstance(value, list | tuple) else value


def listed(value: Any) -> Any:
    """With lists for tuples."""
    if isinstance(value, dict):
        return {name: listed(item) for name, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(
    ("name", "actual"), [("fraud", "is_fraud"), ("flower", "species"), ("price", "price")]
)
def test_scores_alone_give_the_same(compared: Database, name: str, actual: str) -> None:
    """comparison/scores.py counts and sums of scores what the server does."""
    comparison = compare(compared, name, actual=actual)
    task = Task(comparison.task, comparison.classes, comparison.sides)
    found = {
        (number, what): scores_of(compared, name, number, what, "cases")
        for number in (2, 1)
        for what in (["score"] if name == "price" else ["score", "label"])
    }
    classes = {text: place for place, text in enumerate(task.classes, 1)}

    def means(value: Any) -> float | None:
        if name == "fraud":
            return 1 + value
        return classes.get(value) if classes else value if np.isfinite(value) else None

    rows = ask(compared.dsn, f"select id::text, {actual}::text, {actual} from cases order by id")
    scores = Scores(task, 0.01)
    for start in range(0, len(rows), 700):
        some = rows[start : start + 700]
        keys = [key for key, _, _ in some]
        values = [[found[n, "score"][key] for key in keys] for n in (2, 1)]
        labels = [[found.get((n, "label"), {}).get(key) for key in keys] for n in (2, 1)]
        truths = [None if value is None else means(value) for _, _, value in some]
        actuals = [text for _, text, _ in some]
        scores.add(Batch(keys, (values[0], values[1]), (labels[0], labels[1]), actuals, truths))
    source = Source(name, "cases", "id", actual, comparison.meaning)
    counted = conclude(task, source, 0.01, *scores.count())
    assert listed(counted.facts()) == nearly(listed(comparison.facts()))
