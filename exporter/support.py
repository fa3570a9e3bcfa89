"""What is supported, as text made from the tables that decide it."""

from __future__ import annotations

from typing import Any

from exporter.databases import DATABASES
from exporter.formats import FORMATS


def layer_table() -> str:
    """The supported layers as a Markdown table; docs/layers.md holds exactly this."""
    lines = ["| Keras layer | becomes | options and limits |", "|---|---|---|"]
    for facts in layer_facts():
        ops = ", ".join(f"`{op}`" for op in facts["becomes"]) or "nothing"
        lines.append(f"| {facts['layer']} | {ops} | {'; '.join(facts['limits'])} |")
    return "\n".join(lines)


def layer_facts() -> list[dict[str, Any]]:
    """The same as names and values."""
    facts = []
    layers = {name: entry for item in FORMATS.values() for name, entry in item.layers.items()}
    for name in sorted(layers, key=str.lower):
        entry = layers[name]
        limits = [entry.limits] if entry.limits else []
        lacks = {}
        for database in DATABASES.values():
            missing = {op.__name__ for op in database.lacks}
            lacking = [op for op in entry.ops if op in missing]
            if lacking:
                lacks[database.name] = lacking
                limits.append(f"{database.title} has no " + ", ".join(f"`{op}`" for op in lacking))
        becomes = list(entry.ops)
        facts.append({"layer": name, "becomes": becomes, "limits": limits, "lacks": lacks})
    return facts
