"""The runtime: the files in plpython/ joined into the one text that servers, tests and this machine
run."""

from __future__ import annotations

import linecache
import re
from functools import cache
from types import ModuleType
from typing import Any

from exporter.resources import read_text

PARTS = (
    "tables",
    "interrupts",
    "silence",
    "data",
    "values",
    "activations",
    "activation_rules",
    "dense",
    "dense_rules",
    "elementwise",
    "element_rules",
    "shapes",
    "shape_rules",
    "convolution",
    "convolution_rules",
    "reductions",
    "normalization",
    "reduction_rules",
    "recurrent",
    "recurrent_rules",
    "attention",
    "attention_rules",
    "tree_columns",
    "tree_nodes",
    "trees",
    "tree_rules",
    "encoded",
    "preprocessing",
    "preprocessing_rules",
    "texts",
    "hashing",
    "categories",
    "category_rules",
    "tabular",
    "column_rules",
    "transforms",
    "transform_rules",
    "tokens",
    "text_rules",
    "estimators",
    "estimator_rules",
    "checks",
    "window_checks",
    "arrays",
    "columns",
    "records",
    "inputs",
    "errors",
    "rows",
    "steps",
    "halves",
    "vectors",
    "windows",
    "model",
    "load",
)
"""The parts in order: what one imports as soon as it is imported stands before it."""

NAME = "export_model_runtime"
QUOTES = "'''"
FROM_THE_HEAD = "from plpython.head import Parts\n\n"
KERNEL = re.compile(r"^@kernel\ndef (\w+)", re.MULTILINE)
RULE = re.compile(r"^@rule\(\s*((?:\"\w+\"[,)]\s*)+)", re.MULTILINE)


@cache
def runtime_text() -> str:
    """The head, the parts as they are, each as a text, and the tail, but its import of the head."""
    head, tail = read_text("plpython/head.py"), read_text("plpython/tail.py")
    return "\n\n".join([head, *map(_enter, PARTS), tail.replace(FROM_THE_HEAD, "")])


def _enter(name: str) -> str:
    """The statement that enters a part, and says of which kernels it holds the function or rule."""
    text = read_text(f"plpython/{name}.py")
    rules = re.findall(r"\w+", " ".join(RULE.findall(text)))
    tables = {"kernels": KERNEL.findall(text), "rules": rules}
    given = "".join(f', {table}="{" ".join(names)}"' for table, names in tables.items() if names)
    return f'part("{name}", r{QUOTES}{text}{QUOTES}{given})\n'


def part(name: str) -> Any:
    """A part as a module, compiled when it is asked for first, as in a server."""
    return _parts().module(name)


@cache
def _parts() -> Any:
    """What Parts in plpython/head.py makes of the text."""
    text = runtime_text()
    names: dict[str, Any] = {"__name__": NAME}
    # So that a traceback shows the line, as it does for a file.
    linecache.cache[NAME] = (len(text), None, text.splitlines(keepends=True), NAME)
    exec(compile(text, NAME, "exec"), names)
    return names["Parts"]()


class Names(ModuleType):
    """The names of all parts, none of which is defined by two, to be read."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} is changed in the part that uses it: see part()")


@cache
def runtime() -> ModuleType:
    """All parts in one, their tables of kernels and rules full: what looks at every kernel."""
    module = Names(NAME)
    for name in PARTS:
        vars(module).update(vars(part(name)))
    for table in (module.KERNELS, module.RULES):
        table.update(table.entered)
    return module
