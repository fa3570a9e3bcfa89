"""Convolutions and recurrent layers by the engine pgvector: scores, guards, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import databases
import numpy as np
import psycopg2
import pytest
from databases import Database, make_database

import exporter
from database.networks import compile_graph, deploy_graph, query, write_h5
from database.sequences import Branches, of_all_kinds, that_fade, that_grow
from exporter.engines.pgvector import work
from exporter.engines.pgvector.limits import find_problems, find_stored_problems
from exporter.engines.reference import evaluate
from exporter.errors import SignatureError, UnsupportedError
from exporter.ir import ops
from exporter.ir.graph import Graph, Port
from exporter.ir.ops import Op, as_tensor
from exporter.ir.passes import simplify
from exporter.ir.plan import Plan, plan_graph
from exporter.ir.signature import sign

HARD = [float("nan"), np.inf, -np.inf, 1e30, -1e30, 1e16, -1e16, 1e-42, -0.0, 3e38, 900.0, -0.001]


@pytest.fixture(scope="module")
def place(pgvector_server: Any) -> Iterator[Database]:
    """A database with the extension."""
    with make_database(pgvector_server, "sequences"):
        database = Database(pgvector_server, "sequences")
        query(database.dsn, "create extension vector")
        yield database


def deploy(place: Database, graph: Graph) -> Plan:
    """By the engine pgvector."""
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        return deploy_graph(place.dsn, graph, graph.name)
    finally:
        databases.ENGINE = before


def rows_of(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Ordinary rows, one with steps of zeros, then rows with hard numbers in some places."""
    rng = np.random.default_rng(11)
    rows = [rng.normal(0, size, shape) for size in (0.3, 1.0, 3.0, 100.0)]
    rows[1][: shape[0] // 2 : 2] = 0
    rows += [np.zeros(shape), np.full(shape, 1e-42)]
    for n, number in enumerate(HARD):
        row = rng.normal(0, 1, shape)
        row[rng.integers(shape[0], size=1 + n % 3), rng.integers(shape[1])] = number
        rows.append(row)
    return [row.astype(np.float32) for row in rows]


def differences(
    place: Database, graph: Graph, plan: Plan, rows: list[np.ndarray], most: float
) -> list[str]:
    """Which outputs of which rows are not what the network gives in float64, or float32."""
    name = graph.name
    fields = ", ".join(f"(s.r).{port.name}" for port in graph.outputs)
    fields = "s.r" if len(graph.outputs) == 1 else fields
    given = [row.ravel().tolist() for row in rows]
    # Row by row: a session. "offset 0" keeps the call from being made anew for each output.
    statement = f"select {fields} from (select {name}.score(%s::real[]) as r offset 0) s"
    wanted = [evaluate(plan, [np.stack(rows)], kind) for kind in ("float64", "float32")]
    wrong = []
    connection = psycopg2.connect(place.dsn)
    try:
        with connection, connection.cursor() as cursor:
            for n, row in enumerate(given):
                cursor.execute(statement, [row])
                (found,) = cursor.fetchall()
                for port, actual, *both in zip(graph.outputs, found, *wanted, strict=True):
                    y = np.atleast_1d(np.array(actual, np.float64))
                    if not any(is_close(y, scores[n].ravel(), most) for scores in both):
                        wrong.append(f"row {n}, {port.name}: {y[:4]} for {both[0][n].ravel()[:4]}")
    finally:
        connection.close()
    return wrong


def is_close(found: np.ndarray, wanted: np.ndarray, most: float) -> bool:
    """Within what is promised, or the same as a real number."""
    with np.errstate(over="ignore", invalid="ignore"):
        single = wanted.astype(np.float32).astype(np.float64)
        close = np.isclose(found, wanted, rtol=most, atol=most, equal_nan=True)
    return bool((close | (found == single)).all())


@pytest.mark.parametrize(
    ("make", "most"),
    [(of_all_kinds, 1e-5), (that_fade, 1e-5), (that_grow, 1e-3)],  # whose roundings grow too
)
def test_layers_over_sequences_score_as_numpy(
    place: Database, make: Callable[[], Graph], most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of ordinary numbers by vectors, others in double precision."""
    monkeypatch.setattr(work, "MOST", 10_000)  # for many networks in one
    graph = make()
    plan = deploy(place, graph)
    shape = tuple(n or 0 for n in graph.inputs[0].shape)
    assert differences(place, graph, plan, rows_of(shape), most) == []


COLUMNS = ["u", "v", "w"]
NOTHING = -1.0  # what a step holds that does not count


def write_lstm(path: Path, activation: str = "softmax") -> Path:
    """A Keras model of windows of 5 rows: Masking, an LSTM, and two classes or numbers."""
    rng = np.random.default_rng(2)
    layers = [
        ("Masking", {"mask_value": NOTHING, "batch_input_shape": [None, 5, 3]}),
        ("LSTM", {"units": 4}),
        ("Dense", {"units": 2, "activation": activation}),
    ]
    weights: dict[str, dict[str, Any]] = {
        "masking": {},
        "lstm": {
            "kernel": rng.normal(size=(3, 16)),
            "recurrent_kernel": rng.normal(size=(4, 16)),
            "bias": rng.normal(size=16),
        },
        "dense": {"kernel": rng.normal(size=(4, 2)), "bias": np.zeros(2)},
    }
    config = [
        {"class_name": kind, "config": {"name": kind.lower(), **options}}
        for kind, options in layers
    ]
    body = {"class_name": "Sequential", "config": {"name": "m", "layers": config}}
    return write_h5(path, body, weights)


@pytest.fixture(scope="module")
def rolling(place: Database, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The model over the rows of a table, with labels, filled before the first rows; its plan."""
    path = write_lstm(tmp_path_factory.mktemp("rolling") / "m.h5")
    deployed = exporter.deploy(
        exporter.read(path), place.dsn, name="roll", features=COLUMNS, pad="before",
        labels=["calm", "wild"], expected_by="float64",
    )  # fmt: skip
    assert deployed.verify().is_ok
    query(
        place.dsn,
        "create table readings as select g as id, chr(65 + g % 3) as series, g as place,"
        " sin(g) as u, case when g % 29 = 0 then null else cos(g) end as v, (g % 7)::real as w"
        " from generate_series(1, 5000) g",
    )
    graph = simplify(exporter.read(path).graph)
    return plan_graph(graph, sign(graph, "roll"))


def windows_of_readings(place: Database) -> dict[str, np.ndarray | None]:
    """By the key of the last row; filled where rows are few, None where one has a NULL."""
    rows = query(place.dsn, "select id::text, series, u, v, w from readings order by place")
    found: dict[str, np.ndarray | None] = {}
    for series in "ABC":
        own = [(key, numbers) for key, of, *numbers in rows if of == series]
        for end in range(1, len(own) + 1):
            window = [numbers for _, numbers in own[max(0, end - 5) : end]]
            window = [[NOTHING] * 3] * (5 - len(window)) + window
            has_null = any(number is None for row in window for number in row)
            found[own[end - 1][0]] = None if has_null else np.array(window, np.float64)
    return found


def test_windows_over_rows_are_scored_and_stored(place: Database, rolling: Plan) -> None:
    """Each once, with what the network gives, over several fetches; and by several jobs."""
    call = "select * from roll.{}_windows('readings', 'id', 'series', 'place')"
    windows = windows_of_readings(place)
    whole = {key: window for key, window in windows.items() if window is not None}
    (y,) = evaluate(rolling, [np.stack(list(whole.values())).astype(np.float32)])
    wanted = dict(zip(whole, y, strict=True))
    scores = dict(query(place.dsn, call.format("score")))
    assert scores.keys() == windows.keys()
    assert {key for key, score in scores.items() if score is not None} == whole.keys()
    for key, score in wanted.items():
        np.testing.assert_allclose(scores[key], score, rtol=0, atol=1e-5)
    labels = dict(query(place.dsn, call.format("label")))
    names = {key: ["calm", "wild"][int(score.argmax())] for key, score in wanted.items()}
    assert labels == dict.fromkeys(windows) | names
    exporter.score_table(
        place.dsn, "roll", "readings", key="id", into="kept", order_by="place",
        partition_by="series", jobs=2,
    )  # fmt: skip
    kept = query(place.dsn, "select key::text, score, label from kept")
    assert {key: (score, label) for key, score, label in kept} == {
        key: (scores[key], labels[key]) for key in windows
    }


def test_a_row_of_another_length_is_named(place: Database, rolling: Plan, tmp_path: Path) -> None:
    """Rows as arrays: NULL in one is a NULL score, another length an error with the key."""
    path = write_lstm(tmp_path / "m.h5")
    exporter.deploy(exporter.read(path), place.dsn, name="arrays", window=5, expected_by="float64")
    source = (
        "select g as id, case g when 7 then null when 12 then '{{{{1}},{{2}},{{null}}}}'"
        " when 19 then {} else array[1, g, 2]::float8[] end as masking_input"
        " from generate_series(1, 24) g"
    )
    call = "select key from arrays.score_windows(%s, 'id', null, 'id') s where s.score is null"
    good = source.format("'[4:6]={1,2,3}'::float8[]")
    found = query(place.dsn, call, [good])
    assert [int(key) for (key,) in found] == [*range(7, 12), *range(12, 17)]
    with pytest.raises(
        psycopg2.errors.InvalidParameterValue,
        match='key 19: model "arrays": a row of a window has 3 numbers, got 2',
    ):
        query(place.dsn, call, [source.format("array[1, 2]::float8[]")])


def test_a_scaler_of_rows_is_applied_in_each_window(place: Database, tmp_path: Path) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    path = write_lstm(tmp_path / "m.h5")
    rows = np.array(
        query(place.dsn, "select sin(g), cos(g), g % 7 from generate_series(1, 40) g"), float
    )
    scaler = preprocessing.StandardScaler().fit(rows)
    exporter.deploy(
        [scaler, path], place.dsn, name="scaled", features=COLUMNS, window=5,
        expected_by="float64",
    )  # fmt: skip
    source = "select g as id, sin(g) as u, cos(g) as v, g % 7 as w from generate_series(1, 40) g"
    call = "select score from scaled.score_windows(%s, 'id', null, 'id') order by key::integer"
    found = np.array([score for (score,) in query(place.dsn, call, [source])])
    plan_graph_of = simplify(exporter.read(path).graph)
    plan = plan_graph(plan_graph_of, sign(plan_graph_of, "m"))
    view = np.lib.stride_tricks.sliding_window_view(scaler.transform(rows), 5, axis=0)
    (wanted,) = evaluate(plan, [np.ascontiguousarray(view.transpose(0, 2, 1))])
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_what_windows_cannot_be_is_refused(tmp_path: Path) -> None:
    """Before a server is asked for anything."""
    path = write_lstm(tmp_path / "m.h5")
    shared: dict[str, Any] = {"target": "postgres", "name": "m", "engine": "pgvector"}
    with pytest.raises(SignatureError, match=r"has no forecasts: .* --engine plpython"):
        plain = exporter.read(write_lstm(tmp_path / "plain.h5", "linear"))
        exporter.script(plain, features=COLUMNS, forecast=["u", "v"], **shared)
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    scaler = preprocessing.StandardScaler().fit(np.random.default_rng(0).normal(size=(9, 3)))
    with pytest.raises(SignatureError, match=r"does not fill windows .* --engine plpython"):
        exporter.script([scaler, path], features=COLUMNS, window=5, pad="before", **shared)


SETTINGS = [
    "jit = on; set jit_above_cost = 0; set jit_optimize_above_cost = 0",
    "plan_cache_mode = force_custom_plan",
    "plan_cache_mode = force_generic_plan",
    "debug_parallel_query = on; set parallel_setup_cost = 0",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_change_nothing(place: Database, rolling: Plan, setting: str) -> None:
    """Of rows by vectors and others, in all forms of a window."""
    numbers = "array[1, 2, 3, 4, {}, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6]::real[]"
    flat = ", ".join(
        f"roll.score({numbers.format(number)})::text" for number in ("5", "'NaN'", "1e30")
    )
    rows = "'{{1,2,3},{4,5,6},{7,8,9},{1,2,3},{4,5,6}}'::real[]"
    sql = f"select {flat}, roll.score({rows})::text, roll.label({rows}), roll.pack({rows})"
    plain = query(place.dsn, sql)
    connection = psycopg2.connect(place.dsn)
    try:
        if connection.server_version < 160000:
            setting = setting.replace("debug_parallel_query", "force_parallel_mode")
        with connection.cursor() as cursor:
            cursor.execute(f"set {setting}")
            cursor.execute(sql)
            found = cursor.fetchall()
    finally:
        connection.close()
    assert [str(cell) for cell in found[0][:-1]] == [str(cell) for cell in plain[0][:-1]]
    assert bytes(found[0][-1]) == bytes(plain[0][-1])
    assert found[0][0] == found[0][3] and "NaN" in found[0][1]


def lstm(steps: int, units: int, columns: int = 4, function: str = "tanh") -> Graph:
    """One LSTM, whose last state is the score."""
    b = Branches((steps, columns))
    b.output(b.recurrent("Lstm", 0, units, function=(function, ()), result="last"))
    return b.graph("lstm")


def conv_over_images() -> Graph:
    b = Branches((6, 6, 1))
    b.output(b.add(ops.Conv(b.weights(3, 3, 1, 2), None, (1, 1), (1, 1), "valid", 1), 0))
    return b.graph("images")


def in_double() -> Graph:
    """A convolution with weights of float64."""
    kernel = as_tensor(np.ones((2, 1, 1)), "kernel", dtype="float64")
    b = Branches((5, 1))
    b.output(b.add(ops.Conv(kernel, None, (1,), (1,), "valid", 1), 0))
    graph = b.graph("double")
    ports = (Port("x", 0, (5, 1), "float64"),), (Port("y", 1, (4, 1), "float64"),)
    return replace(graph, inputs=ports[0], outputs=ports[1])


REFUSED = [
    (lstm(60, 100), "model", "a row of it would take about 2.3 ms, 2.3 of them in \"lstm_1\""),
    (lstm(3, 2, function="softmax"), "lstm_1", "the engine pgvector has no softmax in it"),
    (conv_over_images(), "conv_1", "it slides along 2 axes"),
    (in_double(), "conv_1", "it is in float64, which no vector holds"),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "where", "reason"), REFUSED)
def test_what_is_too_much_is_refused_with_the_figure(graph: Graph, where: str, reason: str) -> None:
    """And with what takes it."""
    databases.ENGINE, before = "pgvector", databases.ENGINE
    try:
        with pytest.raises(UnsupportedError) as caught:
            compile_graph(graph, "model", target="postgres")
    finally:
        databases.ENGINE = before
    (problem,) = caught.value.problems
    assert reason in problem.reason and "--engine plpython" in problem.advice
    assert where in (problem.layer, problem.what)


def test_weights_in_tables_are_for_dense_layers_alone() -> None:
    (problem,) = find_stored_problems(lstm(3, 2))
    assert problem.layer == "lstm_1" and "would stand in the text of a function" in problem.reason
    b = Branches((7, 3))
    b.output(b.dense(b.dense(0, 4, "tanh"), 2))
    assert not find_stored_problems(b.graph("steps"))


def test_a_layer_of_sequences_is_estimated_as_it_was_measured() -> None:
    """Microseconds of decision 28, within a third; what is longest a row is told by its layer."""
    for graph, measured in (
        (lstm(10, 32, 8), 104),
        (lstm(30, 50, 14), 462),
        (lstm(50, 100, 24), 2057),
    ):
        assert sum(work.estimate(graph).values()) == pytest.approx(measured, rel=1 / 3)
    assert find_problems(lstm(40, 100)) == []


def one_layer(shape: tuple[int, ...], add: Callable[[Branches], int]) -> Graph:
    b = Branches(shape)
    b.output(add(b))
    return b.graph("one")


def normal_of_sum(b: Branches) -> int:
    normal = ops.LayerNormalization((1,), 1e-3, b.weights(16), b.weights(16))
    return b.add(normal, b.add(ops.Add(), 0, 0))


def behind_conv(*more: Op, function: str = "linear") -> Callable[[Branches], int]:
    """16 filters, and what follows them."""
    return lambda b: reduce(lambda value, op: b.add(op, value), more, b.conv(0, 16, 5, function))


def mean_of_words(b: Branches) -> int:
    return b.add(ops.Reduce("mean", (0,)), b.add(ops.Embedding(b.weights(1_000, 32)), 0))


def around(b: Branches) -> int:
    """A sum of what comes in and a convolution of it."""
    joined = b.add(ops.Add(), 0, b.conv(0, 16, 3, padding="same"))
    return b.add(ops.Reduce("max", (1,)), joined)


FLAT = ops.Reshape((96 * 16,))


@pytest.mark.parametrize(
    ("shape", "add", "measured"),
    [
        ((100, 1), behind_conv(ops.Softmax(1)), 471),
        ((100, 1), behind_conv(ops.Softmax(1), ops.Reduce("mean", (0,))), 446),
        ((100, 1), behind_conv(ops.LogSoftmax(1)), 428),
        ((100, 1), behind_conv(ops.Softmax(0)), 482),
        ((60, 4), lambda b: b.add(ops.Softmax(1), b.conv(0, 64, 3, "linear")), 938),
        ((100, 1), behind_conv(function="sigmoid"), 335),
        ((100, 1), behind_conv(function="exponential"), 285),
        ((100, 1), behind_conv(ops.Unary("abs")), 153),
        ((100, 1), behind_conv(FLAT, ops.Activation("gelu")), 3_528),
        ((100,), mean_of_words, 426),
        ((100, 16), around, 424),
        ((60, 4), lambda b: b.recurrent("SimpleRnn", 0, 16, function=("gelu", ())), 600),
        ((60, 4), lambda b: b.recurrent("Lstm", 0, 16, function=("gelu", ())), 1_430),
        ((60, 4), lambda b: b.conv(0, 16, 3, "gelu", "same"), 670),
        ((880, 16), lambda b: b.conv(0, 1, 200, padding="same"), 26_000),
        ((988, 16), lambda b: b.conv(0, 16, 3, padding="causal", gap=200), 84_000),
        ((208, 64), lambda b: b.conv(0, 64, 9, padding="same", groups=16), 3_850),
        ((1449, 8), lambda b: b.pool(0, "max", 5, 1, "same"), 3_300),
        ((230, 16), normal_of_sum, 2_570),
    ],
    ids=[
        "softmax of rows",
        "and their mean",
        "logarithms of it",
        "softmax along time",
        "of many",
        "sigmoid in Conv1D",
        "exp in Conv1D",
        "abs behind Conv1D",
        "gelu of a flat value",
        "mean of embeddings",
        "sum of values",
        "gelu in SimpleRNN",
        "in LSTM",
        "in Conv1D",
        "taps",
        "dilation",
        "groups",
        "pooling",
        "normalization without a loop",
    ],
)
def test_slow_functions_and_wide_windows_count(
    shape: tuple[int, ...], add: Callable[[Branches], int], measured: float
) -> None:
    """Within a factor of two of decision 28; some took 40 times the estimate."""
    estimated = sum(work.estimate(one_layer(shape, add)).values())
    assert measured / 1.9 < estimated < measured * 1.9
