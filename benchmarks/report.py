"""Results as tables, for the terminal and for docs/performance.md, and the goals they are held to.

Works on the JSON that run.py writes, so that the page is made from a file that can be looked at.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from names import (
    AGGREGATE,
    CLIENT_NUMPY,
    CLIENT_TENSORFLOW,
    COMMAND,
    FORMS,
    LIMIT,
    RECIPE,
    ROW_BY_ROW,
    TABLE_FUNCTION,
)

Results = dict[str, Any]
FLAT_FROM = 100_000  # rows from which memory is to be flat
COLUMNS = (("real", 1), ("real", 2), ("numeric", 1), ("numeric", 2))
SHOWN = {
    LIMIT: "numpy alone, 1 thread, arrays in memory",
    TABLE_FUNCTION: "`fraud.score_table`",
    AGGREGATE: "`fraud.score_batch` with `array_agg` and `string_agg`",
    COMMAND: "`export-model score`, writes",
    ROW_BY_ROW: "`fraud.score(...)`, row by row",
    RECIPE: "published recipe: PL/Python aggregate",
    CLIENT_NUMPY: "client: psycopg2, numpy, COPY back",
    CLIENT_TENSORFLOW: "client: psycopg2, TensorFlow, COPY back",
}
PAGE_FORMS = (
    (LIMIT, 1), (TABLE_FUNCTION, 1), (COMMAND, 2), (ROW_BY_ROW, 1), (CLIENT_TENSORFLOW, 2),
)  # fmt: skip
"""What docs/performance.md shows of all networks, and on how many cores; of real columns."""


CHART = "![Seconds of every way to score the card-fraud table](bench/chart.svg)"


def find_seconds(results: Results, network: str, kind: str, cores: int, form: str) -> float | None:
    """Median seconds, None when it was not measured."""
    asked = (network, kind, cores, form)
    for entry in results["compare"]:
        if (entry["network"], entry["kind"], entry["cores"], entry["form"]) == asked:
            return float(statistics.median(entry["seconds"]))
    return None


@dataclass(frozen=True)
class Goal:
    """What was promised: value(results) is to be at most, or at least, limit."""

    text: str
    limit: float
    is_most: bool
    unit: str
    value: Callable[[Results], float | None]

    def judge(self, results: Results) -> dict[str, Any]:
        """The goal with what was measured; met is None where nothing was."""
        value = self.value(results)
        met = (
            None if value is None else (value <= self.limit) == self.is_most or value == self.limit
        )
        sign = "<=" if self.is_most else ">="
        goal = f"{sign} {self.limit:g}{self.unit}"
        return {"text": self.text, "goal": goal, "unit": self.unit, "value": value, "met": met}


def _ratio(
    above: tuple[str, int, str], below: tuple[str, int, str]
) -> Callable[[Results], float | None]:
    def value(results: Results) -> float | None:
        over = find_seconds(results, "fraud", *above)
        under = find_seconds(results, "fraud", *below)
        return over / under if over and under else None

    return value


def _row_us(results: Results) -> float | None:
    seconds = find_seconds(results, "fraud", "real", 1, ROW_BY_ROW)
    return 1e6 * seconds / results["rows"]["fraud"] if seconds else None


def _peak(form: str) -> Callable[[Results], float | None]:
    def value(results: Results) -> float | None:
        peaks = [peak for peak in results["memory"] if peak["form"] == form]
        largest = max(peaks, key=lambda peak: int(peak["rows"]), default=None)
        return largest and float(largest["total_mb"])

    return value


def _growth(form: str) -> Callable[[Results], float | None]:
    """Own memory with the most rows against that with FLAT_FROM."""

    def value(results: Results) -> float | None:
        own = {peak["rows"]: peak["own_mb"] for peak in results["memory"] if peak["form"] == form}
        if FLAT_FROM not in own or max(own) == FLAT_FROM:
            return None
        return float(own[max(own)] / max(1.0, own[FLAT_FROM]))

    return value


GOALS = (
    Goal("score_table / numpy alone; real, 1 core", 1.25, True, "",
         _ratio(("real", 1, TABLE_FUNCTION), ("real", 1, LIMIT))),
    Goal("command, 1 job / 2 jobs; real", 1.8, False, " times",
         _ratio(("real", 1, COMMAND), ("real", 2, COMMAND))),
    Goal("published recipe / score_table; real, 1 core", 2.5, False, " times",
         _ratio(("real", 1, RECIPE), ("real", 1, TABLE_FUNCTION))),
    Goal("published recipe / command with 2 jobs; real", 4.5, False, " times",
         _ratio(("real", 1, RECIPE), ("real", 2, COMMAND))),
    Goal("client with TensorFlow / command with 2 jobs; real, 2 cores each", 4.0, False, " times",
         _ratio(("real", 2, CLIENT_TENSORFLOW), ("real", 2, COMMAND))),
    Goal("row by row; real, 1 core", 35.0, True, " us a row", _row_us),
    Goal("numeric / real columns; score_table, 1 core", 1.9, True, "",
         _ratio(("numeric", 1, TABLE_FUNCTION), ("real", 1, TABLE_FUNCTION))),
    Goal("score_table: peak of the backend, most rows, above idle", 300.0, True, " MB",
         _peak(TABLE_FUNCTION)),
    Goal("score_into: peak of the backend, most rows, above idle", 300.0, True, " MB",
         _peak("score_into")),
    Goal("score_table: own memory, most rows / 100,000 rows", 1.5, True, "",
         _growth(TABLE_FUNCTION)),
)  # fmt: skip
"""For the card-fraud network, as ratios within one run."""


def tables(results: Results) -> list[tuple[str, list[list[str]]]]:
    """(title, rows with the header first) of all that was measured, for the terminal."""
    found = []
    for network, count in results["rows"].items():
        rows = _compared(results, network, dict(zip(FORMS, FORMS, strict=True)))
        if len(rows) > 1:
            title = f"{results['titles'][network]}, {count:,} rows: seconds (ratio to numpy alone)"
            found.append((title, rows))
    for key, title, make in (
        ("sessions", "A session's first call, a deployment, a row", session_rows),
        ("memory", "Peak memory of the backend above idle, MB", memory_rows),
        ("sizes", "Cost against network size, us a row; real columns, 1 core", size_rows),
    ):
        if results[key]:
            found.append((title, make(results)))
    found.append(("Goals", goal_rows(results)))
    return found


def _compared(results: Results, network: str, names: dict[str, str]) -> list[list[str]]:
    columns = [c for c in COLUMNS if any(find_seconds(results, network, *c, f) for f in FORMS)]
    table = [["", *(f"{kind}, {_cores(cores)}" for kind, cores in columns)]]
    for form, name in names.items():
        cells = [_cell(results, network, kind, cores, form) for kind, cores in columns]
        if any(cells):
            table.append([name, *cells])
    return table


def _cell(results: Results, network: str, kind: str, cores: int, form: str) -> str:
    seconds = find_seconds(results, network, kind, cores, form)
    limit = find_seconds(results, network, kind, cores, LIMIT)
    if seconds is None:
        return ""
    return f"{seconds:.2f}" + (f" ({seconds / limit:.2f})" if limit else "")


def _cores(cores: int) -> str:
    return f"{cores} core{'s' if cores > 1 else ''}"


def session_rows(results: Results) -> list[list[str]]:
    """What a session waits for before its first score, and for a row."""
    header = [
        "network", "MB of weights", "deploy", "first call of a session", "of which numpy's import",
        "row by row", "of which in Python",
    ]  # fmt: skip
    return [
        header,
        *(
            [
                entry["title"], f"{entry['weights_mb']:.2f}", f"{entry['deploy_s']:.2f} s",
                f"{entry['first_ms']:.0f} ms", f"{entry['import_ms']:.0f} ms",
                f"{entry['row_us']:.0f} us", f"{entry['python_us']:.0f} us",
            ]
            for entry in results["sessions"]
        ),
    ]  # fmt: skip


def memory_rows(results: Results) -> list[list[str]]:
    """Peak against rows; in brackets without the pages of the shared cache."""
    counts = sorted({peak["rows"] for peak in results["memory"]})
    forms = dict.fromkeys(peak["form"] for peak in results["memory"])
    found = {(peak["form"], peak["rows"]): peak for peak in results["memory"]}
    table = [["", *(f"{count:,} rows" for count in counts)]]
    for form in forms:
        peaks = [found.get((form, count)) for count in counts]
        cells = [f"{p['total_mb']:.0f} ({p['own_mb']:.0f})" if p else "" for p in peaks]
        table.append([form, *cells])
    return table


def size_rows(results: Results) -> list[list[str]]:
    """Cost of a row against the number of weights."""
    header = ["network", "weights", "numpy alone", "score_table", "ratio", "row by row"]
    table = [header]
    for entry in results["sizes"]:
        us = {
            form: 1e6 * statistics.median(s) / entry["rows"] for form, s in entry["seconds"].items()
        }
        ratio = us[TABLE_FUNCTION] / us[LIMIT]
        cells = [f"{us[form]:.1f}" for form in (LIMIT, TABLE_FUNCTION)]
        table.append(
            [
                entry["title"],
                f"{entry['weights']:,}",
                *cells,
                f"{ratio:.2f}",
                f"{us[ROW_BY_ROW]:.0f}",
            ]
        )
    return table


def goal_rows(results: Results) -> list[list[str]]:
    """The goals with what was measured."""
    table = [["goal", "asked", "measured", ""]]
    for goal in results["goals"]:
        value = goal["value"]
        measured = "" if value is None else f"{value:.2f}{goal['unit']}"
        verdict = {True: "met", False: "not met", None: "not measured"}[goal["met"]]
        table.append([goal["text"], goal["goal"], measured, verdict])
    return table


def format_text(table: Sequence[Sequence[str]]) -> str:
    """Columns side by side, for a terminal."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def format_markdown(table: Iterable[Sequence[str]]) -> str:
    """The same for docs/performance.md."""
    lines = [f"| {' | '.join(row)} |" for row in table]
    lines.insert(1, "|" + "---|" * (lines[0].count("|") - 1))
    return "\n".join(lines)


