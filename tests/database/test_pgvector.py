"""The engine pgvector on a PostgreSQL without PL/Python: its scores, guards and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import joblib
import numpy as np
import psycopg2
import pytest
from databases import Database, make_database
from sklearn.linear_model import LinearRegression

import exporter
from database.networks import (
    compile_graph,
    deploy_graph,
    query,
    write_sequential,
    write_two_by_two,
)
from exporter import api, preparing
from exporter.engines.pgvector.elements import ACTIVATIONS
from exporter.engines.pgvector.limits import find_problems, find_stored_problems
from exporter.engines.pgvector.scalars import as_single
from exporter.engines.reference import evaluate
from exporter.errors import DatabaseError, SignatureError, UnsupportedError
from exporter.ir import ops
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import as_tensor
from exporter.ir.passes import simplify
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.sql.text import Sql

ABC = ["a", "b", "c"]
ROWS = [
    [0.5, -1.25, 2.0],
    [0.0, 0.0, 0.0],
    [40.0, -60.0, 90.0],
    [1e-42, 1e-300, -1e-30],
    [3e14, -1.0, 2.0],
    [1e16, -1e16, 1.0],
    [float("inf"), 1.0, 2.0],
    [1.0, float("-inf"), float("inf")],
    [float("nan"), 1.0, 2.0],
]


@pytest.fixture(scope="module")
def place(pgvector_server: Any) -> Iterator[Database]:
    """A database with the extension, in a schema that is in nobody's search_path."""
    with make_database(pgvector_server, "pgvector"):
        database = Database(pgvector_server, "pgvector")
        query(database.dsn, "create schema tools; create extension vector schema tools")
        query(database.dsn, "create role maker login; create role clerk login")
        query(
            database.dsn,
            "grant create on database pgvector to maker; grant usage on schema tools to maker",
        )
        query(database.dsn, "revoke usage on schema tools from public")
        yield database
        query(database.dsn, "drop owned by maker cascade; drop owned by clerk cascade")
        query(database.dsn, "drop role maker; drop role clerk")


