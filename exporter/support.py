"""What is supported, as text made from the tables that decide it."""

from __future__ import annotations

from exporter.reader.layers import LAYERS
from exporter.targets.oracle import UNSUPPORTED


def layer_table() -> str:
    """The supported layers as a Markdown table; the README holds exactly this."""
    lines = ["| Keras layer | becomes | options and limits |", "|---|---|---|"]
    without_oracle = {op.__name__ for op in UNSUPPORTED}
    for name in sorted(LAYERS, key=str.lower):
        entry = LAYERS[name]
        limits = [entry.limits] if entry.limits else []
        if without_oracle & set(entry.ops):
            limits.append("not in Oracle")
        ops = ", ".join(f"`{op}`" for op in entry.ops) or "nothing"
        lines.append(f"| {name} | {ops} | {'; '.join(limits)} |")
    return "\n".join(lines)
