"""What users call: every form of score and label, with good and bad rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database

from database.networks import (
    deploy_model,
    expected,
    query,
    write_sequential,
    write_two_by_two,
)

ROWS = np.random.default_rng(1).standard_normal((50, 4))
FEATURES = ["a", "b", "c", "d"]


@pytest.fixture
def fraud(database: Database, tmp_path: Path) -> tuple[str, Any]:
    """A single sigmoid over a, b, c, d, and a table of rows."""
    query(database.dsn, "create table rows (id integer, a real, b float8, c numeric, d integer)")
    for number, (a, b, c, _) in enumerate(ROWS.tolist()):
        query(
            database.dsn, "insert into rows values (%s, %s, %s, %s, %s)", (number, a, b, c, number)
        )
    path = write_sequential(tmp_path / "fraud.h5", [4, 8, 1], ["relu", "sigmoid"])
    plan = deploy_model(
        database.dsn,
        path,
        "fraud",
        features=FEATURES,
        feature_table=("public", "rows"),
        labels=["good", "bad"],
    )
    return database.dsn, plan


CALLS = {
    "arrays": "fraud.{}(array[a, b, c, d]::real[])",
    "scalars": "fraud.{}(a, b, c, d)",
    "named": "fraud.{}(d => d, c => c, b => b, a => a)",
    "row": "fraud.{}(rows)",
}


@pytest.mark.parametrize("form", CALLS)
def test_scores_and_labels_of_a_table(fraud: tuple[str, Any], form: str) -> None:
    dsn, plan = fraud
    table = ROWS.copy()
    table[:, 3] = np.arange(len(ROWS))
    wanted = expected(plan, table)[0].ravel()
    score, label = CALLS[form].format("score"), CALLS[form].format("label")
    got = query(dsn, f"select {score}, {label} from rows order by id")
    np.testing.assert_allclose([row[0] for row in got], wanted, rtol=1e-5, atol=1e-6)
    assert [row[1] for row in got] == ["bad" if s > 0.5 else "good" for s in wanted]
    assert {row[1] for row in got} == {"good", "bad"}


@pytest.mark.parametrize("form", ["arrays", "scalars", "row"])
@pytest.mark.parametrize("function", ["score", "label"])
def test_null_in_any_place_gives_null(fraud: tuple[str, Any], form: str, function: str) -> None:
    dsn, _ = fraud
    call = CALLS[form].format(function)
    for column in FEATURES:
        values = ", ".join("null::real" if name == column else "1" for name in FEATURES)
        sql = f"select {call} from (values (0, {values})) as v (id, a, b, c, d)"
        if form == "row":
            sql = f"select fraud.{function}(row(0, {values})::rows)"
        assert query(dsn, sql) == [(None,)]
    assert query(dsn, f"select fraud.{function}(null::real[])") == [(None,)]
    assert query(dsn, f"select fraud.{function}(null::rows)") == [(None,)]


def test_null_rows_do_not_hide_others(fraud: tuple[str, Any]) -> None:
    dsn, _ = fraud
    query(dsn, "insert into rows values (1000, null, 1, 1, 1), (1001, 1, 1, 1, 1)")
    got = query(dsn, "select id, fraud.score(rows) is null from rows where id >= 1000 order by id")
    assert got == [(1000, True), (1001, False)]


@pytest.mark.parametrize("form", ["arrays", "scalars"])
def test_nan_and_infinity_pass_through_as_in_numpy(fraud: tuple[str, Any], form: str) -> None:
    dsn, plan = fraud
    for value in ("NaN", "Infinity", "-Infinity"):
        row = np.array([[1.0, float(value), 1.0, 1.0]])
        with np.errstate(all="ignore"):
            wanted = float(expected(plan, row)[0].ravel()[0])
        call = CALLS[form]
        sql = f"select {call.format('score')}, {call.format('label')}"
        sql += " from (values (1::real, %s::float8, 1::numeric, 1)) as v (a, b, c, d)"
        ((score, label),) = query(dsn, sql, (value,))
        assert score == pytest.approx(wanted, nan_ok=True)
        # A score that is no number has no label.
        assert label == (None if np.isnan(wanted) else "bad" if wanted > 0.5 else "good")


@pytest.mark.parametrize("function", ["score", "label"])
@pytest.mark.parametrize("given", ["{}", "{1,2,3}", "{1,2,3,4,5}", "{{1,2},{3,4}}"])
def test_a_wrong_length_names_model_expected_and_given(
    fraud: tuple[str, Any], function: str, given: str
) -> None:
    dsn, _ = fraud
    with pytest.raises(psycopg2.Error) as caught:
        query(dsn, f"select fraud.{function}(%s::real[])", (given,))
    assert caught.value.pgcode == "22023"
    message = str(caught.value).splitlines()[0]
    size = {"{}": "0", "{{1,2},{3,4}}": "2x2"}.get(given, str(given.count(",") + 1))
    assert 'model "fraud": input "dense_0_input" takes 4 numbers, got ' + size in message


def test_an_error_leaves_the_session_scoring(fraud: tuple[str, Any]) -> None:
    dsn, _ = fraud
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for _ in range(3):
            with pytest.raises(psycopg2.Error):
                cursor.execute("select fraud.score('{1}'::real[])")
            cursor.execute("select fraud.score('{1,2,3,4}'::real[])")
            assert cursor.fetchone() is not None
    connection.close()


def test_tiny_and_huge_doubles_do_not_raise(fraud: tuple[str, Any]) -> None:
    dsn, plan = fraud
    wanted = float(expected(plan, [[1.0, 0.0, 1.0, 1.0]])[0].ravel()[0])
    assert query(dsn, "select fraud.score(1, 1e-300, 1, 1)")[0][0] == pytest.approx(wanted)
    assert query(dsn, "select fraud.score(1, 1e300, 1, 1) is not null") == [(True,)]


def test_scores_do_not_depend_on_the_rows_around_them(fraud: tuple[str, Any]) -> None:
    dsn, _ = fraud
    together = query(dsn, "select id, fraud.score(rows) from rows order by id")
    alone = [
        query(dsn, "select id, fraud.score(rows) from rows where id = %s", (number,))[0]
        for number in range(0, 50, 10)
    ]
    assert together[::10] == alone


def test_several_inputs_and_outputs(database: Database, tmp_path: Path) -> None:
    plan = deploy_model(database.dsn, write_two_by_two(tmp_path / "m.h5"), "m")
    a, b = [[1.0, -2.0, 3.0]], [[[0.5, 1.0], [1.5, -1.0]]]
    one, two = expected(plan, a, b)
    for given in ("{0.5,1,1.5,-1}", "{{0.5,1},{1.5,-1}}"):
        sql = "select (m.score(a => '{1,-2,3}', b => %s)).*"
        got = query(database.dsn, sql, (given,))
        assert got[0][0] == pytest.approx(float(one.ravel()[0]), rel=1e-5)
        assert got[0][1] == pytest.approx(two.ravel().tolist(), rel=1e-5)
    assert query(database.dsn, "select m.score('{1,null,3}', '{1,2,3,4}') is null") == [(True,)]
    assert query(database.dsn, "select m.score(null, '{1,2,3,4}') is null") == [(True,)]
    with pytest.raises(psycopg2.Error, match=r'input "b" takes 4 \(2x2\) numbers, got 3'):
        query(database.dsn, "select m.score('{1,2,3}', '{1,2,3}')")


@pytest.mark.parametrize("width", [1, 99, 100, 101, 784])
def test_tables_of_any_width(database: Database, tmp_path: Path, width: int) -> None:
    columns = [f"v{n}" for n in range(width)]
    row = np.random.default_rng(width).standard_normal(width).astype(np.float32)
    query(database.dsn, f"create table wide ({', '.join(f'{c} real' for c in columns)})")
    values = ", ".join(map(repr, row.tolist()))
    query(database.dsn, f"insert into wide values ({values})")
    path = write_sequential(tmp_path / "wide.h5", [width, 3], ["softmax"])
    plan = deploy_model(database.dsn, path, "w", features=columns, feature_table=("public", "wide"))
    wanted = expected(plan, row[None])[0].ravel()
    got = query(database.dsn, "select w.score(t), w.label(t) from wide t")[0]
    np.testing.assert_allclose(got[0], wanted, atol=1e-6)
    assert got[1] == str(wanted.argmax())
    assert query(database.dsn, "select w.score(null::wide)") == [(None,)]
    scalar_forms = query(
        database.dsn,
        "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'w' and proname = 'score' and pronargs = %s"
        " and proargtypes[0] = 'float8'::regtype",
        (width,),
    )
    assert scalar_forms == [(1 if width <= 100 else 0,)]
    if width <= 100:
        got = query(database.dsn, f"select w.score({', '.join(columns)}) from wide")[0]
        np.testing.assert_allclose(got[0], wanted, atol=1e-6)


def test_a_model_without_classes_has_no_label(database: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "r.h5", [4, 1], ["linear"])
    deploy_model(database.dsn, path, "r")
    with pytest.raises(psycopg2.Error, match="does not exist"):
        query(database.dsn, "select r.label('{1,2,3,4}'::real[])")


@pytest.mark.parametrize(
    "name",
    [
        'quo"te',
        "quo'te",
        "a b",
        "100%",
        "%s",
        "$$",
        "$function$",
        "select",
        "Größe",
        "模型",
        "back\\slash",
        "semi;colon",
        "-- dash",
        "{{ x }}",
        "new\nline",
        ":name",
        "Upper",
        "x" * 63,
    ],
)
def test_hostile_names_are_quoted_right(database: Database, tmp_path: Path, name: str) -> None:
    query(database.dsn, "create table victims (id integer)")
    path = write_sequential(tmp_path / "m.h5", [2, 2], ["softmax"])
    labels = [name, f"'; drop table victims; -- {name}"]
    features = [name, "other"]
    plan = deploy_model(database.dsn, path, name, features=features, labels=labels)
    schema = '"' + name.replace('"', '""') + '"'
    wanted = expected(plan, [[1.0, 2.0]])[0].ravel()
    sql = f"select {schema}.score(1, 2), {schema}.label({schema} => 1, other => 2)"
    ((score, label),) = query(database.dsn, sql)
    assert score == pytest.approx(wanted.tolist(), rel=1e-5)
    assert label == labels[int(wanted.argmax())]
    assert query(database.dsn, "select count(*) from victims") == [(0,)]
    with pytest.raises(psycopg2.Error) as caught:
        query(database.dsn, f"select {schema}.score('{{1}}'::real[])")
    assert f'model "{name}"' in str(caught.value)