def deploy(database: Database, path: Path, name: str, **options: Any) -> Any:
    """As the role that is no superuser."""
    return api.deploy(
        api.read(path), database.dsn_of("maker"), target="postgres", name=name,
        expected_by="float64", **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fraud(place: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 3-4-1 network with labels, deployed; its file."""
    path = tmp_path_factory.mktemp("fraud") / "fraud.h5"
    write_sequential(path, [3, 4, 1], ["sigmoid", "sigmoid"])
    done = deploy(place, path, "fraud", features=ABC, labels=["good", "bad"])
    assert done.verify().is_ok
    query(place.dsn_of("maker"), "grant usage on schema fraud to clerk")
    return path


def scores(path: Path, rows: Any) -> np.ndarray:
    """What the network computes in float64 of numbers that are real."""
    graph = simplify(api.read(path).graph)
    plan = plan_graph(graph, sign(graph, "x"))
    with np.errstate(all="ignore"):
        (result,) = evaluate(plan, [np.array(rows, np.float32).astype(np.float64)])
    return np.asarray(result)


def every_activation() -> Graph:
    """A dense layer with each activation as an output."""
    rng = np.random.default_rng(3)
    port = Port("x", 0, (3,))
    nodes: list[Node] = []
    outputs = []
    for function in [*ACTIVATIONS, "gelu", "gelu approximate"]:
        kernel, bias = rng.normal(size=(3, 2)), rng.normal(size=2)
        dense = ops.Dense(
            as_tensor(kernel, f"{function}/kernel"), as_tensor(bias, f"{function}/bias")
        )
        name, *rest = function.split()
        op = ops.Activation(name, (("approximate", True),) if rest else ())
        first = len(nodes) + 1
        nodes.append(Node(dense, (0,), first, (2,), function))
        nodes.append(Node(op, (first,), first + 1, (2,), function))
        outputs.append(Port(f"out_{len(outputs)}", first + 1, (2,)))
    source = Source("test", "1", "every.h5", "0" * 64)
    return Graph("every", (port,), tuple(nodes), tuple(outputs), source, 0)


def test_every_activation_scores_as_in_float64(place: Database) -> None:
    """Of ordinary rows by vectors, of others in double precision; NaN and infinities as numpy."""
    graph = every_activation()
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        plan = deploy_graph(place.dsn_of("maker"), graph, "every")
    finally:
        databases.ENGINE = before
    rows = np.array(ROWS, np.float32).astype(np.float64)
    with np.errstate(all="ignore"):
        wanted = evaluate(plan, [rows])
    fields = ", ".join(f"(s.r).{port.name}" for port in graph.outputs)
    sql = f"select {fields} from (select every.score(%s::real[]) as r offset 0) s"
    connection = psycopg2.connect(place.dsn)
    try:
        for place_, row in enumerate(ROWS):
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, [np.array(row, np.float32).tolist()])
                (found,) = cursor.fetchall()
            for port, node, actual, expected in zip(
                graph.outputs, graph.nodes[1::2], found, wanted, strict=True
            ):
                close = np.isclose(actual, expected[place_], rtol=1e-5, atol=1e-5, equal_nan=True)
                with np.errstate(over="ignore"):
                    single = expected[place_].astype(np.float32)
                assert (close | (single == actual)).all(), (port.name, node.layer, row, actual)
    finally:
        connection.close()
    api.drop(place.dsn_of("maker"), "every")


def test_rows_of_any_numbers_score_alike_in_every_form(place: Database, fraud: Path) -> None:
    """By somebody who may use the model's schema alone, with few digits set."""
    values = ", ".join(
        f"({n}, {', '.join(f'{repr(x)!r}::float8' for x in row)})" for n, row in enumerate(ROWS)
    )
    dsn = place.dsn_of("clerk", "-c%20extra_float_digits%3D-9")
    source = f"select * from (values {values}, (99, null, 1, 2)) as v (id, a, b, c)"
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                f"select id, fraud.score(a, b, c)::float8::text, fraud.label(a, b, c),"
                f" fraud.score(a, b, c) = fraud.score(c => c, b => b, a => a)"
                f" from ({source}) s order by id"
            )
            by_row = cursor.fetchall()
            cursor.execute("set extra_float_digits = 1")
            cursor.execute(f"select fraud.score(a, b, c) from ({source}) s order by id")
            exact = [score for (score,) in cursor.fetchall()]
            cursor.execute("set extra_float_digits = -9")
            cursor.execute("select key, score::float8 from fraud.score_table(%s, 'id')", [source])
            by_table = dict(cursor.fetchall())
            cursor.execute("select key, label from fraud.label_table(%s, 'id')", [source])
            labels = dict(cursor.fetchall())
    finally:
        connection.close()
    assert by_row[-1][1:] == (None, None, None) and exact[-1] is None
    wanted = scores(fraud, ROWS)[:, 0]
    np.testing.assert_allclose(exact[:-1], wanted, rtol=0, atol=1e-6, equal_nan=True)
    assert all(same for _, _, _, same in by_row[:-1])
    assert {key: label for key, _, label, _ in by_row} == {int(k): v for k, v in labels.items()}
    assert [labels[str(n)] is None for n in range(len(ROWS))] == np.isnan(wanted).tolist()
    assert len(by_table) == len(by_row)


def test_numbers_in_tables_keep_all_digits(place: Database, fraud: Path) -> None:
    """What passes through a batch is text in between."""
    source = (
        "select g as id, sin(g)::real as a, cos(g)::real as b, g as c from generate_series(1, 50) g"
    )
    same = (
        "select count(*) from fraud.score_table(%s, 'id') t join (" + source + ") s"
        " on s.id::text = t.key where t.score = fraud.score(s.a, s.b, s.c)"
    )
    for digits in (-15, 0, 1, 3):
        connection = psycopg2.connect(place.dsn_of("clerk"))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(f"set extra_float_digits = {digits}")
                cursor.execute(same, [source])
                assert cursor.fetchall() == [(50,)], digits
        finally:
            connection.close()


def test_a_row_of_a_table_is_scored_once(place: Database, fraud: Path) -> None:
    """Its label is that of its score."""
    connection = psycopg2.connect(place.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("set track_functions = 'all'")
            cursor.execute("select fraud.pack(1, 2, 3)")
            cursor.execute(
                "select pg_stat_get_xact_function_calls(oid) from pg_proc"
                " where pronamespace = 'fraud'::regnamespace and proname ~ '^score_[0-9a-f]{12}$'"
            )
            assert cursor.fetchall() == [(1,)]
    finally:
        connection.close()


LENGTHS = [
    ("array[1, 2]", "model \"fraud\": input \"dense_0_input\" takes 3 numbers, got 2"),
    ("'{}'", "takes 3 numbers, got 0"),
    ("array[[1, 2, 3]]", "takes 3 numbers, got 1x3"),
    ("array[1, 2, 3, 4]", "takes 3 numbers, got 4"),
    ("array[1, null]", "takes 3 numbers, got 2"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), LENGTHS)
def test_a_row_of_another_length_is_refused(
    place: Database, fraud: Path, given: str, message: str
) -> None:
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match=message):
        query(place.dsn_of("clerk"), f"select fraud.score({given}::real[])")
    source = f"select 7 as id, {given}::real[] as x"
    batch = (
        f"select fraud.score_batch(array_agg(id), string_agg(fraud.pack(x), '')) from ({source}) s"
    )
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match=f"key 7: .*{message}"):
        query(place.dsn_of("clerk"), batch)


