"""What users call: every form of score and label, with good and bad rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database, make_database

from database.networks import (
    ask,
    compile_model,
    deploy_model,
    expected,
    write_sequential,
    write_two_by_two,
)

ROWS = np.random.default_rng(1).standard_normal((50, 4))
FEATURES = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def fraud(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    """A single sigmoid over a, b, c, d, and a table of rows; tests leave them as they are."""
    with make_database(server, "test_functions", template):
        dsn = server.dsn("test_functions")
        ask(dsn, "create table rows (id integer, a real, b float8, c numeric, d integer)")
        rows = "insert into rows select * from unnest(%s, %s, %s, %s, %s)"
        numbers = list(range(len(ROWS)))
        ask(dsn, rows, (numbers, *ROWS.T[:3].tolist(), numbers))
        plan = deploy_model(
            dsn,
            write_sequential(
                tmp_path_factory.mktemp("files") / "fraud.h5", [4, 8, 1], ["relu", "sigmoid"]
            ),
            "fraud",
            features=FEATURES,
            feature_table=("public", "rows"),
            labels=["good", "bad"],
        )
        yield dsn, plan


@pytest.fixture(scope="module")
def hostile(server: Any, template: str) -> Iterator[Database]:
    """A database for models of hostile names beside each other."""
    with make_database(server, "hostile", template):
        ask(server.dsn("hostile"), "create table victims (id integer)")
        yield Database(server, "hostile")


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
    got = ask(dsn, f"select {score}, {label} from rows order by id")
    np.testing.assert_allclose([row[0] for row in got], wanted, rtol=1e-5, atol=1e-6)
    assert [row[1] for row in got] == ["bad" if s > 0.5 else "good" for s in wanted]
    assert {row[1] for row in got} == {"good", "bad"}


@pytest.mark.parametrize("form", ["arrays", "scalars", "row"])
@pytest.mark.parametrize("function", ["score", "label"])
def test_null_in_any_place_gives_null(fraud: tuple[str, Any], form: str, function: str) -> None:
    dsn, _ = fraud
    call = CALLS[form].format(function)
    forms = []
    for column in FEATURES:
        values = ", ".join("null::real" if name == column else "1" for name in FEATURES)
        of_row = f"fraud.{function}(row(0, {values})::rows)"
        of_form = f"(select {call} from (values (0, {values})) as v (id, a, b, c, d))"
        forms.append(of_row if form == "row" else of_form)
    forms += [f"fraud.{function}(null::real[])", f"fraud.{function}(null::rows)"]
    assert ask(dsn, f"select {', '.join(forms)}") == [(None,) * len(forms)]


def test_null_rows_do_not_hide_others(fraud: tuple[str, Any]) -> None:
    connection = psycopg2.connect(fraud[0])
    with connection.cursor() as cursor:
        cursor.execute("insert into rows values (1000, null, 1, 1, 1), (1001, 1, 1, 1, 1)")
        cursor.execute("select id, fraud.score(rows) is null from rows where id >= 1000 order by 1")
        assert cursor.fetchall() == [(1000, True), (1001, False)]
    connection.close()  # without the two rows


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
        ((score, label),) = ask(dsn, sql, (value,))
        assert score == pytest.approx(wanted, nan_ok=True)
        # A score that is no number has no label.
        assert label == (None if np.isnan(wanted) else "bad" if wanted > 0.5 else "good")


@pytest.mark.parametrize("function", ["score", "label"])
@pytest.mark.parametrize("given", ["{}", "{1,2,3}", "{1,2,NULL}", "{1,2,3,4,5}", "{{1,2},{3,4}}"])
def test_a_wrong_length_names_model_expected_and_given(
    fraud: tuple[str, Any], function: str, given: str
) -> None:
    dsn, _ = fraud
    with pytest.raises(psycopg2.Error) as caught:
        ask(dsn, f"select fraud.{function}(%s::real[])", (given,))
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
    assert ask(dsn, "select fraud.score(1, 1e-300, 1, 1)")[0][0] == pytest.approx(wanted)
    assert ask(dsn, "select fraud.score(1, 1e300, 1, 1) is not null") == [(True,)]


def test_scores_do_not_depend_on_the_rows_around_them(fraud: tuple[str, Any]) -> None:
    dsn, _ = fraud
    together = ask(dsn, "select id, fraud.score(rows) from rows order by id")
    for number in (0, 20, 40):  # in a session each
        sql = "select id, fraud.score(rows) from rows where id = %s"
        assert ask(dsn, sql, (number,)) == [together[number]]


def test_several_inputs_and_outputs(database: Database, tmp_path: Path) -> None:
    plan = deploy_model(database.dsn, write_two_by_two(tmp_path / "m.h5"), "m")
    a, b = [[1.0, -2.0, 3.0]], [[[0.5, 1.0], [1.5, -1.0]]]
    one, two = expected(plan, a, b)
    for given in ("{0.5,1,1.5,-1}", "{{0.5,1},{1.5,-1}}"):
        sql = "select (m.score(a => '{1,-2,3}', b => %s)).*"
        got = ask(database.dsn, sql, (given,))
        assert got[0][0] == pytest.approx(float(one.ravel()[0]), rel=1e-5)
        assert got[0][1] == pytest.approx(two.ravel().tolist(), rel=1e-5)
    assert ask(database.dsn, "select m.score('{1,null,3}', '{1,2,3,4}') is null") == [(True,)]
    assert ask(database.dsn, "select m.score(null, '{1,2,3,4}') is null") == [(True,)]
    with pytest.raises(psycopg2.Error, match=r'input "b" takes 4 \(2x2\) numbers, got 3'):
        ask(database.dsn, "select m.score('{1,2,3}', '{1,2,3}')")


@pytest.mark.parametrize("width", [1, 99, 100, 101, 784])
def test_tables_of_any_width(database: Database, tmp_path: Path, width: int) -> None:
    columns = [f"v{n}" for n in range(width)]
    row = np.random.default_rng(width).standard_normal(width).astype(np.float32)
    ask(database.dsn, f"create table wide ({', '.join(f'{c} real' for c in columns)})")
    values = ", ".join(map(repr, row.tolist()))
    ask(database.dsn, f"insert into wide values ({values})")
    path = write_sequential(tmp_path / "wide.h5", [width, 3], ["softmax"])
    plan = deploy_model(database.dsn, path, "w", features=columns, feature_table=("public", "wide"))
    wanted = expected(plan, row[None])[0].ravel()
    got = ask(database.dsn, "select w.score(t), w.label(t) from wide t")[0]
    np.testing.assert_allclose(got[0], wanted, atol=1e-6)
    assert got[1] == str(wanted.argmax())
    assert ask(database.dsn, "select w.score(null::wide)") == [(None,)]
    scalar_forms = ask(
        database.dsn,
        "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'w' and proname = 'score' and pronargs = %s"
        " and proargtypes[0] = 'float8'::regtype",
        (width,),
    )
    assert scalar_forms == [(1 if width <= 100 else 0,)]
    if width <= 100:
        got = ask(database.dsn, f"select w.score({', '.join(columns)}) from wide")[0]
        np.testing.assert_allclose(got[0], wanted, atol=1e-6)


def test_many_columns_take_no_more_queries_than_few(tmp_path: Path) -> None:
    """A query for each of 784 columns took a minute, because each names all of them."""

    def count(width: int) -> int:
        path = write_sequential(tmp_path / f"{width}.h5", [width, 3], ["softmax"])
        script, _ = compile_model(path, "w", features=[f"v{n}" for n in range(width)])
        return str(script).count("export_model.samples")

    assert count(101) == count(102) <= count(2)


def test_a_source_is_named_once_however_many_columns_it_has(fraud: tuple[str, Any]) -> None:
    dsn, _ = fraud
    asked = ask(dsn, "select export_model.ask_types('(select * from rows)', '{id,a,b,c}')")[0][0]
    assert asked.count("from rows") == 1
    assert ask(dsn, asked) == [('{integer,real,"double precision",numeric}',)]


def test_a_model_without_classes_has_no_label(database: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "r.h5", [4, 1], ["linear"])
    deploy_model(database.dsn, path, "r")
    with pytest.raises(psycopg2.Error, match="does not exist"):
        ask(database.dsn, "select r.label('{1,2,3,4}'::real[])")


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
def test_hostile_names_are_quoted_right(hostile: Database, tmp_path: Path, name: str) -> None:
    path = write_sequential(tmp_path / "m.h5", [2, 2], ["softmax"])
    labels = [name, f"'; drop table victims; -- {name}"]
    features = [name, "other"]
    plan = deploy_model(hostile.dsn, path, name, features=features, labels=labels)
    schema = '"' + name.replace('"', '""') + '"'
    wanted = expected(plan, [[1.0, 2.0]])[0].ravel()
    sql = f"select {schema}.score(1, 2), {schema}.label({schema} => 1, other => 2)"
    ((score, label),) = ask(hostile.dsn, sql)
    assert score == pytest.approx(wanted.tolist(), rel=1e-5)
    assert label == labels[int(wanted.argmax())]
    assert ask(hostile.dsn, "select count(*) from victims") == [(0,)]
    with pytest.raises(psycopg2.Error) as caught:
        ask(hostile.dsn, f"select {schema}.score('{{1}}'::real[])")
    assert f'model "{name}"' in str(caught.value)
