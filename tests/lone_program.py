"""export-model where scikit-learn and the like are loaded already, which are asked for expected
outputs in the same process, and where Keras is hidden: see fork_server.py."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from exporter.formats.child import run_module


def ask_here(module: str, *paths: str | Path, **options: Any) -> None:
    """What exporter.formats.child.run_module does in a process of its own, for a framework."""
    if module.startswith("exporter.formats."):
        importlib.import_module(module)._main(*map(str, paths))
    else:
        run_module(module, *paths, **options)


if __name__ == "__main__":
    sys.modules.update(keras=None, tensorflow=None)  # type: ignore[arg-type]

    from exporter.cli import main
    from exporter.formats import child

    child.run_module = ask_here
    main()
