"""What benchmarks/pipelines.py wrote against what this program makes of the same files.

    python benchmarks/compare_pipelines.py FOLDER...

All rows are computed by the engine of reference, which runs the text that runs in servers.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from exporter.engines.reference import compute_values
from exporter.errors import ExportError
from exporter.formats.sklearn.model import build_graph, read_content
from exporter.ir.graph import Graph, Port
from exporter.ir.passes import simplify

TOLERANCE = 1e-9


@dataclass
class Tally:
    """What became of the pipelines of one version."""

    exact: int = 0
    rows: int = 0
    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def columns_of(graph: Graph, rows: dict[str, Any]) -> list[np.ndarray]:
    """The inputs of a graph from columns by name, or by place."""
    names = list(rows)
    inputs = []
    for port in graph.inputs:
        found = [rows[c.name] if c.name in rows else rows[names[int(c.name[1:])]]
                 for c in port.columns]  # fmt: skip
        if port.is_text:
            array = np.empty((len(found[0]), len(found)), object)
            for place, column in enumerate(found):
                array[:, place] = [v if isinstance(v, str) else None for v in column]
        else:
            array = np.array(found, np.float64).T
        inputs.append(array)
    return inputs


def compute(graph: Graph, inputs: Sequence[np.ndarray], values: Sequence[int]) -> list[Any]:
    """For each row the values, or None where they are NULL or an error."""
    known = np.ones(len(inputs[0]), bool)
    for port, x in zip(graph.inputs, inputs, strict=True):
        for place, column in enumerate(port.columns):
            if column.nulls == "null":
                known &= np.array([v is not None and v == v for v in x[:, place]])

    def some(places: np.ndarray) -> Iterator[Any]:
        try:
            found = compute_values(graph, [x[places] for x in inputs], set(values))
            yield from zip(*(found[value] for value in values), strict=True)
        except ValueError:
            if len(places) == 1:
                yield None
                return
            half = len(places) // 2
            yield from some(places[:half])
            yield from some(places[half:])

    answers: list[Any] = [None] * len(known)
    places = np.flatnonzero(known)
    for place, item in zip(places, some(places) if len(places) else (), strict=True):
        answers[place] = item
    return answers


def differ(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether a row's numbers are not the same; a row that overflows may be anything."""
    if found.shape != wanted.shape:
        return True
    if np.isinf(found).any() or np.isinf(wanted).any():
        return False
    same = np.isnan(found) & np.isnan(wanted)
    return bool((~same & ~(abs(found - wanted) <= TOLERANCE * np.maximum(1, abs(wanted)))).any())


def compare(path: Path, tally: Tally) -> None:
    """Count what became of one pipeline."""
    case = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    try:
        graph = simplify(build_graph(read_content(path.read_bytes()), path, ""))
    except ExportError as error:
        tally.refused[" ".join(str(error).split("\n")[-1].split(": ", 1)[-1].split())[:110]] += 1
        return
    chosen = [] if graph.choice is None else [graph.choice]
    output = graph.outputs[0].value
    if chosen:
        graph = replace(graph, outputs=(*graph.outputs, Port("choice", chosen[0], (1,), "float64")))
    answers = compute(graph, columns_of(graph, case["columns"]), [output, *chosen])
    bad = []
    for row, (found, wanted) in enumerate(zip(answers, case["answers"], strict=True)):
        tally.rows += 1
        if found is None or wanted is None:
            overflows = found is not None and not np.isfinite(found[0]).all()
            if (found is None) != (wanted is None) and not overflows:
                bad.append(f"row {row}: {found}, scikit-learn {wanted}")
            continue
        tally.answered += 1
        y = np.ravel(found[0])
        if differ(y, np.array(wanted, np.float64)):
            bad.append(f"row {row}: {y[:4]}, scikit-learn {wanted[:4]}")
        elif case["labels"] and graph.labels and not np.isnan(y).any():
            place = int(found[1].item()) if chosen else int(y.argmax())
            if graph.labels[place] != case["labels"][row]:
                bad.append(f"row {row}: {graph.labels[place]}, predict {case['labels'][row]}")
    if bad:
        tally.wrong.append(f"{path}: {len(bad)} rows, {bad[0]}\n    {case['model'][:600]}")
    else:
        tally.exact += 1


def report(folder: str, tally: Tally) -> None:
    """Print what was counted."""
    print(
        f"{folder}: {tally.exact} score as in scikit-learn, {len(tally.wrong)} do not,"
        f" {sum(tally.refused.values())} are refused; {tally.rows} rows, {tally.answered} answered"
    )
    for reason, count in tally.refused.most_common():
        print(f"  {count} x {reason}")
    for text in tally.wrong:
        print("  WRONG", text)


def main() -> None:
    """Compare all pipelines of the folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        for folder in arguments.folders:
            tally = Tally()
            paths = sorted(Path(folder).glob("*.pkl"))
            for path in paths:
                compare(path, tally)
            report(folder, tally)


if __name__ == "__main__":
    main()
