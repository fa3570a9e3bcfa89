"""Scoring outside the database: fetch all rows, score them here, write the scores back by COPY.

    python client.py DSN MODEL.npz numpy|tensorflow

For each line, TABLE and the columns' SQL, it prints the seconds of one pass. Rows arrive through a
cursor in the server, a batch at a time: fetching all at once took 1.3 times as long.
"""

from __future__ import annotations

import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import plain
import psycopg2

Array = np.ndarray[Any, np.dtype[Any]]
Score = Callable[[Array], Array]
FETCH_ROWS = 8192
PREDICT_ROWS = 8192
TARGET = "client_scores"


def has_tensorflow() -> bool:
    """Is TensorFlow installed here?"""
    return importlib.util.find_spec("tensorflow") is not None


def build(path: str, engine: str) -> Score:
    """The network as a function of flat rows."""
    shape, layers = model = plain.load(path)
    if engine == "numpy":
        return lambda rows: np.asarray(plain.score(model, rows))
    from networks import build_keras

    keras = build_keras(shape, layers)

    def predict(rows: Array) -> Array:
        shaped = rows.reshape((-1, *shape))
        return np.asarray(keras.predict(shaped, batch_size=PREDICT_ROWS, verbose=0))

    warm = np.zeros((2 * PREDICT_ROWS + 1, int(np.prod(shape))), np.float32)
    predict(warm[: 1 + (2**24 // warm.shape[1])])
    return predict


def run(dsn: str, score: Score, table: str, columns: str) -> float:
    """Seconds to fetch, score and write back, the connection included."""
    start = time.perf_counter()
    connection = psycopg2.connect(dsn)
    keys, rows = _fetch(connection, table, columns)
    scores = score(rows)
    _write(connection, keys, scores)
    connection.commit()
    connection.close()
    return time.perf_counter() - start


def _fetch(connection: Any, table: str, columns: str) -> tuple[list[int], Array]:
    keys: list[int] = []
    parts: list[Array] = []
    with connection.cursor("rows") as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(f"select id, {columns} from {table}")
        while batch := cursor.fetchmany(FETCH_ROWS):
            keys += [row[0] for row in batch]
            is_array = isinstance(batch[0][1], list)
            values = [row[1] if is_array else row[1:] for row in batch]
            parts.append(np.array(values, np.float32))
    return keys, np.concatenate(parts)


def _write(connection: Any, keys: list[int], scores: Array) -> None:
    is_number = scores.shape[1] == 1
    with connection.cursor() as cursor:
        kind = "real" if is_number else "real[]"
        cursor.execute(f"create table {TARGET} (key integer, score {kind})")
        before, after = ("", "") if is_number else ("{", "}")
        lines = (
            f"{key}\t{before}{','.join(map(str, row))}{after}\n"
            for key, row in zip(keys, scores.tolist(), strict=True)
        )
        cursor.copy_from(io.StringIO("".join(lines)), TARGET)


def main() -> None:
    """Load the network, then answer each line with the seconds of one pass."""
    dsn, path, engine = sys.argv[1:]
    score = build(path, engine)
    print(json.dumps({"engine": engine, "numpy": np.__version__}), flush=True)
    for line in sys.stdin:
        table, columns = line.rstrip("\n").split("\t")
        print(run(dsn, score, table, columns), flush=True)
        connection = psycopg2.connect(dsn)
        connection.cursor().execute(f"drop table {TARGET}")
        connection.commit()
        connection.close()


if __name__ == "__main__":
    main()