def test_a_batch_computes_what_is_asked_for(place: Database, fraud: Path) -> None:
    find = "select proname from pg_proc where pronamespace = 'fraud'::regnamespace"
    ((batch,),) = query(place.dsn, f"{find} and proname ~ '^batch_'")
    sql = f"""select array_agg(w.w order by w.w) filter (where b.scores is not null),
      array_agg(w.w order by w.w) filter (where b.labels is not null)
      from unnest('{{score,numbers,label,both,stored}}'::text[]) w (w),
      fraud.{batch}(fraud.pack(1, 2, 3), 1, w.w) b"""
    ((with_scores, with_labels),) = query(place.dsn_of("maker"), sql)
    assert with_scores == ["both", "numbers", "score", "stored"]
    assert with_labels == ["both", "label", "stored"]


def test_arrays_of_other_bounds_are_the_same_row(place: Database, fraud: Path) -> None:
    same = "select fraud.score('[5:7]={1,2,3}'::real[]) = fraud.score(array[1, 2, 3]::real[])"
    assert query(place.dsn_of("clerk"), same) == [(True,)]


SETTINGS = [
    "jit = on; set jit_above_cost = 0; set jit_optimize_above_cost = 0",
    "plan_cache_mode = force_custom_plan",
    "plan_cache_mode = force_generic_plan",
    "debug_parallel_query = on; set parallel_setup_cost = 0",
    "search_path = hostile, pg_catalog",
]


