"""The runtime: the parts in plpython/ joined into the one text that servers, tests and this machine
run."""

from __future__ import annotations

import linecache
import re
from functools import cache
from types import ModuleType

from exporter.resources import read_text

PARTS = (
    "head",
    "interrupts",
    "silence",
    "data",
    "activations",
    "dense",
    "elementwise",
    "shapes",
    "convolution",
    "reductions",
    "tree_columns",
    "tree_nodes",
    "trees",
    "normalization",
    "encoded",
    "preprocessing",
    "texts",
    "hashing",
    "categories",
    "tabular",
    "estimators",
    "recurrent",
    "attention",
    "values",
    "rules",
    "table_rules",
    "checks",
    "arrays",
    "records",
    "inputs",
    "rows",
    "vectors",
    "steps",
    "windows",
    "model",
    "load",
)
"""The parts in order: each may use what those before it define, and import it from them."""

NAME = "export_model_runtime"
FROM_A_PART = re.compile(r"^from plpython\.\w+ import (?:\([^)]*\)|[^(\n]+)\n", re.MULTILINE)


@cache
def runtime_text() -> str:
    """The parts as one text, without their imports from each other."""
    return "\n\n".join(FROM_A_PART.sub("", read_text(f"plpython/{part}.py")) for part in PARTS)


@cache
def runtime() -> ModuleType:
    """The same as a module."""
    text = runtime_text()
    module = ModuleType(NAME)
    # So that a traceback shows the line, as it does for a file.
    linecache.cache[NAME] = (len(text), None, text.splitlines(keepends=True), NAME)
    exec(compile(text, NAME, "exec"), module.__dict__)
    return module
