"""What is supported, as text made from the tables that decide it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from exporter.databases import DATABASES
from exporter.formats import FORMATS
from exporter.formats.format import Supported


def layer_table() -> str:
    """The supported layers as Markdown, a table for each format; docs/layers.md holds exactly
    this."""
    tables = []
    for name, group in groupby(layer_facts(), key=lambda facts: facts["format"]):
        item = FORMATS[name]
        lines = [f"| {item.title} {item.part} | becomes | options and limits |", "|---|---|---|"]
        for facts in group:
            ops = ", ".join(f"`{op}`" for op in facts["becomes"]) or "nothing"
            lines.append(f"| {facts['layer']} | {ops} | {'; '.join(facts['limits'])} |")
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def layer_facts() -> list[dict[str, Any]]:
    """The same as names and values, format by format."""
    return [
        {"format": item.name, "layer": name, **_facts(item.layers[name])}
        for item in FORMATS.values()
        for name in sorted(item.layers, key=str.lower)
    ]


def _facts(entry: Supported) -> dict[str, Any]:
    limits = [entry.limits] if entry.limits else []
    lacks = {}
    for database in DATABASES.values():
        missing = {op.__name__ for op in database.lacks}
        lacking = [op for op in entry.ops if op in missing]
        if lacking:
            lacks[database.name] = lacking
            limits.append(f"{database.title} has no " + ", ".join(f"`{op}`" for op in lacking))
    return {"becomes": list(entry.ops), "limits": limits, "lacks": lacks}
