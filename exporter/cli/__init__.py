"""export-model on the command line: options become calls of exporter.api, and results are printed.

Results go to standard output, the rest to standard error. A file for each group of verbs.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from exporter.cli.statuses import STOPPED

if TYPE_CHECKING:
    from exporter.cli.program import command

__all__ = ["command", "main"]


def main() -> None:
    """Entry point. The program's modules take most of a second to be imported, in which Ctrl-C
    stops it too, without a traceback."""
    try:
        importlib.import_module("exporter.cli.program").main()
    except KeyboardInterrupt:
        behind_the_echo = "\n" if sys.stderr.isatty() else ""  # of ^C
        sys.stderr.write(f"{behind_the_echo}export-model: stopped\n")
        sys.exit(STOPPED)


def __getattr__(name: str) -> Any:
    if name != "command":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("exporter.cli.program").command
