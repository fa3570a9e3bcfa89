"""The program's own text as syntax trees, for tests that say what may not stand in it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import exporter

EXPORTER = Path(exporter.__file__).parent


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file; several tests go through each."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def trees() -> dict[str, ast.Module]:
    """Those of all modules of the program, by their paths in it."""
    return {
        path.relative_to(EXPORTER).as_posix(): tree_of(path)
        for path in sorted(EXPORTER.rglob("*.py"))
    }
