"""How many model files of a folder can be exported, and whether they score right.

    python benchmarks/scoreboard.py FOLDER...

Where NAME.npz lies beside a model NAME (model.h5 and model.h5.npz, or model.npz), its arrays x0,
x1, ... are scored and compared with y0, y1, ...; other models score random rows. No database and
no framework is needed. The exit status is 1 when a score is wrong or something unforeseen happens.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from exporter.engines.reference import evaluate
from exporter.errors import ExportError, UnsupportedError
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.ops import Recurrent
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.samples import draw_inputs, scaled_difference

SUFFIXES = (".h5", ".hdf5", ".hdf", ".keras")
TOLERANCE = 1e-5  # of the largest expected number, at least of 1
RECURRENT_TOLERANCE = 1e-4  # rounding adds up over the steps of a sequence
RANDOM_ROWS = 4
RIGHT, UNCHECKED, REFUSED, WRONG, CRASHED = (
    "right", "scored, nothing to compare with", "refused", "WRONG", "CRASHED",
)  # fmt: skip
VERDICTS = (RIGHT, UNCHECKED, REFUSED, WRONG, CRASHED)


@dataclass(frozen=True)
class Row:
    """What became of one file: verdict, difference from the expected scores, reasons."""

    path: Path
    verdict: str
    difference: float | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


def find_models(folders: Sequence[Path]) -> Iterator[Path]:
    """Model files of folders at any depth, and files given themselves, each once."""
    seen = set()
    for folder in folders:
        paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        for path in paths:
            is_model = path.suffix.lower() in SUFFIXES or find_reference(path) is not None
            if path.is_file() and path.suffix != ".npz" and is_model and path not in seen:
                seen.add(path)
                yield path


def find_reference(path: Path) -> Path | None:
    """The file of inputs and expected outputs beside a model."""
    names = (path.name + ".npz", path.stem + ".npz")
    found = (path.with_name(name) for name in names)
    return next((item for item in found if item.is_file()), None)


def judge(path: Path) -> Row:
    """Open and score one file."""
    start = time.perf_counter()
    try:
        verdict, difference, reasons = _score(path)
    except UnsupportedError as error:
        verdict, difference = REFUSED, None
        reasons = tuple(f"{p.class_name}: {p.reason}" for p in error.problems)
    except ExportError as error:
        verdict, difference, reasons = REFUSED, None, (str(error).splitlines()[0],)
    except Exception as error:  # the scoreboard goes on, and shows what was not foreseen
        verdict, difference, reasons = CRASHED, None, (f"{type(error).__name__}: {error}",)
    return Row(path, verdict, difference, reasons, time.perf_counter() - start)


def _score(path: Path) -> tuple[str, float | None, tuple[str, ...]]:
    graph = simplify(read(path))
    plan = plan_graph(graph, Signature("m"))
    reference = find_reference(path)
    if reference is None:
        evaluate(plan, list(draw_inputs(graph, RANDOM_ROWS)), "float32")
        return UNCHECKED, None, ()
    with np.load(reference, allow_pickle=False) as file:
        inputs, expected = _numbered(file, "x"), _numbered(file, "y")
    scores = evaluate(plan, inputs, "float32")
    if len(scores) != len(expected):
        return WRONG, None, (f"{len(scores)} outputs, expected {len(expected)}",)
    difference = 0.0
    for score, wanted in zip(scores, expected, strict=True):
        if score.shape != wanted.shape and score.size != wanted.size:
            return WRONG, None, (f"scores of shape {score.shape}, expected {wanted.shape}",)
        difference = max(difference, scaled_difference(score.reshape(wanted.shape), wanted))
    return (RIGHT if difference <= tolerance(graph) else WRONG), difference, ()


def tolerance(graph: Graph) -> float:
    """How far scores may differ from the framework's."""
    is_recurrent = any(isinstance(node.op, Recurrent) for node in graph.nodes)
    return RECURRENT_TOLERANCE if is_recurrent else TOLERANCE


def _numbered(file: Any, letter: str) -> list[np.ndarray[Any, Any]]:
    """Arrays x0, x1, ... of a file."""
    count = sum(1 for name in file.files if name[:1] == letter and name[1:].isdigit())
    return [file[f"{letter}{number}"] for number in range(count)]


def print_row(row: Row) -> None:
    """One line for a file, and one for each reason."""
    difference = "" if row.difference is None else f"{row.difference:.1e}"
    print(f"{row.verdict:<10.10} {difference:>8} {row.seconds:6.1f} s  {row.path}", flush=True)
    for reason in row.reasons:
        print(f"{'':<29}{reason[:160]}")


def print_totals(rows: Sequence[Row]) -> None:
    """How many of each verdict, and what was refused most often."""
    counts = Counter(row.verdict for row in rows)
    print()
    for verdict in VERDICTS:
        print(f"{counts[verdict]:>5}  {verdict}")
    print(f"{len(rows):>5}  in all")
    refused = [row for row in rows if row.verdict == REFUSED]
    reasons = Counter(reason for row in refused for reason in set(row.reasons))
    if reasons:
        print("\nrefused for")
        for reason, count in reasons.most_common(20):
            print(f"{count:>5}  {reason[:160]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge every model of the folders; 1 when any is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    rows = []
    for path in find_models(parser.parse_args(arguments).folders):
        rows.append(judge(path))
        print_row(rows[-1])
    print_totals(rows)
    return int(any(row.verdict in (WRONG, CRASHED) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
