"""What the benchmarks compare computes the same, and their results become tables and a chart."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from exporter.engines.reference import evaluate
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import plain
import report
from chart import Group, draw_bars
from names import COMMAND, FORMS, LIMIT, TABLE_FUNCTION
from networks import GROWING, NETWORKS, Network, build_graph, save
from trial import FLOAT64, as_array, count_wrong

RESULTS: report.Results = {
    "runs": 3,
    "date": "2026-01-02",
    "machine": {
        "processor": "Z80", "cores": 2, "memory_gb": 8.0, "server_version": "15.1",
        "numpy": "1.24", "blas": "libblas.so",
    },
    "warnings": ["Only a test."],
    "titles": {"fraud": "fraud 28-1"},
    "rows": {"fraud": 1000},
    "compare": [
        {"network": "fraud", "kind": "real", "cores": cores, "form": form, "seconds": seconds}
        for cores, form, seconds in (
            (1, LIMIT, [1.0, 9.0, 2.0]), (1, TABLE_FUNCTION, [3.0]), (1, COMMAND, [4.0]),
            (2, COMMAND, [2.5]),
        )
    ],
    "sessions": [],
    "memory": [
        {"form": "score_table", "rows": rows, "idle_mb": 40.0, "total_mb": total, "own_mb": own}
        for rows, total, own in ((100_000, 90.0, 20.0), (3_000_000, 310.0, 22.0))
    ],
    "sizes": [],
}  # fmt: skip


@pytest.mark.parametrize("network", [*NETWORKS, GROWING[0]], ids=lambda network: network.title)
def test_plain_numpy_computes_the_deployed_network(network: Network, tmp_path: Path) -> None:
    small = replace(network, sizes=(*(min(size, 40) for size in network.sizes[:-1]), 1), units=4)
    model = plain.load(save(small, tmp_path / "model.npz"))
    rows = np.random.default_rng(0).uniform(-1, 1, (5, small.width)).astype(np.float32)
    graph = build_graph(small)
    plan = plan_graph(graph, sign(graph, "m"))
    (expected,) = evaluate(plan, [rows.reshape((5, *small.shape))], "float32")
    np.testing.assert_allclose(plain.score(model, rows), expected, rtol=0, atol=1e-5)


def test_goals_are_judged_and_unmeasured_ones_say_so() -> None:
    judged = {goal.text: goal.judge(RESULTS) for goal in report.GOALS}
    found = {text: (goal["value"], goal["met"]) for text, goal in judged.items()}
    assert found["score_table / numpy alone; real, 1 core"] == (1.5, False)
    assert found["command, 1 job / 2 jobs; real"] == (1.6, False)
    assert found["row by row; real, 1 core"] == (None, None)
    assert found["score_table: peak of the backend, most rows, above idle"] == (310.0, False)
    assert found["score_table: own memory, most rows / 100,000 rows"] == (1.1, True)


def test_results_become_the_page() -> None:
    parts = report.page_parts(RESULTS)
    assert "| `fraud.score_table` | 3.00 (1.50) |  |" in parts["bench"]
    assert "Z80, 2 cores" in parts["bench"] and "Only a test." in parts["bench"]
    assert "| score_table | 90 (20) | 310 (22) |" in parts["memory"]


def test_chart_is_svg_with_a_bar_for_each_value() -> None:
    groups = [Group(name, (1.0, None if name == LIMIT else 2.0)) for name in FORMS]
    chart = ElementTree.fromstring(draw_bars("a < b", "s", ("1 core", "2 cores"), groups))
    bars = chart.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 2 * len(FORMS) - 1 + 2  # and the legend's


def test_a_trial_counts_rows_that_differ() -> None:
    wanted = np.array([[1.0, 2.0], [np.nan, 3.0], [1e9, np.inf], [0.5, 0.5]])
    found = as_array([[1.0, 2.0 + 1e-10], [np.nan, 3.0], [1e9 + 1e-3, 7.0], None], 2, np.float64)
    assert count_wrong(found, wanted, FLOAT64) == 1  # the NULL
    found[0, 0] += 1e-8
    assert count_wrong(found, wanted, FLOAT64) == 2
