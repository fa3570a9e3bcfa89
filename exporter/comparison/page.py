"""A comparison as one page: no script, no address, and every text from the database only a text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from exporter.comparison.plots import draw_curves, draw_grid, draw_histogram
from exporter.comparison.result import Comparison, Shift
from exporter.errors import counted, printable
from exporter.facts import html_table

SHOWN_CLASSES = 40  # of a confusion matrix
STYLE = """\
.export-model-comparison{--ink:#1b1f24;--faint:#6b7280;--line:#d5d9df;--paper:#fff;--one:#2563eb;\
--two:#d97706;color:var(--ink);background:var(--paper);font:14px/1.45 system-ui,sans-serif;\
max-width:60rem;margin:0 auto;padding:1rem}
@media (prefers-color-scheme:dark){.export-model-comparison{--ink:#e6e8eb;--faint:#9aa3af;\
--line:#3a4150;--paper:#14171c;--one:#7aa2ff;--two:#f5b14c}}
.export-model-comparison h1{font-size:1.35rem;margin:0 0 .25rem}
.export-model-comparison h2{font-size:1.05rem;margin:1.4rem 0 .4rem}
.export-model-comparison p,.export-model-comparison ul{margin:.2rem 0}
.export-model-comparison .faint{color:var(--faint)}
.export-model-comparison .one{color:var(--one)}.export-model-comparison .two{color:var(--two)}
.export-model-comparison table{border-collapse:collapse;margin:.2rem 0}
.export-model-comparison td,.export-model-comparison th{border-bottom:1px solid var(--line);\
padding:.15rem .7rem .15rem 0;text-align:left;overflow-wrap:anywhere;background:none;color:inherit}
.export-model-comparison .plots{display:flex;flex-wrap:wrap;gap:1rem}
.export-model-comparison figure{margin:0;flex:1 1 20rem;max-width:28rem}
.export-model-comparison figcaption{color:var(--faint)}
.export-model-comparison .wide{overflow-x:auto}
.export-model-comparison svg{width:100%;height:auto}
.export-model-comparison svg text{fill:var(--faint);font-size:10px}
.export-model-comparison .frame{fill:none;stroke:var(--line)}
.export-model-comparison .v1,.export-model-comparison .cell{fill:var(--one)}
.export-model-comparison .v2{fill:var(--two)}
.export-model-comparison polyline{fill:none;stroke-width:1.8}
.export-model-comparison .c1{stroke:var(--one)}.export-model-comparison .c2{stroke:var(--two)}
.export-model-comparison .zero{stroke:var(--faint);stroke-width:1;stroke-dasharray:3 3}
"""
HEAD = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
"""
BODY = """\
<style>body{margin:0;background:#fff}@media (prefers-color-scheme:dark){body{background:#14171c}}\
</style></head><body>
"""


def make_page(comparison: Comparison) -> str:
    """A whole page."""
    title = f"<title>{_text(comparison.model)}: two versions compared</title>\n"
    return f"{HEAD}{title}{BODY}{make_fragment(comparison)}\n</body></html>\n"


def make_fragment(comparison: Comparison) -> str:
    """The same as a part of a page, for a notebook."""
    content = "\n".join(_parts(comparison))
    return f'<div class="export-model-comparison"><style>{STYLE}</style>\n{content}\n</div>'


def _parts(comparison: Comparison) -> Iterable[str]:
    first, second = (_text(side.title) for side in comparison.sides)
    rows = comparison.rows
    yield f"<h1>{_text(comparison.model)}</h1>"
    yield f'<p><b class="one">{first}</b> and <b class="two">{second}</b></p>'
    yield (
        f"<p>{rows.compared:,} of {counted(rows.read, 'row')} of {_text(comparison.table)},"
        f" key {_text(comparison.key)}</p>"
    )
    left_out = comparison.left_out()
    if left_out:
        items = "".join(f"<li>{_text(reason)}</li>" for reason in left_out)
        yield f'<p class="faint">Left out:</p><ul class="faint">{items}</ul>'
    if comparison.change is None:
        yield "<p>No row has a score by both: nothing can be compared.</p>"
        return
    yield "<h2>Agreement and shift</h2>"
    yield _table(("", ""), comparison.summary())
    if comparison.actual is not None:
        meaning = f"; {_text(comparison.meaning)}" if comparison.meaning else ""
        yield f"<h2>Against {_text(comparison.actual)}</h2>"
        yield f'<p class="faint">{counted(rows.judged, "row")}{meaning}</p>'
        header = ("", *(side.title for side in comparison.sides), "")
        yield _table(header, comparison.metric_rows())
    yield from _plots(comparison)
    yield from _confusion(comparison)
    for shift in comparison.shifts:
        yield f"<h2>Distribution of the {_text(shift.of)}</h2>"
        yield _shift_table(comparison, shift)
    yield from _largest(comparison)


def _plots(comparison: Comparison) -> Iterable[str]:
    plots = comparison.plots
    if plots is None:
        return
    first, second = (side.title for side in comparison.sides)
    is_of_classes = comparison.task == "classes"
    of = "largest score of a row" if is_of_classes else "score"
    apart = "Largest difference of any class" if is_of_classes else "Difference"
    drawn = [
        (draw_histogram(plots, (first, second)), f"Rows by {of}; the axis of rows is logarithmic"),
        (draw_grid(plots), f"{apart} by the {of} of {first}"),
    ]
    if any(plots.curves):
        drawn.insert(0, (draw_curves(plots), "Receiver operating characteristic"))
    figures = "".join(
        f"<figure>{svg}<figcaption>{_text(caption)}</figcaption></figure>" for svg, caption in drawn
    )
    yield f'<div class="plots">{figures}</div>'


def _confusion(comparison: Comparison) -> Iterable[str]:
    names = comparison.classes
    for side, matrix in zip(comparison.sides, comparison.confusion, strict=False):
        yield f"<h2>Actual classes by the labels of {_text(side.title)}</h2>"
        if len(names) > SHOWN_CLASSES:
            yield f"<p>{counted(len(names), 'class')}: see the facts, --json</p>"
            continue
        rows = (
            (name, *(f"{count:,}" for count in row))
            for name, row in zip(names, matrix, strict=True)
        )
        yield _table(("", *names), rows)


def _shift_table(comparison: Comparison, shift: Shift) -> str:
    totals = (sum(b.first for b in shift.bins) or 1, sum(b.second for b in shift.bins) or 1)
    header = (shift.of, *(side.title for side in comparison.sides), "", "")
    rows = (
        (
            item.name,
            f"{item.first:,}",
            f"{item.second:,}",
            f"{100 * item.first / totals[0]:.1f} %",
            f"{100 * item.second / totals[1]:.1f} %",
        )
        for item in shift.bins
    )
    return _table(header, rows)


def _largest(comparison: Comparison) -> Iterable[str]:
    if not comparison.largest:
        return
    yield "<h2>Largest differences</h2>"
    first, second = (side.title for side in comparison.sides)
    of_class = ["of class"] * (comparison.task == "classes")
    last = (first, second, "difference", "labels", comparison.actual or "")
    yield _table(
        (comparison.key, *of_class, *last),
        (
            (
                "NULL" if item.key is None else item.key,
                *([item.of_class or ""] if of_class else []),
                f"{item.first:.6g}",
                f"{item.second:.6g}",
                f"{item.change:.3g}",
                " / ".join(label for label in item.labels if label is not None),
                "" if comparison.actual is None else "NULL" if item.actual is None else item.actual,
            )
            for item in comparison.largest
        ),
    )


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Nothing in a cell turns the direction of the others."""
    shown = ([printable(cell) for cell in row] for row in rows)
    return f'<div class="wide">{html_table(map(printable, header), shown)}</div>'


def _text(text: str) -> str:
    return escape(printable(text))
