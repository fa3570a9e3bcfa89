"""Measure models of trees in SQL beside their own libraries, on one core, by CPU time.

    python benchmarks/trees.py [--rows N] [--runs N] [--only NAME,...]

Starts a private PostgreSQL; needs xgboost, lightgbm and scikit-learn, and takes onnxruntime with
onnxmltools along where they are installed. Competitors take turns (a b c a b c ...), because a
machine's speed drifts, and the medians of their CPU seconds are compared: use the ratios. A
backend's seconds are all of its process, with reading and packing rows, a library's those of
predict() on an array that lies in memory.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy

import argparse
import importlib.util
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import exporter

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

FEATURES = 28
TICKS = os.sysconf("SC_CLK_TCK")
ONE_ROW_CALLS = 2000
CHUNK = 4096  # rows that a library's predict() gets at once
Predict = Callable[[Any], Any]


@dataclass(frozen=True)
class Model:
    """A trained model: the object to export, its predict(array), and its goals as ratios."""

    name: str
    trained: Any
    predict: Predict
    goal: str


def train(names: set[str] | None) -> list[Model]:
    """The models of the table, trained on the same rows."""
    import lightgbm
    import xgboost
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(7)
    x = random.normal(size=(40_000, FEATURES)).astype(np.float32)
    s = x[:, 0] + x[:, 1] * x[:, 2] + np.sin(3 * x[:, 3]) + random.normal(size=len(x))
    y = (s > 0).astype(int)
    models = []
    for depth in (6, 4):
        options = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.1, "nthread": 1}
        booster = xgboost.train(options, xgboost.DMatrix(x, label=y), 300)
        predict = _of_xgboost(booster)
        goal = "<= 1.8 x the library" if depth == 6 else ""
        models.append(Model(f"xgboost 300 x {depth}", booster, predict, goal))
    options = {"objective": "binary", "num_leaves": 31, "verbose": -1, "num_threads": 1}
    light = lightgbm.train(options, lightgbm.Dataset(x, label=y), 300)
    models.append(Model("lightgbm 300 x 31 leaves", light, light.predict, ""))
    for depth in (10, 16):
        forest = RandomForestClassifier(100, max_depth=depth, n_jobs=1, random_state=1).fit(x, y)
        goal = "<= 0.8 x the library"
        models.append(Model(f"forest 100 x {depth}", forest, forest.predict_proba, goal))
    return [model for model in models if names is None or model.name in names]


def _of_xgboost(booster: Any) -> Predict:
    booster.set_param({"nthread": 1})
    return lambda rows: booster.inplace_predict(rows)


def onnx_of(model: Model, folder: Path) -> Predict | None:
    """The model of XGBoost in onnxruntime, one thread; None where that is not installed."""
    if not model.name.startswith("xgboost"):
        return None
    if not all(map(importlib.util.find_spec, ("onnxruntime", "onnxmltools"))):
        return None
    import onnxmltools
    import onnxruntime
    from onnxmltools.convert.common.data_types import FloatTensorType

    types = [("x", FloatTensorType([None, FEATURES]))]
    path = folder / "model.onnx"
    onnxmltools.utils.save_model(
        onnxmltools.convert_xgboost(model.trained, initial_types=types), str(path)
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    return lambda rows: session.run(None, {"x": rows})


def cpu_of(process: int) -> float:
    """CPU seconds of a process so far, to a hundredth."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(call: Callable[[], object], process: int | None = None) -> float:
    """CPU seconds that a call takes, here or in a backend."""
    clock = time.process_time if process is None else lambda: cpu_of(process)
    start = clock()
    call()
    return clock() - start


def fill(cursor: Any, x: np.ndarray) -> None:
    """A table of rows."""
    columns = [f"x{place}" for place in range(FEATURES)]
    cursor.execute(f"create table rows (id serial primary key, {' real, '.join(columns)} real)")
    for start in range(0, len(x), 20_000):
        text = io.StringIO()
        np.savetxt(text, x[start : start + 20_000], "%.9g", "\t")
        text.seek(0)
        cursor.copy_expert(f"copy rows ({', '.join(columns)}) from stdin", text)
    cursor.execute("vacuum analyze rows")


def in_chunks(predict: Predict, x: np.ndarray) -> None:
    """predict() of all rows, some thousand at once."""
    for start in range(0, len(x), CHUNK):
        predict(x[start : start + CHUNK])