PLANTED = """
create schema if not exists hostile;
grant usage on schema hostile to public;
create or replace function hostile.wrong(float8, float8) returns float8
  language sql as 'select 99.0::float8';
create or replace function hostile.no(float8, float8) returns boolean
  language sql as 'select false';
create or replace function hostile.tanh(float8) returns float8
  language sql as 'select 99.0::float8';
create or replace function hostile.nothing(tools.vector, tools.vector) returns float8
  language sql as 'select 0.0::float8';
drop operator if exists hostile.* (float8, float8), hostile.+ (float8, float8),
  hostile.- (none, float8), hostile.>= (float8, float8), hostile.<#> (tools.vector, tools.vector);
create operator hostile.* (function = hostile.wrong, leftarg = float8, rightarg = float8);
create operator hostile.+ (function = hostile.wrong, leftarg = float8, rightarg = float8);
create operator hostile.- (function = hostile.tanh, rightarg = float8);
create operator hostile.>= (function = hostile.no, leftarg = float8, rightarg = float8);
create operator hostile.<#>
  (function = hostile.nothing, leftarg = tools.vector, rightarg = tools.vector);
"""


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_and_planted_names_change_nothing(
    place: Database, fraud: Path, setting: str
) -> None:
    """Operators and functions of the caller's stand in front of all others in his search_path."""
    query(place.dsn, PLANTED)
    connection = psycopg2.connect(place.dsn_of("clerk"))
    try:
        with connection, connection.cursor() as cursor:
            if connection.info.server_version < 160000:
                setting = setting.replace("debug_parallel_query", "force_parallel_mode")
            cursor.execute(f"set {setting}")
            found = []
            for row in ROWS[:5]:
                cursor.execute("select fraud.score(%s, %s, %s)", row)
                found += [score for (score,) in cursor.fetchall()]
            cursor.execute("select fraud.score('NaN', 1, 2), fraud.label('Infinity', 1, 2)")
            assert [str(value) for (value, _) in cursor.fetchall()] == ["nan"]
    finally:
        connection.close()
    np.testing.assert_allclose(found, scores(fraud, ROWS[:5])[:, 0], rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def people(place: Database) -> None:
    """A model of two words and a date, deployed; clerk may score."""
    ports = (
        Port(
            "texts",
            0,
            (2,),
            "text",
            columns=(Column("job", "text", "missing", 0), Column("city", "text", "missing", 1)),
        ),
        Port("numbers", 1, (1,), "float64", columns=(Column("since", "date", "missing", 2),)),
    )
    words = (("a", "b\\'"), ("", "x"))
    one, none = np.ones(4), np.zeros(2)
    values, defaults = (as_tensor(x, dtype="float64") for x in (one, none))
    nodes = (
        Node(ops.ImputeTexts(("a", "x")), (0,), 2, (2,), "filled"),
        Node(ops.MapTexts(words, values, defaults, defaults, (), ()), (2,), 3, (2,), "coded"),
        Node(ops.Concatenate(0), (3, 1), 4, (3,), "joined"),
    )
    outputs = (Port("y", 4, (3,), "float64"),)
    source = Source("test", "1", "people.h5", "0" * 64)
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        graph = Graph("people", ports, nodes, outputs, source, 0)
        deploy_graph(place.dsn_of("maker"), graph, "people")
    finally:
        databases.ENGINE = before
    query(place.dsn_of("maker"), "grant usage on schema people to clerk")


def test_doubles_become_reals_as_in_numpy(place: Database) -> None:
    """A number beside 0 is on its own side of a threshold; PostgreSQL's cast raises an error."""
    half = 2.0**-150  # of the smallest real
    least, most = 1.401298464324817e-45, 3.4028235677973362e38
    given = [half, math.nextafter(half, 1), 2e-310, least, 1e-40, 1e-37, 0.1, most, 0.0, math.inf]
    given += [math.nextafter(most, 0), math.nextafter(most, math.inf)]
    given += [-number for number in given] + [math.nan]
    found = query(
        place.dsn,
        f"select {as_single(Sql('u.x'))} from unnest(%s::double precision[])"
        " with ordinality as u (x, n) order by u.n",
        [given],
    )
    with np.errstate(all="ignore"):
        wanted = np.array(given).astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal([number for (number,) in found], wanted)


def test_weights_near_the_largest_real_score(place: Database, tmp_path: Path) -> None:
    """The largest number that may be multiplied with them is part of the text."""
    path = tmp_path / "large.h5"
    write_sequential(path, [3, 1], ["linear"])
    graph = simplify(api.read(path).graph)
    (node,) = graph.nodes
    kernel = np.array([[3e38], [1e-42], [-1.0]])
    large = replace(node, op=replace(node.op, kernel=as_tensor(kernel, "kernel"), bias=None))
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        deploy_graph(place.dsn_of("maker"), replace(graph, nodes=(large,)), "large")
    finally:
        databases.ENGINE = before
    assert query(place.dsn, "select large.score(array[0, 1e-3, 2.0]::real[])") == [(-2.0,)]
    api.drop(place.dsn_of("maker"), "large")


def plant_types(cursor: Any) -> None:
    """Domains of the caller's own that stand before PostgreSQL's types of the same names."""
    cursor.execute(
        "create function pg_temp.spy() returns boolean language plpgsql as"
        " $$ begin raise exception 'run as %', current_user; end $$"
    )
    for name in ("text", "bytea", "date", "float8", "float4", "int4", "bool", "vector"):
        base = "text" if name == "vector" else name
        cursor.execute(f"create domain pg_temp.{name} as pg_catalog.{base} check (pg_temp.spy())")


TYPED = [
    "select fraud.score(1, 2, 3), fraud.label('NaN', 2, 3), fraud.pack(1, 2, 3)",
    "select fraud.score(array[1, 'Infinity', 3]::real[]), fraud.label(array[1, 2, 3]::real[])",
    "select fraud.score('[2:4]={1,2,3}'::real[])",
    "select key, label from fraud.label_table('select 1 as id, 1 as a, 2 as b, 3 as c', 'id')",
    "select people.score('a', 'x', '2020-02-03'), people.pack(null, null, null)",
]


@pytest.mark.parametrize("statement", TYPED)
def test_a_callers_types_never_run_as_the_owner(
    place: Database, fraud: Path, people: None, statement: str
) -> None:
    """Types of the session's temporary schema come first under any search_path, and a domain runs
    what its owner likes: here with the rights of the model's owner."""
    connection = psycopg2.connect(place.dsn_of("clerk"))
    try:
        with connection.cursor() as cursor:
            plant_types(cursor)
            cursor.execute(statement)
            assert cursor.fetchall()
    finally:
        connection.close()


def test_an_array_of_a_callers_type_never_runs_as_the_owner(place: Database, fraud: Path) -> None:
    """A version's own function takes reals and doubles, and so is open to any array: casts of
    another's elements are by functions of whoever made their type."""
    connection = psycopg2.connect(place.dsn_of("clerk"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select oid::regproc::text from pg_proc where pronamespace = 'fraud'::regnamespace"
                " and proargtypes = array['anyarray'::regtype]::oidvector and prosecdef"
            )
            names = [name for (name,) in cursor.fetchall()]
            cursor.execute(
                "create type pg_temp.own as (x float8);"
                " create function pg_temp.spy(pg_temp.own) returns double precision"
                " language plpgsql as $$ begin raise exception 'run as %', current_user; end $$;"
                " create cast (pg_temp.own as double precision)"
                " with function pg_temp.spy(pg_temp.own) as implicit"
            )
            connection.commit()
            assert len(names) == 2, names
            for name in names:
                with pytest.raises(psycopg2.errors.DatatypeMismatch, match="neither real"):
                    cursor.execute(f"select {name}(array[row(1), row(2), row(3)]::pg_temp.own[])")
                connection.rollback()
    finally:
        connection.close()


def test_several_inputs_and_outputs(place: Database, tmp_path: Path) -> None:
    path = write_two_by_two(tmp_path / "two.h5")
    assert deploy(place, path, "two", features=list("abcdefg")).verify().is_ok
    same = (
        "select two.score(array[1, 2, 3]::real[], array[[4, 5], [6, 7]]::real[])"
        " = two.score(1, 2, 3, 4, 5, 6, 7)"
    )
    assert query(place.dsn, same) == [(True,)]
    with pytest.raises(
        psycopg2.errors.InvalidParameterValue, match=r"takes 4 \(2x2\) numbers, got 1"
    ):
        query(place.dsn, "select two.score(array[1, 2, 3]::real[], array[4]::real[])")
    api.drop(place.dsn_of("maker"), "two")


def test_what_the_engine_lacks_is_refused_at_once(tmp_path: Path) -> None:
    """Before a server is asked for anything; with the other engine as the way out."""
    rng = np.random.default_rng(0)
    wide = ops.Dense(as_tensor(rng.normal(size=(300, 200)), "k", dtype="float64"))
    source = Source("test", "1", "wide.h5", "0" * 64)
    ports = (Port("x", 0, (300,), "float64"), Port("y", 3, (200,), "float64"))
    nodes = (
        Node(wide, (0,), 1, (200,), "first"),
        Node(ops.Cumulate("sum", 0), (1,), 2, (200,), "second"),
        Node(ops.Unary("sin"), (2,), 3, (200,), "third"),
    )
    graph = Graph("wide", ports[:1], nodes, ports[1:], source, 0)
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        with pytest.raises(UnsupportedError) as caught:
            compile_graph(graph, "wide", target="postgres")
    finally:
        databases.ENGINE = before
    told = {problem.layer: problem for problem in caught.value.problems}
    assert set(told) == {"first", "second", "third"}
    assert "60,000 weights are float64" in told["first"].reason
    assert all("--engine plpython" in problem.advice for problem in told.values())


@pytest.mark.parametrize(
    "options",
    [{"engine": "pgvector"}, {"engine": "pgvector", "weights": "table"}, {}],
    ids=["named", "in a table", "chosen by the server"],
)
def test_a_refusal_does_not_wait_for_sample_rows(
    place: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, str]
) -> None:
    """Whose scores by the framework may take minutes."""
    path = write_sequential(tmp_path / "broad.h5", [2_000, 1_001, 1], ["linear", "linear"])

    def ask(*arguments: Any) -> Any:
        raise AssertionError("sample rows were scored")

    monkeypatch.setattr(preparing, "_ask", ask)
    with pytest.raises(UnsupportedError, match=r'model "wide" .*2,004,003 weights'):
        api.deploy(api.read(path), place.dsn_of("maker"), name="wide", **options)


def test_a_server_without_the_extension_says_so(bare_database: Database, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 1], ["linear"])
    with pytest.raises(DatabaseError, match=r"extension vector .* is not installed"):
        api.deploy(
            api.read(path), bare_database.dsn, target="postgres", engine="pgvector", name="m"
        )


