"""Deploy models with rows that their library scored, and compare what PostgreSQL scores of them.

    python benchmarks/trial.py FOLDER... [--every N]

Beside a model NAME lies NAME.npz with rows x, scores y and, of a classifier, labels, as
tests/sklearn_grid.py and tests/tree_grid.py write them, run by whatever version of a library:

    PYTHONPATH=/where/scikit-learn/1.2.2/is python tests/sklearn_grid.py FOLDER 10000

Starts a private PostgreSQL. All rows are scored by score_table, some by score(TABLE), and labelled.
The exit status is 1 when a score or a label is wrong, or a model could not be deployed.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from server import session

sys.path.append(str(Path(__file__).parents[1] / "examples"))
from private_server import private_server

from exporter import api
from exporter.errors import ExportError, UnsupportedError

SINGLE = 200  # rows that are scored one by one
FLOAT64, FLOAT32 = 1e-9, 2e-6  # of max(1, |y|): whether all is computed in float64, or not
SAME, REFUSED, WRONG, FAILED = "same", "refused", "WRONG", "FAILED"


def fill(cursor: Any, x: np.ndarray) -> list[str]:
    """The table rows anew, with columns x0, x1, ...; a missing number is NULL in every other row,
    NaN in the rest."""
    names = [f"x{place}" for place in range(x.shape[1])]
    columns = ", ".join(f"{name} double precision" for name in names)
    cursor.execute("drop table if exists rows cascade")
    cursor.execute(f"create table rows (id integer primary key, {columns})")
    text = io.StringIO()
    for number, row in enumerate(x.tolist()):
        cells = ["\\N" if v != v and number % 2 else repr(v) for v in row]
        text.write("\t".join([str(number), *cells]) + "\n")
    text.seek(0)
    cursor.copy_expert("copy rows from stdin", text)
    return names


def fetch(cursor: Any, sql: str) -> list[Any]:
    """The only column of a query."""
    cursor.execute(sql)
    return [value for (value,) in cursor.fetchall()]


def as_array(scores: Sequence[Any], width: int, dtype: type[np.floating[Any]]) -> np.ndarray:
    """Scores side by side; a NULL is NaN."""
    rows = [np.full(width, np.nan) if score is None else np.ravel(score) for score in scores]
    return np.array(rows, np.float64).astype(dtype).astype(np.float64)


def count_wrong(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> int:
    """Rows with a number that is not the same; one that overflows may be anything."""
    with np.errstate(all="ignore"):
        difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    same = (difference <= tolerance) | (np.isnan(found) & np.isnan(wanted)) | np.isinf(wanted)
    return int((~same).any(axis=1).sum())


def try_model(dsn: str, path: Path) -> tuple[str, str]:
    """What became of a model, and what there is to say of it."""
    with np.load(f"{path}.npz", allow_pickle=False) as file:
        x, y = file["x"], file["y"].reshape(len(file["x"]), -1)
        labels = file["labels"] if "labels" in file.files else None
    with session(dsn) as cursor:
        names = fill(cursor, x.astype(np.float64))
        try:
            made = api.read(path)
            api.deploy(made, dsn, name="tried", features=names, expected_by="float64")
        except UnsupportedError as error:
            return REFUSED, str(error)
        except ExportError as error:
            return FAILED, str(error)
        table = "tried.{}_table('rows', 'id') order by key::integer"
        (kind,) = set(fetch(cursor, f"select pg_typeof(score)::text from {table.format('score')}"))
        dtype = np.float32 if kind.startswith("real") else np.float64
        batch = fetch(cursor, f"select score from {table.format('score')}")
        single = fetch(
            cursor,
            f"select tried.score({', '.join(names)}) from rows where id < {SINGLE} order by id",
        )
        found = [as_array(scores, y.shape[1], dtype) for scores in (batch, single)]
        tolerance = FLOAT32 if "float32" in made.graph.dtypes.values() else FLOAT64
        counts = [count_wrong(array, y[: len(array)], tolerance) for array in found]
        if labels is not None:
            given = np.array(fetch(cursor, f"select label from {table.format('label')}"), object)
            finite = np.isfinite(y).all(axis=1)
            counts.append(int((given[finite] != labels[finite].astype(object)).sum()))
        what = f"{len(x)} rows, {len(single)} one by one: {counts} wrong"
        return (WRONG if any(counts) else SAME), what


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all models of the folders, or every Nth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    tally: Counter[str] = Counter()
    with private_server() as server:
        with session(server.dsn()) as cursor:
            cursor.execute("create extension plpython3u")
        for folder in options.folders:
            for path in sorted(folder.glob("*.npz"))[:: options.every]:
                verdict, what = try_model(server.dsn(), path.with_suffix(""))
                tally[verdict] += 1
                print(f"{verdict:8} {path.with_suffix('')}: {what}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in tally.items()))
    return int(bool(tally[WRONG] or tally[FAILED]))


if __name__ == "__main__":
    sys.exit(main())
