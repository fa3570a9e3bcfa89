"""export-model on the command line: options become calls of exporter.api, and results are printed.

Results go to standard output, the rest to standard error. A file for each group of verbs.
"""

from exporter.cli.program import command, main

__all__ = ["command", "main"]