def round_trip(cursor: Any, model: Model) -> None:
    """What a client does without us: fetch the rows, predict, copy the scores back."""
    columns = ", ".join(f"x{place}" for place in range(FEATURES))
    cursor.execute(f"select id, {columns} from rows")
    rows = cursor.fetchall()
    x = np.array([row[1:] for row in rows], np.float32)
    scores = model.predict(x)
    cursor.execute("drop table if exists back; create table back (id integer, score real)")
    pairs = zip(rows, scores, strict=True)
    text = io.StringIO("".join(f"{row[0]}\t{score!s}\n" for row, score in pairs))
    cursor.copy_expert("copy back from stdin", text)


def compare(cursor: Any, dsn: str, model: Model, x: np.ndarray, runs: int, folder: Path) -> None:
    """One model: in a table, in one row, as its library has them."""
    exporter.deploy(
        exporter.read(model.trained), dsn, name="bench", expected_by="float64",
        features=[f"x{place}" for place in range(FEATURES)],
    )  # fmt: skip
    cursor.execute("select pg_backend_pid()")
    (backend,) = cursor.fetchone()
    names = ", ".join(f"x{place}" for place in range(FEATURES))
    one = f"select count(bench.score({names})) from rows where id <= {ONE_ROW_CALLS}"

    def table() -> None:
        cursor.execute("select count(score) from bench.score_table('rows', 'id')")

    def single() -> None:
        for row in x[:100]:
            model.predict(row[None])

    onnx = onnx_of(model, folder)
    warm = measure(lambda: cursor.execute(f"{one} and id <= 1"), backend)
    found: dict[str, list[float]] = {}
    for _ in range(runs):
        turns = {
            "in SQL, a table": measure(table, backend) / len(x),
            "in SQL, one row": measure(lambda: cursor.execute(one), backend) / ONE_ROW_CALLS,
            "library, in memory": measure(lambda: in_chunks(model.predict, x)) / len(x),
            "library, one row": measure(single) / 100,
        }
        if onnx is not None:
            turns["onnxruntime, in memory"] = measure(lambda: in_chunks(onnx, x)) / len(x)
        for name, seconds in turns.items():
            found.setdefault(name, []).append(seconds * 1e6)
    median = {name: statistics.median(values) for name, values in found.items()}
    ratio = median["in SQL, a table"] / median["library, in memory"]
    print(f"\n{model.name}: load {warm:.2f} s; ratio to the library {ratio:.2f} {model.goal}")
    for name, value in median.items():
        low, high = min(found[name]), max(found[name])
        print(f"  {name:<24}{value:9.2f} us a row ({low:.2f} to {high:.2f})", flush=True)


def compare_client(cursor: Any, dsn: str, model: Model, rows: int, runs: int) -> None:
    """score_into a table against fetching, predicting and copying back: CPU seconds of the backend
    and the client, in turns."""
    exporter.deploy(
        exporter.read(model.trained), dsn, name="bench", expected_by="float64",
        features=[f"x{place}" for place in range(FEATURES)],
    )  # fmt: skip
    cursor.execute("select pg_backend_pid()")
    (backend,) = cursor.fetchone()

    def of_both(call: Callable[[], object]) -> float:
        start = cpu_of(backend) + time.process_time()
        call()
        return cpu_of(backend) + time.process_time() - start

    ours, theirs = [], []
    for _ in range(runs):
        cursor.execute("drop table if exists scores")
        ours.append(
            of_both(lambda: cursor.execute("call bench.score_into('rows', 'id', 'scores')"))
        )
        theirs.append(of_both(lambda: round_trip(cursor, model)))
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"\n{rows:,} rows into a table: {a:.1f} s; psycopg2, predict and COPY back:"
          f" {b:.1f} s, {b / a:.1f} x")  # fmt: skip


def peak_kilobytes(process: int) -> int:
    """The most memory that a process held."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="names of models, by commas")
    options = parser.parse_args()
    import psycopg2

    x = np.random.default_rng(8).normal(size=(options.rows, FEATURES)).astype(np.float32)
    models = train(set(options.only.split(",")) if options.only else None)
    with private_server() as server, tempfile.TemporaryDirectory() as folder:
        dsn = server.dsn("postgres")
        with closing(psycopg2.connect(dsn)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("create extension plpython3u")
            fill(cursor, x)
            for model in models:
                with closing(psycopg2.connect(dsn)) as fresh:
                    fresh.autocommit = True
                    own = fresh.cursor()
                    compare(own, dsn, model, x, options.runs, Path(folder))
                    own.execute("select pg_backend_pid()")
                    print(
                        f"  peak of the backend: {peak_kilobytes(own.fetchone()[0]) / 1024:.0f} MB"
                    )
            if models[0].name.startswith("xgboost"):
                compare_client(cursor, dsn, models[0], options.rows, options.runs)


if __name__ == "__main__":
    main()
