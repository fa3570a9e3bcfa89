"""Which kernels the modules of tests/runtime test against a formula: those in their CASES."""

from __future__ import annotations

import ast
from pathlib import Path

RUNTIME_TESTS = Path(__file__).parent.parent / "runtime"


def tested_kernels() -> set[str]:
    """First elements of all entries of a tuple ...CASES in tests/runtime/test_*.py."""
    names = set()
    for path in RUNTIME_TESTS.glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(node, ast.Assign):
                target = node.targets[0]
            if isinstance(target, ast.Name) and target.id.endswith("CASES"):
                names |= _first_elements(node.value)  # type: ignore[attr-defined]
    return names


def _first_elements(cases: ast.expr | None) -> set[str]:
    entries = cases.elts if isinstance(cases, (ast.Tuple, ast.List)) else []
    return {
        entry.elts[0].value
        for entry in entries
        if isinstance(entry, ast.Tuple)
        and isinstance(entry.elts[0], ast.Constant)
        and isinstance(entry.elts[0].value, str)
    }