OUT_OF_REACH = [
    (
        'alter extension vector set schema "a$function$"',
        "alter extension vector set schema tools",
        "whose name would end a function's text",
        "set schema public",
    ),
    (
        "revoke usage on schema tools from maker",
        "grant usage on schema tools to maker",
        "may not use",
        "grant usage on schema tools to maker;",
    ),
    (
        "update pg_extension set extversion = '0.4.4' where extname = 'vector'",
        "update pg_extension set extversion = '0.6.2' where extname = 'vector'",
        "version 0.4.4, and 0.5 is needed",
        "alter extension vector update;",
    ),
]


@pytest.mark.parametrize(("statement", "undo", "message", "advice"), OUT_OF_REACH)
def test_an_extension_out_of_reach_says_so(
    place: Database, tmp_path: Path, statement: str, undo: str, message: str, advice: str
) -> None:
    """At the deployment, and to doctor, with what mends it."""
    query(place.dsn, 'create schema if not exists "a$function$"')
    query(place.dsn, 'grant usage on schema "a$function$" to maker')
    path = write_sequential(tmp_path / "m.h5", [3, 1], ["linear"])
    query(place.dsn, statement)
    try:
        with pytest.raises(DatabaseError, match=f"{message}(.|\n)*{advice}"):
            deploy(place, path, "m", engine="pgvector")
        (check,) = (c for c in api.doctor(place.dsn_of("maker")) if c.name == "pgvector")
    finally:
        query(place.dsn, undo)
    assert check.level == "fail" and message in check.finding and advice in check.advice


