"""Plots as inline SVG, drawn with the colours that the page's style names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from exporter.comparison.result import Plots
from exporter.errors import counted

WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34  # around the area that is drawn into


def draw_histogram(plots: Plots, names: tuple[str, str]) -> str:
    """Rows by score, both versions side by side; heights are logarithms, as some are rare."""
    most = max((count for pair in plots.histogram for count in pair), default=0)
    cells = len(plots.histogram)
    bars = []
    for place, pair in enumerate(plots.histogram):
        for side, count in enumerate(pair):
            height = math.log1p(count) / math.log1p(most) if most else 0
            left, width = (place + side * 0.45 + 0.05) / cells, 0.45 / cells
            title = f"{names[side]}: {count:,}"
            bars.append(_rectangle(left, 0, width, height, f"v{side + 1}", title))
    ticks = [(value, f"{10**power:,}") for power, value in _powers(most)]
    return _plot("Scores", "".join(bars), _ends(plots.scores), ticks, "score", "rows")


def draw_grid(plots: Plots) -> str:
    """Difference by the first version's score: the more rows, the fuller a cell's colour."""
    cells = len(plots.histogram)
    most = max((count for _, _, count in plots.grid), default=0)
    parts = [
        _rectangle(
            (across - 1) / cells,
            (up - 1) / cells,
            1 / cells,
            1 / cells,
            "cell",
            f"{counted(count, 'row')}",
            0.15 + 0.85 * math.log1p(count) / math.log1p(most),
        )
        for across, up, count in plots.grid
    ]
    low, high = plots.changes
    if low < 0 < high:
        parts.append(_line(((0.0, -low / (high - low)), (1.0, -low / (high - low))), "zero"))
    return _plot(
        "Differences",
        "".join(parts),
        _ends(plots.scores),
        _ends(plots.changes),
        "first score",
        "difference",
    )


def draw_curves(plots: Plots) -> str:
    """The receiver operating characteristic of both."""
    parts = [_line(((0.0, 0.0), (1.0, 1.0)), "zero")]
    parts += [_line(points, f"c{n}") for n, points in enumerate(plots.curves, 1) if points]
    ends = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")]
    return _plot("ROC", "".join(parts), ends, ends, "false positives", "true positives")


def _plot(
    title: str,
    content: str,
    across: Iterable[tuple[float, str]],
    up: Iterable[tuple[float, str]],
    of_x: str,
    of_y: str,
) -> str:
    """A frame with axes, their ends and names around what was drawn."""
    x0, y0 = LEFT, HEIGHT - BOTTOM
    marks = [
        f'<text x="{_x(place):.1f}" y="{y0 + 14}" text-anchor="{_anchor(place)}">'
        f"{escape(text)}</text>"
        for place, text in across
    ]
    marks += [
        f'<text x="{x0 - 4}" y="{_y(place) + 3:.1f}" text-anchor="end">{escape(text)}</text>'
        for place, text in up
    ]
    middle = (x0 + WIDTH - RIGHT) / 2
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<rect class="frame" x="{x0}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}"'
        f' height="{HEIGHT - TOP - BOTTOM}"/>{content}{"".join(marks)}'
        f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{escape(of_x)}</text>'
        f'<text x="10" y="{HEIGHT / 2}" text-anchor="middle"'
        f' transform="rotate(-90 10 {HEIGHT / 2})">{escape(of_y)}</text></svg>'
    )


def _rectangle(
    left: float,
    bottom: float,
    width: float,
    height: float,
    kind: str,
    title: str,
    opacity: float = 1.0,
) -> str:
    """All of the area is 1 by 1."""
    top = bottom + height
    return (
        f'<rect class="{kind}" x="{_x(left):.1f}" y="{_y(top):.1f}"'
        f' width="{_x(left + width) - _x(left):.1f}" height="{_y(bottom) - _y(top):.1f}"'
        f' fill-opacity="{opacity:.2f}"><title>{escape(title)}</title></rect>'
    )


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    places = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{places}"/>'


def _x(place: float) -> float:
    return LEFT + place * (WIDTH - LEFT - RIGHT)


def _y(place: float) -> float:
    return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)


def _anchor(place: float) -> str:
    """Which part of a text stands at a place: at the right end there is no room behind it."""
    return "end" if place == 1 else "middle"


def _ends(ends: tuple[float, float]) -> list[tuple[float, str]]:
    low, high = ends
    if low == high:
        return [(0.0, _short(low))]
    return [(0.0, _short(low)), (0.5, _short(low / 2 + high / 2)), (1.0, _short(high))]


def _powers(most: int) -> list[tuple[int, float]]:
    """Powers of ten up to the most rows of a bar, and how high they are."""
    if not most:
        return []
    powers = range(len(str(most)))
    return [(power, math.log1p(10**power) / math.log1p(most)) for power in powers]


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1e5 else f"{value:.0e}"
