"""How a verb reads a model file."""

from __future__ import annotations

from pathlib import Path

from exporter import api
from exporter.cli.terminal import current_terminal


def read_model(path: Path) -> api.Model:
    """The model in a file; what is noteworthy about it goes to standard error."""
    model = api.read(path)
    for warning in model.warnings:
        current_terminal().note(f"warning: {warning}")
    return model