def test_auto_takes_what_the_server_has(place: Database, fraud: Path) -> None:
    script = api.script(
        api.read(fraud),
        target="postgres",
        name="other",
        server=place.dsn_of("maker"),
        expected_by="float64",
    )
    assert "engine pgvector" in script.choice and "PL/Python: not " in script.choice
    levels = {check.name: check.level for check in api.doctor(place.dsn_of("maker"))}
    assert levels["PL/Python"] == levels["pgvector"] == "ok"
    assert {entry.state for entry in api.models(place.dsn_of("maker"))} == {"ok"}
    assert api.repair(place.dsn_of("maker"), "fraud").was_there


@pytest.fixture(scope="module")
def secret(place: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network of fraud, with its weights in a table; its file."""
    path = tmp_path_factory.mktemp("secret") / "secret.h5"
    write_sequential(path, [3, 4, 2], ["sigmoid", "softmax"])
    deploy(place, path, "secret", features=ABC, engine="pgvector", weights="table")
    query(place.dsn_of("maker"), "grant usage on schema secret to clerk")
    return path


def texts_with_weights(place: Database, name: str, path: Path) -> list[str]:
    """The functions of a model in whose text somebody who may connect finds a weight of it."""
    nodes = simplify(api.read(path).graph).nodes
    kernels = [np.abs(node.op.kernel).ravel() for node in nodes if isinstance(node.op, ops.Dense)]
    parts = {np.format_float_positional(weight)[1:6] for weight in np.concatenate(kernels)}
    sql = "select proname, prosrc from pg_proc where pronamespace = %s::regnamespace order by 1"
    return [
        function.rpartition("_")[0]
        for function, text in query(place.dsn_of("clerk"), sql, [name])
        if any(part in text for part in parts)
    ]


def test_weights_in_a_table_are_their_owners(place: Database, fraud: Path, secret: Path) -> None:
    """Others score, and find no weight in any text, table or function that they may read."""
    values = ", ".join(f"({', '.join(f'{repr(x)!r}::float8' for x in row)})" for row in ROWS)
    sql = f"select secret.score(a, b, c) from (values {values}) as v (a, b, c)"
    found = [score for (score,) in query(place.dsn_of("clerk"), sql)]
    np.testing.assert_allclose(found, scores(secret, ROWS), rtol=0, atol=1e-6, equal_nan=True)
    assert texts_with_weights(place, "secret", secret) == []
    assert texts_with_weights(place, "fraud", fraud)[-1:] == ["score"]
    names = "select proname from pg_proc where pronamespace = 'secret'::regnamespace"
    readers = [
        name for (name,) in query(place.dsn, names) if name.startswith(("weights_", "kernels_"))
    ]
    assert len(readers) == 2
    for name in readers:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(place.dsn_of("clerk"), f"select secret.{name}(1)")
    (table,) = [name for name in readers if name.startswith("weights_")]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(place.dsn_of("clerk"), f"select * from secret.{table}")


def test_a_registry_of_another_role_is_one_finding(place: Database, fraud: Path) -> None:
    """Told to a superuser, to a second role and by a script, without a mend for each of a hundred
    functions; where no superuser is, none can install."""
    statements = exporter.installation(target="postgres").statements
    script = "; ".join(statement.sql for statement in statements)
    asked: list[Callable[[str], Any]] = [api.models, api.doctor, lambda dsn: query(dsn, script)]
    for dsn, words in (
        (place.dsn, "drop schema export_model cascade"),
        (place.dsn_of("clerk"), "PGOPTIONS='-c role=maker'"),
    ):
        for ask in asked:
            try:
                answer = str(ask(dsn))
            except (DatabaseError, psycopg2.Error) as error:
                answer = str(error)
            assert "belongs to role maker" in answer or 'belongs to role "maker"' in answer
            assert words in answer
            assert "drop function" not in answer
            of_registry = [line for line in answer.splitlines() if "plpython3u" not in line]
            assert "export-model install" not in str(of_registry)
            assert len(answer.splitlines()) < 15
    for call in (api.verify, exporter.versions, exporter.rollback, api.drop):
        with pytest.raises(DatabaseError, match='belongs to role "maker", whose rights') as caught:
            call(place.dsn_of("clerk"), "fraud")
        assert "PGOPTIONS='-c role=maker'" in str(caught.value)
        assert "To score it, role clerk has what it takes" in str(caught.value)
    acting = place.dsn_of("maker", "-c%20role%3Dmaker")
    assert api.verify(acting, "fraud").is_ok


def test_who_can_read_weights_is_said(place: Database, fraud: Path, secret: Path) -> None:
    for file, options, said in (
        (fraud, {"engine": "auto"}, True),
        (fraud, {"engine": "pgvector", "weights": "function"}, True),
        (secret, {"engine": "pgvector", "weights": "table"}, False),
    ):
        made = api.script(api.read(file), target="postgres", server=place.dsn, name="n", **options)
        assert ("all who may connect can read" in made.choice) == said
        assert (
            "create extension if not exists vector;" in made.advice
        )  # `install` does not bring it


def test_weights_stay_where_they_are(place: Database, secret: Path, tmp_path: Path) -> None:
    """In a new version that does not say, a repair and a rollback; and nothing is left of them."""
    maker = place.dsn_of("maker")
    path = write_sequential(tmp_path / "later.h5", [3, 5, 2], ["sigmoid", "softmax"])
    for name, options in (("early", {"engine": "pgvector"}), ("late", {})):
        deploy(place, secret, name, engine="pgvector", weights="table")
        deploy(place, path, name, **options)
        forms = "select distinct engine from export_model.versions where model = %s"
        assert query(place.dsn, forms, [name]) == [("pgvector-table",)]
        first = f"select count(*) from pg_class where relnamespace = '{name}'::regnamespace"
        tables = f"{first} and relkind = 'r'"
        assert query(place.dsn, tables) == [(2,)]
        exporter.rollback(maker, name)
        query(place.dsn, f"drop function {name}.score(real[]) cascade")
        api.repair(maker, name)
        assert api.verify(maker, name).is_ok
        exporter.drop_version(maker, name, "2")
        assert query(place.dsn, tables) == [(1,)]
        api.drop(maker, name)
        assert query(place.dsn, "select from pg_namespace where nspname = %s", [name]) == []


def test_weights_leave_their_table_without_a_trace(place: Database, secret: Path) -> None:
    """What somebody did to the table is noticed and mended; deployed into functions, it is gone."""
    maker = place.dsn_of("maker")
    deploy(place, secret, "moved", engine="pgvector", weights="table")
    made = "select relname from pg_class where relnamespace = 'moved'::regnamespace"
    ((table,),) = query(place.dsn, f"{made} and relkind = 'r'")

    def state() -> str:
        (found,) = (entry for entry in api.models(maker) if entry.model == "moved")
        return found.state.replace('"', "")

    for damage, said in (
        (
            f"update moved.{table} set vector = tools.vector_add(vector, vector)",
            f"moved.{table} was altered",
        ),
        (f"delete from moved.{table} where place < 0", f"moved.{table} was altered"),
        (
            f"alter table moved.{table} alter bytes type text",
            f"moved.{table} is not as export-model makes it",
        ),
        (f"drop table moved.{table}", f"moved.{table} is missing"),
    ):
        query(place.dsn, damage)
        assert said in state(), damage
        if "type text" in damage:
            with pytest.raises(DatabaseError, match=f'drop table "moved"."{table}";'):
                api.repair(maker, "moved")
            continue
        api.repair(maker, "moved")
        assert state() == "ok"
    deploy(place, secret, "moved", engine="pgvector", weights="function")
    assert query(place.dsn, f"{made} and relkind = 'r'") == []
    names = "select proname from pg_proc where pronamespace = 'moved'::regnamespace"
    assert not [name for (name,) in query(place.dsn, names) if name.startswith(("wei", "ker"))]
    assert state() == "ok"
    api.drop(maker, "moved")


def test_weights_that_no_transaction_sees_are_no_null(place: Database, secret: Path) -> None:
    """A plan would keep it for the session."""
    ((table,),) = query(
        place.dsn,
        "select oid::regclass::text from pg_class where relname ~ '^weights_[0-9a-f]{12}$'"
        " and relnamespace = 'secret'::regnamespace",
    )
    connection = psycopg2.connect(place.dsn_of("maker"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"update {table} set vector = null")
            with pytest.raises(psycopg2.errors.RaiseException, match="are not there"):
                cursor.execute("select secret.score(1, 2, 3)")
    finally:
        connection.close()


def test_plans_that_hold_weights_are_not_printed(place: Database, secret: Path) -> None:
    """Whoever scores may set what PostgreSQL tells him of its plans."""
    connection = psycopg2.connect(place.dsn_of("clerk"))
    try:
        with connection.cursor() as cursor:
            cursor.execute("set client_min_messages = log; set debug_print_plan = on")
            del connection.notices[:]
            for row in ("1, 2, 3", "1, 'NaN', 3"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="print weights"):
                    cursor.execute(f"select secret.score({row})")
                connection.rollback()
                cursor.execute("set client_min_messages = log; set debug_print_plan = on")
            told = "".join(connection.notices)
            assert "PLANNEDSTMT" in told and told.count("CONST") < 100
    finally:
        connection.close()


def test_the_careful_function_prints_no_weights_either(place: Database, secret: Path) -> None:
    """The right on it comes with `on all functions in schema`, or by default privileges."""
    maker = place.dsn_of("maker")
    query(maker, "grant execute on all functions in schema secret to clerk")
    sql = (
        "select proname from pg_proc where pronamespace = 'secret'::regnamespace"
        " and proname like 'careful%'"
    )
    ((name,),) = query(maker, sql)
    (dense, *_) = [
        n.op for n in simplify(api.read(secret).graph).nodes if isinstance(n.op, ops.Dense)
    ]
    connection = psycopg2.connect(place.dsn_of("clerk"))
    try:
        with connection.cursor() as cursor:
            cursor.execute("set client_min_messages = log; set debug_print_plan = on")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="print weights"):
                cursor.execute(f"select secret.{name}(array[1, 2, 3]::float8[])")
            printed = "".join("".join(connection.notices).split())
    finally:
        connection.close()
        query(maker, "revoke execute on all functions in schema secret from clerk")
    kernel = np.frombuffer(np.asarray(dense.kernel.T, "<f4").tobytes(), np.int8)[:8]
    assert "PLANNEDSTMT" in printed and "".join(map(str, kernel)) not in printed


def test_other_weights_than_those_of_dense_layers_stay_out_of_tables() -> None:
    """Nothing is hidden by half."""
    table = as_tensor(np.ones((5, 2)), "table")
    source = Source("test", "1", "words.h5", "0" * 64)
    nodes = (Node(ops.Embedding(table), (0,), 1, (3, 2), "words"),)
    graph = Graph("words", (Port("x", 0, (3,)),), nodes, (Port("y", 1, (3, 2)),), source, 0)
    (problem,) = find_stored_problems(graph)
    assert problem.layer == "words" and "its table would stand in the text" in problem.reason
    assert not find_problems(graph)


def test_weights_are_no_question_for_another_engine(tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 1], ["linear"])
    with pytest.raises(SignatureError, match="is for the engine pgvector"):
        api.script(api.read(path), target="postgres", name="m", engine="plpython", weights="table")


def test_a_lost_extension_is_named_with_what_to_do(pgvector_server: Any, tmp_path: Path) -> None:
    """Dropped, it takes weights in tables along, and leaves functions that raise errors; moved, or
    made in another schema, it is not where functions seek it. Who needs no vectors stays well."""
    network = write_sequential(tmp_path / "network.h5", [3, 4, 1], ["relu", "linear"])
    rng = np.random.default_rng(0)
    line = tmp_path / "line.joblib"
    joblib.dump(LinearRegression().fit(rng.normal(size=(9, 3)), rng.normal(size=9)), line)
    with make_database(pgvector_server, "lost"):
        dsn = Database(pgvector_server, "lost").dsn
        query(dsn, "create extension vector")
        for name, file, options in (
            ("texts", network, {}),
            ("stored", network, {"engine": "pgvector", "weights": "table"}),
            ("line", line, {}),
        ):
            of_all = {"target": "postgres", "expected_by": "float64", "features": ABC}
            api.deploy(api.read(file), dsn, name=name, **of_all, **options)

        def told(name: str) -> list[str]:
            """What list, doctor and verify say of a damaged model, each with what to do."""
            (entry,) = (entry for entry in api.models(dsn) if entry.model == name)
            checks = [str(check) for check in api.doctor(dsn) if check.name == f"model {name}"]
            return [f"{entry.state}; {entry.advice}", *checks, str(api.verify(dsn, name))]

        query(dsn, "drop extension vector cascade")
        for name, finds in (("texts", 3), ("stored", 5)):
            found = told(name)
            assert len(found) == finds, found
            for text in (found[0], found[1], found[-1]):
                assert f'the extension vector is missing, with which model "{name}"' in text
            first = "create extension vector; then: export-model repair --name"
            assert all(f"{first} {name} --dsn ...; or" in text for text in found)
        assert "has lost its column vector, which is the weights" in told("stored")[-1]
        assert [entry.state for entry in api.models(dsn) if entry.model == "line"] == ["ok"]

        query(dsn, "create schema tools; create extension vector schema tools")
        for name in ("texts", "stored"):
            found = told(name)
            assert all(f"export-model repair --name {name}" in text for text in found)
            assert "seeks the extension vector elsewhere than in schema tools" in found[-1]
            api.repair(dsn, name)
            assert api.verify(dsn, name).is_ok
        assert {entry.state for entry in api.models(dsn)} == {"ok"}
