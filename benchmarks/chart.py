"""A bar chart as SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LABEL_WIDTH, BAR_WIDTH, VALUE_WIDTH = 190, 420, 90
BAR_HEIGHT, GAP, TOP = 15, 12, 62
COLOURS = (("#0969da", "#58a6ff"), ("#bc4c00", "#f0883e"), ("#1a7f37", "#3fb950"))
"""For each series on a light and on a dark page; blue and orange differ for every eye."""


@dataclass(frozen=True)
class Group:
    """A label with one value for each series; None is no bar."""

    label: str
    values: tuple[float | None, ...]


def draw_bars(title: str, unit: str, series: Sequence[str], groups: Sequence[Group]) -> str:
    """Horizontal bars in groups, with their values behind them."""
    largest = max(value for group in groups for value in group.values if value is not None)
    parts: list[str] = []
    y = TOP
    for group in groups:
        bars = [(n, value) for n, value in enumerate(group.values) if value is not None]
        height = len(bars) * BAR_HEIGHT
        middle = y + height / 2 + 4
        parts.append(_text(LABEL_WIDTH - 10, middle, group.label, "end"))
        for n, value in bars:
            width = max(1.0, BAR_WIDTH * value / largest)
            parts.append(
                f'<rect class="s{n}" x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}"'
                f' height="{BAR_HEIGHT - 2}" rx="2"/>'
            )
            parts.append(_text(LABEL_WIDTH + width + 6, y + 11, f"{value:.3g} {unit}"))
            y += BAR_HEIGHT
        y += GAP
    x = float(LABEL_WIDTH)
    for n, name in enumerate(series):
        parts.append(f'<rect class="s{n}" x="{x}" y="35" width="11" height="11" rx="2"/>')
        parts.append(_text(x + 16, 45, name))
        x += 40 + 7 * len(name)
    total = LABEL_WIDTH + BAR_WIDTH + VALUE_WIDTH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {y}" width="{total}"'
        f' height="{y}" role="img" aria-label="{escape(title, quote=True)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_style()}</style>\n"
        f'<text class="title" x="10" y="22">{escape(title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _style() -> str:
    """Colours by what the reader's system prefers; the page behind shows through."""
    light = "".join(f".s{n}{{fill:{a}}}" for n, (a, _) in enumerate(COLOURS))
    dark = "".join(f".s{n}{{fill:{b}}}" for n, (_, b) in enumerate(COLOURS))
    return (
        "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:14px;font-weight:600}"
        f"{light}@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}{dark}}}"
    )
