"""What is supported, as text made from the tables that decide it."""

from __future__ import annotations

from exporter.reader.layers import LAYERS


def layer_table() -> str:
    """The supported layers as a Markdown table; the README holds exactly this."""
    lines = ["| Keras layer | becomes | options and limits |", "|---|---|---|"]
    for name in sorted(LAYERS, key=str.lower):
        entry = LAYERS[name]
        ops = ", ".join(f"`{op}`" for op in entry.ops) or "nothing"
        lines.append(f"| {name} | {ops} | {entry.limits} |")
    return "\n".join(lines)
