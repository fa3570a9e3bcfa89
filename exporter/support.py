"""What is supported, as text made from the tables that decide it."""

from __future__ import annotations

from typing import Any

from exporter.databases import DATABASES
from exporter.formats import FORMATS


def layer_tables() -> str:
    """The tables of all formats, one below the other."""
    return "\n\n".join(layer_table(name) for name in FORMATS)


def layer_table(name: str) -> str:
    """What is supported of a format as a Markdown table; a page of docs/ holds exactly this."""
    item = FORMATS[name]
    lines = [f"| {item.title} {item.part} | becomes | options and limits |", "|---|---|---|"]
    for facts in layer_facts(name):
        ops = ", ".join(f"`{op}`" for op in facts["becomes"]) or "nothing"
        lines.append(f"| {facts['layer']} | {ops} | {'; '.join(facts['limits'])} |")
    return "\n".join(lines)


def layer_facts(format_name: str | None = None) -> list[dict[str, Any]]:
    """The same as names and values, of one format or of all."""
    found = [
        (item.name, name, entry)
        for item in FORMATS.values()
        if format_name in (None, item.name)
        for name, entry in item.layers.items()
    ]
    facts = []
    for form, name, entry in sorted(found, key=lambda item: (item[0], item[1].lower())):
        limits = [entry.limits] if entry.limits else []
        lacks = {}
        for database in DATABASES.values():
            missing = {op.__name__ for op in database.lacks}
            lacking = [op for op in entry.ops if op in missing]
            if lacking:
                lacks[database.name] = lacking
                limits.append(f"{database.title} has no " + ", ".join(f"`{op}`" for op in lacking))
        becomes = {"format": form, "layer": name, "becomes": list(entry.ops)}
        facts.append(becomes | {"limits": limits, "lacks": lacks})
    return facts