def page_parts(results: Results) -> dict[str, str]:
    """What docs/update.py puts between markers, by their names."""
    return {
        "bench": f"\n{CHART}\n\n{format_markdown(_compared(results, 'fraud', SHOWN))}\n\n"
        f"{caption(results)}\n",
        "networks": f"\n{format_markdown(_networks(results))}\n",
        "sizes": f"\n{format_markdown(size_rows(results))}\n",
        "memory": f"\n{format_markdown(memory_rows(results))}\n",
        "sessions": f"\n{format_markdown(session_rows(results))}\n",
    }


def _networks(results: Results) -> list[list[str]]:
    """All networks, real columns, the forms that matter."""
    header = [f"{form}{', 2 cores' if cores > 1 else ''}" for form, cores in PAGE_FORMS]
    table = [["network", "rows", *header]]
    for network, count in results["rows"].items():
        found = [find_seconds(results, network, "real", cores, form) for form, cores in PAGE_FORMS]
        cells = ["" if seconds is None else f"{seconds:.2f} s" for seconds in found]
        table.append([results["titles"][network], f"{count:,}", *cells])
    return table


def caption(results: Results) -> str:
    """Where and when, and what makes the figures doubtful."""
    machine = results["machine"]
    text = (
        f"Seconds for {results['rows']['fraud']:,} rows, in brackets the ratio to numpy alone;"
        f" medians of {results['runs']} runs, interleaved."
        f" {machine['processor']}, {machine['cores']} cores,"
        f" {machine['memory_gb']:.0f} GB; PostgreSQL {machine['server_version']}, numpy"
        f" {machine['numpy']} with {machine['blas']} on the server; {results['date']}."
    )
    return " ".join([text, *results["warnings"]])
